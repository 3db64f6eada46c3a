"""GET /api/events/public, which other sites read."""

from datetime import date, timedelta

import pytest

from bands.library import find_genre
from schedule import lineup
from schedule.publishing import archive_event
from tests.factories import MADE, NOW, SATURDAY, make_band, make_event, make_public_event, make_set
from tests.schedule.api import compact

pytestmark = pytest.mark.django_db

ACTION = {"by": None, "now": NOW + timedelta(hours=1)}
TODAY = date(2026, 10, 1)  # of NOW, in Toronto


@pytest.fixture(autouse=True)
def _frozen(time_machine):
    time_machine.move_to(NOW, tick=False)


def ask(client, **query):
    return client.get("/api/events/public", query).json()


def names_of(body):
    return [event["name"] for event in body["events"]]


def test_public_events_are_what_old_clients_read_with_our_additions_behind(client):
    event = make_public_event(city="Waterloo")
    past = make_public_event(
        "Harbour Street Crawl 2",
        date=date(2026, 5, 1),
        end_date=date(2026, 5, 2),
        description="Twenty *bands*.",
        ticket_url="https://tickets.example/hs2",
    )
    make_set(event)

    response = client.get("/api/events/public?upcoming=false")

    event.refresh_from_db()
    expected = {
        "events": [
            {
                "id": past.pk,
                "name": "Harbour Street Crawl 2",
                "slug": "harbour-street-crawl-2",
                "date": "2026-05-01",
                "description": "Twenty *bands*.",
                "city": None,
                "ticket_url": "https://tickets.example/hs2",
                "is_upcoming": 0,
                "band_count": 0,
                "venue_count": 0,
                "timezone": "America/Toronto",
                "revision": past.public_revision,
                "end_date": "2026-05-02",
                "status": "published",
            },
            {
                "id": event.pk,
                "name": "Harbour Street Crawl 3",
                "slug": "harbour-street-crawl-3",
                "date": "2026-10-10",
                "description": None,
                "city": "Waterloo",
                "ticket_url": None,
                "is_upcoming": 1,
                "band_count": 1,
                "venue_count": 1,
                "timezone": "America/Toronto",
                "revision": event.public_revision,
                "end_date": None,
                "status": "published",
            },
        ],
        "filters": {"city": "all", "genre": "all", "upcoming": False, "limit": 50},
        "count": 2,
        "generated_at": "2026-10-01T12:00:00.000Z",
    }
    assert response.status_code == 200
    assert response.json() == expected
    assert response.content.decode() == compact(expected)
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "public, max-age=60"
    assert response["Access-Control-Allow-Origin"] == "*"


def test_public_events_without_any(client, time_machine):
    time_machine.move_to(NOW + timedelta(milliseconds=45, microseconds=999), tick=False)

    assert client.get("/api/events/public").content.decode() == compact(
        {
            "events": [],
            "filters": {"city": "all", "genre": "all", "upcoming": True, "limit": 50},
            "count": 0,
            "generated_at": "2026-10-01T12:00:00.045Z",
        }
    )


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["Tonight", "Coming"]),
        ({"upcoming": "true"}, ["Tonight", "Coming"]),
        ({"upcoming": "False"}, ["Tonight", "Coming"]),
        ({"upcoming": ""}, ["Tonight", "Coming"]),
        ({"upcoming": "false"}, ["Past", "Archived", "Tonight", "Coming"]),
    ],
)
def test_past_events_are_there_when_upcoming_is_exactly_false(client, query, names):
    make_public_event("Coming", date=TODAY + timedelta(days=90))
    make_public_event("Tonight", date=TODAY)
    make_public_event("Past", date=TODAY - timedelta(days=2))
    archive_event(make_public_event("Archived", date=TODAY - timedelta(days=1)), **ACTION)
    make_event("Draft", date=TODAY)

    body = ask(client, **query)

    assert names_of(body) == names
    assert [event["is_upcoming"] for event in body["events"]] == [int(name in ("Tonight", "Coming")) for name in names]
    assert (body["count"], body["filters"]["upcoming"]) == (len(names), query.get("upcoming") != "false")


def test_event_that_is_on_counts_as_upcoming_until_its_night_is_over(client, time_machine):
    make_public_event()

    answers = []
    for hours in (33, 34):  # 05:00 and 06:00 on Sunday in Toronto
        time_machine.move_to(NOW.replace(day=10, hour=0) + timedelta(hours=hours), tick=False)
        answers.append([event["is_upcoming"] for event in ask(client, upcoming="false")["events"]])

    assert answers == [[1], [0]]


def test_events_are_in_order_of_their_first_dates(client):
    make_public_event("Second", date=TODAY + timedelta(days=3))
    make_public_event("Third", date=TODAY + timedelta(days=3))
    running = make_public_event("First", date=TODAY - timedelta(days=3), end_date=TODAY + timedelta(days=9))
    make_set(running, night=TODAY + timedelta(days=8))

    assert names_of(ask(client)) == ["First", "Second", "Third"]


def test_limit_is_a_whole_number_from_1_to_100_and_else_50(client):
    for number in range(3):
        make_public_event(f"Event {number}", date=SATURDAY + timedelta(days=number))
    taken = {"": 50, "abc": 50, "1e3": 50, "2.0": 50, " 2": 50, "٣": 50, "-1": 1, "0": 1, "1": 1, "2": 2, "99": 99}
    taken |= {"100": 100, "101": 100, "18446744073709551616": 100, "9" * 5000: 100}

    answers = {limit: ask(client, limit=limit) for limit in taken}

    assert {limit: body["filters"]["limit"] for limit, body in answers.items()} == taken
    for limit, body in answers.items():
        assert names_of(body) == [f"Event {number}" for number in range(min(taken[limit], 3))]
        assert body["count"] == len(body["events"])
    assert ask(client)["filters"]["limit"] == 50


