"""Background work of accounts."""

from celery import shared_task
from django.utils import timezone

from accounts import lockouts, mailing, trails
from accounts.sessions import delete_ended_sessions


@shared_task(ignore_result=True)
def send_account_mail_task(mail_id: int) -> bool:
    """Send one mail now; what fails here is sent by the sweep. Safe to repeat."""
    try:
        return mailing.send_mail(mail_id, now=timezone.now())
    except OSError as error:
        trails.security_log("sys_mail_failed", level=30, mail=mail_id, reason=type(error).__name__)
        return False


@shared_task
def send_account_mails_task() -> int:
    """Send every mail that waits; how many went out. Safe to repeat, and beside itself."""
    return sum(send_account_mail_task(mail_id) for mail_id in mailing.waiting_mails(timezone.now()))


@shared_task
def watch_sign_ins_task() -> None:
    """Raise the alarm when far more sign-ins fail than usual."""
    lockouts.warn_of_spraying(timezone.now())


@shared_task
def clear_expired_sessions_task() -> None:
    """Delete sessions that have ended and failures that nothing counts any more; safe to repeat."""
    now = timezone.now()
    delete_ended_sessions(now)
    lockouts.forget_old(now)


@shared_task
def anchor_trails_task() -> None:
    """Write into the log how long both trails are and how they end."""
    for anchor in trails.anchors():
        trails.security_log("trail_anchor", trail=anchor)
