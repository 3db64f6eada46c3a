"""Publishing, unpublishing, archiving and un-archiving an event.

Each is one transaction; called again in the state it leads to, it changes nothing.
"""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from schedule.changes import lock_event, record
from schedule.models import Change, Event, Performance

Status = Event.Status

# What may be done with an event next, by the state that it is in; the names of the functions below without "_event".
NEXT_STEPS = {
    Status.DRAFT: ("publish",),
    Status.PUBLISHED: ("unpublish", "archive"),
    Status.ARCHIVED: ("unarchive",),
}


def has_lineup(event: Event) -> bool:
    """Whether there is a set to publish."""
    return event.performances.exclude(status=Performance.Status.WITHDRAWN).exists()


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
            _("%(event)s is %(status)s; only what is %(allowed)s can become %(wanted)s this way.")
            % {
                "event": event,
                "status": locked.get_status_display().lower(),
                "allowed": str(allowed.label).lower(),
                "wanted": str(status.label).lower(),
            },
            code="status",
        )
    if not allow_empty and not has_lineup(event):
        raise ValidationError(
            _("%(event)s has no sets yet. Add the running order, or publish it with the line-up to be announced.")
            % {"event": event},
            code="empty_lineup",
        )
    before = locked.status
    locked.status = status
    locked.version += 1
    locked.published_at = locked.published_at or now
    locked.archived_at = now if status == Status.ARCHIVED else None
    locked.save(update_fields=["status", "version", "published_at", "archived_at"])
    record(locked, kind, before={"status": before}, after={"status": status}, is_public=True, by=by, now=now)
    event.refresh_from_db()
