"""Pages that say no: each with what to do about it."""

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.lockouts import TooManyAttempts
from accounts.trails import security_log
from settimes.api import API_PREFIX, json_error

RETRY_SECONDS = 30


def refused_text() -> str:
    """What a refused sign-in says, whatever the reason."""
    return _("E-mail or password is not right, or sign-in is paused. You can reset your password.")


def too_many(request: HttpRequest, refusal: TooManyAttempts, *, now: datetime) -> HttpResponse:
    """429: who tried has to wait; it is said of the network only where it is the network that is locked."""
    minutes = refusal.minutes_left(now)
    if refusal.scope == "network":
        message = ngettext(
            "Too many attempts from your network. Try again in %(minutes)d minute.",
            "Too many attempts from your network. Try again in %(minutes)d minutes.",
            minutes,
        )
    else:
        message = ngettext(
            "Too many attempts. Try again in %(minutes)d minute.",
            "Too many attempts. Try again in %(minutes)d minutes.",
            minutes,
        )
    message %= {"minutes": minutes}
    response = _say(request, 429, "Too many attempts", message, title=_("Too many attempts"))
    response["Retry-After"] = str(minutes * 60)
    return response


def out_of_order(request: HttpRequest) -> HttpResponse:
    """503: something this needs is away."""
    response = _say(
        request, 503, "Out of order", _("Please try again in a moment."), title=_("This does not work right now")
    )
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def dead_link(request: HttpRequest) -> HttpResponse:
    """410: a link that is unknown, expired, used, revoked or for something else; one page for all."""
    return render(request, "accounts/dead_link.html", status=410)


@login_not_required
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: she is signed in, and this is for others."""
    security_log("authz_fail", level=30, user=request.user.pk, reason="role")
    title, message = _("Not for your role"), _("Your role does not allow this.")
    return _say(request, 403, "Forbidden", message, title=title, back=reverse("admin:index"))


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form is older than the session, or came from elsewhere."""
    security_log("malicious_csrf", level=30, reason=reason.partition(" (")[0][:60])
    return _say(
        request,
        403,
        "CSRF validation failed",
        _("This page was open too long. Reload and try again."),
        title=_("This page is too old"),
    )


def way_back(request: HttpRequest) -> str:
    """A page to go on from: this one, or where its form stood; of what is not hers, the start."""
    if request.method in ("GET", "HEAD"):
        return request.path
    came_from = urlsplit(request.headers.get("Referer", ""))
    is_ours = came_from.netloc == urlsplit(settings.SITE_URL).netloc and came_from.path.startswith("/")
    return came_from.path if is_ours else reverse("admin:index")


def _say(request: HttpRequest, status: int, error: str, message: str, *, title: str, back: str = "") -> HttpResponse:
    if request.path.startswith(API_PREFIX) or request.headers.get("Accept", "").startswith("application/json"):
        return json_error(status, error, message)
    context = {"title": title, "message": message, "back": back or way_back(request)}
    return render(request, "accounts/failure.html", context, status=status)
