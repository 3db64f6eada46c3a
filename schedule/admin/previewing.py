"""The preview of an event as fans will see it, and links by which others see it too."""

from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from accounts.models import User
from bands.domain_admin import render_page
from schedule.admin.pages import EVENT_PAGES
from schedule.admin.set_words import instant_words
from schedule.models import Event
from schedule.nights import instant_at
from schedule.previews import DEFAULT_LINK_DAYS, LINK_DAYS, SHARING, Moment, Preview, make_link_token, moments_of
from schedule.views import render_preview

PUBLIC, EVERYTHING = "public", "everything"
TYPED = "%Y-%m-%dT%H:%M"
YEARS = range(1970, 2101)  # near enough to count with


@EVENT_PAGES.page("preview/", permission="schedule.view_event", tab=gettext_lazy("Preview"))
@require_safe
def preview(request: HttpRequest, event: Event) -> HttpResponse:
    """The public page of the event, as of any time, drafts and what is not announced included."""
    now = timezone.now()
    show = PUBLIC if request.GET.get("show") == PUBLIC else EVERYTHING
    error = ""
    try:
        at = _typed_instant(request.GET.get("at", ""), event) or now
    except ValidationError as refusal:
        at, error = now, " ".join(refusal.messages)
    look = Preview(event, shows_everything=show == EVERYTHING, at=at)
    controls = {**_controls(request, event, show=show, at=request.GET.get("at", "")), "error": error}
    bar = render_to_string("schedule/_preview_bar.html", {"preview": look, "controls": controls}, request)
    with translation.override(settings.LANGUAGE_CODE):  # the page itself is what fans read
        return render_preview(request, look, preview_bar=bar)


class LinkForm(forms.Form):
    days = forms.TypedChoiceField(
        label=gettext_lazy("It works for"), coerce=int, initial=DEFAULT_LINK_DAYS, widget=forms.RadioSelect
    )
    show = forms.ChoiceField(label=gettext_lazy("It shows"), initial=EVERYTHING, widget=forms.RadioSelect)

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        days, show = cast(Any, self.fields["days"]), cast(Any, self.fields["show"])
        days.choices = [
            (each, ngettext("%(count)d day", "%(count)d days", each) % {"count": each}) for each in LINK_DAYS
        ]
        as_it_is = _("what is public now") if event.is_public else _("what would be public if it were published now")
        show.choices = [
            (EVERYTHING, _("everything, also what is not announced and times that are not public")),
            (PUBLIC, as_it_is),
        ]


@EVENT_PAGES.page("preview/link/", permission=SHARING)
def preview_link(request: HttpRequest, event: Event) -> HttpResponse:
    """Make a link to the preview. It is shown in the answer and nowhere again, so the answer is no redirect."""
    initial = {"days": DEFAULT_LINK_DAYS, "show": PUBLIC if request.GET.get("show") == PUBLIC else EVERYTHING}
    form = LinkForm(request.POST if request.method == "POST" else None, event=event, initial=initial)
    made: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        token, expires_at = make_link_token(
            event,
            shows_everything=form.cleaned_data["show"] == EVERYTHING,
            days=form.cleaned_data["days"],
            by=cast(User, request.user),
            now=timezone.now(),
        )
        address = f"{settings.SITE_URL}{reverse('schedule:shared_preview', args=[token])}"
        made = {"address": address, "until": instant_words(expires_at, event.zone)}
    response = render_page(
        request,
        "admin/schedule/event/preview_link.html",
        title=_("Link to the preview: %(event)s") % {"event": event},
        row=event,
        event=event,
        form=form,
        made=made,
    )
    response["Cache-Control"] = "private, no-store"
    return response


def _typed_instant(text: str, event: Event) -> datetime | None:
    """The instant that a field for date and time holds, as clocks at the event show it; None for an empty one."""
    if not text:
        return None
    try:
        wall = datetime.fromisoformat(text)
        is_wall = wall.tzinfo is None and wall.year in YEARS
    except ValueError:
        is_wall = False
    if not is_wall:
        raise ValidationError(
            _("“%(text)s” is no date and time. Choose one in the field.") % {"text": text[:40]}, code="time"
        )
    return instant_at(wall, event.zone)


def _controls(request: HttpRequest, event: Event, *, show: str, at: str) -> dict[str, Any]:
    """What the bar leads to."""
    base = reverse("admin:schedule_event_preview", args=[event.pk])

    def address(show: str, at: str) -> str:
        return f"{base}?{urlencode({'show': show, **({'at': at} if at else {})})}"

    moments = [
        (_moment_words(each), address(show, f"{each.at.astimezone(event.zone):{TYPED}}")) for each in moments_of(event)
    ]
    link = reverse("admin:schedule_event_preview_link", args=[event.pk])
    return {
        "show": show,
        "public_address": address(PUBLIC, at),
        "everything_address": address(EVERYTHING, at),
        "shortcuts": [(_("Now"), address(show, "")), *moments],
        "link_address": f"{link}?show={show}" if request.user.has_perm(SHARING, event) else "",
        "back": reverse("admin:schedule_event_change", args=[event.pk]),
    }


def _moment_words(moment: Moment) -> str:
    words = {
        "before_doors": _("%(night)s, an hour before doors"),
        "late": _("%(night)s 23:50"),
        "midnight": _("Midnight after %(night)s"),
    }
    return words[moment.kind] % {"night": date_format(moment.night, "l")}
