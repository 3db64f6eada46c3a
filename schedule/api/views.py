"""The public JSON, as the predecessor's clients ask for it."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from bands.models import Genre
from schedule.api import shapes
from schedule.models import Event, Performance
from schedule.models.event import PUBLIC
from schedule.nights import night_of
from schedule.season import SeasonEvent, load_season
from schedule.snapshot import SetRow, genres_of, set_rows
from settimes.api import json_error, json_response
from settimes.public import etag_of, public

UPCOMING_DAYS = 30
MOST_UPCOMING = 10
DEFAULT_PAST, MOST_PAST = 10, 100
DEFAULT_LIMIT, MOST_EVENTS = 50, 100
LONGEST_ID = 18  # digits that every id has room for


@public
def schedule(request: HttpRequest) -> HttpResponse:
    """GET /api/schedule?event=current|SLUG: the running order of one event."""
    slug = (request.GET.get("event") or "current").replace("\0", "")  # PostgreSQL takes no query with a NUL
    if slug == "current":
        event = load_season(PUBLIC, now=timezone.now()).current
    else:
        events = Event.objects.visible_to(PUBLIC)
        event = events.filter(slug=slug).first() or events.filter(former_slugs__slug=slug).first()
    if event is None:
        return json_error(404, "Event not found", "No public event has this address.")
    rows = set_rows(PUBLIC, event=event)
    genres = genres_of(rows)
    return json_response(
        {"bands": [shapes.schedule_band(row, genres) for row in rows], "event": shapes.schedule_event(event)}
    )


@public
def timeline(request: HttpRequest) -> HttpResponse:
    """GET /api/events/timeline: what is on tonight, in the next 30 days, and what has been."""
    now = timezone.now()
    season = load_season(PUBLIC, now=now)
    past_limit = _whole_number(request.GET.get("pastLimit"), DEFAULT_PAST, most=MOST_PAST)
    chosen = {
        "now": season.tonight,
        "upcoming": [each for each in season.upcoming if _is_soon(each, now)][:MOST_UPCOMING],
        "past": season.past[:past_limit],
    }
    chosen = {name: events if _is_on(request, name) else [] for name, events in chosen.items()}
    rows = _rows_by_event(each.event for events in chosen.values() for each in events)
    include_bands = _is_on(request, "includeBands")
    genres = genres_of(row for each in rows.values() for row in each) if include_bands else {}
    return json_response(
        {
            name: [
                shapes.timeline_event(each, rows[each.event.pk], genres, include_bands=include_bands) for each in events
            ]
            for name, events in chosen.items()
        }
    )


@public
def event_details(request: HttpRequest, event_id: str) -> HttpResponse:
    """GET /api/events/{id}/details: one event by number."""
    if not (event_id.isascii() and event_id.isdigit()):
        return json_error(400, "The event id must be a number.")
    event = Event.objects.visible_to(PUBLIC).filter(pk=int(event_id[:LONGEST_ID])).first()
    if event is None:
        return json_error(404, "No public event has this id.")
    rows = set_rows(PUBLIC, event=event)
    return json_response(shapes.event_details(event, rows, genres_of(rows)))


@public
def public_events(request: HttpRequest) -> HttpResponse:
    """GET /api/events/public: events by city and genre, for embedding elsewhere."""
    now = timezone.now()
    city, genre = request.GET.get("city") or "all", request.GET.get("genre") or "all"
    upcoming, limit = (
        _is_on(request, "upcoming"),
        _whole_number(request.GET.get("limit"), DEFAULT_LIMIT, most=MOST_EVENTS),
    )
    season = load_season(PUBLIC, now=now)
    events = season.tonight + season.upcoming + ([] if upcoming else season.past)
    if city.lower() != "all":
        events = [each for each in events if each.event.city.lower() == city.lower()]
    visible = Performance.objects.visible_to(PUBLIC).filter(event__in=[each.event for each in events]).order_by()
    if genre.lower() != "all":
        # Compared here because SQLite knows the capitals of ASCII letters only.
        genres = [each for each in Genre.objects.all() if each.name.lower() == genre.lower()]
        playing = set(visible.filter(band__genres__in=genres).values_list("event", flat=True))
        events = [each for each in events if each.event.pk in playing]
    counts = {
        event_id: (bands, venues)
        for event_id, bands, venues in visible.values_list("event").annotate(
            bands=Count("band", distinct=True), venues=Count("venue", distinct=True)
        )
    }
    events = sorted(events, key=lambda each: (each.event.date, each.event.pk))[:limit]
    body = {
        "events": [
            shapes.public_event(each, band_count=bands, venue_count=venues)
            for each in events
            for bands, venues in [counts.get(each.event.pk, (0, 0))]
        ],
        "filters": {"city": city, "genre": genre, "upcoming": upcoming, "limit": limit},
        "count": len(events),
    }
    etag = etag_of(json_response(body).content)  # without the time of asking, or nothing would ever be unchanged
    response = json_response({**body, "generated_at": shapes.iso_milliseconds(now)})
    response["ETag"] = f"W/{etag}"  # weak, as equal tags do not mean equal bytes here
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _rows_by_event(events: Iterable[Event]) -> dict[int, list[SetRow]]:
    rows: dict[int, list[SetRow]] = defaultdict(list)
    for row in set_rows(PUBLIC, event__in=[event.pk for event in events]):
        rows[row.event_id].append(row)
    return rows


def _is_soon(each: SeasonEvent, now: datetime) -> bool:
    """Whether the event's next night is within the next 30 days of its zone."""
    tonight = night_of(now, each.event.zone, each.event.rollover)
    return each.next_night is not None and each.next_night <= tonight + timedelta(days=UPCOMING_DAYS)


def _is_on(request: HttpRequest, name: str) -> bool:
    """A switch of the query: on unless exactly "false"."""
    return request.GET.get(name) != "false"


def _whole_number(text: str | None, default: int, *, most: int) -> int:
    """A whole number of the query, at least 1 and at most `most`; the default when it is none."""
    if text is None or not re.fullmatch("-?[0-9]+", text):
        return default
    return max(1, min(int(text[:9]), most))
