"""A running order as a file for organizers, in the forms that `import_lineup` reads back: CSV, XLSX and JSON."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

from bands.models import BandProfile
from bands.naming import tidy_name
from schedule.billing import kind_of
from schedule.lineup_files import BAND_FIELDS, COLUMNS, EVENT_FIELDS, EXTRA_COLUMNS, VENUE_FIELDS, neutralise
from schedule.models import Doors, Event, Performance
from schedule.nights import wall_text
from schedule.spreadsheets import write_workbook
from schedule.typed_times import read_start

Status = Performance.Status
NO_TIME = datetime.min.replace(tzinfo=UTC)


def lineup_csv(event: Event) -> str:
    """All sets of an event, also hidden ones, with true local dates and times; for Excel with a byte order mark.

    The columns billing, kind and status are there only when a set needs them.
    """
    columns, rows = _table(event)
    out = io.StringIO(newline="")
    csv.writer(out).writerows([columns, *rows])
    return "\ufeff" + out.getvalue()


def lineup_xlsx(event: Event) -> bytes:
    """The table of `lineup_csv` as an Excel workbook; every cell is text, as in the CSV."""
    columns, rows = _table(event)
    return write_workbook(columns, rows, title=event.slug)


def lineup_json(event: Event) -> str:
    """The event, its venues and bands and all its sets as an event file."""
    performances = _sets(event)
    used = [p.venue for p in performances if p.venue]
    venues = {venue.pk: venue for each in used for venue in (each.parent, each) if venue}
    bands = {p.band.pk: p.band for p in performances if p.band}
    content = {
        "event": _event(event),
        "venues": [
            _filled(
                {
                    "name": venue.name,
                    "room_of": venue.parent.name if venue.parent else "",
                    **{name: getattr(venue, name) for name in VENUE_FIELDS},
                }
            )
            for venue in venues.values()
        ],
        "bands": [_band(band) for band in bands.values()],
        "performances": [_performance(performance) for performance in performances],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _table(event: Event) -> tuple[list[str], list[list[str]]]:
    """The names of the columns, and the cells of each set with formulas made harmless."""
    records = [_record(performance) for performance in _sets(event)]
    extra = [name for name in EXTRA_COLUMNS if any(record[name] for record in records)]
    columns = [*COLUMNS, *extra]
    return columns, [[neutralise(record[name]) for name in columns] for record in records]


def _sets(event: Event) -> list[Performance]:
    """By night and start, then by what the file itself says, so that an imported event is written in the same order."""
    sets = event.performances.exclude(status=Status.WITHDRAWN).select_related("event", "band", "venue__parent")
    return sorted(
        sets.prefetch_related("band__genres"),
        key=lambda p: (p.night, p.starts_at is None, p.starts_at or NO_TIME, str(p.venue or ""), p.pk),
    )


def _record(performance: Performance) -> dict[str, str]:
    """A set as the cells of a table."""
    zone = performance.event.zone
    start, end = performance.starts_at, performance.ends_at
    billing = tidy_name(performance.billing)
    name = str(performance.band or billing)
    return {
        "night": performance.night.isoformat(),
        "venue": str(performance.venue or ""),
        "band": name,
        "start": f"{start.astimezone(zone).date()} {wall_text(start, zone)}" if start else "",
        "end": f"{end.astimezone(zone).date()} {wall_text(end, zone)}" if end else "",
        "genre": _genres(performance.band),
        "notes": performance.notes.strip(),
        "billing": billing if performance.band else "",
        "kind": performance.kind if kind_of(name) != performance.kind else "",
        "status": performance.status if performance.status != Status.SCHEDULED else "",
    }


def _performance(performance: Performance) -> dict[str, Any]:
    """A set as an event file has it; `date` is the true day of the start."""
    record = _record(performance)
    date, _, start = record["start"].partition(" ")
    return _filled(
        {
            "band": record["band"],
            "venue": record["venue"],
            "night": record["night"],
            "date": date,
            "start_time": start,
            "end_time": record["end"],
            "notes": record["notes"],
            "billing": record["billing"],
            "kind": record["kind"],
            "status": record["status"],
        }
    ) | {"is_announced": performance.is_announced}


def _event(event: Event) -> dict[str, Any]:
    opening = event.doors.filter(venue=None, opens_at__isnull=False)
    doors = {door.night.isoformat(): _opening(door, event, door.opens_at) for door in opening if door.opens_at}
    return {
        "name": event.name,
        "slug": event.slug,
        "date": event.date.isoformat(),
        **({"end_date": event.end_date.isoformat()} if event.end_date else {}),
        "timezone": event.timezone,
        "rollover": f"{event.rollover:%H:%M}",
        "status": event.status,
        **_filled({theirs: getattr(event, ours) for theirs, ours in EVENT_FIELDS.items()} | {"doors": doors}),
    }


def _opening(doors: Doors, event: Event, opens_at: datetime) -> str:
    """When doors open: a time, with its date where the time alone would be read as another day's."""
    text = wall_text(opens_at, event.zone)
    read_back = read_start(text, night=doors.night, zone=event.zone, rollover=event.rollover)
    return text if read_back == opens_at else f"{opens_at.astimezone(event.zone).date()} {text}"


def _band(band: BandProfile) -> dict[str, Any]:
    facts = {name: getattr(band, name) for name in BAND_FIELDS}
    return _filled({"name": band.name, **facts, "genre": _genres(band)})


def _genres(band: BandProfile | None) -> str:
    return ", ".join(genre.name for genre in band.genres.all()) if band else ""


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in ("", None, {}, [])}
