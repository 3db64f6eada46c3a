"""Importing running orders: real ones, corrected ones, broken ones; all rows or none, and twice is once."""

import csv
import io
import json
import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from time import sleep

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from hypothesis import event, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from bands.library import add_alias, add_band
from bands.models import BandProfile, Genre
from schedule import conflicts, lineup, publishing
from schedule.conflicts import ConflictKind
from schedule.events import set_doors, update_event
from schedule.importing import Action, Options, import_lineup
from schedule.lineup_files import KNOWN_KEYS, LineupFile, LineupRow, UnreadableFileError, read_lineup
from schedule.models import Change, Event, Performance, Venue
from schedule.row_times import DateMeaning
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
from tests.schedule.test_lineup_files import CELLS, JSON_VALUES, LINEUPS

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
FRIDAY = SATURDAY - timedelta(days=1)
OUR_APPS = ["accounts", "bands", "schedule", "notifications", "analytics"]
EVENT_FILE_NAMES = sorted(path.stem for path in LINEUPS.glob("*-20*-*-*.json"))


def real_file(name):
    return read_lineup((LINEUPS / f"{name}.json").read_bytes(), is_json=True)


def table(*rows, header="night,venue,band,start,end"):
    """A CSV file of such rows."""
    return read_lineup("\n".join([header, *rows]).encode(), is_json=False)


def event_file(performances=(), **parts):
    return read_lineup(json.dumps({**parts, "performances": list(performances)}).encode(), is_json=True)


def run(file, *, by=None, now=NOW, **options):
    """Import a file; without another word into the event of `make_event`."""
    return import_lineup(file, Options(**{"event_slug": "harbour-street-crawl-3", **options}), by=by, now=now)


def run_as_told(file, **options):
    """Import a file into the event that it names itself."""
    return run(file, **{"event_slug": "", **options})


def festival(name):
    """A real festival as its facts and as the CSV that somebody would make of it."""
    content = json.loads((LINEUPS / f"{name}.json").read_text(encoding="utf-8"))
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["night", "venue", "band", "start", "end"])
    for night, venue, act, start, end in content["sets"]:
        writer.writerow([night, venue, act, start.replace("T", " "), end.replace("T", " ")])
    return content["facts"], content["sets"], read_lineup(out.getvalue().encode(), is_json=False)


def table_contents():
    """Every row of every table of ours."""
    return {
        model._meta.label: sorted(model._default_manager.order_by().values_list(), key=repr)
        for app in OUR_APPS
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
    }


def sets_of(event):
    """The running order as ("Sun 15", "23:55", "00:25 Mon", venue, title): night, start, end with other days named."""
    zone = event.zone

    def clock(instant, night):
        if instant is None:
            return None
        local = instant.astimezone(zone)
        return f"{local:%H:%M}" if local.date() == night else f"{local:%H:%M %a}"

    return [
        (f"{p.night:%a %d}", clock(p.starts_at, p.night), clock(p.ends_at, p.night), str(p.venue or ""), p.title)
        for p in event.performances.select_related("venue__parent", "band")
    ]


def make_band_named_alike(name, **fields):
    """A band beside one of that name; the factory would answer the one that is there."""
    return add_band(name, **MADE, **fields)


def rows_by_band(event):
    """Each set's own row, by its band, else by what it is billed as."""
    return {
        str(p.band or p.billing): Performance.objects.filter(pk=p.pk).values().get() for p in event.performances.all()
    }


def changes_since(event, revision):
    """What was recorded after a revision, as (kind, set, before, after)."""
    return [
        (change.kind, change.performance.title, change.before, change.after)
        for change in event.changes.filter(revision__gt=revision)
    ]


def refusals(report):
    """What was refused, as (label of the row, sentences)."""
    return [(each.row.label, each.remarks) for each in report.refused]


def refusal_of(*args, **kwargs):
    """The messages of the ValidationError that a run raises."""
    with pytest.raises(ValidationError) as refusal:
        run(*args, **kwargs)
    return refusal.value.messages


NO_VENUE_NAME = "A venue needs a name with a visible character. Write it, or TBA while it is open."


# Real running orders


def test_vol_15_is_14_sets_of_one_night_in_the_order_of_their_instants(client):
    report = run_as_told(real_file("lwbc-vol-15-2026-02-15"), publish=True)

    event = Event.objects.get()
    assert (event.name, event.slug, event.date, event.end_date, event.timezone, event.status) == (
        "Long Weekend Band Crawl - Vol. 15",
        "lwbc15",
        date(2026, 2, 15),
        None,
        "America/Toronto",
        "published",
    )
    assert (event.city, event.ticket_url, event.social_links) == (
        "Waterloo, ON",
        "https://ticketscene.ca/events/57661/",
        {"instagram": "longweekendbandcrawl", "facebook": "https://www.facebook.com/share/1AF7hMe7ho/"},
    )
    assert sets_of(event) == [
        ("Sun 15", "18:45", "19:15", "Prohibition Warehouse", "Kelly Spears"),
        ("Sun 15", "18:55", "19:25", "Princess Cafe", "Shrieking"),
        ("Sun 15", "19:00", "19:30", "Revive Karaoke", "Francium"),
        ("Sun 15", "19:35", "20:10", "Room 47", "Space Pope"),
        ("Sun 15", "20:15", "20:45", "Princess Cafe", "Your Pal Bill"),
        ("Sun 15", "20:15", "20:45", "Prohibition Warehouse", "Birdhand"),
        ("Sun 15", "20:15", "20:45", "Revive Karaoke", "Fuzz Vultures"),
        ("Sun 15", "20:50", "21:30", "Room 47", "Witchrot"),
        ("Sun 15", "21:35", "22:05", "Prohibition Warehouse", "SKAtharines"),
        ("Sun 15", "21:50", "22:20", "Princess Cafe", "Melody Bijou"),
        ("Sun 15", "22:10", "22:40", "Revive Karaoke", "Church Fight"),
        ("Sun 15", "22:45", "23:15", "Prohibition Warehouse", "Early Heaven"),
        ("Sun 15", "23:20", "23:50", "Revive Karaoke", "AAWKS"),
        ("Sun 15", "23:55", "00:25 Mon", "Prohibition Warehouse", "$wamp A$$"),
    ]
    assert (report.count(Action.CREATE), len(report.new_bands), len(report.new_venues)) == (14, 14, 4)
    assert (report.is_new_event, report.is_saved, report.warnings, report.suggestions) == (True, True, [], [])


def test_vol_15_shows_the_set_across_midnight_last_on_its_night_and_ends_it_the_next_day(client):
    run_as_told(real_file("lwbc-vol-15-2026-02-15"), publish=True)

    response = client.get("/events/lwbc15/")
    calendar = Calendar.from_ical(client.get("/events/lwbc15/schedule.ics").content)

    sets = list(Event.objects.get().performances.all())
    nights = response.context["programme"].nights
    assert [(night.night, [row.name for row in night.rows]) for night in nights] == [
        (date(2026, 2, 15), [each.title for each in sets])
    ]
    page = response.content.decode()
    assert sorted(sets, key=lambda each: page.index(f'id="set-{each.pk}"')) == sets
    assert sets[-1].title == "$wamp A$$"
    entries = {str(entry["summary"]): entry for entry in calendar.walk("VEVENT")}
    assert len(entries) == 14
    assert entries["$wamp A$$"]["dtstart"].dt.isoformat() == "2026-02-15T23:55:00-05:00"
    assert entries["$wamp A$$"]["dtend"].dt.isoformat() == "2026-02-16T00:25:00-05:00"


@pytest.mark.parametrize(
    ("name", "slug", "night", "venues"),
    [
        ("lwbc-vol-12-2025-05-18", "long-weekend-band-crawl-vol-12-long-weekend-band-c", date(2025, 5, 18), []),
        (
            "lwbc-vol-13-2025-08-03",
            "long-weekend-band-crawl-vol-13-long-weekend-band-c",
            date(2025, 8, 3),
            ["AristoCanine", "Prohibition Warehouse", "Room 47", "The Princess Cafe"],
        ),
    ],
)
def test_line_ups_without_times_and_venues_are_sets_without_them(name, slug, night, venues):
    file = real_file(name)

    run_as_told(file, publish=True)

    event = Event.objects.get()
    assert (event.slug, event.date, event.status) == (slug, night, "published")
    assert sets_of(event) == [(f"{night:%a %d}", None, None, "", row.band) for row in file.rows]
    assert sorted(str(venue) for venue in Venue.objects.all()) == venues
    assert {band.name for band in BandProfile.objects.all()} == {row.band for row in file.rows}


def test_vol_17_has_doors_and_venues_and_no_bands():
    report = run_as_told(real_file("lwbc-vol-17-2026-08-02"))

    event = Event.objects.get()
    assert (event.status, event.age_rule, event.performances.count()) == ("draft", "19+", 0)
    assert [(doors.night, doors.opens_at, doors.venue) for doors in event.doors.all()] == [
        (date(2026, 8, 2), datetime(2026, 8, 2, 22, 30, tzinfo=UTC), None)
    ]
    assert [(str(venue), venue.latitude, venue.longitude) for venue in report.new_venues] == [
        ("The Roost", 43.465, -80.5241),
        ("Princess Cafe", 43.46555, -80.5236),
        ("Revive Karaoke (Blue Room)", 43.4659, -80.5233),
        ("Revive Karaoke", 43.466, -80.5232),
        ("Room 47", 43.46655, -80.5225),
        ("Prohibition Warehouse", 43.4671, -80.52205),
    ]
    assert report.suggestions == ["The venue “Revive Karaoke” may be the house of Revive Karaoke (Blue Room)."]


def test_vol_18_is_published_with_an_empty_line_up(client):
    report = run_as_told(real_file("lwbc-vol-18-2026-10-11"), publish=True)

    assert (report.is_saved, report.rows, Event.objects.get().status) == (True, [], "published")
    assert client.get("/events/lwbc18/").status_code == 200


@pytest.mark.parametrize(
    ("dates", "wheres_shane"),
    [
        (DateMeaning.CALENDAR, ("Fri 07", "00:25 Sat", None, "", "Where's Shane?")),
        (DateMeaning.NIGHT, ("Sat 08", "00:25 Sun", None, "", "Where's Shane?")),
    ],
)
def test_buddies_fest_has_three_nights_and_its_dates_mean_what_is_said(dates, wheres_shane):
    run_as_told(real_file("buddies-fest-2-2026-08-07"), dates=dates)

    event = Event.objects.get()
    assert (event.date, event.end_date) == (date(2026, 8, 7), date(2026, 8, 9))
    others = [
        ("Fri 07", "18:25", "18:55", "", "Kepi Ghoulie"),
        ("Fri 07", "22:00", "23:00", "", "ALL"),
        ("Sat 08", "15:55", "16:30", "", "Kepi Ghoulie"),
        ("Sat 08", "21:00", "22:00", "", "ALL"),
    ]
    assert sets_of(event) == sorted([*others, wheres_shane], key=lambda row: (row[0], len(row[1]), row[1]))
    assert [(doors.night.day, doors.opens_at.astimezone(event.zone).time()) for doors in event.doors.all()] == [
        (7, time(15)),
        (8, time(15)),
        (9, time(15)),
    ]


