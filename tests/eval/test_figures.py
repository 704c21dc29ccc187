"""The figures equal those of the reference scorer, kept beside a fixed result file with every kind of fault in it."""

import json

import pytest
from made_results import FIXED, changed, right

from eval.figures import Judged, judged
from eval.places import Place, covered, covers, first_characters
from eval.questions import read_questions
from eval.records import read_records
from eval.totals import FIGURES, group_totals, interval, totals, values


@pytest.fixture(scope="module")
def fixed(texts):
    return judged(read_questions(FIXED / "questions.jsonl"), read_records(FIXED / "results.jsonl"), texts=texts)


@pytest.fixture(scope="module")
def reference():
    return json.loads((FIXED / "scores.json").read_text("utf-8"))


def test_every_total_equals_the_reference_scorers(fixed, reference):
    own, expected = totals(fixed), reference["total"]
    shared = own.keys() & expected.keys()
    assert len(shared) == 23
    assert {name: own[name] for name in shared} == pytest.approx({name: expected[name] for name in shared}, abs=5e-4)


def test_every_type_equals_the_reference_scorers(fixed, reference):
    own = group_totals(fixed, "type")
    assert own.keys() == reference["total"]["by_type"].keys()
    for kind, row in reference["total"]["by_type"].items():
        assert own[kind] == pytest.approx(row, abs=5e-4), kind


def test_every_question_equals_the_reference_scorers(fixed, reference):
    rows = {row["id"]: row for row in reference["rows"]}
    for figure in FIGURES:
        for id, value in values(figure, fixed).items():
            if figure.name in rows[id]:
                assert value == pytest.approx(float(rows[id][figure.name]), abs=1e-9), (id, figure.name)
    assert {one.question.id: list(one.ungrounded_numbers) for one in fixed} == {id: row["ungrounded_numbers"] for id, row in rows.items()}


def test_the_fixed_results_hold_what_can_go_wrong(fixed):
    total = totals(fixed)
    assert total["missing"] and 0 < total["solved"] < 1
    for name in ("verbatim", "clause_label", "notice_precision", "concise", "refused_when_unanswerable"):
        assert 0 < total[name] < 1, name


def test_an_assistant_that_does_everything_right_solves_every_question(questions, texts):
    total = totals(judged(questions, {question.id: right(question, texts) for question in questions}, texts=texts))
    assert total["solved"] == total["verbatim"] == total["citation_recall"] == total["recall@20"] == total["clause_label"] == 1.0


@pytest.mark.parametrize(
    ("change", "figure"),
    [
        (lambda record: changed(record, answer=record.answer + "字" * 500), "concise"),
        (lambda record: changed(record, answer="不知道。"), "fact_recall"),
        (lambda record: changed(record, citations=()), "citation_recall"),
        (lambda record: changed(record, citations=(changed(record.citations[0], quote="别的话"),)), "verbatim"),
        (lambda record: changed(record, citations=(changed(record.citations[0], end=10**9),)), "verbatim"),
    ],
)
def test_one_fault_is_enough_not_to_be_solved(by_id, texts, change, figure):
    question = by_id["cy-004"]
    one = Judged(question, change(right(question, texts)), texts)
    assert not one.solved
    assert not getattr(one, figure)


def test_white_space_of_a_quotation_may_differ(by_id, texts):
    record = right(by_id["cy-004"], texts)
    cited = changed(record.citations[0], quote=record.citations[0].quote.replace("\n\n", " "))
    assert Judged(by_id["cy-004"], changed(record, citations=(cited,)), texts).solved


def test_sixty_percent_of_the_evidence_is_enough_and_overlaps_count_once():
    evidence = Place("a", 100, 200)
    assert covers([evidence], [Place("a", 90, 130), Place("a", 120, 160)])
    assert covered(evidence, [Place("a", 100, 150), Place("a", 110, 140), None, Place("b", 100, 200)]) == 0.5


def test_a_budget_cuts_the_last_passage():
    spans = [Place("a", 0, 60), None, Place("b", 10, 90)]
    assert first_characters(spans, 100) == [Place("a", 0, 60), Place("b", 10, 50)]


def test_a_district_that_is_named_must_be_kept_to(by_id, texts):
    question = by_id["cy-004"]  # 2021年孩子在朝阳上学…
    record = right(question, texts)
    assert Judged(question, record, texts).district_precision == 1.0
    other = changed(record.retrieved[0], source="xicheng-2022.txt")
    assert Judged(question, changed(record, retrieved=(*record.retrieved, other)), texts).district_precision == pytest.approx(2 / 3)


def test_an_interval_holds_the_mean_and_narrows_with_more_questions():
    few, many = interval([0.0, 1.0] * 10), interval([0.0, 1.0] * 200)
    assert few.low < 0.5 < few.high
    assert many.high - many.low < few.high - few.low
    assert interval([1.0] * 30) == interval([1.0] * 5)
    assert interval([]) is None
