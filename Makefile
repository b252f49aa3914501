# For people who work on copier-flask-migrate; users need only the command in README.md. `make` lists the targets.
.DEFAULT_GOAL := help
.PHONY: help demo test test-fast lint format bench bench-quick site clean

# The first Python 3.10+ there is; `make PYTHON=...` names another.
PYTHON := $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python3.10 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1 && echo $$python && break; done)
BIN := .venv/bin
READY := .venv/.ready
PYTEST_ARGS ?= -n auto --dist worksteal

# What needs no server, and one retrofit, take-over, refusal and command in a project.
FAST := tests/base tests/detect tests/planning tests/edit tests/worktree tests/ci tests/wording tests/updates tests/environment/test_interpreter.py \
	$(filter-out $(patsubst %,tests/test_%.py,readme releases),$(wildcard tests/test_*.py)) \
	'tests/end_to_end/test_shapes.py::test_retrofit[shop_factory]' 'tests/end_to_end/test_shapes.py::test_retrofit[set_up_by_hand]' \
	'tests/end_to_end/test_shapes.py::test_refusal[two_apps]' 'tests/end_to_end/test_retrofit.py::test_retrofit_on_every_server[sqlite-single_module]' \
	'tests/template/test_check.py::test_all_is_well[sqlite]'

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## retrofit the sample shop in .demo/ and show what happened to it
	$(BIN)/python -m tests.demo .demo

test: $(READY) ## run every test; PYTEST_ARGS="-k wiring" chooses
	$(BIN)/python -m tests.own_servers $(BIN)/python -m pytest --durations=25 --durations-min=1 $(PYTEST_ARGS)

test-fast: $(READY) ## run those that take a minute and need no server
	$(BIN)/python -m pytest --durations=5 -n auto --dist worksteal $(FAST)

lint: $(READY) ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY) ## put the code into the style that lint checks
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## measure the claims of benchmarks/README.md
	$(BIN)/python -m benchmarks --json build/bench.json --check

bench-quick: $(READY) ## see in a minute or two whether something has become much slower
	$(BIN)/python -m benchmarks --quick --json build/bench-quick.json

site: $(READY) ## build a static site of README.md and docs/ in build/site
	rm -rf build/docs && mkdir -p build && cp -R docs build/docs
	sed 's#(docs/#(#g' README.md > build/docs/index.md
	printf 'site_name: copier-flask-migrate\ndocs_dir: docs\nsite_dir: site\nvalidation: {links: {not_found: ignore}}\n' > build/mkdocs.yml
	$(BIN)/uvx --from 'mkdocs<2' mkdocs build -q -f build/mkdocs.yml

clean: ## remove everything that the other targets made
	rm -rf .venv .demo build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The environment is made on first use, and again when pyproject.toml changes.
$(READY): pyproject.toml tests/make_environment.py
	@test -n "$(PYTHON)" || { echo "No Python 3.10 or newer was found; name one:  make PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) tests/make_environment.py .venv
	@touch $@
