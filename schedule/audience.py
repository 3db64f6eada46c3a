"""Who will be told. Apps that know who follows whom say so here, since nothing here may ask them."""

from collections.abc import Collection
from typing import Protocol

from schedule.models import Event


class Counter(Protocol):
    """Somebody who knows followers."""

    def people_to_tell(self, event: Event) -> int:
        """How many people will be mailed when the event, or what it announces, becomes public; each once."""

    def followers_of(self, bands: Collection[int]) -> dict[int, int]:
        """How many people follow each of the bands, by its number; those that nobody follows may be left out."""


_counters: list[Counter] = []


def register(counter: Counter) -> None:
    """Ask this one too from now on; from the `ready` of an app. Safe to repeat."""
    if counter not in _counters:
        _counters.append(counter)


def is_known() -> bool:
    """Whether anybody knows followers; while nobody does, 0 would be a guess and not a number."""
    return bool(_counters)


def people_to_tell(event: Event) -> int:
    return sum(counter.people_to_tell(event) for counter in _counters)


def followers_of(bands: Collection[int]) -> dict[int, int]:
    """The followers of each of these bands; 0 where nobody knows of any."""
    found = dict.fromkeys(bands, 0)
    for counter in _counters:
        for band, count in counter.followers_of(bands).items():
            found[band] += count
    return found


def plans_holding_sets(event: Event) -> int:
    """How many fans have sets of the event in their plans."""
    return event.plans.filter(picks__isnull=False).distinct().count()
