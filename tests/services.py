"""The services that some tests need: found where they answer; missing, the tests are skipped, or fail.

REQUIRE_SERVICES=1 makes a missing service a failure. `python -m tests.services postgres` prints the
address of a PostgreSQL server that answers, or nothing.
"""

import getpass
import os
import shutil
import sys

import psycopg
import pytest
import redis

TIMEOUT_SECONDS = 2


def is_required() -> bool:
    return os.environ.get("REQUIRE_SERVICES") == "1"


def postgres_url() -> str:
    """DATABASE_URL if it is PostgreSQL, else a local server that lets this user in; empty when none answers."""
    given = os.environ.get("DATABASE_URL", "")
    candidates = [given] if given.startswith("postgres") else []
    candidates.append(f"postgres://{getpass.getuser()}@127.0.0.1:5432/postgres")
    for url in candidates:
        try:
            psycopg.connect(url, connect_timeout=TIMEOUT_SECONDS).close()
        except psycopg.OperationalError:
            continue
        return url
    return ""


def redis_url() -> str:
    """REDIS_URL, else the local server; empty when it does not answer."""
    url = os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/9"
    try:
        redis.Redis.from_url(url, socket_connect_timeout=TIMEOUT_SECONDS).ping()
    except redis.RedisError:
        return ""
    return url


def chromium_path() -> str:
    """The system's Chromium; empty when it is not installed."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""


def need(service: str, found: str) -> str:
    """The address of a service, or the end of the test: skipped, or failed where services are required."""
    if found:
        return found
    message = f"{service} is not there"
    if is_required():
        pytest.fail(f"{message}, and REQUIRE_SERVICES is set")
    pytest.skip(message)


if __name__ == "__main__":
    finders = {"postgres": postgres_url, "redis": redis_url, "chromium": chromium_path}
    found = finders[sys.argv[1]]()
    if not found and is_required():
        sys.exit(f"{sys.argv[1]} is not there, and REQUIRE_SERVICES is set")
    sys.stdout.write(found)
