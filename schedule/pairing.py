"""Which row of a file is which set of the running order, so that importing again changes and never doubles."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from bands.models import BandProfile
from bands.naming import normalize_name
from schedule.lineup_files import LineupRow
from schedule.models import Performance, Venue


@dataclass(frozen=True)
class Slot:
    """A row understood: when, where and who, before it meets the sets that are there."""

    row: LineupRow
    night: date
    starts_at: datetime | None
    ends_at: datetime | None
    venue: Venue | None
    band: BandProfile | None
    kind: Performance.Kind
    billing: str


Key = Callable[[Slot | Performance], Hashable | None]


def who(slot: Slot | Performance) -> Hashable:
    """The band, or what a slot without a band is billed as."""
    return ("band", slot.band.pk) if slot.band else ("slot", normalize_name(slot.billing))


def is_open(slot: Slot | Performance) -> bool:
    return slot.kind == Performance.Kind.PLACEHOLDER


# From the surest to the loosest: the same set; re-timed; moved; both; on another night.
PASSES: tuple[Key, ...] = (
    lambda slot: (who(slot), slot.night, slot.starts_at, slot.venue),
    lambda slot: (who(slot), slot.night, slot.starts_at),
    lambda slot: (who(slot), slot.night, slot.venue),
    lambda slot: (who(slot), slot.night),
    lambda slot: who(slot) if slot.band else None,
)


def pair(slots: Iterable[Slot], sets: Iterable[Performance]) -> dict[int, Performance]:
    """For the position of each slot the set that it is; slots without one are new.

    Where several fit equally they pair in running order. A slot with a band takes the place of an
    open one (TBA) at the same venue and time: it has been revealed.
    """
    slots, sets = list(slots), list(sets)
    pairs: dict[int, Performance] = {}
    for key in PASSES:
        _pair_by(key, slots, sets, pairs)
    taken = {performance.pk for performance in pairs.values()}
    open_slots = {(p.night, p.starts_at, p.venue): p for p in sets if is_open(p) and p.starts_at and p.pk not in taken}
    for position, slot in enumerate(slots):
        place = (slot.night, slot.starts_at, slot.venue)
        if position not in pairs and slot.band and place in open_slots:
            pairs[position] = open_slots.pop(place)
    return pairs


def _pair_by(key: Key, slots: list[Slot], sets: list[Performance], pairs: dict[int, Performance]) -> None:
    taken = {performance.pk for performance in pairs.values()}
    waiting: dict[Hashable, list[Performance]] = defaultdict(list)
    for performance in sets:
        if performance.pk not in taken and (value := key(performance)) is not None:
            waiting[value].append(performance)
    for position, slot in enumerate(slots):
        value = key(slot)
        if position not in pairs and value is not None and waiting.get(value):
            pairs[position] = waiting[value].pop(0)
