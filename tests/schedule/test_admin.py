"""Events, venues and the running order in the admin, through its real pages and forms."""

import io
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from bands.library import add_alias, find_genre, update_band
from bands.merging import merge_bands
from schedule import events, lineup, publishing
from schedule.access import give_access
from schedule.models import Doors, Event, Performance, Pick, Plan, ShareLink, SlugRedirect, Venue
from tests.admin_pages import errors_in, form_in, messages_of, save, sign_in
from tests.factories import (
    MADE,
    NOW,
    SATURDAY,
    make_admin,
    make_band,
    make_event,
    make_public_event,
    make_set,
    make_user,
    make_venue,
    wall,
)

pytestmark = pytest.mark.django_db

OUR_APPS = {"bands", "schedule", "notifications", "analytics"}  # accounts shows some of its rows to nobody
READ_ONLY = {
    *("bands.bandalias", "bands.bandmerge", "bands.bandslugredirect"),
    *("schedule.change", "schedule.doors", "schedule.pick", "schedule.plan", "schedule.sharelink"),
    "schedule.slugredirect",
}
EVENTS, SETS, VENUES = (f"/admin/schedule/{name}/" for name in ("event", "performance", "venue"))
SUNDAY = SATURDAY + timedelta(days=1)


@pytest.fixture
def ana():
    return make_admin()


@pytest.fixture
def admin_client(client, ana):
    sign_in(client, ana)
    return client


def page_of(row, action="change"):
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/{action}/"


def act(client, action, *rows, follow=True, **more):
    """Choose an action for selected rows of a list; answers the page that follows."""
    path = reverse(f"admin:{rows[0]._meta.app_label}_{rows[0]._meta.model_name}_changelist")
    return client.post(path, {"action": action, "_selected_action": [row.pk for row in rows], **more}, follow=follow)


def history_of(event):
    """Kind, title of the set and who did it, of every change after the ones that made the fixtures."""
    return [
        (change.kind, str(change.performance or ""), str(change.by))
        for change in event.changes.exclude(by=None).select_related("performance__band", "by")
    ]


def at(text):
    return datetime.fromisoformat(text)


def make_house():
    """At least one row of every model, many of them with names made of other rows."""
    event = make_public_event("Harbour Street Crawl 3", slug="hsc", city="Port Invented", end_date=SUNDAY)
    room = make_venue("Cellar", parent=make_venue("Customs House"))
    performance = make_set(event, "Moth Choir", venue="Cellar")
    make_set(event, None, billing="TBA")
    events.set_doors(event, SATURDAY, wall(event, "18:30"), **MADE)
    events.set_doors(event, SATURDAY, wall(event, "19:00"), venue=room, **MADE)
    events.update_event(event, slug="hsc3", **MADE)
    events.update_venue(room, slug="vault", **MADE)
    update_band(performance.band, slug="moths", genres=[find_genre("punk", **MADE)], **MADE)
    add_alias(performance.band, "The Moths", **MADE)
    plan = Plan.objects.create(event=event, key_hash="x")
    Pick.objects.create(plan=plan, performance=performance)
    ShareLink.objects.create(slug="abcd1234", event=event, kind="live", plan=plan, expires_at=NOW)
    merge_bands(make_band("Dog Ferry"), make_band("Dogferry"), **MADE)
    make_user("editor", event, email="moth@label.example")


# --- Every page --------------------------------------------------------------------------------


def our_models():
    """Ours, without what is kept of earlier versions of rows: that is shown on the rows' own pages."""
    ours = [model for model in apps.get_models() if model._meta.app_label in OUR_APPS]
    return [model for model in ours if not model.__name__.startswith("Historical")]


def test_models_are_all_in_the_admin():
    assert [model for model in our_models() if model not in admin.site._registry] == []


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label_lower)
def test_pages_of_every_model_open(admin_client, model):
    make_house()
    row = model._default_manager.first()
    base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    shown = admin.site._registry[model]

    pages = {
        path: admin_client.get(path)
        for path in (
            base,
            f"{base}?q=moth",
            f"{base}add/",
            page_of(row),
            page_of(row, "history"),
            page_of(row, "delete"),
        )
    }

    is_read_only = model._meta.label_lower in READ_ONLY
    refused = {f"{base}add/", page_of(row, "delete")} if is_read_only else set()
    if isinstance(row, Performance):
        refused = {page_of(row, "delete")}  # has been public
    assert {path for path, page in pages.items() if page.status_code != 200} == refused
    assert pages[base].context["cl"].result_count >= 1
    assert shown.search_fields
    assert len(shown.list_display) > 1


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label_lower)
def test_lists_can_be_ordered_and_filtered(admin_client, model):
    make_house()
    base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    page = admin_client.get(base)
    addresses = [f"{base}?o={number}" for number in range(1, len(page.context["cl"].list_display))]
    for each in page.context["cl"].filter_specs:
        addresses += [base + choice["query_string"] for choice in list(each.choices(page.context["cl"]))[:4]]

    assert [path for path in addresses if admin_client.get(path).status_code != 200] == []


