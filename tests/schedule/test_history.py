"""What happened, in sentences, and the way back: earlier states of events and sets, and sets that were deleted."""

from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from bands.library import delete_band
from bands.models import BandMerge
from schedule import announcing, events, history, lineup, publishing
from schedule.models import Change, Doors, Performance
from schedule.models.event import PUBLIC
from settimes.versions import StaleError
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

SETS, EVENTS = history.SetHistory(), history.EventHistory()
NOT_STATE = {"id", "version", "sequence", "changed_at", "updated_at", "updated_by_id", "announced_at"}


@pytest.fixture
def ana():
    return make_admin()


@pytest.fixture
def bea():
    return make_user("editor", first_name="Bea", last_name="Okafor")


def later(minutes=1):
    return NOW + timedelta(minutes=minutes)


def told(row, reader=None, *, own_only=False):
    """All sentences of a row's history, newest first."""
    reader = reader or (SETS if isinstance(row, Performance) else EVENTS)
    _page, moments = reader.page(row, 1, own_only=own_only)
    return [sentence for moment in moments for part in moment.parts for sentence in part.sentences]


def fresh(performance):
    return Performance.objects.select_related("event", "band", "venue").get(pk=performance.pk)


def state(row):
    """All its fields but those that count or date its changes."""
    values = type(row).objects.filter(pk=row.pk).values().get()
    return {name: value for name, value in values.items() if name not in NOT_STATE}


def newest(row):
    """The number of the last change of a row."""
    mine = {"performance_uid": row.uid} if isinstance(row, Performance) else {"event": row, "performance_uid": None}
    return Change.objects.filter(**mine).latest("pk").pk


def restore(row, entry, *, by=None, at=None):
    row = fresh(row) if isinstance(row, Performance) else type(row).objects.get(pk=row.pk)
    reader = SETS if isinstance(row, Performance) else EVENTS
    reader.restore(row, entry, seen_version=row.version, by=by, now=at or later(60))


# --- Sentences ---------------------------------------------------------------------------------


def test_set_that_is_moved_is_told_from_where_to_where(bea):
    performance = make_set(make_event(), venue="Room 47")
    made = {"by": bea, "now": later()}

    lineup.move_set(performance, venue=make_venue("Prohibition Warehouse"), **made)
    lineup.move_set(performance, venue=None, **made)
    lineup.move_set(performance, venue=make_venue("Room 47"), **made)

    assert told(performance) == [
        "Bea Okafor moved The Harpoonist from Room 47 to Prohibition Warehouse.",
        "Bea Okafor took The Harpoonist out of Prohibition Warehouse; the venue is open.",
        "Bea Okafor put The Harpoonist into Room 47.",
        "Somebody added The Harpoonist: Sat 10 Oct, 8:00 PM–8:30 PM, Room 47.",
    ]


@pytest.mark.parametrize(
    ("start", "end", "night", "sentence"),
    [
        ("20:30", "21:00", 0, "changed the time of X from Sat 10 Oct, 8:00 PM–8:30 PM to 8:30 PM–9:00 PM."),
        ("20:15", "20:30", 0, "changed the start of X from Sat 10 Oct, 8:00 PM to 8:15 PM."),
        ("20:00", "20:45", 0, "changed the end of X from Sat 10 Oct, 8:30 PM to 8:45 PM."),
        (
            "24:15",
            "24:45",
            0,
            "changed the time of X from Sat 10 Oct, 8:00 PM–8:30 PM to Sun 11 Oct, 12:15 AM–12:45 AM.",
        ),
        ("20:00", "20:30", 1, "changed the time of X from Sat 10 Oct, 8:00 PM–8:30 PM to Sun 11 Oct, 8:00 PM–8:30 PM."),
        (None, None, 0, "changed the time of X from Sat 10 Oct, 8:00 PM–8:30 PM to open."),
    ],
)
def test_set_that_is_retimed_is_told_in_the_zone_of_its_event(start, end, night, sentence):
    event = make_event(end_date=SATURDAY + timedelta(days=1))
    performance = make_set(event, "X")
    night = SATURDAY + timedelta(days=night)

    lineup.retime_set(
        performance,
        night=night,
        starts_at=start and wall(event, start, night=night),
        ends_at=end and wall(event, end, night=night),
        by=None,
        now=later(),
    )

    assert told(performance)[0] == f"Somebody {sentence}"


