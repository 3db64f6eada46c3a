"""The board's pages: what a night shows, and what the browser sends to try out, save and undo."""

import gzip
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from schedule import arranging, events, lineup, publishing
from schedule.models import Change, Performance, Pick, Plan
from tests.admin_pages import sign_in
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

SUNDAY = SATURDAY + timedelta(days=1)


def address(event, page=""):
    return f"/admin/schedule/event/{event.pk}/board/{page}"


def minute(event, text, night=None):
    return int(wall(event, text, night=night).timestamp()) // 60


@pytest.fixture
def editor(client):
    user = make_user("editor", first_name="Ana")
    sign_in(client, user)
    return user


def data_of(client, event, **query):
    response = client.get(address(event, "data/"), query)
    assert response.status_code == 200, response.content
    return response.json()


# --- The night ---------------------------------------------------------------------------------


def test_board_tells_the_night(client, editor):
    event = make_event(changeover_minutes=10)
    own = make_venue("Net Loft", changeover_minutes=0, walking_order=2)
    performance = make_set(event, "The Harpoonist", "23:55", "24:25")
    placeholder = make_set(event, None, None, None, venue=None, billing="TBA")
    gone = make_set(event, "Moth Choir", venue="Unused Hall")
    lineup.withdraw_set(gone, by=None, now=NOW)
    unused, anchor = make_venue("Unused Hall"), make_venue("Blue Anchor")
    events.set_hours(event, SATURDAY, opens_at=wall(event, "19:00"), curfew_at=wall(event, "24:30"), **MADE)
    events.set_hours(event, SATURDAY, venue=own, curfew_at=wall(event, "23:00"), **MADE)

    response = client.get(address(event))

    event.refresh_from_db()
    assert response.context["board"] == {
        "event": {
            "id": event.pk,
            "name": "Harbour Street Crawl 3",
            "timezone": "America/Toronto",
            "night": "2026-10-10",
            "midnight": minute(event, "00:00"),
            "rollover": "06:00",
            "revision": event.revision,
            "was_public": False,
            "is_archived": False,
            "can_change": True,
            "default_minutes": 30,
            "hour12": True,
            "undo": None,
        },
        "venues": [
            {
                "id": anchor.pk,
                "title": "Blue Anchor",
                "changeover": 10,
                "opens": minute(event, "19:00"),
                "curfew": minute(event, "24:30"),
            },
            {
                "id": own.pk,
                "title": "Net Loft",
                "changeover": 0,
                "opens": minute(event, "19:00"),
                "curfew": minute(event, "23:00"),
            },
        ],
        "all_venues": [{"id": unused.pk, "title": "Unused Hall"}],
        "sets": [
            {
                "id": performance.pk,
                "version": 0,
                "title": "The Harpoonist",
                "band": performance.band_id,
                "kind": "set",
                "venue": anchor.pk,
                "start": minute(event, "23:55"),
                "end": minute(event, "24:25"),
                "status": "scheduled",
                "announced": True,
                "can": ["hide", "cancel", "postpone", "delete"],
                "starts_night": True,
            },
            {
                "id": placeholder.pk,
                "version": 0,
                "title": "TBA",
                "band": None,
                "kind": "placeholder",
                "venue": None,
                "start": None,
                "end": None,
                "status": "scheduled",
                "announced": True,
                "can": ["hide", "cancel", "postpone", "delete"],
                "starts_night": True,
            },
        ],
        "foreign": [],
        "warnings": [],
    }
    assert response.context["nights"] == [
        {
            "night": "2026-10-10",
            "label": "Sat 10 Oct",
            "is_current": True,
            "address": f"{address(event)}?night=2026-10-10",
        }
    ]
    assert data_of(client, event) == {**response.context["board"], "revision": event.revision}


def test_board_lists_rooms_under_their_house(client, editor):
    event = make_event()
    house, other = make_venue("Customs House", walking_order=1), make_venue("Net Loft", walking_order=2)
    room = events.add_venue("Cellar", parent=house, walking_order=9, **MADE)
    for number, venue in enumerate((other, room, house)):
        lineup.move_set(make_set(event, f"Band {number}", venue=None), venue=venue, by=None, now=NOW)

    titles = [venue["title"] for venue in data_of(client, event)["venues"]]

    assert titles == ["Customs House", "Customs House (Cellar)", "Net Loft"]


