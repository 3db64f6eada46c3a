"""What people type for a time, and the instant it is taken for; nights are those of Toronto unless said."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schedule.nights import instants_at, wall_text
from schedule.typed_times import (
    TypedTime,
    at_wall,
    check_length,
    parse_day,
    parse_time,
    read_end,
    read_local_date_time,
    read_start,
)
from tests.schedule.test_nights import (
    LONDON,
    LORD_HOWE,
    SATURDAY,
    SIX,
    ST_JOHNS,
    TORONTO,
    at,
    zones_and_days,
    zones_and_instants,
)

CLOCKS_GO_BACK = date(2026, 10, 31)  # in the night of this Saturday
CLOCKS_GO_FORWARD = date(2027, 3, 13)


def refusal_of(read, *args, **kwargs):
    """Code and message of the ValidationError that a call raises."""
    with pytest.raises(ValidationError) as refusal:
        read(*args, **kwargs)
    assert len(refusal.value.messages) == 1
    return refusal.value.code, refusal.value.messages[0]


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("20:00", TypedTime(20 * 60)),
        ("20.00", TypedTime(20 * 60)),
        ("20:00:00", TypedTime(20 * 60)),
        ("  20:00 ", TypedTime(20 * 60)),
        ("20 : 00", TypedTime(20 * 60)),
        ("2030", TypedTime(20 * 60 + 30)),
        ("２０：３０", TypedTime(20 * 60 + 30)),
        ("20h30", TypedTime(20 * 60 + 30)),
        ("20 h 30", TypedTime(20 * 60 + 30)),
        ("20H", TypedTime(20 * 60, has_minutes=False)),
        ("20", TypedTime(20 * 60, has_minutes=False)),
        ("13:00", TypedTime(13 * 60)),
        ("12:59", TypedTime(12 * 60 + 59, is_ambiguous=True)),
        ("8", TypedTime(8 * 60, is_ambiguous=True, has_minutes=False)),
        ("8:30", TypedTime(8 * 60 + 30, is_ambiguous=True)),
        ("1:00", TypedTime(60, is_ambiguous=True)),
        ("0:59", TypedTime(59)),
        ("08:30", TypedTime(8 * 60 + 30)),
        ("0830", TypedTime(8 * 60 + 30)),
        ("1030", TypedTime(10 * 60 + 30, is_ambiguous=True)),
        ("8h30", TypedTime(8 * 60 + 30)),
        ("12h", TypedTime(12 * 60, has_minutes=False)),
        ("8pm", TypedTime(20 * 60, has_minutes=False)),
        ("8 PM", TypedTime(20 * 60, has_minutes=False)),
        ("8\u202fPM", TypedTime(20 * 60, has_minutes=False)),
        ("８ｐｍ", TypedTime(20 * 60, has_minutes=False)),
        ("8:30 PM", TypedTime(20 * 60 + 30)),
        ("8:30pm", TypedTime(20 * 60 + 30)),
        ("08:30 pm", TypedTime(20 * 60 + 30)),
        ("1030pm", TypedTime(22 * 60 + 30)),
        ("8 p.m.", TypedTime(20 * 60, has_minutes=False)),
        ("8p.m.", TypedTime(20 * 60, has_minutes=False)),
        ("8 P. M.", TypedTime(20 * 60, has_minutes=False)),
        ("11:59 a.m.", TypedTime(11 * 60 + 59)),
        ("12am", TypedTime(0, has_minutes=False)),
        ("12:10am", TypedTime(10)),
        ("00:10 am", TypedTime(10)),
        ("12pm", TypedTime(12 * 60, has_minutes=False)),
        ("12:10 pm", TypedTime(12 * 60 + 10)),
        ("noon", TypedTime(12 * 60)),
        ("Midi", TypedTime(12 * 60)),
        ("midday", TypedTime(12 * 60)),
        ("midnight", TypedTime(24 * 60)),
        ("MINUIT", TypedTime(24 * 60)),
        ("00:00", TypedTime(0)),
        ("23:59", TypedTime(24 * 60 - 1)),
        ("24:00", TypedTime(24 * 60)),
        ("24:10", TypedTime(24 * 60 + 10)),
        ("25:00", TypedTime(25 * 60)),
        ("24h30", TypedTime(24 * 60 + 30)),
        ("35:59", TypedTime(35 * 60 + 59)),
        ("01:30 EST", TypedTime(90, zone_name="EST")),
        ("0130 est", TypedTime(90, zone_name="EST")),
        ("1:30 am EST", TypedTime(90, zone_name="EST")),
        ("1:30 EST", TypedTime(90, is_ambiguous=True, zone_name="EST")),
        ("25:30 EST", TypedTime(25 * 60 + 30, zone_name="EST")),
        ("01:45 +1030", TypedTime(105, zone_name="+1030")),
        ("01:45 +11", TypedTime(105, zone_name="+11")),
    ],
)
def test_parse_time_reads_what_people_type(text, typed):
    assert parse_time(text) == typed


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "TBA", "doors", "8 or 9", "eight", "20:00-20:30", "-8", "+8", "20:", ":30", "8:3", "20:300"),
        *("20:60", "36:00", "99", "830", "20 30", "13pm", "20:00 pm", "0pm", "00:30 pm", "24:10am"),
        *("20:00:30", "2026-10-10 20:00", "20:00 next day", "20:00Z", "half past eight", "8 o'clock", "½", "20h30h"),
    ],
)
def test_parse_time_refuses_what_is_no_time(text):
    assert refusal_of(parse_time, text) == (
        "time",
        f"“{text.strip()}” is not a time. Write for example 20:00, 8pm, 20h30, 24:10, noon or midnight.",
    )


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("20:00", "2026-10-10 20:00-04:00"),
        ("8pm", "2026-10-10 20:00-04:00"),
        ("8:30 PM", "2026-10-10 20:30-04:00"),
        ("8 p.m.", "2026-10-10 20:00-04:00"),
        ("20h30", "2026-10-10 20:30-04:00"),
        ("2030", "2026-10-10 20:30-04:00"),
        ("２０：３０", "2026-10-10 20:30-04:00"),
        ("20:00 EDT", "2026-10-10 20:00-04:00"),
        ("noon", "2026-10-10 12:00-04:00"),
        ("12pm", "2026-10-10 12:00-04:00"),
        ("08:00", "2026-10-10 08:00-04:00"),
        ("23:59", "2026-10-10 23:59-04:00"),
        ("midnight", "2026-10-11 00:00-04:00"),
        ("12am", "2026-10-11 00:00-04:00"),
        ("00:00", "2026-10-11 00:00-04:00"),
        ("24:00", "2026-10-11 00:00-04:00"),
        ("24:10", "2026-10-11 00:10-04:00"),
        ("12:10am", "2026-10-11 00:10-04:00"),
        ("00:10", "2026-10-11 00:10-04:00"),
        ("0010", "2026-10-11 00:10-04:00"),
        ("25:00", "2026-10-11 01:00-04:00"),
        ("05:59", "2026-10-11 05:59-04:00"),
        ("06:00", "2026-10-10 06:00-04:00"),
        ("30:00", "2026-10-11 06:00-04:00"),
        ("35:59", "2026-10-11 11:59-04:00"),
    ],
)
@pytest.mark.parametrize("is_typed_by_hand", [True, False])
def test_read_start_puts_a_clear_time_on_its_night(text, start, is_typed_by_hand):
    doors = at("2026-10-10 19:00-04:00")

    read = read_start(text, night=SATURDAY, zone=TORONTO, rollover=SIX, doors=doors, is_typed_by_hand=is_typed_by_hand)

    assert read == at(start)
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    ("rollover", "text", "start"),
    [
        (time(0), "00:00", "2026-10-10 00:00-04:00"),
        (time(0), "24:00", "2026-10-11 00:00-04:00"),
        (time(4), "03:59", "2026-10-11 03:59-04:00"),
        (time(4), "04:00", "2026-10-10 04:00-04:00"),
        (time(5, 30), "05:29", "2026-10-11 05:29-04:00"),
        (time(5, 30), "05:30", "2026-10-10 05:30-04:00"),
        (time(12), "11:59am", "2026-10-11 11:59-04:00"),
        (time(12), "12pm", "2026-10-10 12:00-04:00"),
        (time(12), "noon", "2026-10-10 12:00-04:00"),
    ],
)
def test_read_start_takes_times_before_the_rollover_for_after_midnight(rollover, text, start):
    assert read_start(text, night=SATURDAY, zone=TORONTO, rollover=rollover) == at(start)


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        (TORONTO, "2026-10-10 20:00-04:00"),
        (ST_JOHNS, "2026-10-10 20:00-02:30"),
        (LONDON, "2026-10-10 20:00+01:00"),
        (LORD_HOWE, "2026-10-10 20:00+11:00"),
        (ZoneInfo("America/Vancouver"), "2026-10-10 20:00-07:00"),
    ],
)
def test_read_start_means_the_clocks_of_the_zone(zone, start):
    assert read_start("20:00", night=SATURDAY, zone=zone, rollover=SIX) == at(start)


@pytest.mark.parametrize(
    ("text", "doors", "start"),
    [
        ("8", "19:00", "2026-10-10 20:00-04:00"),
        ("8:30", "19:00", "2026-10-10 20:30-04:00"),
        ("7", "19:00", "2026-10-10 19:00-04:00"),
        ("6:59", "19:00", "2026-10-11 06:59-04:00"),
        ("8", "07:00", "2026-10-10 08:00-04:00"),
        ("8", "08:00", "2026-10-10 08:00-04:00"),
        ("8", "08:01", "2026-10-10 20:00-04:00"),
        ("12:00", "19:00", "2026-10-11 00:00-04:00"),
        ("12:30", "19:00", "2026-10-11 00:30-04:00"),
        ("12:00", "11:00", "2026-10-10 12:00-04:00"),
        ("12", "12:01", "2026-10-11 00:00-04:00"),
        ("1", "19:00", "2026-10-11 01:00-04:00"),
        ("1", "12:00", "2026-10-10 13:00-04:00"),
        ("11", "22:00", "2026-10-10 23:00-04:00"),
        ("1030", "19:00", "2026-10-10 22:30-04:00"),
        ("8 EDT", "19:00", "2026-10-10 20:00-04:00"),
    ],
)
def test_read_start_by_hand_takes_the_first_reading_after_the_doors(text, doors, start):
    opens_at = at(f"2026-10-10 {doors}-04:00")

    read = read_start(text, night=SATURDAY, zone=TORONTO, rollover=SIX, doors=opens_at, is_typed_by_hand=True)

    assert read == at(start)


@pytest.mark.parametrize(
    ("text", "proposals"),
    [("8", "8:00am, 8:00pm"), ("12:00", "12:00am, 12:00pm"), (" 8:30 ", "8:30am, 8:30pm"), ("1 EDT", "1:00am, 1:00pm")],
)
def test_read_start_by_hand_asks_for_morning_or_evening_without_doors(text, proposals):
    assert refusal_of(
        read_start, text, night=SATURDAY, zone=TORONTO, rollover=SIX, doors=None, is_typed_by_hand=True
    ) == (
        "ambiguous_time",
        f"“{text.strip()}” can mean morning or evening. Write {proposals} or a 24-hour time such as 20:00.",
    )


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("8:30", "2026-10-10 08:30-04:00"),
        ("12:00", "2026-10-10 12:00-04:00"),
        ("5:59", "2026-10-11 05:59-04:00"),
        ("6:00", "2026-10-10 06:00-04:00"),
        ("8h", "2026-10-10 08:00-04:00"),
    ],
)
def test_read_start_of_a_file_takes_24_hour_times_whatever_the_doors(text, start):
    doors = at("2026-10-10 19:00-04:00")

    assert read_start(text, night=SATURDAY, zone=TORONTO, rollover=SIX, doors=doors) == at(start)


def test_read_start_of_a_file_refuses_a_bare_hour_that_may_be_morning_or_evening():
    assert refusal_of(read_start, "8", night=SATURDAY, zone=TORONTO, rollover=SIX) == (
        "ambiguous_time",
        "“8” can mean morning or evening. Write 8:00am, 8:00pm or a 24-hour time such as 20:00.",
    )


@pytest.mark.parametrize(
    ("text", "night", "zone", "start"),
    [
        ("00:59", CLOCKS_GO_BACK, TORONTO, "2026-11-01 00:59-04:00"),
        ("01:30", CLOCKS_GO_BACK, TORONTO, "2026-11-01 01:30-04:00"),
        ("01:30 EDT", CLOCKS_GO_BACK, TORONTO, "2026-11-01 01:30-04:00"),
        ("01:30 EST", CLOCKS_GO_BACK, TORONTO, "2026-11-01 01:30-05:00"),
        ("25:30 est", CLOCKS_GO_BACK, TORONTO, "2026-11-01 01:30-05:00"),
        ("1:30am EST", CLOCKS_GO_BACK, TORONTO, "2026-11-01 01:30-05:00"),
        ("02:00", CLOCKS_GO_BACK, TORONTO, "2026-11-01 02:00-05:00"),
        ("01:30 NST", CLOCKS_GO_BACK, ST_JOHNS, "2026-11-01 01:30-03:30"),
        ("01:30 GMT", date(2026, 10, 24), LONDON, "2026-10-25 01:30+00:00"),
        ("01:45 +11", date(2027, 4, 3), LORD_HOWE, "2027-04-04 01:45+11:00"),
        ("01:45 +1030", date(2027, 4, 3), LORD_HOWE, "2027-04-04 01:45+10:30"),
        ("01:59", CLOCKS_GO_FORWARD, TORONTO, "2027-03-14 01:59-05:00"),
        ("03:00", CLOCKS_GO_FORWARD, TORONTO, "2027-03-14 03:00-04:00"),
    ],
)
def test_read_start_reaches_every_instant_of_a_night_in_which_the_clocks_change(text, night, zone, start):
    assert read_start(text, night=night, zone=zone, rollover=SIX) == at(start)


@pytest.mark.parametrize(("text", "is_typed_by_hand"), [("02:30", False), ("26:30", True), ("2:30", True)])
def test_read_start_refuses_a_time_that_the_clocks_skip(text, is_typed_by_hand):
    doors = at("2027-03-13 19:00-05:00")

    assert refusal_of(
        read_start,
        text,
        night=CLOCKS_GO_FORWARD,
        zone=TORONTO,
        rollover=SIX,
        doors=doors,
        is_typed_by_hand=is_typed_by_hand,
    ) == (
        "nonexistent_time",
        "02:30 does not exist on 2027-03-14 in America/Toronto: the clocks jump over it. Probably 03:30 is meant.",
    )


@pytest.mark.parametrize(
    ("text", "night", "doors", "start"),
    [
        # Skipped in the morning, but the afternoon is meant.
        ("2:30", date(2027, 3, 14), "2027-03-14 13:00-04:00", "2027-03-14 14:30-04:00"),
        # Only one of the readings after the doors is in the hour that the name says.
        ("1:30 EST", CLOCKS_GO_BACK, "2026-10-31 19:00-04:00", "2026-11-01 01:30-05:00"),
        ("1:30 EDT", CLOCKS_GO_BACK, "2026-10-31 19:00-04:00", "2026-11-01 01:30-04:00"),
        ("1:30", CLOCKS_GO_BACK, "2026-10-31 19:00-04:00", "2026-11-01 01:30-04:00"),
        # The first 1:30 is over when the doors open.
        ("1:30", CLOCKS_GO_BACK, "2026-11-01 01:15-05:00", "2026-11-01 01:30-05:00"),
        ("1:30", CLOCKS_GO_BACK, "2026-11-01 01:30-05:00", "2026-11-01 01:30-05:00"),
    ],
)
def test_read_start_by_hand_knows_the_doors_also_when_the_clocks_change(text, night, doors, start):
    read = read_start(text, night=night, zone=TORONTO, rollover=SIX, doors=at(doors), is_typed_by_hand=True)

    assert read == at(start)


def test_read_start_refuses_a_zone_name_of_another_season():
    assert refusal_of(read_start, "20:00 est", night=SATURDAY, zone=TORONTO, rollover=SIX) == (
        "zone_name",
        "“EST” is not what clocks in America/Toronto show at 2026-10-10 20:00. Write EDT, or leave it out.",
    )


@settings(max_examples=150, deadline=None)
@given(zones_and_days, st.sampled_from([time(1), time(4), SIX, time(12)]), st.data())
def test_read_start_keeps_the_order_of_a_night(zone_and_day, rollover, data):
    """Clock times as a poster lists them, from the rollover through midnight to the next rollover."""
    zone, day = zone_and_day
    night = day - timedelta(days=1)
    after_midnight = st.integers(0, 4 * 60)
    minutes = sorted(data.draw(st.sets(after_midnight | st.integers(0, 24 * 60 - 1), min_size=2, max_size=8)))
    is_late = [minute < rollover.hour * 60 for minute in minutes]
    in_order = [m for m, late in zip(minutes, is_late, strict=True) if not late]
    in_order += [m for m, late in zip(minutes, is_late, strict=True) if late]
    walls = [
        datetime.combine(day if minute < rollover.hour * 60 else night, time()) + timedelta(minutes=minute)
        for minute in in_order
    ]
    assume(all(instants_at(wall, zone) for wall in walls))

    starts = [read_start(f"{wall:%H:%M}", night=night, zone=zone, rollover=rollover) for wall in walls]

    assert starts == sorted(set(starts))
    assert [start.astimezone(zone).replace(tzinfo=None) for start in starts] == walls


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        ("2026-10-10 20:00-04:00", "20:30", "2026-10-10 20:30-04:00"),
        ("2026-10-10 20:00-04:00", "8:45 PM", "2026-10-10 20:45-04:00"),
        ("2026-10-10 20:00-04:00", "20:01", "2026-10-10 20:01-04:00"),
        ("2026-10-10 11:30-04:00", "noon", "2026-10-10 12:00-04:00"),
        # Over midnight, by rolling over or by counting on.
        ("2026-10-10 23:30-04:00", "00:10", "2026-10-11 00:10-04:00"),
        ("2026-10-10 23:30-04:00", "12:10am", "2026-10-11 00:10-04:00"),
        ("2026-10-10 23:30-04:00", "24:10", "2026-10-11 00:10-04:00"),
        ("2026-10-10 23:30-04:00", "25:00", "2026-10-11 01:00-04:00"),
        ("2026-10-10 23:30-04:00", "midnight", "2026-10-11 00:00-04:00"),
        ("2026-10-10 23:30-04:00", "12am", "2026-10-11 00:00-04:00"),
        ("2026-10-11 00:10-04:00", "00:40", "2026-10-11 00:40-04:00"),
        ("2026-10-11 00:10-04:00", "24:40", "2026-10-11 00:40-04:00"),
        # Six hours are a set, a minute more is a question.
        ("2026-10-10 20:00-04:00", "02:00", "2026-10-11 02:00-04:00"),
        ("2026-10-10 20:00-04:00", "26:00", "2026-10-11 02:00-04:00"),
        ("2026-10-10 13:00-04:00", "19:00", "2026-10-10 19:00-04:00"),
    ],
)
@pytest.mark.parametrize("is_typed_by_hand", [True, False])
def test_read_end_is_the_first_such_time_after_the_start(start, text, end, is_typed_by_hand):
    read = read_end(text, starts_at=at(start), night=SATURDAY, zone=TORONTO, is_typed_by_hand=is_typed_by_hand)

    assert read == at(end)
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        ("2026-10-10 20:00-04:00", "8:30", "2026-10-10 20:30-04:00"),
        ("2026-10-10 20:30-04:00", "9", "2026-10-10 21:00-04:00"),
        ("2026-10-10 20:00-04:00", "1:30", "2026-10-11 01:30-04:00"),
        ("2026-10-10 23:30-04:00", "12:10", "2026-10-11 00:10-04:00"),
        ("2026-10-10 23:30-04:00", "12", "2026-10-11 00:00-04:00"),
        ("2026-10-10 11:30-04:00", "12:10", "2026-10-10 12:10-04:00"),
        ("2026-10-10 10:00-04:00", "1", "2026-10-10 13:00-04:00"),
        ("2026-10-11 00:30-04:00", "1:15", "2026-10-11 01:15-04:00"),
    ],
)
def test_read_end_by_hand_takes_the_half_of_the_day_that_comes_first(start, text, end):
    assert read_end(text, starts_at=at(start), night=SATURDAY, zone=TORONTO, is_typed_by_hand=True) == at(end)


@pytest.mark.parametrize(
    ("start", "text", "message"),
    [
        (
            "2026-10-10 23:30-04:00",
            "13:45",
            "23:30 to 13:45 would be a set of 14 h 15 min. "
            "Probably AM and PM are mixed up: 01:45 instead of 13:45? Correct it, or accept long sets.",
        ),
        (
            "2026-10-10 19:00-04:00",
            "07:40",
            "19:00 to 07:40 would be a set of 12 h 40 min. "
            "Probably AM and PM are mixed up: 19:40 instead of 07:40? Correct it, or accept long sets.",
        ),
        (
            "2026-10-10 20:00-04:00",
            "02:01",
            "20:00 to 02:01 would be a set of 6 h 01 min. Correct it, or accept long sets.",
        ),
        (
            "2026-10-10 20:00-04:00",
            "26:01",
            "20:00 to 02:01 would be a set of 6 h 01 min. Correct it, or accept long sets.",
        ),
        (
            "2026-10-10 20:00-04:00",
            "19:59",
            "20:00 to 19:59 would be a set of 23 h 59 min. Correct it, or accept long sets.",
        ),
        (
            "2026-10-10 20:00-04:00",
            "08:00",  # twelve hours earlier it would be the start itself
            "20:00 to 08:00 would be a set of 12 h 00 min. Correct it, or accept long sets.",
        ),
        (
            "2026-10-10 20:00-04:00",
            "14:00",
            "20:00 to 14:00 would be a set of 18 h 00 min. "
            "Probably AM and PM are mixed up: 02:00 instead of 14:00? Correct it, or accept long sets.",
        ),
        (
            "2026-10-10 20:00-04:00",
            "14:01",
            "20:00 to 14:01 would be a set of 18 h 01 min. Correct it, or accept long sets.",
        ),
        # The proposal is what clocks show, also when the clocks change between the two.
        (
            "2026-10-31 19:00-04:00",
            "07:40",
            "19:00 to 07:40 would be a set of 13 h 40 min. "
            "Probably AM and PM are mixed up: 19:40 instead of 07:40? Correct it, or accept long sets.",
        ),
        (
            "2027-03-13 19:00-05:00",
            "07:40",
            "19:00 to 07:40 would be a set of 11 h 40 min. "
            "Probably AM and PM are mixed up: 19:40 instead of 07:40? Correct it, or accept long sets.",
        ),
        (
            "2027-03-13 23:00-05:00",
            "14:30",  # no proposal, because 02:30 is skipped
            "23:00 to 14:30 would be a set of 14 h 30 min. Correct it, or accept long sets.",
        ),
    ],
)
@pytest.mark.parametrize("is_typed_by_hand", [True, False])
def test_read_end_refuses_more_than_six_hours_and_names_the_probable_slip(start, text, message, is_typed_by_hand):
    night = at(start).date()

    assert refusal_of(
        read_end, text, starts_at=at(start), night=night, zone=TORONTO, is_typed_by_hand=is_typed_by_hand
    ) == ("long_set", message)


def test_read_end_of_a_file_takes_24_hour_times_and_names_the_probable_slip():
    assert refusal_of(read_end, "8:30", starts_at=at("2026-10-10 20:00-04:00"), night=SATURDAY, zone=TORONTO) == (
        "long_set",
        "20:00 to 08:30 would be a set of 12 h 30 min. "
        "Probably AM and PM are mixed up: 20:30 instead of 08:30? Correct it, or accept long sets.",
    )


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        ("2026-10-10 20:00-04:00", "02:01", "2026-10-11 02:01-04:00"),
        ("2026-10-10 19:00-04:00", "07:40", "2026-10-11 07:40-04:00"),
        ("2026-10-10 20:00-04:00", "19:59", "2026-10-11 19:59-04:00"),
        ("2026-10-10 20:00-04:00", "35:00", "2026-10-11 11:00-04:00"),
    ],
)
def test_read_end_takes_long_sets_when_they_are_accepted(start, text, end):
    assert read_end(text, starts_at=at(start), night=SATURDAY, zone=TORONTO, accept_long=True) == at(end)


@pytest.mark.parametrize(
    ("start", "text", "shown"),
    [
        ("2026-10-10 20:00-04:00", "20:00", "20:00"),
        ("2026-10-10 20:00-04:00", "8pm", "20:00"),
        ("2026-10-10 20:00-04:00", "8", "20:00"),
        ("2026-10-11 00:00-04:00", "midnight", "00:00"),
        ("2026-10-11 01:00-04:00", "25:00", "01:00"),
        ("2026-11-01 01:30-04:00", "01:30", "01:30"),
        ("2026-11-01 01:30-05:00", "01:30", "01:30"),
        ("2026-11-01 01:30-05:00", "01:30 EST", "01:30"),
    ],
)
@pytest.mark.parametrize("accept_long", [True, False])
def test_read_end_refuses_the_time_of_the_start(start, text, shown, accept_long):
    night = at(start).date() - timedelta(days=at(start).hour < 6)

    assert refusal_of(
        read_end,
        text,
        starts_at=at(start),
        night=night,
        zone=TORONTO,
        accept_long=accept_long,
        is_typed_by_hand=True,
    ) == ("equal_times", f"Start and end are both {shown}. Correct one, or leave the end empty.")


@pytest.mark.parametrize(
    ("start", "text"),
    [
        ("2026-10-11 00:30-04:00", "midnight"),
        ("2026-10-11 00:30-04:00", "24:29"),
        ("2026-10-11 01:00-04:00", "24:30"),
        ("2026-11-01 01:30-05:00", "01:45 EDT"),
        ("2026-11-01 02:30-05:00", "25:45"),
    ],
)
def test_read_end_refuses_a_named_end_before_the_start(start, text):
    night = at(start).date() - timedelta(days=1)

    assert refusal_of(read_end, text, starts_at=at(start), night=night, zone=TORONTO) == (
        "end_before_start",
        f"The end {text} is before the start.",
    )


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        # Autumn: 01:30 comes twice.
        ("2026-10-31 23:00-04:00", "01:30", "2026-11-01 01:30-04:00"),
        ("2026-10-31 23:00-04:00", "01:30 EDT", "2026-11-01 01:30-04:00"),
        ("2026-10-31 23:00-04:00", "01:30 EST", "2026-11-01 01:30-05:00"),
        ("2026-10-31 23:00-04:00", "1:30 EST", "2026-11-01 01:30-05:00"),
        ("2026-10-31 23:00-04:00", "25:30 EST", "2026-11-01 01:30-05:00"),
        ("2026-11-01 01:30-04:00", "02:30", "2026-11-01 02:30-05:00"),
        ("2026-11-01 01:30-04:00", "01:30 EST", "2026-11-01 01:30-05:00"),
        ("2026-11-01 01:45-04:00", "01:15", "2026-11-01 01:15-05:00"),
        ("2026-11-01 01:45-04:00", "25:15", "2026-11-01 01:15-05:00"),
        ("2026-11-01 01:30-05:00", "01:45", "2026-11-01 01:45-05:00"),
        ("2026-11-01 01:30-05:00", "25:45", "2026-11-01 01:45-05:00"),
        ("2026-11-01 01:30-05:00", "1:45", "2026-11-01 01:45-05:00"),
        # Six hours as clocks count them are seven in autumn and five in spring; what counts is the time it takes.
        ("2026-10-31 21:00-04:00", "02:00", "2026-11-01 02:00-05:00"),
        ("2027-03-13 21:00-05:00", "04:00", "2027-03-14 04:00-04:00"),
        # Spring: 02:30 is skipped in the morning, but the afternoon is meant.
        ("2027-03-13 13:00-05:00", "2:30", "2027-03-13 14:30-05:00"),
        ("2027-03-14 13:00-04:00", "2:30", "2027-03-14 14:30-04:00"),
        ("2027-03-14 01:30-05:00", "03:00", "2027-03-14 03:00-04:00"),
    ],
)
def test_read_end_counts_instants_when_the_clocks_change(start, text, end):
    night = CLOCKS_GO_BACK if at(start) < at("2026-12-01 00:00+00:00") else CLOCKS_GO_FORWARD

    assert read_end(text, starts_at=at(start), night=night, zone=TORONTO, is_typed_by_hand=True) == at(end)


@pytest.mark.parametrize(("start", "text"), [("2026-10-31 21:00-04:00", "02:01"), ("2027-03-13 21:00-05:00", "04:01")])
def test_read_end_counts_six_hours_as_they_pass(start, text):
    night = at(start).date()

    code, message = refusal_of(read_end, text, starts_at=at(start), night=night, zone=TORONTO)

    assert (code, message) == (
        "long_set",
        f"21:00 to {text} would be a set of 6 h 01 min. Correct it, or accept long sets.",
    )


@pytest.mark.parametrize(
    ("start", "text"),
    [
        ("2027-03-13 23:00-05:00", "02:30"),
        ("2027-03-13 23:00-05:00", "2:30"),
        ("2027-03-13 23:00-05:00", "26:30"),
        ("2027-03-14 01:30-05:00", "02:30"),
    ],
)
def test_read_end_refuses_a_time_that_the_clocks_skip(start, text):
    assert refusal_of(
        read_end, text, starts_at=at(start), night=CLOCKS_GO_FORWARD, zone=TORONTO, is_typed_by_hand=True
    ) == (
        "nonexistent_time",
        "02:30 does not exist on 2027-03-14 in America/Toronto: the clocks jump over it. Probably 03:30 is meant.",
    )


@settings(max_examples=200, deadline=None)
@given(zones_and_instants(), st.integers(-120, 8 * 60) | st.integers(0, 24 * 60 - 1), st.booleans())
def test_read_end_finds_what_walking_on_minute_by_minute_finds(zone_and_instant, minutes_on, accept_long):
    zone, starts_at = zone_and_instant
    start_wall = starts_at.astimezone(zone).replace(tzinfo=None)
    text = f"{start_wall + timedelta(minutes=minutes_on):%H:%M}"
    walk = (starts_at + timedelta(minutes=n) for n in range(49 * 60))
    found = next(minute for minute in walk if f"{minute.astimezone(zone):%H:%M}" == text)
    typed_walls = [datetime.combine(start_wall.date() + timedelta(days=n), time.fromisoformat(text)) for n in (0, 1)]
    is_skipped_before = any(
        start_wall < wall < found.astimezone(zone).replace(tzinfo=None) and not instants_at(wall, zone)
        for wall in typed_walls
    )

    try:
        answer = read_end(text, starts_at=starts_at, night=start_wall.date(), zone=zone, accept_long=accept_long)
    except ValidationError as refusal:
        answer = refusal.code

    if found == starts_at:
        assert answer == "equal_times"
    elif is_skipped_before:
        assert answer == "nonexistent_time"
    elif found - starts_at > timedelta(hours=6) and not accept_long:
        assert answer == "long_set"
    else:
        assert answer == found


@settings(max_examples=150, deadline=None)
@given(zones_and_instants(), st.integers(1, 360), st.booleans())
def test_read_end_reads_a_shown_end_back(zone_and_instant, minutes, is_typed_by_hand):
    """A set of up to six hours, shown in a form and saved again as it is, ends when it did."""
    zone, starts_at = zone_and_instant
    ends_at = starts_at + timedelta(minutes=minutes)
    night = starts_at.astimezone(zone).date()

    read = read_end(
        wall_text(ends_at, zone), starts_at=starts_at, night=night, zone=zone, is_typed_by_hand=is_typed_by_hand
    )

    assert read == ends_at


def test_check_length_counts_time_and_not_what_clocks_show():
    """Both in the event's zone, where Python would compare the clocks: 01:30 EDT to 01:30 EST is an hour."""
    first = datetime(2026, 11, 1, 1, 30, tzinfo=TORONTO)
    second = first.replace(fold=1)

    check_length(first, second, zone=TORONTO, accept_long=False)

    assert refusal_of(check_length, second, first, zone=TORONTO, accept_long=False) == (
        "end_before_start",
        "The end is before the start.",
    )


