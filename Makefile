# The two commands: make run, make test. Everything else is a part of them or for those who work on o2c.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run up down test test-faults bench soak mutation check clean install install-dev lock

run: install
	$(BIN)/o2c demo --if-empty
	$(BIN)/o2c serve

# The same as separate services on PostgreSQL and Kafka, on this machine without Docker (a JDK 17 and Maven are needed).
up: install-dev
	$(BIN)/python -m deploy.local up

down:
	$(BIN)/python -m deploy.local down

test: install-dev check
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not faults and not soak"

test-faults: install-dev
	$(BIN)/python -m pytest -m "faults and not soak" -v -s

# Every little change to the money rules, judged by their tests; a few minutes, goes on where it was stopped.
mutation: $(VENV)/installed-mutation
	$(BIN)/python -m tests.mutation --max-children 2

$(VENV)/installed-mutation: $(VENV)/installed-dev requirements-mutation.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-mutation.txt
	touch $@

# Hours: the long forms of the random and fault tests.
soak: install-dev
	$(BIN)/python -m pytest -m soak -v -s

bench: install-dev
	$(BIN)/python -m deploy.bench

check: install-dev
	$(BIN)/ruff check domain projections services tests deploy
	$(BIN)/mypy
	$(BIN)/lint-imports

install: $(VENV)/installed
install-dev: $(VENV)/installed-dev

$(VENV)/created:
	sh deploy/make_venv.sh $(PYTHON) $(VENV)
	touch $@

$(VENV)/installed: $(VENV)/created requirements.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

# Pin anew after a change of pyproject.toml; writes no address of a package index.
lock: install-dev
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile -q --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --no-annotate --strip-extras --extra build -o requirements.txt pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --no-annotate --strip-extras --extra build --extra dev -o requirements-dev.txt pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --no-annotate --strip-extras --extra build --extra dev --extra mutation -o requirements-mutation.txt pyproject.toml

clean:
	rm -rf $(VENV) build mutants *.egg-info
