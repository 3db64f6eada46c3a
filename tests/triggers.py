"""Lifting the database's triggers for a moment."""

from contextlib import contextmanager
from importlib import import_module

TRIGGERS = import_module("accounts.migrations.0005_triggers")


@contextmanager
def without_triggers(connection):
    """Without the triggers that keep the trails and the last admin; for what only a test or an attacker would do."""
    is_postgres = connection.vendor == "postgresql"
    for statement in TRIGGERS.POSTGRES_BACK if is_postgres else TRIGGERS.SQLITE_BACK:
        _run(connection, statement)
    try:
        yield
    finally:
        for statement in TRIGGERS.POSTGRES if is_postgres else TRIGGERS.SQLITE:
            _run(connection, statement)


def _run(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
