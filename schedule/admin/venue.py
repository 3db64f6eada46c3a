"""Venues and their rooms."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from bands.domain_admin import DomainModelAdmin, made_by
from schedule import events
from schedule.forms import VenueForm
from schedule.models import Event, Venue


@admin.register(Venue)
class VenueAdmin(DomainModelAdmin):
    form = VenueForm
    ordering = [*(Venue._meta.ordering or ())]
    list_display = ["title", "walking_order", "full_address", "capacity", "set_count", "is_active"]
    list_display_links = ["title"]
    list_filter = ["is_active", "city"]
    search_fields = ["name", "parent__name", "address", "address_line1", "city"]
    autocomplete_fields = ["parent"]
    private_fields = ("phone", "contact_email")
    readonly_fields = ["created_by", "updated_by", "created_at", "updated_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Venues are there for everybody; their sets are counted as far as they are open to who asks."""
        user: Any = request.user
        counted = Q(performances__event__in=Event.objects.open_to(user)) if user.is_scoped else None
        rows = super().get_queryset(request).select_related("parent")
        venues: QuerySet[Any] = rows.annotate(set_count=Count("performances", filter=counted))
        return venues

    def delete_model(self, request: HttpRequest, obj: Venue) -> None:
        events.delete_venue(obj, **made_by(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Venue]) -> None:
        for venue in queryset:
            events.delete_venue(venue, **made_by(request))

    @admin.display(description=_("venue"), ordering="name")
    def title(self, venue: Venue) -> str:
        return str(venue)

    @admin.display(description=_("address"))
    def full_address(self, venue: Venue) -> str:
        return venue.full_address

    @admin.display(description=_("sets"), ordering="set_count")
    def set_count(self, venue: Any) -> int:
        return int(venue.set_count)
