"""Nights: the evening an instant belongs to, and moving wall times between days and zones."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

ONE_DAY = timedelta(days=1)


def night_of(instant: datetime, zone: ZoneInfo, rollover: time) -> date:
    """The night an instant belongs to: before the rollover hour it is still the evening before.

    For "tonight", and as the proposal for a set that comes without a night; the night of a stored
    set is its own field and never derived.
    """
    local = instant.astimezone(zone)
    return local.date() - ONE_DAY if local.time() < rollover else local.date()


def instants_at(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """The instants (UTC) at which clocks in the zone show a wall time.

    One as a rule, none in the hour that spring skips, two in the hour that autumn repeats, earlier first.
    """
    found = []
    for fold in (0, 1):
        instant = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if instant.astimezone(zone).replace(tzinfo=None) == wall and instant not in found:
            found.append(instant)
    return found


def instant_at(wall: datetime, zone: ZoneInfo, *, zone_name: str = "") -> datetime:
    """The instant (UTC) of a wall time; of two, the first unless `zone_name` ("EST") says otherwise.

    Raises ValidationError for a wall time that does not exist, with the time that is meant probably,
    and for a zone name that the clocks there do not use then.
    """
    found = instants_at(wall, zone)
    if not found:
        shifted = _behind_the_jump(wall, zone).astimezone(zone)
        raise ValidationError(
            _(
                "%(time)s does not exist on %(day)s in %(zone)s: the clocks jump over it. "
                "Probably %(probable)s is meant."
            )
            % {
                "time": f"{wall:%H:%M}",
                "day": f"{wall:%Y-%m-%d}",
                "zone": zone.key,
                "probable": f"{shifted:%H:%M}",
            },
            code="nonexistent_time",
        )
    if not zone_name:
        return found[0]
    by_name = {str(instant.astimezone(zone).tzname()).lower(): instant for instant in found}
    if zone_name.lower() not in by_name:
        names = _(" or ").join(str(instant.astimezone(zone).tzname()) for instant in found)
        raise ValidationError(
            _("“%(name)s” is not what clocks in %(zone)s show at %(time)s. Write %(names)s, or leave it out.")
            % {"name": zone_name, "zone": zone.key, "time": f"{wall:%Y-%m-%d %H:%M}", "names": names},
            code="zone_name",
        )
    return by_name[zone_name.lower()]


def shift_by_nights(instant: datetime, nights: int, zone: ZoneInfo) -> datetime:
    """The same wall time so many days later; a wall time that is skipped that day moves behind the jump."""
    local = instant.astimezone(zone)
    return _instant_like(local.replace(tzinfo=None) + nights * ONE_DAY, zone, is_second=local.fold == 1)


def keep_wall_time(instant: datetime, old_zone: ZoneInfo, new_zone: ZoneInfo) -> datetime:
    """The instant at which clocks in the new zone show what the old zone's showed, or skip it just then."""
    local = instant.astimezone(old_zone)
    return _instant_like(local.replace(tzinfo=None), new_zone, is_second=local.fold == 1)


def wall_text(instant: datetime, zone: ZoneInfo) -> str:
    """The wall time as typed_times reads it back: "20:00", in the doubled hour "01:30 EST"."""
    local = instant.astimezone(zone)
    is_doubled = len(instants_at(local.replace(tzinfo=None, fold=0), zone)) > 1
    return f"{local:%H:%M} {local.tzname()}" if is_doubled else f"{local:%H:%M}"


def typed_text(instant: datetime, *, night: date, zone: ZoneInfo, rollover: time) -> str:
    """The time as somebody would type it for a night: `wall_text`, or hours above 24 from the rollover on.

    With am or pm at the hours at which read_start would else choose or ask.
    """
    local, (hour, minutes) = instant.astimezone(zone), wall_text(instant, zone).split(":")
    if local.date() == night + ONE_DAY and local.time() >= rollover:
        return f"{local.hour + 24}:{minutes}"
    if 10 <= local.hour <= 12:
        minutes = minutes[:2] + ("am" if local.hour < 12 else "pm") + minutes[2:]
    return f"{hour}:{minutes}"


def _instant_like(wall: datetime, zone: ZoneInfo, *, is_second: bool) -> datetime:
    """The instant of a wall time; of two, the one that was meant where the wall time comes from."""
    found = instants_at(wall, zone)
    if not found:
        return _behind_the_jump(wall, zone)
    return found[-1] if is_second else found[0]


def _behind_the_jump(wall: datetime, zone: ZoneInfo) -> datetime:
    """A skipped wall time read with the offset before the jump, so that it lands as far behind the jump."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
