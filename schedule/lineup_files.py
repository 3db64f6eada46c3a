"""Reading running orders from files: tables (CSV, XLSX) and event files in JSON, as rows of text.

Nothing is interpreted here; `importing` does that. Cells are written and read with formulas made
harmless, and come back as they were.
"""

import csv
import io
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from schedule.spreadsheets import UnreadableWorkbookError, read_workbook

REQUIRED_COLUMNS = ("venue", "band", "start", "end")
COLUMNS = ("night", "venue", "band", "start", "end", "genre", "notes")
EXTRA_COLUMNS = ("billing", "kind", "status")  # written only where they cannot be guessed
DELIMITERS = ",;\t"
FORMULA_STARTS = tuple("=+-@＝＋－＠")
MOST_DIGITS = 18  # of a whole number that every database keeps
DEEPEST_NESTING = 20
SHOWN_CHARACTERS = 60  # of a value that an error names
LINES_ABOVE_A_HEADER = 10  # of a workbook: a title, a date, a blank row

# What an event file calls the fields of an event, and what they are called here.
EVENT_FIELDS = {
    **{name: name for name in ("city", "description", "ticket_url", "presented_by", "presented_by_url", "price")},
    **{name: name for name in ("venue_info", "social_links", "theme_colors", "reveal_mode", "times_public")},
    "default_set_minutes": "default_set_minutes",
    "age_restriction": "age_rule",
}
VENUE_FIELDS = (
    *("address", "address_line1", "address_line2", "city", "region", "postal_code", "country", "latitude"),
    *("longitude", "capacity", "access_notes", "website", "instagram", "facebook", "walking_order"),
)
BAND_FIELDS = ("disambiguation", "origin", "origin_city", "origin_region", "social_links", "description")
KNOWN_KEYS = {
    "event": {
        *("name", "short_name", "slug", "date", "end_date", "timezone", "rollover", "status", "doors"),
        *EVENT_FIELDS,
    },
    "venues": {"name", "room_of", *VENUE_FIELDS},
    "bands": {"name", "genre", *BAND_FIELDS},
    "performances": {
        *("band", "venue", "night", "date", "start_time", "end_time", "notes", "genre", "billing", "kind", "status"),
        "is_announced",
    },
}
# What the values of an event file have to be; those not named here are text or a number.
TEXT, FLAG, TEXTS, OBJECTS = "text", "flag", "texts", "objects"
MUST_BE = {
    TEXT: gettext_lazy("“%(name)s” must be text, not %(value)s."),
    FLAG: gettext_lazy("“%(name)s” must be true or false, not %(value)s."),
    TEXTS: gettext_lazy("“%(name)s” must be an object of texts, not %(value)s."),
    OBJECTS: gettext_lazy("“%(name)s” must be a list of objects of texts, not %(value)s."),
}
SHAPES = {
    **dict.fromkeys(("reveal_mode", "times_public", "is_announced"), FLAG),
    **dict.fromkeys(("doors", "social_links", "theme_colors"), TEXTS),
    "venue_info": OBJECTS,
}


class UnreadableFileError(Exception):
    """The file is no running order that we can read; the message says why and what to do."""


@dataclass(frozen=True)
class LineupRow:
    """One line as the file has it, blanks around values removed; `label` is how people find it again.

    `night` is the date of the night; `date` a day field of which the reader has to be told what it means.
    `billing` is how the band is billed where that is not its name. `doubts` are sentences about what
    had to be guessed. A row that `is_left_out` is shown and not imported. `band_id` is the band that a
    person chose; `is_typed` says that its times were typed by hand, so that 8:50 may mean the evening.
    """

    label: str
    band: str
    venue: str = ""
    night: str = ""
    date: str = ""
    start: str = ""
    end: str = ""
    genre: str = ""
    notes: str = ""
    billing: str = ""
    kind: str = ""
    status: str = ""
    is_announced: bool | None = None
    problem: str = ""
    doubts: tuple[str, ...] = ()
    is_left_out: bool = False
    band_id: int | None = None
    is_typed: bool = False


@dataclass(frozen=True)
class OtherLine:
    """A line that is no row of its own: a heading, or a name that stands there a second time."""

    label: str
    meaning: str


@dataclass(frozen=True)
class LineupFile:
    """What a file holds: its rows, what it says of the event, venues and bands, and what is left out."""

    rows: list[LineupRow]
    event: dict[str, Any] = field(default_factory=dict)
    venues: list[dict[str, Any]] = field(default_factory=list)
    bands: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    other_lines: list[OtherLine] = field(default_factory=list)


