# Everything needs only python3 (3.11 or newer) with venv; the tests fetch the rest themselves.
PYTHON ?= python3
VENV := .venv
PIP := $(VENV)/bin/pip --disable-pip-version-check --quiet
JOBS ?= 2
TESTS ?=

.PHONY: help install run test-install test check format bench clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(VENV)/.installed  ## make .venv with the pinned libraries

run: install  ## start everything on http://127.0.0.1:8050 (PORT= changes it)
	@$(VENV)/bin/python app.py

test-install: $(VENV)/.tests-installed  ## install what the tests need, also from the system
	@tests/install_system.sh

test: test-install  ## run all tests (JOBS=2, TESTS=tests/test_x.py)
	@$(VENV)/bin/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(TESTS)

check: $(VENV)/.tests-installed  ## format, lint, types, and the declarations in data/
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/ruff check
	$(VENV)/bin/mypy
	$(VENV)/bin/python app.py check

format: $(VENV)/.tests-installed  ## rewrite the code in the one format
	$(VENV)/bin/ruff format
	$(VENV)/bin/ruff check --fix

bench: $(VENV)/.tests-installed  ## measure, in about six minutes; docs/performance.md reports it
	@$(VENV)/bin/python -m benchmarks.run

clean:  ## remove what make made; the store stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Name another one: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "This Python cannot make virtual environments: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing the libraries (about a minute, only when requirements.txt changed) …"
	@$(PIP) install -r requirements.txt
	@touch $@

$(VENV)/.tests-installed: tests/requirements.txt $(VENV)/.installed
	@echo "Installing what the tests need …"
	@$(PIP) install -r tests/requirements.txt
	@$(PIP) install --no-deps --upgrade --target $(VENV)/pygeoapi pygeoapi==0.21.0
	@touch $@
