"""GET /api/schedule, as the predecessor's clients read it: bodies compared whole, with the order of their keys."""

from datetime import date, timedelta

import pytest

from bands.library import find_genre
from schedule import lineup
from schedule.events import update_event
from schedule.publishing import archive_event, unpublish_event
from tests.factories import (
    MADE,
    NOW,
    SATURDAY,
    make_band,
    make_event,
    make_public_event,
    make_set,
    make_venue,
    wall,
)
from tests.schedule.api import compact

pytestmark = pytest.mark.django_db

ACTION = {"by": None, "now": NOW + timedelta(hours=1)}
NOT_FOUND = {"error": "Event not found", "message": "No public event has this address."}


@pytest.fixture(autouse=True)
def _frozen(time_machine):
    time_machine.move_to(NOW, tick=False)


def ask(client, event="current"):
    return client.get("/api/schedule", {"event": event}).json()


def bands_of(client, event, *keys):
    return [tuple(band[key] for key in keys) for band in ask(client, event.slug)["bands"]]


def test_schedule_is_what_old_clients_read_with_our_additions_behind(client):
    event = make_public_event(
        slug="harbour-street-3",
        ticket_url="https://tickets.example/hs3",
        theme_colors={"accent": "#ff0"},
        venue_info=[{"name": "Blue Anchor", "note": "à l’étage"}],
        social_links={"instagram": "@harbourcrawl"},
    )
    links = {"website": "https://harpoonist.example", "instagram": "@harpoonist"}
    band = make_band(
        "The Harpoonist", social_links=links, genres=[find_genre("Blues", **MADE), find_genre("Soul", **MADE)]
    )
    performance = make_set(event, start="22:15", end="23:00")

    response = client.get("/api/schedule?event=harbour-street-3")

    event.refresh_from_db()
    expected = {
        "bands": [
            {
                "id": f"the-harpoonist-{performance.pk}",
                "performance_id": performance.pk,
                "band_profile_id": band.pk,
                "name": "The Harpoonist",
                "venue": "Blue Anchor",
                "date": "2026-10-10",
                "startTime": "22:15",
                "endTime": "23:00",
                "url": "https://harpoonist.example",
                "genre": "Blues, Soul",
                "is_cancelled": 0,
                "night": "2026-10-10",
                "starts_at": "2026-10-10T22:15:00-04:00",
                "ends_at": "2026-10-10T23:00:00-04:00",
                "kind": "set",
                "status": "scheduled",
            }
        ],
        "event": {
            "id": event.pk,
            "name": "Harbour Street Crawl 3",
            "date": "2026-10-10",
            "slug": "harbour-street-3",
            "ticket_url": "https://tickets.example/hs3",
            "theme_colors": '{"accent": "#ff0"}',
            "venue_info": '[{"name": "Blue Anchor", "note": "à l’étage"}]',
            "social_links": '{"instagram": "@harbourcrawl"}',
            "timezone": "America/Toronto",
            "revision": event.public_revision,
            "end_date": None,
            "status": "published",
        },
    }
    assert response.status_code == 200
    assert response.json() == expected
    assert response.content.decode() == compact(expected)
    assert (response["Content-Type"], response["Cache-Control"]) == ("application/json", "public, max-age=60")


def test_schedule_of_an_event_of_which_little_is_known(client):
    event = make_public_event(end_date=SATURDAY + timedelta(days=1))

    response = client.get("/api/schedule?event=harbour-street-crawl-3")

    expected = {
        "bands": [],
        "event": {
            "id": event.pk,
            "name": "Harbour Street Crawl 3",
            "date": "2026-10-10",
            "slug": "harbour-street-crawl-3",
            "ticket_url": None,
            "theme_colors": None,
            "venue_info": None,
            "social_links": None,
            "timezone": "America/Toronto",
            "revision": event.public_revision,
            "end_date": "2026-10-11",
            "status": "published",
        },
    }
    assert response.content.decode() == compact(expected)


