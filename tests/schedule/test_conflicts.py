"""Overlaps: what counts, what never counts, and one warning for one cause."""

from datetime import timedelta

import pytest

from schedule import conflicts, events, lineup
from schedule.night_board import clock_in
from tests.factories import MADE, NOW, SATURDAY, make_event, make_set, make_user, make_venue, wall

pytestmark = pytest.mark.django_db

SUNDAY = SATURDAY + timedelta(days=1)


def found_in(event):
    """Kind, cause and others by name."""
    return [
        (conflict.kind.value, conflict.cause.title, [other.title for other in conflict.others])
        for conflict in conflicts.find(event)
    ]


@pytest.mark.parametrize(
    ("start", "end", "overlaps"),
    [
        ("20:30", "21:00", False),  # touching
        ("20:29", "21:00", True),
        ("19:30", "20:00", False),
        ("19:30", "20:01", True),
        ("20:10", "20:20", True),  # inside
        ("19:00", "22:00", True),  # around
        ("20:00", "20:30", True),  # the same
    ],
)
def test_find_sees_overlaps_in_one_venue_half_open(start, end, overlaps):
    event = make_event()
    make_set(event, "The Harpoonist", "20:00", "20:30")
    make_set(event, "Moth Choir", start, end)

    assert bool(conflicts.find(event)) == overlaps


def test_find_says_it_in_a_sentence():
    event = make_event()
    make_set(event, "The Harpoonist", "23:30", "24:15")
    make_set(event, "Moth Choir", "24:00", "24:30")

    assert [conflict.message for conflict in conflicts.find(event)] == [
        "The Harpoonist (2026-10-10 23:30 to 00:15) overlaps Moth Choir (2026-10-10 00:00 to 00:30) at Blue Anchor."
    ]


def test_find_ignores_other_venues_and_rooms_of_one_house():
    event = make_event()
    house = make_venue("Customs House")
    cellar = events.add_venue("Cellar", parent=house, **MADE)
    make_set(event, "The Harpoonist")
    make_set(event, "Moth Choir", venue="Net Loft")
    make_set(event, "Dog Ferry", venue="Customs House")
    lineup.move_set(make_set(event, "mxdnght", venue=None), venue=cellar, by=None, now=NOW)

    assert conflicts.find(event) == []


@pytest.mark.parametrize(
    "hide", [lineup.cancel_set, lineup.postpone_set, lineup.withdraw_set], ids=["cancelled", "postponed", "withdrawn"]
)
def test_find_ignores_sets_that_do_not_take_place(hide):
    event = make_event()
    make_set(event, "The Harpoonist")
    other = make_set(event, "Moth Choir")
    assert len(conflicts.find(event)) == 1

    hide(other, by=None, now=NOW)

    assert conflicts.find(event) == []


def test_find_ignores_placeholders_and_sees_activities():
    event = make_event()
    make_set(event, "The Harpoonist")
    make_set(event, None, billing="TBC")
    make_set(event, None, billing="TBC", start="20:10")
    assert conflicts.find(event) == []

    make_set(event, None, billing="Silent Disco", kind="activity", start="20:10", end="21:00")

    assert found_in(event) == [("venue_overlap", "Silent Disco", ["The Harpoonist"])]


def test_find_gives_one_warning_for_one_cause():
    """One slip, a set of seven hours, swallows three others."""
    event = make_event()
    make_set(event, "Jan Reed", "19:00", "26:00", accept_long=True)
    for band, start, end in (
        ("Tom", "23:00", "23:40"),
        ("Alicia", "20:00", "20:40"),
        ("No Mountain", "22:00", "22:40"),
    ):
        make_set(event, band, start, end)

    assert found_in(event) == [("venue_overlap", "Jan Reed", ["Alicia", "No Mountain", "Tom"])]


def test_find_sees_other_events_at_the_same_venue_and_says_which():
    ours, theirs = make_event(), make_event("Label Night")
    make_set(ours, "The Harpoonist", "20:00", "21:00")
    make_set(theirs, "Moth Choir", "20:30", "21:30")

    expected = (
        "The Harpoonist (2026-10-10 20:00 to 21:00) overlaps "
        "Moth Choir (2026-10-10 20:30 to 21:30, Label Night) at Blue Anchor."
    )
    assert [conflict.message for conflict in conflicts.find(ours)] == [expected]
    assert found_in(theirs) == [("venue_overlap", "Moth Choir", ["The Harpoonist"])]


