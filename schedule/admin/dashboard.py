"""The first page of the admin: what is on next, what it still lacks, and what changed last."""

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from schedule import audience, history, readiness
from schedule.models import Change, Event, Performance
from schedule.nights import night_of
from schedule.season import Phase, SeasonEvent, load_season

LATEST_CHANGES = 8
OTHER_EVENTS = 5


@dataclass(frozen=True)
class EventCard:
    """An event as the first page shows it: when it is, what state it is in, how far it is prepared."""

    event: Event
    when: str
    set_count: int
    unannounced_count: int
    follower_count: int | None  # None while nobody counts them
    checks: readiness.Summary


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The context of the first page, for who may see events; the theme calls it."""
    user, now = cast(User, request.user), timezone.now()
    if not user.has_perm("schedule.view_event"):
        return context
    season = load_season(user, now=now, among=Event.objects.open_to(user))
    coming = [*season.tonight, *season.upcoming]
    shown = (coming or season.past)[:1]
    others = coming[1 : 1 + OTHER_EVENTS] if coming else []
    changes = Change.objects.open_to(user).select_related("event", "performance__band", "by").order_by("-at", "-pk")
    return {
        **context,
        "title": _("Overview"),
        "card": _card(shown[0], user, now) if shown else None,
        "is_over": bool(shown) and not coming,
        "others": [(each.event, _when(each, now)) for each in others],
        "changes": history.latest(changes, LATEST_CHANGES),
    }


def _card(each: SeasonEvent, user: User, now: Any) -> EventCard:
    event = each.event
    standing = event.performances.exclude(status=Performance.Status.WITHDRAWN)
    unannounced = standing.filter(is_announced=False)
    bands = {band for band in unannounced.values_list("band", flat=True) if band}
    return EventCard(
        event=event,
        when=_when(each, now),
        set_count=standing.count(),
        unannounced_count=unannounced.count() if event.reveal_mode else 0,
        follower_count=sum(audience.followers_of(bands).values()) if audience.is_known() else None,
        checks=readiness.summary(event, reader=user),
    )


def _when(each: SeasonEvent, now: Any) -> str:
    """ "Tonight", "In 12 days", "Over since 11 October"."""
    if each.phase == Phase.TONIGHT:
        return _("Tonight")
    tonight = night_of(now, each.event.zone, each.event.rollover)
    if each.phase == Phase.PAST:
        return _("Over")
    days = (cast(date, each.next_night) - tonight).days
    return ngettext("Tomorrow", "In %(days)d days", days) % {"days": days}