@pytest.mark.parametrize(
    ("act", "sentences"),
    [
        (lineup.cancel_set, ["Bea Okafor cancelled X."]),
        (lineup.postpone_set, ["Bea Okafor postponed X."]),
        (lineup.withdraw_set, ["Bea Okafor withdrew X."]),
        (lineup.hide_set, ["Bea Okafor took the announcement of X back."]),
        (lambda row, **made: lineup.replace_set(row, band=make_band("Y"), **made), None),
    ],
)
def test_set_that_something_happens_to_is_told_with_the_reason(bea, act, sentences):
    performance = make_set(make_event(), "X")
    act(performance, reason="illness", by=bea, now=later())

    _page, moments = SETS.page(fresh(performance), 1)

    assert moments[0].who == "Bea Okafor"
    assert moments[0].when == "Thu 1 Oct 2026, 8:01 AM"
    expected = sentences or ["Bea Okafor cancelled X.", "Bea Okafor put Y in the place of X."]
    assert [(list(part.sentences), part.reason) for part in moments[0].parts] == [(expected, "illness")]


def test_set_whose_words_change_is_told_field_by_field():
    performance = make_set(make_event(), "X")

    words = {"notes": "Bring earplugs", "crew_notes": "Late", "expected_delay_minutes": 5}
    lineup.change_set(performance, **words, by=None, now=later(1))
    lineup.change_set(performance, notes="", billing="X (DJ)", by=None, now=later(2))

    assert set(told(performance)[:-1]) == {
        "Somebody set the notes of X (DJ) to “Bring earplugs”.",
        "Somebody set the crew notes of X (DJ) to “Late”.",
        "Somebody changed the expected delay (minutes) of X (DJ) from “0” to “5”.",
        "Somebody emptied the notes of X (DJ); it was “Bring earplugs”.",
        "Somebody set the billing of X (DJ) to “X (DJ)”.",
    }


def test_placeholder_that_is_revealed_is_told_by_the_band():
    performance = make_set(make_event(), None)

    lineup.change_set(performance, band=make_band("X"), kind=Performance.Kind.SET, billing="", by=None, now=later())

    assert told(performance)[0] == "Somebody revealed who plays: X."


def test_event_is_told_with_its_sets_or_alone(bea):
    event = make_event()
    performance = make_set(event, "X")
    made = {"by": bea, "now": later()}
    events.update_event(event, city="Guelph", rollover=time(5), reveal_mode=False, **made)
    doors = events.set_doors(event, SATURDAY, wall(event, "19:00"), **made)
    events.set_hours(event, SATURDAY, opens_at=wall(event, "19:30"), curfew_at=wall(event, "26:00"), **made)
    events.remove_doors(Doors.objects.get(pk=doors.pk), **made)
    publishing.publish_event(event, **made)
    publishing.archive_event(event, **made)
    publishing.unarchive_event(event, **made)
    publishing.unpublish_event(event, **made)

    own = [
        "Bea Okafor set the city to “Guelph”.",
        "Bea Okafor changed the rollover from “06:00” to “05:00”.",
        "Bea Okafor set the doors of Sat 10 Oct to “7:00 PM”.",
        "Bea Okafor changed the doors of Sat 10 Oct from “7:00 PM” to “7:30 PM”.",
        "Bea Okafor set the curfew of Sat 10 Oct to “2:00 AM”.",
        "Bea Okafor emptied the doors of Sat 10 Oct; it was “7:30 PM”.",
        "Bea Okafor emptied the curfew of Sat 10 Oct; it was “2:00 AM”.",
        "Bea Okafor published the event.",
        "Bea Okafor archived the event.",
        "Bea Okafor un-archived the event.",
        "Bea Okafor unpublished the event.",
        "Somebody made the event.",
    ]
    assert told(event, own_only=True) == own
    assert told(event) == [*own, f"Somebody added {performance}: Sat 10 Oct, 8:00 PM–8:30 PM, Blue Anchor."]