def read_file(content: bytes, name: str) -> LineupFile:
    """Read a file by the ending of its name: .json, .xlsx, else a table of text. Raises UnreadableFileError."""
    if name.lower().endswith(".xlsx"):
        return read_table_of(read_cells_of(content), lines_above=LINES_ABOVE_A_HEADER)
    return read_lineup(content, is_json=name.lower().endswith(".json"))


def read_cells_of(content: bytes) -> list[list[str]]:
    """The cells of the first sheet of a workbook. Raises UnreadableFileError."""
    try:
        return read_workbook(content)
    except UnreadableWorkbookError as error:
        raise UnreadableFileError(str(error)) from error


def read_lineup(content: bytes, *, is_json: bool) -> LineupFile:
    """Read an event file (JSON) or a table (CSV). Raises UnreadableFileError."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError(_("The file is not UTF-8 text. Save it as “CSV UTF-8”.")) from error
    return _read_event_file(text) if is_json else _read_table(text)


def neutralise(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula: an apostrophe in front of = + - @, also behind blanks."""
    return f"'{cell}" if _is_formula(cell) else cell


def restore(cell: str) -> str:
    """The cell as it was before `neutralise`."""
    return cell[1:] if cell.startswith("'") and _is_formula(cell) else cell


def _is_formula(cell: str) -> bool:
    """Asked of a cell whatever its apostrophes, so that taking one away or adding one changes nothing."""
    bare = cell.lstrip("'")
    return bare.startswith(("\t", "\r", "\n")) or bare.lstrip().startswith(FORMULA_STARTS)


def _read_table(text: str) -> LineupFile:
    if "\0" in text:  # what UTF-16 looks like when it is read as UTF-8
        raise UnreadableFileError(_("The file is not UTF-8 text. Save it as “CSV UTF-8”."))
    first_line = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        numbered = [(number, cells) for number, cells in enumerate(reader, start=1) if _has_text(cells)]
    except csv.Error as error:
        raise UnreadableFileError(
            _("Line %(number)d is broken: %(error)s. Look for a stray quotation mark.")
            % {"number": reader.line_num, "error": error}
        ) from error
    return _table(numbered)


def read_table_of(cells: list[list[str]], *, lines_above: int = 0) -> LineupFile:
    """Read rows of cells, the first of which, or one a few lines below, names the columns."""
    numbered = [(number, row) for number, row in enumerate(cells, start=1) if _has_text(row)]
    first = next((n for n, (_number, row) in enumerate(numbered[: lines_above + 1]) if is_header(row)), 0)
    return _table(numbered[first:])


def is_header(cells: list[str]) -> bool:
    """Whether a row names all the columns that a table needs."""
    return set(REQUIRED_COLUMNS) <= {cell.strip().lower() for cell in cells}


def _table(numbered: list[tuple[int, list[str]]]) -> LineupFile:
    header = [cell.strip().lower() for cell in numbered[0][1]] if numbered else []
    missing = [name for name in REQUIRED_COLUMNS if name not in header]
    if missing:
        raise UnreadableFileError(
            _("The first line must name the columns %(columns)s; there is no %(missing)s.")
            % {"columns": ", ".join(COLUMNS), "missing": _(" and no ").join(missing)}
        )
    doubled = sorted({name for name in header if name and header.count(name) > 1})
    if doubled:
        raise UnreadableFileError(
            _("The column %(columns)s stands in the first line twice. Remove one of them.")
            % {"columns": _(" and the column ").join(doubled)}
        )
    known = {*COLUMNS, *EXTRA_COLUMNS}
    rows = [
        _table_row(number, position, header, cells, known)
        for position, (number, cells) in enumerate(numbered[1:], start=1)
    ]
    unknown = [_("column “%(name)s”") % {"name": name} for name in header if name and name not in known]
    return LineupFile(rows, left_out=unknown)


def _has_text(cells: Iterable[str]) -> bool:
    return any(cell.strip() for cell in cells)


def _table_row(number: int, position: int, header: list[str], cells: list[str], known: set[str]) -> LineupRow:
    """A row named by its number in the spreadsheet, blank rows and the header counted."""
    problem = ""
    if _has_text(cells[len(header) :]):
        problem = _(
            "The row has %(cells)d cells for %(columns)d columns. Put values with a comma into quotation marks."
        ) % {"cells": len(cells), "columns": len(header)}
    values: dict[str, Any] = {
        name: restore(cell.strip()) for name, cell in zip(header, cells, strict=False) if name in known
    }
    label = _("row %(number)d (set %(position)d)") % {"number": number, "position": position}
    return LineupRow(**{"label": label, "band": "", "problem": problem, **values})


