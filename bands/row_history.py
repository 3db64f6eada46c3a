"""What happened to rows, told in sentences, and bringing an earlier state of one back.

`HISTORIES` says for each model who reads its history: here for rows of which every version is kept;
`schedule` adds its events, sets and venues.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from itertools import groupby, pairwise
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format, get_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from bands.library import update_band
from bands.models import BandProfile

PAGE_SIZE = 50
MOST_CHARACTERS = 80  # of a value in a sentence; in full it stands beside the other one when it is brought back
VERSIONS_OF_A_CHANGE = 4  # at most: the row, and its genres taken, given and cleared
NOT_TOLD = {"id", "version", "created_by", "updated_by"}
# Where a field's own name does not stand in a sentence.
LABELS = {
    "billing": gettext_lazy("billing"),
    "expected_delay_minutes": gettext_lazy("expected delay (minutes)"),
    "is_active": gettext_lazy("active"),
    "is_announced": gettext_lazy("announced"),
    "parent": gettext_lazy("house"),
}
GONE = object()  # a row that a state names and that is there no longer


@dataclass(frozen=True)
class Difference:
    """A field of two states: what people call it, and what it says in the one and in the other; `tick` is a box's."""

    name: str
    label: str
    before: str
    after: str
    tick: bool | None = None


@dataclass(frozen=True)
class Part:
    """What happened to one row in one go.

    `entry` numbers the state it led to, if that can be brought back; `subject` is a set on its event's page.
    """

    sentences: tuple[str, ...]
    reason: str = ""
    entry: int | None = None
    subject: Any = None


@dataclass(frozen=True)
class Moment:
    """What somebody did in one go."""

    at: datetime
    when: str
    who: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Restoring:
    """What bringing an earlier state back does: fields as they are and as they were, and what stays, in sentences."""

    when: str
    differences: list[Difference]
    stays: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    steps: tuple[Callable[..., Any], ...] = ()

    @property
    def changes_something(self) -> bool:
        return bool(self.fields or self.steps)

    @property
    def reason(self) -> str:
        """What the change that it makes gives as its reason."""
        return _("restored the state of %(when)s") % {"when": self.when}


class History(ABC):
    """Reads what happened to the rows of a model and brings earlier states back."""

    tells_of_others = False  # whether it also tells what happened to rows that belong to the row

    def zone(self, row: Any) -> tzinfo:
        """The zone in which its moments are told."""
        return timezone.get_default_timezone()

    @abstractmethod
    def page(self, row: Any, number: Any, *, own_only: bool = False) -> tuple[Page, list[Moment]]:
        """What happened, newest first, a page of it."""

    @abstractmethod
    def latest(self, row: Any) -> tuple[str, datetime] | None:
        """Who changed it last, and when."""

    @abstractmethod
    def restoring(self, row: Any, entry: int) -> Restoring | None:
        """What bringing back the state that an entry led to would do; None where the row has no such entry."""

    @abstractmethod
    def restore(self, row: Any, entry: int, *, seen_version: int, by: User | None, now: datetime) -> None:
        """Bring that state back, as an ordinary change. Raises ValidationError."""


