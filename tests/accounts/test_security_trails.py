"""S58, D20: what was written into a trail stays as it was written, or it shows."""
# ruff: noqa: N802 (tests bear the numbers of the security programme)

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from accounts import trails
from accounts.clients import Client, acting_for
from accounts.models import AuditEntry, AuditEntryOrigin, AuthEvent, AuthEventOrigin
from accounts.trails import anchors, audit, broken_rows, record_attempt, security_log
from tests.accounts.people import NOW, make_person, security_lines
from tests.triggers import without_triggers

pytestmark = pytest.mark.django_db

IS_POSTGRES = connection.vendor == "postgresql"
MODELS = [AuthEvent, AuditEntry]


@pytest.fixture
def user():
    return make_person(email="ana@label.example")


@pytest.fixture(params=MODELS, ids=["sign-in history", "audit trail"])
def rows(request, user):
    """Five rows of one chain of a trail."""
    with acting_for(Client("203.0.113.5", "203.0.113.5", "Firefox", "request-1")):
        for number in range(5):
            if request.param is AuthEvent:
                kind = AuthEvent.Kind.SIGN_IN
                record_attempt(kind, success=False, event="authn_login_fail", reason=f"no {number}", user=user, now=NOW)
            else:
                audit(f"test.no{number}", user, by=user, now=NOW, before={"é": 1.5}, after={"list": [1, None, "x"]})
    return list(request.param.objects.order_by("pk"))


def broken(rows):
    return [(row.pk, what) for row, what in broken_rows(type(rows[0]))]


def by_hand(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def table(rows):
    return rows[0]._meta.db_table


# --- What the database refuses -----------------------------------------------------------------


def statements(name, columns):
    listed = ", ".join(f'"{each}"' for each in columns)
    made = {
        "update": f"UPDATE {name} SET reason = 'x' WHERE id = %s",  # noqa: S608 (names of our tables)
        "update all": f"UPDATE {name} SET position = position + 1000 WHERE id >= %s",  # noqa: S608
        "update to the same": f"UPDATE {name} SET reason = reason WHERE id = %s",  # noqa: S608
        "delete": f"DELETE FROM {name} WHERE id = %s",  # noqa: S608
        "delete all": f"DELETE FROM {name} WHERE id >= %s",  # noqa: S608
        "upsert": (
            f"INSERT INTO {name} ({listed}) SELECT {listed} FROM {name} WHERE id = %s "  # noqa: S608
            "ON CONFLICT (id) DO UPDATE SET reason = 'x'"
        ),
    }
    if IS_POSTGRES:
        made |= {
            "truncate": f"TRUNCATE {name} CASCADE -- %s",
            "with": f"WITH gone AS (DELETE FROM {name} WHERE id = %s RETURNING 1) SELECT * FROM gone",  # noqa: S608
        }
    else:
        made |= {
            "replace": f"REPLACE INTO {name} ({listed}) SELECT {listed} FROM {name} WHERE id = %s",  # noqa: S608
            "update or replace": f"UPDATE OR REPLACE {name} SET reason = 'x' WHERE id = %s",  # noqa: S608
            "insert or replace": (
                f"INSERT OR REPLACE INTO {name} ({listed}) SELECT {listed} FROM {name} WHERE id = %s"  # noqa: S608
            ),
        }
    return made


REFUSED = sorted(statements("t", ["id"]))


@pytest.mark.parametrize("what", REFUSED)
def test_S58_the_database_refuses_to_rewrite_a_trail(rows, what):
    statement = statements(table(rows), [field.column for field in rows[0]._meta.concrete_fields])[what]
    before = list(type(rows[0]).objects.order_by("pk").values())
    connection.check_constraints()  # PostgreSQL truncates nothing while foreign keys wait to be checked

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        by_hand(statement, rows[1].pk)

    assert list(type(rows[0]).objects.order_by("pk").values()) == before
    assert broken(rows) == []


@pytest.mark.parametrize(
    "write",
    [
        lambda row: type(row).objects.filter(pk=row.pk).update(reason="x"),
        lambda row: type(row).objects.filter(pk=row.pk).delete(),
        lambda row: row.delete(),
        lambda row: row.save(),
        lambda row: type(row).objects.bulk_update([row], ["reason"]),
        lambda row: type(row).objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["id"], update_fields=["reason"]
        ),
    ],
    ids=["update", "delete", "delete one", "save", "bulk update", "upsert"],
)
def test_S58_django_does_not_rewrite_a_trail_either(rows, write):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        write(rows[1])

    assert broken(rows) == []


def test_S58_a_place_is_taken_once(rows):
    copy = type(rows[0]).objects.get(pk=rows[1].pk)
    copy.pk = None

    with pytest.raises(DatabaseError), transaction.atomic():
        copy.save(force_insert=True)


def test_S58_a_person_who_is_deleted_stays_in_the_trail(rows, user):
    user_id = user.pk
    user.delete()

    assert set(type(rows[0]).objects.values_list("user_id", flat=True)) == {user_id}
    assert broken(rows) == []


# --- What an attacker with the database leaves behind ------------------------------------------


def test_S58_an_untouched_trail_holds(rows):
    assert broken(rows) == []
    assert [row.position for row in rows] == [1, 2, 3, 4, 5]


FIELDS = {
    AuthEvent: ["at", "user_id", "kind", "success", "reason", "account_key", "origin_digest"],
    AuditEntry: [
        "at",
        "user_id",
        "action",
        "object_type",
        "object_id",
        "object_label",
        "before",
        "after",
        "reason",
        "origin_digest",
    ],
}


