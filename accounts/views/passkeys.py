"""Passkeys: made on one's own page, used as second factor, as proof in between, and instead of a password.

The ceremonies are django-otp-webauthn's and py_webauthn's; what follows from them is ours.
"""

import json
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_otp_webauthn.exceptions import OTPWebAuthnApiError
from django_otp_webauthn.helpers import WebAuthnHelper
from django_otp_webauthn.models import WebAuthnCredential
from webauthn.helpers.exceptions import WebAuthnException

from accounts import factors
from accounts.forms import MOST_NAME_CHARACTERS
from accounts.gates import fresh_sign_in_required, person
from accounts.limits import SIGN_IN, limited
from accounts.lockouts import TooManyAttempts
from accounts.middleware import open_without_factor
from accounts.models import AuthEvent, User
from accounts.signing_in import check_passkey, confirm_session, keep_session_of, start_session
from accounts.trails import record_attempt
from accounts.views.doors import NEXT, client_from, current_challenge, enter, has_unlocked, safe_next
from accounts.views.failures import refused_text, too_many
from accounts.views.own import after_enrolment
from settimes.api import json_error
from settimes.sealing import seal, unseal

CEREMONY_SECONDS = 5 * 60
# What the libraries raise for an answer that is not right, and Python for one that is no answer at all.
BAD_PASSKEY = (OTPWebAuthnApiError, WebAuthnException, ValueError, KeyError, TypeError, RecursionError, IntegrityError)


def _begin(use: str, options: dict[str, Any], state: dict[str, Any], **also: Any) -> JsonResponse:
    """What the browser is to ask the key, and what we must remember, sealed: it comes back with the answer.

    Not in the session: the sign-in page asks by itself when it opens, and a session cookie that
    arrived late would take the place of the one of somebody who has signed in meanwhile. `use` and
    `also` must be the same when the answer comes.
    """
    ceremony = {"use": {"for": use, **also}, "number": secrets.token_hex(16), **state}
    return JsonResponse({**options, "state": seal(json.dumps(ceremony))})


def _take_state(answer: dict[str, Any], use: str, **also: Any) -> dict[str, Any] | None:
    """What the ceremony began with, once and within five minutes; None when none was begun for this."""
    try:
        state: dict[str, Any] = json.loads(unseal(str(answer.pop("state", "")), within_seconds=CEREMONY_SECONDS))
    except ValueError:
        return None
    is_for_this = state.pop("use") == {"for": use, **also}
    is_first = cache.add(f"passkey-ceremony-{state.pop('number')}", True, CEREMONY_SECONDS)
    return state if is_for_this and is_first else None


def _answer_of(request: HttpRequest) -> dict[str, Any]:
    """What the key answered; nothing for what is no answer at all."""
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _verifier(
    request: HttpRequest, user: User | None, state: dict[str, Any], data: dict[str, Any]
) -> Callable[[], WebAuthnCredential | None]:
    """Checks the answer when it is called: the passkey, or None."""

    def verify() -> WebAuthnCredential | None:
        try:
            with transaction.atomic():
                passkey: WebAuthnCredential = WebAuthnHelper(request).authenticate_complete(
                    user=user, state=state, data=data
                )
        except BAD_PASSKEY:
            return None
        return passkey

    return verify


def _refused() -> HttpResponseBase:
    return json_error(401, "Authentication failed", refused_text())


def _begin_again() -> HttpResponseBase:
    return json_error(400, "Bad request", _("That was not right. Try again."))


@login_not_required
@never_cache
@require_POST
@limited(SIGN_IN, group="passkey")
def sign_in_begin(request: HttpRequest) -> HttpResponseBase:
    """What the browser asks the key: of whoever is at the second factor, of anybody else at the door."""
    challenge = current_challenge(request)
    options, state = WebAuthnHelper(request).authenticate_begin(
        user=challenge.user if challenge else None, require_user_verification=challenge is None
    )
    return _begin("sign-in", options, state, challenge=challenge.pk if challenge else None)