class VersionHistory(History):
    """The history of rows of which simple_history keeps every version."""

    def __init__(self, model: Any, update: Callable[..., Any]) -> None:
        self.model, self.update = model, update
        self.kept: Any = model.history.model
        self.fields = [each for each in self.kept.tracked_fields if each.name not in NOT_TOLD]
        self.lists = list(self.kept._history_m2m_fields)

    def page(self, row: Any, number: Any, *, own_only: bool = False) -> tuple[Page, list[Moment]]:
        versions = self._versions(row)
        page = Paginator(versions, PAGE_SIZE).get_page(number)
        shown = list(page.object_list)
        before_them = versions.filter(history_id__lt=shown[-1].history_id)[:VERSIONS_OF_A_CHANGE] if shown else ()
        folded = _folded([*shown, *before_them])
        states: list[Any] = [*self._states([version for version, _is_first in folded]), None]
        now = self._state_now(row)
        moments = [
            self._moment(version, sentences, is_now=state == now)
            for (version, is_first), (state, older) in zip(folded, pairwise(states), strict=True)
            if version in shown and (sentences := self._sentences(version, state, older, is_first=is_first))
        ]
        return page, moments

    def latest(self, row: Any) -> tuple[str, datetime] | None:
        version = self._versions(row).first()
        return (name_of(version.history_user), version.history_date) if version else None

    def restoring(self, row: Any, entry: int) -> Restoring | None:
        version = self._versions(row).filter(history_id=entry).first()
        if version is None:
            return None
        (then,), now = self._states([version]), self._state_now(row)
        stays, fields = [], {}
        for name in self._changed(now, then):
            if refusal := self._refusal(name, then[name]):
                stays.append(refusal)
            else:
                fields[name] = then[name]
        return Restoring(
            when=moment_text(version.history_date, self.zone(row)),
            differences=self._differences(now, {**now, **fields}),
            stays=stays,
            fields=fields,
        )

    def restore(self, row: Any, entry: int, *, seen_version: int, by: User | None, now: datetime) -> None:
        plan = self.restoring(row, entry)
        if plan is None:
            raise ValueError(f"{row} has no entry {entry}")
        self.update(row, seen_version=seen_version, reason=plan.reason, by=by, now=now, **plan.fields)

    def _versions(self, row: Any) -> models.QuerySet[Any]:
        relations = [each.name for each in self.fields if each.is_relation]
        versions: models.QuerySet[Any] = row.history.select_related("history_user", *relations).order_by("-history_id")
        return versions

    def _moment(self, version: Any, sentences: tuple[str, ...], *, is_now: bool) -> Moment:
        at, who = version.history_date, name_of(version.history_user)
        part = Part(sentences, version.history_change_reason or "", None if is_now else version.history_id)
        return Moment(at, moment_text(at, self.zone(version)), who, (part,))

    def _sentences(
        self, version: Any, state: dict[str, Any], older: dict[str, Any] | None, *, is_first: bool
    ) -> tuple[str, ...]:
        who = name_of(version.history_user)
        if is_first:
            return (_("%(who)s added %(what)s.") % {"who": who, "what": state["name"]},)
        if older is None:
            return (_("%(who)s changed it; what it was before was not kept.") % {"who": who},)
        return tuple(changed_sentence(who, each) for each in self._differences(older, state))

    def _states(self, versions: Sequence[Any]) -> list[dict[str, Any]]:
        """What each version says, by field."""
        states = [{each.name: _kept_value(version, each) for each in self.fields} for version in versions]
        for each in self.lists:
            through = getattr(self.kept, each.name).model
            pairs = through.objects.filter(history__in=[version.pk for version in versions])
            numbers = list(pairs.values_list("history_id", f"{each.related_model._meta.model_name}_id"))
            rows = each.related_model.objects.in_bulk({number for _version, number in numbers})
            for version, state in zip(versions, states, strict=True):
                own = [rows.get(number, GONE) for version_id, number in numbers if version_id == version.pk]
                state[each.name] = sorted(own, key=str)
        return states

    def _state_now(self, row: Any) -> dict[str, Any]:
        state = {each.name: _plain(getattr(row, each.name)) for each in self.fields}
        return state | {each.name: sorted(getattr(row, each.name).all(), key=str) for each in self.lists}

    def _changed(self, before: dict[str, Any], after: dict[str, Any]) -> list[str]:
        return [each.name for each in (*self.fields, *self.lists) if before[each.name] != after[each.name]]

    def _differences(self, before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
        return [
            difference_of(self.model, name, value_text(before[name]), value_text(after[name]), after[name])
            for name in self._changed(before, after)
        ]

    def _refusal(self, name: str, value: Any) -> str:
        """Why a field cannot be what it was, in a sentence."""
        kept, label = self.model._meta.get_field(name), label_of(self.model, name)
        is_gone = value is GONE or (isinstance(value, list) and GONE in value)
        if isinstance(kept, models.FileField) and value and not kept.storage.exists(value):
            return _("Not brought back: %(field)s. The file is gone.") % {"field": label}
        return _("Not brought back: %(field)s. What it was is no longer there.") % {"field": label} if is_gone else ""


def _folded(versions: Iterable[Any]) -> list[tuple[Any, bool]]:
    """The last of the versions that one change made, and whether that made the row: a list makes some of its own."""
    made_at = groupby(versions, key=lambda each: (each.version, each.history_date, each.history_user_id))
    groups = [list(group) for _change, group in made_at]
    return [(group[0], group[-1].history_type == "+") for group in groups]


def _kept_value(version: Any, kept: models.Field) -> Any:
    number = getattr(version, kept.attname)
    if not kept.is_relation or number is None:
        return number
    return getattr(version, kept.name) or GONE


def _plain(value: Any) -> Any:
    return value.name or "" if isinstance(value, models.fields.files.FieldFile) else value


# --- Words -------------------------------------------------------------------------------------


def name_of(user: User | None) -> str:
    """Who did it; a command, a task and somebody whose account is gone leave no name."""
    return str(user) if user else _("Somebody")


def label_of(model: type[Model], name: str) -> str:
    """What people call a field."""
    kept: Any = model._meta.get_field(name)
    return str(LABELS.get(name) or kept.verbose_name)


def difference_of(model: type[Model], name: str, before: str, after: str, value: Any) -> Difference:
    """A field that became `value`, with the words for what it was and is."""
    return Difference(name, label_of(model, name), before, after, tick=value if isinstance(value, bool) else None)


def value_text(value: Any) -> str:
    """A value as people read it; empty where it says nothing."""
    if value is GONE:
        return _("(gone)")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return ", ".join(f"{name}: {value_text(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(value_text(each) for each in value)
    return "" if value is None else str(value)


def changed_sentence(who: str, difference: Difference, *, of: str = "") -> str:
    """ "Ana changed the city from “Toronto” to “Guelph”.", where the page is not about the row alone with its name."""
    words = {
        "who": who,
        "field": difference.label,
        "before": Truncator(difference.before).chars(MOST_CHARACTERS),
        "after": Truncator(difference.after).chars(MOST_CHARACTERS),
        "what": of,
    }
    if difference.tick is not None and of:
        ticked = _("%(who)s ticked “%(field)s” of %(what)s."), _("%(who)s unticked “%(field)s” of %(what)s.")
        return ticked[not difference.tick] % words
    if difference.tick is not None:
        return (_("%(who)s ticked “%(field)s”."), _("%(who)s unticked “%(field)s”."))[not difference.tick] % words
    if of and not difference.before:
        return _("%(who)s set the %(field)s of %(what)s to “%(after)s”.") % words
    if of and not difference.after:
        return _("%(who)s emptied the %(field)s of %(what)s; it was “%(before)s”.") % words
    if of:
        return _("%(who)s changed the %(field)s of %(what)s from “%(before)s” to “%(after)s”.") % words
    if not difference.before:
        return _("%(who)s set the %(field)s to “%(after)s”.") % words
    if not difference.after:
        return _("%(who)s emptied the %(field)s; it was “%(before)s”.") % words
    return _("%(who)s changed the %(field)s from “%(before)s” to “%(after)s”.") % words


def moment_text(instant: datetime, zone: tzinfo) -> str:
    """ "Sat 3 Oct 2026, 2:05 PM", or by the clock of the language or of who is signed in."""
    local = instant.astimezone(zone)
    clock = "H:i" if "H" in get_format("TIME_FORMAT") else "g:i A"
    return f"{date_format(local, 'D j M Y')}, {date_format(local, clock)}"


HISTORIES: dict[type[Model], History] = {BandProfile: VersionHistory(BandProfile, update_band)}
