"""GET /api/events/timeline, as the predecessor's clients read it."""

from datetime import date, timedelta

import pytest

from bands.library import find_genre
from schedule import lineup
from schedule.publishing import archive_event
from tests.factories import MADE, NOW, SATURDAY, make_band, make_event, make_public_event, make_set, make_venue, wall
from tests.schedule.api import compact

pytestmark = pytest.mark.django_db

ACTION = {"by": None, "now": NOW + timedelta(hours=1)}
TODAY = date(2026, 10, 1)  # of NOW, in Toronto


@pytest.fixture(autouse=True)
def _frozen(time_machine):
    time_machine.move_to(NOW, tick=False)


def ask(client, **query):
    return client.get("/api/events/timeline", query).json()


def names_of(body):
    return {phase: [event["name"] for event in events] for phase, events in body.items()}


def event_of(client, **query):
    (event,) = (event for events in ask(client, **query).values() for event in events)
    return event


def test_timeline_is_what_old_clients_read_with_our_additions_behind(client):
    event = make_public_event(ticket_url="https://tickets.example/hs3")
    links = {"bandcamp": "https://harpoonist.example"}
    band = make_band("The Harpoonist", origin="Guelph, ON", social_links=links, genres=[find_genre("Blues", **MADE)])
    venue = make_venue(address_line1="5 Quay St", city="Waterloo", region="ON", postal_code="N2L 3G1", country="Canada")
    performance = make_set(event, start="22:15", end="23:00")
    unknown = make_set(event, None, None, None, venue=None)

    response = client.get("/api/events/timeline")

    event.refresh_from_db()
    expected = {
        "now": [],
        "upcoming": [
            {
                "id": event.pk,
                "name": "Harbour Street Crawl 3",
                "slug": "harbour-street-crawl-3",
                "date": "2026-10-10",
                "ticket_url": "https://tickets.example/hs3",
                "band_count": 1,
                "venue_count": 1,
                "bands": [
                    {
                        "id": band.pk,
                        "name": "The Harpoonist",
                        "start_time": "22:15",
                        "end_time": "23:00",
                        "url": "https://harpoonist.example",
                        "genre": "Blues",
                        "origin": "Guelph, ON",
                        "photo_url": None,
                        "venue_id": venue.pk,
                        "venue_name": "Blue Anchor",
                        "performance_id": performance.pk,
                        "night": "2026-10-10",
                        "starts_at": "2026-10-10T22:15:00-04:00",
                        "ends_at": "2026-10-10T23:00:00-04:00",
                        "kind": "set",
                        "status": "scheduled",
                    },
                    {
                        "id": None,
                        "name": "TBA",
                        "start_time": None,
                        "end_time": None,
                        "genre": None,
                        "origin": None,
                        "photo_url": None,
                        "venue_id": None,
                        "venue_name": None,
                        "performance_id": unknown.pk,
                        "night": "2026-10-10",
                        "starts_at": None,
                        "ends_at": None,
                        "kind": "placeholder",
                        "status": "scheduled",
                    },
                ],
                "venues": [
                    {
                        "id": venue.pk,
                        "name": "Blue Anchor",
                        "address": "5 Quay St, Waterloo, ON, N2L 3G1 Canada",
                        "band_count": 1,
                    },
                    {"id": None, "name": None, "address": "", "band_count": 1},
                ],
                "timezone": "America/Toronto",
                "revision": event.public_revision,
                "end_date": None,
                "status": "published",
            }
        ],
        "past": [],
    }
    assert response.status_code == 200
    assert response.json() == expected
    assert response.content.decode() == compact(expected)
    assert (response["Content-Type"], response["Cache-Control"]) == ("application/json", "public, max-age=60")


@pytest.mark.parametrize("query", ["", "?now=false&upcoming=false&past=false", "?includeBands=false", "?pastLimit=0"])
def test_timeline_always_has_its_three_keys(client, query):
    assert client.get(f"/api/events/timeline{query}").content == b'{"now":[],"upcoming":[],"past":[]}'


