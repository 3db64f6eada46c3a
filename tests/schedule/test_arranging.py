"""Arranging a night in one go: the same rows as set by set, no clash half-way, and the way back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation

from accounts.models import AuditEntry
from schedule import arranging, conflicts, lineup, undoing
from schedule.arrangement_words import sentences_of
from schedule.arranging import RefusedSetError, StaleSetsError, Wish
from schedule.events import update_event
from schedule.models import Change, Performance
from schedule.set_acts import possible_acts
from schedule.undoing import CannotUndoError
from tests.factories import (
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

LATER, LATEST = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
Status = Performance.Status
IN_LINEUP = {
    "announce": lineup.announce_set,
    "hide": lineup.hide_set,
    "cancel": lineup.cancel_set,
    "restore": lineup.restore_set,
    "postpone": lineup.postpone_set,
    "withdraw": lineup.withdraw_set,
    "delete": lineup.delete_set,
}


def wish(performance, act="", **place):
    """What somebody wants who has just looked at a set."""
    more = {name: place.pop(name) for name in ("reason", "accept_long") if name in place}
    performance.refresh_from_db()
    return Wish(performance.pk, performance.version, place=place, act=act, **more)


def arrange(event, *wishes, by=None, now=LATER, **more):
    return arranging.arrange(event, SATURDAY, wishes, by=by, now=now, **more)


def undo(event, batch, *, by=None, now=LATEST):
    return undoing.undo(event, batch, by=by, now=now)


def times(event, start, end):
    return {"starts_at": wall(event, start), "ends_at": wall(event, end)}


def place_of(performance):
    performance.refresh_from_db()
    zone = performance.event.zone
    start, end = (
        instant and f"{instant.astimezone(zone):%H:%M}" for instant in (performance.starts_at, performance.ends_at)
    )
    return (str(performance.venue), start, end)


def state_of(performance):
    performance.refresh_from_db()
    return (performance.status, performance.is_announced)


def sentences(event, *wishes):
    return sentences_of(arranging.preview(event, SATURDAY, wishes, now=LATER))


# --- The same rows as set by set ---------------------------------------------------------------


def rows_of(event, *, since):
    """Everything that is stored of an event's sets and what happened to them, by the sets' titles."""
    titles = {performance.uid: performance.title for performance in event.performances.all()}
    left_out = ("id", "uid", "event_id", "created_at", "updated_at", "batch")
    sets = [{k: v for k, v in row.items() if k not in left_out} for row in event.performances.order_by("pk").values()]
    changes = [
        {k: v for k, v in row.items() if k not in (*left_out, "performance_id", "performance_uid")}
        | {"title": titles.get(row["performance_uid"]), "has_row": row["performance_id"] is not None}
        for row in event.changes.filter(revision__gt=since).values()
    ]
    event.refresh_from_db()
    return {"sets": sets, "changes": changes, "revisions": (event.revision, event.public_revision)}


EVENTS = {
    "draft": {},
    "public": {"is_public": True},
    "public, times later": {"is_public": True, "times_public": False},
    "public, in reveal mode": {"is_public": True, "reveal_mode": True},
    "draft in reveal mode": {"reveal_mode": True},
}
PLACES = {
    "moved": lambda event: {"venue": make_venue("Net Loft")},
    "moved out": lambda event: {"venue": None},
    "re-timed": lambda event: times(event, "22:00", "22:30"),
    "longer": lambda event: {"ends_at": wall(event, "20:40")},
    "open": lambda event: {"starts_at": None, "ends_at": None},
    "moved and re-timed": lambda event: {"venue": make_venue("Net Loft"), **times(event, "24:30", "25:30")},
    "the same": lambda event: {"venue": make_venue("Blue Anchor"), **times(event, "20:00", "20:30")},
}


def made(name, fields):
    """An event with a set of each state; the last is not in the board's way."""
    fields = dict(fields)
    event = (make_public_event if fields.pop("is_public", False) else make_event)(name, **fields)
    sets = [make_set(event, band) for band in ("The Harpoonist", "Moth Choir", "Dog Ferry", "mxdnght", "AAWKS")]
    lineup.announce_set(sets[0], by=None, now=NOW)
    lineup.cancel_set(sets[1], by=None, now=NOW)
    lineup.postpone_set(sets[2], by=None, now=NOW)
    lineup.withdraw_set(sets[3], by=None, now=NOW)
    for performance in sets:
        performance.refresh_from_db()
    return event, sets


