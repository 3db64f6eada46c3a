"""The one way in: password, second factor, session.

Whoever it is and whatever is wrong, a refused password costs the same time and gives the same
answer; what is the matter with an account is told only to who knows its password.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.contrib.auth import login, update_session_auth_hash
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django_otp.models import Device
from django_otp_webauthn.models import WebAuthnCredential

from accounts import factors, mailing
from accounts.clients import Client
from accounts.lockouts import (
    TooManyAttempts,
    count_in_vain,
    fail_attempt,
    forget_failures,
    forgive_attempt,
    open_attempt,
)
from accounts.models import AuthEvent, BackupCodeSheet, FailedAttempt, SignInChallenge, TrustedDevice, User
from accounts.models.user import fold_address
from accounts.passwords import MOST_CHARACTERS
from accounts.sessions import SIGNED_IN_AT, lifetime
from accounts.trails import record_attempt
from accounts.trusted_devices import find_any_device, find_device

CHALLENGE_LIFETIME = timedelta(minutes=5)
FRESH = timedelta(minutes=5)

FACTOR = "factor"  # what proved her besides the password: "passkey", "code", "trusted device"
CONFIRMED_AT = "confirmed_at"
TRUSTED_DEVICE = "trusted_device"
UNLOCKED = "unlocked"  # in the session: whose lock-out was lifted in this browser by the link mailed to her


class Answer(Enum):
    """What a password came to."""

    RIGHT = "right"
    REFUSED = "refused"
    NOT_ACTIVATED = "not activated"
    DEACTIVATED = "deactivated"


@dataclass(frozen=True)
class PasswordResult:
    """What a password came to, for whom, and the trusted device it was typed on."""

    answer: Answer
    user: User | None = None
    device: TrustedDevice | None = None


def find_user(email: str) -> User | None:
    """The account of an address, by its exact letters but for ASCII capitals."""
    return User.objects.filter(email_key=fold_address(email)).first()


def check_password(
    email: str, password: str, *, client: Client, device_token: str, has_unlocked: bool = False, now: datetime
) -> PasswordResult:
    """Check an address and a password, once, with a count of the failures.

    `has_unlocked` says that this browser used the link by which the owner of that very address
    lifts a lock-out: what others do on her network does not hinder her.

    Raises TooManyAttempts for a network or trusted device that has to wait. A locked account is
    refused like a wrong password, after the same time.
    """
    user = find_user(email)
    device = find_device(device_token, user, client, now=now) if user else None
    try:
        attempt = open_attempt(
            FailedAttempt.Kind.PASSWORD,
            client=client,
            email=email,
            device=device,
            minds_network=not has_unlocked,
            now=now,
        )
    except TooManyAttempts as refusal:
        if refusal.scope == "account":
            _spend_the_time(password)
            count_in_vain(client=client, email=email, now=now)
        _record_sent_away(refusal, AuthEvent.Kind.SIGN_IN, user, email=email, now=now)
        if refusal.scope == "account":
            return PasswordResult(Answer.REFUSED)
        raise
    if not _is_right(user, password):
        reason = "wrong password" if user else "unknown account"
        record_attempt(
            AuthEvent.Kind.SIGN_IN,
            success=False,
            event="authn_login_fail",
            reason=reason,
            user=user,
            email=email,
            now=now,
        )
        fail_attempt(attempt, user=user, now=now)
        return PasswordResult(Answer.REFUSED)
    assert user is not None  # noqa: S101 (for the type checker: nobody's password is never right)
    forgive_attempt(attempt)
    if user.is_active:
        return PasswordResult(Answer.RIGHT, user, device)
    answer = Answer.DEACTIVATED if user.deactivated_at else Answer.NOT_ACTIVATED
    record_attempt(
        AuthEvent.Kind.SIGN_IN, success=False, event="authn_login_fail", reason=answer.value, user=user, now=now
    )
    return PasswordResult(answer, user)


@transaction.atomic
def open_challenge(user: User, client: Client, *, now: datetime) -> SignInChallenge:
    """Ask for the second factor: five minutes, one at a time for each person."""
    try:
        with transaction.atomic():
            user.sign_in_challenges.filter(closed_at__isnull=True).update(closed_at=now)
            return SignInChallenge.objects.create(
                user=user,
                network=client.network,
                browser_digest=client.browser_digest,
                created_at=now,
                expires_at=now + CHALLENGE_LIFETIME,
            )
    except IntegrityError:  # she asked twice in the same moment: the other one counts
        return user.sign_in_challenges.get(closed_at__isnull=True)


def find_challenge(challenge_id: int | None, client: Client, *, now: datetime) -> SignInChallenge | None:
    """The open challenge, if it is still its five minutes, and the browser and the network are the same."""
    if challenge_id is None:
        return None
    open_ones = SignInChallenge.objects.filter(closed_at__isnull=True, expires_at__gt=now, user__is_active=True)
    challenge = open_ones.select_related("user").filter(pk=challenge_id).first()
    if challenge is None or challenge.network != client.network:
        return None
    return challenge if client.is_browser(challenge.browser_digest) else None


def check_code(
    user: User, typed: str, *, client: Client, kind: AuthEvent.Kind, has_unlocked: bool = False, now: datetime
) -> Device | None:
    """The factor for which a code is right, and which used it up; failures count towards a lock-out.

    `has_unlocked` as in `check_password`. Raises TooManyAttempts.
    """
    attempt = _open_own_attempt(user, client=client, kind=kind, has_unlocked=has_unlocked, now=now)
    device = factors.match_code(user, typed, now=now)
    if device is None:
        is_reused = factors.was_used(user, typed, now=now)
        event = "authn_token_reuse" if is_reused else "authn_login_fail"
        reason = "code used before" if is_reused else "wrong code"
        record_attempt(kind, success=False, event=event, reason=reason, user=user, now=now)
        fail_attempt(attempt, user=user, now=now)
        return None
    forgive_attempt(attempt)
    left = factors.backup_codes_left(user)
    if isinstance(device, BackupCodeSheet) and left is not None and left <= factors.FEW_BACKUP_CODES:
        mailing.queue_notice(user, "few_codes", now=now, left=str(left))
    return device


def check_passkey(
    verify: Callable[[], WebAuthnCredential | None],
    *,
    user: User | None,
    client: Client,
    kind: AuthEvent.Kind,
    device_token: str = "",
    has_unlocked: bool = False,
    now: datetime,
) -> WebAuthnCredential | None:
    """The passkey that `verify` finds to have answered right, of `user` if she is known; failures count.

    On a network that others have locked, who has a trusted device may use a passkey of her own.
    Raises TooManyAttempts.
    """
    device = None
    try:
        if user is not None:
            attempt = _open_own_attempt(user, client=client, kind=kind, has_unlocked=has_unlocked, now=now)
        else:
            attempt = open_attempt(FailedAttempt.Kind.CODE, client=client, now=now)
    except TooManyAttempts as refusal:
        device = find_any_device(device_token, client, now=now)
        if user is not None or device is None:
            if user is None:
                _record_sent_away(refusal, kind, None, now=now)
            raise
        attempt = open_attempt(FailedAttempt.Kind.CODE, client=client, device=device, now=now)
    passkey = verify()
    is_hers = passkey is not None and (device is None or passkey.user_id == device.user_id)
    if passkey is None or not is_hers or not passkey.confirmed or not passkey.user.is_active:
        record_attempt(kind, success=False, event="authn_login_fail", reason="passkey refused", user=user, now=now)
        fail_attempt(attempt, user=user, now=now)
        return None
    forgive_attempt(attempt)
    return passkey


def check_own_password(user: User, password: str, *, client: Client, now: datetime) -> bool:
    """Whether somebody signed in knows her password; failures count as at the door. Raises TooManyAttempts."""
    attempt = _open_own_attempt(user, client=client, kind=AuthEvent.Kind.STEP_UP, now=now)
    if _is_right(user, password):
        forgive_attempt(attempt)
        return True
    record_attempt(
        AuthEvent.Kind.STEP_UP, success=False, event="authn_login_fail", reason="wrong password", user=user, now=now
    )
    fail_attempt(attempt, user=user, now=now)
    return False


@transaction.atomic
def close_challenge(challenge: SignInChallenge, *, now: datetime) -> bool:
    """Use a challenge up; of two requests at once, one succeeds."""
    return bool(SignInChallenge.objects.filter(pk=challenge.pk, closed_at__isnull=True).update(closed_at=now))


def start_session(request: HttpRequest, user: User, *, client: Client, now: datetime, factor: str = "") -> None:
    """Sign somebody in: a new session key, her rights, her failures forgotten, and a line in the trail.

    `factor` says what she proved besides her password; empty when nothing was asked or she has
    none yet.
    """
    request.session.flush()
    login(request, user, backend="accounts.backends.RoleBackend")
    request.session[SIGNED_IN_AT] = now.isoformat()
    request.session[CONFIRMED_AT] = now.timestamp()
    request.session.set_expiry(now + lifetime(user))
    if factor:
        request.session[FACTOR] = factor
    had_failed = FailedAttempt.objects.filter(network=client.network).exists()
    forget_failures(client=client, email=user.email)
    record_attempt(
        AuthEvent.Kind.SIGN_IN,
        success=True,
        event="authn_login_successafterfail" if had_failed else "session_created",
        reason=factor,
        user=user,
        now=now,
    )


def keep_session_of(request: HttpRequest) -> int | None:
    """The number of the session of this request, to leave it when others end."""
    row = getattr(request.session, "row", None)
    return row.pk if row else None


def confirm_session(request: HttpRequest, *, factor: str, now: datetime, user: User | None = None) -> None:
    """She proved again that it is she: a new session key, and five minutes for what needs it.

    `user` is given after a password change, which ends every session that does not know the new one.
    """
    if user is not None:
        update_session_auth_hash(request, user)
    else:
        request.session.cycle_key()
    request.session[CONFIRMED_AT] = now.timestamp()
    if factor:
        request.session[FACTOR] = factor


def is_verified(request: HttpRequest) -> bool:
    """Whether she is signed in with everything that her account asks for."""
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return False
    if request.session.get(FACTOR):
        return True
    return not user.needs_second_factor


def is_fresh(request: HttpRequest, *, now: datetime) -> bool:
    """Whether she proved within the last five minutes that it is she."""
    confirmed_at: float = request.session.get(CONFIRMED_AT, 0)
    return now.timestamp() - confirmed_at <= FRESH.total_seconds()


def _open_own_attempt(
    user: User, *, client: Client, kind: AuthEvent.Kind, has_unlocked: bool = False, now: datetime
) -> FailedAttempt:
    """Count a try of somebody whose password was right; one sent away leaves its line. Raises TooManyAttempts."""
    what = FailedAttempt.Kind.STEP_UP if kind == AuthEvent.Kind.STEP_UP else FailedAttempt.Kind.CODE
    try:
        return open_attempt(what, client=client, email=user.email, minds_network=not has_unlocked, now=now)
    except TooManyAttempts as refusal:
        _record_sent_away(refusal, kind, user, now=now)
        raise


def _record_sent_away(
    refusal: TooManyAttempts, kind: AuthEvent.Kind, user: User | None, *, email: str = "", now: datetime
) -> None:
    """A line in the trail for a try that is not checked."""
    event = "authn_login_fail" if refusal.scope == "account" else "excess_rate_limit_exceeded"
    record_attempt(kind, success=False, event=event, reason=f"{refusal.scope} locked", user=user, email=email, now=now)


def _is_right(user: User | None, password: str) -> bool:
    """Whether it is her password; takes the time of one hash whatever comes of it."""
    is_whole = password.encode("utf-8", "ignore").decode() == password  # not half of a character
    if user is None or len(password) > MOST_CHARACTERS or not is_whole:
        _spend_the_time(password)
        return False
    return user.check_password(password)


def refuse_unread(password: str) -> PasswordResult:
    """Refuse what cannot be anybody's address and password, after the time that checking them takes; nothing counts."""
    _spend_the_time(password)
    return PasswordResult(Answer.REFUSED)


def _spend_the_time(password: str) -> None:
    User().set_password(password[:MOST_CHARACTERS].encode("utf-8", "replace").decode())
