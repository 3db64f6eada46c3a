"""One night on the board: its sets by venue, what stands around them, and what does not fit."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from accounts.models import User
from schedule.conflicts import Conflict, Hours, closed_events, find_among, sets_around
from schedule.models import Doors, Event, Performance, Venue
from schedule.nights import instants_at, night_of
from schedule.templatetags.set_times import clock

# Twelve hours around a night's sets lie other events' sets of that night, and not the neighbours' evenings.
MARGIN = timedelta(hours=12)


@dataclass(frozen=True)
class NightBoard:
    """The sets of a night, saved or as somebody would have them, withdrawn ones apart; `others` are around them."""

    event: Event
    night: date
    sets: list[Performance]
    others: list[Performance]
    doors: list[Doors]
    reader: User

    @cached_property
    def hours(self) -> Hours:
        return Hours(self.doors)

    @cached_property
    def conflicts(self) -> list[Conflict]:
        """What does not fit, as far as sets of this night have a part in it."""
        own = {each.pk for each in self.sets}
        found = find_among(self.event, [*self.sets, *self.others], self.hours, reader=self.reader)
        return [each for each in found if own.intersection(other.pk for other in (each.cause, *each.others))]

    @cached_property
    def foreign(self) -> list[Performance]:
        """Sets of other events in the same rooms, or by the same bands."""
        return [each for each in self.others if each.event_id != self.event.pk]

    @cached_property
    def closed_events(self) -> frozenset[int]:
        return closed_events(self.foreign, self.reader)

    @cached_property
    def all_venues(self) -> list[Venue]:
        """Every venue in walking order, rooms under their house."""
        return list(Venue.objects.select_related("parent"))

    @cached_property
    def venues(self) -> list[Venue]:
        """Those with a set on this night, or with doors or a curfew of their own."""
        used = {each.venue_id for each in self.sets} | {each.venue_id for each in self.doors}
        return [venue for venue in self.all_venues if venue.pk in used]


def read_board(event: Event, night: date, *, reader: User, sets: list[Performance] | None = None) -> NightBoard:
    """The board of a night, by default with the sets as they are saved; otherwise with these."""
    own = list(sets_of(event, night)) if sets is None else sets
    on_board = [each for each in own if each.status != Performance.Status.WITHDRAWN]
    others = sets_around(on_board, margin=MARGIN).exclude(event=event, night=night)
    doors = event.doors.filter(night=night)
    return NightBoard(event, night, on_board, list(others), list(doors), reader)


def sets_of(event: Event, night: date) -> QuerySet[Performance]:
    """The sets of a night with what their titles and rooms are made of, in the order of the day."""
    return event.performances.filter(night=night).select_related("event", "band", "venue__parent")


def nights_with_sets(event: Event) -> set[date]:
    return set(event.performances.order_by().values_list("night", flat=True).distinct())


def night_to_open(event: Event, *, now: datetime) -> date:
    """Tonight, else the next night that has sets, else the first that has, else the event's first."""
    if not event.has_several_nights:
        return event.date
    nights = sorted(nights_with_sets(event))
    tonight = night_of(now, event.zone, event.rollover)
    return next((night for night in nights if night >= tonight), nights[0] if nights else event.date)


def clock_in(instant: datetime, zone: ZoneInfo) -> str:
    """The time by the clock of who is signed in: "8:50 PM" or "20:50", in the doubled hour with the zone's name."""
    local = instant.astimezone(zone)
    is_doubled = len(instants_at(local.replace(tzinfo=None, fold=0), zone)) > 1
    return f"{clock(local)} {local.tzname()}" if is_doubled else clock(local)
