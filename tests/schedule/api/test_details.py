"""GET /api/events/{id}/details, as the predecessor's clients read it."""

from datetime import timedelta

import pytest

from bands.library import find_genre
from schedule.publishing import archive_event, unpublish_event
from tests.factories import MADE, NOW, make_band, make_event, make_public_event, make_set, make_venue
from tests.schedule.api import compact

pytestmark = pytest.mark.django_db

ACTION = {"by": None, "now": NOW + timedelta(hours=1)}


def ask(client, event_id):
    return client.get(f"/api/events/{event_id}/details")


def test_details_are_what_old_clients_read_with_our_additions_behind(client):
    event = make_public_event()
    links = {"website": "https://harpoonist.example"}
    band = make_band("The Harpoonist", origin="Guelph", social_links=links, genres=[find_genre("Blues", **MADE)])
    venue = make_venue(address="5 Quay St")
    performance = make_set(event, start="24:15", end="25:00")
    unknown = make_set(event, None, None, None, venue=None)

    response = ask(client, event.pk)

    event.refresh_from_db()
    expected = {
        "event": {
            "id": event.pk,
            "name": "Harbour Street Crawl 3",
            "slug": "harbour-street-crawl-3",
            "date": "2026-10-10",
            "ticket_url": None,
            "timezone": "America/Toronto",
            "revision": event.public_revision,
            "end_date": None,
            "status": "published",
        },
        "bands": [
            {
                "id": band.pk,
                "name": "The Harpoonist",
                "start_time": "00:15",
                "end_time": "01:00",
                "genre": "Blues",
                "photo_url": None,
                "venue_id": venue.pk,
                "venue_name": "Blue Anchor",
                "performance_id": performance.pk,
                "night": "2026-10-10",
                "starts_at": "2026-10-11T00:15:00-04:00",
                "ends_at": "2026-10-11T01:00:00-04:00",
                "kind": "set",
                "status": "scheduled",
            },
            {
                "id": None,
                "name": "TBA",
                "start_time": None,
                "end_time": None,
                "genre": None,
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
            {"id": venue.pk, "name": "Blue Anchor", "address": "5 Quay St", "band_count": 1},
            {"id": None, "name": None, "address": "", "band_count": 1},
        ],
        "band_count": 2,
        "venue_count": 1,
    }
    assert response.status_code == 200
    assert response.json() == expected
    assert response.content.decode() == compact(expected)
    assert (response["Content-Type"], response["Cache-Control"]) == ("application/json", "public, max-age=60")


def test_details_count_sets_where_the_timeline_counts_bands(client):
    event = make_public_event()
    make_set(event, "Twice", "20:00", "20:30")
    make_set(event, "Twice", "23:00", "23:30")
    make_set(event, "Once", "21:00", "21:30", venue="Moth Club")

    body = ask(client, event.pk).json()

    assert (body["band_count"], body["venue_count"], [venue["band_count"] for venue in body["venues"]]) == (
        3,
        2,
        [2, 1],
    )


def test_details_of_an_event_without_sets(client):
    event = make_public_event()

    body = ask(client, event.pk).json()

    assert (body["bands"], body["venues"], body["band_count"], body["venue_count"]) == ([], [], 0, 0)


def test_details_of_an_archived_event_stay(client):
    event = make_public_event()
    archive_event(event, **ACTION)

    assert ask(client, event.pk).json()["event"]["status"] == "archived"


@pytest.mark.parametrize(
    "event_id", ["abc", "12abc", "1.5", "-1", "+1", "1e3", "٣", "²", "NaN", "null", "%00", "%20", "timeline"]
)
def test_id_that_is_no_number_is_refused(client, event_id):
    response = ask(client, event_id)

    assert response.status_code == 400
    assert response.content == b'{"error":"The event id must be a number."}'
    assert response["Content-Type"] == "application/json"


@pytest.mark.parametrize("event_id", ["0", "999999", str(2**63 - 1), str(2**63), "9" * 5000, "0" * 5000])
def test_unknown_id_is_not_found(client, event_id):
    make_public_event()

    response = ask(client, event_id)

    assert response.status_code == 404
    assert response.content == b'{"error":"No public event has this id."}'
    assert response["Content-Type"] == "application/json"


def test_hidden_events_are_not_found_like_unknown_ones(client, admin_client):
    draft, unpublished = make_event(), make_public_event("Was Public")
    unpublish_event(unpublished, **ACTION)

    answers = {
        ask(somebody, event_id).content
        for somebody in (client, admin_client)
        for event_id in (draft.pk, unpublished.pk, 999999)
    }

    assert answers == {b'{"error":"No public event has this id."}'}


def test_slash_at_the_end_makes_no_difference(client):
    event = make_public_event()

    assert client.get(f"/api/events/{event.pk}/details/").content == ask(client, event.pk).content


@pytest.mark.parametrize("item_count", [1, 3])
def test_details_take_three_queries(client, django_assert_num_queries, item_count):
    event = make_public_event()
    for number in range(item_count):
        make_band(f"Band {number}", genres=[find_genre(f"Genre {number}", **MADE)])
        make_set(event, f"Band {number}", venue=f"Venue {number}")

    with django_assert_num_queries(3):  # the event; its sets with band and venue; the genres of the bands
        body = ask(client, event.pk).json()

    assert body["band_count"] == item_count
