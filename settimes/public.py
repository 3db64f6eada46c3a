"""Answers for everybody: the one decorator that makes a view public."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

View = Callable[..., HttpResponseBase]
MAX_AGE_SECONDS = 60  # a change is seen within a minute, also behind a shared cache
CACHED_STATUSES = (200, 301)  # browsers keep a redirect that names no age for ever, also after it was taken back


def public(view: View) -> View:
    """Open a view to everybody, for GET and HEAD, with ETag, 304 and one minute of shared caching.

    The ETag is a hash of what is sent, so it changes exactly when the answer does; a view may set
    its own. Such a view must not look at the session, or its answer would differ between people.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if isinstance(response, HttpResponse) and response.status_code in CACHED_STATUSES:
            patch_cache_control(response, public=True, max_age=MAX_AGE_SECONDS)
        if isinstance(response, HttpResponse) and response.status_code == 200:
            if not response.has_header("ETag"):
                response["ETag"] = etag_of(response.content)
            return get_conditional_response(request, etag=response["ETag"], response=response) or response
        return response

    answer.is_public = True  # type: ignore[attr-defined]
    return login_not_required(require_safe(answer))


def etag_of(content: bytes) -> str:
    return f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
