"""People at the door: who they are, what they carry, and how they sign in."""

import re
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import hotp

from accounts import factors, mailing
from accounts.clients import Client as Origin
from accounts.models import AccountMail, AuthenticatorApp, AuthEvent, User
from accounts.models.factor import STEP_SECONDS
from accounts.trusted_devices import trust_device
from settimes.sealing import seal, unseal

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
WRONG = "wrong horse battery"
HOME, CAFE = "203.0.113.5", "198.51.100.7"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SECRET = "31323334353637383930" * 2

REFUSED = "E-mail or password is not right, or sign-in is paused. You can reset your password."
CODE_REFUSED = "This code is not right, was used before, or sign-in is paused. Wait for the next code."
DEAD_LINK = "This link no longer works. Ask for a new one."


def too_many(minutes: int) -> str:
    return f"Too many attempts from your network. Try again in {minutes} minute{'s' if minutes != 1 else ''}."


# --- Who they are ------------------------------------------------------------------------------


def make_person(role: str = "viewer", *, email: str = "", password: str | None = PASSWORD, **fields) -> User:
    """An activated account, by default role@label.example, without a second factor."""
    return User.objects.create_user(email or f"{role}@label.example", password, role=role, **fields)


def make_person_with_app(role: str = "admin", **fields) -> User:
    """The same with an authenticator app, of which `code_for` knows the codes."""
    user = make_person(role, **fields)
    give_app(user)
    return user


def give_app(user: User, secret: str = SECRET) -> AuthenticatorApp:
    return AuthenticatorApp.objects.create(
        user=user, name="My phone", sealed_secret=seal(secret), created_at=timezone.now()
    )


def code_for(user: User, *, steps: int = 0, at: datetime | None = None) -> str:
    """What her app shows now, or so many half minutes from now."""
    app = AuthenticatorApp.objects.filter(user=user).first()
    step = int((at or timezone.now()).timestamp()) // STEP_SECONDS + steps
    return f"{hotp(bytes.fromhex(unseal(app.sealed_secret)), step):06}"


def wrong_code_for(user: User) -> str:
    """Six digits that her app does not show."""
    return f"{(int(code_for(user)) + 1) % 1_000_000:06}"


def give_backup_codes(user: User) -> list[str]:
    """Ten codes on paper, as she would type them."""
    return factors.make_backup_codes(user, now=timezone.now())


def trust(client: Client, user: User, *, agent: str = FIREFOX) -> str:
    """Put the cookie of a newly trusted device into her browser; the cookie."""
    _device, token = trust_device(user, Origin(agent=agent), now=timezone.now())
    client.cookies[settings.DEVICE_COOKIE_NAME] = token
    return token


# --- How they sign in --------------------------------------------------------------------------


def sign_in(client: Client, email: str, password: str = PASSWORD, *, at: str = HOME, agent: str = FIREFOX, **more):
    """Send the first form of the door from a network address."""
    data = {"email": email, "password": password, **more.pop("data", {})}
    return client.post(reverse("accounts:sign_in"), data, REMOTE_ADDR=at, HTTP_USER_AGENT=agent, **more)


def send_code(client: Client, code: str, *, at: str = HOME, agent: str = FIREFOX, **data):
    """Send the second form of the door."""
    return client.post(reverse("accounts:factor"), {"code": code, **data}, REMOTE_ADDR=at, HTTP_USER_AGENT=agent)


def enter(client: Client, user: User, *, at: str = HOME, agent: str = FIREFOX) -> None:
    """Sign in with both factors."""
    sign_in(client, user.email, at=at, agent=agent)
    response = send_code(client, code_for(user), at=at, agent=agent)
    assert is_in(client), response.content.decode()


def is_in(client: Client) -> bool:
    """Whether her browser holds a session of somebody."""
    return "_auth_user_id" in client.session


def fail(times: int, email: str, *, at: str = HOME) -> list[int]:
    """So many wrong passwords, each from a new browser: the statuses."""
    return [sign_in(Client(), email, WRONG, at=at).status_code for _each in range(times)]


# --- What was left behind ----------------------------------------------------------------------


def security_lines(caplog) -> list[str]:
    """What the security log names, in order; and no line of any log is an error."""
    assert [record.getMessage() for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}] == []
    return [record.getMessage() for record in caplog.records if record.name == "settimes.security"]


def logged(caplog) -> list[str]:
    """The events of the security log without their facts."""
    return [line.split(" ")[0] for line in security_lines(caplog)]


def history(*kinds: str) -> list[tuple[str, bool, str]]:
    """The sign-in history, the oldest first: kind, success, reason."""
    rows = AuthEvent.objects.order_by("pk")
    if kinds:
        rows = rows.filter(kind__in=kinds)
    return list(rows.values_list("kind", "success", "reason"))


def mails_to(user: User) -> list[str]:
    """The kinds of mails that wait for somebody or were sent, the oldest first."""
    return list(AccountMail.objects.filter(to=user.email).order_by("pk").values_list("kind", flat=True))


def last_mail(user: User, kind: str) -> AccountMail:
    return AccountMail.objects.filter(to=user.email, kind=kind).latest("pk")


def link_in(mail: AccountMail) -> str:
    """The path that a mail leads to, as its reader sees it."""
    (address,) = set(re.findall(r"http://testserver(/account/link/\S+)", mailing.render_mail(mail).body))
    return address


def alerts_in(response) -> str:
    """The words of a page that says no."""
    found = re.findall(r'<div class="errors" role="alert"><p>(.*?)</p>', response.content.decode())
    return " ".join(found)


def in_minutes(minutes: float) -> timedelta:
    return timedelta(minutes=minutes)
