"""Publishing, unpublishing, archiving and un-archiving an event.

Each is one transaction; called again in the state it leads to, it changes nothing.
"""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from schedule.changes import lock_event, record
from schedule.models import Change, Event, Performance

Status = Event.Status


def publish_event(event: Event, *, allow_empty: bool = False, by: User | None, now: datetime) -> None:
    """Make a draft public. `published_at` keeps the first time.

    Raises ValidationError for a draft without a set, unless `allow_empty`: "line-up to be announced".
    """
    _change_status(
        event, Change.Kind.EVENT_PUBLISHED, Status.PUBLISHED, Status.DRAFT, allow_empty=allow_empty, by=by, now=now
    )


def unpublish_event(event: Event, *, by: User | None, now: datetime) -> None:
    """Make a published event a draft again; it disappears from every public page."""
    _change_status(event, Change.Kind.EVENT_UNPUBLISHED, Status.DRAFT, Status.PUBLISHED, by=by, now=now)


def archive_event(event: Event, *, by: User | None, now: datetime) -> None:
    """Label a published event as history; it stays public at its address and is no longer current."""
    _change_status(event, Change.Kind.EVENT_ARCHIVED, Status.ARCHIVED, Status.PUBLISHED, by=by, now=now)


def unarchive_event(event: Event, *, by: User | None, now: datetime) -> None:
    """Make an archived event a published one again."""
    _change_status(event, Change.Kind.EVENT_UNARCHIVED, Status.PUBLISHED, Status.ARCHIVED, by=by, now=now)


@transaction.atomic
def _change_status(
    event: Event,
    kind: Change.Kind,
    status: Event.Status,
    allowed: Event.Status,
    *,
    allow_empty: bool = True,
    by: User | None,
    now: datetime,
) -> None:
    locked = lock_event(event)
    if locked.status == status:
        return
    if locked.status != allowed:
        raise ValidationError(
            f"{event} is {locked.get_status_display().lower()}; only what is {allowed.label.lower()} can become "
            f"{status.label.lower()} this way.",
            code="status",
        )
    has_sets = event.performances.exclude(status=Performance.Status.WITHDRAWN).exists()
    if not allow_empty and not has_sets:
        raise ValidationError(
            f"{event} has no sets yet. Add the running order, or publish it with the line-up to be announced.",
            code="empty_lineup",
        )
    before = locked.status
    locked.status = status
    locked.published_at = locked.published_at or now
    locked.archived_at = now if status == Status.ARCHIVED else None
    locked.save(update_fields=["status", "published_at", "archived_at"])
    record(locked, kind, before={"status": before}, after={"status": status}, is_public=True, by=by, now=now)
    event.refresh_from_db()
