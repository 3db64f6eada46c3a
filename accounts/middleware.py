"""Around every request: who is at the other end, and whether this page is open to her."""

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language_from_request

from accounts.clients import acting_for, client_of, name_route
from accounts.models import User
from accounts.signing_in import is_verified
from accounts.trails import security_log
from settimes.api import API_PREFIX, json_error

CHALLENGE = "challenge"  # in the session: the number of the challenge that waits for a factor
WITHOUT_FACTOR = "is_open_without_factor"
QUIET = "is_quiet"

# The varieties differ from their language in nothing but formats (settimes.formats).
CLOCK_VARIETIES: dict[tuple[str, str], str] = {
    ("en", User.TimeFormat.TWENTY_FOUR): "en-gb",
    ("fr", User.TimeFormat.TWELVE): "fr-ca",
}

View = Callable[..., Any]


def open_without_factor(view: View) -> View:
    """Let somebody in who is signed in but has not enrolled the second factor that she must have."""
    setattr(view, WITHOUT_FACTOR, True)
    return view


def quiet(view: View) -> View:
    """A request that a page makes by itself: it does not count as being active."""
    setattr(view, QUIET, True)
    return view


class AccountMiddleware:
    """Names the client, closes every view that is not opened, and chooses the language of those that are closed.

    Public views are left alone: they look at no session, so that their answers are everybody's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        client = client_of(request, request_id=str(uuid.uuid4()))
        request.client = client  # type: ignore[attr-defined]
        with acting_for(client), translation.override(settings.LANGUAGE_CODE):
            response = self.get_response(request)
        response.headers.setdefault("X-Request-ID", client.request_id)
        return response

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponseBase | None:
        if request.resolver_match:
            name_route(request.resolver_match.view_name)
        is_open = not getattr(view, "login_required", True)
        if getattr(view, "is_public", False) or (is_open and not _is_at_the_door(request)):
            return None
        _choose_language(request)
        if is_open:
            return None
        user = request.user
        if not user.is_authenticated:
            return _refuse(request)
        now = timezone.now()
        if not is_verified(request) and not getattr(view, WITHOUT_FACTOR, False):
            security_log("sequence_fail", user=user.pk, reason="factor not enrolled")
            return _answer(request, reverse("accounts:factor_setup"), "Second factor required")
        if not getattr(view, QUIET, False):
            request.session.touch(now)  # type: ignore[attr-defined]
        return None


def _is_at_the_door(request: HttpRequest) -> bool:
    """Whether it is a page for signing in; other open views decide for themselves whether they look at who is there."""
    return request.resolver_match is not None and request.resolver_match.app_name == "accounts"


def _choose_language(request: HttpRequest) -> None:
    """Her own choice, else the browser's; with the clock she wants, which English and French have a variety for."""
    user = getattr(request, "user", None)
    language, clock = (user.language, user.time_format) if isinstance(user, User) else ("", "")
    language = language or get_language_from_request(request)
    translation.activate(CLOCK_VARIETIES.get((language, clock), language))
    request.LANGUAGE_CODE = language


def _refuse(request: HttpRequest) -> HttpResponseBase:
    """Send who is not signed in to the door: to its second half if the first is behind her."""
    if request.session.get(CHALLENGE):
        security_log("sequence_fail", reason="second factor outstanding")
        return _answer(request, reverse("accounts:factor"), "Second factor required")
    ended = getattr(request.session, "ended", "")
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        security_log("session_use_after_expire", reason=ended or "ended")
    sign_in = reverse("accounts:sign_in")
    # One's own account has buttons without a page of their own to come back to; the admin's forms are pages.
    is_page = request.method in ("GET", "HEAD") or not _is_at_the_door(request)
    query = {**({"next": request.get_full_path()} if is_page else {}), **({"ended": ended} if ended else {})}
    return _answer(request, f"{sign_in}?{urlencode(query)}", "Unauthorized", reason=ended)


def _answer(request: HttpRequest, address: str, error: str, *, reason: str = "") -> HttpResponseBase:
    wants_json = request.path.startswith(API_PREFIX) or request.headers.get("Accept", "").startswith("application/json")
    if wants_json:
        if reason:
            return JsonResponse({"error": "Session expired", "reason": reason}, status=401)
        return json_error(401, error, "Sign in first.")
    return redirect(address)
