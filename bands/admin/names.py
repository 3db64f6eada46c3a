"""While somebody types: bands that a new one may be, and a bio as fans will read it."""

from dataclasses import dataclass
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from bands.matching import Twin, find_twins
from bands.models import BandProfile
from bands.naming import LONGEST_NAME
from bands.shows import shows_of
from bands.templatetags.prose import markdown

MOST_CHARACTERS = BandProfile._meta.get_field("description").max_length or 0


@dataclass(frozen=True)
class FoundBand:
    """A band that a new one may be, with what tells who it is."""

    band: BandProfile
    is_same: bool
    summary: str
    address: str


def describe_twins(twins: list[Twin], request: HttpRequest) -> list[FoundBand]:
    """The bands that were found, with the shows that who asks may know of."""
    shows = shows_of([twin.band for twin in twins], reader=cast(User, request.user), now=timezone.now())
    return [
        FoundBand(
            twin.band,
            twin.is_same,
            shows[twin.band.pk].summary,
            reverse("admin:bands_bandprofile_change", args=[twin.band.pk]),
        )
        for twin in twins
    ]


def twins_context(twins: list[Twin], request: HttpRequest, *, is_popup: bool) -> dict[str, Any]:
    return {
        "found": describe_twins(twins, request),
        "is_popup": is_popup,
    }


@require_safe
def similar(request: HttpRequest) -> HttpResponse:
    """The bands that a name may mean, for who may add one: the notice about them as HTML, empty without any."""
    if not request.user.has_perm("bands.add_bandprofile"):
        raise PermissionDenied
    name = request.GET.get("name", "")[:LONGEST_NAME].replace("\0", "")
    context = twins_context(find_twins(name), request, is_popup="popup" in request.GET)
    notice = render_to_string("admin/bands/bandprofile/_twins.html", context) if context["found"] else ""
    return JsonResponse({"html": notice.strip()})


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """A bio as fans will read it."""
    if not request.user.has_perm("bands.view_bandprofile"):
        raise PermissionDenied
    return JsonResponse({"html": markdown(request.POST.get("text", "")[:MOST_CHARACTERS])})
