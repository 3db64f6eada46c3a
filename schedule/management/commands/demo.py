"""manage.py demo: an invented crawl to look at."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from schedule.demo import build_demo


class Command(BaseCommand):
    help = (
        "Build an invented band crawl: one event tonight, with sets on right now, one last season and one next "
        "season. Run again, it moves tonight's event to the present. Refuses where there are other events."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="also beside other events")
        parser.add_argument("--if-alone", action="store_true", help="do nothing, without an error, beside other events")

    def handle(self, *, force: bool, if_alone: bool, **options: Any) -> None:
        try:
            events = build_demo(now=timezone.now(), force=force)
        except ValidationError as error:
            if if_alone:
                self.stdout.write("There are events of your own; no demo is made beside them.")
                return
            raise CommandError(" ".join(error.messages)) from error
        for event in events:
            sets = event.performances.count()
            address = settings.SITE_URL + event.get_absolute_url()
            self.stdout.write(f"{event}: {event.date}, {sets} sets, {event.get_status_display().lower()}, {address}")
