"""The development questions are held against the baseline, in the manner of CI: a real loss fails, with what was lost."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from made_results import DEVELOPMENT, ROOT

from assistant import Assistant
from corpus import settings
from eval.compare import Outcome, changes, outcome, read_baseline, verdict
from eval.figures import judged
from eval.places import Texts
from eval.records import read_records
from eval.run import RESULTS, run
from indexing import Index, ensure

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
def asked(index, questions, tmp_path_factory):
    """Runs the development questions through an assistant over the given index."""
    texts = Texts(index.corpus.gazettes)

    def ask(over: Index | WithoutDistricts, *, workers: int = 1) -> Outcome:
        out = tmp_path_factory.mktemp("run")
        about = run(Assistant(over, settings()), questions=DEVELOPMENT, out=out, workers=workers, fresh=True, progress=False)
        assert about["index"] == index.digest and about["model"] == index.model_name
        assert json.loads((out / "run.json").read_text("utf-8")) == about
        return outcome(judged(questions, read_records(out / RESULTS), texts=texts), questions="dev")

    return ask


@pytest.fixture(scope="module")
def now(asked, index) -> Outcome:
    return asked(index)


def test_nothing_is_lost_against_the_baseline(now):
    found = changes(read_baseline(BASELINE), now)
    assert not any(each.real_loss for each in found), "\n" + verdict(found, words={})


def test_every_citation_of_the_development_questions_is_verbatim(now):
    assert now.totals["missing"] == 0
    assert now.totals["verbatim"] == 1.0


def test_switching_the_district_filter_off_is_caught(asked, index, now):
    found = changes(now, asked(WithoutDistricts(index)))
    lost = [each for each in found if each.real_loss]
    assert "district_precision" in [each.figure for each in lost], "\n" + verdict(found, words={})


def test_changing_nothing_is_not_taken_for_a_loss(asked, index, now):
    again = asked(index, workers=2)
    found = changes(now, again)
    assert not any(each.real_loss or each.won or each.lost for each in found), "\n" + verdict(found, words={})
