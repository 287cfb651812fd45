# Everything a developer or the CI does. `make help` lists it.

.DEFAULT_GOAL := help
SHELL := /bin/sh
.SUFFIXES:

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# How many processes run the tests.
JOBS ?= 2
# How long the benchmarks measure each case.
SECONDS ?= 8
# How often the soak test kills something, and where its choices begin.
ROUNDS ?= 24
SEED ?= 1
# How many documents `make fuzz` draws for each schema.
EXAMPLES ?= 5000
# More arguments for pytest, such as T="-k cart".
T ?=
# Which judges, such as JUDGES="relay urql"; all without.
JUDGES ?=
# What the next migration does, such as MESSAGE="add returns".
MESSAGE ?=

.PHONY: help setup run test fuzz bench soak judges check schema migration clean

help: ## List these verbs
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{ printf "  make %-10s %s\n", $$1, $$2 }'

setup: $(STAMP) ## Install everything into .venv, and nothing anywhere else

$(STAMP): requirements-dev.lock pyproject.toml tools/setup.sh
	@tools/setup.sh $(VENV)
	@touch $(STAMP)

run: setup ## Start Oneshelf with an embedded database and the demo
	@$(BIN)/oneshelf serve --demo

test: setup ## Run the tests (JOBS=2, T="-k words")
	@$(BIN)/pytest -n $(JOBS) -m "not fuzz and not soak" $(T)

fuzz: setup ## Compare the compiled executor with graphql-core on many more random documents (EXAMPLES=5000)
	@ONESHELF_FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/pytest -n $(JOBS) -m fuzz $(T)

judges: setup ## Clients of others against a real server (needs Node; JUDGES="relay urql")
	@$(BIN)/python -m tools.judge $(JUDGES)

check: setup ## Everything that needs no test: style, types, layers, migrations, schema, contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.check_migrations
	$(BIN)/oneshelf schema | diff -u schema.graphql - || { echo 'schema.graphql is stale: run `make schema`.'; exit 1; }
	$(BIN)/python tests/contract/checks/contract --allow-missing schema.graphql
	$(BIN)/python -m tools.check_breaking_changes

BENCHMARKS := execution orders reservations flash_sale availability search event_latency fan_out

bench: setup ## Measure reads, sales, hot articles, searches and events beside a baseline each (SECONDS=8)
	@for name in $(BENCHMARKS); do ONESHELF_BENCH_SECONDS=$(SECONDS) $(BIN)/python -m benchmarks.$$name || exit 1; done

soak: setup ## Kill server and database while people shop (ROUNDS=24, SEED=1)
	@ONESHELF_SOAK_ROUNDS=$(ROUNDS) ONESHELF_SOAK_SEED=$(SEED) $(BIN)/pytest -s -m soak tests/soak $(T)

schema: setup ## Write schema.graphql anew
	@$(BIN)/oneshelf schema > schema.graphql.new && mv schema.graphql.new schema.graphql

migration: setup ## Write a migration for what the tables have become (MESSAGE="add returns")
	@test -n "$(MESSAGE)" || { echo 'Say what it does: make migration MESSAGE="add returns"'; exit 2; }
	@$(BIN)/python -m tools.write_migration "$(MESSAGE)"

clean: ## Remove what was installed and made, but no data
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
