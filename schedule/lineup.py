"""The running order: adding sets and everything that can happen to one.

Each function is one transaction that changes the rows, records what changed and raises the event's
revision. Changing a set again to the same values changes nothing; adding and replacing make a new
set each time. Instants are aware.
"""

import uuid
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from bands.models import BandProfile
from schedule.changes import lock_event, record, refuse_unknown
from schedule.models import Change, Event, Performance, Venue
from schedule.models.event import PUBLIC
from schedule.typed_times import check_length
from settimes.versions import refuse_stale

Kind, Status = Performance.Kind, Performance.Status

# Which change each field of a set makes; the order is the one they are recorded in.
CHANGE_KINDS = {
    Change.Kind.MOVED: ("venue",),
    Change.Kind.RETIMED: ("night", "starts_at", "ends_at"),
    Change.Kind.EDITED: ("band", "kind", "billing", "notes", "crew_notes", "expected_delay_minutes"),
}
PRIVATE_FIELDS = {"crew_notes", "announce_at"}
# What a set is made of, beside its event, status and announcement.
WRITTEN_FIELDS = tuple(name for names in CHANGE_KINDS.values() for name in names)
# How it stands, which functions of their own change; a deleted set takes it along to come back with it.
STANDING_FIELDS = ("status", "is_announced", "announced_at", "announce_at", "replaces")
# Calendars take a new version of an entry only when its SEQUENCE was raised (RFC 5545, 3.8.7.4).
SEQUENCE_KINDS = {
    Change.Kind.MOVED,
    Change.Kind.RETIMED,
    Change.Kind.REVEALED,
    Change.Kind.CANCELLED,
    Change.Kind.POSTPONED,
    Change.Kind.RESTORED,
    Change.Kind.WITHDRAWN,
}


@transaction.atomic
def add_set(
    event: Event,
    *,
    night: date,
    band: BandProfile | None = None,
    billing: str = "",
    kind: Performance.Kind | None = None,
    venue: Venue | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    notes: str = "",
    crew_notes: str = "",
    is_announced: bool | None = None,
    replaces: Performance | None = None,
    uid: uuid.UUID | None = None,
    accept_long: bool = False,
    by: User | None,
    now: datetime,
) -> Performance:
    """Put a set on the running order; without a band it is a placeholder or an activity.

    In reveal mode it starts out unannounced. Raises ValidationError for times, nights and lengths
    that cannot be right; overlaps are no error (`conflicts.find`).
    """
    event = lock_event(event)
    announced = not event.reveal_mode if is_announced is None else is_announced
    performance = Performance(
        event=event,
        uid=uid or uuid.uuid4(),
        night=night,
        band=band,
        billing=billing or ("" if band else "TBA"),
        kind=kind or (Kind.SET if band else Kind.PLACEHOLDER),
        venue=venue,
        starts_at=starts_at,
        ends_at=ends_at,
        notes=notes,
        crew_notes=crew_notes,
        is_announced=announced,
        announced_at=now if announced else None,
        replaces=replaces,
        changed_at=now,
        created_by=by,
        updated_by=by,
    )
    _check(performance, accept_long=accept_long)
    return _add(event, performance, by=by, now=now)


@transaction.atomic
def put_back_set(event: Event, *, uid: uuid.UUID, by: User | None, now: datetime, **fields: Any) -> Performance:
    """Make a set again that was deleted, under its uid: as it was made up and as it stood.

    `fields` are WRITTEN_FIELDS and STANDING_FIELDS. Raises ValidationError for what is no longer right.
    """
    refuse_unknown(fields, (*WRITTEN_FIELDS, *STANDING_FIELDS))
    event = lock_event(event)
    performance = Performance(event=event, uid=uid, changed_at=now, created_by=by, updated_by=by, **fields)
    _check(performance, accept_long=True)
    return _add(event, performance, by=by, now=now)


