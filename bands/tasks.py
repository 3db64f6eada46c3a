"""Background work of the band library."""

from celery import shared_task
from django.utils import timezone

from bands.merging import expire_merges


@shared_task(ignore_result=True)
def expire_merges_task() -> None:
    """Forget what undoing old merges would take; safe to repeat."""
    expire_merges(now=timezone.now())
