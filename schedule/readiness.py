"""What an event still lacks before people can be sent to it: gaps to be mended, never a reason to refuse anything."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from bands.models import BandProfile
from schedule import conflicts
from schedule.conflicts import ConflictKind
from schedule.models import Event, Performance
from schedule.night_board import clock_in

Kind, Status = Performance.Kind, Performance.Status
BOARD = "board"


class GapKind(StrEnum):
    """What is looked at; each kind of conflict is one more, under its own name."""

    LINEUP = "lineup"
    START = "start"
    VENUE = "venue"
    PLACEHOLDER = "placeholder"
    ADDRESS = "address"
    DOORS = "doors"
    END = "end"
    FACTS = "facts"
    PICTURE_TEXT = "picture_text"
    PHOTO = "photo"
    UNANNOUNCED = "unannounced"


# The questions, each with its answer when nothing is missing.
TITLES: dict[str, Any] = {
    GapKind.LINEUP: gettext_lazy("The running order has sets"),
    GapKind.START: gettext_lazy("Every set has a start"),
    GapKind.VENUE: gettext_lazy("Every set has a venue"),
    GapKind.PLACEHOLDER: gettext_lazy("No slot is to be announced"),
    ConflictKind.VENUE_OVERLAP: gettext_lazy("No two sets overlap in a room"),
    ConflictKind.BAND_TWICE: gettext_lazy("No band plays twice at once"),
    ConflictKind.CHANGEOVER: gettext_lazy("There is time to change over between sets"),
    ConflictKind.CURFEW: gettext_lazy("Every set ends before the curfew"),
    GapKind.ADDRESS: gettext_lazy("Every venue can be found"),
    GapKind.DOORS: gettext_lazy("Every night says when doors open"),
    GapKind.FACTS: gettext_lazy("City, tickets and age are told"),
    GapKind.PICTURE_TEXT: gettext_lazy("Pictures are described in words"),
    GapKind.PHOTO: gettext_lazy("Every band has a photo"),
    GapKind.END: gettext_lazy("Every set has an end"),
    GapKind.UNANNOUNCED: gettext_lazy("Every set is announced"),
}
# Worth knowing, but many a good event is without it.
LIGHT = {GapKind.END, GapKind.PHOTO, GapKind.UNANNOUNCED}


@dataclass(frozen=True)
class Gap:
    """One thing that is missing, and where it is mended: a field of a row's form, or a page about the event."""

    kind: str
    sentence: str
    row: models.Model
    field: str = ""
    page: str = ""


@dataclass(frozen=True)
class Check:
    """One question about the event with all its gaps; without one it is fine."""

    kind: str
    title: str
    gaps: tuple[Gap, ...]

    @property
    def is_fine(self) -> bool:
        return not self.gaps

    @property
    def is_light(self) -> bool:
        return self.kind in LIGHT


@dataclass(frozen=True)
class Summary:
    """How many checks are fine, out of all."""

    fine: int
    total: int

    @property
    def open(self) -> int:
        return self.total - self.fine


def find(event: Event, *, reader: User | None = None) -> list[Check]:
    """All checks, those with gaps and those that are fine, the heaviest first.

    Withdrawn, cancelled and postponed sets lack nothing. Conflicts with events that are not open to
    the reader are told to her as `conflicts.find` does.
    """
    sets = list(event.performances.filter(status=Status.SCHEDULED).select_related("band", "venue__parent", "replaces"))
    look_ups: dict[str, Callable[[], Iterable[Gap]]] = {
        GapKind.LINEUP: lambda: _no_lineup(event, sets),
        GapKind.START: lambda: _sets_without(event, sets, "starts_at"),
        GapKind.VENUE: lambda: _sets_without(event, sets, "venue"),
        GapKind.PLACEHOLDER: lambda: _placeholders(event, sets),
        GapKind.ADDRESS: lambda: _venues_not_to_be_found(sets),
        GapKind.DOORS: lambda: _nights_without_doors(event, sets),
        GapKind.FACTS: lambda: _missing_facts(event),
        GapKind.PICTURE_TEXT: lambda: _pictures_without_words(event, sets),
        GapKind.PHOTO: lambda: _bands_without_photo(sets),
        GapKind.END: lambda: _sets_without(event, sets, "ends_at"),
        GapKind.UNANNOUNCED: lambda: _unannounced(event, sets),
    }
    clashes = _conflicts(event, reader)
    found = {kind: tuple(look_up()) for kind, look_up in look_ups.items()} | clashes
    order = [*(kind for kind in TITLES if kind in found), *(kind for kind in found if kind not in TITLES)]
    return [Check(str(kind), str(TITLES.get(kind, kind)), found[kind]) for kind in order]


def summary(event: Event, *, reader: User | None = None) -> Summary:
    """How far the event is."""
    checks = find(event, reader=reader)
    return Summary(sum(check.is_fine for check in checks), len(checks))


def _no_lineup(event: Event, sets: list[Performance]) -> Iterable[Gap]:
    if not sets:
        yield Gap(GapKind.LINEUP, _("There is no set yet."), event, page=BOARD)


