"""How long sessions last, and ending them: one's own and other people's."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import AuthEvent, User, UserSession
from accounts.trails import audit, record_attempt

ABSOLUTE = timedelta(days=30)
IDLE = timedelta(minutes=30)
ADMIN_ABSOLUTE = timedelta(hours=8)
ADMIN_IDLE = timedelta(minutes=15)
TOUCHED_EVERY = timedelta(seconds=60)
BEFORE_SIGN_IN = timedelta(hours=1)  # what a browser must remember on the way in: a link, a challenge
SIGNED_IN_AT = "signed_in_at"


def lifetime(user: User) -> timedelta:
    """How long after signing in her sessions end, whatever she does."""
    return ADMIN_ABSOLUTE if user.is_admin else ABSOLUTE


def idle_limit(user: User) -> timedelta:
    """How long after she was last active her sessions end."""
    return ADMIN_IDLE if user.is_admin else IDLE


@transaction.atomic
def end_sessions(
    user: User, *, now: datetime, keep: int | None = None, reason: str = "", by: User | None = None
) -> int:
    """Sign somebody out everywhere, but for the session `keep`; how many sessions ended.

    `reason` says what ended them; `by` is the person who asked for it, if one did.
    """
    doomed = user.sessions.exclude(pk=keep) if keep else user.sessions.all()
    ended = doomed.count()
    doomed.delete()
    if ended:
        record_attempt(AuthEvent.Kind.SESSION, success=True, event="session_expired", reason=reason, user=user, now=now)
    if by is not None:
        audit("sessions.ended", user, by=by, now=now, before={"sessions": ended})
    return ended


@transaction.atomic
def end_sessions_by_operator(user: User, *, now: datetime) -> int:
    """Sign somebody out everywhere from the command line; how many sessions ended. Safe to repeat."""
    ended = end_sessions(user, reason="ended by an operator", now=now)
    audit("sessions.ended", user, by=None, now=now, before={"sessions": ended})
    return ended


@transaction.atomic
def end_session(session: UserSession, *, by: User, now: datetime) -> None:
    """End one session. Safe to repeat."""
    user, label = session.user, session.device
    session.delete()
    if user is not None:
        record_attempt(
            AuthEvent.Kind.SESSION, success=True, event="session_expired", reason="ended", user=user, now=now
        )
        audit("session.ended", user, by=by, now=now, before={"device": label})


def delete_ended_sessions(now: datetime) -> None:
    """Delete the rows of sessions that nobody can come back to. Safe to repeat."""
    UserSession.objects.filter(expire_date__lte=now).delete()
    signed_in = UserSession.objects.filter(user__isnull=False)
    signed_in.filter(last_seen_at__lte=now - IDLE).delete()
    signed_in.filter(user__role=User.Role.ADMIN, last_seen_at__lte=now - ADMIN_IDLE).delete()
