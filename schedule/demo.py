"""An invented band crawl that is always alive: one event tonight, one last season, one next season.

Everything is written by the domain functions and found again by permanent ids made from its names,
so running it again moves what is there to the present and adds nothing twice.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction

from bands.library import add_alias, add_band, find_genre
from bands.models import BandProfile
from schedule import lineup, publishing
from schedule.events import add_venue, create_event, remove_doors, set_doors, update_event
from schedule.models import Event, Performance, Venue
from schedule.nights import night_of, shift_by_nights

ZONE = ZoneInfo("America/Toronto")
ROLLOVER = time(6)
NAMESPACE = uuid.UUID("6d0b7f0e-3d36-4f3c-9a37-6a4d9b2f51c4")
TONIGHT, LAST_SEASON, NEXT_SEASON = "harbour-crawl-tonight", "harbour-crawl-last-season", "harbour-crawl-next-season"
SLUGS = (TONIGHT, LAST_SEASON, NEXT_SEASON)
SEASON_NIGHTS = 84

# name, genre, where from, links
BANDS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("The Harpoonist", "blues", "Guelph, ON", {"website": "https://harpoonist.example", "instagram": "@harpoonist"}),
    ("Moth Choir", "dream pop", "Toronto, ON", {"bandcamp": "https://mothchoir.example"}),
    ("!!Wow!!", "punk", "Hamilton, ON", {}),
    ("Señor Nieve & los Fríos", "surf", "Montréal, QC", {"instagram": "senornieve"}),
    ("$till Water$", "hip-hop", "Kitchener, ON", {}),
    ("mxdnght", "electronic", "Waterloo, ON", {}),
    ("Ålesund Ferry", "folk", "Halifax, NS", {}),
    ("Kman & the 12s", "ska", "London, ON", {}),
    ("Paper Crane Wreck", "indie", "Cambridge, ON", {}),
    ("夜行列車", "post-rock", "Toronto, ON", {}),
    ("Dog Ferry", "punk", "St. Catharines, ON", {}),
    ("Grandma's Amp", "garage", "Barrie, ON", {}),
    ("The Quiet Riot Girls", "riot grrrl", "Ottawa, ON", {}),
    ("Low Tide Lowell", "country", "Sudbury, ON", {}),
)
# name, address, latitude, longitude, order along the street, room of
VENUES = (
    ("Blue Anchor", "5 Quay Street", 43.4651, -80.5241, 1, None),
    ("Net Loft", "11 Quay Street", 43.4656, -80.5236, 2, None),
    ("Customs House", "20 Quay Street", 43.4662, -80.5230, 3, None),
    ("Cellar", "", None, None, 4, "Customs House"),
    ("Chandlery", "34 Quay Street", 43.4670, -80.5222, 5, None),
)


@dataclass(frozen=True)
class DemoSet:
    """A set of tonight: minutes from now (rounded) to its start, and its length; None for a time that is open."""

    venue: str | None
    who: str
    starts_in: int | None
    minutes: int | None = 30
    notes: str = ""


# Something is on, something has just ended and something comes next in every room, whenever this runs.
AROUND_NOW = (
    DemoSet("Blue Anchor", "Grandma's Amp", -95),
    DemoSet("Blue Anchor", "The Harpoonist", -15, 40, "Acoustic. Plays again later, with the whole band."),
    DemoSet("Blue Anchor", "Kman & the 12s", 55, 40),
    DemoSet("Net Loft", "Moth Choir", -60),
    DemoSet("Net Loft", "!!Wow!!", -10),
    DemoSet("Net Loft", "Señor Nieve & los Fríos", 10, 35, "Overlaps, as real life does."),
    DemoSet("Customs House", "Ålesund Ferry", -40),
    DemoSet("Customs House", "Paper Crane Wreck", 25),
    DemoSet("Customs House (Cellar)", "$till Water$", -20, 45),
    DemoSet("Chandlery", "Low Tide Lowell", 40),
    DemoSet("Chandlery", "Dog Ferry", 85),
    DemoSet(None, "The Quiet Riot Girls", None, None),
)
# Wall times on the night for what is after midnight.
AFTER_MIDNIGHT = (
    ("Blue Anchor", "The Harpoonist", "24:10", "24:55"),
    ("Net Loft", "夜行列車", "24:30", "25:10"),
    ("Customs House", "TBA", "24:45", "25:15"),
    ("Chandlery", "mxdnght", "25:00", None),
)
FULL_NIGHT = (
    ("Blue Anchor", "Grandma's Amp", "19:00", "19:30"),
    ("Net Loft", "Moth Choir", "19:15", "19:45"),
    ("Customs House", "Ålesund Ferry", "19:30", "20:00"),
    ("Blue Anchor", "The Harpoonist", "20:00", "20:40"),
    ("Net Loft", "!!Wow!!", "20:15", "20:45"),
    ("Customs House (Cellar)", "$till Water$", "21:00", "21:40"),
    ("Chandlery", "Low Tide Lowell", "21:15", "21:45"),
    ("Customs House", "Paper Crane Wreck", "22:00", "22:40"),
    ("Blue Anchor", "Kman & the 12s", "22:50", "23:30"),
    ("Net Loft", "夜行列車", "23:45", "24:30"),
    ("Chandlery", "mxdnght", "24:40", "25:30"),
)
DOORS_OPENED_MINUTES_AGO = 150
UNANNOUNCED_FROM = 5  # of the next season's sets the first five are announced


@transaction.atomic
def build_demo(*, now: datetime, force: bool = False) -> list[Event]:
    """Make the demo, or bring it to the present; answers tonight's event, last season's and next season's.

    Raises ValidationError on a database that has other events, unless `force`.
    """
    others = Event.objects.exclude(slug__in=SLUGS)
    if others.exists() and not force:
        raise ValidationError(
            f"There are other events here, {others[0]} for one. The demo would mix with them; --force makes it anyway."
        )
    people, places = _bands(now=now), _venues(now=now)
    tonight = night_of(now, ZONE, ROLLOVER)
    made: dict[str, Any] = {"bands": people, "venues": places, "now": now}
    return [
        _tonight(tonight, **made),
        _last_season(tonight - timedelta(days=SEASON_NIGHTS), **made),
        _next_season(tonight + timedelta(days=SEASON_NIGHTS), **made),
    ]


def _tonight(night: date, *, bands: dict[str, BandProfile], venues: dict[str, Venue], now: datetime) -> Event:
    event = _event(
        TONIGHT,
        "Harbour Street Crawl",
        night,
        now=now,
        description="Five rooms, one street, one ticket. **Invented**: no such band plays tonight.",
        price="$20, or pay what you can at the door",
        age_rule="19+",
    )
    start_of_now = now.replace(second=0, microsecond=0) - timedelta(minutes=now.minute % 5)
    set_doors(event, night, start_of_now - timedelta(minutes=DOORS_OPENED_MINUTES_AGO), by=None, now=now)
    for planned in AROUND_NOW:
        starts_at = None if planned.starts_in is None else start_of_now + timedelta(minutes=planned.starts_in)
        _keep_set(
            event,
            planned.who,
            bands=bands,
            venue=venues[planned.venue] if planned.venue else None,
            night=night,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=planned.minutes) if starts_at and planned.minutes else None,
            notes=planned.notes,
            now=now,
        )
    for venue, who, start, end in AFTER_MIDNIGHT:
        starts_at, ends_at = _wall(night, start), _wall(night, end) if end else None
        _keep_set(
            event,
            who,
            bands=bands,
            venue=venues[venue],
            night=night,
            starts_at=starts_at,
            ends_at=ends_at,
            key=f"{who} after midnight",
            now=now,
        )
    _publish(event, now=now)
    lineup.cancel_set(_find(event, "Low Tide Lowell"), by=None, now=now)
    ferry = _find(event, "Dog Ferry")
    replacement = Performance.objects.filter(replaces=ferry).select_related("event").first()
    replacement = replacement or lineup.replace_set(ferry, band=bands["mxdnght"], by=None, now=now)
    lineup.retime_set(replacement, starts_at=ferry.starts_at, ends_at=ferry.ends_at, night=night, by=None, now=now)
    event.refresh_from_db()
    return event


def _last_season(night: date, *, bands: dict[str, BandProfile], venues: dict[str, Venue], now: datetime) -> Event:
    event = _event(LAST_SEASON, "Harbour Street Crawl, last season", night, now=now)
    _fill(event, bands=bands, venues=venues, now=now)
    _publish(event, now=now)
    publishing.archive_event(event, by=None, now=now)
    return event


def _next_season(night: date, *, bands: dict[str, BandProfile], venues: dict[str, Venue], now: datetime) -> Event:
    event = _event(NEXT_SEASON, "Harbour Street Crawl, next season", night, now=now, reveal_mode=True)
    for position, performance in enumerate(_fill(event, bands=bands, venues=venues, now=now)):
        if position < UNANNOUNCED_FROM:
            lineup.announce_set(performance, by=None, now=now)
    _publish(event, now=now)
    return event


def _fill(event: Event, *, bands: dict[str, BandProfile], venues: dict[str, Venue], now: datetime) -> list[Performance]:
    return [
        _keep_set(
            event,
            who,
            bands=bands,
            venue=venues[venue],
            night=event.date,
            starts_at=_wall(event.date, start),
            ends_at=_wall(event.date, end),
            now=now,
        )
        for venue, who, start, end in FULL_NIGHT
    ]


def _event(slug: str, name: str, night: date, *, now: datetime, **fields: Any) -> Event:
    event = Event.objects.filter(slug=slug).first()
    if event is None:
        return create_event(
            name=name, slug=slug, date=night, timezone=ZONE.key, city="Port Invented", by=None, now=now, **fields
        )
    update_event(event, date=night, by=None, now=now)
    for doors in event.doors.exclude(night=night):
        remove_doors(doors, by=None, now=now)
    return event


def _keep_set(
    event: Event,
    who: str,
    *,
    bands: dict[str, BandProfile],
    venue: Venue | None,
    night: date,
    starts_at: datetime | None,
    ends_at: datetime | None,
    now: datetime,
    notes: str = "",
    key: str = "",
) -> Performance:
    """The set of that name, made when it is missing, else brought to the wanted times."""
    uid = uuid.uuid5(NAMESPACE, f"{event.slug}/{key or who}")
    performance = Performance.objects.filter(uid=uid).select_related("event").first()
    if performance is None:
        band = bands.get(who)
        return lineup.add_set(
            event,
            uid=uid,
            night=night,
            band=band,
            billing="" if band else who,
            venue=venue,
            starts_at=starts_at,
            ends_at=ends_at,
            notes=notes,
            by=None,
            now=now,
        )
    lineup.retime_set(performance, starts_at=starts_at, ends_at=ends_at, night=night, by=None, now=now)
    return performance


def _find(event: Event, who: str) -> Performance:
    return Performance.objects.select_related("event").get(uid=uuid.uuid5(NAMESPACE, f"{event.slug}/{who}"))


def _publish(event: Event, *, now: datetime) -> None:
    if event.status == Event.Status.DRAFT:
        publishing.publish_event(event, by=None, now=now)


def _wall(night: date, text: str) -> datetime:
    """ "24:10" on a night as an instant."""
    hours, minutes = (int(part) for part in text.split(":"))
    midnight = datetime.combine(night, time(), tzinfo=ZONE)
    return shift_by_nights(midnight.replace(hour=hours % 24, minute=minutes), hours // 24, ZONE)


def _bands(*, now: datetime) -> dict[str, BandProfile]:
    bands = {}
    for name, genre, origin, links in BANDS:
        band = BandProfile.objects.filter(name=name).first()
        if band is None:
            genres = [find_genre(genre, by=None, now=now)]
            band = add_band(name, genres=genres, origin=origin, social_links=links, by=None, now=now)
        bands[name] = band
    add_alias(bands["夜行列車"], "Yakō Ressha", by=None, now=now)
    return bands


def _venues(*, now: datetime) -> dict[str, Venue]:
    venues: dict[str, Venue] = {}
    for name, address, latitude, longitude, order, house in VENUES:
        parent = venues[house] if house else None
        venue = Venue.objects.filter(name=name, parent=parent).first() or add_venue(
            name,
            address=address,
            latitude=latitude,
            longitude=longitude,
            walking_order=order,
            parent=parent,
            by=None,
            now=now,
        )
        venues[str(venue)] = venue
    return venues
