"""What happens to sets when two band profiles become one, or two again.

A set keeps what it was billed as. One without a billing is billed by its band's name, and the kept
band's name is the name of the band now; the event's change log says so for each set.
"""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from bands.merging import Mover, Warned
from bands.models import BandProfile
from schedule.changes import lock_event, record
from schedule.models import Change, Performance
from schedule.models.event import PUBLIC
from schedule.models.performance import PerformanceQuerySet


def move_sets(kept: BandProfile, other: BandProfile, *, by: User | None, now: datetime) -> list[int]:
    """Give the sets of a band to another one; answers their numbers."""
    return _give(Performance.objects.filter(band=other), kept, by=by, now=now, of=other)


def move_sets_back(
    kept: BandProfile, former: BandProfile, moved: Iterable[int], *, by: User | None, now: datetime
) -> None:
    """Give back those that are still there and still the kept band's."""
    _give(Performance.objects.filter(pk__in=list(moved), band=kept), former, by=by, now=now, of=kept)


def tell_sets(kept: BandProfile, other: BandProfile, *, reader: User) -> list[str]:
    """How many sets move, as far as the reader may see them."""
    count = Performance.objects.visible_to(reader).filter(band=other).count()
    told = ngettext(
        "%(count)d set of %(other)s becomes one of %(kept)s, and is called so unless it is billed as something else.",
        "%(count)d sets of %(other)s become sets of %(kept)s, and are called so unless billed as something else.",
        count,
    )
    return [told % {"count": count, "other": other, "kept": kept}] if count else []


def warn_sets(kept: BandProfile, other: BandProfile, *, reader: User) -> list[Warned]:
    """Sets of both at the same event at the same time, which both stay; and that she may not move all of them."""
    closed = [Warned(_closed_sentence(other))] if _has_closed(Performance.objects.filter(band=other), reader) else []
    own: dict[int, list[Performance]] = {}
    for each in _visible_sets(kept, reader):
        own.setdefault(each.event_id, []).append(each)
    return closed + [
        Warned(
            _("At %(event)s both are on at the same time. Both sets stay: withdraw the one that is wrong.")
            % {"event": each.event},
            reverse("admin:schedule_performance_change", args=[each.pk]) if each.event.is_open_to(reader) else "",
        )
        for each in _visible_sets(other, reader)
        if any(_overlap(each, mine) for mine in own.get(each.event_id, []))
    ]


def _give(
    performances: PerformanceQuerySet, band: BandProfile, *, of: BandProfile, by: User | None, now: datetime
) -> list[int]:
    if _has_closed(performances, by):
        raise ValidationError(_closed_sentence(of), code="closed")
    given = []
    for performance in performances.select_related("event", "band").order_by("event", "pk"):
        event, former = lock_event(performance.event), performance.band
        is_public = Performance.objects.visible_to(PUBLIC).filter(pk=performance.pk).exists()
        Performance.objects.filter(pk=performance.pk).update(
            band=band, version=F("version") + 1, updated_by=by, updated_at=now, changed_at=now
        )
        performance.refresh_from_db()
        record(
            event,
            Change.Kind.EDITED,
            performance=performance,
            before={"band": former},
            after={"band": band},
            is_public=is_public,
            by=by,
            now=now,
        )
        given.append(performance.pk)
    return given


def _has_closed(performances: PerformanceQuerySet, user: User | None) -> bool:
    """Whether there are sets of events that are not open to somebody who works on some events only."""
    if user is None or not user.is_scoped:
        return False
    return performances.exclude(pk__in=Performance.objects.open_to(user).values("pk")).exists()


def _closed_sentence(band: BandProfile) -> str:
    return _("Sets of %(band)s belong to events that are not yours. Ask somebody who works on all events.") % {
        "band": band
    }


def _visible_sets(band: BandProfile, reader: User) -> list[Performance]:
    visible = Performance.objects.visible_to(reader).taking_place()
    return list(visible.filter(band=band).select_related("event").order_by("night", "starts_at", "pk"))


def _overlap(one: Performance, other: Performance) -> bool:
    """Whether two sets share an instant; one without an end shares its beginning."""
    if one.starts_at is None or other.starts_at is None:
        return False
    if one.ends_at is None or other.ends_at is None:
        return one.starts_at == other.starts_at
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


MOVER = Mover(("schedule.Performance.band",), move_sets, move_sets_back, tell_sets, warn_sets)