@pytest.mark.parametrize("name", EVENT_FILE_NAMES)
def test_importing_an_event_file_twice_changes_nothing(name):
    file = real_file(name)
    run_as_told(file, publish=True)
    before = table_contents()

    report = run_as_told(file, publish=True, now=LATER, by=make_admin())

    after = table_contents()
    del before["accounts.User"], after["accounts.User"]
    assert after == before
    assert [each.action for each in report.rows] == [Action.KEEP] * len(file.rows)
    assert (report.new_bands, report.new_venues, report.suggestions, report.not_in_file) == ([], [], [], [])


def test_all_volumes_share_their_bands_and_venues_and_spelling_is_only_suggested():
    reports = [run_as_told(real_file(name), publish=True) for name in EVENT_FILE_NAMES]

    assert sum(len(report.new_bands) for report in reports) == BandProfile.objects.count() == 3 + 19 + 18 + 12
    assert [
        band.performances.count() for band in BandProfile.objects.filter(name__in=["Space Pope", "Skatharines"])
    ] == [2, 2]
    skatharines = Performance.objects.filter(band__name="Skatharines").values_list("billing", flat=True)
    assert sorted(skatharines) == ["", "SKAtharines"]  # each event bills the band as it wrote it
    assert [hint for report in reports for hint in report.suggestions] == [
        "The venue “Princess Cafe” may be The Princess Cafe (the same name, spelled differently).",
        "The venue “Revive Karaoke (Blue Room)” may be a room of Revive Karaoke.",
    ]


