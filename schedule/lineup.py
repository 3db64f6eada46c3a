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

from accounts.models import User
from bands.models import BandProfile
from schedule.changes import lock_event, record, refuse_unknown
from schedule.models import Change, Event, Performance, Venue
from schedule.models.event import PUBLIC
from schedule.typed_times import check_length

Kind, Status = Performance.Kind, Performance.Status

# Which change each field of a set makes; the order is the one they are recorded in.
CHANGE_KINDS = {
    Change.Kind.MOVED: ("venue",),
    Change.Kind.RETIMED: ("night", "starts_at", "ends_at"),
    Change.Kind.EDITED: ("band", "kind", "billing", "notes", "crew_notes", "expected_delay_minutes"),
}
PRIVATE_FIELDS = {"crew_notes"}
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
    performance.save()
    names = {name for names in CHANGE_KINDS.values() for name in names} - _private_fields(event)
    after = {name: getattr(performance, name) for name in sorted(names)}
    record(
        event,
        Change.Kind.ADDED,
        performance=performance,
        after=after,
        is_public=_is_public(performance),
        by=by,
        now=now,
    )
    return performance


@transaction.atomic
def change_set(
    performance: Performance, *, accept_long: bool = False, by: User | None, now: datetime, **fields: Any
) -> list[Change]:
    """Give a set new values for night, starts_at, ends_at, venue, band, billing, kind, notes and the like.

    Answers one Change for each thing that happened (moved, retimed, revealed, edited), none when
    nothing is different. Raises ValidationError as `add_set` does, and when the band of a public
    set would turn into another one: that is a replacement.
    """
    refuse_unknown(fields, [name for names in CHANGE_KINDS.values() for name in names])
    event, performance = _lock(performance)
    before = {name: getattr(performance, name) for name in fields}
    was_public = _is_public(performance)
    if was_public and performance.band and "band" in fields and fields["band"] != performance.band:
        raise ValidationError(
            f"{performance} is public already. Use “replace” so that people who picked it are told.",
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
    return _save(event, performance, changes, was_public=was_public, by=by, now=now)


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
    on = {"night": night} if night else {}
    return change_set(performance, starts_at=starts_at, ends_at=ends_at, accept_long=accept_long, by=by, now=now, **on)


def cancel_set(performance: Performance, *, by: User | None, now: datetime) -> list[Change]:
    """The set does not take place; it stays listed and is called cancelled."""
    return _change_status(
        performance,
        Change.Kind.CANCELLED,
        Status.CANCELLED,
        allowed=[Status.SCHEDULED, Status.POSTPONED],
        by=by,
        now=now,
    )


def postpone_set(performance: Performance, *, by: User | None, now: datetime) -> list[Change]:
    """The set does not take place at its time; it keeps its old date until it is re-timed and restored."""
    return _change_status(
        performance, Change.Kind.POSTPONED, Status.POSTPONED, allowed=[Status.SCHEDULED], by=by, now=now
    )


def withdraw_set(performance: Performance, *, by: User | None, now: datetime) -> list[Change]:
    """Take a set off the public running order without a word; its row stays, so plans keep their place for it."""
    return _change_status(
        performance,
        Change.Kind.WITHDRAWN,
        Status.WITHDRAWN,
        allowed=[Status.SCHEDULED, Status.CANCELLED, Status.POSTPONED],
        also={"is_announced": False},
        by=by,
        now=now,
    )


@transaction.atomic
def restore_set(performance: Performance, *, by: User | None, now: datetime) -> list[Change]:
    """Undo a cancellation, postponement or withdrawal.

    A withdrawn set comes back unannounced in reveal mode, else public. Raises ValidationError when
    another set has replaced it and still stands.
    """
    _, performance = _lock(performance)
    replacement = Performance.objects.filter(replaces=performance, status=Status.SCHEDULED).first()
    if replacement:
        raise ValidationError(
            f"{replacement} plays instead of {performance}. Cancel or withdraw {replacement} first.", code="replaced"
        )
    return _change_status(
        performance,
        Change.Kind.RESTORED,
        Status.SCHEDULED,
        allowed=[Status.CANCELLED, Status.POSTPONED, Status.WITHDRAWN],
        by=by,
        now=now,
    )


@transaction.atomic
def replace_set(
    performance: Performance,
    *,
    band: BandProfile | None = None,
    billing: str = "",
    by: User | None,
    now: datetime,
) -> Performance:
    """Let another band play in the slot of a set, which is cancelled; answers the new set.

    The new set is a row of its own, so nobody who picked the old one has picked it.
    Raises ValidationError when the set is replaced already, or withdrawn.
    """
    event, performance = _lock(performance)
    if Performance.objects.filter(replaces=performance).exists():
        raise ValidationError(f"{performance} is replaced already.", code="replaced")
    was_announced = performance.is_announced
    cancel_set(performance, by=by, now=now)
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
        by=by,
        now=now,
    )
    return replacement


