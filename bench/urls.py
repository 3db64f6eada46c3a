"""The site's addresses, and the view that the others are compared with."""

from functools import cache

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from settimes.urls import handler404, handler500
from settimes.urls import urlpatterns as site_urlpatterns

__all__ = ["handler404", "handler500", "urlpatterns"]
MOST_BYTES = 10_000_000


@cache
def constant_bytes(size: int) -> bytes:
    return b"x" * size


@login_not_required
def constant(request: HttpRequest, size: int) -> HttpResponse:
    """So many bytes that are ready: what the server, the middleware and a response object cost by themselves."""
    return HttpResponse(constant_bytes(min(size, MOST_BYTES)))


urlpatterns = [*site_urlpatterns, path("bench/constant/<int:size>/", constant, name="bench_constant")]
