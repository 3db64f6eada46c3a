"""What happened to events and sets, told in sentences; bringing back earlier states and deleted sets.

A state is found by walking back from now: each Change knows what its fields were before it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from bands.models import BandMerge, BandProfile
from bands.row_history import (
    PAGE_SIZE,
    Difference,
    History,
    Moment,
    Part,
    Restoring,
    changed_sentence,
    difference_of,
    moment_text,
    name_of,
    value_text,
)
from schedule import events, lineup
from schedule.changes import lock_event
from schedule.models import Change, Event, Performance, Venue
from schedule.models.event import PUBLIC
from schedule.templatetags.set_times import clock
from settimes.versions import refuse_stale

TIME_TO_BRING_BACK = timedelta(days=30)
Kind, Status = Change.Kind, Performance.Status

DONE_TO_A_SET = {
    Kind.ANNOUNCED: gettext_lazy("%(who)s announced %(what)s."),
    Kind.HIDDEN: gettext_lazy("%(who)s took the announcement of %(what)s back."),
    Kind.CANCELLED: gettext_lazy("%(who)s cancelled %(what)s."),
    Kind.POSTPONED: gettext_lazy("%(who)s postponed %(what)s."),
    Kind.RESTORED: gettext_lazy("%(who)s restored %(what)s: it takes place."),
    Kind.WITHDRAWN: gettext_lazy("%(who)s withdrew %(what)s."),
    Kind.DELETED: gettext_lazy("%(who)s deleted %(what)s."),
}
DONE_TO_AN_EVENT = {
    Kind.EVENT_CREATED: gettext_lazy("%(who)s made the event."),
    Kind.EVENT_PUBLISHED: gettext_lazy("%(who)s published the event."),
    Kind.EVENT_UNPUBLISHED: gettext_lazy("%(who)s unpublished the event."),
    Kind.EVENT_ARCHIVED: gettext_lazy("%(who)s archived the event."),
    Kind.EVENT_UNARCHIVED: gettext_lazy("%(who)s un-archived the event."),
}
TIMES = ("night", "starts_at", "ends_at")
WHO_PLAYS = ("band", "billing", "kind")


# --- Sentences ---------------------------------------------------------------------------------


def sentences_of(change: Change, *, title: str = "") -> tuple[str, ...]:
    """What happened, in the zone of the change's event; `title` is what its set is called."""
    who, what = name_of(change.by), title or _title_in(change)
    words = {"who": who, "what": what}
    if change.kind in DONE_TO_AN_EVENT:
        return (str(DONE_TO_AN_EVENT[Kind(change.kind)]) % words,)
    if change.kind == Kind.EVENT_EDITED:
        return tuple(_edited(change, Event, who=who))
    if change.kind == Kind.ADDED:
        return (_added(change, words),)
    if change.kind == Kind.REPLACED:
        names = {"who": who, "before": _name(change.before.get("set")), "after": _name(change.after.get("set"))}
        return (_("%(who)s put %(after)s in the place of %(before)s.") % names,)
    if change.kind in DONE_TO_A_SET:
        return (str(DONE_TO_A_SET[Kind(change.kind)]) % words,)
    told = [_moved(change, words)] if "venue" in _fields(change) else []
    told += [_retimed(change, words)] if _fields(change) & set(TIMES) else []
    if change.kind == Kind.REVEALED:
        told += [_("%(who)s revealed who plays: %(band)s.") % {"who": who, "band": _name(change.after.get("band"))}]
        return (*told, *_edited(change, Performance, who=who, of=what, but=("venue", *TIMES, *WHO_PLAYS)))
    return (*told, *_edited(change, Performance, who=who, of=what, but=("venue", *TIMES)))


def latest(changes: QuerySet[Change], limit: int) -> list[tuple[str, Change]]:
    """The first of some changes, each in a sentence; what was saved in one go is one of them, with how many sets."""
    later_in_batch = Change.objects.filter(batch=OuterRef("batch"), pk__gt=OuterRef("pk"))
    last = list(changes.exclude(Exists(later_in_batch))[:limit])
    in_batches = Change.objects.filter(batch__in={change.batch for change in last if change.batch}).order_by()
    counted = in_batches.values("batch").annotate(changes=Count("pk"), sets=Count("performance_uid", distinct=True))
    sets = {row["batch"]: row["sets"] for row in counted if row["changes"] > 1}
    return [(_arranged(change, sets.get(change.batch, 0)), change) for change in last]


