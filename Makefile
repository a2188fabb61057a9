# make demo   the board on real servers of this machine
# make test   all tests, on real servers (on Debian as root it installs them)
# make unit   the tests that need no server, in half a minute
# make check  format, lint, types, architecture, doctests
# make bench  how long check, a refresh, the board and comparing take, beside other ways to the same
# make fuzz   every parser fed with nonsense, SECONDS=60 each
# make screenshots  renews screenshots/ from the demo
# make snapshots    renews the pictures of the screen that the tests compare
# make picture      renews docs/packet-to-pixel.svg

# Any Python from 3.11 on: PYTHON=/path/to/python3.12 names one, otherwise the newest that runs.
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test unit check bench fuzz screenshots snapshots picture clean
.DELETE_ON_ERROR:

demo: $(VENV)/.demo
	@$(BIN)/parity-tui demo

test: $(VENV)/.dev
	@sh tests/install_servers.sh
	@$(BIN)/python -m pytest

unit: $(VENV)/.dev
	@$(BIN)/python -m pytest -q -m 'not server and not terminal' -n auto

check: $(VENV)/.dev
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pytest -q parity_tui

bench: $(VENV)/.dev
	@$(BIN)/python -m tests.bench

fuzz: $(VENV)/.dev
	@$(BIN)/python -m tests.fuzz $(or $(SECONDS),60)

screenshots: $(VENV)/.dev
	@$(BIN)/python -m tests.screenshots

snapshots: $(VENV)/.dev
	@$(BIN)/python -m tests.ui.scenes

picture: $(VENV)/.dev
	@$(BIN)/python -m tests.picture

clean:
	rm -rf $(VENV)

$(VENV)/.demo $(VENV)/.dev: $(VENV)/.%: pyproject.toml | $(BIN)/pip
	@echo "installing parity-tui and what '$*' needs into $(VENV) …"
	@$(PIP) install --editable '.[$*]'
	@touch $@

$(BIN)/pip:
	@sh tests/make_venv.sh $(VENV) $(PYTHON)