@pytest.mark.parametrize("fields", EVENTS.values(), ids=EVENTS)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_places_are_recorded_as_set_by_set(fields, place):
    ana = make_admin()
    one_by_one, sets = made("One by One", fields)
    at_once, others = made("At Once", fields)
    since = Change.objects.filter(event=at_once).count()

    for performance in sets:
        lineup.change_set(performance, by=ana, now=LATER, **place(one_by_one))
    arrange(at_once, *(wish(each, **place(at_once)) for each in others), by=ana)

    assert rows_of(at_once, since=since) == rows_of(one_by_one, since=since)
    batches = set(at_once.changes.filter(revision__gt=since).values_list("batch", flat=True))
    assert len(batches) == (0 if place is PLACES["the same"] else 1)
    assert None not in batches


def refusal_of(do):
    """Why something is not done; empty when it is."""
    try:
        do()
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


@pytest.mark.parametrize("fields", EVENTS.values(), ids=EVENTS)
@pytest.mark.parametrize("act", IN_LINEUP)
def test_acts_are_recorded_as_set_by_set(fields, act):
    ana = make_admin()
    one_by_one, sets = made("One by One", fields)
    at_once, others = made("At Once", fields)
    since = Change.objects.filter(event=at_once).count()

    for performance, other in zip(sets, others, strict=True):
        alone = refusal_of(lambda each=performance: IN_LINEUP[act](each, reason="Ill.", by=ana, now=LATER))
        together = refusal_of(lambda other=other: arrange(at_once, wish(other, act, reason="Ill."), by=ana))
        assert together == alone.replace("One by One", "At Once")

    assert rows_of(at_once, since=since) == rows_of(one_by_one, since=since)


@pytest.mark.parametrize("fields", EVENTS.values(), ids=EVENTS)
@pytest.mark.parametrize("act", IN_LINEUP)
def test_acts_on_many_sets_are_recorded_as_set_by_set(fields, act):
    ana = make_admin()
    one_by_one, sets = made("One by One", fields)
    at_once, others = made("At Once", fields)
    Performance.objects.filter(is_announced=False).update(announce_at=LATEST)
    open_to = [act in possible_acts(each) for each in sets]
    since = Change.objects.filter(event=at_once).count()

    for performance in [each for each, is_open in zip(sets, open_to, strict=True) if is_open]:
        IN_LINEUP[act](performance, reason="Ill.", by=ana, now=LATER)
    arrange(
        at_once,
        *(wish(each, act, reason="Ill.") for each, is_open in zip(others, open_to, strict=True) if is_open),
        by=ana,
    )

    assert rows_of(at_once, since=since) == rows_of(one_by_one, since=since)
    assert None not in set(at_once.changes.filter(revision__gt=since).values_list("batch", flat=True))


@pytest.mark.parametrize("fields", EVENTS.values(), ids=EVENTS)
def test_possible_acts_are_those_that_lineup_does(fields):
    event, sets = made("One by One", fields)
    unwanted = "delete" if event.published_at else "withdraw"

    for performance in sets:
        done = []
        for act, do in IN_LINEUP.items():
            with transaction.atomic():
                before = state_of(performance)
                is_refused = refusal_of(lambda each=performance, do=do: do(each, by=None, now=LATER))
                is_different = not Performance.objects.filter(
                    pk=performance.pk, status=before[0], is_announced=before[1]
                ).exists()
                done += [act] if is_different and not is_refused and act != unwanted else []
                transaction.set_rollback(True)
        assert sorted(possible_acts(Performance.objects.get(pk=performance.pk))) == sorted(done)


def replaced(event, band="The Harpoonist", other="Late Arrivals"):
    """A set and the one that plays instead of it."""
    performance = make_set(event, band)
    instead = lineup.replace_set(performance, billing=other, by=None, now=NOW)
    return performance, instead


