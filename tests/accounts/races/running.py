"""Races, each run in a process that forks its contestants: `python -m tests.accounts.races.running NAME OPTIONS`.

A race is prepared, begun by all contestants at one instant, and looked at when they are through,
round after round; what every round came to is printed as JSON.
"""

import json
import logging
import multiprocessing
import random
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import django

django.setup()

from django.core.exceptions import ValidationError  # noqa: E402 (models exist only from here on)
from django.db import DatabaseError, close_old_connections, connections, transaction  # noqa: E402
from django.test import Client  # noqa: E402

from accounts import factors, inviting, people, tasks  # noqa: E402
from accounts.links import DeadLink, find_invite, token_of  # noqa: E402
from accounts.models import AccountLink, AuthEvent, BackupCode, Invite, User, UserSession  # noqa: E402
from accounts.trails import broken_rows  # noqa: E402
from tests.accounts.people import (  # noqa: E402
    code_for,
    give_app,
    give_backup_codes,
    make_person,
    make_person_with_app,
    send_code,
    sign_in,
)

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
FORK = multiprocessing.get_context("fork")
Step = Callable[[], Any]


def at_once(steps: list[Step]) -> list[Any]:
    """Run each step in a process of its own, all begun at one instant: what each answered, or the name of its error."""
    connections.close_all()  # a connection must not be shared by processes
    barrier, answers = FORK.Barrier(len(steps)), FORK.SimpleQueue()

    def contest(number: int, step: Step) -> None:
        random.seed(number)
        barrier.wait()
        try:
            answer = step()
        except Exception as error:
            answer = type(error).__name__
            if isinstance(error, DatabaseError):
                traceback.print_exc()
        answers.put((number, answer))
        connections.close_all()

    contestants = [FORK.Process(target=contest, args=pair) for pair in enumerate(steps)]
    for each in contestants:
        each.start()
    found = dict(answers.get() for _each in contestants)
    for each in contestants:
        each.join()
    close_old_connections()
    return [found[number] for number in range(len(steps))]


def repeat(times: int, step: Step) -> Step:
    """The same step several times over: its answers, counted."""
    return lambda: Counter(str(step()) for _each in range(times))


def total(answers: list[Any]) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for each in answers:
        counted.update(each if isinstance(each, Counter) else [str(each)])
    return dict(counted)


# --- S14, S15: codes ---------------------------------------------------------------------------


def app_code(rounds: int, contestants: int, tries: int) -> list[dict[str, int]]:
    """One code of an authenticator app, presented many times at once."""
    user = make_person_with_app("viewer")
    found = []
    for number in range(rounds):
        now = datetime.fromtimestamp(NOW.timestamp() + 30 * number, UTC)
        code = code_for(user, at=now)
        step = repeat(tries, lambda code=code, now=now: factors.match_code(user, code, now=now) is not None)
        found.append(total(at_once([step] * contestants)))
    return found


def backup_code(rounds: int, contestants: int, tries: int) -> list[dict[str, int]]:
    """One backup code, presented many times at once."""
    user = make_person_with_app("viewer")
    found = []
    for code in give_backup_codes(user)[:rounds]:
        step = repeat(tries, lambda code=code: factors.match_code(user, code, now=NOW) is not None)
        found.append({**total(at_once([step] * contestants)), "left": BackupCode.objects.filter(used_at=None).count()})
    return found


def two_backup_codes(rounds: int) -> list[dict[str, int]]:
    """Two backup codes of one sheet, each presented four times, at once."""
    user = make_person_with_app("viewer")
    codes = give_backup_codes(user)
    found = []
    for pair in range(rounds):
        steps = [
            lambda code=code: factors.match_code(user, code, now=NOW) is not None
            for code in codes[2 * pair : 2 * pair + 2] * 4
        ]
        found.append({**total(at_once(steps)), "left": BackupCode.objects.filter(used_at=None).count()})
    return found


def door(rounds: int, contestants: int) -> list[dict[str, int]]:
    """One code sent by the same browser many times at once: how many sessions it opened."""
    found = []
    for number in range(rounds):
        user = make_person_with_app("viewer", email=f"viewer{number}@label.example")
        browser, network = Client(), f"198.51.100.{number}"  # losers lock their network
        sign_in(browser, user.email, at=network)
        code = code_for(user)

        def send(browser: Client = browser, code: str = code, network: str = network) -> str:
            sent = send_code(browser, code, at=network)
            return str(sent.get("Location", sent.status_code))

        found.append(
            {**total(at_once([send] * contestants)), "sessions": UserSession.objects.filter(user=user).count()}
        )
    return found


# --- F16: invites ------------------------------------------------------------------------------


def become(token: str, email: str) -> str:
    """Try to become a user by an invite."""
    inviting.sign_up(
        find_invite(token, now=NOW),
        email=email,
        password="a sentence of my own",
        first_name="Ben",
        last_name="Okafor",
        now=NOW,
    )
    return "signed up"


def attempts(token: str, emails: list[str]) -> Counter[str]:
    """Try with each address in turn: the answers, counted."""
    counted: Counter[str] = Counter()
    for email in emails:
        try:
            counted[become(token, email)] += 1
        except DeadLink:
            counted["DeadLink"] += 1
    return counted


def invite(rounds: int, contestants: int, tries: int) -> list[dict[str, int]]:
    """One invite, redeemed with many addresses at once."""
    found = []
    for number in range(rounds):
        made = inviting.invite_user("editor", by=None, now=NOW)
        token, users = token_of(made), User.objects.count()
        steps = [
            partial(attempts, token, [f"p{number}-{each}-{again}@label.example" for again in range(tries)])
            for each in range(contestants)
        ]
        answers = at_once(steps)
        made.refresh_from_db()
        found.append(
            {
                **total(answers),
                "accounts": User.objects.count() - users,
                "without an invite": User.objects.filter(invite=None).count(),
                "without a mail": User.objects.exclude(mails__kind="activate").count(),
                "of the invite": int(made.account_id is not None and made.used_at == NOW),
            }
        )
    return found


