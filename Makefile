# `make` lists the targets. Everything is installed into .venv, and nothing outside this folder.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CONSTRAINED := --constraint constraints.txt
TORCH := torch==2.13.0
# PyTorch's CPU build is small, and no Linux machine needs the other one here. Where the package
# index has it under its own version, that is taken; a site may name an index that has it.
TORCH_INDEX ?=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test hostile check bench migrate clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.run ## set up, and serve on http://127.0.0.1:8000 with a demonstration course
	@exec $(BIN)/quizapp serve --demo

test: $(VENV)/.test ## set up for the tests, and run them all
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist worksteal $(ARGS)

hostile: $(VENV)/.test ## hand in every hostile sample; `make test` takes sixty of them
	@$(BIN)/python -m pytest tests/grader/test_samples.py -m '' $(ARGS)

check: $(VENV)/.check ## format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

bench: $(VENV)/.test ## measure speed, as ratios within one run
	@$(BIN)/python -m benchmarks

migrate: $(VENV)/.run ## bring the database to the newest tables
	@$(BIN)/quizapp db upgrade

clean: ## remove what was installed; the data in var/ stays
	rm -rf $(VENV) *.egg-info .pytest_cache .ruff_cache .hypothesis

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'Python 3.11 or newer is needed. Install it, or name it: make run PYTHON=python3.12'; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@mkdir -p $(VENV) 2>/dev/null && touch $(VENV)/.writable 2>/dev/null || { \
	  echo 'This folder cannot be written. Clone into a folder of your own, and run make there.'; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.torch: $(VENV)/.python Makefile
	@echo 'Setting up, once; this takes a few minutes ...'
	@if [ "$$(uname -s)" != Linux ]; then $(PIP) install $(CONSTRAINED) $(TORCH); \
	elif [ -n '$(TORCH_INDEX)' ]; then \
	  $(PIP) install $(CONSTRAINED) --extra-index-url '$(TORCH_INDEX)' '$(TORCH)+cpu'; \
	elif $(PIP) install $(CONSTRAINED) '$(TORCH)+cpu' 2>$(VENV)/torch.log; then :; \
	elif grep -q 'from versions: [^n]' $(VENV)/torch.log; then \
	  echo 'This package index has no CPU build of PyTorch, so the standard one is installed:' \
	  'some 3 GB. To avoid that, stop here (Ctrl+C) and run make again with TORCH_INDEX set to the' \
	  'address that pytorch.org gives under "Get started" for CPU.'; \
	  $(PIP) install $(CONSTRAINED) $(TORCH); \
	else cat $(VENV)/torch.log; \
	  echo 'PyTorch could not be installed; the reason is above. Is the package index reachable?'; \
	  exit 1; fi
	@touch $@

$(VENV)/.run: $(VENV)/.torch pyproject.toml constraints.txt
	@$(PIP) install $(CONSTRAINED) --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.run
	@$(PIP) install $(CONSTRAINED) --editable '.[test]'
	@touch $@

$(VENV)/.check: $(VENV)/.test
	@$(PIP) install $(CONSTRAINED) --editable '.[test,check]'
	@touch $@
