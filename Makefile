# Everything a user or a data scientist does, each target one `fraudnet` command.
# make setup needs Python 3.11 or newer with pip and venv; nothing else has to be installed by hand.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
FRAUDNET := $(BIN)/fraudnet
STAMP := $(VENV)/.installed

export FRAUDNET_HOME ?= var
export MLFLOW_DISABLE_TELEMETRY := true
export DO_NOT_TRACK := true
export OMP_WAIT_POLICY := passive

WORLD ?= var/world
DROP ?= $(WORLD)/drop
AS_OF ?= 2026-10-01
OUT ?= runs
RUNS ?= $(OUT)
DATA ?= ../shared/data
PORT ?= 5000
CONSOLE_PORT ?= 8000
PEOPLE ?= 1000000
BESIDE ?= 50000
TORTURE := tests/pipeline/test_killed.py tests/pipeline/test_same_bytes.py tests/store tests/runs/test_folder.py \
  tests/review/test_replayed.py tests/console/test_long_runs.py

.DEFAULT_GOAL := help
.PHONY: help setup demo test torture coverage lint typecheck floors check data train evaluate promote score lists report monitor notebooks bench bench-cases bench-linkage bench-lists bench-long bench-model bench-motifs bench-retrain bench-speed bench-synth bench-world console ui bundle wheel clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## create .venv and install everything, pinned with hashes

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "fraudnet needs Python 3.11 or newer; say which with: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "Python's venv module is missing; on Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c 'import lightgbm' || \
	  { echo "LightGBM needs the OpenMP runtime; on Debian or Ubuntu: apt-get install libgomp1" >&2; exit 1; }
	@command -v chromium >/dev/null || \
	  { [ "$$CI" = true ] && [ "$$(id -u)" = 0 ] && apt-get install --yes --quiet chromium >/dev/null; } || \
	  echo "Chromium is missing: the console's browser tests are left out; on Debian or Ubuntu: apt-get install chromium" >&2
	@touch $(STAMP)

demo: $(STAMP) ## the main job on a synthetic world: data, model, scores, flagged lists
	$(FRAUDNET) demo --out var/demo

# Where the environment forbids to keep compiled modules, each process that tests start would compile all of them anew.
test torture: export PYTHONDONTWRITEBYTECODE =
test: $(STAMP) ## all tests, and how much of the code they reach
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --numprocesses auto
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --format=total | sed 's/.*/covered, lines and branches: & %/'

torture: $(STAMP) ## the long tests: kills, flipped bits, other hash seeds and threads, 10,000 decisions; about 20 minutes
	FRAUDNET_TORTURE=1 $(BIN)/python -m pytest --numprocesses auto $(TORTURE)

coverage: $(STAMP) ## what the last `make test` did not reach; fails under 85 %
	$(BIN)/coverage report --fail-under=85

lint: $(STAMP) ## style and common mistakes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

typecheck: $(STAMP) ## mypy in strict mode
	$(BIN)/mypy

floors: $(STAMP) ## which part may import which
	$(BIN)/lint-imports

check: lint typecheck floors ## lint, typecheck and floors

data: $(STAMP) ## write a synthetic world to $(WORLD)
	$(FRAUDNET) synth $(WORLD)

train: $(STAMP) ## train and measure models on $(DROP), register them as challengers
	$(FRAUDNET) train $(DROP) --as-of $(AS_OF)

evaluate: $(STAMP) ## measure the training recipe forward in time on $(DROP)
	$(FRAUDNET) evaluate $(DROP) --as-of $(AS_OF) --html $(FRAUDNET_HOME)/evaluation.html

promote: $(STAMP) ## put the challengers to the gate; those that pass become champion
	$(FRAUDNET) promote

score: $(STAMP) ## score $(DROP) as of $(AS_OF) into $(OUT)
	$(FRAUDNET) score $(DROP) --as-of $(AS_OF) --out $(OUT)

lists: $(STAMP) ## write the flagged lists of the newest run in $(OUT)
	$(FRAUDNET) lists $(OUT)

report: $(STAMP) ## the campaign report of the newest run in $(OUT), one page and one workbook
	$(FRAUDNET) report $(OUT)

monitor: $(STAMP) ## what has moved between training and the newest run in $(OUT)
	$(FRAUDNET) monitor $(OUT)

notebooks: $(STAMP) ## make each notebook anew from its percent file
	$(BIN)/python notebooks/pair.py

bench: $(STAMP) ## third-party data sets in $(DATA): our figures beside the published ones
	$(BIN)/python benchmarks/run.py $(DATA)

bench-linkage: $(STAMP) ## who is who on PEOPLE people with three records each, beside splink on BESIDE people
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements-bench.lock
	$(BIN)/python benchmarks/linkage.py --people $(PEOPLE) --beside $(BESIDE)

bench-cases: $(STAMP) ## cases of the newest run in RUNS on the truth of $(WORLD), planted trails, a million transfers
	$(BIN)/python benchmarks/cases.py --run $(RUNS) --world $(WORLD)

bench-lists: $(STAMP) ## how long 100,000 entries for 50 institutions take: selected, written, signed, encrypted
	$(BIN)/python benchmarks/lists.py

bench-long: $(STAMP) ## what scoring years of a province costs, and whether memory holds (LONG_SIZE; 12 GB of disk and hours)
	$(BIN)/python benchmarks/long.py $(LONG_SIZE)

bench-world: $(STAMP) ## how hard the synthetic world is, and how near to the published facts
	$(BIN)/python benchmarks/world.py $(WORLD_SIZE)

bench-synth: $(STAMP) ## what writing whole worlds costs, time and memory (sizes: SYNTH_SIZES)
	$(BIN)/python benchmarks/synth.py $(SYNTH_SIZES)
	$(BIN)/python benchmarks/world.py --page

console: $(STAMP) ## the review console over the newest run in $(OUT), on this machine only
	$(FRAUDNET) console $(OUT) --drop $(DROP) --port $(CONSOLE_PORT)

bench-model: $(STAMP) ## the model on a figures world, beside rules and without the graph; MODEL_SIZE makes it smaller
	$(BIN)/python benchmarks/model.py $(MODEL_SIZE)

bench-retrain: $(STAMP) ## what a second training costs after a change in one family of features
	$(BIN)/python benchmarks/retrain.py $(RETRAIN_SIZE)

bench-motifs: $(STAMP) ## what the motifs add on AMLSim in $(DATA) beyond all else, paired over ten splits
	$(BIN)/python benchmarks/motifs.py $(DATA)

bench-speed: $(STAMP) ## what scoring and the graph kernels cost, and how that grows (sizes: SPEED_SIZE)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements-bench.lock
	$(BIN)/python benchmarks/speed.py $(SPEED_SIZE)

ui: $(STAMP) ## MLflow's pages over the local store, on this machine only
	$(FRAUDNET) ui --port $(PORT)

bundle: $(STAMP) ## one archive that a machine without network installs from: dist/fraudnet-bundle.tar
	packaging/bundle.sh $(abspath $(BIN))/python dist/fraudnet-bundle.tar

wheel: $(STAMP) ## build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel

clean: ## remove what the other targets made, data and models included
	rm -rf $(VENV) var runs dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
