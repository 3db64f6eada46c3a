"""What all our admin pages share: domain functions write, and everybody finds only what is open to her."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import NestedObjects, unquote
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DEFAULT_DB_ALIAS, IntegrityError, models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.read_only import OwnFilters, ReadOnly, number_in
from accounts.admin_theme import DateInput, TimeInput
from accounts.gates import confirm_first
from bands.forms import SEEN_VERSION, DomainModelForm
from bands.row_history import HISTORIES
from settimes.versions import StaleError

NEVER_SEEN = -1  # a version that no row is of


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


@dataclass(frozen=True)
class RowPage:
    """A page of the admin about one row, beside its form; with a `tab` it is offered above all of them."""

    address: str
    permission: str
    view: Callable[..., HttpResponse]
    tab: Any = ""

    @property
    def name(self) -> str:
        return self.view.__name__


class RowPages(list[RowPage]):
    """The pages about one row of a model that stand beside its form, each registered by its view."""

    def page(self, address: str, *, permission: str, tab: Any = "") -> Callable[[Any], Any]:
        """Register a view `(request, row, **captured)` below the row's address, for who has the permission for it."""

        def register(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            self.append(RowPage(address, permission, view, tab))
            return view

        return register


def render_page(
    request: HttpRequest, template: str, *, title: Any, row: Any = None, status: int = 200, **context: Any
) -> HttpResponse:
    """A page of our own in the admin's frame; about a row with the tabs of that row."""
    shared: dict[str, Any] = {**admin.site.each_context(request), "title": title}
    if row is not None:
        house_admin: Any = admin.site.get_model_admin(type(row))
        shared |= {"opts": row._meta, "original": row, "tabs": house_admin.tabs(request, row)}
    return render(request, template, {**shared, **context}, status=status)


class HouseAdmin(OpenRows, OwnFilters):
    """A model's pages, by permission for each row; a row that is not open is answered like one that is not there."""

    pages: ClassVar[RowPages] = RowPages()
    form_tab: ClassVar[Any] = ""  # what the form is called among the tabs
    tab_order: ClassVar[tuple[str, ...]] = ()  # of the pages by their names; those not named come last

    # The versions that were on the page; and once somebody else was quicker, what to know about that.
    change_form_before_template = "admin/_stale.html"

    # Contact data, for those who work with it: for anybody else there is no such field.
    private_fields: ClassVar[tuple[str, ...]] = ()

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(f"<int:pk>/{each.address}", self.admin_site.admin_view(self._opened(each)), name=self._url_name(each))
            for each in (*self.pages, *self._history_pages())
        ]
        return [*own, *super().get_urls()]

    def tabs(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        """The pages about a row that she may open, the form among them, for the tabs above each."""
        form = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
        offered = [(self.form_tab, form)] if self.form_tab else []
        offered += [
            (each.tab, reverse(f"admin:{self._url_name(each)}", args=[row.pk]))
            for each in sorted(self.pages, key=self._tab_position)
            if each.tab and request.user.has_perm(each.permission, row)
        ]
        if self.model in HISTORIES:
            offered.append((_("History"), self._history_address(row)))
        return [{"title": title, "address": at, "is_current": at == request.path} for title, at in offered]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None:
            context["tabs"] = self.tabs(request, obj)
            context["show_history"] = self.model not in HISTORIES  # else it is one of the tabs
            context["stale_by"] = self._quicker_one(context["adminform"].form)
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What happened to the row, in sentences, for models whose history is kept."""
        if self.model not in HISTORIES:
            return super().history_view(request, object_id, extra_context)
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        own_only = request.GET.get("only") == "own"
        page, moments = HISTORIES[self.model].page(row, request.GET.get("page"), own_only=own_only)
        return render_page(
            request,
            "admin/history/moments.html",
            title=_("History of %(row)s") % {"row": row},
            row=row,
            moments=moments,
            page=page,
            own_only=own_only,
            history=HISTORIES[self.model],
            restore_page=f"admin:{self.opts.app_label}_{self.opts.model_name}_{restore_state.__name__}",
            may_restore=self.has_change_permission(request, row),
        )

    def _history_pages(self) -> list[RowPage]:
        """The page that brings an earlier state of a row back."""
        permission = f"{self.opts.app_label}.{get_permission_codename('change', self.opts)}"
        address = "history/<int:entry>/restore/"
        return [RowPage(address, permission, restore_state)] if self.model in HISTORIES else []

    def _history_address(self, row: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_history", args=[row.pk])

    def _quicker_one(self, form: Any) -> dict[str, Any] | None:
        """Who changed a row while somebody had its form open, and when."""
        if not getattr(form, "stale", None) or self.model not in HISTORIES:
            return None
        who, at = HISTORIES[self.model].latest(form.stale.row) or (_("Somebody"), timezone.now())
        is_recent = timezone.now() - at < timedelta(minutes=1)
        return {"who": who, "at": at, "is_recent": is_recent, "history": self._history_address(form.stale.row)}

    def _tab_position(self, page: RowPage) -> int:
        return self.tab_order.index(page.name) if page.name in self.tab_order else len(self.tab_order)

    def _url_name(self, page: RowPage) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page.name}"

    def _opened(self, page: RowPage) -> Callable[..., HttpResponse]:
        """The view with the row, for who may find it and has the permission for it."""

        def opened(request: HttpRequest, pk: int, **captured: Any) -> HttpResponse:
            row = self.get_object(request, str(pk))
            if row is None:
                self._log_foreign_row(request)
                raise Http404
            if not request.user.has_perm(page.permission, row):
                raise PermissionDenied
            return page.view(request, row, **captured)

        return opened

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


def restore_state(request: HttpRequest, row: Any, entry: int) -> HttpResponse:
    """An earlier state of a row beside the one of now, and the button that brings it back."""
    history, problems = HISTORIES[type(row)], list[str]()
    if history.restoring(row, entry) is None:
        raise Http404
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_history", args=[row.pk])
    if request.method == "POST":
        seen = number_in(request.POST.get(SEEN_VERSION, ""))
        try:
            history.restore(row, entry, seen_version=NEVER_SEEN if seen is None else seen, **made_by(request))
            messages.success(request, _("%(row)s is as it was.") % {"row": row})
            return redirect(address)
        except ValidationError as error:
            problems = error.messages
        except IntegrityError:
            problems = [_("Somebody else has just saved something that excludes this.")]
        row.refresh_from_db()
    return render_page(
        request,
        "admin/history/restore.html",
        title=_("Bring back an earlier state of %(row)s") % {"row": row},
        row=row,
        plan=history.restoring(row, entry),
        problems=problems,
        address=address,
    )


class DomainModelAdmin(HouseAdmin):
    """Saves by the form's `apply`, so that the admin goes through the same domain functions as everything else.

    Deleting asks again who is there, unless `asks_before_deleting` says that it is everyday work.
    """

    asks_before_deleting: ClassVar[bool] = True

    # The browser's own pickers: Django's read the clock of the server's zone and say so under every field.
    formfield_overrides = {
        models.URLField: {"assume_scheme": "https"},
        models.DateField: {"widget": DateInput},
        models.TimeField: {"widget": TimeInput},
    }

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What came along in the address, without what can be the number of no row."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        related = {field.name for field in self.opts.get_fields() if field.is_relation}
        return {name: value for name, value in initial.items() if name not in related or _are_numbers(value)}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not isinstance(form, DomainModelForm):
            raise TypeError(f"{type(form).__name__} has no apply()")
        saved = form.apply(**made_by(request))
        obj.pk = saved.pk
        obj.refresh_from_db()

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Where somebody else was quicker, between the form's rehearsal and the writing, say so."""
        try:
            try:
                return super().changeform_view(request, *args, **kwargs)
            except StaleError:  # what was typed is read again, beside what stands there now
                return super().changeform_view(request, *args, **kwargs)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
        except IntegrityError:
            message = _("Somebody else has just saved something that excludes this.")
            self.message_user(request, message, messages.ERROR)
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

    @admin.action(description=gettext_lazy("Delete selected %(verbose_name_plural)s"), permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        asked = confirm_first(request) if self.asks_before_deleting else None
        return asked or delete_selected(self, request, queryset)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[Any], list[Any]]:
        """What hangs on a row goes with it, told in numbers; whether it may be deleted is asked of the row alone."""
        collector = NestedObjects(using=DEFAULT_DB_ALIAS)
        collector.collect(objs)
        counts = {model._meta.verbose_name_plural: len(rows) for model, rows in collector.model_objs.items()}  # type: ignore[attr-defined] # the stubs say str
        kept = {str(obj) for obj in objs if not self.has_delete_permission(request, obj)}
        protecting = Counter(type(row)._meta for row in collector.protected)
        protected = [
            f"{n} {meta.verbose_name if n == 1 else meta.verbose_name_plural}" for meta, n in protecting.items()
        ]
        return [str(obj) for obj in objs], counts, kept, protected


class ReadOnlyAdmin(ReadOnly, HouseAdmin):
    """Rows that the house writes itself: to look at, not to change."""


def _are_numbers(value: str | list[str]) -> bool:
    return all(number_in(each) is not None for each in ([value] if isinstance(value, str) else value))
