"""The running order, set by set."""

from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import User
from bands.domain_admin import DomainModelAdmin, OpenRelatedFilter, made_by
from schedule import conflicts, lineup
from schedule.admin.acting import each_selected
from schedule.forms import PerformanceForm
from schedule.models import Performance, Venue
from schedule.nights import typed_text
from schedule.templatetags.set_times import clock


class VenueFilter(admin.RelatedFieldListFilter):
    """Venues to choose from, rooms with their house, in one query; with a scope those of the sets that are open."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        venues, user = Venue.objects.select_related("parent"), cast(User, request.user)
        if user.is_scoped:
            venues = venues.filter(pk__in=Performance.objects.open_to(user).order_by().values("venue"))
        return [(str(venue.pk), str(venue)) for venue in venues]


@admin.register(Performance)
class PerformanceAdmin(DomainModelAdmin):
    """The running order: times in the zone of each set's event."""

    asks_before_deleting = False

    form = PerformanceForm
    list_display = ["title", "event", "night", "times", "venue", "kind", "status", "is_announced"]
    list_display_links = ["title"]
    list_filter = ["status", "kind", "is_announced", ("event", OpenRelatedFilter), "night", ("venue", VenueFilter)]
    search_fields = ["band__name", "band__folding_key", "billing", "event__name", "venue__name"]
    autocomplete_fields = ["event", "band", "venue", "replaces"]
    readonly_fields = [
        *("status", "is_announced", "announced_at", "uid", "sequence", "changed_at"),
        *("created_by", "updated_by", "created_at", "updated_at"),
    ]
    fieldsets = [
        (None, {"fields": ["event", "night", "band", "billing", "kind", "venue"]}),
        ("Times", {"fields": ["starts", "ends", "accept_long", "expected_delay_minutes"]}),
        ("Words", {"fields": ["notes", "crew_notes"]}),
        ("State", {"fields": ["status", "is_announced", "announced_at", "replaces"]}),
        (
            "History",
            {
                "classes": ["collapse"],
                "fields": ["uid", "sequence", "changed_at", "created_by", "updated_by", "created_at", "updated_at"],
            },
        ),
    ]
    actions = ["announce", "hide", "cancel", "postpone", "restore", "withdraw", "replace"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Performance]:
        return super().get_queryset(request).select_related("event", "band", "venue__parent")

    def get_fieldsets(self, request: HttpRequest, obj: Performance | None = None) -> Any:
        """Who may only look sees the times in words instead of the fields that they are typed into."""
        if obj is None or self.has_change_permission(request, obj):
            return self.fieldsets
        shown = {"fields": ["times", "expected_delay_minutes"]}
        return [(name, shown if name == "Times" else options) for name, options in self.fieldsets]

    def get_readonly_fields(self, request: HttpRequest, obj: Performance | None = None) -> list[str]:
        """A set stays with its event, and what it replaces is settled when it is added."""
        return [*self.readonly_fields, "event", "replaces"] if obj else list(self.readonly_fields)

    @admin.display(description="billed as", ordering="band__name_normalized")
    def title(self, performance: Performance) -> str:
        return performance.title

    @admin.display(description="times", ordering="starts_at")
    def times(self, performance: Performance) -> str:
        return describe_times(performance)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self.message_user(request, f"{obj}: {obj.night:%a %d %b}, {describe_times(obj)}.", messages.INFO)
        for conflict in conflicts.find_for(obj, reader=cast(User, request.user)):
            self.message_user(request, conflict.message, messages.WARNING)

    def has_delete_permission(self, request: HttpRequest, obj: Performance | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.event.published_at is None)

    def delete_model(self, request: HttpRequest, obj: Performance) -> None:
        lineup.delete_set(obj, **made_by(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Performance]) -> None:
        each_selected(self, request, queryset, lineup.delete_set)

    @admin.action(description="Announce", permissions=["change"])
    def announce(self, request: HttpRequest, queryset: QuerySet[Performance]) -> None:
        each_selected(self, request, queryset, lineup.announce_set, "announced")

    @admin.action(description="Take the announcement back", permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Performance]) -> None:
        each_selected(self, request, queryset, lineup.hide_set, "no longer announced")

    @admin.action(description="Cancel (stays listed, struck through)", permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Performance]) -> None:
        each_selected(self, request, queryset, lineup.cancel_set, "cancelled")

    @admin.action(description="Postpone", permissions=["change"])
    def postpone(self, request: HttpRequest, queryset: QuerySet[Performance]) -> None:
        each_selected(self, request, queryset, lineup.postpone_set, "postponed")

    @admin.action(description="Restore", permissions=["change"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Performance]) -> None:
        each_selected(self, request, queryset, lineup.restore_set, "restored")

    @admin.action(description="Withdraw (disappears from the public)", permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Performance]) -> None:
        each_selected(self, request, queryset, lineup.withdraw_set, "withdrawn")

    @admin.action(description="Replace by another band…", permissions=["change", "add"])
    def replace(self, request: HttpRequest, queryset: QuerySet[Performance]) -> HttpResponse | None:
        """Open the form for a new set in the slot of the one selected."""
        if queryset.count() != 1:
            self.message_user(request, "Select the one set that is replaced.", messages.ERROR)
            return None
        replaced = queryset.select_related("event").get()
        event = replaced.event
        times = {
            name: typed_text(instant, night=replaced.night, zone=event.zone, rollover=event.rollover)
            for name, instant in (("starts", replaced.starts_at), ("ends", replaced.ends_at))
            if instant
        }
        slot = {"replaces": replaced.pk, "event": event.pk, "night": replaced.night, "venue": replaced.venue_id or ""}
        return redirect(f"{reverse('admin:schedule_performance_add')}?{urlencode({**slot, **times})}")


def describe_times(performance: Performance) -> str:
    """ "8:00 PM to 8:30 PM", with the weekday where it is after midnight."""
    if performance.starts_at is None:
        return "time open"
    start = performance.starts_at.astimezone(performance.event.zone)
    after_midnight = f" ({start:%a})" if start.date() != performance.night else ""
    end = performance.ends_at
    ending = f" to {clock(end.astimezone(performance.event.zone))}" if end else ", end open"
    return f"{clock(start)}{after_midnight}{ending}"