def messages_for(reader, event):
    return [conflict.message for conflict in conflicts.find(event, reader=reader)]


def test_find_tells_a_scoped_reader_of_another_event_without_naming_it():
    ours, theirs = make_event(), make_event("Secret Night", timezone="America/Vancouver")
    make_set(ours, "The Harpoonist", "20:00", "21:00")
    for start, end in (("17:10", "17:30"), ("17:40", "17:50")):  # three hours ahead
        make_set(theirs, "Moth Choir", start, end, billing="Secret Guests")
    scoped, editor = make_user("editor", ours), make_user("editor", email="all@label.example")

    assert messages_for(scoped, ours) == [
        "The Harpoonist (2026-10-10 20:00 to 21:00) overlaps another event at Blue Anchor."
    ]
    assert messages_for(editor, ours) == messages_for(None, ours)
    assert "Secret Guests (2026-10-10 20:10 to 20:30, Secret Night)" in messages_for(editor, ours)[0]


def test_find_tells_a_scoped_reader_of_a_cause_in_another_event_without_naming_it():
    ours, theirs = make_event(), make_event("Secret Night", timezone="America/Vancouver")
    make_set(ours, "The Harpoonist", "20:00", "20:30")
    make_set(ours, "Dog Ferry", "20:30", "21:00")
    make_set(theirs, "Moth Choir", "17:00", "18:00")

    assert messages_for(make_user("editor", ours), ours) == [
        "Another event overlaps The Harpoonist (2026-10-10 20:00 to 20:30, Harbour Street Crawl 3), "
        "Dog Ferry (2026-10-10 20:30 to 21:00, Harbour Street Crawl 3) at Blue Anchor."
    ]


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (1, "The Harpoonist (2026-10-10 20:00 to 20:30) at Blue Anchor, another event."),
        (
            2,
            "another event, The Harpoonist (2026-10-10 20:00 to 20:30, at Blue Anchor, Harbour Street Crawl 3), "
            "The Harpoonist (2026-10-10 20:30 to 21:00, at Blue Anchor, Harbour Street Crawl 3).",
        ),
    ],
    ids=["cause is ours", "cause is theirs"],
)
def test_find_does_not_tell_a_scoped_reader_where_else_a_band_plays(sets, message):
    ours, theirs = make_event(), make_event("Secret Night")
    for start, end in (("20:00", "20:30"), ("20:30", "21:00"))[:sets]:
        make_set(ours, "The Harpoonist", start, end)
    make_set(theirs, "The Harpoonist", "20:00", "21:00", venue="Secret Loft")

    assert messages_for(make_user("editor", ours), ours) == [f"The Harpoonist plays twice at once: {message}"]


def test_find_names_events_that_are_open_to_a_scoped_reader():
    ours, theirs, hidden = make_event(), make_event("Label Night"), make_event("Secret Night")
    make_set(ours, "The Harpoonist", "20:00", "21:00")
    make_set(theirs, "Moth Choir", "20:00", "20:30")
    make_set(hidden, "Dog Ferry", "20:30", "21:00")

    assert messages_for(make_user("editor", ours, theirs), ours) == [
        "The Harpoonist (2026-10-10 20:00 to 21:00) overlaps "
        "Moth Choir (2026-10-10 20:00 to 20:30, Label Night), another event at Blue Anchor."
    ]


def test_find_does_not_report_overlaps_between_two_other_events():
    ours, theirs, third = make_event(), make_event("Label Night"), make_event("Third Night")
    make_set(ours, "The Harpoonist", "18:00", "18:30")
    make_set(theirs, "Moth Choir")
    make_set(third, "Dog Ferry")

    assert conflicts.find(ours) == []