@pytest.mark.parametrize(
    ("model", "field", "term", "found"),
    [
        ("performance", "event", "harbour", ["Harbour Street Crawl 3"]),
        ("performance", "band", "moths", ["Moth Choir"]),
        ("performance", "venue", "customs", ["Customs House", "Customs House (Cellar)"]),
        ("performance", "replaces", "moth", ["Moth Choir"]),
        ("venue", "parent", "cellar", ["Customs House (Cellar)"]),
        ("doors", "venue", "blue", ["Blue Anchor"]),
        ("performance", "venue", "no such venue", []),
    ],
)
def test_autocomplete_offers_rows_by_name(admin_client, model, field, term, found):
    make_house()
    names = {"app_label": "schedule", "model_name": model, "field_name": field, "term": term}

    assert [each["text"] for each in admin_client.get("/admin/autocomplete/", names).json()["results"]] == found


@pytest.mark.parametrize(
    ("path", "term", "found"),
    [
        (EVENTS, "port inv", ["Harbour Street Crawl 3"]),
        (EVENTS, "hsc3", ["Harbour Street Crawl 3"]),
        (SETS, "tba", ["TBA"]),
        (SETS, "customs", []),
        (SETS, "cellar", ["Moth Choir"]),
        (VENUES, "customs", ["Customs House", "Customs House (Cellar)"]),
        ("/admin/schedule/slugredirect/", "hsc", ["hsc → hsc3"]),
        ("/admin/schedule/sharelink/", "abcd", ["abcd1234"]),
    ],
)
def test_searches_find(admin_client, path, term, found):
    make_house()

    assert [str(row) for row in admin_client.get(path, {"q": term}).context["cl"].result_list] == found


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        # session; who asks; last seen; what she may; for each filter by rows or values one; counts found and all;
        # rows; for dates three
        (EVENTS, 9),
        (SETS, 9),
        (VENUES, 7),
        ("/admin/schedule/change/", 9),
        ("/admin/schedule/doors/", 7),
        ("/admin/schedule/pick/", 7),
        ("/admin/schedule/plan/", 7),
        ("/admin/schedule/sharelink/", 7),
        ("/admin/schedule/slugredirect/", 6),
        ("/admin/schedule/eventaccess/", 7),
    ],
)
def test_lists_take_the_same_queries_for_one_row_and_for_three(
    admin_client, django_assert_num_queries, path, queries, count
):
    for number in range(count):
        event = make_event(f"Crawl {number}", city=f"City {number}")
        house, slug = make_venue(f"House {number}"), f"crawl-{number}-renamed"
        make_venue(f"Room {number}", parent=house)
        performance = make_set(event, f"Band {number}", venue=f"Room {number}")
        events.set_doors(event, SATURDAY, wall(event, "18:30"), venue=performance.venue, **MADE)
        events.update_event(event, slug=slug, **MADE)
        plan = Plan.objects.create(event=event, key_hash="x")
        Pick.objects.create(plan=plan, performance=performance)
        give_access(event, make_user("editor", email=f"person{number}@label.example"), **MADE)
        ShareLink.objects.create(slug=f"abcd123{number}", event=event, kind="live", plan=plan, expires_at=NOW)

    with django_assert_num_queries(queries):
        response = admin_client.get(path)

    assert response.context["cl"].result_count >= count


@pytest.mark.parametrize("count", [1, 3])
def test_autocomplete_takes_the_same_queries_for_one_room_and_for_three(admin_client, django_assert_num_queries, count):
    for number in range(count):
        make_venue(f"Room {number}", parent=make_venue(f"House {number}"))
    names = {"app_label": "schedule", "model_name": "performance", "field_name": "venue", "term": "room"}

    with django_assert_num_queries(5):  # session; who asks; what she may; how many; rooms with their houses
        assert len(admin_client.get("/admin/autocomplete/", names).json()["results"]) == count


@pytest.mark.parametrize("count", [1, 3])
def test_page_of_a_plan_takes_the_same_queries_for_one_pick_and_for_three(
    admin_client, django_assert_num_queries, count
):
    event = make_event()
    plan = Plan.objects.create(event=event, key_hash="x")
    for number in range(count):
        Pick.objects.create(plan=plan, performance=make_set(event, f"Band {number}"))
    admin_client.get(page_of(plan))  # content types are looked up once in a process

    with django_assert_num_queries(
        6
    ):  # session; who asks; what she may; the plan; its event; picks with sets and bands
        page = admin_client.get(page_of(plan))

    assert page.content.decode().count("Band ") >= count


# --- Events ------------------------------------------------------------------------------------


def doors(number, night, opens, venue=None):
    """The fields of a row of doors."""
    values = {"night": night, "opens": opens, "venue": venue.pk if venue else ""}
    return {f"doors-{number}-{name}": value for name, value in values.items()}