def test_a_set_is_not_restored_while_another_plays_instead():
    event = make_public_event()
    performance, instead = replaced(event)
    message = "Late Arrivals plays instead of The Harpoonist. Cancel or withdraw Late Arrivals first."

    for do in (arrange, sentences):
        with pytest.raises(RefusedSetError, match=message) as refusal:
            do(event, wish(performance, "restore"))
        assert refusal.value.performance == performance
    assert state_of(performance) == (Status.CANCELLED, True)

    lineup.cancel_set(instead, by=None, now=LATER)
    arrange(event, wish(performance, "restore"))

    assert state_of(performance) == (Status.SCHEDULED, True)


@pytest.mark.parametrize("act", ["cancel", "postpone", "withdraw", "delete"])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_set_is_restored_when_what_plays_instead_goes_at_once(act, is_first):
    event = (make_event if act == "delete" else make_public_event)()
    performance, instead = replaced(event)
    wishes = [wish(performance, "restore"), wish(instead, act)]

    saved = arrange(event, *(wishes if is_first else wishes[::-1]))
    assert state_of(performance) == (Status.SCHEDULED, True)

    undo(event, saved.batch)
    assert state_of(performance) == (Status.CANCELLED, True)
    assert state_of(event.performances.get(uid=instead.uid)) == (Status.SCHEDULED, True)


def test_a_place_and_an_act_are_recorded_in_this_order():
    one_by_one, at_once = make_public_event("One by One"), make_public_event("At Once")
    performance, other = make_set(one_by_one), make_set(at_once)
    since = Change.objects.filter(event=at_once).count()

    lineup.change_set(performance, by=None, now=LATER, **times(one_by_one, "21:00", "22:00"))
    lineup.cancel_set(performance, by=None, now=LATER)
    arrange(at_once, wish(other, "cancel", **times(at_once, "21:00", "22:00")))

    assert rows_of(at_once, since=since) == rows_of(one_by_one, since=since)


def test_arranging_is_audited_once_with_every_set():
    event, ana = make_event(), make_admin()
    one, other = make_set(event), make_set(event, "Moth Choir", "21:00", "21:30")
    before = AuditEntry.objects.count()

    arrange(event, wish(one, venue=None), wish(other, starts_at=None, ends_at=None), by=ana)

    (entry,) = AuditEntry.objects.all()[before:]
    assert (entry.action, entry.object_label, entry.user_id) == ("event.arranged", str(event), ana.pk)
    assert entry.before == {
        f"The Harpoonist (set {one.pk})": {"venue": "Blue Anchor"},
        f"Moth Choir (set {other.pk})": {
            "starts_at": "2026-10-11T01:00:00+00:00",
            "ends_at": "2026-10-11T01:30:00+00:00",
        },
    }
    assert entry.after == {
        f"The Harpoonist (set {one.pk})": {"venue": None},
        f"Moth Choir (set {other.pk})": {"starts_at": None, "ends_at": None},
    }


def test_arranging_nothing_leaves_no_trace():
    event = make_event()
    performance = make_set(event)
    changes, entries = Change.objects.count(), AuditEntry.objects.count()

    arrangement = arrange(event, wish(performance, "restore", venue=make_venue("Blue Anchor")), by=make_admin())

    assert arrangement.batch is None
    assert (Change.objects.count(), AuditEntry.objects.count()) == (changes, entries)
    performance.refresh_from_db()
    assert performance.version == 0


def test_a_start_with_seconds_is_the_same_minute():
    event = make_event()
    start = wall(event, "20:00") + timedelta(seconds=30)
    performance = make_set(event, starts_at=start)

    assert arrange(event, wish(performance, starts_at=wall(event, "20:00"))).batch is None


# --- No clash half-way -------------------------------------------------------------------------


def test_swap_meets_no_conflict_of_its_own():
    event = make_event()
    one, other = make_set(event), make_set(event, "Moth Choir", "21:00", "21:30", venue="Net Loft")

    arrangement = arrange(
        event,
        wish(one, venue=other.venue, **times(event, "21:00", "21:30")),
        wish(other, venue=one.venue, **times(event, "20:00", "20:30")),
    )

    assert place_of(one) == ("Net Loft", "21:00", "21:30")
    assert place_of(other) == ("Blue Anchor", "20:00", "20:30")
    assert conflicts.find(event) == []
    assert sentences_of(arrangement) == ["The Harpoonist and Moth Choir swap places."]


