"""Writing the two trails, and checking that nobody rewrote them."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Max, Q

from accounts.clients import current_client
from accounts.models import AuditEntry, AuditEntryOrigin, AuthEvent, AuthEventOrigin, User
from accounts.models.user import fold_address
from settimes.locks import lock_until_commit
from settimes.sealing import digest, digests

log = logging.getLogger("settimes.security")

AUTH_CHAIN = "sign-in"
SYSTEM_CHAIN = "system"
FIRST = ""
MOST_LABEL_CHARACTERS = 250
UNSAFE_IN_LOGS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def account_key(email: str) -> str:
    """What stands for an address, existing or not, where the address itself must not: in counters and logs."""
    return digest("account", fold_address(email)) if email.strip() else ""


def security_log(event: str, *, level: int = logging.INFO, **facts: Any) -> None:
    """One line in OWASP's logging vocabulary: facts as name=value, without anything personal or secret."""
    client = current_client()
    known = {**facts, "network": client.broad_network, "route": client.route, "request": client.request_id}
    line = " ".join(f"{name}={_safe(value)}" for name, value in known.items() if value not in ("", None))
    log.log(level, "%s %s", event, line)


@transaction.atomic
def record_attempt(
    kind: AuthEvent.Kind,
    *,
    success: bool,
    event: str,
    now: datetime,
    reason: str = "",
    user: User | None = None,
    email: str = "",
) -> AuthEvent:
    """Add an attempt to the sign-in history, and the line `event` to the log. Call it in the attempt's transaction."""
    email = email or (user.email if user else "")
    origin = _origin(email)
    row = AuthEvent(
        chain=AUTH_CHAIN,
        at=now,
        user_id=user.pk if user else None,
        kind=kind,
        success=success,
        reason=reason,
        account_key=account_key(email),
        origin_digest=_origin_digest(origin),
    )
    _append(row)
    AuthEventOrigin.objects.create(event=row, **origin)
    security_log(
        event,
        level=logging.INFO if success else logging.WARNING,
        outcome="success" if success else "failure",
        kind=kind.value,
        reason=reason,
        user=user.pk if user else f"#{row.account_key[:16]}" if row.account_key else "",
    )
    return row


@transaction.atomic
def audit(
    action: str,
    subject: models.Model | None,
    *,
    by: User | None,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    label: str = "",
) -> AuditEntry:
    """Add a change to the audit trail. Call it in the transaction of the change: it stands or falls with it.

    `before` and `after` hold what is different, as words; `by` is None for commands and tasks.
    """
    origin = _origin(by.email if by else "")
    row = AuditEntry(
        chain=f"user {by.pk}" if by else SYSTEM_CHAIN,
        at=now,
        user_id=by.pk if by else None,
        action=action,
        object_type=subject._meta.label_lower if subject is not None else "",
        object_id=str(subject.pk or "") if subject is not None else "",
        object_label=(label or str(subject or ""))[:MOST_LABEL_CHARACTERS],
        before=in_words(before or {}),
        after=in_words(after or {}),
        reason=reason,
        origin_digest=_origin_digest(origin),
    )
    _append(row)
    AuditEntryOrigin.objects.create(entry=row, **origin)
    return row


def in_words(facts: dict[str, Any]) -> dict[str, Any]:
    """Values as somebody would read them: rows by their name, instants in ISO format, lists spelt out."""
    return {name: _words(value) for name, value in facts.items()}


def rows_of(
    model: type[AuthEvent] | type[AuditEntry], *, email: str = "", action: str = "", since: datetime | None = None
) -> models.QuerySet:
    """Rows of a trail, the newest first: what somebody did or tried, also whose account is gone.

    `action` is the action of a change, or the kind of a sign-in event; `since` is included.
    """
    rows = model._default_manager.order_by("-pk").select_related("origin")
    if email:
        account = User.objects.filter(email_key=fold_address(email)).values("pk")
        rows = rows.filter(Q(user_id__in=account) | Q(origin__email__iexact=email.strip()))
    if action:
        rows = rows.filter(**{"kind" if model is AuthEvent else "action": action})
    return rows.filter(at__gte=since) if since else rows


def broken_rows(model: type[AuthEvent] | type[AuditEntry]) -> Iterator[tuple[AuthEvent | AuditEntry, str]]:
    """Rows that do not follow from those before them, each with what is wrong with it.

    An edited, removed, inserted or exchanged row shows; so does an origin that was rewritten, but
    not one that was erased. That the newest rows of a chain were cut off shows only against the
    counts in the log (`trail_anchor`).
    """
    chain, before, position = None, FIRST, 0
    rows = model._default_manager.order_by("chain", "position").select_related("origin")
    for row in rows.iterator(chunk_size=1000):
        if row.chain != chain:
            chain, before, position = row.chain, FIRST, 0
        if row.position != position + 1:
            yield row, f"{row.position - position - 1} rows before it are missing"
        elif row.digest not in digests("trail", before + _canonical(row)):
            yield row, "it is not what was written"
        elif hasattr(row, "origin") and row.origin_digest not in digests("origin", _canonical_origin(row.origin)):
            yield row, "its origin is not what was written"
        before, position = row.digest, row.position


def anchors() -> list[str]:
    """How long each trail is and how it ends: written into the log daily, to compare a suspect trail with."""
    return [
        f"{model.__name__}: {count} rows, last {last.digest[:16] if last else 'none'}"
        for model in (AuthEvent, AuditEntry)
        for count, last in [(model._default_manager.count(), model._default_manager.order_by("pk").last())]
    ]


def _append(row: AuthEvent | AuditEntry) -> None:
    """Give the row its place at the end of its chain and write it."""
    model = type(row)
    lock_until_commit(f"{model.__name__} {row.chain}")
    last = model._default_manager.filter(chain=row.chain).aggregate(last=Max("position"))["last"]
    before = FIRST
    if last is not None:
        before = model._default_manager.values_list("digest", flat=True).get(chain=row.chain, position=last)
    row.position = (last or 0) + 1
    row.digest = digest("trail", before + _canonical(row))
    row.save(force_insert=True)


def _canonical(row: AuthEvent | AuditEntry) -> str:
    """The row as text: every field that was written, in one order."""
    fields = [field.attname for field in row._meta.concrete_fields if field.attname not in ("id", "digest")]
    values = {name: getattr(row, name) for name in fields}
    values["at"] = row.at.astimezone(UTC).isoformat()
    return json.dumps(values, sort_keys=True, ensure_ascii=False)


def _origin(email: str) -> dict[str, str | None]:
    client = current_client()
    return {
        "email": email[:254],
        "address": client.address or None,
        "agent": client.agent,
        "request_id": client.request_id,
    }


def _origin_digest(origin: dict[str, str | None]) -> str:
    return digest("origin", json.dumps(origin, sort_keys=True, ensure_ascii=False))


def _canonical_origin(origin: AuthEventOrigin | AuditEntryOrigin) -> str:
    names = ("email", "address", "agent", "request_id")
    return json.dumps({name: getattr(origin, name) for name in names}, sort_keys=True, ensure_ascii=False)


def _words(value: Any) -> Any:
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(value, dict):
        return value["name"] if set(value) == {"id", "name"} else in_words(value)
    if isinstance(value, list | tuple | set):
        return ", ".join(str(_words(each)) for each in value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _safe(value: Any) -> str:
    """A value that cannot begin a line of its own, nor turn one around."""
    text = UNSAFE_IN_LOGS.sub(lambda found: f"\\u{ord(found[0]):04x}", str(value))
    return f'"{text}"' if " " in text else text
