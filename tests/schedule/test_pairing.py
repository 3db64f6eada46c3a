"""Which row is which set: the surest first, in running order, and never a set that the file says nothing of."""

from datetime import timedelta

import pytest

from schedule import lineup
from schedule.lineup_files import LineupRow
from schedule.models import Performance
from schedule.pairing import Slot, is_open, pair, who
from tests.factories import NOW, SATURDAY, make_band, make_event, make_set, make_venue, wall

pytestmark = pytest.mark.django_db

FRIDAY = SATURDAY - timedelta(days=1)
Kind = Performance.Kind


def make_weekend():
    return make_event(date=FRIDAY, end_date=SATURDAY)


def slot_of(event, band, start="20:00", *, venue="Blue Anchor", night=SATURDAY, kind=Kind.SET):
    """A row understood; without a kind of its own it is a set of the band."""
    return Slot(
        row=LineupRow(label="row 2", band=band),
        night=night,
        starts_at=wall(event, start, night=night) if start else None,
        ends_at=None,
        venue=make_venue(venue) if venue else None,
        band=make_band(band) if kind == Kind.SET else None,
        kind=kind,
        billing="" if kind == Kind.SET else band,
    )


def make_tba(event, start="22:30", **fields):
    return make_set(event, None, start, None, billing="TBA", kind=Kind.PLACEHOLDER, **fields)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"start": "20:15"},
        {"start": None},
        {"venue": "Fish Market Hall"},
        {"venue": None},
        {"start": "22:00", "venue": "Fish Market Hall"},
        {"night": FRIDAY},
        {"night": FRIDAY, "start": "18:00", "venue": "Fish Market Hall"},
    ],
)
def test_pair_finds_the_only_set_of_a_band_wherever_it_went(changed):
    event = make_weekend()
    performance = make_set(event, night=SATURDAY)

    assert pair([slot_of(event, "The Harpoonist", **changed)], [performance]) == {0: performance}


def test_pair_leaves_what_is_new():
    event = make_weekend()
    performance = make_set(event, night=SATURDAY)

    assert pair([slot_of(event, "AAWKS"), slot_of(event, "TBA", kind=Kind.PLACEHOLDER)], [performance]) == {}


def test_pair_prefers_the_surest_to_the_first():
    event = make_weekend()
    friday = make_set(event, start="18:00", end=None, night=FRIDAY)
    early = make_set(event, start="18:00", end=None, night=SATURDAY)
    elsewhere = make_set(event, start="20:00", end=None, venue="Fish Market Hall", night=SATURDAY)
    late = make_set(event, start="23:00", end=None, night=SATURDAY)
    slots = [
        slot_of(event, "The Harpoonist", "23:30"),  # late, re-timed
        slot_of(event, "The Harpoonist", "20:00"),  # was elsewhere, moved
        slot_of(event, "The Harpoonist", "18:00"),  # early, the same
        slot_of(event, "The Harpoonist", "18:30", night=FRIDAY),  # re-timed
    ]

    assert pair(slots, [friday, early, elsewhere, late]) == {0: late, 1: elsewhere, 2: early, 3: friday}


def test_pair_prefers_the_same_venue_to_the_running_order():
    event = make_event()
    here, there = make_tba(event, "20:00"), make_tba(event, "21:00", venue="Fish Market Hall")
    slot = slot_of(event, "TBA", "20:30", venue="Fish Market Hall", kind=Kind.PLACEHOLDER)

    assert pair([slot], [here, there]) == {0: there}


def test_pair_prefers_the_same_night_to_the_running_order():
    event = make_weekend()
    friday, saturday = make_set(event, night=FRIDAY), make_set(event, night=SATURDAY)
    slot = slot_of(event, "The Harpoonist", "22:00", venue="Fish Market Hall")

    assert pair([slot, slot_of(event, "AAWKS", night=FRIDAY)], [friday, saturday]) == {0: saturday}


def test_pair_finds_an_open_slot_that_moved_and_was_timed_anew():
    event = make_event()
    slot = make_tba(event)

    assert pair([slot_of(event, "TBA", "23:00", venue="The Cave", kind=Kind.PLACEHOLDER)], [slot]) == {0: slot}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_pair_takes_equals_in_running_order_however_the_file_is_sorted(order):
    event = make_event()
    sets = [make_tba(event, start) for start in ("20:00", "21:00", "22:00")]
    slots = [slot_of(event, "TBA", start, kind=Kind.PLACEHOLDER) for start in ("20:10", "21:10", "22:10")]

    pairs = pair([slots[position] for position in order], [sets[position] for position in order])

    assert {order[position]: performance for position, performance in pairs.items()} == dict(enumerate(sets))


def test_pair_gives_a_set_to_one_row_only():
    event = make_event()
    performance = make_set(event, start="20:00")
    slots = [slot_of(event, "The Harpoonist", "20:30"), slot_of(event, "The Harpoonist", "20:00")]

    assert pair(slots, [performance]) == {1: performance}


