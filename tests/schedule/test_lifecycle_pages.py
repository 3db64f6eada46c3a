"""The pages of an event's life: making, readiness, publishing, copying, deleting."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from schedule import announcing, audience, events, publishing
from schedule.models import Change, Event, Performance, Pick, Plan, ShareLink
from tests.admin_pages import form_in, messages_of, save, sign_in
from tests.factories import (
    MADE,
    NOW,
    SATURDAY,
    make_admin,
    make_event,
    make_public_event,
    make_set,
    make_user,
    make_venue,
    wall,
)

pytestmark = pytest.mark.django_db

EVENTS = "/admin/schedule/event/"
PAGES = ("readiness", "publish", "unpublish", "archive", "unarchive", "duplicate", "delete")
PEOPLE = ("viewer", "editor", "scoped", "admin")
EDITORS = {"editor", "scoped", "admin"}


@pytest.fixture
def admin_client(client):
    sign_in(client, make_admin())
    return client


def page_of(event, name="change", *more):
    return reverse(f"admin:schedule_event_{name}", args=[event.pk, *more])


def text_of(page):
    return " ".join(page.content.decode().split())


# --- Who may open them -------------------------------------------------------------------------


def enter(client, who, event):
    person = make_user("editor", event) if who == "scoped" else make_user(who)
    sign_in(client, person)
    return client


@pytest.mark.parametrize("who", PEOPLE)
def test_pages_open_to_those_who_may(client, who):
    event = make_event()
    client = enter(client, who, event)

    opened = {name for name in PAGES if client.get(page_of(event, name)).status_code == 200}

    assert (
        opened
        == {
            "viewer": {"readiness"},
            "editor": {"readiness", "publish", "unpublish", "duplicate"},
            "scoped": {"readiness", "publish", "unpublish", "duplicate"},
            "admin": set(PAGES),
        }[who]
    )


@pytest.mark.parametrize("who", PEOPLE)
def test_pages_do_what_they_say_for_those_who_may(client, who):
    event = make_event()
    make_set(event)
    client = enter(client, who, event)

    answers = [
        client.post(page_of(event, "publish")).status_code,
        client.post(page_of(event, "duplicate"), {"name": "Copy", "date": "2027-10-09"}).status_code,
        client.post(page_of(event, "archive")).status_code,
        client.post(page_of(event, "delete"), {"confirmed_name": event.name}).status_code,
    ]

    done = {"viewer": 0, "editor": 2, "scoped": 2, "admin": 4}[who]
    assert answers == [302] * done + [403] * (4 - done)
    assert Event.objects.filter(name="Copy").exists() == (who in EDITORS)
    assert Event.objects.filter(pk=event.pk).exists() == (who != "admin")


@pytest.mark.parametrize("name", PAGES)
def test_event_that_is_not_open_is_not_there(client, name):
    sign_in(client, make_user("editor", make_event("Given Crawl")))
    foreign = make_event("Foreign Crawl")

    assert client.get(page_of(foreign, name)).status_code in {404, 403 if name in ("archive", "delete") else 404}
    assert client.post(page_of(foreign, name), {"confirmed_name": "Foreign Crawl"}).status_code in {403, 404, 405}
    assert Event.objects.filter(name="Foreign Crawl", status="draft").count() == 1


@pytest.mark.parametrize("name", ["archive", "unarchive", "delete"])
def test_admin_is_asked_again_who_she_is(client, name):
    event = make_public_event()
    sign_in(client, make_admin(), confirmed_minutes_ago=6)

    answers = [client.get(page_of(event, name)), client.post(page_of(event, name), {"confirmed_name": event.name})]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert Event.objects.get().status == "published"


@pytest.mark.parametrize(
    ("who", "status", "offered"),
    [
        ("viewer", "draft", []),
        ("editor", "draft", ["publish"]),
        ("editor", "published", ["unpublish"]),
        ("admin", "published", ["unpublish", "archive"]),
        ("editor", "archived", []),
        ("admin", "archived", ["unarchive"]),
    ],
)
def test_form_shows_the_state_and_what_she_may_do_next(client, who, status, offered):
    event = make_event() if status == "draft" else make_public_event()
    if status == "archived":
        publishing.archive_event(event, **MADE)

    page = enter(client, who, event).get(page_of(event))

    assert [step["address"] for step in page.context["steps"]] == [page_of(event, name) for name in offered]
    assert f">{status.title()}</span>" in text_of(page)


# --- Making ------------------------------------------------------------------------------------


def test_event_is_made_of_its_name_and_first_night(admin_client):
    save(admin_client, f"{EVENTS}add/", name="Harbour Street Crawl", date="2099-10-10")

    event = Event.objects.get()
    assert (event.slug, event.status, event.timezone) == ("harbour-street-crawl", "draft", "America/Toronto")
    assert (event.social_links, event.theme_colors, event.venue_info) == ({}, {}, [])


def test_form_of_a_new_event_asks_for_little_and_keeps_the_rest_closed(admin_client):
    fieldsets = list(admin_client.get(f"{EVENTS}add/").context["adminform"])

    assert list(fieldsets[0].fields) == ["name", "date", "end_date", "city", "slug"]
    assert {fieldset.is_collapsible for fieldset in fieldsets[1:]} == {True}
    assert "History" not in [str(fieldset.name) for fieldset in fieldsets]


@pytest.mark.parametrize(("night", "is_told"), [("2000-10-10", True), ("2099-10-10", False)])
def test_event_in_the_past_is_made_and_told(admin_client, night, is_told):
    save(admin_client, f"{EVENTS}add/", name="Harbour Street Crawl", date=night)

    told = "Harbour Street Crawl lies in the past" in text_of(admin_client.get(EVENTS))
    assert (Event.objects.count(), told) == (1, is_told)


def test_viewer_reads_in_words_what_others_type(client):
    event = make_event(
        social_links={"instagram": "hsc", "mastodon": "@hsc"},
        theme_colors={"accent": "#f00"},
        venue_info=[{"name": "Loft", "note": "cash"}],
    )
    sign_in(client, make_user("viewer"))

    page = text_of(client.get(page_of(event)))

    for words in ("instagram: hsc", "mastodon: @hsc", "accent: #f00", "Loft | | cash"):
        assert words in page


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_queries_and_leads_to_duplicating(admin_client, django_assert_num_queries, count):
    made = [make_event(f"Crawl {number}") for number in range(count)]
    admin_client.get(EVENTS)

    with django_assert_num_queries(LIST_QUERIES):
        page = admin_client.get(EVENTS)

    assert [page_of(event, "duplicate") in text_of(page) for event in made] == [True] * count


LIST_QUERIES = 9


def test_viewer_is_offered_no_copy_in_the_list(client):
    event = make_event()
    sign_in(client, make_user("viewer"))

    assert page_of(event, "duplicate") not in text_of(client.get(EVENTS))


# --- Publishing and its like -------------------------------------------------------------------


class Fans:
    def people_to_tell(self, event):
        return 7


@pytest.mark.parametrize(("counters", "told"), [([], []), ([Fans()], ["7 followers will be mailed."])])
def test_publishing_says_what_will_happen(admin_client, monkeypatch, counters, told):
    monkeypatch.setattr(audience, "_counters", counters)
    event = make_event(slug="hsc", reveal_mode=True, times_public=False)
    for number in range(3):
        make_set(event, f"Band {number}", f"{19 + number}:00", f"{19 + number}:30", is_announced=number > 0)
    events.update_event(event, date=date(2020, 10, 10), **MADE)

    page = admin_client.get(page_of(event, "publish"))

    assert page.context["sentences"] == [
        "Everybody will see it at http://testserver/events/hsc/.",
        "2 sets will be public.",
        "1 set stays hidden until it is announced.",
        "Their times stay hidden: only the line-up is shown.",
        "Its last night is over: it will be listed among the past events.",
        *told,
    ]
    readiness = admin_client.get(page_of(event, "readiness"))
    assert readiness.context["told"] == ["0 plans hold sets of it.", *told]
    assert (page.context["summary"].open > 0, page.context["lacks_lineup"]) == (True, False)
    assert Event.objects.get().status == "draft"


def test_event_is_published_unpublished_archived_and_back_on_its_pages(admin_client):
    event = make_event()
    make_set(event)
    told = []

    for name in ("publish", "unpublish", "publish", "archive", "unarchive"):
        page = admin_client.post(
            page_of(event, name), form_in(admin_client.get(page_of(event, name)), "step_form"), follow=True
        )
        told.append((messages_of(page), Event.objects.get().status))

    assert told == [
        (["Harbour Street Crawl 3 is public now."], "published"),
        (["Harbour Street Crawl 3 is a draft again: nobody outside sees it."], "draft"),
        (["Harbour Street Crawl 3 is public now."], "published"),
        (["Harbour Street Crawl 3 is archived."], "archived"),
        (["Harbour Street Crawl 3 is out of the archive again."], "published"),
    ]
    assert AuditEntry.objects.filter(object_type="schedule.event").count() == 5


@pytest.mark.parametrize("ticked", [True, False])
def test_event_without_sets_is_published_with_the_line_up_to_be_announced(admin_client, ticked):
    event = make_event()
    page = admin_client.get(page_of(event, "publish"))

    answer = admin_client.post(page_of(event, "publish"), {"to_be_announced": "on"} if ticked else {})

    assert page.context["lacks_lineup"]
    assert Event.objects.get().status == ("published" if ticked else "draft")
    assert ticked or "has no sets yet" in text_of(answer)


@pytest.mark.parametrize("method", ["get", "post"])
def test_step_that_does_not_fit_the_state_says_so(admin_client, method):
    event = make_event()

    page = getattr(admin_client, method)(page_of(event, "archive"))

    assert "Harbour Street Crawl 3 is draft; this cannot be done with it now." in text_of(page)
    assert Event.objects.get().status == "draft"


def test_unpublishing_and_archiving_tell_of_plans(admin_client):
    event = make_public_event()
    plan = Plan.objects.create(event=event, key_hash="x")
    Pick.objects.create(plan=plan, performance=make_set(event))

    pages = [admin_client.get(page_of(event, name)) for name in ("unpublish", "archive")]

    assert [page.context["sentences"][-1] for page in pages] == ["1 plan holds sets of it."] * 2


# --- Readiness ---------------------------------------------------------------------------------


def test_readiness_leads_to_where_gaps_are_mended(admin_client):
    event = make_event()
    vague = make_set(event, "Moth Choir", None, None, venue="Net Loft")

    page = admin_client.get(page_of(event, "readiness"))

    shown = {check.kind: ways for check, ways in (*page.context["to_mend"], *page.context["worth_knowing"])}
    set_form, event_form = f"/admin/schedule/performance/{vague.pk}/change/", page_of(event)
    venue_form, band_form = (
        f"/admin/schedule/venue/{vague.venue_id}/change/",
        f"/admin/bands/bandprofile/{vague.band_id}/change/",
    )
    assert shown == {
        "start": [("Moth Choir has no start.", f"{set_form}#id_starts")],
        "address": [
            ("Net Loft has no address.", f"{venue_form}#id_address"),
            ("Net Loft has no place on the map.", f"{venue_form}#id_latitude"),
        ],
        "doors": [("No doors are set for October 10.", f"{event_form}#doors-group")],
        "facts": [
            ("The city is not told.", f"{event_form}#id_city"),
            ("There is no link to tickets.", f"{event_form}#id_ticket_url"),
            ("It is not told who may come in: 19+, all ages.", f"{event_form}#id_age_rule"),
        ],
        "photo": [("Moth Choir has no photo.", f"{band_form}#id_photo")],
    }
    total = page.context["total"]
    assert f"{total - 5} of {total} checks are fine" in text_of(page)
    assert f'href="{page_of(event, "publish")}"' in text_of(page)


def test_overlap_leads_to_the_board_of_its_night_in_words(admin_client):
    event = make_event(end_date=SATURDAY + timedelta(days=1))
    for band, start in (("Moth Choir", "20:00"), ("Kelp", "20:20")):
        make_set(event, band, start, "20:40", night=event.end_date)

    page = admin_client.get(page_of(event, "readiness"))

    overlaps = {check.kind: ways for check, ways in page.context["to_mend"]}["venue_overlap"]
    assert overlaps == [
        (
            "Moth Choir (October 11 8:00 PM to 8:40 PM) overlaps Kelp (October 11 8:20 PM to 8:40 PM) at Blue Anchor.",
            f"{page_of(event, 'board')}?night=2026-10-11",
        )
    ]


def test_anchors_of_gaps_are_in_the_forms_that_they_lead_to(admin_client):
    event = make_event()
    performance = make_set(event)

    forms = {
        page_of(event): ("doors-group", "id_city", "id_ticket_url", "id_age_rule", "id_poster_alt_text"),
        f"/admin/schedule/performance/{performance.pk}/change/": ("id_starts", "id_ends", "id_venue", "id_band"),
        f"/admin/schedule/venue/{performance.venue_id}/change/": ("id_address", "id_latitude"),
        f"/admin/bands/bandprofile/{performance.band_id}/change/": ("id_photo", "id_photo_alt_text"),
    }

    for address, anchors in forms.items():
        page = text_of(admin_client.get(address))
        assert [anchor for anchor in anchors if f'id="{anchor}"' not in page] == []


def test_readiness_of_an_event_that_lacks_nothing_says_so(admin_client):
    event = make_event(city="Port", price="$20", age_rule="19+")
    make_venue("Blue Anchor", address="1 Quay", latitude=1.0, longitude=1.0)
    performance = make_set(event)
    type(performance.band).objects.update(photo="bands/x.jpg", photo_alt_text="Three people")
    events.set_doors(event, SATURDAY, wall(event, "18:30"), **MADE)

    assert "Nothing is missing." in text_of(admin_client.get(page_of(event, "readiness")))


@pytest.mark.parametrize("count", [1, 3])
def test_readiness_page_takes_the_same_queries(admin_client, django_assert_num_queries, count):
    event = make_event()
    for number in range(count):
        make_set(event, f"Band {number}", venue=f"Room {number}")
    admin_client.get(page_of(event, "readiness"))

    with django_assert_num_queries(READY_QUERIES):
        admin_client.get(page_of(event, "readiness"))


READY_QUERIES = 10


def test_readiness_is_only_read(admin_client):
    assert admin_client.post(page_of(make_event(), "readiness")).status_code == 405


# --- Duplicating -------------------------------------------------------------------------------


def test_copy_is_proposed_on_the_same_day_of_the_week(admin_client):
    sent = form_in(admin_client.get(page_of(make_event(date=date(2099, 10, 10)), "duplicate")), "duplicate_form")

    assert (sent["name"], sent["date"], sent["slug"], sent["with_bands"]) == (
        ["Harbour Street Crawl 3"],
        ["2100-10-09"],
        [""],
        ["on"],
    )


@pytest.mark.parametrize(("night", "is_told"), [("2027-10-09", False), ("2027-10-10", True)])
def test_copy_on_another_day_of_the_week_is_told(admin_client, night, is_told):
    event = make_event()
    make_set(event)

    page = admin_client.post(
        page_of(event, "duplicate"), {"name": "Copy", "date": night, "with_bands": "on"}, follow=True
    )

    told = ["It begins on a Sunday; the other one began on a Saturday."] if is_told else []
    assert messages_of(page) == ["Copy is made, a draft with 1 set.", *told]
    assert page.redirect_chain == [(page_of(Event.objects.get(name="Copy")), 302)]


def test_copy_tells_of_times_that_the_clocks_jump_over(admin_client):
    event = make_event()
    make_set(event, "Moth Choir", "26:30", "27:15")

    page = admin_client.post(page_of(event, "duplicate"), {"name": "Copy", "date": "2027-03-13"}, follow=True)

    moved = "The clocks jump over the start of Moth Choir on March 13, 2027: it is at 3:30 AM now."
    assert messages_of(page)[1:] == [moved]


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"name": "AB"}, {"name": ["Ensure this value has at least 3 characters (it has 2)."]}),
        ({"date": ""}, {"date": ["This field is required."]}),
        ({"date": "9999-12-31"}, {"date": ["Ensure this value is less than or equal to 2100-12-31."]}),
        ({"slug": "taken"}, {"slug": ["Event with this Slug already exists."]}),
    ],
)
def test_copy_that_cannot_be_made_says_why_and_keeps_what_was_typed(admin_client, changes, errors):
    event = make_event(slug="taken", end_date=SATURDAY + timedelta(days=2))
    typed = {"name": "Copy", "date": "2027-10-09", "slug": "copy", "with_bands": "", **changes}

    page = admin_client.post(page_of(event, "duplicate"), typed)

    assert page.context["form"].errors == errors
    assert {name: page.context["form"][name].value() for name in ("name", "date", "slug")} == {
        name: typed[name] for name in ("name", "date", "slug")
    }
    assert Event.objects.count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_page_that_duplicates_takes_the_same_queries(admin_client, django_assert_num_queries, count):
    event = make_event()
    for number in range(count):
        make_set(event, f"Band {number}")
    admin_client.get(page_of(event, "duplicate"))

    with django_assert_num_queries(DUPLICATE_QUERIES):
        admin_client.get(page_of(event, "duplicate"))


DUPLICATE_QUERIES = 5


# --- Deleting ----------------------------------------------------------------------------------


def test_deleting_lists_what_goes_and_offers_the_files_first(admin_client):
    event = make_public_event(slug="vol-1", reveal_mode=True)
    sets = [make_set(event, f"Band {number}") for number in range(2)]
    Performance.objects.filter(pk=sets[0].pk).update(announce_at=NOW)
    events.set_doors(event, SATURDAY, wall(event, "18:30"), **MADE)
    plan = Plan.objects.create(event=event, key_hash="x")
    for performance in sets:
        Pick.objects.create(plan=plan, performance=performance)
    ShareLink.objects.create(slug="abcd1234", event=event, kind="live", plan=plan, expires_at=NOW)
    events.update_event(event, slug="vol-2", **MADE)
    make_user("editor", event)

    page = admin_client.get(page_of(event, "delete"))

    assert page.context["goes"] == [
        ("Sets", 2),
        ("Times at which doors open or the curfew is", 1),
        ("Plans of fans", 1),
        ("Sets picked in plans", 2),
        ("Share links", 1),
        ("Announcements that wait", 1),
        ("Former addresses", 1),
        ("Recorded changes", Change.objects.count()),
        ("People who work on it", 1),
    ]
    links = [page_of(event, "archive"), *(page_of(event, "export_file", ending) for ending in ("json", "csv"))]
    assert [link for link in links if f'href="{link}"' not in text_of(page)] == []


def test_event_is_deleted_by_its_name_alone(admin_client):
    event, other = make_event(), make_event("Another Crawl")
    make_set(event)

    refused = admin_client.post(page_of(event, "delete"), {"confirmed_name": "Harbour", "post": "yes"})
    gone = admin_client.post(page_of(event, "delete"), {"confirmed_name": "harbour street crawl 3"}, follow=True)

    assert "To delete this event, type its name: Harbour Street Crawl 3." in text_of(refused)
    assert 'value="Harbour"' in text_of(refused)
    assert (messages_of(gone), list(Event.objects.all())) == (["Harbour Street Crawl 3 is deleted."], [other])
    assert AuditEntry.objects.get(action="event.deleted").object_id == str(event.pk)


@pytest.mark.parametrize("address", ["%s", "0%s", "%%20%s", "%s%%20"])
def test_no_other_address_deletes_without_the_name(admin_client, address):
    event = make_event()

    admin_client.post(f"{EVENTS}{address % event.pk}/delete/", {"post": "yes"})

    assert Event.objects.count() == 1


def test_events_are_not_deleted_in_bulk(admin_client):
    event = make_event()

    admin_client.post(EVENTS, {"action": "delete_selected", "_selected_action": [event.pk], "post": "yes"})

    assert Event.objects.count() == 1


# --- Doors and hours in the form of the event ---------------------------------------------------


def opens_of(event):
    return [(each.night, f"{each.opens_at.astimezone(event.zone):%H:%M}") for each in event.doors.all()]


def test_doors_that_somebody_else_set_meanwhile_stay(admin_client):
    """Ana has the form open, Bo sets the doors later, Ana changes only the city."""
    event = make_event()
    events.set_doors(event, SATURDAY, wall(event, "18:00"), **MADE)
    sent = form_in(admin_client.get(page_of(event)), "event_form")
    events.set_hours(event, SATURDAY, opens_at=wall(event, "19:00"), curfew_at=wall(event, "26:00"), **MADE)

    told = admin_client.post(page_of(event), {**sent, "city": "Port"})
    again = form_in(told, "event_form")
    saved = admin_client.post(page_of(event), again)

    assert (again["city"], again["doors-0-opens"], again["doors-0-curfew"]) == (["Port"], ["19:00"], ["02:00"])
    assert (saved.status_code, Event.objects.get().city, opens_of(event)) == (302, "Port", [(SATURDAY, "19:00")])
    assert event.doors.get().curfew_at == wall(event, "26:00")


def test_doors_that_two_people_set_are_shown_both(admin_client):
    event = make_event()
    events.set_doors(event, SATURDAY, wall(event, "18:00"), **MADE)
    sent = form_in(admin_client.get(page_of(event)), "event_form")
    events.set_doors(event, SATURDAY, wall(event, "19:00"), **MADE)

    told = admin_client.post(page_of(event), {**sent, "doors-0-opens": "17:30"})
    noted = told.context["inline_admin_formsets"][0].formset.errors
    before = opens_of(event)
    admin_client.post(page_of(event), form_in(told, "event_form"))

    assert noted == [{"opens": ["It is now “19:00”. Save again to keep what stands here."]}]
    assert (before, opens_of(event)) == ([(SATURDAY, "19:00")], [(SATURDAY, "17:30")])


def test_rows_of_doors_that_others_added_and_removed_are_so_in_the_form(admin_client):
    event = make_event(end_date=SATURDAY + timedelta(days=1))
    gone = events.set_doors(event, SATURDAY, wall(event, "18:00"), **MADE)
    sent = form_in(admin_client.get(page_of(event)), "event_form")
    events.remove_doors(gone, **MADE)
    events.set_doors(event, event.end_date, wall(event, "19:00", night=event.end_date), **MADE)

    told = admin_client.post(page_of(event), {**sent, "city": "Port"})
    saved = admin_client.post(page_of(event), form_in(told, "event_form"))

    assert (saved.status_code, opens_of(event)) == (302, [(event.end_date, "19:00")])


def test_row_of_doors_that_was_typed_stays_when_others_removed_it(admin_client):
    event = make_event()
    gone = events.set_doors(event, SATURDAY, wall(event, "18:00"), **MADE)
    sent = form_in(admin_client.get(page_of(event)), "event_form")
    events.remove_doors(gone, **MADE)

    told = admin_client.post(page_of(event), {**sent, "doors-0-opens": "17:30"})
    again = form_in(told, "event_form")
    saved = admin_client.post(page_of(event), again)

    assert (saved.status_code, opens_of(event)) == (302, [(SATURDAY, "17:30")])


def test_hours_of_announcements_that_moved_are_told(admin_client):
    event = make_event(date=date(2099, 10, 10), reveal_mode=True)
    performance = make_set(event)
    hour = wall(event, "12:00", night=date(2099, 9, 1))
    announcing.schedule_announcement([performance], at=hour, **MADE)

    page = save(admin_client, page_of(event), date="2099-10-11")

    assert page.status_code == 302
    told = messages_of(admin_client.get(page["Location"]))
    link = f'<a href="{page_of(event, "announcements")}">Look at the announcements</a>'
    assert f"1 announcement that waits moved along with the event. {link}" in told
