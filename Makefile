# Two commands matter: `make demo` and `make test`. Both may be run again at any time,
# and need no network once everything is installed.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
  if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
DEMO_HOME ?= demo-home
PORT ?= 8321

.PHONY: help setup setup-dev assets demo test check lint types walls bench trial lock clean

help: ## show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it and run make again."; exit 1; }
	@echo "Making a virtual environment with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing (on Debian: apt-get install python3-venv)."; rm -rf $(VENV); exit 1; }

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing what the program needs (about two minutes the first time)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "Installing what the tests need"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(VENV)/.runtime assets ## install what the program needs

assets: $(VENV)/.runtime
	@command -v npm >/dev/null 2>&1 || test -x $(BIN)/npm || test -d src/regulars/web/static/vendor || \
	  $(PIP) install --require-hashes -r requirements-node.lock
	@$(BIN)/python -m regulars.web.vendor
	@$(BIN)/python -m regulars.web.words.compile
	@$(BIN)/python -m compileall -q src  # commands start faster, also where Python is told to write no bytecode

setup-dev: $(VENV)/.dev assets ## install what the tests need, browser included
	@$(BIN)/python tests/browser.py

demo: setup ## the demo company, one turn of the loop, and the program on http://127.0.0.1:8321
	@$(BIN)/regulars --home $(DEMO_HOME) demo
	@$(BIN)/regulars --home $(DEMO_HOME) serve --port $(PORT)

test: setup-dev ## all tests, the browser included
	@$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder -q

check: lint types walls ## lint, types, and the walls between the rooms

lint: setup-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/bandit -q -r src -c pyproject.toml

types: setup-dev
	@$(BIN)/mypy

walls: setup-dev
	@$(BIN)/lint-imports

bench: setup-dev ## speed against peers, as ratios of one run
	@$(BIN)/python -m benchmarks

trial: setup ## the loop against habits and an oracle that knows the truth; about 30 minutes on two cores
	@$(BIN)/regulars trial --keep trial-runs.json --publish

lock: ## write the lock files again, after a change of pyproject.toml
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header pyproject.toml --group build -o requirements.lock
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header pyproject.toml --group build --group dev -o requirements-dev.lock
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --group node -o requirements-node.lock

clean: ## remove what was installed and the demo company
	rm -rf $(VENV) node_modules src/regulars/web/static/vendor src/regulars/web/staticfiles $(DEMO_HOME)
