"""Taking back what was saved last on a board, which is itself something that can be taken back."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from bands.row_history import name_of
from schedule import history, lineup
from schedule.arranging import (
    PLACE_FIELDS,
    STATE_FIELDS,
    Arrangement,
    Deed,
    put_in_place,
    read_sets,
    write_arrangement,
)
from schedule.changes import lock_event
from schedule.models import Change, Event, Performance, Venue
from schedule.night_board import clock_in
from schedule.set_acts import DELETE

Kind, Status = Change.Kind, Performance.Status
# What a change of a batch may have changed for it to be taken back; a plan to announce is not made again.
UNDOABLE_FIELDS = {*PLACE_FIELDS, *STATE_FIELDS, "announce_at"}
RETURNING_FIELDS = {*lineup.WRITTEN_FIELDS, *lineup.STANDING_FIELDS, "title"}
ACTS_TO = {
    Status.SCHEDULED: "restore",
    Status.CANCELLED: "cancel",
    Status.POSTPONED: "postpone",
    Status.WITHDRAWN: "withdraw",
}


class CannotUndoError(ValidationError):
    """What was saved cannot be taken back any more; the message says why."""


@dataclass(frozen=True)
class Batch:
    """What was saved in one go, its changes in order."""

    event: Event
    changes: list[Change]

    @property
    def number(self) -> UUID | None:
        return self.changes[0].batch

    @property
    def uids(self) -> set[UUID | None]:
        return {change.performance_uid for change in self.changes}

    @property
    def sentence(self) -> str:
        """What would be taken back: "Saved by Ana, 3 sets, 9:04 PM"."""
        last, count = self.changes[-1], len(self.uids)
        words = ngettext(
            "Saved by %(who)s, %(count)d set, %(time)s", "Saved by %(who)s, %(count)d sets, %(time)s", count
        )
        return words % {"who": name_of(last.by), "count": count, "time": clock_in(last.at, self.event.zone)}


def last_batch(event: Event) -> Batch | None:
    """What was saved last in one go, when that was arranging and not adding or editing."""
    last = event.changes.exclude(batch=None).order_by("-revision").values("batch")[:1]
    changes = list(event.changes.filter(batch=Subquery(last)).select_related("by").order_by("revision"))
    return Batch(event, changes) if changes and _is_undoable(event, changes) else None


@transaction.atomic
def undo(event: Event, batch: UUID, *, by: User | None, now: datetime) -> Arrangement:
    """Put the sets of the last batch back to how they were before it, as a batch of its own.

    A set that was deleted is back under its uid. Raises CannotUndoError when something else was saved
    since, or when one of its sets was changed since.
    """
    event = lock_event(event)
    last = last_batch(event)
    if last is None or last.number != batch:
        raise CannotUndoError(_("Something else was saved since. Load the board again to see it."), code="not_last")
    _refuse_later_changes(last)
    try:
        arrangement = _way_back(last, by=by, now=now)
        write_arrangement(arrangement, by=by, now=now)
    except CannotUndoError:
        raise
    except ValidationError as error:
        raise CannotUndoError(" ".join(error.messages), code="refused") from error
    return arrangement


def _is_undoable(event: Event, changes: Iterable[Change]) -> bool:
    added = {change.performance_uid for change in changes if change.kind == Kind.ADDED}
    if added:
        deleted = event.changes.filter(kind=Kind.DELETED, performance_uid__in=added)
        if added - set(deleted.values_list("performance_uid", flat=True)):
            return False
    return all(
        change.performance_uid in added
        or set(change.before) <= (RETURNING_FIELDS if change.kind == Kind.DELETED else UNDOABLE_FIELDS)
        for change in changes
    )


def _refuse_later_changes(last: Batch) -> None:
    later = last.event.changes.filter(revision__gt=last.changes[-1].revision, performance_uid__in=last.uids)
    change = later.select_related("by", "performance__band").order_by("revision").last()
    if change:
        title = change.performance.title if change.performance else str(change.before.get("title", ""))
        message = _("%(set)s was changed since, by %(who)s at %(time)s. Change back by hand what should be undone.")
        facts = {"set": title, "who": name_of(change.by), "time": clock_in(change.at, last.event.zone)}
        raise CannotUndoError(message % facts, code="changed_since")


def _way_back(last: Batch, *, by: User | None, now: datetime) -> Arrangement:
    """The sets of a batch with the places they had before it, and the deeds that lead to what they were.

    Sets that were deleted are brought back here.
    """
    event = last.event
    since_revision = event.revision
    then: dict[UUID | None, dict[str, Any]] = {}
    for change in reversed(last.changes):
        if change.kind not in (Kind.ADDED, Kind.DELETED):
            then.setdefault(change.performance_uid, {}).update(change.before)
    came = {change.performance_uid for change in last.changes if change.kind == Kind.ADDED}
    returned = {history.bring_back(change, by=by, now=now).pk for change in last.changes if change.kind == Kind.DELETED}
    concerned = read_sets(event, Q(uid__in=last.uids), is_locked=True)
    night = min(performance.night for performance in concerned.values())
    after = concerned | read_sets(event, Q(night=night) & ~Q(pk__in=concerned), is_locked=True)
    arrangement = Arrangement(
        event, night, {pk: copy(row) for pk, row in concerned.items()}, after, since_revision, returned_ids=returned
    )
    venues = _venues(then.values())
    for pk, performance in concerned.items():
        state = then.get(performance.uid, {})
        if performance.uid in came:
            arrangement.deeds.append(Deed(pk, DELETE))
            continue
        arrangement.deeds += [Deed(pk, act) for act in _acts(performance, state)]
        put_in_place(performance, _place(state, venues), accept_long=True)
    return arrangement


def _venues(states: Iterable[dict[str, Any]]) -> dict[int, Venue]:
    named = {state["venue"]["id"]: state["venue"]["name"] for state in states if state.get("venue")}
    found = Venue.objects.select_related("parent").in_bulk(list(named))
    for pk in set(named) - set(found):
        raise CannotUndoError(_("%(venue)s is no longer among the venues.") % {"venue": named[pk]}, code="venue")
    return found


def _place(state: dict[str, Any], venues: dict[int, Venue]) -> dict[str, Any]:
    """The place of a set as its changes recorded it."""
    place: dict[str, Any] = {}
    for name in PLACE_FIELDS:
        if name in state and state[name] is None:
            place[name] = None
        elif name in state:
            place[name] = venues[state[name]["id"]] if name == "venue" else datetime.fromisoformat(state[name])
    return place


def _acts(performance: Performance, state: dict[str, Any]) -> list[str]:
    """What has to be done for a set to stand as it stood; being announced comes last, it is harmless twice."""
    now, wanted = performance.status, state.get("status", performance.status)
    acts = []
    if now != wanted:
        is_direct = now == Status.SCHEDULED or wanted in (Status.SCHEDULED, Status.WITHDRAWN)
        acts += [] if is_direct or (now, wanted) == (Status.POSTPONED, Status.CANCELLED) else ["restore"]
        acts.append(ACTS_TO[Status(wanted)])
    if "is_announced" in state and wanted != Status.WITHDRAWN:
        acts.append("announce" if state["is_announced"] else "hide")
    return acts
