"""The read side: what the public sees of sets, as plain rows that every output is made from.

Rows come from `Performance.objects.visible_to` only, and keep times back until they are public, so
an output cannot show what is hidden. Reading an event's rows takes one query, whatever their number.
"""

import sys
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, QuerySet, Subquery

from bands.models import BandProfile
from schedule.models import Change, Doors, Event, Performance, Venue
from schedule.models.event import Viewer
from schedule.models.venue import compose_address, room_title

Status = Performance.Status
NO_VENUE = (sys.maxsize, "", 0, "")


@dataclass(frozen=True, slots=True)
class SetRow:
    """One visible set with its band, venue and event. Instants are aware UTC, None when open or not public yet."""

    pk: int
    uid: uuid.UUID
    night: date
    starts_at: datetime | None
    ends_at: datetime | None
    billing: str
    kind: str
    status: str
    notes: str
    sequence: int
    changed_at: datetime
    replaces_id: int | None
    band_id: int | None
    band_name: str | None
    band_slug: str | None
    band_origin: str | None
    band_origin_city: str | None
    band_origin_region: str | None
    band_links: dict[str, Any] | None
    band_photo: str | None
    venue_id: int | None
    venue_name: str | None
    venue_house: str | None
    venue_slug: str | None
    venue_order: int | None
    venue_house_order: int | None
    venue_latitude: float | None
    venue_longitude: float | None
    venue_address: str | None
    venue_address_line1: str | None
    venue_address_line2: str | None
    venue_city: str | None
    venue_region: str | None
    venue_postal_code: str | None
    venue_country: str | None
    event_id: int
    event_name: str
    event_slug: str
    event_date: date
    event_timezone: str
    event_rollover: time
    times_public: bool
    date_before: dict[str, Any] | None  # what the last public postponement to another date changed, as `Change.before`

    @property
    def name(self) -> str:
        return self.billing or self.band_name or ""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.event_timezone)

    @property
    def local_start(self) -> datetime | None:
        return self.starts_at.astimezone(self.zone) if self.starts_at else None

    @property
    def local_end(self) -> datetime | None:
        return self.ends_at.astimezone(self.zone) if self.ends_at else None

    @property
    def starts_after_midnight(self) -> bool:
        start = self.local_start
        return start is not None and start.date() > self.night

    @property
    def minutes(self) -> int | None:
        """The length, when both ends are known."""
        if self.starts_at is None or self.ends_at is None:
            return None
        return int((self.ends_at - self.starts_at).total_seconds()) // 60

    @property
    def venue_title(self) -> str | None:
        return room_title(self.venue_name, self.venue_house) if self.venue_name else None

    @property
    def venue_position(self) -> tuple[int, str, int, str]:
        """Where the venue comes along the street: by its house, then by its room; no venue comes last."""
        if self.venue_name is None:
            return NO_VENUE
        if self.venue_house is None:
            return (self.venue_order or 0, self.venue_name.lower(), -1, "")
        return (self.venue_house_order or 0, self.venue_house.lower(), self.venue_order or 0, self.venue_name.lower())

    @property
    def full_address(self) -> str:
        return compose_address(
            self.venue_address or "",
            self.venue_address_line1 or "",
            self.venue_address_line2 or "",
            self.venue_city or "",
            self.venue_region or "",
            self.venue_postal_code or "",
            self.venue_country or "",
        )

    @property
    def origin(self) -> str | None:
        parts = (self.band_origin_city, self.band_origin_region)
        return self.band_origin or ", ".join(part for part in parts if part) or None

    @property
    def is_scheduled(self) -> bool:
        return self.status == Status.SCHEDULED

    @property
    def is_cancelled(self) -> bool:
        return self.status == Status.CANCELLED

    @property
    def is_postponed(self) -> bool:
        return self.status == Status.POSTPONED

    @property
    def former_night(self) -> date | None:
        """The night it was on before it was postponed to the one it has; None when it was not, or is back there."""
        if not self.is_scheduled or not self.date_before or "night" not in self.date_before:
            return None
        night = date.fromisoformat(self.date_before["night"])
        is_back = night == self.night and (not self.times_public or self._former_instant in (None, self.starts_at))
        return None if is_back else night

    @property
    def former_start(self) -> datetime | None:
        """When it was to start before it was postponed, as clocks there show it; None while times are not public."""
        instant = self._former_instant if self.former_night else None
        return instant.astimezone(self.zone) if instant and self.times_public else None

    @property
    def _former_instant(self) -> datetime | None:
        text = (self.date_before or {}).get("starts_at")
        return datetime.fromisoformat(text) if text else None


