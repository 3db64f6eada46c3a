"""The JSON of the public API, key by key as old clients read it, with our additions behind.

Additions to a set: night, starts_at, ends_at (ISO, with the event's offset), kind, status; on the
schedule also genre and is_cancelled.
Additions to an event: timezone, revision, end_date, status.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from schedule.models import Event
from schedule.season import Phase, SeasonEvent
from schedule.snapshot import SetRow

UNKNOWN = "TBD"  # old clients refuse a page on which a name, venue, date or time is empty
JAVASCRIPT_BLANKS = r"[\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+"  # its \s, not Python's
LINK_ORDER = ("website", "bandcamp", "instagram", "facebook", "spotify")

Json = dict[str, Any]


def schedule_event(event: Event) -> Json:
    """The event of GET /api/schedule."""
    return {
        "id": event.pk,
        "name": event.name,
        "date": event.date,
        "slug": event.slug,
        "ticket_url": event.ticket_url or None,
        "theme_colors": _json_text(event.theme_colors),
        "venue_info": _json_text(event.venue_info),
        "social_links": _json_text(event.social_links),
        **_event_additions(event),
    }


def schedule_band(row: SetRow, genres: dict[int, str]) -> Json:
    """One set of GET /api/schedule: no empty text, `date` the calendar day of the start."""
    start, end = row.local_start, row.local_end
    return {
        "id": f"{_client_name(row.name)}-{row.pk}",
        "performance_id": row.pk,
        "band_profile_id": row.band_id,
        "name": row.name,
        "venue": row.venue_title or UNKNOWN,
        "date": (start.date() if start else row.night).isoformat(),
        "startTime": _clock(start) or UNKNOWN,
        "endTime": _clock(end) or UNKNOWN,
        "url": _first_link(row),
        "genre": genres.get(row.band_id or 0),
        "is_cancelled": int(row.is_cancelled),
        **_set_additions(row),
    }


def timeline_event(each: SeasonEvent, rows: list[SetRow], genres: dict[int, str], *, include_bands: bool) -> Json:
    """One event of GET /api/events/timeline; band_count counts different bands."""
    event = each.event
    body = {
        "id": event.pk,
        "name": event.name,
        "slug": event.slug,
        "date": event.date,
        "ticket_url": event.ticket_url or None,
        "band_count": len({row.band_id for row in rows if row.band_id}),
        "venue_count": len({row.venue_id for row in rows if row.venue_id}),
    }
    if include_bands:
        body["bands"] = [_timeline_band(row, genres) for row in rows]
    return {**body, "venues": _venues(rows), **_event_additions(event)}


def event_details(event: Event, rows: list[SetRow], genres: dict[int, str]) -> Json:
    """GET /api/events/{id}/details; here band_count counts sets."""
    venues = _venues(rows)
    return {
        "event": {
            "id": event.pk,
            "name": event.name,
            "slug": event.slug,
            "date": event.date,
            "ticket_url": event.ticket_url or None,
            **_event_additions(event),
        },
        "bands": [_details_band(row, genres) for row in rows],
        "venues": venues,
        "band_count": len(rows),
        "venue_count": len({row.venue_id for row in rows if row.venue_id}),
    }


def public_event(each: SeasonEvent, *, band_count: int, venue_count: int) -> Json:
    """One event of GET /api/events/public."""
    event = each.event
    return {
        "id": event.pk,
        "name": event.name,
        "slug": event.slug,
        "date": event.date,
        "description": event.description or None,
        "city": event.city or None,
        "ticket_url": event.ticket_url or None,
        "is_upcoming": int(each.phase != Phase.PAST),
        "band_count": band_count,
        "venue_count": venue_count,
        **_event_additions(event),
    }


def iso_milliseconds(instant: datetime) -> str:
    """An instant as JavaScript writes it: 2026-09-01T09:30:00.000Z."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03}Z"


def picture_url(row: SetRow) -> str | None:
    if not row.band_photo:
        return None
    return settings.SITE_URL + reverse("schedule:band_photo", args=[row.band_photo.removeprefix("bands/")])


def _event_additions(event: Event) -> Json:
    return {
        "timezone": event.timezone,
        "revision": event.public_revision,
        "end_date": event.end_date,
        "status": event.status,
    }


def _set_additions(row: SetRow) -> Json:
    start, end = row.local_start, row.local_end
    return {
        "night": row.night.isoformat(),
        "starts_at": start.isoformat() if start else None,
        "ends_at": end.isoformat() if end else None,
        "kind": row.kind,
        "status": row.status,
    }


def _details_band(row: SetRow, genres: dict[int, str]) -> Json:
    return {
        "id": row.band_id,
        "name": row.name,
        "start_time": _clock(row.local_start),
        "end_time": _clock(row.local_end),
        "genre": genres.get(row.band_id or 0),
        "photo_url": picture_url(row),
        "venue_id": row.venue_id,
        "venue_name": row.venue_title,
        "performance_id": row.pk,
        **_set_additions(row),
    }


def _timeline_band(row: SetRow, genres: dict[int, str]) -> Json:
    """As in the details, with two keys more among the others; `url` is absent when no links are stored."""
    body = _details_band(row, genres)
    start = {name: body.pop(name) for name in ("id", "name", "start_time", "end_time")}
    url = {"url": _first_link(row)} if row.band_links else {}
    return {**start, **url, "genre": body.pop("genre"), "origin": row.origin, **body}


def _venues(rows: Iterable[SetRow]) -> list[Json]:
    """The venues of the rows in order of first appearance with their number of sets; no venue is one of them."""
    rows = list(rows)
    counts = Counter(row.venue_id for row in rows)
    first: dict[int | None, SetRow] = {}
    for row in rows:
        first.setdefault(row.venue_id, row)
    return [
        {"id": venue_id, "name": row.venue_title, "address": row.full_address, "band_count": counts[venue_id]}
        for venue_id, row in first.items()
    ]


def _client_name(name: str) -> str:
    """The name as clients build a set's id from it: lower case, runs of white space one hyphen; punctuation stays."""
    return re.sub(JAVASCRIPT_BLANKS, "-", name.lower())


def _clock(local: datetime | None) -> str | None:
    return f"{local:%H:%M}" if local else None


def _first_link(row: SetRow) -> str | None:
    links = row.band_links if isinstance(row.band_links, dict) else {}
    return next((links[name] for name in LINK_ORDER if links.get(name) and isinstance(links[name], str)), None)


def _json_text(value: Any) -> str | None:
    return json.dumps(value, ensure_ascii=False) if value else None
