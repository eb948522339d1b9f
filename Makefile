SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SPARK := .venv-spark
AIRFLOW := .venv-airflow
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --no-annotate -q

.PHONY: help demo spark airflow test test-all check format lab lock samples screenshots system-packages clean

help:  ## Say what each target does
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "opslib needs Python 3.11 or later; name one: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m pip check
	@touch $@

environment: $(READY)  ## Create the Python environment in .venv

lock:  ## Resolve the dependencies again into the files requirements*.lock (needs uv)
	$(COMPILE) pyproject.toml --extra dev --upgrade -o requirements.lock
	echo 'setuptools>=80' | $(COMPILE) pyproject.toml - -c requirements.lock -o requirements-runtime.lock
	echo 'pyspark==4.3.*' | $(COMPILE) - -o requirements-spark.lock
	echo 'apache-airflow==3.3.*' | $(COMPILE) - -o requirements-airflow.lock
	echo 'jupyter-scheduler>=2.12' | $(COMPILE) - -c requirements.lock -o requirements-jupyter-scheduler.lock

$(SPARK)/.ready: $(READY) requirements-spark.lock
	$(BIN)/python -m venv --clear $(SPARK)
	$(BIN)/python -c 'import site; print(f"import site; site.addsitedir({site.getsitepackages()[0]!r})")' \
		> $$($(SPARK)/bin/python -c 'import site; print(site.getsitepackages()[0])')/opslib-environment.pth
	$(SPARK)/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements-spark.lock
	@touch $@

spark: $(SPARK)/.ready  ## Create .venv-spark: the environment, and Spark (450 MB; needs Java 17 or later)

$(AIRFLOW)/.ready: $(READY) requirements-airflow.lock
	$(BIN)/python -m venv --clear $(AIRFLOW)
	$(AIRFLOW)/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements-airflow.lock
	@touch $@

airflow: $(AIRFLOW)/.ready  ## Create .venv-airflow: Airflow, to try deploy/airflow (290 MB)

demo: $(READY)  ## Run every report against the embedded sandbox
	@$(BIN)/opslib run-all -e sandbox --no-strict
	@echo "Open reports/index.html in a browser."

check: $(READY)  ## Format, lint, types, architecture
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/test_architecture.py

format: $(READY)  ## Rewrite the code in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: check  ## All tests but the long sweeps
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -q

test-all: test airflow  ## All tests, the sweeps over seeds, the image's steps and the Airflow DAG
	$(BIN)/python -m pytest -q -m whole tests/deploy
	$(BIN)/python -m benchmarks.planted_truths --seeds 0-19
	$(BIN)/python -m benchmarks.replays --seeds 1

lab: $(READY)  ## Open the notebooks in JupyterLab, with the sandbox
	@$(BIN)/opslib lab

screenshots: $(READY)  ## Make the pictures of docs/images/ again, of the samples
	$(BIN)/python -m tests.notebooks.make_screenshots

samples: $(READY)  ## Make reports/samples/ again
	$(BIN)/python -m tests.notebooks.make_samples

system-packages:  ## Install Debian's Chromium, Java and systemd, for the tests of browser, Spark and units
	@command -v chromium >/dev/null || { apt-get update -q && apt-get install -y -q --no-install-recommends chromium; }
	@command -v java >/dev/null || { apt-get update -q && apt-get install -y -q --no-install-recommends default-jre-headless; }
	@command -v systemd-analyze >/dev/null || { apt-get update -q && apt-get install -y -q --no-install-recommends systemd; }

clean:  ## Remove the environment and caches
	rm -rf $(VENV) $(SPARK) $(AIRFLOW) .mypy_cache .ruff_cache .pytest_cache .hypothesis

schema: $(READY)  ## Write docs/findings.schema.json again
	$(BIN)/python -c "import json; from opslib.findings import findings_schema; print(json.dumps(findings_schema(), indent=2))" > docs/findings.schema.json
