"""Sets that are announced by themselves: scheduled, taken back, done once, by nobody who may not any more."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from accounts.people import deactivate_user, delete_user
from schedule import announcing, lineup
from schedule.models import Change, EventAccess, Performance
from schedule.tasks import announce_due_sets_task
from tests.factories import MADE, NOW, make_admin, make_event, make_public_event, make_set, make_user

pytestmark = pytest.mark.django_db

SOON = NOW + timedelta(hours=2)
LATER = NOW + timedelta(hours=3)


@pytest.fixture
def crawl():
    return make_public_event(reveal_mode=True)


def schedule(*performances, at=SOON, by=None, now=NOW):
    return announcing.schedule_announcement(performances, at=at, by=by, now=now)


def changes_since(event, revision):
    event.refresh_from_db()
    rows = event.changes.filter(revision__gt=revision).select_related("by")
    return [(row.kind, row.before, row.after, row.is_public, row.by, row.reason) for row in rows]


def state_of(performance):
    performance.refresh_from_db()
    return performance.is_announced, performance.announced_at, performance.announce_at


def test_scheduling_is_a_private_change_that_names_who_did_it(crawl):
    performance, ana = make_set(crawl), make_admin()
    crawl.refresh_from_db()

    assert schedule(performance, by=ana) == 1
    assert schedule(performance, by=ana) == 0

    assert changes_since(crawl, 3) == [
        ("edited", {"announce_at": None}, {"announce_at": SOON.isoformat(), "scheduled_by": ana.pk}, False, ana, "")
    ]
    assert state_of(performance) == (False, None, SOON)
    assert performance.version == 1
    assert announcing.schedulings_of([performance])[performance.pk].by == ana


def test_taking_a_schedule_back_is_recorded_too(crawl):
    performance, ana = make_set(crawl), make_admin()
    schedule(performance)
    crawl.refresh_from_db()
    revision = crawl.revision

    assert announcing.cancel_scheduled_announcement([performance], by=ana, now=NOW) == 1
    assert announcing.cancel_scheduled_announcement([performance], by=ana, now=NOW) == 0

    assert changes_since(crawl, revision) == [
        ("edited", {"announce_at": SOON.isoformat()}, {"announce_at": None}, False, ana, "")
    ]
    assert announcing.announce_due_sets(now=LATER) == 0


@pytest.mark.parametrize(
    ("at", "is_taken"), [(NOW - timedelta(seconds=1), False), (NOW, False), (NOW + timedelta(seconds=1), True)]
)
def test_hour_of_an_announcement_is_to_come(crawl, at, is_taken):
    performance = make_set(crawl)

    if is_taken:
        assert schedule(performance, at=at) == 1
    else:
        with pytest.raises(ValidationError, match="That has passed already"):
            schedule(performance, at=at)

    assert state_of(performance)[2] == (at if is_taken else None)


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lineup.announce_set, "Moth Choir is announced already."),
        (lineup.cancel_set, "Moth Choir is cancelled. Restore it first."),
        (lineup.withdraw_set, "Moth Choir is withdrawn. Restore it first."),
    ],
)
def test_set_that_cannot_be_announced_stops_the_scheduling_of_all(crawl, prepare, message):
    fine, other = make_set(crawl), make_set(crawl, "Moth Choir")
    prepare(other, **MADE)

    with pytest.raises(ValidationError) as refusal:
        schedule(fine, other)

    assert refusal.value.messages == [message]
    assert state_of(fine)[2] is None


@pytest.mark.parametrize(("seconds", "count"), [(-1, 0), (0, 1), (24 * 60 * 60, 1)])
def test_set_is_announced_once_from_its_hour_on_also_long_after(crawl, seconds, count):
    performance, ana = make_set(crawl), make_admin()
    schedule(performance, by=ana)
    crawl.refresh_from_db()
    revision, now = crawl.revision, SOON + timedelta(seconds=seconds)

    assert announcing.announce_due_sets(now=now) == count
    assert announcing.announce_due_sets(now=now) == 0

    done = ("announced", {"is_announced": False}, {"is_announced": True}, True, None, f"scheduled by {ana}")
    assert changes_since(crawl, revision) == [done] * count
    assert state_of(performance) == ((True, now, None) if count else (False, None, SOON))


@pytest.mark.parametrize("error", [ValidationError("It cannot be."), Performance.DoesNotExist("It is gone.")])
def test_set_that_cannot_be_announced_holds_up_no_other(crawl, monkeypatch, caplog, error):
    stuck, fine = make_set(crawl, is_announced=False), make_set(crawl, "Moth Choir", is_announced=False)
    schedule(stuck, fine)

    def announce(performance, **made):
        if performance == stuck:
            performance.save()
            raise error
        return lineup.announce_set(performance, **made)

    monkeypatch.setattr(announcing, "announce_set", announce)

    assert announcing.announce_due_sets(now=SOON) == 1
    assert (state_of(stuck)[0], state_of(fine)[0]) == (False, True)
    said = " ".join(getattr(error, "messages", error.args))
    assert [(each.levelname, each.getMessage()) for each in caplog.records if each.name == announcing.__name__] == [
        ("WARNING", f"set {stuck.pk} is due and was not announced: {said}")
    ]


@pytest.mark.parametrize("end", [lineup.cancel_set, lineup.withdraw_set])
def test_set_that_ends_waits_no_longer(crawl, end):
    performance = make_set(crawl)
    schedule(performance)

    end(performance, **MADE)
    assert state_of(performance)[2] is None
    lineup.restore_set(performance, **MADE)

    assert announcing.announce_due_sets(now=LATER) == 0
    private = Change.objects.filter(performance=performance, after={"announce_at": None}).get()
    assert (private.kind, private.is_public) == ("edited", False)


def test_set_whose_hour_was_put_off_meanwhile_is_not_announced(crawl, monkeypatch):
    performance = make_set(crawl)
    schedule(performance)
    due = announcing.due_sets(SOON)
    seen = list(due)
    schedule(performance, at=LATER, now=NOW)
    monkeypatch.setattr(announcing, "due_sets", lambda now: seen)

    assert announcing.announce_due_sets(now=SOON) == 0
    assert state_of(performance) == (False, None, LATER)


def lose_role(user, admin):
    user.role = "viewer"
    user.save()


def lose_event(user, admin):
    EventAccess.objects.filter(user=user).delete()


@pytest.mark.parametrize(
    "lose",
    [
        lose_role,
        lose_event,
        lambda user, admin: deactivate_user(user, by=admin, now=NOW),
        lambda user, admin: delete_user(user, by=admin, now=NOW),
    ],
)
def test_rights_count_when_it_happens(crawl, lose):
    bo, ana, held, fine = make_user("editor", crawl), make_admin(), make_set(crawl), make_set(crawl, "Moth Choir")
    schedule(held, by=bo)
    schedule(fine, by=ana)
    lose(bo, ana)

    assert announcing.announce_due_sets(now=SOON) == 1

    assert (state_of(held)[0], state_of(fine)[0]) == (False, True)
    assert not announcing.schedulings_of([held])[held.pk].holds
    schedule(held, at=LATER, by=ana, now=SOON)
    assert announcing.announce_due_sets(now=LATER) == 1


def test_worker_that_found_a_set_which_another_has_announced_meanwhile_leaves_it(crawl, monkeypatch):
    performance = make_set(crawl)
    schedule(performance)
    seen = list(announcing.due_sets(SOON))
    assert announcing.announce_due_sets(now=SOON) == 1
    monkeypatch.setattr(announcing, "due_sets", lambda now: seen)

    assert announcing.announce_due_sets(now=LATER) == 0

    assert Change.objects.filter(kind="announced").count() == 1
    assert state_of(performance) == (True, SOON, None)


def test_task_announces_what_is_due_now(crawl, time_machine):
    performance = make_set(crawl)
    schedule(performance)

    time_machine.move_to(SOON - timedelta(seconds=1), tick=False)
    assert announce_due_sets_task() == 0
    time_machine.move_to(SOON, tick=False)
    assert announce_due_sets_task() == 1

    assert state_of(performance)[0]


def test_command_says_what_it_did_or_would_do(crawl, time_machine, capsys):
    bo = make_user("editor")
    schedule(make_set(crawl), at=SOON)
    held = make_set(crawl, "Moth Choir")
    schedule(held, by=bo)
    lose_role(bo, None)
    time_machine.move_to(LATER, tick=False)

    call_command("announce_due", "--dry-run")
    assert capsys.readouterr().out.splitlines() == [
        "Due: The Harpoonist, Harbour Street Crawl 3, at 2026-10-01T14:00:00Z.",
        "Held back, whoever scheduled it may not announce any more: "
        "Moth Choir, Harbour Street Crawl 3, at 2026-10-01T14:00:00Z.",
        "1 set would be announced.",
    ]
    assert not Performance.objects.filter(is_announced=True).exists()

    call_command("announce_due", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert (answer["announced"], [each["set"] for each in answer["due"]]) == (1, ["The Harpoonist"])
    assert [each["set"] for each in answer["held_back"]] == ["Moth Choir"]
    call_command("announce_due")
    assert capsys.readouterr().out.splitlines()[-1] == "0 sets announced."


@pytest.mark.parametrize(
    ("is_published", "before", "after"),
    [(True, 2, 1), (False, 2, 0)],
)
def test_counts_of_what_reveal_mode_hides(is_published, before, after):
    event = make_public_event() if is_published else make_event()
    make_set(event)
    lineup.hide_set(make_set(event, "Moth Choir"), **MADE)
    lineup.withdraw_set(make_set(event, "Dog Ferry"), **MADE)
    event.refresh_from_db()

    counts = [announcing.public_sets(event, reveal_mode=mode).count() for mode in (False, True)]

    assert counts == [before, after]
