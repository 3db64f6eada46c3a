"""Which row of a file is which set of the running order, so that importing again changes and never doubles."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

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


def _exactly(slot: Slot | Performance) -> Hashable:
    return (who(slot), slot.night, slot.starts_at, slot.venue)


# From the surest to the loosest: the same set; re-timed; moved; both.
PASSES: tuple[Key, ...] = (
    _exactly,
    lambda slot: (who(slot), slot.night, slot.starts_at),
    lambda slot: (who(slot), slot.night, slot.venue),
    lambda slot: (who(slot), slot.night),
)


def pair(slots: Iterable[Slot], sets: Iterable[Performance]) -> dict[int, Performance]:
    """For the position of each slot the set that it is; slots without one are new.

    Where several fit equally they pair in running order. A slot with a band takes the place of an
    open one (TBA) at the same venue and time: it has been revealed. A withdrawn set is found again
    only where nothing of it is different.
    """
    numbered = sorted(enumerate(slots), key=lambda each: _running_order(each[1]))
    sets = sorted(sets, key=_running_order)
    standing = [performance for performance in sets if performance.status != Performance.Status.WITHDRAWN]
    pairs: dict[int, Performance] = {}
    for key in PASSES:
        _pair_by(key, numbered, standing, pairs)
    movable = _free_to_change_night([slot for _, slot in numbered], standing)
    _pair_by(lambda slot: who(slot) if slot.band else None, numbered, movable, pairs)
    taken = {performance.pk for performance in pairs.values()}
    open_slots: dict[Hashable, list[Performance]] = defaultdict(list)
    for performance in standing:
        if is_open(performance) and performance.starts_at and performance.pk not in taken:
            open_slots[(performance.night, performance.starts_at, performance.venue)].append(performance)
    for position, slot in numbered:
        place = (slot.night, slot.starts_at, slot.venue)
        if position not in pairs and slot.band and open_slots[place]:
            pairs[position] = open_slots[place].pop(0)
    _pair_by(_exactly, numbered, sets, pairs)
    return pairs


def _running_order(slot: Slot | Performance) -> tuple[date, bool, datetime]:
    return (slot.night, slot.starts_at is None, slot.starts_at or datetime.min.replace(tzinfo=UTC))


def _free_to_change_night(slots: list[Slot], sets: list[Performance]) -> list[Performance]:
    """The sets that a slot on another night may be: those of nights that the file lists, or leaves without a set.

    A file of Saturday alone says nothing of Friday, on which the same band may play, too.
    """
    listed = {slot.night for slot in slots}
    named = {who(slot) for slot in slots}
    staying = {performance.night for performance in sets if who(performance) not in named}
    return [performance for performance in sets if performance.night in listed or performance.night not in staying]


def _pair_by(
    key: Key, numbered: list[tuple[int, Slot]], sets: list[Performance], pairs: dict[int, Performance]
) -> None:
    taken = {performance.pk for performance in pairs.values()}
    waiting: dict[Hashable, list[Performance]] = defaultdict(list)
    for performance in sets:
        if performance.pk not in taken and (value := key(performance)) is not None:
            waiting[value].append(performance)
    for position, slot in numbered:
        value = key(slot)
        if position not in pairs and value is not None and waiting.get(value):
            pairs[position] = waiting[value].pop(0)
