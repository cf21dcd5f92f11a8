# Everything runs in this folder and needs Python 3.11+ with pip, and make; `make help` lists the targets.
# PYTHON=/path/to/python3 chooses another Python than the first python3 on the PATH.

.DEFAULT_GOAL := help
.PHONY: help setup demo test bench torture lint format lock clean

export PYTHONTZPATH :=
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
run := .venv/bin/python

help: ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r name text; do printf '%-16s %s\n' "$$name" "$$text"; done

setup: ## prepare uv in .tools and the pinned environment in .venv (every target does it first)
	@bash scripts/setup

demo: setup ## show what Makegood does: a story on an example, then a real outage of some seconds, live
	@.venv/bin/makegood demo
	@echo
	@.venv/bin/makegood demo --live

test: setup ## what CI runs: format, lint, types, layers, tests
	@$(run) scripts/check.py

bench: setup ## measure, with the machine beside the figures (fetches Polars, 175 MB, to measure beside)
	@bash scripts/bench

torture: setup ## the long run: many random examples; SEED=1234 repeats one
	@$(run) scripts/check.py torture $(if $(SEED),--seed $(SEED))

lint: setup ## the fast steps of `make test`: format, lint, types, layers
	@$(run) scripts/check.py format lint types layers

format: setup ## rewrite the code in the project's format and repair what can be repaired
	@$(run) -m ruff check -q --fix-only . && $(run) -m ruff format .

lock: setup ## choose versions anew within pyproject.toml and write requirements.txt
	@bash scripts/lock

clean: ## remove what make has made
	rm -rf .tools .tools.new.* .tools.lock .venv uv.lock .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	find src tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
