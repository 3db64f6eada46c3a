"""Events, venues and the running order in the admin. Every change goes through the domain functions."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.forms import BaseModelFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from bands.admin import DomainModelAdmin, ReadOnlyAdmin
from schedule import conflicts, events, lineup, publishing
from schedule.forms import DoorsForm, DoorsFormSet, EventForm, PerformanceForm, VenueForm
from schedule.models import Change, Doors, Event, Performance, Pick, Plan, ShareLink, SlugRedirect, Venue
from schedule.nights import typed_text
from schedule.templatetags.set_times import clock


def each_selected(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    queryset: QuerySet,
    act: Callable[..., Any],
    done: str,
    **also: Any,
) -> None:
    """Call a domain function for every selected row; say how many it did and why it refused the others."""
    count = 0
    for row in queryset:
        try:
            act(row, by=request.user, now=timezone.now(), **also)
            count += 1
        except ValidationError as error:
            model_admin.message_user(request, " ".join(error.messages), messages.ERROR)
    if count:
        model_admin.message_user(request, f"{count} {done}.", messages.SUCCESS)


class DoorsInline(admin.TabularInline):
    model = Doors
    form = DoorsForm
    formset = DoorsFormSet
    fields = ["night", "opens", "venue"]
    autocomplete_fields = ["venue"]
    extra = 0


@admin.register(Event)
class EventAdmin(DomainModelAdmin):
    form = EventForm
    ordering = ["-date", "-pk"]
    inlines = [DoorsInline]
    list_display = ["name", "date", "end_date", "city", "status", "set_count", "reveal_mode", "times_public"]
    list_filter = ["status", "reveal_mode", "city"]
    search_fields = ["name", "slug", "city"]
    date_hierarchy = "date"
    readonly_fields = [
        *("status", "revision", "published_at", "archived_at", "overlaps"),
        *("created_by", "updated_by", "created_at", "updated_at"),
    ]
    fieldsets = [
        (None, {"fields": ["name", "slug", "date", "end_date", "city", "timezone", "rollover"]}),
        ("State", {"fields": ["status", "published_at", "archived_at", "overlaps"]}),
        ("What is public", {"fields": ["reveal_mode", "times_public"]}),
        (
            "For fans",
            {
                "fields": [
                    *("description", "ticket_url", "price", "age_rule", "presented_by", "presented_by_url", "poster"),
                    *("poster_alt_text", "venue_info", "social_links", "theme_colors"),
                ]
            },
        ),
        (
            "History",
            {
                "classes": ["collapse"],
                "fields": [
                    *("default_set_minutes", "revision", "created_by", "updated_by", "created_at", "updated_at"),
                ],
            },
        ),
    ]
    actions = ["publish", "publish_empty", "unpublish", "archive", "unarchive"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).annotate(set_count=Count("performances"))
        return rows

    @admin.display(description="sets", ordering="set_count")
    def set_count(self, event: Any) -> int:
        return int(event.set_count)

    @admin.display(description="overlaps")
    def overlaps(self, event: Event) -> SafeString | str:
        found = conflicts.find(event) if event.pk else []
        return format_html_join("", "<p>{}</p>", ((conflict.message,) for conflict in found)) or "None."

    def save_formset(self, request: HttpRequest, form: Any, formset: BaseModelFormSet, change: bool) -> None:
        """Doors are written by the domain functions; a row whose night or venue changed is another door."""
        made: dict[str, Any] = {"by": request.user, "now": timezone.now()}
        entered = formset.save(commit=False)
        for doors in Doors.objects.filter(pk__in=[each.pk for each in (*entered, *formset.deleted_objects)]):
            events.remove_doors(doors, **made)
        for doors in entered:
            events.set_doors(form.instance, doors.night, doors.opens_at, venue=doors.venue, **made)

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.published_at is None)

    def delete_model(self, request: HttpRequest, obj: Event) -> None:
        events.delete_event(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        each_selected(self, request, queryset, lambda event, by, now: events.delete_event(event), "deleted")

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        each_selected(self, request, queryset, publishing.publish_event, "published")

    @admin.action(description="Publish with the line-up to be announced", permissions=["change"])
    def publish_empty(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        each_selected(self, request, queryset, publishing.publish_event, "published", allow_empty=True)

    @admin.action(description="Unpublish", permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        each_selected(self, request, queryset, publishing.unpublish_event, "unpublished")

    @admin.action(description="Archive", permissions=["change"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        each_selected(self, request, queryset, publishing.archive_event, "archived")

    @admin.action(description="Un-archive", permissions=["change"])
    def unarchive(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        each_selected(self, request, queryset, publishing.unarchive_event, "un-archived")


@admin.register(Venue)
class VenueAdmin(DomainModelAdmin):
    form = VenueForm
    ordering = [*(Venue._meta.ordering or ())]
    list_display = ["title", "walking_order", "full_address", "capacity", "set_count", "is_active"]
    list_display_links = ["title"]
    list_filter = ["is_active", "city"]
    list_select_related = ["parent"]
    search_fields = ["name", "parent__name", "address", "address_line1", "city"]
    autocomplete_fields = ["parent"]
    readonly_fields = ["created_by", "updated_by", "created_at", "updated_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).annotate(set_count=Count("performances"))
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


@admin.register(Performance)
class PerformanceAdmin(DomainModelAdmin):
    """The running order: times in the zone of each set's event."""

    form = PerformanceForm
    list_display = ["title", "event", "night", "times", "venue", "kind", "status", "is_announced"]
    list_display_links = ["title"]
    list_filter = ["status", "kind", "is_announced", "event", "night", "venue"]
    list_select_related = ["event", "band", "venue__parent"]
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
        for conflict in conflicts.find_for(obj):
            self.message_user(request, conflict.message, messages.WARNING)

    def has_delete_permission(self, request: HttpRequest, obj: Performance | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.event.published_at is None)

    def delete_model(self, request: HttpRequest, obj: Performance) -> None:
        lineup.delete_set(obj, by=request.user, now=timezone.now())  # type: ignore[arg-type]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Performance]) -> None:
        each_selected(self, request, queryset, lineup.delete_set, "deleted")

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


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin):
    list_display = ["at", "event", "performance", "kind", "before", "after", "by", "revision", "is_public"]
    list_filter = ["kind", "is_public", "event"]
    list_select_related = ["event", "performance__band", "by"]
    search_fields = ["event__name", "performance__band__name", "performance__billing"]
    date_hierarchy = "at"
    ordering = ["-pk"]


