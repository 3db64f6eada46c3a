"""What is hidden stays hidden: unique words in everything hidden, looked for in every public answer.

The addresses are taken from the resolver, so a new public address without values here fails.
"""

import itertools
from datetime import timedelta

import pytest
import time_machine
from django.urls import URLPattern, URLResolver, get_resolver

from schedule import events, lineup, publishing
from schedule.models import Performance
from tests.factories import (
    MADE,
    NOW,
    SATURDAY,
    make_admin,
    make_band,
    make_event,
    make_public_event,
    make_set,
    make_venue,
    wall,
)

pytestmark = pytest.mark.django_db

SHOW_TIME = wall  # 20:10 on the night, when something is on
QUERIES = ("", "?event={slug}", "?event=current", "?includeBands=true&past=true", "?city=all&genre=all&upcoming=false")


@pytest.fixture
def hidden(settings):
    """A published event in reveal mode with visible and hidden sets, and drafts around it; answers what is hidden."""
    canaries = {}

    def canary(name):
        canaries[name] = f"canary{len(canaries):02}{name}"
        return canaries[name]

    crawl = make_public_event("Open Crawl", slug="open-crawl", reveal_mode=True)
    make_set(crawl, "Open Band", is_announced=True, crew_notes=canary("crewnotes"))
    make_set(
        crawl,
        canary("unannouncedband"),
        venue=canary("unannouncedvenue"),
        start="21:00",
        end="21:30",
        notes=canary("unannouncednotes"),
    )
    replaced = make_set(crawl, canary("replacedunannounced"), start="22:00", end="22:30")
    lineup.announce_set(
        lineup.replace_set(replaced, band=make_band("Open Replacement"), by=None, now=NOW), by=None, now=NOW
    )
    withdrawn = make_set(crawl, canary("withdrawnband"), start="23:00", end="23:30", is_announced=True)
    lineup.withdraw_set(withdrawn, by=None, now=NOW)

    quiet = make_public_event("Quiet Times", slug="quiet-times", times_public=False)
    make_set(quiet, "Quiet Band", start="03:13", end="03:47", night=SATURDAY, accept_long=True)
    canaries["hidden start"], canaries["hidden start in 12 hours"] = "03:13", "3:13"
    canaries["hidden end"], canaries["hidden end in 12 hours"] = "03:47", "3:47"
    canaries["hidden start in UTC"] = "07:13"

    draft = make_event(
        canary("draftevent"), slug=canary("draftslug"), city=canary("draftcity"), description=canary("draftwords")
    )
    make_set(draft, canary("draftband"), venue=canary("draftvenue"))
    events.set_doors(draft, SATURDAY, wall(draft, "17:31"), by=None, now=NOW)
    taken_back = make_public_event(canary("unpublishedevent"), slug=canary("unpublishedslug"))
    make_set(taken_back, canary("unpublishedband"))
    publishing.unpublish_event(taken_back, by=None, now=NOW)
    events.update_event(taken_back, slug=canary("unpublishednewslug"), by=None, now=NOW)

    make_band(canary("idleband"), contact_email=f"{canary('idlecontact')}@label.example")
    open_band = make_band("Open Band")
    open_band.contact_email = f"{canary('openbandcontact')}@label.example"
    open_band.save()
    anchor = make_venue("Blue Anchor")
    email = f"{canary('venuecontact')}@venue.example"
    events.update_venue(anchor, phone="+1 519 555 0199", contact_email=email, **MADE)
    canaries["venue phone"] = "555 0199"
    make_venue(canary("retiredvenue"), is_active=False)
    make_admin(f"{canary('admin')}@label.example")
    return canaries


def public_patterns(resolver=None, prefix=""):
    """Every pattern of what is shown to the public, as (name, its converters and groups).

    The admin's and those of signing in show nothing of the schedule to strangers; tests/security walks them.
    """
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name not in ("admin", "accounts"):
                yield from public_patterns(pattern, f"{prefix}{pattern.pattern}")
        elif isinstance(pattern, URLPattern):
            yield pattern.name, f"{prefix}{pattern.pattern}"


