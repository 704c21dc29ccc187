"""Slips of a keyboard are mended by the gazettes' own words, and nothing else is touched."""

from __future__ import annotations

import json

import pytest

from corpus.settings import ROOT


@pytest.fixture(scope="session")
def typos(assistant):
    return assistant.understand.typos


@pytest.mark.parametrize(("typed", "meant"), [
    ("社区养老译站都管些啥", "社区养老驿站都管些啥"),          # by sound
    ("外省市护籍的孩子", "外省市户籍的孩子"),
    ("居住正明怎么开", "居住证明怎么开"),
    ("过年能放烟花瀑竹吗", "过年能放烟花爆竹吗"),              # by shape
    ("适龄儿重入学", "适龄儿童入学"),
    ("小学入学什么时后登记", "小学入学什么时候登记"),          # the asking itself
])
def test_a_slip_is_mended(typos, typed, meant):
    assert typos(typed) == meant


@pytest.mark.parametrize("question", ["娃娃上学", "彭利锋分管什么", "我妈今年七十多了能领吗", "朝政办发〔2021〕4号", "中学生能不能免费", ""])
def test_what_is_no_slip_stays(typos, question):
    assert typos(question) == question


def test_hardly_any_training_question_is_changed(typos):
    """They hold few slips; a mending of more than one in a hundred would be a habit of changing what people say."""
    questions = [json.loads(line)["question"] for line in (ROOT / "eval/questions/bank.jsonl").read_text("utf-8").splitlines()][::4]
    assert sum(typos(question) != question for question in questions) < len(questions) / 100
