"""Making the next event out of one that was: nights move, clocks show the same, and what is over stays behind."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from bands.auditing import values_of
from schedule import events, lineup, publishing
from schedule.duplicating import Times, duplicate_event, proposed_date, sets_to_copy, times_in_copy
from schedule.models import Change, Event, Performance, Pick, Plan, ShareLink
from schedule.models.event import PUBLIC
from tests.factories import MADE, NOW, SATURDAY, make_event, make_public_event, make_set, make_user, make_venue, wall

pytestmark = pytest.mark.django_db

CLOCKS_GO_FORWARD = date(2027, 3, 13)  # in the night of this Saturday, from 2:00 to 3:00, in Toronto
CLOCKS_GO_BACK = date(2026, 10, 31)  # in the night of this Saturday, from 2:00 to 1:00
NEXT = SATURDAY + timedelta(days=364)


def copy_of(event, **changes):
    return duplicate_event(event, **{"name": "The Next One", "date": NEXT, **MADE, **changes})


def programme_of(event):
    """Night, start and end as clocks there show them, what is billed and where, of every set."""
    zone = event.zone
    return [
        (
            performance.night,
            *(
                instant and f"{instant.astimezone(zone):%a %H:%M}"
                for instant in (performance.starts_at, performance.ends_at)
            ),
            performance.title,
            str(performance.venue or ""),
        )
        for performance in event.performances.select_related("band", "venue__parent")
    ]


# --- The event ---------------------------------------------------------------------------------


def test_duplicate_event_takes_words_rules_and_the_number_of_nights_along():
    facts = {
        "city": "Port Invented",
        "description": "**Loud**",
        "price": "$20",
        "age_rule": "19+",
        "presented_by": "Quay",
        "presented_by_url": "https://quay.example",
        "poster_alt_text": "An anchor",
        "times_public": False,
        "default_set_minutes": 40,
        "changeover_minutes": 15,
        "venue_info": [{"name": "Loft"}],
        "social_links": {"instagram": "hsc"},
        "theme_colors": {"accent": "#ff0000"},
        "reveal_mode": True,
    }
    event = make_event(end_date=SATURDAY + timedelta(days=2), ticket_url="https://tickets.example/3", **facts)

    copy = copy_of(event, slug="next")

    assert values_of(copy, facts) == facts
    assert values_of(copy, ["name", "slug", "date", "end_date", "timezone", "status", "ticket_url"]) == {
        "name": "The Next One",
        "slug": "next",
        "date": NEXT,
        "end_date": NEXT + timedelta(days=2),
        "timezone": "America/Toronto",
        "status": "draft",
        "ticket_url": "",
    }
    assert (copy.published_at, copy.archived_at, copy.version) == (None, None, 0)


def test_duplicate_event_makes_an_address_from_the_name():
    event = make_event("Harbour Street Crawl")

    assert copy_of(event, name="Harbour Street Crawl").slug == "harbour-street-crawl-2"


@pytest.mark.parametrize(
    ("changes", "field"), [({"slug": "taken"}, "slug"), ({"name": "AB"}, "name"), ({"slug": "No Slug"}, "slug")]
)
def test_duplicate_event_refuses_as_create_event_does_and_leaves_nothing(changes, field):
    event = make_event(slug="taken")
    make_set(event)

    with pytest.raises(ValidationError) as refusal:
        copy_of(event, **changes)

    assert list(refusal.value.message_dict) == [field]
    assert (Event.objects.count(), Performance.objects.count()) == (1, 1)


def test_duplicate_event_leaves_what_fans_made_and_what_happened_behind():
    event = make_public_event()
    performance = make_set(event, crew_notes="Bring cash", notes="Album release")
    lineup.change_set(performance, expected_delay_minutes=10, **MADE)
    plan = Plan.objects.create(event=event, key_hash="x")
    Pick.objects.create(plan=plan, performance=performance)
    ShareLink.objects.create(slug="abcd1234", event=event, kind="live", plan=plan, expires_at=NOW)
    events.update_event(event, slug="renamed", **MADE)

    copy = copy_of(event)

    made = copy.performances.get()
    assert values_of(made, ["crew_notes", "notes", "expected_delay_minutes", "sequence", "version"]) == {
        "crew_notes": "",
        "notes": "Album release",
        "expected_delay_minutes": 0,
        "sequence": 0,
        "version": 0,
    }
    assert made.uid != performance.uid
    assert [rows.count() for rows in (copy.plans, copy.share_links, copy.former_slugs)] == [0, 0, 0]
    assert list(copy.changes.values_list("kind", flat=True)) == [Change.Kind.EVENT_CREATED, Change.Kind.ADDED]


def test_duplicate_event_that_is_published_leaves_the_original_alone():
    event = make_event()
    make_set(event)
    before = Event.objects.filter(pk=event.pk).values().get(), list(event.performances.values())

    copy = copy_of(event)
    lineup.cancel_set(copy.performances.get(), **MADE)
    publishing.publish_event(copy, **MADE)

    assert (Event.objects.filter(pk=event.pk).values().get(), list(event.performances.values())) == before
    assert list(Event.objects.visible_to(PUBLIC)) == [copy]


def test_duplicate_event_is_open_to_the_scoped_editor_who_made_it():
    event = make_event()
    tara = make_user("editor", event, email="tara@label.example")

    copy = copy_of(event, by=tara)

    assert (copy.created_by, copy.is_open_to(tara)) == (tara, True)
    assert AuditEntry.objects.filter(action="event.created", object_id=str(copy.pk)).count() == 1


# --- Times -------------------------------------------------------------------------------------


def test_duplicate_event_keeps_nights_and_wall_times_over_a_change_of_clocks():
    """Three nights in October become three in November: one hour on in UTC from the second night's small hours on."""
    event = make_event(end_date=SATURDAY + timedelta(days=2))
    sunday, monday = SATURDAY + timedelta(days=1), SATURDAY + timedelta(days=2)
    cellar = make_venue("Cellar", parent=make_venue("Customs House"))
    make_set(event, "Moth Choir", "20:00", "20:40")
    make_set(event, "Witchrot", "24:25", "25:10", venue="Cellar")
    make_set(event, "AAWKS", "21:00", None, night=sunday)
    make_set(event, None, None, None, night=monday, venue=None, billing="Secret guest")
    events.set_hours(event, SATURDAY, opens_at=wall(event, "18:30"), curfew_at=wall(event, "26:30"), **MADE)
    events.set_hours(event, monday, venue=cellar, curfew_at=wall(event, "23:00", night=monday), **MADE)

    copy = copy_of(event, date=CLOCKS_GO_BACK)

    first, second, third = (CLOCKS_GO_BACK + timedelta(days=n) for n in range(3))
    assert programme_of(copy) == [
        (first, "Sat 20:00", "Sat 20:40", "Moth Choir", "Blue Anchor"),
        (first, "Sun 00:25", "Sun 01:10", "Witchrot", "Customs House (Cellar)"),
        (second, "Sun 21:00", None, "AAWKS", "Blue Anchor"),
        (third, None, None, "Secret guest", ""),
    ]
    starts = [each.starts_at and each.starts_at.astimezone(UTC).hour for each in copy.performances.all()]
    assert starts == [0, 4, 2, None]  # 8 PM is 0:00 UTC before the change, 9 PM is 2:00 after it
    assert list(copy.doors.values_list("night", "venue", "opens_at", "curfew_at")) == [
        (first, None, wall(copy, "18:30"), datetime(2026, 11, 1, 7, 30, tzinfo=UTC)),
        (third, cellar.pk, None, wall(copy, "23:00", night=third)),
    ]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("25:30", "25:55", ("Sun 01:30", "Sun 01:55", False)),
        ("25:30", "26:15", ("Sun 01:30", "Sun 03:15", False)),
        ("26:00", "26:30", ("Sun 03:00", "Sun 03:30", True)),
        ("26:30", "27:15", ("Sun 03:30", "Sun 04:15", True)),
        ("26:59", None, ("Sun 03:59", None, True)),
        ("27:00", "27:30", ("Sun 03:00", "Sun 03:30", False)),
    ],
)
def test_start_that_the_clocks_jump_over_moves_behind_the_jump_and_the_set_keeps_its_length(start, end, expected):
    event = make_event()
    performance = make_set(event, start=start, end=end)

    times = times_in_copy(performance, nights=(CLOCKS_GO_FORWARD - SATURDAY).days)

    shown = [each and f"{each.astimezone(event.zone):%a %H:%M}" for each in (times.starts_at, times.ends_at)]
    assert (*shown, times.is_moved) == expected
    assert [each[1:3] for each in programme_of(copy_of(event, date=CLOCKS_GO_FORWARD))] == [expected[:2]]