def test_board_opens_the_next_night_that_has_sets(client, editor, settings):
    event = make_event(date=SATURDAY, end_date=SATURDAY + timedelta(days=2))
    make_set(event, night=SUNDAY)

    assert data_of(client, event)["event"]["night"] == "2026-10-11"
    assert data_of(client, event, night="2026-10-10")["sets"] == []


@pytest.mark.parametrize("night", ["2026-10-09", "2026-10-11", "tonight", "2026-10"])
def test_board_does_not_find_a_night_that_the_event_has_not(client, editor, night):
    event = make_event()

    assert client.get(address(event), {"night": night}).status_code == 404
    assert client.get(address(event, "data/"), {"night": night}).status_code == 404


def test_board_shows_sets_of_other_events_that_share_a_room_or_a_band(client, editor):
    ours, theirs = make_event(), make_event("Label Night")
    make_set(ours)
    there = make_set(theirs, "Moth Choir", "20:15", "20:45")
    make_set(theirs, "The Harpoonist", "22:00", None, venue="Net Loft")
    make_set(theirs, "Dog Ferry", "20:15", venue="Net Loft")  # has nothing to do with us
    make_set(theirs, None, "20:15", billing="TBA")

    data = data_of(client, ours)

    assert data["foreign"] == [
        {
            "title": "Moth Choir",
            "venue": there.venue_id,
            "band": there.band_id,
            "start": minute(ours, "20:15"),
            "end": minute(ours, "20:45"),
        },
        {
            "title": "The Harpoonist",
            "venue": make_venue("Net Loft").pk,
            "band": make_band("The Harpoonist").pk,
            "start": minute(ours, "22:00"),
            "end": None,
        },
    ]
    (set_id,) = (each["id"] for each in data["sets"])
    assert data["warnings"] == [
        {
            "kind": "venue_overlap",
            "set_ids": [set_id],
            "sentence": "The Harpoonist (8:00 PM to 8:30 PM) overlaps "
            "Moth Choir (8:15 PM to 8:45 PM, Label Night) at Blue Anchor.",
        }
    ]


def test_board_keeps_closed_events_closed(client):
    ours, theirs = make_event(), make_event("Label Night")
    make_set(ours)
    make_set(theirs, "Moth Choir", "20:15", "20:45")
    elsewhere = make_set(theirs, "The Harpoonist", "22:00", None, venue="Net Loft")
    sign_in(client, make_user("editor", ours))

    response = client.get(address(ours))

    assert response.context["board"]["foreign"] == [
        {
            "title": "another event",
            "venue": make_venue("Blue Anchor").pk,
            "band": None,
            "start": minute(ours, "20:15"),
            "end": minute(ours, "20:45"),
        },
        {
            "title": "another event",
            "venue": None,
            "band": elsewhere.band_id,
            "start": minute(ours, "22:00"),
            "end": None,
        },
    ]
    assert b"Moth Choir" not in response.content
    assert b"Label Night" not in response.content
    assert client.get(address(theirs)).status_code == 404
    assert client.get(address(theirs, "data/")).status_code == 404


def test_board_tells_no_neighbouring_evening_and_warns_of_a_neighbouring_night(client, editor):
    event = make_event(end_date=SUNDAY)
    make_set(event, "The Harpoonist", "27:00", "28:00")
    make_set(event, "Moth Choir", "03:30", "04:00", night=SUNDAY)
    make_set(event, "Dog Ferry", "20:00", night=SUNDAY, end="21:00")

    data = data_of(client, event, night="2026-10-10")

    assert [each["title"] for each in data["sets"]] == ["The Harpoonist"]
    assert [each["kind"] for each in data["warnings"]] == ["venue_overlap"]


def fill(event, *, venues, sets):
    """A night of so many sets, dealt to so many venues."""
    rooms = [make_venue(f"Venue {number}") for number in range(venues)]
    for number in range(sets):
        start = 18 * 60 + number // venues * 30
        Performance.objects.create(
            event=event,
            night=event.date,
            band=make_band(f"Band number {number}"),
            venue=rooms[number % venues],
            starts_at=wall(event, f"{start // 60}:{start % 60:02}"),
            ends_at=wall(event, f"{start // 60}:{start % 60:02}") + timedelta(minutes=25),
            announced_at=NOW,
            changed_at=NOW,
        )


