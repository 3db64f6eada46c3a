"""What lists of our admin keep to themselves, and rows that the house writes itself."""

import csv
from collections.abc import Iterable
from logging import WARNING
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from accounts.admin_theme import ModelAdmin
from accounts.trails import security_log

MOST_DIGITS = 18  # of a row's number; no database takes many more
FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")


def number_in(text: str) -> int | None:
    """The number of a row or a version that a browser sent; None for anything else, also for a digit like "²"."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
    return int(text) if is_number else None


class OwnFilters(ModelAdmin):
    """A list narrowed by its own filters alone, whose actions take those rows alone that who asks can find."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """By any other column than its filters' a list would tell, sign by sign, what it does not show."""
        filters = [each[0] if isinstance(each, list | tuple) else each for each in self.list_filter]
        named = [getattr(each, "parameter_name", each) for each in (*filters, self.date_hierarchy)]
        names = [name for name in named if isinstance(name, str)]
        is_own = any(lookup == name or lookup.startswith(f"{name}__") for name in names)
        return is_own and super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    def response_action(  # type: ignore[override] # the stubs are of another Django
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> HttpResponse | None:
        """All of the selection or nothing: with a row that she cannot find in it, there is no such page."""
        selected = set(request.POST.getlist(ACTION_CHECKBOX_NAME))
        if any(number_in(each) is None for each in selected):
            raise Http404
        if self.get_queryset(request).filter(pk__in=selected).count() != len(selected):
            self._log_foreign_row(request)
            raise Http404
        return super().response_action(request, queryset)

    def _log_foreign_row(self, request: HttpRequest) -> None:
        security_log("malicious_direct_reference", level=WARNING, user=request.user.pk, reason=self.opts.model_name)


class ReadOnly:
    """Pages to look at, not to change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, OwnFilters):
    """Rows of accounts that the house writes itself."""


def csv_file(name: str, head: list[str], rows: Iterable[list[Any]]) -> HttpResponse:
    """A CSV file to download. A cell that a spreadsheet would take for a formula gets a quote in front."""
    response = HttpResponse(
        content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}.csv"'}
    )
    writer = csv.writer(response)
    writer.writerow(head)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return response


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_BEGINNINGS) else text
