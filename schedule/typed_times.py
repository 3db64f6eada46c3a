"""Times as people type them, read against a night, a zone and a rollover hour.

The only place where a typed time becomes an instant: forms, imports and commands come through here.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from schedule.nights import ONE_DAY, instant_at, instants_at

LONGEST_UNASKED_SET = timedelta(hours=6)
HALF_DAY = timedelta(hours=12)
MINUTES_A_DAY = 24 * 60
LATEST_HOUR = 35  # of a night that goes on until the next noon
WORDS = {
    "noon": 12 * 60,
    "midday": 12 * 60,
    "midi": 12 * 60,
    "midnight": MINUTES_A_DAY,
    "minuit": MINUTES_A_DAY,
}
CLOCK = re.compile(
    r"(?P<hour>\d{1,2})"
    r"(?:\s*(?P<separator>[:.h])\s*(?P<minute>\d{2})(?::00)?|\s*(?P<h>h))?"
    r"\s*(?P<half>am|pm)?"
    r"(?:\s+(?P<zone_name>[a-z]{2,5}|[+-]\d{2,4}))?"
)
FOUR_DIGITS = re.compile(r"(\d{2})(\d{2})")
LOCAL_DATE_TIME = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})[ T](?P<clock>\S.*)")


@dataclass(frozen=True)
class TypedTime:
    """A time of day as typed.

    `minutes` count from the midnight that begins the night's date, so 24:10 is 1450. `is_ambiguous`
    says that AM or PM is open; `has_minutes` that more than the bare hour was typed.
    """

    minutes: int
    is_ambiguous: bool = False
    has_minutes: bool = True
    zone_name: str = ""

    @property
    def is_counted_past_midnight(self) -> bool:
        return self.minutes >= MINUTES_A_DAY


def parse_time(text: str) -> TypedTime:
    """Read "20:00", "8pm", "8:30 PM", "20h30", "24:10", "25:00", "12:10am", "noon", "midnight", "01:30 EST".

    Raises ValidationError (code "time") with the value and the remedy.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    plain = re.sub(r"\b([ap])\.?\s?m\.?(?=\s|$)|(?<=\d)([ap])\.?m\.?(?=\s|$)", r" \1\2m", plain)
    if plain in WORDS:
        return TypedTime(WORDS[plain])
    if four := FOUR_DIGITS.fullmatch(plain):
        plain = ":".join(four.groups())
    match = CLOCK.fullmatch(plain)
    if match is None:
        raise _not_a_time(text)
    hour, minute, half = int(match["hour"]), int(match["minute"] or 0), match["half"]
    if minute > 59 or hour > LATEST_HOUR or (half and not (hour <= 12 and (hour or half == "am"))):
        raise _not_a_time(text)
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return TypedTime(
        minutes=hour * 60 + minute,
        is_ambiguous=(
            not half
            and 1 <= hour <= 12
            and not match["hour"].startswith("0")
            and "h" not in (match["separator"], match["h"])
        ),
        has_minutes=match["minute"] is not None,
        zone_name=match["zone_name"] or "",
    )


