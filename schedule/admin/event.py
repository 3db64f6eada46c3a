"""Events and when their doors open."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.forms import BaseModelFormSet
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from accounts.admin_theme import StackedInline
from accounts.gates import confirm_first
from accounts.models import User
from bands.domain_admin import DomainModelAdmin, OpenRelatedFilter, OpenRows, ReadOnlyAdmin, made_by
from schedule import conflicts, events, publishing
from schedule.admin.acting import each_selected
from schedule.admin.lifecycle import delete_page, steps_of
from schedule.admin.pages import EVENT_PAGES
from schedule.event_fields import COLORS, LINKS, typed_of
from schedule.forms import DoorsForm, DoorsFormSet, EventForm
from schedule.models import Doors, Event
from schedule.season import load_season
from schedule.templatetags.set_times import clock

LINKS_AND_COLOURS, HISTORY = gettext_lazy("Links and colours"), gettext_lazy("History")
PUBLISHED = ngettext_lazy("%(count)d published.", "%(count)d published.", "count")
UNPUBLISHED = ngettext_lazy("%(count)d unpublished.", "%(count)d unpublished.", "count")
ARCHIVED = ngettext_lazy("%(count)d archived.", "%(count)d archived.", "count")
UNARCHIVED = ngettext_lazy("%(count)d un-archived.", "%(count)d un-archived.", "count")
MOVED_HOURS = ngettext_lazy(
    "%(count)d announcement that waits moved along with the event.",
    "%(count)d announcements that wait moved along with the event.",
    "count",
)
PASSED_HOURS = ngettext_lazy(
    "%(count)d announcement no longer waits: its hour would have passed.",
    "%(count)d announcements no longer wait: their hours would have passed.",
    "count",
)
LOOK = gettext_lazy("Look at the announcements")
LINK_FIELDS = [f"link_{name}" for name in LINKS]
COLOR_FIELDS = [f"color_{name}{ending}" for name in COLORS for ending in ("", "_as_site")]


def current_event(request: HttpRequest) -> Event | None:
    """The event tonight, else the next, else the last, drafts included, of those open to who asks."""
    user = cast(User, request.user)
    return load_season(user, now=timezone.now(), among=Event.objects.open_to(user)).current


def _waiting(event: Event) -> dict[int, datetime]:
    """For the id of each set that waits to be announced: its hour."""
    waiting = event.performances.exclude(announce_at=None)
    return {performance.pk: performance.announce_at for performance in waiting if performance.announce_at}


class ShowsOpening:
    """Doors with the time at which they open, in their event's zone."""

    @admin.display(description=gettext_lazy("open at"), ordering="opens_at")
    def opens(self, doors: Doors) -> str:
        return _clock_in(doors, doors.opens_at)

    @admin.display(description=gettext_lazy("curfew"), ordering="curfew_at")
    def curfew(self, doors: Doors) -> str:
        return _clock_in(doors, doors.curfew_at)


def _clock_in(doors: Doors, instant: datetime | None) -> str:
    return clock(instant.astimezone(doors.event.zone)) if instant else ""


class DoorsInline(ShowsOpening, OpenRows, StackedInline):
    model = Doors
    verbose_name = gettext_lazy("night")
    verbose_name_plural = gettext_lazy("doors and curfew")
    form = DoorsForm
    formset = DoorsFormSet
    fields = ["night", "opens", "curfew", "venue"]
    autocomplete_fields = ["venue"]
    formfield_overrides = DomainModelAdmin.formfield_overrides
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Doors]:
        return super().get_queryset(request).select_related("event", "venue__parent")


