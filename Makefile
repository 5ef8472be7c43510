# Every target sets up what it needs; only Python 3.11 or later and make have to be there.
#   make run    the workbench, until Ctrl-C        PORT=8001 make run    on another port
#   make test   the tests                          ARGS="-k custody" make test    some of them
#   make help   the rest

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help run demo test coverage bench lint format requirements clean

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check -qq
INSTALL := $(PIP) install --no-deps --require-hashes
MESSAGES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
# Half of the tests' time is waiting for real processes, so one more of them than there are processors.
PROCESSES := $(shell expr $$(nproc 2>/dev/null || echo 2) + 1)
CANDIDATES := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11

help:
	@echo "make run           set everything up and serve the workbench until Ctrl-C (PORT, HOST)"
	@echo "make demo          do the main job without a screen, then exit"
	@echo "make test          run the tests (ARGS: options for pytest)"
	@echo "make coverage      run the tests and say which lines none of them ran"
	@echo "make bench         run the benchmarks"
	@echo "make lint          check style, types, import rules and templates"
	@echo "make format        format the code"
	@echo "make requirements  pin requirements/*.in with hashes (UPGRADE=1: to the newest)"
	@echo "make clean         remove what was built; your data in var/ stays"

run: $(VENV)/base $(MESSAGES)
	@exec $(PY) -m verify.stack run

demo: $(VENV)/base $(MESSAGES)
	@exec $(PY) -m verify.stack demo

test: $(VENV)/dev $(VENV)/pywb/installed $(VENV)/aics/installed $(MESSAGES)
	@mkdir -p var/test/coverage
	@exec $(PY) -m pytest --numprocesses=$(PROCESSES) --dist=worksteal $(ARGS)

coverage:
	@exec $(MAKE) test ARGS="--cov --cov-report=term $(ARGS)"

bench: $(VENV)/dev $(MESSAGES)
	@for file in bench/[!_]*.py; do \
	    echo "== $$file"; PYTHONPATH=. $(PY) "$$file" || exit 1; echo; \
	done

lint: $(VENV)/dev
	@echo "ruff: style";         $(PY) -m ruff check --quiet .
	@echo "ruff: format";        $(PY) -m ruff format --check --quiet . || { echo "make format would change files"; exit 1; }
	@echo "mypy: types";         $(PY) -m mypy --no-error-summary
	@echo "lint-imports: floors and parts"; $(VENV)/bin/lint-imports
	@echo "djlint: templates";   $(PY) -m djlint --lint --quiet templates

format: $(VENV)/dev
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format --quiet .

requirements: $(PY)
	@$(PIP) install uv
	@for name in base dev pywb; do \
	    echo "Pinning requirements/$$name.txt"; \
	    $(PY) -m uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url \
	        --custom-compile-command "make requirements" $(if $(UPGRADE),--upgrade) \
	        requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
	done
	@echo "Pinning requirements/aics.txt"
	@$(PY) -m uv pip compile --quiet --generate-hashes --universal --python-version 3.12 --no-emit-index-url \
	    --custom-compile-command "make requirements" $(if $(UPGRADE),--upgrade) \
	    requirements/aics.in --output-file requirements/aics.txt

clean:
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache var/test var/static
	@find . -name __pycache__ -type d -not -path "./var/*" -prune -exec rm -rf {} +

# --- The virtual environment: made once, filled again only when the pins change ------------------------------------

$(PY):
	@for python in $(CANDIDATES); do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "Verify needs Python 3.11 or later, and this machine's python3 is $$(python3 -V 2>&1);" \
	        "install one, or name it: make PYTHON=/path/to/python3.11 run" >&2; exit 2; \
	fi; \
	echo "Making the virtual environment $(VENV) with $$("$$python" -V)"; \
	"$$python" -m venv --clear $(VENV) || { rm -rf $(VENV); \
	    echo "Python could not make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 2; }

$(VENV)/base: requirements/base.txt | $(PY)
	@echo "Installing $$(grep -c '==' $<) packages from $< (about a minute, and only when they change)"
	@$(INSTALL) -r $<
	@touch $@

$(VENV)/dev: requirements/dev.txt $(VENV)/base
	@echo "Installing the tools for tests and checks from $< (about a minute, and only when they change)"
	@$(INSTALL) -r $<
	@touch $@

# A judge of our packages that cannot live beside them. Without it its tests are skipped, and say so; whoever must not
# miss one (CI) sets VERIFY_JUDGES=all, and then it has to be there.
$(VENV)/pywb/installed: requirements/pywb.txt | $(PY)
	@echo "Installing the replay software that judges our packages from $< (half a minute, and only when it changes)"
	@{ $(PY) -m venv --clear $(VENV)/pywb \
	    && $(VENV)/pywb/bin/python -m pip --disable-pip-version-check -qq install --no-deps --require-hashes -r $< \
	    && touch $@; } \
	|| { rm -rf $(VENV)/pywb; [ "$(VERIFY_JUDGES)" != all ] \
	    && echo "!! NOT INSTALLED: pywb. The tests that replay packages with it are skipped, and say so."; }

# Judges of the log that need Python 3.12 or later, whatever the product itself runs on. Where there is none their tests
# are skipped, and say so: Go's judges of the same formats run everywhere.
$(VENV)/aics/installed: requirements/aics.txt | $(PY)
	@for python in $(CANDIDATES) $(wildcard $(HOME)/.pyenv/versions/3.1[2-9].*/bin/python); do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && break; python=; \
	done; \
	{ [ -n "$$python" ] && "$$python" -m venv --clear $(VENV)/aics \
	    && $(VENV)/aics/bin/python -m pip --disable-pip-version-check -qq install --no-deps --require-hashes -r $<; } \
	|| { rm -rf $(VENV)/aics; mkdir -p $(VENV)/aics; \
	    echo "!! NOT INSTALLED: aics-tlog and aics-witness, which need Python 3.12. Their tests are skipped, and say so."; }
	@touch $@

# Compiled here and not committed; Babel does it without the gettext tools of the operating system.
%.mo: %.po | $(VENV)/base
	@$(PY) -m babel.messages.frontend compile --input-file $< --output-file $@ --locale $(word 2,$(subst /, ,$@))
