"""Reading environment variables so that a bad one stops the start with a sentence that names it."""

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}
MOST = 10**12  # more than anything that is counted here
LARGEST_PORT = 65535
HOST = r"(?:[\w-]+(?:\.[\w-]+)*|\[[0-9a-f:.]+\])"
HOST_PATTERN = re.compile(rf"\*|\.?{HOST}")
ADDRESS = re.compile(rf"https?://{HOST}(?::(?P<port>\d{{1,5}}))?")
ORIGIN_PATTERN = re.compile(rf"https?://(?:\*\.)?{HOST}(?::(?P<port>\d{{1,5}}))?")
MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in."""

    host: str
    port: int
    user: str
    password: str
    uses_starttls: bool
    uses_tls: bool


class Environment:
    """Typed reads from a mapping of variables; an empty value counts as not set.

    Every method raises ImproperlyConfigured naming the variable, its value unless that may hold a
    password, and the remedy.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables

    @classmethod
    def with_env_file(cls, path: str, *, default: Path) -> "Environment":
        """The process's own variables, and behind them those of the file `path`, else of `default` where it exists."""
        if path and not Path(path).exists():
            raise ImproperlyConfigured(f"ENV_FILE={path!r} does not exist. Correct it, or leave it out for {default}.")
        try:
            environ.Env.read_env(path or default)
        except UnicodeDecodeError:
            raise ImproperlyConfigured(f"{path or default} cannot be read: it is not text in UTF-8.") from None
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
                raise ImproperlyConfigured(f"{name}_FILE={path!r} cannot be read: {error.strerror}.") from None
            except UnicodeDecodeError:
                raise ImproperlyConfigured(f"{name}_FILE={path!r} cannot be read: it is not text in UTF-8.") from None
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

    def whole_number(self, name: str, *, default: int, at_least: int = 0, at_most: int = MOST) -> int:
        value = self.text(name, str(default))
        if not re.fullmatch("[0-9]{1,13}", value) or not at_least <= int(value) <= at_most:
            limits = f"of at least {at_least}" if at_most == MOST else f"from {at_least} to {at_most}"
            raise ImproperlyConfigured(f"{name}={value!r} is not a whole number {limits}.")
        return int(value)

    def choice(self, name: str, choices: tuple[str, ...], *, default: str) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise ImproperlyConfigured(f"{name}={value!r} is not one of {', '.join(choices)}.")
        return value

    def listing(self, name: str) -> list[str]:
        """Comma-separated values, blanks around them removed; an empty list when not set."""
        return [part.strip() for part in self.text(name, "").split(",") if part.strip()]

    def hosts(self, name: str) -> list[str]:
        """Host names as ALLOWED_HOSTS takes them: settimes.example, .settimes.example for all below it, * for any."""
        hosts = [host.lower() for host in self.listing(name)]
        for host in hosts:
            if not HOST_PATTERN.fullmatch(host):
                raise ImproperlyConfigured(
                    f"{name}={host!r} is not a host name. Write settimes.example, without scheme, port and path."
                )
        return hosts

    def address(self, name: str, default: str | None = None) -> str:
        """An http(s) address in small letters, without path and without the slash at its end."""
        return _address(name, self.text(name, default), ADDRESS)

    def origins(self, name: str) -> list[str]:
        """Addresses whose host may begin with *. for all hosts below."""
        return [_address(name, value, ORIGIN_PATTERN) for value in self.listing(name)]

    def folder(self, name: str, *, default: Path) -> Path:
        """A folder that can be written to, made when it is not there."""
        path = Path(self.text(name, str(default))).absolute()
        try:
            path.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path):
                pass
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}={str(path)!r} is no folder that can be written to: {error.strerror}."
            ) from None
        return path

    def networks(self, name: str) -> list[str]:
        """Network addresses such as 10.0.0.0/8 or 2001:db8::/32."""
        networks = self.listing(name)
        for network in networks:
            try:
                ip_network(network)
            except ValueError:
                raise ImproperlyConfigured(
                    f"{name}={network!r} is not a network. Write 10.0.0.0/8 or a single address."
                ) from None
        return networks

    def mail_server(self, name: str) -> "MailServer | None":
        """smtp://USER:PASSWORD@HOST:PORT, smtp+tls:// for STARTTLS, smtp+ssl:// for TLS from the start."""
        value = self.text(name, "")
        if not value:
            return None
        malformed = ImproperlyConfigured(
            f"{name} is not a mail server. Write smtp+tls://user:password@mail.example:587, "
            "special characters in the password percent-encoded."
        )
        try:
            parts = urlsplit(value)
            port = parts.port
        except ValueError:
            raise malformed from None
        has_more = parts.path.strip("/") or parts.query or parts.fragment
        if parts.scheme not in MAIL_PORTS or not parts.hostname or has_more or port == 0:
            raise malformed
        return MailServer(
            host=parts.hostname,
            port=port or MAIL_PORTS[parts.scheme],
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            uses_starttls=parts.scheme == "smtp+tls",
            uses_tls=parts.scheme == "smtp+ssl",
        )

    def time_zone(self, name: str, *, default: str) -> str:
        value = self.text(name, default)
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ImproperlyConfigured(
                f"{name}={value!r} is not a time zone. Write an IANA name such as America/Toronto."
            ) from None
        return value

    def database(self, name: str, *, default_file: Path) -> dict[str, Any]:
        """Django's database entry for a sqlite:////PATH or postgres://USER:PASSWORD@HOST:PORT/NAME address."""
        value = self.text(name, "")
        if not value:
            return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default_file)}
        malformed = ImproperlyConfigured(
            f"{name} is not a database address. Write sqlite:////path/to/file or "
            "postgres://user:password@host:5432/name, special characters in the password percent-encoded."
        )
        if not value.startswith(("sqlite:///", "postgres://", "postgresql://")):
            raise malformed
        try:
            entry: dict[str, Any] = environ.Env.db_url_config(value)
        except (ValueError, environ.ImproperlyConfigured):
            raise malformed from None  # the cause quotes parts of the password
        if entry["NAME"] in ("", ":memory:"):
            raise malformed
        return entry

    def redis(self, name: str) -> str:
        value = self.text(name, "")
        if value and not _is_redis_address(value):
            raise ImproperlyConfigured(f"{name} is not a Redis address. Write redis://host:6379/0, or leave it empty.")
        return value


def _address(name: str, value: str, pattern: re.Pattern[str]) -> str:
    address = value.rstrip("/").lower()
    match = pattern.fullmatch(address)
    if match is None or int(match["port"] or 1) not in range(1, LARGEST_PORT + 1):
        raise ImproperlyConfigured(
            f"{name}={value!r} is not an address such as https://settimes.example: "
            "http or https, a host, no path behind it."
        )
    return address


def _is_redis_address(value: str) -> bool:
    """Whether both Django and Celery can read it; sockets have addresses that only one of them knows."""
    try:
        parts = urlsplit(value)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_number = re.fullmatch(r"(/\d*)?", parts.path) is not None
    return parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and has_port and is_number
