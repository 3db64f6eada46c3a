"""Times in the lines of a poster: finding them, and telling morning from evening by the lines around."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from schedule.typed_times import LONGEST_UNASKED_SET, TypedTime, parse_time, read_start

HALF = r"\s?[ap]\.?\s?m\b\.?"
HALF_DAY_MINUTES, DAY_MINUTES = 12 * 60, 24 * 60
LATEST_START = 28 * 60  # minutes from the night's midnight; later than four nobody is guessed to begin
LONGEST_MINUTES = int(LONGEST_UNASKED_SET / timedelta(minutes=1))
CLOCK = (
    rf"(?<![\w:.$€£/])(?:\d{{1,2}}\s?:\s?\d{{2}}(?::00)?(?:{HALF})?|"
    rf"\d{{1,2}}\s?h\s?\d{{2}}|\d{{1,2}}\s?h|\d{{1,2}}{HALF})(?![\w:])"
)
DOTTED = rf"(?<![\w:.$€£/])\d{{1,2}}\.\d{{2}}(?:{HALF})?(?![\w:.])"
BARE_HOUR = rf"(?<![\w:.$€£/])(?:1[0-2]|[1-9])(?=[-–—]\d{{1,2}}(?::\d{{2}})?{HALF})"
WORD = r"(?<!\w)(?:noon|midnight|midi|minuit)(?!\w)"
TIME = rf"(?:{CLOCK}|{DOTTED}|{BARE_HOUR})"
TO = r"\s*(?:-|–|—|→|to\b|until\b|till\b|à|a\b|au\b|jusqu['’]à)\s*"
LATE = r"(?:late|close|closing|end|fin|tard|fermeture|\?+)(?!\w)"
RANGE = rf"(?:(?:from|at|de|dès|à)\s+)?(?P<start>{TIME})(?:{TO}(?:(?P<end>{CLOCK}|{DOTTED}|{WORD})|{LATE}))?"
BREAK = r"(?:[-–—]+\s*|\s+[-–—]+\s+|\s*[|•·:,;~→]+\s*|\s+)"  # a dash behind a blank may begin a name
WHOLE = re.compile(rf"[(\[]?\s*(?:{RANGE}|(?P<word>{WORD}))\s*[)\]]?{BREAK}?", re.IGNORECASE)
LEADING = re.compile(rf"[(\[]?{RANGE}[)\]]?{BREAK}(?P<rest>\S.*)", re.IGNORECASE)
LEADING_WORD = re.compile(rf"(?P<start>{WORD})\s*[-–—|•·:]\s*(?P<rest>\S.*)", re.IGNORECASE)
TRAILING = re.compile(
    rf"(?P<rest>.*?\S){BREAK}(?<![\w$])[(\[]?\s*{RANGE.replace(DOTTED + '|', '', 1)}\s*[)\]]?[.,;]?", re.IGNORECASE
)
TRAILING_WORD = re.compile(rf"(?P<rest>.*\S)\s+[-–—|•·]\s*(?P<start>{WORD})", re.IGNORECASE)


@dataclass(frozen=True)
class FoundTimes:
    """The start and end that a line names, as written, and the rest of it. `is_set_off` by a dash or the like."""

    start: str
    end: str
    rest: str
    is_set_off: bool = False


def find_times(line: str) -> FoundTimes | None:
    """The times at the beginning of a line, else those at its end; None when it names none there."""
    if match := WHOLE.fullmatch(line):
        return _read(match["start"] or match["word"], match["end"], "")
    for pattern in (LEADING, LEADING_WORD, TRAILING, TRAILING_WORD):
        if match := pattern.fullmatch(line):
            found = match.groupdict()
            times = _read(found["start"], found.get("end"), found["rest"])
            if times:
                gap = line[match.end("rest") : match.start("start")] if pattern in (TRAILING, TRAILING_WORD) else ""
                return replace(times, is_set_off=bool(re.search(r"[-–—|•·]", gap)))
    return None


def is_time(text: str) -> bool:
    """Whether a cell is a time, or two of them."""
    return bool(WHOLE.fullmatch(text.strip())) and find_times(text.strip()) is not None


def _read(start: str | None, end: str | None, rest: str) -> FoundTimes | None:
    start, end = " ".join((start or "").split()), " ".join((end or "").split())
    if not _is_readable(start) and not re.fullmatch(r"\d{1,2}", start):
        return None
    if end and not _is_readable(end):
        return None
    return FoundTimes(start, end, rest.strip())


def _is_readable(text: str) -> bool:
    try:
        parse_time(text)
    except ValidationError:
        return False
    return True


class TimesInOrder:
    """Tells morning from evening, line by line: by the end, the doors, the set before at the same venue."""

    def __init__(self, zone: ZoneInfo, rollover: time, doors: Mapping[date, datetime]) -> None:
        self.zone, self.rollover, self.doors = zone, rollover, doors
        self.last: dict[tuple[date | None, str], int] = {}

    def read(self, start: str, end: str, *, night: date | None, venue: str) -> tuple[str, str, list[str]]:
        """Start and end as texts that can mean one time only, and sentences about what was guessed."""
        doubts: list[str] = []
        if not start:
            return "", end, doubts
        typed, closing = parse_time(start), parse_time(end) if end else None
        place = (night, venue)
        if not typed.is_ambiguous:
            self.last[place] = self._on_night(typed, night)
            return start, self._end(closing, end, self.last[place]), doubts
        minutes = None
        if closing and not closing.is_ambiguous:
            minutes = _before_end(typed.minutes, closing.minutes)
        if minutes is None:
            minutes, doubt = self._guess(typed, start, night, self.last.get(place))
            doubts += [doubt] if doubt else []
        self.last[place] = minutes
        return text_of(minutes), self._end(closing, end, minutes), doubts

    def _guess(self, typed: TypedTime, start: str, night: date | None, last: int | None) -> tuple[int, str]:
        opening = self._opening(night)
        if opening is not None and night is not None:
            minutes = self._after_doors(start, night)
            if minutes is not None and minutes < LATEST_START:
                return minutes, ""
            early = _evening(typed.minutes)
            return early, _("“%(time)s” was taken as %(read)s, before the doors open.") % {
                "time": start,
                "read": text_of(early),
            }
        minutes = _evening(typed.minutes)
        if last is not None and minutes <= last and minutes + HALF_DAY_MINUTES < LATEST_START:
            minutes += HALF_DAY_MINUTES
        if minutes >= DAY_MINUTES:
            return minutes, _("“%(time)s” was taken as after midnight.") % {"time": start}
        return minutes, _("“%(time)s” was taken as PM.") % {"time": start}

    def _opening(self, night: date | None) -> datetime | None:
        return self.doors.get(night) if night else None

    def _after_doors(self, start: str, night: date) -> int | None:
        """Minutes from the night's midnight to the first time of that name after the doors."""
        text = start if ":" in start or "." in start else f"{start}:00"
        try:
            instant = read_start(
                text,
                night=night,
                zone=self.zone,
                rollover=self.rollover,
                doors=self.doors[night],
                is_typed_by_hand=True,
            )
        except ValidationError:  # the clocks jump over it: said where the row is saved
            return None
        wall = instant.astimezone(self.zone).replace(tzinfo=None)
        return int((wall - datetime.combine(night, time())) / timedelta(minutes=1))

    def _on_night(self, typed: TypedTime, night: date | None) -> int:
        """Minutes from the night's midnight, for comparing with the next line."""
        if typed.is_counted_past_midnight or night is None:
            return typed.minutes if typed.minutes >= LATEST_START - DAY_MINUTES else typed.minutes + DAY_MINUTES
        try:
            instant = read_start(
                text_of(typed.minutes), night=night, zone=self.zone, rollover=self.rollover, is_typed_by_hand=True
            )
        except ValidationError:
            return typed.minutes
        wall = instant.astimezone(self.zone).replace(tzinfo=None)
        return int((wall - datetime.combine(night, time())) / timedelta(minutes=1))

    def _end(self, closing: TypedTime | None, end: str, start: int) -> str:
        """The end; where AM or PM is open the first such time from the start on."""
        if closing is None or not closing.is_ambiguous:
            return end
        minutes = closing.minutes % HALF_DAY_MINUTES
        while minutes < start:
            minutes += HALF_DAY_MINUTES
        return text_of(minutes)


def text_of(minutes: int) -> str:
    """Minutes from the night's midnight as a time that can mean one only: 8:50 PM, 24:10."""
    hour, minute = divmod(minutes, 60)
    if minutes >= DAY_MINUTES:
        return f"{hour}:{minute:02}"
    return f"{hour % 12 or 12}:{minute:02} {'AM' if hour < 12 else 'PM'}"


def _evening(minutes: int) -> int:
    """From one to twelve o'clock, as posters mean it; minutes come from 1:00 to 12:59."""
    return minutes % HALF_DAY_MINUTES + HALF_DAY_MINUTES


def _before_end(start: int, end: int) -> int | None:
    """The reading of a start with which the set is at most six hours long: 8 to 9:30 PM begins at 8 PM."""
    ends = end if end > start % HALF_DAY_MINUTES else end + DAY_MINUTES
    for minutes in range(start % HALF_DAY_MINUTES, ends, HALF_DAY_MINUTES):
        if 0 < ends - minutes <= LONGEST_MINUTES:
            return minutes
    return None
