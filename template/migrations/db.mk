# Targets for the database, read by the project's Makefile:  include migrations/db.mk
# Another `flask`?  make db-upgrade FLASK="uv run flask"

FLASK ?= flask
# The Python beside that flask: flask -> python, .venv/bin/flask -> .venv/bin/python, uv run flask -> uv run python
DB_PYTHON ?= $(if $(filter -m,$(FLASK)),$(filter-out -m flask,$(FLASK)),$(patsubst %flask,%python,$(FLASK)))

DB_MK := $(lastword $(MAKEFILE_LIST))
db_default_goal := $(.DEFAULT_GOAL)

.PHONY: db-help db-migrate db-upgrade db-downgrade db-status db-check db-history db-adopt

db-help: ## list these targets
	@awk -F ':.*## ' '/^db-[a-z]*:.*## / {printf "%-13s %s\n", $$1, $$2}' $(DB_MK)

db-migrate: ## write a revision from what the models say:  make db-migrate m="add users.phone"
	$(FLASK) db migrate $(if $(m),-m "$$m")

db-upgrade: ## bring this database to the newest revision
	$(FLASK) db upgrade

db-downgrade: ## undo the last revision in this database
	$(FLASK) db downgrade

db-status: ## show the revision of this database
	$(FLASK) db current

db-check: ## verify that this database is at the newest revision and is what the models say
	$(DB_PYTHON) -m migrations.adopt check

db-history: ## list all revisions
	$(FLASK) db history

db-adopt: ## verify a database that was there before the migrations, then stamp it
	$(DB_PYTHON) -m migrations.adopt

# An `include` at the top of a Makefile does not change what a plain `make` does.
.DEFAULT_GOAL := $(db_default_goal)