def test_pair_compares_billings_whatever_their_capitals():
    event = make_event()
    disco = make_set(event, None, "23:00", None, billing="Silent Disco", kind=Kind.ACTIVITY)

    assert pair([slot_of(event, "SILENT  disco", "23:00", kind=Kind.ACTIVITY)], [disco]) == {0: disco}
    assert pair([slot_of(event, "Karaoke", "23:00", kind=Kind.ACTIVITY)], [disco]) == {}


def test_pair_does_not_take_slots_without_a_band_to_another_night():
    event = make_weekend()
    yoga = make_set(event, None, "09:00", None, billing="Yoga", kind=Kind.ACTIVITY, night=FRIDAY)
    make_set(event, night=FRIDAY)

    assert pair([slot_of(event, "Yoga", "09:00", kind=Kind.ACTIVITY)], [yoga]) == {}


# Another night


def test_pair_takes_no_set_from_a_night_that_the_file_does_not_list():
    event = make_weekend()
    friday = make_set(event, night=FRIDAY)
    other = make_set(event, "AAWKS", night=FRIDAY, start="22:00", end=None)

    assert pair([slot_of(event, "The Harpoonist")], [friday, other]) == {}


def test_pair_takes_a_set_from_a_night_that_the_file_lists():
    event = make_weekend()
    friday = make_set(event, night=FRIDAY)
    other = make_set(event, "AAWKS", night=FRIDAY, start="22:00", end=None)
    slots = [slot_of(event, "The Harpoonist"), slot_of(event, "AAWKS", "22:00", night=FRIDAY)]

    assert pair(slots, [friday, other]) == {0: friday, 1: other}


def test_pair_takes_all_sets_of_a_night_that_moves_as_a_whole():
    event = make_weekend()
    friday = make_set(event, night=FRIDAY)
    other = make_set(event, "AAWKS", night=FRIDAY, start="22:00", end=None)
    slots = [slot_of(event, "The Harpoonist"), slot_of(event, "AAWKS", "22:00")]

    assert pair(slots, [friday, other]) == {0: friday, 1: other}


# Open slots


def test_pair_takes_a_band_for_the_open_slot_at_its_place_and_time():
    event = make_event()
    slot = make_tba(event)

    assert pair([slot_of(event, "Pup", "22:30")], [slot]) == {0: slot}


@pytest.mark.parametrize(
    "where", [{"start": "22:35"}, {"venue": "Fish Market Hall"}, {"night": FRIDAY}, {"start": None}]
)
def test_pair_does_not_take_a_band_for_an_open_slot_elsewhere(where):
    event = make_weekend()
    slot = make_tba(event, night=SATURDAY)

    assert pair([slot_of(event, "Pup", **{"start": "22:30", **where})], [slot]) == {}


def test_pair_does_not_take_a_band_for_an_open_slot_without_a_time_or_an_activity():
    event = make_event()
    untimed = make_tba(event, None)
    yoga = make_set(event, None, "22:30", None, billing="Yoga", kind=Kind.ACTIVITY)

    assert pair([slot_of(event, "Pup", None), slot_of(event, "AAWKS", "22:30")], [untimed, yoga]) == {}


def test_pair_keeps_an_open_slot_that_is_still_in_the_file():
    event = make_event()
    slot = make_tba(event)
    slots = [slot_of(event, "Pup", "22:30"), slot_of(event, "TBA", "22:30", kind=Kind.PLACEHOLDER)]

    assert pair(slots, [slot]) == {1: slot}


def test_pair_reveals_each_of_two_open_slots_at_one_place_once():
    event = make_event()
    one, other = make_tba(event), make_tba(event)
    slots = [slot_of(event, "Pup", "22:30"), slot_of(event, "AAWKS", "22:30"), slot_of(event, "Goo", "22:30")]

    assert pair(slots, [one, other]) == {0: one, 1: other}


# Withdrawn sets


def test_pair_finds_a_withdrawn_set_where_nothing_is_different():
    event = make_event()
    performance = make_set(event)
    lineup.withdraw_set(performance, by=None, now=NOW)
    performance.refresh_from_db()

    assert pair([slot_of(event, "The Harpoonist")], [performance]) == {0: performance}
    assert pair([slot_of(event, "The Harpoonist", "20:15")], [performance]) == {}


def test_pair_prefers_a_standing_set_to_a_withdrawn_one():
    event = make_event()
    withdrawn = make_set(event)
    lineup.withdraw_set(withdrawn, by=None, now=NOW)
    withdrawn.refresh_from_db()
    standing = make_set(event, start="21:00", end=None)

    assert pair([slot_of(event, "The Harpoonist")], [withdrawn, standing]) == {0: standing}


# Who


def test_who_is_the_band_else_the_billing():
    event = make_event()
    performance = make_set(event, billing="The Harpoonist (DJ)")

    assert who(performance) == who(slot_of(event, "The Harpoonist")) == ("band", performance.band.pk)
    assert who(make_tba(event)) == who(slot_of(event, " tba", kind=Kind.PLACEHOLDER)) == ("slot", "tba")


def test_is_open_is_said_of_placeholders_only():
    event = make_event()

    assert [is_open(slot_of(event, "X", kind=kind)) for kind in Kind] == [False, True, False]
