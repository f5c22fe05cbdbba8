PYTHON ?= python3
CORES ?= $(shell nproc 2>/dev/null || echo 2)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

linted := $(wildcard src tests workflow/scripts benchmarks docs)

version = $(1) -c 'import sys; print(sys.version.split()[0])'

.DELETE_ON_ERROR:
.PHONY: help env keys readers demo figures docs test test-fast test-nights test-slurm test-faults coverage bench bench-smoke test-speed test-statistics lint clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

env: .venv/.installed  ## make .venv with the pinned versions (PYTHON=python3.12 for another Python)
ifneq ($(filter command environment,$(origin PYTHON)),)
	@asked=$$($(call version,"$(PYTHON)") 2>/dev/null); there=$$($(call version,.venv/bin/python)); \
	[ "$$asked" = "$$there" ] || echo "PYTHON=$(PYTHON) is ignored, as .venv is there, with Python \
	$$there: make clean, then the same again, makes it anew" >&2
endif

readers: env  ## install programs of others that read in tests what is written for them
	.venv/bin/python -m pip install --quiet --no-deps -r envs/readers.txt

demo: env  ## run the workflow on its simulated tracks (CORES=2 limits the cores)
	.venv/bin/minispiral run --cores $(CORES)

keys: env  ## write config.yaml, docs/keys.md, docs/columns.md and the JSON schema from descriptions
	.venv/bin/python docs/make_keys.py
	.venv/bin/python docs/make_columns.py

figures: demo  ## make the pictures of docs/, most of them from the demo
	.venv/bin/python docs/make_figures.py results/demo
	.venv/bin/python docs/make_polarization.py

docs: env  ## make the site of the documentation, site/index.html, without a network
	NO_MKDOCS_2_WARNING=1 .venv/bin/python -m mkdocs build --strict

test: env  ## run all tests, two at a time
	.venv/bin/python -m pytest -n 2

test-fast: env  ## run the tests that need neither CASA nor the workflow
	.venv/bin/python -m pytest -n 2 -m "not slow"

test-nights: env  ## run whole nights, those of known truth in ../shared/tracks too: 20 minutes
	.venv/bin/python -m pytest -n 2 -m nights

test-statistics: env  ## hold what is said of variability to hundreds of made-up light curves: 20 minutes
	.venv/bin/python -m pytest -n 2 -m statistics

test-slurm: env  ## run a small campaign on a SLURM that is installed and started for it: as root, on Debian
	.venv/bin/python -m pytest -m slurm

test-faults: env  ## kill, starve and mislead the workflow, and change its formulas: an hour
	.venv/bin/python -m pytest -m faults

coverage: env  ## run all tests of make test, and list the lines of src that none of them runs
	.venv/bin/python -m coverage erase
	.venv/bin/python -m coverage run -m pytest
	.venv/bin/python -m coverage combine -q
	.venv/bin/python -m coverage report --fail-under 95 --include "src/minispiral/*"
	.venv/bin/python -m coverage report --include "src/snakemake_logger_plugin_minispiral/*"

bench: env  ## run the benchmarks, into benchmarks/*.md (FULL=1 also those of a full track)
	.venv/bin/python -m benchmarks.run $(if $(filter 1,$(FULL)),--full)

bench-smoke: env  ## run all benchmarks with next to no data, to see that they run: two minutes
	.venv/bin/python -m benchmarks.run --smoke

test-speed: env  ## compare two nodes of a SLURM with one, by eight tracks, on an idle machine: as root, on Debian
	.venv/bin/python -m pytest -m speed

lint: env  ## check style, format, types, what imports what, and spelling
	.venv/bin/ruff check $(linted)
	.venv/bin/ruff format --check $(linted)
	.venv/bin/snakefmt --check Snakefile workflow/rules
	.venv/bin/codespell
	.venv/bin/lint-imports --no-logo
	.venv/bin/mypy

clean:  ## remove .venv, caches and CASA's logs, but no results
	rm -rf .venv build dist site src/*.egg-info .pytest_cache .hypothesis .ruff_cache .mypy_cache \
	  .import_linter_cache casa-*.log
	find src tests workflow -name __pycache__ -prune -exec rm -rf {} +

# Each mark is made last, so an installation that failed or was interrupted starts anew.
.venv/.requirements: envs/requirements.txt
	@command -v "$(PYTHON)" >/dev/null \
	  || { echo "No $(PYTHON) here: name a Python of 3.11 to 3.13, as in make env PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	  || { echo "$(PYTHON) is not Python 3.11 to 3.13: name one that is, as in make env PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "$(PYTHON) cannot make environments: install its venv module, on Debian the package python3-venv" >&2; exit 1; }
	"$(PYTHON)" -m venv --clear .venv
	.venv/bin/python -m pip install --quiet -r envs/requirements.txt
	@touch $@

.venv/.installed: .venv/.requirements pyproject.toml
	.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@
