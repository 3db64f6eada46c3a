"""What does not fit in the running order: found here, shown everywhere, never an error."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from schedule.models import Doors, Event, Performance, Venue
from schedule.nights import wall_text

MARGIN = timedelta(days=1)


class ConflictKind(StrEnum):
    VENUE_OVERLAP = "venue_overlap"
    BAND_TWICE = "band_twice"
    CHANGEOVER = "changeover"
    CURFEW = "curfew"


@dataclass(frozen=True)
class Conflict:
    """One cause: a set, and the sets that it overlaps in its room, or that its band plays at the same time.

    Or one that begins less than `minutes` after the other, or lasts beyond the curfew. Of sets in
    `closed_events`, the numbers of events, who reads it learns neither title, time nor event.
    """

    kind: ConflictKind
    cause: Performance
    others: tuple[Performance, ...] = ()
    minutes: int = 0
    curfew_at: datetime | None = None
    closed_events: frozenset[int] = frozenset()

    @property
    def message(self) -> str:
        """The warning as a sentence, with nights, and times as `wall_text` writes them."""
        return self.sentence(wall_text, day=str)

    def sentence(self, clock: Callable[[datetime, ZoneInfo], str], *, day: Callable[[date], str] | None = None) -> str:
        """The warning in words, times in the zone of the cause's event; of another one where that is closed.

        Nights are told as `day` writes them, and not at all without it.
        """
        words = _Words(self, clock, day)
        if self.kind == ConflictKind.VENUE_OVERLAP:
            return words.of_overlap()
        if self.kind == ConflictKind.BAND_TWICE:
            return words.of_band_twice()
        return words.of_changeover() if self.kind == ConflictKind.CHANGEOVER else words.of_curfew()

    def is_closed(self, performance: Performance) -> bool:
        return performance.event_id in self.closed_events


class _Words:
    """A conflict in sentences."""

    def __init__(
        self, conflict: Conflict, clock: Callable[[datetime, ZoneInfo], str], day: Callable[[date], str] | None
    ) -> None:
        self.conflict, self.cause, self.others = conflict, conflict.cause, conflict.others
        told = [each for each in (self.cause, *self.others) if not conflict.is_closed(each)]
        self.zone = (told or [self.cause])[0].event.zone
        self.clock, self.day = clock, day

    def of_overlap(self) -> str:
        facts = {"set": self._describe(self.cause), "others": self._describe_others(), "venue": self.cause.venue}
        if self.conflict.is_closed(self.cause):
            return _("Another event overlaps %(others)s at %(venue)s.") % facts
        return _("%(set)s overlaps %(others)s at %(venue)s.") % facts

    def of_band_twice(self) -> str:
        facts = {"band": self.cause.band, "set": self._describe(self.cause), "others": self._describe_others()}
        if self.conflict.is_closed(self.cause):
            return _("%(band)s plays twice at once: %(set)s, %(others)s.") % facts
        place = _place(self.cause)
        return _("%(band)s plays twice at once: %(set)s %(place)s, %(others)s.") % {**facts, "place": place}

    def of_changeover(self) -> str:
        (earlier,) = self.others
        return _("%(venue)s needs %(minutes)d minutes between %(earlier)s and %(later)s.") % {
            "venue": self.cause.venue,
            "minutes": self.conflict.minutes,
            "earlier": self._describe(earlier),
            "later": self._describe(self.cause),
        }

    def of_curfew(self) -> str:
        curfew = self.conflict.curfew_at
        facts = {"set": self._describe(self.cause), "curfew": self.clock(curfew, self.zone) if curfew else ""}
        if self.cause.ends_at:
            return _("%(set)s ends after the curfew at %(curfew)s.") % facts
        return _("%(set)s starts after the curfew at %(curfew)s.") % facts

    def _describe_others(self) -> str:
        told = [self._describe(other) for other in self.others if not self.conflict.is_closed(other)]
        return ", ".join(told if len(told) == len(self.others) else [*told, _("another event")])

    def _describe(self, performance: Performance) -> str:
        if self.conflict.is_closed(performance):
            return _("another event")
        facts = {
            "start": self.clock(performance.starts_at, self.zone) if performance.starts_at else "?",
            "end": self.clock(performance.ends_at, self.zone) if performance.ends_at else "",
        }
        times = _("%(start)s to %(end)s") % facts if performance.ends_at else _("%(start)s, end open") % facts
        elsewhere = [str(performance.event)] if performance.event_id != self.cause.event_id else []
        if self.conflict.kind == ConflictKind.BAND_TWICE and performance is not self.cause:
            elsewhere.insert(0, _place(performance))
        when = f"{self.day(performance.night)} {times}" if self.day else times
        return f"{performance.title} ({', '.join([when, *elsewhere])})"


def _place(performance: Performance) -> str:
    return _("at %(venue)s") % {"venue": performance.venue} if performance.venue else _("venue open")


@dataclass(frozen=True)
class _Slot:
    performance: Performance
    starts_at: datetime
    ends_at: datetime


class Hours:
    """When the doors of an event open and its curfews are: a room's own, else its house's, else the night's."""

    def __init__(self, doors: Iterable[Doors]) -> None:
        self._rows = {(each.night, each.venue_id): each for each in doors}

    def opens_at(self, night: date, venue: Venue | None) -> datetime | None:
        return self._first("opens_at", night, venue)

    def curfew_at(self, night: date, venue: Venue | None) -> datetime | None:
        return self._first("curfew_at", night, venue)

    def _first(self, name: str, night: date, venue: Venue | None) -> datetime | None:
        places = [venue.pk, venue.parent_id, None] if venue else [None]
        rows = [self._rows[night, place] for place in places if (night, place) in self._rows]
        return next((getattr(row, name) for row in rows if getattr(row, name)), None)


