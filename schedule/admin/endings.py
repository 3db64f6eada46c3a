"""What can happen to a set, each on a page of its own: removed, withdrawn, cancelled, postponed, replaced, and back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from bands.domain_admin import made_by, render_page
from bands.models import BandProfile
from schedule import lineup
from schedule.admin.pages import SET_PAGES
from schedule.admin.set_words import slot_words
from schedule.models import Change, Performance
from schedule.nights import typed_text
from schedule.typed_times import read_end, read_start

Status = Performance.Status
MOST_REASON_CHARACTERS = Change._meta.get_field("reason").max_length or 0


@dataclass(frozen=True)
class Ending:
    """Something that can happen to a set: for which it is offered, what fans see of it, and how it is done."""

    name: str
    title: Any
    button: Any
    seen: Any
    done: Any
    permission: str
    act: Callable[..., Any]
    is_offered: Callable[[Performance], bool]
    is_danger: bool = False


def _was_public(performance: Performance) -> bool:
    return performance.event.published_at is not None


ENDINGS = {
    each.name: each
    for each in (
        Ending(
            "cancel",
            gettext_lazy("Cancel"),
            gettext_lazy("Cancel the set"),
            gettext_lazy("It stays listed, struck through, with the word “Cancelled”; calendars strike it too."),
            gettext_lazy("%(set)s is cancelled."),
            "schedule.change_performance",
            lineup.cancel_set,
            lambda each: each.status in (Status.SCHEDULED, Status.POSTPONED),
            is_danger=True,
        ),
        Ending(
            "postpone",
            gettext_lazy("Postpone"),
            gettext_lazy("Postpone the set"),
            gettext_lazy("It is called “Postponed”, with the old date struck, or with the new one beside it."),
            gettext_lazy("%(set)s is postponed."),
            "schedule.change_performance",
            lineup.postpone_set,
            lambda each: each.status in (Status.SCHEDULED, Status.POSTPONED),
        ),
        Ending(
            "replace",
            gettext_lazy("Replace"),
            gettext_lazy("Replace the set"),
            gettext_lazy("The slot stays and another band plays in it; the set is cancelled, and says who plays."),
            gettext_lazy("%(new)s replaces %(set)s."),
            "schedule.change_performance",
            lineup.replace_set,
            lambda each: (
                each.status in (Status.SCHEDULED, Status.POSTPONED, Status.CANCELLED) and not replacement_of(each)
            ),
        ),
        Ending(
            "withdraw",
            gettext_lazy("Withdraw"),
            gettext_lazy("Withdraw the set"),
            gettext_lazy("It disappears from every public page, feed and calendar, without a word."),
            gettext_lazy("%(set)s is withdrawn."),
            "schedule.change_performance",
            lineup.withdraw_set,
            lambda each: each.status != Status.WITHDRAWN,
            is_danger=True,
        ),
        Ending(
            "hide",
            gettext_lazy("Take the announcement back"),
            gettext_lazy("Hide it again"),
            gettext_lazy("In reveal mode it is hidden from now on, on every page, in feeds and in calendars."),
            gettext_lazy("%(set)s is no longer announced."),
            "schedule.change_performance",
            lineup.hide_set,
            lambda each: each.is_announced and each.event.reveal_mode and each.status != Status.WITHDRAWN,
            is_danger=True,
        ),
        Ending(
            "remove",
            gettext_lazy("Delete"),
            gettext_lazy("Delete the set"),
            gettext_lazy("It was entered by mistake: nobody has seen it, and nobody is told."),
            gettext_lazy("%(set)s is deleted."),
            "schedule.delete_performance",
            lineup.delete_set,
            lambda each: not _was_public(each),
            is_danger=True,
        ),
        Ending(
            "restore",
            gettext_lazy("Restore"),
            gettext_lazy("Restore the set"),
            gettext_lazy("It takes place after all, at the time it has."),
            gettext_lazy("%(set)s is on again."),
            "schedule.change_performance",
            lineup.restore_set,
            lambda each: each.status != Status.SCHEDULED,
        ),
    )
}


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=MOST_REASON_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("For you and your colleagues; fans do not read it. May stay empty."),
    )

    def __init__(self, *args: Any, performance: Performance, **kwargs: Any) -> None:
        self.performance = performance
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def entered_fields(self) -> dict[str, Any]:
        """What the domain function is given beside who and when."""
        return {"reason": self.cleaned_data["reason"]}


class PostponeForm(ReasonForm):
    """Without a night the new date is open; the times are typed as in the form of a set."""

    field_order = ("night", "starts", "ends", "reason")
    night = forms.TypedChoiceField(
        label=gettext_lazy("New night"), required=False, empty_value=None, coerce=lambda text: text
    )
    starts = forms.CharField(
        label=gettext_lazy("Starts"), required=False, help_text=gettext_lazy("As you say it: 20:00, 8:30 PM, midnight.")
    )
    ends = forms.CharField(label=gettext_lazy("Ends"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        performance, event = self.performance, self.performance.event
        nights = [(night.isoformat(), date_format(night, "l j F")) for night in event.nights()]
        field: Any = self.fields["night"]
        field.choices = [("", _("Not known yet")), *nights]
        by_text = {night.isoformat(): night for night in event.nights()}
        field.coerce = by_text.__getitem__
        for name, instant in (("starts", performance.starts_at), ("ends", performance.ends_at)):
            if instant:
                self.initial[name] = typed_text(
                    instant, night=performance.night, zone=event.zone, rollover=event.rollover
                )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        event, night = self.performance.event, cleaned.get("night")
        cleaned["starts_at"] = cleaned["ends_at"] = None
        if not night:
            return cleaned
        field = "starts"
        try:
            if cleaned.get("starts"):
                cleaned["starts_at"] = read_start(
                    cleaned["starts"], night=night, zone=event.zone, rollover=event.rollover, is_typed_by_hand=True
                )
            field = "ends"
            if cleaned.get("ends") and not cleaned["starts_at"]:
                raise ValidationError(_("There is an end but no start."))
            if cleaned.get("ends"):
                cleaned["ends_at"] = read_end(
                    cleaned["ends"],
                    starts_at=cleaned["starts_at"],
                    night=night,
                    zone=event.zone,
                    accept_long=True,
                    is_typed_by_hand=True,
                )
        except ValidationError as error:
            self.add_error(field, error)
        return cleaned

    def entered_fields(self) -> dict[str, Any]:
        names = ("reason", "night", "starts_at", "ends_at")
        return {**{name: self.cleaned_data[name] for name in names}, "accept_long": True}


class ReplaceForm(ReasonForm):
    """The band that plays instead; without one, what the slot is billed as."""

    field_order = ("band", "billing", "reason")
    band = forms.ModelChoiceField(
        label=gettext_lazy("Band that plays instead"),
        queryset=BandProfile.objects.all(),
        required=False,
        widget=AutocompleteSelect(Performance._meta.get_field("band"), admin.site),
    )
    billing = forms.CharField(
        label=gettext_lazy("Billed as"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("If not by the band's name. Without a band: TBA, Secret guest. Empty: TBA."),
    )

    def clean_band(self) -> BandProfile | None:
        band: BandProfile | None = self.cleaned_data["band"]
        if band and band == self.performance.band:
            raise ValidationError(_("%(band)s plays already. Choose another band.") % {"band": band}, code="same_band")
        return band

    def entered_fields(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("reason", "band", "billing")}


@SET_PAGES.page("endings/", permission="schedule.view_performance", tab=gettext_lazy("What happens to it"))
@require_safe
def endings(request: HttpRequest, performance: Performance) -> HttpResponse:
    """What can be done with the set as it stands."""
    offered = [
        (each, reverse(f"admin:schedule_performance_{each.name}", args=[performance.pk]))
        for each in ENDINGS.values()
        if each.is_offered(performance) and request.user.has_perm(each.permission, performance)
    ]
    return render_page(
        request,
        "admin/schedule/performance/endings.html",
        title=performance.title,
        row=performance,
        performance=performance,
        slot=slot_words(performance),
        state=state_of(performance),
        replacement=replacement_of(performance),
        offered=offered,
        announce=_way_to_announce(request, performance),
    )


@SET_PAGES.page("remove/", permission="schedule.delete_performance")
def remove(request: HttpRequest, performance: Performance) -> HttpResponse:
    return _end(ENDINGS["remove"], request, performance)


@SET_PAGES.page("withdraw/", permission="schedule.change_performance")
def withdraw(request: HttpRequest, performance: Performance) -> HttpResponse:
    return _end(ENDINGS["withdraw"], request, performance)


@SET_PAGES.page("cancel/", permission="schedule.change_performance")
def cancel(request: HttpRequest, performance: Performance) -> HttpResponse:
    return _end(ENDINGS["cancel"], request, performance)


@SET_PAGES.page("postpone/", permission="schedule.change_performance")
def postpone(request: HttpRequest, performance: Performance) -> HttpResponse:
    return _end(ENDINGS["postpone"], request, performance, form_class=PostponeForm)


@SET_PAGES.page("replace/", permission="schedule.change_performance")
def replace(request: HttpRequest, performance: Performance) -> HttpResponse:
    return _end(ENDINGS["replace"], request, performance, form_class=ReplaceForm)


@SET_PAGES.page("hide/", permission="schedule.change_performance")
def hide(request: HttpRequest, performance: Performance) -> HttpResponse:
    return _end(ENDINGS["hide"], request, performance)


@SET_PAGES.page("restore/", permission="schedule.change_performance")
def restore(request: HttpRequest, performance: Performance) -> HttpResponse:
    return _end(ENDINGS["restore"], request, performance)


def state_of(performance: Performance) -> tuple[str, str]:
    """The word for how a set stands, and the colour of its badge."""
    if performance.status == Status.CANCELLED and replacement_of(performance):
        return _("Replaced"), "bad"
    if performance.status == Status.CANCELLED:
        return _("Cancelled"), "bad"
    if performance.status == Status.POSTPONED:
        return _("Postponed"), "warn"
    if performance.status == Status.WITHDRAWN:
        return _("Withdrawn"), ""
    if performance.announce_at:
        return _("Waiting to be announced"), "note"
    if not performance.is_announced and performance.event.reveal_mode:
        return _("Not announced"), "note"
    return _("Scheduled"), "good"


def _end(
    ending: Ending, request: HttpRequest, performance: Performance, *, form_class: type[ReasonForm] = ReasonForm
) -> HttpResponse:
    """The page that says what an ending means, asks why, and brings it about."""
    form = form_class(request.POST if request.method == "POST" else None, performance=performance)
    if request.method == "POST" and form.is_valid():
        name = performance.title
        try:
            outcome = ending.act(performance, **form.entered_fields(), **made_by(request))
        except ValidationError as refusal:
            form.add_error(None, " ".join(refusal.messages))
        else:
            return _after(ending, request, performance, name, outcome)
    return render_page(
        request,
        "admin/schedule/performance/ending.html",
        title=_("%(ending)s: %(set)s") % {"ending": ending.title, "set": performance},
        row=performance,
        performance=performance,
        ending=ending,
        slot=slot_words(performance),
        is_offered=ending.is_offered(performance),
        sentences=_consequences(ending, performance),
        instead=_instead(ending, request, performance),
        form=form,
        back=reverse("admin:schedule_performance_endings", args=[performance.pk]),
    )


def _after(ending: Ending, request: HttpRequest, performance: Performance, name: str, outcome: Any) -> HttpResponse:
    """Say what was done, and lead to where it can be looked at."""
    new = outcome if isinstance(outcome, Performance) else None
    messages.success(request, ending.done % {"set": name, "new": new})
    if ending.name == "remove":
        return redirect("admin:schedule_performance_changelist")
    return redirect("admin:schedule_performance_endings", (new or performance).pk)


def _consequences(ending: Ending, performance: Performance) -> list[str]:
    """What fans will see and who is concerned, in sentences."""
    sentences = [str(ending.seen)]
    plans = performance.picks.count()
    if ending.name != "remove" and performance.event.is_public:
        sentences.append(_said_of_plans(ending, plans))
    if ending.name == "hide":
        sentences.append(_("Feeds and calendars that were fetched already cannot be unread."))
        sentences.append(
            _("Followers who were mailed cannot be unmailed, and are not mailed again when you announce it once more.")
        )
    if ending.name in ("cancel", "withdraw", "replace") and performance.announce_at:
        sentences.append(_("It waits to be announced; it will not be."))
    if ending.name == "restore" and performance.status == Status.WITHDRAWN and performance.event.reveal_mode:
        sentences.append(_("It comes back unannounced: announce it again when it is time."))
    if ending.name == "restore" and performance.status == Status.CANCELLED:
        sentences.append(_("It is not announced a second time."))
    if not performance.event.is_public:
        sentences.append(_("The event is a draft: fans see nothing of it yet."))
    return sentences


def _said_of_plans(ending: Ending, plans: int) -> str:
    kept = {
        "cancel": ngettext(
            "%(count)d plan holds it; it stays there, struck through.",
            "%(count)d plans hold it; it stays there, struck through.",
            plans,
        ),
        "postpone": ngettext("%(count)d plan holds it, and keeps it.", "%(count)d plans hold it, and keep it.", plans),
        "replace": ngettext(
            "%(count)d plan holds it; the new set is not put into it by itself.",
            "%(count)d plans hold it; the new set is not put into them by itself.",
            plans,
        ),
        "restore": ngettext("%(count)d plan holds it.", "%(count)d plans hold it.", plans),
    }
    grey = ngettext(
        "%(count)d plan holds it, and keeps a grey entry: no longer listed.",
        "%(count)d plans hold it, and keep a grey entry: no longer listed.",
        plans,
    )
    return kept.get(ending.name, grey) % {"count": plans}


def _instead(ending: Ending, request: HttpRequest, performance: Performance) -> list[tuple[Any, str]]:
    """For a set that cannot be deleted any more: what can be done in its place."""
    if ending.name != "remove" or ending.is_offered(performance):
        return []
    return [
        (each.button, reverse(f"admin:schedule_performance_{each.name}", args=[performance.pk]))
        for each in (ENDINGS["cancel"], ENDINGS["withdraw"])
        if each.is_offered(performance) and request.user.has_perm(each.permission, performance)
    ]


def replacement_of(performance: Performance) -> Performance | None:
    """The set that plays instead; one that was withdrawn does not count."""
    other: Performance | None = getattr(performance, "replaced_by", None)
    return other if other and other.status != Status.WITHDRAWN else None


def _way_to_announce(request: HttpRequest, performance: Performance) -> str:
    """Where the set is announced, while there is something to announce."""
    can_be = not performance.is_announced and performance.status in (Status.SCHEDULED, Status.POSTPONED)
    if not can_be or not request.user.has_perm("schedule.change_performance", performance):
        return ""
    page = reverse("admin:schedule_event_announce_now", args=[performance.event_id])
    return f"{page}?set={performance.pk}"
