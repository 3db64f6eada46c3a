"""Who may do what in the admin of events, sets, venues and bands: every role, every function, every way around."""

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.models import AuditEntry, User
from bands.domain_admin import HouseAdmin
from bands.library import add_alias, find_genre
from bands.models import BandProfile, Genre
from schedule import events, publishing
from schedule.access import give_access
from schedule.models import Change, Event, EventAccess, Performance, Pick, Plan, ShareLink, Venue
from tests.admin_pages import errors_in, messages_of, save, sign_in
from tests.factories import (
    MADE,
    NOW,
    SATURDAY,
    make_band,
    make_event,
    make_public_event,
    make_set,
    make_user,
    make_venue,
    wall,
)

pytestmark = pytest.mark.django_db

PEOPLE = ["viewer", "editor", "scoped", "admin"]
EVENTS, SETS, VENUES = (f"/admin/schedule/{name}/" for name in ("event", "performance", "venue"))
BANDS, GENRES = (f"/admin/bands/{name}/" for name in ("bandprofile", "genre"))
EMAIL, PHONE, BAND_EMAIL = "desk@anchor.example", "+1 519 555 0199", "zed@press.example"


@pytest.fixture
def given():
    return make_event("Given Crawl", city="Given City")


@pytest.fixture
def foreign():
    return make_event("Foreign Crawl", city="Foreign City")


@pytest.fixture
def enter(client, given):
    """Sign somebody in: by role, or an editor who was given one event."""

    def come(who, **fields):
        person = make_user("editor", given) if who == "scoped" else make_user(who)
        sign_in(client, person, **fields)
        return client

    return come


def page_of(row, action="change"):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{action}", args=[row.pk])


