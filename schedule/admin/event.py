"""Events and when their doors open."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.forms import BaseModelFormSet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.gates import confirm_first
from bands.domain_admin import DomainModelAdmin, OpenRelatedFilter, OpenRows, ReadOnlyAdmin, made_by
from schedule import conflicts, events, publishing
from schedule.admin.acting import each_selected
from schedule.forms import DoorsForm, DoorsFormSet, EventForm
from schedule.models import Doors, Event
from schedule.templatetags.set_times import clock


class ShowsOpening:
    """Doors with the time at which they open, in their event's zone."""

    @admin.display(description="open at", ordering="opens_at")
    def opens(self, doors: Doors) -> str:
        return clock(doors.opens_at.astimezone(doors.event.zone))


class DoorsInline(ShowsOpening, OpenRows, admin.TabularInline):
    model = Doors
    form = DoorsForm
    formset = DoorsFormSet
    fields = ["night", "opens", "venue"]
    autocomplete_fields = ["venue"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Doors]:
        return super().get_queryset(request).select_related("event", "venue__parent")


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

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Event | None:
        """The event, with who reads it: a field that is shown is not told who asks."""
        event: Any = super().get_object(request, object_id, from_field)
        if event is not None:
            event.read_by = request.user
        return event  # type: ignore[no-any-return]

    @admin.display(description="sets", ordering="set_count")
    def set_count(self, event: Any) -> int:
        return int(event.set_count)

    @admin.display(description="overlaps")
    def overlaps(self, event: Any) -> SafeString | str:
        found = conflicts.find(event, reader=event.read_by) if event.pk else []
        return format_html_join("", "<p>{}</p>", ((conflict.message,) for conflict in found)) or "None."

    def save_formset(self, request: HttpRequest, form: Any, formset: BaseModelFormSet, change: bool) -> None:
        """Doors are written by the domain functions; a row whose night or venue changed is another door."""
        made = made_by(request)
        entered = formset.save(commit=False)
        moved = [each.instance for each in formset.initial_forms if {"night", "venue"} & set(each.changed_data)]
        for doors in Doors.objects.filter(pk__in=[each.pk for each in (*moved, *formset.deleted_objects)]):
            events.remove_doors(doors, **made)
        for doors in entered:
            events.set_doors(form.instance, doors.night, doors.opens_at, venue=doors.venue, **made)

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.published_at is None)

    def has_archive_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("schedule.archive_event")

    def delete_model(self, request: HttpRequest, obj: Event) -> None:
        events.delete_event(obj, **made_by(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        each_selected(self, request, queryset, events.delete_event)

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        each_selected(self, request, queryset, publishing.publish_event, "published")

    @admin.action(description="Publish with the line-up to be announced", permissions=["change"])
    def publish_empty(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        each_selected(self, request, queryset, publishing.publish_event, "published", allow_empty=True)

    @admin.action(description="Unpublish", permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        each_selected(self, request, queryset, publishing.unpublish_event, "unpublished")

    @admin.action(description="Archive", permissions=["archive"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Event]) -> HttpResponse | None:
        if page := confirm_first(request):
            return page
        each_selected(self, request, queryset, publishing.archive_event, "archived")
        return None

    @admin.action(description="Un-archive", permissions=["archive"])
    def unarchive(self, request: HttpRequest, queryset: QuerySet[Event]) -> HttpResponse | None:
        if page := confirm_first(request):
            return page
        each_selected(self, request, queryset, publishing.unarchive_event, "un-archived")
        return None


@admin.register(Doors)
class DoorsAdmin(ShowsOpening, ReadOnlyAdmin):
    list_display = ["event", "night", "venue", "opens"]
    list_select_related = ["event", "venue__parent"]
    list_filter = [("event", OpenRelatedFilter)]
    search_fields = ["event__name", "venue__name"]
