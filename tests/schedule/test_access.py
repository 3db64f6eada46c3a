"""Events given to people: who finds what, and that giving and taking is audited."""

from datetime import timedelta

import pytest

from accounts.models import AuditEntry
from schedule.access import give_access, take_access
from schedule.events import create_event, set_doors, update_event, update_venue
from schedule.models import (
    Change,
    Doors,
    Event,
    EventAccess,
    Performance,
    Pick,
    Plan,
    ShareLink,
    SlugRedirect,
)
from tests.factories import (
    MADE,
    NOW,
    SATURDAY,
    make_admin,
    make_event,
    make_public_event,
    make_set,
    make_user,
    make_venue,
    wall,
)

pytestmark = pytest.mark.django_db

SCOPED_MODELS = [Change, Doors, Event, EventAccess, Performance, Pick, Plan, ShareLink, SlugRedirect]


def make_everything_of(event, number):
    """A row of every model that belongs to an event, in this order of models: SCOPED_MODELS."""
    performance = make_set(event)
    doors = set_doors(event, SATURDAY, wall(event, "18:30"), **MADE)
    access = give_access(event, make_user("viewer", email=f"viewer{number}@label.example"), **MADE)
    update_event(event, slug=f"renamed-{number}", **MADE)
    plan = Plan.objects.create(event=event, key_hash="x")
    pick = Pick.objects.create(plan=plan, performance=performance)
    link = ShareLink.objects.create(slug=f"abcd123{number}", event=event, kind="live", plan=plan, expires_at=NOW)
    return [event.changes.first(), doors, event, access, performance, pick, plan, link, event.former_slugs.get()]


def trail():
    """Action, kind of thing, its number, before and after of every audit entry, oldest first."""
    return [
        (entry.action, entry.object_type, entry.object_id, entry.object_label, entry.before, entry.after)
        for entry in AuditEntry.objects.order_by("pk")
    ]


@pytest.mark.parametrize("role", ["viewer", "editor", "admin"])
def test_rows_of_given_events_alone_are_open_to_somebody_with_a_scope(role):
    given, foreign = make_event("Given Crawl"), make_public_event("Foreign Crawl")
    own, others = make_everything_of(given, 1), make_everything_of(foreign, 2)
    eve = make_user(role, given)

    found = [
        [model.objects.open_to(eve).filter(pk=row.pk).count() for model, row in zip(SCOPED_MODELS, rows, strict=True)]
        for rows in (own, others)
    ]
    assert found == [[1] * 9, [0] * 9]
    assert [row.is_open_to(eve) for row in own] == [True] * 9
    assert [row.is_open_to(eve) for row in others] == [False] * 9


def test_all_rows_are_open_to_somebody_without_a_scope():
    rows = make_everything_of(make_event(), 1)
    eve = make_user("viewer")

    assert [row.is_open_to(eve) for row in rows] == [True] * 9
    assert [model.objects.open_to(eve).count() for model in SCOPED_MODELS] == [
        model.objects.count() for model in SCOPED_MODELS
    ]


def test_former_addresses_of_venues_are_open_also_to_somebody_with_a_scope():
    update_venue(make_venue("Blue Anchor"), slug="anchor", **MADE)

    assert SlugRedirect.objects.get().is_open_to(make_user("editor", make_event()))


def test_row_that_is_not_saved_is_not_open_to_somebody_with_a_scope():
    given = make_event()
    eve = make_user("editor", given)

    assert [Event().is_open_to(eve), Performance(event=given).is_open_to(eve)] == [False, False]


def test_gate_shows_somebody_with_a_scope_what_is_public_and_what_she_was_given():
    given, foreign, public = make_event("Given Crawl"), make_event("Foreign Crawl"), make_public_event("Public Crawl")
    sets = [make_set(event) for event in (given, foreign, public)]
    eve = make_user("editor", given)

    assert set(Event.objects.visible_to(eve)) == {given, public}
    assert set(Performance.objects.visible_to(eve)) == {sets[0], sets[2]}
    assert set(Event.objects.visible_to(make_user("viewer"))) == {given, foreign, public}
    assert set(Performance.objects.visible_to(make_user("admin"))) == set(sets)


def test_access_is_given_and_taken_once_and_audited():
    event, eve, ana = make_event(), make_user("editor"), make_admin()
    number = str(event.pk)

    for _ in range(2):
        give_access(event, eve, by=ana, now=NOW)
    assert list(EventAccess.objects.values_list("event", "user")) == [(event.pk, eve.pk)]
    for _ in range(2):
        take_access(event, eve, by=ana, now=NOW + timedelta(hours=1))

    assert EventAccess.objects.count() == 0
    person = {"person": "editor@label.example"}
    assert trail() == [
        ("event.access_given", "schedule.event", number, "Harbour Street Crawl 3", {}, person),
        ("event.access_taken", "schedule.event", number, "Harbour Street Crawl 3", person, {}),
    ]
    assert set(AuditEntry.objects.values_list("user_id", flat=True)) == {ana.pk}


def test_access_that_nobody_had_is_taken_without_a_trace():
    event = make_event()
    make_user("editor", event)

    take_access(event, make_admin(), **MADE)

    assert (EventAccess.objects.count(), [action for action, *_ in trail()]) == (1, ["event.access_given"])


@pytest.mark.parametrize("is_scoped", [True, False])
def test_event_is_given_to_who_makes_it_when_she_has_a_scope(is_scoped):
    eve = make_user("editor", *([make_event("Given Crawl")] if is_scoped else []))

    event = create_event(name="New Crawl", date=SATURDAY, timezone="America/Toronto", by=eve, now=NOW)

    assert event.access.filter(user=eve).exists() == is_scoped
    assert event.is_open_to(eve)