# Where each field of SetRow is read from, in the order of the fields.
COLUMNS = (
    *("pk", "uid", "night", "starts_at", "ends_at", "billing", "kind", "status", "notes", "sequence", "changed_at"),
    *("replaces_id", "band_id", "band__name", "band__slug", "band__origin", "band__origin_city"),
    *("band__origin_region", "band__social_links", "band__photo", "venue_id", "venue__name", "venue__parent__name"),
    *(
        "venue__slug",
        "venue__walking_order",
        "venue__parent__walking_order",
        "venue__latitude",
        "venue__longitude",
        "venue__address",
    ),
    *("venue__address_line1", "venue__address_line2", "venue__city", "venue__region", "venue__postal_code"),
    *("venue__country", "event_id", "event__name", "event__slug", "event__date", "event__timezone"),
    *("event__rollover", "event__times_public", "date_before"),
)
STARTS_AT, ENDS_AT, TIMES_PUBLIC = (COLUMNS.index(name) for name in ("starts_at", "ends_at", "event__times_public"))
POSTPONED_FROM = Subquery(
    Change.objects.filter(performance=OuterRef("pk"), kind=Change.Kind.POSTPONED, is_public=True)
    .order_by("-pk")
    .values("before")[:1]
)


def set_rows(viewer: Viewer, **conditions: Any) -> list[SetRow]:
    """The sets that a viewer may see, filtered by conditions, in running order. One query."""
    return _read(Performance.objects.visible_to(viewer).filter(**conditions))


def preview_rows(event: Event, *, shows_everything: bool) -> list[SetRow]:
    """The sets as they would be if the event were published now, or all with their times, for a preview. One query.

    Past the gate, so for `previews` alone, which knows who may look.
    """
    sets = event.performances.exclude(status=Status.WITHDRAWN)
    if event.reveal_mode and not shows_everything:
        sets = sets.filter(is_announced=True)
    return _read(sets, with_times=shows_everything)


def _read(sets: QuerySet[Performance], *, with_times: bool = False) -> list[SetRow]:
    """The rows in running order, without times that are not public unless `with_times`."""
    rows = []
    for values in sets.order_by().annotate(date_before=POSTPONED_FROM).values_list(*COLUMNS):
        if with_times:
            values = tuple(True if at == TIMES_PUBLIC else value for at, value in enumerate(values))
        elif not values[TIMES_PUBLIC]:
            values = tuple(None if at in (STARTS_AT, ENDS_AT) else value for at, value in enumerate(values))
        rows.append(SetRow(*values))
    return sorted(rows, key=_running_order)


def _running_order(row: SetRow) -> tuple[Any, ...]:
    """By night and instant, then venue order, then id; unknown times last, times not yet public by name."""
    venue = row.venue_position
    if not row.times_public:
        return (row.night, True, 0.0, NO_VENUE, row.name.lower(), row.pk)
    if row.starts_at is None:
        return (row.night, True, 0.0, venue, "", row.pk)
    return (row.night, False, row.starts_at.timestamp(), venue, "", row.pk)


def genres_of(rows: Iterable[SetRow]) -> dict[int, str]:
    """The genre text of each band in the rows, several genres joined by ", ". One query."""
    names: dict[int, list[str]] = defaultdict(list)
    band_ids = {row.band_id for row in rows if row.band_id}
    links = BandProfile.genres.through.objects.filter(bandprofile__in=band_ids)
    for band_id, name in links.order_by("genre__name").values_list("bandprofile_id", "genre__name"):
        names[band_id].append(name)
    return {band_id: ", ".join(each) for band_id, each in names.items()}


