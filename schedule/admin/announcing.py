"""The pages on which sets are announced, now or at an hour, and on which reveal mode is switched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.admin.read_only import number_in
from accounts.admin_theme import DateInput, TimeInput
from bands.domain_admin import made_by, render_page
from schedule import announcing, audience, events, lineup
from schedule.admin.pages import EVENT_PAGES
from schedule.admin.set_words import instant_words, slot_words
from schedule.models import Change, Event, Performance
from schedule.nights import instant_at, instants_at
from schedule.row_times import read_day

Status = Performance.Status
REVEAL_MODES = {"on": True, "off": False}


@dataclass(frozen=True)
class Announceable:
    """A set on these pages: who waits for it, and when it is announced by itself, or why not."""

    performance: Performance
    followers: int
    plans: int
    scheduling: announcing.Scheduling | None = None
    announced_by: str = ""

    @property
    def slot(self) -> str:
        return slot_words(self.performance)

    @property
    def announce_at(self) -> str:
        instant = self.performance.announce_at
        return instant_words(instant, self.performance.event.zone) if instant else ""

    @property
    def announced_at(self) -> str:
        instant = self.performance.announced_at
        return instant_words(instant, self.performance.event.zone) if instant else ""

    @property
    def is_held(self) -> bool:
        """Whether who scheduled it may not announce it any more."""
        return self.scheduling is not None and not self.scheduling.holds

    @property
    def interest(self) -> str:
        followers = ngettext("%(count)d follower", "%(count)d followers", self.followers) % {"count": self.followers}
        plans = ngettext("in %(count)d plan", "in %(count)d plans", self.plans) % {"count": self.plans}
        return f"{followers}, {plans}"


@EVENT_PAGES.page("announcements/", permission="schedule.view_event", tab=gettext_lazy("Announce"))
@require_safe
def announcements(request: HttpRequest, event: Event) -> HttpResponse:
    """What is still to be announced, by night, and what has been."""
    waiting = _announceable(event, _unannounced(event))
    done = _announceable(event, _sets(event).filter(is_announced=True).exclude(status=Status.WITHDRAWN))
    return render_page(
        request,
        "admin/schedule/event/announcements.html",
        title=_("Announce: %(event)s") % {"event": event},
        row=event,
        event=event,
        nights=[(night, list(rows)) for night, rows in groupby(waiting, key=lambda each: each.performance.night)],
        waiting=waiting,
        done=done,
        may_announce=request.user.has_perm("schedule.change_performance", event),
        may_switch=request.user.has_perm("schedule.change_event", event),
    )


@EVENT_PAGES.page("announcements/now/", permission="schedule.change_performance")
def announce_now(request: HttpRequest, event: Event) -> HttpResponse:
    """Say what will be announced and to whom, and announce it."""
    chosen = _chosen(request, event)
    if not chosen:
        return _back_without_choice(request, event)
    if request.method == "POST":
        made, done = made_by(request), 0
        for each in chosen:
            try:
                done += bool(lineup.announce_set(each.performance, **made))
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
        said = ngettext("%(count)d set announced.", "%(count)d sets announced.", done) % {"count": done}
        messages.success(request, said)
        return _to_announcements(event)
    return render_page(
        request,
        "admin/schedule/event/announcements_now.html",
        title=_("Announce now: %(event)s") % {"event": event},
        row=event,
        event=event,
        chosen=chosen,
        sentences=_consequences(event, chosen),
    )


@EVENT_PAGES.page("announcements/later/", permission="schedule.change_performance")
def announce_later(request: HttpRequest, event: Event) -> HttpResponse:
    """Choose the hour at which sets are announced by themselves."""
    chosen = _chosen(request, event)
    if not chosen:
        return _back_without_choice(request, event)
    waits_for = {each.performance.announce_at for each in chosen}
    known = waits_for.pop() if len(waits_for) == 1 else None
    form = MomentForm(request.POST if request.method == "POST" else None, event=event, known=known)
    if request.method == "POST" and form.is_valid():
        at = form.cleaned_data["at"]
        performances = [each.performance for each in chosen]
        try:
            announcing.schedule_announcement(performances, at=at, **made_by(request))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            said = ngettext(
                "%(count)d set will be announced %(when)s.", "%(count)d sets will be announced %(when)s.", len(chosen)
            )
            messages.success(request, said % {"count": len(chosen), "when": instant_words(at, event.zone)})
            return _to_announcements(event)
    return render_page(
        request,
        "admin/schedule/event/announcements_later.html",
        title=_("Announce later: %(event)s") % {"event": event},
        row=event,
        event=event,
        chosen=chosen,
        form=form,
    )


@EVENT_PAGES.page("announcements/not-after-all/", permission="schedule.change_performance")
@require_POST
def announce_not_after_all(request: HttpRequest, event: Event) -> HttpResponse:
    """Take the hour from sets that wait for it."""
    chosen = _chosen(request, event)
    count = announcing.cancel_scheduled_announcement([each.performance for each in chosen], **made_by(request))
    said = ngettext(
        "%(count)d set will not be announced by itself.", "%(count)d sets will not be announced by themselves.", count
    )
    messages.success(request, said % {"count": count})
    return _to_announcements(event)


@EVENT_PAGES.page("announcements/reveal/", permission="schedule.change_event")
def reveal(request: HttpRequest, event: Event) -> HttpResponse:
    """Say what switching reveal mode shows or hides, and switch it."""
    status = 200
    if request.method == "POST":
        wanted = REVEAL_MODES.get(request.POST.get("reveal_mode", ""))
        seen = number_in(request.POST.get("seen_version", ""))
        if wanted is not None and seen is not None:
            return _switch_reveal_mode(request, event, wanted=wanted, seen_version=seen)
        messages.error(request, _("What was sent is not complete, so nothing is changed. Please choose again."))
        status = 400
    before, after = (announcing.public_sets(event, reveal_mode=mode).count() for mode in _modes(event))
    return render_page(
        request,
        "admin/schedule/event/announcements_reveal.html",
        title=_("Reveal mode: %(event)s") % {"event": event},
        row=event,
        event=event,
        before=before,
        after=after,
        changed=abs(after - before),
        waiting=_unannounced(event).filter(announce_at__isnull=False).count(),
        status=status,
    )


def _switch_reveal_mode(request: HttpRequest, event: Event, *, wanted: bool, seen_version: int) -> HttpResponse:
    try:
        events.update_event(event, reveal_mode=wanted, seen_version=seen_version, **made_by(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("admin:schedule_event_reveal", event.pk)
    messages.success(request, _("Reveal mode is on.") if wanted else _("Reveal mode is off."))
    return _to_announcements(event)


class MomentForm(forms.Form):
    """A date and a time as clocks at the event show them; in the hour that autumn repeats also which of the two."""

    date = forms.DateField(label=gettext_lazy("Date"), widget=DateInput)
    time = forms.TimeField(label=gettext_lazy("Time"), widget=TimeInput)

    def __init__(self, *args: Any, event: Event, known: datetime | None = None, **kwargs: Any) -> None:
        self.event = event
        if known:
            local = known.astimezone(event.zone)
            kwargs["initial"] = {"date": local.date(), "time": local.time()}
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        wall = self._typed_wall()
        doubled = instants_at(wall, event.zone) if wall else []
        if len(doubled) > 1:
            names = [str(instant.astimezone(event.zone).tzname()) for instant in doubled]
            choices = [
                (names[0], _("the first (%(zone)s)") % {"zone": names[0]}),
                (names[1], _("the second, after the clocks were put back (%(zone)s)") % {"zone": names[1]}),
            ]
            self.fields["which"] = forms.ChoiceField(
                label=_("This time comes twice that night. Which one?"), choices=choices, widget=forms.RadioSelect
            )

    def clean_date(self) -> Any:
        return read_day(self.cleaned_data["date"].isoformat())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("date") and cleaned.get("time") and not self.errors:
            wall = datetime.combine(cleaned["date"], cleaned["time"])
            try:
                cleaned["at"] = instant_at(wall, self.event.zone, zone_name=cleaned.get("which", ""))
            except ValidationError as error:
                self.add_error("time", error)
        return cleaned

    def _typed_wall(self) -> datetime | None:
        if not self.is_bound:
            return None
        try:
            return datetime.fromisoformat(f"{read_day(self.data['date'])}T{self.data['time']}")
        except (KeyError, ValueError, ValidationError):
            return None


def _modes(event: Event) -> tuple[bool, bool]:
    return event.reveal_mode, not event.reveal_mode


def _sets(event: Event) -> QuerySet[Performance]:
    """The event's sets with what these pages say of them, and the event itself instead of copies of it."""
    return event.performances.select_related("event", "band", "venue__parent").annotate(plan_count=Count("picks"))


