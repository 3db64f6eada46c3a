"""The running order: each function does one thing, records it, and raises the event's revision."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from schedule import lineup
from schedule.models import Change, Performance
from schedule.models.event import PUBLIC
from tests.factories import (
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

LATER = NOW + timedelta(hours=1)
SUNDAY = SATURDAY + timedelta(days=1)
Kind, Status = Change.Kind, Performance.Status


def changes_of(event, since=0):
    """What was recorded after a revision, as (kind, before, after, is_public)."""
    rows = Change.objects.filter(event=event, revision__gt=since)
    return [(row.kind, row.before, row.after, row.is_public) for row in rows]


def revision_of(event):
    event.refresh_from_db()
    return event.revision


def is_visible(performance):
    return Performance.objects.visible_to(PUBLIC).filter(pk=performance.pk).exists()


def test_add_set_records_what_was_added():
    event, ana = make_event(), make_admin()
    band, venue = make_band("$wamp A$$"), make_venue("Prohibition Warehouse")

    performance = lineup.add_set(
        event,
        night=SATURDAY,
        band=band,
        venue=venue,
        starts_at=wall(event, "23:55"),
        ends_at=wall(event, "24:25"),
        by=ana,
        now=LATER,
    )

    change = Change.objects.get(kind=Kind.ADDED)
    assert (change.performance, change.performance_uid, change.by, change.at, change.is_public) == (
        performance,
        performance.uid,
        ana,
        LATER,
        False,
    )
    assert change.before == {}
    assert change.after == {
        "venue": {"id": venue.pk, "name": "Prohibition Warehouse"},
        "night": "2026-10-10",
        "starts_at": "2026-10-11T03:55:00+00:00",
        "ends_at": "2026-10-11T04:25:00+00:00",
        "band": {"id": band.pk, "name": "$wamp A$$"},
        "kind": "set",
        "billing": "",
        "notes": "",
        "expected_delay_minutes": 0,
    }
    assert change.revision == revision_of(event) == 2
    assert (performance.created_by, performance.announced_at, performance.sequence) == (ana, LATER, 0)


def test_add_set_without_a_band_is_an_open_slot():
    event = make_event()

    slot = lineup.add_set(event, night=SATURDAY, by=None, now=NOW)

    assert (slot.kind, slot.title, slot.band, slot.venue, slot.starts_at) == ("placeholder", "TBA", None, None, None)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"start": "20:00", "end": "26:01"},
            "20:00 to 02:01 would be a set of 6 h 01 min. Correct it, or accept long sets.",
        ),
        ({"start": "20:00", "end": "20:00"}, "Start and end are both 20:00. Correct one, or leave the end empty."),
        ({"start": None, "end": "20:00"}, "A set with an end needs a start."),
        (
            {"night": SATURDAY + timedelta(days=1)},
            "2026-10-11 is not a night of Harbour Street Crawl 3 (2026-10-10 to 2026-10-10). "
            "Change the event's dates first.",
        ),
        ({"start": "48:00", "end": None}, "A start on 2026-10-12 does not belong to the night of 2026-10-10."),
        ({"band": None, "kind": Performance.Kind.SET}, "A set has a band; a placeholder or an activity has none."),
        ({"kind": Performance.Kind.ACTIVITY}, "A set has a band; a placeholder or an activity has none."),
    ],
)
def test_add_set_refuses_what_cannot_be_right(fields, message):
    event = make_event()

    with pytest.raises(ValidationError) as refusal:
        make_set(event, **fields)

    assert refusal.value.messages == [message]
    assert not event.performances.exists()


@pytest.mark.parametrize(("end", "fields"), [("26:00", {}), ("26:01", {"accept_long": True})])
def test_add_set_takes_six_hours_and_more_when_asked(end, fields):
    performance = make_set(make_event(), start="20:00", end=end, **fields)

    assert performance.ends_at == wall(performance.event, end)


@pytest.mark.parametrize(("reveal_mode", "is_announced"), [(False, True), (True, False)])
def test_add_set_is_unannounced_in_reveal_mode(reveal_mode, is_announced):
    performance = make_set(make_public_event(reveal_mode=reveal_mode))

    assert performance.is_announced == is_announced
    assert is_visible(performance) == is_announced


def test_retime_set_records_before_and_after_and_raises_the_sequence():
    event = make_public_event()
    performance = make_set(event)
    revision = revision_of(event)

    lineup.retime_set(
        performance, starts_at=wall(event, "20:15"), ends_at=wall(event, "20:45"), by=make_admin(), now=LATER
    )

    performance.refresh_from_db()
    assert (performance.starts_at, performance.ends_at, performance.sequence, performance.changed_at) == (
        wall(event, "20:15"),
        wall(event, "20:45"),
        1,
        LATER,
    )
    assert changes_of(event, revision) == [
        (
            "retimed",
            {"starts_at": "2026-10-11T00:00:00+00:00", "ends_at": "2026-10-11T00:30:00+00:00"},
            {"starts_at": "2026-10-11T00:15:00+00:00", "ends_at": "2026-10-11T00:45:00+00:00"},
            True,
        )
    ]
    assert revision_of(event) == revision + 1


def test_retime_set_again_with_the_same_times_changes_nothing():
    event = make_public_event()
    performance = make_set(event)
    revision = revision_of(event)

    made = lineup.retime_set(
        performance, starts_at=performance.starts_at, ends_at=performance.ends_at, by=None, now=LATER
    )

    performance.refresh_from_db()
    assert made == []
    assert (revision_of(event), performance.sequence, performance.changed_at) == (revision, 0, NOW)


def test_retime_set_keeps_a_long_set_long_when_other_things_change():
    event = make_event()
    performance = make_set(event, start="12:00", end="20:00", accept_long=True)

    lineup.change_set(performance, notes="All afternoon", by=None, now=LATER)

    performance.refresh_from_db()
    assert (performance.notes, performance.ends_at) == ("All afternoon", wall(event, "20:00"))


def test_move_set_records_both_venues():
    event = make_public_event()
    performance = make_set(event, venue="Blue Anchor")
    net_loft = make_venue("Net Loft")
    revision = revision_of(event)

    lineup.move_set(performance, venue=net_loft, by=None, now=LATER)
    lineup.move_set(performance, venue=None, by=None, now=LATER)

    performance.refresh_from_db()
    anchor = make_venue("Blue Anchor")
    assert changes_of(event, revision) == [
        (
            "moved",
            {"venue": {"id": anchor.pk, "name": "Blue Anchor"}},
            {"venue": {"id": net_loft.pk, "name": "Net Loft"}},
            True,
        ),
        ("moved", {"venue": {"id": net_loft.pk, "name": "Net Loft"}}, {"venue": None}, True),
    ]
    assert (performance.venue, performance.sequence) == (None, 2)


def test_change_set_makes_one_change_for_each_thing_and_one_new_sequence():
    event = make_public_event()
    performance = make_set(event)
    revision = revision_of(event)

    lineup.change_set(
        performance, venue=make_venue("Net Loft"), starts_at=wall(event, "20:05"), notes="Acoustic", by=None, now=LATER
    )

    performance.refresh_from_db()
    assert [kind for kind, *_ in changes_of(event, revision)] == ["moved", "retimed", "edited"]
    assert (performance.sequence, revision_of(event)) == (1, revision + 3)


def test_change_set_of_crew_notes_is_nobody_elses_business():
    event = make_public_event()
    performance = make_set(event)
    revision = revision_of(event)

    lineup.change_set(performance, crew_notes="Drum riser", by=None, now=LATER)

    performance.refresh_from_db()
    assert changes_of(event, revision) == [("edited", {"crew_notes": ""}, {"crew_notes": "Drum riser"}, False)]
    assert (performance.sequence, performance.changed_at) == (0, NOW)


def test_change_set_keeps_crew_notes_out_of_a_public_change():
    event = make_public_event()
    performance = make_set(event)
    revision = revision_of(event)

    lineup.change_set(performance, notes="Acoustic", crew_notes="Drum riser", by=None, now=LATER)

    assert changes_of(event, revision) == [
        ("edited", {"notes": ""}, {"notes": "Acoustic"}, True),
        ("edited", {"crew_notes": ""}, {"crew_notes": "Drum riser"}, False),
    ]


def test_retime_set_is_not_public_while_times_are_not():
    event = make_public_event(times_public=False, end_date=SATURDAY + timedelta(days=1))
    performance = make_set(event)
    event.refresh_from_db()
    revision, public_revision = event.revision, event.public_revision

    lineup.retime_set(performance, starts_at=wall(event, "21:00"), ends_at=None, by=None, now=LATER)
    event.refresh_from_db()
    assert ([is_public for *_, is_public in changes_of(event, revision)], event.public_revision) == (
        [False],
        public_revision,
    )

    lineup.retime_set(
        performance,
        night=SATURDAY + timedelta(days=1),
        starts_at=wall(event, "45:00"),
        ends_at=None,
        by=None,
        now=LATER,
    )
    performance.refresh_from_db()
    public = [(kind, after) for kind, _, after, is_public in changes_of(event, revision) if is_public]
    assert public == [("retimed", {"night": "2026-10-11"})]
    assert performance.sequence == 1


@pytest.mark.parametrize("name", ["status", "is_announced", "sequence", "event", "replaces"])
def test_change_set_writes_no_field_that_is_not_its_own(name):
    performance = make_set(make_event())

    with pytest.raises(ValueError, match=f"{name} cannot be edited here"):
        lineup.change_set(performance, by=None, now=LATER, **{name: None})


def test_functions_look_at_the_row_and_not_at_an_old_copy_of_it():
    """Two editors hold the same set; what the second does stands on what the first has done."""
    event = make_public_event(end_date=SATURDAY + timedelta(days=1))
    mine = make_set(event)
    yours = Performance.objects.select_related("event").get(pk=mine.pk)
    sunday = SATURDAY + timedelta(days=1)
    lineup.retime_set(mine, night=sunday, starts_at=wall(event, "44:00"), ends_at=None, by=None, now=LATER)

    lineup.retime_set(yours, starts_at=wall(event, "45:00"), ends_at=None, by=None, now=LATER)

    mine.refresh_from_db()
    assert (mine.night, mine.starts_at) == (sunday, wall(event, "45:00"))


def test_change_set_of_a_draft_raises_no_sequence():
    event = make_event()
    performance = make_set(event)

    lineup.retime_set(performance, starts_at=wall(event, "21:00"), ends_at=None, by=None, now=LATER)

    performance.refresh_from_db()
    assert (performance.sequence, performance.changed_at) == (0, LATER)
    assert changes_of(event)[-1][3] is False


def test_change_set_fills_an_open_slot_and_calls_it_revealed():
    event = make_public_event()
    slot = make_set(event, band=None, billing="Secret guest")
    uid, revision = slot.uid, revision_of(event)
    moth_choir = make_band("Moth Choir")

    lineup.change_set(slot, band=moth_choir, kind=Performance.Kind.SET, billing="", by=None, now=LATER)

    slot.refresh_from_db()
    assert (slot.uid, slot.title, slot.sequence) == (uid, "Moth Choir", 1)
    assert changes_of(event, revision) == [
        (
            "revealed",
            {"band": None, "kind": "placeholder", "billing": "Secret guest"},
            {"band": {"id": moth_choir.pk, "name": "Moth Choir"}, "kind": "set", "billing": ""},
            True,
        )
    ]


def test_change_set_turns_a_public_band_into_another_only_by_replacing():
    event = make_public_event()
    performance = make_set(event)

    with pytest.raises(ValidationError) as refusal:
        lineup.change_set(performance, band=make_band("Moth Choir"), by=None, now=LATER)

    assert refusal.value.code == "needs_replacement"


def test_change_set_corrects_the_band_of_a_draft():
    performance = make_set(make_event())

    lineup.change_set(performance, band=make_band("Moth Choir"), by=None, now=LATER)

    performance.refresh_from_db()
    assert performance.title == "Moth Choir"


def test_cancel_and_restore_keep_the_set_and_its_place():
    event = make_public_event()
    performance = make_set(event)
    revision = revision_of(event)

    lineup.cancel_set(performance, by=None, now=LATER)
    lineup.cancel_set(performance, by=None, now=LATER)
    performance.refresh_from_db()
    assert (performance.status, performance.sequence, is_visible(performance)) == (Status.CANCELLED, 1, True)

    lineup.restore_set(performance, by=None, now=LATER)
    performance.refresh_from_db()
    assert (performance.status, performance.sequence, is_visible(performance)) == (Status.SCHEDULED, 2, True)
    assert changes_of(event, revision) == [
        ("cancelled", {"status": "scheduled"}, {"status": "cancelled"}, True),
        ("restored", {"status": "cancelled"}, {"status": "scheduled"}, True),
    ]


def test_postponed_set_can_be_cancelled_and_a_cancelled_one_not_postponed():
    performance = make_set(make_public_event())

    lineup.postpone_set(performance, by=None, now=LATER)
    lineup.cancel_set(performance, by=None, now=LATER)
    with pytest.raises(ValidationError) as refusal:
        lineup.postpone_set(performance, by=None, now=LATER)

    assert refusal.value.messages == ["The Harpoonist is cancelled. Restore it first."]


def test_set_postponed_to_a_new_date_is_on_then_and_keeps_the_old_one_in_the_change():
    event = make_public_event(end_date=SUNDAY)
    performance = make_set(event)
    revision = revision_of(event)
    new = {"night": SUNDAY, "starts_at": wall(event, "45:00"), "ends_at": wall(event, "45:30")}

    lineup.postpone_set(performance, **new, reason="Storm", by=None, now=LATER)
    lineup.postpone_set(performance, **new, by=None, now=LATER)

    performance.refresh_from_db()
    assert (performance.status, performance.night, performance.sequence) == (Status.SCHEDULED, SUNDAY, 1)
    assert changes_of(event, revision) == [
        (
            "postponed",
            {
                "night": "2026-10-10",
                "starts_at": "2026-10-11T00:00:00+00:00",
                "ends_at": "2026-10-11T00:30:00+00:00",
            },
            {
                "night": "2026-10-11",
                "starts_at": "2026-10-12T01:00:00+00:00",
                "ends_at": "2026-10-12T01:30:00+00:00",
            },
            True,
        )
    ]


def test_postponed_set_is_on_again_when_its_new_date_is_known():
    event = make_public_event(end_date=SUNDAY)
    performance = make_set(event)
    lineup.postpone_set(performance, by=None, now=LATER)
    performance.refresh_from_db()

    with pytest.raises(ValidationError) as refusal:
        lineup.postpone_set(
            performance,
            night=SATURDAY,
            starts_at=performance.starts_at,
            ends_at=performance.ends_at,
            by=None,
            now=LATER,
        )
    lineup.postpone_set(performance, night=SUNDAY, by=None, now=LATER)

    assert refusal.value.code == "same_date"
    performance.refresh_from_db()
    assert (performance.status, performance.night, performance.starts_at) == (Status.SCHEDULED, SUNDAY, None)


@pytest.mark.parametrize("end", [lineup.cancel_set, lineup.withdraw_set])
def test_set_that_does_not_take_place_is_not_postponed_to_a_date(end):
    performance = make_set(make_public_event(end_date=SUNDAY))
    end(performance, by=None, now=LATER)

    with pytest.raises(ValidationError) as refusal:
        lineup.postpone_set(performance, night=SUNDAY, by=None, now=LATER)

    assert refusal.value.code == "status"


@pytest.mark.parametrize("night", [SATURDAY - timedelta(days=1), SUNDAY + timedelta(days=1)])
def test_set_is_postponed_to_a_night_of_its_event(night):
    performance = make_set(make_public_event(end_date=SUNDAY))

    with pytest.raises(ValidationError) as refusal:
        lineup.postpone_set(performance, night=night, by=None, now=LATER)

    assert list(refusal.value.error_dict) == ["night"]


@pytest.mark.parametrize("reveal_mode", [False, True])
def test_withdraw_hides_a_set_with_and_without_reveal_mode(reveal_mode):
    event = make_public_event(reveal_mode=reveal_mode)
    performance = make_set(event, is_announced=True)
    revision = revision_of(event)

    lineup.withdraw_set(performance, by=None, now=LATER)

    performance.refresh_from_db()
    assert (performance.status, is_visible(performance)) == (Status.WITHDRAWN, False)
    assert changes_of(event, revision) == [
        (
            "withdrawn",
            {"status": "scheduled", "is_announced": True},
            {"status": "withdrawn", "is_announced": False},
            True,
        )
    ]

    lineup.restore_set(performance, by=None, now=LATER)
    performance.refresh_from_db()
    assert is_visible(performance) != reveal_mode


@pytest.mark.parametrize("act", [lineup.cancel_set, lineup.postpone_set, lineup.announce_set])
def test_withdrawn_set_is_left_alone_until_it_is_restored(act):
    performance = make_set(make_public_event())
    lineup.withdraw_set(performance, by=None, now=LATER)

    with pytest.raises(ValidationError) as refusal:
        act(performance, by=None, now=LATER)

    assert refusal.value.code == "status"


def test_replace_set_cancels_one_and_adds_another_in_its_slot():
    event = make_public_event()
    replaced = make_set(event, "Dog Ferry")
    revision = revision_of(event)

    replacement = lineup.replace_set(replaced, band=make_band("Moth Choir"), by=None, now=LATER)

    replaced.refresh_from_db()
    assert replaced.status == Status.CANCELLED
    assert replacement.uid != replaced.uid
    assert (replacement.replaces, replacement.title, replacement.night, replacement.venue) == (
        replaced,
        "Moth Choir",
        replaced.night,
        replaced.venue,
    )
    assert (replacement.starts_at, replacement.ends_at) == (replaced.starts_at, replaced.ends_at)
    assert [(kind, is_public) for kind, _, _, is_public in changes_of(event, revision)] == [
        ("cancelled", True),
        ("added", True),
        ("replaced", True),
    ]


def test_replaced_set_is_restored_only_when_its_replacement_is_gone():
    event = make_public_event()
    replaced = make_set(event, "Dog Ferry")
    replacement = lineup.replace_set(replaced, band=make_band("Moth Choir"), by=None, now=LATER)

    with pytest.raises(ValidationError) as refusal:
        lineup.restore_set(replaced, by=None, now=LATER)
    assert refusal.value.messages == ["Moth Choir plays instead of Dog Ferry. Cancel or withdraw Moth Choir first."]

    lineup.withdraw_set(replacement, by=None, now=LATER)
    lineup.restore_set(replaced, by=None, now=LATER)
    replaced.refresh_from_db()
    assert replaced.status == Status.SCHEDULED


def test_set_whose_replacement_was_a_mistake_is_restored_and_replaced_by_the_right_band():
    event = make_public_event()
    replaced = make_set(event, "Dog Ferry")
    mistaken = lineup.replace_set(replaced, band=make_band("Moth Chior"), by=None, now=LATER)
    lineup.withdraw_set(mistaken, by=None, now=LATER)
    revision = revision_of(event)

    lineup.restore_set(replaced, reason="Typo", by=None, now=LATER)
    right = lineup.replace_set(replaced, band=make_band("Moth Choir"), by=None, now=LATER)

    mistaken.refresh_from_db()
    assert (mistaken.replaces, mistaken.status, right.replaces) == (None, Status.WITHDRAWN, replaced)
    assert changes_of(event, revision)[1] == (
        "edited",
        {"replaces": {"id": replaced.pk, "name": "Dog Ferry"}},
        {"replaces": None},
        False,
    )
    assert [kind for kind, _, _, _ in changes_of(event, revision)] == [
        "restored",
        "edited",
        "cancelled",
        "added",
        "replaced",
    ]


def test_set_is_replaced_again_at_once_when_its_replacement_was_withdrawn():
    event = make_public_event()
    replaced = make_set(event, "Dog Ferry")
    mistaken = lineup.replace_set(replaced, band=make_band("Moth Chior"), by=None, now=LATER)
    lineup.withdraw_set(mistaken, by=None, now=LATER)

    right = lineup.replace_set(replaced, band=make_band("Moth Choir"), by=None, now=LATER)
    lineup.restore_set(mistaken, by=None, now=LATER)

    replaced.refresh_from_db()
    mistaken.refresh_from_db()
    assert (replaced.status, right.replaces) == (Status.CANCELLED, replaced)
    assert (mistaken.status, mistaken.replaces) == (Status.SCHEDULED, None)


def test_withdrawn_replacement_still_replaces_when_it_is_restored_first():
    replaced = make_set(make_public_event(), "Dog Ferry")
    replacement = lineup.replace_set(replaced, band=make_band("Moth Choir"), by=None, now=LATER)
    lineup.withdraw_set(replacement, by=None, now=LATER)

    lineup.restore_set(replacement, by=None, now=LATER)

    replacement.refresh_from_db()
    assert (replacement.status, replacement.replaces) == (Status.SCHEDULED, replaced)


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_replace_set_twice_is_refused_and_leaves_nothing(is_cancelled):
    event = make_public_event()
    replaced = make_set(event, "Dog Ferry")
    replacement = lineup.replace_set(replaced, band=make_band("Moth Choir"), by=None, now=LATER)
    if is_cancelled:
        lineup.cancel_set(replacement, by=None, now=LATER)
    revision = revision_of(event)

    with pytest.raises(ValidationError) as refusal:
        lineup.replace_set(replaced, band=make_band("The Harpoonist"), by=None, now=LATER)

    assert refusal.value.messages == ["Dog Ferry is replaced already, by Moth Choir. Replace or withdraw Moth Choir."]
    assert refusal.value.code == "replaced"
    assert (event.performances.count(), revision_of(event)) == (2, revision)


def test_announce_and_hide_keep_the_time_of_the_first_announcement():
    event = make_public_event(reveal_mode=True)
    performance = make_set(event)
    revision = revision_of(event)

    lineup.announce_set(performance, by=None, now=LATER)
    lineup.announce_set(performance, by=None, now=LATER)
    lineup.hide_set(performance, by=None, now=LATER)
    lineup.announce_set(performance, by=None, now=LATER + timedelta(days=1))

    performance.refresh_from_db()
    assert (performance.is_announced, performance.announced_at, is_visible(performance)) == (True, LATER, True)
    assert [(kind, is_public) for kind, _, _, is_public in changes_of(event, revision)] == [
        ("announced", True),
        ("hidden", True),
        ("announced", True),
    ]


def test_change_of_an_unannounced_set_is_not_public():
    event = make_public_event(reveal_mode=True)
    performance = make_set(event)

    lineup.retime_set(performance, starts_at=wall(event, "21:00"), ends_at=None, by=None, now=LATER)

    assert changes_of(event)[-1][3] is False
    performance.refresh_from_db()
    assert performance.sequence == 0


def test_delete_set_is_for_drafts_that_were_never_public():
    event = make_event()
    performance = make_set(event)
    uid = performance.uid

    lineup.delete_set(performance, by=None, now=LATER)

    change = Change.objects.get(kind=Kind.DELETED)
    assert (change.performance, change.performance_uid, change.before, change.is_public) == (
        None,
        uid,
        {
            "title": "The Harpoonist",
            "night": "2026-10-10",
            "starts_at": "2026-10-11T00:00:00+00:00",
            "ends_at": "2026-10-11T00:30:00+00:00",
            "venue": {"id": performance.venue_id, "name": "Blue Anchor"},
            "band": {"id": performance.band_id, "name": "The Harpoonist"},
            "kind": "set",
            "billing": "",
            "notes": "",
            "crew_notes": "",
            "expected_delay_minutes": 0,
            "status": "scheduled",
            "is_announced": True,
            "announced_at": "2026-10-01T12:00:00+00:00",
            "announce_at": None,
            "replaces": None,
        },
        False,
    )
    assert not event.performances.exists()


def test_deleted_replacement_keeps_which_set_it_replaced():
    replaced = make_set(make_event(), "Dog Ferry")
    replacement = lineup.replace_set(replaced, band=make_band("Moth Choir"), by=None, now=LATER)

    lineup.delete_set(replacement, by=None, now=LATER)

    kept = Change.objects.get(kind=Kind.DELETED).before["replaces"]
    assert kept == {"id": replaced.pk, "name": "Dog Ferry", "uid": str(replaced.uid)}


def test_delete_set_of_a_public_event_is_refused():
    performance = make_set(make_public_event())

    with pytest.raises(ValidationError) as refusal:
        lineup.delete_set(performance, by=None, now=LATER)

    assert refusal.value.messages == [
        "Harbour Street Crawl 3 has been public. Cancel or withdraw The Harpoonist; deleting is for drafts."
    ]
    assert Performance.objects.filter(pk=performance.pk).exists()


def test_failed_change_leaves_nothing_behind():
    event = make_public_event()
    performance = make_set(event)
    revision = revision_of(event)

    with pytest.raises(ValidationError):
        lineup.change_set(performance, notes="Acoustic", night=SATURDAY - timedelta(days=1), by=None, now=LATER)

    performance.refresh_from_db()
    assert (performance.notes, performance.night, revision_of(event)) == ("", SATURDAY, revision)


def test_night_is_stored_and_not_derived():
    """A set that starts at half past six in the morning and belongs to the night before."""
    event = make_event()

    performance = make_set(event, start="30:30", end="31:30")

    performance.refresh_from_db()
    assert performance.night == SATURDAY
    assert performance.starts_at == datetime(2026, 10, 11, 10, 30, tzinfo=UTC)
