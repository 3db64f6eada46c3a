"""Nights as posters name them: "SATURDAY AUG 8", "Samedi 8 août", "2026-08-08", "Day 1", "Sunday"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

MONTHS = (
    ("january", "jan", "janvier", "janv"),
    ("february", "feb", "février", "fevrier", "févr", "fevr", "fév"),
    ("march", "mar", "mars"),
    ("april", "apr", "avril", "avr"),
    ("may", "mai"),
    ("june", "jun", "juin"),
    ("july", "jul", "juillet", "juil"),
    ("august", "aug", "août", "aout"),
    ("september", "sept", "sep", "septembre"),
    ("october", "oct", "octobre"),
    ("november", "nov", "novembre"),
    ("december", "dec", "décembre", "decembre", "déc"),
)
WEEKDAYS = (
    ("monday", "mon", "lundi", "lun"),
    ("tuesday", "tues", "tue", "mardi"),
    ("wednesday", "wed", "mercredi", "mer"),
    ("thursday", "thurs", "thur", "thu", "jeudi", "jeu"),
    ("friday", "fri", "vendredi", "ven"),
    ("saturday", "sat", "samedi", "sam"),
    ("sunday", "sun", "dimanche", "dim"),
)
NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "un": 1, "deux": 2, "trois": 3, "quatre": 4}


def _any_of(names: Sequence[Sequence[str]]) -> str:
    """A pattern of all the names, longer ones first."""
    return "|".join(sorted((name for each in names for name in each), key=len, reverse=True))


WEEKDAY = rf"(?P<weekday>{_any_of(WEEKDAYS)})\b\.?"
MONTH = rf"(?P<month>{_any_of(MONTHS)})\b\.?"
DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|e)?\b(?!:\d|h)"
YEAR = r"(?:,?\s+(?P<year>(?:19|20|21)\d\d)\b)?"
PATTERNS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\w)(?:{WEEKDAY},?\s+)?(?P<year>\d{{4}})-(?P<number>\d{{2}})-(?P<day>\d{{2}})(?!\w)",
        rf"(?<!\w)(?:{WEEKDAY},?\s+)?(?:the\s+)?{MONTH}\s+{DAY}{YEAR}",
        rf"(?<!\w)(?:{WEEKDAY},?\s+)?(?:the\s+|le\s+)?{DAY}\s+(?:of\s+|de\s+)?{MONTH}{YEAR}",
        rf"(?<!\w)(?:day|night|jour|soir|soirée|nuit)\s+(?P<nth>\d{{1,2}}|{'|'.join(NUMBERS)})(?!\w)",
        rf"(?<!\w){WEEKDAY}(?!\w)",
    )
]


@dataclass(frozen=True)
class NamedNight:
    """A night that a text names, with the text before and behind; `is_certain` when weekday and date agree.

    `night` is None for words that name a night which the event has not, or has twice.
    """

    night: date | None
    before: str
    after: str
    is_certain: bool = True
    is_full_date: bool = True


def find_night(text: str, nights: Sequence[date]) -> NamedNight | None:
    """The first night that a text names; None when it names none. `nights` are those of the event."""
    for pattern in PATTERNS:
        match = pattern.search(text)
        if match is None:
            continue
        found = match.groupdict()
        before, after = text[: match.start()], text[match.end() :]
        if "day" not in found:
            return NamedNight(_by_order_or_weekday(found, nights), before, after, is_full_date=False)
        night = _date_of(found, nights)
        if night is None:  # the 31st of June
            continue
        weekday = found["weekday"]
        is_certain = not weekday or _position(weekday, WEEKDAYS) == night.weekday()
        return NamedNight(night, before, after, is_certain)
    return None


def _by_order_or_weekday(found: dict[str, str | None], nights: Sequence[date]) -> date | None:
    if nth := found.get("nth"):
        position = int(nth) if nth.isdecimal() else NUMBERS[nth.lower()]
        return nights[position - 1] if 1 <= position <= len(nights) else None
    weekday = _position(found["weekday"] or "", WEEKDAYS)
    fitting = [night for night in nights if night.weekday() == weekday]
    return fitting[0] if len(fitting) == 1 else None


def _date_of(found: dict[str, str | None], nights: Sequence[date]) -> date | None:
    """The date; without a year the one that is a night of the event, else that of its weekday nearest to the first."""
    month = int(found["number"] or 0) if "number" in found else _position(found["month"] or "", MONTHS) + 1
    day = int(found["day"] or 0)
    if found.get("year"):
        return _real_date(int(found["year"] or 0), month, day)
    first = nights[0] if nights else None
    if first is None:
        return None
    around = [_real_date(first.year + n, month, day) for n in (-1, 0, 1)]
    real = [each for each in around if each]
    weekday = _position(found["weekday"], WEEKDAYS) if found["weekday"] else None
    return min(
        real,
        key=lambda each: (each not in nights, weekday not in (None, each.weekday()), abs((each - first).days)),
        default=None,
    )


def _real_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _position(name: str, names: Sequence[Sequence[str]]) -> int:
    return next(position for position, each in enumerate(names) if name.lower() in each)
