"""The development questions are held against the baseline, in the manner of CI: a real loss fails, with what was lost."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from made_results import DEVELOPMENT, ROOT

from assistant import Assistant
from corpus import settings
from eval.compare import Change, changes, outcome, read_baseline, verdict
from eval.figures import Judged, judged
from eval.places import Texts
from eval.questions import read_questions
from eval.records import read_records
from eval.run import run
from eval.totals import totals
from eval.writing import RESULTS
from indexing import Index, ensure

LINES = DEVELOPMENT.read_text("utf-8").splitlines()
SOME = 3  # each third question
BASELINE = ROOT / "eval" / "baseline.json"


@dataclass(frozen=True)
class WithoutDistricts:
    """The index with a fault: it takes no heed of the districts that a search is held to."""

    index: Index

    def __getattr__(self, name: str) -> Any:
        return getattr(self.index, name)

    def search(self, question: str, **options: Any) -> list:
        return self.index.search(question, **options | {"districts": ()})


@pytest.fixture(scope="module")
def index() -> Index:
    return ensure(settings(), progress=False)


@pytest.fixture(scope="module")
def asked(index, tmp_path_factory):
    """Runs questions through an assistant over the given index."""
    texts, chosen = Texts(index.corpus.gazettes), settings().model_copy(update={"llm_url": ""})

    def ask(over: Index | WithoutDistricts, lines: list[str], *, workers: int = 1) -> list[Judged]:
        out = tmp_path_factory.mktemp("run")
        file = out / "questions.jsonl"
        file.write_text("\n".join(lines), "utf-8")
        about = run(Assistant(over, chosen), questions=file, out=out, workers=workers, fresh=True, progress=False)
        assert about["index"] == index.digest and about["model"] == index.model_name
        assert json.loads((out / "run.json").read_text("utf-8")) == about
        return judged(read_questions(file), read_records(out / RESULTS), texts=texts)

    return ask


@pytest.fixture(scope="module")
def now(asked, index) -> list[Judged]:
    return asked(index, LINES)


def told(found: list[Change]) -> str:
    return "\n" + verdict(found, words={})


def test_nothing_is_lost_against_the_baseline(now):
    found = changes(read_baseline(BASELINE), outcome(now, questions=""))
    assert not any(each.real_loss for each in found), told(found)


def test_every_citation_of_the_development_questions_is_verbatim(now):
    assert totals(now)["missing"] == 0
    assert totals(now)["verbatim"] == 1.0


def test_switching_the_district_filter_off_is_caught(asked, index, now):
    found = changes(outcome(now, questions=""), outcome(asked(WithoutDistricts(index), LINES), questions=""))
    lost = [each.figure for each in found if each.real_loss]
    assert "district_precision" in lost, told(found)


def test_changing_nothing_is_not_taken_for_a_loss(asked, index, now):
    found = changes(outcome(now[::SOME], questions=""), outcome(asked(index, LINES[::SOME], workers=2), questions=""))
    assert not any(each.real_loss or each.won or each.lost for each in found), told(found)
