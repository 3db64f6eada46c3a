"""Bands, genres and what belongs to them."""

import json
from typing import Any, ClassVar, cast

from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import BaseModelFormSet
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.read_only import number_in
from accounts.admin_theme import TabularInline
from accounts.models import User
from bands.admin import names
from bands.admin.merging import bands_called
from bands.admin.pages import BAND_PAGES
from bands.domain_admin import DomainModelAdmin, ReadOnlyAdmin, made_by
from bands.forms import LINK, AliasForm, BandForm, GenreForm
from bands.gaps import FIELDS, Gap, all_gaps, gaps_of
from bands.library import add_alias, delete_band, delete_genre, remove_alias
from bands.links import PLATFORMS, addresses_of
from bands.models import BandAlias, BandProfile, BandSlugRedirect, Genre
from bands.shows import BandShows, Show, shows_of

USE_BAND = "_use_band"
LINK_FIELDS = [f"{LINK}{key}" for key in PLATFORMS]
NOTHING = "nothing"


@admin.register(Genre)
class GenreAdmin(DomainModelAdmin):
    form = GenreForm
    list_display = ["name", "slug"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}

    def delete_model(self, request: HttpRequest, obj: Genre) -> None:
        delete_genre(obj, **made_by(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Genre]) -> None:
        for genre in queryset:
            delete_genre(genre, **made_by(request))


class AliasInline(TabularInline):
    model = BandAlias
    form = AliasForm
    fields = ["name"]
    extra = 0


