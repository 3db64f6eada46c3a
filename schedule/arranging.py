"""Arranging a night: many sets moved, re-timed, announced and called off in one go, tried out before.

A plan is made in memory from rows that were read once, so that sets may trade places without
meeting each other half-way. Overlaps are no error here either: the board warns of them.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import AuditEntry, User
from accounts.trails import audit
from schedule import lineup
from schedule.changes import Entry, lock_event, record_all
from schedule.models import Change, Event, Performance
from schedule.models.event import PUBLIC
from schedule.set_acts import DELETE, SIDE_FIELDS, FieldChange, act_on
from schedule.typed_times import check_length

MOST_WISHES = 200
MOST_DELETIONS = 50  # among them: each is deleted by itself
PLACE_FIELDS = ("venue", "starts_at", "ends_at")
STATE_FIELDS = ("status", "is_announced")
SCHEDULED = Performance.Status.SCHEDULED


@dataclass(frozen=True)
class Wish:
    """What somebody who saw a version of a set wants of it: a place (some of PLACE_FIELDS), and an act or DELETE."""

    set_id: int
    seen_version: int
    place: dict[str, Any] = field(default_factory=dict)
    act: str = ""
    reason: str = ""
    accept_long: bool = False


@dataclass(frozen=True)
class Deed:
    """One of ACTS, or DELETE, that is to be done to a set once all places are taken."""

    set_id: int
    act: str
    reason: str = ""


@dataclass(frozen=True)
class Stale:
    """A set that was changed after somebody saw it: how it is now, None once it is deleted, and who did that when."""

    wish: Wish
    title: str
    performance: Performance | None
    by: User | None
    at: datetime | None


class StaleSetsError(Exception):
    """Sets were changed after somebody saw them; nothing was saved."""

    def __init__(self, stale: list[Stale]) -> None:
        super().__init__(f"{len(stale)} sets were changed meanwhile")
        self.stale = stale


class RefusedSetError(ValidationError):
    """What is wanted of one set cannot be; nothing was saved."""

    def __init__(self, performance: Performance, error: ValidationError) -> None:
        super().__init__(" ".join(error.messages), code="refused_set")
        self.performance = performance


@dataclass
class Arrangement:
    """The sets of a night as they were and as they are to be, by id; `batch` is None while nothing is saved.

    Those that are concerned are in `before`, in the order in which they are told. What an event has
    recorded after `since_revision` belongs to it.
    """

    event: Event
    night: date
    before: dict[int, Performance]
    after: dict[int, Performance]
    since_revision: int
    deeds: list[Deed] = field(default_factory=list)
    returned_ids: set[int] = field(default_factory=set)
    stale: list[Stale] = field(default_factory=list)
    public_ids: set[int] = field(default_factory=set)
    batch: uuid.UUID | None = None

    @property
    def night_sets(self) -> list[Performance]:
        """The sets of the night as they are to be."""
        return [each for each in self.after.values() if each.night == self.night]

    @property
    def changed_ids(self) -> list[int]:
        """The sets that are different, gone, or back."""
        return [pk for pk in self.before if pk in self.returned_ids or self.changes_of(pk)]

    def changes_of(self, set_id: int) -> dict[str, tuple[Any, Any]]:
        """The fields of a set that are different, before and after; of a deleted one all are gone."""
        old, new = self.before[set_id], self.after.get(set_id)
        pairs = {name: (getattr(old, name), getattr(new, name, None)) for name in (*PLACE_FIELDS, *STATE_FIELDS)}
        return {name: pair for name, pair in pairs.items() if new is None or pair[0] != pair[1]}


def preview(event: Event, night: date, wishes: Sequence[Wish], *, now: datetime) -> Arrangement:
    """What `arrange` would make of it, stale sets among them, without saving anything.

    Raises ValidationError as `arrange` does.
    """
    arrangement = _plan(event, night, wishes, is_locked=False)
    arrangement.public_ids = _public_among(arrangement.before)
    if arrangement.deeds:
        with transaction.atomic():
            _act(replace(arrangement, event=copy(event)), batch=uuid.uuid4(), by=None, now=now)
            arrangement.public_ids |= _public_among(arrangement.before)
            transaction.set_rollback(True)
    return arrangement


@transaction.atomic
def arrange(event: Event, night: date, wishes: Sequence[Wish], *, by: User | None, now: datetime) -> Arrangement:
    """Give sets of an event their new places, then announce them, call them off and so on: all of it or nothing.

    Raises StaleSetsError where a set was changed since it was seen, RefusedSetError where a place or
    an act cannot be, and ValidationError for a set of another event.
    Every set that is different has a new version; what happened is one batch of changes.
    """
    event = lock_event(event)
    arrangement = _plan(event, night, wishes, is_locked=True)
    write_arrangement(arrangement, by=by, now=now)
    return arrangement


def write_arrangement(arrangement: Arrangement, *, by: User | None, now: datetime) -> None:
    """Save a plan whose rows are locked, as one batch with one entry in the audit trail for all sets."""
    event, batch = arrangement.event, uuid.uuid4()
    _write_places(arrangement, batch=batch, by=by, now=now)
    _act(arrangement, batch=batch, by=by, now=now)
    if arrangement.returned_ids or any(deed.act == DELETE for deed in arrangement.deeds):
        # What `lineup` did to single sets belongs to it too.
        event.changes.filter(revision__gt=arrangement.since_revision).update(batch=batch)
        event.refresh_from_db(fields=["revision", "public_revision"])
    if not (changed := arrangement.changed_ids):
        return
    arrangement.batch = batch
    if by is not None:
        facts = {f"{arrangement.before[pk].title} (set {pk})": arrangement.changes_of(pk) for pk in changed}
        before, after = (
            {label: {name: pair[side] for name, pair in pairs.items()} for label, pairs in facts.items()}
            for side in (0, 1)
        )
        audit("event.arranged", event, by=by, now=now, before=before, after=after)


def _plan(event: Event, night: date, wishes: Sequence[Wish], *, is_locked: bool) -> Arrangement:
    """The night's sets and all that wishes name, each wish for a place fulfilled in memory.

    Raises StaleSetsError when it is locked, to be saved.
    """
    wanted = {wish.set_id for wish in wishes}
    after = read_sets(event, Q(night=night) | Q(pk__in=wanted), is_locked=is_locked)
    missing = wanted - set(after)
    before = {wish.set_id: copy(after[wish.set_id]) for wish in wishes if wish.set_id in after}
    arrangement = Arrangement(event, night, before, after, since_revision=event.revision)
    arrangement.stale = _stale(arrangement, wishes, missing=missing)
    if arrangement.stale and is_locked:
        raise StaleSetsError(arrangement.stale)
    for wish in wishes:
        if wish.set_id in after:
            put_in_place(after[wish.set_id], wish.place, accept_long=wish.accept_long)
    stale = {each.wish.set_id for each in arrangement.stale}
    acting = [wish for wish in wishes if wish.act and wish.set_id not in stale]
    arrangement.deeds = [Deed(wish.set_id, wish.act, wish.reason) for wish in acting]
    return arrangement


def read_sets(event: Event, which: Q, *, is_locked: bool) -> dict[int, Performance]:
    """Sets of an event by id, with what their titles and places are made of, in the order of the day."""
    rows = event.performances.filter(which).select_related("band", "venue__parent")
    if is_locked:
        rows = rows.select_for_update(of=("self",))
    found = {performance.pk: performance for performance in rows}
    for performance in found.values():
        performance.event = event
    return found


def _stale(arrangement: Arrangement, wishes: Sequence[Wish], *, missing: Collection[int]) -> list[Stale]:
    """The wishes for sets that are another version by now, or deleted; raises for a set that was never the event's."""
    gone = _deleted(arrangement.event, missing)
    if unknown := sorted(set(missing) - set(gone)):
        raise ValidationError(
            _("The event has no set %(number)s.") % {"number": unknown[0]},
            code="unknown_set",
            params={"id": unknown[0]},
        )
    older = [
        wish
        for wish in wishes
        if wish.set_id in arrangement.before and wish.seen_version != arrangement.before[wish.set_id].version
    ]
    last = last_changes(arrangement.event, [arrangement.before[wish.set_id].uid for wish in older])
    stale = []
    for wish in (wish for wish in wishes if wish in older or wish.set_id in gone):
        if entry := gone.get(wish.set_id):
            by = User.objects.filter(pk=entry.user_id).first()
            stale.append(Stale(wish, entry.object_label, None, by, entry.at))
        else:
            performance = arrangement.before[wish.set_id]
            change = last.get(performance.uid)
            by, at = (change.by, change.at) if change else (None, None)
            stale.append(Stale(wish, performance.title, performance, by, at))
    return stale