@admin.register(Doors)
class DoorsAdmin(ReadOnlyAdmin):
    list_display = ["event", "night", "venue", "opens"]
    list_select_related = ["event", "venue__parent"]
    list_filter = ["event"]
    search_fields = ["event__name", "venue__name"]

    @admin.display(description="open at", ordering="opens_at")
    def opens(self, doors: Doors) -> str:
        return clock(doors.opens_at.astimezone(doors.event.zone))


class PickInline(admin.TabularInline):
    model = Pick
    fields = ["performance", "created_at"]
    readonly_fields = ["performance", "created_at"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Plan)
class PlanAdmin(ReadOnlyAdmin):
    """Anonymous plans; their keys are hashed and not shown."""

    ordering = ["pk"]

    inlines = [PickInline]
    fields = ["event", "created_at", "updated_at"]
    list_display = ["pk", "event", "pick_count", "created_at", "updated_at"]
    list_filter = ["event"]
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
    list_filter = ["plan__event"]
    search_fields = ["performance__band__name", "performance__billing"]
    list_select_related = ["performance__band", "plan__event"]


@admin.register(ShareLink)
class ShareLinkAdmin(ReadOnlyAdmin):
    list_display = ["slug", "event", "kind", "created_at", "expires_at", "revoked_at", "view_count"]
    list_filter = ["kind", "event"]
    search_fields = ["slug", "event__name"]
    list_select_related = ["event"]


@admin.register(SlugRedirect)
class SlugRedirectAdmin(ReadOnlyAdmin):
    list_display = ["slug", "event", "venue", "created_at"]
    search_fields = ["slug", "event__name", "venue__name"]
    list_select_related = ["event", "venue__parent"]