def test_event_is_added_as_a_draft_with_its_doors(admin_client, ana):
    loft = make_venue("Net Loft")

    response = save(
        admin_client,
        f"{EVENTS}add/",
        name="Harbour Street Crawl 3",
        date="2026-10-10",
        city="Port Invented",
        timezone="America/St_Johns",
        **{"doors-TOTAL_FORMS": "2", **doors(0, "2026-10-10", "6:30 PM"), **doors(1, "2026-10-10", "19h", loft)},
    )

    event = Event.objects.get()
    assert response["Location"] == EVENTS
    assert (event.slug, event.status, event.published_at) == ("harbour-street-crawl-3", "draft", None)
    assert (event.created_by, event.updated_by, event.revision) == (ana, ana, 3)
    assert list(event.doors.values_list("night", "opens_at", "venue__name")) == [
        (SATURDAY, at("2026-10-10T18:30-02:30"), None),
        (SATURDAY, at("2026-10-10T19:00-02:30"), "Net Loft"),
    ]
    assert history_of(event) == [
        ("event_created", "", "ana@label.example"),
        ("event_edited", "", "ana@label.example"),
        ("event_edited", "", "ana@label.example"),
    ]


def test_event_form_proposes_the_zone_of_the_settings(admin_client):
    assert form_in(admin_client.get(f"{EVENTS}add/"), "event_form")["timezone"] == ["America/Toronto"]


def test_event_that_is_edited_leaves_a_change_and_a_higher_revision(admin_client, ana):
    event = make_event(city="Guelph")

    save(admin_client, page_of(event), city="Port Invented", slug="hsc3")

    event.refresh_from_db()
    assert (event.city, event.slug, event.revision, event.updated_by) == ("Port Invented", "hsc3", 2, ana)
    (change,) = event.changes.filter(by=ana)
    assert (change.kind, change.before, change.after, change.is_public) == (
        "event_edited",
        {"city": "Guelph", "slug": "harbour-street-crawl-3"},
        {"city": "Port Invented", "slug": "hsc3"},
        False,
    )
    assert [each.slug for each in event.former_slugs.all()] == ["harbour-street-crawl-3"]


def test_event_that_is_saved_unchanged_leaves_no_change(admin_client):
    event = make_event(social_links={"instagram": "hsc"}, description="**Loud**\n\nand\nlong.", rollover="05:30:00")
    events.set_doors(event, SATURDAY, wall(event, "18:30"), **MADE)
    before = Event.objects.values().get()

    assert save(admin_client, page_of(event)).status_code == 302

    assert Event.objects.values().get() == before
    assert history_of(event) == []


def test_event_on_another_day_takes_its_sets_along(admin_client):
    event = make_event()
    performance = make_set(event, start="23:45", end="24:25")

    save(admin_client, page_of(event), date="2026-10-17")

    performance.refresh_from_db()
    assert (performance.night, performance.ends_at) == (date(2026, 10, 17), at("2026-10-18T00:25-04:00"))
    assert history_of(event) == [
        ("retimed", "The Harpoonist", "ana@label.example"),
        ("event_edited", "", "ana@label.example"),
    ]


def test_event_in_another_zone_keeps_what_clocks_show_also_at_its_doors(admin_client):
    event = make_event()
    performance = make_set(event)
    events.set_doors(event, SATURDAY, wall(event, "18:30"), **MADE)

    save(admin_client, page_of(event), timezone="America/Halifax")

    performance.refresh_from_db()
    assert performance.starts_at == at("2026-10-10T20:00-03:00")
    assert event.doors.get().opens_at == at("2026-10-10T18:30-03:00")


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        (
            {"end_date": ""},
            {
                "end_date": [
                    "There are sets on 2026-10-11, outside 2026-10-10 to 2026-10-10. "
                    "Move them first, or keep the dates."
                ],
                "doors-1-night": ["2026-10-11 is not a night of Harbour Street Crawl 3."],
            },
        ),
        (
            {"slug": "former"},
            {"slug": ["“former” was the address of another event and is not given again. Choose another one."]},
        ),
        (
            {"timezone": "Nowhere"},
            {"timezone": ["“Nowhere” is not a time zone. Write an IANA name such as America/Toronto."]},
        ),
        (
            {"name": "", "date": "", "rollover": ""},
            {name: ["This field is required."] for name in ("date", "name", "rollover")},
        ),
    ],
)
def test_event_that_cannot_be_saved_says_why_and_keeps_what_was_typed(admin_client, changes, errors):
    events.update_event(make_event("Renamed Crawl", slug="former"), slug="renamed", **MADE)
    event = make_event(end_date=SUNDAY)
    make_set(event, night=SUNDAY)
    events.set_doors(event, SATURDAY, wall(event, "18:30"), **MADE)

    response = save(
        admin_client, page_of(event), city="Port Invented",
        **{"doors-TOTAL_FORMS": "2", **doors(0, "2026-10-10", "18:45"), **doors(1, "2026-10-11", "19:00")}, **changes,
    )  # fmt: skip

    assert errors_in(response) == errors
    typed = form_in(response, "event_form")
    assert (typed["city"], typed["doors-0-opens"], typed["doors-1-opens"]) == (["Port Invented"], ["18:45"], ["19:00"])
    assert history_of(event) == []
    assert [each.opens_at for each in event.doors.all()] == [wall(event, "18:30")]


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        (doors(0, "2026-11-05", "18:30"), {"doors-0-night": ["2026-11-05 is not a night of Harbour Street Crawl 3."]}),
        (
            doors(0, "2026-10-10", "7"),
            {
                "doors-0-opens": [
                    "“7” can mean morning or evening. Write 7:00am, 7:00pm or a 24-hour time such as 20:00."
                ]
            },
        ),
    ],
)
@pytest.mark.parametrize("is_new", [True, False])
def test_doors_that_cannot_be_right_are_refused_in_their_row(admin_client, typed, errors, is_new):
    path = f"{EVENTS}add/" if is_new else page_of(make_event())
    named = {"name": "Harbour Street Crawl 3", "date": "2026-10-10"} if is_new else {}

    response = save(admin_client, path, **named, **{"doors-TOTAL_FORMS": "1"}, **typed)

    assert errors_in(response) == errors
    assert (Event.objects.count(), Doors.objects.count()) == (0 if is_new else 1, 0)