def facts_of(event):
    """What the facts of a festival file count, counted in our rows."""
    sets = list(event.performances.all())
    local = [(p, p.starts_at.astimezone(event.zone), p.ends_at.astimezone(event.zone)) for p in sets]
    minutes = [(p.ends_at - p.starts_at).total_seconds() // 60 for p in sets]
    names = Counter(p.title.casefold() for p in sets)
    overlaps = conflicts.find(event)
    return {
        "sets": len(sets),
        "venues_trimmed_casefolded": Venue.objects.count(),
        "nights": [night.isoformat() for night in sorted({p.night for p in sets})],
        "sets_starting_after_midnight": sum(start.date() > p.night for p, start, _ in local),
        "sets_starting_0600_or_later_but_still_previous_night": sum(
            start.date() > p.night and start.time() >= time(6) for p, start, _ in local
        ),
        "sets_ending_exactly_midnight": sum(end.time() == time() for _, _, end in local),
        "longer_than_5_hours": sum(each > 300 for each in minutes),
        "sets_crossing_midnight": sum(end.date() > start.date() for _, start, end in local),
        "act_names_with_more_than_one_set": sum(count > 1 for count in names.values()),
        "placeholder_sets": sum(p.kind == Performance.Kind.PLACEHOLDER for p in sets),
        "same_venue_overlapping_pairs": sum(
            len(each.others) for each in overlaps if each.kind == ConflictKind.VENUE_OVERLAP
        ),
        "minutes_shortest_longest": [min(minutes), max(minutes)],
    }


def as_in_the_file(event, *, venue_names):
    """The running order as the rows of a festival file, to be compared as a set."""
    return sorted(
        [
            p.night.isoformat(),
            venue_names[str(p.venue).casefold()],
            p.title,
            f"{p.starts_at.astimezone(event.zone):%Y-%m-%dT%H:%M}",
            f"{p.ends_at.astimezone(event.zone):%Y-%m-%dT%H:%M}",
        ]
        for p in event.performances.select_related("venue", "band")
    )


def test_treefort_is_refused_for_its_set_of_twelve_hours_until_that_is_accepted():
    facts, sets, file = festival("treefort-2015")
    empty = table_contents()

    report = run(replace(file, rows=file.rows[:60]), event_slug="", name="Treefort 2015", timezone="America/Boise")

    assert refusals(report) == [
        (
            "row 56 (set 55)",
            [
                "19:00 to 07:40 would be a set of 12 h 40 min. Probably AM and PM are mixed up: "
                "19:40 instead of 07:40? Correct it, or accept long sets."
            ],
        )
    ]
    assert (report.is_saved, report.count(Action.CREATE), table_contents() == empty) == (False, 59, True)

    report = run(file, event_slug="", name="Treefort 2015", timezone="America/Boise", accept_long=True)

    event = Event.objects.get()
    counted = facts_of(event)
    assert counted == {name: facts[name] for name in counted}
    venue_names = {venue.strip().casefold(): venue.strip() for _, venue, *_ in sets}
    assert as_in_the_file(event, venue_names=venue_names) == sorted(
        [night, venue_names[venue.strip().casefold()], act.strip(), *times] for night, venue, act, *times in sets
    )
    assert (event.slug, event.date, event.end_date) == ("treefort-2015", date(2015, 3, 25), date(2015, 3, 29))
    assert (BandProfile.objects.count(), len(report.suggestions)) == (264, 6)
    assert report.suggestions[-1] == (
        "row 263 (set 262): “The Earthlings + The Armada ID” may be 2 acts: The Earthlings, The Armada ID."
    )
    before = table_contents()

    run(file, event_slug="treefort-2015", now=LATER)  # what has been accepted is not asked again

    assert table_contents() == before


def test_2000_trees_has_slots_and_activities_that_are_no_bands_and_no_double_bookings():
    facts, sets, file = festival("2000trees-2026")

    report = run(file, event_slug="2000trees", name="2000 Trees 2026", timezone="Europe/London")

    event = Event.objects.get()
    counted = facts_of(event)
    assert counted == {name: facts[name] for name in counted}
    venue_names = {venue.casefold(): venue for _, venue, *_ in sets}
    assert as_in_the_file(event, venue_names=venue_names) == sorted(sets)
    assert report.warnings == []
    kinds = Counter(event.performances.values_list("kind", flat=True))
    assert kinds == {"set": 167, "placeholder": 75, "activity": 20}
    slots = {"TBC", "TBA", "Yoga", "Kids Yoga", "Silent Disco", "New Act Showcase", "Solid Gold Fitness"}
    assert not slots & set(BandProfile.objects.values_list("name", flat=True))
    assert Counter(p.title for p in event.performances.filter(band=None)) == {
        "TBC": 72,
        "TBA": 3,
        "Silent Disco": 7,
        "Yoga": 3,
        "Kids Yoga": 3,
        "New Act Showcase": 3,
        "Solid Gold Fitness": 2,
        "Solid Gold Fitness - Kids": 2,
    }
    before = table_contents()

    run(file, event_slug="2000trees", now=LATER)

    assert table_contents() == before


# Corrected files

CRAWL = (
    "2026-10-09,Blue Anchor,Witchrot,20:00,20:30",
    "2026-10-09,Blue Anchor,AAWKS,21:00,21:30",
    "2026-10-10,Fish Market Hall,Birdhand,20:00,20:30",
    "2026-10-10,Blue Anchor,TBA,22:30,23:00",
    "2026-10-10,Blue Anchor,Yoga,09:00,",
)


def make_weekend():
    """A public event of two nights, known to `run`."""
    return make_public_event(date=FRIDAY, end_date=SATURDAY)


def import_crawl():
    """The crawl, imported into a weekend."""
    event = make_weekend()
    run(table(*CRAWL))
    event.refresh_from_db()
    return event


def correct_crawl(line, row):
    """Import the crawl again with one of its lines, counted from 0, written otherwise."""
    return run(table(*CRAWL[:line], row, *CRAWL[line + 1 :]), now=LATER)


@pytest.mark.parametrize(
    ("row", "remarks", "changed"),
    [
        ("2026-10-09,Blue Anchor,AAWKS,21:15,21:45", ["retimed"], {"starts_at", "ends_at"}),
        ("2026-10-09,Blue Anchor,AAWKS,21:00,21:35", ["retimed"], {"ends_at"}),
        ("2026-10-09,Blue Anchor,AAWKS,21:15,", ["retimed"], {"starts_at", "ends_at"}),
        ("2026-10-09,Fish Market Hall,AAWKS,21:00,21:30", ["moved"], {"venue_id"}),
        ("2026-10-09,Princess Cafe,AAWKS,22:00,22:30", ["moved", "retimed"], {"venue_id", "starts_at", "ends_at"}),
        ("2026-10-10,Blue Anchor,AAWKS,21:00,21:30", ["retimed"], {"night", "starts_at", "ends_at"}),
        ("2026-10-09,Blue Anchor,Aawks,21:00,21:30", ["edited"], {"billing"}),
    ],
)
def test_corrected_file_changes_the_corrected_set_and_no_other(row, remarks, changed):
    event = import_crawl()
    before, revision = rows_by_band(event), event.revision

    report = correct_crawl(1, row)

    after = rows_by_band(event)
    old, new = before.pop("AAWKS"), after.pop("AAWKS")
    assert after == before
    assert {name for name in new if new[name] != old[name]} - {
        "changed_at",
        "updated_at",
        "sequence",
        "version",
    } == changed
    assert [(kind, title) for kind, title, _, _ in changes_since(event, revision)] == [
        (remark, row.split(",")[2]) for remark in remarks
    ]
    assert [(each.row.label, each.action) for each in report.rows if each.action != Action.KEEP] == [
        ("row 3 (set 2)", Action.CHANGE)
    ]
    assert report.rows[1].remarks[: len(remarks)] == remarks


@pytest.mark.parametrize(
    "row",
    [
        "2026-10-09,,AAWKS,21:00,21:30",
        "2026-10-09,Blue Anchor,AAWKS,21:00,",
        "2026-10-09,TBA,AAWKS,,",
        "2026-10-09,-,aawks,tbc,",
    ],
)
def test_corrected_file_takes_nothing_away_where_it_leaves_a_cell_open(row):
    event = import_crawl()
    before = rows_by_band(event)["AAWKS"]

    correct_crawl(1, row)

    after = rows_by_band(event)["AAWKS"]
    assert {name: after[name] for name in ("venue_id", "starts_at", "ends_at", "night")} == {
        name: before[name] for name in ("venue_id", "starts_at", "ends_at", "night")
    }


def test_corrected_file_reveals_who_the_open_slot_is(client):
    event = import_crawl()
    slot, revision = event.performances.get(billing="TBA"), event.revision

    report = correct_crawl(3, "2026-10-10,Blue Anchor,$wamp A$$,22:30,23:00")

    revealed = event.performances.get(band__name="$wamp A$$")
    assert (revealed.pk, revealed.uid, revealed.kind, revealed.billing) == (slot.pk, slot.uid, "set", "")
    assert changes_since(event, revision) == [
        (
            "revealed",
            "$wamp A$$",
            {"band": None, "kind": "placeholder", "billing": "TBA"},
            {"band": {"id": revealed.band.pk, "name": "$wamp A$$"}, "kind": "set", "billing": ""},
        )
    ]
    assert report.rows[3].remarks == ["revealed", "new band", "venue matched"]
    assert (event.performances.count(), report.not_in_file) == (5, [])


def test_corrected_file_leaves_sets_that_it_does_not_name_and_lists_them():
    event = import_crawl()
    before = table_contents()

    report = run(table(*CRAWL[:2]))

    assert table_contents() == before
    assert [performance.title for performance in report.not_in_file] == ["Yoga", "Birdhand", "TBA"]
    assert event.performances.count() == 5


def test_files_of_single_nights_leave_the_other_night_alone():
    event = make_weekend()
    friday = table("2026-10-09,Blue Anchor,ALL,22:00,23:00", "2026-10-09,Blue Anchor,AAWKS,20:00,20:30")
    saturday = table("2026-10-10,Blue Anchor,ALL,21:00,22:00", "2026-10-10,Blue Anchor,Birdhand,20:00,20:30")

    for file in (friday, saturday, friday, saturday):
        report = run(file)

    assert sets_of(event) == [
        ("Fri 09", "20:00", "20:30", "Blue Anchor", "AAWKS"),
        ("Fri 09", "22:00", "23:00", "Blue Anchor", "ALL"),
        ("Sat 10", "20:00", "20:30", "Blue Anchor", "Birdhand"),
        ("Sat 10", "21:00", "22:00", "Blue Anchor", "ALL"),
    ]
    assert [each.action for each in report.rows] == [Action.KEEP, Action.KEEP]


def test_importing_rows_in_another_order_changes_nothing():
    import_crawl()
    before = table_contents()

    run(table(*reversed(CRAWL)), now=LATER)

    assert table_contents() == before


def test_importing_again_keeps_what_organizers_cancelled_and_withdrew():
    event = import_crawl()
    lineup.cancel_set(event.performances.get(band__name="AAWKS"), by=None, now=NOW)
    lineup.withdraw_set(event.performances.get(band__name="Birdhand"), by=None, now=NOW)
    before = table_contents()

    report = run(table(*CRAWL), now=LATER)

    assert table_contents() == before
    assert [each.remarks for each in report.rows] == [
        [],
        [],
        ["stays withdrawn; the status “scheduled” brings it back"],
        [],
        [],
    ]
    assert report.not_in_file == []


STATUS_HEADER = "night,venue,band,start,end,status"


@pytest.mark.parametrize("status", ["cancelled", "postponed", "withdrawn"])
def test_status_of_a_row_is_brought_about_once_and_taken_back(status):
    event = make_weekend()
    row = "2026-10-10,Blue Anchor,AAWKS,20:00,20:30"

    made = run(table(f"{row},{status}", header=STATUS_HEADER))
    before = table_contents()
    again = run(table(f"{row},{status.upper()}", header=STATUS_HEADER), now=LATER)

    assert table_contents() == before
    assert [each.action for each in (*made.rows, *again.rows)] == [Action.CREATE, Action.KEEP]
    assert event.performances.get().status == status

    back = run(table(f"{row},scheduled", header=STATUS_HEADER), now=LATER)

    assert (back.rows[0].action, back.rows[0].remarks[0]) == (Action.CHANGE, "restored")
    assert [p.status for p in event.performances.all()] == ["scheduled"]


def test_status_that_cannot_be_restored_is_refused():
    event = make_weekend()
    run(table("2026-10-10,Blue Anchor,AAWKS,20:00,20:30"))
    lineup.replace_set(event.performances.get(), band=make_band("Birdhand"), by=None, now=NOW)

    report = run(table("2026-10-10,Blue Anchor,AAWKS,20:00,20:30,scheduled", header=STATUS_HEADER))

    assert refusals(report) == [
        ("row 2 (set 1)", ["Birdhand plays instead of AAWKS. Cancel or withdraw Birdhand first."])
    ]


@pytest.mark.parametrize("is_announced", [True, False])
def test_announcement_of_a_row_is_brought_about_once(is_announced):
    event = make_public_event(reveal_mode=True)
    row = {"band": "AAWKS", "start_time": "20:00"}
    run(event_file([row]))
    assert event.performances.get().is_announced is False

    run(event_file([{**row, "is_announced": is_announced}]))
    before = table_contents()
    run(event_file([{**row, "is_announced": is_announced}]), now=LATER)
    run(event_file([row]), now=LATER)

    assert table_contents() == before
    assert event.performances.get().is_announced is is_announced


def test_announced_and_withdrawn_row_is_withdrawn_and_restored_in_one_go():
    event = make_public_event(reveal_mode=True)
    row = {"band": "AAWKS", "start_time": "20:00", "is_announced": True}
    statuses = ("withdrawn", "withdrawn", "scheduled", "scheduled")

    reports = [run(event_file([{**row, "status": status}])) for status in statuses]

    assert [report.rows[0].action for report in reports] == [Action.CREATE, Action.KEEP, Action.CHANGE, Action.KEEP]
    assert [(p.status, p.is_announced) for p in event.performances.all()] == [("scheduled", True)]


def test_kind_of_a_slot_is_changed_only_where_the_row_says_so():
    event = make_event()
    make_set(event, None, "20:00", None, billing="Mystery", kind=Performance.Kind.ACTIVITY)

    run(table("2026-10-10,Blue Anchor,Mystery,20:00,,activity", header="night,venue,band,start,end,kind"))
    assert event.performances.get().kind == "activity"

    report = run(table("2026-10-10,Blue Anchor,Mystery,20:00,,placeholder", header="night,venue,band,start,end,kind"))
    assert (event.performances.get().kind, report.rows[0].remarks) == ("placeholder", ["edited", "venue matched"])


def test_kind_that_an_organizer_chose_is_not_guessed_again():
    event = make_event()
    make_set(event, None, "20:00", None, billing="TBA", kind=Performance.Kind.ACTIVITY)

    report = run(table("2026-10-10,Blue Anchor,TBA,20:00,"))

    assert (event.performances.get().kind, report.rows[0].action) == ("activity", Action.KEEP)


@pytest.mark.parametrize(
    ("stored", "written", "is_changed"),
    [
        ("All ages", "All ages", False),
        (" All ages\r\nguardian \n", '"All ages\nguardian"', False),
        ("All ages", "", False),
        ("All ages", "19+", True),
        ("All ages", '"All\nages"', True),
    ],
)
def test_notes_are_compared_whatever_a_spreadsheet_does_to_line_ends(stored, written, is_changed):
    event = make_event()
    make_set(event, "AAWKS", notes=stored)

    report = run(
        table(f"2026-10-10,Blue Anchor,AAWKS,20:00,20:30,{written}", header="night,venue,band,start,end,notes")
    )

    assert report.rows[0].action == (Action.CHANGE if is_changed else Action.KEEP)
    assert event.performances.get().notes == (written.strip('"') if is_changed else stored)


# When a row is


@pytest.mark.parametrize(
    ("row", "dates"),
    [
        ("2026-10-10,23:55,00:25", "calendar"),
        ("2026-10-10,11:55 PM,12:25 AM", "calendar"),
        ("2026-10-10,23:55,24:25", "calendar"),
        ("2026-10-10,2026-10-10 23:55,2026-10-11 00:25", "calendar"),
        ("2026-10-10,2026-10-10T23:55,2026-10-11T00:25:00", "calendar"),
        (",2026-10-10 23:55,2026-10-11 00:25", "calendar"),
        (",2026-10-10 23:55,00:25", "calendar"),
        (",2026-10-10 23:55,2026-10-10 24:25", "calendar"),
        (",23:55,2026-10-11 00:25", "calendar"),
        (",23:55,00:25", "calendar"),
        ("2026-10-10,23:55,00:25", "night"),
        (",2026-10-10 23:55,2026-10-10 00:25", "night"),
        (",2026-10-10 23:55,2026-10-11 00:25", "night"),
        ("2026-10-10,2026-10-10 23:55,2026-10-10 24:25", "night"),
    ],
)
def test_times_across_midnight_are_the_same_however_they_are_written(row, dates):
    event = make_event()
    night, start, end = row.split(",")

    run(table(f"{night},Blue Anchor,AAWKS,{start},{end}"), dates=DateMeaning(dates))

    assert sets_of(event) == [("Sat 10", "23:55", "00:25 Sun", "Blue Anchor", "AAWKS")]


@pytest.mark.parametrize(
    ("row", "dates", "expected"),
    [
        ("2026-10-09,00:10,", "calendar", ("Fri 09", "00:10 Sat", None)),
        ("2026-10-09,05:59,", "calendar", ("Fri 09", "05:59 Sat", None)),
        ("2026-10-09,06:00,", "calendar", ("Fri 09", "06:00", None)),
        ("2026-10-09,30:30,31:00", "calendar", ("Fri 09", "06:30 Sat", "07:00 Sat")),
        (",2026-10-10 05:59,", "calendar", ("Fri 09", "05:59 Sat", None)),
        (",2026-10-10 06:00,", "calendar", ("Sat 10", "06:00", None)),
        ("2026-10-09,2026-10-10 06:30,2026-10-10 07:30", "calendar", ("Fri 09", "06:30 Sat", "07:30 Sat")),
        (",2026-10-09 00:10,", "night", ("Fri 09", "00:10 Sat", None)),
        (",2026-10-09 24:10,24:40", "night", ("Fri 09", "00:10 Sat", "00:40 Sat")),
        ("2026-10-10,20:00,", "calendar", ("Sat 10", "20:00", None)),
        ("2026-10-10,,", "calendar", ("Sat 10", None, None)),
        ("2026-10-10,TBA,tba", "night", ("Sat 10", None, None)),
        ("2026-10-10,noon,1pm", "calendar", ("Sat 10", "12:00", "13:00")),
        ("2026-10-10,20:00,02:00", "calendar", ("Sat 10", "20:00", "02:00 Sun")),  # six hours
    ],
)
def test_times_belong_to_the_night_that_the_file_means(row, dates, expected):
    event = make_weekend()
    night, start, end = row.split(",")

    run(table(f"{night},Blue Anchor,AAWKS,{start},{end}"), dates=DateMeaning(dates))

    assert sets_of(event) == [(*expected, "Blue Anchor", "AAWKS")]


@pytest.mark.parametrize(
    ("facts", "dates", "expected"),
    [
        ({"date": "2026-10-10", "start_time": "00:25"}, "calendar", ("Fri 09", "00:25 Sat", None)),
        ({"date": "2026-10-10", "start_time": "00:25"}, "night", ("Sat 10", "00:25 Sun", None)),
        ({"date": "2026-10-10", "night": "2026-10-09", "start_time": "00:25"}, "night", ("Fri 09", "00:25 Sat", None)),
        (
            {"date": "2026-10-10", "night": "2026-10-09", "start_time": "07:00"},
            "calendar",
            ("Fri 09", "07:00 Sat", None),
        ),
        ({"date": "2026-10-10"}, "calendar", ("Sat 10", None, None)),
        ({"date": "2026-10-10", "night": "2026-10-09"}, "calendar", ("Fri 09", None, None)),
        ({"date": "2026-10-09", "start_time": "2026-10-10 20:00"}, "calendar", ("Sat 10", "20:00", None)),
        ({"night": "2026-10-10", "start_time": 2030}, "calendar", ("Sat 10", "20:30", None)),
    ],
)
def test_dates_of_event_files_are_read_as_they_are_meant(facts, dates, expected):
    event = make_weekend()

    run(event_file([{"band": "AAWKS", **facts}]), dates=DateMeaning(dates))

    assert sets_of(event) == [(*expected, "", "AAWKS")]


@pytest.mark.parametrize(
    ("start", "end", "starts_at", "minutes"),
    [
        ("2026-11-01 01:30 EDT", "2026-11-01 01:30 EST", datetime(2026, 11, 1, 5, 30, tzinfo=UTC), 60),
        ("2026-11-01 01:30 EST", "2026-11-01 02:30", datetime(2026, 11, 1, 6, 30, tzinfo=UTC), 60),
        ("01:30", "02:30", datetime(2026, 11, 1, 5, 30, tzinfo=UTC), 120),
        ("25:30 est", "26:30", datetime(2026, 11, 1, 6, 30, tzinfo=UTC), 60),
    ],
)
def test_times_in_the_doubled_hour_of_autumn_keep_which_one_is_meant(start, end, starts_at, minutes):
    night = date(2026, 10, 31)
    event = make_event(date=night)

    run(table(f"{night},Blue Anchor,AAWKS,{start},{end}"))

    performance = event.performances.get()
    assert (performance.night, performance.starts_at) == (night, starts_at)
    assert performance.ends_at - performance.starts_at == timedelta(minutes=minutes)


# Rows that are refused


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2026-10-10,A,B,,21:00", "There is an end (21:00) but no start. Add the start, or leave the end empty."),
        ("2026-10-10,A,B,20:00,20:00", "Start and end are both 20:00. Correct one, or leave the end empty."),
        (
            ",A,B,2026-10-10 20:00,2026-10-10 20:00",
            "Start and end are both 20:00. Correct one, or leave the end empty.",
        ),
        (
            "2026-10-10,A,B,23:30,13:45",
            "23:30 to 13:45 would be a set of 14 h 15 min. Probably AM and PM are mixed up: 01:45 instead of 13:45? "
            "Correct it, or accept long sets.",
        ),
        (
            "2026-10-10,A,B,20:00,02:01",
            "20:00 to 02:01 would be a set of 6 h 01 min. Correct it, or accept long sets.",
        ),
        (
            ",A,B,2026-10-10 23:55,2026-10-10 00:25",
            "The end 2026-10-10 00:25 is before the start 2026-10-10 23:55. Correct its date; "
            "if the dates are those of the nights, say --dates night.",
        ),
        (
            "2026-10-12,A,B,20:00,",
            "night: 2026-10-12 is not a night of Harbour Street Crawl 3 (2026-10-09 to 2026-10-10). "
            "Change the event's dates first.",
        ),
        (
            "2026-10-08,A,B,20:00,",
            "night: 2026-10-08 is not a night of Harbour Street Crawl 3 (2026-10-09 to 2026-10-10). "
            "Change the event's dates first.",
        ),
        (
            "2026-10-09,A,B,2026-10-11 20:00,",
            "starts at: A start on 2026-10-11 does not belong to the night of 2026-10-09.",
        ),
        (",A,B,20:00,", "No night. Add a column “night” with a date such as 2026-02-15, or give the full date."),
        (",A,B,,", "No night. Add a column “night” with a date such as 2026-02-15, or give the full date."),
        ("10/10/2026,A,B,20:00,", "“10/10/2026” is not a date. Write it as 2026-02-15."),
        ("2026-02-30,A,B,20:00,", "“2026-02-30” is not a date. Write it as 2026-02-15."),
        ("Saturday,A,B,20:00,", "“Saturday” is not a date. Write it as 2026-02-15."),
        ("1026-10-10,A,B,20:00,", "The year of 1026-10-10 cannot be right. Write a date such as 2026-02-15."),
        (",A,B,9999-12-31 23:00,", "The year of 9999-12-31 cannot be right. Write a date such as 2026-02-15."),
        (
            ",A,B,2026-10-10 20:00,0001-01-01 00:00",
            "The year of 0001-01-01 cannot be right. Write a date such as 2026-02-15.",
        ),
        (
            "2026-10-10,A,B,later,",
            "“later” is not a time. Write for example 20:00, 8pm, 20h30, 24:10, noon or midnight.",
        ),
        (
            "2026-10-10,A,B,20:00,25:61",
            "“25:61” is not a time. Write for example 20:00, 8pm, 20h30, 24:10, noon or midnight.",
        ),
        (
            "2026-10-10,A,B,8,",
            "“8” can mean morning or evening. Write 8:00am, 8:00pm or a 24-hour time such as 20:00.",
        ),
        ("2026-10-10,A,,20:00,21:00", "No band. Write its name, or TBA for a slot that is still open."),
        ("2026-10-10,\u200b,B,20:00,21:00", NO_VENUE_NAME),
        ("2026-10-10,A,\u200b,20:00,21:00", "band name: A band's name needs at least one visible character."),
        (
            f"2026-10-10,A,{'B' * 201},20:00,",
            "band name: Ensure this value has at most 200 characters (it has 201).",
        ),
        (
            f"2026-10-10,{'A' * 201},B,20:00,",
            "venue name: Ensure this value has at most 200 characters (it has 201).",
        ),
        (
            "2026-10-10,A,B,20:00,,x",
            "The row has 6 cells for 5 columns. Put values with a comma into quotation marks.",
        ),
    ],
)
def test_rows_that_cannot_be_right_are_refused_with_value_and_remedy(row, message):
    make_event(date=FRIDAY, end_date=SATURDAY)
    before = table_contents()

    report = run(table("2026-10-10,Blue Anchor,AAWKS,18:00,18:30", row))

    assert refusals(report) == [("row 3 (set 2)", [message])]
    assert (report.is_saved, table_contents() == before) == (False, True)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("kind", "band", "The kind “band” is not one of set, placeholder, activity."),
        ("status", "maybe", "The status “maybe” is not one of scheduled, cancelled, postponed, withdrawn."),
        ("notes", "x" * 2001, "notes: 2001 characters are too many, 2000 fit. Shorten the text."),
        ("genre", "x" * 101, "genre name: Ensure this value has at most 100 characters (it has 101)."),
        ("billing", "x" * 201, "billing: Ensure this value has at most 200 characters (it has 201)."),
    ],
)
def test_values_of_other_columns_that_cannot_be_right_are_refused(column, value, message):
    make_event()

    report = run(table(f"2026-10-10,A,B,20:00,,{value}", header=f"night,venue,band,start,end,{column}"))

    assert refusals(report) == [("row 2 (set 1)", [message])]


