"""manage.py export_lineup: files that come back as they were, into the same event and into an empty database."""

import csv
import io
import json
from datetime import date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from bands.library import add_band, find_genre
from bands.models import BandAlias, BandProfile, Genre
from schedule import lineup
from schedule.events import add_venue, set_doors, update_event
from schedule.importing import Action, Options, import_lineup
from schedule.lineup_files import read_file, read_lineup
from schedule.models import Change, Event, Performance, SlugRedirect, Venue
from schedule.outputs.lineup_file import lineup_csv, lineup_json, lineup_xlsx
from schedule.spreadsheets import read_workbook
from tests.factories import MADE, NOW, SATURDAY, make_band, make_event, make_set, make_venue, wall
from tests.schedule.test_importing import (
    EVENT_FILE_NAMES,
    festival,
    real_file,
    run,
    run_as_told,
    sets_of,
    table_contents,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
HALLOWEEN = date(2026, 10, 31)  # clocks go back in the night of this Saturday
SUNDAY = date(2026, 11, 1)
EARLY = datetime.fromisoformat("2026-11-01T11:30:00+00:00")  # 6:30 on Sunday, billed under Saturday
Kind = Performance.Kind
WRITERS = {
    "csv": lambda event: lineup_csv(event).encode(),
    "json": lambda event: lineup_json(event).encode(),
    "xlsx": lambda event: repr(read_workbook(lineup_xlsx(event))),  # a workbook has in it when it was made
}


def export(slug, *arguments):
    out = io.StringIO()
    call_command("export_lineup", slug, *arguments, "--no-color", stdout=out)
    return out.getvalue()


def failure_of(*arguments):
    with pytest.raises(CommandError) as failure:
        call_command("export_lineup", *arguments)
    return str(failure.value), failure.value.returncode


def records_of(text):
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def bring_back(text, file_format, **options):
    file = read_lineup(text.encode(), is_json=file_format == "json")
    return import_lineup(file, Options(**options), by=None, now=LATER)


def tidied(sets):
    """The running order without the withdrawn set, which is not exported, and with runs of blanks made one."""
    return [(*row, " ".join(title.split())) for *row, title in sets if title != "Ghost"]


def empty_the_database():
    for model in (Change, Performance, Event, SlugRedirect, BandAlias, BandProfile, Genre):
        model.objects.all().delete()
    Venue.objects.exclude(parent=None).delete()
    Venue.objects.all().delete()


def make_odd_event():
    """An event with everything that could get lost on the way."""
    event = make_event(
        "Odd Crawl",
        date=HALLOWEEN,
        end_date=SUNDAY,
        city="Waterloo, ON",
        description='Two nights,\n"odd" ones.',
        age_rule="19+",
        price="$20",
        presented_by="Harbour Records",
        ticket_url="https://tickets.example/odd",
        social_links={"instagram": "odd"},
        theme_colors={"accent": "#f00"},
        venue_info=[{"name": "Blue Anchor", "note": "cash only"}],
        default_set_minutes=40,
        times_public=False,
    )
    punk, doom = find_genre("punk", **MADE), find_genre("Doom Metal", **MADE)
    make_venue("Blue Anchor", walking_order=2, address="1 Harbour St", latitude=43.5, longitude=-80.5, capacity=80)
    factory = make_venue("Knitting Factory", walking_order=1, city="Waterloo", access_notes="Steps.")
    add_venue("Upstairs", parent=factory, walking_order=1, **MADE)
    make_band("+/-", genres=[punk, doom], origin_city="Guelph", social_links={"bandcamp": "https://x.example"})
    make_band("=1+1", origin="Elora, ON", description="Sums.")
    make_band("Dusk")
    guelph = add_band("Dusk", disambiguation="Guelph", origin_region="ON", **MADE)

    make_set(event, "=1+1", "18:00", "18:30")
    make_set(event, "+/-", "18:00", "18:30", venue=None, notes='One, two;\tthree\n=cmd()\r\n"four"')
    make_set(event, "-(16)-", "18:00", "18:30", notes="'tis\u2028said", venue="@the Docks")
    make_set(event, "@handle", "19:00", None, notes=" @all ")
    make_set(event, "'=x", "19:30", "20:00", notes="'=2")
    make_set(event, "''+x, \"y\"; z", "20:00", "20:30")
    make_set(event, "Support", "20:30", "21:00")  # a band that reads like a slot
    make_set(event, "Modeselektor", "21:00", "21:30", billing="Modeselektor  (DJ)")
    make_set(event, "Dusk", "21:30", "22:00")
    make_set(event, None, "10:00", None, billing="Craft Corner", kind=Kind.ACTIVITY)
    make_set(event, None, "11:00", "11:30", billing="Yoga", kind=Kind.ACTIVITY)
    make_set(event, None, "22:00", "22:30", billing="Mystery", kind=Kind.PLACEHOLDER)
    make_set(event, None, "22:30", "23:00")
    make_set(event, None, None, None)
    make_set(event, None, None, None)
    make_set(event, "Marathon", "12:00", "21:00", accept_long=True, venue="Fish Market Hall")
    make_set(event, "Overlap", "20:00", "20:30", venue="Fish Market Hall", is_announced=False)
    lineup.cancel_set(make_set(event, "Witchrot", "23:00", "23:30"), by=None, now=NOW)
    lineup.postpone_set(make_set(event, "AAWKS", "23:30", "24:00"), by=None, now=NOW)
    lineup.replace_set(make_set(event, "Birdhand", "23:55", "24:25"), band=make_band("Goo"), by=None, now=NOW)
    lineup.withdraw_set(make_set(event, "Ghost", "23:55", "24:25"), by=None, now=NOW)
    times = [datetime.fromisoformat(f"2026-11-01T{hour}:30:00+00:00") for hour in ("05", "06", "07")]
    make_set(event, "Fold", starts_at=times[0], ends_at=times[1], venue="Upstairs")  # 1:30 EDT to 1:30 EST
    make_set(event, "Unfold", starts_at=times[1], ends_at=times[2], venue="Upstairs")
    make_set(event, "Early Bird", starts_at=EARLY, ends_at=EARLY + timedelta(hours=1), venue="Upstairs")
    make_set(event, "Sunday Driver", "20:00", "20:30", night=SUNDAY)
    lineup.add_set(
        event,
        night=SUNDAY,
        band=guelph,
        billing="Duskers",
        starts_at=wall(event, "22:00", night=SUNDAY),
        by=None,
        now=NOW,
    )
    set_doors(event, HALLOWEEN, wall(event, "18:30"), by=None, now=NOW)
    set_doors(event, SUNDAY, wall(event, "25:30", night=HALLOWEEN) + timedelta(days=1), by=None, now=NOW)
    event.refresh_from_db()
    return event


def test_export_lineup_writes_a_table_for_spreadsheets():
    event = make_event()
    make_set(event, "$wamp A$$", "23:55", "24:25", notes='Loud, "wet"')
    make_set(event, "@handle", "20:00", None)
    make_band("@handle").genres.set([find_genre("punk", **MADE), find_genre("Doom", **MADE)])
    make_set(event, None, None, None, venue=None)

    assert export("harbour-street-crawl-3") == (
        "\ufeffnight,venue,band,start,end,genre,notes\r\n"
        '2026-10-10,Blue Anchor,\'@handle,2026-10-10 20:00,,"Doom, punk",\r\n'
        '2026-10-10,Blue Anchor,$wamp A$$,2026-10-10 23:55,2026-10-11 00:25,,"Loud, ""wet"""\r\n'
        "2026-10-10,,TBA,,,,\r\n"
    )


def test_export_lineup_writes_billing_kind_and_status_where_a_set_needs_them():
    event = make_event()
    make_set(event, "AAWKS", "20:00", None, billing="AAWKS (DJ)")
    make_set(event, None, "21:00", None, billing="Mystery", kind=Kind.PLACEHOLDER)
    make_set(event, None, "22:00", None, billing="Yoga", kind=Kind.ACTIVITY)
    lineup.cancel_set(make_set(event, "Support", "23:00", None), by=None, now=NOW)

    assert [
        {name: record[name] for name in ("band", "billing", "kind", "status")}
        for record in records_of(export("harbour-street-crawl-3"))
    ] == [
        {"band": "AAWKS", "billing": "AAWKS (DJ)", "kind": "", "status": ""},
        {"band": "Mystery", "billing": "", "kind": "placeholder", "status": ""},
        {"band": "Yoga", "billing": "", "kind": "", "status": ""},
        {"band": "Support", "billing": "", "kind": "set", "status": "cancelled"},
    ]


def test_export_lineup_writes_hidden_sets_and_no_withdrawn_ones():
    event = make_event(reveal_mode=True)
    make_set(event, "AAWKS")
    lineup.withdraw_set(make_set(event, "Ghost"), by=None, now=NOW)

    assert [record["band"] for record in records_of(export(event.slug))] == ["AAWKS"]
    assert [each["band"] for each in json.loads(export(event.slug, "--format", "json"))["performances"]] == ["AAWKS"]


def test_export_lineup_writes_an_event_file():
    event = make_event(city="Waterloo, ON", age_rule="19+")
    make_venue("Blue Anchor", latitude=43.5, longitude=-80.5)
    make_band(
        "AAWKS", genres=[find_genre("doom", **MADE)], origin_city="Barrie", social_links={"instagram": "aawksband"}
    )
    make_set(event, "AAWKS", "23:55", "24:25")
    make_set(event, None, None, None, venue=None)
    set_doors(event, SATURDAY, wall(event, "18:30"), by=None, now=NOW)

    assert json.loads(export(event.slug, "--format", "json")) == {
        "event": {
            "name": "Harbour Street Crawl 3",
            "slug": "harbour-street-crawl-3",
            "date": "2026-10-10",
            "timezone": "America/Toronto",
            "rollover": "06:00",
            "status": "draft",
            "city": "Waterloo, ON",
            "reveal_mode": False,
            "times_public": True,
            "default_set_minutes": 30,
            "age_restriction": "19+",
            "doors": {"2026-10-10": "18:30"},
        },
        "venues": [{"name": "Blue Anchor", "latitude": 43.5, "longitude": -80.5, "walking_order": 0}],
        "bands": [
            {
                "name": "AAWKS",
                "origin_city": "Barrie",
                "social_links": {"instagram": "aawksband"},
                "genre": "doom",
            }
        ],
        "performances": [
            {
                "band": "AAWKS",
                "venue": "Blue Anchor",
                "night": "2026-10-10",
                "date": "2026-10-10",
                "start_time": "23:55",
                "end_time": "2026-10-11 00:25",
                "is_announced": True,
            },
            {"band": "TBA", "night": "2026-10-10", "is_announced": True},
        ],
    }


def test_export_lineup_of_an_empty_event_is_a_header():
    make_event()

    assert export("harbour-street-crawl-3") == "\ufeffnight,venue,band,start,end,genre,notes\r\n"
    assert json.loads(export("harbour-street-crawl-3", "--format", "json"))["performances"] == []


@pytest.mark.parametrize("file_format", ["csv", "json"])
def test_exported_event_imported_into_itself_changes_nothing(file_format):
    event = make_odd_event()
    before = table_contents()

    report = bring_back(export(event.slug, "--format", file_format), file_format, event_slug=event.slug)

    assert table_contents() == before
    assert {each.action for each in report.rows} == {Action.KEEP}
    assert (len(report.rows), report.not_in_file, report.new_bands, report.new_venues) == (26, [], [], [])


def test_exported_table_imported_into_an_empty_database_is_exported_the_same():
    event = make_odd_event()
    before, running_order = export(event.slug), sorted(tidied(sets_of(event)), key=repr)
    empty_the_database()

    bring_back(before, "csv", event_slug=event.slug, name="Odd Crawl", accept_long=True)

    event = Event.objects.get()
    assert export(event.slug) == before
    # A table has no column for a disambiguation: here "Dusk (Guelph)" is a name.
    assert sorted(sets_of(event), key=repr) == running_order
    assert event.performances.get(band__name="Early Bird").night == HALLOWEEN


def test_exported_event_file_imported_into_an_empty_database_is_exported_the_same():
    event = make_odd_event()
    before, table, running_order = export(event.slug, "--format", "json"), export(event.slug), tidied(sets_of(event))
    empty_the_database()

    bring_back(before, "json", accept_long=True)

    event = Event.objects.get()
    assert export(event.slug, "--format", "json") == before
    assert export(event.slug) == table
    assert sets_of(event) == running_order
    assert [(band.name, band.disambiguation) for band in BandProfile.objects.filter(name="Dusk")] == [
        ("Dusk", ""),
        ("Dusk", "Guelph"),
    ]
    assert Venue.objects.get(name="Upstairs").parent.access_notes == "Steps."


def test_exported_table_neutralises_every_cell_that_would_be_run():
    event = make_odd_event()

    cells = [cell for line in csv.reader(io.StringIO(export(event.slug).removeprefix("\ufeff"))) for cell in line]

    assert [cell for cell in cells if cell.strip().startswith(("=", "+", "-", "@"))] == []
    assert {"'=1+1", "'+/-", "'-(16)-", "'@handle", "''=x", "'@the Docks", "'@all"} <= set(cells)


def test_exported_table_that_a_spreadsheet_saved_again_changes_nothing():
    event = make_odd_event()
    before = table_contents()
    out = io.StringIO(newline="")
    lines = csv.reader(io.StringIO(export(event.slug).removeprefix("\ufeff"), newline=""))
    csv.writer(out, delimiter=";", lineterminator="\n").writerows(
        [cell.replace("\r\n", "\n") for cell in line] for line in lines
    )

    report = bring_back(out.getvalue(), "csv", event_slug=event.slug)

    assert (table_contents() == before, len(report.rows)) == (True, 26)


@pytest.mark.parametrize("file_format", ["csv", "json"])
@pytest.mark.parametrize("name", EVENT_FILE_NAMES)
def test_real_events_come_back_as_they_were(name, file_format):
    run_as_told(real_file(name))
    event = Event.objects.get()
    text, before = export(event.slug, "--format", file_format), table_contents()

    bring_back(text, file_format, event_slug=event.slug)

    assert table_contents() == before

    empty_the_database()
    if file_format == "json" or event.performances.exists() or records_of(text):
        bring_back(text, file_format, event_slug=event.slug, name=event.name)
        assert export(event.slug, "--format", file_format) == text


@pytest.mark.parametrize(
    ("opens", "written"),
    [
        ("2026-10-31 05:59", "2026-10-31 05:59"),  # 05:59 alone would be read as the morning after
        ("2026-10-31 06:00", "06:00"),
        ("2026-11-01 05:59", "05:59"),
        ("2026-11-01 06:00", "2026-11-01 06:00"),
    ],
)
def test_exported_doors_keep_their_day(opens, written):
    event = make_event(date=HALLOWEEN)
    opens_at = datetime.fromisoformat(opens).replace(tzinfo=event.zone)
    set_doors(event, HALLOWEEN, opens_at, by=None, now=NOW)
    text = export(event.slug, "--format", "json")
    empty_the_database()

    bring_back(text, "json")

    assert json.loads(text)["event"]["doors"] == {"2026-10-31": written}
    assert Event.objects.get().doors.get().opens_at == opens_at


@pytest.mark.parametrize("file_format", ["csv", "json", "xlsx"])
def test_export_lineup_writes_a_file(tmp_path, file_format):
    event = make_event()
    make_set(event, "夜行列車")
    path = tmp_path / f"lineup.{file_format}"

    printed = export(event.slug, "--format", file_format, "--output", str(path))

    assert printed == f"Wrote Harbour Street Crawl 3 to {path}.\n"
    written = path.read_bytes()
    assert (repr(read_workbook(written)) if file_format == "xlsx" else written) == WRITERS[file_format](event)


def test_export_lineup_does_not_print_a_workbook():
    make_event()

    assert failure_of("harbour-street-crawl-3", "--format", "xlsx") == (
        "A workbook is no text for a terminal. Say where to write it with --output FILE.",
        1,
    )


def bring_back_workbook(event, **options):
    file = read_file(lineup_xlsx(event), "lineup.xlsx")
    return import_lineup(file, Options(event_slug=event.slug, **options), by=None, now=LATER)


def test_exported_workbook_has_the_cells_of_the_table():
    event = make_odd_event()

    cells = read_workbook(lineup_xlsx(event))

    table = list(csv.reader(io.StringIO(lineup_csv(event).removeprefix("\ufeff"), newline="")))
    width = len(table[0])
    assert [[*row, *[""] * (width - len(row))] for row in cells] == [
        [cell.replace("\r\n", "\n") for cell in row] for row in table
    ]


def test_exported_workbook_imported_into_itself_changes_nothing():
    event = make_odd_event()
    before = table_contents()

    report = bring_back_workbook(event)

    assert table_contents() == before
    assert {each.action for each in report.rows} == {Action.KEEP}
    assert (len(report.rows), report.not_in_file, report.new_bands, report.new_venues) == (26, [], [], [])


@pytest.mark.parametrize("name", EVENT_FILE_NAMES)
def test_real_events_come_back_from_a_workbook_as_they_were(name):
    run_as_told(real_file(name))
    event = Event.objects.get()
    before = table_contents()

    bring_back_workbook(event)

    assert table_contents() == before


@pytest.mark.parametrize(("name", "zone"), [("treefort-2015", "America/Boise"), ("2000trees-2026", "Europe/London")])
def test_real_festivals_come_back_from_a_workbook_as_they_were(name, zone):
    *_, file = festival(name)
    run(file, event_slug="", name="A Festival", timezone=zone, accept_long=True)
    event = Event.objects.get()
    before = table_contents()

    report = bring_back_workbook(event)

    assert table_contents() == before
    assert (len(report.rows), report.refused) == (len(file.rows), [])


def test_export_lineup_says_that_a_file_cannot_be_written(tmp_path):
    make_event()
    path = tmp_path / "missing" / "lineup.csv"

    assert failure_of("harbour-street-crawl-3", "--output", str(path)) == (
        f"--output {path}: No such file or directory.",
        1,
    )


def test_export_lineup_says_which_events_there_are():
    assert failure_of("other") == ("There is no event “other”. The events are: none yet.", 1)

    make_event("Crawl One")
    make_event("Crawl Two", date=SUNDAY)

    assert failure_of("other") == ("There is no event “other”. The events are: crawl-two, crawl-one.", 1)


def test_export_lineup_finds_an_event_by_an_address_it_had_before():
    event = make_event()
    before = export("harbour-street-crawl-3")
    update_event(event, slug="harbour-3", by=None, now=NOW)

    assert export("harbour-street-crawl-3") == export("harbour-3") == before


@pytest.mark.parametrize("set_count", [1, 3])
def test_export_lineup_reads_its_sets_in_few_queries(django_assert_num_queries, set_count):
    event = make_event()
    for number in range(set_count):
        make_set(event, f"Band {number}", venue=f"Venue {number}")

    with django_assert_num_queries(2):  # sets with band and venue; genres
        lineup_csv(event)
    with django_assert_num_queries(3):  # also the doors
        lineup_json(event)
