"""Sets and instants in words, as the pages about them say them: in the zone of their event."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from schedule.models import Performance
from schedule.templatetags.set_times import clock


def instant_words(instant: datetime, zone: ZoneInfo) -> str:
    """ "Sat 10 Oct, 7:30 PM" """
    local = instant.astimezone(zone)
    return f"{date_format(local, 'D j M')}, {clock(local)}"


def time_words(performance: Performance) -> str:
    """ "8:00 PM to 8:30 PM", with the weekday where it is after midnight."""
    if performance.starts_at is None:
        return _("time open")
    start = performance.starts_at.astimezone(performance.event.zone)
    starting = clock(start)
    if start.date() != performance.night:
        starting = f"{starting} ({date_format(start, 'D')})"
    if performance.ends_at is None:
        return _("%(start)s, end open") % {"start": starting}
    ending = clock(performance.ends_at.astimezone(performance.event.zone))
    return _("%(start)s to %(end)s") % {"start": starting, "end": ending}


def slot_words(performance: Performance) -> str:
    """ "Sat 10 Oct, 8:00 PM to 8:30 PM, Blue Anchor" """
    parts = (
        date_format(performance.night, "D j M"),
        time_words(performance),
        str(performance.venue or _("venue open")),
    )
    return ", ".join(parts)
