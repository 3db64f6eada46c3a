"""Shapes that all of /api/ shares: JSON answers and errors.

An error is {"error": label, "message": sentence}; an endpoint that old clients know by a label
alone sends only "error".
"""

import json
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

API_PREFIX = "/api/"


def json_response(body: Any, *, status: int = 200) -> HttpResponse:
    """Compact JSON as UTF-8; API answers tell no other site where a visitor came from."""
    content = json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(
        content, content_type="application/json", status=status, headers={"Referrer-Policy": "no-referrer"}
    )


def json_error(status: int, error: str, message: str | None = None) -> HttpResponse:
    return json_response({"error": error, "message": message} if message else {"error": error}, status=status)


@login_not_required
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 for addresses nobody answers: JSON under /api/, a page elsewhere. Never says whether something is hidden."""
    if request.path.startswith(API_PREFIX):
        return json_error(404, "Not found", "There is nothing at this address.")
    return render(request, "404.html", status=404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(API_PREFIX):
        return json_error(500, "Server error", "Please try again in a moment.")
    return render(request, "500.html", status=500)
