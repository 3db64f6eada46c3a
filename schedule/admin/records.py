"""What the house writes itself: changes, fans' plans, former addresses. To look at."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator

from bands.domain_admin import OpenRelatedFilter, OpenRows, ReadOnlyAdmin
from schedule.models import Change, Pick, Plan, ShareLink, SlugRedirect

MOST_CHARACTERS = 160


def _short(value: Any) -> str:
    """A recorded value in a few characters: a row by its name, nothing as "none"."""
    if isinstance(value, dict) and "name" in value:
        value = value["name"]
    return "none" if value in (None, "") else str(value)


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin):
    list_display = ["at", "event", "performance", "kind", "what", "by", "revision", "is_public"]
    list_filter = ["kind", "is_public", ("event", OpenRelatedFilter)]
    list_select_related = ["event", "performance__band", "by"]
    search_fields = ["event__name", "performance__band__name", "performance__billing"]
    date_hierarchy = "at"
    ordering = ["-pk"]

    @admin.display(description="before → after")
    def what(self, change: Change) -> str:
        """ "starts at: 2026-10-11T00:00:00+00:00 → 2026-10-11T00:15:00+00:00", empty values left out."""
        names = dict.fromkeys([*change.before, *change.after])
        parts = [
            f"{name.replace('_', ' ')}: {_short(change.before.get(name))} → {_short(change.after.get(name))}"
            for name in names
            if change.before.get(name) or change.after.get(name)
        ]
        return Truncator("; ".join(parts)).chars(MOST_CHARACTERS)


class PickInline(OpenRows, admin.TabularInline):
    model = Pick
    fields = ["performance", "created_at"]
    readonly_fields = ["performance", "created_at"]
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pick]:
        return super().get_queryset(request).select_related("performance__band")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Plan)
class PlanAdmin(ReadOnlyAdmin):
    """Anonymous plans; their keys are hashed and not shown."""

    ordering = ["pk"]

    inlines = [PickInline]
    fields = ["event", "created_at", "updated_at"]
    list_display = ["pk", "event", "pick_count", "created_at", "updated_at"]
    list_filter = [("event", OpenRelatedFilter)]
    search_fields = ["event__name"]
    list_select_related = ["event"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).annotate(pick_count=Count("picks"))
        return rows

    @admin.display(description="picks", ordering="pick_count")
    def pick_count(self, plan: Any) -> int:
        return int(plan.pick_count)


@admin.register(Pick)
class PickAdmin(ReadOnlyAdmin):
    list_display = ["performance", "plan", "created_at"]
    list_filter = [("plan__event", OpenRelatedFilter)]
    search_fields = ["performance__band__name", "performance__billing"]
    list_select_related = ["performance__band", "plan__event"]


@admin.register(ShareLink)
class ShareLinkAdmin(ReadOnlyAdmin):
    list_display = ["slug", "event", "kind", "created_at", "expires_at", "revoked_at", "view_count"]
    list_filter = ["kind", ("event", OpenRelatedFilter)]
    search_fields = ["slug", "event__name"]
    list_select_related = ["event"]


@admin.register(SlugRedirect)
class SlugRedirectAdmin(ReadOnlyAdmin):
    list_display = ["slug", "event", "venue", "created_at"]
    search_fields = ["slug", "event__name", "venue__name"]
    list_select_related = ["event", "venue__parent"]