@admin.register(Event)
class EventAdmin(DomainModelAdmin):
    form = EventForm
    pages = EVENT_PAGES
    form_tab = gettext_lazy("Details")
    tab_order = ("readiness", "board", "poster", "announcements", "preview", "duplicate", "export")
    ordering = ["-date", "-pk"]
    inlines = [DoorsInline]
    list_display = ["name", "nights", "city", "state", "set_count", "copy"]
    list_filter = ["status", "reveal_mode", "city"]
    search_fields = ["name", "slug", "city"]
    date_hierarchy = "date"
    change_form_outer_before_template = "admin/schedule/event/status_bar.html"
    readonly_fields = [
        *("status", "revision", "published_at", "archived_at", "overlaps"),
        *("created_by", "updated_by", "created_at", "updated_at"),
    ]
    fieldsets = [
        (None, {"fields": ["name", "date", "end_date", "city", "slug"]}),
        (gettext_lazy("What is public"), {"classes": ["collapse"], "fields": ["reveal_mode", "times_public"]}),
        (
            gettext_lazy("For fans"),
            {
                "classes": ["collapse"],
                "fields": [
                    *("description", "ticket_url", "price", "age_rule", "presented_by", "presented_by_url", "poster"),
                    *("poster_alt_text", "venue_lines"),
                ],
            },
        ),
        (LINKS_AND_COLOURS, {"classes": ["collapse"], "fields": [*LINK_FIELDS, *COLOR_FIELDS]}),
        (
            gettext_lazy("Clocks and lengths"),
            {"classes": ["collapse"], "fields": ["timezone", "rollover", "default_set_minutes", "changeover_minutes"]},
        ),
        (HISTORY, {"classes": ["collapse"], "fields": [*readonly_fields]}),
    ]
    actions = ["publish", "publish_empty", "unpublish", "archive", "unarchive"]

    class Media:
        css = {"all": ["css/lifecycle.css"]}
        js = [Script("js/lifecycle.js", type="module")]

    def get_urls(self) -> list[URLPattern]:
        current = [
            path(f"now/{page}/", self.admin_site.admin_view(self._current(page)), name=f"schedule_event_current_{page}")
            for page in ("board", "announcements")
        ]
        return [*current, *super().get_urls()]

    def _current(self, page: str) -> Callable[[HttpRequest], HttpResponse]:
        """To a page of the event that is on tonight, or comes next, or was last, among those open to who asks."""

        def to_current(request: HttpRequest) -> HttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied
            event = current_event(request)
            if event is None:
                self.message_user(request, _("There is no event yet. Make one first."), messages.INFO)
                return redirect("admin:schedule_event_changelist")
            return redirect(f"admin:schedule_event_{page}", event.pk)

        return to_current

    def get_fieldsets(self, request: HttpRequest, obj: Event | None = None) -> Any:
        """A new event has no history yet; who may only look sees in words what others type into fields."""
        if obj is None:
            return [(title, options) for title, options in self.fieldsets if title != HISTORY]
        if self.has_change_permission(request, obj):
            return self.fieldsets
        words: dict[Any, str] = {
            "venue_lines": "places",
            **dict.fromkeys([*LINK_FIELDS, *COLOR_FIELDS], "links_and_colours"),
        }
        return [
            (title, {**options, "fields": list(dict.fromkeys(words.get(name, name) for name in options["fields"]))})
            for title, options in self.fieldsets
        ]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Event | None = None) -> dict[str, Any]:
        return {} if obj else {"slug": ["name"]}

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None:
            context["steps"] = steps_of(request, obj)
            context["may_duplicate"] = request.user.has_perm("schedule.add_event", obj)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        waited = _waiting(obj) if change and {"date", "timezone"} & set(form.changed_data) else {}
        super().save_model(request, obj, form, change)
        self._tell_of_hours(request, obj, waited)
        if not change and obj.last_night < timezone.localdate(timezone=obj.zone):
            said = _("%(event)s lies in the past: its last night is %(night)s. If that is a slip, change the date.")
            night = date_format(obj.last_night, "DATE_FORMAT")
            self.message_user(request, said % {"event": obj, "night": night}, messages.WARNING)

    def _tell_of_hours(self, request: HttpRequest, event: Event, waited: dict[int, datetime]) -> None:
        """Say which announcements wait for another hour than before, and which for none any more."""
        waits = _waiting(event) if waited else {}
        moved = sum(waits[pk] != waited[pk] for pk in waited if pk in waits)
        stopped = len(waited.keys() - waits.keys())
        link = format_html('<a href="{}">{}</a>', reverse("admin:schedule_event_announcements", args=[event.pk]), LOOK)
        for count, level, said in ((moved, messages.INFO, MOVED_HOURS), (stopped, messages.WARNING, PASSED_HOURS)):
            if count:
                self.message_user(request, format_html("{} {}", said % {"count": count}, link), level)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).annotate(set_count=Count("performances"))
        return rows

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Event | None:
        """The event, with who reads it: a field that is shown is not told who asks."""
        event: Any = super().get_object(request, object_id, from_field)
        if event is not None:
            event.read_by = request.user
        return event  # type: ignore[no-any-return]

    @admin.display(description=gettext_lazy("nights"), ordering="date")
    def nights(self, event: Event) -> str:
        first = date_format(event.date, "DATE_FORMAT")
        if not event.has_several_nights:
            return first
        count = (event.last_night - event.date).days + 1
        return ngettext("%(first)s, %(count)d night", "%(first)s, %(count)d nights", count) % {
            "first": first,
            "count": count,
        }

    @admin.display(description=gettext_lazy("state"), ordering="status")
    def state(self, event: Event) -> SafeString:
        badge = {"published": "good", "archived": "note"}.get(event.status, "")
        return format_html('<span class="st-badge {}">{}</span>', badge, event.get_status_display())

    @admin.display(description=gettext_lazy("next"))
    def copy(self, event: Event) -> SafeString:
        """A link to the page that makes the next one like it."""
        address = reverse("admin:schedule_event_duplicate", args=[event.pk])
        return format_html('<a class="st-row-link" href="{}">{}</a>', address, _("Duplicate"))

    @admin.display(description=gettext_lazy("places"))
    def places(self, event: Event) -> SafeString:
        lines = typed_of(social_links={}, theme_colors={}, venue_info=event.venue_info)["venue_lines"].splitlines()
        return format_html_join("", "<p>{}</p>", ((line,) for line in lines))

    @admin.display(description=gettext_lazy("links and colours"))
    def links_and_colours(self, event: Event) -> SafeString:
        pairs = [*event.social_links.items(), *event.theme_colors.items()]
        return format_html_join("", "<p>{}: {}</p>", pairs)

    @admin.display(description=gettext_lazy("sets"), ordering="set_count")
    def set_count(self, event: Any) -> int:
        return int(event.set_count)

    @admin.display(description=gettext_lazy("overlaps"))
    def overlaps(self, event: Any) -> SafeString | str:
        found = conflicts.find(event, reader=event.read_by) if event.pk else []
        return format_html_join("", "<p>{}</p>", ((conflict.message,) for conflict in found)) or _("None.")

    def save_formset(self, request: HttpRequest, form: Any, formset: BaseModelFormSet, change: bool) -> None:
        """Doors are written by the domain functions; a row whose night or venue changed is another door."""
        made = made_by(request)
        entered = formset.save(commit=False)
        moved = [each.instance for each in formset.initial_forms if {"night", "venue"} & set(each.changed_data)]
        for doors in Doors.objects.filter(pk__in=[each.pk for each in (*moved, *formset.deleted_objects)]):
            events.remove_doors(doors, **made)
        for doors in entered:
            hours = {name: getattr(doors, name) for name in events.HOURS}
            events.set_hours(form.instance, doors.night, venue=doors.venue, **hours, **made)

    def has_archive_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("schedule.archive_event")

    def get_list_display(self, request: HttpRequest) -> Any:
        """What somebody may not do she is not offered."""
        return [name for name in self.list_display if name != "copy" or self.has_add_permission(request)]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Events are deleted one by one, each by its name."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        event = self.get_object(request, unquote(object_id))
        if event is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_delete_permission(request, event):
            raise PermissionDenied
        return confirm_first(request) or delete_page(request, event)

    @admin.action(description=gettext_lazy("Publish"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        each_selected(self, request, queryset, publishing.publish_event, PUBLISHED)

    @admin.action(description=gettext_lazy("Publish with the line-up to be announced"), permissions=["change"])
    def publish_empty(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        each_selected(self, request, queryset, publishing.publish_event, PUBLISHED, allow_empty=True)

    @admin.action(description=gettext_lazy("Unpublish"), permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        each_selected(self, request, queryset, publishing.unpublish_event, UNPUBLISHED)

    @admin.action(description=gettext_lazy("Archive"), permissions=["archive"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Event]) -> HttpResponse | None:
        if page := confirm_first(request):
            return page
        each_selected(self, request, queryset, publishing.archive_event, ARCHIVED)
        return None

    @admin.action(description=gettext_lazy("Un-archive"), permissions=["archive"])
    def unarchive(self, request: HttpRequest, queryset: QuerySet[Event]) -> HttpResponse | None:
        if page := confirm_first(request):
            return page
        each_selected(self, request, queryset, publishing.unarchive_event, UNARCHIVED)
        return None


@admin.register(Doors)
class DoorsAdmin(ShowsOpening, ReadOnlyAdmin):
    list_display = ["event", "night", "venue", "opens", "curfew"]
    list_select_related = ["event", "venue__parent"]
    list_filter = [("event", OpenRelatedFilter)]
    search_fields = ["event__name", "venue__name"]
