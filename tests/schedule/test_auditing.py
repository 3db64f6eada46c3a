"""What people do to events, sets and venues is in the audit trail, in the transaction of the change."""

from datetime import timedelta

import pytest

from accounts import trails
from accounts.models import AuditEntry
from bands import auditing
from schedule import access, changes, events, lineup, publishing
from schedule.importing import Options, import_lineup
from schedule.lineup_files import read_lineup
from schedule.models import Change, Doors, Event, EventAccess, Performance, Venue
from tests.factories import (
    MADE,
    NOW,
    SATURDAY,
    make_admin,
    make_band,
    make_event,
    make_public_event,
    make_set,
    make_user,
    make_venue,
    wall,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return {"by": make_admin(), "now": NOW + timedelta(hours=1)}


def trail():
    """Action, what it was done to, before and after of every audit entry, oldest first."""
    return [
        (entry.action, entry.object_type, entry.object_label, entry.before, entry.after)
        for entry in AuditEntry.objects.order_by("pk")
    ]


# --- Sets --------------------------------------------------------------------------------------


def test_set_that_is_added_is_audited_with_all_it_was_given(made):
    event, venue = make_event(), make_venue("Cellar", parent=make_venue("Customs House"))

    performance = lineup.add_set(
        event, night=SATURDAY, band=make_band(), venue=venue, starts_at=wall(event, "20:00"), crew_notes="DI.", **made
    )

    assert trail() == [
        (
            "performance.added",
            "schedule.performance",
            "The Harpoonist",
            {},
            {
                "band": "The Harpoonist",
                "billing": "",
                "ends_at": None,
                "expected_delay_minutes": 0,
                "kind": "set",
                "night": "2026-10-10",
                "notes": "",
                "starts_at": "2026-10-11T00:00:00+00:00",
                "venue": "Customs House (Cellar)",
            },
        )
    ]
    entry = AuditEntry.objects.get()
    assert (entry.object_id, entry.user_id, entry.at) == (str(performance.pk), made["by"].pk, made["now"])


SET_ACTIONS = [
    (
        lambda each, made: lineup.move_set(each, venue=make_venue("Net Loft"), **made),
        [("moved", {"venue": "Blue Anchor"}, {"venue": "Net Loft"})],
    ),
    (
        lambda each, made: lineup.retime_set(each, starts_at=wall(each.event, "21:00"), ends_at=None, **made),
        [
            (
                "retimed",
                {"starts_at": "2026-10-11T00:00:00+00:00", "ends_at": "2026-10-11T00:30:00+00:00"},
                {"starts_at": "2026-10-11T01:00:00+00:00", "ends_at": None},
            )
        ],
    ),
    (
        lambda each, made: lineup.change_set(each, notes="Loud.", crew_notes="DI.", **made),
        [("edited", {"notes": ""}, {"notes": "Loud."}), ("edited", {"crew_notes": ""}, {"crew_notes": "DI."})],
    ),
    (
        lambda each, made: lineup.cancel_set(each, **made),
        [("cancelled", {"status": "scheduled"}, {"status": "cancelled"})],
    ),
    (
        lambda each, made: lineup.postpone_set(each, **made),
        [("postponed", {"status": "scheduled"}, {"status": "postponed"})],
    ),
    (
        lambda each, made: lineup.withdraw_set(each, **made),
        [
            (
                "withdrawn",
                {"status": "scheduled", "is_announced": True},
                {"status": "withdrawn", "is_announced": False},
            )
        ],
    ),
    (
        lambda each, made: lineup.restore_set(lineup.cancel_set(each, **MADE)[0].performance, **made),
        [("restored", {"status": "cancelled"}, {"status": "scheduled"})],
    ),
    (lambda each, made: lineup.hide_set(each, **made), [("hidden", {"is_announced": True}, {"is_announced": False})]),
    (
        lambda each, made: lineup.announce_set(lineup.hide_set(each, **MADE)[0].performance, **made),
        [("announced", {"is_announced": False}, {"is_announced": True})],
    ),
    (
        lambda each, made: lineup.delete_set(each, **made),
        [
            (
                "deleted",
                {
                    "title": "The Harpoonist",
                    "band": "The Harpoonist",
                    "kind": "set",
                    "billing": "",
                    "venue": "Blue Anchor",
                    "night": "2026-10-10",
                    "starts_at": "2026-10-11T00:00:00+00:00",
                    "ends_at": "2026-10-11T00:30:00+00:00",
                    "notes": "",
                    "crew_notes": "",
                    "expected_delay_minutes": 0,
                    "status": "scheduled",
                    "is_announced": True,
                    "announced_at": "2026-10-01T12:00:00+00:00",
                    "announce_at": None,
                    "replaces": None,
                },
                {},
            )
        ],
    ),
    (lambda each, made: lineup.change_set(each, notes="", **made), []),
]


@pytest.mark.parametrize(("act", "entries"), SET_ACTIONS)
def test_what_happens_to_a_set_is_audited_whole(made, act, entries):
    performance = make_set(make_event())

    act(performance, made)

    assert trail() == [
        (f"performance.{kind}", "schedule.performance", "The Harpoonist", before, after)
        for kind, before, after in entries
    ]


def test_replacement_is_audited_with_both_sets(made):
    replaced = make_set(make_event())

    lineup.replace_set(replaced, band=make_band("Moth Choir"), **made)

    assert [(action, label) for action, _, label, _, _ in trail()] == [
        ("performance.cancelled", "The Harpoonist"),
        ("performance.added", "Moth Choir"),
        ("performance.replaced", "The Harpoonist"),
    ]
    assert trail()[-1][3:] == ({"set": "The Harpoonist"}, {"set": "Moth Choir"})


def test_imported_set_is_audited_for_who_imports_it(made):
    file = read_lineup(b"band,venue,start,end,genre\nMoth Choir,Net Loft,20:00,20:30,punk\n", is_json=False)

    import_lineup(file, Options(event_slug=make_event().slug), **made)

    assert [(action, label) for action, _, label, _, _ in trail()] == [
        ("venue.created", "Net Loft"),
        ("genre.created", "punk"),
        ("band.created", "Moth Choir"),
        ("performance.added", "Moth Choir"),
    ]


# --- Events ------------------------------------------------------------------------------------


def test_event_is_audited_from_its_making_to_its_publishing(made):
    event = events.create_event(name="Harbour Crawl", date=SATURDAY, timezone="America/Toronto", **made)
    events.update_event(event, city="Guelph", **made)
    events.update_event(event, city="Guelph", **made)
    publishing.publish_event(event, allow_empty=True, **made)
    publishing.publish_event(event, allow_empty=True, **made)
    publishing.archive_event(event, **made)
    publishing.unarchive_event(event, **made)
    publishing.unpublish_event(event, **made)

    first = {"name": "Harbour Crawl", "date": "2026-10-10", "end_date": None, "timezone": "America/Toronto"}
    draft, published, archived = ({"status": status} for status in ("draft", "published", "archived"))
    assert trail() == [
        (f"event.{verb}", "schedule.event", "Harbour Crawl", before, after)
        for verb, before, after in (
            ("created", {}, first),
            ("edited", {"city": ""}, {"city": "Guelph"}),
            ("published", draft, published),
            ("archived", published, archived),
            ("unarchived", archived, published),
            ("unpublished", published, draft),
        )
    ]
    assert set(AuditEntry.objects.values_list("object_id", flat=True)) == {str(event.pk)}


def test_doors_are_audited_with_their_event(made):
    event = make_event()

    doors = events.set_doors(event, SATURDAY, wall(event, "18:30"), **made)
    events.remove_doors(doors, **made)

    closed = {"doors": {"night": "2026-10-10", "venue": None, "opens_at": None}}
    opened = {"doors": {**closed["doors"], "opens_at": "2026-10-10T22:30:00+00:00"}}
    assert [(action, before, after) for action, _, _, before, after in trail()] == [
        ("event.edited", closed, opened),
        ("event.edited", opened, closed),
    ]


def test_event_that_is_deleted_is_audited_with_what_went(made):
    event = make_event()
    make_set(event)
    number = str(event.pk)

    events.delete_event(event, confirmed_name=event.name, **made)

    before = {"name": "Harbour Street Crawl 3", "date": "2026-10-10", "sets": 1}
    assert trail() == [("event.deleted", "schedule.event", "Harbour Street Crawl 3", before, {})]
    assert AuditEntry.objects.get().object_id == number


# --- Venues ------------------------------------------------------------------------------------


def test_venue_is_audited_from_its_making_to_its_end_without_contact_data(made):
    house = make_venue("Customs House")
    room = events.add_venue("Cellar", parent=house, phone="+1 519 555 0199", city="", **made)
    events.update_venue(room, name="Vault", phone="+1 519 555 0200", contact_email="v@house.example", **made)
    events.update_venue(room, name="Vault", parent=None, contact_email="", **made)
    events.update_venue(room, name="Vault", **made)
    events.delete_venue(room, **made)

    private = "(private)"
    made_of = {"name": "Cellar", "slug": "customs-house-cellar", "parent": "Customs House", "phone": private}
    assert trail() == [
        ("venue.created", "schedule.venue", "Customs House (Cellar)", {}, made_of),
        (
            "venue.updated",
            "schedule.venue",
            "Customs House (Vault)",
            {"name": "Cellar", "phone": private, "contact_email": ""},
            {"name": "Vault", "phone": private, "contact_email": private},
        ),
        (
            "venue.updated",
            "schedule.venue",
            "Vault",
            {"parent": "Customs House", "contact_email": private},
            {"parent": None, "contact_email": ""},
        ),
        ("venue.deleted", "schedule.venue", "Vault", {"name": "Vault", "slug": "customs-house-cellar"}, {}),
    ]


# --- Together or not at all --------------------------------------------------------------------


def test_what_nobody_does_is_not_audited():
    event = make_public_event()
    lineup.cancel_set(make_set(event), **MADE)
    events.delete_venue(make_venue("Net Loft"), **MADE)
    events.delete_event(make_event("Another Crawl"), confirmed_name="Another Crawl", **MADE)

    assert trail() == []


CHANGES = {
    "create_event": lambda event, made: events.create_event(
        name="New Crawl", date=SATURDAY, timezone="America/Toronto", **made
    ),
    "update_event": lambda event, made: events.update_event(event, city="Guelph", **made),
    "publish_event": lambda event, made: publishing.publish_event(event, **made),
    "set_doors": lambda event, made: events.set_doors(event, SATURDAY, wall(event, "18:30"), **made),
    "delete_event": lambda event, made: events.delete_event(event, confirmed_name=event.name, **made),
    "add_set": lambda event, made: lineup.add_set(event, night=SATURDAY, **made),
    "cancel_set": lambda event, made: lineup.cancel_set(event.performances.get(), **made),
    "delete_set": lambda event, made: lineup.delete_set(event.performances.get(), **made),
    "add_venue": lambda event, made: events.add_venue("Net Loft", **made),
    "update_venue": lambda event, made: events.update_venue(Venue.objects.get(name="Empty"), name="Full", **made),
    "delete_venue": lambda event, made: events.delete_venue(Venue.objects.get(name="Empty"), **made),
    "give_access": lambda event, made: access.give_access(event, made["by"], **made),
    "take_access": lambda event, made: access.take_access(event, event.access.get().user, **made),
}


def house():
    """All that somebody could have changed."""
    return [
        *Event.objects.values_list("pk", "city", "status", "revision"),
        *Performance.objects.values_list("pk", "status"),
        *Venue.objects.values_list("pk", "name", "slug"),
        *Doors.objects.values_list("pk", "opens_at"),
        *Change.objects.values_list("pk", "kind"),
        *EventAccess.objects.values_list("user", "event"),
    ]


@pytest.mark.parametrize("fails", [True, False])
@pytest.mark.parametrize("change", CHANGES)
def test_change_that_cannot_be_audited_is_not_made(made, monkeypatch, change, fails):
    event = make_event()
    make_set(event)
    make_venue("Empty")
    make_user("editor", event)
    before, entries = house(), AuditEntry.objects.count()

    def audit(*args, **kwargs):
        trails.audit(*args, **kwargs)
        if fails:
            raise OSError("the disk is full")

    for module in (changes, auditing, access):
        monkeypatch.setattr(module, "audit", audit)

    if fails:
        with pytest.raises(OSError, match="the disk is full"):
            CHANGES[change](event, made)
    else:
        CHANGES[change](event, made)

    assert (house() == before, AuditEntry.objects.count() - entries) == (fails, 0 if fails else 1)
