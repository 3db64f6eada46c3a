"""What an arrangement changes, in sentences: a swap is one, and so is a whole room that starts later."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from schedule.arranging import Arrangement
from schedule.models import Performance, Venue
from schedule.night_board import clock_in

ONE_MINUTE = timedelta(minutes=1)
Status = Performance.Status


def sentences_of(arrangement: Arrangement) -> list[str]:
    """One sentence for each thing that happens, in the order of the sets; times by the reader's clock."""
    left = [
        pk
        for pk in arrangement.changed_ids
        if pk in arrangement.after and {"venue", "starts_at", "ends_at"} & set(arrangement.changes_of(pk))
    ]
    told: dict[int, str] = {}
    for find in (_shifted_venues, _swaps):
        for sentence, set_ids in find(arrangement, left):
            told[set_ids[0]] = sentence
            left = [pk for pk in left if pk not in set_ids]
    told |= {pk: _move(arrangement.before[pk], arrangement.after[pk]) for pk in left}
    sentences = []
    for pk in arrangement.changed_ids:
        if pk in arrangement.returned_ids:
            sentences.append(_("%(set)s is back.") % {"set": arrangement.before[pk].title})
        sentences += [told[pk]] if pk in told else []
        sentences += _states(arrangement.before[pk], arrangement.after.get(pk))
    return sentences


def place_text(performance: Performance) -> str:
    """Where and when: "Room 47, 8:00 PM to 8:30 PM"."""
    return _("%(venue)s, %(time)s") % {"venue": _venue(performance.venue), "time": time_text(performance)}


def time_text(performance: Performance) -> str:
    """When: "8:00 PM to 8:30 PM", "8:00 PM, end open"."""
    start = _time(performance, performance.starts_at)
    if performance.ends_at is None:
        return _("%(start)s, end open") % {"start": start} if performance.starts_at else start
    return _("%(start)s to %(end)s") % {"start": start, "end": _time(performance, performance.ends_at)}


def _shifted_venues(arrangement: Arrangement, set_ids: list[int]) -> Iterable[tuple[str, list[int]]]:
    """Rooms of which every set starts by the same number of minutes earlier or later."""
    at_venue: dict[Venue, list[int]] = defaultdict(list)
    for performance in arrangement.after.values():
        old = arrangement.before.get(performance.pk, performance)
        is_shown = old.night == arrangement.night and old.status != Status.WITHDRAWN
        if is_shown and old.venue and (old.starts_at or performance.starts_at):
            at_venue[old.venue].append(performance.pk)
    for venue, members in at_venue.items():
        if len(members) < 2 or not set(members) <= set(set_ids):
            continue
        shifts = {_shift(arrangement.before[pk], arrangement.after[pk]) for pk in members}
        shift = shifts.pop()
        if shift is None or shifts:
            continue
        minutes = abs(shift) // ONE_MINUTE
        facts = {"count": len(members), "venue": venue, "minutes": minutes}
        sentence = (
            ngettext(
                "All %(count)d sets at %(venue)s start %(minutes)d minute later.",
                "All %(count)d sets at %(venue)s start %(minutes)d minutes later.",
                minutes,
            )
            if shift > timedelta()
            else ngettext(
                "All %(count)d sets at %(venue)s start %(minutes)d minute earlier.",
                "All %(count)d sets at %(venue)s start %(minutes)d minutes earlier.",
                minutes,
            )
        )
        yield sentence % facts, [pk for pk in set_ids if pk in members]


def _shift(old: Performance, new: Performance) -> timedelta | None:
    """By how much a set moves as a whole in its room; None when something else happens to it."""
    if old.venue_id != new.venue_id or old.starts_at is None or new.starts_at is None:
        return None
    shift = new.starts_at - old.starts_at
    ends_alike = new.ends_at == (old.ends_at + shift if old.ends_at else None)
    return shift if shift and ends_alike else None


def _swaps(arrangement: Arrangement, set_ids: list[int]) -> Iterable[tuple[str, list[int]]]:
    """Pairs of which each begins where and when the other one did."""
    before, after = arrangement.before, arrangement.after
    taken: set[int] = set()
    for number, one in enumerate(set_ids):
        for other in set_ids[number + 1 :]:
            is_swap = _beginning(before[one]) == _beginning(after[other])
            is_swap = is_swap and _beginning(before[other]) == _beginning(after[one])
            if is_swap and _beginning(before[one]) != _beginning(after[one]) and not taken & {one, other}:
                taken |= {one, other}
                facts = {"one": before[one].title, "other": before[other].title}
                yield _("%(one)s and %(other)s swap places.") % facts, [one, other]


def _beginning(performance: Performance) -> tuple[int | None, datetime | None]:
    return performance.venue_id, performance.starts_at


def _move(old: Performance, new: Performance) -> str:
    facts = {"set": new.title}
    if old.venue_id != new.venue_id and (old.starts_at, old.ends_at) == (new.starts_at, new.ends_at):
        places = {"old": _venue(old.venue), "new": _venue(new.venue)}
        return _("%(set)s moves from %(old)s to %(new)s.") % {**facts, **places}
    if old.venue_id != new.venue_id:
        keeps_length = _length(old) == _length(new) and old.starts_at and new.starts_at
        places = {"old": _start_text(old), "new": _start_text(new) if keeps_length else place_text(new)}
        return _("%(set)s moves from %(old)s to %(new)s.") % {**facts, **places}
    if old.starts_at == new.starts_at:
        times = {"old": _time(old, old.ends_at), "new": _time(new, new.ends_at)}
        return _("%(set)s ends at %(new)s instead of %(old)s.") % {**facts, **times}
    if old.starts_at and new.starts_at and _length(old) == _length(new):
        times = {"old": _time(old, old.starts_at), "new": _time(new, new.starts_at)}
        return _("%(set)s starts at %(new)s instead of %(old)s.") % {**facts, **times}
    return _("%(set)s plays %(new)s instead of %(old)s.") % {**facts, "old": time_text(old), "new": time_text(new)}


def _states(old: Performance, new: Performance | None) -> list[str]:
    """What is announced, called off and so on."""
    facts = {"set": old.title}
    if new is None:
        return [_("%(set)s is deleted.") % facts]
    told = {
        Status.CANCELLED: _("%(set)s is cancelled."),
        Status.POSTPONED: _("%(set)s is postponed."),
        Status.WITHDRAWN: _("%(set)s is withdrawn."),
        Status.SCHEDULED: _("%(set)s takes place again."),
    }
    if old.status != new.status:
        return [told[Status(new.status)] % facts]
    if old.is_announced != new.is_announced:
        return [(_("%(set)s is announced.") if new.is_announced else _("%(set)s is hidden again.")) % facts]
    return []


def _length(performance: Performance) -> timedelta | None:
    ends_at, starts_at = performance.ends_at, performance.starts_at
    return ends_at - starts_at if ends_at and starts_at else None


def _start_text(performance: Performance) -> str:
    start = _time(performance, performance.starts_at)
    return _("%(venue)s, %(time)s") % {"venue": _venue(performance.venue), "time": start}


def _venue(venue: Venue | None) -> str:
    return str(venue) if venue else _("no venue yet")


def _time(performance: Performance, instant: datetime | None) -> str:
    return clock_in(instant, performance.event.zone) if instant else _("a time that is open")
