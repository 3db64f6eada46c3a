"""The demo is alive whenever it is run, and run again adds nothing twice."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from bands.models import BandProfile
from schedule import conflicts
from schedule.demo import LAST_SEASON, NEXT_SEASON, TONIGHT, build_demo
from schedule.models import Event, Performance, Venue
from schedule.models.event import PUBLIC
from schedule.season import load_season
from schedule.snapshot import Programme
from tests.factories import make_event

pytestmark = pytest.mark.django_db

MOMENTS = {
    "morning": datetime(2026, 11, 20, 15, 2, tzinfo=UTC),
    "evening": datetime(2026, 11, 21, 1, 33, tzinfo=UTC),
    "after midnight": datetime(2026, 11, 21, 6, 10, tzinfo=UTC),
    "just before the rollover": datetime(2026, 11, 21, 10, 59, tzinfo=UTC),
    "just after the rollover": datetime(2026, 11, 21, 11, 0, tzinfo=UTC),
    "summer time ends tonight": datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
    "summer time begins tonight": datetime(2026, 3, 8, 6, 45, tzinfo=UTC),
}


def rows():
    return (Event.objects.count(), Performance.objects.count(), BandProfile.objects.count(), Venue.objects.count())


@pytest.mark.parametrize("now", MOMENTS.values(), ids=MOMENTS)
def test_demo_is_alive_whenever_it_is_run(now):
    build_demo(now=now)

    season = load_season(PUBLIC, now=now)
    tonight = season.tonight[0].event
    programme = Programme.load(tonight, PUBLIC)
    assert [each.event.slug for each in (*season.tonight, *season.upcoming, *season.past)] == [
        TONIGHT,
        NEXT_SEASON,
        LAST_SEASON,
    ]
    assert {"The Harpoonist", "!!Wow!!", "$till Water$"} <= {row.name for row in programme.playing_at(now)}


@pytest.mark.parametrize("moment", ["morning", "evening"])
def test_demo_has_something_coming_next(moment):
    tonight, _, _ = build_demo(now=MOMENTS[moment])

    following = Programme.load(tonight, PUBLIC).next_at(MOMENTS[moment])

    assert [row.name for row in following] == ["Paper Crane Wreck", "mxdnght"]


def test_demo_shows_what_can_happen_in_a_night():
    now = MOMENTS["evening"]

    tonight, last, coming = build_demo(now=now)

    sets = {p.title: p for p in tonight.performances.all()}
    assert (sets["Low Tide Lowell"].status, sets["Dog Ferry"].status) == ("cancelled", "cancelled")
    assert tonight.performances.filter(replaces=sets["Dog Ferry"]).get().title == "mxdnght"
    assert (sets["TBA"].kind, sets["The Quiet Riot Girls"].starts_at) == ("placeholder", None)
    assert tonight.performances.filter(band__name="The Harpoonist").count() == 2
    assert [c.kind for c in conflicts.find(tonight)].count("venue_overlap") >= 1
    after_midnight = [
        p for p in tonight.performances.exclude(starts_at=None) if p.starts_at.astimezone(tonight.zone).date() > p.night
    ]
    assert len(after_midnight) >= 4
    assert (last.status, coming.reveal_mode) == ("archived", True)
    assert (coming.performances.count(), Performance.objects.visible_to(PUBLIC).filter(event=coming).count()) == (11, 5)


@pytest.mark.parametrize("later", [timedelta(), timedelta(minutes=7), timedelta(hours=9), timedelta(days=40)])
def test_demo_run_again_moves_to_the_present_and_adds_nothing(later):
    build_demo(now=MOMENTS["evening"])
    before = rows()
    uids = set(Performance.objects.values_list("uid", flat=True))
    now = MOMENTS["evening"] + later

    build_demo(now=now)

    assert rows() == before
    assert set(Performance.objects.values_list("uid", flat=True)) == uids
    tonight = load_season(PUBLIC, now=now).tonight[0].event
    assert {"The Harpoonist", "!!Wow!!"} <= {row.name for row in Programme.load(tonight, PUBLIC).playing_at(now)}


def test_demo_run_again_at_the_same_moment_changes_no_revision():
    build_demo(now=MOMENTS["evening"])
    revisions = list(Event.objects.values_list("slug", "revision"))

    build_demo(now=MOMENTS["evening"])

    assert list(Event.objects.values_list("slug", "revision")) == revisions


def test_demo_refuses_beside_other_events_unless_forced():
    make_event("A Real Event")

    with pytest.raises(ValidationError):
        build_demo(now=MOMENTS["evening"])
    assert rows() == (1, 0, 0, 0)

    build_demo(now=MOMENTS["evening"], force=True)
    assert Event.objects.count() == 4


def test_demo_command_says_where_to_look(capsys, settings):
    with time_machine.travel(MOMENTS["evening"], tick=False):
        call_command("demo")

    assert capsys.readouterr().out.splitlines() == [
        "Harbour Street Crawl: 2026-11-20, 17 sets, published, http://testserver/events/harbour-crawl-tonight/",
        "Harbour Street Crawl, last season: 2026-08-28, 11 sets, archived, "
        "http://testserver/events/harbour-crawl-last-season/",
        "Harbour Street Crawl, next season: 2027-02-12, 11 sets, published, "
        "http://testserver/events/harbour-crawl-next-season/",
    ]


def test_demo_command_beside_other_events_fails_or_says_so(capsys):
    make_event("A Real Event")

    with pytest.raises(CommandError) as refusal:
        call_command("demo")
    assert str(refusal.value) == (
        "There are other events here, A Real Event for one. The demo would mix with them; --force makes it anyway."
    )

    call_command("demo", "--if-alone")
    assert capsys.readouterr().out == "There are events of your own; no demo is made beside them.\n"
