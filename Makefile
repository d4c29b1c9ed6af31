# Maple Bridge. `make help` lists what there is.
# All paths are relative: the project may be checked out anywhere, spaces included.

PORT ?= 8080
DATA ?=
WORKERS ?= 2

VENV_PYTHON := .venv/bin/python
BOOTSTRAP = services/runtime/bootstrap.py

# The first Python >= 3.11 that can make virtual environments, else the first >= 3.11 (bootstrap.py then says
# what to install), else nothing.
FIND_PYTHON = first=; found=; for candidate in python3.13 python3.12 python3.11 python3.14 python3 python; do \
	"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	first=$${first:-$$candidate}; \
	"$$candidate" -c 'import ensurepip, venv' 2>/dev/null && { found=$$candidate; break; }; \
	done; \
	python=$${found:-$$first}; \
	if [ -z "$$python" ]; then echo "Maple Bridge needs Python 3.11 or later; install it (on Debian: apt install python3 python3-venv)." >&2; exit 1; fi

.DEFAULT_GOAL := help
.PHONY: help demo demo-kafka up test check bench lock venv venv-kafka venv-dev clean

help: ## Show this list
	@echo "Maple Bridge (枫桥)"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)$$/\1|\2/p' Makefile | while IFS='|' read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done
	@echo
	@echo "  make demo PORT=8090 DATA=/some/folder changes the port and the folder."

demo: venv ## Start Maple Bridge with the demonstration city; Ctrl-C ends it
	@exec $(VENV_PYTHON) -m services.runtime.cli demo --port "$(PORT)" $(if $(DATA),--data "$(DATA)")

demo-kafka: venv-kafka ## The same as separate processes over a local Apache Kafka
	@exec $(VENV_PYTHON) -m services.runtime.cli demo --kafka --port "$(PORT)" $(if $(DATA),--data "$(DATA)")

up: venv ## Start Maple Bridge without the demonstration city
	@exec $(VENV_PYTHON) -m services.runtime.cli up --port "$(PORT)" $(if $(DATA),--data "$(DATA)")

# Most tests wait more than they work: two cores have room for four workers.
test: venv-dev ## Run every test, by WORKERS side by side (installs Chromium and a Chinese font where it may)
	@$(VENV_PYTHON) tests/needs.py
	@$(VENV_PYTHON) -m pytest --ignore=tests/benchmarks -n $(WORKERS) --durations=10 $(TESTS)

check: venv-dev ## Lint, format, types, import rules
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m mypy
	$(VENV_PYTHON) -m contracts.generate --check
	$(VENV_PYTHON) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

bench: venv-dev ## Run the benchmarks (ONLY=name, JSON=FILE, SMOKE=1; UNITS, EVENTS, COMMANDS: how many)
	@$(VENV_PYTHON) -m tests.benchmarks

# hatchling and editables build the project itself; they are locked too, so that nothing unlocked is fetched. The
# widest lock is made first and the narrower ones out of it: whoever installs one beside another changes nothing.
COMPILE = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header
lock: venv ## Make the lock files anew from pyproject.toml
	echo 'uv>=0.13' | $(COMPILE) - --output-file requirements-uv.lock
	printf 'hatchling>=1.27\neditables>=0.5\n' | $(COMPILE) pyproject.toml - --group dev --extra kafka --output-file requirements-dev.lock
	printf 'hatchling>=1.27\neditables>=0.5\n' | $(COMPILE) pyproject.toml - --constraints requirements-dev.lock --output-file requirements.lock
	$(COMPILE) pyproject.toml --extra kafka --constraints requirements-dev.lock --output-file requirements-kafka.lock

venv: ## Make .venv with the locked dependencies, where it is not there yet
	@$(FIND_PYTHON); "$$python" -I $(BOOTSTRAP)

venv-kafka: ## The same, with what running over Kafka needs
	@$(FIND_PYTHON); "$$python" -I $(BOOTSTRAP) --kafka

venv-dev: ## The same, with what the tests and checks need
	@$(FIND_PYTHON); "$$python" -I $(BOOTSTRAP) --dev

clean: ## Remove .venv and caches; your data folder stays
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis .import_linter_cache .pytest_cache dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
