"""Everybody gets the role that her rights amounted to, and counts as activated since she was made."""

import re

from django.db import migrations


def give_roles(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    for user in User.objects.iterator():
        user.email_key = re.sub("[A-Z]+", lambda capitals: capitals[0].lower(), user.email.strip())
        user.role = "admin" if user.is_superuser else "editor" if user.is_staff else "viewer"
        user.activated_at = user.created_at
        user.deactivated_at = None if user.is_active else user.updated_at
        user.save(update_fields=["email_key", "role", "activated_at", "deactivated_at"])


def give_rights(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    User.objects.filter(role="admin").update(is_staff=True, is_superuser=True)
    User.objects.filter(role="editor").update(is_staff=True)


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0002_accounts"),
    ]

    operations = [
        migrations.RunPython(give_roles, give_rights),
    ]
