"""The admin's theme, django-unfold: nothing else here knows it by name, so that it can be left again."""

from typing import TYPE_CHECKING, Any

from csp.decorators import csp_update
from django import forms
from django.http import HttpRequest
from unfold.widgets import INPUT_CLASSES

if TYPE_CHECKING:  # the theme has no types; its classes are Django's and do more
    from django.contrib.admin import AdminSite as UnfoldAdminSite
    from django.contrib.admin import ModelAdmin, StackedInline, TabularInline
else:
    from unfold.admin import ModelAdmin, StackedInline, TabularInline
    from unfold.sites import UnfoldAdminSite

__all__ = ["DateInput", "ModelAdmin", "StackedInline", "TabularInline", "ThemedAdminSite", "TimeInput", "evaluating"]

# The theme's scripts evaluate what stands in attributes (Alpine) and write styles (simplebar, htmx, select2); the
# public pages stay strict.
evaluating = csp_update({"script-src": ["'unsafe-eval'"], "style-src": ["'self'", "'unsafe-inline'"]})


class ThemedAdminSite(UnfoldAdminSite):
    """The theme's site, with its colours from our own style sheet instead of a style in each page."""

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().each_context(request) | {"colors": None, "border_radius": None}


class DateInput(forms.DateInput):
    """The browser's own date picker in the theme's dress."""

    input_type = "date"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"class": " ".join(INPUT_CLASSES), **(attrs or {})})


class TimeInput(forms.TimeInput):
    """The browser's own time picker in the theme's dress."""

    input_type = "time"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(format="%H:%M", attrs={"class": " ".join(INPUT_CLASSES), **(attrs or {})})
