"""What each role may do: three Django groups, written from this one table.

viewer: reads everything in the admin except private contact data. editor: besides, creates and
edits events, running orders, bands and venues, publishes and announces. admin: everything, also
what deletes, archives, concerns people or reads the trails.
"""

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User

ORGANIZING = ("bands", "schedule", "notifications", "analytics")
APPS = ("accounts", *ORGANIZING)
# What only admins may do among what concerns events and bands; who was given which event concerns people.
ADMINS_ALONE = {
    "delete_event", "archive_event",
    "delete_venue", "delete_bandprofile", "delete_genre",
    "view_eventaccess", "add_eventaccess", "change_eventaccess", "delete_eventaccess",
}  # fmt: skip


def permissions_of(role: str) -> QuerySet[Permission]:
    """The permissions of a role, out of all that there are."""
    organizing = Permission.objects.filter(content_type__app_label__in=ORGANIZING)
    if role == User.Role.ADMIN:
        return Permission.objects.filter(content_type__app_label__in=APPS)
    for_all = organizing.exclude(codename__in=ADMINS_ALONE)
    return for_all if role == User.Role.EDITOR else for_all.filter(codename__startswith="view_")


@transaction.atomic
def write_groups() -> None:
    """Make the three groups what this module says. Run after every migration, which makes the permissions."""
    for role in User.Role.values:
        group, _made = Group.objects.get_or_create(name=role)
        group.permissions.set(permissions_of(role))