def test_slot_without_band_venue_and_times_is_kept_with_the_words_old_clients_need(client):
    event = make_public_event()
    performance = make_set(event, None, None, None, venue=None)

    response = client.get("/api/schedule")

    expected = {
        "id": f"tba-{performance.pk}",
        "performance_id": performance.pk,
        "band_profile_id": None,
        "name": "TBA",
        "venue": "TBD",
        "date": "2026-10-10",
        "startTime": "TBD",
        "endTime": "TBD",
        "url": None,
        "genre": None,
        "is_cancelled": 0,
        "night": "2026-10-10",
        "starts_at": None,
        "ends_at": None,
        "kind": "placeholder",
        "status": "scheduled",
    }
    assert response.json()["bands"] == [expected]
    assert compact(expected) in response.content.decode()


def test_times_that_are_not_public_are_unknown(client):
    event = make_public_event(times_public=False)
    make_set(event)

    assert bands_of(client, event, "date", "startTime", "endTime", "starts_at", "ends_at") == [
        ("2026-10-10", "TBD", "TBD", None, None)
    ]


def test_set_without_an_end_has_no_end(client):
    event = make_public_event()
    make_set(event, end=None)

    assert bands_of(client, event, "startTime", "endTime", "ends_at") == [("20:00", "TBD", None)]


def test_set_after_midnight_has_the_calendar_day_of_its_start_and_the_night_it_is_billed_under(client):
    event = make_public_event()
    make_set(event, "Moth Choir", "24:10", "24:40")
    make_set(event, "The Harpoonist", "23:45", "24:15")

    assert bands_of(client, event, "name", "date", "night", "startTime", "endTime", "starts_at", "ends_at") == [
        (
            "The Harpoonist",
            "2026-10-10",
            "2026-10-10",
            "23:45",
            "00:15",
            "2026-10-10T23:45:00-04:00",
            "2026-10-11T00:15:00-04:00",
        ),
        (
            "Moth Choir",
            "2026-10-11",
            "2026-10-10",
            "00:10",
            "00:40",
            "2026-10-11T00:10:00-04:00",
            "2026-10-11T00:40:00-04:00",
        ),
    ]


@pytest.mark.parametrize(
    ("zone", "day", "start", "starts_at"),
    [
        ("America/St_Johns", SATURDAY, "20:00", "2026-10-10T20:00:00-02:30"),
        ("Europe/London", date(2026, 10, 25), "20:00", "2026-10-25T20:00:00+00:00"),
        ("UTC", SATURDAY, "20:00", "2026-10-10T20:00:00+00:00"),
        ("Australia/Lord_Howe", SATURDAY, "25:30", "2026-10-11T01:30:00+11:00"),
    ],
)
def test_instants_have_the_offset_of_the_event(client, zone, day, start, starts_at):
    event = make_public_event(timezone=zone, date=day)
    make_set(event, start=start, end=None)

    assert bands_of(client, event, "starts_at", "startTime", "date") == [(starts_at, starts_at[11:16], starts_at[:10])]


def test_both_sets_of_a_doubled_hour_keep_their_instants(client):
    event = make_public_event(date=date(2026, 10, 31))
    first, second = (make_set(event, name, None, None) for name in ("First", "Second"))
    half_past_one = wall(event, "25:30")
    lineup.retime_set(second, starts_at=half_past_one + timedelta(hours=1), ends_at=None, **ACTION)
    lineup.retime_set(first, starts_at=half_past_one, ends_at=None, **ACTION)

    assert bands_of(client, event, "name", "startTime", "starts_at") == [
        ("First", "01:30", "2026-11-01T01:30:00-04:00"),
        ("Second", "01:30", "2026-11-01T01:30:00-05:00"),
    ]


def test_sets_that_do_not_take_place_are_kept_and_say_so(client):
    event = make_public_event()
    cancelled = make_set(event, "Cancelled")
    lineup.postpone_set(make_set(event, "Postponed", "21:00", "21:30"), **ACTION)
    lineup.replace_set(cancelled, billing="Open Mic", **ACTION)

    assert bands_of(client, event, "name", "kind", "status", "is_cancelled") == [
        ("Cancelled", "set", "cancelled", 1),
        ("Open Mic", "placeholder", "scheduled", 0),
        ("Postponed", "set", "postponed", 0),
    ]
    assert '"is_cancelled":1' in client.get("/api/schedule").content.decode()


