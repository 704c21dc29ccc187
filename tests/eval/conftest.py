"""What the tests of evaluation share: the gazettes and the development questions."""

from __future__ import annotations

import pytest
from made_results import DEVELOPMENT, ROOT

from corpus import Corpus, load_corpus
from eval.places import Texts
from eval.questions import Question, read_questions


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    return load_corpus(ROOT / "corpus" / "gazettes")


@pytest.fixture(scope="session")
def texts(corpus) -> Texts:
    return Texts(corpus.gazettes)


@pytest.fixture(scope="session")
def questions() -> list[Question]:
    return read_questions(DEVELOPMENT)


@pytest.fixture(scope="session")
def by_id(questions) -> dict[str, Question]:
    return {question.id: question for question in questions}