def changeover_minutes(event: Event, venue: Venue | None) -> int:
    """The minutes that a stage needs between two sets: its own, else the event's; 0 for none."""
    own = venue.changeover_minutes if venue else None
    return event.changeover_minutes if own is None else own


def find(event: Event, *, reader: User | None = None) -> list[Conflict]:
    """All that does not fit of the event's sets, also with other events' sets.

    Overlaps in a room, a band in two places, too little time between two sets of a room, and sets
    that last beyond the curfew. Placeholders, and cancelled, postponed and withdrawn sets, never
    count. A set without an end is taken to last until the next one in its room, at most the event's
    default length. One cause is one conflict, however many sets it overlaps. Events that are not
    open to the reader are told to her as "another event"; without a reader everything is told.
    """
    own = list(_readable().filter(event=event))
    if not own:
        return []
    others = sets_around(own).exclude(event=event)
    return find_among(event, [*own, *others], Hours(event.doors.all()), reader=reader)


def find_among(
    event: Event, performances: Iterable[Performance], hours: Hours, *, reader: User | None = None
) -> list[Conflict]:
    """`find` for these sets, as they are in memory, saved or not."""
    timed = [each for each in performances if each.starts_at and _takes_place(each)]
    slots = _with_assumed_ends(sorted(timed, key=lambda each: (each.starts_at, each.pk)))
    at_venue = _overlapping_pairs(slots, group=lambda slot: slot.performance.venue_id, event=event)
    same_band = _overlapping_pairs(slots, group=lambda slot: slot.performance.band_id, event=event)
    same_band = [
        (one, other)
        for one, other in same_band
        if one.performance.venue_id is None or one.performance.venue_id != other.performance.venue_id
    ]
    found = [
        *_by_cause(ConflictKind.VENUE_OVERLAP, at_venue, event),
        *_by_cause(ConflictKind.BAND_TWICE, same_band, event),
        *_short_changeovers(slots, event),
        *_beyond_curfew(slots, event, hours),
    ]
    closed = closed_events((each for conflict in found for each in (conflict.cause, *conflict.others)), reader)
    return [replace(conflict, closed_events=closed) for conflict in found]


def find_for(performance: Performance, *, reader: User | None = None) -> list[Conflict]:
    """The conflicts in which one set has a part."""
    return [
        conflict
        for conflict in find(performance.event, reader=reader)
        if performance.pk in {conflict.cause.pk, *(other.pk for other in conflict.others)}
    ]


def closed_events(performances: Iterable[Performance], reader: User | None) -> frozenset[int]:
    """Which events of these sets are not open to the reader, in one query, or none who sees everything."""
    if reader is None or not reader.is_scoped:
        return frozenset()
    concerned = {performance.event_id for performance in performances}
    is_open = Event.objects.open_to(reader).filter(pk__in=concerned)
    return frozenset(concerned.difference(is_open.values_list("pk", flat=True)))


def sets_around(performances: Iterable[Performance], *, margin: timedelta = MARGIN) -> QuerySet[Performance]:
    """The sets, of any event, that share a venue or band with these and start around the same time."""
    rows = list(performances)
    starts = [each.starts_at for each in rows if each.starts_at]
    if not starts:
        return Performance.objects.none()
    return _readable().filter(
        Q(venue__in={each.venue_id for each in rows if each.venue_id})
        | Q(band__in={each.band_id for each in rows if each.band_id}),
        starts_at__gte=min(starts) - margin,
        starts_at__lt=max(starts) + margin,
    )