# The id that clients build themselves


@pytest.mark.parametrize(
    ("name", "start_of_id"),
    [
        ("The Harpoonist", "the-harpoonist"),
        ("AC/DC", "ac/dc"),
        ("!!!", "!!!"),
        ("Godspeed You! Black Emperor", "godspeed-you!-black-emperor"),
        ("Two  blanks\tand a tab", "two-blanks-and-a-tab"),
        ("No\u00a0break \u2003 spaces\u3000of\ufeffall kinds", "no-break-spaces-of-all-kinds"),
        (" outer blanks ", "-outer-blanks-"),
        ("next\u0085line", "next\u0085line"),
        ("zero\u200bwidth", "zero\u200bwidth"),
        ("BJÖRK", "björk"),
        ("İstanbul Trio", "i\u0307stanbul-trio"),
        ("IŞIK", "işik"),
        ("ΟΔΟΣ", "οδος"),
        ("STRAẞE", "straße"),
        ("東京事変", "東京事変"),
    ],
)
def test_id_is_made_of_the_name_as_javascript_would_make_it(client, name, start_of_id):
    event = make_public_event()
    performance = make_set(event, None, billing=name)

    assert bands_of(client, event, "id", "name") == [(f"{start_of_id}-{performance.pk}", name)]


def test_id_and_name_are_those_on_the_bill(client):
    event = make_public_event()
    performance = make_set(event, billing="The Harpoonist (Tribute)")

    assert bands_of(client, event, "id", "name", "band_profile_id") == [
        (f"the-harpoonist-(tribute)-{performance.pk}", "The Harpoonist (Tribute)", performance.band_id)
    ]


@pytest.mark.parametrize(
    ("links", "url"),
    [
        ({}, None),
        ({"tiktok": "https://t"}, None),
        ({"spotify": "https://s"}, "https://s"),
        ({"spotify": "https://s", "facebook": "https://f"}, "https://f"),
        ({"spotify": "https://s", "facebook": "https://f", "instagram": "@i"}, "@i"),
        ({"spotify": "https://s", "instagram": "@i", "bandcamp": "https://b"}, "https://b"),
        ({"bandcamp": "https://b", "website": "https://w"}, "https://w"),
        ({"website": "", "bandcamp": None, "instagram": "@i"}, "@i"),
        ({"website": ["https://w"], "bandcamp": 5, "instagram": {"a": 1}, "facebook": "https://f"}, "https://f"),
        (["https://w"], None),
    ],
)
def test_url_is_the_first_link_of_five(client, links, url):
    event = make_public_event()
    make_band("The Harpoonist", social_links=links)
    make_set(event)

    assert bands_of(client, event, "url") == [(url,)]


# Order


def test_bands_are_in_running_order(client):
    event = make_public_event(end_date=SATURDAY + timedelta(days=1))
    sunday = SATURDAY + timedelta(days=1)
    make_venue("Second House", walking_order=2)
    make_venue("Upstairs", parent=make_venue("First House", walking_order=1))
    make_venue("Also Second", walking_order=2)
    for name, start, venue, night in [
        ("Sunday", "19:00", "Second House", sunday),
        ("No Time", None, "Upstairs", SATURDAY),
        ("After Midnight", "24:30", "Upstairs", SATURDAY),
        ("No Venue", "20:00", None, SATURDAY),
        ("Equal Start, Second House", "20:00", "Second House", SATURDAY),
        ("Equal Start, Also Second", "20:00", "Also Second", SATURDAY),
        ("Equal Start, Upstairs", "20:00", "Upstairs", SATURDAY),
    ]:
        make_set(event, name, start, None, venue=venue, night=night)

    assert bands_of(client, event, "name", "venue") == [
        ("Equal Start, Upstairs", "First House (Upstairs)"),
        ("Equal Start, Also Second", "Also Second"),
        ("Equal Start, Second House", "Second House"),
        ("No Venue", "TBD"),
        ("After Midnight", "First House (Upstairs)"),
        ("No Time", "First House (Upstairs)"),
        ("Sunday", "Second House"),
    ]


# Which event


