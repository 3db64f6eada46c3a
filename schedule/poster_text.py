"""A running order out of pasted text: the lines of a flyer, a range of a spreadsheet, a table, scraped markup.

Nothing is asked but the text and the event around it, so the same text is always read the same way.
Every line comes out: as a row, as a row that is left out with the reason, or as another line.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bands.naming import folding_key, normalize_name, tidy_name
from schedule.lineup_files import LineupFile, UnreadableFileError, is_header, read_lineup
from schedule.pasted_cells import CellRow, read_cells
from schedule.poster_dates import NamedNight, find_night
from schedule.poster_lines import (
    AT_PLACE,
    DOORS,
    LONGEST_VENUE_LINE,
    Line,
    VenueNames,
    read_name,
    reason_for_no_act,
    split_place,
    visible_lines,
    without_bullet,
)
from schedule.poster_rows import Around, PosterRows
from schedule.poster_times import FoundTimes, find_times

MOST_LINES = 2000
LONGEST_LINE = 500  # characters; a longer line is a text and no set
IS_SET_OFF = re.compile(r".*(?:\s[-–—|•·]\s*|[,|(–—]\s*)\0\W*|\W*\0\s*[-–—|•·,:].*")  # a date, here \0, from words
FEWEST_TIMES = 2  # with so many lines that have a time, a line without one is no set but a heading


def read_poster(text: str, around: Around) -> LineupFile:
    """The rows of a text in the order of its lines; times that can mean one only, doubts in words.

    Raises UnreadableFileError for a text of thousands of lines, and for nothing else.
    """
    text = text.removeprefix("\ufeff")
    if table := _read_as_file(text):
        return table
    lines = visible_lines(text)
    if len(lines) > MOST_LINES:
        raise UnreadableFileError(
            _("The text has %(count)d lines; a running order has not. Paste only the running order.")
            % {"count": len(lines)}
        )
    reader = _Reader(around)
    for line in lines:
        if len(line.text) > LONGEST_LINE:
            reader.rows.leave_out(line, line.text, _("is too long for a set"))
    lines = [line for line in lines if len(line.text) <= LONGEST_LINE]
    with_cells = [line for line in lines if "\t" in line.text.strip()]
    if len(with_cells) * 2 > len(lines):
        others, rows = read_cells(lines, nights=around.nights, venues=reader.venues)
        reader.rows.others += others
        for row in rows:
            reader.take_cells(row)
    else:
        reader.read_lines(lines)
    return reader.rows.file(around)


def _read_as_file(text: str) -> LineupFile | None:
    """What the text is when it is a file of ours, pasted: a table with its header, or an event file."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    is_json = first.lstrip().startswith("{")
    if not is_json and not any(is_header(first.split(delimiter)) for delimiter in ",;\t"):
        return None
    try:
        return read_lineup(text.encode(errors="replace"), is_json=is_json)
    except UnreadableFileError:
        return None


class _Reader:
    """Goes through the lines from top to bottom and remembers the headings it has passed."""

    def __init__(self, around: Around) -> None:
        self.around = around
        self.venues = VenueNames.of(around.venues)
        self.genres = {normalize_name(genre) for genre in around.genres}
        self.rows = PosterRows()
        self.night, self.venue = around.night, ""
        self.waiting: tuple[Line, FoundTimes] | None = None  # a time on a line of its own, before its name

    def read_lines(self, lines: list[Line]) -> None:
        plain = [without_bullet(line.text) for line in lines]
        times = [find_times(text) for text in plain]
        self.has_times = sum(bool(each) for each in times) >= FEWEST_TIMES
        self.names_come_first = _names_come_first(times)
        for position, (line, text) in enumerate(zip(lines, plain, strict=True)):
            follows = position + 1 < len(lines) and lines[position + 1].number <= line.number + 1
            is_above_a_set = follows and bool(times[position + 1]) and bool((times[position + 1] or _NO_TIMES).rest)
            self._read_line(line, text, is_above_a_set=is_above_a_set)
        self._drop_waiting()

    def _read_line(self, line: Line, text: str, *, is_above_a_set: bool) -> None:
        if self._is_comma_row(line, text) or self._is_night(line, text):
            return
        found = find_times(text)
        if DOORS.match(text):
            self._leave_out(line, text, _("says when the doors open"))
        elif found and not found.rest:
            self._take_time_alone(line, found)
        elif found:
            self._take_set(line, found, self.night)
        elif self._is_venue(line, text):
            return
        else:
            self._read_without_time(line, text, is_above_a_set=is_above_a_set)

    def _read_without_time(self, line: Line, text: str, *, is_above_a_set: bool) -> None:
        reason = reason_for_no_act(text, self.genres)
        if self._is_event_name(text):
            self.rows.other(line, _("the name of the event"))
        elif reason:
            self._leave_out(line, text, reason)
        elif self.waiting:
            self._take_waiting(line, text)
        elif self.has_times and not self.names_come_first and is_above_a_set and len(text) <= LONGEST_VENUE_LINE:
            self._at_venue(line, text)
        else:
            named = split_place(text, self.venues, has_venue=bool(self.venue))
            doubts = list(named.doubts)
            is_left_out = self.has_times and not self.names_come_first
            if is_left_out:
                doubts.append(_("has no time, while other lines do"))
            self._add(line, named.name, named.venue, self.night, doubts=doubts, is_left_out=is_left_out)

    # --- Headings ---

    def _is_night(self, line: Line, text: str) -> bool:
        """Whether the line names a night: as a heading, perhaps with a venue, or before the set of that night."""
        found = find_night(text, self.around.nights)
        if found is None:
            return False
        before, after = (part.strip(" \t,.-–—|:•·()@") for part in (found.before, found.after))
        times = find_times(after) if not before else None
        is_of_a_set = found.is_full_date or after[:1].isdecimal()
        if times and times.rest and is_of_a_set and not DOORS.match(after) and found.night:
            self._take_set(line, times, found.night)
            return True
        places = [part for part in (before, after) if part and not self._says_nothing(part)]
        venues = [self.venues.find(part) for part in places]
        if not all(venues):
            is_place = len(places) == 1 and found.after.lstrip(" ,").startswith("@") and not find_times(after)
            if not found.is_full_date:
                return False
            if not is_place:
                return self._is_date_with_words(line, text, found)
            venues = [self.venues.add(tidy_name(places[0]))]
        if found.night is None:
            self._leave_out(line, text, _("names a night that the event does not have"))
            return True
        self.night = found.night
        self.venue = venues[0] if venues else self.venue
        self._drop_waiting()
        self.rows.other(line, _heading_of_night(found.night, found.is_certain, self.venue if venues else ""))
        return True

    def _says_nothing(self, part: str) -> bool:
        """Whether words beside a date are the doors, a time or the event's name."""
        times = find_times(part)
        if DOORS.match(part) or (times and not times.rest) or reason_for_no_act(part, self.genres):
            return True
        return self._is_event_name(part)

    def _is_event_name(self, text: str) -> bool:
        """Whether the text is most of the event's name, or has it in it; the number of the edition does not count."""
        key, name = (re.sub(r"\d", "", folding_key(each)) for each in (text, self.around.event_name))
        return bool(name) and (name in key or (key in name and len(key) * 2 >= len(name)))

    def _is_date_with_words(self, line: Line, text: str, found: NamedNight) -> bool:
        """Whether the line is a date among words. One set off from them is of the rows below, and may be of an act."""
        times = find_times(text)
        if times and times.rest and times.rest != text:
            return False
        if found.night and IS_SET_OFF.fullmatch(f"{found.before}\0{found.after}"):
            self.night = found.night
            self._drop_waiting()
            reason = _("names a date: the rows below were read as of %(night)s")
            self._leave_out(line, text, reason % {"night": date_format(found.night, "D j M Y")})
        else:
            self._leave_out(line, text, _("names a date, so it was not taken for an act"))
        return True

    def _is_venue(self, line: Line, text: str) -> bool:
        """Whether the line is the heading of a venue: a known one, or one that says so by an @ or a colon."""
        match = AT_PLACE.fullmatch(text)
        place = match["place"] if match else text
        known = self.venues.find(place)
        says_so = bool(match) or (
            text.endswith(":") and len(text) <= LONGEST_VENUE_LINE and not reason_for_no_act(text, self.genres)
        )
        if not known and not says_so:
            return False
        self._at_venue(line, known or place)
        return True

    def _at_venue(self, line: Line, text: str) -> None:
        self._drop_waiting()
        title = tidy_name(text.strip(" \t:,-–—|*_")) or tidy_name(text)
        self.venue = self.venues.find(title) or self.venues.add(title)
        self.rows.other(line, _("heading: venue %(venue)s") % {"venue": self.venue})

    # --- Sets ---

    def _take_set(self, line: Line, found: FoundTimes, night: date | None) -> None:
        self._drop_waiting()
        named = split_place(
            without_bullet(found.rest), self.venues, is_set_off=found.is_set_off, has_venue=bool(self.venue)
        )
        self._add(line, named.name, named.venue, night, found.start, found.end, doubts=named.doubts)

    def _take_time_alone(self, line: Line, found: FoundTimes) -> None:
        """A time on a line of its own is that of the name below; of the name above where names come first."""
        above = self.rows.drafts[-1] if self.rows.drafts else None
        if self.names_come_first and above and not above.start and not above.is_left_out:
            above.start, above.end = found.start, found.end
            self.rows.other(line, _("the time of the line above"))
            return
        self._drop_waiting()
        self.waiting = (line, found)

    def _take_waiting(self, line: Line, text: str) -> None:
        if self.waiting is None:
            return
        time_line, found = self.waiting
        named = split_place(text, self.venues, has_venue=bool(self.venue))
        self.rows.other(time_line, _("the time of the line below"))
        self._add(line, named.name, named.venue, self.night, found.start, found.end, doubts=named.doubts)
        self.waiting = None

    def _drop_waiting(self) -> None:
        if self.waiting:
            line, _found = self.waiting
            self.waiting = None
            self._leave_out(line, line.text, _("a time without a name"))

    def _is_comma_row(self, line: Line, text: str) -> bool:
        """Whether the line is "name, start, end, venue, genre"; commas within the name belong to it."""
        cells = text.split(",")
        for position in range(1, len(cells) - 1):
            times = [find_times(cell.strip()) if cell.strip() else None for cell in cells[position : position + 2]]
            if all(each and not each.rest and not each.end for each in times):
                start, end = (each.start for each in times if each)
                place, genre = (*cells[position + 2 : position + 3], ""), tidy_name(",".join(cells[position + 3 :]))
                named = read_name(",".join(cells[:position]))
                venue = self.venues.find(place[0]) or tidy_name(place[0])
                self._add(line, named.name, venue, self.night, start, end, doubts=named.doubts, genre=genre)
                return True
        return False

    def take_cells(self, row: CellRow) -> None:
        night = row.night or self.night
        reason = "" if row.start or row.end else reason_for_no_act(row.band, self.genres)
        named = read_name(row.band)
        doubts = [*row.doubts, *named.doubts, *([reason] if reason else [])]
        said = {"doubts": doubts, "genre": row.genre, "is_left_out": bool(reason)}
        self._add(row.line, named.name, row.venue, night, row.start, row.end, **said)

    def _add(self, line: Line, band: str, venue: str, night: date | None, *times: str, **said: Any) -> None:
        self.rows.add(line, band, venue or self.venue, night, *times, **said)

    def _leave_out(self, line: Line, text: str, reason: str) -> None:
        self.rows.leave_out(line, text, reason, night=self.night)


_NO_TIMES = FoundTimes("", "", "")


def _names_come_first(times: Sequence[FoundTimes | None]) -> bool:
    """Whether times on lines of their own stand below the names: the last such line has nothing below it."""
    alone = [position for position, each in enumerate(times) if each and not each.rest]
    return bool(alone) and alone[-1] == len(times) - 1 and alone[0] > 0 and len(alone) * 2 >= len(times) - 2


def _heading_of_night(night: date, is_certain: bool, venue: str) -> str:
    meaning = _("heading: the night of %(night)s") % {"night": date_format(night, "D j M Y")}
    if venue:
        meaning += _(", venue %(venue)s") % {"venue": venue}
    if not is_certain:
        meaning += _(" (its weekday is another one)")
    return meaning
