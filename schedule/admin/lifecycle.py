"""The pages on which an event comes into the world, is made ready and public, is archived, copied and deleted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from accounts.admin_theme import DateInput
from accounts.gates import confirm_first
from accounts.models import User
from bands.domain_admin import made_by, render_page
from schedule import audience, duplicating, events, publishing
from schedule.admin.pages import EVENT_PAGES
from schedule.models import Event, Performance, Pick
from schedule.readiness import Check, Gap, find, summary
from schedule.templatetags.set_times import clock


def _form_of(event: Event) -> str:
    return reverse("admin:schedule_event_change", args=[event.pk])


# --- Publishing and its like -------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """Something that changes an event's state: what it is called, who may do it, what it does and says."""

    name: str
    title: Any
    permission: str
    act: Callable[..., None]
    done: Any
    is_asked_again: bool = False


STEPS = {
    step.name: step
    for step in (
        Step(
            "publish",
            gettext_lazy("Publish"),
            "schedule.change_event",
            publishing.publish_event,
            gettext_lazy("%(event)s is public now."),
        ),
        Step(
            "unpublish",
            gettext_lazy("Unpublish"),
            "schedule.change_event",
            publishing.unpublish_event,
            gettext_lazy("%(event)s is a draft again: nobody outside sees it."),
        ),
        Step(
            "archive",
            gettext_lazy("Archive"),
            "schedule.archive_event",
            publishing.archive_event,
            gettext_lazy("%(event)s is archived."),
            is_asked_again=True,
        ),
        Step(
            "unarchive",
            gettext_lazy("Un-archive"),
            "schedule.archive_event",
            publishing.unarchive_event,
            gettext_lazy("%(event)s is out of the archive again."),
            is_asked_again=True,
        ),
    )
}


def steps_of(request: HttpRequest, event: Event) -> list[dict[str, Any]]:
    """What she may do next with the event in the state that it is in: title and address of each page."""
    user = cast(User, request.user)
    return [
        {"title": STEPS[name].title, "address": reverse(f"admin:schedule_event_{name}", args=[event.pk])}
        for name in publishing.NEXT_STEPS[Event.Status(event.status)]
        if user.has_perm(STEPS[name].permission, event)
    ]


@EVENT_PAGES.page("publish/", permission="schedule.change_event")
def publish(request: HttpRequest, event: Event) -> HttpResponse:
    return _take(STEPS["publish"], request, event, _said_of_publishing)


@EVENT_PAGES.page("unpublish/", permission="schedule.change_event")
def unpublish(request: HttpRequest, event: Event) -> HttpResponse:
    return _take(STEPS["unpublish"], request, event, _said_of_unpublishing)


@EVENT_PAGES.page("archive/", permission="schedule.archive_event")
def archive(request: HttpRequest, event: Event) -> HttpResponse:
    return _take(STEPS["archive"], request, event, _said_of_archiving)


@EVENT_PAGES.page("unarchive/", permission="schedule.archive_event")
def unarchive(request: HttpRequest, event: Event) -> HttpResponse:
    return _take(STEPS["unarchive"], request, event, _said_of_unarchiving)


def _take(
    step: Step, request: HttpRequest, event: Event, said: Callable[[HttpRequest, Event], Iterable[str]]
) -> HttpResponse:
    """The page that says what a step will do, and the doing of it."""
    if step.is_asked_again and (page := confirm_first(request)):
        return page
    error = ""
    if request.method == "POST":
        also = {"allow_empty": True} if step.name == "publish" and "to_be_announced" in request.POST else {}
        try:
            step.act(event, **made_by(request), **also)
        except ValidationError as refusal:
            error = " ".join(refusal.messages)
        else:
            messages.success(request, step.done % {"event": event})
            return redirect(_form_of(event))
    is_possible = step.name in publishing.NEXT_STEPS[Event.Status(event.status)]
    is_publishing = step.name == "publish" and is_possible
    return render_page(
        request,
        "admin/schedule/event/status.html",
        title=_("%(step)s: %(event)s") % {"step": step.title, "event": event},
        row=event,
        step=step,
        is_possible=is_possible,
        sentences=list(said(request, event)) if is_possible else [],
        summary=summary(event, reader=cast(User, request.user)) if is_publishing else None,
        lacks_lineup=is_publishing and not publishing.has_lineup(event),
        back=_form_of(event),
        error=error,
    )