def another(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, dict):
        return {**value, "x": 1}
    return f"{value}x"[-12:] if isinstance(value, str) else value + timedelta(microseconds=1)


def test_S58_an_edited_row_shows_whatever_was_edited(rows):
    model = type(rows[0])
    written = {field.attname for field in model._meta.concrete_fields} - {"id", "chain", "position", "digest"}
    assert written == set(FIELDS[model])

    for name in FIELDS[model]:
        with transaction.atomic():
            with without_triggers(connection):
                model.objects.filter(pk=rows[2].pk).update(**{name: another(getattr(rows[2], name))})
            assert (rows[2].pk, "it is not what was written") in broken(rows), name
            transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("gone", "words"), [((0,), "1 rows before"), ((2,), "1 rows before"), ((1, 2), "2 rows before")]
)
def test_S58_a_removed_row_shows(rows, gone, words):
    model = type(rows[0])
    with without_triggers(connection):
        model.objects.filter(pk__in=[rows[each].pk for each in gone]).delete()

    found = broken(rows)

    assert found == [(rows[gone[-1] + 1].pk, f"{words} it are missing")]


def test_S58_a_removed_row_shows_also_when_the_places_were_closed_up(rows):
    model = type(rows[0])
    with without_triggers(connection):
        model.objects.filter(pk=rows[1].pk).delete()
        for row in rows[2:]:
            model.objects.filter(pk=row.pk).update(position=row.position - 1)

    assert (rows[2].pk, "it is not what was written") in broken(rows)


def test_S58_exchanged_rows_show(rows):
    model = type(rows[0])
    with without_triggers(connection):
        for row, position in ((rows[1], 99), (rows[2], 2), (rows[1], 3)):
            model.objects.filter(pk=row.pk).update(position=position)

    assert {pk for pk, _what in broken(rows)} >= {rows[1].pk, rows[2].pk}


@pytest.mark.parametrize("place", [2, 5])
def test_S58_an_inserted_row_shows(rows, place):
    model = type(rows[0])
    with without_triggers(connection):
        for row in reversed(rows):
            if row.position > place:
                model.objects.filter(pk=row.pk).update(position=row.position + 1)
    forged = model.objects.get(pk=rows[0].pk)
    forged.pk, forged.position, forged.reason = None, place + 1, "forged"
    forged.save(force_insert=True)

    assert (forged.pk, "it is not what was written") in broken(rows)


def test_S58_a_row_that_was_moved_into_another_chain_shows(rows):
    model = type(rows[0])
    with without_triggers(connection):
        model.objects.filter(pk=rows[4].pk).update(chain="another", position=1)

    assert broken(rows) == [(rows[4].pk, "it is not what was written")]


def test_S58_a_rewritten_origin_shows_and_an_erased_one_does_not(rows):
    origins = AuthEventOrigin if type(rows[0]) is AuthEvent else AuditEntryOrigin
    origins.objects.filter(pk=rows[1].pk).update(address="192.0.2.1")
    origins.objects.filter(pk=rows[3].pk).delete()

    assert broken(rows) == [(rows[1].pk, "its origin is not what was written")]


def test_S58_cutting_off_the_newest_rows_shows_in_the_anchor(rows):
    model = type(rows[0])
    before = anchors()
    with without_triggers(connection):
        model.objects.filter(pk=rows[4].pk).delete()

    assert broken(rows) == []
    assert anchors() != before
    assert f"{model.__name__}: 4 rows, last {rows[3].digest[:16]}" in anchors()


def test_S58_a_trail_holds_after_the_key_was_rotated(rows, settings, user):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the-next-key", ["only-for-tests"]
    record_attempt(AuthEvent.Kind.SIGN_IN, success=True, event="session_created", user=user, now=NOW)
    audit("test.rotated", user, by=user, now=NOW)
    assert [list(broken_rows(model)) for model in MODELS] == [[], []]

    settings.SECRET_KEY_FALLBACKS = []

    assert len(broken(rows)) == 5


def test_D20_a_change_whose_row_cannot_be_written_does_not_happen(user, monkeypatch):
    from accounts.people import change_role

    monkeypatch.setattr(trails, "_append", lambda row: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        change_role(user, "editor", by=None, now=NOW)

    user.refresh_from_db()
    assert (user.role, AuditEntry.objects.count()) == ("viewer", 0)


def test_D20_chains_are_one_for_each_person_and_one_for_the_house(user):
    audit("test.hers", user, by=user, now=NOW)
    audit("test.the_house", user, by=None, now=NOW)
    audit("test.hers", user, by=user, now=NOW)

    assert sorted(AuditEntry.objects.values_list("chain", "position")) == [
        ("system", 1),
        (f"user {user.pk}", 1),
        (f"user {user.pk}", 2),
    ]


# --- The log -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("plain", "plain"),
        ("two words", '"two words"'),
        ("line\r\nauthn_login_success user=1", '"line\\u000d\\u000aauthn_login_success user=1"'),
        ("\x1b[31mred", "\\u001b[31mred"),
        ("\u202eright to left", '"\\u202eright to left"'),
        ("\u2028\u2066\u200f\x85", "\\u2028\\u2066\\u200f\\u0085"),
    ],
)
def test_log_lines_cannot_be_forged(caplog, given, written):
    security_log("input_validation_fail", reason=given)

    assert security_lines(caplog) == [f"input_validation_fail reason={written}"]