def test_set_of_the_doubled_hour_does_not_end_before_it_starts_in_the_copy():
    event = make_event(date=CLOCKS_GO_BACK)
    first_0130, second_0110 = datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 6, 10, tzinfo=UTC)
    performance = lineup.add_set(event, night=event.date, starts_at=first_0130, ends_at=second_0110, **MADE)

    times = times_in_copy(performance, nights=7)

    assert times == Times(wall(event, "25:30", night=date(2026, 11, 7)), wall(event, "26:10", night=date(2026, 11, 7)))


@pytest.mark.parametrize(
    ("today", "proposed"),
    [
        (SATURDAY, date(2027, 10, 9)),
        (date(2027, 10, 9), date(2027, 10, 9)),
        (date(2027, 10, 10), date(2028, 10, 7)),
    ],
)
def test_proposed_date_is_on_the_same_day_of_the_week_and_not_in_the_past(today, proposed):
    assert proposed_date(make_event(), today=today) == proposed
    assert proposed.weekday() == SATURDAY.weekday()


# --- Sets --------------------------------------------------------------------------------------


def test_sets_that_did_not_take_place_stay_behind_and_postponed_ones_lose_their_times():
    event = make_event()
    make_set(event, "Scheduled", "19:00", "19:30")
    lineup.cancel_set(make_set(event, "Cancelled", "20:00", "20:30"), **MADE)
    lineup.withdraw_set(make_set(event, "Withdrawn", "21:00", "21:30"), **MADE)
    lineup.postpone_set(make_set(event, "Postponed", "22:00", "22:30"), **MADE)
    lineup.replace_set(make_set(event, "Replaced", "23:00", "23:30"), billing="Stand-in", **MADE)

    copy = copy_of(event)

    assert programme_of(copy) == [
        (NEXT, "Sat 19:00", "Sat 19:30", "Scheduled", "Blue Anchor"),
        (NEXT, "Sat 23:00", "Sat 23:30", "Stand-in", "Blue Anchor"),
        (NEXT, None, None, "Postponed", "Blue Anchor"),
    ]
    assert set(copy.performances.values_list("status", "replaces")) == {("scheduled", None)}