def test_chain_of_three_moves_on():
    event = make_event()
    slots = [("20:00", "20:30"), ("20:30", "21:00"), ("21:00", "21:30")]
    sets = [make_set(event, band, *slot) for band, slot in zip(("A Band", "B Band", "C Band"), slots, strict=True)]

    arrangement = arrange(event, *(wish(sets[n], **times(event, *slots[(n + 1) % 3])) for n in range(3)))

    assert [place_of(each)[1] for each in sets] == ["20:30", "21:00", "20:00"]
    assert conflicts.find(event) == []
    assert sentences_of(arrangement) == [
        "A Band starts at 8:30 PM instead of 8:00 PM.",
        "B Band starts at 9:00 PM instead of 8:30 PM.",
        "C Band starts at 8:00 PM instead of 9:00 PM.",
    ]


def test_overlaps_never_block():
    event = make_event()
    one, _other = make_set(event), make_set(event, "Moth Choir", "21:00", "21:30")

    arrange(event, wish(one, **times(event, "21:10", "21:40")))

    assert [conflict.kind for conflict in conflicts.find(event)] == ["venue_overlap"]


def test_room_shifts_over_midnight():
    event = make_event()
    sets = [make_set(event, "A Band", "23:30", "23:50"), make_set(event, "B Band", "23:50", "24:20")]
    make_set(event, "C Band", "23:30", venue="Net Loft", end=None)

    arrangement = arrange(
        event, wish(sets[0], **times(event, "24:00", "24:20")), wish(sets[1], **times(event, "24:20", "24:50"))
    )

    assert [place_of(each)[1:] for each in sets] == [("00:00", "00:20"), ("00:20", "00:50")]
    assert sentences_of(arrangement) == ["All 2 sets at Blue Anchor start 30 minutes later."]


@pytest.mark.parametrize(
    ("night", "utc_start", "told"),
    [
        (date(2026, 10, 31), datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "1:30 AM EDT"),  # the hour comes twice
        (date(2026, 10, 31), datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "1:30 AM EST"),
        (date(2027, 3, 13), datetime(2027, 3, 14, 7, 0, tzinfo=UTC), "3:00 AM"),  # 2:00 is skipped
    ],
)
def test_nights_on_which_the_clock_is_changed(night, utc_start, told):
    event = make_event(date=night)
    performance = make_set(event, start="23:00", end="23:30", night=night)
    place = {"starts_at": utc_start, "ends_at": utc_start + timedelta(minutes=30)}

    arrangement = arranging.arrange(event, night, [wish(performance, **place)], by=None, now=LATER)

    performance.refresh_from_db()
    assert performance.starts_at == utc_start
    assert sentences_of(arrangement) == [f"The Harpoonist starts at {told} instead of 11:00 PM."]


@pytest.mark.parametrize(
    ("start", "is_refused"), [("00:00", False), ("-1:59", True), ("47:59", False), ("48:00", True)]
)
def test_start_lies_on_the_night_or_the_day_after(start, is_refused):
    event = make_event()
    performance = make_set(event)
    hours, minutes = (int(part) for part in start.split(":"))
    midnight = datetime(2026, 10, 10, tzinfo=ZoneInfo("America/Toronto"))
    place = {"starts_at": (midnight + timedelta(hours=hours, minutes=minutes)).astimezone(UTC), "ends_at": None}

    if is_refused:
        with pytest.raises(RefusedSetError) as refusal:
            arrange(event, wish(performance, **place))
        assert refusal.value.performance == performance
    else:
        arrange(event, wish(performance, **place))
        assert place_of(performance)[1] == f"{hours % 24:02}:{minutes:02}"