def _arranged(change: Change, sets: int) -> str:
    if not sets:
        return " ".join(sentences_of(change))
    words = {"who": name_of(change.by), "count": sets}
    return ngettext("%(who)s arranged %(count)d set.", "%(who)s arranged %(count)d sets.", sets) % words


def _title_in(change: Change) -> str:
    """What the set is called as far as the change alone knows."""
    if change.performance:
        return change.performance.title
    return _title_of(change.before) or _title_of(change.after) or _("a deleted set")


def _title_of(fields: dict[str, Any]) -> str:
    return str(fields.get("title") or fields.get("billing") or _name(fields.get("band")))


def _name(value: Any) -> str:
    return str(value["name"]) if isinstance(value, dict) and "name" in value else ""


def _fields(change: Change) -> set[str]:
    return {*change.before, *change.after}


def _added(change: Change, words: dict[str, Any]) -> str:
    facts = [
        _when(change.after, change.event.zone) if change.after.get("starts_at") else _day_of(change.after.get("night")),
        _name(change.after.get("venue")),
    ]
    told = ", ".join(fact for fact in facts if fact)
    return (
        _("%(who)s added %(what)s: %(facts)s.") % {**words, "facts": told}
        if told
        else (_("%(who)s added %(what)s.") % words)
    )


def _moved(change: Change, words: dict[str, Any]) -> str:
    words = {**words, "before": _name(change.before.get("venue")), "after": _name(change.after.get("venue"))}
    if not words["before"]:
        return _("%(who)s put %(what)s into %(after)s.") % words
    if not words["after"]:
        return _("%(who)s took %(what)s out of %(before)s; the venue is open.") % words
    return _("%(who)s moved %(what)s from %(before)s to %(after)s.") % words


def _retimed(change: Change, words: dict[str, Any]) -> str:
    zone, names = change.event.zone, _fields(change)
    before = _when(change.before, zone)
    words = {**words, "before": before, "after": _when(change.after, zone, beside=before)}
    if names & set(TIMES) == {"ends_at"}:
        return _("%(who)s changed the end of %(what)s from %(before)s to %(after)s.") % words
    if names & set(TIMES) == {"starts_at"}:
        return _("%(who)s changed the start of %(what)s from %(before)s to %(after)s.") % words
    if names & set(TIMES) == {"night"}:
        return _("%(who)s moved %(what)s from the night of %(before)s to %(after)s.") % words
    return _("%(who)s changed the time of %(what)s from %(before)s to %(after)s.") % words


def _when(fields: dict[str, Any], zone: ZoneInfo, *, beside: str = "") -> str:
    """ "Sat 10 Oct, 8:00 PM–8:30 PM"; without the day where that stands beside it already."""
    start, end = (_instant(fields.get(name), zone) for name in ("starts_at", "ends_at"))
    known = start or end
    day = _day(known.date()) if known else _day_of(fields.get("night"))
    if not known:
        times = _("open") if {"starts_at", "ends_at"} & set(fields) else ""
        return ", ".join(each for each in (day, times) if each)
    times = f"{clock(start)}–{clock(end)}" if start and end else clock(known)
    return times if beside.startswith(f"{day},") else f"{day}, {times}"


def _instant(value: Any, zone: ZoneInfo) -> datetime | None:
    return datetime.fromisoformat(value).astimezone(zone) if value else None


def _day_of(night: Any) -> str:
    return _day(date.fromisoformat(night)) if night else ""


def _day(day: date) -> str:
    return date_format(day, "D j M")


def _edited(
    change: Change, model: type[models.Model], *, who: str, of: str = "", but: Iterable[str] = ()
) -> Iterable[str]:
    for name in dict.fromkeys([*change.before, *change.after]):
        if name == "doors":
            yield from _hours(change, who)
        elif name == "announce_at":
            yield _planned(change, who, of)
        elif name == "replaces":
            words = {"set": of, "other": _name(change.before.get(name))}
            yield _("%(set)s no longer replaces %(other)s: it was withdrawn.") % words
        elif name not in but and name in _names_of(model):
            sides = (change.before.get(name), change.after.get(name))
            before, after = (_text(model, name, _read(model, name, each), change.event.zone) for each in sides)
            if before != after:
                yield changed_sentence(who, difference_of(model, name, before, after, sides[1]), of=of)


