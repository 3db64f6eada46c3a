"""Rows of accounts for tests, and what tests read of the trails and the mails."""

from datetime import datetime, timedelta

from django_otp.oath import hotp

from accounts import factors
from accounts.clients import Client
from accounts.models import AccountMail, AuditEntry, AuthenticatorApp, AuthEvent, TrustedDevice, User, UserSession
from accounts.models.factor import code_from
from accounts.sessions import lifetime
from accounts.trusted_devices import trust_device
from settimes.sealing import unseal
from tests.factories import NOW

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0"
LAPTOP = Client(address="203.0.113.7", network="203.0.113.7", agent=FIREFOX)
PASSWORD = "correct horse battery"  # of everybody whom tests.factories makes
OTHER_PASSWORD = "a staple for eleven horses"
SECOND = timedelta(seconds=1)


def add_app(user: User, *, name: str = "Phone", now: datetime = NOW) -> AuthenticatorApp:
    app = factors.new_app(user, now=now)
    factors.add_app(app, app_code(app, now), name=name, keep_session=first_session(user), now=now)
    return app


def app_code(app: AuthenticatorApp, at: datetime, *, steps: int = 0) -> str:
    """What the app shows at an instant, or so many half minutes later."""
    return f"{hotp(bytes.fromhex(unseal(app.sealed_secret)), int(at.timestamp()) // 30 + steps):06}"


def add_email_factor(user: User, *, now: datetime = NOW) -> None:
    factors.begin_email_factor(user, now=now)
    factors.add_email_factor(user, mailed_code(user), keep_session=first_session(user), now=now)


def first_session(user: User) -> int | None:
    """The session in which she enrols a factor, which ends the others."""
    return user.sessions.order_by("pk").values_list("pk", flat=True).first()


def mailed_code(user: User) -> str:
    """The code of the newest mail to somebody."""
    return code_from(user.mails.filter(kind="code").first().facts["salt"])


def add_session(user: User, *, device: str = "Firefox on Linux", now: datetime = NOW) -> UserSession:
    """A session somewhere; nobody holds its cookie."""
    return UserSession.objects.create(
        user=user,
        session_key=f"{UserSession.objects.count():064}",
        signed_in_at=now,
        last_seen_at=now,
        expire_date=now + lifetime(user),
        device=device,
        address="203.0.113.7",
    )


def add_device(user: User, *, now: datetime = NOW) -> TrustedDevice:
    device, _token = trust_device(user, LAPTOP, now=now)
    return device


def mails() -> list[tuple[str, str]]:
    """Kind and receiver of every mail, the oldest first."""
    return list(AccountMail.objects.order_by("pk").values_list("kind", "to"))


def audited() -> list[tuple[str, str]]:
    """Action and subject of every audit entry, the oldest first."""
    return list(AuditEntry.objects.order_by("pk").values_list("action", "object_label"))


def attempts() -> list[tuple[str, bool, str]]:
    """Kind, success and reason of every sign-in event, the oldest first."""
    return list(AuthEvent.objects.order_by("pk").values_list("kind", "success", "reason"))