def addresses():
    """Every public address with every value that it can take here, also those of what is hidden."""
    from bands.models import BandProfile
    from schedule.models import Event, Venue

    everything = Performance.objects.select_related("event")
    events_ = Event.objects.all()
    values = {
        "home": ["/"],
        "event_detail": [f"/events/{event.slug}/" for event in events_],
        "event_calendar": [f"/events/{event.slug}/schedule.ics" for event in events_],
        "set_calendar": [
            f"/events/{event.slug}/sets/{p.uid}.ics" for event, p in itertools.product(events_, everything)
        ],
        "shared_preview": [f"/preview/{token}/" for token in ("x" * 60, _expired_preview_token())],
        "band_list": ["/bands/"],
        "band_detail": [f"/bands/{band.slug}/" for band in BandProfile.objects.all()],
        "venue_detail": [f"/venues/{venue.slug}/" for venue in Venue.objects.all()],
        "old_event_address": [f"/event/{event.slug}" for event in events_],
        "old_band_address": [
            f"/band/{value}" for band in BandProfile.objects.all() for value in (band.pk, band.slug, band.lookup_key)
        ],
        "band_photo": [f"/media/bands/{'0' * 32}.jpg"],
        "event_poster": [f"/media/posters/{'0' * 32}.jpg"],
        "schedule": [f"/api/schedule?event={slug}" for slug in ("current", *(event.slug for event in events_))],
        "timeline": [f"/api/events/timeline{query}" for query in ("", "?includeBands=false", "?pastLimit=100")],
        "public_events": [
            f"/api/events/public{query}" for query in ("", "?upcoming=false", "?genre=blues", "?city=Waterloo")
        ],
        "event_details": [f"/api/events/{event.pk}/details" for event in events_],
    }
    missing = {name for name, _ in public_patterns()} - set(values)
    assert missing == set(), "public addresses without values here"
    return [address for listed in values.values() for address in listed] + ["/nothing", "/api/nothing"]


def _expired_preview_token():
    """A token that has opened a draft, until it was too late."""
    from accounts.models import User
    from schedule.models import Event
    from schedule.previews import make_link_token

    maker = User.objects.admins().first() or make_admin("maker@label.example")
    event = Event.objects.order_by("pk").last()
    return make_link_token(event, shows_everything=True, days=1, by=maker, now=NOW - timedelta(days=30))[0]


def answers(client):
    """Status, headers and body of every public answer, what was asked for taken out of it."""
    found = {}
    for address in addresses():
        response = client.get(address)
        text = f"{response.status_code} {sorted(response.headers.items())} " + b"".join(response).decode()
        for part in address.replace("?event=", "/").split("/"):
            if part and response.status_code in {301, 404}:
                text = text.replace(part, "")
        found[address] = text
    return found


@pytest.mark.parametrize("signed_in", [False, True], ids=["anonymous", "admin"])
@pytest.mark.parametrize("hour", ["12:00", "20:10", "27:20"])
def test_hidden_things_are_in_no_public_answer(client, hidden, signed_in, hour):
    if signed_in:
        client.force_login(make_admin("visitor@label.example"))
    now = wall(make_event("Clock", slug="clock"), hour)

    with time_machine.travel(now, tick=False):
        leaks = [
            (address, name)
            for address, text in answers(client).items()
            for name, canary in hidden.items()
            if canary.lower() in text.lower()
        ]

    assert leaks == []


def test_visible_things_are_found_by_the_same_search(client, hidden):
    """The search would find what is there: otherwise the test above could not fail."""
    with time_machine.travel(wall(make_event("Clock", slug="clock"), "20:10"), tick=False):
        everything = answers(client)

    assert [
        name
        for name in ("Open Crawl", "Open Band", "Open Replacement", "Quiet Band")
        if name not in "".join(everything.values())
    ] == []
    found_in = {address for address, text in everything.items() if "Open Band" in text}
    assert {"/events/open-crawl/", "/events/open-crawl/schedule.ics", "/bands/", "/venues/blue-anchor/"} <= found_in
    assert {"/api/schedule?event=current", "/api/events/timeline"} <= found_in


def test_hidden_things_change_no_public_answer(client):
    """The answers are the same bytes with and without what is hidden, so no count, order or tag tells of it."""
    crawl = make_public_event("Open Crawl", slug="open-crawl", reveal_mode=True)
    make_set(crawl, "Open Band", is_announced=True)
    with time_machine.travel(wall(crawl, "20:10"), tick=False):
        asked = addresses()
        before = {address: client.get(address) for address in asked}
        before = {address: (r.status_code, r.headers.get("ETag"), r.content) for address, r in before.items()}
        revision = crawl.revision

        make_set(crawl, "Hidden Band", venue="Hidden Venue", start="19:00", end="20:30")
        make_set(make_event("Hidden Draft", date=SATURDAY - timedelta(days=1)), "Hidden Band")
        make_band("Idle Band")
        crawl.refresh_from_db()
        after = {address: client.get(address) for address in asked}
        after = {address: (r.status_code, r.headers.get("ETag"), r.content) for address, r in after.items()}

    assert crawl.revision > revision
    differing = [address for address in asked if before[address] != after[address]]
    assert differing == []
