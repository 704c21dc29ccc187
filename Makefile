# Two commands: `make run` serves the assistant, `make test` runs every test. Each sets up what it needs.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: setup run test test-model train lint lock browser clean

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) not found; install Python 3.11 with venv, or name one: make PYTHON=python3.12 …" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	touch $@

run: setup
	$(BIN)/python app.py

test: setup browser
	$(BIN)/python -m pytest

# A real small language model (250 MB) answers twenty questions, and nothing false of it may get through. Apart from
# `make test`, which asks a scripted model that lies: on two cores the small one takes minutes.
test-model: setup
	$(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['small-model'])" \
	| xargs $(BIN)/python -m pip install --quiet --disable-pip-version-check
	$(BIN)/python -m pytest -m small_model tests/assistant/test_small_model.py

# Everything that is learnt, from the training bank and the written questions: the encoder's adapter, those without one district
# each with their indices, the vectors of the questions asked before, then what ranks, scores, refuses and asks back, each fitted to what the
# ones before it find. Most of a day on two cores, nearly all of it for the adapters, which a GPU trains in minutes; stopped, it goes on
# where it was.
train: setup
	$(BIN)/python -m benchmarks.folds
	$(BIN)/python -m indexing precedents
	$(BIN)/python -m indexing build
	$(BIN)/python -m benchmarks.ranking
	$(BIN)/python -m indexing build
	$(BIN)/python -m benchmarks.answering
	$(BIN)/python -m benchmarks.calibrate
	$(BIN)/python -m benchmarks.clarify

lint: setup
	$(BIN)/ruff check .

# The end-to-end tests drive a real Chromium: the system's, or one that Playwright brings.
browser: setup
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	|| { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk >/dev/null; } \
	|| $(BIN)/playwright install chromium

# After a change of pyproject.toml.
lock: setup
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --extra dev --no-emit-index-url --no-emit-find-links --no-header --no-annotate --strip-extras -o requirements.lock pyproject.toml
	sed -i 's/+cpu$$//' requirements.lock

clean:
	rm -rf $(VENV) var
