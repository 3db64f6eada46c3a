"""Which event is on tonight, which come, which are over: judged in each event's own zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery

from schedule.models import Event, Performance
from schedule.models.event import Viewer
from schedule.nights import night_of


class Phase(StrEnum):
    TONIGHT = "tonight"
    UPCOMING = "upcoming"
    PAST = "past"


@dataclass(frozen=True)
class SeasonEvent:
    """An event, when its next night is (tonight counts; None when it is over), and so its phase."""

    event: Event
    phase: Phase
    next_night: date | None


@dataclass(frozen=True)
class Season:
    """All visible events: tonight's and upcoming ones by their next night, past ones latest first."""

    tonight: list[SeasonEvent]
    upcoming: list[SeasonEvent]
    past: list[SeasonEvent]

    @property
    def current(self) -> Event | None:
        """The event running tonight, else the next, else the last."""
        for each in (*self.tonight, *self.upcoming, *self.past):
            return each.event
        return None


def load_season(viewer: Viewer, *, now: datetime, among: QuerySet[Event] | None = None) -> Season:
    """Sort the events that a viewer may see, or those `among` which, into tonight, upcoming and past. One query.

    A night lasts until the event's rollover, and beyond it until its last set has ended. Of an
    event whose days are apart only the nights that have sets count, and its first and last.
    Archived events are past.
    """
    visible = Event.objects.visible_to(viewer) if among is None else among
    events = _with_coming_nights(visible, viewer, now=now)
    season = Season([], [], [])
    for event in events.order_by("date", "pk"):
        each = _judge(event, now=now)
        getattr(season, each.phase.value).append(each)
    season.tonight.sort(key=lambda each: (each.event.date, each.event.pk))
    season.upcoming.sort(key=lambda each: (each.next_night, each.event.pk))
    season.past.sort(key=lambda each: (each.event.last_night, each.event.pk), reverse=True)
    return season


def _days_around(now: datetime) -> list[date]:
    """Every date that can be "tonight" somewhere on earth."""
    today = now.astimezone(UTC).date()
    return [today + timedelta(days=days) for days in (-2, -1, 0, 1)]


def _with_coming_nights(events: QuerySet[Event], viewer: Viewer, *, now: datetime) -> QuerySet[Event]:
    """Each event with the first night that has a set to come or running, by the clock, and for every
    possible tonight the first night from then on that has sets.
    """
    sets = Performance.objects.visible_to(viewer).filter(event=OuterRef("pk")).order_by().values("event")
    coming = {
        f"coming_from_{day:%Y%m%d}": Subquery(sets.filter(night__gte=day).annotate(first=Min("night")).values("first"))
        for day in _days_around(now)
    }
    unfinished = sets.filter(
        Q(ends_at__gt=now) | Q(starts_at__gt=now), event__times_public=True, status=Performance.Status.SCHEDULED
    ).annotate(first=Min("night"))
    return events.annotate(unfinished_night=Subquery(unfinished.values("first")), **coming)


def _judge(event: Event, *, now: datetime) -> SeasonEvent:
    tonight = night_of(now, event.zone, event.rollover)
    if event.status == Event.Status.ARCHIVED:
        return SeasonEvent(event, Phase.PAST, None)
    nights = [event.date, event.last_night, getattr(event, f"coming_from_{tonight:%Y%m%d}", None)]
    next_night = min((night for night in nights if night and night >= tonight), default=None)
    unfinished: date | None = getattr(event, "unfinished_night", None)
    if unfinished is not None and unfinished < tonight:
        return SeasonEvent(event, Phase.TONIGHT, unfinished)
    if next_night is None:
        return SeasonEvent(event, Phase.PAST, None)
    return SeasonEvent(event, Phase.TONIGHT if next_night == tonight else Phase.UPCOMING, next_night)
