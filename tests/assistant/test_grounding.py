"""A sentence passes where it says only what the clause it cites says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.grounding import Support, fault
from assistant.support import left_out, support_of
from corpus import Clause, Corpus

ADMISSION = "原则上六年内只提供一个登记入学学位"
SUBSIDY = "签约的重度失能或重度残疾老年人的养老服务机构"
JOBS = "鼓励用人单位招用重点群体。用人单位当年新招用"
ALLOWED = "小学毕业生因棚户区改造和山区规划调整"
FIREWORKS = "全年禁止燃放烟花爆竹"


def clause(corpus: Corpus, words: str) -> Clause:
    return next(one for one in corpus.clauses if one.kind == "text" and words in "".join(one.text.split()))


def judged(corpus: Corpus, words: str, sentence: str) -> str:
    return fault(sentence, [support_of(clause(corpus, words), sentence, corpus=corpus)], places=["朝阳区", "西城区", "门头沟区"])


@pytest.mark.parametrize("words, sentence", [
    (SUBSIDY, "重度失能或重度残疾老年人的养老服务机构，按照每床每月600元给予床位运营基础服务补贴。"),
    (SUBSIDY, "根据规定，其中市财政给予每床每月500元，区财政给予每床每月100元。"),
    (JOBS, "按照每人5000元给予用人单位一次性就业补贴。"),
    (ALLOWED, "可以申请到家庭新住址对应的学校入学。"),
    (FIREWORKS, "朝阳区全年禁止放鞭炮。"),
])  # fmt: skip
def test_what_the_clause_says_in_fewer_words_passes(corpus, words, sentence):
    assert judged(corpus, words, sentence) == ""


@pytest.mark.parametrize("words, sentence, kind", [
    (SUBSIDY, "重度失能老年人的养老服务机构，按照每床每月800元给予补贴。", "number"),
    (SUBSIDY, "市财政给予每床每月100元的补贴。", "number"),
    (SUBSIDY, "按照每床每年600元给予床位运营基础服务补贴。", "modal"),
    (SUBSIDY, "按照每床每月600美元给予床位运营基础服务补贴。", "number"),
    (SUBSIDY, "根据西民发〔2022〕99号，按照每床每月600元给予补贴。", "number"),
    (SUBSIDY, "根据《西城区敬老条例》，给予床位运营基础服务补贴。", "title"),
    (SUBSIDY, "朝阳区的养老服务机构，按照每床每月600元给予补贴。", "place"),
    (SUBSIDY, "养老服务机构不给予床位运营基础服务补贴。", "negation"),
    (SUBSIDY, "由区民政局给予床位运营基础服务补贴。", "words"),
    (SUBSIDY, "The subsidy is paid to 养老服务机构的老年人。", "script"),
    (SUBSIDY, "重度失能和重度残疾老年人的养老服务机构给予补贴。", "modal"),
    (FIREWORKS, "朝阳区可以燃放烟花爆竹。", "negation"),
    (FIREWORKS, "朝阳区行政区域内春节燃放烟花爆竹。", "negation"),
    (ALLOWED, "不可以申请到家庭新住址所对应的学校入学。", "negation"),
    (ALLOWED, "必须申请到家庭新住址所对应的学校入学。", "modal"),
    (ALLOWED, "由其他学校协调区教委解决。", "order"),
    (FIREWORKS, "可以。", "empty"),
])  # fmt: skip
def test_what_it_does_not_say_fails(corpus, words, sentence, kind):
    assert judged(corpus, words, sentence) == kind


def test_a_condition_that_is_left_out_is_found_in_the_clause_s_words(corpus):
    sentence = "西城区该房产地址六年内只提供一个登记入学学位。"
    support = support_of(clause(corpus, ADMISSION), sentence, corpus=corpus)
    assert any("符合国家生育政策的除外" in part for part in left_out(sentence, support))


def test_an_exception_in_the_next_sentence_belongs_to_the_rule(corpus):
    sentence = "可以申请到家庭新住址所对应的学校入学。"
    support = support_of(clause(corpus, ALLOWED), sentence, corpus=corpus)
    assert "但如果该学校接收确有困难" in support.text


def test_a_long_clause_is_cited_by_the_sentence_that_supports(corpus):
    whole = max((one for one in corpus.clauses if one.kind == "text" and one.text.count("。") > 4), key=lambda one: len(one.text))
    sentence = whole.text.split("。")[2]
    support = support_of(whole, sentence, corpus=corpus)
    assert support.end - support.start < (whole.end - whole.start) / 2
    assert "".join(sentence.split())[:10] in "".join(support.text.split())


@given(st.text(max_size=80))
def test_any_text_is_judged_and_none_that_a_clause_does_not_have_passes(corpus, text):
    one = clause(corpus, FIREWORKS)
    reason = fault(text, [Support(one, one.start, one.end, one.text)], places=["西城区"])
    assert reason or not set("".join(text.split())) & set("奖罚元")
