"""A range of a spreadsheet as it is pasted: rows of cells, the columns known by their header or by their looks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from bands.naming import folding_key, strip_accents, tidy_name
from schedule.lineup_files import OtherLine, restore
from schedule.poster_dates import find_night
from schedule.poster_lines import Line, VenueNames
from schedule.poster_times import find_times, is_time

HEADINGS = {
    "band": {"band", "bands", "artist", "artists", "act", "acts", "name", "performer", "groupe", "artiste", "nom"},
    "venue": {"venue", "room", "stage", "where", "place", "location", "salle", "scene", "lieu", "endroit"},
    "night": {"night", "date", "day", "when", "soir", "soiree", "nuit", "jour"},
    "start": {"start", "starts", "from", "time", "set time", "set times", "begin", "debut", "heure", "de"},
    "end": {"end", "ends", "to", "until", "finish", "fin", "a", "jusqu'a"},
    "genre": {"genre", "genres", "style", "styles"},
}
FEWEST_HEADINGS = 2
MOST_OF_A_COLUMN = 0.6


@dataclass
class CellRow:
    """A row of cells understood; times as they were written."""

    line: Line
    band: str
    venue: str = ""
    night: date | None = None
    start: str = ""
    end: str = ""
    genre: str = ""
    doubts: list[str] = field(default_factory=list)


def read_cells(
    lines: Sequence[Line], *, nights: Sequence[date], venues: VenueNames
) -> tuple[list[OtherLine], list[CellRow]]:
    """The rows of a pasted range, and the lines that are none of its rows, such as its header."""
    split = [(line, [restore(cell.strip()) for cell in line.text.split("\t")]) for line in lines]
    others = []
    columns: dict[str, int] = {}
    for position, (line, cells) in enumerate(split):
        named = _named_columns(cells)
        if len(named) >= FEWEST_HEADINGS and "band" in named:
            columns = named
            others.append(OtherLine(line.label, _("the header of the table")))
            split.pop(position)
            break
    if not columns:
        columns = _columns_by_looks([cells for _line, cells in split], nights, venues)
    return others, [_row(line, cells, columns, nights, venues) for line, cells in split]


def _named_columns(cells: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for position, cell in enumerate(cells):
        plain = strip_accents(cell).strip(" :.")
        for name, headings in HEADINGS.items():
            if plain in headings:
                found.setdefault(name, position)
    return found


def _columns_by_looks(rows: Sequence[Sequence[str]], nights: Sequence[date], venues: VenueNames) -> dict[str, int]:
    """Times and dates look like it, venues are known or repeated, and the most different texts are the bands."""
    width = max((len(cells) for cells in rows), default=0)
    columns = [[cells[n] for cells in rows if n < len(cells) and cells[n]] for n in range(width)]
    found: dict[str, int] = {}
    texts = []
    for position, cells in enumerate(columns):
        if not cells:
            continue
        if _share(cells, is_time) >= MOST_OF_A_COLUMN:
            found.setdefault("end" if "start" in found else "start", position)
        elif _share(cells, lambda cell: _is_night(cell, nights)) >= MOST_OF_A_COLUMN:
            found.setdefault("night", position)
        else:
            texts.append(position)
    known = {n: _share(columns[n], lambda cell: bool(venues.find(cell))) for n in texts}
    variety = {n: len({folding_key(cell) for cell in columns[n]}) / len(columns[n]) for n in texts}
    if len(texts) > 1:
        best = max(texts, key=lambda n: (known[n], -variety[n], -n))
        if known[best] > 0 or variety[best] < 1:
            found["venue"] = best
            texts.remove(best)
    if texts:
        found["band"] = max(texts, key=lambda n: (len(columns[n]), variety[n], -n))
        texts.remove(found["band"])
    if texts:
        found["genre"] = texts[0]
    return found


def _share(cells: Sequence[str], test: object) -> float:
    return sum(bool(test(cell)) for cell in cells) / len(cells) if callable(test) else 0


def _is_night(cell: str, nights: Sequence[date]) -> bool:
    found = find_night(cell, nights)
    return found is not None and not re.search(r"\w", found.before + found.after)


def _row(
    line: Line, cells: Sequence[str], columns: dict[str, int], nights: Sequence[date], venues: VenueNames
) -> CellRow:
    def cell(name: str) -> str:
        position = columns.get(name)
        return cells[position] if position is not None and position < len(cells) else ""

    row = CellRow(line, tidy_name(cell("band")), genre=tidy_name(cell("genre")))
    row.venue = venues.find(cell("venue")) or tidy_name(cell("venue"))
    row.start, row.end = cell("start"), cell("end")
    for name in ("start", "end"):
        text = cell(name)
        found = find_times(text) if text else None
        if found and not found.rest:
            setattr(row, name, found.start)
            row.end = found.end if name == "start" and found.end and not cell("end") else row.end
        elif text:
            setattr(row, name, "")
            row.doubts.append(_("“%(text)s” is no time and was left away.") % {"text": text})
    if text := cell("night"):
        night = find_night(text, nights)
        row.night = night.night if night else None
        if row.night is None:
            row.doubts.append(_("“%(text)s” is no night of the event.") % {"text": text})
    if not (row.band or row.venue or row.start or row.end or row.night) and len([each for each in cells if each]) == 1:
        row.band = tidy_name("".join(cells))
    return row