def list_of(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def act(client, action, *rows, **more):
    return client.post(list_of(type(rows[0])), {"action": action, "_selected_action": [row.pk for row in rows], **more})


def actions_offered(client, path):
    form = client.get(path).context["action_form"]
    return {name for name, _ in form.fields["action"].choices if name} if form else set()


def make_rows_of(event):
    """A row of every model that belongs to an event and has pages."""
    performance = make_set(event, f"Band of {event}", venue=f"Venue of {event}")
    doors = events.set_doors(event, SATURDAY, wall(event, "18:30"), **MADE)
    events.update_event(event, slug=f"{event.slug}-renamed", **MADE)
    plan = Plan.objects.create(event=event, key_hash="x")
    pick = Pick.objects.create(plan=plan, performance=performance)
    link = ShareLink.objects.create(slug=f"{event.pk:08}", event=event, kind="live", plan=plan, expires_at=NOW)
    events.set_doors(event, SATURDAY, wall(event, "19:00"), **MADE)
    return [event, performance, doors, event.changes.last(), plan, pick, link, event.former_slugs.get()]


# --- What each role may do ---------------------------------------------------------------------


EDITORS = {"editor", "scoped", "admin"}


@pytest.mark.parametrize("who", PEOPLE)
def test_pages_that_add_edit_and_delete_are_for_those_who_may(enter, given, who):
    rows = {
        "event": given,
        "set": make_set(given),
        "venue": make_venue("Empty"),
        "band": make_band("Moth Choir"),
        "genre": find_genre("punk", **MADE),
    }
    client = enter(who)

    answers = {
        name: [
            client.get(list_of(type(row))).status_code,
            client.get(page_of(row)).status_code,
            client.post(page_of(row), {}).status_code,
            client.get(f"{list_of(type(row))}add/").status_code,
            client.post(f"{list_of(type(row))}add/", {}).status_code if name != "event" else 0,
            client.get(page_of(row, "delete")).status_code,
        ]
        for name, row in rows.items()
    }

    reads, writes, deletes = [200, 200], [200, 200, 200], 200 if who == "admin" else 403
    if who == "viewer":
        writes = [403, 403, 403]
    assert answers == {
        "event": [*reads, *writes[:2], 0, deletes],
        "set": [*reads, *writes, 200 if who in EDITORS else 403],
        "venue": [*reads, *writes, deletes],
        "band": [*reads, *writes, deletes],
        "genre": [*reads, *writes, deletes],
    }


@pytest.mark.parametrize(
    ("who", "on_events", "on_sets", "on_others"),
    [
        ("viewer", set(), set(), set()),
        (
            "editor",
            {"publish", "publish_empty", "unpublish"},
            {"announce", "hide", "cancel", "postpone", "restore", "withdraw", "replace", "delete_selected"},
            set(),
        ),
        (
            "scoped",
            {"publish", "publish_empty", "unpublish"},
            {"announce", "hide", "cancel", "postpone", "restore", "withdraw", "replace", "delete_selected"},
            set(),
        ),
        (
            "admin",
            {"publish", "publish_empty", "unpublish", "archive", "unarchive"},
            {"announce", "hide", "cancel", "postpone", "restore", "withdraw", "replace", "delete_selected"},
            {"delete_selected"},
        ),
    ],
)
def test_actions_are_offered_to_those_who_may(enter, given, who, on_events, on_sets, on_others):
    make_set(given)
    find_genre("punk", **MADE)
    client = enter(who)

    assert [actions_offered(client, path) for path in (EVENTS, SETS, VENUES, BANDS, GENRES)] == [
        on_events,
        on_sets,
        on_others,
        on_others,
        on_others,
    ]


ACTIONS = [
    ("publish", None, "published", EDITORS),
    ("publish_empty", None, "published", EDITORS),
    ("unpublish", publishing.publish_event, "draft", EDITORS),
    ("archive", publishing.publish_event, "archived", {"admin"}),
    ("unarchive", publishing.archive_event, "published", {"admin"}),
]


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize(("action", "prepare", "status", "allowed"), ACTIONS)
def test_state_of_an_event_is_changed_by_those_who_may(enter, given, who, action, prepare, status, allowed):
    make_set(given)
    if prepare:
        publishing.publish_event(given, **MADE)
        prepare(given, **MADE)
    before = Event.objects.get().status
    client = enter(who)
    entries = AuditEntry.objects.count()

    act(client, action, given)

    assert Event.objects.get().status == (status if who in allowed else before)
    assert AuditEntry.objects.count() - entries == int(who in allowed)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("is_bulk", [True, False])
@pytest.mark.parametrize(
    ("make", "allowed"),
    [
        (lambda event: event, {"admin"}),
        (make_set, EDITORS),
        (lambda event: make_venue("Empty"), {"admin"}),
        (lambda event: make_band("Moth Choir"), {"admin"}),
        (lambda event: find_genre("punk", **MADE), {"admin"}),
    ],
    ids=["event", "set", "venue", "band", "genre"],
)
def test_rows_are_deleted_by_those_who_may_and_it_is_audited(enter, given, who, is_bulk, make, allowed):
    row = make(given)
    model, kind = type(row), row._meta.label_lower
    client = enter(who)

    if is_bulk and model is not Event:
        act(client, "delete_selected", row, post="yes")
    else:
        client.post(page_of(row, "delete"), {"post": "yes", "confirmed_name": str(row)})

    assert model.objects.filter(pk=row.pk).exists() == (who not in allowed)
    deleted = AuditEntry.objects.filter(object_type=kind, object_id=str(row.pk), action__endswith=".deleted")
    assert deleted.count() == int(who in allowed)


@pytest.mark.parametrize("who", PEOPLE)
def test_access_to_events_is_given_and_taken_by_admins_alone(enter, foreign, who):
    eve = make_user("editor", email="eve@label.example")
    client = enter(who)
    held = EventAccess.objects.count()

    added = client.post("/admin/schedule/eventaccess/add/", {"user": eve.pk, "event": foreign.pk})
    assert (added.status_code, EventAccess.objects.count()) == ((302, held + 1) if who == "admin" else (403, held))

    access = EventAccess.objects.filter(event=foreign).first() or give_access(foreign, eve, **MADE)
    act(client, "delete_selected", access, post="yes")
    client.post(page_of(access), {"user": eve.pk, "event": foreign.pk})
    assert EventAccess.objects.filter(pk=access.pk).exists() == (who != "admin")


def test_access_is_taken_on_its_own_page_and_audited(enter, foreign):
    make_user("editor", foreign, email="eve@label.example")
    client = enter("admin")

    client.post(page_of(EventAccess.objects.get(event=foreign), "delete"), {"post": "yes"})

    entry = AuditEntry.objects.order_by("pk").last()
    assert (entry.action, entry.before) == ("event.access_taken", {"person": "eve@label.example"})
    assert not EventAccess.objects.filter(event=foreign).exists()


def test_genre_is_edited_by_the_library(enter):
    client = enter("editor")

    save(client, f"{GENRES}add/", name=" dream  pop ")
    save(client, page_of(Genre.objects.get()), name="Dream Pop")

    assert list(Genre.objects.values_list("name", "slug")) == [("Dream Pop", "dream-pop")]
    made = AuditEntry.objects.filter(object_type="bands.genre").order_by("pk")
    assert [(entry.action, entry.before, entry.after) for entry in made] == [
        ("genre.created", {}, {"name": "dream pop", "slug": "dream-pop"}),
        ("genre.updated", {"name": "dream pop"}, {"name": "Dream Pop"}),
    ]


def test_alias_that_is_renamed_in_the_admin_is_audited(enter):
    band = make_band("Moth Choir")
    add_alias(band, "The Moths", **MADE)

    save(enter("editor"), page_of(band), **{"aliases-0-name": "Papillons"})

    made = AuditEntry.objects.filter(object_type="bands.bandprofile").order_by("pk")
    assert [(entry.action, entry.before, entry.after) for entry in made] == [
        ("band.alias_removed", {"alias": "The Moths"}, {}),
        ("band.alias_added", {}, {"alias": "Papillons"}),
    ]


# --- Private contact data ----------------------------------------------------------------------


def make_private_rows():
    return [
        make_venue("Blue Anchor", contact_email=EMAIL, phone=PHONE),
        make_band("Moth Choir", contact_email=BAND_EMAIL),
    ]


@pytest.mark.parametrize("who", PEOPLE)
def test_contact_data_is_shown_to_those_alone_who_edit(enter, who):
    rows = make_private_rows()
    client = enter(who)

    pages = [client.get(page_of(row)) for row in rows]

    shown = [
        [value in page.content.decode() for value in values]
        for page, values in zip(pages, [(EMAIL, PHONE), (BAND_EMAIL,)], strict=True)
    ]
    named = [
        {name for _, options in page.context["adminform"].fieldsets for name in options["fields"]}
        & {"contact_email", "phone"}
        for page in pages
    ]
    if who == "viewer":
        assert (shown, named) == ([[False, False], [False]], [set(), set()])
    else:
        assert (shown, named) == ([[True, True], [True]], [{"contact_email", "phone"}, {"contact_email"}])


@pytest.mark.parametrize("who", ["viewer", "editor"])
def test_contact_data_cannot_be_guessed_by_searching_or_filtering(enter, who):
    make_private_rows()
    client = enter(who)

    for path, terms in ((VENUES, ("desk@anchor", "519")), (BANDS, ("zed@press", "press.example"))):
        for term in terms:
            assert client.get(path, {"q": term}).context["cl"].result_count == 0
        for field in ("contact_email", "contact_email__startswith", "phone__contains", "parent__phone__contains"):
            assert client.get(path, {field: terms[0]}).status_code == 400


def test_contact_data_is_in_no_list_and_no_search():
    for model, fields in ((Venue, {"phone", "contact_email"}), (BandProfile, {"contact_email"})):
        shown = admin.site._registry[model]
        assert set(shown.private_fields) == fields
        assert not fields & {*shown.list_display, *shown.search_fields, *shown.list_filter}


# --- The scope ---------------------------------------------------------------------------------


def test_pages_of_events_all_know_scopes():
    models = {type(row) for row in make_rows_of(make_event())} | {EventAccess}

    assert {model for model in models if not isinstance(admin.site._registry[model], HouseAdmin)} == set()


@pytest.mark.parametrize("action", ["change", "delete", "history"])
def test_row_of_a_foreign_event_is_answered_like_one_that_is_not_there(enter, given, foreign, action):
    own, others = make_rows_of(given), make_rows_of(foreign)
    client = enter("scoped")
    before = [list(type(row).objects.order_by("pk").values()) for row in others]

    for row, mine in zip(others, own, strict=True):
        unknown = type(row)(pk=999_999)
        paths = [page_of(row, action), page_of(unknown, action)]
        assert [client.get(path).status_code for path in paths] in ([404, 404], [403, 403])
        assert [client.post(path, {"post": "yes"}).status_code for path in paths] in ([404, 404], [403, 403])
        if action != "delete":
            assert client.get(page_of(mine, action)).status_code == 200
            assert client.get(paths[0]).status_code == 404

    assert [list(type(row).objects.order_by("pk").values()) for row in others] == before


def test_lists_show_rows_of_given_events_alone(enter, given, foreign):
    own, others = make_rows_of(given), make_rows_of(foreign)
    client = enter("scoped")

    for mine, other in zip(own, others, strict=True):
        rows = client.get(list_of(type(mine))).context["cl"].queryset
        assert (mine in rows, other in rows) == (True, False)
        assert list(client.get(list_of(type(mine)), {"q": "Foreign"}).context["cl"].queryset) == []


@pytest.mark.parametrize(("who", "is_named"), [("scoped", False), ("editor", True)])
def test_filters_offer_given_events_alone(enter, given, foreign, who, is_named):
    for event in (given, foreign, make_event("Third Crawl")):
        make_rows_of(event)
    client = enter(who)
    third = Event.objects.get(name="Third Crawl")
    give_access(third, User.objects.get(email="editor@label.example"), **MADE)

    for model in (Event, Performance, Change, Plan, Pick, ShareLink):
        page = client.get(list_of(model))
        offered = [
            str(choice["display"])
            for each in page.context["cl"].filter_specs
            for choice in each.choices(page.context["cl"])
        ]
        assert any("Foreign" in name for name in offered) == is_named
        if model is not Event:
            assert {"Given Crawl", "Third Crawl"} <= set(offered)


def test_list_of_venues_counts_sets_of_given_events_alone(enter, given, foreign):
    for number, event in enumerate((given, foreign, foreign)):
        make_set(event, f"Band {number}", venue="Blue Anchor")

    (venue,) = enter("scoped").get(VENUES).context["cl"].result_list

    assert venue.set_count == 1


@pytest.mark.parametrize("path", [VENUES, BANDS])
@pytest.mark.parametrize("field", ["performances", "performances__event", "performances__billing__contains"])
def test_lists_of_the_library_do_not_tell_where_foreign_sets_are(enter, foreign, path, field):
    performance = make_set(foreign)

    assert enter("scoped").get(path, {field: performance.pk}).status_code == 400


@pytest.mark.parametrize(("who", "named"), [("scoped", ["Given"]), ("viewer", ["Foreign", "Given"])])
@pytest.mark.parametrize(
    ("field", "term", "title"), [("event", "crawl", "{} Crawl"), ("replaces", "band", "Band of {}")]
)
def test_autocomplete_offers_given_events_and_their_sets_alone(enter, given, foreign, who, named, field, term, title):
    make_set(given, "Band of Given")
    make_set(foreign, "Band of Foreign")
    names = {"app_label": "schedule", "model_name": "performance", "field_name": field, "term": term}

    found = enter(who).get("/admin/autocomplete/", names).json()["results"]

    assert sorted(each["text"] for each in found) == [title.format(name) for name in named]


@pytest.mark.parametrize(
    ("forge", "errors"),
    [
        (
            lambda foreign, performance: {"event": foreign.pk},
            {"event": ["Select a valid choice. That choice is not one of the available choices."]},
        ),
        (
            lambda foreign, performance: {"event": 999_999},
            {"event": ["Select a valid choice. That choice is not one of the available choices."]},
        ),
        (
            lambda foreign, performance: {"replaces": performance.pk},
            {"replaces": ["Select a valid choice. That choice is not one of the available choices."]},
        ),
    ],
)
def test_forged_choice_of_a_foreign_row_is_refused_like_an_unknown_one(enter, given, foreign, forge, errors):
    performance = make_set(foreign)
    client = enter("scoped")
    band = make_band("Moth Choir")

    typed = {"event": given.pk, "night": "2026-10-10", "band": band.pk, "expected_delay_minutes": "0"}
    response = client.post(f"{SETS}add/", {**typed, **forge(foreign, performance)})

    assert errors_in(response) == errors
    assert list(Performance.objects.values_list("event", "status")) == [(foreign.pk, "scheduled")]


def test_set_is_added_to_a_given_event(enter, given):
    client = enter("scoped")

    save(client, f"{SETS}add/", event=given.pk, night="2026-10-10", band=make_band().pk)

    assert list(Performance.objects.values_list("event", flat=True)) == [given.pk]


def test_form_that_is_opened_for_a_foreign_event_does_not_name_it(enter, foreign):
    performance = make_set(foreign, "Secret Band")

    page = enter("scoped").get(f"{SETS}add/", {"event": foreign.pk, "replaces": performance.pk})

    assert "Foreign Crawl" not in page.content.decode()
    assert "Secret Band" not in page.content.decode()


def test_event_that_somebody_with_a_scope_makes_is_given_to_her(enter):
    client = enter("scoped")

    response = save(client, f"{EVENTS}add/", name="New Crawl", date="2026-10-10")

    event = Event.objects.get(name="New Crawl")
    assert response["Location"] == EVENTS
    assert client.get(page_of(event)).status_code == 200
    assert list(event.access.values_list("user__email", flat=True)) == ["editor@label.example"]


@pytest.mark.parametrize("action", ["cancel", "withdraw", "announce", "delete_selected"])
def test_selection_with_a_foreign_set_in_it_is_refused_as_a_whole(enter, given, foreign, action):
    own, other = make_set(given), make_set(foreign, "Moth Choir")
    client = enter("scoped")
    before = list(Performance.objects.values())

    answers = [
        act(client, action, own, other, post="yes"),
        act(client, action, own, Performance(pk=999_999), post="yes"),
        client.post(SETS, {"action": action, "_selected_action": [own.pk, "x"], "post": "yes"}),
        client.post(SETS, {"action": action, "_selected_action": [own.pk, "9" * 30], "post": "yes"}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 404]
    assert list(Performance.objects.values()) == before


def test_selection_of_everything_means_everything_that_is_open(enter, given, foreign):
    own, other = make_set(given), make_set(foreign, "Moth Choir")

    act(enter("scoped"), "cancel", own, select_across="1", post="yes")

    assert [Performance.objects.get(pk=row.pk).status for row in (own, other)] == ["cancelled", "scheduled"]


def test_published_foreign_event_stays_closed_in_the_admin(enter):
    event = make_public_event("Public Crawl")

    assert enter("scoped").get(page_of(event)).status_code == 404


@pytest.mark.parametrize(("who", "is_told"), [("scoped", False), ("editor", True)])
def test_overlaps_do_not_name_foreign_events(enter, given, foreign, who, is_told):
    own = make_set(given, "Dog Ferry", "20:00", "20:30")
    make_set(foreign, "Moth Choir", "20:15", "20:45", billing="Secret Guests")
    warning = "Dog Ferry (2026-10-10 20:00 to 20:30) overlaps {} at Blue Anchor.".format(
        "Secret Guests (2026-10-10 20:15 to 20:45, Foreign Crawl)" if is_told else "another event"
    )
    client = enter(who)

    event_page = client.get(page_of(given)).content.decode()
    set_page = client.get(save(client, page_of(own), notes="Loud.")["Location"])

    assert f"<p>{warning}</p>" in event_page
    assert warning in messages_of(set_page)
    assert [text in event_page for text in ("Foreign Crawl", "Secret Guests", "Moth Choir")] == [
        is_told,
        is_told,
        False,
    ]


def test_event_page_that_is_refused_does_not_name_foreign_events(enter, given, foreign):
    make_set(given, "Dog Ferry")
    make_set(foreign, "Moth Choir")

    page = save(enter("scoped"), page_of(given), name="")

    assert "name" in errors_in(page)
    assert "overlaps another event at" in page.content.decode()
    assert "Moth Choir" not in page.content.decode()


# --- Proof before deleting an event ------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "is_fresh"), [(4, True), (6, False)])
def test_event_is_deleted_after_a_proof_of_the_last_five_minutes(enter, given, minutes, is_fresh):
    client, path = enter("admin", confirmed_minutes_ago=minutes), page_of(given, "delete")

    answers = [client.get(path), client.post(path, {"confirmed_name": given.name})]

    assert [answer.status_code for answer in answers] == ([200, 302] if is_fresh else [403, 403])
    assert Event.objects.exists() != is_fresh


def test_proof_is_not_asked_of_somebody_who_may_not_delete_anyway(enter, given):
    client = enter("editor", confirmed_minutes_ago=60)

    response = client.get(page_of(given, "delete"))

    assert response.status_code == 403
    assert "accounts/confirm.html" not in [template.name for template in response.templates]


def test_set_is_deleted_without_another_proof(enter, given):
    performance = make_set(given)

    response = enter("editor", confirmed_minutes_ago=60).post(page_of(performance, "delete"), {"post": "yes"})

    assert (response.status_code, Performance.objects.count()) == (302, 0)