def test_current_is_the_default_and_judged_by_the_night(client, time_machine):
    first, second = make_public_event("First"), make_public_event("Second", date=SATURDAY + timedelta(days=1))
    make_public_event("Far away", timezone="Pacific/Auckland", date=SATURDAY + timedelta(days=2))

    answers = []
    for moment in (wall(first, "29:59"), wall(second, "06:00")):
        time_machine.move_to(moment, tick=False)
        answers.append([client.get(path).json()["event"]["name"] for path in PATHS_TO_CURRENT])

    assert answers == [["First"] * len(PATHS_TO_CURRENT), ["Second"] * len(PATHS_TO_CURRENT)]


PATHS_TO_CURRENT = ["/api/schedule", "/api/schedule/", "/api/schedule?event=current", "/api/schedule?event="]


def test_current_event_stays_when_all_are_over(client, time_machine):
    make_public_event("First")
    make_public_event("Second", date=SATURDAY + timedelta(days=1))
    time_machine.move_to(NOW + timedelta(days=365), tick=False)

    assert ask(client)["event"]["name"] == "Second"


def test_archived_event_stays_at_its_address(client):
    event = make_public_event()
    make_set(event)
    archive_event(event, **ACTION)

    body = ask(client, event.slug)

    assert (body["event"]["status"], len(body["bands"])) == ("archived", 1)


def test_former_address_still_answers(client):
    event = make_public_event(slug="old-name")
    update_event(event, slug="middle-name", **ACTION)
    update_event(event, slug="new-name", **ACTION)

    assert [ask(client, slug)["event"]["slug"] for slug in ("old-name", "middle-name", "new-name")] == ["new-name"] * 3


@pytest.mark.parametrize(
    "slug", ["unknown", "draft-event", "was-public", "Harbour-Street", "\0", "a\0b", "%", "ü", "x" * 5000]
)
def test_unknown_and_hidden_events_are_not_found_alike(client, admin_client, slug):
    make_event(slug="draft-event")
    unpublish_event(make_public_event(slug="was-public"), **ACTION)
    make_public_event(slug="harbour-street")

    for response in (client.get("/api/schedule", {"event": slug}), admin_client.get("/api/schedule", {"event": slug})):
        assert response.status_code == 404
        assert response.content.decode() == compact(NOT_FOUND)
        assert response["Content-Type"] == "application/json"


@pytest.mark.parametrize("path", ["/api/schedule", "/api/schedule?event=current"])
def test_without_a_public_event_nothing_is_current(client, path):
    make_event()

    response = client.get(path)

    assert (response.status_code, response.json()) == (404, NOT_FOUND)


def test_hidden_sets_are_not_in_the_schedule_and_do_not_change_it(client):
    event = make_public_event(reveal_mode=True)
    make_set(event, is_announced=True)
    before = client.get("/api/schedule").content

    make_set(event, "Canary", venue="Canary Hall")
    withdrawn = make_set(event, "Canary Too", venue="Canary Hall")
    lineup.withdraw_set(withdrawn, **ACTION)

    assert client.get("/api/schedule").content == before
    assert b"Canary" not in before


def test_schedule_stays_the_same_when_notes_for_the_crew_are_written(client):
    event = make_public_event()
    performance = make_set(event)
    before = client.get("/api/schedule").content

    lineup.change_set(performance, crew_notes="Two vocals.", **ACTION)

    assert client.get("/api/schedule").content == before


@pytest.mark.parametrize("item_count", [1, 3, 120])
def test_schedule_takes_three_queries(client, django_assert_num_queries, item_count):
    event = make_public_event()
    genre = find_genre("Rock", **MADE)
    for number in range(item_count):
        band = make_band(f"Band {number}", genres=[genre])
        make_set(
            event, band.name, venue=f"Venue {number % 8}", start=f"{12 + number // 10}:{number % 10 * 6:02}", end=None
        )

    with django_assert_num_queries(3):  # the event; its sets with band and venue; the genres of the bands
        by_slug = ask(client, event.slug)
    with django_assert_num_queries(3):
        current = ask(client)

    assert [band["name"] for band in by_slug["bands"]] == [f"Band {number}" for number in range(item_count)]
    assert current == by_slug
