# Targets for the database, read by the project's Makefile:  include migrations/db.mk
# Another `flask`?  make db-upgrade FLASK="uv run flask"

# The one of the active environment, else that of the project's own, else whatever is on PATH.
FLASK ?= $(if $(VIRTUAL_ENV),flask,$(firstword $(wildcard .venv/bin/flask venv/bin/flask env/bin/flask) flask))
# The Python beside that flask: flask -> python, .venv/bin/flask -> .venv/bin/python, uv run flask -> uv run python
DB_PYTHON ?= $(if $(filter -m,$(FLASK)),$(filter-out -m flask,$(FLASK)),$(patsubst %flask,%python,$(FLASK)))
# The Python that makes an environment where there is none.
PYTHON3 ?= python3

DB_MK := $(lastword $(MAKEFILE_LIST))
db_default_goal := $(.DEFAULT_GOAL)

.PHONY: db-help db-setup db-migrate db-upgrade db-downgrade db-status db-check db-sql db-history db-adopt db-deploy

db-help: ## list these targets
	@awk -F ':.*## ' '/^db-[a-z]*:.*## / {printf "%-13s %s\n", $$1, $$2}' $(DB_MK)

db-setup: ## from a fresh clone to a database that is ready: environment, packages, .env, tables
	$(PYTHON3) migrations/adopt.py setup

db-migrate: ## write a revision from what the models say:  make db-migrate m="add users.phone"
	$(FLASK) db migrate $(if $(m),-m "$$m")
	@$(DB_PYTHON) -m migrations.adopt diagram

db-upgrade: ## upgrade this database to head
	$(FLASK) db upgrade

db-downgrade: ## downgrade this database by one revision
	$(FLASK) db downgrade

db-status: ## say whether this database is at head and its schema matches; write nothing
	$(DB_PYTHON) -m migrations.adopt status || test $$? -eq 3  # 3: something is to be done, nothing is wrong

db-check: ## for CI: one head, models match the revisions, revisions upgrade and downgrade, on an empty database
	$(DB_PYTHON) -m migrations.adopt check

db-sql: ## write what an upgrade of this database would run to preview.sql; run nothing
	$(DB_PYTHON) -m migrations.adopt sql

db-history: ## list all revisions, and draw the schema in migrations/SCHEMA.md
	$(FLASK) db history
	@$(DB_PYTHON) -m migrations.adopt diagram

db-adopt: ## verify a database that was there before the migrations, then stamp it
	$(DB_PYTHON) -m migrations.adopt

db-deploy: ## for a release: wait for other deployments, upgrade, verify
	$(DB_PYTHON) -m migrations.adopt deploy

# An `include` at the top of a Makefile does not change what a plain `make` does.
.DEFAULT_GOAL := $(db_default_goal)
