# `make help` lists the targets. What is up to date is not done again.

# The Python of .venv/. `make PYTHON=python3.12` chooses one; else the first that fits is taken.
PYTHON ?=
CANDIDATES := $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python3.10)
# Handed on by chapter, quick and bench: make chapter ARGS='--seed 3'
ARGS ?=

BIN := .venv/bin
# Made last by its command each, so that an interrupted one is taken up again.
VENV := $(BIN)/pip
INSTALLED := .venv/pydjl-installed
JARS := python/pydjl/jars/THIRD_PARTY.txt

.DEFAULT_GOAL := install
.PHONY: help install chapter test quick soak lint format bench docs wheel clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(JARS) $(INSTALLED) ## build the Java library, install everything into .venv/ (default)

chapter: install ## run the chapter in Java and in PyTorch (ARGS='--seed 3')
	@$(BIN)/pydjl chapter $(ARGS)

test: install ## run all checks: Gradle (JUnit, Checkstyle), ruff, mypy, import-linter, pytest
	@$(need_gradle)
	@$(want_chromium)
	$(call check,gradle check)
	$(lint_python)
	$(call check,$(BIN)/python -m pytest -n logical --maxprocesses=4 --dist=loadfile)

quick: install ## run pytest without the slow tests (ARGS='-k corr2d')
	@$(BIN)/python -m pytest -m 'not slow' $(ARGS)

soak: install ## run the long runs whole: a million calls, 200 exits; a quarter of an hour
	@$(BIN)/python -m pytest tests/soak --soak $(ARGS)

lint: install ## run ruff, mypy, import-linter and Checkstyle
	@$(need_gradle)
	$(lint_python)
	$(call check,gradle -q checkstyleMain checkstyleTest)

format: install ## format the Python code and mend what ruff can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: install ## measure against PyTorch and other bridges (ARGS='--quick -k corr2d')
	@$(BIN)/pydjl prepare  # anew, since the jars may have changed
	@$(BIN)/python -m benchmarks $(ARGS)

docs: install ## execute the notebooks, build the documentation into build/site
	@$(BIN)/python -m mkdocs build --quiet

wheel: install ## build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean: ## delete all that was built, except .venv/
	rm -rf build dist .gradle python/pydjl/jars python/pydjl/web/static/vendor
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

$(VENV):
	@$(find_python); echo "Creating .venv with $$python ..."; "$$python" -m venv .venv

$(INSTALLED): pyproject.toml python/pydjl/_version.py | $(JARS) $(VENV)
	@echo 'Installing into .venv; torch and its libraries are a download of up to 3 GB ...'
	@$(BIN)/python -m pip install --disable-pip-version-check --editable '.[test,lint]'
	@echo 'Archiving the Java classes, for quick starts ...'
	@$(BIN)/pydjl prepare || echo 'It goes without.' >&2
	@touch $@

# The build hook of the wheel, hatch_build.py, goes by this file's time as well.
$(JARS): $(shell find java/src/main) build.gradle settings.gradle config/checksums.txt \
	  python/pydjl/_version.py
	@$(need_gradle)
	@echo 'Building the Java library ...'
	@$(call quietly,gradle -q jars)
	@touch $@

define lint_python
$(call check,$(BIN)/ruff check)
$(call check,$(BIN)/ruff format --check)
$(call check,$(BIN)/mypy)
$(call check,$(BIN)/lint-imports)
endef

# Shows a command, runs it, and names it once more if it fails.
define check
@echo '$(1)'
@$(if $(filter gradle,$(1)),$(call quietly,$(1)),$(1)) || \
	  { echo 'make $@ stopped: $(1) failed, as shown above.' >&2; exit 1; }
endef

# Shows what a command wrote to its error stream only if it fails: Debian's gradle prints the
# version of Java there whenever it starts.
quietly = { mkdir -p build && $(1) 2>build/gradle.err || { cat build/gradle.err >&2; false; }; }

define find_python
for python in $(CANDIDATES); do \
	  version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null); \
	  case $$version in 3.10|3.11|3.12|3.13) break;; esac; \
	  version=; \
	done; \
	if [ -z "$$version" ]; then \
	  echo 'Python 3.10 to 3.13 is needed, but there is none (tried $(CANDIDATES)): install one,' \
	    'or name it by make PYTHON=/path/to/python.' >&2; exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "$$python cannot create virtual environments: on Debian and Ubuntu" \
	    "apt-get install python$$version-venv." >&2; exit 1; \
	fi
endef

# Installs what has the name $(1) and the package $(2), where that takes no password.
define apt_install
as_root=; [ "$$(id -u)" = 0 ] || as_root='sudo -n'; \
	  if command -v apt-get >/dev/null && $$as_root true 2>/dev/null; then \
	    echo 'Installing $(1) with apt-get ...'; mkdir -p build; \
	    { $$as_root apt-get update -qq && \
	      $$as_root env DEBIAN_FRONTEND=noninteractive \
	        apt-get install -y -qq --no-install-recommends $(2); \
	    } </dev/null >build/apt.log 2>&1 || cat build/apt.log >&2; \
	  fi
endef

# A browser for the tests of the calculator's page; without one they are skipped, and say so.
define want_chromium
if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && \
	  ! command -v google-chrome >/dev/null; then $(call apt_install,Chromium,chromium fonts-liberation); fi
endef

# Gradle, and the JDK that it needs; installed where that takes no password.
define need_gradle
if [ -z "$$JAVA_HOME" ] && ! command -v javac >/dev/null; then \
	  $(call apt_install,a JDK,default-jdk-headless); \
	fi; \
	javac="$${JAVA_HOME:+$$JAVA_HOME/bin/}javac"; \
	version=$$("$$javac" -version 2>&1 | sed -n 's/^javac \([0-9][0-9.]*\).*/\1/p'); \
	major=$${version%%.*}; \
	if [ "$${major:-0}" -lt 17 ]; then \
	  if [ -n "$$version" ]; then found="$$javac is of version $$version"; \
	  elif [ -n "$$JAVA_HOME" ]; then found="JAVA_HOME names $$JAVA_HOME, where none lies"; \
	  else found='there is no javac on the PATH'; fi; \
	  echo "A JDK 17 or newer is needed to build the Java library, but $$found: on Debian and" \
	    'Ubuntu apt-get install default-jdk-headless, elsewhere see https://adoptium.net; then' \
	    'set JAVA_HOME to its folder, or unset it.' >&2; exit 1; \
	fi; \
	if ! command -v gradle >/dev/null; then \
	  $(call apt_install,Gradle,gradle); \
	fi; \
	if ! command -v gradle >/dev/null; then \
	  echo 'Gradle 4.4.1 or newer is needed to build the Java library, and there is no gradle on' \
	    'the PATH: on Debian and Ubuntu apt-get install gradle, elsewhere see' \
	    'https://gradle.org/install.' >&2; exit 1; \
	fi
endef