def same_address(rounds: int, contestants: int) -> list[dict[str, int]]:
    """Many invites, redeemed with one address at once."""
    found = []
    for number in range(rounds):
        tokens = [token_of(inviting.invite_user("editor", by=None, now=NOW)) for _each in range(contestants)]
        users = User.objects.count()
        answers = at_once([partial(become, each, f"ben{number}@label.example") for each in tokens])
        found.append(
            {
                **total(answers),
                "accounts": User.objects.count() - users,
                "invites left": sum(1 for each in Invite.objects.open(NOW) if token_of(each) in tokens),
            }
        )
    return found


def failed_redemption(rounds: int) -> list[dict[str, int]]:
    """An invite whose redemption breaks half-way, and is then tried again."""
    found = []
    for number in range(rounds):
        made = inviting.invite_user("editor", by=None, now=NOW)
        users = User.objects.count()
        right = AccountLink.full_clean
        AccountLink.full_clean = lambda *_arguments, **_more: 1 / 0
        try:
            become(token_of(made), f"ben{number}@label.example")
        except ZeroDivisionError:
            pass
        finally:
            AccountLink.full_clean = right
        made.refresh_from_db()
        between = {"users between": User.objects.count() - users, "used between": int(made.used_at is not None)}
        become(token_of(made), f"ben{number}@label.example")
        found.append({**between, "accounts": User.objects.count() - users})
    return found


# --- F17: the last admin -----------------------------------------------------------------------


def admins_with_a_factor() -> int:
    return sum(factors.has_factor(admin) for admin in User.objects.admins())


ACTS = {
    "demote": lambda one, other: people.change_role(other, "viewer", by=one, now=NOW),
    "deactivate": lambda one, other: people.deactivate_user(other, by=one, now=NOW),
    "delete": lambda one, other: people.delete_user(other, by=one, now=NOW),
    "reset": lambda one, other: factors.reset_factors(other, by=one, now=NOW),
}


def act(name: str, one: User, other: User) -> str:
    try:
        ACTS[name](one, other)
    except ValidationError as error:
        return str(error.code or error.error_list[0].code)
    except User.DoesNotExist:
        return "is gone"
    return "done"


def last_admin(rounds: int, number_of_admins: int, acts: list[str]) -> list[dict[str, int]]:
    """Admins in a ring, each doing something to the next, at once."""
    found = []
    for number in range(rounds):
        ring = [make_person("admin", email=f"admin{number}-{each}@label.example") for each in range(number_of_admins)]
        for admin in ring:
            give_app(admin)
        # Those of the round before go, so that the ring is all there is.
        for old in User.objects.admins().exclude(pk__in=[admin.pk for admin in ring]):
            people.change_role(old, "viewer", by=None, now=NOW)
        steps = []
        for place, admin in enumerate(ring):
            name = acts[(number + place * (1 + number // len(acts))) % len(acts)]
            victim = ring[(place + 1) % len(ring)]
            steps.append(lambda name=name, one=admin, other=victim: act(name, one, other))
        answers = at_once(steps)
        found.append(
            {**total(answers), "admins": User.objects.admins().count(), "with a factor": admins_with_a_factor()}
        )
        if not found[-1]["admins"]:
            break
    return found


def by_hand(rounds: int) -> list[dict[str, int]]:
    """The last admin, changed or deleted by SQL: what the database says."""
    make_person_with_app("admin")
    make_person("viewer")
    statements = [
        "UPDATE accounts_user SET role = 'viewer' WHERE role = 'admin'",
        "UPDATE accounts_user SET role = 'viewer'",
        "UPDATE accounts_user SET is_active = '0', deactivated_at = '2026-10-01T12:00:00Z' WHERE role = 'admin'",
        "DELETE FROM accounts_user WHERE role = 'admin'",
        "DELETE FROM accounts_user",
    ]
    found = []
    for statement in statements[:rounds]:
        answer = "done"
        try:
            with transaction.atomic(), connections["default"].cursor() as cursor:
                cursor.execute(statement)
        except DatabaseError as error:
            answer = "last admin" if "last admin" in str(error) else str(error)
        found.append({answer: 1, "admins": User.objects.admins().count()})
    return found


# --- Trails ------------------------------------------------------------------------------------


def trail(contestants: int, tries: int) -> list[dict[str, int]]:
    """Many who write into one chain at once: it has no gap and no fork."""
    from accounts.trails import record_attempt

    user = make_person("viewer")
    step = repeat(
        tries,
        lambda: record_attempt(AuthEvent.Kind.SIGN_OUT, success=True, event="session_expired", user=user, now=NOW).kind,
    )
    answers = at_once([step] * contestants)
    return [{**total(answers), "rows": AuthEvent.objects.count(), "broken": len(list(broken_rows(AuthEvent)))}]


RACES = {
    each.__name__: each
    for each in (
        app_code,
        backup_code,
        two_backup_codes,
        door,
        invite,
        same_address,
        failed_redemption,
        last_admin,
        by_hand,
        trail,
    )
}

if __name__ == "__main__":
    logging.disable(logging.WARNING)
    tasks.send_account_mail_task.delay = lambda _pk: None  # mails are rows; who sends them is another matter
    name, options = sys.argv[1:]
    sys.stdout.write(json.dumps(RACES[name](**json.loads(options))))
