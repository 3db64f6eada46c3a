from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from settimes import checks  # noqa: F401 (registers the project's own checks)
