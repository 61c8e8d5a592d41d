# Everything a newcomer needs: `make demo` and `make test`. Both set up a virtual environment first.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo guards realism test coverage test-without-paper test-kills test-webmail test-ray agents fuzz lint docs release-check real clean

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Turncoat needs Python 3.11 or newer; say which with: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev,reference,openai,anthropic]'
	@touch $@

demo: $(STAMP)
	$(BIN)/turncoat demo --out demo

# The study of docs/guards.md on a simulated model: about two minutes of a processor; no key, no network.
guards: $(STAMP)
	$(BIN)/turncoat run guards/afternoon --model sim/heeder --judge sim/judge-1-1 --log-dir guards/logs
	$(BIN)/turncoat report guards/logs --monitor rules --out guards/report.html --figures guards/figures

realism: $(STAMP)
	$(BIN)/turncoat realism blackmail --judge sim/reader-60-45-90-97-20 --worlds 1-6 --out realism-demo

test: $(STAMP)
	$(BIN)/python -m pytest -n auto $(ARGS)

# The same tests with their coverage, which takes longer.
coverage: $(STAMP)
	$(BIN)/python -m pytest -n auto --cov=turncoat --cov-report=term:skip-covered $(ARGS)

# All other tests with the paper taken out of a copy of the tree: nothing below may need it.
test-without-paper: $(STAMP)
	$(BIN)/python -m tests.without_paper -n auto

# Sessions in a browser that take longer: simulated agents by sight, oracles by clicks.
test-webmail: $(STAMP)
	TURNCOAT_WEBMAIL=1 $(BIN)/python -m pytest tests/webmail tests/wire/test_computer.py tests/checks/test_through.py

# Tests marked `long`, wherever they stand, and a run that is killed 25 times.
test-kills: $(STAMP)
	TURNCOAT_KILLS=25 $(BIN)/python -m pytest -m long
	TURNCOAT_KILLS=25 $(BIN)/python -m pytest tests/runs/test_kills.py

# Frameworks and command-line agents of others, each in a folder of its own below .cache/agents (1.2 GB; from PyPI and
# npm, then offline), beside the default loop; all ways in which such a program can fail; Google's client; own tools;
# slow machines. Takes many minutes, most of them waiting.
agents: $(STAMP)
	TURNCOAT_AGENTS=1 $(BIN)/python -m pytest tests/agents
	PYTHONPATH=src:. $(BIN)/python -m tests.agents.compared $(ARGS)
	PYTHONPATH=src:. .cache/agents/gemini-cli/python/bin/python -m pytest tests/wire/test_google.py
	PYTHONPATH=src:. .cache/agents/gemini-cli/python/bin/python -m tests.agents.own_tools
	PYTHONPATH=src:. .cache/agents/gemini-cli/python/bin/python -m tests.agents.slow

# A Ray cluster of two nodes on this machine; not in `make test`, since Ray is 240 MB and a cluster takes seconds.
test-ray: $(STAMP)
	$(BIN)/python -m pip install --quiet --editable '.[ray]'
	TURNCOAT_RAY=1 RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER=0 $(BIN)/python -m pytest tests/clusters $(ARGS)

fuzz: $(STAMP)
	@if $(BIN)/python -m pip install --quiet --editable '.[fuzz]'; then $(BIN)/python -m tests.fuzz.parser 45; \
	else echo "fuzz: skipped, since atheris cannot be installed for this Python"; fi

# The site, in build/site: pages of docs/ and pages written from the program; warnings and broken links are errors. Then every
# command on the pages that needs no key is executed. The tools are installed once; the rest needs no network.
docs: $(STAMP)
	@$(BIN)/python -c 'import zensical, mkdocstrings' 2>/dev/null || $(BIN)/python -m pip install --quiet --editable '.[docs]'
	$(BIN)/python -m tests.site.build
	TURNCOAT_PAGES=1 $(BIN)/python -m pytest tests/site

# Wheel and sdist, installed into an empty environment without the repository; needs a package index and minutes.
release-check: $(STAMP)
	$(BIN)/python -m tests.release

# A real model of 135 million parameters, served on loopback: its garbage must be scored as garbage. Compiles llama.cpp
# once (minutes), then needs no network and two to three minutes of a processor.
real: $(STAMP)
	$(BIN)/python -m pip install --quiet --editable '.[real]'
	$(BIN)/python -m tests.real

lint: $(STAMP)
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/turncoat check

clean:
	rm -rf $(VENV) demo guards realism-demo build dist *.egg-info