def test_city_is_compared_whole_and_without_case(client):
    make_public_event("In Waterloo", city="Waterloo")
    make_public_event("In Montréal", city="Montréal")
    make_public_event("Nowhere")
    everywhere = ["In Waterloo", "In Montréal", "Nowhere"]
    found = {"all": everywhere, "ALL": everywhere, "": everywhere}
    found |= {"waterloo": ["In Waterloo"], "WATERLOO": ["In Waterloo"], "Water": [], "Kitchener": [], "%": []}
    found |= {"Montréal": ["In Montréal"], "MONTRÉAL": ["In Montréal"], "montreal": [], "\0": []}

    answers = {city: ask(client, city=city) for city in found}

    assert {city: names_of(body) for city, body in answers.items()} == found
    assert [body["filters"]["city"] for body in answers.values()] == [city or "all" for city in answers]


def test_genre_is_that_of_any_of_the_bands_compared_whole_and_without_case(client):
    make_band("The Harpoonist", genres=[find_genre("Blues", **MADE), find_genre("Soul", **MADE)])
    make_band("Björk", genres=[find_genre("Éléctro", **MADE)])
    make_band("Moth Choir", genres=[find_genre("Metal", **MADE)])
    blues = make_public_event("Blues Night", reveal_mode=True)
    make_set(blues, is_announced=True)
    make_set(blues, "Moth Choir")  # not announced, and so not found by its genre
    make_set(make_public_event("Electro Night"), "Björk")
    make_public_event("Empty Night")
    everything = ["Blues Night", "Electro Night", "Empty Night"]
    found = {"all": everything, "All": everything, "": everything, "Metal": [], "Blue": [], "_lues": [], "\0": []}
    found |= {"Blues": ["Blues Night"], "blues": ["Blues Night"], "SOUL": ["Blues Night"]}
    found |= {"éléctro": ["Electro Night"], "ÉLÉCTRO": ["Electro Night"]}

    answers = {genre: ask(client, genre=genre) for genre in found}

    assert {genre: names_of(body) for genre, body in answers.items()} == found
    assert [body["filters"]["genre"] for body in answers.values()] == [genre or "all" for genre in answers]


def test_city_and_genre_hold_together(client):
    make_band("The Harpoonist", genres=[find_genre("Blues", **MADE)])
    for name, city, band in [
        ("Both", "Waterloo", "The Harpoonist"),
        ("City only", "Waterloo", "Moth Choir"),
        ("Genre only", "Guelph", "The Harpoonist"),
    ]:
        make_set(make_public_event(name, city=city), band)

    assert names_of(ask(client, city="waterloo", genre="blues")) == ["Both"]


def test_counts_are_of_different_bands_and_venues_that_are_public(client):
    event = make_public_event(reveal_mode=True)
    for band, start, venue, is_announced in [
        ("Twice", "20:00", "Blue Anchor", True),
        ("Twice", "23:00", "Moth Club", True),
        ("Once", "21:00", "Blue Anchor", True),
        (None, "22:00", None, True),
        ("Hidden", "22:00", "Hidden Hall", False),
    ]:
        make_set(event, band, start, None, venue=venue, is_announced=is_announced)
    lineup.withdraw_set(make_set(event, "Withdrawn", venue="Withdrawn Hall", is_announced=True), **ACTION)

    (body,) = ask(client)["events"]

    assert (body["band_count"], body["venue_count"]) == (2, 2)


def test_genre_does_not_change_the_counts(client):
    make_band("The Harpoonist", genres=[find_genre("Blues", **MADE)])
    event = make_public_event()
    make_set(event)
    make_set(event, "Moth Choir", venue="Moth Club")

    (body,) = ask(client, genre="blues")["events"]

    assert (body["band_count"], body["venue_count"]) == (2, 2)


def test_answer_is_not_sent_again_when_only_the_time_of_asking_moved(client, time_machine):
    event = make_public_event()
    first = client.get("/api/events/public")
    time_machine.move_to(NOW + timedelta(minutes=5), tick=False)

    again = client.get("/api/events/public")
    unchanged = client.get("/api/events/public", headers={"If-None-Match": first["ETag"]})
    make_set(event)
    changed = client.get("/api/events/public", headers={"If-None-Match": first["ETag"]})

    assert (again.json()["generated_at"], again["ETag"]) == ("2026-10-01T12:05:00.000Z", first["ETag"])
    assert first["ETag"].startswith('W/"')
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert (changed.status_code, changed.json()["events"][0]["band_count"]) == (200, 1)


@pytest.mark.parametrize("item_count", [1, 3])
def test_public_events_take_a_query_for_events_and_one_for_counts(client, django_assert_num_queries, item_count):
    make_band("The Harpoonist", genres=[find_genre("Blues", **MADE)])
    for number in range(item_count):
        make_set(make_public_event(f"Event {number}"))

    with django_assert_num_queries(2):
        everything = ask(client)
    with django_assert_num_queries(4):  # beside them, the genres and the events in which one is played
        blues = ask(client, genre="blues")

    assert everything["count"] == blues["count"] == item_count
