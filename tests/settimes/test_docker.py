"""docker-compose.yml and Dockerfile start programs, pass variables and name services that exist.

No Docker engine is needed: the files are read as text.
"""

import importlib
import json
import re
import shlex
import sys
from pathlib import Path

import pytest
import yaml
from celery.app.utils import find_app
from celery.bin.celery import celery
from django.core.management import get_commands
from granian.cli import cli as granian

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
OTHERS = {name: service for name, service in SERVICES.items() if "image" in service}
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
VARIABLES = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
# The postgres image's own, https://hub.docker.com/_/postgres
POSTGRES_VARIABLES = {"POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"}

(CMD,) = [json.loads(line) for line in re.findall(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)]


def words_of(command):
    return shlex.split(command) if isinstance(command, str) else command


COMMANDS = {name: words_of(service.get("command", CMD)) for name, service in OURS.items()}


def option(words, name):
    return words[words.index(name) + 1]


def test_compose_has_web_worker_beat_postgresql_and_redis():
    assert set(OURS) == {"migrate", "web", "worker", "beat"}
    assert {name: service["image"].split(":")[0] for name, service in OTHERS.items()} == {
        "postgres": "postgres",
        "redis": "redis",
    }


@pytest.mark.parametrize("words", [CMD, *COMMANDS.values()], ids=["CMD", *COMMANDS])
def test_commands_are_programs_that_are_installed(words):
    assert (BIN / words[0]).is_file()
    if words[0] == "python":
        assert words[1] == "manage.py"
        assert words[2] in get_commands()


@pytest.mark.parametrize("words", [words for words in COMMANDS.values() if words[0] == "celery"], ids=" ".join)
def test_celery_commands_name_our_application_and_their_options(words):
    app, subcommand = option(words, "-A"), celery.commands[words[3]]

    assert find_app(app).main == "settimes"
    assert {word for word in words[4:] if word.startswith("-")} <= {
        name for parameter in subcommand.params for name in parameter.opts
    }


def test_web_command_serves_our_application():
    context = granian.make_context("granian", CMD[1:])

    module, name = context.params["app"].split(":")
    assert callable(getattr(importlib.import_module(module), name))
    assert context.params["interface"].value == "wsgi"


def test_web_is_reached_where_it_listens():
    port = option(CMD, "--port")

    assert option(CMD, "--host") == "0.0.0.0"  # noqa: S104 (inside its container)
    assert re.findall(r"^EXPOSE (\d+)$", DOCKERFILE, re.MULTILINE) == [port]
    assert SERVICES["web"]["ports"] == [f"127.0.0.1:{port}:{port}"]  # for the proxy on this machine only
    assert COMMANDS["web"] == CMD


def test_variables_of_our_services_are_those_that_settings_read():
    unknown = {name: set(service["environment"]) - VARIABLES for name, service in OURS.items()}

    assert unknown == {name: set() for name in OURS}
    assert all(
        {"SECRET_KEY", "SITE_URL", "DATABASE_URL", "REDIS_URL"} <= set(each["environment"]) for each in OURS.values()
    )


def test_variables_that_an_operator_may_set_reach_our_services():
    """Left out are those that the files here decide themselves, and what is for development only."""
    decided = {"DATABASE_URL", "DATABASE_POOL_SIZE", "REDIS_URL", "DATA_DIR", "HOST", "PORT"}
    not_for_production = {"DEBUG", "ENV_FILE", "SECRET_KEY_FILE"}

    assert set(re.findall(r"^    (\w+): \$\{\1\b", COMPOSE_TEXT, re.MULTILINE)) == (
        VARIABLES - decided - not_for_production
    )


def test_variables_of_other_services_are_those_of_their_images():
    assert {name: set(service.get("environment", {})) for name, service in OTHERS.items()} == {
        "postgres": POSTGRES_VARIABLES,
        "redis": set(),
    }


def test_variables_that_compose_fills_in_are_known():
    assert set(re.findall(r"\$\{(\w+)", COMPOSE_TEXT)) <= VARIABLES | POSTGRES_VARIABLES


def test_addresses_lead_to_the_other_services():
    user, name = (SERVICES["postgres"]["environment"][each] for each in ("POSTGRES_USER", "POSTGRES_DB"))
    addresses = {(each["environment"]["DATABASE_URL"], each["environment"]["REDIS_URL"]) for each in OURS.values()}

    ((database, redis),) = addresses
    assert re.fullmatch(rf"postgres://{user}:\${{POSTGRES_PASSWORD:\?[^}}]+}}@postgres:5432/{name}", database)
    assert redis == "redis://redis:6379/0"


def test_services_wait_for_services_that_exist_and_can_tell_that_they_are_ready():
    for service in SERVICES.values():
        for other, wait in service.get("depends_on", {}).items():
            if wait["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other]
            else:
                assert (wait["condition"], SERVICES[other]["restart"]) == ("service_completed_successfully", "no")


def test_services_start_after_the_database_is_migrated():
    assert COMMANDS["migrate"][:3] == ["python", "manage.py", "migrate"]
    assert {name for name, service in OURS.items() if "migrate" in service["depends_on"]} == {"web", "worker", "beat"}


def test_only_the_web_server_keeps_a_pool_of_connections():
    assert {name for name, service in OURS.items() if "DATABASE_POOL_SIZE" in service["environment"]} == {"web"}


def test_volumes_are_declared_and_hold_the_data_folder():
    mounts = [volume for service in SERVICES.values() for volume in service.get("volumes", [])]

    assert {mount.split(":")[0] for mount in mounts} == set(COMPOSE["volumes"])
    assert {mount for service in OURS.values() for mount in service["volumes"]} == {"data:/data"}
    assert re.findall(r"\bDATA_DIR=(\S+)", DOCKERFILE)[0] == "/data"


def test_dockerfile_sets_variables_and_runs_commands_that_exist():
    set_for_good = re.findall(r"(\w+)=", " ".join(re.findall(r"^ENV (.+)$", DOCKERFILE, re.MULTILINE)))
    set_for_a_step = re.findall(r"([A-Z_]+)=", " ".join(re.findall(r"^RUN (.+)$", DOCKERFILE, re.MULTILINE)))

    assert {*set_for_good, *set_for_a_step} - {"PATH", "PYTHONUNBUFFERED"} <= VARIABLES
    assert set(re.findall(r"manage\.py (\w+)", DOCKERFILE)) <= set(get_commands())


def test_dockerfile_copies_files_that_exist_and_takes_our_python():
    copied = [line.split()[0] for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)]
    requires = re.search(r'requires-python = ">=([\d.]+),', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))[1]

    assert [each for each in copied if not (ROOT / each).exists()] == []
    assert set(re.findall(r"^FROM python:([\d.]+)-", DOCKERFILE, re.MULTILINE)) == {requires}


def test_dockerfile_takes_no_secrets_and_no_data_along():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()

    assert {".env", ".git", "data"} <= set(ignored)
