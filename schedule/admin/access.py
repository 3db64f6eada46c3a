"""Which events people with a scope were given."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.gates import confirm_first
from bands.domain_admin import DomainModelAdmin, OpenRelatedFilter, made_by
from schedule.access import take_access
from schedule.forms import EventAccessForm
from schedule.models import EventAccess


@admin.register(EventAccess)
class EventAccessAdmin(DomainModelAdmin):
    """Given and taken away, never changed."""

    form = EventAccessForm
    ordering = ["user__email_key", "event"]
    list_display = ["user", "event", "created_at"]
    list_filter = [("event", OpenRelatedFilter)]
    list_select_related = ["user", "event"]
    search_fields = ["user__email", "event__name"]
    autocomplete_fields = ["event"]

    def has_change_permission(self, request: HttpRequest, obj: EventAccess | None = None) -> bool:
        return False

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        asked = confirm_first(request) if self.has_add_permission(request) else None
        return asked or super().add_view(request, form_url, extra_context)

    def delete_model(self, request: HttpRequest, obj: EventAccess) -> None:
        take_access(obj.event, obj.user, **made_by(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[EventAccess]) -> None:
        for access in queryset:
            take_access(access.event, access.user, **made_by(request))