def _said_of_publishing(request: HttpRequest, event: Event) -> Iterable[str]:
    yield _("Everybody will see it at %(address)s.") % {"address": request.build_absolute_uri(event.get_absolute_url())}
    sets = event.performances.exclude(status=Performance.Status.WITHDRAWN)
    shown = list(sets.values_list("is_announced", flat=True))
    public = sum(shown) if event.reveal_mode else len(shown)
    yield ngettext("%(count)d set will be public.", "%(count)d sets will be public.", public) % {"count": public}
    if hidden := len(shown) - public:
        yield ngettext(
            "%(count)d set stays hidden until it is announced.",
            "%(count)d sets stay hidden until they are announced.",
            hidden,
        ) % {"count": hidden}
    if not event.times_public:
        yield _("Their times stay hidden: only the line-up is shown.")
    if event.last_night < timezone.localdate(timezone=event.zone):
        yield _("Its last night is over: it will be listed among the past events.")
    yield from _said_of_mails(event)


def _said_of_mails(event: Event) -> Iterable[str]:
    if audience.is_known():
        mailed = audience.people_to_tell(event)
        said = ngettext("%(count)d follower will be mailed.", "%(count)d followers will be mailed.", mailed)
        yield said % {"count": mailed}


def _said_of_unpublishing(request: HttpRequest, event: Event) -> Iterable[str]:
    yield _("It disappears from every public page; its address answers that there is no such page.")
    yield _("Its sets, doors and plans stay, and come back when you publish it again.")
    yield _said_of_plans(event)


def _said_of_archiving(request: HttpRequest, event: Event) -> Iterable[str]:
    yield _("It stays public at its address, and is listed among the past events.")
    yield _("It is no longer shown as tonight's or the next event, even if it has nights to come.")
    yield _said_of_plans(event)


def _said_of_unarchiving(request: HttpRequest, event: Event) -> Iterable[str]:
    yield _("It counts among the current events again, as far as its nights are not over.")


def _said_of_plans(event: Event) -> str:
    plans = audience.plans_holding_sets(event)
    return ngettext("%(count)d plan holds sets of it.", "%(count)d plans hold sets of it.", plans) % {"count": plans}


# --- Readiness ---------------------------------------------------------------------------------


@EVENT_PAGES.page("readiness/", permission="schedule.view_event", tab=gettext_lazy("Readiness"))
@require_safe
def readiness(request: HttpRequest, event: Event) -> HttpResponse:
    """What the event lacks, each gap with the way to where it is mended."""
    checks = find(event, reader=cast(User, request.user))
    open_checks = [check for check in checks if not check.is_fine]
    return render_page(
        request,
        "admin/schedule/event/readiness.html",
        title=_("Readiness: %(event)s") % {"event": event},
        row=event,
        to_mend=[(each, _ways_to_mend(event, each)) for each in open_checks if not each.is_light],
        worth_knowing=[(each, _ways_to_mend(event, each)) for each in open_checks if each.is_light],
        fine=[check for check in checks if check.is_fine],
        total=len(checks),
        told=[_said_of_plans(event), *([] if event.is_public else _said_of_mails(event))],
        steps=steps_of(request, event),
    )


def _ways_to_mend(event: Event, check: Check) -> list[tuple[str, str]]:
    """Each gap as a sentence, and the address at which it is mended."""
    return [(gap.sentence, _address_of(event, gap)) for gap in check.gaps]


def _address_of(event: Event, gap: Gap) -> str:
    """Where a gap is mended: its page about the event, if there is one, else its field in the form of its row."""
    if gap.page:
        # The page about a set is its night's.
        query = {"night": gap.row.night.isoformat()} if isinstance(gap.row, Performance) else None
        try:
            return reverse(f"admin:schedule_event_{gap.page}", args=[event.pk], query=query)
        except NoReverseMatch:
            pass
    meta = gap.row._meta
    anchor = f"#{gap.field if '-' in gap.field else f'id_{gap.field}'}" if gap.field else ""
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[gap.row.pk]) + anchor


# --- Duplicating -------------------------------------------------------------------------------


