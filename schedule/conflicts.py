"""Overlaps in the running order: found here, shown everywhere, never an error."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q

from accounts.models import User
from schedule.models import Event, Performance
from schedule.nights import wall_text


class ConflictKind(StrEnum):
    VENUE_OVERLAP = "venue_overlap"
    BAND_TWICE = "band_twice"


@dataclass(frozen=True)
class Conflict:
    """One cause: a set, and the sets that it overlaps in its room, or that its band plays at the same time.

    Of sets in `closed_events`, the numbers of events, who reads it learns neither title, time nor event.
    """

    kind: ConflictKind
    cause: Performance
    others: tuple[Performance, ...]
    closed_events: frozenset[int] = frozenset()

    @property
    def message(self) -> str:
        """The warning as a sentence, times in the zone of the cause's event; of another one where that is closed."""
        cause = self._describe(self.cause)
        told = [self._describe(other) for other in self.others if not self._is_closed(other)]
        others = ", ".join(told if len(told) == len(self.others) else [*told, "another event"])
        if self.kind == ConflictKind.VENUE_OVERLAP:
            start = "Another event" if self._is_closed(self.cause) else cause
            return f"{start} overlaps {others} at {self.cause.venue}."
        place = "" if self._is_closed(self.cause) else f" {_place(self.cause)}"
        return f"{self.cause.band} plays twice at once: {cause}{place}, {others}."

    def _is_closed(self, performance: Performance) -> bool:
        return performance.event_id in self.closed_events

    def _describe(self, performance: Performance) -> str:
        if self._is_closed(performance):
            return "another event"
        zone = (performance if self._is_closed(self.cause) else self.cause).event.zone
        start = wall_text(performance.starts_at, zone) if performance.starts_at else "?"
        end = f" to {wall_text(performance.ends_at, zone)}" if performance.ends_at else ", end open"
        elsewhere = [str(performance.event)] if performance.event_id != self.cause.event_id else []
        if self.kind == ConflictKind.BAND_TWICE and performance is not self.cause:
            elsewhere.insert(0, _place(performance))
        return f"{performance.title} ({', '.join([f'{performance.night} {start}{end}', *elsewhere])})"


def _place(performance: Performance) -> str:
    return f"at {performance.venue}" if performance.venue else "venue open"


@dataclass(frozen=True)
class _Slot:
    performance: Performance
    starts_at: datetime
    ends_at: datetime


def find(event: Event, *, reader: User | None = None) -> list[Conflict]:
    """All overlaps in which a set of the event has a part, also with other events' sets.

    Placeholders, and cancelled, postponed and withdrawn sets, never count. A set without an end is
    taken to last until the next one in its room, at most the event's default length. One cause is
    one conflict, however many sets it overlaps. Events that are not open to the reader are told to
    her as "another event"; without a reader everything is told.
    """
    slots = _slots(event)
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
    ]
    closed = _closed_events(found, reader)
    return [replace(conflict, closed_events=closed) for conflict in found]


def find_for(performance: Performance, *, reader: User | None = None) -> list[Conflict]:
    """The conflicts in which one set has a part."""
    return [
        conflict
        for conflict in find(performance.event, reader=reader)
        if performance.pk in {conflict.cause.pk, *(other.pk for other in conflict.others)}
    ]


def _closed_events(found: list[Conflict], reader: User | None) -> frozenset[int]:
    """Which events with a part in the conflicts are not open to the reader, in one query."""
    if reader is None or not reader.is_scoped:
        return frozenset()
    concerned = {performance.event_id for each in found for performance in (each.cause, *each.others)}
    is_open = Event.objects.open_to(reader).filter(pk__in=concerned)
    return frozenset(concerned.difference(is_open.values_list("pk", flat=True)))


def _slots(event: Event) -> list[_Slot]:
    """The event's sets and those of other events that share a venue or band with it around the same days."""
    timed = Performance.objects.taking_place().exclude(starts_at=None).select_related("event", "band", "venue__parent")
    own = list(timed.filter(event=event))
    if not own:
        return []
    margin = timedelta(days=1)
    starts = [performance.starts_at for performance in own if performance.starts_at]
    foreign = timed.exclude(event=event).filter(
        Q(venue__in={p.venue_id for p in own if p.venue_id}) | Q(band__in={p.band_id for p in own if p.band_id}),
        starts_at__gte=min(starts) - margin,
        starts_at__lt=max(starts) + margin,
    )
    return _with_assumed_ends(sorted([*own, *foreign], key=lambda p: (p.starts_at, p.pk)))


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
