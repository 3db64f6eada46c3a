"""Domain functions for rows that somebody selected in a list."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from bands.domain_admin import made_by


def each_selected(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    queryset: QuerySet,
    act: Callable[..., Any],
    done: Any = "",
    **also: Any,
) -> None:
    """Call a domain function for every selected row; say how many were done, and why it refused the others.

    `done` is the sentence that says so, an `ngettext_lazy` by "count"; without it nothing is said.
    """
    count = 0
    for row in queryset:
        try:
            act(row, **made_by(request), **also)
            count += 1
        except ValidationError as error:
            model_admin.message_user(request, " ".join(error.messages), messages.ERROR)
    if count and done:
        model_admin.message_user(request, done % {"count": count}, messages.SUCCESS)