def test_set_that_is_gone_is_told_by_its_name_and_those_that_came_back_have_all_their_history(ana):
    event = make_event()
    performance = make_set(event, "X")
    lineup.cancel_set(performance, by=None, now=later(1))
    lineup.delete_set(fresh(performance), reason="twice", by=None, now=later(2))

    assert told(event) == [
        "Somebody deleted X.",
        "Somebody cancelled X.",
        "Somebody made the event.",
        "Somebody added X: Sat 10 Oct, 8:00 PM–8:30 PM, Blue Anchor.",
    ]

    back = history.bring_back(Change.objects.get(kind="deleted"), by=ana, now=later(3))
    assert told(back) == [
        "ana@label.example added X: Sat 10 Oct, 8:00 PM–8:30 PM, Blue Anchor.",
        "Somebody deleted X.",
        "Somebody cancelled X.",
        "Somebody added X: Sat 10 Oct, 8:00 PM–8:30 PM, Blue Anchor.",
    ]


def test_withdrawn_replacement_that_replaces_nothing_any_more_is_told():
    replaced = make_set(make_event(), "X")
    mistaken = lineup.replace_set(replaced, band=make_band("Y"), **MADE)
    lineup.withdraw_set(mistaken, **MADE)

    lineup.restore_set(replaced, by=None, now=later())

    assert told(mistaken)[0] == "Y no longer replaces X: it was withdrawn."


def test_last_changes_tell_what_was_saved_in_one_go_as_one(bea, django_assert_num_queries):
    event = make_event("Crawl")
    sets = [make_set(event, f"X {number}") for number in range(3)]
    for batch, moved, at in ((uuid4(), sets, later(1)), (uuid4(), sets[:1], later(2))):
        for each in moved:
            lineup.move_set(each, venue=make_venue(f"Room {at:%M}"), by=bea, now=at)
        Change.objects.filter(at=at).update(batch=batch)
    lineup.cancel_set(sets[1], by=bea, now=later(3))
    changes = Change.objects.select_related("event", "performance__band", "by").order_by("-at", "-pk")

    with django_assert_num_queries(2):  # the changes; how many there are in each batch
        latest = history.latest(changes, 3)

    assert [sentence for sentence, _ in latest] == [
        "Bea Okafor cancelled X 1.",
        "Bea Okafor moved X 0 from Room 01 to Room 02.",
        "Bea Okafor arranged 3 sets.",
    ]


def test_history_is_told_in_pages(monkeypatch):
    monkeypatch.setattr(history, "PAGE_SIZE", 2)
    performance = make_set(make_event(), "X")
    for minutes in (1, 2):
        lineup.change_set(performance, expected_delay_minutes=minutes, by=None, now=later(minutes))

    counts = []
    for number in (1, 2, 3):
        page, moments = SETS.page(performance, number)
        counts.append((page.number, len(moments)))

    assert counts == [(1, 2), (2, 1), (2, 1)]


@pytest.mark.parametrize("count", [1, 3])
def test_history_takes_as_many_queries_for_many_changes(django_assert_num_queries, count):
    event = make_event()
    for number in range(count):
        lineup.delete_set(make_set(event, f"Gone {number}"), **MADE)
        make_set(event, f"X {number}")
    event = type(event).objects.get(pk=event.pk)

    with django_assert_num_queries(4):  # how many; changes with who and sets; names of the gone; newest edit
        EVENTS.page(event, 1)
    performance = fresh(Performance.objects.first())
    for _change in range(count):
        lineup.change_set(performance, expected_delay_minutes=_change + 1, **MADE)
    with django_assert_num_queries(3):  # how many; changes with who and sets; the newest
        SETS.page(performance, 1)


# --- Earlier states ----------------------------------------------------------------------------


