"""When a row of a file is: its night, start and end, by the three conventions that files use.

A date beside a time can be the true calendar day or the date of the night; hours can go on above 24.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from schedule.lineup_files import LineupRow
from schedule.models import Event
from schedule.nights import ONE_DAY, night_of
from schedule.typed_times import (
    TypedTime,
    at_wall,
    parse_day,
    read_end,
    read_local_date_time,
    read_start,
)

FIRST_YEAR, LAST_YEAR = 1900, 2199  # beyond them a date is a slip
OPEN = {"", "tba", "tbc", "tbd", "?", "-", "–"}


class DateMeaning(StrEnum):
    """What the date of a full date-time means: the true calendar day, or the day of the night."""

    CALENDAR = "calendar"
    NIGHT = "night"


def read_times(
    row: LineupRow,
    event: Event,
    *,
    dates: DateMeaning,
    only_night: date | None = None,
    doors: Mapping[date, datetime] | None = None,
) -> tuple[date, datetime | None, datetime | None]:
    """Night, start and end (UTC) of a row; `only_night` is the night of rows that name none.

    Times that were typed by hand are read against the doors of their night, as in the form of a set.

    Raises ValidationError for what cannot be read, cannot be right, or is missing. Whether the set
    is too long is asked where it is saved: one that is there already has been accepted.
    """
    zone, rollover = event.zone, event.rollover
    start, end = ("" if text.lower() in OPEN else text for text in (row.start, row.end))
    night = read_day(row.night) if row.night else None
    if row.date and row.night:
        dates = DateMeaning.CALENDAR  # with both given, the date can only be the true day
    if row.date and not start:
        night = night or read_day(row.date)
    elif row.date and not read_date_time(start, zone):
        start = f"{read_day(row.date)} {start}"

    starts_at = None
    full = read_date_time(start, zone)
    if full and dates == DateMeaning.CALENDAR:
        starts_at = at_wall(*full, zone)
        night = night or night_of(starts_at, zone, rollover)
    elif full:
        if night and night != full[0]:
            raise ValidationError(
                _("The night is %(night)s, but the start says %(day)s. With --dates night they are the same day.")
                % {"night": night, "day": full[0]}
            )
        night, start = full[0], _clock_of(start)
    night = night or only_night
    if night is None:
        raise ValidationError(
            _("No night. Add a column “night” with a date such as 2026-02-15, or give the full date.")
        )
    if start and starts_at is None:
        opening = (doors or {}).get(night)
        starts_at = read_start(
            start, night=night, zone=zone, rollover=rollover, doors=opening, is_typed_by_hand=row.is_typed
        )

    if not end:
        return night, starts_at, None
    if starts_at is None:
        raise ValidationError(
            _("There is an end (%(end)s) but no start. Add the start, or leave the end empty.") % {"end": end}
        )
    full_end = read_date_time(end, zone)
    if full_end and dates == DateMeaning.CALENDAR:
        ends_at = at_wall(*full_end, zone)
        if ends_at < starts_at:
            raise ValidationError(
                _(
                    "The end %(end)s is before the start %(start)s. Correct its date; "
                    "if the dates are those of the nights, say --dates night."
                )
                % {"end": end, "start": start}
            )
        return night, starts_at, ends_at
    if full_end and full_end[0] not in (night, night + ONE_DAY):
        raise ValidationError(
            _("The end %(end)s is far from the night of %(night)s. Correct its date.") % {"end": end, "night": night}
        )
    clock = _clock_of(end) if full_end else end
    return (
        night,
        starts_at,
        read_end(clock, starts_at=starts_at, night=night, zone=zone, accept_long=True, is_typed_by_hand=row.is_typed),
    )


def opening_times(event: Event) -> dict[date, datetime]:
    """When the doors of each night open (UTC), as far as that is known for the whole night."""
    doors = event.doors.filter(venue=None, opens_at__isnull=False)
    return {each.night: each.opens_at for each in doors if each.opens_at}


def read_day(text: str) -> date:
    """A date of our time, written YYYY-MM-DD. Raises ValidationError."""
    day = parse_day(text)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(_("The year of %(day)s cannot be right. Write a date such as 2026-02-15.") % {"day": day})
    return day


def read_date_time(text: str, zone: ZoneInfo) -> tuple[date, TypedTime] | None:
    """The date and time of "YYYY-MM-DD HH:MM", or None when the text is no such date-time."""
    full = read_local_date_time(text, zone=zone)
    return (read_day(full[0].isoformat()), full[1]) if full else None


def _clock_of(date_time: str) -> str:
    """The time of "YYYY-MM-DD HH:MM"."""
    return date_time.strip()[len("YYYY-MM-DD ") :]