# --- In words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        (lambda event: {"venue": make_venue("Net Loft")}, "moves from Blue Anchor to Net Loft."),
        (lambda event: {"venue": None}, "moves from Blue Anchor to no venue yet."),
        (
            lambda event: {"venue": make_venue("Net Loft"), **times(event, "20:30", "21:00")},
            "moves from Blue Anchor, 8:00 PM to Net Loft, 8:30 PM.",
        ),
        (
            lambda event: {"venue": make_venue("Net Loft"), **times(event, "20:30", "21:30")},
            "moves from Blue Anchor, 8:00 PM to Net Loft, 8:30 PM to 9:30 PM.",
        ),
        (lambda event: times(event, "24:05", "24:35"), "starts at 12:05 AM instead of 8:00 PM."),
        (lambda event: times(event, "19:45", "20:30"), "plays 7:45 PM to 8:30 PM instead of 8:00 PM to 8:30 PM."),
        (lambda event: {"ends_at": wall(event, "21:00")}, "ends at 9:00 PM instead of 8:30 PM."),
        (lambda event: {"ends_at": None}, "ends at a time that is open instead of 8:30 PM."),
        (
            lambda event: {"starts_at": None, "ends_at": None},
            "plays a time that is open instead of 8:00 PM to 8:30 PM.",
        ),
    ],
)
def test_sentence_says_what_is_different(place, sentence):
    event = make_event()

    assert sentences(event, wish(make_set(event), **place(event))) == [f"The Harpoonist {sentence}"]


def test_sentences_use_the_clock_of_who_reads():
    event = make_event()
    performance = make_set(event)

    with translation.override("en-gb"):
        assert sentences(event, wish(performance, **times(event, "20:30", "21:00"))) == [
            "The Harpoonist starts at 20:30 instead of 20:00."
        ]


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        ("cancel", "is cancelled."),
        ("postpone", "is postponed."),
        ("withdraw", "is withdrawn."),
        ("announce", "is announced."),
        ("delete", "is deleted."),
    ],
)
def test_sentence_tells_an_act(act, sentence):
    event = make_event(reveal_mode=True)
    performance = make_set(event)

    assert sentences(event, wish(performance, act)) == [f"The Harpoonist {sentence}"]
    assert state_of(performance) == (Status.SCHEDULED, False)


def test_sentence_tells_that_a_set_is_hidden_or_back():
    event = make_event()
    one, other = make_set(event), make_set(event, "Moth Choir", "21:00", "21:30")
    lineup.cancel_set(other, by=None, now=NOW)

    assert sentences(event, wish(one, "hide"), wish(other, "restore")) == [
        "The Harpoonist is hidden again.",
        "Moth Choir takes place again.",
    ]


def shifted(event, *minutes):
    """Sets of one room, each to start so many minutes later."""
    made = []
    for number, each in enumerate(minutes):
        performance = make_set(event, f"Band {number}", f"{20 + number}:00", f"{20 + number}:30")
        shift = timedelta(minutes=each)
        place = {"starts_at": performance.starts_at + shift, "ends_at": performance.ends_at + shift}
        made.append(wish(performance, **place))
    return made


@pytest.mark.parametrize(
    ("minutes", "sentence"),
    [
        ((15, 15, 15), "All 3 sets at Blue Anchor start 15 minutes later."),
        ((-1, -1), "All 2 sets at Blue Anchor start 1 minute earlier."),
    ],
)
def test_one_sentence_tells_of_a_whole_room(minutes, sentence):
    event = make_event()

    assert sentences(event, *shifted(event, *minutes)) == [sentence]


def test_room_of_which_one_set_stays_is_told_set_by_set():
    event = make_event()
    wishes = shifted(event, 15, 15)
    make_set(event, "Moth Choir", "23:00", "23:30")

    assert len(sentences(event, *wishes)) == 2


def test_room_of_which_one_set_goes_further_is_told_set_by_set():
    event = make_event()

    assert len(sentences(event, *shifted(event, 15, 16))) == 2


# --- Somebody else was quicker -----------------------------------------------------------------


