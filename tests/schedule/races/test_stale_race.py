"""Many save the same row at one instant: one wins, and each of the others is shown the winner's row.

In real processes on real databases: on PostgreSQL transactions run side by side, on SQLite one waits
for the other.
"""

import json

import pytest

from tests.accounts.races.conftest import run


@pytest.fixture
def race(board_server):
    """Run a race of stale_racing.py on a database of its own; what it found."""
    board_server.copy("boards", "stale")
    try:
        yield lambda name, **options: json.loads(
            run(board_server.url("stale"), "-m", "tests.schedule.stale_racing", name, json.dumps(options))
        )
    finally:
        board_server.drop("stale")


@pytest.mark.parametrize("kind", ["set", "band", "venue", "event"])
def test_one_of_many_who_saw_the_same_version_wins_and_the_others_are_told(race, kind):
    rounds = race("domain", kind=kind, rounds=3, contestants=4)

    assert rounds == [{"won": 1, "told of the winner": 3, "version": 1}] * 3


@pytest.mark.parametrize("kind", ["set", "band"])
def test_one_of_many_forms_is_saved_and_the_others_keep_what_was_typed(race, kind):
    rounds = race("form", kind=kind, rounds=2, contestants=3)

    assert rounds == [{"won": 1, "told of the winner": 2, "version": 1}] * 2


def test_deleted_set_comes_back_once(race):
    rounds = race("bring_back", rounds=3, contestants=4)

    assert rounds == [{"back": 1, "is_back": 3, "sets": 1}] * 3
