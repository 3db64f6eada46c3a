"""Background work of schedule."""

from celery import shared_task
from django.utils import timezone

from schedule import announcing


@shared_task
def announce_due_sets_task() -> int:
    """Announce the sets whose hour has come; how many. Safe to repeat, and beside itself."""
    return announcing.announce_due_sets(now=timezone.now())
