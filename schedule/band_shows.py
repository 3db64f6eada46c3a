"""The sets of bands for the band library, which knows nothing of events: as far as the reader may see them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.urls import reverse

from accounts.models import User
from bands.shows import BandShows, Show
from schedule.models import Performance
from schedule.nights import night_of
from schedule.templatetags.set_times import clock


def read_shows(bands: Iterable[int], *, reader: User, now: datetime) -> dict[int, BandShows]:
    """The sets of each band, withdrawn ones among them for those who work with them. At most two queries."""
    visible = Performance.objects.visible_to(reader).filter(band__in=list(bands))
    performances = visible.select_related("event", "venue__parent").order_by("night", "starts_at", "pk")
    own = set(reader.event_access.values_list("event", flat=True)) if reader.is_scoped else None
    shows: dict[int, list[Show]] = defaultdict(list)
    tonight: dict[int, date] = {}
    for performance in performances:
        event = performance.event
        if event.pk not in tonight:
            tonight[event.pk] = night_of(now, event.zone, event.rollover)
        is_open = own is None or event.pk in own
        shows[performance.band_id or 0].append(_shape(performance, tonight=tonight[event.pk], is_open=is_open))
    return {band_id: BandShows(tuple(each)) for band_id, each in shows.items()}


def _shape(performance: Performance, *, tonight: date, is_open: bool) -> Show:
    event, starts_at = performance.event, performance.starts_at
    is_known = is_open or event.times_public
    return Show(
        set_id=performance.pk,
        event=event.name,
        night=performance.night,
        time=clock(starts_at.astimezone(event.zone)) if starts_at and is_known else "",
        venue=str(performance.venue or ""),
        billing=performance.billing,
        status=performance.status,
        status_text=performance.get_status_display(),
        is_over=performance.night < tonight,
        address=reverse("admin:schedule_performance_change", args=[performance.pk]) if is_open else "",
    )
