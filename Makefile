.DEFAULT_GOAL := help
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
BENCH := build/bench
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help setup setup-dev check test test-slow demo bench docs clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/.setup ## install what running needs
setup-dev: $(VENV)/.setup-dev ## install what developing needs, too

# torch comes first and pinned: asked for by another package, pip would take the newest, with CUDA.
$(VENV)/.setup: pyproject.toml constraints.txt
	@echo "Installing into $(VENV) (two to five minutes, once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) -c constraints.txt torch
	$(PIP) -c constraints.txt -e .
	@touch $@

$(VENV)/.setup-dev: $(VENV)/.setup
	$(PIP) -c constraints.txt -e '.[dev]'
	@touch $@

check: setup-dev ## lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test: setup-dev ## all tests but the slow ones
	$(BIN)/python -m pytest -m "not slow"

test-slow: setup-dev ## the tests that train or convert the real base model, and those on a cluster
	$(PIP) -c constraints.txt -e '.[ray]'
	$(BIN)/python -m pytest -m slow

demo: setup ## train the example school and open its page
	$(BIN)/schoolhelper demo

bench: setup-dev ## short forms of the benchmarks
	$(PIP) -c constraints.txt -e '.[bench]'
	test -d $(BENCH) || (mkdir -p build && cp -r examples/hanul-high $(BENCH))
	$(BIN)/schoolhelper train $(BENCH)
	$(BIN)/python benchmarks/startup.py $(BENCH)
	$(BIN)/python benchmarks/serve_speed.py $(BENCH) --short
	$(BIN)/python benchmarks/scale.py $(BENCH) --short
	$(BIN)/python benchmarks/train_speed.py --short
	$(BIN)/python benchmarks/folds.py $(BENCH) --folds 2 --short

docs: ## list the documents
	@ls README.md ARCHITECTURE.md CONTRIBUTING.md CHANGELOG.md docs/*.md

clean: ## remove what was installed and trained here
	rm -rf $(VENV) demo build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
