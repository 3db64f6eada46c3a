"""A task that is really sent, to a worker that really runs, through a folder and through Redis.

The workers are started as `make run` and docker-compose.yml start them.
"""

import os
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
import yaml
from django.conf import settings

from settimes.celery import app
from tests.services import need, redis_url

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent
TASK = "accounts.tasks.clear_expired_sessions_task"
PATIENCE_SECONDS = 30


@pytest.fixture
def house(tmp_path):
    """The variables of an installation of its own: a folder with a migrated database."""
    environment = {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "ENV_FILE": os.devnull,
        "SECRET_KEY": "only-for-tests",
        "DATA_DIR": str(tmp_path),
    }
    run(["python", "manage.py", "migrate", "--verbosity", "0"], environment)
    return environment


@pytest.fixture
def redis_database():
    """The address of a Redis database that was empty, and is again afterwards."""
    address = re.sub(r"/\d*$", "", need("Redis", redis_url()))
    for number in range(15, 0, -1):
        with redis.Redis.from_url(f"{address}/{number}") as server:
            if server.dbsize() == 0:
                yield f"{address}/{number}"
                server.flushdb()
                return
    pytest.fail("every Redis database is in use")


def run(words, environment):
    subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True)


def add_sessions(environment):
    """A session that has ended and one that has not."""
    now = datetime.now(UTC)
    with sqlite3.connect(f"{environment['DATA_DIR']}/settimes.sqlite3") as database:
        database.executemany(
            "INSERT INTO accounts_usersession (session_key, session_data, expire_date, last_seen_at, device) "
            "VALUES (?, '', ?, ?, '')",
            [("ended", str(now - timedelta(days=1)), str(now)), ("going-on", str(now + timedelta(days=1)), str(now))],
        )
    database.close()


def sessions(environment):
    database = sqlite3.connect(f"{environment['DATA_DIR']}/settimes.sqlite3")
    rows = database.execute("SELECT session_key FROM accounts_usersession ORDER BY 1").fetchall()
    database.close()
    return [key for (key,) in rows]


def send_and_wait(worker_words, environment):
    """Send the task, run a worker until the ended session is gone, and end the worker."""
    run(["celery", "-A", "settimes", "call", TASK], environment)
    assert sessions(environment) == ["ended", "going-on"]  # it was sent, not run here
    worker = subprocess.Popen(
        worker_words,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while "ended" in sessions(environment) and worker.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        worker.terminate()
        output, _ = worker.communicate(timeout=PATIENCE_SECONDS)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)  # what did not end by itself, with its children
    return output


def test_worker_of_make_run_does_a_task_sent_through_a_folder(house):
    procfile = (ROOT / "Procfile").read_text(encoding="utf-8")
    words = shlex.split(re.search(r"^worker: (.+)$", procfile, re.MULTILINE)[1])
    add_sessions(house)

    output = send_and_wait(words, house)

    assert sessions(house) == ["going-on"], output
    assert list(Path(house["DATA_DIR"], "queue").glob("*.msg")) == []
    assert "Traceback" not in output


def test_worker_of_docker_does_a_task_sent_through_redis(house, redis_database):
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    environment = {**house, "REDIS_URL": redis_database}
    add_sessions(environment)

    output = send_and_wait(shlex.split(compose["services"]["worker"]["command"]), environment)

    assert sessions(environment) == ["going-on"], output
    assert list(Path(house["DATA_DIR"]).glob("queue/*.msg")) == []
    assert "Traceback" not in output


def test_beat_wakes_tasks_that_exist():
    app.loader.import_default_modules()

    woken = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert woken >= {TASK}
    assert sorted(woken - set(app.tasks)) == []


def test_tasks_end_in_task():
    app.loader.import_default_modules()

    assert [name for name in app.tasks if not name.startswith("celery.") and not name.endswith("_task")] == []