@pytest.mark.parametrize(("venues", "sets"), [(1, 1), (3, 3), (12, 180)])
def test_board_takes_ten_queries_and_little_room(client, editor, venues, sets):
    event, other = make_event(end_date=SUNDAY), make_event("Label Night", end_date=SUNDAY)
    fill(event, venues=venues, sets=sets)
    make_set(other, "Moth Choir", venue="Venue 0")
    client.get(address(event))

    with CaptureQueriesContext(connection) as queries:
        response = client.get(address(event))

    assert len(response.context["board"]["sets"]) == sets
    assert len(queries) <= 10, [each["sql"] for each in queries]
    assert len(gzip.compress(response.content)) < 150 * 1024


# --- Trying out and saving ---------------------------------------------------------------------


def seen(performance, **wanted):
    """What the board sends about a set, seen as it is in the database now."""
    performance.refresh_from_db()
    return {"id": performance.pk, "version": performance.version, **wanted}


def send(client, event, page, changes, **more):
    body = {"night": "2026-10-10", "changes": changes, **more}
    return client.post(address(event, page), body, content_type="application/json")


def pick(performance):
    plan = Plan.objects.create(event=performance.event, key_hash="a fan's")
    Pick.objects.create(plan=plan, performance=performance)


def place_of(performance):
    performance.refresh_from_db()
    return (str(performance.venue), performance.starts_at, performance.ends_at)


def row_of(client, event, performance):
    return next(each for each in data_of(client, event)["sets"] if each["id"] == performance.pk)


def test_preview_tells_what_would_happen_and_saves_nothing(client, editor):
    event = make_public_event()
    performance = make_set(event, venue="Room 47")
    make_set(event, "Moth Choir", "20:45", "21:15", venue="Prohibition Warehouse")
    other = make_venue("Prohibition Warehouse")
    pick(performance)
    start, end = minute(event, "20:30"), minute(event, "21:00")
    revision = Change.objects.count()

    response = send(client, event, "preview/", [seen(performance, venue=other.pk, start=start, end=end, do="cancel")])

    assert response.json() == {
        "sentences": [
            "The Harpoonist moves from Room 47, 8:00 PM to Prohibition Warehouse, 8:30 PM.",
            "The Harpoonist is cancelled.",
        ],
        "warnings": [],
        "stale": [],
        "told": "Public: 1 of these changes is seen by fans at once. 1 plan holds these sets.",
    }
    assert place_of(performance) == ("Room 47", wall(event, "20:00"), wall(event, "20:30"))
    assert (performance.status, Change.objects.count()) == ("scheduled", revision)


def test_preview_warns_of_the_final_arrangement(client, editor):
    event = make_event()
    one, other = make_set(event), make_set(event, "Moth Choir", "20:30", "21:00")
    places = {"start": minute(event, "20:30"), "end": minute(event, "21:00")}

    response = send(client, event, "preview/", [seen(one, **places)])

    assert response.json() == {
        "sentences": ["The Harpoonist starts at 8:30 PM instead of 8:00 PM."],
        "warnings": [
            {
                "kind": "venue_overlap",
                "set_ids": [one.pk, other.pk],
                "sentence": "The Harpoonist (8:30 PM to 9:00 PM) overlaps Moth Choir (8:30 PM to 9:00 PM) "
                "at Blue Anchor.",
            }
        ],
        "stale": [],
        "told": "Fans see none of this yet.",
    }


def test_save_answers_the_night_as_it_is_now(client, editor):
    event = make_event()
    one, other = make_set(event), make_set(event, "Moth Choir", "20:30", "21:00")
    swapped = [
        seen(one, start=minute(event, "20:30"), end=minute(event, "21:00")),
        seen(other, start=minute(event, "20:00"), end=minute(event, "20:30")),
    ]

    response = send(client, event, "save/", swapped)

    data = data_of(client, event)
    assert response.status_code == 200
    saved = response.json()
    assert saved["sentences"] == ["The Harpoonist and Moth Choir swap places."]
    assert (saved["warnings"], saved["revision"]) == ([], data["revision"])
    assert sorted(saved["sets"], key=lambda each: each["id"]) == sorted(data["sets"], key=lambda each: each["id"])
    assert [each["version"] for each in data["sets"]] == [1, 1]
    assert place_of(one) == ("Blue Anchor", wall(event, "20:30"), wall(event, "21:00"))
    assert place_of(other) == ("Blue Anchor", wall(event, "20:00"), wall(event, "20:30"))