def _add(event: Event, performance: Performance, *, by: User | None, now: datetime) -> Performance:
    """Save a new set and record what it is made of."""
    performance.save()
    names = set(WRITTEN_FIELDS) - private_fields(event)
    record(
        event,
        Change.Kind.ADDED,
        performance=performance,
        after={name: getattr(performance, name) for name in sorted(names)},
        is_public=_is_public(performance),
        by=by,
        now=now,
    )
    return performance


@transaction.atomic
def change_set(
    performance: Performance,
    *,
    accept_long: bool = False,
    seen_version: int | None = None,
    reason: str = "",
    by: User | None,
    now: datetime,
    **fields: Any,
) -> list[Change]:
    """Give a set new values for night, starts_at, ends_at, venue, band, billing, kind, notes and the like.

    Answers one Change for each thing that happened (moved, retimed, revealed, edited), none when
    nothing is different. Raises ValidationError as `add_set` does, and when the band of a public
    set would turn into another one: that is a replacement. With `seen_version` it raises StaleError
    when the set has been changed since.
    """
    refuse_unknown(fields, WRITTEN_FIELDS)
    event, performance = lock_set(performance)
    refuse_stale(performance, seen=seen_version)
    before = {name: getattr(performance, name) for name in fields}
    was_public = _is_public(performance)
    if was_public and performance.band and "band" in fields and fields["band"] != performance.band:
        raise ValidationError(
            _("%(set)s is public already. Use “replace” so that people who picked it are told.") % {"set": performance},
            code="needs_replacement",
        )
    for name, value in fields.items():
        setattr(performance, name, value)
    changed = {name for name in fields if getattr(performance, name) != before[name]}
    if not changed:
        return []
    _check(performance, accept_long=accept_long or not changed & {"starts_at", "ends_at"})
    is_revealed = "band" in changed and before["band"] is None
    changes = []
    for kind, names in CHANGE_KINDS.items():
        own = [name for name in names if name in changed]
        is_reveal = kind == Change.Kind.EDITED and is_revealed
        before_and_after = ({name: before[name] for name in own}, {name: fields[name] for name in own})
        changes.append((Change.Kind.REVEALED if is_reveal else kind, *before_and_after))
    return _save(event, performance, changes, was_public=was_public, reason=reason, by=by, now=now)


def move_set(performance: Performance, *, venue: Venue | None, by: User | None, now: datetime) -> list[Change]:
    """Put a set into another venue or room; None while it is open."""
    return change_set(performance, venue=venue, by=by, now=now)


def retime_set(
    performance: Performance,
    *,
    starts_at: datetime | None,
    ends_at: datetime | None,
    night: date | None = None,
    accept_long: bool = False,
    by: User | None,
    now: datetime,
) -> list[Change]:
    """Give a set new times; None for what is open. Without `night` it stays on its night."""
    on: dict[str, Any] = {"night": night} if night else {}
    return change_set(performance, starts_at=starts_at, ends_at=ends_at, accept_long=accept_long, by=by, now=now, **on)


def cancel_set(performance: Performance, *, reason: str = "", by: User | None, now: datetime) -> list[Change]:
    """The set does not take place; it stays listed and is called cancelled, and is not announced by itself any more."""
    return _change_status(
        performance,
        Change.Kind.CANCELLED,
        Status.CANCELLED,
        allowed=[Status.SCHEDULED, Status.POSTPONED],
        reason=reason,
        by=by,
        now=now,
    )


