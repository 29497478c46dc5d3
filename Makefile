# The two commands of the README are `make demo` and `make test`; both set up all they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
MUTANTS := .venv-mutants
FUZZ := .venv-fuzz
CHECKERS := .venv-checkers
ARGS ?=

.PHONY: demo test check bench docs site links languages mutants breaks fuzz forms soak sweep hosts power machine setup checkers sbom licences lock clean

demo: setup  ## a small team's day, from calendar to worklog, in your browser
	$(BIN)/daybook demo $(ARGS)

test: setup  ## everything that must hold
	sh tests/needs.sh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest --collect-only -qq >/dev/null & $(BIN)/mypy && wait  # once, or each of the four below compiles all tests
	$(BIN)/pytest -n 4 --dist worksteal $(ARGS)  # more than two cores: the storms of the demo mostly wait

check: setup  ## the quick half of test: types, style and the thinking room
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest tests/core tests/config $(ARGS)

bench: setup  ## the figures of the README, on this machine
	$(BIN)/python -m bench $(ARGS)

docs: setup  ## the reference and the pictures, made from the program
	$(BIN)/python -m docs.make $(ARGS)

languages: setup  ## what is said goes into each language file; what lacks a translation is named
	$(BIN)/python -m docs.languages

site: checkers  ## the documents as pages, in dist/docs; a link that leads nowhere ends it
	$(CHECKERS)/bin/sphinx-build -W --keep-going -q docs dist/docs
	@echo "Open dist/docs/index.html"

links: checkers  ## asks every address outside that the documents name; by hand, for it needs the network
	$(CHECKERS)/bin/sphinx-build -q -b linkcheck docs dist/links

mutants: $(MUTANTS)/.ready  ## mistakes put into core/ on purpose: does a test see each?
	$(MUTANTS)/bin/python tests/mutants.py $(ARGS)

fuzz: $(FUZZ)/.ready  ## payloads that learn which branches they reach: does a translator fall over one?
	$(FUZZ)/bin/python tests/fuzz.py $(ARGS)

forms: setup  ## forms that no browser sends: does each get its answer, and the day stay sound?
	FORMS=$(or $(ARGS),5000) $(BIN)/pytest -q tests/daybook/page/test_strange_forms.py

soak: setup  ## a million small worlds in which everything goes wrong: does each come out right?
	$(BIN)/python -m tests.simulation.run 0-$(or $(ARGS),1000000)

breaks: setup  ## each rule of posting broken on purpose: does the test that is named for it turn red?
	$(BIN)/python -m tests.breaks $(ARGS)

hosts: setup  ## three that work and two pages on one database: one after the other is killed, frozen or cut off
	$(BIN)/python -m tests.hosts.soak $(ARGS)

sweep: setup  ## a whole loop, killed at every call by which it changes anything: does it come to its end?
	$(BIN)/python -m tests.kill_sweep.sweep $(ARGS)

power: setup  ## the power goes at every moment of an evening: is all there that somebody was thanked for?
	DISKS=all $(BIN)/pytest -q tests/disks/test_power_cut.py

machine: setup  ## a fresh Debian, booted, becomes a hardened service by what docs/install.md says (root, minutes)
	$(BIN)/python -m tests.deploy.machine

setup: $(READY)

$(READY): requirements-test.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Daybook needs Python 3.11 or later; $(PYTHON) is older. Say which to use: make PYTHON=python3.12 ..."; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv is missing. On Debian: apt-get install python3-venv"; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

$(MUTANTS)/.ready: requirements-mutants.lock
	$(PYTHON) -m venv --clear $(MUTANTS)
	$(MUTANTS)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-mutants.lock
	@touch $@

checkers: $(CHECKERS)/.ready

$(CHECKERS)/.ready: requirements-checkers.lock
	$(PYTHON) -m venv --clear $(CHECKERS)
	$(CHECKERS)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-checkers.lock
	@touch $@

sbom: checkers  ## what the product is made of, for other machines to read (CycloneDX)
	mkdir -p dist
	$(CHECKERS)/bin/cyclonedx-py requirements --output-reproducible --pyproject pyproject.toml --of JSON -o dist/daybook.cdx.json requirements-server.lock

licences: setup checkers  ## docs/licences.md, from what is installed
	$(BIN)/python -m tests.supply.licences

$(FUZZ)/.ready: requirements-test.lock
	$(PYTHON) -m venv --clear $(FUZZ)
	$(FUZZ)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	$(FUZZ)/bin/pip install --quiet --disable-pip-version-check --no-deps atheris==3.0.0
	@touch $@

lock:  ## renew the locks (needs uv)
	uv pip compile -q pyproject.toml --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -o requirements.lock
	uv pip compile -q pyproject.toml --upgrade --extra test --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -c requirements.lock -o requirements-test.lock
	uv pip compile -q pyproject.toml --upgrade --extra test --extra mutants --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -c requirements-test.lock -o requirements-mutants.lock
	uv pip compile -q pyproject.toml --extra opentelemetry --extra postgresql --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -c requirements-test.lock -o requirements-server.lock
	echo hatchling | uv pip compile -q - --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -c requirements-test.lock -o requirements-build.lock
	uv pip compile -q tests/supply/checkers.in --no-strip-extras --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -o requirements-checkers.lock

clean:
	rm -rf $(VENV) $(MUTANTS) $(FUZZ) $(CHECKERS) mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis
