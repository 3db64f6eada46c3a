"""manage.py import_lineup: a running order from a file into an event."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from schedule.importing import Action, ImportReport, Options, RowReport, import_lineup, sentences
from schedule.lineup_files import LineupFile, UnreadableFileError, read_file
from schedule.models import Performance
from schedule.nights import wall_text
from schedule.row_times import DateMeaning

MAX_BYTES = 20 * 1024 * 1024
ROWS_WORTH_A_PROGRESS_BAR = 200
BAR_WIDTH = 30
LONGEST_LINE = 1000  # characters; a cell may hold a whole book


class Command(BaseCommand):
    help = (
        "Import a running order from an event file (.json) or a table (.csv or .xlsx with the columns night, "
        "venue, band, start, end, genre, notes). Prints what each row does; saves all rows or none. Safe to run again. "
        "Exit code 0 when saved (or rehearsed), 1 when rows were refused, 2 when the file cannot be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the .json, .csv or .xlsx file")
        parser.add_argument("--event", default="", metavar="SLUG", help="the event; created when it does not exist")
        parser.add_argument("--name", default="", help="name of a new event")
        parser.add_argument(
            "--timezone",
            default="",
            metavar="ZONE",
            help=f"zone of a new event, else the file's, else {settings.TIME_ZONE}",
        )
        parser.add_argument(
            "--dates",
            choices=[each.value for each in DateMeaning],
            default=DateMeaning.CALENDAR.value,
            help="what a date beside a time means: the true calendar day (default), or the day of the night",
        )
        parser.add_argument("--accept-long", action="store_true", help="accept sets of more than six hours")
        parser.add_argument("--publish", action="store_true", help="publish the event afterwards")
        parser.add_argument("--dry-run", action="store_true", help="print what would happen and save nothing")

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            lineup = self._read(file)
        except UnreadableFileError as error:
            raise CommandError(f"{file}: {error}", returncode=2) from error
        chosen = Options(
            event_slug=options["event"],
            name=options["name"],
            timezone=options["timezone"],
            dates=DateMeaning(options["dates"]),
            accept_long=options["accept_long"],
            publish=options["publish"],
            dry_run=options["dry_run"],
        )
        bar = self._progress_bar(len(lineup.rows))
        try:
            report = import_lineup(lineup, chosen, by=None, now=timezone.now(), progress=bar)
        except ValidationError as error:
            raise CommandError(f"{file}: {' '.join(sentences(error))} Nothing was saved.") from error
        self._print(report, lineup, chosen)
        if report.refused:
            raise CommandError(f"Nothing was saved: {_count(len(report.refused), 'row')} refused, see above.")

    def _read(self, path: Path) -> LineupFile:
        try:
            if path.stat().st_size > MAX_BYTES:
                raise UnreadableFileError("The file is larger than 20 MB; a running order is not.")
            content = path.read_bytes()
        except OSError as error:
            raise UnreadableFileError(f"The file cannot be opened: {error.strerror}.") from error
        return read_file(content, path.name)

    def _print(self, report: ImportReport, lineup: LineupFile, options: Options) -> None:
        event = report.event
        what = "new event" if report.is_new_event else "event"
        self._line(f"{event} ({what}, {event.slug})", self.style.MIGRATE_HEADING)
        last = f" to {event.last_night}" if event.has_several_nights else ""
        self._line(f"{event.date}{last}, times in {event.timezone}, dates read as {options.dates} dates", indent=2)
        for row in report.rows:
            self._print_row(row)
        for title, lines in {
            "New bands": [str(band) for band in report.new_bands],
            "New venues": [str(venue) for venue in report.new_venues],
            "Please look: nothing was merged or split": report.suggestions,
            "Overlaps (warnings)": [conflict.message for conflict in report.warnings],
            "In the event but not in the file (left as they are)": [_describe(each) for each in report.not_in_file],
            "Not imported from the file": lineup.left_out,
        }.items():
            if lines:
                self._line(f"{title}: {len(lines)}", self.style.MIGRATE_HEADING)
                for line in lines:
                    self._line(line, indent=2)
        counts = ", ".join(f"{report.count(action)} {word}" for action, word in WORDS.items())
        self._line(f"{_count(len(lineup.rows), 'row')}: {counts}.")
        if report.is_saved:
            state = event.get_status_display().lower()
            self._line(f"Saved. {event} is {state}: {settings.SITE_URL}{event.get_absolute_url()}", self.style.SUCCESS)
        elif not report.refused:
            self._line("Only rehearsed: nothing was saved.")

    def _print_row(self, row: RowReport) -> None:
        line = f"{row.row.label}: {row.action}"
        if row.action == Action.REFUSE:
            facts = ", ".join(
                f"{name} “{value}”"
                for name in ("band", "venue", "night", "date", "start", "end")
                if (value := getattr(row.row, name))
            )
            self._line(
                f"{line}: {' '.join(row.remarks)}" + (f" [{facts}]" if facts else ""), self.style.ERROR, indent=2
            )
            return
        remarks = f" ({', '.join(row.remarks)})" if row.remarks else ""
        self._line(f"{line}{remarks}  {_describe(row.performance)}" if row.performance else line, indent=2)

    def _line(self, text: str, style: Callable[[str], str] = str, *, indent: int = 0) -> None:
        """One line, whatever a file holds: control characters would command the terminal."""
        text = "".join(c if c.isprintable() else " " for c in text)
        text = text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}…"
        self.stdout.write(" " * indent + style(text))

    def _progress_bar(self, total: int) -> Callable[[float], None]:
        """A bar on a terminal when there is much to do; silence otherwise."""
        if total < ROWS_WORTH_A_PROGRESS_BAR or not self.stderr.isatty():
            return lambda share: None
        shown = ""

        def show(share: float) -> None:
            nonlocal shown
            filled = int(BAR_WIDTH * share)
            bar = f"\r  [{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {share:.0%} of {total} rows"
            if bar != shown:
                self.stderr.write(bar, ending="\n" if share == 1 else "")
                shown = bar

        return show


WORDS = {
    Action.CREATE: "to create",
    Action.CHANGE: "to change",
    Action.KEEP: "unchanged",
    Action.REFUSE: "refused",
}


def _describe(performance: Performance) -> str:
    """ "2026-02-15 23:55 to 00:25 (Mon)  Prohibition Warehouse  $wamp A$$" """
    zone = performance.event.zone
    times = "time open"
    if performance.starts_at:
        local = performance.starts_at.astimezone(zone)
        times = wall_text(performance.starts_at, zone)
        if local.date() != performance.night:
            times += f" ({local:%a})"
        if performance.ends_at:
            times += f" to {wall_text(performance.ends_at, zone)}"
    band = "" if performance.kind == Performance.Kind.SET else f" [{performance.kind}]"
    return f"{performance.night:%a %Y-%m-%d}  {times}  {performance.venue or 'venue open'}  {performance.title}{band}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