@pytest.mark.parametrize(
    ("column", "value"),
    [("kind", "SET"), ("status", "Scheduled"), ("notes", "x" * 2000), ("genre", "x" * 100), ("billing", "x" * 200)],
)
def test_values_of_other_columns_that_just_fit_are_taken(column, value):
    make_event()

    report = run(table(f"2026-10-10,A,B,20:00,,{value}", header=f"night,venue,band,start,end,{column}"))

    assert (report.refused, report.is_saved) == ([], True)


@pytest.mark.parametrize("year", ["1900", "2199"])
def test_years_of_our_time_are_taken(year):
    report = run(table(f"{year}-10-10,A,{'B' * 200},20:00,"), event_slug="crawl", name="Crawl")

    assert (report.refused, report.event.date.year) == ([], int(year))


@pytest.mark.parametrize("year", ["1899", "2200"])
def test_years_of_other_times_are_refused(year):
    assert refusal_of(table(f"{year}-10-10,A,B,20:00,"), event_slug="crawl", name="Crawl") == [
        "When is Crawl? No row has a night or a full date. Add a column “night” with dates such as 2026-02-15."
    ]


@pytest.mark.parametrize(
    ("start", "is_refused"), [("01:59", False), ("02:00", True), ("02:59", True), ("03:00", False), ("26:30", True)]
)
def test_times_that_spring_skips_are_refused(start, is_refused):
    night = date(2027, 3, 13)
    make_event(date=night)

    report = run(table(f"{night},Blue Anchor,AAWKS,{start},"))

    shown = {"26:30": "02:30"}.get(start, start)
    message = (
        f"{shown} does not exist on 2027-03-14 in America/Toronto: the clocks jump over it. "
        f"Probably {shown.replace('02', '03', 1)} is meant."
    )
    assert refusals(report) == ([("row 2 (set 1)", [message])] if is_refused else [])


def test_dates_of_nights_contradict_a_night_and_a_far_end():
    make_event(date=FRIDAY, end_date=SATURDAY)

    report = run(
        table(
            "2026-10-09,A,B,2026-10-10 00:25,",
            "2026-10-09,A,C,2026-10-09 23:55,2026-10-10 00:25",
            "2026-10-09,A,D,2026-10-09 20:00,2026-10-11 20:30",
            "2026-10-09,A,E,2026-10-09 20:00,2026-10-08 20:30",
        ),
        dates=DateMeaning.NIGHT,
    )

    assert refusals(report) == [
        (
            "row 2 (set 1)",
            ["The night is 2026-10-09, but the start says 2026-10-10. With --dates night they are the same day."],
        ),
        ("row 4 (set 3)", ["The end 2026-10-11 20:30 is far from the night of 2026-10-09. Correct its date."]),
        ("row 5 (set 4)", ["The end 2026-10-08 20:30 is far from the night of 2026-10-09. Correct its date."]),
    ]