class DuplicateForm(forms.Form):
    """The few things in which the next event differs."""

    name = forms.CharField(label=gettext_lazy("Name"), min_length=3, max_length=200)
    date = forms.DateField(
        label=gettext_lazy("First night"),
        widget=DateInput,
        # Far enough for any plan, and near enough to count nights with.
        validators=[
            MinValueValidator(date(1970, 1, 1)),
            MaxValueValidator(date(2100, 12, 31)),
        ],
    )
    slug = forms.CharField(
        label=gettext_lazy("Address of the page"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("Empty: made from the name."),
    )
    with_bands = forms.BooleanField(
        label=gettext_lazy("With the bands"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Without them the slots stay, each to be announced."),
    )


@EVENT_PAGES.page("duplicate/", permission="schedule.add_event", tab=gettext_lazy("Duplicate"))
def duplicate(request: HttpRequest, event: Event) -> HttpResponse:
    """The next event of its kind: the same nights, rooms and times on other dates."""
    today = timezone.localdate(timezone=event.zone)
    initial = {"name": event.name, "date": duplicating.proposed_date(event, today=today)}
    form = DuplicateForm(request.POST if request.method == "POST" else None, initial=initial, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            copy = duplicating.duplicate_event(event, **form.cleaned_data, **made_by(request))
        except ValidationError as refusal:
            _put_errors(form, refusal)
        else:
            _tell_of(request, event, copy)
            return redirect(_form_of(copy))
    return render_page(
        request,
        "admin/schedule/event/duplicate.html",
        title=_("Duplicate %(event)s") % {"event": event},
        row=event,
        form=form,
        set_count=len(duplicating.sets_to_copy(event)),
        weekday=date_format(event.date, "l"),
        back=_form_of(event),
    )


def _put_errors(form: forms.Form, refusal: ValidationError) -> None:
    """Each error to the field that it is about, the others on top."""
    by_field = refusal.message_dict if hasattr(refusal, "error_dict") else {"": refusal.messages}
    for name, errors in by_field.items():
        for error in errors:
            form.add_error(name if name in form.fields else None, error)


def _tell_of(request: HttpRequest, event: Event, copy: Event) -> None:
    """Say what was made, and what became other than before."""
    sets = copy.performances.count()
    said = ngettext(
        "%(copy)s is made, a draft with %(count)d set.", "%(copy)s is made, a draft with %(count)d sets.", sets
    )
    messages.success(request, said % {"copy": copy, "count": sets})
    if copy.date.weekday() != event.date.weekday():
        days = {"new": date_format(copy.date, "l"), "old": date_format(event.date, "l")}
        messages.warning(request, _("It begins on a %(new)s; the other one began on a %(old)s.") % days)
    nights = (copy.date - event.date).days
    for performance in duplicating.sets_to_copy(event):
        times = duplicating.times_in_copy(performance, nights=nights)
        if times.is_moved and times.starts_at:
            said = _("The clocks jump over the start of %(set)s on %(night)s: it is at %(time)s now.")
            told = {
                "set": performance.title,
                "night": date_format(performance.night + timedelta(days=nights), "DATE_FORMAT"),
                "time": clock(times.starts_at.astimezone(copy.zone)),
            }
            messages.warning(request, said % told)
    if event.poster and not copy.poster:
        messages.warning(request, _("The poster was left behind: its file cannot be read."))


# --- Deleting ----------------------------------------------------------------------------------


def delete_page(request: HttpRequest, event: Event) -> HttpResponse:
    """What goes with the event, and the field that its name is typed into before it goes."""
    error = ""
    if request.method == "POST":
        name = event.name
        try:
            events.delete_event(event, confirmed_name=request.POST.get("confirmed_name", ""), **made_by(request))
        except ValidationError as refusal:
            error = " ".join(refusal.messages)
        else:
            messages.success(request, _("%(event)s is deleted.") % {"event": name})
            return redirect("admin:schedule_event_changelist")
    return render_page(
        request,
        "admin/schedule/event/delete.html",
        title=_("Delete %(event)s") % {"event": event},
        row=event,
        goes=[(what, count) for what, count in _belongings(event) if count],
        was_public=event.published_at is not None,
        may_archive="archive" in publishing.NEXT_STEPS[Event.Status(event.status)]
        and request.user.has_perm("schedule.archive_event", event),
        typed=request.POST.get("confirmed_name", ""),
        back=_form_of(event),
        error=error,
    )


def _belongings(event: Event) -> list[tuple[str, int]]:
    """What dies with an event, and how many there are of each."""
    sets = event.performances
    return [
        (_("Sets"), sets.count()),
        (_("Times at which doors open or the curfew is"), event.doors.count()),
        (_("Plans of fans"), event.plans.count()),
        (_("Sets picked in plans"), Pick.objects.filter(plan__event=event).count()),
        (_("Share links"), event.share_links.count()),
        (_("Announcements that wait"), sets.exclude(announce_at=None).count()),
        (_("Former addresses"), event.former_slugs.count()),
        (_("Recorded changes"), event.changes.count()),
        (_("People who work on it"), event.access.count()),
    ]