def _deleted(event: Event, set_ids: Collection[int]) -> dict[int, AuditEntry]:
    """Which of these sets the event once had: the entries that tell of their deletion, by id."""
    if not set_ids:
        return {}
    told = AuditEntry.objects.filter(
        object_type=Performance._meta.label_lower,
        object_id__in=[str(pk) for pk in set_ids],
        action="performance.deleted",
        at__in=event.changes.filter(kind=Change.Kind.DELETED).values("at"),
    )
    return {int(entry.object_id): entry for entry in told}


def last_changes(event: Event, uids: Iterable[uuid.UUID]) -> dict[uuid.UUID | None, Change]:
    """The last change of each set, by its uid."""
    rows = event.changes.filter(performance_uid__in=list(uids)).select_related("by").order_by("revision")
    return {change.performance_uid: change for change in rows}


def put_in_place(performance: Performance, place: dict[str, Any], *, accept_long: bool) -> None:
    """Give a set its place in memory. Raises RefusedSetError."""
    different = [name for name, value in place.items() if not _is_same(getattr(performance, name), value)]
    for name in different:
        setattr(performance, name, place[name])
    if not different:
        return
    try:
        _check_place(performance, accept_long=accept_long or different == ["venue"])
    except ValidationError as error:
        raise RefusedSetError(performance, error) from error


