"""Gates in front of views: what is asked of somebody who is signed in, besides being it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential

from accounts.factors import has_factor
from accounts.models import EmailFactor, User
from accounts.signing_in import FACTOR, is_fresh
from accounts.trails import security_log

View = Callable[..., HttpResponseBase]


def confirm_first(request: HttpRequest, *, next_address: str = "") -> HttpResponse | None:
    """None when she proved within the last five minutes that it is she; else the page (403) that asks her to.

    Her password alone is no proof once she has a factor: somebody else may have known the first one.
    From there she comes back to `next_address`, by default to this page.
    """
    has_proved = is_enough(request)
    if has_proved and is_fresh(request, now=timezone.now()):
        return None
    reason = "proof too old" if has_proved else "factor not proved"
    security_log("authz_fail", user=request.user.pk, reason=reason)
    address = next_address or (request.get_full_path() if request.method == "GET" else request.path)
    return confirmation_page(request, next_address=address, status=403)


def is_enough(request: HttpRequest) -> bool:
    """Whether her password alone proves that it is she: not in a session from before she had a factor."""
    return bool(request.session.get(FACTOR)) or not has_factor(person(request))


def fresh_sign_in_required(view: View) -> View:
    """Ask again, before a sensitive page, who is there, unless she proved it within the last five minutes."""

    @wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return confirm_first(request) or view(request, *args, **kwargs)

    return gated


def confirmation_page(request: HttpRequest, *, next_address: str, status: int = 200, error: str = "") -> HttpResponse:
    """The page that asks for the password or a second factor."""
    user = person(request)
    context = {
        "next": next_address,
        "error": error,
        "asks_code": has_factor(user),
        "has_passkey": WebAuthnCredential.objects.filter(user=user, confirmed=True).exists(),
        "has_email_factor": EmailFactor.objects.filter(user=user, confirmed=True).exists(),
    }
    return render(request, "accounts/confirm.html", context, status=status)


def person(request: HttpRequest) -> User:
    """Who is signed in: the middleware lets nobody else reach a gate."""
    assert isinstance(request.user, User)  # noqa: S101 (for the type checker)
    return request.user
