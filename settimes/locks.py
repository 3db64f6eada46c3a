"""Queueing up transactions that must not overlap."""

import zlib

from django.db import connection


def lock_until_commit(name: str) -> None:
    """Wait until no other transaction holds this name, and hold it until this one ends.

    SQLite's immediate transactions queue up by themselves. Raises ValueError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise ValueError(f"the lock {name} would be gone at once outside a transaction")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, zlib.crc32(name.encode()) - 2**31])


LOCKS = 4711  # our own space of advisory locks