def test_save_of_a_stale_version_says_who_was_quicker_and_saves_nothing(client, editor):
    event = make_event()
    one, other = make_set(event), make_set(event, "Moth Choir", "21:00", "21:30")
    changes = [seen(other, start=None, end=None), seen(one, venue=None)]
    bea = make_user("editor", email="bea@label.example", first_name="Bea")
    lineup.move_set(one, venue=make_venue("Net Loft"), by=bea, now=wall(event, "21:03"))

    response = send(client, event, "save/", changes)

    assert response.status_code == 409
    assert response.json() == {
        "stale": [
            {
                "id": one.pk,
                "title": "The Harpoonist",
                "by": "Bea",
                "at": "9:03 PM",
                "now": row_of(client, event, one),
                "now_sentence": "Net Loft, 8:00 PM to 8:30 PM",
                "yours_sentence": "no venue yet, 8:00 PM to 8:30 PM",
            }
        ]
    }
    assert place_of(other) == ("Blue Anchor", wall(event, "21:00"), wall(event, "21:30"))
    assert send(client, event, "preview/", changes).json()["stale"] == response.json()["stale"]

    shown = response.json()["stale"][0]["now"]["version"]
    lineup.move_set(one, venue=make_venue("Room 47"), by=bea, now=wall(event, "21:04"))
    keeping_mine = [changes[0], {**changes[1], "version": shown}]

    again = send(client, event, "save/", keeping_mine)

    assert (again.status_code, again.json()["stale"][0]["now_sentence"]) == (409, "Room 47, 8:00 PM to 8:30 PM")
    assert place_of(one)[0] == "Room 47"
    keeping_mine[1]["version"] = again.json()["stale"][0]["now"]["version"]
    assert send(client, event, "save/", keeping_mine).status_code == 200
    assert place_of(one) == ("None", wall(event, "20:00"), wall(event, "20:30"))


def test_save_of_a_set_that_was_deleted_meanwhile(client, editor):
    event = make_event()
    one, other = make_set(event), make_set(event, "Moth Choir", "21:00", "21:30")
    changes = [seen(other, venue=None), seen(one, venue=None)]
    bea = make_user("editor", email="bea@label.example", first_name="Bea")
    set_id = one.pk
    lineup.delete_set(one, by=bea, now=wall(event, "21:03"))

    response = send(client, event, "save/", changes)

    assert response.status_code == 409
    assert response.json() == {
        "stale": [
            {
                "id": set_id,
                "title": "The Harpoonist",
                "by": "Bea",
                "at": "9:03 PM",
                "now": None,
                "now_sentence": "It is deleted.",
                "yours_sentence": "",
            }
        ]
    }
    assert place_of(other)[0] == "Blue Anchor"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"start": "20:00", "end": "20:00"}, "Start and end are both 20:00. Correct one, or leave the end empty."),
        ({"start": "21:00"}, "The end is before the start."),
        ({"start": None}, "A set with an end needs a start."),
        (
            {"end": "26:01"},
            "20:00 to 02:01 would be a set of 6 h 01 min. Correct it, or accept long sets.",
        ),
        ({"start": "48:00", "end": None}, "A start on 2026-10-12 does not belong to the night of 2026-10-10."),
        (
            {"do": "delete"},
            "Harbour Street Crawl 3 has been public. Cancel or withdraw The Harpoonist; deleting is for drafts.",
        ),
    ],
)
def test_save_refuses_what_cannot_be_and_names_the_set(client, editor, wanted, message):
    event = make_public_event()
    performance, other = make_set(event), make_set(event, "Moth Choir", "21:00", "21:30")
    wanted = {
        name: minute(event, value) if name != "do" and value is not None else value for name, value in wanted.items()
    }

    for page in ("preview/", "save/"):
        response = send(client, event, page, [seen(other, venue=None), seen(performance, **wanted)])

        assert response.status_code == 400
        assert response.json() == {
            "error": "Bad request",
            "message": message,
            "field": "changes",
            "id": performance.pk,
        }
    assert place_of(other)[0] == "Blue Anchor"


