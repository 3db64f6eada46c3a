"""Giving people events to work on, and taking them away again."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.trails import audit
from schedule.models import Event, EventAccess


@transaction.atomic
def give_access(event: Event, user: User, *, by: User | None, now: datetime) -> EventAccess:
    """Give somebody an event; it matters while she sees only the events listed. Safe to repeat."""
    access, is_new = EventAccess.objects.get_or_create(event=event, user=user)
    if is_new:
        audit("event.access_given", event, by=by, now=now, after={"person": user.email})
    return access


@transaction.atomic
def take_access(event: Event, user: User, *, by: User | None, now: datetime) -> None:
    """Take an event away from somebody. Safe to repeat."""
    taken, _ = EventAccess.objects.filter(event=event, user=user).delete()
    if taken:
        audit("event.access_taken", event, by=by, now=now, before={"person": user.email})
