"""Seeing an event as fans will: drafts and what is not announced too, at any pretended time, also by a shared link.

A shared link is a sealed text and no row: it says which event, how much of it, until when and by
whom, and nobody without the key can make one or change it.
"""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from accounts.models import User
from accounts.trails import audit
from schedule.models import Event, Performance
from schedule.nights import ONE_DAY, instants_at
from schedule.snapshot import Programme, preview_rows
from settimes.sealing import seal, unseal

PURPOSE = "preview of an event"  # one key seals many things: what was sealed for something else opens no preview
SHARING = "schedule.change_event"
LINK_DAYS = (1, 3, 7)
DEFAULT_LINK_DAYS = 3


@dataclass(frozen=True)
class Preview:
    """One look at an event: how much of it, as of when; for a shared one until when its link works."""

    event: Event
    shows_everything: bool
    at: datetime
    expires_at: datetime | None = None

    @property
    def is_shared(self) -> bool:
        return self.expires_at is not None

    @property
    def local_time(self) -> datetime:
        return self.at.astimezone(self.event.zone)

    @property
    def local_expiry(self) -> datetime | None:
        return self.expires_at.astimezone(self.event.zone) if self.expires_at else None

    def programme(self) -> Programme:
        """What the page shows: three queries."""
        event = self.event
        rows = tuple(preview_rows(event, shows_everything=self.shows_everything))
        hidden = Performance.objects.filter(event=event, is_announced=False, event__reveal_mode=True)
        programme = Programme(event, rows, tuple(event.doors.all()))
        if not self.shows_everything:
            return programme
        return replace(programme, unannounced=frozenset(hidden.values_list("pk", flat=True)))


@dataclass(frozen=True)
class Moment:
    """A time worth looking at an event at."""

    kind: str
    at: datetime
    night: date


def moments_of(event: Event) -> list[Moment]:
    """An hour before the doors of each night, ten to midnight, and midnight."""
    doors = {each.night: each.opens_at for each in event.doors.order_by("-opens_at") if each.opens_at}
    moments = []
    for night in event.nights():
        midnight = datetime.combine(night + ONE_DAY, time())
        walls = {"late": midnight - timedelta(minutes=10), "midnight": midnight}
        if opening := doors.get(night):
            moments.append(Moment("before_doors", opening - timedelta(hours=1), night))
        moments += [
            Moment(kind, found[0], night) for kind, wall in walls.items() if (found := instants_at(wall, event.zone))
        ]
    return moments


def make_link_token(
    event: Event, *, shows_everything: bool, days: int, by: User, now: datetime
) -> tuple[str, datetime]:
    """A token that opens a preview to whoever has it, and until when. The trail keeps who made one, not the token."""
    if days not in LINK_DAYS:
        raise ValueError(f"a preview link works for {LINK_DAYS} days, not {days}")
    expires_at = now + timedelta(days=days)
    facts = {
        "for": PURPOSE,
        "event": event.pk,
        "everything": shows_everything,
        "until": expires_at.isoformat(),
        "by": by.pk,
    }
    audit("event.preview_link_made", event, by=by, now=now, after={"everything": shows_everything, "until": expires_at})
    return seal(json.dumps(facts)).rstrip("="), expires_at


def open_link(token: str, *, now: datetime) -> Preview | None:
    """What a token shows, as of now; None for one that is forged or expired, or whose maker lost the right to it."""
    facts = _unsealed(token)
    if facts is None or facts.get("for") != PURPOSE:
        return None
    expires_at = datetime.fromisoformat(facts["until"])
    event = Event.objects.filter(pk=facts["event"]).first()
    maker = User.objects.active().filter(pk=facts["by"]).first()
    if now >= expires_at or event is None or maker is None or not maker.has_perm(SHARING, event):
        return None
    return Preview(event, shows_everything=facts["everything"], at=now, expires_at=expires_at)


def _unsealed(token: str) -> dict | None:
    padding = "=" * (-len(token) % 4)
    try:
        facts = json.loads(unseal(token + padding))
    except ValueError:
        return None
    return facts if isinstance(facts, dict) else None