@pytest.mark.parametrize(
    ("end", "accept_long", "status"), [("26:00", False, 200), ("26:01", False, 400), ("26:01", True, 200)]
)
def test_save_accepts_six_hours_and_longer_ones_when_asked(client, editor, end, accept_long, status):
    event = make_event()
    performance = make_set(event)

    response = send(client, event, "save/", [seen(performance, end=minute(event, end), accept_long=accept_long)])

    assert response.status_code == status


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("", ""),
        ("[" * 100_000, ""),
        ("[]", ""),
        ('{"changes": []}', "night"),
        ('{"night": "2026-10-10"}', "changes"),
        ('{"night": "2026-10-10", "changes": [], "extra": 1}', "extra"),
        ('{"night": "2026-10-11", "changes": []}', "night"),
        ('{"night": 7, "changes": []}', "night"),
        ('{"night": "2026-10-10", "changes": {}}', "changes"),
        ('{"night": "2026-10-10", "changes": [7]}', "changes[0]"),
        ('{"night": "2026-10-10", "changes": [{"id": 1}]}', "changes[0].version"),
        ('{"night": "2026-10-10", "changes": [{"id": true, "version": 0}]}', "changes[0].id"),
        ('{"night": "2026-10-10", "changes": [{"id": 99999999999999999999, "version": 0}]}', "changes[0].id"),
        ('{"night": "2026-10-10", "changes": [{"id": 1, "version": -1}]}', "changes[0].version"),
        ('{"night": "2026-10-10", "changes": [{"id": 1, "version": 0, "band": 7}]}', "changes[0].band"),
        ('{"night": "2026-10-10", "changes": [{"id": 1, "version": 0, "venue": 7777}]}', "changes[0].venue"),
        ('{"night": "2026-10-10", "changes": [{"id": 1, "version": 0, "venue": "1"}]}', "changes[0].venue"),
        ('{"night": "2026-10-10", "changes": [{"id": 1, "version": 0, "start": 1.5}]}', "changes[0].start"),
        ('{"night": "2026-10-10", "changes": [{"id": 1, "version": 0, "start": 100000001}]}', "changes[0].start"),
        ('{"night": "2026-10-10", "changes": [{"id": 1, "version": 0, "end": true}]}', "changes[0].end"),
        ('{"night": "2026-10-10", "changes": [{"id": 1, "version": 0, "do": "sing"}]}', "changes[0].do"),
        ('{"night": "2026-10-10", "changes": [{"id": 1, "version": 0, "do": null}]}', "changes[0].do"),
        ('{"night": "2026-10-10", "changes": [{"id": 1, "version": 0, "do": ["cancel"]}]}', "changes[0].do"),
        ('{"night": "2026-10-10", "changes": [{"id": 1, "version": 0, "reason": "\\u0000"}]}', "changes[0].reason"),
        ('{"night": "2026-10-10", "changes": [{"id": 1, "version": 0, "reason": "\\ud800"}]}', "changes[0].reason"),
        ('{"night": "2026-10-10", "changes": [{"id": 1, "version": 0, "accept_long": 1}]}', "changes[0].accept_long"),
        ('{"night": "2026-10-10", "changes": [{"id": 1, "version": 0}, {"id": 1, "version": 0}]}', "changes"),
        ('{"night": "2026-10-10", "changes": [], "overwrite": []}', "overwrite"),
        ('{"night": "2026-10-10", "changes": [{"id": 7777, "version": 0}]}', "changes"),
    ],
)
def test_save_refuses_what_the_board_does_not_send(client, editor, body, field):
    event = make_event()

    for page in ("preview/", "save/"):
        response = client.generic("POST", address(event, page), body, content_type="application/json")

        assert response.status_code == 400
        answer = response.json()
        assert (answer["error"], answer.get("field", "")) == ("Bad request", field)
        assert answer["message"]


def test_save_takes_json_alone(client, editor):
    event = make_event()

    response = client.post(address(event, "save/"), {"night": "2026-10-10", "changes": "[]"})

    assert (response.status_code, response.json()["message"]) == (400, "Send JSON.")