def test_find_sees_a_band_that_plays_twice_at_once():
    event = make_event()
    make_set(event, "The Harpoonist", "20:00", "20:30", venue="Blue Anchor")
    make_set(event, "The Harpoonist", "20:15", "20:45", venue="Net Loft")

    assert [conflict.message for conflict in conflicts.find(event)] == [
        "The Harpoonist plays twice at once: The Harpoonist (2026-10-10 20:00 to 20:30) at Blue Anchor, "
        "The Harpoonist (2026-10-10 20:15 to 20:45, at Net Loft)."
    ]


@pytest.mark.parametrize(
    ("second_venue", "place"), [(None, "venue open"), ("Net Loft", "at Net Loft")], ids=["both open", "one open"]
)
def test_find_sees_a_band_that_plays_twice_at_once_while_venues_are_open(second_venue, place):
    event = make_event()
    make_set(event, "The Harpoonist", "20:00", "20:30", venue=None)
    make_set(event, "The Harpoonist", "20:15", "20:45", venue=second_venue)

    assert [conflict.message for conflict in conflicts.find(event)] == [
        "The Harpoonist plays twice at once: The Harpoonist (2026-10-10 20:00 to 20:30) venue open, "
        f"The Harpoonist (2026-10-10 20:15 to 20:45, {place})."
    ]


def test_find_lets_a_band_play_twice_in_one_night():
    event = make_event()
    make_set(event, "The Harpoonist", "18:00", "18:30")
    make_set(event, "The Harpoonist", "18:30", "19:00", venue="Net Loft")

    assert conflicts.find(event) == []


def test_find_counts_the_same_band_in_the_same_venue_once():
    event = make_event()
    make_set(event, "The Harpoonist", "20:00", "20:30")
    make_set(event, "The Harpoonist", "20:15", "20:45")

    assert found_in(event) == [("venue_overlap", "The Harpoonist", ["The Harpoonist"])]


@pytest.mark.parametrize(("next_start", "overlaps"), [("20:29", False), ("20:40", False), ("20:10", False)])
def test_find_takes_an_open_end_to_last_until_the_next_set_of_the_room(next_start, overlaps):
    event = make_event()
    make_set(event, "The Harpoonist", "20:00", None)
    make_set(event, "Moth Choir", next_start, "21:00")

    assert bool(conflicts.find(event)) == overlaps


@pytest.mark.parametrize(("start_elsewhere", "overlaps"), [("20:29", True), ("20:30", False)])
def test_find_takes_an_open_end_to_last_at_most_the_default_length(start_elsewhere, overlaps):
    event = make_event(default_set_minutes=30)
    make_set(event, "The Harpoonist", "20:00", None)
    make_set(event, "The Harpoonist", start_elsewhere, "21:00", venue="Net Loft")

    assert bool(conflicts.find(event)) == overlaps


def test_find_ignores_sets_without_a_start():
    event = make_event()
    make_set(event, "The Harpoonist", None, None)
    make_set(event, "Moth Choir")

    assert conflicts.find(event) == []


def test_find_sees_overlaps_across_midnight_and_between_nights():
    event = make_event(end_date=SUNDAY)
    make_set(event, "The Harpoonist", "23:30", "24:30", night=SATURDAY)
    make_set(event, "Moth Choir", "24:15", "24:45", night=SATURDAY)
    make_set(event, "Dog Ferry", "00:20", "00:50", night=SUNDAY)

    assert found_in(event) == [
        ("venue_overlap", "The Harpoonist", ["Moth Choir", "Dog Ferry"]),
        ("venue_overlap", "Moth Choir", ["Dog Ferry"]),
    ]


def test_find_for_a_set_gives_the_conflicts_it_has_a_part_in():
    event = make_event()
    first, second = make_set(event, "The Harpoonist"), make_set(event, "Moth Choir")
    third = make_set(event, "Dog Ferry", venue="Net Loft")

    assert [len(conflicts.find_for(performance)) for performance in (first, second, third)] == [1, 1, 0]


@pytest.mark.parametrize("set_count", [1, 3, 30])
def test_find_takes_three_queries(django_assert_num_queries, set_count):
    event = make_event()
    for number in range(set_count):
        make_set(event, f"Band {number}", "20:00", "20:30")

    with django_assert_num_queries(3):  # the event's sets; its hours; other events' sets
        conflicts.find(event)


