"""iCalendar (RFC 5545): an event's running order, or one set, as a calendar.

Bytes depend on the data alone, so they are equal while nothing changed.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from icalendar import Calendar, Timezone, TimezoneDaylight, TimezoneStandard, vText
from icalendar import Event as CalendarEntry

from schedule.models import Event, Performance
from schedule.nights import night_of
from schedule.snapshot import Programme, SetRow

PRODUCT = "-//SetTimes//Set times//EN"
REFRESH_EVERY = timedelta(hours=1)
CANCELLED_STAYS_DAYS = 30
MINUTES_A_WEEK = 7 * 24 * 60
STATUSES = {
    Performance.Status.SCHEDULED: "CONFIRMED",
    Performance.Status.POSTPONED: "TENTATIVE",
    Performance.Status.CANCELLED: "CANCELLED",
}


def event_calendar(programme: Programme, *, now: datetime) -> bytes:
    """All sets with a time; those without are counted in the calendar's description.

    Cancelled sets stay for 30 days after their night, so that subscribers hear of the cancellation.
    """
    event = programme.event
    last_kept = night_of(now, event.zone, event.rollover) - timedelta(days=CANCELLED_STAYS_DAYS)
    rows = [row for row in programme.rows if not row.is_cancelled or row.night >= last_kept]
    return _calendar(event, event.name, rows, programme)


def set_calendar(programme: Programme, row: SetRow) -> bytes:
    """One set. Raises ValueError when it has no time."""
    if row.starts_at is None:
        raise ValueError("a set without a start has no calendar")
    return _calendar(programme.event, f"{row.name}, {programme.event.name}", [row], programme)


def _calendar(event: Event, title: str, rows: Iterable[SetRow], programme: Programme) -> bytes:
    rows = list(rows)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", vText(_text(title)))  # of X- properties icalendar escapes nothing by itself
    calendar.add("x-wr-timezone", event.timezone)
    if description := _describe_calendar(event, rows):
        calendar.add("x-wr-caldesc", vText(description))
    calendar.add("refresh-interval", REFRESH_EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    timed = [row for row in rows if row.starts_at]
    calendar.add_component(_zone_block(event.zone, event, timed))
    for row in timed:
        calendar.add_component(_entry(event, row, programme))
    return bytes(calendar.to_ical())


def _describe_calendar(event: Event, rows: list[SetRow]) -> str:
    untimed = sum(row.starts_at is None for row in rows)
    if not untimed:
        return ""
    return f"Sets without a time, and so not in this calendar: {untimed} of {len(rows)}."


def _zone_block(zone: ZoneInfo, event: Event, timed: list[SetRow]) -> Timezone:
    """The zone's offsets from the year before the event to the year after it.

    Written here because icalendar's own block lets summer time begin an hour late: the onset is
    given as clocks show it before the change (RFC 5545, 3.6.5), not after.
    """
    nights = [event.date, event.last_night, *(row.night for row in timed)]
    first = datetime(min(nights).year - 1, 1, 1, tzinfo=UTC)
    block = Timezone()
    block.add("tzid", zone.key)
    for onset in (first, *_clock_changes(zone, first, datetime(max(nights).year + 2, 1, 1, tzinfo=UTC))):
        local, offset_before = onset.astimezone(zone), _offset(onset - timedelta(minutes=1), zone)
        observance = TimezoneDaylight() if local.dst() else TimezoneStandard()
        observance.add("dtstart", onset.replace(tzinfo=None) + offset_before)
        observance.add("tzoffsetfrom", offset_before)
        observance.add("tzoffsetto", _offset(onset, zone))
        observance.add("tzname", str(local.tzname()))
        block.add_component(observance)
    return block


def _clock_changes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """The instants between two others from which clocks in a zone show another offset; they are weeks apart."""
    while start < end:

        def has_changed(minutes: int, start: datetime = start) -> bool:
            return _offset(start + timedelta(minutes=minutes), zone) != _offset(start, zone)

        if has_changed(MINUTES_A_WEEK):
            yield start + timedelta(minutes=bisect_right(range(MINUTES_A_WEEK), False, key=has_changed))
        start += timedelta(weeks=1)


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _entry(event: Event, row: SetRow, programme: Programme) -> CalendarEntry:
    entry = CalendarEntry()
    entry.add("uid", str(row.uid))
    entry.add("dtstamp", row.changed_at)
    entry.add("last-modified", row.changed_at)
    entry.add("sequence", row.sequence)
    start, end = row.local_start, row.local_end
    if _is_doubled(start) or _is_doubled(end):
        # With a TZID it would mean the first one (RFC 5545, 3.3.5), and some readers take the second.
        start, end = row.starts_at, row.ends_at
    entry.add("dtstart", start)
    if end:
        entry.add("dtend", end)
    entry.add("summary", _text(row.name))
    entry.add("status", STATUSES[Performance.Status(row.status)])
    place = ", ".join(part for part in (row.venue_title, row.full_address) if part)
    if place:
        entry.add("location", _text(place))
    if row.venue_latitude is not None and row.venue_longitude is not None:
        entry.add("geo", (row.venue_latitude, row.venue_longitude))
    if description := _describe(row, programme):
        entry.add("description", _text(description))
    entry.add("url", f"{settings.SITE_URL}{event.get_absolute_url()}#set-{row.pk}")
    return entry


def _is_doubled(local: datetime | None) -> bool:
    """Whether clocks show this time twice, as in the hour that autumn repeats."""
    return local is not None and local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _describe(row: SetRow, programme: Programme) -> str:
    lines = []
    if row.is_cancelled:
        lines.append("Cancelled.")
    if row.is_postponed:
        lines.append("Postponed.")
    if row.former_night:
        time = f" {row.former_start:%H:%M}" if row.former_start else ""
        lines.append(f"Postponed from {row.former_night}{time}.")
    if replacement := programme.replacements.get(row.pk):
        lines.append(f"{replacement.name} plays instead.")
    if replaced := programme.replaced.get(row.pk):
        lines.append(f"Replaces {replaced.name}.")
    if row.notes:
        lines.append(row.notes)
    return "\n".join(lines)


def _text(text: str) -> str:
    """The text with one kind of line break and without control characters, which calendars must not have."""
    lines = "\n".join(text.splitlines())
    return "".join(each for each in lines if each in "\n\t" or unicodedata.category(each) != "Cc")
