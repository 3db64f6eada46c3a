"""Background work of accounts, each task called twice. That a worker runs it: tests/settimes/test_worker.py."""

import logging
from datetime import timedelta

import pytest
from django.core import mail

from accounts import inviting, mailing, people
from accounts.models import AccountMail, FailedAttempt, Lockout, UserSession
from accounts.tasks import (
    anchor_trails_task,
    clear_expired_sessions_task,
    send_account_mail_task,
    send_account_mails_task,
    watch_sign_ins_task,
)
from tests.accounts.rows import SECOND, add_session
from tests.factories import NOW, make_admin, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


class BrokenServer:
    """A mail server that takes nothing."""

    def __init__(self, *args, **kwargs):
        pass

    def send_messages(self, messages):
        raise ConnectionRefusedError


def send_sweep():
    return send_account_mails_task(), send_account_mails_task()


# --- Sessions and failures ---------------------------------------------------------------------


def test_clear_expired_sessions_task_deletes_sessions_at_their_very_end():
    ben = make_user("editor")
    for device, minutes in (("just ended", 30), ("not quite", 30), ("active", 0)):
        add_session(ben, device=device, now=NOW - timedelta(minutes=minutes))
    UserSession.objects.filter(device="not quite").update(last_seen_at=NOW - timedelta(minutes=30) + SECOND)
    for device, ends_in in (("too old", timedelta(0)), ("old", SECOND)):
        session = add_session(ben, device=device)
        UserSession.objects.filter(pk=session.pk).update(expire_date=NOW + ends_in)

    clear_expired_sessions_task()
    clear_expired_sessions_task()

    assert sorted(UserSession.objects.values_list("device", flat=True)) == ["active", "not quite", "old"]


def test_clear_expired_sessions_task_is_stricter_with_admins():
    ana = make_admin()
    for device, idle in (("ended", timedelta(minutes=15)), ("goes on", timedelta(minutes=15) - SECOND)):
        session = add_session(ana, device=device)
        UserSession.objects.filter(pk=session.pk).update(last_seen_at=NOW - idle)

    clear_expired_sessions_task()
    clear_expired_sessions_task()

    assert list(UserSession.objects.values_list("device", flat=True)) == ["goes on"]


def test_clear_expired_sessions_task_keeps_sessions_of_nobody_until_they_expire():
    for key, ends_in in (("ended", timedelta(0)), ("going-on", SECOND)):
        UserSession.objects.create(
            session_key=key, session_data="", expire_date=NOW + ends_in, last_seen_at=NOW - timedelta(days=1)
        )

    clear_expired_sessions_task()
    clear_expired_sessions_task()

    assert list(UserSession.objects.values_list("session_key", flat=True)) == ["going-on"]


def test_clear_expired_sessions_task_forgets_failures_and_locks_that_are_over():
    day = timedelta(days=1)
    for network, at in (("old", NOW - day), ("young", NOW - day + SECOND)):
        FailedAttempt.objects.create(kind="password", network=network, at=at)
    for key, until in (("over", NOW), ("holds", NOW + SECOND)):
        Lockout.objects.create(scope="network", key=key, reason="", locked_at=NOW - day, locked_until=until)

    clear_expired_sessions_task()
    clear_expired_sessions_task()

    assert list(FailedAttempt.objects.values_list("network", flat=True)) == ["young"]
    assert list(Lockout.objects.values_list("key", flat=True)) == ["holds"]


# --- Mails -------------------------------------------------------------------------------------


def test_send_account_mail_task_sends_a_mail_once():
    notice = mailing.queue_notice(make_user("editor"), "password_changed", now=NOW)

    assert (send_account_mail_task(notice.pk), send_account_mail_task(notice.pk)) == (True, False)

    assert [message.to for message in mail.outbox] == [["editor@label.example"]]
    notice.refresh_from_db()
    assert (notice.sent_at, notice.attempts, notice.lease_until) == (NOW, 1, None)


def test_send_account_mails_task_sends_what_waits_once():
    for role in ("viewer", "editor"):
        mailing.queue_notice(make_user(role), "tried", now=NOW)

    assert send_sweep() == (2, 0)

    assert [message.to for message in mail.outbox] == [["viewer@label.example"], ["editor@label.example"]]


def test_send_account_mails_task_sends_no_link_that_works_no_more(settings):
    invite = inviting.invite_user("editor", email="ben@label.example", by=None, now=NOW)
    inviting.revoke_invite(invite, by=make_admin(), now=NOW)

    assert send_sweep() == (0, 0)

    assert mail.outbox == []
    assert AccountMail.objects.values_list("last_error", "attempts").get() == ("its link does not work any more", 1)


@pytest.mark.parametrize(("after", "sent"), [(timedelta(days=2) - SECOND, 1), (timedelta(days=2), 0)])
def test_send_account_mails_task_sends_nothing_that_is_useful_no_more(time_machine, after, sent):
    mailing.queue_notice(make_user("editor"), "tried", now=NOW)
    time_machine.move_to(NOW + after, tick=False)

    assert send_sweep() == (sent, 0)


def test_send_account_mails_task_tries_again_later_and_not_for_ever(settings, time_machine):
    settings.EMAIL_BACKEND = "tests.accounts.test_tasks.BrokenServer"
    mailing.queue_notice(make_user("editor"), "tried", now=NOW)
    waits, at = [], NOW
    for _attempt in range(mailing.MOST_ATTEMPTS):
        time_machine.move_to(at, tick=False)
        assert send_sweep() == (0, 0)
        lease_until = AccountMail.objects.get().lease_until
        waits.append((lease_until - at).total_seconds())
        time_machine.move_to(lease_until - SECOND, tick=False)
        assert mailing.waiting_mails(lease_until - SECOND) == []
        at = lease_until

    assert waits == [60, 120, 240, 480, 960, 1920, 3840, 7680]
    assert mailing.waiting_mails(at) == []
    assert AccountMail.objects.values_list("attempts", "last_error").get() == (8, "ConnectionRefusedError")


def test_send_account_mails_task_leaves_a_mail_that_another_worker_holds(time_machine):
    notice = mailing.queue_notice(make_user("editor"), "tried", now=NOW)
    AccountMail.objects.update(lease_until=NOW + SECOND)

    assert send_sweep() == (0, 0)
    assert send_account_mail_task(notice.pk) is False

    time_machine.move_to(NOW + SECOND, tick=False)
    assert send_sweep() == (1, 0)


# --- Watching ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("failures", "alarms"), [(49, 0), (50, 2)])
def test_watch_sign_ins_task_raises_the_alarm_for_a_wave(caplog, failures, alarms):
    FailedAttempt.objects.bulk_create(
        FailedAttempt(kind="password", network=str(number), at=NOW) for number in range(failures)
    )

    with caplog.at_level(logging.ERROR, "settimes.security"):
        watch_sign_ins_task()
        watch_sign_ins_task()

    assert [record.getMessage() for record in caplog.records] == [
        f"authn_login_alarm failures_last_minute={failures}"
    ] * alarms


def test_anchor_trails_task_writes_into_the_log_how_long_the_trails_are(caplog):
    people.require_second_factor(make_user("editor"), is_required=True, by=make_admin(), now=NOW)

    with caplog.at_level(logging.INFO, "settimes.security"):
        anchor_trails_task()
        anchor_trails_task()

    lines = [record.getMessage() for record in caplog.records]
    assert lines[:2] == lines[2:]
    assert lines[0] == 'trail_anchor trail="AuthEvent: 0 rows, last none"'
    assert lines[1].startswith('trail_anchor trail="AuditEntry: 1 rows, last ')
