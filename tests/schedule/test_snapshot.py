"""The rows that every output is made from: what they hold, what they keep back, and their order."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from bands.library import find_genre, update_band
from schedule import lineup
from schedule.events import set_doors, update_event
from schedule.models.event import PUBLIC
from schedule.publishing import archive_event, unpublish_event
from schedule.snapshot import COLUMNS, Programme, SetRow, genres_of, set_rows, visible_bands, visible_venues
from tests.factories import (
    MADE,
    NOW,
    SATURDAY,
    make_admin,
    make_band,
    make_public_event,
    make_set,
    make_venue,
    wall,
)

pytestmark = pytest.mark.django_db

ACTION = {"by": None, "now": NOW + timedelta(hours=1)}


def names_of(rows):
    return [row.name for row in rows]


def test_row_holds_the_set_its_band_its_venue_and_its_event():
    event = make_public_event(rollover=time(5))
    links = {"website": "https://harpoonist.example"}
    band = make_band("The Harpoonist", origin_city="Guelph", origin_region="ON", social_links=links)
    house = make_venue("Knitting Factory", walking_order=3)
    room = make_venue(
        "Upstairs",
        parent=house,
        walking_order=2,
        address="5 Quay St",
        city="Waterloo",
        country="Canada",
        latitude=43.5,
        longitude=-80.5,
    )
    performance = make_set(event, venue="Upstairs", billing="The Harpoonist (solo)", notes="Seated.")

    (row,) = set_rows(PUBLIC, event=event)

    assert row == SetRow(
        pk=performance.pk,
        uid=performance.uid,
        night=SATURDAY,
        starts_at=datetime(2026, 10, 11, 0, 0, tzinfo=UTC),
        ends_at=datetime(2026, 10, 11, 0, 30, tzinfo=UTC),
        billing="The Harpoonist (solo)",
        kind="set",
        status="scheduled",
        notes="Seated.",
        sequence=0,
        changed_at=NOW,
        replaces_id=None,
        band_id=band.pk,
        band_name="The Harpoonist",
        band_slug="the-harpoonist",
        band_origin="",
        band_origin_city="Guelph",
        band_origin_region="ON",
        band_links=links,
        band_photo="",
        venue_id=room.pk,
        venue_name="Upstairs",
        venue_house="Knitting Factory",
        venue_slug=room.slug,
        venue_order=2,
        venue_house_order=3,
        venue_latitude=43.5,
        venue_longitude=-80.5,
        venue_address="5 Quay St",
        venue_address_line1="",
        venue_address_line2="",
        venue_city="Waterloo",
        venue_region="",
        venue_postal_code="",
        venue_country="Canada",
        event_id=event.pk,
        event_name="Harbour Street Crawl 3",
        event_slug="harbour-street-crawl-3",
        event_date=SATURDAY,
        event_timezone="America/Toronto",
        event_rollover=time(5),
        times_public=True,
        date_before=None,
    )
    assert len(COLUMNS) == len(SetRow.__slots__)
    assert (row.name, row.venue_title) == ("The Harpoonist (solo)", "Knitting Factory (Upstairs)")
    assert (row.full_address, row.origin) == ("Waterloo, Canada", "Guelph, ON")
    assert (row.local_start.isoformat(), row.local_end.isoformat(), row.minutes) == (
        "2026-10-10T20:00:00-04:00",
        "2026-10-10T20:30:00-04:00",
        30,
    )


def test_row_of_a_slot_of_which_nothing_is_known():
    event = make_public_event()
    make_set(event, None, None, None, venue=None)

    (row,) = set_rows(PUBLIC, event=event)

    assert (row.name, row.kind, row.venue_title, row.full_address, row.origin) == ("TBA", "placeholder", None, "", None)
    assert (row.local_start, row.local_end, row.minutes, row.starts_after_midnight) == (None, None, None, False)


@pytest.mark.parametrize(
    ("fields", "origin"),
    [
        ({}, None),
        ({"origin": "The Valley"}, "The Valley"),
        ({"origin": "The Valley", "origin_city": "Guelph"}, "The Valley"),
        ({"origin_city": "Guelph"}, "Guelph"),
        ({"origin_region": "ON"}, "ON"),
        ({"origin_city": "Guelph", "origin_region": "ON"}, "Guelph, ON"),
    ],
)
def test_origin_is_what_people_say_else_city_and_region(fields, origin):
    event = make_public_event()
    make_band("The Harpoonist", **fields)
    make_set(event)

    assert set_rows(PUBLIC, event=event)[0].origin == origin


@pytest.mark.parametrize(
    ("start", "is_after_midnight"),
    [("23:59", False), ("24:00", True), ("29:30", True), ("36:00", True)],
)
def test_set_starts_after_midnight_when_its_start_is_on_the_next_date(start, is_after_midnight):
    event = make_public_event()
    make_set(event, start=start, end=None)

    assert set_rows(PUBLIC, event=event)[0].starts_after_midnight == is_after_midnight


def test_length_of_a_set_is_true_where_the_clocks_change():
    event = make_public_event(date=date(2026, 10, 31))
    performance = make_set(event, start=None, end=None)
    half_past_one, half_past_two = datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 7, 30, tzinfo=UTC)
    lineup.retime_set(performance, starts_at=half_past_one, ends_at=half_past_two, **ACTION)

    (row,) = set_rows(PUBLIC, event=event)

    assert (f"{row.local_start:%H:%M %Z}", f"{row.local_end:%H:%M %Z}", row.minutes) == ("01:30 EDT", "02:30 EST", 120)


# The gate


def test_times_are_kept_back_until_they_are_public_from_everybody():
    event = make_public_event(times_public=False)
    make_set(event)

    assert [(row.starts_at, row.ends_at) for row in set_rows(PUBLIC, event=event)] == [(None, None)]
    assert [(row.starts_at, row.ends_at) for row in set_rows(make_admin(), event=event)] == [(None, None)]

    update_event(event, times_public=True, **ACTION)

    assert [(row.starts_at, row.ends_at) for row in set_rows(PUBLIC, event=event)] == [
        (wall(event, "20:00"), wall(event, "20:30"))
    ]


def _make_nothing(event):
    return None


def _unpublish(event):
    unpublish_event(event, **ACTION)


def _archive(event):
    archive_event(event, **ACTION)


def _reveal(event):
    update_event(event, reveal_mode=True, **ACTION)


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (_make_nothing, ["Announced", "Cancelled", "Unannounced"]),
        (_unpublish, []),
        (_archive, ["Announced", "Cancelled", "Unannounced"]),
        (_reveal, ["Announced", "Cancelled"]),
    ],
)
def test_rows_bands_and_venues_are_those_that_the_public_may_see(change, seen):
    event = make_public_event()
    sets = {
        name: make_set(event, name, venue=f"{name} Hall", is_announced=name != "Unannounced")
        for name in ("Announced", "Unannounced", "Cancelled", "Withdrawn")
    }
    lineup.cancel_set(sets["Cancelled"], **ACTION)
    lineup.withdraw_set(sets["Withdrawn"], **ACTION)
    make_band("Never Booked")
    make_venue("Never Used Hall")

    change(event)

    assert sorted(names_of(set_rows(PUBLIC))) == seen
    assert sorted(band.name for band in visible_bands(PUBLIC)) == seen
    assert sorted(venue.name for venue in visible_venues(PUBLIC)) == [f"{name} Hall" for name in seen]
    assert sorted(names_of(set_rows(make_admin()))) == ["Announced", "Cancelled", "Unannounced", "Withdrawn"]


def test_house_is_visible_when_a_set_is_in_one_of_its_rooms():
    event = make_public_event()
    house = make_venue("Knitting Factory")
    upstairs, basement = make_venue("Upstairs", parent=house), make_venue("Basement", parent=house)
    make_set(event, venue="Upstairs")
    make_set(event, "Moth Choir", venue="Upstairs")

    assert list(visible_venues(PUBLIC)) == [house, upstairs]
    assert basement not in visible_venues(PUBLIC)


# Order


def test_rows_are_in_order_of_nights_and_instants_with_untimed_ones_last():
    event = make_public_event(end_date=SATURDAY + timedelta(days=1))
    sunday = SATURDAY + timedelta(days=1)
    for name, night, start in [
        ("Sunday Early", sunday, "12:00"),
        ("After Midnight", SATURDAY, "24:10"),
        ("No Time Sunday", sunday, None),
        ("Evening", SATURDAY, "20:00"),
        ("No Time Saturday", SATURDAY, None),
        ("Late", SATURDAY, "23:59"),
        ("Noon", SATURDAY, "12:00"),
        ("Until Morning", SATURDAY, "36:00"),
    ]:
        make_set(event, name, start, None, night=night)

    assert names_of(set_rows(PUBLIC, event=event)) == [
        "Noon",
        "Evening",
        "Late",
        "After Midnight",
        "Until Morning",
        "No Time Saturday",
        "Sunday Early",
        "No Time Sunday",
    ]


def test_sets_that_start_together_are_in_order_of_their_venues_along_the_street():
    event = make_public_event()
    late = make_venue("A Late House", walking_order=9)
    house = make_venue("b house", walking_order=1)
    make_venue("First Room", parent=house, walking_order=2)
    make_venue("A Second Room", parent=house, walking_order=5)
    make_venue("Zzz", walking_order=0)
    make_venue("C House", walking_order=1)
    for number, venue in enumerate(
        [None, late.name, "C House", "A Second Room", "b house", "First Room", "Zzz", "C House"]
    ):
        make_set(event, None, venue=venue, billing=f"{number} {venue}")

    assert names_of(set_rows(PUBLIC, event=event)) == [
        "6 Zzz",
        "4 b house",
        "5 First Room",
        "3 A Second Room",
        "2 C House",
        "7 C House",
        "1 A Late House",
        "0 None",
    ]


def test_order_says_nothing_about_times_and_venues_that_are_not_public_yet():
    event = make_public_event(times_public=False)
    make_set(event, "Charlie", "20:00", "20:30", venue="A")
    make_set(event, "alice", "22:00", "22:30", venue="B")
    make_set(event, "Bob", None, None, venue="C")

    assert names_of(set_rows(PUBLIC, event=event)) == ["alice", "Bob", "Charlie"]


# Reading


@pytest.mark.parametrize("item_count", [1, 3])
def test_rows_and_genres_take_a_query_each(django_assert_num_queries, item_count):
    event = make_public_event()
    for number in range(item_count):
        band = make_band(f"Band {number}", genres=[find_genre(f"Genre {number}", **MADE), find_genre("Rock", **MADE)])
        make_set(event, band.name, venue=f"Venue {number}")

    with django_assert_num_queries(2):
        rows = set_rows(PUBLIC, event=event)
        genres = genres_of(rows)

    assert sorted(genres.values()) == [f"Genre {number}, Rock" for number in range(item_count)]


def test_genres_are_those_of_the_bands_in_the_rows_in_order_of_their_names():
    event = make_public_event()
    band = make_band("The Harpoonist", genres=[find_genre("Soul", **MADE), find_genre("Blues", **MADE)])
    make_band("Not Playing", genres=[find_genre("Metal", **MADE)])
    make_set(event)
    make_set(event, "Without Genre")
    make_set(event, None)

    assert genres_of(set_rows(PUBLIC, event=event)) == {band.pk: "Blues, Soul"}
    assert genres_of([]) == {}


# Programme


def test_programme_has_the_nights_on_which_something_is_listed_and_their_first_doors():
    event = make_public_event(end_date=SATURDAY + timedelta(days=2))
    monday = SATURDAY + timedelta(days=2)
    make_set(event)
    make_set(event, "Moth Choir", night=monday)
    venue = make_venue()
    set_doors(event, SATURDAY, wall(event, "19:00"), **ACTION)
    set_doors(event, SATURDAY, wall(event, "18:30"), venue=venue, **ACTION)
    set_doors(event, SATURDAY + timedelta(days=1), wall(event, "17:00") + timedelta(days=1), **ACTION)

    nights = Programme.load(event, PUBLIC).nights

    assert [(night.night, night.doors_at, names_of(night.rows)) for night in nights] == [
        (SATURDAY, wall(event, "18:30"), ["The Harpoonist"]),
        (monday, None, ["Moth Choir"]),
    ]


@pytest.mark.parametrize("item_count", [1, 3])
def test_programme_takes_two_queries(django_assert_num_queries, item_count):
    event = make_public_event()
    for number in range(item_count):
        make_set(event, f"Band {number}", venue=f"Venue {number}")
    set_doors(event, SATURDAY, wall(event, "19:00"), **ACTION)

    with django_assert_num_queries(2):  # the sets; the doors
        programme = Programme.load(event, PUBLIC)
        nights = programme.nights

    assert [len(night.rows) for night in nights] == [item_count]


def test_replacement_and_replaced_set_know_each_other_while_it_holds():
    event = make_public_event()
    original = make_set(event)
    replacement = lineup.replace_set(original, band=make_band("Moth Choir"), **ACTION)

    programme = Programme.load(event, PUBLIC)
    lineup.cancel_set(replacement, **ACTION)
    both_off = Programme.load(event, PUBLIC)
    lineup.restore_set(original, **ACTION)
    restored = Programme.load(event, PUBLIC)

    def links(programme):
        return (
            {pk: row.name for pk, row in programme.replacements.items()},
            {pk: row.name for pk, row in programme.replaced.items()},
        )

    assert links(programme) == ({original.pk: "Moth Choir"}, {replacement.pk: "The Harpoonist"})
    assert links(both_off) == ({}, {replacement.pk: "The Harpoonist"})
    assert links(restored) == ({}, {})


@pytest.mark.parametrize(
    ("clock", "playing"),
    [
        ("19:59", []),
        ("20:00", ["Opener"]),
        ("20:29", ["Opener"]),
        ("20:30", ["Follower"]),
        ("20:59", ["Follower"]),
        ("21:00", ["Elsewhere", "No End"]),
        ("21:14", ["Elsewhere", "No End"]),
        ("21:15", ["Elsewhere", "After No End"]),
        ("21:30", ["After No End"]),
        ("22:00", ["Alone"]),
        ("22:44", ["Alone"]),
        ("22:45", []),
        ("24:10", ["After Midnight"]),
        ("24:40", []),
    ],
)
def test_playing_is_what_is_on_by_half_open_times(clock, playing):
    event = make_public_event(default_set_minutes=45)
    for name, venue, start, end in [
        ("Opener", "A", "20:00", "20:30"),
        ("Follower", "A", "20:30", "21:00"),
        ("Elsewhere", "B", "21:00", "21:30"),
        ("No End", "C", "21:00", None),
        ("After No End", "C", "21:15", "21:45"),
        ("Alone", "C", "22:00", None),
        ("After Midnight", "A", "24:10", "24:40"),
        ("No Time", "A", None, None),
    ]:
        make_set(event, name, start, end, venue=venue)

    assert names_of(Programme.load(event, PUBLIC).playing_at(wall(event, clock))) == playing


def test_cancelled_set_does_not_end_the_one_before_it():
    event = make_public_event(default_set_minutes=45)
    make_set(event, "No End", "20:00", None)
    lineup.cancel_set(make_set(event, "Cancelled", "20:10", "20:40"), **ACTION)

    assert names_of(Programme.load(event, PUBLIC).playing_at(wall(event, "20:15"))) == ["No End"]


def test_set_without_a_venue_and_an_end_does_not_end_when_another_without_a_venue_begins():
    event = make_public_event()
    make_set(event, "Somewhere", "20:00", None, venue=None)
    make_set(event, "Somewhere Else", "20:10", None, venue=None)

    playing = Programme.load(event, PUBLIC).playing_at(wall(event, "20:15"))

    assert names_of(playing) == ["Somewhere", "Somewhere Else"]


@pytest.mark.parametrize(
    ("clock", "following"),
    [
        ("08:00", []),
        ("08:01", ["First In A"]),
        ("19:59", ["First In A", "First In B"]),
        ("20:00", ["First In B"]),
        ("20:30", ["Second In A", "First In B"]),
        ("21:00", ["Second In A"]),
        ("23:59", ["After Midnight"]),
    ],
)
def test_following_is_the_next_set_in_each_room_in_which_nothing_is_on(clock, following):
    event = make_public_event()
    sets = {
        name: make_set(event, name, start, end, venue=venue)
        for name, venue, start, end in [
            ("First In A", "A", "20:00", "20:30"),
            ("Cancelled In A", "A", "20:45", "21:00"),
            ("Second In A", "A", "21:10", "21:30"),
            ("First In B", "B", "20:50", "21:20"),
            ("After Midnight", "B", "24:10", "24:40"),
        ]
    }
    lineup.cancel_set(sets["Cancelled In A"], **ACTION)

    programme = Programme.load(event, PUBLIC)

    assert names_of(programme.next_at(wall(event, clock))) == following


def test_cancelled_and_postponed_sets_are_neither_playing_nor_following():
    event = make_public_event()
    lineup.cancel_set(make_set(event), **ACTION)
    lineup.postpone_set(make_set(event, "Moth Choir", venue="Moth Club"), **ACTION)

    programme = Programme.load(event, PUBLIC)

    assert len(programme.rows) == 2
    assert programme.playing_at(wall(event, "20:15")) == programme.next_at(wall(event, "19:45")) == []


def test_rows_show_the_name_of_the_band_as_it_is_now_and_the_billing_as_it_was_printed():
    event = make_public_event()
    plain, _ = make_set(event), make_set(event, start="22:00", end="22:30", billing="The Harpoonist (DJ)")
    update_band(plain.band, name="The Harpoonists", **MADE)

    assert names_of(set_rows(PUBLIC)) == ["The Harpoonists", "The Harpoonist (DJ)"]
