"""What the house writes itself: changes, fans' plans, former addresses. To look at."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts.admin_theme import TabularInline
from bands.domain_admin import OpenRelatedFilter, OpenRows, ReadOnlyAdmin
from bands.row_history import moment_text
from schedule.history import sentences_of
from schedule.models import Change, Pick, Plan, ShareLink, SlugRedirect

MOST_CHARACTERS = 160


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin):
    list_display = ["when", "event", "performance", "kind", "what", "by", "revision", "is_public"]
    list_filter = ["kind", "is_public", ("event", OpenRelatedFilter)]
    list_select_related = ["event", "performance__band", "by"]
    search_fields = ["event__name", "performance__band__name", "performance__billing"]
    date_hierarchy = "at"
    ordering = ["-pk"]

    @admin.display(description=_("at"), ordering="at")
    def when(self, change: Change) -> str:
        """In the zone of its event."""
        return moment_text(change.at, change.event.zone)

    @admin.display(description=_("before → after"))
    def what(self, change: Change) -> str:
        return Truncator(" ".join(sentences_of(change))).chars(MOST_CHARACTERS)


class PickInline(OpenRows, TabularInline):
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

    @admin.display(description=_("picks"), ordering="pick_count")
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
