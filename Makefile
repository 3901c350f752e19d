# Everything from a clean clone. `make` alone lists the targets; works with GNU make 3.81 (macOS) and later.
PYTHON ?= python3
VENV ?= .venv
PYTEST_ARGS ?=
FUZZ_ARGS ?=
CORRUPTION_ARGS ?=
LOCK_ARGS ?=
BIN := $(VENV)/bin
# One process a core, at most four. Each takes a stretch of the files in their order, and one that is done takes from
# another. Of every test, the slow ones too, those of a file stay together: they share long simulations.
PYTEST := $(BIN)/python -m pytest -n logical --maxprocesses 4
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help env report reports test test-all test-lowest fuzz reliability calibrate check format guide docs notebooks golden bench lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

env: $(STAMP) ## build the environment in .venv (the other targets do it themselves)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or later is needed; $(PYTHON) is: $$($(PYTHON) --version 2>&1)."; \
	  echo "Name another one, for example:  make report PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) -m venv is not usable: on Debian or Ubuntu install the system package python3-venv"; \
	  echo "(apt-get install python3-venv), then run make again."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@echo "Installing the pinned packages into $(VENV); the first time takes a minute or two."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q eventstudy
	@touch $@

report: $(STAMP) ## write reports/deepseek/index.html and results.json from the bundled prices
	$(BIN)/eventstudy run deepseek

reports: $(STAMP) ## write the reports of all bundled studies and their list, reports/index.html
	for study in $(notdir $(patsubst %/study.yaml,%,$(wildcard data/*/study.yaml))); do \
	  $(BIN)/eventstudy run $$study || exit 1; done

test: $(STAMP) ## run the tests, without the slow ones
	$(PYTEST) --dist worksteal $(PYTEST_ARGS)

test-all: $(STAMP) ## run every test, the slow ones too
	$(PYTEST) --dist loadfile -m "slow or not slow" $(PYTEST_ARGS)

test-lowest: ## for maintainers, needs uv: the tests with the oldest packages that pyproject.toml allows, in .venv-lowest
	uv venv --quiet --clear --seed --python 3.11 .venv-lowest
	uv pip compile --quiet --resolution lowest-direct --python-version 3.11 --all-extras --no-annotate pyproject.toml \
	  --output-file .venv-lowest/lowest.txt
	uv pip install --quiet --python .venv-lowest/bin/python --constraint .venv-lowest/lowest.txt --all-extras \
	  --group dev -r pyproject.toml
	uv pip install --quiet --python .venv-lowest/bin/python --no-deps --editable .
	.venv-lowest/bin/python -m pytest -n logical --maxprocesses 4 $(PYTEST_ARGS)

fuzz: $(STAMP) ## try hostile files and arguments (FUZZ_ARGS="--count 100000 --seed 1")
	PYTHONPATH=.:tests $(BIN)/python -m fuzz $(FUZZ_ARGS)

reliability: $(STAMP) ## put defects into real prices, write docs/reliability.md (CORRUPTION_ARGS="--count 500")
	PYTHONPATH=.:tests $(BIN)/python -m corruption $(CORRUPTION_ARGS)

calibrate: $(STAMP) ## measure size and power of every test, write docs/calibration.md (slow), check it
	$(BIN)/python tests/calibration_record.py
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadgroup -m slow tests/test_calibration.py $(PYTEST_ARGS)

check: $(STAMP) ## ruff and mypy --strict
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy --strict

format: $(STAMP) ## let ruff order the imports and lay out the code
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

guide: $(STAMP) ## write what the source decides of the documents: ARCHITECTURE.md, docs/models.md ...
	$(BIN)/python -m eventstudy.claims.guide docs/claims.md
	$(BIN)/python -m eventstudy.models.guide docs/models.md
	$(BIN)/python tests/architecture_page.py
	$(BIN)/python -m eventstudy.inference.guide docs/tests.md
	$(BIN)/python -m eventstudy.study.guide docs/study-file.md
	$(BIN)/python -m eventstudy.study.claimsguide docs/claims-file.md
	$(BIN)/python -m eventstudy.cli.guide docs/commands.md

docs: $(STAMP) ## build the documentation as pages into site/; a warning is an error
	$(BIN)/python -m sphinx -W --keep-going -q -b html -d build/docs docs site

notebooks: $(STAMP) ## run the notebooks and write their outputs into them
	$(BIN)/python tests/notebook_pages.py

golden: $(STAMP) ## take the golden screenshots of the first screen again (look at them before you keep them)
	EVENTSTUDY_GOLDEN=write $(BIN)/python -m pytest -q -m slow tests/test_golden.py
	git diff --stat -- tests/golden

bench: $(STAMP) ## time this package beside its rivals, ten minutes or so; writes benchmarks/results.md
	$(BIN)/python benchmarks/run.py

lock: ## for maintainers, needs uv: pin what pyproject.toml asks for (LOCK_ARGS=--upgrade: the newest of all)
	uv pip compile --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --no-annotate \
	  --custom-compile-command "make lock" --group dev --group docs $(LOCK_ARGS) pyproject.toml --output-file requirements.lock

clean: ## remove the environment, reports and caches
	rm -rf $(VENV) .venv-lowest build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find reports -mindepth 1 -not -name .gitkeep -delete
	find eventstudy tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