@pytest.mark.parametrize(
    ("second", "is_refused"),
    [
        ("2026-10-10,Blue Anchor,AAWKS,20:00,20:30", True),
        ("2026-10-10,blue  anchor,aawks,8pm,20:45", True),
        ("2026-10-10,Blue Anchor,@theaawks,20:00,20:30", True),  # an alias
        ("2026-10-10,Blue Anchor,AAWKS,20:30,21:00", False),
        ("2026-10-10,Fish Market Hall,AAWKS,20:00,20:30", False),
        ("2026-10-09,Blue Anchor,AAWKS,20:00,20:30", False),
        ("2026-10-10,Blue Anchor,Birdhand,20:00,20:30", False),
    ],
)
def test_the_same_set_twice_in_one_file_is_refused(second, is_refused):
    make_event(date=FRIDAY, end_date=SATURDAY)
    add_alias(make_band("AAWKS"), "@theaawks", **MADE)

    report = run(table("2026-10-10,Blue Anchor,AAWKS,20:00,20:30", second))

    message = "This is the same set as row 2 (set 1). Remove one of them."
    assert refusals(report) == ([("row 3 (set 2)", [message])] if is_refused else [])


@pytest.mark.parametrize(
    ("row", "is_refused"),
    [
        ("2026-10-10,Blue Anchor,TBA,,", False),  # open slots may repeat
        ("2026-10-10,,AAWKS,,", True),
        ("2026-10-10,Blue Anchor,TBA,20:00,", True),
        ("2026-10-10,Blue Anchor,Yoga,09:00,", True),
    ],
)
def test_the_same_line_twice_is_refused_except_for_open_slots_without_a_time(row, is_refused):
    event = make_event()

    run(table(row, row))
    report = run(table(row, row))

    assert (bool(report.refused), event.performances.count()) == ((True, 0) if is_refused else (False, 2))


# All or nothing


def test_a_refused_row_leaves_nothing_of_the_others():
    file = event_file(
        [
            {"band": "Witchrot", "venue": "Room 47", "start_time": "20:00", "genre": "metal"},
            {"band": "AAWKS", "venue": "Blue Anchor", "start_time": "20:00", "end_time": "20:00"},
            {"band": "TBA", "status": "cancelled"},
        ],
        event={"name": "Crawl", "date": "2026-10-10", "doors": {"2026-10-10": "18:30"}},
        venues=[{"name": "Room 47"}],
        bands=[{"name": "Witchrot", "genre": "doom"}],
    )
    empty = table_contents()

    report = run_as_told(file, publish=True)

    assert table_contents() == empty
    assert {label: len(rows) for label, rows in empty.items() if rows} == {}
    assert [(each.row.label, each.action) for each in report.rows] == [
        ("set 1", Action.CREATE),
        ("set 2", Action.REFUSE),
        ("set 3", Action.CREATE),
    ]
    assert (report.is_saved, report.event.status) == (False, "draft")


def test_a_refused_row_leaves_an_event_that_is_there_as_it_is():
    event = import_crawl()
    publishing.unpublish_event(event, by=None, now=NOW)
    before = table_contents()

    report = run(
        table(
            "2026-10-09,New Venue,AAWKS,21:15,21:45",
            "2026-10-10,Blue Anchor,New Band,22:30,23:00",
            "2026-10-10,Blue Anchor,Birdhand,23:30,13:45",
        ),
        publish=True,
        now=LATER,
    )

    assert table_contents() == before
    assert [(each.action, each.remarks) for each in report.rows[:2]] == [
        (Action.CHANGE, ["moved", "retimed", "band matched", "new venue"]),
        (Action.CHANGE, ["revealed", "new band", "venue matched"]),
    ]
    assert Event.objects.get().status == "draft"


def test_a_refusal_does_not_make_the_next_rows_fail():
    make_event()
    add_alias(make_band("Dusk", disambiguation="Guelph"), "Dusky", **MADE)
    add_alias(make_band("Dawn"), "Dusky", **MADE)

    report = run(
        table(
            "2026-10-10,New Venue,Dusky,20:00,20:30",
            "2026-10-10,New Venue,New Band,20:30,21:00",
            "2026-10-10,New Venue,New Band,20:30,21:00",
            "2026-10-10,New Venue,New Band,21:30,22:00",
        )
    )

    assert refusals(report) == [
        (
            "row 2 (set 1)",
            ["Several bands are called “Dusky”: Dawn, Dusk (Guelph). Write the one you mean with its brackets."],
        ),
        ("row 4 (set 3)", ["This is the same set as row 3 (set 2). Remove one of them."]),
    ]
    assert report.count(Action.CREATE) == 2


def test_a_dry_run_leaves_nothing_and_its_report_can_be_read():
    event = import_crawl()
    before = table_contents()
    file = table("2026-10-09,New Venue,AAWKS,21:15,21:45", "2026-10-10,Blue Anchor,New Band,22:30,23:00")

    report = run(file, dry_run=True, now=LATER)

    assert (table_contents() == before, report.is_saved, report.refused) == (True, False, [])
    assert [(str(each.performance.venue), str(each.performance.band)) for each in report.rows] == [
        ("New Venue", "AAWKS"),
        ("Blue Anchor", "New Band"),
    ]
    assert [each.performance.event for each in report.rows] == [event, event]
    rehearsed = [(each.row.label, each.action, each.remarks) for each in report.rows]

    saved = run(file, now=LATER)

    assert [(each.row.label, each.action, each.remarks) for each in saved.rows] == rehearsed


def test_a_dry_run_of_a_new_event_leaves_nothing():
    empty = table_contents()

    report = run_as_told(real_file("lwbc-vol-15-2026-02-15"), dry_run=True, publish=True)

    assert (table_contents() == empty, report.is_saved, report.count(Action.CREATE)) == (True, False, 14)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time anyhow")
def test_two_imports_at_once_wait_for_each_other():
    event = make_event()
    file = table("2026-10-10,,TBA,20:00,", "2026-10-10,,TBA,21:00,")
    is_writing = threading.Event()

    def write_slowly(share):
        if share > 0.5:
            is_writing.set()
            sleep(0.3)

    def run_slowly():
        import_lineup(file, Options(event_slug=event.slug), by=None, now=NOW, progress=write_slowly)
        connection.close()

    other = threading.Thread(target=run_slowly)
    other.start()
    assert is_writing.wait(timeout=30)
    report = run(file)
    other.join()

    assert [each.action for each in report.rows] == [Action.KEEP, Action.KEEP]
    assert event.performances.count() == 2


# Publishing


def test_publishing_with_an_import_makes_a_draft_public_once():
    event = make_event()

    run(table("2026-10-10,Blue Anchor,AAWKS,20:00,20:30"), publish=True)
    run(table("2026-10-10,Blue Anchor,AAWKS,20:00,20:30"), publish=True, now=LATER)

    event.refresh_from_db()
    assert (event.status, event.published_at) == ("published", NOW)
    assert event.changes.filter(kind=Change.Kind.EVENT_PUBLISHED).count() == 1


def test_importing_without_publishing_leaves_the_event_as_it_is():
    run_as_told(real_file("lwbc-vol-15-2026-02-15"))  # which says that it is published

    assert Event.objects.get().status == "draft"


def test_publishing_an_archived_event_is_refused_and_nothing_is_saved():
    event = make_public_event()
    publishing.archive_event(event, by=None, now=NOW)
    before = table_contents()

    assert refusal_of(table("2026-10-10,Blue Anchor,AAWKS,20:00,20:30"), publish=True) == [
        "Harbour Street Crawl 3 is archived; only what is draft can become published this way."
    ]
    assert table_contents() == before


def test_publishing_an_event_of_withdrawn_rows_is_refused():
    make_event()

    messages = refusal_of(
        table("2026-10-10,Blue Anchor,AAWKS,20:00,20:30,withdrawn", header=STATUS_HEADER), publish=True
    )

    assert messages == [
        "Harbour Street Crawl 3 has no sets yet. Add the running order, or publish it with the line-up to be announced."
    ]


# The event


@pytest.mark.parametrize(
    ("rows", "nights"),
    [
        (["2026-10-10,A,B,20:00,"], (SATURDAY, None)),
        (["2026-10-11,A,B,00:10,", "2026-10-09,A,C,00:10,"], (FRIDAY, date(2026, 10, 11))),
        ([",A,B,2026-10-11 00:10,", ",A,C,2026-10-10 23:00,"], (SATURDAY, None)),
        (["2026-10-10,A,B,20:00,", "2026-11-20,A,C,20:00,"], (SATURDAY, date(2026, 11, 20))),
    ],
)
def test_new_event_is_a_draft_dated_from_its_nights(rows, nights):
    ana = make_admin()

    report = run(table(*rows), event_slug="", name="  Harbour   Crawl ", by=ana)

    event = Event.objects.get()
    assert (event.name, event.slug, event.status, event.timezone) == (
        "Harbour Crawl",
        "harbour-crawl",
        "draft",
        "America/Toronto",
    )
    assert (event.date, event.end_date, event.created_by) == (*nights, ana)
    assert (report.event, report.is_new_event) == (event, True)


@pytest.mark.parametrize(
    "row",
    [
        "2026-10-10,A,B,20:00,20:00",
        "2026-10-10,A,B,later,",
        ",A,B,2026-10-10 20:00,2026-10-10 20:00",
        ",A,B,2026-10-11 00:10,soon",
        "2026-10-10,A,,20:00,",
    ],
)
def test_new_event_is_dated_from_rows_that_are_refused_too(row):
    report = run(table(row), event_slug="crawl", name="Crawl")

    assert [label for label, _ in refusals(report)] == ["row 2 (set 1)"]
    assert (report.event.date, report.event.end_date) == (SATURDAY, None)