def _planned(change: Change, who: str, what: str) -> str:
    """When a set was to be announced by itself; that is over also once it was announced."""
    was, becomes = (
        _text(Performance, "announce_at", _read(Performance, "announce_at", side.get("announce_at")), change.event.zone)
        for side in (change.before, change.after)
    )
    if becomes:
        return _("%(who)s planned to announce %(what)s on %(when)s.") % {"who": who, "what": what, "when": becomes}
    return _("%(what)s no longer waits to be announced on %(when)s.") % {"what": what, "when": was}


def _hours(change: Change, who: str) -> Iterable[str]:
    """Doors and curfew of a night, or of one venue that night."""
    before, after, zone = change.before["doors"], change.after["doors"], change.event.zone
    place = _place_of(before)
    for name, label in (("opens_at", _("doors")), ("curfew_at", _("curfew"))):
        if name in {*before, *after}:
            was, became = (clock(_instant(side.get(name), zone)) for side in (before, after))
            yield changed_sentence(who, Difference(name, label, was, became), of=place)


def _hours_in(doors: dict[str, Any], zone: ZoneInfo) -> Iterable[tuple[str, datetime | None]]:
    """Doors and curfew that a change recorded: "Sat 10 Oct, Blue Anchor: doors", and when."""
    for name, label in (("opens_at", _("doors")), ("curfew_at", _("curfew"))):
        if name in doors:
            yield f"{_place_of(doors)}: {label}", _instant(doors[name], zone)


def _place_of(doors: dict[str, Any]) -> str:
    return ", ".join(each for each in (_day_of(doors["night"]), _name(doors.get("venue"))) if each)


def _read(model: type[models.Model], name: str, value: Any) -> Any:
    """What was written as JSON, as the field has it; rows stay names and numbers."""
    kept = model._meta.get_field(name) if name in _names_of(model) else None
    if value in (None, "") or kept is None:
        return value
    if isinstance(kept, models.DateTimeField):
        return datetime.fromisoformat(value)
    if isinstance(kept, models.DateField):
        return date.fromisoformat(value)
    return time.fromisoformat(value) if isinstance(kept, models.TimeField) else value


def _names_of(model: type[models.Model]) -> set[str]:
    return {each.name for each in model._meta.get_fields()}


def _text(model: type[models.Model], name: str, value: Any, zone: ZoneInfo) -> str:
    """A value of a field as people read it, times in the zone."""
    kept: Any = model._meta.get_field(name) if name in _names_of(model) else None
    if isinstance(value, datetime):
        return f"{_day(value.astimezone(zone).date())}, {clock(value.astimezone(zone))}"
    if isinstance(value, date):
        return date_format(value, "D j M Y")
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, dict) and kept is not None and kept.is_relation:
        return _name(value)
    if kept is not None and kept.choices:
        return str(dict(kept.flatchoices).get(value, value or ""))
    return value_text(value)


# --- Pages of history --------------------------------------------------------------------------


