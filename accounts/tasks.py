"""Background work of accounts."""

from celery import shared_task
from django.core.management import call_command


@shared_task
def clear_expired_sessions_task() -> None:
    """Delete sessions that have ended; safe to run again."""
    call_command("clearsessions")
