"""Bringing a running order into an event: read rows are understood, matched and saved, all or none.

Everything is written by the domain functions in one transaction, which is taken back when a row is
refused or when it is only a rehearsal; so the report of a rehearsal is what saving would do.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import CharField, Model, TextChoices, TextField
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from bands.library import add_band, find_genre
from bands.matching import KnownName, find_matches, known_names, suggest_bands
from bands.models import BandProfile, slug_validator
from bands.naming import normalize_name, tidy_name
from bands.slugs import ascii_slug
from schedule import conflicts, lineup, publishing
from schedule.billing import kind_of, possible_credits
from schedule.changes import lock_event
from schedule.conflicts import Conflict
from schedule.events import add_venue, create_event, set_doors
from schedule.lineup_files import BAND_FIELDS, EVENT_FIELDS, VENUE_FIELDS, LineupFile, LineupRow
from schedule.models import Change, Event, Performance, Venue
from schedule.models.venue import room_title
from schedule.pairing import Slot, pair, who
from schedule.row_times import OPEN, DateMeaning, opening_times, read_date_time, read_day, read_times
from schedule.typed_times import at_wall, read_start
from schedule.venue_matching import suggest_venues
from settimes.versions import StaleError

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
    seen_revision: int | None = None  # of the event when somebody looked the rows over; None has seen any


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
    revision: int  # of the event before the import
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
    progress: Callable[[float], None] = lambda share: None,
) -> ImportReport:
    """Import a file into its event, which is created as a draft where there is none.

    A row that is there already changes nothing; one that names a set with another time or venue
    changes that set; sets that the file does not name stay. `progress` hears which share of the
    work is done, at the end 1. Raises ValidationError when the event itself cannot be made or does
    not fit, and StaleError when it was changed after `seen_revision`; what is wrong with single rows
    is in the report, and then nothing is saved.
    """
    event, is_new = _find_or_create_event(file, options, by=by, now=now)
    if options.seen_revision not in (None, event.revision):
        raise StaleError(event)
    report = ImportReport(event, is_new, event.revision)
    importer = _Importer(file, options, report, by=by, now=now)
    importer.make_venues_and_bands()
    rows = [row for row in file.rows if not row.is_left_out]
    row_count = len(rows)
    for position, row in enumerate(rows):
        importer.understand(row)
        progress((position + 1) / (2 * row_count))
    importer.save(lambda done: progress((row_count + done) / (2 * row_count)))
    progress(1)
    if options.publish and not report.refused:
        publishing.publish_event(event, allow_empty=not rows, by=by, now=now)
    event.refresh_from_db()
    report.warnings = conflicts.find(event, reader=by)
    report.is_saved = not (report.refused or options.dry_run)
    if not report.is_saved:
        transaction.set_rollback(True)
    return report


def _find_or_create_event(file: LineupFile, options: Options, *, by: User | None, now: datetime) -> tuple[Event, bool]:
    said = file.event
    name = tidy_name(options.name or str(said.get("name") or ""))
    slug = (options.event_slug or str(said.get("slug") or "") or ascii_slug(name)).strip()
    zone_name = options.timezone or str(said.get("timezone") or "")
    if not slug:
        if not name:
            raise ValidationError(
                _("The file names no event. Say which one with --event, or name a new one with --name.")
            )
        raise ValidationError(
            _(
                "No address can be made from the name “%(name)s”. "
                "Say which one with --event, or name a new one with --name."
            )
            % {"name": name}
        )
    try:
        slug_validator(slug)
    except ValidationError as error:
        raise ValidationError(
            _("“%(slug)s” cannot be the address of an event. %(reason)s") % {"slug": slug, "reason": error.message}
        ) from error
    event = Event.objects.filter(slug=slug).first() or Event.objects.filter(former_slugs__slug=slug).first()
    if event:
        if zone_name and zone_name != event.timezone:
            facts = {"event": event, "zone": event.timezone, "other": zone_name}
            if options.timezone:
                raise ValidationError(
                    _("%(event)s is in %(zone)s, not in %(other)s. Leave --timezone out, or change the event.") % facts
                )
            raise ValidationError(
                _(
                    "%(event)s is in %(zone)s, not in %(other)s. "
                    "Say --timezone %(zone)s to read it so, or change the event."
                )
                % facts
            )
        return lock_event(event), False
    if not name:
        raise ValidationError(
            _("There is no event “%(slug)s” yet. Give the new one a name with --name.") % {"slug": slug}
        )
    event = Event(name=name, slug=slug, timezone=zone_name or settings.TIME_ZONE)
    return _create_event(event, file, options, by=by, now=now), True


def _create_event(event: Event, file: LineupFile, options: Options, *, by: User | None, now: datetime) -> Event:
    """The event with that name, slug and time zone, and all that the file says of it beside."""
    said = file.event
    if said.get("rollover"):
        event.rollover = Event._meta.get_field("rollover").to_python(str(said["rollover"]))
    event.clean_fields(exclude=["date"])
    facts = {ours: said.get(theirs) for theirs, ours in EVENT_FIELDS.items()}
    first, last = _dates_of(file, options, event)
    event = create_event(
        name=event.name,
        slug=event.slug,
        timezone=event.timezone,
        rollover=event.rollover,
        date=first,
        end_date=last if last != first else None,
        by=by,
        now=now,
        **_given(facts, tuple(facts), Event),
    )
    for text, doors in (said.get("doors") or {}).items():
        night = read_day(text)
        set_doors(event, night, _read_opening(str(doors or ""), event, night=night), by=by, now=now)
    return event


def _dates_of(file: LineupFile, options: Options, event: Event) -> tuple[date, date]:
    """The first and last night of a new event: what the file says of it, else the nights of its rows."""
    said = [read_day(str(file.event[name])) for name in ("date", "end_date") if file.event.get(name)]
    if said:
        return said[0], said[-1]
    nights = [night for row in file.rows if not row.is_left_out and (night := _night_of(row, options, event))]
    if not nights:
        raise ValidationError(
            _(
                "When is %(event)s? No row has a night or a full date. "
                "Add a column “night” with dates such as 2026-02-15."
            )
            % {"event": event}
        )
    return min(nights), max(nights)


def _night_of(row: LineupRow, options: Options, event: Event) -> date | None:
    """The night of a row, also of one that is refused for its times later; None where it has none that can be read."""
    for readable in (row, replace(row, end=""), replace(row, start="", end="")):
        try:
            return read_times(readable, event, dates=options.dates)[0]
        except ValidationError:
            continue
    return None


def _read_opening(text: str, event: Event, *, night: date) -> datetime:
    """When the doors of a night open: a time, or a date with a time."""
    if full := read_date_time(text, event.zone):
        return at_wall(*full, event.zone)
    return read_start(text, night=night, zone=event.zone, rollover=event.rollover)


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
        self.band_facts = {normalize_name(band_title(each)): each for each in file.bands}
        self.names_of_several = _doubled(normalize_name(str(each.get("name") or "")) for each in file.bands)
        self.venue_facts = {normalize_name(_venue_title(each)): each for each in file.venues}
        self.doors = opening_times(report.event)
        self.slots: list[Slot] = []
        self.seen: dict[object, LineupRow] = {}

    def make_venues_and_bands(self) -> None:
        """Make what the file lists beside its rows; a fault there is reported like a refused row."""
        for facts in self.file.venues:
            title = _venue_title(facts)
            self._attempt(LineupRow(label=_("venue “%(title)s”") % {"title": title}, band=""), self._venue, title)
        for facts in self.file.bands:
            title = band_title(facts)
            if kind_of(title) == Kind.SET:
                self._attempt(LineupRow(label=_("band “%(title)s”") % {"title": title}, band=title), self._band, title)

    def understand(self, row: LineupRow) -> None:
        """Read a row, make the band and venue it needs, and keep it for `save`; or refuse it."""
        hints = len(self.report.suggestions)
        slot = self._attempt(row, self._slot, row)
        self.report.suggestions[hints:] = [f"{row.label}: {hint}" for hint in self.report.suggestions[hints:]]
        if slot:
            self.slots.append(slot)

    def save(self, progress: Callable[[int], None]) -> None:
        """Match what was understood with the sets that are there, and create or change them."""
        existing = list(self.event.performances.select_related("event", "band", "venue__parent"))
        pairs = pair(self.slots, existing)
        for position, slot in enumerate(self.slots):
            report = self._attempt(slot.row, self._save_slot, slot, pairs.get(position))
            if report:
                self.report.rows.append(report)
            progress(position + 1)
        order = {id(row): position for position, row in enumerate(self.file.rows)}
        self.report.rows.sort(key=lambda each: order.get(id(each.row), -1))
        matched = {performance.pk for performance in pairs.values()}
        self.report.not_in_file = [
            performance
            for performance in existing
            if performance.pk not in matched and performance.status != Status.WITHDRAWN
        ]

    def _attempt(self, row: LineupRow, do: Callable[..., Any], *arguments: Any) -> Any:
        """What the function answers; None when the row was refused, after which nothing of the import is saved."""
        try:
            return do(*arguments)
        except ValidationError as error:
            self.report.rows.append(RowReport(row, Action.REFUSE, remarks=sentences(error)))
            return None

    def _slot(self, row: LineupRow) -> Slot:
        if row.problem:
            raise ValidationError(row.problem)
        name = tidy_name(row.band)
        if not name:
            raise ValidationError(_("No band. Write its name, or TBA for a slot that is still open."))
        kind = _choice(row.kind, Kind, "kind") or (Kind.SET if row.band_id else kind_of(name))
        _choice(row.status, Status, "status")
        _refuse_long_text("notes", row.notes, Performance)
        night, starts_at, ends_at = read_times(
            row,
            self.event,
            dates=self.options.dates,
            only_night=None if self.event.has_several_nights else self.event.date,
            doors=self.doors,
        )
        venue = None if row.venue.lower() in OPEN else self._venue(row.venue)
        band = None
        if kind == Kind.SET:
            band = self._chosen_band(row.band_id) if row.band_id else self._band(name, genre=row.genre)
        billing = tidy_name(row.billing) or name
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
            raise ValidationError(
                _("This is the same set as %(other)s. Remove one of them.") % {"other": self.seen[key].label}
            )
        self.seen[key] = slot.row

    def _band(self, title: str, genre: str = "") -> BandProfile:
        """The one band of that name or alias, else a new one, with hints at bands that may be meant."""
        title = tidy_name(title)
        facts = self.band_facts.get(normalize_name(title), {})
        name = str(facts.get("name") or title)
        if known := self._known_band(
            title, is_one_of_several=bool(facts) and normalize_name(name) in self.names_of_several
        ):
            return known
        hints = [
            _("“%(title)s” may be %(band)s (%(reason)s).")
            % {"title": title, "band": suggestion.band_name, "reason": suggestion.reason}
            for suggestion in suggest_bands(title, self.known, limit=2)
        ]
        if acts := possible_credits(title):
            hint = ngettext(
                "“%(title)s” may be %(count)d act: %(acts)s.", "“%(title)s” may be %(count)d acts: %(acts)s.", len(acts)
            )
            hints.append(hint % {"title": title, "count": len(acts), "acts": ", ".join(acts)})
        genre = genre or str(facts.get("genre") or "")
        with _errors_of(_("genre")):
            genres = [find_genre(part, by=self.by, now=self.now) for part in genre.split(",") if part.strip()]
        with _errors_of(_("band")):
            band = add_band(name, genres=genres, by=self.by, now=self.now, **_given(facts, BAND_FIELDS, BandProfile))
        self.known.append(KnownName.of(band))
        self.bands[band.pk] = band
        self.report.suggestions += hints
        self.report.new_bands.append(band)
        return band

    def _chosen_band(self, band_id: int) -> BandProfile:
        """The band of the library that a person chose for a row, whatever the row calls it."""
        if band_id not in self.bands:
            band = BandProfile.objects.filter(pk=band_id).first()
            if band is None:
                raise ValidationError(_("The band that was chosen is not in the library any more. Choose again."))
            self.bands[band_id] = band
        return self.bands[band_id]

    def _known_band(self, title: str, *, is_one_of_several: bool) -> BandProfile | None:
        """The band with that name or alias; of several the one whose name with its brackets it is.

        Where the file tells bands of one name apart by their brackets, the name alone is no match.
        Raises ValidationError when the title fits several.
        """
        matches = find_matches(title, self.known)
        names = {each.band_id: each.band_name for each in self.known if each.band_id in matches}
        called_so = {band_id for band_id, name in names.items() if normalize_name(name) == normalize_name(title)}
        if is_one_of_several:
            matches = called_so
        if not matches:
            return None
        if len(matches) > 1 and len(called_so) != 1:
            raise ValidationError(
                _("Several bands are called “%(title)s”: %(bands)s. Write the one you mean with its brackets.")
                % {"title": title, "bands": ", ".join(sorted(names.values()))}
            )
        band_id = min(called_so if len(matches) > 1 else matches)
        if band_id not in self.bands:
            self.bands[band_id] = BandProfile.objects.get(pk=band_id)
            others = [] if is_one_of_several else sorted(name for each, name in names.items() if each != band_id)
            self.report.suggestions += [
                _("“%(title)s” may be %(other)s, too: it is taken for %(band)s.")
                % {"title": title, "other": other, "band": names[band_id]}
                for other in others
            ]
        return self.bands[band_id]

    def _venue(self, title: str) -> Venue:
        """The venue of that name, whatever its capitals and blanks, else a new one, with hints at similar names."""
        key = normalize_name(title)
        if not key:
            raise ValidationError(
                _("A venue needs a name with a visible character. Write it, or TBA while it is open.")
            )
        if key in self.venues:
            return self.venues[key]
        hints = suggest_venues(tidy_name(title), self.venues.values())
        facts = self.venue_facts.get(key, {})
        parent = self._house(str(facts["room_of"])) if facts.get("room_of") else None
        with _errors_of(_("venue")):
            fields = _given(facts, VENUE_FIELDS, Venue)
            venue = add_venue(str(facts.get("name") or title), parent=parent, by=self.by, now=self.now, **fields)
        self.venues[key] = venue
        self.report.suggestions += hints
        self.report.new_venues.append(venue)
        return venue

    def _house(self, title: str) -> Venue:
        if self.venue_facts.get(normalize_name(title), {}).get("room_of"):
            raise ValidationError(
                _("“%(title)s” is a room itself. A room cannot have rooms of its own.") % {"title": title}
            )
        return self._venue(title)

    def _save_slot(self, slot: Slot, performance: Performance | None) -> RowReport:
        if performance is None:
            performance = self._add(slot)
            self._bring_to_status(slot.row, performance)
            return RowReport(slot.row, Action.CREATE, performance, self._origins(slot))
        fields = _differences(slot, performance)
        changes = self._change(performance, fields) if fields else []
        changes += self._bring_to_status(slot.row, performance)
        if changes:
            performance = _reload(performance)
        if announced := self._announce(slot.row, performance):
            changes += announced
            performance = _reload(performance)
        remarks = [change.get_kind_display().lower() for change in changes]
        if changes:
            remarks += self._origins(slot)
        if performance.status == Status.WITHDRAWN and not slot.row.status:
            remarks.append(_("stays withdrawn; the status “scheduled” brings it back"))
        return RowReport(slot.row, Action.CHANGE if changes else Action.KEEP, performance, remarks)

    def _change(self, performance: Performance, fields: dict[str, Any]) -> list[Change]:
        return lineup.change_set(performance, accept_long=self.options.accept_long, by=self.by, now=self.now, **fields)

    def _add(self, slot: Slot) -> Performance:
        return lineup.add_set(
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
            accept_long=self.options.accept_long,
            by=self.by,
            now=self.now,
        )

    def _origins(self, slot: Slot) -> list[str]:
        """Whether the band and venue of a row are new or matched, with their name where the row spells it otherwise."""
        remarks = []
        band_remarks = (_("new band"), _("band matched"), _("band matched: %(name)s"))
        venue_remarks = (_("new venue"), _("venue matched"), _("venue matched: %(name)s"))
        for (new, matched, matched_as), typed, found, made in (
            (band_remarks, slot.row.band, slot.band, self.report.new_bands),
            (venue_remarks, slot.row.venue, slot.venue, self.report.new_venues),
        ):
            if found and any(found is each for each in made):
                remarks.append(new)
            elif found:
                remarks.append(matched if str(found) == tidy_name(typed) else matched_as % {"name": found})
        return remarks

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

    def _announce(self, row: LineupRow, performance: Performance) -> list[Change]:
        """Announce or hide the set, as far as the row says so; one that is withdrawn is hidden anyhow."""
        if row.is_announced in (None, performance.is_announced) or performance.status == Status.WITHDRAWN:
            return []
        announce = lineup.announce_set if row.is_announced else lineup.hide_set
        return announce(performance, by=self.by, now=self.now)


def sentences(error: ValidationError, noun: str = "") -> list[str]:
    """The messages of an error, each with the name of its field where it has one, and of what has the field."""
    if not hasattr(error, "error_dict"):
        return list(error.messages)
    return [
        message if name == "__all__" else _of_field(name, noun, message)
        for name, messages in error.message_dict.items()
        for message in messages
    ]


def _of_field(name: str, noun: str, message: str) -> str:
    field = _(name.replace("_", " "))  # marked where the models name their fields
    if noun:
        return _("%(noun)s %(field)s: %(message)s") % {"noun": noun, "field": field, "message": message}
    return _("%(field)s: %(message)s") % {"field": field, "message": message}


@contextmanager
def _errors_of(noun: str) -> Iterator[None]:
    """Say in errors of fields whose they are: a row has a band and a venue, and both have a name."""
    try:
        yield
    except ValidationError as error:
        raise ValidationError(sentences(error, noun)) from error


def _differences(slot: Slot, performance: Performance) -> dict[str, Any]:
    """What the row says otherwise. What it leaves open takes nothing away."""
    fields: dict[str, Any] = {"night": slot.night}
    if slot.billing != tidy_name(performance.billing):
        fields["billing"] = slot.billing
    if slot.band and performance.band is None:
        fields |= {"band": slot.band, "kind": Kind.SET}
    elif slot.row.kind:
        fields["kind"] = slot.kind
    if slot.venue:
        fields["venue"] = slot.venue
    if slot.starts_at:
        fields["starts_at"] = slot.starts_at
        if slot.ends_at or slot.starts_at != performance.starts_at:
            fields["ends_at"] = slot.ends_at
    if slot.row.notes and slot.row.notes.splitlines() != performance.notes.strip().splitlines():
        fields["notes"] = slot.row.notes
    return {name: value for name, value in fields.items() if getattr(performance, name) != value}


def _reload(performance: Performance) -> Performance:
    """The set as it is now, with all that a report says of it: after a rehearsal nothing more can be asked for."""
    return Performance.objects.select_related("event", "band", "venue__parent").get(pk=performance.pk)


def _doubled(names: Iterable[str]) -> set[str]:
    return {name for name, count in Counter(names).items() if count > 1}


def _choice(text: str, choices: type[TextChoices], column: str) -> Any:
    """The choice that a cell names; None for an empty cell."""
    if text and text.lower() not in choices.values:
        raise ValidationError(
            _("The %(column)s “%(text)s” is not one of %(choices)s.")
            % {"column": column, "text": text, "choices": ", ".join(choices.values)}
        )
    return choices(text.lower()) if text else None


def band_title(facts: dict[str, Any]) -> str:
    """What rows call a band that a file describes: its name, a disambiguation in brackets."""
    name, disambiguation = (tidy_name(str(facts.get(key) or "")) for key in ("name", "disambiguation"))
    return f"{name} ({disambiguation})" if name and disambiguation else name


def _venue_title(facts: dict[str, Any]) -> str:
    """What rows call a venue that a file describes."""
    name, house = (tidy_name(str(facts.get(key) or "")) for key in ("name", "room_of"))
    return room_title(name, house or None) if name else ""


def _given(facts: dict[str, Any], names: tuple[str, ...], model: type[Model]) -> dict[str, Any]:
    """Those of the fields that a file gives a value; a number is taken for text where text belongs."""
    fields = {name: facts[name] for name in names if facts.get(name) is not None}
    for name, value in fields.items():
        _refuse_long_text(name, value, model)
        if isinstance(value, dict):
            fields[name] = {key: str(each) for key, each in value.items() if each is not None}
        elif isinstance(model._meta.get_field(name), CharField | TextField):
            fields[name] = str(value)
    return fields


def _refuse_long_text(name: str, value: Any, model: type[Model]) -> None:
    """Refuse what the forms would: the length of long texts is known to the model and kept by no database."""
    longest = getattr(model._meta.get_field(name), "max_length", None)
    if longest and len(str(value)) > longest:
        message = ngettext(
            "%(count)d character is too many, %(longest)d fit. Shorten the text.",
            "%(count)d characters are too many, %(longest)d fit. Shorten the text.",
            len(str(value)),
        )
        raise ValidationError({name: message % {"count": len(str(value)), "longest": longest}})
