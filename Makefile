# `make` runs the default surveys on a fresh machine; `make test` runs the tests. Each sets up what it needs.
SHELL := /bin/bash
PYTHON ?= python3
CORES ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)
BIN := .venv/bin
# The shell of every Snakemake job must find the command `survey` of this environment.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: all test cluster-test client-test browser-test torture lint bench docs schema lock clean

all: .venv/installed
	snakemake --cores $(CORES)

test: .venv/installed
	python -m pytest -n $(CORES)

# On a private Slurm, which is installed (root on Debian) and started for it, and stopped after it.
cluster-test: .venv/installed
	python -m pytest -m slurm -n 4 --dist loadgroup --durations 0 $(ARGS) tests/slurm

# With programs that are no part of the environment, installed for it (root on Debian): ncdump, R, curl, nginx.
client-test: .venv/installed
	python -m pytest -m clients $(ARGS) tests/clients

# In Chromium, which is installed where it is missing (root on Debian).
browser-test: .venv/installed
	python -m pytest -m browser $(ARGS) tests/explore tests/docs

# Kills, corruption, shortages ... in their long form: about an hour.
torture: .venv/installed
	PYTHONPATH=tests python -m faults

lint: .venv/installed
	ruff check . && ruff format --check .
	mypy
	snakefmt --check Snakefile workflow/rules
	snakemake --lint

bench: .venv/installed
	python -m benchmarks

# The site, docs/_build/html/index.html: notebooks are run, links are checked, nothing is fetched.
docs: .venv/installed
	sphinx-build --fail-on-warning --keep-going --quiet docs docs/_build/html
	python docs/site_links.py docs/_build/html

# What is generated from the models and the registry.
schema: .venv/installed
	survey schema > config/survey.schema.json
	survey schema measurement > config/measurement.schema.json
	survey template > config/template.yaml

# uv, itself pinned by the lock, installs the locked set in seconds where pip needs minutes.
.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, found " + sys.version.split()[0])'
	$(PYTHON) -m venv .venv
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .venv/uv.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --no-build-isolation --no-deps -e .
	$(BIN)/python -m compileall -q physics workflow/survey
	@echo "Kernels are compiled, which takes about a minute."
	$(BIN)/python -m survey.run.rehearsal config/surveys
	touch $@

lock: .venv/installed
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet --upgrade --output-file requirements.lock

clean:
	rm -rf .venv .snakemake
