"""The board's JSON: instants are whole minutes since 1970 in UTC, None where they are open."""

from collections.abc import Iterable
from copy import copy
from datetime import date, datetime, time
from typing import Any

from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from schedule.arrangement_words import place_text
from schedule.arranging import Arrangement, Stale
from schedule.conflicts import Conflict, changeover_minutes
from schedule.models import Event, Performance
from schedule.night_board import NightBoard, clock_in
from schedule.set_acts import possible_acts


def minutes_of(instant: datetime | None) -> int | None:
    return None if instant is None else int(instant.timestamp()) // 60


def shape_board(board: NightBoard, *, reader: User, undo: dict[str, str] | None) -> dict[str, Any]:
    """All that the board of a night shows."""
    on_board = {venue.pk for venue in board.venues}
    return {
        "event": _shape_event(board, reader=reader, undo=undo),
        "venues": [
            {
                "id": venue.pk,
                "title": str(venue),
                "changeover": changeover_minutes(board.event, venue),
                "opens": minutes_of(board.hours.opens_at(board.night, venue)),
                "curfew": minutes_of(board.hours.curfew_at(board.night, venue)),
            }
            for venue in board.venues
        ],
        "all_venues": [
            {"id": venue.pk, "title": str(venue)}
            for venue in board.all_venues
            if venue.is_active and venue.pk not in on_board
        ],
        "sets": shape_sets(board.sets),
        "foreign": _shape_foreign(board),
        "warnings": shape_warnings(board.conflicts, board),
    }


def shape_sets(performances: Iterable[Performance]) -> list[dict[str, Any]]:
    return [shape_set(each) for each in performances]


def shape_set(performance: Performance) -> dict[str, Any]:
    starts_at, zone = performance.starts_at, performance.event.zone
    return {
        "id": performance.pk,
        "version": performance.version,
        "title": performance.title,
        "band": performance.band_id,
        "kind": performance.kind,
        "venue": performance.venue_id,
        "start": minutes_of(starts_at),
        "end": minutes_of(performance.ends_at),
        "status": performance.status,
        "announced": performance.is_announced,
        "can": possible_acts(performance),
        "starts_night": starts_at is None or starts_at.astimezone(zone).date() == performance.night,
    }


def shape_warnings(conflicts: Iterable[Conflict], board: NightBoard) -> list[dict[str, Any]]:
    """What does not fit, each with those sets of this night that have a part in it."""
    own = {each.pk for each in board.sets}
    return [
        {
            "kind": conflict.kind.value,
            "set_ids": [each.pk for each in (conflict.cause, *conflict.others) if each.pk in own],
            "sentence": conflict.sentence(clock_in),
        }
        for conflict in conflicts
    ]


def _shape_event(board: NightBoard, *, reader: User, undo: dict[str, str] | None) -> dict[str, Any]:
    event = board.event
    return {
        "id": event.pk,
        "name": event.name,
        "timezone": event.timezone,
        "night": board.night.isoformat(),
        "midnight": minutes_of(_midnight(board.night, event)),
        "rollover": f"{event.rollover:%H:%M}",
        "revision": event.revision,
        "was_public": event.published_at is not None,
        "is_archived": event.status == event.Status.ARCHIVED,
        "can_change": reader.has_perm("schedule.change_performance", event),
        "default_minutes": event.default_set_minutes,
        "hour12": "H" not in get_format("TIME_FORMAT"),
        "undo": undo,
    }


def _midnight(night: date, event: Event) -> datetime:
    """The midnight that begins a night's date; where clocks jump over it, the instant at which they do."""
    return datetime.combine(night, time(), tzinfo=event.zone)


def _shape_foreign(board: NightBoard) -> list[dict[str, Any]]:
    """Other events' sets; of events that are not open to the reader only what clashes: room or band, and when."""
    venues = {each.venue_id for each in board.sets}
    bands = {each.band_id for each in board.sets}
    shaped = []
    for each in board.foreign:
        is_closed = each.event_id in board.closed_events
        shaped.append(
            {
                "title": _("another event") if is_closed else each.title,
                "venue": each.venue_id if each.venue_id in venues or not is_closed else None,
                "band": each.band_id if each.band_id in bands or not is_closed else None,
                "start": minutes_of(each.starts_at),
                "end": minutes_of(each.ends_at),
            }
        )
    return shaped


def shape_stale(stale: Iterable[Stale], event: Event) -> list[dict[str, Any]]:
    """Sets that somebody else changed meanwhile, as they are now and as they are wanted."""
    return [_shape_stale(each, event) for each in stale]


def _shape_stale(stale: Stale, event: Event) -> dict[str, Any]:
    now = stale.performance
    wanted = copy(now) if now else None
    for name, value in stale.wish.place.items() if wanted else ():
        setattr(wanted, name, value)
    return {
        "id": stale.wish.set_id,
        "title": stale.title,
        "by": str(stale.by or ""),
        "at": clock_in(stale.at, event.zone) if stale.at else "",
        "now": shape_set(now) if now else None,
        "now_sentence": place_text(now) if now else _("It is deleted."),
        "yours_sentence": place_text(wanted) if wanted else "",
    }


def told_of(arrangement: Arrangement, *, plan_count: int) -> str:
    """Who will see it: fans at once, or nobody yet, and how many of them have picked these sets."""
    public = len([pk for pk in arrangement.changed_ids if pk in arrangement.public_ids])
    seen = ngettext(
        "Public: %(count)d of these changes is seen by fans at once.",
        "Public: %(count)d of these changes are seen by fans at once.",
        public,
    ) % {"count": public}
    held = ngettext("%(count)d plan holds these sets.", "%(count)d plans hold these sets.", plan_count) % {
        "count": plan_count
    }
    sentences = [seen if public else _("Fans see none of this yet."), *([held] if plan_count else [])]
    return " ".join(sentences)