MISSING = {
    "starts_at": (GapKind.START, gettext_lazy("%(set)s has no start."), "starts"),
    "ends_at": (GapKind.END, gettext_lazy("%(set)s has no end."), "ends"),
    "venue": (GapKind.VENUE, gettext_lazy("%(set)s has no venue."), "venue"),
}


def _sets_without(event: Event, sets: list[Performance], name: str) -> Iterable[Gap]:
    kind, sentence, field = MISSING[name]
    for each in sets:
        # Without a start there is no end: that is one gap, not two.
        if not getattr(each, "venue_id" if name == "venue" else name) and (name != "ends_at" or each.starts_at):
            yield Gap(kind, sentence % {"set": _called(event, each)}, each, field)


def _placeholders(event: Event, sets: list[Performance]) -> Iterable[Gap]:
    for each in sets:
        if each.kind == Kind.PLACEHOLDER:
            sentence = _("%(set)s is still open.") % {"set": _called(event, each)}
            yield Gap(GapKind.PLACEHOLDER, sentence, each, "band")


# What leads people to a venue: the field, whether it is filled, and what is said when not.
WAYS = (
    ("address", lambda venue: venue.full_address != "", gettext_lazy("%(venue)s has no address.")),
    ("latitude", lambda venue: venue.latitude is not None, gettext_lazy("%(venue)s has no place on the map.")),
)


def _venues_not_to_be_found(sets: list[Performance]) -> Iterable[Gap]:
    """A room is where its house is, and that is where it is mended."""
    gaps = {}
    for venue in (each.venue for each in sets if each.venue):
        house = venue.parent or venue
        for field, is_told, sentence in WAYS:
            if not is_told(venue) and not is_told(house):
                gaps[house.pk, field] = Gap(GapKind.ADDRESS, sentence % {"venue": house}, house, field)
    return gaps.values()


def _nights_without_doors(event: Event, sets: list[Performance]) -> Iterable[Gap]:
    nights = sorted({each.night for each in sets}) or event.nights()
    told = set(event.doors.exclude(opens_at=None).values_list("night", flat=True))
    for night in nights:
        if night not in told:
            sentence = _("No doors are set for %(night)s.") % {"night": _day(night)}
            yield Gap(GapKind.DOORS, sentence, event, "doors-group")


def _missing_facts(event: Event) -> Iterable[Gap]:
    for field, sentence in (
        ("city", _("The city is not told.")),
        ("ticket_url", _("There is no link to tickets.")),
        ("age_rule", _("It is not told who may come in: 19+, all ages.")),
    ):
        # Where the price is told, one pays at the door.
        if not getattr(event, field) and not (field == "ticket_url" and event.price):
            yield Gap(GapKind.FACTS, sentence, event, field)


def _bands(sets: list[Performance]) -> Iterable[BandProfile]:
    return {each.band.pk: each.band for each in sets if each.band}.values()


def _pictures_without_words(event: Event, sets: list[Performance]) -> Iterable[Gap]:
    if event.poster and not event.poster_alt_text:
        sentence = _("The poster has no text for who cannot see it.")
        yield Gap(GapKind.PICTURE_TEXT, sentence, event, "poster_alt_text")
    for band in _bands(sets):
        if band.photo and not band.photo_alt_text:
            sentence = _("The photo of %(band)s has no text for who cannot see it.") % {"band": band}
            yield Gap(GapKind.PICTURE_TEXT, sentence, band, "photo_alt_text")


def _bands_without_photo(sets: list[Performance]) -> Iterable[Gap]:
    for band in _bands(sets):
        if not band.photo:
            yield Gap(GapKind.PHOTO, _("%(band)s has no photo.") % {"band": band}, band, "photo")


def _unannounced(event: Event, sets: list[Performance]) -> Iterable[Gap]:
    count = sum(not each.is_announced for each in sets)
    if event.reveal_mode and count:
        sentence = ngettext(
            "%(count)d set is not announced yet: nobody sees it.",
            "%(count)d sets are not announced yet: nobody sees them.",
            count,
        )
        yield Gap(GapKind.UNANNOUNCED, sentence % {"count": count}, event, page="announcements")


def _conflicts(event: Event, reader: User | None) -> dict[str, tuple[Gap, ...]]:
    """The warnings of `conflicts.find` by their kind; a kind without one is fine."""
    found: dict[str, list[Gap]] = {kind.value: [] for kind in ConflictKind}
    day = _day if event.has_several_nights else None
    for conflict in conflicts.find(event, reader=reader):
        concerned = [each for each in (conflict.cause, *conflict.others) if each.event_id == event.pk]
        sentence = conflict.sentence(clock_in, day=day)
        row = concerned[0] if concerned else event
        found[conflict.kind.value].append(Gap(conflict.kind.value, sentence, row, "starts", BOARD))
    return {kind: tuple(gaps) for kind, gaps in found.items()}


def _called(event: Event, performance: Performance) -> str:
    """The set as people know it; of an event of several nights with its night."""
    title = performance.title
    return f"{title} ({_day(performance.night)})" if event.has_several_nights else title


def _day(night: date) -> str:
    return date_format(night, "MONTH_DAY_FORMAT")