def read_start(
    text: str,
    *,
    night: date,
    zone: ZoneInfo,
    rollover: time,
    doors: datetime | None = None,
    is_typed_by_hand: bool = False,
) -> datetime:
    """The instant (UTC) at which a set starts that is typed for a night.

    Clock times before the rollover are after midnight; 24:10 and "midnight" say so themselves. Where
    a person may mean AM or PM ("8", "12:00") the first reading after the doors is taken; without
    doors she is asked. In files such times are 24-hour times. Raises ValidationError.
    """
    typed = parse_time(text)
    if not typed.is_ambiguous:
        return _on_night(typed, night, zone, rollover)
    if is_typed_by_hand and doors is not None:
        half_days = (timedelta(minutes=typed.minutes % (MINUTES_A_DAY // 2)) + n * HALF_DAY for n in range(4))
        walls = [datetime.combine(night, time()) + since_midnight for since_midnight in half_days]
        readings = [instant_at(wall, zone, zone_name=typed.zone_name) for wall in walls if instants_at(wall, zone)]
        return next((reading for reading in readings if reading >= doors), readings[-1])
    if is_typed_by_hand or not typed.has_minutes:
        hour, minute = divmod(typed.minutes, 60)
        raise ValidationError(
            f"“{text.strip()}” can mean morning or evening. "
            f"Write {hour}:{minute:02}am, {hour}:{minute:02}pm or a 24-hour time such as 20:00.",
            code="ambiguous_time",
        )
    return _on_night(typed, night, zone, rollover)


def read_end(
    text: str,
    *,
    starts_at: datetime,
    night: date,
    zone: ZoneInfo,
    accept_long: bool = False,
    is_typed_by_hand: bool = False,
) -> datetime:
    """The instant (UTC) at which a set ends that starts at `starts_at`.

    The first time after the start at which clocks show what was typed; 24:10 counts from the night's
    midnight. Raises ValidationError when it equals the start, and when the set would be longer than
    six hours unless `accept_long`: that is mostly a slip of AM and PM, which the message names.
    """
    typed = parse_time(text)
    start_wall = starts_at.astimezone(zone).replace(tzinfo=None)
    if typed.is_counted_past_midnight:
        wall = datetime.combine(night, time()) + timedelta(minutes=typed.minutes)
        ends_at = instant_at(wall, zone, zone_name=typed.zone_name)
        if ends_at <= starts_at and wall != start_wall:
            raise ValidationError(f"The end {text.strip()} is before the start.", code="end_before_start")
    else:
        readings = [_first_after(starts_at, typed, typed.minutes, zone)]
        if is_typed_by_hand and typed.is_ambiguous:
            readings.append(_first_after(starts_at, typed, (typed.minutes + 12 * 60) % MINUTES_A_DAY, zone))
        ends_at = min(readings)
    check_length(starts_at, ends_at, zone=zone, accept_long=accept_long)
    return ends_at


def read_local_date_time(text: str, *, zone: ZoneInfo) -> tuple[date, TypedTime] | None:
    """The date and time of "YYYY-MM-DD HH:MM", or None when the text is no such date-time.

    Raises ValidationError when it is one but names no real day or time.
    """
    match = LOCAL_DATE_TIME.fullmatch(text.strip())
    return (parse_day(match["day"]), parse_time(match["clock"])) if match else None


def parse_day(text: str) -> date:
    """A date written YYYY-MM-DD; raises ValidationError otherwise."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise ValidationError(f"“{text.strip()}” is not a date. Write it as 2026-02-15.", code="date") from error


def at_wall(day: date, typed: TypedTime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) of a typed time on a calendar day."""
    return instant_at(datetime.combine(day, time()) + timedelta(minutes=typed.minutes), zone, zone_name=typed.zone_name)


def check_length(starts_at: datetime, ends_at: datetime, *, zone: ZoneInfo, accept_long: bool) -> None:
    """Refuse a set that ends when it starts or before, or that is longer than six hours unasked.

    Raises ValidationError with code "equal_times", "end_before_start" or "long_set".
    """
    if ends_at == starts_at:
        raise ValidationError(
            f"Start and end are both {starts_at.astimezone(zone):%H:%M}. Correct one, or leave the end empty.",
            code="equal_times",
        )
    length = ends_at - starts_at
    if length < timedelta():
        raise ValidationError("The end is before the start.", code="end_before_start")
    if length <= LONGEST_UNASKED_SET or accept_long:
        return
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    message = f"{start:%H:%M} to {end:%H:%M} would be a set of {hours} h {minutes:02} min."
    probable = ends_at - HALF_DAY
    if timedelta() < probable - starts_at <= LONGEST_UNASKED_SET:
        message += f" Probably AM and PM are mixed up: {probable.astimezone(zone):%H:%M} instead of {end:%H:%M}?"
    raise ValidationError(f"{message} Correct it, or accept long sets.", code="long_set")


def _on_night(typed: TypedTime, night: date, zone: ZoneInfo, rollover: time) -> datetime:
    is_after_midnight = not typed.is_counted_past_midnight and typed.minutes < rollover.hour * 60 + rollover.minute
    return at_wall(night + ONE_DAY if is_after_midnight else night, typed, zone)


def _first_after(starts_at: datetime, typed: TypedTime, minutes: int, zone: ZoneInfo) -> datetime:
    """The first instant after the start at which clocks show the typed time."""
    start_wall = starts_at.astimezone(zone).replace(tzinfo=None)
    today = datetime.combine(start_wall.date(), time()) + timedelta(minutes=minutes)
    if typed.zone_name:
        named = instant_at(today, zone, zone_name=typed.zone_name)
        return named if named >= starts_at else instant_at(today + ONE_DAY, zone)
    if today == start_wall:
        return starts_at
    later = [instant for instant in instants_at(today, zone) if instant > starts_at]
    if later:
        return later[0]
    return instant_at(today, zone) if today > start_wall else instant_at(today + ONE_DAY, zone)


def _not_a_time(text: str) -> ValidationError:
    return ValidationError(
        f"“{text.strip()}” is not a time. Write for example 20:00, 8pm, 20h30, 24:10, noon or midnight.", code="time"
    )
