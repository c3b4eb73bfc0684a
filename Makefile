# make up:    everything set up, and the service running        make up ARGS="--port 8001"
# make test:  the tests        make check: the tests and all other checks
# make bench: the measurements (half an hour)                 make bench-quick: some of them (two minutes)
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: up setup develop test check format audit chromium screenshots bench bench-quick lock vendor translations golden

up: setup
	@exec $(BIN)/matricula up $(ARGS)

setup: $(VENV)/.ready
develop: $(VENV)/.ready-develop $(VENV)/.ready-provider

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Matricula needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV) || \
	  { echo "This Python can't make virtual environments (Debian: apt-get install python3-venv)"; rm -rf $(VENV); exit 1; }

$(VENV)/.ready: locks/run.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# most of it is never imported; what is, is compiled then
$(VENV)/.ready-develop: locks/develop.txt $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r locks/develop.txt
	@touch $@

# the identity provider of the tests of single sign-on; without it, `make test` leaves them out
$(VENV)/.ready-provider: tests/sign_on/package-lock.json $(VENV)/.ready-develop
	@$(BIN)/python tests/sign_on/install.py && touch $@ || \
	  echo "npm can't be reached: the tests of single sign-on are left out"

test: develop
	$(BIN)/python -m pytest $(ARGS)

check: develop chromium
	$(BIN)/ruff check src tests bench
	$(BIN)/ruff format --check src tests bench
	$(BIN)/djhtml --check --tabwidth 2 src
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/bandit --quiet --recursive src --configfile pyproject.toml
	$(BIN)/hadolint deploy/Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec deploy/compose.yaml
	$(BIN)/matricula check --migrations
	$(MAKE) audit
	$(MAKE) test

# Python formatted and templates indented; `check` fails where this would change a file
format: develop
	$(BIN)/ruff format src tests bench
	$(BIN)/djhtml --tabwidth 2 src

# known vulnerabilities of what runs in production; lists the packages that the index tells nothing about
audit: develop
	$(BIN)/pip-audit --requirement locks/run.txt --disable-pip --require-hashes --progress-spinner off

# the browser that the tests of the console drive; without it, `make test` leaves them out
chromium: develop
	$(BIN)/python tests/browser/chromium.py

# the pictures of the console in the README
screenshots: develop chromium
	$(BIN)/python tests/browser/screenshots.py

bench: develop
	$(BIN)/python bench/run.py $(ARGS)

bench-quick: develop
	$(BIN)/python bench/run.py --quick $(ARGS)

lock: develop
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --extra build pyproject.toml -o locks/run.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --extra build --extra develop -c locks/run.txt pyproject.toml -o locks/develop.txt

# every statement with variants, each variant by itself, for the reviewer of a change
golden: develop
	MATRICULA_WRITE_GOLDEN=1 $(BIN)/python -m pytest -n0 -q tests/unit/test_statements.py

# the browser files of others, into the repository
vendor:
	$(PYTHON) locks/vendor.py

translations: develop
	$(BIN)/pybabel compile --domain django --directory src/matricula/locale