def test_doors_of_a_new_event_are_read_also_when_its_zone_is_refused(admin_client):
    response = save(
        admin_client, f"{EVENTS}add/", name="Harbour Street Crawl 3", date="2026-10-10", timezone="Nowhere",
        **{"doors-TOTAL_FORMS": "1", **doors(0, "2026-10-10", "18:30")},
    )  # fmt: skip

    assert errors_in(response) == {
        "timezone": ["“Nowhere” is not a time zone. Write an IANA name such as America/Toronto."]
    }
    typed = form_in(response, "event_form")
    assert (typed["timezone"], typed["doors-0-opens"]) == (["Nowhere"], ["18:30"])


def test_doors_are_added_on_a_night_that_is_added_with_them(admin_client):
    event = make_event()

    save(
        admin_client,
        page_of(event),
        end_date="2026-10-11",
        **{"doors-TOTAL_FORMS": "1", **doors(0, "2026-10-11", "18:30")},
    )

    assert [each.night for each in event.doors.all()] == [SUNDAY]


def test_doors_at_another_time_are_one_change(admin_client):
    event = make_event()
    events.set_doors(event, SATURDAY, wall(event, "18:30"), **MADE)

    save(admin_client, page_of(event), **doors(0, "2026-10-10", "19:00"))

    assert event.doors.get().opens_at == wall(event, "19:00")
    (change,) = event.changes.exclude(by=None)
    assert (change.before["doors"]["opens_at"], change.after["doors"]["opens_at"]) == (
        "2026-10-10T22:30:00+00:00",
        "2026-10-10T23:00:00+00:00",
    )


def test_doors_move_to_another_night_swap_and_go(admin_client):
    event = make_event(end_date=SUNDAY)
    loft = make_venue("Net Loft")
    events.set_doors(event, SATURDAY, wall(event, "18:30"), **MADE)
    events.set_doors(event, SATURDAY, wall(event, "19:00"), venue=loft, **MADE)

    save(admin_client, page_of(event), **doors(0, "2026-10-11", "18:45"), **{"doors-1-DELETE": "on"})

    assert list(event.doors.values_list("night", "opens_at", "venue")) == [
        (SUNDAY, wall(event, "18:45", night=SUNDAY), None)
    ]
    assert {kind for kind, _, _ in history_of(event)} == {"event_edited"}