def announce_set(performance: Performance, *, by: User | None, now: datetime) -> list[Change]:
    """Make a set public in reveal mode; the time of the first announcement stays."""
    return _change_announcement(performance, Change.Kind.ANNOUNCED, is_announced=True, by=by, now=now)


def hide_set(performance: Performance, *, by: User | None, now: datetime) -> list[Change]:
    """Take an announcement back; in reveal mode the set is hidden again."""
    return _change_announcement(performance, Change.Kind.HIDDEN, is_announced=False, by=by, now=now)


@transaction.atomic
def delete_set(performance: Performance, *, by: User | None, now: datetime) -> None:
    """Remove a set that was entered by mistake, before its event was ever public.

    Raises ValidationError afterwards: people may have picked it, so it is cancelled or withdrawn.
    """
    event, performance = _lock(performance)
    if event.published_at:
        raise ValidationError(
            f"{event} has been public. Cancel or withdraw {performance}; deleting is for drafts.", code="was_public"
        )
    before = {"title": str(performance), "night": performance.night}
    record(event, Change.Kind.DELETED, performance=performance, before=before, is_public=False, by=by, now=now)
    performance.delete()


@transaction.atomic
def _change_status(
    performance: Performance,
    kind: Change.Kind,
    status: Performance.Status,
    *,
    allowed: list[Performance.Status],
    also: dict[str, Any] | None = None,
    by: User | None,
    now: datetime,
) -> list[Change]:
    event, performance = _lock(performance)
    if performance.status == status:
        return []
    if performance.status not in allowed:
        raise ValidationError(
            f"{performance} is {performance.get_status_display().lower()}. Restore it first.", code="status"
        )
    was_public = _is_public(performance)
    fields = {"status": status, **(also or {})}
    before = {name: getattr(performance, name) for name in fields}
    for name, value in fields.items():
        setattr(performance, name, value)
    return _save(event, performance, [(kind, before, fields)], was_public=was_public, by=by, now=now)


@transaction.atomic
def _change_announcement(
    performance: Performance, kind: Change.Kind, *, is_announced: bool, by: User | None, now: datetime
) -> list[Change]:
    event, performance = _lock(performance)
    if performance.is_announced == is_announced:
        return []
    if performance.status == Status.WITHDRAWN:
        raise ValidationError(f"{performance} is withdrawn. Restore it first.", code="status")
    was_public = _is_public(performance)
    performance.is_announced = is_announced
    if is_announced and performance.announced_at is None:
        performance.announced_at = now
    if not is_announced and event.published_at is None:
        performance.announced_at = None  # nobody has ever heard of it
    return _save(
        event,
        performance,
        [(kind, {"is_announced": not is_announced}, {"is_announced": is_announced})],
        was_public=was_public,
        by=by,
        now=now,
    )


def _lock(performance: Performance) -> tuple[Event, Performance]:
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


def _private_fields(event: Event) -> set[str]:
    """The fields that the public does not read, times as long as they are not public."""
    return PRIVATE_FIELDS | (set() if event.times_public else {"starts_at", "ends_at"})


def _save(
    event: Event,
    performance: Performance,
    changes: list[tuple[Change.Kind, dict[str, Any], dict[str, Any]]],
    *,
    was_public: bool,
    by: User | None,
    now: datetime,
) -> list[Change]:
    """Save the set and record each change with its fields before and after, private fields in one of their own."""
    private = _private_fields(event)
    open_kinds = {kind for kind, _, after in changes if set(after) - private}
    performance.updated_by = by
    if open_kinds:
        performance.changed_at = now
    performance.save()
    is_public = was_public or _is_public(performance)
    if is_public and SEQUENCE_KINDS & open_kinds:
        performance.sequence += 1
        performance.save(update_fields=["sequence"])
    parts = [
        (kind, {name for name in after if (name in private) == is_private}, before, after, is_private)
        for kind, before, after in changes
        for is_private in (False, True)
    ]
    return [
        record(
            event,
            kind,
            performance=performance,
            before={name: value for name, value in before.items() if name in names},
            after={name: value for name, value in after.items() if name in names},
            is_public=is_public and not is_private,
            by=by,
            now=now,
        )
        for kind, names, before, after, is_private in parts
        if names
    ]