def _is_same(one: Any, other: Any) -> bool:
    """Whether two values are the same on a board, which counts minutes."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one.timestamp() // 60 == other.timestamp() // 60
    return bool(one == other)


def _check_place(performance: Performance, *, accept_long: bool) -> None:
    """What `lineup` asks of a set with a new place; its other fields were right and have not changed."""
    if performance.ends_at and not performance.starts_at:
        raise ValidationError(_("A set with an end needs a start."), code="start")
    if performance.starts_at and performance.ends_at:
        check_length(performance.starts_at, performance.ends_at, zone=performance.event.zone, accept_long=accept_long)
    performance.clean()


def _write_places(arrangement: Arrangement, *, batch: uuid.UUID, by: User | None, now: datetime) -> None:
    """Save all new places at once, each recorded as `lineup.change_set` would."""
    moved = {pk: changes for pk in arrangement.before if (changes := _place_changes(arrangement, pk))}
    _write(arrangement, moved, batch=batch, by=by, now=now)


def _write(
    arrangement: Arrangement,
    changes: Mapping[int, list[FieldChange]],
    *,
    also: Collection[str] = (),
    reasons: Mapping[int, str] | None = None,
    batch: uuid.UUID,
    by: User | None,
    now: datetime,
) -> None:
    """Save changes of many sets, and the fields `also`, and record them as `lineup` would set by set."""
    if not changes:
        return
    event, private = arrangement.event, lineup.private_fields(arrangement.event)
    was_public = _public_among(changes)
    opened = {pk: {kind for kind, _b, after in changes[pk] if set(after) - private} for pk in changes}
    for pk in changes:
        performance = arrangement.after[pk]
        performance.version += 1
        performance.updated_by, performance.updated_at = by, now
        performance.changed_at = now if opened[pk] else performance.changed_at
    rows = Performance.objects.filter(event=event)
    # A bulk_update is dear by the field: what is the same for all is written beside it.
    names = {name for each in changes.values() for _kind, _b, after in each for name in after} | set(also)
    rows.bulk_update([arrangement.after[pk] for pk in changes], sorted(names))
    rows.filter(pk__in=list(changes)).update(version=F("version") + 1, updated_by=by, updated_at=now)
    rows.filter(pk__in=[pk for pk in changes if opened[pk]]).update(changed_at=now)
    public = was_public | _public_among(changes)
    risen = [pk for pk in changes if pk in public and opened[pk] & lineup.SEQUENCE_KINDS]
    rows.filter(pk__in=risen).update(sequence=F("sequence") + 1)
    entries = [
        Entry(kind, pk in public and not is_private, arrangement.after[pk], before, after, (reasons or {}).get(pk, ""))
        for pk, each in changes.items()
        for kind, before, after, is_private in lineup.recorded_parts(each, private)
    ]
    record_all(event, entries, by=by, now=now, batch=batch)


def _place_changes(arrangement: Arrangement, set_id: int) -> list[FieldChange]:
    """Its new place as `lineup` tells it: moved, re-timed or both, in the order of CHANGE_KINDS."""
    pairs = arrangement.changes_of(set_id)
    changes = []
    for kind, names in lineup.CHANGE_KINDS.items():
        if own := [name for name in names if name in pairs]:
            changes.append((kind, {name: pairs[name][0] for name in own}, {name: pairs[name][1] for name in own}))
    return changes


def _act(arrangement: Arrangement, *, batch: uuid.UUID, by: User | None, now: datetime) -> None:
    """Announce, cancel and so on: the first deed of every set at once, then the second of those that have one.

    Raises RefusedSetError where `lineup` would refuse.
    """
    so_far: Counter[int] = Counter()
    rounds: dict[int, list[Deed]] = defaultdict(list)
    for deed in arrangement.deeds:
        rounds[so_far[deed.set_id]].append(deed)
        so_far[deed.set_id] += 1
    for deeds in rounds.values():
        _act_at_once(arrangement, deeds, batch=batch, by=by, now=now)


def _act_at_once(
    arrangement: Arrangement, deeds: Sequence[Deed], *, batch: uuid.UUID, by: User | None, now: datetime
) -> None:
    changes = {}
    for deed in deeds:
        performance = arrangement.after[deed.set_id]
        try:
            if deed.act != DELETE and (made := act_on(performance, deed.act, now=now)):
                changes[deed.set_id] = made
        except ValidationError as error:
            raise RefusedSetError(performance, error) from error
    _refuse_replaced(arrangement, deeds)
    reasons = {deed.set_id: deed.reason for deed in deeds}
    _write(arrangement, changes, also=SIDE_FIELDS, reasons=reasons, batch=batch, by=by, now=now)
    for deed in (deed for deed in deeds if deed.act == DELETE):
        performance = arrangement.after[deed.set_id]
        try:
            lineup.delete_set(copy(performance), reason=deed.reason, by=by, now=now)
        except ValidationError as error:
            raise RefusedSetError(performance, error) from error
        del arrangement.after[deed.set_id]


def _refuse_replaced(arrangement: Arrangement, deeds: Sequence[Deed]) -> None:
    """No set is restored while another one plays instead of it, unless that goes in the same breath."""
    restored = [deed.set_id for deed in deeds if deed.act == "restore"]
    if not restored:
        return
    gone = {deed.set_id for deed in deeds if deed.act == DELETE}
    for other in Performance.objects.filter(replaces__in=restored, status=SCHEDULED).select_related("band"):
        if other.pk not in gone and arrangement.after.get(other.pk, other).status == SCHEDULED:
            performance = arrangement.after[other.replaces_id or 0]
            words = {"other": other, "set": performance}
            message = _("%(other)s plays instead of %(set)s. Cancel or withdraw %(other)s first.") % words
            raise RefusedSetError(performance, ValidationError(message, code="replaced"))


def _public_among(set_ids: Iterable[int]) -> set[int]:
    """Which of these sets the public sees: the gate, asked once for all."""
    return set(Performance.objects.visible_to(PUBLIC).filter(pk__in=list(set_ids)).values_list("pk", flat=True))
