"""Venues and their rooms."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from bands.admin import DomainModelAdmin
from schedule import events
from schedule.forms import VenueForm
from schedule.models import Venue


@admin.register(Venue)
class VenueAdmin(DomainModelAdmin):
    form = VenueForm
    ordering = [*(Venue._meta.ordering or ())]
    list_display = ["title", "walking_order", "full_address", "capacity", "set_count", "is_active"]
    list_display_links = ["title"]
    list_filter = ["is_active", "city"]
    search_fields = ["name", "parent__name", "address", "address_line1", "city"]
    autocomplete_fields = ["parent"]
    readonly_fields = ["created_by", "updated_by", "created_at", "updated_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = (
            super().get_queryset(request).select_related("parent").annotate(set_count=Count("performances"))
        )
        return rows

    def delete_model(self, request: HttpRequest, obj: Venue) -> None:
        events.delete_venue(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Venue]) -> None:
        for venue in queryset:
            events.delete_venue(venue)

    @admin.display(description="venue", ordering="name")
    def title(self, venue: Venue) -> str:
        return str(venue)

    @admin.display(description="address")
    def full_address(self, venue: Venue) -> str:
        return venue.full_address

    @admin.display(description="sets", ordering="set_count")
    def set_count(self, venue: Any) -> int:
        return int(venue.set_count)