@transaction.atomic
def postpone_set(
    performance: Performance,
    *,
    night: date | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    accept_long: bool = False,
    reason: str = "",
    by: User | None,
    now: datetime,
) -> list[Change]:
    """The set does not take place when it was said to.

    Without `night` it is postponed and keeps its old date, which is struck, until the new one is
    known. With it, it is on again, then: the change keeps the date it had, which stays readable
    beside the new one (`SetRow.postponed_from`). Raises ValidationError as `add_set` does, and for
    the night and times that a postponed set has already.
    """
    if night is None:
        return _change_status(
            performance,
            Change.Kind.POSTPONED,
            Status.POSTPONED,
            allowed=[Status.SCHEDULED],
            reason=reason,
            by=by,
            now=now,
        )
    event, performance = lock_set(performance)
    fields = {"status": Status.SCHEDULED, "night": night, "starts_at": starts_at, "ends_at": ends_at}
    changed = [name for name in fields if getattr(performance, name) != fields[name]]
    if not changed:
        return []
    if performance.status not in (Status.SCHEDULED, Status.POSTPONED):
        raise _restore_first(performance)
    if changed == ["status"]:
        raise ValidationError(
            _("That is when %(set)s was to play. Choose another night or time, or restore it.") % {"set": performance},
            code="same_date",
        )
    was_public = _is_public(performance)
    # With the times alone nobody could say which date it was; a night alone would tell that hidden times changed.
    kept = [name for name in fields if name in changed or (name == "night" and event.times_public)]
    before = {name: getattr(performance, name) for name in kept}
    after = {name: fields[name] for name in kept}
    for name, value in after.items():
        setattr(performance, name, value)
    _check(performance, accept_long=accept_long)
    changes = [(Change.Kind.POSTPONED, before, after)]
    return _save(event, performance, changes, was_public=was_public, reason=reason, by=by, now=now)


def withdraw_set(performance: Performance, *, reason: str = "", by: User | None, now: datetime) -> list[Change]:
    """Take a set off the public running order without a word; its row stays, so plans keep their place for it."""
    return _change_status(
        performance,
        Change.Kind.WITHDRAWN,
        Status.WITHDRAWN,
        allowed=[Status.SCHEDULED, Status.CANCELLED, Status.POSTPONED],
        also={"is_announced": False},
        reason=reason,
        by=by,
        now=now,
    )


@transaction.atomic
def restore_set(performance: Performance, *, reason: str = "", by: User | None, now: datetime) -> list[Change]:
    """Undo a cancellation, postponement or withdrawal.

    A withdrawn set comes back unannounced in reveal mode, else public; one that was withdrawn after
    replacing it is a set of its own from now on. Raises ValidationError when another set has replaced
    it and still stands.
    """
    event, performance = lock_set(performance)
    replacement = Performance.objects.filter(replaces=performance, status=Status.SCHEDULED).first()
    if replacement:
        raise ValidationError(
            _("%(other)s plays instead of %(set)s. Cancel or withdraw %(other)s first.")
            % {"other": replacement, "set": performance},
            code="replaced",
        )
    changes = _change_status(
        performance,
        Change.Kind.RESTORED,
        Status.SCHEDULED,
        allowed=[Status.CANCELLED, Status.POSTPONED, Status.WITHDRAWN],
        reason=reason,
        by=by,
        now=now,
    )
    if changes:
        _part_from_withdrawn(event, performance, reason=reason, by=by, now=now)
    return changes


@transaction.atomic
def replace_set(
    performance: Performance,
    *,
    band: BandProfile | None = None,
    billing: str = "",
    reason: str = "",
    by: User | None,
    now: datetime,
) -> Performance:
    """Let another band play in the slot of a set, which is cancelled; answers the new set.

    The new set is a row of its own, so nobody who picked the old one has picked it.
    Raises ValidationError when the set is replaced already, or withdrawn; a replacement that was
    withdrawn does not count.
    """
    event, performance = lock_set(performance)
    replacement = Performance.objects.filter(replaces=performance).exclude(status=Status.WITHDRAWN).first()
    if replacement:
        raise ValidationError(
            _("%(set)s is replaced already, by %(other)s. Replace or withdraw %(other)s.")
            % {"set": performance, "other": replacement},
            code="replaced",
        )
    _part_from_withdrawn(event, performance, reason=reason, by=by, now=now)
    was_announced = performance.is_announced
    cancel_set(performance, reason=reason, by=by, now=now)
    replacement = add_set(
        event,
        night=performance.night,
        band=band,
        billing=billing,
        venue=performance.venue,
        starts_at=performance.starts_at,
        ends_at=performance.ends_at,
        is_announced=was_announced,
        replaces=performance,
        accept_long=True,
        by=by,
        now=now,
    )
    record(
        event,
        Change.Kind.REPLACED,
        performance=performance,
        before={"set": performance},
        after={"set": replacement},
        is_public=_is_public(performance) and _is_public(replacement),
        reason=reason,
        by=by,
        now=now,
    )
    return replacement