def test_stale_set_stops_everything_and_is_named():
    event = make_event()
    one, other = make_set(event), make_set(event, "Moth Choir", "21:00", "21:30")
    wishes = [wish(other, venue=None), wish(one, venue=None)]
    bea = make_user("editor", email="bea@label.example")
    lineup.change_set(one, notes="Bring a stool.", by=bea, now=LATER)

    with pytest.raises(StaleSetsError) as refusal:
        arrange(event, *wishes, now=LATEST)

    (stale,) = refusal.value.stale
    assert (stale.wish, stale.title, stale.performance, stale.by, stale.at) == (
        wishes[1],
        "The Harpoonist",
        one,
        bea,
        LATER,
    )
    assert place_of(other)[0] == "Blue Anchor"

    arrange(event, wishes[0], replace(wishes[1], seen_version=stale.performance.version), now=LATEST)

    assert (place_of(one)[0], place_of(other)[0]) == ("None", "None")


def test_version_that_was_seen_is_overwritten_and_no_later_one():
    event = make_event()
    performance = make_set(event)
    wanted = wish(performance, venue=None)
    lineup.move_set(performance, venue=make_venue("Net Loft"), by=None, now=LATER)
    with pytest.raises(StaleSetsError) as refusal:
        arrange(event, wanted)
    mine = replace(wanted, seen_version=refusal.value.stale[0].performance.version)
    lineup.move_set(performance, venue=make_venue("Room 47"), by=None, now=LATER)

    with pytest.raises(StaleSetsError):
        arrange(event, mine, now=LATEST)

    assert place_of(performance)[0] == "Room 47"


def test_stale_set_is_told_before_a_place_that_cannot_be():
    event = make_event()
    performance = make_set(event)
    wanted = wish(performance, starts_at=None)
    lineup.move_set(performance, venue=None, by=None, now=LATER)

    with pytest.raises(StaleSetsError):
        arrange(event, wanted)


# --- The way back ------------------------------------------------------------------------------


def test_undo_puts_places_back_and_can_be_undone():
    event = make_public_event()
    one, other = make_set(event), make_set(event, "Moth Choir", "21:00", "21:30", venue="Net Loft")
    saved = arrange(
        event,
        wish(one, venue=other.venue, **times(event, "21:00", "21:30")),
        wish(other, venue=None, starts_at=None, ends_at=None),
    )

    undone = undo(event, saved.batch)

    assert place_of(one) == ("Blue Anchor", "20:00", "20:30")
    assert place_of(other) == ("Net Loft", "21:00", "21:30")
    assert (one.version, one.sequence) == (2, 2)

    undo(event, undone.batch)

    assert place_of(one) == ("Net Loft", "21:00", "21:30")
    assert place_of(other) == ("None", None, None)


@pytest.mark.parametrize("times_public", [True, False])
@pytest.mark.parametrize("is_reveal", [True, False])
@pytest.mark.parametrize("act", [act for act in IN_LINEUP if act != "delete"])
def test_undo_puts_states_back_and_can_be_undone(act, is_reveal, times_public):
    event, sets = made("Both Ways", {"is_public": True, "reveal_mode": is_reveal, "times_public": times_public})
    for performance in sets:
        before = state_of(performance)
        try:
            saved = arrange(event, wish(performance, act, **times(event, "22:00", "22:30")))
        except RefusedSetError:
            continue
        after = state_of(performance)

        undone = undo(event, saved.batch)

        assert (state_of(performance), place_of(performance)[1]) == (before, "20:00")
        redone = undo(event, undone.batch)
        assert (state_of(performance), place_of(performance)[1]) == (after, "22:00")
        undo(event, redone.batch)
        assert (state_of(performance), place_of(performance)[1]) == (before, "20:00")


def test_undo_brings_a_deleted_set_back_and_can_be_undone():
    event = make_event()
    performance = make_set(event)
    uid = performance.uid
    saved = arrange(event, wish(performance, "delete", venue=None, **times(event, "22:00", "22:30")))
    assert not event.performances.exists()

    undone = undo(event, saved.batch)

    back = event.performances.get()
    assert (back.uid, place_of(back)) == (uid, ("Blue Anchor", "20:00", "20:30"))
    assert sentences_of(undone)[0] == "The Harpoonist is back."
    redone = undo(event, undone.batch)
    assert not event.performances.exists()
    undo(event, redone.batch)
    assert event.performances.get().uid == uid


