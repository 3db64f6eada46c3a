"""What `make run` starts: the lines of the Procfile, at one address, also with HOST and PORT from .env."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent

# Stands for a program of the Procfile: writes down how it was called, and waits until all were.
NOTE = """#!{python}
import json, sys, time
from pathlib import Path
from settimes.settings import SECRET_KEY, SITE_URL

folder, name = Path({folder!r}), Path(sys.argv[0]).name
(folder / f"{{name}}.part").write_text(json.dumps([SITE_URL, SECRET_KEY, sys.argv[1:]]))
(folder / f"{{name}}.part").rename(folder / f"{{name}}.json")
while not all((folder / f"{{each}}.json").exists() for each in ("granian", "celery")):
    time.sleep(0.01)
"""


@pytest.fixture
def house(tmp_path):
    """A folder with our Makefile and Procfile, real Python and honcho, and a granian and celery that take notes."""
    for name in ("Makefile", "Procfile"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "requirements.txt").touch()
    scripts = {name: f'#!/bin/sh\nexec {BIN / name} "$@"\n' for name in ("python", "honcho")}
    scripts |= {name: NOTE.format(python=BIN / "python", folder=str(tmp_path)) for name in ("granian", "celery")}
    (tmp_path / "bin").mkdir()
    for name, text in scripts.items():
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    return tmp_path


def calls_by_make_run(house, *arguments, **variables):
    """Address of the site, secret key and arguments with which the last line of `make run` starts each program."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "ENV_FILE": str(house / ".env"),
        "DATA_DIR": str(house / "data"),
        **variables,
    }
    dry = subprocess.run(
        ["make", "--dry-run", "run", "BIN=bin", *arguments],
        cwd=house,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    last_lines = re.search(r"^export PATH=.*\n.*\n.*honcho.*$", dry.stdout, re.MULTILINE)[0]
    subprocess.run(["sh", "-c", last_lines], cwd=house, env=environment, capture_output=True, timeout=60, check=True)
    return {name: json.loads((house / f"{name}.json").read_text()) for name in ("granian", "celery")}


def web_arguments(host, port):
    return [
        *("--interface", "wsgi", "--host", host, "--port", port, "--workers", "1", "--blocking-threads", "4"),
        "settimes.wsgi:application",
    ]


WORKER_ARGUMENTS = ["--quiet", "-A", "settimes", "worker", "--beat", "--pool", "solo", "--loglevel", "WARNING"]


def test_make_run_starts_web_and_worker_with_the_same_address(house):
    (house / ".env").write_text("SECRET_KEY=a#b\n")

    assert calls_by_make_run(house) == {
        "granian": ["http://localhost:8000", "a#b", web_arguments("127.0.0.1", "8000")],
        "celery": ["http://localhost:8000", "a#b", WORKER_ARGUMENTS],
    }


def test_make_run_serves_where_the_env_file_says(house):
    (house / ".env").write_text("SECRET_KEY=a#b\nHOST=0.0.0.0\nPORT=9000\n")

    assert calls_by_make_run(house) == {
        "granian": ["http://localhost:9000", "a#b", web_arguments("0.0.0.0", "9000")],  # noqa: S104
        "celery": ["http://localhost:9000", "a#b", WORKER_ARGUMENTS],
    }


def test_make_run_serves_where_its_caller_says_before_the_env_file(house):
    (house / ".env").write_text("SECRET_KEY=a#b\nHOST=0.0.0.0\nPORT=9000\nSITE_URL=https://settimes.example\n")

    assert calls_by_make_run(house, "PORT=9001", HOST="127.0.0.2") == {
        "granian": ["https://settimes.example", "a#b", web_arguments("127.0.0.2", "9001")],
        "celery": ["https://settimes.example", "a#b", WORKER_ARGUMENTS],
    }