def test_poster_is_re_encoded_once_and_served(admin_client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    event = make_event()
    file = io.BytesIO()
    Image.new("RGBA", (1700, 10), "red").save(file, "PNG")

    save(admin_client, page_of(event), poster=SimpleUploadedFile("Poster.png", file.getvalue()))

    event.refresh_from_db()
    (kept,) = (tmp_path / "posters").iterdir()
    with Image.open(kept) as image:
        assert (image.format, image.size) == ("JPEG", (1600, 9))
    assert event.poster.name == f"posters/{kept.name}"
    assert admin_client.get(f"/media/{event.poster.name}").status_code == 200


def test_event_page_lists_overlaps(admin_client):
    event = make_event()
    assert "None." in admin_client.get(page_of(event)).content.decode()
    make_set(event, "Moth Choir", "20:00", "20:30")
    make_set(event, "Dog <Ferry>", "20:15", "20:45")

    page = admin_client.get(page_of(event)).content.decode()

    assert (
        "<p>Moth Choir (2026-10-10 20:00 to 20:30) overlaps "
        "Dog &lt;Ferry&gt; (2026-10-10 20:15 to 20:45) at Blue Anchor.</p>"
    ) in page


def test_state_of_an_event_cannot_be_posted(admin_client):
    event = make_event()
    owned = [
        "status",
        "revision",
        "published_at",
        "archived_at",
        "created_by",
        "updated_by",
        "created_at",
        "updated_at",
    ]
    before = Event.objects.values(*owned).get()
    posted = {"status": "published", "revision": "99", "published_at": "2026-01-01", "published_at_0": "2026-01-01"}
    posted |= {"published_at_1": "00:00", "archived_at": "2026-01-01", "created_by": "1", "created_at": "2026-01-01"}

    save(admin_client, page_of(event), **posted)

    assert Event.objects.values(*owned).get() == before
    assert not set(owned) & set(form_in(admin_client.get(page_of(event)), "event_form"))


# --- Events: actions and deleting --------------------------------------------------------------


def test_event_is_published_unpublished_archived_and_back_by_actions(admin_client):
    event = make_event()
    make_set(event)
    steps = {
        "publish": ("published", "1 published."),
        "unpublish": ("draft", "1 unpublished."),
        "publish_empty": ("published", "1 published."),
        "archive": ("archived", "1 archived."),
        "unarchive": ("published", "1 un-archived."),
    }

    answers = {}
    for action in steps:
        said = messages_of(act(admin_client, action, event))
        answers[action] = (Event.objects.get().status, *said)

    assert answers == steps
    assert [kind for kind, _, _ in history_of(event)] == [
        *("event_published", "event_unpublished", "event_published", "event_archived", "event_unarchived"),
    ]
    assert {by for _, _, by in history_of(event)} == {"ana@label.example"}


def test_event_without_sets_is_published_only_with_the_lineup_to_be_announced(admin_client):
    event, other = make_event(), make_event("Another Crawl")
    make_set(other)

    refused = messages_of(act(admin_client, "publish", event, other))

    assert sorted(refused) == [
        "1 published.",
        "Harbour Street Crawl 3 has no sets yet. "
        "Add the running order, or publish it with the line-up to be announced.",
    ]
    assert messages_of(act(admin_client, "publish_empty", event)) == ["1 published."]
    assert list(Event.objects.values_list("status", flat=True)) == ["published", "published"]


def test_action_that_does_not_fit_the_state_says_why(admin_client):
    event = make_event()

    assert messages_of(act(admin_client, "archive", event)) == [
        "Harbour Street Crawl 3 is draft; only what is published can become archived this way."
    ]
    assert Event.objects.get().status == "draft"


# --- Venues ------------------------------------------------------------------------------------


def test_venue_is_added_and_edited_by_the_domain(admin_client, ana):
    house = make_venue("Customs House")

    save(admin_client, f"{VENUES}add/", name="  The   Cellar ", parent=house.pk, latitude="43.4", longitude="-80.5")
    room = Venue.objects.get(parent=house)
    save(admin_client, page_of(room), slug="vault", city="Port Invented", is_active=None)

    room.refresh_from_db()
    assert (str(room), room.slug, room.city, room.is_active) == (
        "Customs House (The Cellar)",
        "vault",
        "Port Invented",
        False,
    )
    assert (room.created_by, room.updated_by) == (ana, ana)
    assert [str(each) for each in room.former_slugs.all()] == ["customs-house-the-cellar → vault"]


def test_venue_that_is_there_is_refused(admin_client):
    make_venue("Blue Anchor")

    response = save(admin_client, f"{VENUES}add/", name="blue anchor")

    assert errors_in(response) == {
        "__all__": ["A venue of this name exists already. Use it, or make this one a room of it."]
    }


def test_venue_list_shows_rooms_with_their_house_and_sets(admin_client):
    make_house()

    rows = admin_client.get(VENUES).context["cl"].result_list

    shown = admin.site._registry[Venue]
    assert {shown.title(venue): shown.set_count(venue) for venue in rows} == {
        "Blue Anchor": 1,
        "Customs House": 0,
        "Customs House (Cellar)": 1,
    }


def test_venue_that_was_never_used_is_deleted_and_its_address_stays_taken(admin_client):
    venue, other = make_venue("Blue Anchor"), make_venue("Net Loft")

    admin_client.post(page_of(venue, "delete"), {"post": "yes"})
    act(admin_client, "delete_selected", other, post="yes")

    assert Venue.objects.count() == 0
    assert [str(each) for each in SlugRedirect.objects.all()] == ["blue-anchor (deleted)", "net-loft (deleted)"]


@pytest.mark.parametrize("used_by", ["set", "room", "doors"])
@pytest.mark.parametrize("is_bulk", [True, False])
def test_venue_that_is_used_cannot_be_deleted(admin_client, used_by, is_bulk):
    venue, event = make_venue("Customs House"), make_event()
    if used_by == "set":
        make_set(event, venue="Customs House")
    elif used_by == "room":
        make_venue("Cellar", parent=venue)
    else:
        events.set_doors(event, SATURDAY, wall(event, "18:30"), venue=venue, **MADE)

    if is_bulk:
        page = act(admin_client, "delete_selected", venue, post="yes")
    else:
        page = admin_client.post(page_of(venue, "delete"), {"post": "yes"})

    assert (page.status_code, len(page.context["protected"])) == (200, 1)
    assert Venue.objects.filter(pk=venue.pk).exists()


# --- Sets --------------------------------------------------------------------------------------


def test_set_is_added_at_the_times_that_were_typed(admin_client, ana):
    event = make_event()

    response = save(
        admin_client, f"{SETS}add/", event=event.pk, night="2026-10-10", band=make_band().pk, venue=make_venue().pk,
        starts="11:45 PM", ends="24:25", notes="Acoustic.", expected_delay_minutes="5",
    )  # fmt: skip

    performance = Performance.objects.get()
    assert messages_of(admin_client.get(response["Location"])) == [
        "The Harpoonist: Sat 10 Oct, 11:45 PM to 12:25 AM.",
        f'The set “<a href="{page_of(performance)}">The Harpoonist</a>” was added successfully.',
    ]
    assert (performance.night, performance.starts_at, performance.ends_at) == (
        SATURDAY,
        at("2026-10-10T23:45-04:00"),
        at("2026-10-11T00:25-04:00"),
    )
    assert (performance.created_by, performance.updated_by, performance.expected_delay_minutes) == (ana, ana, 5)
    event.refresh_from_db()
    assert history_of(event) == [
        ("added", "The Harpoonist", "ana@label.example"),
        ("edited", "The Harpoonist", "ana@label.example"),
    ]
    assert event.revision == 3


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ({"starts": "20:15", "ends": "20:45"}, {"retimed"}),
        ({"starts": "00:10", "ends": "1am"}, {"retimed"}),
        ({"ends": ""}, {"retimed"}),
        ({"notes": "Acoustic."}, {"edited"}),
        ({"crew_notes": "Two DI boxes."}, {"edited"}),
        ({"venue": ""}, {"moved"}),
        ({"starts": "20:15", "venue": "", "notes": "x"}, {"edited", "moved", "retimed"}),
        ({}, set()),
    ],
)
def test_set_that_is_edited_leaves_a_change_for_each_thing_that_happened(admin_client, changes, changed):
    event = make_public_event()
    performance = make_set(event)
    event.refresh_from_db()
    revision = event.revision

    assert save(admin_client, page_of(performance), **changes).status_code == 302

    event.refresh_from_db()
    assert {(kind, by) for kind, _, by in history_of(event)} == {(kind, "ana@label.example") for kind in changed}
    assert event.revision == revision + len(changed)