def announce_set(performance: Performance, *, reason: str = "", by: User | None, now: datetime) -> list[Change]:
    """Make a set public in reveal mode; the time of the first announcement stays."""
    return _change_announcement(performance, Change.Kind.ANNOUNCED, is_announced=True, reason=reason, by=by, now=now)


def hide_set(performance: Performance, *, reason: str = "", by: User | None, now: datetime) -> list[Change]:
    """Take an announcement back; in reveal mode the set is hidden again."""
    return _change_announcement(performance, Change.Kind.HIDDEN, is_announced=False, reason=reason, by=by, now=now)


@transaction.atomic
def delete_set(performance: Performance, *, reason: str = "", by: User | None, now: datetime) -> None:
    """Remove a set that was entered by mistake, before its event was ever public.

    What it was stays in its change, so that it can be brought back.

    Raises ValidationError afterwards: people may have picked it, so it is cancelled or withdrawn.
    """
    event, performance = lock_set(performance)
    if event.published_at:
        raise ValidationError(
            _("%(event)s has been public. Cancel or withdraw %(set)s; deleting is for drafts.")
            % {"event": event, "set": performance},
            code="was_public",
        )
    record(
        event,
        Change.Kind.DELETED,
        performance=performance,
        before=_fields_to_keep(performance),
        reason=reason,
        is_public=False,
        by=by,
        now=now,
    )
    performance.delete()


@transaction.atomic
def _change_status(
    performance: Performance,
    kind: Change.Kind,
    status: Performance.Status,
    *,
    allowed: list[Performance.Status],
    also: dict[str, Any] | None = None,
    reason: str = "",
    by: User | None,
    now: datetime,
) -> list[Change]:
    event, performance = lock_set(performance)
    if performance.status == status:
        return []
    if performance.status not in allowed:
        raise _restore_first(performance)
    was_public = _is_public(performance)
    fields = {"status": status, **(also or {})}
    before = {name: getattr(performance, name) for name in fields}
    for name, value in fields.items():
        setattr(performance, name, value)
    changes = [(kind, before, fields)]
    if status in (Status.CANCELLED, Status.WITHDRAWN):
        changes += _stop_waiting(performance)
    return _save(event, performance, changes, was_public=was_public, reason=reason, by=by, now=now)


@transaction.atomic
def _change_announcement(
    performance: Performance, kind: Change.Kind, *, is_announced: bool, reason: str, by: User | None, now: datetime
) -> list[Change]:
    event, performance = lock_set(performance)
    if performance.is_announced == is_announced:
        return []
    if performance.status == Status.WITHDRAWN:
        raise _restore_first(performance)
    was_public = _is_public(performance)
    performance.is_announced = is_announced
    performance.announce_at = None
    if is_announced and performance.announced_at is None:
        performance.announced_at = now
    if not is_announced and event.published_at is None:
        performance.announced_at = None  # nobody has ever heard of it
    return _save(
        event,
        performance,
        [(kind, {"is_announced": not is_announced}, {"is_announced": is_announced})],
        was_public=was_public,
        reason=reason,
        by=by,
        now=now,
    )


def _fields_to_keep(performance: Performance) -> dict[str, Any]:
    """What the change that tells of a deletion keeps of the set, so that it can be brought back."""
    kept: dict[str, Any] = {"title": str(performance)}
    kept |= {name: getattr(performance, name) for name in (*WRITTEN_FIELDS, *STANDING_FIELDS)}
    if replaced := performance.replaces:
        # Its number is another one once it was deleted and brought back as well; its uid is not.
        kept["replaces"] = {"id": replaced.pk, "name": str(replaced), "uid": str(replaced.uid)}
    return kept