def _unannounced(event: Event) -> QuerySet[Performance]:
    """The sets that could be announced: what does not take place is left alone."""
    return _sets(event).filter(is_announced=False, status__in=[Status.SCHEDULED, Status.POSTPONED])


def _announceable(event: Event, sets: QuerySet[Performance]) -> list[Announceable]:
    rows = list(sets)
    followers = audience.followers_of({row.band_id for row in rows if row.band_id})
    schedulings = announcing.schedulings_of(rows)
    announcers = _announcers(rows)
    return [
        Announceable(
            row,
            followers=followers.get(row.band_id or 0, 0),
            plans=cast(Any, row).plan_count,
            scheduling=schedulings.get(row.pk),
            announced_by=announcers.get(row.pk, ""),
        )
        for row in rows
    ]


def _announcers(rows: Sequence[Performance]) -> dict[int, str]:
    """For the id of each announced set: who announced it, or had it announced; sets that began announced have none."""
    changes = Change.objects.filter(
        performance__in=[row.pk for row in rows if row.is_announced], kind=Change.Kind.ANNOUNCED
    )
    return {
        change.performance_id: str(change.by) if change.by else change.reason
        for change in changes.select_related("by").order_by("pk")
        if change.performance_id is not None
    }


def _chosen(request: HttpRequest, event: Event) -> list[Announceable]:
    """The unannounced sets that were asked for: some, those of a night, or all."""
    asked = request.POST if request.method == "POST" else request.GET
    sets = _unannounced(event)
    if asked.get("all"):
        return _announceable(event, sets)
    if night := _night(asked.get("night", "")):
        return _announceable(event, sets.filter(night=night))
    return _announceable(event, sets.filter(pk__in=[number_in(each) for each in asked.getlist("set")]))


def _night(text: str) -> date | None:
    try:
        return read_day(text) if text else None
    except ValidationError:
        return None


def _consequences(event: Event, chosen: Sequence[Announceable]) -> list[str]:
    """What happens when these are announced, in sentences."""
    if not event.is_public:
        return [_("The event is a draft: they become public with it, when it is published.")]
    if not event.reveal_mode:
        return [_("Reveal mode is off, so everybody sees them already. Announcing changes nothing on the pages.")]
    sentences = [_("Everybody sees them from that moment on, on every page, in feeds and in calendars.")]
    told = sum(each.followers for each in chosen)
    sentences.append(
        ngettext("%(count)d follower of them is told.", "%(count)d followers of them are told.", told) % {"count": told}
    )
    if not event.times_public:
        sentences.append(_("Their times stay hidden: only the line-up is shown."))
    return sentences


def _back_without_choice(request: HttpRequest, event: Event) -> HttpResponse:
    messages.info(request, _("Nothing was chosen that is still to be announced. Tick the sets first."))
    return _to_announcements(event)


def _to_announcements(event: Event) -> HttpResponse:
    return redirect(reverse("admin:schedule_event_announcements", args=[event.pk]))