def test_new_event_has_what_its_file_says_of_it():
    facts = {
        "name": "Crawl",
        "slug": "crawl-9",
        "date": "2026-10-09",
        "end_date": "2026-10-10",
        "timezone": "America/St_Johns",
        "rollover": "04:30",
        "status": "published",
        "city": "St. John's, NL",
        "description": "Two nights.",
        "ticket_url": "https://tickets.example/9",
        "presented_by": "Harbour Records",
        "presented_by_url": "https://harbour.example",
        "price": 20,
        "age_restriction": "19+",
        "venue_info": [{"name": "Blue Anchor", "note": "cash only"}],
        "social_links": {"instagram": "crawl", "facebook": None, "id": 12345},
        "theme_colors": {"accent": "#ff0000"},
        "reveal_mode": True,
        "times_public": False,
        "default_set_minutes": 40,
        "doors": {"2026-10-09": "18:30", "2026-10-10": "2026-10-11 00:30"},
    }

    run_as_told(event_file([{"band": "AAWKS", "date": "2026-10-10", "start_time": "04:29"}], event=facts))

    event = Event.objects.get()
    assert {name: getattr(event, name) for name in ("name", "slug", "timezone", "status", "city", "description")} == {
        **{name: facts[name] for name in ("name", "slug", "timezone", "city", "description")},
        "status": "draft",
    }
    assert (event.ticket_url, event.presented_by, event.presented_by_url) == (
        "https://tickets.example/9",
        "Harbour Records",
        "https://harbour.example",
    )
    assert (event.price, event.age_rule, event.rollover, event.default_set_minutes) == ("20", "19+", time(4, 30), 40)
    assert (event.venue_info, event.social_links, event.theme_colors) == (
        [{"name": "Blue Anchor", "note": "cash only"}],
        {"instagram": "crawl", "id": "12345"},
        {"accent": "#ff0000"},
    )
    assert (event.reveal_mode, event.times_public) == (True, False)
    assert [(doors.night, f"{doors.opens_at.astimezone(event.zone):%d %H:%M}") for doors in event.doors.all()] == [
        (FRIDAY, "09 18:30"),
        (SATURDAY, "11 00:30"),
    ]
    assert [(p.night, p.is_announced) for p in event.performances.all()] == [(FRIDAY, False)]


def test_new_event_takes_what_the_person_says_before_what_the_file_says():
    file = event_file(event={"name": "Crawl", "slug": "crawl", "date": "2026-10-10", "timezone": "Europe/London"})

    run(file, event_slug="other", name="Other", timezone="America/Boise")

    event = Event.objects.get()
    assert (event.name, event.slug, event.timezone) == ("Other", "other", "America/Boise")


@pytest.mark.parametrize(
    ("options", "event", "message"),
    [
        (
            {"event_slug": ""},
            {},
            "The file names no event. Say which one with --event, or name a new one with --name.",
        ),
        (
            {"event_slug": "", "name": "夏祭り"},
            {},
            "No address can be made from the name “夏祭り”. Say which one with --event, or name a new one with --name.",
        ),
        ({"event_slug": "crawl"}, {}, "There is no event “crawl” yet. Give the new one a name with --name."),
        (
            {"event_slug": "Crawl 9", "name": "Crawl"},
            {},
            "“Crawl 9” cannot be the address of an event. "
            "Use lower-case letters, digits and single hyphens, for example vol-18.",
        ),
        (
            {"event_slug": "crawl", "name": "Crawl"},
            {},
            "When is Crawl? No row has a night or a full date. Add a column “night” with dates such as 2026-02-15.",
        ),
        (
            {"event_slug": "crawl", "name": "Crawl", "timezone": "Toronto"},
            {"date": "2026-10-10"},
            "“Toronto” is not a time zone. Write an IANA name such as America/Toronto.",
        ),
        (
            {"event_slug": ""},
            {"name": "Crawl", "timezone": 5},
            "“5” is not a time zone. Write an IANA name such as America/Toronto.",
        ),
        ({"event_slug": ""}, {"name": "Crawl", "date": 20261010}, "“20261010” is not a date. Write it as 2026-02-15."),
        (
            {"event_slug": ""},
            {"name": "Crawl", "date": "2026-10-10", "end_date": "2026-10-09"},
            "The last night cannot be before the first one.",
        ),
        (
            {"event_slug": ""},
            {"name": "Crawl", "date": "9999-12-31"},
            "The year of 9999-12-31 cannot be right. Write a date such as 2026-02-15.",
        ),
        (
            {"event_slug": ""},
            {"name": "Crawl", "date": "2026-10-10", "rollover": 6},
            "“6” value has an invalid format. It must be in HH:MM[:ss[.uuuuuu]] format.",
        ),
        (
            {"event_slug": ""},
            {"name": "Crawl", "date": "2026-10-10", "doors": {"2026-10-11": "18:30"}},
            "2026-10-11 is not a night of Crawl.",
        ),
        (
            {"event_slug": ""},
            {"name": "Crawl", "date": "2026-10-10", "doors": {"2026-10-10": "half past six"}},
            "“half past six” is not a time. Write for example 20:00, 8pm, 20h30, 24:10, noon or midnight.",
        ),
        (
            {"event_slug": ""},
            {"name": "Crawl", "date": "2026-10-10", "doors": {"2026-10-10": None}},
            "“” is not a time. Write for example 20:00, 8pm, 20h30, 24:10, noon or midnight.",
        ),
        (
            {"event_slug": ""},
            {"name": "Crawl", "date": "2026-10-10", "doors": {"2026-10-10": "9999-12-31 35:00"}},
            "The year of 9999-12-31 cannot be right. Write a date such as 2026-02-15.",
        ),
        (
            {"event_slug": ""},
            {"name": "Crawl", "date": "2026-10-10", "doors": {"2026-10-10": "2026-10-12 18:00"}},
            "The doors open on another day than the night.",
        ),
        (
            {"event_slug": ""},
            {"name": "Crawl", "date": "2026-10-10", "ticket_url": "soon"},
            "Enter a valid URL.",
        ),
        (
            {"event_slug": ""},
            {"name": "Crawl", "date": "2026-10-10", "description": "x" * 5001},
            "5001 characters are too many, 5000 fit. Shorten the text.",
        ),
        ({"event_slug": "", "name": "C" * 201}, {}, "Ensure this value has at most 200 characters (it has 201)."),
    ],
)
def test_event_that_cannot_be_made_is_refused(options, event, message):
    empty = table_contents()

    assert refusal_of(event_file([{"band": "AAWKS"}], event=event), **options) == [message]
    assert table_contents() == empty


def test_event_is_found_by_an_address_it_had_before():
    event = make_event()
    update_event(event, slug="harbour-3", by=None, now=NOW)

    report = run(table("2026-10-10,Blue Anchor,AAWKS,20:00,20:30"))

    assert (report.event, report.is_new_event, event.performances.count()) == (event, False, 1)


def test_event_that_is_there_keeps_its_own_facts():
    event = make_event(city="Harbour")
    file = event_file(
        event={"name": "Other", "city": "Elsewhere", "date": "2027-01-01", "doors": {"2027-01-01": "18:00"}}
    )

    run(file)

    event.refresh_from_db()
    assert (event.name, event.city, event.date, event.doors.count()) == (
        "Harbour Street Crawl 3",
        "Harbour",
        SATURDAY,
        0,
    )


@pytest.mark.parametrize(
    ("said", "option", "message"),
    [
        ("", "Europe/London", "Leave --timezone out, or change the event."),
        ("Europe/London", "", "Say --timezone America/Toronto to read it so, or change the event."),
    ],
)
def test_event_that_is_there_refuses_times_of_another_zone(said, option, message):
    make_event()

    assert refusal_of(event_file(event={"timezone": said}), timezone=option) == [
        f"Harbour Street Crawl 3 is in America/Toronto, not in Europe/London. {message}"
    ]


@pytest.mark.parametrize(
    ("said", "option"),
    [("", ""), ("America/Toronto", ""), ("", "America/Toronto"), ("Europe/London", "America/Toronto")],
)
def test_event_that_is_there_reads_times_in_its_zone(said, option):
    event = make_event()

    run(event_file([{"band": "AAWKS", "start_time": "20:00"}], event={"timezone": said}), timezone=option)

    assert event.performances.get().starts_at == wall(event, "20:00")


# Bands


def test_band_is_matched_whatever_its_capitals_and_billed_as_the_row_writes_it():
    event = make_event()
    band = make_band("worrywart")
    add_alias(band, "@theworrywarts", **MADE)

    report = run(
        table(
            "2026-10-10,Blue Anchor,Worrywart,18:00,",
            "2026-10-10,Blue Anchor,  worrywart ,19:00,",
            "2026-10-10,Blue Anchor,@theworrywarts,20:00,",
        )
    )

    assert BandProfile.objects.get() == band
    assert [p.billing for p in event.performances.all()] == ["Worrywart", "", "@theworrywarts"]
    assert [each.remarks for each in report.rows] == [
        ["band matched: worrywart", "new venue"],
        ["band matched", "new venue"],
        ["band matched: worrywart", "new venue"],
    ]
    assert (report.new_bands, report.suggestions) == ([], [])


def test_bands_that_may_be_meant_are_suggested_and_never_taken():
    make_event()
    for name in ("Dog Bus", "Hung", "$wamp A$$", "Ripcordz"):
        make_band(name)

    report = run(
        table(
            "2026-10-10,,Dogbus,18:00,",
            "2026-10-10,,Swamp Ass,18:30,",
            "2026-10-10,,The Ripcordz,19:00,",
            "2026-10-10,,Dog Bus,19:30,",
            "2026-10-10,,Yes Chef,20:00,",
            "2026-10-10,,Dogbus,20:30,",
        )
    )

    assert report.suggestions == [
        "row 2 (set 1): “Dogbus” may be Dog Bus (the same name, spelled differently).",
        "row 3 (set 2): “Swamp Ass” may be $wamp A$$ (the same name with signs read as letters).",
        "row 4 (set 3): “The Ripcordz” may be Ripcordz (the same name, spelled differently).",
    ]
    assert [str(band) for band in report.new_bands] == ["Dogbus", "Swamp Ass", "The Ripcordz", "Yes Chef"]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Dusk (Guelph)", "Dusk (Guelph)"),
        ("dusk (TORONTO)", "Dusk (Toronto)"),
        ("Duskers", "Dusk (Guelph)"),
    ],
)
def test_one_of_several_bands_of_a_name_is_found_by_its_brackets_or_alias(title, expected):
    event = make_event()
    bands = [make_band("Dusk", disambiguation="Guelph"), make_band_named_alike("Dusk", disambiguation="Toronto")]
    add_alias(bands[0], "Duskers", **MADE)

    run(table(f"2026-10-10,,{title},20:00,"))

    assert str(event.performances.get().band) == expected


def test_several_bands_of_a_name_are_not_guessed():
    make_event()
    make_band("Dusk", disambiguation="Guelph")
    make_band_named_alike("Dusk", disambiguation="Toronto")

    report = run(table("2026-10-10,,Dusk,20:00,"))

    assert refusals(report) == [
        (
            "row 2 (set 1)",
            [
                "Several bands are called “Dusk”: Dusk (Guelph), Dusk (Toronto). "
                "Write the one you mean with its brackets."
            ],
        )
    ]