class GapFilter(admin.SimpleListFilter):
    """Bands that lack something, or nothing."""

    title = gettext_lazy("missing")
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Gap.choices, (NOTHING, gettext_lazy("nothing"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[BandProfile]) -> QuerySet[BandProfile]:
        asked = self.value()
        if asked not in [value for value, _label in self.lookup_choices]:
            return queryset
        gaps = all_gaps().items()
        return queryset.filter(
            pk__in=[pk for pk, lacks in gaps if (asked in lacks or (asked == NOTHING and not lacks))]
        )


@admin.register(BandProfile)
class BandAdmin(DomainModelAdmin):
    """Bands; the search finds any spelling, with or without accents, and aliases."""

    form = BandForm
    pages = BAND_PAGES
    form_tab = gettext_lazy("Profile")
    inlines = [AliasInline]
    ordering = ["name_normalized", "pk"]
    list_display = [
        *("called", "genre_names", "origin_text", "missing"),
        *("set_count", "next_show", "last_show", "is_active"),
    ]
    list_filter = [GapFilter, "is_active", "genres"]
    search_fields = ["name"]
    search_help_text = gettext_lazy("Any spelling of a name or alias")
    autocomplete_fields = ["genres"]
    private_fields = ("contact_email",)
    readonly_fields = [
        "total_views",
        "total_social_clicks",
        "popularity_score",
        "created_by",
        "created_at",
        "updated_at",
    ]
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ["name", "disambiguation", "genres", "description"]}),
        (gettext_lazy("Photo"), {"fields": ["photo", "photo_alt_text", "photo_credit"]}),
        (gettext_lazy("From"), {"fields": ["origin", "origin_city", "origin_region"]}),
        (gettext_lazy("Links"), {"fields": [*LINK_FIELDS]}),
        (gettext_lazy("Address and state"), {"fields": ["slug", "is_active"]}),
        (gettext_lazy("Private"), {"fields": ["contact_email"]}),
        (gettext_lazy("History"), {"classes": ["collapse"], "fields": [*readonly_fields]}),
    ]

    class Media:
        css = {"all": ["css/bands.css"]}
        js = [Script(f"js/{name}.js", type="module") for name in ("band_names", "photo_drop", "markdown_preview")]

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(f"{view.__name__}/", self.admin_site.admin_view(view), name=f"bands_bandprofile_{view.__name__}")
            for view in (names.similar, names.preview)
        ]
        return [*own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).prefetch_related("genres")
        return rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[BandProfile], search_term: str
    ) -> tuple[QuerySet[BandProfile], bool]:
        if not search_term.strip():
            return queryset, False
        return bands_called(queryset, search_term), True

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, each band of the page with its shows."""
        listed = super().get_changelist_instance(request)
        listed.result_list = list(listed.result_list)
        shows = shows_of(listed.result_list, reader=cast(User, request.user), now=timezone.now())
        for band in listed.result_list:
            band.shows = shows[band.pk]
        return listed

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Links are inputs for who may write them, for others one list."""
        shown = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return shown
        is_links = [options["fields"] == LINK_FIELDS for _title, options in shown]
        return [
            (title, {**options, "fields": ["links"]} if links else options)
            for (title, options), links in zip(shown, is_links, strict=True)
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_readonly_fields(request, obj), "links"]

    @admin.display(description=gettext_lazy("name"), ordering="name_normalized")
    def called(self, band: BandProfile) -> str:
        return str(band)

    @admin.display(description=gettext_lazy("genres"))
    def genre_names(self, band: BandProfile) -> str:
        return ", ".join(genre.name for genre in band.genres.all())

    @admin.display(description=gettext_lazy("from"))
    def origin_text(self, band: BandProfile) -> str:
        return band.origin_text

    @admin.display(description=gettext_lazy("missing"))
    def missing(self, band: BandProfile) -> str:
        return ", ".join(str(gap.label) for gap in gaps_of(band)) or _("nothing")

    @admin.display(description=gettext_lazy("sets"))
    def set_count(self, band: Any) -> int:
        return len(self._shows(band).shows)

    @admin.display(description=gettext_lazy("next show"))
    def next_show(self, band: Any) -> Show | str:
        return self._shows(band).next or ""

    @admin.display(description=gettext_lazy("last show"))
    def last_show(self, band: Any) -> Show | str:
        return self._shows(band).last or ""

    @admin.display(description=gettext_lazy("links"))
    def links(self, band: BandProfile) -> SafeString:
        found = addresses_of(band.social_links).items()
        labels = {key: platform.label for key, platform in PLATFORMS.items()}
        lines = [(address, labels.get(key, key)) for key, address in found]
        return format_html_join(", ", '<a href="{}" rel="nofollow noopener">{}</a>', lines)

    @staticmethod
    def _shows(band: Any) -> BandShows:
        return getattr(band, "shows", BandShows())

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The form for a new band; "use this band" chooses one that is there instead of adding it again."""
        if request.method == "POST" and USE_BAND in request.POST:
            return self._use_band(request, request.POST[USE_BAND])
        answer: HttpResponse = super().add_view(request, form_url, extra_context)
        return answer

    def _use_band(self, request: HttpRequest, number: str) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        band = get_object_or_404(self.get_queryset(request), pk=number_in(number))
        if IS_POPUP_VAR not in request.POST:
            return redirect("admin:bands_bandprofile_change", band.pk)
        chosen = json.dumps({"value": str(band.pk), "obj": str(band)})
        return TemplateResponse(request, "admin/popup_response.html", {"popup_response_data": chosen})

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = kwargs.get("obj")
        form = context["adminform"].form
        if obj is None:
            context |= names.twins_context(getattr(form, "twins", []), request, is_popup=context["is_popup"])
        else:
            may_mend = self.has_change_permission(request, obj)
            context["gaps"] = [(gap.label, f"#id_{FIELDS[gap]}" if may_mend else "") for gap in gaps_of(obj)]
        return super().render_change_form(request, context, *args, **kwargs)

    def delete_model(self, request: HttpRequest, obj: BandProfile) -> None:
        delete_band(obj, **made_by(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[BandProfile]) -> None:
        for band in queryset:
            delete_band(band, **made_by(request))

    def save_formset(self, request: HttpRequest, form: Any, formset: BaseModelFormSet, change: bool) -> None:
        """Aliases get their keys from the library; a renamed one is the old one removed and a new one."""
        entered = formset.save(commit=False)
        gone = [alias.pk for alias in (*entered, *formset.deleted_objects)]
        for alias in BandAlias.objects.filter(pk__in=gone).select_related("band"):
            remove_alias(alias, **made_by(request))
        for alias in entered:
            add_alias(form.instance, alias.name, **made_by(request))


@admin.register(BandAlias)
class BandAliasAdmin(ReadOnlyAdmin):
    list_display = ["name", "band"]
    list_select_related = ["band"]
    search_fields = ["name", "band__name"]


@admin.register(BandSlugRedirect)
class BandSlugRedirectAdmin(ReadOnlyAdmin):
    list_display = ["slug", "band", "created_at"]
    list_select_related = ["band"]
    search_fields = ["slug", "band__name"]
