"""A failure is laid to the first step that made it."""

import pytest
from made_results import changed, right

from eval.conditions import omitted_conditions
from eval.confidence import calibration, expected_calibration_error, risk_coverage
from eval.figures import Judged
from eval.labels import chinese_number, label, names_clause
from eval.records import Record, Span
from eval.report import read_words
from eval.steps import failed_step, fault

ELSEWHERE = Span("xicheng-2022.txt", 100, 400)


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        (None, lambda record: record),
        ("understand", lambda record: changed(record, citations=(), retrieved=(ELSEWHERE,), understanding={"districts": ["西城区"]})),
        ("understand", lambda record: changed(record, status="refused", citations=(), reason="outside")),
        ("retrieve", lambda record: changed(record, citations=(), retrieved=(ELSEWHERE,))),
        ("decide", lambda record: changed(record, status="refused", citations=(), reason="unsupported")),
        ("compose", lambda record: changed(record, citations=())),
        ("compose", lambda record: changed(record, answer="见公报。")),
        ("compose", lambda record: changed(record, answer=record.answer + "字" * 500)),
        ("verify", lambda record: changed(record, citations=(changed(record.citations[0], quote="别的话"),))),
    ],
)
def test_the_step_that_failed_is_named(by_id, texts, corpus, step, fault):
    question = by_id["cy-004"]
    assert failed_step(Judged(question, fault(right(question, texts)), texts), corpus=corpus) == step


@pytest.mark.parametrize(
    ("why", "spoilt"),
    [
        ("understand_refused", lambda record: changed(record, status="refused", citations=(), reason="outside")),
        ("understand_narrowed", lambda record: changed(record, citations=(), retrieved=(ELSEWHERE,), understanding={"districts": ["西城区"]})),
        ("retrieve_none", lambda record: changed(record, citations=(), retrieved=(ELSEWHERE,))),
        ("compose_cite", lambda record: changed(record, citations=())),
        ("compose_cut", lambda record: changed(record, citations=(
            changed(record.citations[0], end=record.citations[0].start + 5, quote=record.citations[0].quote[:5]),
        ))),
        ("compose_facts", lambda record: changed(record, answer="见公报。")),
        ("compose_long", lambda record: changed(record, answer=record.answer + "字" * 500)),
    ],
)
def test_the_way_it_failed_is_named_and_has_its_words(by_id, texts, corpus, why, spoilt):
    one = Judged(by_id["cy-004"], spoilt(right(by_id["cy-004"], texts)), texts)
    assert fault(one, failed_step(one, corpus=corpus)) == why
    assert why in read_words()["why"]


def test_answering_what_nothing_answers_is_a_wrong_decision(questions, texts, corpus):
    question = next(question for question in questions if question.type == "unanswerable")
    assert failed_step(Judged(question, Record(question.id, status="answered", answer="可以。"), texts), corpus=corpus) == "decide"


def test_not_asking_back_is_a_wrong_decision(questions, texts, corpus):
    question = next(question for question in questions if question.type == "ambiguous")
    assert failed_step(Judged(question, changed(right(question, texts), status="answered"), texts), corpus=corpus) == "decide"


def test_evidence_that_no_clause_holds_is_a_fault_of_parsing(by_id, texts, corpus):
    question = by_id["cy-004"]
    elsewhere = type(corpus)(tuple(parsed for parsed in corpus.parsed if parsed.gazette.district != "朝阳区"))
    assert failed_step(Judged(question, Record(question.id, status="answered"), texts), corpus=elsewhere) == "parse"


def test_headings_are_compared_by_their_numbers():
    assert chinese_number("二十一") == chinese_number("21") == 21
    assert label("（一）入学规则") == label("(一) 入学规则")
    assert names_clause(["第二章", "四、入学规则及方式", "(一) 入学规则", "2."], ["四、入学规则", "（一）", "2．"])
    assert not names_clause(["四、", "（二）", "2."], ["四、", "（一）", "2."])
    assert names_clause(["一、总则"], ["附件1 办法", "一、总则"])


def test_a_condition_dropped_from_a_used_sentence_is_named(by_id, texts):
    """朝政办发〔2021〕4号: parents may choose a private school, but must (须) say so in time."""
    source = "chaoyang-2021-02.txt"
    text = texts.raw[source]
    start = text.index("适龄儿童的父母或其他法定监护人可以根据实际情况")
    end = text.index("。", start) + 1
    cited = changed(right(by_id["cy-004"], texts).citations[0], source=source, start=start, end=end, quote=text[start:end])
    part = text[start : text.index(",", start)]
    told = Record("x", status="answered", answer=part, citations=(cited,))
    assert any("须按市教委统一规定的时间" in piece for piece in omitted_conditions(Judged(by_id["cy-004"], told, texts)))
    whole = changed(told, answer=text[start:end])
    assert omitted_conditions(Judged(by_id["cy-004"], whole, texts)) == ()
    assert omitted_conditions(Judged(by_id["cy-004"], changed(told, status="refused"), texts)) == ()


def test_confidence_that_tells_right_from_wrong_is_calibrated_and_pays(questions, texts):
    answerable = [question for question in questions if question.answerable][:100]
    found = []
    for at, question in enumerate(answerable):
        record = right(question, texts)
        found.append(Judged(question, changed(record, confidence=1.0) if at % 4 else changed(record, confidence=0.0, answer="?"), texts))
    assert expected_calibration_error(found) == pytest.approx(0, abs=0.05)
    points = risk_coverage(found)
    assert points[0].risk == 0 and points[0].coverage == pytest.approx(0.75)
    assert points[-1].coverage == 1 and points[-1].risk == pytest.approx(0.25)
    assert sum(part.n for part in calibration(found)) == 100
