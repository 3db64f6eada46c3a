"""Limits on how often a form may be sent, by network: against load. What stops guessing is `accounts.lockouts`.

Counted in the cache. Without it the forms close, and reading goes on.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django_ratelimit.core import get_usage
from redis.exceptions import RedisError

from accounts.clients import current_client
from accounts.lockouts import TooManyAttempts
from accounts.trails import security_log
from accounts.trusted_devices import find_any_device
from accounts.views.failures import out_of_order, too_many

View = Callable[..., HttpResponseBase]

SIGN_IN = "30/m"  # a venue's staff behind one address signs in at once
ANY_FORM = "10/m"
MAILS = "3/5m"  # what makes us send mail to an address that somebody typed


def limited(rate: str, *, group: str) -> Callable[[View], View]:
    """Refuse the POSTs of a network beyond a rate ("3/5m": three in five minutes): 429; 503 without the cache."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method != "POST":
                return view(request, *args, **kwargs)
            try:
                usage = get_usage(request, group=group, key=_who, rate=rate, method=["POST"], increment=True)
            except (RedisError, OSError):
                security_log("sys_cache_unavailable", level=40, reason=group)
                return out_of_order(request)
            if usage and usage["should_limit"]:
                security_log("excess_rate_limit_exceeded", level=30, reason=group)
                now = timezone.now()
                until = now + timedelta(seconds=usage["time_left"])
                return too_many(request, TooManyAttempts("network", until), now=now)
            return view(request, *args, **kwargs)

        return answer

    return decorate


def _who(group: str, request: HttpRequest) -> str:
    """A trusted device by itself, so that it is not held up by others on its network; else the network."""
    client = current_client()
    device = find_any_device(request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), client, now=timezone.now())
    return f"device {device.pk}" if device else client.network
