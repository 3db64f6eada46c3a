"""What each role may do, as the groups say it and as somebody is asked. Every page: tests/security."""

import pytest
from django.contrib.auth.models import Group, Permission

from accounts.models import User
from accounts.roles import ADMINS_ALONE, ORGANIZING, permissions_of, write_groups
from schedule.models import Event
from tests.factories import make_event, make_user

pytestmark = pytest.mark.django_db


def codes(permissions):
    return {f"{app}.{code}" for app, code in permissions.values_list("content_type__app_label", "codename")}


def codes_below(*apps):
    return codes(Permission.objects.filter(content_type__app_label__in=apps))


def test_viewer_looks_at_everything_that_is_organized_and_at_nothing_else():
    assert codes(permissions_of("viewer")) == {
        code
        for code in codes_below(*ORGANIZING)
        if code.partition(".")[2].startswith("view_") and code != "schedule.view_eventaccess"
    }
    assert "schedule.view_event" in codes(permissions_of("viewer"))


def test_editor_writes_what_is_organized_but_what_admins_keep_for_themselves():
    kept = {code for code in codes_below(*ORGANIZING) if code.partition(".")[2] in ADMINS_ALONE}

    assert codes(permissions_of("editor")) == codes_below(*ORGANIZING) - kept
    assert {"schedule.change_event", "bands.change_bandprofile"} <= codes(permissions_of("editor"))
    assert "schedule.archive_event" in kept


def test_admin_may_do_everything_in_our_apps():
    assert codes(permissions_of("admin")) == codes_below("accounts", *ORGANIZING)


def test_people_and_trails_are_for_admins_alone():
    assert codes_below("accounts") & (codes(permissions_of("editor")) | codes(permissions_of("viewer"))) == set()


@pytest.mark.parametrize("role", User.Role.values)
def test_groups_are_what_the_table_says_and_become_so_again(role):
    group = Group.objects.get(name=role)
    assert set(group.permissions.all()) == set(permissions_of(role))
    group.permissions.set(Permission.objects.all())

    write_groups()
    write_groups()

    assert set(group.permissions.all()) == set(permissions_of(role))
    assert set(Group.objects.values_list("name", flat=True)) == set(User.Role.values)


@pytest.mark.parametrize("role", User.Role.values)
def test_somebody_may_do_what_her_role_may(role):
    person = make_user(role)

    assert person.get_all_permissions() == codes(permissions_of(role))


def test_somebody_who_is_not_active_may_do_nothing():
    person = make_user("admin", activated_at=None)

    assert (person.get_all_permissions(), person.has_perm("schedule.view_event")) == (set(), False)


def test_somebody_limited_to_events_may_edit_these_alone():
    hers, other = make_event("Hers"), make_event("Other")
    ben = make_user("editor", hers)

    assert [ben.has_perm("schedule.change_event", event) for event in (hers, other)] == [True, False]
    assert ben.has_perm("schedule.delete_event", hers) is False
    assert list(Event.objects.all()) != []


def test_somebody_not_limited_may_edit_every_event():
    event = make_event()

    assert make_user("editor").has_perm("schedule.change_event", event)
    assert not make_user("viewer").has_perm("schedule.change_event", event)
