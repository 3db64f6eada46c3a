"""Announcing sets: which wait to be told to the public, and those that are announced by themselves at an hour.

Announcing one now, or taking it back, is `lineup.announce_set` and `lineup.hide_set`.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from schedule.changes import record
from schedule.lineup import announce_set, lock_set
from schedule.models import Change, Event, Performance

Status = Performance.Status
log = logging.getLogger(__name__)
SCHEDULED_BY = "scheduled_by"


@transaction.atomic
def schedule_announcement(performances: Iterable[Performance], *, at: datetime, by: User | None, now: datetime) -> int:
    """Have sets announced by themselves at an instant; how many of them that was news for.

    All or none: raises ValidationError for an instant that is not to come, and for a set that is
    announced already or does not take place.
    """
    if at <= now:
        raise ValidationError(_("That has passed already. Choose a later time, or announce now."), code="past")
    return sum(_wait(performance, at, by=by, now=now) for performance in performances)


@transaction.atomic
def cancel_scheduled_announcement(performances: Iterable[Performance], *, by: User | None, now: datetime) -> int:
    """Have sets not announced by themselves after all; how many were waiting."""
    return sum(_wait(performance, None, by=by, now=now) for performance in performances)


def announce_due_sets(*, now: datetime) -> int:
    """Announce every set whose hour has come, each once, however many do this at once and however late; how many.

    What whoever scheduled it may not do any more is not done, and waits for somebody who may. Nobody
    did it just then, so the change names nobody (`by` is None); its reason says who had scheduled it.
    A set that cannot be announced is logged, and holds up no other.
    """
    count = 0
    for performance in due_sets(now):
        try:
            count += _announce_if_due(performance, now=now)
        except (ValidationError, ObjectDoesNotExist) as error:
            said = " ".join(getattr(error, "messages", error.args))
            log.warning("set %d is due and was not announced: %s", performance.pk, said)
    return count


def due_sets(now: datetime) -> QuerySet[Performance]:
    """The sets whose hour has come and that are not announced yet, those of lost rights among them."""
    return Performance.objects.filter(announce_at__lte=now, is_announced=False).select_related("event").order_by("pk")


@dataclass(frozen=True)
class Scheduling:
    """Who said when a set is to be announced, and whether that still holds.

    `by` is None for a command, and for an account that is gone. Rights count at the moment at which
    something happens: it holds while she might announce the set herself.
    """

    by: User | None
    holds: bool


def schedulings_of(performances: Iterable[Performance]) -> dict[int, Scheduling]:
    """For the id of each waiting set: who scheduled its announcement. Queries for each scheduler, not for each set."""
    waiting = {performance.pk: performance for performance in performances if performance.announce_at}
    found = Change.objects.filter(performance__in=waiting, kind=Change.Kind.EDITED, after__has_key="announce_at")
    rights: dict[tuple[int | None, int], bool] = {}
    schedulings = {}
    latest = {change.performance_id or 0: change for change in found.select_related("by").order_by("pk")}
    for pk, change in latest.items():
        scheduler, event = change.after.get(SCHEDULED_BY), waiting[pk].event
        if (scheduler, event.pk) not in rights:
            may = change.by is not None and change.by.has_perm("schedule.change_performance", event)
            rights[scheduler, event.pk] = scheduler is None or may
        schedulings[pk] = Scheduling(change.by, holds=rights[scheduler, event.pk])
    return schedulings


def public_sets(event: Event, *, reveal_mode: bool) -> QuerySet[Performance]:
    """The sets that fans could read of, were the event public with reveal mode on or off."""
    shown = Q(is_announced=True) if reveal_mode else Q()
    if reveal_mode and not event.reveal_mode and event.published_at is None:
        shown = Q(pk__in=[])  # switching it on before anybody knows of the event hides all of it
    return event.performances.exclude(status=Status.WITHDRAWN).filter(shown)


def _wait(performance: Performance, at: datetime | None, *, by: User | None, now: datetime) -> bool:
    event, performance = lock_set(performance)
    if performance.announce_at == at:
        return False
    if at and performance.is_announced:
        raise ValidationError(_("%(set)s is announced already.") % {"set": performance}, code="announced")
    if at and performance.status in (Status.CANCELLED, Status.WITHDRAWN):
        raise ValidationError(
            _("%(set)s is %(status)s. Restore it first.")
            % {"set": performance, "status": performance.get_status_display().lower()},
            code="status",
        )
    before, performance.announce_at = performance.announce_at, at
    performance.updated_by = by
    performance.version += 1
    performance.full_clean()
    performance.save()
    record(
        event,
        Change.Kind.EDITED,
        performance=performance,
        before={"announce_at": before},
        after={"announce_at": at, **({SCHEDULED_BY: by.pk} if at and by else {})},
        is_public=False,
        by=by,
        now=now,
    )
    return True


@transaction.atomic
def _announce_if_due(performance: Performance, *, now: datetime) -> bool:
    """Whether it was announced: another worker may have been quicker, or somebody chose another hour meanwhile."""
    performance = lock_set(performance)[1]
    if performance.is_announced or performance.announce_at is None or performance.announce_at > now:
        return False
    scheduling = schedulings_of([performance]).get(performance.pk)
    if scheduling and not scheduling.holds:
        return False
    reason = f"scheduled by {scheduling.by}" if scheduling and scheduling.by else "scheduled"
    return bool(announce_set(performance, reason=reason, by=None, now=now))
