from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and sign-in")

    def ready(self) -> None:
        from settimes import checks  # noqa: F401 (registers the project's own checks)

        # Permissions are rows that Django makes after every migration; the groups can only follow.
        post_migrate.connect(_write_groups, dispatch_uid="accounts.roles")


def _write_groups(app_config: AppConfig, using: str, **kwargs: Any) -> None:
    from django.contrib.auth.management import create_permissions

    from accounts.roles import APPS, write_groups

    if app_config.name in APPS:
        create_permissions(app_config, using=using, verbosity=0)  # Django's own turn may come after ours
        write_groups()