WAYS = {
    "moved": [lambda row, made: lineup.move_set(row, venue=make_venue("Room 47"), **made)],
    "retimed": [
        lambda row, made: lineup.retime_set(
            row, starts_at=row.starts_at + timedelta(hours=1), ends_at=row.ends_at + timedelta(hours=1), **made
        )
    ],
    "without times": [lambda row, made: lineup.retime_set(row, starts_at=None, ends_at=None, **made)],
    "worded": [lambda row, made: lineup.change_set(row, notes="A", crew_notes="B", expected_delay_minutes=4, **made)],
    "another band": [lambda row, made: lineup.change_set(row, band=make_band("Y"), billing="Y (DJ)", **made)],
    "no band": [
        lambda row, made: lineup.change_set(row, band=None, kind=Performance.Kind.PLACEHOLDER, billing="TBA", **made)
    ],
    "cancelled": [lambda row, made: lineup.cancel_set(row, **made)],
    "postponed": [lambda row, made: lineup.postpone_set(row, **made)],
    "withdrawn": [lambda row, made: lineup.withdraw_set(row, **made)],
    "postponed, then cancelled": [
        lambda row, made: lineup.postpone_set(row, **made),
        lambda row, made: lineup.cancel_set(row, **made),
    ],
    "hidden": [lambda row, made: lineup.hide_set(row, **made)],
    "all": [
        lambda row, made: lineup.move_set(row, venue=None, **made),
        lambda row, made: lineup.cancel_set(row, **made),
        lambda row, made: lineup.withdraw_set(row, **made),
    ],
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("make", [make_event, lambda: make_event(reveal_mode=True)], ids=["open", "reveal mode"])
def test_set_is_restored_to_each_of_its_states_whatever_happened(ana, way, make):
    event = make()
    performance = make_set(event, is_announced=True)
    steps, states = WAYS[way], []
    for act in (None, *steps):
        if act:
            act(fresh(performance), MADE)
        states.append((newest(performance), state(performance)))

    # There and back: to the first, to the last, and to each between them.
    for entry, expected in (states[0], states[-1], *states):
        restore(performance, entry, by=ana)
        assert state(performance) == expected


def test_restoring_is_an_ordinary_change_of_who_did_it_with_its_reason(ana):
    performance = make_set(make_event())
    entry = newest(performance)
    lineup.move_set(performance, venue=make_venue("Room 47"), by=None, now=later())
    lineup.cancel_set(performance, by=None, now=later())

    restore(performance, entry, by=ana, at=later(90))

    _page, moments = SETS.page(fresh(performance), 1)
    assert [(list(part.sentences), part.reason) for part in moments[0].parts] == [
        (
            [
                "ana@label.example moved The Harpoonist from Room 47 to Blue Anchor.",
                "ana@label.example restored The Harpoonist: it takes place.",
            ],
            "restored the state of Thu 1 Oct 2026, 8:00 AM",
        )
    ]
    assert moments[0].parts[0].entry is None


def test_restoring_what_somebody_else_has_changed_meanwhile_is_refused(ana):
    performance = make_set(make_event())
    entry = newest(performance)
    lineup.move_set(performance, venue=None, **MADE)
    seen = fresh(performance)
    lineup.cancel_set(performance, **MADE)
    before = state(performance)

    with pytest.raises(StaleError):
        SETS.restore(seen, entry, seen_version=seen.version, by=ana, now=later())

    assert state(performance) == before


def test_cancelled_set_that_was_postponed_is_restored_on_the_way():
    performance = make_set(make_event())
    lineup.postpone_set(performance, **MADE)
    entry = newest(performance)
    lineup.cancel_set(performance, **MADE)

    plan = SETS.restoring(fresh(performance), entry)

    assert plan.notes == ["It is restored first: that is the only way from cancelled to postponed."]
    assert [(each.label, each.before, each.after) for each in plan.differences] == [
        ("status", "Cancelled", "Postponed")
    ]


def test_venue_and_band_that_are_gone_stay_out_and_the_rest_is_restored(ana):
    event = make_event()
    performance = make_set(event, "X", venue="Room 47")
    entry = newest(performance)
    lineup.change_set(performance, venue=make_venue("Blue Anchor"), band=make_band("Y"), notes="Loud", **MADE)
    delete_band(make_band("X"), **MADE)
    events.delete_venue(make_venue("Room 47"), **MADE)

    plan = SETS.restoring(fresh(performance), entry)
    restore(performance, entry, by=ana)

    assert plan.stays == [
        "Room 47 is no longer among the venues, so the venue is not brought back.",
        "X is no longer in the band library, so who plays is not brought back.",
    ]
    performance = fresh(performance)
    assert (performance.venue.name, performance.band.name, performance.notes) == ("Blue Anchor", "Y", "")


def test_band_that_was_merged_is_restored_as_the_one_that_was_kept(ana):
    performance = make_set(make_event(), "X")
    entry, merged = newest(performance), make_band("X")
    lineup.change_set(performance, band=make_band("Y"), **MADE)
    kept, number = make_band("X and friends"), merged.pk
    delete_band(merged, **MADE)
    BandMerge.objects.create(kept=kept, former_id=number, former_name="X", merged_at=NOW)

    restore(performance, entry, by=ana)

    assert fresh(performance).band == kept


@pytest.mark.parametrize("is_public", [True, False])
def test_band_of_a_public_set_is_not_restored_but_replaced(ana, is_public):
    event = make_event()
    performance = make_set(event, "X")
    entry = newest(performance)
    lineup.change_set(performance, band=make_band("Y"), notes="Loud", **MADE)
    if is_public:
        publishing.publish_event(event, **MADE)

    plan = SETS.restoring(fresh(performance), entry)
    restore(performance, entry, by=ana)

    refusal = "Y stays: people may have picked the set. Use “replace” to let another band play."
    assert plan.stays == ([refusal] if is_public else [])
    assert (fresh(performance).band.name, fresh(performance).notes) == ("Y" if is_public else "X", "")


def test_set_that_is_replaced_is_not_restored_while_the_other_one_plays(ana):
    performance = make_set(make_event(), "X")
    entry = newest(performance)
    lineup.move_set(performance, venue=None, **MADE)
    lineup.replace_set(performance, band=make_band("Y"), **MADE)
    before = state(performance)

    with pytest.raises(ValidationError, match="Y plays instead of X"):
        restore(performance, entry, by=ana)

    assert state(performance) == before


def test_announcement_that_was_public_is_taken_back_with_a_warning():
    event = make_public_event(reveal_mode=True)
    performance = make_set(event, is_announced=False)
    entry = newest(performance)
    lineup.announce_set(performance, **MADE)

    plan = SETS.restoring(fresh(performance), entry)

    assert plan.notes == ["It was announced: people may have read of it."]


def test_entry_of_another_row_is_none_of_a_row():
    event = make_event()
    one, other = make_set(event, "X"), make_set(event, "Y")

    assert SETS.restoring(fresh(one), newest(other)) is None
    assert SETS.restoring(fresh(one), newest(event)) is None
    assert EVENTS.restoring(event, newest(one)) is None


EDITS = {
    "words": {"name": "Vol. 4", "city": "Guelph", "description": "Loud", "price": "$20"},
    "dates": {"date": SATURDAY + timedelta(days=7)},
    "zone": {"timezone": "Europe/Berlin"},
    "slug": {"slug": "volume-four"},
    "rules": {"rollover": time(5), "default_set_minutes": 40, "changeover_minutes": 10, "times_public": False},
    "json": {"social_links": {"instagram": "x"}, "venue_info": [{"name": "A"}], "theme_colors": {"hot": "#fff"}},
}


@pytest.mark.parametrize("name", EDITS)
def test_event_is_restored_to_each_of_its_states(ana, name):
    event = make_event()
    performance = make_set(event)
    states = [(newest(event), state(event), state(performance))]
    events.update_event(event, **EDITS[name], **MADE)
    states.append((newest(event), state(event), state(performance)))

    for entry, expected, of_set in (states[0], states[1], states[0]):
        restore(event, entry, by=ana)
        counters = {"revision", "public_revision"}
        assert {k: v for k, v in state(event).items() if k not in counters} == {
            k: v for k, v in expected.items() if k not in counters
        }
        assert state(performance) == of_set


def test_event_is_restored_in_its_fields_and_keeps_its_status_and_doors():
    event = make_event()
    make_set(event)
    entry = newest(event)
    events.update_event(event, city="Guelph", **MADE)
    events.set_doors(event, SATURDAY, wall(event, "19:00"), **MADE)
    publishing.publish_event(event, **MADE)

    plan = EVENTS.restoring(event, entry)
    restore(event, entry)

    event.refresh_from_db()
    assert plan.fields == {"city": ""}
    assert plan.stays == ["Doors and curfews stay as they are. They were: Sat 10 Oct: doors open."]
    assert (event.city, event.status, event.doors.count()) == ("", "published", 1)


def test_hours_that_are_what_they_were_again_are_not_told_to_stay():
    event, venue = make_event(), make_venue("Blue Anchor")
    events.set_hours(event, SATURDAY, venue=venue, curfew_at=wall(event, "23:00"), **MADE)
    events.update_event(event, city="Kitchener", **MADE)
    entry = newest(event)
    events.update_event(event, city="Guelph", **MADE)
    events.set_hours(event, SATURDAY, venue=venue, curfew_at=wall(event, "22:00"), **MADE)
    events.set_hours(event, SATURDAY, venue=venue, opens_at=wall(event, "18:00"), **MADE)
    lowered = EVENTS.restoring(event, entry).stays
    events.set_hours(event, SATURDAY, venue=venue, opens_at=None, **MADE)
    events.set_hours(event, SATURDAY, venue=venue, curfew_at=wall(event, "23:00"), **MADE)

    assert lowered == [
        "Doors and curfews stay as they are. They were: "
        "Sat 10 Oct, Blue Anchor: curfew 11:00 PM; Sat 10 Oct, Blue Anchor: doors open."
    ]
    assert EVENTS.restoring(event, entry).stays == []


def test_event_whose_slug_was_given_to_another_one_cannot_have_it_back(ana):
    event = make_event()
    entry = newest(event)
    events.update_event(event, slug="volume-four", **MADE)
    event.former_slugs.all().delete()
    make_event("Another", slug="harbour-street-crawl-3")

    with pytest.raises(ValidationError):
        restore(event, entry, by=ana)


# --- Deleted sets ------------------------------------------------------------------------------


def deletion():
    return Change.objects.select_related("event", "performance").get(kind="deleted")


def test_deleted_set_comes_back_as_it_was(ana):
    event = make_event()
    performance = make_set(event, "X", notes="Loud", crew_notes="Late")
    lineup.change_set(performance, expected_delay_minutes=7, billing="X (DJ)", **MADE)
    before = state(performance)
    lineup.delete_set(performance, **MADE)

    back = history.bring_back(deletion(), by=ana, now=later())

    changed = {"created_at", "created_by_id"}
    assert {k: v for k, v in state(back).items() if k not in changed} == {
        k: v for k, v in before.items() if k not in changed
    }
    assert set(Change.objects.filter(performance_uid=back.uid).values_list("performance", flat=True)) == {back.pk}
    assert history.deleted_sets(event, now=later()) == []


def announced(performance, event):
    lineup.announce_set(performance, **MADE)


def to_be_announced(performance, event):
    announcing.schedule_announcement([performance], at=later(90), **MADE)


def postponed(performance, event):
    lineup.announce_set(performance, **MADE)
    lineup.postpone_set(performance, **MADE)


def replacing(performance, event):
    """It takes the slot of another set."""
    replaced = make_set(event, "Old")
    lineup.cancel_set(replaced, **MADE)
    Performance.objects.filter(pk=performance.pk).update(replaces=replaced)


STANDS = {
    "hidden": lambda performance, event: None,
    "announced": announced,
    "to be announced": to_be_announced,
    "cancelled": lambda performance, event: lineup.cancel_set(performance, **MADE),
    "postponed": postponed,
    "withdrawn": lambda performance, event: lineup.withdraw_set(performance, **MADE),
    "replacing": replacing,
}


@pytest.mark.parametrize("stand", STANDS)
def test_deleted_set_comes_back_as_it_stood(ana, stand):
    event = make_event(reveal_mode=True)
    performance = make_set(event, "X", is_announced=False)
    STANDS[stand](performance, event)
    names = ("status", "is_announced", "announced_at", "announce_at", "replaces")
    stood = Performance.objects.values(*names).get(pk=performance.pk)
    lineup.delete_set(fresh(performance), **MADE)

    (deleted,) = history.deleted_sets(event, now=later())
    back = history.bring_back(deletion(), by=ana, now=later())

    assert Performance.objects.values(*names).get(pk=back.pk) == stood
    assert deleted.stays_open == []


@pytest.mark.parametrize(("minutes", "is_planned"), [(89, True), (90, False)])
def test_deleted_set_waits_for_its_announcement_while_that_is_to_come(ana, minutes, is_planned):
    event = make_event(reveal_mode=True)
    performance = make_set(event, "X", is_announced=False)
    to_be_announced(performance, event)
    lineup.delete_set(fresh(performance), **MADE)

    (deleted,) = history.deleted_sets(event, now=later(minutes))
    back = history.bring_back(deletion(), by=ana, now=later(minutes))

    assert back.announce_at == (later(90) if is_planned else None)
    sentence = "It was to be announced on Thu 1 Oct 2026, 9:30 AM, and no longer is: plan that again."
    assert deleted.stays_open == ([] if is_planned else [sentence])


def gone(replaced):
    lineup.delete_set(replaced, **MADE)


def restored(replaced):
    lineup.restore_set(replaced, **MADE)


def replaced_anew(replaced):
    lineup.replace_set(replaced, band=make_band("Third"), **MADE)


@pytest.mark.parametrize("meanwhile", [gone, restored, replaced_anew])
def test_deleted_replacement_comes_back_as_a_set_of_its_own_when_its_place_is_lost(ana, meanwhile):
    event = make_event()
    replaced = make_set(event, "Old")
    lineup.delete_set(lineup.replace_set(replaced, band=make_band("X"), **MADE), **MADE)
    change = Change.objects.select_related("event", "performance").get(kind="deleted")
    meanwhile(fresh(replaced))

    deleted = next(each for each in history.deleted_sets(event, now=later()) if each.change == change)
    back = history.bring_back(change, by=ana, now=later())

    assert (back.status, back.replaces) == ("scheduled", None)
    assert deleted.stays_open == [
        "It no longer replaces Old, which is gone, takes place again or is replaced by another one."
    ]


@pytest.mark.parametrize("reveal_mode", [False, True])
def test_set_deleted_before_it_was_recorded_how_it_stood_comes_back_like_a_new_one(ana, reveal_mode):
    event = make_event(reveal_mode=reveal_mode)
    lineup.delete_set(make_set(event, "X"), **MADE)
    change = deletion()
    old = {name: value for name, value in change.before.items() if name not in lineup.STANDING_FIELDS}
    Change.objects.filter(pk=change.pk).update(before=old)

    back = history.bring_back(deletion(), by=ana, now=later())

    assert (back.status, back.is_announced, back.announced_at) == (
        ("scheduled", False, None) if reveal_mode else ("scheduled", True, later())
    )


@pytest.mark.parametrize("reveal_mode", [False, True])
def test_set_that_comes_back_into_a_public_event_is_withdrawn_until_it_is_restored(ana, reveal_mode):
    event = make_event(reveal_mode=reveal_mode)
    make_set(event, "Y")
    lineup.delete_set(make_set(event, "X", is_announced=True), **MADE)
    publishing.publish_event(event, **MADE)
    public_revision = type(event).objects.get(pk=event.pk).public_revision

    back = history.bring_back(deletion(), by=ana, now=later())

    event.refresh_from_db()
    assert (back.status, back.is_announced, event.public_revision) == ("withdrawn", False, public_revision)
    lineup.restore_set(back, by=ana, now=later(2))
    assert Performance.objects.visible_to(PUBLIC).filter(pk=back.pk).exists() != reveal_mode


@pytest.mark.parametrize(("late_by", "is_offered"), [(timedelta(0), True), (timedelta(seconds=1), False)])
def test_deleted_set_is_kept_for_thirty_days(ana, late_by, is_offered):
    event = make_event()
    lineup.delete_set(make_set(event, "X"), **MADE)
    now = NOW + timedelta(days=30) + late_by

    assert [each.title for each in history.deleted_sets(event, now=now)] == (["X"] if is_offered else [])
    if is_offered:
        assert history.bring_back(deletion(), by=ana, now=now).title == "X"
    else:
        with pytest.raises(ValidationError, match="more than 30 days ago"):
            history.bring_back(deletion(), by=ana, now=now)


def test_deleted_set_comes_back_without_a_venue_and_band_that_are_gone(ana):
    event = make_event()
    lineup.delete_set(make_set(event, "X", venue="Room 47"), **MADE)
    delete_band(make_band("X"), **MADE)
    events.delete_venue(make_venue("Room 47"), **MADE)

    (deleted,) = history.deleted_sets(event, now=later())
    back = history.bring_back(deletion(), by=ana, now=later())

    assert deleted.stays_open == [
        "Room 47 is no longer among the venues, so the venue is not brought back.",
        "X is no longer in the band library, so who plays is not brought back.",
    ]
    assert (back.title, back.kind, back.venue, back.band) == ("TBA", "placeholder", None, None)


def test_deleted_set_is_brought_back_once(ana):
    lineup.delete_set(make_set(make_event(), "X"), **MADE)
    history.bring_back(deletion(), by=ana, now=later())

    with pytest.raises(ValidationError, match="X is back already"):
        history.bring_back(deletion(), by=ana, now=later())

    assert Performance.objects.count() == 1


def test_deletion_that_did_not_keep_what_was_there_is_told_and_not_undone(ana):
    event = make_event()
    lineup.delete_set(make_set(event, "X"), **MADE)
    Change.objects.filter(kind="deleted").update(before={})

    (deleted,) = history.deleted_sets(event, now=later())

    assert (deleted.title, deleted.refusal) == ("X", "It cannot be brought back: what it was has not been kept.")
    with pytest.raises(ValidationError, match="has not been kept"):
        history.bring_back(deletion(), by=ana, now=later())


def test_deleted_set_of_a_night_that_is_no_more_stays_deleted(ana):
    event = make_event()
    lineup.delete_set(make_set(event, "X"), **MADE)
    events.update_event(event, date=SATURDAY + timedelta(days=7), **MADE)

    with pytest.raises(ValidationError, match="is not a night of"):
        history.bring_back(deletion(), by=ana, now=later())

    assert Performance.objects.count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_deleted_sets_take_as_many_queries_for_many(django_assert_num_queries, count):
    event = make_event()
    for number in range(count):
        lineup.delete_set(make_set(event, f"X {number}"), **MADE)

    with django_assert_num_queries(5):  # deletions that are not undone; venues; bands; merges; names
        assert len(history.deleted_sets(event, now=later())) == count


def test_announcement_that_is_planned_is_told_and_not_brought_back(ana):
    performance = make_set(make_event(reveal_mode=True), "X")
    scheduled = {"at": NOW + timedelta(hours=6), "by": ana}
    announcing.schedule_announcement([performance], **scheduled, now=later(1))
    announcing.cancel_scheduled_announcement([performance], by=ana, now=later(2))
    announcing.schedule_announcement([performance], **scheduled, now=later(3))
    entry = newest(performance)
    lineup.withdraw_set(performance, by=None, now=later(4))

    plan = SETS.restoring(fresh(performance), entry)

    planned, given_up = (
        "ana@label.example planned to announce X on Thu 1 Oct, 2:00 PM.",
        "X no longer waits to be announced on Thu 1 Oct, 2:00 PM.",
    )
    withdrawn = {"Somebody withdrew X.", given_up}
    assert set(told(performance)[:2]) == withdrawn
    assert told(performance)[2:-1] == [planned, given_up, planned]
    assert plan.notes == ["When it is announced by itself is not brought back: plan that again."]