def test_save_refuses_a_set_of_another_event(client, editor):
    event, other = make_event(), make_event("Label Night")
    theirs, ours = make_set(other), make_set(event, "Moth Choir")

    response = send(client, event, "save/", [seen(ours, venue=None), seen(theirs, venue=None)])

    assert (response.status_code, response.json()["message"]) == (400, f"The event has no set {theirs.pk}.")
    assert place_of(theirs)[0] == place_of(ours)[0] == "Blue Anchor"


@pytest.mark.parametrize(("count", "status"), [(200, 200), (201, 400)])
def test_save_takes_two_hundred_changes(client, editor, count, status):
    event = make_event()
    fill(event, venues=4, sets=count)
    sets = list(event.performances.all())
    changes = [{"id": each.pk, "version": 0, "venue": None} for each in sets]

    response = send(client, event, "save/", changes)

    assert response.status_code == status
    assert event.performances.filter(venue=None).count() == (count if status == 200 else 0)


def test_viewer_reads_the_board_and_changes_nothing(client):
    event = make_event()
    performance = make_set(event)
    sign_in(client, make_user("viewer"))

    assert data_of(client, event)["event"]["can_change"] is False
    assert client.get(address(event)).status_code == 200
    assert send(client, event, "preview/", [seen(performance, venue=None)]).status_code == 403
    assert send(client, event, "save/", [seen(performance, venue=None)]).status_code == 403
    assert place_of(performance)[0] == "Blue Anchor"


def test_scoped_editor_does_not_find_other_events(client):
    event, hers = make_event(), make_event("Label Night")
    performance = make_set(event)
    sign_in(client, make_user("editor", hers))

    assert send(client, event, "preview/", [seen(performance, venue=None)]).status_code == 404
    assert send(client, event, "save/", [seen(performance, venue=None)]).status_code == 404
    assert send(client, hers, "save/", [seen(performance, venue=None)]).status_code == 400
    assert place_of(performance)[0] == "Blue Anchor"


def test_archived_event_can_still_be_corrected(client, editor):
    event = make_public_event()
    performance = make_set(event)
    publishing.archive_event(event, by=None, now=NOW)

    assert data_of(client, event)["event"]["is_archived"] is True
    assert send(client, event, "save/", [seen(performance, venue=None)]).status_code == 200
    assert place_of(performance)[0] == "None"


@pytest.mark.parametrize("page", ["preview/", "save/"])
def test_pages_that_act_are_posted_to(client, editor, page):
    assert client.get(address(make_event(), page)).status_code == 405


def test_save_needs_the_token(editor):
    browser = Client(enforce_csrf_checks=True)
    sign_in(browser, editor)

    assert send(browser, make_event(), "save/", []).status_code == 403


def moves_of(performance, room):
    """What is sent to move a set to a room, five minutes later."""
    start = int(performance.starts_at.timestamp()) // 60 + 5
    return {"venue": room.pk, "start": start, "end": start + 20}


ALL_AT_ONCE = {
    "move": {},
    "announce": {"is_announced": False, "announced_at": None, "announce_at": NOW},
    "hide": {},
    "cancel": {},
    "restore": {"status": "cancelled"},
    "postpone": {},
    "withdraw": {},
}


@pytest.mark.parametrize("act", ALL_AT_ONCE)
def test_two_hundred_sets_take_thirty_queries(client, editor, act):
    event = make_public_event(end_date=SUNDAY)
    fill(event, venues=12, sets=200)
    event.performances.update(**ALL_AT_ONCE[act])
    room, states = make_venue("Net Loft"), ("venue", "starts_at", "status", "is_announced")
    before = list(event.performances.order_by("pk").values_list(*states))
    changes = [
        {"id": each.pk, "version": 0, **(moves_of(each, room) if act == "move" else {"do": act, "reason": "Flood."})}
        for each in event.performances.all()
    ]
    client.get(address(event))

    def count(ask, *, most=30):
        with CaptureQueriesContext(connection) as queries:
            response = ask()
        assert response.status_code == 200
        assert len(queries) <= most, [each["sql"][:120] for each in queries]
        return response.json()

    preview = count(lambda: send(client, event, "preview/", changes))
    saved = count(lambda: send(client, event, "save/", changes))

    assert saved["sentences"] == preview["sentences"]
    assert set(event.performances.values_list("version", flat=True)) == {1}
    count(lambda: send_undo(client, event, saved["undo"]["batch"]), most=50)
    assert list(event.performances.order_by("pk").values_list(*states)) == before