class ChangeHistory(History):
    """The history of rows whose changes are recorded."""

    def zone(self, row: Any) -> ZoneInfo:
        zone: ZoneInfo = self.event_of(row).zone
        return zone

    def event_of(self, row: Any) -> Event:
        raise NotImplementedError

    def changes(self, row: Any, *, own_only: bool = True) -> QuerySet[Change]:
        """Those of the row, without `own_only` also of what belongs to it."""
        raise NotImplementedError

    def newest_entry(self, row: Any) -> int:
        """The last change of what can be brought back: what is before it led to another state."""
        raise NotImplementedError

    def page(self, row: Any, number: Any, *, own_only: bool = False) -> tuple[Page, list[Moment]]:
        rows = self.changes(row, own_only=own_only).select_related("by", "performance__band").order_by("-pk")
        page = Paginator(rows, PAGE_SIZE).get_page(number)
        event, found = self.event_of(row), list(page.object_list)
        for change in found:
            change.event = event
        titles, newest = _gone_titles(found), self.newest_entry(row)
        made_by = groupby(found, key=lambda each: (each.batch or each.at, each.by_id))
        return page, [self._moment(list(group), row, titles, newest) for _made, group in made_by]

    def latest(self, row: Any) -> tuple[str, datetime] | None:
        change = self.changes(row).select_related("by").order_by("-pk").first()
        return (name_of(change.by), change.at) if change else None

    def _moment(self, newest_first: list[Change], row: Any, titles: dict[Any, str], newest: int) -> Moment:
        told: dict[UUID | None, list[Change]] = {}
        for change in reversed(newest_first):
            told.setdefault(change.performance_uid, []).append(change)
        parts = tuple(self._part(changes, row, titles, newest) for changes in told.values())
        change = newest_first[0]
        return Moment(change.at, moment_text(change.at, self.zone(row)), name_of(change.by), parts)

    def _part(self, changes: list[Change], row: Any, titles: dict[Any, str], newest: int) -> Part:
        last = changes[-1]
        is_of_row = not isinstance(row, Event) or last.performance_uid is None
        sentences = [
            sentence
            for change in changes
            for sentence in sentences_of(change, title=titles.get(change.performance_uid, ""))
        ]
        return Part(
            sentences=tuple(dict.fromkeys(sentences)),
            reason=" ".join(dict.fromkeys(change.reason for change in changes if change.reason)),
            entry=last.pk if is_of_row and last.pk < newest else None,
            subject=None if is_of_row else last.performance,
        )


def _gone_titles(changes: list[Change]) -> dict[Any, str]:
    """What sets were called whose rows are gone, by their uid."""
    gone = {change.performance_uid for change in changes if change.performance_uid and not change.performance_id}
    if not gone:
        return {}
    told = Change.objects.filter(performance_uid__in=gone, kind__in=[Kind.ADDED, Kind.DELETED]).order_by("pk")
    titles = ((change.performance_uid, _title_of(change.before) or _title_of(change.after)) for change in told)
    return {uid: title for uid, title in titles if title}


class EventHistory(ChangeHistory):
    """The history of an event with its sets; an earlier state is that of its own fields."""

    tells_of_others = True

    def event_of(self, row: Event) -> Event:
        return row

    def changes(self, row: Event, *, own_only: bool = True) -> QuerySet[Change]:
        of_event = Change.objects.filter(event=row)
        return of_event.filter(performance_uid=None) if own_only else of_event

    def newest_entry(self, row: Event) -> int:
        return self._edits(row).order_by("-pk").values_list("pk", flat=True).first() or 0

    def restoring(self, row: Event, entry: int) -> Restoring | None:
        change = self.changes(row).filter(pk=entry).first()
        if change is None:
            return None
        then: dict[str, Any] = {}
        for later in self._edits(row).filter(pk__gt=entry).order_by("-pk"):
            then |= later.before
        read = {name: _read(Event, name, value) for name, value in then.items() if name in events.EDITABLE}
        stays, fields = self._hours_that_stay(row, entry), {}
        for name, value in read.items():
            if value == _value(row, name):
                continue
            if name == "poster" and value and not row.poster.storage.exists(value):
                stays.append(_("The poster stays as it is: the file it was is gone."))
            else:
                fields[name] = value
        return Restoring(
            when=moment_text(change.at, row.zone),
            differences=_differences(row, fields, row.zone),
            stays=stays,
            notes=[_("Sets and doors move along with the dates and the time zone.")]
            if {"date", "timezone"} & set(fields)
            else [],
            fields=fields,
        )

    def restore(self, row: Event, entry: int, *, seen_version: int, by: User | None, now: datetime) -> None:
        plan = self.restoring(row, entry)
        if plan is None:
            raise ValueError(f"{row} has no entry {entry}")
        events.update_event(row, seen_version=seen_version, reason=plan.reason, by=by, now=now, **plan.fields)

    def _hours_that_stay(self, row: Event, entry: int) -> list[str]:
        """What the doors and curfews were that were changed since an entry, in a sentence that says they stay."""
        hours = self.changes(row).filter(kind=Kind.EVENT_EDITED, before__has_key="doors")
        then: dict[str, datetime | None] = {}
        now: dict[str, datetime | None] = {}
        for change in hours.filter(pk__gt=entry).order_by("-pk"):
            then |= dict(_hours_in(change.before["doors"], row.zone))
            now = dict(_hours_in(change.after["doors"], row.zone)) | now
        facts = [f"{of} {clock(was) or _('open')}" for of, was in sorted(then.items()) if was != now[of]]
        if not facts:
            return []
        return [_("Doors and curfews stay as they are. They were: %(hours)s.") % {"hours": "; ".join(facts)}]

    def _edits(self, row: Event) -> QuerySet[Change]:
        """The changes of its own fields."""
        return self.changes(row).filter(kind=Kind.EVENT_EDITED).exclude(before__has_key="doors")


