"""Where sessions are kept: Django's session engine over `UserSession`, keys as keyed hashes.

A session of somebody signed in ends thirty days after she signed in or thirty minutes after she was
last active; an admin's after eight hours and fifteen minutes.
"""

from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.clients import current_client
from accounts.models import User, UserSession
from accounts.sessions import SIGNED_IN_AT, TOUCHED_EVERY, delete_ended_sessions, idle_limit
from settimes.sealing import digest, digests


def stored_key(session_key: str) -> str:
    """What the table holds of a session key."""
    return digest("session", session_key)


def kept_under(session_key: str) -> QuerySet[UserSession]:
    """The row of a session key, also one made with a key of the house that is about to be retired."""
    return UserSession.objects.filter(session_key__in=digests("session", session_key))


class SessionStore(DatabaseStore):
    """Sessions in `UserSession`. `ended` tells why one that was presented does not live: "inactivity" or "absolute"."""

    ended = ""
    row: UserSession | None = None

    @classmethod
    def get_model_class(cls) -> type[Any]:
        return UserSession

    def load(self) -> dict[str, Any]:
        now = timezone.now()
        row = self._find(now)
        if row is None:
            self._session_key = None
            return {}
        self.row = row
        return dict(self.decode(row.session_data))

    def exists(self, session_key: str) -> bool:
        return kept_under(session_key).exists()

    def save(self, must_create: bool = False) -> None:
        """Raises CreateError when the key exists, UpdateError when the session has ended meanwhile."""
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        fields = {
            "session_data": self.encode(data),
            "expire_date": self.get_expiry_date(),
            "user_id": data.get(SESSION_KEY),
            "signed_in_at": datetime.fromisoformat(data[SIGNED_IN_AT]) if SIGNED_IN_AT in data else None,
        }
        if not must_create:
            if not kept_under(self.session_key).update(**fields):
                raise UpdateError
            return None
        client = current_client()
        try:
            with transaction.atomic():
                self.row = UserSession.objects.create(
                    session_key=stored_key(self.session_key),
                    last_seen_at=timezone.now(),
                    device=client.device,
                    address=client.address or None,
                    **fields,
                )
        except IntegrityError:
            raise CreateError from None
        return None

    def delete(self, session_key: str | None = None) -> None:
        session_key = session_key or self.session_key
        if session_key is not None:
            kept_under(session_key).delete()

    def touch(self, now: datetime, *, at_once: bool = False) -> None:
        """She is active; written down at most once a minute, unless at once."""
        before = now if at_once else now - TOUCHED_EVERY
        if self.row is None or self.row.last_seen_at >= before:
            return
        if UserSession.objects.filter(pk=self.row.pk, last_seen_at__lt=before).update(last_seen_at=now):
            self.row.last_seen_at = now

    def ends_at(self, user: User) -> datetime | None:
        """When this session ends if she does nothing more."""
        if self.row is None:
            return None
        return min(self.row.last_seen_at + idle_limit(user), self.row.expire_date)

    @classmethod
    def clear_expired(cls) -> None:
        delete_ended_sessions(timezone.now())

    def _find(self, now: datetime) -> UserSession | None:
        if self.session_key is None:
            return None
        found = kept_under(self.session_key).select_related("user").first()
        if found is None:
            return None
        if found.expire_date <= now:
            self.ended = "absolute"
        elif found.user is not None and found.last_seen_at + idle_limit(found.user) <= now:
            self.ended = "inactivity"
        else:
            return found
        found.delete()
        return None
