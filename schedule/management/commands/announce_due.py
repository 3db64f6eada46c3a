"""manage.py announce_due: announce the sets whose hour has come."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.management.operator import OperatorCommand, add_json, counted, instant
from schedule.announcing import announce_due_sets, due_sets, schedulings_of
from schedule.models import Performance


class Command(OperatorCommand):
    help = (
        "Announce the sets whose hour has come, as the worker does every minute. Safe to repeat, and beside the worker."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be announced")
        add_json(parser)

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        now = timezone.now()
        due = list(due_sets(now).select_related("event", "band"))
        schedulings = schedulings_of(due)
        held = [each for each in due if each.pk in schedulings and not schedulings[each.pk].holds]
        ready = [each for each in due if each not in held]
        count = len(ready) if dry_run else announce_due_sets(now=now)
        if options["json"]:
            facts = {"dry_run": dry_run, "announced": 0 if dry_run else count, "due": [_facts(each) for each in ready]}
            self.answer({**facts, "held_back": [_facts(each) for each in held]})
            return
        would = "would be announced" if dry_run else "announced"
        self.say(*[f"{'Due' if dry_run else 'Was due'}: {_sentence(each)}" for each in ready])
        self.say(*[f"Held back, whoever scheduled it may not announce any more: {_sentence(each)}" for each in held])
        self.say(f"{counted(count, 'set', 'sets')} {would}.")


def _facts(performance: Performance) -> dict[str, Any]:
    return {
        "event": performance.event.slug,
        "set": str(performance),
        "id": performance.pk,
        "due_at": performance.announce_at and instant(performance.announce_at),
    }


def _sentence(performance: Performance) -> str:
    return f"{performance}, {performance.event}, at {_facts(performance)['due_at']}."