def _value(row: models.Model, name: str) -> Any:
    value = getattr(row, name)
    return value.name or "" if isinstance(value, models.fields.files.FieldFile) else value


def _differences(row: models.Model, fields: dict[str, Any], zone: ZoneInfo) -> list[Difference]:
    """The fields of a row as they are and as they would be."""
    return [
        difference_of(
            type(row),
            name,
            _text(type(row), name, _value(row, name), zone),
            _text(type(row), name, value, zone),
            value,
        )
        for name, value in fields.items()
    ]


# --- Earlier states of sets --------------------------------------------------------------------


class SetHistory(ChangeHistory):
    """The history of a set; an earlier state is its fields, its status and whether it was announced."""

    def event_of(self, row: Performance) -> Event:
        return row.event

    def changes(self, row: Performance, *, own_only: bool = True) -> QuerySet[Change]:
        return Change.objects.filter(performance_uid=row.uid)

    def newest_entry(self, row: Performance) -> int:
        return self.changes(row).order_by("-pk").values_list("pk", flat=True).first() or 0

    def restoring(self, row: Performance, entry: int) -> Restoring | None:
        change = self.changes(row).filter(pk=entry).first()
        if change is None:
            return None
        then: dict[str, Any] = {}
        for later in self.changes(row).filter(pk__gt=entry).order_by("-pk"):
            then |= later.before
        fields, stays = _set_fields(row, then)
        steps, notes, state = _way_back(row, then)
        return Restoring(
            when=moment_text(change.at, row.event.zone),
            differences=_differences(row, {**fields, **state}, row.event.zone),
            stays=stays,
            notes=notes,
            fields=fields,
            steps=steps,
        )

    @transaction.atomic
    def restore(self, row: Performance, entry: int, *, seen_version: int, by: User | None, now: datetime) -> None:
        lock_event(row.event)
        fresh = Performance.objects.select_related("event", "band", "venue").get(pk=row.pk)
        refuse_stale(fresh, seen=seen_version)
        plan = self.restoring(fresh, entry)
        if plan is None:
            raise ValueError(f"{row} has no entry {entry}")
        lineup.change_set(fresh, accept_long=True, reason=plan.reason, by=by, now=now, **plan.fields)
        for step in plan.steps:
            step(fresh, reason=plan.reason, by=by, now=now)