def test_bands_are_absent_when_they_are_not_asked_for(client):
    make_set(make_public_event())

    event = event_of(client, includeBands="false")

    assert list(event) == [
        "id",
        "name",
        "slug",
        "date",
        "ticket_url",
        "band_count",
        "venue_count",
        "venues",
        "timezone",
        "revision",
        "end_date",
        "status",
    ]
    assert (event["band_count"], len(event["venues"])) == (1, 1)


@pytest.mark.parametrize(
    ("links", "url"),
    [
        ({}, "absent"),
        ({"tiktok": "https://t"}, None),
        ({"website": ""}, None),
        ({"facebook": "https://f", "tiktok": "https://t"}, "https://f"),
    ],
)
def test_url_of_a_band_is_absent_without_links_and_null_without_a_known_one(client, links, url):
    make_band("The Harpoonist", social_links=links)
    make_set(make_public_event())

    (band,) = event_of(client)["bands"]

    assert band.get("url", "absent") == url


def test_event_counts_different_bands_and_venues_and_a_venue_counts_sets(client):
    event = make_public_event()
    for band, start, venue in [
        ("Twice", "20:00", "Blue Anchor"),
        ("Twice", "23:00", "Blue Anchor"),
        ("Once", "21:00", "Moth Club"),
        (None, "22:00", "Blue Anchor"),
        ("Somewhere", "22:00", None),
        (None, "24:10", None),
    ]:
        make_set(event, band, start, None, venue=venue)

    body = event_of(client)

    assert (body["band_count"], body["venue_count"]) == (3, 2)
    assert [(venue["name"], venue["band_count"]) for venue in body["venues"]] == [
        ("Blue Anchor", 3),
        ("Moth Club", 1),
        (None, 2),
    ]
    assert [band["name"] for band in body["bands"]] == ["Twice", "Once", "TBA", "Somewhere", "Twice", "TBA"]


def test_room_is_a_venue_named_with_its_house(client):
    room = make_venue("Upstairs", parent=make_venue("Knitting Factory"), address="361 Metropolitan Ave")
    make_set(make_public_event(), venue="Upstairs")

    body = event_of(client)

    assert body["venues"] == [
        {
            "id": room.pk,
            "name": "Knitting Factory (Upstairs)",
            "address": "361 Metropolitan Ave",
            "band_count": 1,
        }
    ]
    assert body["bands"][0]["venue_name"] == "Knitting Factory (Upstairs)"


def test_photo_of_a_band_is_a_whole_address(client):
    make_band("The Harpoonist", photo=f"bands/{'0a' * 16}.jpg")
    make_set(make_public_event())

    assert event_of(client)["bands"][0]["photo_url"] == f"http://testserver/media/bands/{'0a' * 16}.jpg"


def test_hidden_sets_are_not_counted(client):
    event = make_public_event(reveal_mode=True)
    make_set(event, is_announced=True)
    before = client.get("/api/events/timeline").content

    make_set(event, "Canary", venue="Canary Hall")

    assert client.get("/api/events/timeline").content == before


# Which events, where


def test_events_are_now_upcoming_or_past_by_their_own_clocks(client, time_machine):
    toronto = make_public_event("Toronto")
    make_public_event("Vancouver", timezone="America/Vancouver")
    make_public_event("London", timezone="Europe/London")
    make_event("Draft")
    time_machine.move_to(wall(toronto, "30:00"), tick=False)

    assert names_of(ask(client)) == {"now": ["Vancouver"], "upcoming": [], "past": ["London", "Toronto"]}


@pytest.mark.parametrize(
    ("days", "is_upcoming"),
    [(1, True), (29, True), (30, True), (31, False)],
)
def test_upcoming_events_are_those_of_the_next_thirty_days(client, days, is_upcoming):
    make_public_event("Coming", date=TODAY + timedelta(days=days))

    assert names_of(ask(client))["upcoming"] == (["Coming"] if is_upcoming else [])


def test_thirty_days_are_counted_from_the_night_and_to_the_next_night_with_sets(client, time_machine):
    series = make_public_event("Series", date=TODAY - timedelta(days=1), end_date=TODAY + timedelta(days=60))
    make_set(series, night=TODAY + timedelta(days=31))
    other = make_public_event("Other", date=TODAY + timedelta(days=31))

    answers = []
    for clock in ("29:59", "30:00"):
        time_machine.move_to(wall(other, clock, night=TODAY), tick=False)
        answers.append(names_of(ask(client)))

    assert answers == [
        {"now": [], "upcoming": [], "past": []},
        {"now": [], "upcoming": ["Series", "Other"], "past": []},
    ]


