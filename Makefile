# make demo   the board on real servers of this machine
# make test   all tests, on real servers (on Debian as root it installs them)
# make test-again  the tests that failed last time, one after the other
# make unit   the tests that need no server and no terminal, in half a minute
# make unit-lowest  the same with the lowest versions that pyproject.toml allows
# make check  lint, types, architecture, doctests; each is a command, too
# make prepare  installs the servers of the tests and the lowest versions of unit-lowest
# make bench  how long check, a refresh, the board and comparing take, beside other ways to the same
# make fuzz   every parser fed with nonsense, SECONDS=60 each, then damaged conversations of all kinds, SECONDS in all
# make screenshots  renews screenshots/ from the demo
# make recording    renews screenshots/demo.svg, a recording of the demo
# make snapshots    renews the pictures of the screen that the tests compare
# make man          renews docs/parity-tui.1, the manual page
# make schema       renews docs/parity.schema.json, by which editors check a parity.toml
# make picture      renews docs/packet-to-pixel.svg

# Any Python from 3.11 on: PYTHON=/path/to/python3.12 names one, otherwise the newest that runs.
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# LOWEST=yes installs the lowest allowed version of every requirement.
LOWEST :=
AS_LOWEST = VENV=.venv-lowest PYTHON='$(or $(PYTHON),python3.11 python3)' LOWEST=yes

.PHONY: demo test servers test-again unit unit-lowest prepare check lint types architecture doctests bench fuzz screenshots recording snapshots man schema picture clean
.DELETE_ON_ERROR:

demo: $(VENV)/.demo
	@$(BIN)/parity-tui demo

# Three workers for two cores: with two, the cores wait for servers and timeouts.
test: $(VENV)/.dev servers
	@$(BIN)/python -m pytest -q -n 3 --dist loadfile

# The virtual environment first: making it can need apt, too, which runs once at a time.
servers: | $(BIN)/pip
	@sh tests/install_servers.sh

test-again: $(VENV)/.dev
	@$(BIN)/python -m pytest --last-failed --last-failed-no-failures none

unit: $(VENV)/.dev
	@$(BIN)/python -m pytest -q -n auto --dist worksteal -m 'not server and not terminal and not slow'

unit-lowest:
	@$(MAKE) --no-print-directory unit $(AS_LOWEST)

prepare: servers
	@$(MAKE) --no-print-directory .venv-lowest/.dev $(AS_LOWEST)

check: lint types architecture doctests

lint: $(VENV)/.dev
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .

types: $(VENV)/.dev
	@$(BIN)/mypy

architecture: $(VENV)/.dev
	@$(BIN)/lint-imports --no-logo

doctests: $(VENV)/.dev
	@$(BIN)/python -m pytest -q parity_tui

bench: $(VENV)/.dev
	@$(BIN)/python -m tests.bench

fuzz: $(VENV)/.dev
	@$(BIN)/python -m tests.fuzz $(or $(SECONDS),60)
	@$(BIN)/python -m tests.fuzz.conversations $(or $(SECONDS),60)

screenshots: $(VENV)/.dev
	@$(BIN)/python -m tests.screenshots

recording: $(VENV)/.dev
	@$(BIN)/python -m tests.recording

snapshots: $(VENV)/.dev
	@$(BIN)/python -m tests.ui.scenes

man: $(VENV)/.dev
	@$(BIN)/python -m tests.manpage

schema: $(VENV)/.dev
	@$(BIN)/parity-tui init --schema >docs/parity.schema.json

picture: $(VENV)/.dev
	@$(BIN)/python -m tests.picture

clean:
	rm -rf $(VENV) .venv-lowest

$(VENV)/.demo $(VENV)/.dev: $(VENV)/.%: pyproject.toml | $(BIN)/pip
	@echo "installing parity-tui and what '$*' needs into $(VENV) …"
	@$(if $(LOWEST),$(BIN)/python tests/lowest.py $* >$(VENV)/lowest.txt)
	@$(PIP) install $(if $(LOWEST),--constraint $(VENV)/lowest.txt) --editable '.[$*]'
	@touch $@

$(BIN)/pip:
	@sh tests/make_venv.sh $(VENV) $(PYTHON)