def _set_fields(row: Performance, then: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The fields of a set that were different, as they were; and what has to stay, in sentences."""
    read = {name: _read(Performance, name, value) for name, value in then.items() if name in lineup.WRITTEN_FIELDS}
    stays = []
    for name, find in (("venue", _venue_of), ("band", _band_of)):
        if recorded := read.get(name):
            read[name] = find(recorded)
            if read[name] is None:
                stays.append(_gone_sentence(name, recorded))
                for together in WHO_PLAYS if name == "band" else (name,):
                    read.pop(together, None)
    is_public = Performance.objects.visible_to(PUBLIC).filter(pk=row.pk).exists()
    if is_public and row.band and "band" in read and read["band"] != row.band:
        stays.append(
            _("%(band)s stays: people may have picked the set. Use “replace” to let another band play.")
            % {"band": row.band}
        )
        for together in WHO_PLAYS:
            read.pop(together, None)
    known = [name for name in lineup.WRITTEN_FIELDS if name in read]
    return {name: read[name] for name in known if read[name] != getattr(row, name)}, stays


def _venue_of(recorded: dict[str, Any]) -> Venue | None:
    return Venue.objects.select_related("parent").filter(pk=recorded["id"]).first()


def _band_of(recorded: dict[str, Any]) -> BandProfile | None:
    """The band that was recorded, or the one that it was merged into."""
    merge = BandMerge.objects.filter(former_id=recorded["id"], undone_at=None).select_related("kept").first()
    return BandProfile.objects.filter(pk=recorded["id"]).first() or (merge.kept if merge else None)


def _gone_sentence(name: str, recorded: dict[str, Any]) -> str:
    words = {"name": _name(recorded)}
    if name == "venue":
        return _("%(name)s is no longer among the venues, so the venue is not brought back.") % words
    return _("%(name)s is no longer in the band library, so who plays is not brought back.") % words


def _way_back(row: Performance, then: dict[str, Any]) -> tuple[tuple[Any, ...], list[str], dict[str, Any]]:
    """The functions that lead from how a set stands to how it stood, what to know about that, and what differs."""
    status, announced = then.get("status", row.status), then.get("is_announced", row.is_announced)
    steps: list[Any] = []
    notes: list[str] = []
    if status != row.status:
        direct: Any = {
            Status.SCHEDULED: lineup.restore_set,
            Status.CANCELLED: lineup.cancel_set,
            Status.POSTPONED: lineup.postpone_set,
            Status.WITHDRAWN: lineup.withdraw_set,
        }[Status(status)]
        is_reached = status in {Status.SCHEDULED, Status.WITHDRAWN} or row.status == Status.SCHEDULED
        is_reached = is_reached or (row.status, status) == (Status.POSTPONED, Status.CANCELLED)
        if not is_reached:
            notes.append(
                _("It is restored first: that is the only way from %(now)s to %(then)s.")
                % {"now": row.get_status_display().lower(), "then": str(Status(status).label).lower()}
            )
        steps = [direct] if is_reached else [lineup.restore_set, direct]
    if status != Status.WITHDRAWN and (announced != row.is_announced or row.status == Status.WITHDRAWN):
        steps.append(lineup.announce_set if announced else lineup.hide_set)
    if row.is_announced and not announced and row.event.published_at:
        notes.append(_("It was announced: people may have read of it."))
    if then.get("announce_at"):
        notes.append(_("When it is announced by itself is not brought back: plan that again."))
    wanted = {"status": status, "is_announced": announced if status != Status.WITHDRAWN else False}
    return tuple(steps), notes, {name: value for name, value in wanted.items() if value != getattr(row, name)}


# --- Sets that were deleted --------------------------------------------------------------------


@dataclass(frozen=True)
class DeletedSet:
    """A set that was deleted, with what it was; `refusal` says why it cannot be brought back, `stays_open` what not."""

    change: Change
    title: str
    facts: str
    deleted: str
    refusal: str
    stays_open: list[str]


def deleted_sets(event: Event, *, now: datetime) -> list[DeletedSet]:
    """The sets of an event that were deleted in the last 30 days and are not back, the last first."""
    gone = Change.objects.filter(event=event, kind=Kind.DELETED, at__gte=now - TIME_TO_BRING_BACK)
    back = Performance.objects.filter(uid__in=gone.values("performance_uid")).values("uid")
    rows = gone.exclude(performance_uid__in=back).select_related("by").order_by("-pk")
    newest: dict[Any, Change] = {}
    for change in rows:
        newest.setdefault(change.performance_uid, change)
    changes = list(newest.values())
    venues, bands = (
        {change.before[name]["id"] for change in changes if change.before.get(name)} for name in ("venue", "band")
    )
    known = {
        "venue": set(Venue.objects.filter(pk__in=venues).values_list("pk", flat=True)),
        "band": {
            *BandProfile.objects.filter(pk__in=bands).values_list("pk", flat=True),
            *BandMerge.objects.filter(former_id__in=bands, undone_at=None).values_list("former_id", flat=True),
        },
    }
    titles, to_replace = _gone_titles(changes), _sets_to_replace(changes)
    return [
        _deleted_set(change, event, titles.get(change.performance_uid, ""), known, to_replace, now=now)
        for change in changes
    ]


def _sets_to_replace(changes: Iterable[Change]) -> dict[str, Performance]:
    """The sets that deleted ones replaced and would again, by their uid: they are off, and nothing replaces them."""
    uids = {change.before["replaces"]["uid"] for change in changes if change.before.get("replaces")}
    found = Performance.objects.filter(uid__in=uids, replaced_by=None).exclude(status=Status.SCHEDULED)
    return {str(performance.uid): performance for performance in found}


def _deleted_set(
    change: Change,
    event: Event,
    title: str,
    known: dict[str, set[int]],
    to_replace: dict[str, Performance],
    *,
    now: datetime,
) -> DeletedSet:
    change.event = event
    before = change.before
    facts = [
        _when(before, event.zone) if before.get("starts_at") else _day_of(before.get("night")),
        _name(before.get("venue")),
    ]
    return DeletedSet(
        change=change,
        title=title or _("a set"),
        facts=", ".join(each for each in facts if each),
        deleted=_("%(who)s deleted it on %(when)s.")
        % {"who": name_of(change.by), "when": moment_text(change.at, event.zone)},
        refusal="" if _is_kept(change) else _("It cannot be brought back: what it was has not been kept."),
        stays_open=[
            _gone_sentence(name, before[name])
            for name in ("venue", "band")
            if before.get(name) and before[name]["id"] not in known[name]
        ]
        + _standing(change, to_replace, now=now)[1],
    )


def _standing(change: Change, to_replace: dict[str, Performance], *, now: datetime) -> tuple[dict[str, Any], list[str]]:
    """How a deleted set stands once it is back, and what of that is lost, in sentences.

    What was deleted before that was recorded comes back like a new set. In an event that is public
    by now it is withdrawn: nobody is to see it before somebody has looked at it.
    """
    event, before, lost = change.event, change.before, []
    is_announced = before.get("is_announced", not event.reveal_mode)
    read = {name: _read(Performance, name, before.get(name)) for name in ("announced_at", "announce_at")}
    standing = {
        "status": Status(before.get("status", Status.SCHEDULED)),
        "is_announced": is_announced,
        "announced_at": read["announced_at"] or (now if is_announced else None),
        "announce_at": read["announce_at"],
        "replaces": None,
    }
    if event.is_public:
        standing |= {"status": Status.WITHDRAWN, "is_announced": False, "announce_at": None}
    elif read["announce_at"] and read["announce_at"] <= now:
        standing["announce_at"] = None
    if read["announce_at"] and not standing["announce_at"]:
        when = moment_text(read["announce_at"], event.zone)
        lost.append(_("It was to be announced on %(when)s, and no longer is: plan that again.") % {"when": when})
    if replaced := before.get("replaces"):
        standing["replaces"] = to_replace.get(replaced["uid"])
    if replaced and not standing["replaces"]:
        lost.append(
            _("It no longer replaces %(set)s, which is gone, takes place again or is replaced by another one.")
            % {"set": _name(replaced)}
        )
    return standing, lost


def _is_kept(change: Change) -> bool:
    return set(lineup.WRITTEN_FIELDS) <= set(change.before)


@transaction.atomic
def bring_back(change: Change, *, by: User | None, now: datetime) -> Performance:
    """Put a deleted set back as it was, under its old uid; without a venue or band that is gone.

    In an event that has become public it is withdrawn until somebody restores it.

    Raises ValidationError when it was deleted more than 30 days ago, is back already, or when what it
    was has not been kept.
    """
    event = lock_event(change.event)
    title = _title_in(change)
    if change.kind != Kind.DELETED:
        raise ValueError(f"{change} deleted nothing")
    if change.at < now - TIME_TO_BRING_BACK:
        late = _("%(set)s was deleted more than 30 days ago. Add it anew.")
        raise ValidationError(late % {"set": title}, code="late")
    if not _is_kept(change):
        raise ValidationError(_("What %(set)s was has not been kept. Add it anew.") % {"set": title}, code="not_kept")
    uid: Any = change.performance_uid
    if Performance.objects.filter(uid=uid).exists():
        raise ValidationError(_("%(set)s is back already.") % {"set": title}, code="is_back")
    fields = {name: _read(Performance, name, change.before[name]) for name in lineup.WRITTEN_FIELDS}
    fields["venue"] = _venue_of(fields["venue"]) if fields["venue"] else None
    recorded, fields["band"] = fields["band"], _band_of(fields["band"]) if fields["band"] else None
    if recorded and fields["band"] is None:
        fields |= {"kind": Performance.Kind.PLACEHOLDER, "billing": fields["billing"] or "TBA"}
    change.event = event
    fields |= _standing(change, _sets_to_replace([change]), now=now)[0]
    performance = lineup.put_back_set(event, uid=uid, by=by, now=now, **fields)
    # Its earlier changes are its own again, for whoever looks them up by the row.
    Change.objects.filter(performance_uid=uid, performance=None).update(performance=performance)
    return performance
