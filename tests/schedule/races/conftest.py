"""Databases as the races of the accounts have them, under names of their own: both may run in one process."""

import json

import pytest

from tests.accounts.races.conftest import PostgresDatabases, SqliteFiles, run
from tests.services import need, postgres_url


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def board_server(request, tmp_path_factory):
    """Something that makes databases, with a migrated one called "boards"."""
    if request.param == "sqlite":
        made = SqliteFiles(tmp_path_factory.mktemp("boards"))
    else:
        made = PostgresDatabases(need("PostgreSQL", postgres_url()))
    try:
        made.create("boards")
        yield made
    finally:
        made.drop("boards")


@pytest.fixture
def race(board_server):
    """Run a race of tests/schedule/races/running.py on a database of its own; what it found."""
    board_server.copy("boards", "board")
    try:
        yield lambda name, **options: json.loads(
            run(board_server.url("board"), "-m", "tests.schedule.races.running", name, json.dumps(options))
        )
    finally:
        board_server.drop("board")
