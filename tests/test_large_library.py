"""The admin with 1,000 bands and 5,000 sets: no page of it takes more than twenty queries."""

import uuid
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bands.models import BandAlias, BandProfile, Genre
from bands.naming import keys_of
from schedule import publishing
from schedule.models import Change, Performance, Pick, Plan, Venue
from tests.admin_pages import sign_in
from tests.factories import MADE, NOW, SATURDAY, make_admin, make_event, make_set, make_user, wall

pytestmark = pytest.mark.django_db

MOST_QUERIES = 20
BANDS, VENUES, EVENTS, SETS_AN_EVENT = 1_000, 40, 25, 200
ONLY_ACTS = {405}  # a page that is only posted to


@pytest.fixture
def library():
    """Twenty-five events of 200 sets each, by a thousand bands in forty rooms, written in bulk."""
    genres = Genre.objects.bulk_create(Genre(name=f"genre {n}", slug=f"genre-{n}") for n in range(12))
    bands = BandProfile.objects.bulk_create(_band(n) for n in range(BANDS))
    through = BandProfile.genres.through
    through.objects.bulk_create(through(bandprofile=band, genre=genres[n % 12]) for n, band in enumerate(bands))
    BandAlias.objects.bulk_create(_alias(band) for band in bands[::3])
    venues = Venue.objects.bulk_create(Venue(name=f"Venue {n}", slug=f"venue-{n}") for n in range(VENUES))
    events = [make_event(f"Crawl {n}", date=SATURDAY + timedelta(days=7 * n)) for n in range(EVENTS)]
    for n, event in enumerate(events):
        if n % 2:
            publishing.publish_event(event, allow_empty=True, **MADE)
        Performance.objects.bulk_create(_set(event, at, bands, venues) for at in range(SETS_AN_EVENT))
    plans = Plan.objects.bulk_create(Plan(event=events[0], key_hash=f"key {n}") for n in range(50))
    picked = list(events[0].performances.order_by("pk")[:20])
    Pick.objects.bulk_create(Pick(plan=plan, performance=each) for plan in plans for each in picked)
    for n, each in enumerate(picked):  # sets that changed, each with something to tell
        Change.objects.create(
            event=events[0], performance=each, performance_uid=each.uid, kind=Change.Kind.MOVED, is_public=False,
            before={"venue": {"id": venues[0].pk, "name": "Venue 0"}},
            after={"venue": {"id": venues[1].pk, "name": "Venue 1"}}, revision=1_000 + n, at=NOW,
        )  # fmt: skip
    make_set(events[0], "Band 0")
    make_user("editor", events[0], email="moth@label.example")
    return events


def _band(number):
    name = f"Band {number}"
    keys = keys_of(name)
    return BandProfile(
        name=name, slug=f"band-{number}", name_normalized=keys.name_normalized, folding_key=keys.folding_key,
        lookup_key=keys.lookup_key,
    )  # fmt: skip


def _alias(band):
    keys = keys_of(f"{band.name} formerly")
    return BandAlias(
        band=band, name=f"{band.name} formerly", name_normalized=keys.name_normalized, folding_key=keys.folding_key
    )


def _set(event, at, bands, venues):
    starts_at = wall(event, "17:00") + timedelta(minutes=40 * (at // 20))
    return Performance(
        uid=uuid.uuid4(), event=event, band=bands[(at * 7 + event.pk * 31) % BANDS], kind="set", night=event.date,
        venue=venues[at % 20], starts_at=starts_at, ends_at=starts_at + timedelta(minutes=30), is_announced=at % 3 > 0,
        announced_at=NOW if at % 3 else None, changed_at=NOW,
    )  # fmt: skip


def pages_of_the_admin():
    """Every list, form and page of our own that the registry knows, each with rows to show."""
    yield reverse("admin:index")
    for model, model_admin in admin.site._registry.items():
        if model._meta.app_label not in apps.app_configs:
            continue
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        if model_admin.search_fields:
            yield f"{reverse(f'{name}_changelist')}?q=band"
        yield reverse(f"{name}_add")
        row = model._default_manager.order_by("pk").first()
        if row is None:
            continue
        for page in ("change", "history", "delete"):
            yield reverse(f"{name}_{page}", args=[row.pk])
        for page in getattr(model_admin, "pages", ()):
            if "<" not in page.address:
                yield reverse(f"{name}_{page.name}", args=[row.pk])


def test_no_page_of_the_admin_takes_more_than_twenty_queries(client, library):
    sign_in(client, make_admin())
    counts = {}

    for path in pages_of_the_admin():
        client.get(path)  # what is read once for everybody is not this page's
        with CaptureQueriesContext(
            connection,
        ) as queries:
            status = client.get(path).status_code
        counts[path] = (status, len(queries))

    answered = {path: status for path, (status, _) in counts.items() if status not in {200, 302, 403, *ONLY_ACTS}}
    assert answered == {}
    assert {path: count for path, (_, count) in counts.items() if count > MOST_QUERIES} == {}
    assert len(counts) > 100