def test_times_stay_when_something_else_is_edited(admin_client):
    event = make_event(date=date(2026, 10, 31))
    doubled = make_set(
        event, start=None, end=None, starts_at=at("2026-11-01T01:30-05:00"), ends_at=at("2026-11-01T02:15-05:00")
    )
    early = make_set(event, "Moth Choir", start=None, end=None, starts_at=at("2026-11-01T06:30-05:00"))

    for performance in (doubled, early):
        save(admin_client, page_of(performance), notes="Acoustic.")
        after = Performance.objects.get(pk=performance.pk)
        assert (after.night, after.starts_at, after.ends_at, after.notes) == (
            performance.night,
            performance.starts_at,
            performance.ends_at,
            "Acoustic.",
        )
    assert {kind for kind, _, _ in history_of(event)} == {"edited"}


def test_set_that_slipped_between_am_and_pm_is_refused_and_nothing_lost(admin_client):
    event = make_event()

    response = save(
        admin_client, f"{SETS}add/", event=event.pk, night="2026-10-10", band=make_band().pk,
        starts="23:30", ends="13:45", notes="Acoustic.",
    )  # fmt: skip

    assert errors_in(response) == {
        "ends": [
            "23:30 to 13:45 would be a set of 14 h 15 min. Probably AM and PM are mixed up: 01:45 instead of 13:45? "
            "Correct it, or accept long sets."
        ]
    }
    typed = form_in(response, "performance_form")
    assert {name: typed[name] for name in ("event", "night", "band", "starts", "ends", "notes")} == {
        "event": [str(event.pk)],
        "night": ["2026-10-10"],
        "band": [str(make_band().pk)],
        "starts": ["23:30"],
        "ends": ["13:45"],
        "notes": ["Acoustic."],
    }
    assert Performance.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"event": ""}, "event"),
        ({"event": "999"}, "event"),
        ({"night": "2026-10-12"}, "night"),
        ({"night": "soon", "starts": "late"}, "night"),
        ({"starts": "8"}, "starts"),
        ({"starts": "12:00", "ends": "21:00"}, "starts"),
        ({"starts": "13:00", "ends": "21:00"}, "ends"),
        ({"band": "999"}, "band"),
        ({"replaces": "999"}, "replaces"),
    ],
)
def test_set_that_cannot_be_saved_says_why_at_its_field(admin_client, changes, field):
    typed = {"event": make_event().pk, "night": "2026-10-10", "band": make_band().pk, "starts": "20:00", **changes}

    assert list(errors_in(save(admin_client, f"{SETS}add/", **typed))) == [field]

    assert Performance.objects.count() == 0


def test_long_set_needs_the_tick(admin_client):
    typed = {
        "event": make_event().pk,
        "night": "2026-10-10",
        "band": make_band().pk,
        "starts": "13:00",
        "ends": "21:00",
    }

    save(admin_client, f"{SETS}add/", **typed, accept_long="on")

    assert Performance.objects.get().ends_at == at("2026-10-10T21:00-04:00")