def visible_bands(viewer: Viewer) -> QuerySet[BandProfile]:
    """Bands with at least one set that the viewer may see."""
    return BandProfile.objects.filter(pk__in=Performance.objects.visible_to(viewer).order_by().values("band"))


def visible_venues(viewer: Viewer) -> QuerySet[Venue]:
    """Venues at which, or in a room of which, the viewer may see at least one set."""
    sets = Performance.objects.visible_to(viewer).order_by()
    return Venue.objects.filter(pk__in=sets.values("venue")) | Venue.objects.filter(pk__in=sets.values("venue__parent"))


@dataclass(frozen=True)
class NightProgramme:
    """The sets billed under one night, in running order, and when its doors open."""

    night: date
    doors_at: datetime | None
    rows: tuple[SetRow, ...]


@dataclass(frozen=True)
class Programme:
    """An event's visible sets and its doors: what a page about the event shows. Two queries."""

    event: Event
    rows: tuple[SetRow, ...]
    doors: tuple[Doors, ...]
    unannounced: frozenset[int] = frozenset()  # ids of the sets that only a preview shows

    @classmethod
    def load(cls, event: Event, viewer: Viewer) -> "Programme":
        return cls(event, tuple(set_rows(viewer, event=event)), tuple(event.doors.all()))

    @property
    def hides_times(self) -> bool:
        """Whether there are sets whose times are not public yet."""
        return any(not row.times_public for row in self.rows)

    @property
    def nights(self) -> list[NightProgramme]:
        """The nights on which something is listed."""
        return [
            NightProgramme(night, self._doors_of(night), tuple(rows))
            for night, rows in groupby(self.rows, key=lambda row: row.night)
        ]

    def _doors_of(self, night: date) -> datetime | None:
        """When the first door of a night opens."""
        opening = (door.opens_at for door in self.doors if door.night == night and door.opens_at)
        return min(opening, default=None)

    @cached_property
    def replacements(self) -> dict[int, SetRow]:
        """For the id of a replaced set: the visible set that plays instead."""
        return {row.replaces_id: row for row in self.rows if row.replaces_id and row.is_scheduled}

    @cached_property
    def replaced(self) -> dict[int, SetRow]:
        """For the id of a set: the visible set that it replaces, while that one does not take place."""
        originals = {row.pk: self.by_pk.get(row.replaces_id or 0) for row in self.rows}
        return {pk: original for pk, original in originals.items() if original and not original.is_scheduled}

    @cached_property
    def by_pk(self) -> dict[int, SetRow]:
        return {row.pk: row for row in self.rows}

    def playing_at(self, now: datetime) -> list[SetRow]:
        """The sets that are on at an instant, along the street.

        One without an end is on until the next set in its room, at most the event's default length.
        """
        playing = [
            row
            for row in self.rows
            if row.is_scheduled and row.starts_at and row.starts_at <= now < self._assumed_end(row, row.starts_at)
        ]
        return sorted(playing, key=lambda row: row.venue_position)

    def next_at(self, now: datetime) -> list[SetRow]:
        """The next set within half a day in each room in which nothing is on, along the street."""
        busy = {row.venue_id for row in self.playing_at(now)}
        following: dict[int | None, SetRow] = {}
        for row in self.rows:
            is_coming = row.is_scheduled and row.starts_at and now < row.starts_at < now + timedelta(hours=12)
            if is_coming and row.venue_id not in busy:
                following.setdefault(row.venue_id, row)
        return sorted(following.values(), key=lambda row: row.venue_position)

    def _assumed_end(self, row: SetRow, starts_at: datetime) -> datetime:
        if row.ends_at:
            return row.ends_at
        in_room = [each for each in self.rows if row.venue_id and each.venue_id == row.venue_id and each.is_scheduled]
        later = [each.starts_at for each in in_room if each.starts_at and each.starts_at > starts_at]
        return min([starts_at + timedelta(minutes=self.event.default_set_minutes), *later])
