"""What people do to rows of a library, bands and genres here and venues in `schedule`, for the audit trail."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models

from accounts.models import User
from accounts.trails import audit

# The trail is never rewritten, so what somebody may ask us to forget is not in it; only that it changed.
WITHHELD_FIELDS = frozenset(("contact_email", "phone"))
WITHHELD = "(private)"


def audit_row(
    action: str,
    row: models.Model,
    *,
    by: User | None,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Audit what somebody did to a row; what a command does, or a form rehearses, is nobody's doing.

    Call it in the transaction of the change, before the row is deleted.
    """
    if by is not None:
        audit(action, row, by=by, now=now, before=_kept(before or {}), after=_kept(after or {}))


def audit_differences(
    action: str, row: models.Model, *, by: User | None, now: datetime, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Audit the fields that are different now; nothing where none is."""
    changed = [name for name in before if before[name] != after[name]]
    if changed:
        facts = {"before": {name: before[name] for name in changed}, "after": {name: after[name] for name in changed}}
        audit_row(action, row, by=by, now=now, **facts)


def keep_history(row: models.Model, *, reason: str = "", by: User | None, now: datetime) -> None:
    """Say who makes the version of a row that is saved next, when and why, for its history."""
    row._history_user, row._history_date = by, now  # type: ignore[attr-defined]
    row._change_reason = reason or None  # type: ignore[attr-defined]


def values_of(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def filled_values_of(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """Those fields that say something."""
    return {name: value for name, value in values_of(row, names).items() if value not in ("", None) and value != {}}


def _kept(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: WITHHELD if name in WITHHELD_FIELDS and value else value for name, value in facts.items()}
