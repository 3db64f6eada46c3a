"""The running order, set by set."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar, cast
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, QuerySet, When
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from django.views.decorators.http import require_safe

from accounts.admin.read_only import number_in
from accounts.models import User
from bands.domain_admin import DomainModelAdmin, OpenRelatedFilter, made_by, render_page
from schedule import conflicts, lineup
from schedule.admin.acting import each_selected
from schedule.admin.endings import ReasonForm, replacement_of, state_of
from schedule.admin.event import current_event
from schedule.admin.pages import SET_PAGES
from schedule.admin.set_words import slot_words, time_words
from schedule.forms import PerformanceForm, opening_of
from schedule.models import Event, Performance, Venue
from schedule.nights import typed_text
from schedule.row_times import read_day
from schedule.typed_times import read_end, read_start


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
    pages = SET_PAGES
    form_tab = gettext_lazy("Set")

    form = PerformanceForm
    list_display = ["title", "state", "night", "times", "venue", "event"]
    list_display_links = ["title"]
    ordering = ["-event__date", "-event_id", *cast(Any, Performance._meta.ordering)]
    list_filter = [("event", OpenRelatedFilter), "night", ("venue", VenueFilter), "status", "is_announced", "kind"]
    search_fields = ["band__name", "band__folding_key", "billing", "event__name", "venue__name"]
    autocomplete_fields = ["event", "band", "venue", "replaces"]
    readonly_fields = [
        *("status", "is_announced", "announced_at", "announce_at", "uid", "sequence", "changed_at"),
        *("created_by", "updated_by", "created_at", "updated_at"),
    ]
    fieldsets = [
        (None, {"fields": ["band", "billing", "event", "night", "venue"]}),
        (gettext_lazy("Times"), {"fields": ["starts", "ends", "accept_long", "expected_delay_minutes"]}),
        (gettext_lazy("Words"), {"fields": ["notes", "crew_notes"]}),
        (
            gettext_lazy("State"),
            {
                "classes": ["collapse"],
                "fields": ["kind", "status", "is_announced", "announced_at", "announce_at", "replaces"],
            },
        ),
        (
            gettext_lazy("History"),
            {
                "classes": ["collapse"],
                "fields": ["uid", "sequence", "changed_at", "created_by", "updated_by", "created_at", "updated_at"],
            },
        ),
    ]
    actions = ["announce", "hide", "cancel", "postpone", "restore", "withdraw", "replace"]

    class Media:
        css: ClassVar[dict[str, Any]] = {"all": ["css/announcing.css"]}
        js = (Script("js/set-form.js", type="module"),)

    def get_urls(self) -> list[URLPattern]:
        echo = path("echo/", self.admin_site.admin_view(require_safe(self.echo)), name="schedule_performance_echo")
        return [echo, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """With the way to the board: of the event that the list is narrowed to, else of the current one."""
        cast(Any, request).listed_first = current_event(request)
        event = number_in(request.GET.get("event__id__exact", ""))
        board = reverse("admin:schedule_event_current_board")
        if event is not None:
            board = reverse("admin:schedule_event_board", args=[event])
        response: HttpResponse = super().changelist_view(request, {**(extra_context or {}), "board": board})
        return response

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """In the list the sets of the current event come first, then those of the others, latest first."""
        first = getattr(request, "listed_first", None)
        return [*([Case(When(event=first, then=0), default=1)] if first else []), *self.ordering]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What came along in the address; without an event the one that is on tonight, or comes next."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        if "event" not in initial:
            current = current_event(request)
            initial |= {"event": current.pk} if current else {}
        return initial

    def response_add(self, request: HttpRequest, obj: Performance, post_url_continue: Any = None) -> HttpResponse:
        """“Save and add another” proposes the next slot on the same stage."""
        response: HttpResponse = super().response_add(request, obj, post_url_continue)
        if "_addanother" not in request.POST:
            return response
        event, venue = obj.event, obj.venue
        slot: dict[str, Any] = {"event": event.pk, "night": obj.night, "venue": venue.pk if venue else ""}
        if obj.ends_at:
            free_at = obj.ends_at + timedelta(minutes=conflicts.changeover_minutes(event, venue))
            slot["starts"] = typed_text(free_at, night=obj.night, zone=event.zone, rollover=event.rollover)
        return redirect(f"{reverse('admin:schedule_performance_add')}?{urlencode(slot)}")

    def echo(self, request: HttpRequest) -> JsonResponse:
        """The nights of an event, and how times that are being typed will be read; nothing is written."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        performance = self._asked(request, "set", self.get_queryset(request))
        events = Event.objects.open_to(cast(User, request.user))
        event = performance.event if performance else self._asked(request, "event", events)
        if event is None:
            return JsonResponse({"nights": [], "slot": "", "error": ""})
        venue = self._asked(request, "venue", Venue.objects.all())
        nights = [[night.isoformat(), date_format(night, "l j F Y")] for night in event.nights()]
        try:
            slot, error = _read_slot(request, event, venue), ""
        except ValidationError as refusal:
            slot, error = "", " ".join(refusal.messages)
        return JsonResponse({"nights": nights, "slot": slot, "error": error})

    def _asked(self, request: HttpRequest, name: str, rows: QuerySet[Any]) -> Any:
        return rows.filter(pk=number_in(request.GET.get(name, ""))).first()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Performance]:
        return (
            super()
            .get_queryset(request)
            .select_related("event", "band", "venue__parent", "replaces__band", "replaced_by__band")
        )

    def get_fieldsets(self, request: HttpRequest, obj: Performance | None = None) -> Any:
        """Who may only look sees the times in words instead of the fields that they are typed into."""
        if obj is None or self.has_change_permission(request, obj):
            return self.fieldsets
        shown = {"fields": ["times", "expected_delay_minutes"]}
        return [(name, shown if name == _("Times") else options) for name, options in self.fieldsets]

    def get_readonly_fields(self, request: HttpRequest, obj: Performance | None = None) -> list[str]:
        """A set stays with its event, and what it replaces is settled when it is added."""
        return [*self.readonly_fields, "event", "replaces"] if obj else list(self.readonly_fields)

    @admin.display(description=gettext_lazy("billed as"), ordering="band__name_normalized")
    def title(self, performance: Performance) -> str:
        return performance.title

    @admin.display(description=gettext_lazy("times"), ordering="starts_at")
    def times(self, performance: Performance) -> str:
        return time_words(performance)

    @admin.display(description=gettext_lazy("state"), ordering="status")
    def state(self, performance: Performance) -> Any:
        word, color = state_of(performance)
        badge = format_html('<span class="st-badge {}">{}</span>', color, word)
        if other := replacement_of(performance):
            return format_html("{} {}", badge, _("by %(set)s") % {"set": other})
        if performance.replaces:
            return format_html("{} {}", badge, _("replaces %(set)s") % {"set": performance.replaces})
        return badge

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        slot = {"set": obj, "night": date_format(obj.night, "D j M"), "times": time_words(obj)}
        self.message_user(request, _("%(set)s: %(night)s, %(times)s.") % slot, messages.INFO)
        for conflict in conflicts.find_for(obj, reader=cast(User, request.user)):
            self.message_user(request, conflict.message, messages.WARNING)

    def has_delete_permission(self, request: HttpRequest, obj: Performance | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.event.published_at is None)

    def delete_model(self, request: HttpRequest, obj: Performance) -> None:
        lineup.delete_set(obj, **made_by(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Performance]) -> None:
        each_selected(self, request, queryset, lineup.delete_set)

    @admin.action(description=gettext_lazy("Announce…"), permissions=["change"])
    def announce(self, request: HttpRequest, queryset: QuerySet[Performance]) -> HttpResponse | None:
        seen = _("In reveal mode everybody sees them from now on.")
        done = ngettext_lazy("%(count)d announced.", "%(count)d announced.", "count")
        return self._ask_once(request, queryset, lineup.announce_set, seen=seen, done=done)

    @admin.action(description=gettext_lazy("Take the announcement back…"), permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Performance]) -> HttpResponse | None:
        seen = _("In reveal mode they are hidden from now on. What was fetched or mailed cannot be taken back.")
        done = ngettext_lazy("%(count)d no longer announced.", "%(count)d no longer announced.", "count")
        return self._ask_once(request, queryset, lineup.hide_set, seen=seen, done=done)

    @admin.action(description=gettext_lazy("Cancel (stays listed, struck through)…"), permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Performance]) -> HttpResponse | None:
        seen = _("They stay listed, struck through, with the word “Cancelled”.")
        done = ngettext_lazy("%(count)d cancelled.", "%(count)d cancelled.", "count")
        return self._ask_once(request, queryset, lineup.cancel_set, seen=seen, done=done)

    @admin.action(description=gettext_lazy("Postpone…"), permissions=["change"])
    def postpone(self, request: HttpRequest, queryset: QuerySet[Performance]) -> HttpResponse | None:
        seen = _("They are called “Postponed”, with the old date struck, until each has a new one.")
        done = ngettext_lazy("%(count)d postponed.", "%(count)d postponed.", "count")
        return self._ask_once(request, queryset, lineup.postpone_set, seen=seen, done=done)

    @admin.action(description=gettext_lazy("Restore…"), permissions=["change"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Performance]) -> HttpResponse | None:
        seen = _("They take place after all, at the times they have.")
        done = ngettext_lazy("%(count)d restored.", "%(count)d restored.", "count")
        return self._ask_once(request, queryset, lineup.restore_set, seen=seen, done=done)

    @admin.action(description=gettext_lazy("Withdraw (disappears from the public)…"), permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Performance]) -> HttpResponse | None:
        seen = _("They disappear from every public page, feed and calendar, without a word.")
        done = ngettext_lazy("%(count)d withdrawn.", "%(count)d withdrawn.", "count")
        return self._ask_once(request, queryset, lineup.withdraw_set, seen=seen, done=done)

    def _ask_once(
        self,
        request: HttpRequest,
        queryset: QuerySet[Performance],
        act: Callable[..., Any],
        *,
        seen: str,
        done: Any,
    ) -> HttpResponse | None:
        """Say what will happen to the sets and ask why; once that is answered, do it."""
        chosen = list(queryset)
        form = ReasonForm(request.POST if request.POST.get("post") == "yes" else None, performance=chosen[0])
        if form.is_valid():
            each_selected(self, request, queryset, act, done, **form.entered_fields())
            return None
        action = self.get_actions(request)[request.POST["action"]]
        return render_page(
            request,
            "admin/schedule/performance/selected.html",
            title=str(action[2]).rstrip("…"),
            opts=self.opts,
            chosen=[(each, slot_words(each)) for each in chosen],
            action=action[1],
            seen=seen,
            form=form,
        )

    @admin.action(description=gettext_lazy("Replace by another band…"), permissions=["change", "add"])
    def replace(self, request: HttpRequest, queryset: QuerySet[Performance]) -> HttpResponse | None:
        """Open the form for a new set in the slot of the one selected."""
        if queryset.count() != 1:
            self.message_user(request, _("Select the one set that is replaced."), messages.ERROR)
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


def _read_slot(request: HttpRequest, event: Event, venue: Venue | None) -> str:
    """How the night and the times in the address will be read, in words; "" while they say nothing yet."""
    typed = {name: request.GET.get(name, "").strip() for name in ("night", "starts", "ends")}
    if not typed["night"] or not typed["starts"]:
        return ""
    night = read_day(typed["night"])
    reading: dict[str, Any] = {"zone": event.zone, "is_typed_by_hand": True}
    doors = opening_of(event, night, venue)
    starts_at = read_start(typed["starts"], night=night, rollover=event.rollover, doors=doors, **reading)
    ends_at = None
    if typed["ends"]:
        accept_long = bool(request.GET.get("accept_long"))
        ends_at = read_end(typed["ends"], starts_at=starts_at, night=night, accept_long=accept_long, **reading)
    performance = Performance(event=event, night=night, starts_at=starts_at, ends_at=ends_at)
    return f"{date_format(night, 'D j M')}, {time_words(performance)}"
