"""The rows of a running order while somebody looks them over: they travel in the form, and nothing is saved.

A row comes from the reader of posters and files, goes to the page, and comes back as it was corrected.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.admin.read_only import number_in
from accounts.models import User
from bands.matching import KnownName, find_matches, known_names, suggest_bands
from bands.naming import normalize_name
from schedule.billing import kind_of
from schedule.importing import Action, ImportReport, RowReport, band_title
from schedule.lineup_files import LineupFile, LineupRow, read_lineup
from schedule.models import Event, Performance, Venue
from schedule.row_times import OPEN, DateMeaning, opening_times, read_date_time, read_times
from schedule.templatetags.set_times import clock
from schedule.typed_times import parse_day, parse_time
from schedule.venue_matching import suggest_venues

TYPED = ("night", "start", "end", "venue", "band", "genre")  # what a person corrects in place
CHECKED = ("night", "start", "end", "venue", "band")  # of these what has to be looked over before it is imported
CARRIED = ("notes", "billing", "kind", "status")  # what a file may say beside
FIELDS_PER_ROW = len(TYPED) + 3  # include, choice, kept
NEW = "new"
LONGEST_TEXT = 5000  # characters of a field
LONGEST_FACTS = 300_000  # characters of what a file says of bands and venues
MOST_SIMILAR = 3
UNKNOWN_REVISION = -1  # of a form that does not say what was seen


@dataclass
class BandOption:
    """A band that a row may mean."""

    value: str
    name: str
    note: str = ""


@dataclass
class ReviewRow:
    """A row as it stands in the form, and what was found out about it."""

    number: int
    row: LineupRow
    choice: str = ""
    was: list[str] = field(default_factory=list)
    checked: list[str] | None = None
    when: str = ""
    errors: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    action: str = ""
    is_new_venue: bool = False
    venue_hints: list[str] = field(default_factory=list)
    band: BandOption | None = None
    is_new_band: bool = False
    options: list[BandOption] = field(default_factory=list)
    is_choice_open: bool = False

    @property
    def is_included(self) -> bool:
        return not self.row.is_left_out

    @property
    def is_doubtful(self) -> bool:
        return self.is_included and bool(self.row.doubts)

    @property
    def is_unchecked(self) -> bool:
        """Whether the row would be imported otherwise than somebody looked it over."""
        return self.is_included and self.checked != _checked(self.row)

    @property
    def kept(self) -> str:
        """What travels beside what is typed, as JSON."""
        carried = {name: getattr(self.row, name) for name in CARRIED if getattr(self.row, name)}
        announced = {} if self.row.is_announced is None else {"is_announced": self.row.is_announced}
        checked = {"checked": _checked(self.row)} if self.is_included else {}
        said = {"label": self.row.label, "doubts": self.row.doubts, "was": self.was}
        return json.dumps({**said, **checked, **carried, **announced}, ensure_ascii=False)


@dataclass
class Review:
    """All rows, with what the file says of venues and bands, and how dates are meant.

    `revision` is that of the event against which the rows were looked over.
    """

    event: Event
    rows: list[ReviewRow]
    revision: int
    dates: DateMeaning = DateMeaning.CALENDAR
    facts: str = ""
    accept_long: bool = False
    report: ImportReport | None = None
    errors: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    @property
    def included(self) -> list[ReviewRow]:
        return [row for row in self.rows if row.is_included]

    @property
    def left_out(self) -> list[ReviewRow]:
        return [row for row in self.rows if not row.is_included]

    @property
    def unchecked(self) -> list[ReviewRow]:
        return [row for row in self.rows if row.is_unchecked]

    @property
    def undecided(self) -> list[ReviewRow]:
        return [row for row in self.included if row.is_choice_open]

    @property
    def doubtful(self) -> list[ReviewRow]:
        return [row for row in self.rows if row.is_doubtful]

    @property
    def refused(self) -> list[ReviewRow]:
        return [row for row in self.included if row.errors]

    @property
    def example_date(self) -> str:
        """The first start with a date beside it: then it has to be known what dates mean."""
        return next((row.row.start for row in self.rows if is_full(row.row.start, self.event)), "")

    def count(self, action: Action) -> int:
        return sum(row.action == action for row in self.included)

    def file(self) -> LineupFile:
        """The rows as a file for the importer. Raises UnreadableFileError for facts that somebody tampered with."""
        rows = [row.row for row in self.rows]
        if not self.facts:
            return LineupFile(rows)
        said = read_lineup(self.facts.encode(errors="replace"), is_json=True)
        named = {normalize_name(row.band) for row in rows if not row.is_left_out and not row.band_id}
        bands = [each for each in said.bands if normalize_name(band_title(each)) in named]
        return LineupFile(rows, venues=said.venues, bands=bands)


def review_of(file: LineupFile, event: Event, *, night: date | None, dates: DateMeaning) -> Review:
    """The rows of a file as they are first shown: with the night of those that name none, times in one form."""
    rows = []
    for number, row in enumerate(file.rows):
        shown = _shown(row, event, night)
        rows.append(ReviewRow(number, shown, was=_typed(shown)))
    facts = json.dumps({"venues": file.venues, "bands": file.bands, "performances": []}, ensure_ascii=False)
    errors = []
    if len(facts) > LONGEST_FACTS:
        facts = ""
        errors.append(_("What the file says of bands and venues beside their names is too much and is left out."))
    said = facts if file.venues or file.bands else ""
    return Review(event, rows, event.revision, dates, said, errors=errors)


def review_in(sent: Mapping[str, Any], event: Event, *, most_rows: int) -> Review:
    """The rows as a form brings them back. What was corrected is in doubt no more."""
    count, revision = (number_in(str(sent.get(name, ""))) for name in ("rows", "revision"))
    rows = [_row_in(sent, number) for number in range(min(count or 0, most_rows))]
    said = str(sent.get("dates", ""))
    dates = DateMeaning(said) if said in set(DateMeaning) else DateMeaning.CALENDAR
    facts = _clean(sent.get("facts", ""), LONGEST_FACTS + 1000)
    seen = UNKNOWN_REVISION if revision is None else revision
    return Review(event, rows, seen, dates, facts, accept_long=bool(sent.get("accept_long")))


def look_up(review: Review, *, user: User) -> None:
    """Find for each row the bands and the venue that it may mean, and when it is."""
    event = review.event
    known, doors = known_names(), opening_times(event)
    venues = list(Venue.objects.select_related("parent"))
    names = {normalize_name(str(venue)) for venue in venues}
    played = _last_played(known, review, user)
    only_night = None if event.has_several_nights else event.date
    for each in review.rows:
        row = each.row
        _match_band(each, known, played)
        each.is_new_venue = row.venue.lower() not in OPEN and normalize_name(row.venue) not in names
        each.venue_hints = suggest_venues(row.venue, venues) if each.is_new_venue else []
        try:
            times = read_times(each.row, event, dates=review.dates, only_night=only_night, doors=doors)
        except ValidationError:  # said by the importer, if the row is to be imported
            continue
        each.when = _in_words(times, event)


def take_report(review: Review, report: ImportReport) -> None:
    """Put what the importer said to the rows it said it of."""
    review.report, review.revision = report, report.revision
    by_row: dict[int, RowReport] = {id(each.row): each for each in report.rows}
    own = {id(each.row): each for each in review.rows}
    for each in report.rows:
        if id(each.row) not in own:
            review.errors.append(f"{each.row.label}: {' '.join(each.remarks)}")
    for row in review.included:
        said = by_row.get(id(row.row))
        if said is None:
            continue
        row.action = said.action
        if said.action == Action.REFUSE:
            row.errors = said.remarks
        elif said.action == Action.CHANGE:
            row.remarks = said.remarks


def is_full(text: str, event: Event) -> bool:
    """Whether a typed start has its date with it."""
    try:
        return read_date_time(text, event.zone) is not None
    except ValidationError:
        return False


def _shown(row: LineupRow, event: Event, night: date | None) -> LineupRow:
    start, end, day = row.start, row.end, row.night
    if row.date and start and not is_full(start, event):
        start = f"{row.date} {start}"
    elif row.date and not start:
        day = day or row.date
    if not row.is_typed:
        start, end = _one_meaning(start), _one_meaning(end)
    if not day and not is_full(start, event) and night:
        day = night.isoformat()
    return replace(row, night=day, date="", start=start, end=end, is_typed=True)


def _one_meaning(text: str) -> str:
    """A 24-hour time of a file so that it stays one where people type: 8:50 is 08:50."""
    try:
        typed = parse_time(text)
    except ValidationError:
        return text
    if not typed.is_ambiguous or not typed.has_minutes:
        return text
    hour, minute = divmod(typed.minutes, 60)
    return f"{hour:02}:{minute:02}" if hour < 10 else f"{hour}:{minute:02}{'am' if hour < 12 else 'pm'}"


def _typed(row: LineupRow) -> list[str]:
    return [getattr(row, name) for name in TYPED]


def _checked(row: LineupRow) -> list[str]:
    return [getattr(row, name) for name in CHECKED]


def _row_in(sent: Mapping[str, Any], number: int) -> ReviewRow:
    def said(name: str) -> str:
        return _clean(sent.get(f"row-{number}-{name}", "")).strip()

    kept = _kept(said("kept"))
    values: dict[str, Any] = {name: said(name) for name in TYPED}
    carried: dict[str, Any] = {name: _clean(kept.get(name, "")) for name in CARRIED}
    was = [_clean(each) for each in kept.get("was", ()) if isinstance(each, str)]
    is_corrected = was != list(values.values())
    doubts = [] if is_corrected else [_clean(each) for each in kept.get("doubts", ()) if isinstance(each, str)]
    announced = kept.get("is_announced")
    row = LineupRow(
        label=_clean(kept.get("label", "")) or _("row %(number)d") % {"number": number + 1},
        **values,
        **carried,
        doubts=tuple(doubts),
        is_left_out=not said("include"),
        is_announced=announced if isinstance(announced, bool) else None,
        is_typed=True,
    )
    return ReviewRow(number, row, choice=said("choice"), was=was, checked=kept.get("checked"))


def _kept(text: str) -> dict[str, Any]:
    try:
        kept = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    lists = all(isinstance(kept.get(name, []), list) for name in ("was", "doubts")) if isinstance(kept, dict) else False
    return kept if lists else {}


def _clean(value: Any, longest: int = LONGEST_TEXT) -> str:
    """A text without what no database keeps."""
    text = value if isinstance(value, str) else ""
    return "".join(c for c in text if c != "\0" and not "\ud800" <= c <= "\udfff")[:longest]


def _match_band(each: ReviewRow, known: Sequence[KnownName], played: dict[int, str]) -> None:
    row = each.row
    is_named_slot = row.kind not in ("", Performance.Kind.SET) or kind_of(row.band) != Performance.Kind.SET
    if is_named_slot and row.kind != Performance.Kind.SET:
        return
    names = {name.band_id: name.band_name for name in known}
    matches = sorted(find_matches(row.band, known))
    called_so = [band_id for band_id in matches if normalize_name(names[band_id]) == normalize_name(row.band)]
    if len(matches) == 1 or len(called_so) == 1:
        found = (called_so or matches)[0]
        each.band = BandOption(str(found), names[found], played.get(found, ""))
        each.choice = ""
        return
    if matches:
        each.options = [BandOption(str(found), names[found], played.get(found, "")) for found in matches]
    else:
        each.is_new_band = bool(normalize_name(row.band))
        similar = suggest_bands(row.band, known, limit=MOST_SIMILAR) if each.is_new_band else []
        each.options = [BandOption(str(found.band_id), found.band_name, found.reason) for found in similar]
        if similar:
            each.options.append(BandOption(NEW, row.band))
    is_offered = each.choice in {option.value for option in each.options}
    each.is_choice_open = bool(each.options) and not is_offered
    if not is_offered:
        each.choice = NEW if each.options and not matches else ""
    if each.choice.isdecimal():
        each.row = replace(row, band_id=int(each.choice))
        each.is_new_band = False


def _last_played(known: Iterable[KnownName], review: Review, user: User) -> dict[int, str]:
    """For each band that a row may name exactly, the other event it played last, of those open to who asks."""
    wanted = {normalize_name(row.row.band) for row in review.rows}
    ids = {name.band_id for name in known if name.name_normalized in wanted or normalize_name(name.band_name) in wanted}
    sets = Performance.objects.open_to(user).filter(band__in=ids).exclude(event=review.event)
    rows = sets.order_by("night", "pk").values_list("band", "event__name")
    return {band: _("played %(event)s") % {"event": event} for band, event in rows}


def _in_words(times: tuple[date, datetime | None, datetime | None], event: Event) -> str:
    """Sat 10 Oct, 8:50 PM to 9:30 PM; after midnight with the true day, too."""
    night, starts_at, ends_at = times
    if starts_at is None:
        return _("%(night)s, time open") % {"night": date_format(night, "D j M")}
    start = starts_at.astimezone(event.zone)
    text = f"{date_format(start, 'D j M')}, {clock(start)}"
    if ends_at:
        text = _("%(start)s to %(end)s") % {"start": text, "end": clock(ends_at.astimezone(event.zone))}
    if start.date() != night:
        text += " " + _("(night of %(night)s)") % {"night": date_format(night, "D j M")}
    return text


def nights_to_choose(review: Review) -> list[tuple[str, str]]:
    """The nights of the event, and what rows say beside them, so that nothing is lost."""
    nights = {night.isoformat(): date_format(night, "D j M") for night in review.event.nights()}
    for row in review.rows:
        said = row.row.night
        if said and said not in nights:
            nights[said] = _("%(night)s (not a night of the event)") % {"night": _day_in_words(said)}
    return list(nights.items())


def _day_in_words(text: str) -> str:
    try:
        return date_format(parse_day(text), "D j M Y")
    except ValidationError:
        return text