@login_not_required
@never_cache
@require_POST
@limited(SIGN_IN, group="passkey")
def sign_in_finish(request: HttpRequest) -> HttpResponseBase:
    """In, by the key's answer. Without a password before it, the key must have checked its owner itself."""
    challenge = current_challenge(request)
    now, client = timezone.now(), client_from(request)
    user = challenge.user if challenge else None
    data = _answer_of(request)
    state = _take_state(data, "sign-in", challenge=challenge.pk if challenge else None)
    if state is None:
        return _begin_again()
    try:
        passkey = check_passkey(
            _verifier(request, user, state, data),
            user=user,
            client=client,
            kind=AuthEvent.Kind.FACTOR,
            device_token=request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""),
            has_unlocked=user is not None and has_unlocked(request, user.email),
            now=now,
        )
    except TooManyAttempts as refusal:
        return too_many(request, refusal, now=now)
    if passkey is None:
        return _refused()
    if challenge:
        response = enter(request, challenge, factor="passkey", remember="remember" in request.GET)
        answer = JsonResponse({"next": response["Location"]})
        answer.cookies = response.cookies
        return answer
    wanted = safe_next(request, request.GET.get(NEXT, ""))
    start_session(request, passkey.user, client=client, now=now, factor="passkey")
    return JsonResponse({"next": wanted})


@never_cache
@require_POST
@open_without_factor
@limited(SIGN_IN, group="passkey")
def confirm_begin(request: HttpRequest) -> HttpResponseBase:
    """What the browser asks the key of who is signed in, to confirm that it is she."""
    options, state = WebAuthnHelper(request).authenticate_begin(user=person(request), require_user_verification=False)
    return _begin("confirm", options, state, person=person(request).pk)


@never_cache
@require_POST
@open_without_factor
@limited(SIGN_IN, group="passkey")
def confirm_finish(request: HttpRequest) -> HttpResponseBase:
    """Confirmed by the key's answer."""
    now, user = timezone.now(), person(request)
    data = _answer_of(request)
    state = _take_state(data, "confirm", person=user.pk)
    if state is None:
        return _begin_again()
    try:
        passkey = check_passkey(
            _verifier(request, user, state, data),
            user=user,
            client=client_from(request),
            kind=AuthEvent.Kind.STEP_UP,
            now=now,
        )
    except TooManyAttempts as refusal:
        return too_many(request, refusal, now=now)
    if passkey is None:
        return _begin_again()
    confirm_session(request, factor="passkey", now=now)
    record_attempt(
        AuthEvent.Kind.STEP_UP, success=True, event="session_confirmed", reason="passkey", user=user, now=now
    )
    return JsonResponse({"next": safe_next(request, request.GET.get(NEXT, ""))})


@never_cache
@require_POST
@open_without_factor
@limited(SIGN_IN, group="passkey")
@fresh_sign_in_required
def register_begin(request: HttpRequest) -> HttpResponseBase:
    """What the browser asks a new key."""
    try:
        factors.refuse_more_passkeys(person(request))
    except ValidationError as error:
        return json_error(400, "Bad request", " ".join(error.messages))
    options, state = WebAuthnHelper(request).register_begin(user=person(request))
    return _begin("register", options, state, person=person(request).pk)


@never_cache
@require_POST
@open_without_factor
@limited(SIGN_IN, group="passkey")
@fresh_sign_in_required
def register_finish(request: HttpRequest) -> HttpResponseBase:
    """A new key is a factor from now on."""
    now, user = timezone.now(), person(request)
    data = _answer_of(request)
    state = _take_state(data, "register", person=user.pk)
    if state is None:
        return _begin_again()
    try:
        typed = "".join(letter for letter in str(data.pop("name", "")) if letter.isprintable())
        factors.add_passkey(
            user,
            lambda: WebAuthnHelper(request).register_complete(user=user, state=state, data=data),
            name=typed.strip()[:MOST_NAME_CHARACTERS] or client_from(request).device,
            keep_session=keep_session_of(request),
            now=now,
        )
    except ValidationError as error:
        return json_error(400, "Bad request", " ".join(error.messages))
    except BAD_PASSKEY:
        return json_error(
            400, "Bad request", _("This passkey could not be registered. Try again, or use another device.")
        )
    return JsonResponse({"next": after_enrolment(request, factor="passkey")})
