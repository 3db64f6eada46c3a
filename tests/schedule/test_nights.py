"""Nights and wall times; the property tests look at the days around every change of the clocks in four zones."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schedule.nights import (
    instant_at,
    instants_at,
    keep_wall_time,
    night_of,
    shift_by_nights,
    typed_text,
    wall_text,
)
from schedule.typed_times import at_wall, parse_time, read_start

TORONTO = ZoneInfo("America/Toronto")
ST_JOHNS = ZoneInfo("America/St_Johns")  # half an hour off
LONDON = ZoneInfo("Europe/London")  # changes at another hour than North America
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # changes by half an hour, and has no letters for its time
SIX = time(6)
SATURDAY, SUNDAY = date(2026, 10, 10), date(2026, 10, 11)

DAYS_OF_CHANGE = {
    TORONTO: [date(2026, 3, 8), date(2026, 11, 1), date(2027, 3, 14), date(2027, 11, 7)],
    ST_JOHNS: [date(2026, 3, 8), date(2026, 11, 1), date(2027, 3, 14), date(2027, 11, 7)],
    LONDON: [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)],
    LORD_HOWE: [date(2026, 4, 5), date(2026, 10, 4), date(2027, 4, 4), date(2027, 10, 3)],
}

zones_and_days = st.sampled_from([(zone, day) for zone, days in DAYS_OF_CHANGE.items() for day in days])
# Half of them in the first four hours, where the clocks change; the others up to a day before and after.
minutes_around = st.integers(0, 239) | st.integers(-24 * 60, 48 * 60)


@st.composite
def zones_and_walls(draw):
    zone, day = draw(zones_and_days)
    return zone, datetime.combine(day, time()) + timedelta(minutes=draw(minutes_around))


@st.composite
def zones_and_instants(draw):
    zone, day = draw(zones_and_days)
    midnight = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
    return zone, midnight + timedelta(minutes=draw(minutes_around))


def at(text):
    """ "2026-10-10 20:00-04:00" as an instant."""
    return datetime.fromisoformat(text)


def wall_of(instant, zone):
    return instant.astimezone(zone).replace(tzinfo=None)


def length_of_jump(wall, zone):
    """By how much the clocks are ahead half a day after a wall time, compared to half a day before."""
    half_a_day = timedelta(hours=12)
    return (wall + half_a_day).replace(tzinfo=zone).utcoffset() - (wall - half_a_day).replace(tzinfo=zone).utcoffset()


@pytest.mark.parametrize(
    ("instant", "zone", "rollover", "night"),
    [
        ("2026-10-10 20:00-04:00", TORONTO, SIX, SATURDAY),
        ("2026-10-11 00:00-04:00", TORONTO, SIX, SATURDAY),
        ("2026-10-11 05:59-04:00", TORONTO, SIX, SATURDAY),
        ("2026-10-11 05:59:59.999999-04:00", TORONTO, SIX, SATURDAY),
        ("2026-10-11 06:00-04:00", TORONTO, SIX, SUNDAY),
        ("2026-10-11 03:59-04:00", TORONTO, time(4), SATURDAY),
        ("2026-10-11 04:00-04:00", TORONTO, time(4), SUNDAY),
        ("2026-10-11 11:59-04:00", TORONTO, time(12), SATURDAY),
        ("2026-10-11 12:00-04:00", TORONTO, time(12), SUNDAY),
        ("2026-10-10 23:59-04:00", TORONTO, time(0), SATURDAY),
        ("2026-10-11 00:00-04:00", TORONTO, time(0), SUNDAY),
        ("2026-10-11 10:00+00:00", TORONTO, SIX, SUNDAY),
        ("2026-10-11 09:59+00:00", TORONTO, SIX, SATURDAY),
        ("2026-10-11 09:59+00:00", LONDON, SIX, SUNDAY),
        ("2026-10-11 08:29+00:00", ST_JOHNS, SIX, SATURDAY),
        ("2026-10-11 08:30+00:00", ST_JOHNS, SIX, SUNDAY),
        # The night in which the clocks go back is an hour longer, the one in which they go forward shorter.
        ("2026-11-01 05:59-05:00", TORONTO, SIX, date(2026, 10, 31)),
        ("2026-11-01 06:00-05:00", TORONTO, SIX, date(2026, 11, 1)),
        ("2027-03-14 05:59-04:00", TORONTO, SIX, date(2027, 3, 13)),
        ("2027-03-14 06:00-04:00", TORONTO, SIX, date(2027, 3, 14)),
    ],
)
def test_night_of_ends_at_the_rollover_of_the_zone(instant, zone, rollover, night):
    assert night_of(at(instant), zone, rollover) == night


@settings(max_examples=150, deadline=None)
@given(zones_and_instants(), st.sampled_from([time(4), SIX, time(12)]))
def test_night_of_holds_from_its_own_rollover_until_the_next(zone_and_instant, rollover):
    zone, instant = zone_and_instant

    night = night_of(instant, zone, rollover)

    begin = datetime.combine(night, rollover)
    assert instant_at(begin, zone) <= instant < instant_at(begin + timedelta(days=1), zone)


@pytest.mark.parametrize(
    ("wall", "zone", "instants"),
    [
        ("2026-10-10 20:00", TORONTO, ["2026-10-11 00:00+00:00"]),
        ("2026-11-01 00:59", TORONTO, ["2026-11-01 00:59-04:00"]),
        ("2026-11-01 01:00", TORONTO, ["2026-11-01 01:00-04:00", "2026-11-01 01:00-05:00"]),
        ("2026-11-01 01:59", TORONTO, ["2026-11-01 01:59-04:00", "2026-11-01 01:59-05:00"]),
        ("2026-11-01 02:00", TORONTO, ["2026-11-01 02:00-05:00"]),
        ("2027-03-14 01:59", TORONTO, ["2027-03-14 01:59-05:00"]),
        ("2027-03-14 02:00", TORONTO, []),
        ("2027-03-14 02:59", TORONTO, []),
        ("2027-03-14 03:00", TORONTO, ["2027-03-14 03:00-04:00"]),
        ("2026-11-01 01:30", ST_JOHNS, ["2026-11-01 01:30-02:30", "2026-11-01 01:30-03:30"]),
        ("2026-10-25 01:30", LONDON, ["2026-10-25 01:30+01:00", "2026-10-25 01:30+00:00"]),
        ("2027-04-04 01:29", LORD_HOWE, ["2027-04-04 01:29+11:00"]),
        ("2027-04-04 01:30", LORD_HOWE, ["2027-04-04 01:30+11:00", "2027-04-04 01:30+10:30"]),
        ("2027-10-03 02:29", LORD_HOWE, []),
        ("2027-10-03 02:30", LORD_HOWE, ["2027-10-03 02:30+11:00"]),
    ],
)
def test_instants_at_finds_each_instant_that_clocks_show(wall, zone, instants):
    assert instants_at(at(wall), zone) == [at(text) for text in instants]


@settings(max_examples=200, deadline=None)
@given(zones_and_walls())
def test_instants_at_are_none_one_or_two_by_the_change_of_the_clocks(zone_and_wall):
    zone, wall = zone_and_wall

    instants = instants_at(wall, zone)

    # What an hour's scan of all instants finds, minute by minute.
    guess = wall.replace(tzinfo=zone).astimezone(UTC)
    minutes = [guess + timedelta(minutes=n) for n in range(-90, 91)]
    assert instants == [minute for minute in minutes if wall_of(minute, zone) == wall]


@pytest.mark.parametrize(
    ("wall", "zone", "message"),
    [
        (
            "2027-03-14 02:30",
            TORONTO,
            "02:30 does not exist on 2027-03-14 in America/Toronto: the clocks jump over it. Probably 03:30 is meant.",
        ),
        (
            "2027-03-28 01:00",
            LONDON,
            "01:00 does not exist on 2027-03-28 in Europe/London: the clocks jump over it. Probably 02:00 is meant.",
        ),
        (
            "2027-10-03 02:15",
            LORD_HOWE,
            "02:15 does not exist on 2027-10-03 in Australia/Lord_Howe: the clocks jump over it. "
            "Probably 02:45 is meant.",
        ),
    ],
)
def test_instant_at_refuses_a_skipped_time_with_the_one_behind_the_jump(wall, zone, message):
    with pytest.raises(ValidationError) as refusal:
        instant_at(at(wall), zone)

    assert (refusal.value.code, refusal.value.messages) == ("nonexistent_time", [message])


@settings(max_examples=200, deadline=None)
@given(zones_and_walls())
def test_instant_at_answers_or_suggests_a_time_that_exists(zone_and_wall):
    zone, wall = zone_and_wall

    try:
        answer = instant_at(wall, zone)
    except ValidationError as refusal:
        suggested = refusal.messages[0].split("Probably ")[1].split(" is meant")[0]
        suggestion = datetime.combine(wall.date(), time.fromisoformat(suggested))
        assert instants_at(wall, zone) == []
        assert suggestion == wall + length_of_jump(wall, zone)
        assert wall_of(instant_at(suggestion, zone), zone) == suggestion
    else:
        assert wall_of(answer, zone) == wall


@settings(max_examples=200, deadline=None)
@given(zones_and_days, st.integers(0, 239))
def test_instant_at_reaches_both_instants_of_a_doubled_time_by_name(zone_and_day, minute):
    zone, day = zone_and_day
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    instants = instants_at(wall, zone)
    names = [instant.astimezone(zone).tzname() for instant in instants]

    assert [instant_at(wall, zone, zone_name=name) for name in names] == instants
    assert [instant_at(wall, zone, zone_name=name.lower()) for name in names] == instants
    assert len(set(names)) == len(instants)


@pytest.mark.parametrize(
    ("wall", "zone", "zone_name", "message"),
    [
        (
            "2026-10-10 20:00",
            TORONTO,
            "EST",
            "“EST” is not what clocks in America/Toronto show at 2026-10-10 20:00. Write EDT, or leave it out.",
        ),
        (
            "2026-11-01 01:30",
            TORONTO,
            "CST",
            "“CST” is not what clocks in America/Toronto show at 2026-11-01 01:30. Write EDT or EST, or leave it out.",
        ),
    ],
)
def test_instant_at_refuses_a_zone_name_that_clocks_do_not_show_then(wall, zone, zone_name, message):
    with pytest.raises(ValidationError) as refusal:
        instant_at(at(wall), zone, zone_name=zone_name)

    assert (refusal.value.code, refusal.value.messages) == ("zone_name", [message])


@settings(max_examples=200, deadline=None)
@given(zones_and_days, minutes_around, minutes_around)
def test_instant_at_keeps_the_order_of_wall_times(zone_and_day, one, other):
    zone, day = zone_and_day
    midnight = datetime.combine(day, time())
    earlier, later = (midnight + timedelta(minutes=minute) for minute in sorted((one, other)))
    assume(earlier < later and instants_at(earlier, zone) and instants_at(later, zone))

    assert instant_at(earlier, zone) < instant_at(later, zone)
    assert instants_at(earlier, zone)[-1] < instants_at(later, zone)[-1]


@pytest.mark.parametrize(
    ("instant", "zone", "text"),
    [
        ("2026-10-10 20:00-04:00", TORONTO, "20:00"),
        ("2026-10-11 00:10-04:00", TORONTO, "00:10"),
        ("2026-11-01 00:59-04:00", TORONTO, "00:59"),
        ("2026-11-01 01:00-04:00", TORONTO, "01:00 EDT"),
        ("2026-11-01 01:59-05:00", TORONTO, "01:59 EST"),
        ("2026-11-01 02:00-05:00", TORONTO, "02:00"),
        ("2027-04-04 01:45+11:00", LORD_HOWE, "01:45 +11"),
        ("2027-04-04 01:45+10:30", LORD_HOWE, "01:45 +1030"),
    ],
)
def test_wall_text_names_the_zone_in_the_doubled_hour_only(instant, zone, text):
    assert wall_text(at(instant), zone) == text


@settings(max_examples=200, deadline=None)
@given(zones_and_instants())
def test_wall_text_is_read_back_as_the_same_instant(zone_and_instant):
    zone, instant = zone_and_instant

    text = wall_text(instant, zone)

    assert at_wall(instant.astimezone(zone).date(), parse_time(text), zone) == instant
    assert read_start(text, night=night_of(instant, zone, SIX), zone=zone, rollover=SIX) == instant


@pytest.mark.parametrize(
    ("instant", "rollover", "text"),
    [
        ("2026-10-10 20:00-04:00", SIX, "20:00"),
        ("2026-10-10 09:59-04:00", SIX, "09:59"),
        ("2026-10-10 10:00-04:00", SIX, "10:00am"),
        ("2026-10-10 12:59-04:00", SIX, "12:59pm"),
        ("2026-10-10 13:00-04:00", SIX, "13:00"),
        ("2026-10-11 00:25-04:00", SIX, "00:25"),
        ("2026-10-11 05:59-04:00", SIX, "05:59"),
        ("2026-10-11 06:00-04:00", SIX, "30:00"),
        ("2026-10-11 11:59-04:00", SIX, "35:59"),
        ("2026-10-11 11:59-04:00", time(12), "11:59am"),
    ],
)
def test_typed_text_says_to_which_night_and_half_of_the_day_it_belongs(instant, rollover, text):
    assert typed_text(at(instant), night=SATURDAY, zone=TORONTO, rollover=rollover) == text


def test_typed_text_names_the_zone_also_above_24():
    second = at("2026-11-01 01:30-05:00")

    assert typed_text(second, night=date(2026, 10, 31), zone=TORONTO, rollover=time(1)) == "25:30 EST"


@settings(max_examples=200, deadline=None)
@given(
    zones_and_days,
    st.integers(18 * 60, 21 * 60) | st.integers(0, 30 * 60),
    st.sampled_from([time(1), time(4), SIX, time(12)]),
    st.none() | st.integers(6 * 60, 24 * 60),
)
def test_typed_text_is_read_back_as_the_same_instant_whatever_the_doors(zone_and_day, minute, rollover, doors):
    zone, day = zone_and_day
    night = day - timedelta(days=1)  # the clocks change after its midnight
    instant = instant_at(datetime.combine(night, SIX), zone) + timedelta(minutes=minute)
    wall = wall_of(instant, zone)
    assume(datetime.combine(night, rollover) <= wall < datetime.combine(day, time(12)))
    opens_at = None if doors is None else instant_at(datetime.combine(night, time()), zone) + timedelta(minutes=doors)

    text = typed_text(instant, night=night, zone=zone, rollover=rollover)

    assert read_start(text, night=night, zone=zone, rollover=rollover, doors=opens_at, is_typed_by_hand=True) == instant


@pytest.mark.parametrize(
    ("instant", "nights", "zone", "shifted"),
    [
        ("2026-10-10 20:00-04:00", 7, TORONTO, "2026-10-17 20:00-04:00"),
        ("2026-10-10 20:00-04:00", -7, TORONTO, "2026-10-03 20:00-04:00"),
        ("2026-10-10 20:00-04:00", 0, TORONTO, "2026-10-10 20:00-04:00"),
        ("2026-10-31 20:00-04:00", 1, TORONTO, "2026-11-01 20:00-05:00"),
        ("2027-03-13 20:00-05:00", 1, TORONTO, "2027-03-14 20:00-04:00"),
        # The second of a doubled time stays the second where the time is doubled again, …
        ("2026-11-01 01:30-05:00", 0, TORONTO, "2026-11-01 01:30-05:00"),
        ("2026-11-01 01:30-04:00", 371, TORONTO, "2027-11-07 01:30-04:00"),
        ("2026-11-01 01:30-05:00", 371, TORONTO, "2027-11-07 01:30-05:00"),
        ("2026-11-01 01:30-05:00", 1, TORONTO, "2026-11-02 01:30-05:00"),
        # … and a skipped time moves behind the jump, whichever of the two it was.
        ("2027-03-13 02:30-05:00", 1, TORONTO, "2027-03-14 03:30-04:00"),
        ("2026-10-25 01:30+01:00", 154, LONDON, "2027-03-28 02:30+01:00"),
        ("2026-10-25 01:30+00:00", 154, LONDON, "2027-03-28 02:30+01:00"),
    ],
)
def test_shift_by_nights_keeps_what_clocks_show(instant, nights, zone, shifted):
    assert shift_by_nights(at(instant), nights, zone) == at(shifted)


@settings(max_examples=200, deadline=None)
@given(zones_and_instants(), st.integers(-3, 3) | st.sampled_from([-371, -364, -217, -154, 154, 217, 364, 371]))
def test_shift_by_nights_keeps_the_wall_time_or_moves_it_behind_the_jump(zone_and_instant, nights):
    zone, instant = zone_and_instant
    meant = wall_of(instant, zone) + timedelta(days=nights)

    shifted = shift_by_nights(instant, nights, zone)

    exists = instants_at(meant, zone) != []
    assert wall_of(shifted, zone) == (meant if exists else meant + length_of_jump(meant, zone))
    assert not exists or shift_by_nights(shifted, -nights, zone) in instants_at(wall_of(instant, zone), zone)


@pytest.mark.parametrize(
    ("instant", "old_zone", "new_zone", "kept"),
    [
        ("2026-10-10 20:00-04:00", "America/Toronto", "America/Vancouver", "2026-10-10 20:00-07:00"),
        ("2026-10-11 00:10-04:00", "America/Toronto", "Asia/Tokyo", "2026-10-11 00:10+09:00"),
        ("2026-11-01 01:30-04:00", "America/Toronto", "America/New_York", "2026-11-01 01:30-04:00"),
        ("2026-11-01 01:30-05:00", "America/Toronto", "America/New_York", "2026-11-01 01:30-05:00"),
        ("2026-11-01 01:30-05:00", "America/Toronto", "America/Regina", "2026-11-01 01:30-06:00"),
        ("2026-11-01 01:30-06:00", "America/Regina", "America/Toronto", "2026-11-01 01:30-04:00"),
        ("2027-03-14 02:30-06:00", "America/Regina", "America/Toronto", "2027-03-14 03:30-04:00"),
    ],
)
def test_keep_wall_time_moves_the_instant_and_not_the_clock(instant, old_zone, new_zone, kept):
    assert keep_wall_time(at(instant), ZoneInfo(old_zone), ZoneInfo(new_zone)) == at(kept)


@settings(max_examples=200, deadline=None)
@given(zones_and_instants(), st.sampled_from(list(DAYS_OF_CHANGE)))
def test_keep_wall_time_keeps_the_wall_time_or_moves_it_behind_the_jump(zone_and_instant, new_zone):
    old_zone, instant = zone_and_instant
    meant = wall_of(instant, old_zone)

    kept = keep_wall_time(instant, old_zone, new_zone)

    exists = instants_at(meant, new_zone) != []
    assert wall_of(kept, new_zone) == (meant if exists else meant + length_of_jump(meant, new_zone))
    assert keep_wall_time(instant, old_zone, old_zone) == instant
