"""Addresses that browsers and researchers look at (RFC 8615)."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from settimes.public import public

EXPIRES_AFTER = timedelta(days=180)


@public
def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a hole (RFC 9116)."""
    contact = settings.SECURITY_CONTACT or settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">")
    month = timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {contact if ':' in contact else f'mailto:{contact}'}",
        f"Expires: {month + EXPIRES_AFTER:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en, fr",
        f"Canonical: {settings.SITE_URL}{request.path}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Where password managers send people (W3C, A Well-Known URL for Changing Passwords)."""
    return redirect(reverse("accounts:password"))