def _takes_place(performance: Performance) -> bool:
    """What `taking_place` asks of a row, of a set as it is in memory."""
    is_scheduled = performance.status == Performance.Status.SCHEDULED
    return is_scheduled and performance.kind != Performance.Kind.PLACEHOLDER


def _readable() -> QuerySet[Performance]:
    timed = Performance.objects.taking_place().exclude(starts_at=None)
    return timed.select_related("event", "band", "venue__parent")


def _with_assumed_ends(performances: list[Performance]) -> list[_Slot]:
    slots = []
    next_start: dict[int | None, list[datetime]] = defaultdict(list)
    for performance in performances:
        if performance.starts_at:
            next_start[performance.venue_id].append(performance.starts_at)
    for performance in performances:
        starts_at = performance.starts_at
        if starts_at is None:
            continue
        ends_at = performance.ends_at
        if ends_at is None:
            ends_at = starts_at + timedelta(minutes=performance.event.default_set_minutes)
            if performance.venue_id:
                ends_at = min([ends_at, *(each for each in next_start[performance.venue_id] if each > starts_at)])
        slots.append(_Slot(performance, starts_at, ends_at))
    return slots


def _overlapping_pairs(
    slots: Iterable[_Slot], *, group: Callable[[_Slot], int | None], event: Event
) -> list[tuple[_Slot, _Slot]]:
    """Overlapping pairs inside each group, of which at least one is the event's; slots come sorted by start.

    Half-open: a set that starts when another ends does not overlap it.
    """
    groups: dict[int, list[_Slot]] = defaultdict(list)
    for slot in slots:
        if (key := group(slot)) is not None:
            groups[key].append(slot)
    pairs = []
    for members in groups.values():
        running: list[_Slot] = []
        for slot in members:
            running = [other for other in running if other.ends_at > slot.starts_at]
            pairs += [
                (other, slot)
                for other in running
                if event.pk in (other.performance.event_id, slot.performance.event_id)
            ]
            running.append(slot)
    return pairs


def _by_cause(kind: ConflictKind, pairs: list[tuple[_Slot, _Slot]], event: Event) -> list[Conflict]:
    """Group pairs by the set that has most of them, of equals the longest, so that one slip is one warning."""
    conflicts = []
    remaining = list(pairs)
    while remaining:
        partners: dict[int, list[_Slot]] = defaultdict(list)
        slots: dict[int, _Slot] = {}
        for one, other in remaining:
            for slot, partner in ((one, other), (other, one)):
                slots[slot.performance.pk] = slot
                partners[slot.performance.pk].append(partner)
        cause = max(
            slots.values(),
            key=lambda slot: (
                len(partners[slot.performance.pk]),
                slot.performance.event_id == event.pk,
                slot.ends_at - slot.starts_at,
                -slot.performance.pk,
            ),
        )
        others = sorted(partners[cause.performance.pk], key=lambda slot: (slot.starts_at, slot.performance.pk))
        conflicts.append(Conflict(kind, cause.performance, tuple(slot.performance for slot in others)))
        remaining = [pair for pair in remaining if cause not in pair]
    return sorted(conflicts, key=lambda conflict: (conflict.cause.starts_at, conflict.cause.pk))


def _short_changeovers(slots: Iterable[_Slot], event: Event) -> list[Conflict]:
    """Sets that begin too soon after the one before them in their room; an end that is open tells nothing."""
    latest: dict[int, _Slot] = {}
    conflicts = []
    for slot in slots:
        later = slot.performance
        if later.venue_id is None:
            continue
        before = latest.get(later.venue_id)
        if before is None or before.ends_at <= slot.ends_at:
            latest[later.venue_id] = slot
        if before is None or before.performance.ends_at is None or later.kind == Performance.Kind.ACTIVITY:
            continue
        if event.pk not in (later.event_id, before.performance.event_id):
            continue
        minutes = changeover_minutes(event, later.venue)
        if timedelta() <= slot.starts_at - before.ends_at < timedelta(minutes=minutes):
            conflicts.append(Conflict(ConflictKind.CHANGEOVER, later, (before.performance,), minutes=minutes))
    return conflicts


def _beyond_curfew(slots: Iterable[_Slot], event: Event, hours: Hours) -> list[Conflict]:
    """The event's sets that end, or start with their end open, after the curfew; at the curfew is in time."""
    conflicts = []
    for performance in (slot.performance for slot in slots if slot.performance.event_id == event.pk):
        curfew_at = hours.curfew_at(performance.night, performance.venue)
        last = performance.ends_at or performance.starts_at
        if curfew_at and last and last > curfew_at:
            conflicts.append(Conflict(ConflictKind.CURFEW, performance, curfew_at=curfew_at))
    return conflicts
