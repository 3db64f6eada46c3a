"""manage.py audit: reading both trails, and finding what was rewritten."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.clients import Client, acting_for
from accounts.models import AuditEntry, AuditEntryOrigin, AuthEvent, User
from accounts.trails import audit, record_attempt
from tests.triggers import without_triggers

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 1, tzinfo=UTC)
PASSWORD = "correct horse battery"
ANA, BO = "ana@label.example", "bo@label.example"


@pytest.fixture(autouse=True)
def _still_clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ana():
    return User.objects.create_superuser(ANA, PASSWORD)


@pytest.fixture
def bo():
    return User.objects.create_user(BO, PASSWORD)


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("audit", *arguments, "--no-color", stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def failure_of(*arguments):
    out = io.StringIO()
    with pytest.raises(CommandError) as failure:
        call_command("audit", *arguments, "--no-color", stdout=out)
    return out.getvalue(), str(failure.value), failure.value.returncode


def listed(*arguments):
    """The actions that are listed, in their order."""
    return [row.get("action") or row["kind"] for row in json.loads(run(*arguments, "--json")[0])]


def write_changes(ana, bo):
    with acting_for(Client("203.0.113.5", "203.0.113.5", "Firefox")):
        audit("user.role_changed", bo, by=ana, now=NOW, before={"role": "viewer"}, after={"role": "editor"})
    with acting_for(Client(agent="manage.py reset_mfa")):
        audit("factors.reset", bo, by=None, now=NOW, before={"factors": []}, reason="lost her phone on the ferry")


def write_attempts(ana):
    record_attempt(AuthEvent.Kind.SIGN_IN, success=True, event="session_created", user=ana, now=NOW)
    record_attempt(
        AuthEvent.Kind.SIGN_IN, success=False, event="authn_login_fail", reason="unknown account", email=BO, now=NOW
    )


# --- Listing -----------------------------------------------------------------------------------


def test_audit_says_when_there_is_nothing():
    assert run() == ("No such rows.\n", "")
    assert run("--json") == ("[]\n", "")


def test_audit_lists_changes_in_columns_the_newest_last(ana, bo):
    write_changes(ana, bo)

    assert run() == (
        "2026-11-03T12:00:00Z  ana@label.example    user.role_changed\n"
        "                      bo@label.example; role: viewer → editor\n"
        "2026-11-03T12:00:00Z  manage.py reset_mfa  factors.reset\n"
        "                      bo@label.example; factors: none; because lost her phone on\n"
        "                      the ferry\n",
        "",
    )


def test_audit_lists_the_sign_in_history_in_columns(ana):
    write_attempts(ana)

    assert run("--trail", "sign-ins") == (
        "2026-11-03T12:00:00Z  ana@label.example  sign_in\n"
        "2026-11-03T12:00:00Z  bo@label.example   sign_in failed\n"
        "                      unknown account\n",
        "",
    )


def test_audit_stays_within_eighty_columns(bo):
    long = User.objects.create_user(f"{'a' * 60}@{'b' * 40}.example", PASSWORD)
    audit("user.password_changed", bo, by=long, now=NOW, reason="many words " * 20)

    lines = run()[0].splitlines()

    assert lines[0] == f"2026-11-03T12:00:00Z  {'a' * 34}…  user.password_changed"
    assert max(len(line) for line in lines) <= 80


def test_audit_shows_control_characters_instead_of_obeying_them():
    record_attempt(
        AuthEvent.Kind.SIGN_IN, success=False, event="authn_login_fail", email="a\x1b[2J\n@x.example", now=NOW
    )

    shown, _err = run("--trail", "sign-ins")

    assert shown == "2026-11-03T12:00:00Z  a\\u001b[2J\\u000a@x.example  sign_in failed\n"


def test_audit_answers_in_json(ana, bo):
    write_changes(ana, bo)

    numbers = list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))
    thing = {"object_type": "accounts.user", "object_id": str(bo.pk), "object": BO}
    assert json.loads(run("--json")[0]) == [
        {
            "number": numbers[0],
            "chain": f"user {ana.pk}",
            "position": 1,
            "at": "2026-11-03T12:00:00Z",
            "user_id": ana.pk,
            "who": ANA,
            "address": "203.0.113.5",
            "action": "user.role_changed",
            **thing,
            "before": {"role": "viewer"},
            "after": {"role": "editor"},
            "reason": "",
        },
        {
            "number": numbers[1],
            "chain": "system",
            "position": 1,
            "at": "2026-11-03T12:00:00Z",
            "user_id": None,
            "who": "manage.py reset_mfa",
            "address": None,
            "action": "factors.reset",
            **thing,
            "before": {"factors": ""},
            "after": {},
            "reason": "lost her phone on the ferry",
        },
    ]


def test_audit_answers_with_the_sign_in_history_in_json(ana):
    write_attempts(ana)

    numbers = list(AuthEvent.objects.order_by("pk").values_list("pk", flat=True))
    common = {"chain": "sign-in", "at": "2026-11-03T12:00:00Z", "address": None, "kind": "sign_in"}
    right = {"position": 1, "user_id": ana.pk, "who": ANA, "success": True, "reason": ""}
    wrong = {"position": 2, "user_id": None, "who": BO, "success": False, "reason": "unknown account"}
    assert json.loads(run("--trail", "sign-ins", "--json")[0]) == [
        {"number": numbers[0], **common, **right},
        {"number": numbers[1], **common, **wrong},
    ]


def test_audit_names_the_account_by_its_number_once_its_origin_is_erased(ana, bo):
    audit("user.updated", bo, by=ana, now=NOW)
    AuditEntryOrigin.objects.all().delete()

    assert run()[0].splitlines()[0] == f"2026-11-03T12:00:00Z  account {ana.pk}  user.updated"


# --- Choosing ----------------------------------------------------------------------------------


def test_audit_chooses_by_who_did_it_also_after_her_account_is_gone(ana, bo):
    for by, action in ((ana, "one"), (bo, "two"), (None, "three"), (bo, "four")):
        audit(action, ana, by=by, now=NOW)

    assert listed("--user", "BO@label.example") == ["two", "four"]
    bo.delete()
    assert listed("--user", BO) == ["two", "four"]
    assert listed("--user", "cy@label.example") == []


def test_audit_chooses_by_the_account_where_the_origin_is_erased(ana, bo):
    audit("one", ana, by=bo, now=NOW)
    audit("two", ana, by=ana, now=NOW)
    AuditEntryOrigin.objects.all().delete()

    assert listed("--user", BO) == ["one"]


def test_audit_chooses_by_action_and_by_kind(ana, bo):
    write_changes(ana, bo)
    write_attempts(ana)
    record_attempt(AuthEvent.Kind.SIGN_OUT, success=True, event="session_expired", user=ana, now=NOW)

    assert listed("--action", "factors.reset") == ["factors.reset"]
    assert listed("--action", "factors") == []
    assert listed("--trail", "sign-ins", "--action", "sign_out") == ["sign_out"]


@pytest.mark.parametrize(
    ("since", "start"),
    [
        ("2026-11-01", MIDNIGHT),
        ("7d", NOW - timedelta(days=7)),
        ("24h", NOW - timedelta(hours=24)),
        ("0h", NOW),
    ],
)
def test_audit_chooses_from_an_instant_on(ana, since, start):
    audit("before", ana, by=None, now=start - timedelta(microseconds=1))
    audit("at", ana, by=None, now=start)

    assert listed("--since", since) == ["at"]


def test_audit_limits_to_the_newest_rows_and_says_so(ana):
    for action in ("one", "two", "three"):
        audit(action, ana, by=None, now=NOW)

    assert listed("--limit", "3") == ["one", "two", "three"]
    assert listed("--limit", "2") == ["two", "three"]
    assert [run("--limit", limit)[1] for limit in ("3", "2")] == ["", "Older rows are left out: --limit 2.\n"]


def test_audit_shows_fifty_rows_unless_told(ana):
    for number in range(51):
        audit(str(number), ana, by=None, now=NOW)

    assert listed() == [str(number) for number in range(1, 51)]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--since", "soon"], "--since 'soon': this is no time. Use a day such as 2026-11-01, or 7d, or 24h."),
        (["--since", ""], "--since '': this is no time. Use a day such as 2026-11-01, or 7d, or 24h."),
        (["--since", "999999d"], "--since '999999d': this is no time. Use a day such as 2026-11-01, or 7d, or 24h."),
        (["--limit", "0"], "--limit 0: this would show nothing. Use 1 or more."),
        (["--limit", "-1"], "--limit -1: this would show nothing. Use 1 or more."),
        (["verify", "--user", ANA], f"--user '{ANA}': “audit verify” checks both trails whole. Leave it out."),
        (
            ["--trail", "sign-ins", "--action", "user.created"],
            "--action 'user.created': there is no such kind of sign-in event. Choose one of sign_in, factor, step_up, "
            "sign_out, session, sign_up, activation, reset, password, enrolment, device, invite, unlock, lock.",
        ),
    ],
)
def test_audit_refuses_in_a_sentence(arguments, sentence):
    assert failure_of(*arguments) == ("", sentence, 1)


# --- Verifying ---------------------------------------------------------------------------------

BACKUP = "Compare with the trail_anchor lines in the log and with a backup from before."


def test_audit_verify_passes_on_trails_that_nobody_rewrote(ana, bo):
    write_changes(ana, bo)
    write_attempts(ana)

    assert run("verify") == ("4 rows of both trails are as they were written.\n", "")
    assert json.loads(run("verify", "--json")[0]) == {"rows": 4, "broken": []}


def test_audit_verify_passes_where_origins_were_erased(ana, bo):
    write_changes(ana, bo)
    AuditEntryOrigin.objects.all().delete()

    assert run("verify") == ("2 rows of both trails are as they were written.\n", "")


@pytest.mark.parametrize("number", [0, 1, 2])
def test_audit_verify_finds_an_edited_row(ana, number):
    rows = [audit(action, ana, by=None, now=NOW) for action in ("one", "two", "three")]
    with without_triggers(connection):
        AuditEntry.objects.filter(pk=rows[number].pk).update(action="other")

    where = f"changes row {rows[number].pk} (system, position {number + 1})"
    assert failure_of("verify") == (
        f"{where}: it is not what was written\n",
        f"1 of 3 rows are not as they were written. {BACKUP}",
        1,
    )


def test_audit_verify_finds_a_removed_row_of_the_sign_in_history(ana):
    write_attempts(ana)
    write_attempts(ana)
    second, third = AuthEvent.objects.order_by("pk")[1:3]
    with without_triggers(connection):
        second.delete()

    out, sentence, code = failure_of("verify", "--json")

    assert (sentence, code) == (f"1 of 3 rows are not as they were written. {BACKUP}", 1)
    assert json.loads(out) == {
        "rows": 3,
        "broken": [
            {
                "trail": "sign-ins",
                "number": third.pk,
                "chain": "sign-in",
                "position": 3,
                "wrong": "1 rows before it are missing",
            }
        ],
    }


def test_audit_verify_finds_a_rewritten_origin_and_rows_of_both_trails(ana, bo):
    write_changes(ana, bo)
    write_attempts(ana)
    change, attempt = AuditEntry.objects.get(user_id=ana.pk), AuthEvent.objects.order_by("pk").first()
    AuditEntryOrigin.objects.filter(entry=change).update(address="198.51.100.1")
    with without_triggers(connection):
        AuthEvent.objects.filter(pk=attempt.pk).update(success=False)

    assert failure_of("verify") == (
        f"changes row {change.pk} (user {ana.pk}, position 1): its origin is not what was written\n"
        f"sign-ins row {attempt.pk} (sign-in, position 1): it is not what was written\n",
        f"2 of 4 rows are not as they were written. {BACKUP}",
        1,
    )
