"""What every test stands on."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase

from tests.triggers import without_triggers


@pytest.fixture(autouse=True)
def _empty_cache():
    """Limits are counted in the cache: no test inherits another's tries."""
    cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _flush_past_the_triggers():
    """Tests with real transactions empty all tables after themselves, which the trails' triggers refuse."""
    flush = TransactionTestCase._fixture_teardown

    def lifted(case):
        with without_triggers(connection):
            flush(case)

    TransactionTestCase._fixture_teardown = lifted
    yield
    TransactionTestCase._fixture_teardown = flush
