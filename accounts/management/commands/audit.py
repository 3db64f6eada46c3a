"""manage.py audit: who changed what, who tried to get in, and whether anybody rewrote it."""

import re
import textwrap
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from accounts.management.operator import OperatorCommand, add_json, instant
from accounts.models import AuditEntry, AuthEvent
from accounts.trails import broken_rows, rows_of

TRAILS: dict[str, type[AuditEntry] | type[AuthEvent]] = {"changes": AuditEntry, "sign-ins": AuthEvent}
DEFAULT_ROWS = 50
WIDTH = 80
INDENT = " " * 22  # as wide as an instant and two blanks
LEAST_WHO = 16
AGO = re.compile("([0-9]{1,5})([dh])")


class Command(OperatorCommand):
    help = (
        "List the audit trail (changes) or the sign-in history (sign-ins), the newest row last, times in UTC. "
        "“audit verify” checks both trails instead: exit code 1 when a row is not as it was written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verify", nargs="?", choices=["verify"], help="check that nobody rewrote the trails")
        parser.add_argument("--user", metavar="EMAIL", help="only what the owner of this address did or tried")
        parser.add_argument("--action", help="only this action (user.created), or with sign-ins this kind (sign_in)")
        parser.add_argument("--since", metavar="2026-11-01|7d|24h", help="only from this day (UTC), or so long ago, on")
        parser.add_argument("--trail", choices=list(TRAILS), help="which trail; changes unless said otherwise")
        parser.add_argument("--limit", type=int, help=f"at most so many rows, the newest; {DEFAULT_ROWS} by default")
        add_json(parser)

    def handle(self, *, verify: str | None, **options: Any) -> None:
        if verify:
            _refuse_filters(options)
            self._verify(as_json=options["json"])
        else:
            self._list(**options)

    def _list(self, *, trail: str | None, limit: int | None, **options: Any) -> None:
        model, most = TRAILS[trail or "changes"], _most(limit)
        action = _action(options["action"], model)
        since = _since(options["since"], now=timezone.now())
        newest = list(rows_of(model, email=options["user"] or "", action=action, since=since)[: most + 1])
        if len(newest) > most:
            self.stderr.write(f"Older rows are left out: --limit {most}.")
        rows = newest[:most][::-1]
        if options["json"]:
            self.answer([_facts(row) for row in rows])
        elif rows:
            self.say(*_table(rows))
        else:
            self.say("No such rows.")

    def _verify(self, *, as_json: bool) -> None:
        broken = [_broken(trail, row, wrong) for trail, model in TRAILS.items() for row, wrong in broken_rows(model)]
        count = sum(model._default_manager.count() for model in TRAILS.values())
        if as_json:
            self.answer({"rows": count, "broken": broken})
        else:
            for each in broken:
                self.say("{trail} row {number} ({chain}, position {position}): {wrong}".format(**each))
        if broken:
            raise CommandError(
                f"{len(broken)} of {count} rows are not as they were written. "
                "Compare with the trail_anchor lines in the log and with a backup from before."
            )
        if not as_json:
            self.say(f"{count} rows of both trails are as they were written.")


# --- What was asked ----------------------------------------------------------------------------


def _refuse_filters(options: dict[str, Any]) -> None:
    for name in ("user", "action", "since", "trail", "limit"):
        if options[name] is not None:
            raise CommandError(f"--{name} {options[name]!r}: “audit verify” checks both trails whole. Leave it out.")


def _most(limit: int | None) -> int:
    if limit is not None and limit < 1:
        raise CommandError(f"--limit {limit}: this would show nothing. Use 1 or more.")
    return limit or DEFAULT_ROWS


def _action(action: str | None, model: type[AuditEntry] | type[AuthEvent]) -> str:
    if action and model is AuthEvent and action not in AuthEvent.Kind.values:
        kinds = ", ".join(AuthEvent.Kind.values)
        raise CommandError(f"--action {action!r}: there is no such kind of sign-in event. Choose one of {kinds}.")
    return action or ""


def _since(text: str | None, *, now: datetime) -> datetime | None:
    """The instant that a day or a while ago stands for. Raises CommandError."""
    if text is None:
        return None
    if ago := AGO.fullmatch(text):
        return now - timedelta(**{{"d": "days", "h": "hours"}[ago[2]]: int(ago[1])})
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=UTC)
    except ValueError as error:
        raise CommandError(
            f"--since {text!r}: this is no time. Use a day such as 2026-11-01, or 7d, or 24h."
        ) from error


# --- What is answered --------------------------------------------------------------------------


def _table(rows: list[AuditEntry | AuthEvent]) -> list[str]:
    """A line of columns for each row, and below it what else there is to say."""
    left = WIDTH - len(INDENT) - 2 - max(len(_what(row)) for row in rows)
    width = min(max(len(_who(row)) for row in rows), max(left, LEAST_WHO))
    lines = []
    for row in rows:
        who = _who(row)
        shown = who if len(who) <= width else who[: width - 1] + "…"
        lines.append(f"{instant(row.at)}  {shown:{width}}  {_what(row)}")
        lines += textwrap.wrap(_details(row), WIDTH, initial_indent=INDENT, subsequent_indent=INDENT)
    return lines


def _facts(row: AuditEntry | AuthEvent) -> dict[str, Any]:
    origin = getattr(row, "origin", None)
    place = {"number": row.pk, "chain": row.chain, "position": row.position, "at": instant(row.at)}
    actor = {"user_id": row.user_id, "who": _who(row), "address": origin and origin.address}
    if isinstance(row, AuthEvent):
        return {**place, **actor, "kind": row.kind, "success": row.success, "reason": row.reason}
    thing = {"object_type": row.object_type, "object_id": row.object_id, "object": row.object_label}
    changed = {"before": row.before, "after": row.after, "reason": row.reason}
    return {**place, **actor, "action": row.action, **thing, **changed}


def _broken(trail: str, row: AuditEntry | AuthEvent, wrong: str) -> dict[str, Any]:
    return {"trail": trail, "number": row.pk, "chain": row.chain, "position": row.position, "wrong": wrong}


def _who(row: AuditEntry | AuthEvent) -> str:
    """The address of who it was, else the number of her account, else the command."""
    origin = getattr(row, "origin", None)
    number = f"account {row.user_id}" if row.user_id else ""
    return (origin and origin.email) or number or (origin and origin.agent) or "nobody known"


def _what(row: AuditEntry | AuthEvent) -> str:
    if isinstance(row, AuditEntry):
        return row.action
    return row.kind if row.success else f"{row.kind} failed"


def _details(row: AuditEntry | AuthEvent) -> str:
    """What was changed, from what to what, and why."""
    if isinstance(row, AuthEvent):
        return row.reason
    names = dict.fromkeys([*row.before, *row.after])
    changes = [f"{name}: {_change(row, name)}" for name in names]
    return "; ".join(each for each in [row.object_label, *changes, row.reason and f"because {row.reason}"] if each)


def _change(row: AuditEntry, name: str) -> str:
    return " → ".join(str(facts[name]) or "none" for facts in (row.before, row.after) if name in facts)