def test_at_most_ten_events_are_upcoming_the_next_ones(client):
    for number in range(11, 0, -1):
        make_public_event(f"Event {number}", date=TODAY + timedelta(days=number))

    assert names_of(ask(client))["upcoming"] == [f"Event {number}" for number in range(1, 11)]


def test_past_events_are_latest_first_and_archived_ones_are_among_them(client):
    make_public_event("Older", date=TODAY - timedelta(days=20))
    archive_event(make_public_event("Archived", date=TODAY - timedelta(days=10)), **ACTION)
    make_public_event("Latest", date=TODAY - timedelta(days=5))

    assert names_of(ask(client)) == {"now": [], "upcoming": [], "past": ["Latest", "Archived", "Older"]}


@pytest.mark.parametrize(
    ("query", "switched_off"),
    [
        ({}, []),
        ({"now": "false"}, ["now"]),
        ({"upcoming": "false"}, ["upcoming"]),
        ({"past": "false", "now": "false"}, ["past", "now"]),
        ({"now": "False", "upcoming": "0", "past": ""}, []),
    ],
)
def test_parts_are_left_out_when_they_are_exactly_false(client, query, switched_off):
    make_public_event("Tonight", date=TODAY)
    make_public_event("Coming")
    make_public_event("Past", date=TODAY - timedelta(days=1))
    everything = {"now": ["Tonight"], "upcoming": ["Coming"], "past": ["Past"]}

    assert names_of(ask(client, **query)) == {**everything, **{part: [] for part in switched_off}}


def test_past_limit_is_clamped(client):
    for number in range(12):
        make_public_event(f"Event {number}", date=TODAY - timedelta(days=number + 1))
    limits = ["", "abc", "1e3", "2.5", "٣", "3", "1", "0", "-1", "-99999999999999999999", "100", "101", "9" * 5000]

    answers = {limit: names_of(ask(client, pastLimit=limit))["past"] for limit in limits}

    lengths = {"": 10, "abc": 10, "1e3": 10, "2.5": 10, "٣": 10, "3": 3, "1": 1, "0": 1, "-1": 1}
    lengths |= {"-99999999999999999999": 1, "100": 12, "101": 12, "9" * 5000: 12}
    assert answers == {limit: [f"Event {number}" for number in range(lengths[limit])] for limit in limits}
    assert len(ask(client)["past"]) == 10


def test_set_after_midnight_comes_last_and_keeps_its_clock(client):
    event = make_public_event()
    make_set(event, "Moth Choir", "24:10", "24:40")
    make_set(event, "The Harpoonist", "23:00", "23:30")
    lineup.cancel_set(make_set(event, "Late Fee", "25:00", None), **ACTION)

    bands = event_of(client)["bands"]

    assert [(band["name"], band["start_time"], band["night"], band["status"]) for band in bands] == [
        ("The Harpoonist", "23:00", "2026-10-10", "scheduled"),
        ("Moth Choir", "00:10", "2026-10-10", "scheduled"),
        ("Late Fee", "01:00", "2026-10-10", "cancelled"),
    ]


@pytest.mark.parametrize("item_count", [1, 3])
def test_timeline_takes_three_queries(client, django_assert_num_queries, item_count):
    for number in range(item_count):
        for day in (TODAY - timedelta(days=number + 1), SATURDAY + timedelta(days=number)):
            event = make_public_event(f"Event {day}", date=day)
            make_band(f"Band {number}", genres=[find_genre("Rock", **MADE)])
            for name in (f"Band {number}", "Everywhere"):
                make_set(event, name, venue=f"Venue {number}")

    with django_assert_num_queries(3):  # the events; all their sets; the genres of all their bands
        body = ask(client)
    with django_assert_num_queries(2):
        without_bands = ask(client, includeBands="false")

    assert [len(body[phase]) for phase in ("now", "upcoming", "past")] == [0, item_count, item_count]
    assert {event["band_count"] for event in without_bands["upcoming"]} == {2}
