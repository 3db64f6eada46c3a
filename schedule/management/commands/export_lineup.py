"""manage.py export_lineup: an event's running order as a file that import_lineup reads back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from schedule.models import Event
from schedule.outputs.lineup_file import lineup_csv, lineup_json, lineup_xlsx

WRITERS: dict[str, Callable[[Event], str | bytes]] = {"csv": lineup_csv, "json": lineup_json, "xlsx": lineup_xlsx}


class Command(BaseCommand):
    help = "Write all sets of an event, also hidden ones, as CSV, as an Excel workbook or as an event file in JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the event")
        parser.add_argument("--format", choices=sorted(WRITERS), default="csv")
        parser.add_argument("--output", type=Path, metavar="FILE", help="where to write; else to standard output")

    def handle(self, *, slug: str, output: Path | None, **options: Any) -> None:
        event = Event.objects.filter(slug=slug).first() or Event.objects.filter(former_slugs__slug=slug).first()
        if event is None:
            raise CommandError(f"There is no event “{slug}”. The events are: {', '.join(_slugs()) or 'none yet'}.")
        written = WRITERS[options["format"]](event)
        if output is None:
            if isinstance(written, bytes):
                raise CommandError("A workbook is no text for a terminal. Say where to write it with --output FILE.")
            self.stdout.write(written, ending="")
            return
        try:
            output.write_bytes(written.encode() if isinstance(written, str) else written)
        except OSError as error:
            raise CommandError(f"--output {output}: {error.strerror}.") from error
        self.stdout.write(f"Wrote {event} to {output}.")


def _slugs() -> list[str]:
    return list(Event.objects.values_list("slug", flat=True)[:20])
