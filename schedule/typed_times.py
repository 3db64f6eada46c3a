"""Times as people type them, read against a night, a zone and a rollover hour.

The only place where a typed time becomes an instant: forms, imports and commands come through here.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

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
FOUR_DIGITS = re.compile(r"^(\d{2})(\d{2})(?= |$)")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
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
    match = CLOCK.fullmatch(FOUR_DIGITS.sub(r"\1:\2", plain))
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
        zone_name=(match["zone_name"] or "").upper(),
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
        return _first_from(doors, _walls(night, typed, every=HALF_DAY), zone, typed.zone_name)
    if is_typed_by_hand or not typed.has_minutes:
        hour, minute = divmod(typed.minutes, 60)
        raise ValidationError(
            _("“%(text)s” can mean morning or evening. Write %(time)sam, %(time)spm or a 24-hour time such as 20:00.")
            % {"text": text.strip(), "time": f"{hour}:{minute:02}"},
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
    if typed.is_counted_past_midnight:
        walls = [datetime.combine(night, time()) + timedelta(minutes=typed.minutes)]
    else:
        every = HALF_DAY if is_typed_by_hand and typed.is_ambiguous else ONE_DAY
        walls = _walls(starts_at.astimezone(zone).date(), typed, every=every)
    ends_at = _first_from(starts_at, walls, zone, typed.zone_name)
    if ends_at < starts_at:
        raise ValidationError(
            _("The end %(end)s is before the start.") % {"end": text.strip()}, code="end_before_start"
        )
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
    refusal = ValidationError(
        _("“%(text)s” is not a date. Write it as 2026-02-15.") % {"text": text.strip()}, code="date"
    )
    if not DAY.fullmatch(text.strip()):  # fromisoformat also reads 20260215 and 2026-W07-7
        raise refusal
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise refusal from error


def at_wall(day: date, typed: TypedTime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) of a typed time on a calendar day."""
    return instant_at(datetime.combine(day, time()) + timedelta(minutes=typed.minutes), zone, zone_name=typed.zone_name)


def check_length(starts_at: datetime, ends_at: datetime, *, zone: ZoneInfo, accept_long: bool) -> None:
    """Refuse a set that ends when it starts or before, or that is longer than six hours unasked.

    Raises ValidationError with code "equal_times", "end_before_start" or "long_set".
    """
    # Two times in one zone are compared by what clocks show; only in UTC does the doubled hour count.
    starts_at, ends_at = starts_at.astimezone(UTC), ends_at.astimezone(UTC)
    if ends_at == starts_at:
        raise ValidationError(
            _("Start and end are both %(time)s. Correct one, or leave the end empty.")
            % {"time": f"{starts_at.astimezone(zone):%H:%M}"},
            code="equal_times",
        )
    length = ends_at - starts_at
    if length < timedelta():
        raise ValidationError(_("The end is before the start."), code="end_before_start")
    if length <= LONGEST_UNASKED_SET or accept_long:
        return
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    said = [
        _("%(start)s to %(end)s would be a set of %(hours)d h %(minutes)02d min.")
        % {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}", "hours": hours, "minutes": minutes}
    ]
    probable = end.replace(tzinfo=None) - HALF_DAY
    if any(timedelta() < instant - starts_at <= LONGEST_UNASKED_SET for instant in instants_at(probable, zone)):
        said.append(
            _("Probably AM and PM are mixed up: %(probable)s instead of %(end)s?")
            % {"probable": f"{probable:%H:%M}", "end": f"{end:%H:%M}"}
        )
    said.append(_("Correct it, or accept long sets."))
    raise ValidationError(" ".join(said), code="long_set")


def _on_night(typed: TypedTime, night: date, zone: ZoneInfo, rollover: time) -> datetime:
    is_after_midnight = typed.minutes < rollover.hour * 60 + rollover.minute
    return at_wall(night + ONE_DAY if is_after_midnight else night, typed, zone)


def _walls(day: date, typed: TypedTime, *, every: timedelta) -> list[datetime]:
    """The wall times that may be meant from a day on: every twelve hours where AM or PM is open, else every day."""
    first = datetime.combine(day, time()) + timedelta(minutes=typed.minutes) % every
    return [first + n * every for n in range(4)]


def _first_from(earliest: datetime, walls: Iterable[datetime], zone: ZoneInfo, zone_name: str) -> datetime:
    """The first instant from `earliest` on at which clocks show one of the wall times; else that of the last one.

    Raises ValidationError when it would be a wall time that does not exist, or that the zone name does not fit.
    """
    earliest_wall = earliest.astimezone(zone).replace(tzinfo=None)
    for wall in walls:
        found = instants_at(wall, zone)
        later = [instant for instant in found if instant >= earliest]
        if later and not zone_name:
            return later[0]
        if later or (not found and wall > earliest_wall):
            break
    return instant_at(wall, zone, zone_name=zone_name)


def _not_a_time(text: str) -> ValidationError:
    return ValidationError(
        _("“%(text)s” is not a time. Write for example 20:00, 8pm, 20h30, 24:10, noon or midnight.")
        % {"text": text.strip()},
        code="time",
    )