def _read_event_file(text: str) -> LineupFile:
    try:
        content = json.loads(text, parse_int=_whole_number)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UnreadableFileError(_("The file is not JSON: %(error)s.") % {"error": error}) from error
    if not isinstance(content, dict) or not isinstance(content.get("performances"), list):
        raise UnreadableFileError(_('The file is no event file: it needs a list called "performances".'))
    _refuse_what_nothing_keeps(content, _("The file"))
    event, venues = _part(content, "event", dict), _part(content, "venues", list)
    bands, performances = _part(content, "bands", list), _part(content, "performances", list)
    for name, objects in (("event", [event]), ("venues", venues), ("bands", bands)):
        for number, each in enumerate(objects, start=1):
            if faults := _misshapen(name, each):
                numbered = _("number %(number)d of %(part)s") % {"number": number, "part": name}
                place = name if name == "event" else numbered
                raise UnreadableFileError(_("In %(place)s: %(faults)s") % {"place": place, "faults": " ".join(faults)})
    rows = [_event_file_row(number, each) for number, each in enumerate(performances, start=1)]
    left_out = [
        *_unknown("event", [event]),
        *_unknown("venues", venues),
        *_unknown("bands", bands),
        *_unknown("performances", performances),
        *(f'"{name}"' for name in content if name not in KNOWN_KEYS),
    ]
    return LineupFile(rows, event=event, venues=venues, bands=bands, left_out=left_out)


def _part(content: dict[str, Any], name: str, kind: type[dict] | type[list]) -> Any:
    """The object or the list of objects of that name; empty where the file has none."""
    part = kind() if content.get(name) is None else content[name]
    if kind is dict and not isinstance(part, dict):
        raise UnreadableFileError(_('"%(name)s" must be an object.') % {"name": name})
    if kind is list and not (isinstance(part, list) and all(isinstance(each, dict) for each in part)):
        raise UnreadableFileError(_('"%(name)s" must be a list of objects.') % {"name": name})
    return part


def _event_file_row(number: int, facts: dict[str, Any]) -> LineupRow:
    faults = _misshapen("performances", facts)
    values: dict[str, Any] = {
        name: str(value).strip()
        for name, value in facts.items()
        if name in KNOWN_KEYS["performances"] and value is not None and _has_shape(value, TEXT)
    }
    announced = facts.get("is_announced")
    return LineupRow(
        label=_("set %(number)d") % {"number": number},
        band=values.pop("band", ""),
        start=values.pop("start_time", ""),
        end=values.pop("end_time", ""),
        is_announced=announced if isinstance(announced, bool) else None,
        problem=" ".join(faults),
        **{name: value for name, value in values.items() if name != "is_announced"},
    )


def _whole_number(digits: str) -> float:
    return int(digits) if len(digits.lstrip("-")) <= MOST_DIGITS else math.inf


def _refuse_what_nothing_keeps(value: Any, place: str, depth: int = 0) -> None:
    """Refuse halves of characters and NUL, numbers beyond measure and endless nesting: no database takes them."""
    if depth > DEEPEST_NESTING:
        raise UnreadableFileError(_("%(place)s is nested too deeply.") % {"place": place})
    if isinstance(value, float) and not math.isfinite(value):
        raise UnreadableFileError(
            _("%(place)s holds a number that is too large, or none at all. Correct it.") % {"place": place}
        )
    if isinstance(value, str) and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value):
        raise UnreadableFileError(
            _("%(place)s holds a broken character: %(value)s. Write the text again.")
            % {"place": place, "value": _shown(value)}
        )
    if isinstance(value, dict):
        for name, each in value.items():
            _refuse_what_nothing_keeps(name, place, depth + 1)
            _refuse_what_nothing_keeps(each, f"“{name}”", depth + 1)
    elif isinstance(value, list):
        for each in value:
            _refuse_what_nothing_keeps(each, place, depth + 1)


def _misshapen(part: str, facts: dict[str, Any]) -> list[str]:
    """A sentence for each value that is no text, number, flag or list where it has to be one."""
    return [
        MUST_BE[SHAPES.get(name, TEXT)] % {"name": name, "value": _shown(value)}
        for name, value in facts.items()
        if name in KNOWN_KEYS[part] and value is not None and not _has_shape(value, SHAPES.get(name, TEXT))
    ]


def _has_shape(value: Any, shape: str) -> bool:
    if shape == FLAG:
        return isinstance(value, bool)
    if shape == TEXTS:
        return isinstance(value, dict) and all(each is None or _has_shape(each, TEXT) for each in value.values())
    if shape == OBJECTS:
        return isinstance(value, list) and all(_has_shape(each, TEXTS) for each in value)
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    """A value as an error names it, in the characters of ASCII and cut where it is long."""
    text = json.dumps(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def _unknown(part: str, objects: list[dict[str, Any]]) -> list[str]:
    """The keys of a part that nothing here reads."""
    names = dict.fromkeys(name for each in objects for name in each)
    return [f"{part}.{name}" for name in names if name not in KNOWN_KEYS[part]]
