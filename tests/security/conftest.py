"""What every attack is told by: the lines of the security log, and no line of an error beside them."""

import logging

import pytest

from tests.security.world import build


@pytest.fixture(autouse=True)
def _no_error_in_any_log(caplog):
    """Django itself writes a refused request as an error, under django.security; nothing else may."""
    caplog.set_level(logging.INFO, logger="settimes.security")
    yield
    errors = [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    assert [record.getMessage() for record in errors if not record.name.startswith("django.security")] == []


@pytest.fixture
def log(caplog):
    """The events of the security log since it was last asked."""

    def events():
        found = [record.getMessage().split(" ")[0] for record in caplog.records if record.name == "settimes.security"]
        caplog.clear()
        return found

    return events


@pytest.fixture
def world(db):
    """Everybody and everything, once (tests/security/world.py)."""
    world = build()
    world.forms = {}
    return world