@pytest.mark.parametrize(
    ("text", "day", "typed"),
    [
        ("2026-10-10 20:00", SATURDAY, TypedTime(20 * 60)),
        ("2026-10-10T20:00", SATURDAY, TypedTime(20 * 60)),
        (" 2026-10-10 8:30 PM ", SATURDAY, TypedTime(20 * 60 + 30)),
        ("2026-10-10 24:25", SATURDAY, TypedTime(24 * 60 + 25)),
        ("2026-11-01 01:30 EST", date(2026, 11, 1), TypedTime(90, zone_name="EST")),
    ],
)
def test_read_local_date_time_reads_day_and_time(text, day, typed):
    assert read_local_date_time(text, zone=TORONTO) == (day, typed)


@pytest.mark.parametrize("text", ["20:00", "2026-10-10", "10/10/2026 20:00", "TBA", ""])
def test_read_local_date_time_leaves_what_is_no_date_time(text):
    assert read_local_date_time(text, zone=TORONTO) is None


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("2026-02-30 20:00", "date", "“2026-02-30” is not a date. Write it as 2026-02-15."),
        (
            "2026-10-10 20:65",
            "time",
            "“20:65” is not a time. Write for example 20:00, 8pm, 20h30, 24:10, noon or midnight.",
        ),
        (
            "2026-10-10T20:00:00+00:00",
            "time",
            "“20:00:00+00:00” is not a time. Write for example 20:00, 8pm, 20h30, 24:10, noon or midnight.",
        ),
    ],
)
def test_read_local_date_time_refuses_days_and_times_that_are_none(text, code, message):
    assert refusal_of(read_local_date_time, text, zone=TORONTO) == (code, message)


def test_parse_day_reads_an_iso_date():
    assert parse_day(" 2026-10-10 ") == SATURDAY


@pytest.mark.parametrize(
    "text", ["", "10 October", "10/10/2026", "2026-13-01", "2026-02-29", "20261010", "2026-W41-6", "2026-10-1"]
)
def test_parse_day_refuses_everything_else(text):
    assert refusal_of(parse_day, text) == ("date", f"“{text}” is not a date. Write it as 2026-02-15.")


@pytest.mark.parametrize(
    ("typed", "instant"),
    [
        (TypedTime(20 * 60), "2026-10-31 20:00-04:00"),
        (TypedTime(0), "2026-10-31 00:00-04:00"),
        (TypedTime(24 * 60 + 10), "2026-11-01 00:10-04:00"),
        (TypedTime(25 * 60 + 30, zone_name="EST"), "2026-11-01 01:30-05:00"),
    ],
)
def test_at_wall_counts_from_the_midnight_of_the_day(typed, instant):
    assert at_wall(CLOCKS_GO_BACK, typed, TORONTO) == at(instant)
