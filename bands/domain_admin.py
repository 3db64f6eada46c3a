"""What all our admin pages share: domain functions write, and everybody finds only what is open to her."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import AdminURLFieldWidget
from django.contrib.auth import get_permission_codename
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch
from django.utils import timezone

from accounts.admin.read_only import OwnFilters, ReadOnly
from accounts.gates import confirm_first
from bands.forms import DomainModelForm


def made_by(request: HttpRequest) -> dict[str, Any]:
    """Who does what this request asks for, and when: what every domain function wants to know."""
    return {"by": request.user, "now": timezone.now()}


def open_rows(request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows that who asks may find: all, or of a model that knows scopes those `open_to` her."""
    open_to = getattr(rows, "open_to", None)
    return open_to(request.user) if open_to else rows


class OpenRelatedFilter(admin.RelatedFieldListFilter):
    """A filter by related rows that offers those which are open to who asks."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        rows = open_rows(request, field.remote_field.model._default_manager.all())
        ordering = self.field_admin_ordering(field, request, model_admin)
        return [(row.pk, str(row)) for row in rows.order_by(*ordering)]


class OpenRows(BaseModelAdmin):
    """Rows and choices of a page or an inline, limited to what is open to who asks."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return open_rows(request, super().get_queryset(request))

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        """What a relation may be set to; another row is refused like one that is not there."""
        rows = super().get_field_queryset(db, db_field, request)
        return open_rows(request, db_field.remote_field.model._default_manager.all() if rows is None else rows)


class HouseAdmin(OpenRows, OwnFilters):
    """A model's pages, by permission for each row; a row that is not open is answered like one that is not there."""

    # Contact data, for those who work with it: for anybody else there is no such field.
    private_fields: ClassVar[tuple[str, ...]] = ()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._has_permission(request, "view", obj) or self._has_permission(request, "change", obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._has_permission(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._has_permission(request, "delete", obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        hidden = () if self.has_change_permission(request) else self.private_fields
        shown = [
            (title, {**options, "fields": [name for name in options["fields"] if name not in hidden]})
            for title, options in super().get_fieldsets(request, obj)
        ]
        return [(title, options) for title, options in shown if options["fields"]]

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """The public page itself, without the admin's redirect to it, which our gate leaves out."""
        try:
            return obj.get_absolute_url() if hasattr(obj, "get_absolute_url") else None
        except NoReverseMatch:  # a refused form is shown again with the address that was typed
            return None

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        self._log_foreign_row(request)
        raise Http404

    def _has_permission(self, request: HttpRequest, action: str, obj: Any) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.{get_permission_codename(action, self.opts)}", obj)


class DomainModelAdmin(HouseAdmin):
    """Saves by the form's `apply`, so that the admin goes through the same domain functions as everything else.

    Deleting asks again who is there, unless `asks_before_deleting` says that it is everyday work.
    """

    asks_before_deleting: ClassVar[bool] = True

    # The browser's own pickers: Django's read the clock of the server's zone and say so under every field.
    formfield_overrides = {
        models.URLField: {"widget": AdminURLFieldWidget, "assume_scheme": "https"},
        models.DateField: {"widget": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})},
        models.TimeField: {"widget": forms.TimeInput(format="%H:%M", attrs={"type": "time"})},
    }

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not isinstance(form, DomainModelForm):
            raise TypeError(f"{type(form).__name__} has no apply()")
        saved = form.apply(**made_by(request))
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

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        asks = self.asks_before_deleting and self.has_delete_permission(request)
        return (confirm_first(request) if asks else None) or super().delete_view(request, object_id, extra_context)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """With our deleting in the place of Django's."""
        actions = super().get_actions(request)
        if "delete_selected" in actions:
            actions["delete_selected"] = self.get_action("delete_selected")
        return actions

    @admin.action(description="Delete selected %(verbose_name_plural)s", permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        asked = confirm_first(request) if self.asks_before_deleting else None
        return asked or delete_selected(self, request, queryset)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[Any], list[Any]]:
        """What hangs on a row goes with it: whether it may be deleted is asked of the row alone."""
        deleted, counts, _, protected = super().get_deleted_objects(objs, request)
        kept = {str(obj) for obj in objs if not self.has_delete_permission(request, obj)}
        return deleted, counts, kept, protected


class ReadOnlyAdmin(ReadOnly, HouseAdmin):
    """Rows that the house writes itself: to look at, not to change."""
