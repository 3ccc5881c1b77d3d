# Needs Python 3.11 or later with venv, git and make. Everything else is fetched into .venv, locked by hashes.

BIN := .venv/bin
CODE := src tests tools hatch_build.py

# The first Python that is new enough; `make run PYTHON=...` names another.
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo "$$each"; break; fi; done)

.DEFAULT_GOAL := help
.PHONY: help run test check static lock format screenshots ready-run ready-dev python

help: ## This list
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1\t/p' $(MAKEFILE_LIST)

run: ready-run ## Serve the demonstration county on http://127.0.0.1:8080; its data is kept in ./data
	@FLOWSVC_DEMO=1 FLOWSVC_MAIL=file:mail $(BIN)/flowsvc serve

test: static ## Everything: format, lint, types, import contracts and all tests
	$(BIN)/python tools/run_tests.py

check: static ## The same in a few minutes: without browser, PostgreSQL and slow tests
	$(BIN)/python -m pytest -q -m "not (browser or postgres or slow)"

static: ready-dev
	$(BIN)/ruff format --check --quiet $(CODE)
	$(BIN)/ruff check --quiet $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports

format: ready-dev ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

lock: ready-dev ## Lock the libraries anew, with hashes for all platforms
	$(BIN)/uv pip compile pyproject.toml --group pyproject.toml:build $(LOCK) -o requirements/run.txt
	$(BIN)/uv pip compile pyproject.toml --group pyproject.toml:dev -c requirements/run.txt $(LOCK) -o requirements/dev.txt

LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" --quiet $(LOCK_OPTIONS)

screenshots: ready-dev ## Take the pictures of the documentation again (needs Chromium)
	FLOWSVC_TEST_NO_SKIP=1 FLOWSVC_TEST_DOCS_PICTURES=1 $(BIN)/python -m pytest -m browser

ready-run: python
	@$(PYTHON) tools/bootstrap.py run

ready-dev: python
	@$(PYTHON) tools/bootstrap.py dev

python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "flowsvc needs Python 3.11 or later, and found $$(python3 --version 2>&1 || echo none)." >&2; \
		echo "On Debian or Ubuntu: sudo apt install python3 python3-venv. Elsewhere: install it from your system's" >&2; \
		echo "packages and name it if it is not python3, as in: make run PYTHON=python3.12" >&2; exit 2; fi
