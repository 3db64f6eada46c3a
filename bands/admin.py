"""The band library in the admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminURLFieldWidget
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.db.models import Q, QuerySet
from django.forms import BaseModelFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from bands.forms import AliasForm, BandForm, DomainModelForm
from bands.library import add_alias, delete_band
from bands.models import BandAlias, BandProfile, BandSlugRedirect, Genre
from bands.naming import folding_key


class DomainModelAdmin(admin.ModelAdmin):
    """Saves by the form's `apply`, so that the admin goes through the same domain functions as everything else."""

    # The browser's own pickers: Django's read the clock of the server's zone and say so under every field.
    formfield_overrides = {
        models.URLField: {"widget": AdminURLFieldWidget, "assume_scheme": "https"},
        models.DateField: {"widget": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})},
        models.TimeField: {"widget": forms.TimeInput(format="%H:%M", attrs={"type": "time"})},
    }

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not isinstance(form, DomainModelForm):
            raise TypeError(f"{type(form).__name__} has no apply()")
        saved = form.apply(by=request.user, now=timezone.now())  # type: ignore[arg-type]
        obj.pk = saved.pk
        obj.refresh_from_db()

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Where somebody else was quicker, between the form's rehearsal and the writing, say so."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
        except IntegrityError:
            self.message_user(request, "Somebody else has just saved something that excludes this.", messages.ERROR)
        return redirect(request.get_full_path())

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[Any], list[Any]]:
        """What hangs on a row goes with it: whether it may be deleted is asked of the row alone."""
        deleted, counts, _, protected = super().get_deleted_objects(objs, request)
        kept = {str(obj) for obj in objs if not self.has_delete_permission(request, obj)}
        return deleted, counts, kept, protected


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
        delete_band(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[BandProfile]) -> None:
        for band in queryset:
            delete_band(band)

    def save_formset(self, request: HttpRequest, form: Any, formset: BaseModelFormSet, change: bool) -> None:
        """Aliases get their keys from the library; a renamed one is the old one removed and a new one."""
        entered = formset.save(commit=False)
        gone = [alias.pk for alias in (*entered, *formset.deleted_objects)]
        BandAlias.objects.filter(pk__in=gone).delete()
        for alias in entered:
            add_alias(form.instance, alias.name)


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
