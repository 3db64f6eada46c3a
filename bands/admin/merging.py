"""Merging two profiles that are one band, and taking it back."""

from dataclasses import dataclass
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import truncatewords
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.read_only import number_in
from accounts.models import User
from bands.admin.names import FoundBand, describe_twins
from bands.admin.pages import BAND_PAGES, MERGE_PAGES
from bands.domain_admin import ReadOnlyAdmin, made_by, render_page
from bands.links import addresses_of
from bands.matching import Twin, find_twins
from bands.merging import (
    BOTH,
    CHOICES,
    KEPT,
    OTHER,
    UNITED,
    can_undo,
    default_choices,
    differing,
    merge_bands,
    tell_merge,
    undo_merge,
    warn_merge,
)
from bands.models import BandMerge, BandProfile
from bands.naming import folding_key
from bands.shows import shows_of

MOST_FOUND = 20
LABELS = {
    "photo": gettext_lazy("Photo"),
    "description": gettext_lazy("Bio"),
    "origin": gettext_lazy("From"),
    "social_links": gettext_lazy("Links"),
    "genres": gettext_lazy("Genres"),
    "contact_email": gettext_lazy("Contact e-mail"),
}


@dataclass(frozen=True)
class Row:
    """Something of both bands side by side; with `options`, (value, label, is chosen), somebody chooses."""

    name: str
    label: Any
    kept: Any
    other: Any
    options: dict[str, bool] | None = None
    is_picture: bool = False


@BAND_PAGES.page("merge/", permission="bands.change_bandprofile", tab=gettext_lazy("Merge with another band…"))
def merge(request: HttpRequest, band: BandProfile) -> HttpResponse:
    """Choose the other profile, see both, merge; below, the merges of this one that were made."""
    asked = request.POST if request.method == "POST" else request.GET
    if "with" not in asked:
        return _choose(request, band)
    other = _band_numbered(asked["with"])
    kept, other = (other, band) if asked.get("keep") == str(other.pk) else (band, other)
    problems: list[str] = []
    if request.method == "POST":
        chosen = {name: value for name in CHOICES if (value := request.POST.get(f"keep_{name}"))}
        if any(value not in (KEPT, OTHER, BOTH if name in UNITED else OTHER) for name, value in chosen.items()):
            raise Http404
        try:
            made = merge_bands(kept, other, fields=chosen, seen_versions=_seen(request), **made_by(request))
        except ValidationError as error:
            problems = error.messages
        except IntegrityError:
            problems = [_("Somebody else has just saved something that excludes this.")]
        else:
            messages.success(request, _("%(former)s is merged into %(kept)s.") % _names(made))
            return redirect("admin:bands_bandprofile_merge", made.kept_id)
    return _compare(request, band, kept, other, problems)


def _choose(request: HttpRequest, band: BandProfile) -> HttpResponse:
    term = request.GET.get("q", "").replace("\0", "").strip()
    found = _search(band, term, request) if term else _similar(band, request)
    merges = [(each, can_undo(each, now=timezone.now())) for each in band.merges.select_related("merged_by")]
    return render_page(
        request,
        "admin/bands/bandprofile/merge.html",
        title=_("Merge %(band)s with another band") % {"band": band},
        row=band,
        term=term,
        found=found,
        merges=merges,
    )


def _compare(
    request: HttpRequest, band: BandProfile, kept: BandProfile, other: BandProfile, problems: list[str]
) -> HttpResponse:
    reader, now = cast(User, request.user), timezone.now()
    still_there = BandProfile.objects.filter(pk__in=[kept.pk, other.pk]).count() == 2 and kept != other
    kept, other = (_fresh(each) for each in (kept, other)) if still_there else (kept, other)
    return render_page(
        request,
        "admin/bands/bandprofile/merge_compare.html",
        title=_("Merge %(other)s into %(kept)s") % {"other": other, "kept": kept},
        row=band,
        kept=kept,
        other=other,
        may_merge=still_there,
        problems=problems or ([] if still_there else [_("Choose another band: this is the same one.")]),
        rows=_rows(request, kept, other) if still_there else [],
        told=tell_merge(kept, other, reader=reader, now=now) if still_there else [],
        warned=warn_merge(kept, other, reader=reader) if still_there else [],
        swap=f"?with={other.pk if band == kept else kept.pk}&keep={other.pk}",
        start=reverse("admin:bands_bandprofile_merge", args=[band.pk]),
        status=409 if problems else 200,
    )


