"""What the database itself refuses, past every form and domain function."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from bands.models import BandAlias, BandProfile, BandSlugRedirect, Genre
from schedule import events
from schedule.models import Change, Doors, Event, Performance, Pick, Plan, ShareLink, SlugRedirect, Venue
from tests.factories import NOW, SATURDAY, make_band, make_event, make_set, make_venue, wall

pytestmark = pytest.mark.django_db


def refused_by(act):
    """The name of the constraint that stops a write, as far as the database tells; empty when nothing does."""
    try:
        with transaction.atomic():
            act()
    except IntegrityError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"ends_at": "start"}, "performance_ends_after_it_starts"),
        ({"starts_at": None}, "performance_with_an_end_has_a_start"),
        ({"band": None, "kind": "placeholder"}, "performance_has_a_band_or_a_billing"),
        ({"band": None, "billing": "TBA"}, "performance_is_a_set_exactly_when_it_has_a_band"),
        ({"kind": "activity"}, "performance_is_a_set_exactly_when_it_has_a_band"),
        ({"status": "sold out"}, "performance_status_is_known"),
        ({"announced_at": None}, "performance_that_is_announced_has_the_time_of_it"),
        ({"replaces": "itself"}, "performance_does_not_replace_itself"),
    ],
)
def test_performance_that_cannot_be_is_refused(fields, constraint):
    performance = make_set(make_event())
    values = {
        name: {"start": performance.starts_at, "itself": performance}.get(value, value)
        if isinstance(value, str)
        else value
        for name, value in fields.items()
    }

    refusal = refused_by(lambda: Performance.objects.filter(pk=performance.pk).update(**values))

    assert constraint in refusal


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"end_date": SATURDAY - timedelta(days=1)}, "event_ends_on_or_after_its_first_night"),
        ({"status": "hidden", "published_at": NOW}, "event_status_is_known"),
        ({"status": "published"}, "event_in_public_has_a_publishing_time"),
        ({"status": "archived", "published_at": NOW}, "event_has_an_archiving_time_while_archived"),
        ({"archived_at": NOW}, "event_has_an_archiving_time_while_archived"),
    ],
)
def test_event_that_cannot_be_is_refused(fields, constraint):
    event = make_event()

    assert constraint in refused_by(lambda: Event.objects.filter(pk=event.pk).update(**fields))


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"latitude": 43.4}, "venue_has_both_coordinates_or_none"),
        ({"latitude": 91, "longitude": 0}, "venue_has_both_coordinates_or_none"),
        ({"latitude": 0, "longitude": -181}, "venue_has_both_coordinates_or_none"),
        ({"parent": "itself"}, "venue_is_not_a_room_of_itself"),
    ],
)
def test_venue_that_cannot_be_is_refused(fields, constraint):
    venue = make_venue()
    values = {name: venue if value == "itself" else value for name, value in fields.items()}

    assert constraint in refused_by(lambda: Venue.objects.filter(pk=venue.pk).update(**values))


def test_rows_that_must_be_one_of_a_kind_are():
    event, band, venue = make_event(), make_band(), make_venue()
    performance = make_set(event)
    plan = Plan.objects.create(event=event, key_hash="a" * 64)
    Pick.objects.create(plan=plan, performance=performance)
    events.set_doors(event, SATURDAY, wall(event, "18:00"), by=None, now=NOW)
    events.set_doors(event, SATURDAY, wall(event, "19:00"), venue=venue, by=None, now=NOW)
    BandAlias.objects.create(band=band, name="Harp", name_normalized="harp", folding_key="harp")
    BandSlugRedirect.objects.create(slug="harp", band=band)
    SlugRedirect.objects.create(kind="event", slug="old", event=event)
    Genre.objects.create(name="Blues", slug="blues")
    door = {"event": event, "night": SATURDAY, "opens_at": wall(event, "20:00")}
    change = {"event": event, "kind": "edited", "is_public": False, "at": NOW}

    second_ones = {
        "set uid": lambda: Performance.objects.create(
            event=event, uid=performance.uid, band=band, night=SATURDAY, changed_at=NOW, announced_at=NOW
        ),
        "replacement": lambda: [
            Performance.objects.create(
                event=event, band=band, night=SATURDAY, changed_at=NOW, announced_at=NOW, replaces=performance
            )
            for _ in range(2)
        ],
        "plan": lambda: Plan.objects.create(event=event, key_hash="a" * 64),
        "pick": lambda: Pick.objects.create(plan=plan, performance=performance),
        "doors of a night": lambda: Doors.objects.create(**door),
        "doors of a venue": lambda: Doors.objects.create(**door, venue=venue),
        "event slug": lambda: Event.objects.create(name="Copy", slug=event.slug, date=SATURDAY, timezone="UTC"),
        "former event slug": lambda: SlugRedirect.objects.create(kind="event", slug="old", event=event),
        "former band slug": lambda: BandSlugRedirect.objects.create(slug="harp", band=band),
        "band name": lambda: BandProfile.objects.create(
            name="x", name_normalized=band.name_normalized, folding_key="x", slug="x"
        ),
        "alias": lambda: BandAlias.objects.create(band=band, name="HARP", name_normalized="harp", folding_key="harp"),
        "genre": lambda: Genre.objects.create(name="BLUES", slug="blues-2"),
        "venue name": lambda: Venue.objects.create(name="BLUE ANCHOR", slug="x"),
        "revision": lambda: [Change.objects.create(**change, revision=99) for _ in range(2)],
    }

    assert [name for name, act in second_ones.items() if not refused_by(act)] == []


@pytest.mark.parametrize(
    ("make", "constraint"),
    [
        (
            lambda event: ShareLink.objects.create(
                event=event, slug="abcd2345", kind="live", expires_at=timezone.now()
            ),
            "share_link_that_is_live_has_a_plan",
        ),
        (
            lambda event: ShareLink.objects.create(event=event, slug="short", kind="frozen", expires_at=timezone.now()),
            "share_link_slug_has_8_letters",
        ),
        (lambda event: Plan.objects.create(event=event, key_hash=""), "plan_has_a_key"),
        (
            lambda event: SlugRedirect.objects.create(kind="venue", slug="old", event=event),
            "former_slug_leads_to_what_its_kind_says",
        ),
        (
            lambda event: Change.objects.create(event=event, kind="painted", is_public=False, revision=99, at=NOW),
            "change_kind_is_known",
        ),
        (
            lambda event: BandProfile.objects.create(name="", name_normalized="", folding_key="x", slug="x"),
            "band_has_a_name",
        ),
        (
            lambda event: BandProfile.objects.create(name="x", name_normalized="x", folding_key="", slug="x"),
            "band_has_a_folding_key",
        ),
    ],
)
def test_row_that_cannot_be_is_refused(make, constraint):
    event = make_event()

    assert constraint in refused_by(lambda: make(event))


def test_deleting_an_event_takes_its_sets_and_leaves_bands_and_venues():
    event = make_event()
    make_set(event)

    event.delete()

    assert (Performance.objects.count(), BandProfile.objects.count(), Venue.objects.count()) == (0, 1, 1)
