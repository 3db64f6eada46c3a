"""What the database itself refuses: to lose the last admin, and to rewrite a trail."""

from django.db import migrations

TRAILS = ["accounts_authevent", "accounts_auditentry"]

POSTGRES = [
    """
    CREATE FUNCTION settimes_last_admin_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD.role = 'admin' AND OLD.is_active
         AND (TG_OP = 'DELETE' OR NOT (NEW.role = 'admin' AND NEW.is_active)) THEN
        PERFORM pg_advisory_xact_lock(4712);
        IF NOT EXISTS (SELECT 1 FROM accounts_user WHERE role = 'admin' AND is_active AND id <> OLD.id) THEN
          RAISE EXCEPTION 'last admin' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
      END IF;
      IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER last_admin_stays BEFORE UPDATE OR DELETE ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION settimes_last_admin_stays()
    """,
    """
    CREATE FUNCTION settimes_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$
    """,
    *[
        statement
        for table in TRAILS
        for statement in (
            f"CREATE TRIGGER {table}_rows BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION settimes_append_only()",
            # The row trigger does not see TRUNCATE.
            f"CREATE TRIGGER {table}_all BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION settimes_append_only()",
        )
    ],
]
POSTGRES_BACK = [
    *[f"DROP TRIGGER {table}_{which} ON {table}" for table in TRAILS for which in ("rows", "all")],
    "DROP FUNCTION settimes_append_only()",
    "DROP TRIGGER last_admin_stays ON accounts_user",
    "DROP FUNCTION settimes_last_admin_stays()",
]

ANOTHER_ADMIN = "EXISTS (SELECT 1 FROM accounts_user WHERE role = 'admin' AND is_active AND id <> OLD.id)"
SQLITE = [
    f"""
    CREATE TRIGGER last_admin_stays_on_update BEFORE UPDATE ON accounts_user
    WHEN OLD.role = 'admin' AND OLD.is_active AND NOT (NEW.role = 'admin' AND NEW.is_active) AND NOT {ANOTHER_ADMIN}
    BEGIN SELECT RAISE(ABORT, 'last admin'); END
    """,
    f"""
    CREATE TRIGGER last_admin_stays_on_delete BEFORE DELETE ON accounts_user
    WHEN OLD.role = 'admin' AND OLD.is_active AND NOT {ANOTHER_ADMIN}
    BEGIN SELECT RAISE(ABORT, 'last admin'); END
    """,
    *[
        # REPLACE deletes the row in its way, which fires this only with recursive_triggers=ON (settings.py).
        f"CREATE TRIGGER {table}_{event} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, 'append-only'); END"
        for table in TRAILS
        for event in ("update", "delete")
    ],
]
SQLITE_BACK = [
    *[f"DROP TRIGGER {table}_{event}" for table in TRAILS for event in ("update", "delete")],
    "DROP TRIGGER last_admin_stays_on_update",
    "DROP TRIGGER last_admin_stays_on_delete",
]


def make_triggers(apps, schema_editor):
    for statement in POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def drop_triggers(apps, schema_editor):
    for statement in POSTGRES_BACK if schema_editor.connection.vendor == "postgresql" else SQLITE_BACK:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0004_roles_alone"),
    ]

    operations = [
        migrations.RunPython(make_triggers, drop_triggers),
    ]