def test_find_for_a_scoped_reader_takes_one_query_more(django_assert_num_queries):
    ours, theirs = make_event(), make_event("Label Night")
    for number in range(3):
        make_set(ours, f"Ours {number}")
        make_set(theirs, f"Theirs {number}")
    scoped = make_user("editor", ours)

    with django_assert_num_queries(4):
        assert "Label Night" not in "".join(messages_for(scoped, ours))


# --- Changeover --------------------------------------------------------------------------------


def warnings_of(event, kind):
    return [conflict.message for conflict in conflicts.find(event) if conflict.kind == kind]


@pytest.mark.parametrize(
    ("start", "is_short"),
    [("20:30", True), ("20:39", True), ("20:40", False), ("20:29", False)],  # the last one overlaps
)
def test_changeover_needs_its_minutes(start, is_short):
    event = make_event(changeover_minutes=10)
    make_set(event, "The Harpoonist", "20:00", "20:30")
    make_set(event, "Moth Choir", start, "21:00")

    expected = (
        "Blue Anchor needs 10 minutes between The Harpoonist (2026-10-10 20:00 to 20:30) "
        f"and Moth Choir (2026-10-10 {start} to 21:00)."
    )
    assert warnings_of(event, "changeover") == ([expected] if is_short else [])


@pytest.mark.parametrize(
    ("of_event", "of_venue", "is_short"),
    [(0, None, False), (10, None, True), (10, 0, False), (0, 10, True), (10, 5, False), (5, 6, True)],
)
def test_changeover_is_the_venues_own_else_the_events(of_event, of_venue, is_short):
    event = make_event(changeover_minutes=of_event)
    make_venue("Blue Anchor", changeover_minutes=of_venue)
    make_set(event, "The Harpoonist", "20:00", "20:30")
    make_set(event, "Moth Choir", "20:35", "21:00")

    assert bool(warnings_of(event, "changeover")) == is_short


def test_changeover_is_between_sets_that_take_place_in_one_room():
    event = make_event(changeover_minutes=10)
    make_set(event, "The Harpoonist", "20:00", "20:30")
    make_set(event, None, "20:30", "20:45", billing="TBA")
    make_set(event, "Moth Choir", "20:30", "21:00", venue="Net Loft")
    make_set(event, "Dog Ferry", "20:30", "20:45", venue=None)
    lineup.cancel_set(make_set(event, "mxdnght", "20:35", "20:45"), by=None, now=NOW)

    assert conflicts.find(event) == []


def test_activity_needs_no_changeover_before_it_and_one_after_it():
    event = make_event(changeover_minutes=10)
    make_set(event, "The Harpoonist", "20:00", "20:30")
    make_set(event, None, "20:30", "21:00", billing="Silent Disco", kind="activity")
    assert conflicts.find(event) == []

    make_set(event, "Moth Choir", "21:05", "21:30")

    assert warnings_of(event, "changeover") == [
        "Blue Anchor needs 10 minutes between Silent Disco (2026-10-10 20:30 to 21:00) "
        "and Moth Choir (2026-10-10 21:05 to 21:30)."
    ]


def test_changeover_is_not_asked_after_an_end_that_is_open():
    event = make_event(changeover_minutes=10)
    make_set(event, "The Harpoonist", "20:00", None)
    make_set(event, "Moth Choir", "20:25", "21:00")

    assert conflicts.find(event) == []


def test_changeover_counts_from_the_set_that_ends_last():
    event = make_event(changeover_minutes=10)
    make_set(event, "The Harpoonist", "20:00", "21:00")
    make_set(event, "Moth Choir", "20:10", "20:20")  # overlaps
    make_set(event, "Dog Ferry", "21:05", "21:30")

    (message,) = warnings_of(event, "changeover")
    assert "between The Harpoonist" in message


def test_changeover_to_another_event_names_it_only_to_whom_it_is_open():
    ours, theirs = make_event(changeover_minutes=10), make_event("Label Night")
    make_set(theirs, "Moth Choir", "19:30", "19:55")
    make_set(ours, "The Harpoonist", "20:00", "20:30")
    scoped = make_user("editor", ours)

    assert messages_for(None, ours) == [
        "Blue Anchor needs 10 minutes between Moth Choir (2026-10-10 19:30 to 19:55, Label Night) "
        "and The Harpoonist (2026-10-10 20:00 to 20:30)."
    ]
    assert messages_for(scoped, ours) == [
        "Blue Anchor needs 10 minutes between another event and The Harpoonist (2026-10-10 20:00 to 20:30)."
    ]
    assert conflicts.find(theirs) == []