@pytest.mark.parametrize(("count", "status"), [(50, 200), (51, 400)])
def test_save_deletes_fifty_sets(client, editor, count, status):
    event = make_event()
    fill(event, venues=4, sets=count)
    changes = [{"id": each.pk, "version": 0, "do": "delete"} for each in event.performances.all()]

    response = send(client, event, "save/", changes)

    assert response.status_code == status
    assert event.performances.count() == (0 if status == 200 else count)
    if status == 400:
        assert response.json()["message"] == "At most 50 sets can be deleted at once. Save some of them first."


# --- Undoing -----------------------------------------------------------------------------------


def send_undo(client, event, batch):
    return client.post(address(event, "undo/"), {"batch": batch}, content_type="application/json")


def test_undo_answers_like_save_and_offers_the_way_on(client, editor):
    event = make_event()
    performance = make_set(event)
    saved = send(client, event, "save/", [seen(performance, venue=None)]).json()
    assert re.fullmatch(r"Saved by Ana, 1 set, \d+:\d\d [AP]M", saved["undo"]["sentence"])
    assert data_of(client, event)["event"]["undo"] == saved["undo"]

    response = send_undo(client, event, saved["undo"]["batch"])

    data, answer = data_of(client, event), response.json()
    assert answer == {
        "revision": data["revision"],
        "sets": data["sets"],
        "warnings": [],
        "sentences": ["The Harpoonist moves from no venue yet to Blue Anchor."],
        "undo": data["event"]["undo"],
    }
    assert answer["undo"]["batch"] != saved["undo"]["batch"]
    assert place_of(performance)[0] == "Blue Anchor"
    assert send_undo(client, event, answer["undo"]["batch"]).status_code == 200
    assert place_of(performance)[0] == "None"


def test_undo_after_a_later_change_says_why_not(client, editor):
    event = make_event()
    performance = make_set(event)
    saved = send(client, event, "save/", [seen(performance, venue=None)]).json()
    bea = make_user("editor", email="bea@label.example", first_name="Bea")
    lineup.change_set(performance, notes="Bring a stool.", by=bea, now=wall(event, "21:03"))

    response = send_undo(client, event, saved["undo"]["batch"])

    message = "The Harpoonist was changed since, by Bea at 9:03 PM. Change back by hand what should be undone."
    assert (response.status_code, response.json()) == (409, {"error": "Conflict", "message": message})
    assert place_of(performance)[0] == "None"


@pytest.mark.parametrize(
    "body", [{}, {"batch": 7}, {"batch": None}, {"batch": "the last"}, {"batch": "x", "night": ""}, []]
)
def test_undo_refuses_what_the_board_does_not_send(client, editor, body):
    response = client.post(address(make_event(), "undo/"), body, content_type="application/json")

    assert (response.status_code, response.json()["error"]) == (400, "Bad request")


def test_undo_is_for_who_may_change(client):
    event, hers = make_event(), make_event("Label Night")
    performance = make_set(event)
    saved = arranging.arrange(event, SATURDAY, [arranging.Wish(performance.pk, 0, {"venue": None})], **MADE)
    viewer, scoped = Client(), Client()
    sign_in(viewer, make_user("viewer"))
    sign_in(scoped, make_user("editor", hers))

    assert send_undo(viewer, event, str(saved.batch)).status_code == 403
    assert send_undo(scoped, event, str(saved.batch)).status_code == 404
    assert data_of(viewer, event)["event"]["undo"] is None
    assert place_of(performance)[0] == "None"


def test_deleting_needs_its_own_permission(client, editor):
    event = make_event()
    performance = make_set(event)
    Group.objects.get(name="editor").permissions.remove(Permission.objects.get(codename="delete_performance"))

    assert send(client, event, "save/", [seen(performance, do="delete")]).status_code == 403
    assert send(client, event, "save/", [seen(performance, do="cancel")]).status_code == 200
    assert event.performances.exists()
