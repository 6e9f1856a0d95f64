# Two commands on a fresh machine: `make run` (the main job) and `make test` (all checks).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# one waiting thread must not burn the core that the other one works on
export OMP_WAIT_POLICY ?= PASSIVE
export MLFLOW_DISABLE_TELEMETRY ?= true

.PHONY: help run test format site notebooks card challenge bench rules explanations curve scale benchmarks ui scores clean

help:  ## List the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

run: $(VENV)/installed  ## Build the data, train and compare, promote the best, score a sample
	$(BIN)/alliance-stance build configs/datasets/gold_and_contrasts.yaml
	$(BIN)/alliance-stance train experiments/default
	$(BIN)/alliance-stance compare experiments/default --beside shipped-base --output artifacts/default/results-dev.md
	@# status 1: who answers so far, a champion or the model in the package, was not beaten
	$(BIN)/alliance-stance promote experiments/default || test $$? -eq 1
	$(BIN)/alliance-stance predict data/sample/press_conference.txt

test: $(VENV)/installed  ## Run every check: format, lint, types, imports, tests
	$(BIN)/ruff format --check src tests experiments docs/site docs/notebooks
	$(BIN)/ruff check src tests experiments docs/site docs/notebooks
	$(BIN)/mypy
	$(BIN)/lint-imports
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

format: $(VENV)/installed  ## Format the code and mend what the linter can
	$(BIN)/ruff format src tests experiments docs/site docs/notebooks
	$(BIN)/ruff check --fix src tests experiments docs/site docs/notebooks

$(VENV)/site-installed: $(VENV)/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[docs]'
	@touch $@

site: $(VENV)/site-installed  ## Build the documentation site: build/site/html/index.html
	$(BIN)/python docs/site/pages.py build/site
	$(BIN)/zensical build --strict -f build/site/zensical.toml

notebooks: $(VENV)/installed  ## Run the notebooks of docs/notebooks anew, from their scripts
	$(BIN)/python docs/notebooks/execute.py

card: $(VENV)/installed  ## Write the figures into the data card
	$(BIN)/alliance-stance inspect configs/datasets/gold.yaml --write data/README.md

challenge: $(VENV)/installed  ## Write the challenge items' pass rates into the documentation
	$(BIN)/python experiments/extraction/challenge.py

CORPUS ?= ../shared/corpus
LABELLED ?= ../shared/gold
# where experiments/reading and experiments/shipped were trained, theirs come first
SPEED_MODELS ?= $(wildcard artifacts/reading/encoder/seed-0) \
	$(wildcard artifacts/shipped/packed_small/seed-0) \
	$(addsuffix /seed-0,$(addprefix artifacts/default/,packed linear))
bench: $(VENV)/installed challenge  ## Measure extraction and models: pairs and speed, on $(LABELLED) and $(CORPUS)
	$(BIN)/python experiments/extraction/pairs.py $(LABELLED)/dev-sentences.jsonl \
		$(LABELLED)/train.jsonl --alliances $(LABELLED)/../alliance-ids.csv
	$(BIN)/python experiments/extraction/speed.py $(CORPUS)
	$(BIN)/python experiments/speed/speed.py $(LABELLED)/dev.jsonl $(SPEED_MODELS)

rules: $(VENV)/installed  ## Measure labelling rules and label models on $(LABELLED), cost on $(CORPUS)
	$(BIN)/python experiments/rules/measure.py $(LABELLED)/train.jsonl $(LABELLED)/dev.jsonl \
		--corpus $(CORPUS)
	$(BIN)/python experiments/rules/worth.py $(LABELLED)/train.jsonl

ROWS ?= 300
explanations: $(VENV)/installed  ## Test explanations of two models by deleting $(ROWS) triples' words
	$(BIN)/python experiments/explanations/deletion.py artifacts/default/linear/seed-0 --rows $(ROWS)
	$(BIN)/python experiments/explanations/deletion.py data/model --rows $(ROWS)
	$(BIN)/python experiments/explanations/table.py

curve: $(VENV)/installed  ## Go on with the learning curve, scored on $(LABELLED); hours
	$(BIN)/python experiments/learning_curve/curve.py --labelled $(LABELLED)
	$(BIN)/python experiments/learning_curve/table.py

scale: $(VENV)/installed  ## Measure weak builds of $(CORPUS): what repeats, time and memory; an hour
	$(BIN)/python experiments/weak/duplicates.py "$(CORPUS)/documents/UNGD_[AB]*.txt" \
		"$(CORPUS)/un-general-debate/*/A*.txt"
	$(BIN)/python experiments/weak/scale.py $(CORPUS)/documents $(CORPUS)/metadata.csv

BENCH ?= ../shared/bench
benchmarks: $(VENV)/installed  ## Fit the linear model to the public benchmarks in $(BENCH)
	$(BIN)/python experiments/benchmarks/benchmarks.py $(BENCH)

scores: $(VENV)/installed  ## Score the test split; once, when everything is chosen
	$(BIN)/alliance-stance compare experiments/default --test

ui: $(VENV)/installed  ## Look at the runs: http://127.0.0.1:5000
	@echo "Open http://127.0.0.1:5000/#/experiments?workflowType=machine_learning (or choose Model training at the upper left)"
	$(BIN)/mlflow ui --host 127.0.0.1 --backend-store-uri $${MLFLOW_TRACKING_URI:-sqlite:///$(CURDIR)/mlflow.db}

clean:  ## Remove what was built, not what was installed
	rm -rf data/processed artifacts