# --- Curfew ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("22:00", "23:00", None),  # touching
        ("22:00", "23:01", "The Harpoonist (2026-10-10 22:00 to 23:01) ends after the curfew at 23:00."),
        ("23:00", None, None),
        ("23:01", None, "The Harpoonist (2026-10-10 23:01, end open) starts after the curfew at 23:00."),
        ("22:45", None, None),
        ("23:30", "24:30", "The Harpoonist (2026-10-10 23:30 to 00:30) ends after the curfew at 23:00."),
    ],
)
def test_curfew_ends_the_music(start, end, expected):
    event = make_event()
    events.set_hours(event, SATURDAY, curfew_at=wall(event, "23:00"), **MADE)
    make_set(event, start=start, end=end)

    assert [conflict.message for conflict in conflicts.find(event)] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("of_night", "of_house", "of_room", "is_late"),
    [
        ("22:00", None, None, True),
        ("22:00", "23:00", None, False),
        ("23:00", "22:00", None, True),
        ("22:00", "22:00", "23:00", False),
        ("23:00", "23:00", "22:00", True),
        (None, None, "22:00", True),
        (None, None, None, False),
    ],
)
def test_curfew_is_the_rooms_own_else_its_houses_else_the_nights(of_night, of_house, of_room, is_late):
    event = make_event()
    house = make_venue("Customs House")
    room = events.add_venue("Cellar", parent=house, **MADE)
    for venue, curfew in ((None, of_night), (house, of_house), (room, of_room)):
        events.set_hours(event, SATURDAY, venue=venue, opens_at=wall(event, "18:00"), **MADE)
        if curfew:
            events.set_hours(event, SATURDAY, venue=venue, curfew_at=wall(event, curfew), **MADE)
    lineup.move_set(make_set(event, start="21:30", end="22:30"), venue=room, by=None, now=NOW)

    assert bool(warnings_of(event, "curfew")) == is_late


def test_curfew_of_another_night_and_venue_and_what_does_not_take_place():
    event = make_event(end_date=SUNDAY)
    early = wall(event, "20:00", night=SUNDAY)
    events.set_hours(event, SUNDAY, curfew_at=early, **MADE)
    events.set_hours(event, SATURDAY, venue=make_venue("Net Loft"), curfew_at=wall(event, "20:00"), **MADE)
    make_set(event)
    make_set(event, None, "21:00", "21:30", billing="TBA", night=SUNDAY)
    lineup.cancel_set(make_set(event, "Moth Choir", "21:00", "21:30", night=SUNDAY), by=None, now=NOW)

    assert conflicts.find(event) == []


def test_sentence_is_told_by_the_clock_that_is_asked_for():
    event = make_event(changeover_minutes=10)
    events.set_hours(event, SATURDAY, curfew_at=wall(event, "20:45"), **MADE)
    make_set(event, "The Harpoonist", "20:00", "20:30")
    make_set(event, "Moth Choir", "20:35", "21:00")

    assert [conflict.sentence(clock_in) for conflict in conflicts.find(event)] == [
        "Blue Anchor needs 10 minutes between The Harpoonist (8:00 PM to 8:30 PM) and Moth Choir (8:35 PM to 9:00 PM).",
        "Moth Choir (8:35 PM to 9:00 PM) ends after the curfew at 8:45 PM.",
    ]


def test_find_among_judges_sets_as_they_are_in_memory():
    event = make_event()
    one, other = make_set(event), make_set(event, "Moth Choir", "21:00", "21:30")
    other.starts_at, other.ends_at = one.starts_at, one.ends_at

    found = conflicts.find_among(event, [one, other], conflicts.Hours([]))

    assert [(conflict.kind, conflict.cause, conflict.others) for conflict in found] == [
        ("venue_overlap", one, (other,))
    ]
