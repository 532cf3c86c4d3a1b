# Set-up, demo and tests. Needs make, git and Python 3.11 to 3.13; everything else comes from requirements.lock, by hash.
# Another interpreter: make demo PYTHON=/path/to/python3.12

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO_STORE := build/demo.db
DEMO_CALLS = $(wildcard fixtures/audio/wifi-missed.*) $(wildcard fixtures/audio/wifi-handled.*)

# Where this is set, no compiled bytecode is kept, and every start of the command compiles torch and the rest anew: 15 s.
export PYTHONDONTWRITEBYTECODE :=

# As many tests at once as there are cores; those of one file stay together, since they share servers and stores.
SIDE_BY_SIDE := -n auto --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help setup demo dashboard live-demo test test-fast lint types format lock bench quality clean
.DELETE_ON_ERROR:

help: ## list these targets
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1@\2/p' $(MAKEFILE_LIST) | column -t -s @ 2>/dev/null \
	  || sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1  \2/p' $(MAKEFILE_LIST)

setup: $(READY) ## install everything into .venv

# A virtual environment does not survive being moved: then it is made anew.
ifneq ($(shell cat $(VENV)/.home 2>/dev/null),$(CURDIR))
.PHONY: $(READY)
endif

# Written last, so that an interrupted set-up starts again where it stopped.
$(READY): requirements.lock requirements-uv.txt pyproject.toml setup.sh
	@sh setup.sh $(VENV) $(PYTHON)
	@touch $@

demo: $(READY) ## analyse the two bundled calls and print their timelines
	@mkdir -p build
	@$(BIN)/heard analyze $(DEMO_CALLS) --replace --store $(DEMO_STORE)
	@echo
	@echo "Next: a call word by word, with its flags in place:"
	@echo "  $(BIN)/heard show wifi-missed --full --store $(DEMO_STORE)"
	@echo "or a recording of your own:"
	@echo "  $(BIN)/heard analyze CALL.wav"

dashboard: $(READY) ## analyse the two bundled calls once, and open the dashboard on them
	@test -e $(DEMO_STORE) || $(MAKE) --no-print-directory demo
	@$(BIN)/heard dashboard --store $(DEMO_STORE)

live-demo: $(READY) ## hear two calls while they happen: server, dashboard and simulated calls in one
	@$(BIN)/python fixtures/live_demo.py

# What fails beside others is tried once more by itself, on a machine that is quiet by then: many tests start servers, browsers
# and clusters. What fails there too has failed.
test: lint types ## lint, types and every test
	$(BIN)/pytest $(SIDE_BY_SIDE) || { [ $$? -eq 1 ] && $(BIN)/pytest --last-failed --last-failed-no-failures none; }

test-fast: $(READY) ## the tests that load no model weights, drive no browser, start no cluster and kill nothing
	$(BIN)/pytest $(SIDE_BY_SIDE) -m "not models and not browser and not cluster and not kills"

lint: $(READY) ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## strict types
	$(BIN)/mypy

format: $(READY) ## rewrite the code in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(READY) ## renew requirements.lock from pyproject.toml
	$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 --all-extras \
	  --custom-compile-command "make lock" --quiet pyproject.toml -o requirements.lock

bench: $(READY) ## speed, as ratios (see benchmarks/README.md)
	$(BIN)/python benchmarks/analyze_speed.py

# Measures everything, the quickest first; what is measured is kept in docs/quality/, so that a run can be continued by PARTS.
SHARED := ../shared
quality: $(READY) ## measure how well it hears and judges, and write docs/QUALITY.md (PARTS=voice,words: these alone)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m training.quality --shared $(SHARED) --parts "$(PARTS)"

clean: ## remove everything that was built or installed
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
