# make run and make test need Python 3.11 with venv, and nothing else.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
# Where make run serves: from the environment, else from .env.
HOST ?= $(or $(shell sed -n 's/^HOST=//p' .env 2>/dev/null),127.0.0.1)
PORT ?= $(or $(shell sed -n 's/^PORT=//p' .env 2>/dev/null),8000)

.PHONY: run test check lint types deploy-check migrations-check test-sqlite test-postgres format messages lock bench clean

# honcho gives each process a PORT of its own, so all are told the SITE_URL that follows from the first one's.
run: $(VENV)/.runtime .env  ## set everything up and serve the site on http://localhost:8000
	$(BIN)/python manage.py migrate --verbosity 0
	$(BIN)/python manage.py collectstatic --no-input --verbosity 0
	$(BIN)/python manage.py demo --if-alone
	$(BIN)/python manage.py create_admin
	export PATH="$(CURDIR)/$(BIN):$$PATH" HOST=$(HOST) PORT=$(PORT); \
	export SITE_URL=$$(python -c 'from settimes.settings import SITE_URL; print(SITE_URL)'); \
	honcho --procfile Procfile --env /dev/null start

test: $(VENV)/.development  ## run the tests on SQLite
	$(BIN)/python -m pytest -n auto

check: lint types deploy-check migrations-check test-sqlite test-postgres  ## everything that must hold before a change lands

lint: $(VENV)/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.development
	$(BIN)/mypy .

deploy-check: $(VENV)/.development
	ENV_FILE=/dev/null DATA_DIR=$$(mktemp -d) SITE_URL=https://settimes.example DATABASE_URL=postgres://settimes:x@127.0.0.1/settimes \
	REDIS_URL=redis://127.0.0.1:6379/0 EMAIL_URL=smtp+tls://x:x@127.0.0.1 SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
	$(BIN)/python manage.py check --deploy --fail-level WARNING

migrations-check: $(VENV)/.development
	ENV_FILE=/dev/null DATA_DIR=$$(mktemp -d) SECRET_KEY=none $(BIN)/python manage.py makemigrations --check --dry-run

test-sqlite: $(VENV)/.development
	env -u DATABASE_URL $(BIN)/python -m pytest -n auto

test-postgres: $(VENV)/.development
	@url=$$($(BIN)/python -m tests.services postgres) || exit 1; \
	if [ -n "$$url" ]; then DATABASE_URL=$$url $(BIN)/python -m pytest -n auto; else echo "PostgreSQL does not answer: its tests are skipped."; fi

bench: $(VENV)/.development
	$(BIN)/python -m bench.schedule_read
	$(BIN)/python -m bench.board
	$(BIN)/python -m bench.sign_in

format: $(VENV)/.development
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: $(VENV)/.development  ## gather the texts to translate into locale/ and compile it; needs gettext
	$(BIN)/python manage.py makemessages --locale fr --ignore .venv --ignore data --no-location --no-wrap --no-obsolete
	sed -i.old '/^"POT-Creation-Date:/d' locale/fr/LC_MESSAGES/django.po && rm locale/fr/LC_MESSAGES/django.po.old
	$(BIN)/python manage.py compilemessages --locale fr --ignore .venv

lock: $(VENV)/.development  ## pin what pyproject.toml asks for, with hashes
	$(BIN)/uv pip compile -q pyproject.toml --python-version 3.11 --universal --generate-hashes --no-header -o requirements.txt
	$(BIN)/uv pip compile -q pyproject.toml --group dev --python-version 3.11 --universal --generate-hashes --no-header -o requirements-dev.txt

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache staticfiles

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "SetTimes needs Python 3.11; $(PYTHON) is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.development: requirements-dev.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

.env:
	@umask 077; $(PYTHON) -c 'import secrets; print("SECRET_KEY=" + secrets.token_urlsafe(50))' > .env
	@echo "Wrote .env with a new SECRET_KEY; .env.example lists what else can be set."
