PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
WORKERS ?= 2

# Real data for the tests and runs that need it; without the folder they skip and say so.
ifneq ($(wildcard ../shared/data),)
export REPRO_DATA ?= $(abspath ../shared/data)
endif

.PHONY: help demo test lint types tests affected gate test-long bench readme docs clean
help:
	@echo "make demo       set up, run a table at its smallest scale, show the report"
	@echo "make test       set up, format, lint, types, specs, the fast tests and the gate of what a change reaches"
	@echo "make gate       run all tables with accepted results at their smallest scale, and compare"
	@echo "make test-long  the tests that take longer: kills, crashes, whole tables"
	@echo "make bench      measure the hot paths against their references"
	@echo "make docs       the documentation as a site, in build/docs"
	@echo "make readme     renew the tables in README.md and results/README.md from specs and accepted results"

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	touch $@

demo: $(VENV)/installed
	$(BIN)/repro run cegan/kl-2d --profile smoke

test: lint types tests affected

lint: $(VENV)/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/repro validate

types: $(VENV)/installed
	$(BIN)/mypy repro baselines tests

tests: $(VENV)/installed
	$(BIN)/python -m pytest -m "not long" --numprocesses $(WORKERS)

affected: $(VENV)/installed
	$(BIN)/repro check --profile smoke --affected

gate: $(VENV)/installed
	$(BIN)/repro check --profile smoke

test-long: $(VENV)/installed
	$(BIN)/python -m pytest -m long --numprocesses $(WORKERS)
	REPRO_EXAMPLES=2000 $(BIN)/python -m pytest -m "not long" --numprocesses $(WORKERS) $$(grep -l "hypothesis import given" tests/metrics/*/*.py)

bench: $(VENV)/installed
	$(BIN)/python -m tests.benchmarks.run

readme: $(VENV)/installed
	$(BIN)/python -m repro.commands.readme

docs: $(VENV)/installed
	$(BIN)/python -m sphinx -q -W --keep-going -b html docs build/docs

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache dist build