def _rows(request: HttpRequest, kept: BandProfile, other: BandProfile) -> list[Row]:
    shows = shows_of([kept, other], reader=cast(User, request.user), now=timezone.now())
    sets = [f"{len(shows[each.pk].shows)} ({shows[each.pk].summary})" for each in (kept, other)]
    aliases = [", ".join(alias.name for alias in each.aliases.all()) for each in (kept, other)]
    facts = [
        Row("name", _("Name"), str(kept), str(other)),
        Row("slug", _("Address"), f"/bands/{kept.slug}/", f"/bands/{other.slug}/"),
        Row("sets", _("Sets"), sets[0], sets[1]),
        Row("aliases", _("Other names"), aliases[0], aliases[1]),
    ]
    defaults, to_choose = default_choices(kept, other), differing(kept, other)
    filled = {name for name in LABELS if _shown(kept, name) and (name != "photo" or kept.photo)}
    for name, label in LABELS.items():
        if name not in to_choose and name not in filled:
            continue
        options = [KEPT, OTHER, *([BOTH] if name in UNITED else [])]
        chosen = request.POST.get(f"keep_{name}", defaults[name])
        facts.append(
            Row(
                name,
                label,
                _shown(kept, name),
                _shown(other, name),
                {each: each == chosen for each in options} if name in to_choose else None,
                is_picture=name == "photo",
            )
        )
    return facts


def _shown(band: BandProfile, name: str) -> Any:
    if name == "genres":
        return ", ".join(genre.name for genre in band.genres.all())
    if name == "social_links":
        return ", ".join(addresses_of(band.social_links).values())
    if name == "description":
        return truncatewords(band.description, 60)
    return {"origin": band.origin_text, "photo": band, "contact_email": band.contact_email}[name]


def _similar(band: BandProfile, request: HttpRequest) -> list[FoundBand]:
    return describe_twins([twin for twin in find_twins(band.name) if twin.band != band], request)


def _search(band: BandProfile, term: str, request: HttpRequest) -> list[FoundBand]:
    found = bands_called(BandProfile.objects.exclude(pk=band.pk), term).distinct()[:MOST_FOUND]
    return describe_twins([Twin(each, is_same=False) for each in found], request)


def bands_called(bands: QuerySet[BandProfile], term: str) -> QuerySet[BandProfile]:
    """Those of which a name or alias has the term in it, in any spelling."""
    key = folding_key(term)
    found = Q(name__icontains=term.strip()) | Q(folding_key__contains=key)
    return bands.filter(found | Q(aliases__folding_key__contains=key))


def _seen(request: HttpRequest) -> dict[int, int]:
    """The versions that were on the page; what is no number is a version that no band has."""
    pairs = [each.partition(":") for each in request.POST.getlist("seen")]
    numbers = [(number_in(pk), number_in(version)) for pk, _colon, version in pairs]
    return {pk: version for pk, version in numbers if pk is not None and version is not None}


def _band_numbered(text: str) -> BandProfile:
    return get_object_or_404(BandProfile, pk=number_in(text))


def _fresh(band: BandProfile) -> BandProfile:
    return BandProfile.objects.prefetch_related("genres", "aliases").get(pk=band.pk)


def _names(made: BandMerge) -> dict[str, Any]:
    return {"former": made.former_name, "kept": made.kept}


@MERGE_PAGES.page("undo/", permission="bands.change_bandprofile")
def undo(request: HttpRequest, made: BandMerge) -> HttpResponse:
    """Ask, and take a merge back."""
    problems: list[str] = []
    if request.method == "POST":
        try:
            band = undo_merge(made, **made_by(request))
        except ValidationError as error:
            problems = error.messages
        except IntegrityError:
            problems = [_("Somebody else has just saved something that excludes this.")]
        else:
            messages.success(request, _("%(band)s is a band of its own again.") % {"band": band})
            return redirect("admin:bands_bandprofile_change", band.pk)
    return render_page(
        request,
        "admin/bands/bandmerge/undo.html",
        title=_("Undo the merge of %(former)s") % _names(made),
        row=made,
        made=made,
        problems=problems,
        may_undo=can_undo(made, now=timezone.now()),
        status=409 if problems else 200,
    )


@admin.register(BandMerge)
class BandMergeAdmin(ReadOnlyAdmin):
    pages = MERGE_PAGES
    list_display = ["former_name", "kept", "merged_at", "merged_by", "state"]
    list_select_related = ["kept", "merged_by"]
    search_fields = ["former_name", "kept__name"]
    # Not what undoing takes: there are private addresses in it.
    fields: ClassVar[Any] = ["former_name", "kept", "merged_at", "merged_by", "undone_at", "undone_by", "state"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return list(self.fields)

    @admin.display(description=gettext_lazy("state"))
    def state(self, made: BandMerge) -> SafeString | str:
        if made.undone_at:
            return _("undone")
        if not can_undo(made, now=timezone.now()):
            return _("for good")
        address = reverse("admin:bands_bandmerge_undo", args=[made.pk])
        return format_html('<a href="{}">{}</a>', address, _("can be undone"))