STANDING = {
    "hidden": lambda performance: lineup.hide_set(performance, by=None, now=NOW),
    "cancelled": lambda performance: lineup.cancel_set(performance, by=None, now=NOW),
    "postponed": lambda performance: lineup.postpone_set(performance, by=None, now=NOW),
    "withdrawn": lambda performance: lineup.withdraw_set(performance, by=None, now=NOW),
}


@pytest.mark.parametrize("is_reveal", [True, False])
@pytest.mark.parametrize("stand", STANDING.values(), ids=STANDING)
def test_undo_brings_a_deleted_set_back_as_it_stood(stand, is_reveal):
    event = make_event(reveal_mode=is_reveal)
    performance = make_set(event)
    lineup.announce_set(performance, by=None, now=NOW)
    stand(performance)
    names = ("uid", "status", "is_announced", "announced_at", "announce_at", "replaces")
    before = event.performances.values(*names).get()
    saved = arrange(event, wish(performance, "delete"))

    undo(event, saved.batch)

    assert event.performances.values(*names).get() == before


def test_undo_brings_a_deleted_set_back_with_the_hour_of_its_announcement():
    event = make_event(reveal_mode=True)
    performance = make_set(event)
    Performance.objects.filter(pk=performance.pk).update(announce_at=NOW + timedelta(days=1))
    saved = arrange(event, wish(performance, "delete"))

    undo(event, saved.batch)

    back = event.performances.get()
    assert (back.is_announced, back.announce_at) == (False, NOW + timedelta(days=1))


def test_undo_is_refused_after_a_later_change_of_one_of_the_sets():
    event = make_event()
    one, other = make_set(event), make_set(event, "Moth Choir", "21:00", "21:30")
    saved = arrange(event, wish(one, venue=None), wish(other, venue=None))
    bea = make_user("editor", email="bea@label.example", first_name="Bea")
    lineup.change_set(other, notes="Bring a stool.", by=bea, now=wall(event, "21:03"))

    with pytest.raises(CannotUndoError) as refusal:
        undo(event, saved.batch)

    assert refusal.value.messages == [
        "Moth Choir was changed since, by Bea at 9:03 PM. Change back by hand what should be undone."
    ]
    assert place_of(one)[0] == "None"


def test_undo_does_not_mind_changes_of_other_sets_and_of_the_event():
    event = make_event()
    one, other = make_set(event), make_set(event, "Moth Choir", "21:00", "21:30")
    saved = arrange(event, wish(one, venue=None))
    lineup.move_set(other, venue=None, by=None, now=LATER)
    update_event(event, city="Hamilton", by=None, now=LATER)

    undo(event, saved.batch)

    assert (place_of(one)[0], place_of(other)[0]) == ("Blue Anchor", "None")


def test_undo_takes_back_the_last_batch_alone_and_once():
    event = make_event()
    one, other = make_set(event), make_set(event, "Moth Choir", "21:00", "21:30")
    first = arrange(event, wish(one, venue=None))
    second = arrange(event, wish(other, venue=None))

    with pytest.raises(CannotUndoError, match="Something else was saved since"):
        undo(event, first.batch)
    undo(event, second.batch)
    with pytest.raises(CannotUndoError, match="Something else was saved since"):
        undo(event, second.batch)

    assert (place_of(one)[0], place_of(other)[0]) == ("None", "Blue Anchor")


def test_undo_of_what_another_event_saved_is_refused():
    event, theirs = make_event(), make_event("Label Night")
    saved = arrange(theirs, wish(make_set(theirs), venue=None))

    with pytest.raises(CannotUndoError):
        undo(event, saved.batch)


def test_undo_needs_the_venue_to_be_there_still():
    event = make_event()
    performance = make_set(event)
    saved = arrange(event, wish(performance, venue=None))
    make_venue("Blue Anchor").delete()

    with pytest.raises(CannotUndoError, match="Blue Anchor is no longer among the venues"):
        undo(event, saved.batch)


def test_batch_that_added_sets_is_not_for_undoing():
    event = make_event()
    performance = make_set(event)
    saved = arrange(event, wish(performance, venue=None))
    make_set(event, "Moth Choir")
    Change.objects.filter(kind="added").update(batch=saved.batch)

    assert undoing.last_batch(event) is None