def test_of_two_sets_that_both_stand_the_one_that_was_replaced_stays_behind():
    event = make_event()
    replaced = make_set(event)
    replacement = lineup.replace_set(replaced, billing="Stand-in", **MADE)
    Performance.objects.filter(pk=replaced.pk).update(status="scheduled")

    assert sets_to_copy(event) == [replacement]


@pytest.mark.parametrize(
    ("with_bands", "billed"),
    [
        (
            True,
            [
                ("The Harpoonist", "set", "DJ set", "loud"),
                ("", "activity", "Silent Disco", "bring socks"),
                ("", "placeholder", "Secret guest", ""),
            ],
        ),
        (
            False,
            [
                ("", "placeholder", "TBA", ""),
                ("", "activity", "Silent Disco", "bring socks"),
                ("", "placeholder", "TBA", ""),
            ],
        ),
    ],
)
def test_slots_come_with_their_bands_or_as_a_template(with_bands, billed):
    event = make_event()
    make_set(event, "The Harpoonist", "19:00", billing="DJ set", notes="loud")
    make_set(event, None, "20:00", billing="Silent Disco", kind=Performance.Kind.ACTIVITY, notes="bring socks")
    make_set(event, None, "21:00", "21:30", billing="Secret guest")

    copy = copy_of(event, with_bands=with_bands)

    made = copy.performances.select_related("band")
    assert [(str(each.band or ""), each.kind, each.billing, each.notes) for each in made] == billed


@pytest.mark.parametrize("reveal_mode", [True, False])
def test_copy_in_reveal_mode_has_nothing_announced(reveal_mode):
    event = make_event(reveal_mode=reveal_mode)
    make_set(event, is_announced=True)

    copy = copy_of(event)

    assert list(copy.performances.values_list("is_announced", "announced_at", "announce_at")) == [
        (not reveal_mode, None if reveal_mode else NOW, None)
    ]


# --- The poster --------------------------------------------------------------------------------


def test_poster_is_copied_as_a_file_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    event = make_event(poster=ContentFile(b"a picture", name="f" * 32 + ".jpg"))

    copy = copy_of(event)

    assert copy.poster.read() == b"a picture"
    assert len({event.poster.name, copy.poster.name}) == 2
    assert len(list((tmp_path / "posters").iterdir())) == 2


def test_poster_whose_file_is_gone_stays_behind(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    event = make_event(poster=ContentFile(b"a picture", name="f" * 32 + ".jpg"))
    (tmp_path / event.poster.name).unlink()

    assert copy_of(event).poster.name == ""


# --- How long it takes -------------------------------------------------------------------------


def queries_for(set_count):
    event = make_event(f"Crawl of {set_count}")
    for hour in range(16, 16 + set_count):
        make_set(event, f"Band {hour}", start=f"{hour}:00", end=f"{hour}:30")
    with CaptureQueriesContext(connection) as queries:
        copy_of(event)
    return len(queries)


def test_every_set_takes_the_same_number_of_queries():
    none, three, six = (queries_for(count) for count in (0, 3, 6))

    assert six - three == three - none
