"""A stream of text becomes whole sentences with the clauses they cite; markup and thinking aloud are gone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.sentences import LONGEST, Sentences, Written


def streamed(*pieces: str) -> list[Written]:
    sentences = Sentences()
    found = [one for piece in pieces for one in sentences.feed(piece)]
    return found + sentences.close()


@pytest.mark.parametrize("raw, text, cited", [
    ("可以申请[1]。", "可以申请。", (1,)),
    ("可以申请。【1】[2]", "可以申请。", (1, 2)),
    ("可以申请［1、3］。", "可以申请。", (1, 3)),
    ("可以申请[1][1]。", "可以申请。", (1,)),
    ("- **可以**申请[1]。", "可以申请。", (1,)),
    ("1. 可以申请[1]。", "可以申请。", (1,)),
    ("1.5万元[1]。", "1.5万元。", (1,)),
    ("朝政办发[2021]4号[1]。", "朝政办发[2021]4号。", (1,)),
    ("[点这里](http://example.com)申请[1]。", "点这里申请。", (1,)),
    ("<b onclick=alert(1)>可以</b>申请[1]。", "可以申请。", (1,)),
    ("&lt;script&gt;可以申请[1]。", "可以申请。", (1,)),
    ("可以\u202e申请\u200b[1]。", "可以申请。", (1,)),
    ("<think>先想想[1]。再想想</think>可以申请[1]。", "可以申请。", (1,)),
])  # fmt: skip
def test_one_sentence_in_any_dress(raw, text, cited):
    assert streamed(raw) == [Written(text, cited)] == streamed(*raw)


def test_each_half_of_a_sentence_keeps_its_own_marker():
    assert streamed("新建的补贴2000元[1]；续建的补贴1000元[2]。") == [Written("新建的补贴2000元；", (1,)), Written("续建的补贴1000元。", (2,))]


def test_a_sentence_waits_for_a_marker_that_is_half_there():
    sentences = Sentences()
    assert sentences.feed("可以申请。") == [] == sentences.feed("[")
    assert sentences.feed("1]需") == [Written("可以申请。", (1,))]


def test_a_model_that_never_ends_its_thought_says_nothing():
    assert streamed("<think>", *["还在想。[1]"] * 50) == []


@given(st.text(alphabet="可以申请不得[]1２，。；！\n【】<>/b&*`#() 0.-", max_size=400), st.integers(1, 20))
def test_where_a_stream_is_cut_makes_no_difference_and_no_markup_is_left(raw, size):
    pieces = [raw[at : at + size] for at in range(0, len(raw), size)]
    found = streamed(*pieces)
    assert all(len(one.text) <= LONGEST and not re.search(r"</?[a-zA-Z][^<>]*>", one.text) for one in found)
    if len(raw) < LONGEST:
        assert found == streamed(raw)