def test_overlap_is_a_warning_after_saving(admin_client):
    event = make_event()
    make_set(event, "Moth Choir", "20:00", "20:30")
    late = make_set(event, "Dog Ferry", "21:00", "21:30")

    response = save(admin_client, page_of(late), starts="20:15", ends="20:45")

    page = admin_client.get(response["Location"])
    assert {(message.level_tag, str(message)) for message in page.context["messages"]} >= {
        (
            "warning",
            "Moth Choir (2026-10-10 20:00 to 20:30) overlaps Dog Ferry (2026-10-10 20:15 to 20:45) at Blue Anchor.",
        )
    }


def test_state_of_a_set_cannot_be_posted(admin_client):
    event = make_public_event(reveal_mode=True)
    performance, other = make_set(event), make_set(make_event("Another Crawl"), "Moth Choir")
    owned = [
        "status",
        "is_announced",
        "announced_at",
        "uid",
        "sequence",
        "changed_at",
        "event",
        "replaces",
        "created_by",
    ]
    before = Performance.objects.values(*owned).get(pk=performance.pk)

    save(
        admin_client, page_of(performance), status="cancelled", is_announced="on", announced_at_0="2026-01-01",
        announced_at_1="00:00", sequence="9", uid=str(other.uid), event=other.event.pk, replaces=other.pk,
    )  # fmt: skip

    assert Performance.objects.values(*owned).get(pk=performance.pk) == before
    assert not set(owned) & set(form_in(admin_client.get(page_of(performance)), "performance_form"))
    assert history_of(event) == []


# --- Sets: actions and deleting ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "prepare", "said", "state", "change"),
    [
        ("announce", None, "1 announced.", ("scheduled", True), "announced"),
        ("hide", lineup.announce_set, "1 no longer announced.", ("scheduled", False), "hidden"),
        ("cancel", None, "1 cancelled.", ("cancelled", False), "cancelled"),
        ("postpone", None, "1 postponed.", ("postponed", False), "postponed"),
        ("restore", lineup.cancel_set, "1 restored.", ("scheduled", False), "restored"),
        ("withdraw", lineup.announce_set, "1 withdrawn.", ("withdrawn", False), "withdrawn"),
    ],
)
def test_action_does_to_a_set_what_it_says(admin_client, action, prepare, said, state, change):
    event = make_public_event(reveal_mode=True)
    performance = make_set(event)
    if prepare:
        prepare(performance, **MADE)

    assert messages_of(act(admin_client, action, performance, post="yes")) == [said]

    performance.refresh_from_db()
    assert (performance.status, performance.is_announced) == state
    assert history_of(event) == [(change, "The Harpoonist", "ana@label.example")]


def test_action_refused_for_one_set_is_done_for_the_others(admin_client):
    event = make_event()
    withdrawn, scheduled = make_set(event), make_set(event, "Moth Choir")
    lineup.withdraw_set(withdrawn, **MADE)

    said = messages_of(act(admin_client, "cancel", withdrawn, scheduled, post="yes"))

    assert said == ["The Harpoonist is withdrawn. Restore it first.", "1 cancelled."]
    assert {str(each): each.status for each in Performance.objects.all()} == {
        "The Harpoonist": "withdrawn",
        "Moth Choir": "cancelled",
    }


def test_set_is_replaced_in_a_form_that_has_its_slot_in_it(admin_client, ana):
    event = make_public_event(date=date(2026, 10, 31))
    replaced = make_set(
        event, start=None, end=None, starts_at=at("2026-11-01T01:30-05:00"), ends_at=at("2026-11-01T02:15-05:00")
    )

    redirect = act(admin_client, "replace", replaced, follow=False)

    typed = form_in(admin_client.get(redirect["Location"]), "performance_form")
    assert {name: typed[name] for name in ("event", "replaces", "night", "venue", "starts", "ends", "band")} == {
        "event": [str(event.pk)],
        "replaces": [str(replaced.pk)],
        "night": ["2026-10-31"],
        "venue": [str(replaced.venue_id)],
        "starts": ["01:30 EST"],
        "ends": ["02:15"],
        "band": [""],
    }

    saved = admin_client.post(redirect["Location"], {**typed, "band": make_band("Moth Choir").pk})

    assert saved.status_code == 302
    replacement = Performance.objects.get(band__name="Moth Choir")
    replaced.refresh_from_db()
    assert (replaced.status, replacement.status, replacement.replaces) == ("cancelled", "scheduled", replaced)
    assert (replacement.starts_at, replacement.ends_at, replacement.venue) == (
        replaced.starts_at,
        replaced.ends_at,
        replaced.venue,
    )
    assert (replacement.is_announced, replacement.created_by) == (True, ana)
    assert {kind for kind, _, _ in history_of(event)} == {"cancelled", "added", "replaced"}


def test_one_set_is_replaced_at_a_time(admin_client):
    event = make_event()

    page = act(admin_client, "replace", make_set(event), make_set(event, "Moth Choir"))

    assert messages_of(page) == ["Select the one set that is replaced."]


