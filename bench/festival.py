"""An invented festival of 120 sets, the same at every run: 4 nights, 6 rooms, 5 sets in each.

It lies in the past, so that no answer about it depends on the clock: nothing of it is playing now.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from django.db import transaction

from bands.library import add_band, find_genre
from bands.models import BandProfile
from schedule import lineup, publishing
from schedule.events import add_venue, create_event, set_doors
from schedule.models import Event, Venue

SLUG = "quayside-weekender"
ZONE = ZoneInfo("America/Toronto")
FIRST_NIGHT = date(2025, 8, 14)
NIGHTS, SETS_A_NIGHT = 4, 5
FIRST_SET_AT, SLOT_MINUTES = time(19, 30), 65  # the last set of a room begins at 23:50 and ends after midnight
SET_MINUTES = (40, 45, 35, 45, 50)

FIRST_WORDS = (
    *("Paper", "Copper", "Señor", "Midnight", "Gravel", "Velvet", "Northern", "Hollow", "Électrique", "Saltwater"),
    *("Broken", "Tin"),
)
SECOND_WORDS = (
    *("Lanterns", "Choir", "Machine", "& the Harpoons", "Orchard", "Radio", "Wolves", "Society", "Tremblay Trio"),
    "Ferry",
)
GENRES = (
    *("indie rock", "folk", "punk", "hip-hop", "electronic", "post-punk", "jazz", "soul", "garage rock", "dream pop"),
    *("country", "metal", "R&B", "surf"),
)
CITIES = (
    *(("Toronto", "ON"), ("Montréal", "QC"), ("Hamilton", "ON"), ("Halifax", "NS"), ("Guelph", "ON")),
    *(("Winnipeg", "MB"), ("Vancouver", "BC")),
)
LAST_SET_NOTE = "Album release show. Doors close during songs."
# name, street, latitude, longitude, room of
VENUES = (
    ("Blue Anchor Tavern", "5 Quay Street South", 43.4651, -80.5241, None),
    ("The Net Loft", "11 Quay Street South", 43.4656, -80.5236, None),
    ("Customs House", "20 Quay Street North", 43.4662, -80.5230, None),
    ("Cellar", "", None, None, "Customs House"),
    ("St. Brendan's Hall", "42 Harbour Road", 43.4670, -80.5222, None),
    ("Chandlery Bar & Kitchen", "57 Harbour Road, Unit 3", 43.4677, -80.5214, None),
)


@transaction.atomic
def build_festival(*, now: datetime) -> Event:
    """The festival with its bands, rooms and doors, published; written by the functions that organizers use."""
    event = create_event(
        name="Quayside Weekender 2025",
        slug=SLUG,
        date=FIRST_NIGHT,
        end_date=FIRST_NIGHT + timedelta(days=NIGHTS - 1),
        timezone=ZONE.key,
        city="Port Invented, Ontario",
        description="Four nights, six rooms, one wristband. **Walk two minutes, hear something else.**",
        ticket_url="https://tickets.example/quayside-weekender",
        presented_by="Quayside Arts Society",
        age_rule="19+",
        price="$65 for the weekend, $25 a night",
        venue_info=[{"name": "Box office", "address": "20 Quay Street North", "note": "Wristbands from 18:00."}],
        social_links={"website": "https://quayside.example", "instagram": "@quaysideweekender"},
        theme_colors={"accent": "#e4572e"},
        by=None,
        now=now,
    )
    bands, venues = _bands(now=now), _venues(now=now)
    for night in event.nights():
        opening = datetime.combine(night, FIRST_SET_AT, tzinfo=ZONE)
        set_doors(event, night, opening - timedelta(minutes=30), by=None, now=now)
        for order, venue in product(range(SETS_A_NIGHT), venues):
            starts_at = opening + timedelta(minutes=order * SLOT_MINUTES)
            lineup.add_set(
                event,
                night=night,
                band=next(bands),
                venue=venue,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=SET_MINUTES[order]),
                notes=LAST_SET_NOTE if order == SETS_A_NIGHT - 1 else "",
                by=None,
                now=now,
            )
    publishing.publish_event(event, by=None, now=now)
    return event


def _bands(*, now: datetime) -> Iterator[BandProfile]:
    genres = [find_genre(name, by=None, now=now) for name in GENRES]
    for position, (second, first) in enumerate(product(SECOND_WORDS, FIRST_WORDS)):
        name, address = f"{first} {second}", f"band{position}.example"
        city, region = CITIES[position % len(CITIES)]
        yield add_band(
            name,
            genres=[genres[position % len(genres)]] + ([genres[position * 3 % len(genres)]] if position % 2 else []),
            origin_city=city,
            origin_region=region,
            description=f"**{name}** come from {city} and play louder than their van.",
            social_links={"website": f"https://{address}", "instagram": f"@band{position}"},
            by=None,
            now=now,
        )


def _venues(*, now: datetime) -> list[Venue]:
    venues: dict[str, Venue] = {}
    for order, (name, street, latitude, longitude, house) in enumerate(VENUES, start=1):
        place = {"city": "Port Invented", "region": "ON", "postal_code": "N2X 1A1", "country": "Canada"}
        venues[name] = add_venue(
            name,
            address_line1=street,
            latitude=latitude,
            longitude=longitude,
            walking_order=order,
            parent=venues[house] if house else None,
            **(place if street else {}),
            by=None,
            now=now,
        )
    return list(venues.values())
