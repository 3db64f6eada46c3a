"""What the board sends: JSON, read strictly, so that nothing is saved that somebody did not mean."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from schedule.arranging import MOST_DELETIONS, MOST_WISHES, Wish
from schedule.models import Change, Event, Venue
from schedule.set_acts import ACTS, DELETE

KEYS = {"night", "changes"}
CHANGE_KEYS = {"id", "version", "venue", "start", "end", "do", "reason", "accept_long"}
CHOICES = (*ACTS, DELETE)
PLACES = {"venue": "venue", "start": "starts_at", "end": "ends_at"}
MOST_REASON_CHARACTERS = Change._meta.get_field("reason").max_length or 0
HIGHEST_ID = 2**53  # what a browser can count
HIGHEST_MINUTE = 10**8  # in the year 2160


class BadRequestError(Exception):
    """What was sent is not what the board sends; `field` says where."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message, self.field = message, field


@dataclass(frozen=True)
class BoardRequest:
    """The changes to a night that somebody tries out or saves, each made to the version of a set that she saw."""

    night: date
    wishes: list[Wish]


def read_board_request(request: HttpRequest, event: Event) -> BoardRequest:
    """Raises BadRequestError."""
    sent = _object(_json_of(request), KEYS, required={"night", "changes"})
    changes = sent["changes"]
    if not isinstance(changes, list):
        raise BadRequestError(_("Write a list of changes."), "changes")
    if len(changes) > MOST_WISHES:
        message = ngettext(
            "At most %(count)d set can be changed at once. Save some of them first.",
            "At most %(count)d sets can be changed at once. Save some of them first.",
            MOST_WISHES,
        )
        raise BadRequestError(message % {"count": MOST_WISHES}, "changes")
    read = [
        _object(each, CHANGE_KEYS, required={"id", "version"}, at=f"changes[{n}]") for n, each in enumerate(changes)
    ]
    venues = _venues(read)
    wishes = [_wish(each, venues, at=f"changes[{number}]") for number, each in enumerate(read)]
    if len({wish.set_id for wish in wishes}) < len(wishes):
        raise BadRequestError(_("A set stands twice among the changes."), "changes")
    if len([wish for wish in wishes if wish.act == DELETE]) > MOST_DELETIONS:
        message = ngettext(
            "At most %(count)d set can be deleted at once. Save some of them first.",
            "At most %(count)d sets can be deleted at once. Save some of them first.",
            MOST_DELETIONS,
        )
        raise BadRequestError(message % {"count": MOST_DELETIONS}, "changes")
    return BoardRequest(night=_night(sent["night"], event), wishes=wishes)


def read_batch(request: HttpRequest) -> UUID:
    """The batch that is to be undone. Raises BadRequestError."""
    sent = _object(_json_of(request), {"batch"}, required={"batch"})
    try:
        return UUID(sent["batch"])
    except (AttributeError, TypeError, ValueError):
        raise BadRequestError(_("This names nothing that was saved."), "batch") from None


def _json_of(request: HttpRequest) -> Any:
    if request.content_type != "application/json":
        raise BadRequestError(_("Send JSON."))
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        raise BadRequestError(_("Send JSON.")) from None


def _object(value: Any, known: Collection[str], *, required: Collection[str], at: str = "") -> dict[str, Any]:
    """A JSON object with these keys and no others."""
    if not isinstance(value, dict):
        raise BadRequestError(_("Write a JSON object."), at)
    for name in sorted(set(value) - set(known)):
        raise BadRequestError(_("Nothing of this name can be changed here."), _below(at, ascii(name)[1:-1][:50]))
    for name in sorted(set(required) - set(value)):
        raise BadRequestError(_("This is missing."), _below(at, name))
    return value


def _wish(sent: dict[str, Any], venues: dict[int, Venue], *, at: str) -> Wish:
    place = {PLACES[name]: _place(name, sent[name], venues, _below(at, name)) for name in PLACES if name in sent}
    act, reason, accept_long = sent.get("do", ""), sent.get("reason", ""), sent.get("accept_long", False)
    if not isinstance(act, str) or ((act or "do" in sent) and act not in CHOICES):
        raise BadRequestError(_("Choose one of: %(choices)s.") % {"choices": ", ".join(CHOICES)}, _below(at, "do"))
    if not isinstance(reason, str) or not (reason.isprintable() and len(reason) <= MOST_REASON_CHARACTERS):
        raise BadRequestError(
            _("Write one line of at most %(count)d characters.") % {"count": MOST_REASON_CHARACTERS},
            _below(at, "reason"),
        )
    if not isinstance(accept_long, bool):
        raise BadRequestError(_("Write true or false."), _below(at, "accept_long"))
    return Wish(
        set_id=_number(sent["id"], _below(at, "id"), 1, HIGHEST_ID),
        seen_version=_number(sent["version"], _below(at, "version"), 0, HIGHEST_ID),
        place=place,
        act=act,
        reason=reason,
        accept_long=accept_long,
    )


def _place(name: str, value: Any, venues: dict[int, Venue], at: str) -> Any:
    if value is None:
        return None
    if name != "venue":
        return datetime.fromtimestamp(60 * _number(value, at, 0, HIGHEST_MINUTE), UTC)
    venue = venues.get(_number(value, at, 1, HIGHEST_ID))
    if venue is None:
        raise BadRequestError(_("There is no such venue any more. Choose another one."), at)
    return venue


def _venues(changes: list[dict[str, Any]]) -> dict[int, Venue]:
    """The venues that are named, in one query."""
    named = {each.get("venue") for each in changes if type(each.get("venue")) is int}
    return Venue.objects.select_related("parent").in_bulk([pk for pk in named if pk and 0 < pk <= HIGHEST_ID])


def _number(value: Any, at: str, least: int, most: int) -> int:
    """A whole number; in JSON, true is none."""
    if type(value) is not int or not least <= value <= most:
        raise BadRequestError(_("Write a whole number."), at)
    return value


def _night(value: Any, event: Event) -> date:
    try:
        night = date.fromisoformat(value)
    except (TypeError, ValueError):
        night = None
    if night is None or not event.has_night(night):
        raise BadRequestError(_("This is not a night of the event."), "night")
    return night


def _below(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