def _part_from_withdrawn(
    event: Event, performance: Performance, *, reason: str, by: User | None, now: datetime
) -> None:
    """Let a withdrawn replacement of a set replace nothing any more, since only one set can replace another."""
    withdrawn = Performance.objects.filter(replaces=performance, status=Status.WITHDRAWN)
    for former in withdrawn.select_for_update(of=("self",)).select_related("band", "venue"):
        former.event, former.replaces = event, None
        changes = [(Change.Kind.EDITED, {"replaces": performance}, {"replaces": None})]
        _save(event, former, changes, was_public=False, reason=reason, by=by, now=now)


def _stop_waiting(performance: Performance) -> list[tuple[Change.Kind, dict[str, Any], dict[str, Any]]]:
    """Take the hour of its announcement from a set, which is a change of its own; nothing where there is none."""
    announce_at, performance.announce_at = performance.announce_at, None
    return [(Change.Kind.EDITED, {"announce_at": announce_at}, {"announce_at": None})] if announce_at else []


def _restore_first(performance: Performance) -> ValidationError:
    return ValidationError(
        _("%(set)s is %(status)s. Restore it first.")
        % {"set": performance, "status": performance.get_status_display().lower()},
        code="status",
    )


def lock_set(performance: Performance) -> tuple[Event, Performance]:
    """The event and the set as they are in the database now, locked until the transaction ends."""
    event = lock_event(performance.event)
    fresh = Performance.objects.select_for_update(of=("self",)).select_related("band", "venue").get(pk=performance.pk)
    fresh.event = event
    return event, fresh


def _check(performance: Performance, *, accept_long: bool) -> None:
    if performance.starts_at and performance.ends_at:
        check_length(performance.starts_at, performance.ends_at, zone=performance.event.zone, accept_long=accept_long)
    performance.full_clean()


def _is_public(performance: Performance) -> bool:
    return Performance.objects.visible_to(PUBLIC).filter(pk=performance.pk).exists()


def private_fields(event: Event) -> set[str]:
    """The fields that the public does not read, times as long as they are not public."""
    return PRIVATE_FIELDS | (set() if event.times_public else {"starts_at", "ends_at"})


def _save(
    event: Event,
    performance: Performance,
    changes: list[tuple[Change.Kind, dict[str, Any], dict[str, Any]]],
    *,
    was_public: bool,
    reason: str = "",
    by: User | None,
    now: datetime,
) -> list[Change]:
    """Save the set and record each change with its fields before and after, private fields in one of their own."""
    private = private_fields(event)
    open_kinds = {kind for kind, _before, after in changes if set(after) - private}
    performance.updated_by = by
    performance.version += 1
    if open_kinds:
        performance.changed_at = now
    performance.save()
    is_public = was_public or _is_public(performance)
    if is_public and SEQUENCE_KINDS & open_kinds:
        performance.sequence += 1
        performance.save(update_fields=["sequence"])
    return [
        record(
            event,
            kind,
            performance=performance,
            before=before,
            after=after,
            is_public=is_public and not is_private,
            reason=reason,
            by=by,
            now=now,
        )
        for kind, before, after, is_private in recorded_parts(changes, private)
    ]


def recorded_parts(
    changes: list[tuple[Change.Kind, dict[str, Any], dict[str, Any]]], private: set[str]
) -> list[tuple[Change.Kind, dict[str, Any], dict[str, Any], bool]]:
    """Each change as it is recorded: private fields in one of their own, told by the last value."""
    parts = [
        (kind, {name for name in after if (name in private) == is_private}, before, after, is_private)
        for kind, before, after in changes
        for is_private in (False, True)
    ]
    return [
        (
            kind,
            {name: value for name, value in before.items() if name in names},
            {name: value for name, value in after.items() if name in names},
            is_private,
        )
        for kind, names, before, after, is_private in parts
        if names
    ]
