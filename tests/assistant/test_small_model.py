"""A real language model, far too small for the task, is held to the clauses as any other: ``make test-model``."""

from __future__ import annotations

import json

import pytest

from benchmarks.small_model import answers, served
from eval.figures import judged
from eval.places import Texts
from eval.records import parsed

pytestmark = [pytest.mark.small_model, pytest.mark.timeout(3600)]


def test_nothing_false_of_a_small_model_s_answers_reaches_a_person(assistant):
    texts, written = Texts(assistant.index.corpus.gazettes), 0
    with served() as url:
        for question, answer in answers(url, count=20, seconds=60):
            without = assistant.ask(question.question)
            assert answer.status == without.status
            if not answer.generation:  # refused or asked back: no model is asked
                continue
            written += 1
            if not answer.generation.used:
                assert (answer.text, answer.citations) == (without.text, without.citations)
            one, = judged([question], {question.id: parsed(json.dumps(answer.record(question.id)), place="answer")}, texts=texts)
            assert one.verbatim == 1.0 and not one.ungrounded_numbers, answer.text
    assert written >= 10
