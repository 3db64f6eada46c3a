"""The site that is measured: a database of its own, production's settings, and the web server of the Procfile.

Django is imported where it is used, once the environment is set: its settings are read only once.
"""

import os
import re
import secrets
import shlex
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg.sql import SQL, Identifier

from bench.load import LOOPBACK, read_once

if TYPE_CHECKING:
    from schedule.models import Event

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT_SECONDS, STOP_TIMEOUT_SECONDS = 30, 10
KEPT_FROM_THE_ENVIRONMENT = {"DATABASE_POOL_SIZE"}


@contextmanager
def own_database(folder: Path) -> Iterator[str]:
    """The address of a database for this run only: on the server of DATABASE_URL if that is PostgreSQL, else SQLite."""
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith("postgres"):
        yield f"sqlite:///{folder / 'bench.sqlite3'}"
        return
    name = f"settimes_bench_{secrets.token_hex(4)}"
    with psycopg.connect(given, autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            yield urlunsplit(urlsplit(given)._replace(path=f"/{name}"))
        finally:
            server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@contextmanager
def own_event(folder: Path, database_url: str, *, port: int) -> Iterator["Event"]:
    """The festival in that database, with tables and static files; Django is set up as production sets it up.

    But for http: on https the server would redirect.
    """
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for name in set(re.findall(r"^(\w+)=", example, re.MULTILINE)) - KEPT_FROM_THE_ENVIRONMENT:
        os.environ.pop(name, None)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="bench.settings",
        ENV_FILE=os.devnull,
        SECRET_KEY=secrets.token_urlsafe(50),
        DATA_DIR=str(folder),
        DATABASE_URL=database_url,
        SITE_URL=f"http://localhost:{port}",
        DEBUG="false",
        LOG_LEVEL="WARNING",
    )
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections
    from django.utils import timezone

    from bench.festival import build_festival

    try:
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        event = build_festival(now=timezone.now())
        connections.close_all()  # nobody but the server has the database open while it is measured
        yield event
    finally:
        connections.close_all()


def free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as server:
        return server.getsockname()[1]


@contextmanager
def running_server(folder: Path, *, port: int) -> Iterator[None]:
    """The web process of the Procfile, from its first answer on until the block ends."""
    log_path = folder / "server.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            web_command(port), cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            _wait_for_answer(process, port, log_path)
            yield
        finally:
            process.terminate()
            try:
                process.wait(STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # a session of its own: the server and its worker, no other
                process.wait()


def web_command(port: int) -> list[str]:
    """The line `web` of the Procfile, for this port of the loopback address."""
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    web = next(line.removeprefix("web:") for line in lines if line.startswith("web:"))
    program, *arguments = shlex.split(Template(web).substitute(os.environ, HOST=LOOPBACK, PORT=port))
    return [str(Path(sys.executable).parent / program), *arguments]


def server_flags() -> str:
    """What the Procfile tells the server, without its address."""
    *arguments, _ = web_command(0)[1:]
    pairs = zip(arguments[::2], arguments[1::2], strict=True)
    return " ".join(f"{name} {value}" for name, value in pairs if name not in ("--host", "--port"))


def database_name() -> str:
    """Kind and version of the database."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    connection.ensure_connection()
    return f"PostgreSQL {connection.pg_version // 10000}.{connection.pg_version % 10000}"


def _wait_for_answer(process: subprocess.Popen, port: int, log_path: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            read_once("/bench/constant/1/", port=port)
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return
    sys.exit(f"The server did not start:\n{log_path.read_text(encoding='utf-8', errors='replace')[-2000:]}")
