"""Real databases: a file of SQLite and a database of the PostgreSQL server, migrated once and copied for each race."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.services import need, postgres_url

ROOT = Path(__file__).resolve().parent.parent.parent.parent
SECONDS = 60


def run(database_url, *command):
    """Run a Python command of ours on a database; what it printed."""
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class SqliteFiles:
    """Databases that are files in a folder."""

    def __init__(self, folder):
        self.folder = folder

    def url(self, name):
        return f"sqlite:////{str(self.folder / name).lstrip('/')}.sqlite3"

    def create(self, name):
        run(self.url(name), "-m", "django", "migrate", "--verbosity=0", "--skip-checks")

    def copy(self, name, to):
        shutil.copy(self.folder / f"{name}.sqlite3", self.folder / f"{to}.sqlite3")

    def drop(self, name):
        for path in self.folder.glob(f"{name}.sqlite3*"):
            path.unlink()


class PostgresDatabases:
    """Databases of a server, told from those of other runs by the number of this process."""

    def __init__(self, server):
        self.server = server

    def own(self, name):
        return f"settimes_{name}_{os.getpid()}"

    def url(self, name):
        return urlsplit(self.server)._replace(path=f"/{self.own(name)}").geturl()

    def create(self, name):
        self._run(f'CREATE DATABASE "{self.own(name)}"')
        run(self.url(name), "-m", "django", "migrate", "--verbosity=0", "--skip-checks")

    def copy(self, name, to):
        self._run(f'CREATE DATABASE "{self.own(to)}" TEMPLATE "{self.own(name)}"')

    def drop(self, name):
        self._run(f'DROP DATABASE IF EXISTS "{self.own(name)}" WITH (FORCE)')

    def _run(self, statement):
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def server(request, tmp_path_factory):
    """Something that makes databases, with a migrated one called "races"."""
    if request.param == "sqlite":
        made = SqliteFiles(tmp_path_factory.mktemp("races"))
    else:
        made = PostgresDatabases(need("PostgreSQL", postgres_url()))
    try:
        made.create("races")
        yield made
    finally:
        made.drop("races")


@pytest.fixture
def race(server):
    """Run a race of tests/accounts/races/running.py on a database of its own; what it found."""
    server.copy("races", "race")
    try:
        yield lambda name, **options: json.loads(
            run(server.url("race"), "-m", "tests.accounts.races.running", name, json.dumps(options))
        )
    finally:
        server.drop("race")
