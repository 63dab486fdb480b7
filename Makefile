# Everything one does with a clone. Needs make and Python 3.11 or newer, nothing else.
.DEFAULT_GOAL := help
.PHONY: help demo test bench lint

# Finds a Python that is new enough and lets it fill .venv with the packages of the files that follow. BASE_PYTHON names
# the one to use, where it matters which.
INSTALL = @found=; \
	for python in $(or $(BASE_PYTHON),python3.14 python3.13 python3.12 python3.11 python3); do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
		then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "No Python 3.11 or newer was found: install one \
		(Debian, Ubuntu: python3 and python3-venv; macOS: brew install python) and try again." >&2; \
		exit 1; \
	fi; \
	"$$found" gigaviz/bootstrap.py
PYTHON = .venv/bin/python

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' Makefile

demo: ## Run the product with a simulated WhatsApp; PORT=8100 SIMULATOR_PORT=8900 choose the ports, Ctrl-C stops it
	$(INSTALL) requirements.txt
	$(PYTHON) -m gigaviz.demo

test: ## Run the tests; ARGS="tests/inbox -x" chooses some
	$(INSTALL) requirements.txt requirements-dev.txt
	$(PYTHON) -m pytest -n 2 --dist loadscope $(ARGS)

bench: ## Measure, each figure beside its floor
	$(INSTALL) requirements.txt requirements-dev.txt
	$(PYTHON) -m bench $(ARGS)

lint: ## Check style, types, imports and templates
	$(INSTALL) requirements.txt requirements-dev.txt
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy .
	$(PYTHON) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"
	$(PYTHON) -m djlint templates simulator --lint --quiet
