"""The running-order board: a night at a glance, tried out in the browser, saved in one go, undone in one go."""

from collections.abc import Callable
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.models import User
from bands.domain_admin import made_by, render_page
from schedule import arranging, undoing
from schedule.admin.board_requests import BadRequestError, BoardRequest, read_batch, read_board_request
from schedule.admin.board_shapes import shape_board, shape_sets, shape_stale, shape_warnings, told_of
from schedule.admin.pages import EVENT_PAGES
from schedule.arrangement_words import sentences_of
from schedule.arranging import Arrangement, RefusedSetError, StaleSetsError
from schedule.models import Event, Plan
from schedule.night_board import NightBoard, night_to_open, read_board
from schedule.set_acts import DELETE
from schedule.undoing import CannotUndoError


@EVENT_PAGES.page("board/", permission="schedule.view_event", tab=gettext_lazy("Running order"))
def board(request: HttpRequest, event: Event) -> HttpResponse:
    night = _night_asked_for(request, event)
    data = _board_data(request, event, night)
    nights = [_link_to(event, each, current=night) for each in event.nights()]
    return render_page(
        request,
        "admin/schedule/event/board.html",
        title=_("Running order"),
        row=event,
        board=data,
        nights=nights,
        night=night,
    )


@EVENT_PAGES.page("board/data/", permission="schedule.view_event")
def board_data(request: HttpRequest, event: Event) -> HttpResponse:
    data = _board_data(request, event, _night_asked_for(request, event))
    return JsonResponse({**data, "revision": event.revision})


@EVENT_PAGES.page("board/preview/", permission="schedule.change_performance")
@require_POST
def board_preview(request: HttpRequest, event: Event) -> HttpResponse:
    def answer() -> HttpResponse:
        asked = _read(request, event)
        tried = arranging.preview(event, asked.night, asked.wishes, now=timezone.now())
        plans = Plan.objects.filter(event=event, picks__performance__in=tried.changed_ids).distinct()
        return JsonResponse(
            {
                "sentences": sentences_of(tried),
                "warnings": _warnings(request, tried),
                "stale": shape_stale(tried.stale, event),
                "told": told_of(tried, plan_count=plans.count()),
            }
        )

    return _answered(answer, event)


@EVENT_PAGES.page("board/save/", permission="schedule.change_performance")
@require_POST
def board_save(request: HttpRequest, event: Event) -> HttpResponse:
    def answer() -> HttpResponse:
        asked = _read(request, event)
        return _saved(request, arranging.arrange(event, asked.night, asked.wishes, **made_by(request)))

    return _answered(answer, event)


@EVENT_PAGES.page("board/undo/", permission="schedule.change_performance")
@require_POST
def board_undo(request: HttpRequest, event: Event) -> HttpResponse:
    def answer() -> HttpResponse:
        return _saved(request, undoing.undo(event, read_batch(request), **made_by(request)))

    return _answered(answer, event)


def _read(request: HttpRequest, event: Event) -> BoardRequest:
    asked = read_board_request(request, event)
    deletes = any(wish.act == DELETE for wish in asked.wishes)
    if deletes and not request.user.has_perm("schedule.delete_performance", event):
        raise PermissionDenied
    return asked


def _answered(answer: Callable[[], HttpResponse], event: Event) -> HttpResponse:
    """The answer, or why there is none: it was no proper request, a set cannot be so, or somebody was quicker."""
    try:
        return answer()
    except BadRequestError as error:
        return _bad_request(error.message, field=error.field)
    except StaleSetsError as error:
        return JsonResponse({"stale": shape_stale(error.stale, event)}, status=409)
    except CannotUndoError as error:
        return JsonResponse({"error": "Conflict", "message": " ".join(error.messages)}, status=409)
    except RefusedSetError as error:
        return _bad_request(" ".join(error.messages), field="changes", id=error.performance.pk)
    except ValidationError as error:
        return _bad_request(" ".join(error.messages), field="changes")


def _bad_request(message: str, **more: Any) -> HttpResponse:
    return JsonResponse({"error": "Bad request", "message": message, **more}, status=400)


def _saved(request: HttpRequest, arrangement: Arrangement) -> HttpResponse:
    """What is new after saving: the night's sets as they are now, so that the board need not ask again."""
    night_board = _board_of(request, arrangement)
    return JsonResponse(
        {
            "revision": arrangement.event.revision,
            "sets": shape_sets(night_board.sets),
            "warnings": shape_warnings(night_board.conflicts, night_board),
            "sentences": sentences_of(arrangement),
            "undo": _undo_of(arrangement.event),
        }
    )


def _undo_of(event: Event) -> dict[str, str] | None:
    """What can be taken back."""
    batch = undoing.last_batch(event)
    return {"batch": str(batch.number), "sentence": batch.sentence} if batch else None


def _warnings(request: HttpRequest, arrangement: Arrangement) -> list[dict[str, Any]]:
    night_board = _board_of(request, arrangement)
    return shape_warnings(night_board.conflicts, night_board)


def _board_of(request: HttpRequest, arrangement: Arrangement) -> NightBoard:
    reader = cast(User, request.user)
    return read_board(arrangement.event, arrangement.night, reader=reader, sets=arrangement.night_sets)


def _board_data(request: HttpRequest, event: Event, night: date) -> dict[str, Any]:
    reader = cast(User, request.user)
    undo = _undo_of(event) if reader.has_perm("schedule.change_performance", event) else None
    return shape_board(read_board(event, night, reader=reader), reader=reader, undo=undo)


def _night_asked_for(request: HttpRequest, event: Event) -> date:
    """The night of the address, else the one that somebody probably wants; a night it has not is not found."""
    asked = request.GET.get("night")
    if not asked:
        return night_to_open(event, now=timezone.now())
    try:
        night = date.fromisoformat(asked)
    except ValueError:
        raise Http404 from None
    if not event.has_night(night):
        raise Http404
    return night


def _link_to(event: Event, night: date, *, current: date) -> dict[str, Any]:
    address = reverse("admin:schedule_event_board", args=[event.pk])
    return {
        "night": night.isoformat(),
        "label": date_format(night, "D j M"),
        "is_current": night == current,
        "address": f"{address}?{urlencode({'night': night.isoformat()})}",
    }
