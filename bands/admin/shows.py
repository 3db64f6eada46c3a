"""What a band has played and will play, on a page of its profile."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from bands.admin.pages import BAND_PAGES
from bands.domain_admin import render_page
from bands.models import BandProfile
from bands.shows import shows_of


@BAND_PAGES.page("shows/", permission="bands.view_bandprofile", tab=gettext_lazy("Shows"))
def shows(request: HttpRequest, band: BandProfile) -> HttpResponse:
    found = shows_of([band], reader=cast(User, request.user), now=timezone.now())[band.pk]
    return render_page(
        request,
        "admin/bands/bandprofile/shows.html",
        title=_("Shows of %(band)s") % {"band": band},
        row=band,
        lists=[(_("Upcoming"), found.upcoming), (_("Past"), found.past)],
    )