@pytest.mark.parametrize("is_bulk", [True, False])
def test_set_of_a_draft_is_deleted(admin_client, ana, is_bulk):
    event = make_event()
    performance = make_set(event)

    if is_bulk:
        page = act(admin_client, "delete_selected", performance, post="yes")
    else:
        page = admin_client.post(page_of(performance, "delete"), {"post": "yes"}, follow=True)

    assert len(messages_of(page)) == 1
    assert Performance.objects.count() == 0
    (change,) = event.changes.filter(by=ana)
    assert (change.kind, change.performance_uid, change.before["title"]) == (
        "deleted",
        performance.uid,
        "The Harpoonist",
    )


@pytest.mark.parametrize("is_unpublished", [False, True])
def test_set_of_an_event_that_has_been_public_cannot_be_deleted(admin_client, is_unpublished):
    event = make_public_event()
    performance, draft = make_set(event), make_set(make_event("Another Crawl"), "Moth Choir")
    if is_unpublished:
        publishing.unpublish_event(event, **MADE)

    answers = [
        admin_client.get(page_of(performance, "delete")),
        admin_client.post(page_of(performance, "delete"), {"post": "yes"}),
        act(admin_client, "delete_selected", performance, draft, post="yes"),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert Performance.objects.count() == 2
    assert history_of(event) == []


# --- Who may -----------------------------------------------------------------------------------


@pytest.fixture
def viewer_client(client):
    sign_in(client, make_user("viewer"))
    return client


def test_viewer_sees_everything_in_words(viewer_client):
    event = make_event()
    performance = make_set(event, start="23:45", end="24:25")
    events.set_doors(event, SATURDAY, wall(event, "18:30"), **MADE)

    set_page, event_page = (viewer_client.get(page_of(row)).content.decode() for row in (performance, event))

    assert "11:45 PM to 12:25 AM" in set_page
    assert "6:30 PM" in event_page
    assert [page.count('name="_save"') for page in (set_page, event_page)] == [0, 0]


@pytest.mark.parametrize(
    ("make", "changes"),
    [
        (make_event, {"name": "Changed", "status": "published"}),
        (lambda: make_set(make_event()), {"billing": "Changed", "status": "cancelled"}),
        (make_venue, {"name": "Changed"}),
    ],
)
def test_viewer_changes_nothing_and_is_offered_no_action(viewer_client, make, changes):
    row = make()
    model, before = type(row), type(row).objects.values().get()
    base = page_of(row).removesuffix(f"{row.pk}/change/")

    answers = [
        viewer_client.post(page_of(row), changes),
        viewer_client.get(f"{base}add/"),
        viewer_client.post(f"{base}add/", changes),
        viewer_client.post(page_of(row, "delete"), {"post": "yes"}),
    ]
    for action in ("publish_empty", "cancel", "announce", "replace", "delete_selected"):
        act(viewer_client, action, row, post="yes")

    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
    assert viewer_client.get(base).context["action_form"] is None
    assert (model.objects.count(), model.objects.values().get()) == (1, before)


@pytest.mark.parametrize("model", sorted(READ_ONLY))
def test_rows_that_the_house_writes_itself_are_read_only(admin_client, model):
    make_house()
    model = apps.get_model(model)
    row, before = model.objects.first(), list(model.objects.values())
    page = admin_client.get(page_of(row))

    answers = [
        admin_client.post(page_of(row), {"slug": "x"}),
        admin_client.post(page_of(row).removesuffix(f"{row.pk}/change/") + "add/", {"slug": "x"}),
        admin_client.post(page_of(row, "delete"), {"post": "yes"}),
    ]
    act(admin_client, "delete_selected", row, post="yes")

    assert (page.status_code, page.context["has_change_permission"]) == (200, False)
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert list(model.objects.values()) == before


def test_key_of_a_plan_is_not_shown(admin_client):
    plan = Plan.objects.create(event=make_event(), key_hash="canary0hash")

    pages = [admin_client.get(path).content.decode() for path in ("/admin/schedule/plan/", page_of(plan))]

    assert [page.count("canary0hash") for page in pages] == [0, 0]


@pytest.mark.parametrize("base", [EVENTS, SETS, VENUES, "/admin/schedule/change/", "/admin/schedule/plan/"])
def test_stranger_is_sent_to_sign_in(client, base):
    make_house()
    before = Event.objects.values().get()

    for path in (base, f"{base}add/", f"{base}1/change/", f"{base}1/delete/", f"{base}1/history/"):
        for answer in (
            client.get(path),
            client.post(path, {"action": "publish", "_selected_action": "1", "post": "yes"}),
        ):
            assert (answer.status_code, answer["Location"]) == (302, f"/account/sign-in/?{urlencode({'next': path})}")

    assert Event.objects.values().get() == before


def test_admin_without_a_second_factor_is_kept_out(client, ana):
    client.force_login(ana)

    assert client.get(EVENTS)["Location"] == "/account/security/factor/"
