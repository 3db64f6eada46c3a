"""Publishing an event and taking it back."""

import contextlib
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from schedule import lineup, publishing
from schedule.models import Change, Event
from schedule.models.event import PUBLIC
from tests.factories import NOW, make_admin, make_event, make_public_event, make_set

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
STATUSES = ("draft", "published", "archived")


def state_of(event):
    event.refresh_from_db()
    return (event.status, event.published_at, event.archived_at)


def test_publish_event_makes_it_visible_and_records_it():
    event, ana = make_event(), make_admin()
    make_set(event)

    publishing.publish_event(event, by=ana, now=LATER)

    change = Change.objects.get(kind=Change.Kind.EVENT_PUBLISHED)
    assert state_of(event) == ("published", LATER, None)
    assert list(Event.objects.visible_to(PUBLIC)) == [event]
    assert (change.before, change.after, change.by, change.revision, change.is_public) == (
        {"status": "draft"},
        {"status": "published"},
        ana,
        event.revision,
        True,
    )


def test_publish_event_refuses_an_empty_line_up_unless_told():
    event = make_event()

    with pytest.raises(ValidationError) as refusal:
        publishing.publish_event(event, by=None, now=LATER)
    assert refusal.value.messages == [
        "Harbour Street Crawl 3 has no sets yet. Add the running order, or publish it with the line-up to be announced."
    ]
    assert state_of(event) == ("draft", None, None)

    publishing.publish_event(event, allow_empty=True, by=None, now=LATER)
    assert state_of(event) == ("published", LATER, None)


def test_publish_event_does_not_count_withdrawn_sets():
    event = make_event()
    lineup.withdraw_set(make_set(event), by=None, now=NOW)

    with pytest.raises(ValidationError) as refusal:
        publishing.publish_event(event, by=None, now=LATER)

    assert refusal.value.code == "empty_lineup"


def test_publishing_again_keeps_the_first_time():
    event = make_public_event()

    publishing.unpublish_event(event, by=None, now=LATER)
    assert state_of(event) == ("draft", NOW, None)
    publishing.publish_event(event, allow_empty=True, by=None, now=LATER)

    assert state_of(event) == ("published", NOW, None)


def test_archive_event_is_a_label_and_can_be_undone():
    event = make_public_event()

    publishing.archive_event(event, by=None, now=LATER)
    assert state_of(event) == ("archived", NOW, LATER)
    assert list(Event.objects.visible_to(PUBLIC)) == [event]

    publishing.unarchive_event(event, by=None, now=LATER)
    assert state_of(event) == ("published", NOW, None)


@pytest.mark.parametrize(
    ("act", "leads_to", "comes_from"),
    [
        (publishing.publish_event, "published", "draft"),
        (publishing.unpublish_event, "draft", "published"),
        (publishing.archive_event, "archived", "published"),
        (publishing.unarchive_event, "published", "archived"),
    ],
)
@pytest.mark.parametrize("status", STATUSES)
def test_status_changes_only_from_where_it_may(act, leads_to, comes_from, status):
    event = make_event()
    make_set(event)
    if status != "draft":
        publishing.publish_event(event, by=None, now=NOW)
    if status == "archived":
        publishing.archive_event(event, by=None, now=NOW)
    event.refresh_from_db()
    revision = event.revision

    if status == leads_to:
        act(event, by=None, now=LATER)
        expected = (status, revision)
    elif status == comes_from:
        act(event, by=None, now=LATER)
        expected = (leads_to, revision + 1)
    else:
        with pytest.raises(ValidationError):
            act(event, by=None, now=LATER)
        expected = (status, revision)

    event.refresh_from_db()
    assert (event.status, event.revision) == expected


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("name", ["publish", "unpublish", "archive", "unarchive"])
def test_next_steps_are_those_that_lead_out_of_the_state(status, name):
    event = make_event() if status == "draft" else make_public_event()
    make_set(event)
    if status == "archived":
        publishing.archive_event(event, by=None, now=LATER)

    with contextlib.suppress(ValidationError):
        getattr(publishing, f"{name}_event")(event, by=None, now=LATER)

    assert (event.status != status) == (name in publishing.NEXT_STEPS[Event.Status(status)])


def test_line_up_is_there_while_a_set_is_not_withdrawn():
    event = make_event()
    assert not publishing.has_lineup(event)
    performance = make_set(event)
    assert publishing.has_lineup(event)
    lineup.withdraw_set(performance, by=None, now=LATER)
    assert not publishing.has_lineup(event)
