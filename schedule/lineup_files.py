"""Reading running orders from files: CSV tables and event files in JSON, as rows of text.

Nothing is interpreted here; `importing` does that. Cells are written and read with formulas made
harmless, and come back as they were.
"""

import csv
import io
import json
from dataclasses import dataclass, field
from typing import Any

REQUIRED_COLUMNS = ("venue", "band", "start", "end")
COLUMNS = ("night", "venue", "band", "start", "end", "genre", "notes")
EXTRA_COLUMNS = ("kind", "status")  # written only where they cannot be guessed
DELIMITERS = ",;\t"
FORMULA_STARTS = tuple("=+-@\t\r＝＋－＠")

# What an event file calls the fields of an event, and what they are called here.
EVENT_FIELDS = {
    **{name: name for name in ("city", "description", "ticket_url", "presented_by", "presented_by_url", "price")},
    **{name: name for name in ("venue_info", "social_links", "theme_colors", "reveal_mode", "times_public")},
    "age_restriction": "age_rule",
}
VENUE_FIELDS = (
    *("address", "address_line1", "address_line2", "city", "region", "postal_code", "country", "latitude"),
    *("longitude", "capacity", "access_notes", "website", "instagram", "facebook", "walking_order"),
)
BAND_FIELDS = ("disambiguation", "origin", "social_links", "description")
KNOWN_KEYS = {
    "event": {
        *("name", "short_name", "slug", "date", "end_date", "timezone", "rollover", "status", "doors"),
        *EVENT_FIELDS,
    },
    "venues": {"name", "room_of", *VENUE_FIELDS},
    "bands": {"name", "genre", *BAND_FIELDS},
    "performances": {
        *("band", "venue", "night", "date", "start_time", "end_time", "notes", "genre", "kind", "status"),
        "is_announced",
    },
}


class UnreadableFileError(Exception):
    """The file is no running order that we can read; the message says why and what to do."""


@dataclass(frozen=True)
class LineupRow:
    """One line as the file has it, blanks around values removed; `label` is how people find it again.

    `night` is the date of the night; `date` a day field of which the reader has to be told what it means.
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
    kind: str = ""
    status: str = ""
    is_announced: bool | None = None
    problem: str = ""


@dataclass(frozen=True)
class LineupFile:
    """What a file holds: its rows, what it says of the event, venues and bands, and what is left out."""

    rows: list[LineupRow]
    event: dict[str, Any] = field(default_factory=dict)
    venues: list[dict[str, Any]] = field(default_factory=list)
    bands: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def read_lineup(content: bytes, *, is_json: bool) -> LineupFile:
    """Read an event file (JSON) or a table (CSV). Raises UnreadableFileError."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError("The file is not UTF-8 text. Save it as “CSV UTF-8”.") from error
    return _read_event_file(text) if is_json else _read_table(text)


def neutralise(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula: an apostrophe in front of = + - @, tab and carriage return."""
    return f"'{cell}" if cell.lstrip("'").startswith(FORMULA_STARTS) else cell


def restore(cell: str) -> str:
    """The cell as it was before `neutralise`."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_STARTS) else cell


def _read_table(text: str) -> LineupFile:
    first_line = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        lines = list(reader)
    except csv.Error as error:
        raise UnreadableFileError(
            f"Line {reader.line_num} is broken: {error}. Look for a stray quotation mark."
        ) from error
    header = [cell.strip().lower() for cell in lines[0]] if lines else []
    missing = [name for name in REQUIRED_COLUMNS if name not in header]
    if missing:
        raise UnreadableFileError(
            f"The first line must name the columns {', '.join(COLUMNS)}; there is no {' and no '.join(missing)}."
        )
    doubled = sorted({name for name in header if name and header.count(name) > 1})
    if doubled:
        raise UnreadableFileError(f"The column {' and the column '.join(doubled)} stands in the first line twice.")
    known = {*COLUMNS, *EXTRA_COLUMNS}
    left_out = [f"column “{name}”" for name in header if name and name not in known]
    rows: list[LineupRow] = []
    for number, cells in enumerate(lines[1:], start=2):
        if any(cell.strip() for cell in cells):
            rows.append(_table_row(number, len(rows) + 1, header, cells, known))
    return LineupFile(rows, left_out=left_out)


def _table_row(number: int, position: int, header: list[str], cells: list[str], known: set[str]) -> LineupRow:
    """A row named by its number in the spreadsheet, where the header is row 1."""
    problem = ""
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        problem = (
            f"The row has {len(cells)} cells for {len(header)} columns. Put values with a comma into quotation marks."
        )
    cell_of = {name: restore(cell.strip()) for name, cell in zip(header, cells, strict=False) if name in known}
    return LineupRow(
        label=f"row {number} (set {position})",
        band=cell_of.get("band", ""),
        venue=cell_of.get("venue", ""),
        night=cell_of.get("night", ""),
        start=cell_of.get("start", ""),
        end=cell_of.get("end", ""),
        genre=cell_of.get("genre", ""),
        notes=cell_of.get("notes", ""),
        kind=cell_of.get("kind", ""),
        status=cell_of.get("status", ""),
        problem=problem,
    )


def _read_event_file(text: str) -> LineupFile:
    try:
        content = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UnreadableFileError(f"The file is not JSON: {error}.") from error
    if not isinstance(content, dict) or not isinstance(content.get("performances"), list):
        raise UnreadableFileError('The file is no event file: it needs a list called "performances".')
    event = content.get("event") or {}
    parts = {"venues": content.get("venues") or [], "bands": content.get("bands") or []}
    if not isinstance(event, dict):
        raise UnreadableFileError('"event" must be an object.')
    for name, part in {**parts, "performances": content["performances"]}.items():
        if not isinstance(part, list) or not all(isinstance(each, dict) for each in part):
            raise UnreadableFileError(f'"{name}" must be a list of objects.')
    rows = [
        LineupRow(
            label=f"set {number}",
            band=_text(each.get("band")),
            venue=_text(each.get("venue")),
            night=_text(each.get("night")),
            date=_text(each.get("date")),
            start=_text(each.get("start_time")),
            end=_text(each.get("end_time")),
            genre=_text(each.get("genre")),
            notes=_text(each.get("notes")),
            kind=_text(each.get("kind")),
            status=_text(each.get("status")),
            is_announced=each["is_announced"] if isinstance(each.get("is_announced"), bool) else None,
        )
        for number, each in enumerate(content["performances"], start=1)
    ]
    left_out = [
        *_unknown("event", [event]),
        *_unknown("venues", parts["venues"]),
        *_unknown("bands", parts["bands"]),
        *_unknown("performances", content["performances"]),
        *(f'"{name}"' for name in content if name not in KNOWN_KEYS),
    ]
    return LineupFile(rows, event=event, venues=parts["venues"], bands=parts["bands"], left_out=left_out)


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _unknown(part: str, objects: list[dict[str, Any]]) -> list[str]:
    """The keys of a part that nothing here reads."""
    names = dict.fromkeys(name for each in objects for name in each)
    return [f"{part}.{name}" for name in names if name not in KNOWN_KEYS[part]]
