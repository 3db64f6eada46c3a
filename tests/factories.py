"""Rows for tests, made through the domain functions, so that they are what the house would make."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from accounts.models import User
from bands.library import add_band
from bands.models import BandProfile
from schedule import lineup, publishing
from schedule.access import give_access
from schedule.events import add_venue, create_event
from schedule.models import Event, Performance, Venue

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)  # when things are made unless a test says otherwise
SATURDAY = date(2026, 10, 10)
MADE: dict[str, Any] = {"by": None, "now": NOW}


def make_admin(email: str = "ana@label.example") -> User:
    return User.objects.create_superuser(email, "correct horse battery")


def make_user(role: str, *events: Event, email: str = "", **fields: Any) -> User:
    """A person of that role, by default at role@label.example; with events, she works on these alone."""
    user = User.objects.create_user(
        email or f"{role}@label.example", "correct horse battery", role=role, is_scoped=bool(events), **fields
    )
    for event in events:
        give_access(event, user, by=None, now=NOW)
    return user


def make_event(name: str = "Harbour Street Crawl 3", **fields: Any) -> Event:
    """A draft of one night, Saturday 10 October 2026 in Toronto, unless said otherwise."""
    return create_event(
        **{"name": name, "date": SATURDAY, "timezone": "America/Toronto", "by": None, "now": NOW, **fields}
    )


def make_public_event(name: str = "Harbour Street Crawl 3", **fields: Any) -> Event:
    """A published event; `make_set` fills it."""
    event = make_event(name, **fields)
    publishing.publish_event(event, allow_empty=True, by=None, now=NOW)
    return event


def make_band(name: str = "The Harpoonist", **fields: Any) -> BandProfile:
    """The band of that name, made when the library has none."""
    return BandProfile.objects.filter(name=name).first() or add_band(name, **{**MADE, **fields})


def make_venue(name: str = "Blue Anchor", **fields: Any) -> Venue:
    """The venue of that name, made when there is none."""
    return Venue.objects.filter(name=name).first() or add_venue(name, **{**MADE, **fields})


def wall(event: Event, text: str, *, night: date | None = None) -> datetime:
    """ "20:00" or "24:25" on a night of the event, as an instant."""
    hours, minutes = (int(part) for part in text.split(":"))
    midnight = datetime.combine(night or event.date, datetime.min.time())
    return (midnight + timedelta(hours=hours, minutes=minutes)).replace(tzinfo=event.zone).astimezone(UTC)


def make_set(
    event: Event,
    band: str | None = "The Harpoonist",
    start: str | None = "20:00",
    end: str | None = "20:30",
    *,
    venue: str | None = "Blue Anchor",
    night: date | None = None,
    **fields: Any,
) -> Performance:
    """A set of a band by name at a venue by name, times as clocks show them (24:25 is after midnight)."""
    night = night or event.date
    return lineup.add_set(
        event,
        **{
            "night": night,
            "band": make_band(band) if band else None,
            "venue": make_venue(venue) if venue else None,
            "starts_at": wall(event, start, night=night) if start else None,
            "ends_at": wall(event, end, night=night) if end else None,
            "by": None,
            "now": NOW,
            **fields,
        },
    )
