"""manage.py import_lineup: what it prints, what it saves, and how it ends."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from schedule.models import Event, Performance
from schedule.spreadsheets import write_workbook
from tests.factories import make_band, make_event, make_set, make_venue
from tests.schedule.test_importing import LINEUPS, table_contents

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent.parent
HEADER = "night,venue,band,start,end\n"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def write(tmp_path):
    """A function that writes a file and answers its path."""

    def write_file(content, name="lineup.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


def run(path, *arguments, stderr=None):
    """What the command prints, without colours."""
    out = io.StringIO()
    call_command("import_lineup", str(path), *arguments, "--no-color", stdout=out, stderr=stderr or io.StringIO())
    return out.getvalue()


def failure_of(path, *arguments):
    """What the command prints before it fails, its last sentence, and its exit code."""
    out = io.StringIO()
    with pytest.raises(CommandError) as failure:
        call_command("import_lineup", str(path), *arguments, "--no-color", stdout=out, stderr=io.StringIO())
    return out.getvalue(), str(failure.value), failure.value.returncode


def test_import_lineup_prints_row_by_row_what_it_creates_matches_and_suggests(write):
    make_band("worrywart")
    make_band("Dog Bus")
    make_venue("MAIN STAGE")
    path = write(
        "night,venue,band,start,end,genre,fee\n"
        "2026-10-10,Main Stage,Worrywart,20:00,20:30,punk,100\n"
        "2026-10-10,The Cave,Dogbus,23:55,00:25,,\n"
        "2026-10-10,The Cave,Birdhand,00:10,,,\n"
        "2026-10-10,,TBA,,,,\n"
    )

    printed = run(path, "--name", "Harbour Crawl")

    assert printed == (
        "Harbour Crawl (new event, harbour-crawl)\n"
        "  2026-10-10, times in America/Toronto, dates read as calendar dates\n"
        "  row 2 (set 1): create (band matched: worrywart, venue matched: MAIN STAGE)  "
        "Sat 2026-10-10  20:00 to 20:30  MAIN STAGE  Worrywart\n"
        "  row 3 (set 2): create (new band, new venue)  Sat 2026-10-10  23:55 to 00:25  The Cave  Dogbus\n"
        "  row 4 (set 3): create (new band, new venue)  Sat 2026-10-10  00:10 (Sun)  The Cave  Birdhand\n"
        "  row 5 (set 4): create  Sat 2026-10-10  time open  venue open  TBA [placeholder]\n"
        "New bands: 2\n"
        "  Dogbus\n"
        "  Birdhand\n"
        "New venues: 1\n"
        "  The Cave\n"
        "Please look: nothing was merged or split: 1\n"
        "  row 3 (set 2): “Dogbus” may be Dog Bus (the same name, spelled differently).\n"
        "Overlaps (warnings): 1\n"
        "  Dogbus (2026-10-10 23:55 to 00:25) overlaps Birdhand (2026-10-10 00:10, end open) at The Cave.\n"
        "Not imported from the file: 1\n"
        "  column “fee”\n"
        "4 rows: 4 to create, 0 to change, 0 unchanged, 0 refused.\n"
        "Saved. Harbour Crawl is draft: http://testserver/events/harbour-crawl/\n"
    )


def test_import_lineup_prints_what_it_changes_and_what_it_leaves(write):
    event = make_event(date="2026-10-09", end_date="2026-10-10")
    event.refresh_from_db()
    make_set(event, "AAWKS", night=event.date)
    make_set(event, "Birdhand", "21:00", "21:30", night=event.date)
    make_set(event, "Witchrot", "22:00", "22:30", night=event.date)
    path = write(
        HEADER + "2026-10-09,Fish Market Hall,AAWKS,20:15,20:45\n2026-10-09,Blue Anchor,Birdhand,21:00,21:30\n"
    )

    assert run(path, "--event", event.slug) == (
        "Harbour Street Crawl 3 (event, harbour-street-crawl-3)\n"
        "  2026-10-09 to 2026-10-10, times in America/Toronto, dates read as calendar dates\n"
        "  row 2 (set 1): change (moved, retimed, band matched, new venue)  "
        "Fri 2026-10-09  20:15 to 20:45  Fish Market Hall  AAWKS\n"
        "  row 3 (set 2): unchanged  Fri 2026-10-09  21:00 to 21:30  Blue Anchor  Birdhand\n"
        "New venues: 1\n"
        "  Fish Market Hall\n"
        "In the event but not in the file (left as they are): 1\n"
        "  Fri 2026-10-09  22:00 to 22:30  Blue Anchor  Witchrot\n"
        "2 rows: 0 to create, 1 to change, 1 unchanged, 0 refused.\n"
        "Saved. Harbour Street Crawl 3 is draft: http://testserver/events/harbour-street-crawl-3/\n"
    )


def test_import_lineup_names_each_refused_row_and_saves_nothing(write):
    path = write(
        HEADER
        + "2026-10-10,Blue Anchor,AAWKS,20:00,20:30\n"
        + "2026-10-10,Blue Anchor,Birdhand,23:30,13:45\n"
        + "2026-10-10,Blue Anchor,,21:00,\n"
    )
    empty = table_contents()

    assert failure_of(path, "--name", "Harbour Crawl", "--publish") == (
        "Harbour Crawl (new event, harbour-crawl)\n"
        "  2026-10-10, times in America/Toronto, dates read as calendar dates\n"
        "  row 2 (set 1): create (new band, new venue)  Sat 2026-10-10  20:00 to 20:30  Blue Anchor  AAWKS\n"
        "  row 3 (set 2): refuse: 23:30 to 13:45 would be a set of 14 h 15 min. Probably AM and PM are mixed up: "
        "01:45 instead of 13:45? Correct it, or accept long sets. "
        "[band “Birdhand”, venue “Blue Anchor”, night “2026-10-10”, start “23:30”, end “13:45”]\n"
        "  row 4 (set 3): refuse: No band. Write its name, or TBA for a slot that is still open. "
        "[venue “Blue Anchor”, night “2026-10-10”, start “21:00”]\n"
        "New bands: 2\n"
        "  AAWKS\n"
        "  Birdhand\n"
        "New venues: 1\n"
        "  Blue Anchor\n"
        "3 rows: 1 to create, 0 to change, 0 unchanged, 2 refused.\n",
        "Nothing was saved: 2 rows refused, see above.",
        1,
    )
    assert table_contents() == empty


def test_import_lineup_accepts_long_sets_when_asked(write):
    path = write(HEADER + "2026-10-10,Blue Anchor,AAWKS,20:00,08:00\n")

    assert failure_of(path, "--name", "Crawl")[1:] == ("Nothing was saved: 1 row refused, see above.", 1)

    run(path, "--name", "Crawl", "--accept-long")

    performance = Performance.objects.get()
    assert (performance.ends_at - performance.starts_at).total_seconds() == 12 * 3600


def test_import_lineup_rehearses_and_saves_nothing(write):
    event = make_event()
    make_set(event, "AAWKS")
    before = table_contents()
    path = write(HEADER + "2026-10-10,New Venue,AAWKS,20:15,20:45\n2026-10-10,Blue Anchor,New Band,21:00,\n")

    printed = run(path, "--event", event.slug, "--dry-run", "--publish")

    assert printed.splitlines()[2:4] + printed.splitlines()[-2:] == [
        "  row 2 (set 1): change (moved, retimed, band matched, new venue)  "
        "Sat 2026-10-10  20:15 to 20:45  New Venue  AAWKS",
        "  row 3 (set 2): create (new band, venue matched)  Sat 2026-10-10  21:00  Blue Anchor  New Band",
        "2 rows: 1 to create, 1 to change, 0 unchanged, 0 refused.",
        "Only rehearsed: nothing was saved.",
    ]
    assert table_contents() == before


def test_import_lineup_rehearses_refusals_too(write):
    path = write(HEADER + "2026-10-10,Blue Anchor,AAWKS,20:00,20:00\n")

    assert failure_of(path, "--name", "Crawl", "--dry-run")[1:] == ("Nothing was saved: 1 row refused, see above.", 1)


@pytest.mark.parametrize(("arguments", "status"), [((), "draft"), (("--publish",), "published")])
def test_import_lineup_publishes_when_asked(arguments, status):
    printed = run(LINEUPS / "lwbc-vol-15-2026-02-15.json", *arguments)

    assert Event.objects.get().status == status
    assert printed.splitlines()[-1] == (
        f"Saved. Long Weekend Band Crawl - Vol. 15 is {status}: http://testserver/events/lwbc15/"
    )


@pytest.mark.parametrize(
    ("arguments", "night"),
    [((), "Fri 2026-08-07"), (("--dates", "calendar"), "Fri 2026-08-07"), (("--dates", "night"), "Sat 2026-08-08")],
)
def test_import_lineup_is_told_what_dates_mean(arguments, night):
    printed = run(LINEUPS / "buddies-fest-2-2026-08-07.json", *arguments)

    assert next(line for line in printed.splitlines() if "Shane" in line).split("  ")[2] == night


def test_import_lineup_takes_slug_name_and_zone_of_a_new_event(write):
    path = write(HEADER + "2026-07-08,The Cave,AAWKS,20:00,20:30\n")

    run(path, "--event", "trees", "--name", "2000 Trees", "--timezone", "Europe/London")

    event = Event.objects.get()
    assert (event.slug, event.name, event.timezone) == ("trees", "2000 Trees", "Europe/London")
    assert event.performances.get().starts_at.isoformat() == "2026-07-08T19:00:00+00:00"


def test_import_lineup_says_what_is_wrong_with_the_event(write):
    path = write(HEADER + "2026-07-08,The Cave,AAWKS,20:00,20:30\n")

    assert failure_of(path, "--name", "Trees", "--timezone", "London") == (
        "",
        f"{path}: timezone: “London” is not a time zone. Write an IANA name such as America/Toronto. "
        "Nothing was saved.",
        1,
    )
    assert failure_of(path, "--event", "trees") == (
        "",
        f"{path}: There is no event “trees” yet. Give the new one a name with --name. Nothing was saved.",
        1,
    )


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"\xff\xfe", "lineup.csv", "The file is not UTF-8 text. Save it as “CSV UTF-8”."),
        (b"{}", "lineup.JSON", 'The file is no event file: it needs a list called "performances".'),
        (
            b'{"performances": []}',
            "lineup.txt",
            "The first line must name the columns night, venue, band, start, end, genre, notes; "
            "there is no venue and no band and no start and no end.",
        ),
    ],
)
def test_import_lineup_says_why_a_file_cannot_be_read(write, content, name, message):
    path = write(content, name)

    assert failure_of(path) == ("", f"{path}: {message}", 2)


def test_import_lineup_says_that_a_file_is_missing_or_no_file(tmp_path):
    missing = tmp_path / "missing.csv"

    assert failure_of(missing) == ("", f"{missing}: The file cannot be opened: No such file or directory.", 2)
    assert failure_of(tmp_path) == ("", f"{tmp_path}: The file cannot be opened: Is a directory.", 2)


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (20 * 1024 * 1024 + 1, "The file is larger than 20 MB; a running order is not."),
        (20 * 1024 * 1024, "The file is not UTF-8 text. Save it as “CSV UTF-8”."),
    ],
)
def test_import_lineup_reads_no_endless_files(tmp_path, size, message):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(size)

    assert failure_of(path) == ("", f"{path}: {message}", 2)


def test_import_lineup_prints_no_control_characters_and_no_books(write):
    path = write(HEADER + f'2026-10-10,Blue Anchor,"A\x1b[2JB","\x1b]0;x\x07","{"x" * 5000}"\n')

    printed, _, _ = failure_of(path, "--name", "Crawl")

    assert all(line.isprintable() for line in printed.splitlines())
    assert max(len(line) for line in printed.splitlines()) < 1100


@pytest.mark.parametrize(("row_count", "is_shown"), [(199, False), (200, True)])
def test_import_lineup_shows_its_progress_on_a_terminal_for_large_files(write, row_count, is_shown):
    path = write("venue,band,start,end\n" + f",TBA,,{'x' * 3}\n" * row_count)  # refused at once, so quick
    make_event()
    terminal, file = Terminal(), io.StringIO()

    for stderr in (terminal, file):
        with pytest.raises(CommandError):
            call_command(
                "import_lineup", str(path), "--event", "harbour-street-crawl-3", stdout=io.StringIO(), stderr=stderr
            )

    bars = terminal.getvalue().split("\r")
    assert file.getvalue() == ""
    assert (len(bars) > 10, terminal.getvalue().endswith("100% of 200 rows\n")) == (is_shown, is_shown)
    assert bars[0] == ""


def test_import_lineup_ends_with_its_exit_code(tmp_path):
    environment = {
        **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")},
        "DATA_DIR": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "settimes.settings",
    }
    refused, unreadable = tmp_path / "refused.csv", tmp_path / "unreadable.json"
    refused.write_text(HEADER + "2026-10-10,Blue Anchor,AAWKS,20:00,20:00\n", encoding="utf-8")
    unreadable.write_text("{", encoding="utf-8")

    def manage(*arguments):
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    manage("migrate", "--verbosity", "0")
    saved = manage("import_lineup", str(LINEUPS / "lwbc-vol-18-2026-10-11.json"), "--publish")
    not_saved = manage("import_lineup", str(refused), "--event", "lwbc18")
    not_read = manage("import_lineup", str(unreadable))

    assert (saved.returncode, saved.stderr, saved.stdout.splitlines()[-1]) == (
        0,
        "",
        "Saved. Long Weekend Band Crawl Vol. 18 is published: http://testserver/events/lwbc18/",
    )
    assert (not_saved.returncode, not_saved.stderr) == (
        1,
        "CommandError: Nothing was saved: 1 row refused, see above.\n",
    )
    assert (not_read.returncode, not_read.stdout, not_read.stderr) == (
        2,
        "",
        f"CommandError: {unreadable}: The file is not JSON: Expecting property name enclosed in double quotes: "
        "line 1 column 2 (char 1).\n",
    )


def test_import_lineup_reads_a_workbook(write):
    make_event()
    table = [["night", "venue", "band", "start", "end"], ["2026-10-10", "Blue Anchor", "+/-", "20:00", "20:30"]]
    path = write(write_workbook(table[0], table[1:], title="x"), "lineup.xlsx")

    printed = run(path, "--event", "harbour-street-crawl-3")

    assert "row 2 (set 1): create (new band, new venue)  Sat 2026-10-10  20:00 to 20:30  Blue Anchor  +/-" in printed
    assert [performance.title for performance in Performance.objects.all()] == ["+/-"]


def test_import_lineup_says_that_a_workbook_cannot_be_read(write):
    path = write(b"PK", "lineup.xlsx")

    assert failure_of(path)[1:] == (
        f"{path}: The file is no Excel workbook (.xlsx). Save it as .xlsx or as CSV in your spreadsheet program.",
        2,
    )
