"""What happened to events, sets and venues, and sets that were deleted."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.admin.read_only import MOST_DIGITS
from bands.domain_admin import made_by, render_page
from bands.row_history import HISTORIES, VersionHistory
from schedule import history
from schedule.admin.pages import EVENT_PAGES
from schedule.events import update_venue
from schedule.models import Change, Event, Performance, Venue

HISTORIES[Event] = history.EventHistory()
HISTORIES[Performance] = history.SetHistory()
HISTORIES[Venue] = VersionHistory(Venue, update_venue)


@EVENT_PAGES.page("deleted_sets/", permission="schedule.view_event")
def deleted_sets(request: HttpRequest, event: Event) -> HttpResponse:
    """The sets that were deleted lately, each with the button that brings it back."""
    may_add = request.user.has_perm("schedule.add_performance", event)
    if request.method == "POST":
        if not may_add:
            raise PermissionDenied
        performance = _bring_back(request, event)
        if performance and performance.event.is_public:
            return redirect("admin:schedule_performance_endings", performance.pk)
        return redirect(request.path)
    return render_page(
        request,
        "admin/schedule/history/deleted_sets.html",
        title=_("Deleted sets"),
        row=event,
        deleted=history.deleted_sets(event, now=timezone.now()),
        may_add=may_add,
    )


def _bring_back(request: HttpRequest, event: Event) -> Performance | None:
    """The set that is back; None where that was refused, which is said on the next page."""
    number = request.POST.get("change", "")
    if not number.isdecimal() or len(number) > MOST_DIGITS:
        raise Http404
    gone = Change.objects.filter(event=event, kind=Change.Kind.DELETED).select_related("performance__band", "event")
    change = get_object_or_404(gone, pk=number)
    try:
        performance = history.bring_back(change, **made_by(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return None
    said = _("%(set)s is back.")
    if performance.event.is_public:
        said = _("%(set)s is back, withdrawn: fans see nothing of it until you restore it.")
    messages.success(request, said % {"set": performance})
    return performance
