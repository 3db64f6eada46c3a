"""Where the admin's menu leads: by what people come to do, and only what their role may see."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Job:
    """An entry of the menu: the page it opens, and the permission without which it is not shown.

    `at_hand` entries stand in the bar at the bottom of a phone. `inside` is the part of an address by which the pages
    are known that belong to an entry whose own page only leads to one of them.
    """

    title: Any
    page: str
    icon: str
    permission: str = ""
    at_hand: bool = False
    inside: str = ""


MENU: tuple[tuple[Any, tuple[Job, ...]], ...] = (
    (
        "",
        (
            Job(_("Overview"), "index", "home", at_hand=True),
            Job(_("Events"), "schedule_event_changelist", "event", "schedule.view_event", at_hand=True),
            Job(
                _("Running order"), "schedule_event_current_board", "view_week", "schedule.view_event", True, "/board/"
            ),
            Job(_("Sets"), "schedule_performance_changelist", "queue_music", "schedule.view_performance"),
        ),
    ),
    (
        _("Library"),
        (
            Job(_("Bands"), "bands_bandprofile_changelist", "artist", "bands.view_bandprofile", at_hand=True),
            Job(_("Merges"), "bands_bandmerge_changelist", "merge", "bands.view_bandmerge"),
            Job(_("Genres"), "bands_genre_changelist", "genres", "bands.view_genre"),
            Job(_("Venues"), "schedule_venue_changelist", "location_on", "schedule.view_venue"),
        ),
    ),
    (
        _("Messages"),
        (
            Job(
                *(_("Announcements"), "schedule_event_current_announcements", "campaign", "schedule.view_event"),
                inside="/announcements/",
            ),
        ),
    ),
    (
        _("Statistics"),
        (
            Job(_("Plans of fans"), "schedule_plan_changelist", "bar_chart", "schedule.view_plan"),
            Job(_("Shared plans"), "schedule_sharelink_changelist", "share", "schedule.view_sharelink"),
        ),
    ),
    (
        _("People"),
        (
            Job(_("People"), "accounts_user_changelist", "group", "accounts.view_user"),
            Job(_("Invites"), "accounts_invite_changelist", "mail", "accounts.view_invite"),
            Job(_("Who works on what"), "schedule_eventaccess_changelist", "key", "schedule.view_eventaccess"),
            Job(_("Locked out"), "accounts_lockout_changelist", "lock", "accounts.view_lockout"),
        ),
    ),
    (
        _("Records"),
        (
            Job(_("Changes"), "schedule_change_changelist", "history", "schedule.view_change"),
            Job(_("Audit trail"), "accounts_auditentry_changelist", "fact_check", "accounts.view_auditentry"),
            Job(_("Sign-ins"), "accounts_authevent_changelist", "login", "accounts.view_authevent"),
            Job(_("Account mails"), "accounts_accountmail_changelist", "outgoing_mail", "accounts.view_accountmail"),
        ),
    ),
)


def menu_for(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of the menu that she may see, each entry with its address and whether it is open now."""
    groups = []
    for title, jobs in MENU:
        entries = [
            {"job": job, "address": (at := reverse(f"admin:{job.page}")), "is_current": _is_open(job, at, request.path)}
            for job in jobs
            if not job.permission or request.user.has_perm(job.permission)
        ]
        if entries:
            groups.append({"title": title, "entries": entries})
    return groups


def _is_open(job: Job, address: str, path: str) -> bool:
    if job.inside:
        return job.inside in path
    if any(other.inside and other.inside in path for _title, jobs in MENU for other in jobs):
        return False
    return path == address or (job.page != "index" and path.startswith(address))
