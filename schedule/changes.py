"""Recording what changed: every domain function ends here, in its own transaction."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F

from accounts.models import User
from accounts.trails import audit
from schedule.models import Change, Event, Performance


def lock_event(event: Event) -> Event:
    """The event as it is in the database now, locked until the transaction ends, so that edits of it queue up."""
    return Event.objects.select_for_update(of=("self",)).get(pk=event.pk)


def refuse_unknown(fields: Iterable[str], allowed: Collection[str]) -> None:
    """Raise ValueError for a field that a domain function does not own: writing it there would go unrecorded."""
    if unknown := sorted(set(fields) - set(allowed)):
        raise ValueError(f"{', '.join(unknown)} cannot be edited here")


@dataclass(frozen=True)
class Entry:
    """A change that is to be recorded."""

    kind: Change.Kind
    is_public: bool
    performance: Performance | None = None
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    reason: str = ""


def record(
    event: Event,
    kind: Change.Kind,
    *,
    is_public: bool,
    by: User | None,
    now: datetime,
    performance: Performance | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    batch: UUID | None = None,
) -> Change:
    """Raise the event's revision, write the change that raised it and, when somebody made it, audit it.

    Call inside the transaction of the change. Changes of one `batch` were saved in one go.
    """
    entry = Entry(kind, is_public, performance, before or {}, after or {}, reason)
    (change,) = record_all(event, [entry], by=by, now=now, batch=batch)
    if by is not None:
        audit(_action(kind), performance or event, by=by, now=now, before=before, after=after)
    return change


def record_all(
    event: Event, entries: Sequence[Entry], *, by: User | None, now: datetime, batch: UUID | None = None
) -> list[Change]:
    """`record` for many at once, each with a revision of its own in this order; who calls it audits them as one."""
    Event.objects.filter(pk=event.pk).update(
        revision=F("revision") + len(entries),
        public_revision=F("public_revision") + sum(entry.is_public for entry in entries),
        updated_at=now,
        updated_by=by,
    )
    event.refresh_from_db(fields=["revision", "public_revision", "updated_at", "updated_by"])
    return Change.objects.bulk_create(
        Change(
            event=event,
            performance=entry.performance if entry.performance and entry.performance.pk else None,
            performance_uid=entry.performance.uid if entry.performance else None,
            kind=entry.kind,
            before=_plain(entry.before),
            after=_plain(entry.after),
            reason=entry.reason,
            batch=batch,
            is_public=entry.is_public,
            revision=revision,
            by=by,
            at=now,
        )
        for revision, entry in enumerate(entries, start=event.revision - len(entries) + 1)
    )


def _action(kind: Change.Kind) -> str:
    """What the audit trail calls it: "event.published", "performance.moved"."""
    subject, _, verb = kind.value.rpartition("_")
    return f"{subject or 'performance'}.{verb}"


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain_value(value) for name, value in fields.items()}


def _plain_value(value: Any) -> Any:
    """A JSON value: instants and dates in ISO format, rows as their id and what they are called."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, models.Model):
        return {"id": value.pk, "name": str(value)}
    if isinstance(value, models.fields.files.FieldFile):
        return value.name
    if isinstance(value, dict):
        return _plain(value)
    return value
