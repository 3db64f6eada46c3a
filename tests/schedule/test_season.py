"""What is on tonight, what comes, what is over: both sides of every boundary, in the event's own zone."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from schedule import lineup
from schedule.events import update_event
from schedule.models import Event
from schedule.models.event import PUBLIC
from schedule.publishing import archive_event, unpublish_event
from schedule.season import Phase, load_season
from tests.factories import NOW, SATURDAY, make_admin, make_event, make_public_event, make_set, wall

pytestmark = pytest.mark.django_db

ACTION = {"by": None, "now": NOW}
FRIDAYS = [date(2026, 10, 9), date(2026, 10, 16), date(2026, 10, 23)]


def at(text):
    """ "2026-10-10 20:00-04:00" as an instant."""
    return datetime.fromisoformat(text).astimezone(UTC)


def judge(event, now, viewer=PUBLIC):
    """The phase and the next night of an event."""
    season = load_season(viewer, now=now)
    (found,) = [
        (each.phase, each.next_night)
        for each in (*season.tonight, *season.upcoming, *season.past)
        if each.event == event
    ]
    return found


def names_of(season):
    return {phase: [each.event.name for each in getattr(season, phase)] for phase in ("tonight", "upcoming", "past")}


def test_season_without_events_is_empty():
    season = load_season(PUBLIC, now=NOW)

    assert names_of(season) == {"tonight": [], "upcoming": [], "past": []}
    assert season.current is None


@pytest.mark.parametrize(
    ("now", "phase", "next_night"),
    [
        ("2026-10-09 20:00-04:00", Phase.UPCOMING, SATURDAY),
        ("2026-10-10 05:59-04:00", Phase.UPCOMING, SATURDAY),
        ("2026-10-10 06:00-04:00", Phase.TONIGHT, SATURDAY),
        ("2026-10-10 23:59-04:00", Phase.TONIGHT, SATURDAY),
        ("2026-10-11 00:01-04:00", Phase.TONIGHT, SATURDAY),
        ("2026-10-11 05:59-04:00", Phase.TONIGHT, SATURDAY),
        ("2026-10-11 06:00-04:00", Phase.PAST, None),
    ],
)
@pytest.mark.parametrize("has_sets", [True, False])
def test_event_of_one_night_is_tonight_from_rollover_to_rollover(now, phase, next_night, has_sets):
    event = make_public_event()
    if has_sets:
        make_set(event)

    assert judge(event, at(now)) == (phase, next_night)


@pytest.mark.parametrize(
    ("rollover", "now", "phase"),
    [
        (time(4), "2026-10-11 03:59-04:00", Phase.TONIGHT),
        (time(4), "2026-10-11 04:00-04:00", Phase.PAST),
        (time(12), "2026-10-11 11:59-04:00", Phase.TONIGHT),
        (time(12), "2026-10-11 12:00-04:00", Phase.PAST),
        (time(0), "2026-10-10 23:59-04:00", Phase.TONIGHT),
        (time(0), "2026-10-11 00:00-04:00", Phase.PAST),
    ],
)
def test_rollover_of_the_event_ends_its_night(rollover, now, phase):
    event = make_public_event(rollover=rollover)

    assert judge(event, at(now))[0] == phase


@pytest.mark.parametrize(
    ("zone", "now", "phase"),
    [
        # At this instant it is Saturday evening in Toronto, Sunday morning in Auckland, Saturday noon in Pago Pago.
        ("America/Toronto", "2026-10-10 20:00-04:00", Phase.TONIGHT),
        ("Pacific/Auckland", "2026-10-10 20:00-04:00", Phase.PAST),
        ("Pacific/Pago_Pago", "2026-10-10 20:00-04:00", Phase.TONIGHT),
        # And at this one it is Saturday in Kiritimati alone.
        ("Pacific/Kiritimati", "2026-10-09 20:00+00:00", Phase.TONIGHT),
        ("America/Toronto", "2026-10-09 20:00+00:00", Phase.UPCOMING),
        ("Etc/GMT+12", "2026-10-11 17:59+00:00", Phase.TONIGHT),
        ("Etc/GMT+12", "2026-10-11 18:00+00:00", Phase.PAST),
        ("Pacific/Kiritimati", "2026-10-09 15:59+00:00", Phase.UPCOMING),
        ("Pacific/Kiritimati", "2026-10-09 16:00+00:00", Phase.TONIGHT),
    ],
)
def test_phase_is_judged_in_the_zone_of_the_event(zone, now, phase):
    event = make_public_event(timezone=zone)
    make_set(event)

    assert judge(event, at(now))[0] == phase


def test_two_events_on_the_same_date_have_different_phases_at_one_instant():
    make_public_event("In Toronto", timezone="America/Toronto")
    make_public_event("In Vancouver", timezone="America/Vancouver")
    make_public_event("In London", timezone="Europe/London")

    at_six_in_toronto = names_of(load_season(PUBLIC, now=at("2026-10-10 06:00-04:00")))
    morning_after = names_of(load_season(PUBLIC, now=at("2026-10-11 06:00-04:00")))

    assert at_six_in_toronto == {"tonight": ["In Toronto", "In London"], "upcoming": ["In Vancouver"], "past": []}
    assert morning_after == {"tonight": ["In Vancouver"], "upcoming": [], "past": ["In London", "In Toronto"]}


# Sets that play on past the rollover


@pytest.mark.parametrize(
    ("now", "phase"),
    [
        ("2026-10-11 06:00-04:00", Phase.TONIGHT),
        ("2026-10-11 07:29-04:00", Phase.TONIGHT),
        ("2026-10-11 07:30-04:00", Phase.PAST),
    ],
)
def test_night_lasts_until_its_last_set_has_ended(now, phase):
    event = make_public_event()
    make_set(event, "Moth Choir", "30:30", "31:30")
    make_set(event, "The Harpoonist", "29:00", "30:10")

    assert judge(event, at(now))[0] == phase


def test_night_lasts_until_a_set_without_an_end_has_begun():
    event = make_public_event()
    make_set(event, "Moth Choir", "30:30", None)

    assert judge(event, at("2026-10-11 06:29-04:00")) == (Phase.TONIGHT, SATURDAY)
    assert judge(event, at("2026-10-11 06:30-04:00")) == (Phase.PAST, None)


def test_every_night_of_an_event_lasts_until_its_last_set_has_ended():
    event = make_public_event(date=FRIDAYS[0], end_date=FRIDAYS[-1])
    for friday in FRIDAYS:
        make_set(event, "Moth Choir", "29:30", "30:30", night=friday)

    mornings = {
        friday: [judge(event, wall(event, clock, night=friday)) for clock in ("30:29", "30:30")] for friday in FRIDAYS
    }

    assert mornings == {
        FRIDAYS[0]: [(Phase.TONIGHT, FRIDAYS[0]), (Phase.UPCOMING, FRIDAYS[1])],
        FRIDAYS[1]: [(Phase.TONIGHT, FRIDAYS[1]), (Phase.UPCOMING, FRIDAYS[2])],
        FRIDAYS[2]: [(Phase.TONIGHT, FRIDAYS[2]), (Phase.PAST, None)],
    }


def _cancel(event, performance):
    lineup.cancel_set(performance, **ACTION)


def _postpone(event, performance):
    lineup.postpone_set(performance, **ACTION)


def _withdraw(event, performance):
    lineup.withdraw_set(performance, **ACTION)


def _hide(event, performance):
    update_event(event, reveal_mode=True, **ACTION)
    lineup.hide_set(performance, **ACTION)


def _keep_times_back(event, performance):
    update_event(event, times_public=False, **ACTION)


@pytest.mark.parametrize("hide", [_cancel, _postpone, _withdraw, _hide, _keep_times_back])
def test_set_that_does_not_play_or_is_hidden_does_not_make_the_night_longer(hide):
    event = make_public_event()
    performance = make_set(event, "Moth Choir", "29:30", "30:30")
    quarter_past_six = at("2026-10-11 06:15-04:00")
    assert judge(event, quarter_past_six)[0] == Phase.TONIGHT

    hide(event, performance)

    assert judge(event, quarter_past_six)[0] == Phase.PAST


# Several nights


@pytest.mark.parametrize(
    ("now", "phase", "next_night"),
    [
        ("2026-10-08 20:00-04:00", Phase.UPCOMING, FRIDAYS[0]),
        ("2026-10-09 20:00-04:00", Phase.TONIGHT, FRIDAYS[0]),
        ("2026-10-10 05:59-04:00", Phase.TONIGHT, FRIDAYS[0]),
        ("2026-10-10 06:00-04:00", Phase.UPCOMING, FRIDAYS[1]),
        ("2026-10-14 20:00-04:00", Phase.UPCOMING, FRIDAYS[1]),
        ("2026-10-16 20:00-04:00", Phase.TONIGHT, FRIDAYS[1]),
        ("2026-10-17 20:00-04:00", Phase.UPCOMING, FRIDAYS[2]),
        ("2026-10-23 23:59-04:00", Phase.TONIGHT, FRIDAYS[2]),
        ("2026-10-24 06:00-04:00", Phase.PAST, None),
    ],
)
def test_event_of_three_fridays_is_upcoming_between_them(now, phase, next_night):
    event = make_public_event(date=FRIDAYS[0], end_date=FRIDAYS[-1])
    for friday in FRIDAYS:
        make_set(event, night=friday)

    assert judge(event, at(now)) == (phase, next_night)


@pytest.mark.parametrize(
    ("zone", "rollover", "now", "night"),
    [
        ("Pacific/Kiritimati", time(6), "2026-10-14 20:00+00:00", date(2026, 10, 15)),  # the date after UTC's
        ("Etc/GMT+12", time(6), "2026-10-15 17:00+00:00", date(2026, 10, 14)),
        ("Etc/GMT+12", time(13), "2026-10-16 00:30+00:00", date(2026, 10, 14)),  # two dates before UTC's
    ],
)
def test_next_night_of_an_event_is_found_at_both_ends_of_the_world(zone, rollover, now, night):
    event = make_public_event(date=FRIDAYS[0], end_date=FRIDAYS[-1], timezone=zone, rollover=rollover)
    make_set(event, night=night)
    make_set(event, night=night + timedelta(days=1))

    assert judge(event, at(now)) == (Phase.TONIGHT, night)


def test_night_of_which_nothing_is_public_does_not_count():
    event = make_public_event(date=FRIDAYS[0], end_date=FRIDAYS[-1], reveal_mode=True)
    make_set(event, night=FRIDAYS[1])

    assert judge(event, at("2026-10-14 20:00-04:00")) == (Phase.UPCOMING, FRIDAYS[2])
    assert judge(event, at("2026-10-14 20:00-04:00"), viewer=make_admin()) == (Phase.UPCOMING, FRIDAYS[1])


@pytest.mark.parametrize("days", [0, 1, 2])
def test_festival_is_tonight_on_each_of_its_days(days):
    event = make_public_event(end_date=SATURDAY + timedelta(days=2))
    for day in range(3):
        make_set(event, night=SATURDAY + timedelta(days=day))

    assert judge(event, wall(event, "20:00") + timedelta(days=days)) == (
        Phase.TONIGHT,
        SATURDAY + timedelta(days=days),
    )


# Order and what counts


def test_tonight_and_upcoming_are_in_order_of_their_nights_and_past_is_latest_first():
    def make(name, first, last=None):
        return make_public_event(name, date=first, end_date=last)

    make("Past A", date(2026, 9, 1), date(2026, 9, 30))
    make("Past B", date(2026, 9, 20))
    make("Tonight A", date(2026, 10, 9), date(2026, 10, 10))
    make("Tonight B", SATURDAY)
    make("Next week", date(2026, 10, 17))
    series = make("Series", date(2026, 10, 1), date(2026, 10, 30))
    make("Next day", date(2026, 10, 11))
    make_set(series, night=date(2026, 10, 12))

    season = load_season(PUBLIC, now=at("2026-10-10 20:00-04:00"))

    assert names_of(season) == {
        "tonight": ["Tonight A", "Tonight B"],
        "upcoming": ["Next day", "Series", "Next week"],
        "past": ["Past A", "Past B"],
    }


@pytest.mark.parametrize(
    ("now", "current"),
    [
        ("2026-10-01 12:00-04:00", "First"),
        ("2026-10-10 20:00-04:00", "First"),
        ("2026-10-11 05:59-04:00", "First"),
        ("2026-10-11 06:00-04:00", "Second"),
        ("2026-10-24 20:00-04:00", "Second"),
        ("2026-10-25 06:00-04:00", "Second"),
    ],
)
def test_current_event_is_tonights_else_the_next_else_the_last(now, current):
    make_public_event("Second", date=date(2026, 10, 24))
    make_public_event("First")

    assert load_season(PUBLIC, now=at(now)).current.name == current


def test_archived_event_is_past_and_current_only_when_nothing_else_is():
    archived = make_public_event("Archived", date=date(2026, 10, 3))
    make_set(archived)
    archive_event(archived, **ACTION)
    during = wall(archived, "20:00")
    assert load_season(PUBLIC, now=during).current == archived
    assert judge(archived, during) == (Phase.PAST, None)

    make_public_event("Next")

    assert load_season(PUBLIC, now=during).current.name == "Next"


def test_drafts_are_there_for_organizers_only():
    draft = make_event("Draft")
    unpublished = make_public_event("Unpublished")
    unpublish_event(unpublished, **ACTION)

    assert load_season(PUBLIC, now=NOW).current is None
    assert names_of(load_season(make_admin(), now=NOW))["upcoming"] == [draft.name, unpublished.name]


@pytest.mark.parametrize("event_count", [1, 3])
def test_season_takes_one_query(django_assert_num_queries, event_count):
    for number in range(event_count):
        event = make_public_event(f"Event {number}", date=SATURDAY + timedelta(days=number))
        make_set(event, f"Band {number}")
        make_set(event, "Everywhere")

    with django_assert_num_queries(1):
        season = load_season(PUBLIC, now=NOW)

    assert [each.event for each in season.upcoming] == list(Event.objects.order_by("date"))
