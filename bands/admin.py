"""The band library in the admin."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminURLFieldWidget
from django.db import models
from django.db.models import Count, Q, QuerySet
from django.forms import BaseModelFormSet
from django.http import HttpRequest
from django.utils import timezone

from bands.forms import BandForm, DomainModelForm
from bands.library import add_alias, delete_band
from bands.models import BandAlias, BandProfile, BandSlugRedirect, Genre
from bands.naming import folding_key


class DomainModelAdmin(admin.ModelAdmin):
    """Saves by the form's `apply`, so that the admin goes through the same domain functions as everything else."""

    formfield_overrides = {models.URLField: {"widget": AdminURLFieldWidget, "assume_scheme": "https"}}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not isinstance(form, DomainModelForm):
            raise TypeError(f"{type(form).__name__} has no apply()")
        saved = form.apply(by=request.user, now=timezone.now())  # type: ignore[arg-type]
        obj.pk = saved.pk
        obj.refresh_from_db()


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that the house writes itself: to look at, not to change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Genre)
class GenreAdmin(admin.ModelAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


class AliasInline(admin.TabularInline):
    model = BandAlias
    fields = ["name"]
    extra = 0


@admin.register(BandProfile)
class BandAdmin(DomainModelAdmin):
    """Bands; the search finds any spelling, with or without accents, and aliases."""

    form = BandForm
    inlines = [AliasInline]
    ordering = ["name_normalized", "pk"]
    list_display = ["name", "disambiguation", "genre_names", "origin_text", "set_count", "is_active"]
    list_filter = ["is_active", "genres"]
    search_fields = ["name"]
    search_help_text = "Any spelling of a name or alias"
    autocomplete_fields = ["genres"]
    readonly_fields = [
        "total_views",
        "total_social_clicks",
        "popularity_score",
        "created_by",
        "created_at",
        "updated_at",
    ]
    fieldsets = [
        (None, {"fields": ["name", "disambiguation", "slug", "genres", "description"]}),
        ("From", {"fields": ["origin", "origin_city", "origin_region"]}),
        ("Links and picture", {"fields": ["social_links", "photo", "photo_alt_text", "photo_credit"]}),
        ("Private", {"fields": ["contact_email", "is_active"]}),
        ("History", {"classes": ["collapse"], "fields": [*readonly_fields]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        sets = Count("performances", distinct=True)
        rows: QuerySet[Any] = super().get_queryset(request).prefetch_related("genres").annotate(set_count=sets)
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

    @admin.display(description="sets", ordering="set_count")
    def set_count(self, band: Any) -> int:
        return int(band.set_count)

    def delete_model(self, request: HttpRequest, obj: BandProfile) -> None:
        delete_band(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[BandProfile]) -> None:
        for band in queryset:
            delete_band(band)

    def save_formset(self, request: HttpRequest, form: Any, formset: BaseModelFormSet, change: bool) -> None:
        """Aliases get their keys from the library; a renamed one is the old one removed and a new one."""
        for alias in formset.save(commit=False):
            if alias.pk:
                BandAlias.objects.filter(pk=alias.pk).delete()
            add_alias(form.instance, alias.name)
        for alias in formset.deleted_objects:
            alias.delete()


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
