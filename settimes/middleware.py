"""What happens around every request."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase

PERMISSIONS_POLICY = "geolocation=(), microphone=(), camera=()"


def response_headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Add a request id to quote in questions, and switch off browser features that no page uses."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("X-Request-ID", str(uuid.uuid4()))
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response

    return middleware


class LoginRequiredMiddleware(DjangoLoginRequiredMiddleware):
    """Close every view that is not opened, without asking who is there where that does not matter.

    Django's own looks at the user first, and so makes every public answer vary by cookie.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)
