"""The band library in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.forms import BaseModelFormSet
from django.http import HttpRequest

from bands.domain_admin import DomainModelAdmin, ReadOnlyAdmin, made_by
from bands.forms import AliasForm, BandForm, GenreForm
from bands.library import add_alias, delete_band, delete_genre, remove_alias
from bands.models import BandAlias, BandProfile, BandSlugRedirect, Genre
from bands.naming import folding_key


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


class AliasInline(admin.TabularInline):
    model = BandAlias
    form = AliasForm
    fields = ["name"]
    extra = 0


@admin.register(BandProfile)
class BandAdmin(DomainModelAdmin):
    """Bands; the search finds any spelling, with or without accents, and aliases."""

    form = BandForm
    inlines = [AliasInline]
    ordering = ["name_normalized", "pk"]
    list_display = ["name", "disambiguation", "genre_names", "origin_text", "is_active"]
    list_filter = ["is_active", "genres"]
    search_fields = ["name"]
    search_help_text = "Any spelling of a name or alias"
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
    fieldsets = [
        (None, {"fields": ["name", "disambiguation", "slug", "genres", "description", "is_active"]}),
        ("From", {"fields": ["origin", "origin_city", "origin_region"]}),
        ("Links and picture", {"fields": ["social_links", "photo", "photo_alt_text", "photo_credit"]}),
        ("Private", {"fields": ["contact_email"]}),
        ("History", {"classes": ["collapse"], "fields": [*readonly_fields]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).prefetch_related("genres")
        return rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[BandProfile], search_term: str
    ) -> tuple[QuerySet[BandProfile], bool]:
        if not search_term.strip():
            return queryset, False
        key = folding_key(search_term)
        found = Q(name__icontains=search_term.strip()) | Q(folding_key__contains=key)
        return queryset.filter(found | Q(aliases__folding_key__contains=key)), True

    @admin.display(description="genres")
    def genre_names(self, band: BandProfile) -> str:
        return ", ".join(genre.name for genre in band.genres.all())

    @admin.display(description="from")
    def origin_text(self, band: BandProfile) -> str:
        return band.origin_text

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
