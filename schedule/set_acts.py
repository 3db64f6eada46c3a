"""What a board does to sets beside moving them, to many at once: what `lineup` does to one, as a table.

The tests hold every act against its function in `lineup`, in every status and kind of event.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from schedule.models import Change, Performance

Kind, Status = Change.Kind, Performance.Status
FieldChange = tuple[Change.Kind, dict[str, Any], dict[str, Any]]  # its fields before and after


@dataclass(frozen=True)
class Act:
    """What it is recorded as, what a set has after it, and in which statuses it is allowed.

    The first field says whether it is done already.
    """

    kind: Change.Kind
    fields: dict[str, Any]
    allowed: frozenset[str]

    def is_done(self, performance: Performance) -> bool:
        name, value = next(iter(self.fields.items()))
        return bool(getattr(performance, name) == value)


LISTED = frozenset({Status.SCHEDULED, Status.CANCELLED, Status.POSTPONED})
ACTS = {
    "announce": Act(Kind.ANNOUNCED, {"is_announced": True}, LISTED),
    "hide": Act(Kind.HIDDEN, {"is_announced": False}, LISTED),
    "cancel": Act(Kind.CANCELLED, {"status": Status.CANCELLED}, LISTED - {Status.CANCELLED}),
    "restore": Act(Kind.RESTORED, {"status": Status.SCHEDULED}, frozenset(Status) - {Status.SCHEDULED}),
    "postpone": Act(Kind.POSTPONED, {"status": Status.POSTPONED}, frozenset({Status.SCHEDULED})),
    "withdraw": Act(Kind.WITHDRAWN, {"status": Status.WITHDRAWN, "is_announced": False}, LISTED),
}
# Fields that an act may change beside those it is recorded with.
SIDE_FIELDS = ("announced_at", "announce_at")
DELETE = "delete"


def possible_acts(performance: Performance) -> list[str]:
    """What may be done to a set as it stands: what was public is withdrawn, what never was is deleted."""
    was_public = performance.event.published_at is not None
    names = [name for name, act in ACTS.items() if performance.status in act.allowed and not act.is_done(performance)]
    return [name for name in names if name != "withdraw" or was_public] + ([] if was_public else [DELETE])


def act_on(performance: Performance, name: str, *, now: datetime) -> list[FieldChange]:
    """Do one of ACTS to a set in memory; answers the changes to record, none where it is done already.

    Raises ValidationError for a set that has to be restored first.
    """
    act = ACTS[name]
    if act.is_done(performance):
        return []
    if performance.status not in act.allowed:
        raise ValidationError(
            _("%(set)s is %(status)s. Restore it first.")
            % {"set": performance, "status": performance.get_status_display().lower()},
            code="status",
        )
    before = {field: getattr(performance, field) for field in act.fields}
    for field, value in act.fields.items():
        setattr(performance, field, value)
    changes = [(act.kind, before, act.fields)]
    if "status" not in act.fields:
        _note_announcement(performance, now=now)
    elif performance.announce_at and performance.status in (Status.CANCELLED, Status.WITHDRAWN):
        changes.append((Kind.EDITED, {"announce_at": performance.announce_at}, {"announce_at": None}))
        performance.announce_at = None
    return changes


def _note_announcement(performance: Performance, *, now: datetime) -> None:
    """When it was announced first, which is forgotten when nobody can have heard of it."""
    performance.announce_at = None
    if performance.is_announced and performance.announced_at is None:
        performance.announced_at = now
    if not performance.is_announced and performance.event.published_at is None:
        performance.announced_at = None
