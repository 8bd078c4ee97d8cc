# make        build the results, render paper, thesis and website
# make test   run every test
# make help   the rest

PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
# Python reads the paths in .venv in the locale's encoding, and that of C has no letters but ASCII.
ifneq ($(filter C POSIX,$(LC_ALL)),)
export LC_ALL := C.UTF-8
endif
# On a terminal, what is being installed is shown; a log keeps errors alone.
QUIET := $(shell [ -t 2 ] || echo --quiet)
SPACE = 1500000000
FAILED = { echo "make: .venv is not whole; see above: no network, no disk left, or another file than the lock names" >&2; exit 1; }
# Jupyter refuses to start as root, which is who one is in a container.
LAB = $(if $(filter 0,$(shell id -u 2>/dev/null)),--allow-root)
INSTALL = $(BIN)/uv pip install $(QUIET) --compile-bytecode --python .venv
NEW = compendium/scaffold/study
BENCHMARKS = chain opendata robustness refiqda website

.DEFAULT_GOAL := all
.PHONY: all build render site test unit nbval check format notebooks quarto lab locks bench archive clean help

all: .venv/.installed  ## build the results, then render the paper, the thesis and the website
	@$(BIN)/compendium all

build: .venv/.installed  ## run the notebooks that are out of date
	@$(BIN)/compendium build

render: .venv/.installed  ## render paper, thesis and website from the results
	@$(BIN)/compendium render

test: unit nbval  ## run every test

unit: .venv/.installed-dev
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder tests

# Every notebook again, cell by cell, against its committed outputs.
nbval: .venv/.installed-dev
	@$(BIN)/compendium build
	@rm -rf build/nbval && mkdir build/nbval && cp -R build/made build/parts build/results build/notebooks build/nbval
	@COMPENDIUM_BUILD=build/nbval $(BIN)/compendium build
	@COMPENDIUM_BUILD="$(CURDIR)/build/nbval" COMPENDIUM_CHAIN=1 MPLBACKEND=agg \
		$(BIN)/python -m pytest --nbval --nbval-current-env -p no:cacheprovider -n 2 --dist loadfile notebooks

check: .venv/.installed-dev  ## lint, format, types, notebook pairs, manuscript
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/compendium notebooks --check
	@$(BIN)/compendium build
	@$(BIN)/compendium check

format: .venv/.installed-dev  ## format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

notebooks: .venv/.installed  ## run the chain and refresh the committed .ipynb
	@$(BIN)/compendium build
	@$(BIN)/compendium notebooks

quarto: .venv/.installed  ## install Quarto into .venv, which downloads it, and say which it is
	@$(INSTALL) --no-build-isolation-package mixed-methods-compendium -e '.[quarto]' || \
		{ echo "make: Quarto could not be installed: its package downloads it from the releases of its project" >&2; exit 1; }
	@$(BIN)/quarto --version

lab: .venv/.installed-lab  ## open the paired notebooks in JupyterLab
	@$(BIN)/jupyter lab $(LAB) notebooks

bench: .venv/.installed-dev  ## measure the speed beside the project's peers
	@for name in $(BENCHMARKS); do $(BIN)/python benchmarks/$$name.py || exit 1; done

locks:  ## resolve the lock files anew (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --upgrade requirements-bootstrap.in -o requirements-bootstrap.lock
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --upgrade pyproject.toml -o requirements.lock
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --upgrade --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	@grep -v vendor $(NEW)/requirements.in | uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade -c requirements-dev.lock pyproject.toml - -o $(NEW)/requirements.lock

# gzip -n leaves out name and time; git gives every file the time of the commit.
archive:  ## pack the last commit, whole and without history, into _output/archive/
	@mkdir -p _output/archive
	@git -c tar.umask=0022 archive --format=tar --prefix=ics-compendium/ -o _output/archive/ics-compendium.tar HEAD
	@gzip -9 -n -f _output/archive/ics-compendium.tar
	@ls -l _output/archive/ics-compendium.tar.gz

clean:  ## remove what was built and rendered
	@rm -rf build _output _variables.yml

help:
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/.bootstrapped: requirements-bootstrap.lock
	@command -v $(PYTHON) >/dev/null || \
		{ echo "make: there is no '$(PYTHON)'; install Python 3.11 or later, or name one with 'make PYTHON=...'" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "make: Python 3.11 or later is needed; say which with 'make PYTHON=python3.12'" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "make: this Python has no venv; on Debian and Ubuntu 'apt install python3-venv' brings it" >&2; exit 1; }
	@$(PYTHON) -c 'import shutil, sys; sys.exit(shutil.disk_usage(".").free < $(SPACE))' || \
		{ echo "make: .venv needs up to $(SPACE) bytes of disk and fewer are free here; free some first" >&2; exit 1; }
	@echo "making .venv"
	@$(PYTHON) -m venv --clear .venv || $(FAILED)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock || $(FAILED)
	@touch $@

.venv/.installed: .venv/.bootstrapped requirements.lock pyproject.toml
	@echo "installing what requirements.lock names, which takes a minute or so"
	@$(INSTALL) --require-hashes -r requirements.lock || $(FAILED)
	@$(INSTALL) --no-deps --no-build-isolation -e . || $(FAILED)
	@touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.lock
	@echo "installing what requirements-dev.lock names"
	@$(INSTALL) --require-hashes -r requirements-dev.lock || $(FAILED)
	@touch $@

.venv/.installed-lab: .venv/.installed
	@echo "installing JupyterLab"
	@$(INSTALL) --no-build-isolation -e '.[interactive]' || $(FAILED)
	@touch $@
