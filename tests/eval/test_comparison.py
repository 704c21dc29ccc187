"""What was won and lost is told question by question, and only a real loss is one."""

import pytest
from made_results import changed, right

from corpus import GazetteError
from eval.compare import chance_of_loss, change, changes, outcome, read_baseline, verdict, write_baseline
from eval.figures import judged


def results(questions, texts, spoilt=()):
    records = {question.id: right(question, texts) for question in questions}
    for id in spoilt:
        records[id] = changed(records[id], status="answered", answer="?", citations=())
    return outcome(judged(questions, records, texts=texts), questions="digest")


def test_the_chance_is_the_exact_binomial():
    assert chance_of_loss(0, 0) == 1.0
    assert chance_of_loss(0, 5) == 1 / 32
    assert chance_of_loss(2, 8) == pytest.approx(0.0546875)  # sum of C(10, k) for k = 8, 9, 10, over 1,024
    assert chance_of_loss(8, 2) == pytest.approx(0.9892578125)


def test_five_questions_lost_and_none_won_are_a_real_loss_and_named(questions, texts):
    spoilt = [question.id for question in questions[:5]]
    found = changes(results(questions, texts), results(questions, texts, spoilt))
    solved = found[0]
    assert (solved.figure, solved.won, list(solved.lost), solved.real_loss) == ("solved", (), spoilt, True)
    assert all(id in verdict(found, words={}) for id in spoilt)
    assert "REAL LOSS" in verdict(found, words={})


def test_as_many_won_as_lost_is_no_loss(questions, texts):
    ids = [question.id for question in questions[:16]]
    found = changes(results(questions, texts, ids[:8]), results(questions, texts, ids[8:]))
    assert len(found[0].won) == len(found[0].lost) == 8
    assert not any(each.real_loss for each in found)


def test_one_false_quotation_is_a_real_loss():
    ids = [f"q{number}" for number in range(100)]
    found = change("verbatim", dict.fromkeys(ids, 1.0), dict.fromkeys(ids, 1.0) | {"q7": 0.5})
    assert found.real_loss and found.lost == ("q7",)


def test_runs_over_other_questions_are_not_compared(questions, texts):
    with pytest.raises(GazetteError, match="other questions"):
        changes(results(questions, texts), results(questions[:50], texts))


def test_a_baseline_is_read_as_it_was_written(questions, texts, tmp_path):
    held = results(questions, texts, [questions[0].id])
    write_baseline(tmp_path / "baseline.json", held, about={"commit": "abc"})
    read = read_baseline(tmp_path / "baseline.json")
    assert read.figures == held.figures
    assert not any(each.won or each.lost for each in changes(read, held))


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"questions": "", "totals": {}, "rows": {"a": 3}}'])
def test_a_damaged_baseline_says_how_to_make_one(tmp_path, content):
    path = tmp_path / "baseline.json"
    path.write_text(content)
    with pytest.raises(GazetteError, match="python -m eval baseline"):
        read_baseline(path)
