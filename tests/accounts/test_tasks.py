"""Background work of accounts. That it really runs in a worker: tests/settimes/test_worker.py."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session

from accounts.tasks import clear_expired_sessions_task

pytestmark = pytest.mark.django_db


def test_clear_expired_sessions_task_keeps_those_that_go_on_and_may_run_twice():
    now = datetime.now(UTC)
    for key, ends_in in (("ended", -1), ("ending", 1), ("going-on", 3600)):
        Session.objects.create(session_key=key, session_data="", expire_date=now + timedelta(minutes=ends_in))

    clear_expired_sessions_task()
    clear_expired_sessions_task()

    assert list(Session.objects.order_by("pk").values_list("pk", flat=True)) == ["ending", "going-on"]
