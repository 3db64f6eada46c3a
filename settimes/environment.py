"""Reading environment variables so that a bad one stops the start with a sentence that names it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}
DATABASE_SCHEMES = {"sqlite", "postgres", "postgresql"}


class Environment:
    """Typed reads from a mapping of variables; an empty value counts as not set.

    Every method raises ImproperlyConfigured naming the variable, its value and the remedy.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables

    @classmethod
    def with_env_file(cls, path: Path) -> "Environment":
        """The process's own variables, and behind them those of a `.env` file where there is one."""
        if path.is_file():
            environ.Env.read_env(path)
        return cls(os.environ)

    def text(self, name: str, default: str | None = None) -> str:
        value = self.variables.get(name, "").strip()
        if value:
            return value
        if default is None:
            raise ImproperlyConfigured(f"{name} is not set. Put it into the environment or .env; see .env.example.")
        return default

    def secret(self, name: str, how_to_make_one: str) -> str:
        """A secret from NAME, or from the file that NAME_FILE points to."""
        path = self.text(f"{name}_FILE", "")
        if path:
            try:
                value = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ImproperlyConfigured(f"{name}_FILE={path!r} cannot be read: {error.strerror}.") from error
            if not value:
                raise ImproperlyConfigured(f"{name}_FILE={path!r} is empty. {how_to_make_one}")
            return value
        value = self.text(name, "")
        if not value:
            raise ImproperlyConfigured(f"{name} is not set. {how_to_make_one}")
        return value

    def boolean(self, name: str, *, default: bool) -> bool:
        value = self.text(name, str(default)).lower()
        if value in TRUE:
            return True
        if value in FALSE:
            return False
        raise ImproperlyConfigured(f"{name}={value!r} is neither true nor false. Write {name}=true or {name}=false.")

    def whole_number(self, name: str, *, default: int, at_least: int = 0) -> int:
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or int(value) < at_least:
            raise ImproperlyConfigured(f"{name}={value!r} is not a whole number of at least {at_least}.")
        return int(value)

    def choice(self, name: str, choices: tuple[str, ...], *, default: str) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise ImproperlyConfigured(f"{name}={value!r} is not one of {', '.join(choices)}.")
        return value

    def listing(self, name: str) -> list[str]:
        """Comma-separated values, blanks around them removed; an empty list when not set."""
        return [part.strip() for part in self.text(name, "").split(",") if part.strip()]

    def address(self, name: str, default: str | None = None) -> str:
        """An http(s) address without path and without the slash at its end."""
        value = self.text(name, default).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
            raise ImproperlyConfigured(
                f"{name}={value!r} is not an address such as https://settimes.example: "
                "http or https, a host, no path behind it."
            )
        return value

    def time_zone(self, name: str, *, default: str) -> str:
        value = self.text(name, default)
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ImproperlyConfigured(
                f"{name}={value!r} is not a time zone. Write an IANA name such as America/Toronto."
            ) from error
        return value

    def database(self, name: str, *, default: str) -> dict[str, Any]:
        """Django's database entry for a sqlite:///PATH or postgres://USER:PASSWORD@HOST:PORT/NAME address."""
        value = self.text(name, default)
        scheme = value.split(":", 1)[0]
        malformed = ImproperlyConfigured(
            f"{name} is not a database address. Write sqlite:////path/to/file or "
            "postgres://user:password@host:5432/name, special characters in the password percent-encoded."
        )
        if scheme not in DATABASE_SCHEMES or "//" not in value:
            raise malformed
        try:
            entry: dict[str, Any] = environ.Env.db_url_config(value)
        except (ValueError, environ.ImproperlyConfigured) as error:
            raise malformed from error
        if not entry.get("NAME"):
            raise malformed
        return entry

    def redis(self, name: str) -> str:
        value = self.text(name, "")
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ImproperlyConfigured(f"{name} is not a Redis address. Write redis://host:6379/0, or leave it empty.")
        return value
