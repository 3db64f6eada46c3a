"""Bringing a running order into an event: read rows are understood, matched and saved, all or none.

Everything is written by the domain functions in one transaction, which is taken back when a row is
refused or when it is only a rehearsal; so the report of a rehearsal is what saving would do.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import TextChoices

from accounts.models import User
from bands.library import add_band, find_genre
from bands.matching import KnownName, find_matches, known_names, suggest_bands
from bands.models import BandProfile
from bands.naming import normalize_name, tidy_name
from bands.slugs import ascii_slug
from schedule import conflicts, lineup, publishing
from schedule.billing import kind_of, possible_credits
from schedule.conflicts import Conflict
from schedule.events import add_venue, create_event, set_doors
from schedule.lineup_files import BAND_FIELDS, EVENT_FIELDS, VENUE_FIELDS, LineupFile, LineupRow
from schedule.models import Change, Event, Performance, Venue
from schedule.models.venue import room_title
from schedule.pairing import Slot, pair, who
from schedule.row_times import OPEN, DateMeaning, read_times
from schedule.typed_times import parse_day, read_start
from schedule.venue_matching import suggest_venues

Kind, Status = Performance.Kind, Performance.Status


class Action(StrEnum):
    CREATE = "create"
    CHANGE = "change"
    KEEP = "unchanged"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Options:
    """What the person importing says beside the file."""

    event_slug: str = ""
    name: str = ""
    timezone: str = ""
    dates: DateMeaning = DateMeaning.CALENDAR
    accept_long: bool = False
    publish: bool = False
    dry_run: bool = False


@dataclass
class RowReport:
    """What happened, or would happen, to one row; for a refused one the remarks say why."""

    row: LineupRow
    action: Action
    performance: Performance | None = None
    remarks: list[str] = field(default_factory=list)


@dataclass
class ImportReport:
    """The result of an import, complete also when nothing was saved."""

    event: Event
    is_new_event: bool
    rows: list[RowReport] = field(default_factory=list)
    new_bands: list[BandProfile] = field(default_factory=list)
    new_venues: list[Venue] = field(default_factory=list)
    suggestions: list[str] = field(default_factory=list)
    warnings: list[Conflict] = field(default_factory=list)
    not_in_file: list[Performance] = field(default_factory=list)
    is_saved: bool = False

    def count(self, action: Action) -> int:
        return sum(row.action == action for row in self.rows)

    @property
    def refused(self) -> list[RowReport]:
        return [row for row in self.rows if row.action == Action.REFUSE]


@transaction.atomic
def import_lineup(
    file: LineupFile,
    options: Options,
    *,
    by: User | None,
    now: datetime,
    progress: Callable[[int], None] = lambda done: None,
) -> ImportReport:
    """Import a file into its event, which is created as a draft where there is none.

    A row that is there already changes nothing; one that names a set with another time or venue
    changes that set; sets that the file does not name stay. `progress` hears how many rows are
    done. Raises ValidationError when the event itself cannot be made or does not fit; what is wrong
    with single rows is in the report, and then nothing is saved.
    """
    event, is_new = _find_or_create_event(file, options, by=by, now=now)
    report = ImportReport(event, is_new)
    importer = _Importer(file, options, report, by=by, now=now)
    importer.make_venues_and_bands()
    for row in file.rows:
        importer.understand(row)
    importer.save(progress)
    if options.publish and not report.refused:
        publishing.publish_event(event, allow_empty=not file.rows, by=by, now=now)
    event.refresh_from_db()
    report.warnings = conflicts.find(event)
    report.is_saved = not (report.refused or options.dry_run)
    if not report.is_saved:
        transaction.set_rollback(True)
    return report


def _find_or_create_event(file: LineupFile, options: Options, *, by: User | None, now: datetime) -> tuple[Event, bool]:
    said = file.event
    name = options.name or str(said.get("name") or "")
    slug = options.event_slug or str(said.get("slug") or "") or ascii_slug(name)
    if not slug:
        raise ValidationError("The file names no event. Say which one with --event, or name a new one with --name.")
    event = Event.objects.filter(slug=slug).first() or Event.objects.filter(former_slugs__slug=slug).first()
    if event:
        if options.timezone and options.timezone != event.timezone:
            raise ValidationError(
                f"{event} is in {event.timezone}, not in {options.timezone}. Leave --timezone out, or change the event."
            )
        return event, False
    if not name:
        raise ValidationError(f"There is no event “{slug}” yet. Give the new one a name with --name.")
    event = Event(name=name, slug=slug, timezone=options.timezone or str(said.get("timezone") or settings.TIME_ZONE))
    if said.get("rollover"):
        event.rollover = Event._meta.get_field("rollover").to_python(said["rollover"])
    event.clean_fields(exclude=["date"])
    first, last = _dates_of(file, options, event)
    event = create_event(
        name=name,
        slug=slug,
        timezone=event.timezone,
        rollover=event.rollover,
        date=first,
        end_date=last if last > first else None,
        by=by,
        now=now,
        **{ours: said[theirs] for theirs, ours in EVENT_FIELDS.items() if said.get(theirs) is not None},
    )
    for night, doors in dict(said.get("doors") or {}).items():
        day = parse_day(str(night))
        opens_at = read_start(str(doors), night=day, zone=event.zone, rollover=event.rollover)
        set_doors(event, day, opens_at, by=by, now=now)
    return event, True


def _dates_of(file: LineupFile, options: Options, event: Event) -> tuple[date, date]:
    """The first and last night of a new event: what the file says of it, else the nights of its rows."""
    said = [parse_day(str(file.event[name])) for name in ("date", "end_date") if file.event.get(name)]
    if said:
        return min(said), max(said)
    nights = []
    for row in file.rows:
        try:
            nights.append(read_times(row, event, dates=options.dates, accept_long=True)[0])
        except ValidationError:
            continue
    if not nights:
        raise ValidationError(
            f"When is {event}? No row has a night or a full date. Add a column “night” with dates such as 2026-02-15."
        )
    return min(nights), max(nights)


class _Importer:
    """One import under way: what is known, what has been understood, what has been refused."""

    def __init__(
        self, file: LineupFile, options: Options, report: ImportReport, *, by: User | None, now: datetime
    ) -> None:
        self.file, self.options, self.report, self.by, self.now = file, options, report, by, now
        self.event = report.event
        self.known: list[KnownName] = known_names()
        self.bands: dict[int, BandProfile] = {}
        self.venues = {normalize_name(str(venue)): venue for venue in Venue.objects.select_related("parent")}
        self.band_facts = {normalize_name(str(each.get("name") or "")): each for each in file.bands}
        self.venue_facts = {normalize_name(_title_of(each)): each for each in file.venues}
        self.slots: list[Slot] = []
        self.seen: dict[object, LineupRow] = {}

    def make_venues_and_bands(self) -> None:
        """Make what the file lists beside its rows; a fault there is reported like a refused row."""
        for facts in self.file.venues:
            self._attempt(LineupRow(label=f"venue “{_title_of(facts)}”", band=""), self._venue, _title_of(facts))
        for facts in self.file.bands:
            name = str(facts.get("name") or "")
            if kind_of(name) == Kind.SET:
                self._attempt(LineupRow(label=f"band “{name}”", band=name), self._band, name)

    def understand(self, row: LineupRow) -> None:
        """Read a row, make the band and venue it needs, and keep it for `save`; or refuse it."""
        slot = self._attempt(row, self._slot, row)
        if slot:
            self.slots.append(slot)

    def save(self, progress: Callable[[int], None]) -> None:
        """Match what was understood with the sets that are there, and create or change them."""
        existing = list(
            self.event.performances.exclude(status=Status.WITHDRAWN).select_related("event", "band", "venue__parent")
        )
        pairs = pair(self.slots, existing)
        for position, slot in enumerate(self.slots):
            report = self._attempt(slot.row, self._save_slot, slot, pairs.get(position))
            if report:
                self.report.rows.append(report)
            progress(position + 1)
        order = {id(row): position for position, row in enumerate(self.file.rows)}
        self.report.rows.sort(key=lambda each: order.get(id(each.row), -1))
        matched = {performance.pk for performance in pairs.values()}
        self.report.not_in_file = [performance for performance in existing if performance.pk not in matched]

    def _attempt(self, row: LineupRow, do: Callable[..., Any], *arguments: Any) -> Any:
        """What the function answers; None when the row was refused, and then the row left nothing behind."""
        try:
            with transaction.atomic():
                return do(*arguments)
        except ValidationError as error:
            self.report.rows.append(RowReport(row, Action.REFUSE, remarks=sentences(error)))
            return None

    def _slot(self, row: LineupRow) -> Slot:
        if row.problem:
            raise ValidationError(row.problem)
        billing = tidy_name(row.band)
        if not billing:
            raise ValidationError("No band. Write its name, or TBA for a slot that is still open.")
        kind = _choice(row.kind, Kind, "kind") or kind_of(billing)
        _choice(row.status, Status, "status")
        night, starts_at, ends_at = read_times(
            row,
            self.event,
            dates=self.options.dates,
            accept_long=self.options.accept_long,
            only_night=None if self.event.has_several_nights else self.event.date,
        )
        venue = None if row.venue.lower() in OPEN else self._venue(row.venue)
        band = self._band(billing, genre=row.genre) if kind == Kind.SET else None
        if band and billing in (band.name, str(band)):
            billing = ""
        slot = Slot(row, night, starts_at, ends_at, venue, band, kind, billing)
        self._refuse_repetition(slot)
        return slot

    def _refuse_repetition(self, slot: Slot) -> None:
        """The same line twice would be a double booking of our own making; open slots without a time may repeat."""
        if slot.starts_at is None and slot.band is None:
            return
        key = (slot.night, who(slot), slot.starts_at, slot.venue)
        if key in self.seen:
            raise ValidationError(f"This is the same set as {self.seen[key].label}. Remove one of them.")
        self.seen[key] = slot.row

    def _band(self, name: str, genre: str = "") -> BandProfile:
        """The one band of that name or alias, else a new one, with hints at bands that may be meant."""
        name = tidy_name(name)
        matches = find_matches(name, self.known)
        if len(matches) > 1:
            names = ", ".join(sorted({each.band_name for each in self.known if each.band_id in matches}))
            raise ValidationError(
                f"Several bands are called “{name}”: {names}. Write the one you mean with its brackets."
            )
        if matches:
            band_id = matches.pop()
            if band_id not in self.bands:
                self.bands[band_id] = BandProfile.objects.get(pk=band_id)
            return self.bands[band_id]
        suggestions = [
            f"“{name}” may be {suggestion.band_name} ({suggestion.reason})."
            for suggestion in suggest_bands(name, self.known, limit=2)
        ]
        if acts := possible_credits(name):
            suggestions.append(f"“{name}” may be {len(acts)} acts: {', '.join(acts)}.")
        facts = self.band_facts.get(normalize_name(name), {})
        genres = [find_genre(part) for part in (genre or str(facts.get("genre") or "")).split(",") if part.strip()]
        band = add_band(name, genres=genres, by=self.by, **_given(facts, BAND_FIELDS))
        self.known.append(KnownName.of(band))
        self.bands[band.pk] = band
        self.report.suggestions += suggestions
        self.report.new_bands.append(band)
        return band

    def _venue(self, title: str) -> Venue:
        """The venue of that name, whatever its capitals and blanks, else a new one, with hints at similar names."""
        key = normalize_name(title)
        if key in self.venues:
            return self.venues[key]
        suggestions = suggest_venues(tidy_name(title), self.venues.values())
        facts = self.venue_facts.get(key, {})
        parent = self._venue(str(facts["room_of"])) if facts.get("room_of") else None
        venue = add_venue(str(facts.get("name") or title), parent=parent, by=self.by, **_given(facts, VENUE_FIELDS))
        self.venues[key] = venue
        self.report.suggestions += suggestions
        self.report.new_venues.append(venue)
        return venue

    def _save_slot(self, slot: Slot, performance: Performance | None) -> RowReport:
        accept_long = self.options.accept_long
        if performance is None:
            performance = lineup.add_set(
                self.event,
                night=slot.night,
                band=slot.band,
                billing=slot.billing,
                kind=slot.kind,
                venue=slot.venue,
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                notes=slot.row.notes,
                is_announced=slot.row.is_announced,
                accept_long=accept_long,
                by=self.by,
                now=self.now,
            )
            self._bring_to_status(slot.row, performance)
            return RowReport(slot.row, Action.CREATE, performance)
        changes = lineup.change_set(
            performance, accept_long=accept_long, by=self.by, now=self.now, **_differences(slot, performance)
        )
        changes += self._bring_to_status(slot.row, performance)
        if slot.row.is_announced is not None:
            announce = lineup.announce_set if slot.row.is_announced else lineup.hide_set
            changes += announce(performance, by=self.by, now=self.now)
        performance.refresh_from_db()
        remarks = [change.get_kind_display().lower() for change in changes]
        return RowReport(slot.row, Action.CHANGE if changes else Action.KEEP, performance, remarks)

    def _bring_to_status(self, row: LineupRow, performance: Performance) -> list[Change]:
        """Cancel, postpone, withdraw or restore, as far as the row says so."""
        transitions = {
            Status.SCHEDULED: lineup.restore_set,
            Status.CANCELLED: lineup.cancel_set,
            Status.POSTPONED: lineup.postpone_set,
            Status.WITHDRAWN: lineup.withdraw_set,
        }
        status = _choice(row.status, Status, "status")
        return transitions[status](performance, by=self.by, now=self.now) if status else []


def sentences(error: ValidationError) -> list[str]:
    """The messages of an error, each with the name of its field where it has one."""
    if not hasattr(error, "error_dict"):
        return list(error.messages)
    return [
        message if name == "__all__" else f"{name.replace('_', ' ')}: {message}"
        for name, messages in error.message_dict.items()
        for message in messages
    ]


def _differences(slot: Slot, performance: Performance) -> dict[str, Any]:
    """What the row says otherwise. What it leaves open takes nothing away."""
    fields: dict[str, Any] = {"night": slot.night, "billing": slot.billing}
    if slot.band and performance.band is None:
        fields |= {"band": slot.band, "kind": Kind.SET}
    if slot.venue:
        fields["venue"] = slot.venue
    if slot.starts_at:
        fields["starts_at"] = slot.starts_at
        if slot.ends_at or slot.starts_at != performance.starts_at:
            fields["ends_at"] = slot.ends_at
    if slot.row.notes:
        fields["notes"] = slot.row.notes
    return fields


def _choice(text: str, choices: type[TextChoices], column: str) -> Any:
    """The choice that a cell names; None for an empty cell."""
    if text and text.lower() not in choices.values:
        raise ValidationError(f"The {column} “{text}” is not one of {', '.join(choices.values)}.")
    return choices(text.lower()) if text else None


def _title_of(facts: dict[str, Any]) -> str:
    """What rows call a venue that a file describes."""
    return room_title(tidy_name(str(facts.get("name") or "")), str(facts.get("room_of") or "") or None)


def _given(facts: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: facts[name] for name in names if facts.get(name) is not None}