def test_band_without_brackets_is_found_beside_its_namesake_and_that_is_said_once():
    event = make_event()
    band = make_band("Dusk")
    make_band_named_alike("Dusk", disambiguation="Guelph")

    report = run(table("2026-10-10,,Dusk,20:00,", "2026-10-10,,DUSK,22:00,"))

    assert [p.band for p in event.performances.all()] == [band, band]
    assert report.suggestions == ["row 2 (set 1): “Dusk” may be Dusk (Guelph), too: it is taken for Dusk."]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_bands_of_one_name_that_a_file_lists_are_made_as_several(order):
    bands = [{"name": "Dusk"}, {"name": "Dusk", "disambiguation": "Guelph", "origin": "Guelph, ON"}, {"name": "Dawn"}]
    titles = ["Dusk", "Dusk (Guelph)", "Dawn"]
    file = event_file(
        [{"band": titles[position], "start_time": f"2{position}:00"} for position in order],
        event={"name": "Crawl", "date": "2026-10-10"},
        bands=[bands[position] for position in order],
    )

    run_as_told(file)
    report = run_as_told(file)

    assert report.suggestions == []
    assert [(p.band.name, p.band.disambiguation, p.band.origin, p.billing) for p in Performance.objects.all()] == [
        ("Dusk", "", "", ""),
        ("Dusk", "Guelph", "Guelph, ON", ""),
        ("Dawn", "", "", ""),
    ]
    assert BandProfile.objects.count() == 3


def test_new_band_has_what_its_file_says_of_it():
    facts = {
        "name": "Witchrot",
        "genre": "metal, Doom Metal",
        "origin": "Toronto, ON",
        "origin_city": "Toronto",
        "origin_region": "ON",
        "description": "Loud.",
        "social_links": {"bandcamp": "https://witchrot.example", "facebook": None, "id": 666},
    }

    run_as_told(event_file(bands=[facts], event={"name": "Crawl", "date": "2026-10-10"}), by=make_admin())

    band = BandProfile.objects.get()
    assert {name: getattr(band, name) for name in facts if name not in ("genre", "social_links")} == {
        name: value for name, value in facts.items() if name not in ("genre", "social_links")
    }
    assert band.social_links == {"bandcamp": "https://witchrot.example", "id": "666"}
    assert [genre.name for genre in band.genres.all()] == ["Doom Metal", "metal"]
    assert band.created_by.email == "ana@label.example"


def test_numbers_are_taken_for_text_where_text_belongs():
    file = event_file(
        [{"band": "311 (1990)", "venue": 47, "start_time": 2030, "notes": 19, "genre": 90}],
        event={"name": 2026, "date": "2026-10-10", "price": 20, "description": 1.5},
        venues=[{"name": 47, "postal_code": 12345, "capacity": "80"}],
        bands=[{"name": 311, "disambiguation": 1990, "origin": -1, "description": 5}],
    )

    run_as_told(file)

    event, venue, band = Event.objects.get(), Venue.objects.get(), BandProfile.objects.get()
    assert (event.name, event.slug, event.price, event.description) == ("2026", "2026", "20", "1.5")
    assert (venue.name, venue.postal_code, venue.capacity) == ("47", "12345", 80)
    assert (str(band), band.origin, band.description) == ("311 (1990)", "-1", "5")
    assert [(p.title, p.notes, str(p.venue)) for p in event.performances.all()] == [("311", "19", "47")]


def test_genres_of_rows_are_shared_and_given_to_new_bands_only():
    event = make_event()
    known = make_band("AAWKS")
    header = "night,venue,band,start,end,genre"

    run(
        table(
            '2026-10-10,,Witchrot,18:00,,"Metal,  doom "',
            "2026-10-10,,Birdhand,19:00,,metal",
            "2026-10-10,,AAWKS,20:00,,metal",
            "2026-10-10,,TBA,21:00,,metal",
            header=header,
        )
    )

    assert sorted(genre.name for genre in Genre.objects.all()) == ["Metal", "doom"]
    assert [sorted(genre.name for genre in p.band.genres.all()) for p in event.performances.exclude(band=None)] == [
        ["Metal", "doom"],
        ["Metal"],
        [],
    ]
    assert list(known.genres.all()) == []


@pytest.mark.parametrize(
    "billing", ["TBA", "tbc", "Special Guest", "DJs", "Local Openers", "???", "Yoga", "Silent Disco"]
)
def test_slots_enter_no_library_however_a_file_names_them(billing):
    file = event_file(
        [{"band": billing, "start_time": "20:00", "genre": "punk"}],
        event={"name": "Crawl", "date": "2026-10-10"},
        bands=[{"name": billing, "genre": "punk"}],
    )

    run_as_told(file)

    performance = Performance.objects.get()
    assert (performance.band, performance.billing, performance.kind) == (None, billing, str(performance.kind))
    assert performance.kind != "set"
    assert (BandProfile.objects.count(), Genre.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("band", "kind", "expected"),
    [
        ("Openers", "set", ("set", "Openers", "")),
        ("Openers", "", ("placeholder", None, "Openers")),
        ("Mystery Jets", "placeholder", ("placeholder", None, "Mystery Jets")),
        ("Bingo Players", "activity", ("activity", None, "Bingo Players")),
    ],
)
def test_kind_column_has_the_last_word(band, kind, expected):
    event = make_event()

    run(table(f"2026-10-10,,{band},20:00,,{kind}", header="night,venue,band,start,end,kind"))

    performance = event.performances.get()
    assert (performance.kind, performance.band and performance.band.name, performance.billing) == expected


@pytest.mark.parametrize(
    "billing",
    [
        "2 Promoters, 1 Pod",
        "Hank & Cupcakes",
        "Curtis/Sutton & The Scavengers",
        "The Earthlings + The Armada ID",
        "A b2b B",
    ],
)
def test_billings_are_never_split(billing):
    event = make_event()

    report = run(table(f'2026-10-10,,"{billing}",20:00,'))

    assert [str(band) for band in report.new_bands] == [billing]
    assert event.performances.get().title == billing


def test_billing_column_is_how_the_band_is_billed():
    event = make_event()
    header = "night,venue,band,start,end,billing"

    run(table("2026-10-10,,Modeselektor,20:00,,Modeselektor (DJ)", "2026-10-10,,AAWKS,21:00,,AAWKS", header=header))

    assert [(p.band.name, p.billing) for p in event.performances.all()] == [
        ("Modeselektor", "Modeselektor (DJ)"),
        ("AAWKS", ""),
    ]


# Venues


def test_venue_is_matched_whatever_its_capitals_and_blanks_and_never_by_likeness():
    event = make_event()
    venue = make_venue("THE DISTRICT")

    report = run(
        table(
            '2026-10-10,"the  district\r\r",AAWKS,18:00,',
            "2026-10-10,The District ,Birdhand,19:00,",
            "2026-10-10,District,Witchrot,20:00,",
        )
    )

    assert [str(p.venue) for p in event.performances.all()] == ["THE DISTRICT", "THE DISTRICT", "District"]
    assert [str(each) for each in report.new_venues] == ["District"]
    assert report.suggestions == [
        "row 4 (set 3): The venue “District” may be THE DISTRICT (the same name, spelled differently)."
    ]
    assert report.rows[0].remarks == ["new band", f"venue matched: {venue}"]


def test_rooms_are_made_below_their_house_and_found_again():
    file = event_file(
        [{"band": "AAWKS", "venue": "Knitting Factory (Upstairs)", "start_time": "20:00"}],
        event={"name": "Crawl", "date": "2026-10-10"},
        venues=[
            {"name": "Upstairs", "room_of": "Knitting Factory", "capacity": 80},
            {"name": "Knitting Factory", "address": "416 S 9th St", "latitude": 43.61, "longitude": -116.2},
        ],
    )

    run_as_told(file)
    run_as_told(file)

    house, room = Venue.objects.get(parent=None), Venue.objects.exclude(parent=None).get()
    assert (house.name, house.address, house.latitude, house.longitude) == (
        "Knitting Factory",
        "416 S 9th St",
        43.61,
        -116.2,
    )
    assert (room.parent, room.name, room.capacity) == (house, "Upstairs", 80)
    assert Performance.objects.get().venue == room


def test_house_that_a_file_does_not_describe_is_made_for_its_room():
    run_as_told(
        event_file(event={"name": "Crawl", "date": "2026-10-10"}, venues=[{"name": "Upstairs", "room_of": "Factory"}])
    )

    assert sorted(str(venue) for venue in Venue.objects.all()) == ["Factory", "Factory (Upstairs)"]


def test_faults_in_listed_venues_and_bands_are_refused_with_their_names():
    file = event_file(
        [{"band": "AAWKS", "start_time": "20:00"}],
        event={"name": "Crawl", "date": "2026-10-10"},
        venues=[
            {"name": "Half", "latitude": 43.5},
            {"name": "Far", "latitude": 143, "longitude": 0},
            {"name": "Big", "capacity": "many"},
            {"address": "47 King St N"},
            {"name": "Nook", "room_of": "House (Room)"},
            {"name": "Room", "room_of": "House"},
            {"name": "Web", "website": "soon"},
            {"name": "Steps", "access_notes": "x" * 2001},
        ],
        bands=[{"name": "x" * 201}, {"origin": "Nowhere"}, {"name": "Wordy", "description": "x" * 5001}],
    )
    empty = table_contents()

    report = run_as_told(file)

    assert refusals(report) == [
        ("venue “Half”", ["Give both latitude (-90 to 90) and longitude (-180 to 180), or neither."]),
        ("venue “Far”", ["venue latitude: Ensure this value is less than or equal to 90."]),
        ("venue “Big”", ["venue capacity: “many” value must be an integer."]),
        ("venue “”", [NO_VENUE_NAME]),
        ("venue “House (Room) (Nook)”", ["“House (Room)” is a room itself. A room cannot have rooms of its own."]),
        ("venue “Web”", ["venue website: Enter a valid URL."]),
        ("venue “Steps”", ["venue access notes: 2001 characters are too many, 2000 fit. Shorten the text."]),
        (f"band “{'x' * 201}”", ["band name: Ensure this value has at most 200 characters (it has 201)."]),
        ("band “”", ["band name: A band's name needs at least one visible character."]),
        ("band “Wordy”", ["band description: 5001 characters are too many, 5000 fit. Shorten the text."]),
    ]
    assert table_contents() == empty


# What is told beside


def test_report_warns_of_overlaps_and_counts_what_it_did():
    make_event()

    report = run(
        table(
            "2026-10-10,Blue Anchor,AAWKS,20:00,20:30",
            "2026-10-10,Blue Anchor,Birdhand,20:15,20:45",
            "2026-10-10,Blue Anchor,Witchrot,20:45,21:15",
            "2026-10-10,Blue Anchor,TBA,21:00,21:30",
        )
    )

    assert [conflict.message for conflict in report.warnings] == [
        "AAWKS (2026-10-10 20:00 to 20:30) overlaps Birdhand (2026-10-10 20:15 to 20:45) at Blue Anchor."
    ]
    assert {action: report.count(action) for action in Action} == {
        "create": 4,
        "change": 0,
        "unchanged": 0,
        "refuse": 0,
    }


@pytest.mark.parametrize("end", ["20:30", "12:00"])
def test_progress_grows_to_one_also_when_rows_are_refused(end):
    make_event()
    file = table(f"2026-10-10,Blue Anchor,AAWKS,20:00,{end}", "2026-10-10,Blue Anchor,Birdhand,21:00,")
    shares = []

    import_lineup(file, Options(event_slug="harbour-street-crawl-3"), by=None, now=NOW, progress=shares.append)

    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.25, 1)


def test_progress_of_an_empty_file_is_one():
    make_event()
    shares = []

    import_lineup(table(), Options(event_slug="harbour-street-crawl-3"), by=None, now=NOW, progress=shares.append)

    assert shares == [1]


# Anything at all


def try_out(content, *, is_json, **options):
    """Import a file that was made up and take it back; any exception but the two refusals is a failure."""
    with transaction.atomic():
        try:
            file = read_lineup(content, is_json=is_json)
            report = run(file, **options)
        except (UnreadableFileError, ValidationError):
            return "unreadable or no event"
        if report.refused:
            assert not report.is_saved
            return "refused"
        before = table_contents()
        assert [each.action for each in run(file, **{**options, "now": LATER}).rows] == [Action.KEEP] * len(file.rows)
        assert table_contents() == before
        transaction.set_rollback(True)
    return "saved"


ROW = {
    "night": "2026-10-10",
    "venue": "Blue Anchor",
    "band": "Dusk (Guelph)",
    "start": "2026-10-10 23:55",
    "end": "00:25",
    "genre": "doom",
    "notes": "Loud",
    "billing": "Dusk (DJ)",
    "kind": "set",
    "status": "cancelled",
}
TIMES = ["", "TBA", "20:00", "8pm", "24:25", "2026-10-11 00:25", "2026-10-10 24:25", "9", "2026-10-10 8", "35:59 EST"]
MADE_UP_CELLS = {
    **dict.fromkeys(ROW, CELLS),
    **dict.fromkeys(("start", "end"), CELLS | st.sampled_from(TIMES)),
    "night": CELLS | st.sampled_from(["", "2026-10-11", "2026-10-10 00:00", "9999-12-31", "0001-01-01"]),
    "band": CELLS | st.sampled_from(["TBA", "Yoga", "Dusk", "=1+1", "A b2b B", "x" * 201]),
    "kind": CELLS | st.sampled_from(["", "Placeholder", "activity"]),
    "status": CELLS | st.sampled_from(["", "withdrawn", "POSTPONED", "scheduled"]),
}


@st.composite
def made_up_rows(draw):
    """A row of which some cells are anything."""
    columns = draw(st.sets(st.sampled_from(sorted(ROW)), max_size=4))
    return {**ROW, **{column: draw(MADE_UP_CELLS[column]) for column in sorted(columns)}}


@settings(max_examples=40, deadline=None)
@given(st.lists(made_up_rows(), max_size=3), st.sampled_from(DateMeaning))
def test_made_up_tables_are_saved_once_however_often_they_are_imported_or_refused(records, dates):
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(ROW))
    writer.writeheader()
    writer.writerows(records)

    Event.objects.exists() or make_event(end_date=date(2026, 10, 11))
    event(try_out(out.getvalue().encode(), is_json=False, dates=dates, accept_long=True))


COMPLETE_FILE = {
    "event": {
        **dict.fromkeys(KNOWN_KEYS["event"], "Crawl"),
        "slug": "crawl-9",
        "date": "2026-10-10",
        "end_date": "2026-10-11",
        "timezone": "America/Toronto",
        "rollover": "05:00",
        "doors": {"2026-10-10": "18:30"},
        "ticket_url": "https://tickets.example",
        "presented_by_url": "https://harbour.example",
        "venue_info": [{"name": "Blue Anchor"}],
        "social_links": {"instagram": "crawl"},
        "theme_colors": {"accent": "#f00"},
        "reveal_mode": True,
        "times_public": False,
        "default_set_minutes": 30,
    },
    "venues": [
        {
            **dict.fromkeys(KNOWN_KEYS["venues"], "Blue Anchor"),
            "room_of": "Harbour House",
            "latitude": 43.5,
            "longitude": -80.5,
            "capacity": 80,
            "walking_order": 3,
            "website": "https://anchor.example",
        }
    ],
    "bands": [{**dict.fromkeys(KNOWN_KEYS["bands"], "Dusk"), "social_links": {"website": "https://dusk.example"}}],
    "performances": [
        {
            "band": "Dusk (Dusk)",
            "venue": "Harbour House (Blue Anchor)",
            "night": "2026-10-10",
            "date": "2026-10-11",
            "start_time": "00:10",
            "end_time": "00:40",
            "notes": "Loud",
            "genre": "doom",
            "billing": "Dusk (DJ)",
            "kind": "set",
            "status": "postponed",
            "is_announced": True,
        }
    ],
}
PLACES = [
    *((part,) for part in COMPLETE_FILE),
    *(("event", name) for name in COMPLETE_FILE["event"]),
    *((part, 0, name) for part in ("venues", "bands", "performances") for name in COMPLETE_FILE[part][0]),
    *((part, 0) for part in ("venues", "bands", "performances")),
    *(("event", name, key) for name in ("doors", "social_links") for key in COMPLETE_FILE["event"][name]),
    ("event", "venue_info", 0),
]
ODD_VALUES = JSON_VALUES | st.sampled_from(
    [10**18, -1, 32_768, 2**31, 1e300, "\0", "\ud800", "x" * 501, "2026-10-10", "25:00"]
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(PLACES), ODD_VALUES, min_size=0, max_size=2))
def test_made_up_event_files_are_saved_once_however_often_they_are_imported_or_refused(values):
    content = json.loads(json.dumps(COMPLETE_FILE))
    for place, value in sorted(values.items(), key=lambda each: -len(each[0])):
        *path, last = place
        target = content
        for step in path:
            target = target[step]
        target[last] = value

    event(try_out(json.dumps(content).encode(), is_json=True, event_slug="", accept_long=True, publish=True))


# --- What a person says of single rows ---


def rows_of(*rows, **said):
    """A file of such rows, each (band, start) or (band, start, fields), of people who look them over."""
    made = [
        LineupRow(
            label=f"line {number}",
            band=band,
            start=start,
            **{"night": "2026-10-10", "venue": "Blue Anchor", **said, **fields},
        )
        for number, (band, start, fields) in enumerate([(*row, {})[:3] for row in rows], start=1)
    ]
    return LineupFile(made)


def test_row_that_is_left_out_is_not_imported_whatever_is_in_it():
    event = make_event()

    report = run(rows_of(("Witchrot", "20:00"), ("Doors 7", "nonsense", {"is_left_out": True})))

    assert ([each.row.label for each in report.rows], report.is_saved) == (["line 1"], True)
    assert [each.title for each in event.performances.all()] == ["Witchrot"]


def test_night_of_a_row_that_is_left_out_makes_no_night_of_a_new_event():
    file = rows_of(("Witchrot", "20:00"), ("Old", "20:00", {"night": "2025-10-10", "is_left_out": True}))

    report = run_as_told(file, name="New Crawl")

    assert (report.event.date, report.event.end_date) == (SATURDAY, None)


def test_chosen_band_plays_whatever_the_row_calls_it():
    event, band = make_event(), make_band("The Harpoonist")

    report = run(rows_of(("Harpoonist", "20:00", {"band_id": band.pk}), ("TBA", "21:00", {"band_id": band.pk})))

    assert [(each.band, each.billing, each.kind) for each in event.performances.all()] == [
        (band, "Harpoonist", "set"),
        (band, "TBA", "set"),
    ]
    assert (report.new_bands, report.suggestions) == ([], [])


def test_chosen_band_of_several_with_one_name_plays():
    event = make_event()
    make_band("Dusk")
    guelph = add_band("Dusk", disambiguation="Guelph", **MADE)

    run(rows_of(("Dusk", "20:00", {"band_id": guelph.pk})))

    assert event.performances.get().band == guelph


def test_chosen_band_that_is_gone_is_refused():
    make_event()

    report = run(rows_of(("Dusk", "20:00", {"band_id": 12345})))

    assert refusals(report) == [("line 1", ["The band that was chosen is not in the library any more. Choose again."])]


@pytest.mark.parametrize(
    ("is_typed", "doors", "start", "expected"),
    [
        (False, "19:00", "8:50", "08:50"),  # files write 24 hours
        (True, "19:00", "8:50", "20:50"),
        (True, "19:00", "12:10", "00:10 Sun"),
        (True, None, "20:50", "20:50"),
    ],
)
def test_times_typed_by_hand_are_read_from_the_doors_on(is_typed, doors, start, expected):
    event = make_event()
    if doors:
        set_doors(event, SATURDAY, wall(event, doors), by=None, now=NOW)

    run(rows_of(("Witchrot", start), is_typed=is_typed))

    assert [each[1] for each in sets_of(event)] == [expected]
    assert event.performances.get().night == SATURDAY


def test_time_typed_by_hand_that_may_be_morning_or_evening_is_asked_about():
    make_event()

    report = run(rows_of(("Witchrot", "8:50"), is_typed=True))

    assert refusals(report) == [
        (
            "line 1",
            ["“8:50” can mean morning or evening. Write 8:50am, 8:50pm or a 24-hour time such as 20:00."],
        )
    ]


def test_warnings_tell_nothing_of_events_that_are_not_open_to_who_imports():
    event, other = make_event(), make_event("Secret Crawl")
    make_set(other, "Hidden Band", "20:00", "21:00")
    editor = make_user("editor", event)

    report = run(rows_of(("Witchrot", "20:00")), by=editor)

    assert [each.message for each in report.warnings if "Hidden" in each.message or "Secret" in each.message] == []
    assert len(report.warnings) == 1
