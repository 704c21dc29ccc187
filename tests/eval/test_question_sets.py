"""Question sets are checked line by line, and new ones are drafted fairly."""

import json
from collections import Counter

import pytest
from made_results import DEVELOPMENT

from corpus import GazetteError
from eval.check import problems
from eval.folding import squeezed
from eval.propose import drafts, sampled, uncovered, write_drafts
from eval.questions import read_questions

LINES = DEVELOPMENT.read_text("utf-8").splitlines()
GOOD = json.loads(LINES[0])


def test_the_development_questions_are_good(corpus):
    assert problems(DEVELOPMENT, corpus=corpus) == []


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"question": " "}, "the question is empty"),
        ({"draft": {"reason": "useless"}}, "a draft (useless)"),
        ({"draft": {"reason": "useless"}, "gold": []}, "an answerable question needs 'gold'"),
        ({"style": "poet"}, "style 'poet' is none of"),
        ({"answerable": "yes"}, "'answerable' must be a bool"),
        ({"answerable": False}, "contradict"),
        ({"type": "followup"}, "needs 'history'"),
        ({"type": "ambiguous"}, "two notices or more"),
        ({"key_facts": []}, "no 'key_facts'"),
        ({"key_facts": ["二〇三〇年"]}, "key fact '二〇三〇年' stands neither"),
        ({"gold": [GOOD["gold"][0] | {"evidence": "公报里没有印过的一句话。"}]}, "not verbatim"),
        ({"gold": [GOOD["gold"][0] | {"notice": "朝政办发〔2021〕99号"}]}, "no notice"),
        ({"gold": [GOOD["gold"][0] | {"notice": "朝政发〔2021〕4号"}]}, "stands outside"),
        ({"gold": [{"notice": "朝政办发〔2021〕4号"}]}, "needs notice (a text), clause"),
        ({"gold": [GOOD["gold"][0] | {"clause": "一、"}]}, "clause (a list of texts)"),
        ({"gold": "朝政办发〔2021〕4号"}, "needs notice (a text)"),
        ({"history": "上一句"}, "'history' must be a list of texts"),
        ({"key_facts": [2021]}, "'key_facts' must be a list of texts"),
    ],
)
def test_each_fault_is_named_with_its_line(tmp_path, corpus, fault, message):
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join([LINES[1], "", json.dumps(GOOD | fault, ensure_ascii=False)]), "utf-8")
    found = problems(path, corpus=corpus)
    assert found and all(line.startswith(f"{path}:3: ") for line in found)
    assert any(message in line for line in found)


def test_duplicates_and_broken_lines_are_all_named(tmp_path, corpus):
    path = tmp_path / "questions.jsonl"
    same = json.dumps(GOOD | {"id": "new", "question": GOOD["question"].replace("，", "， ")}, ensure_ascii=False)
    path.write_text("\n".join([LINES[0], LINES[0], same, "{broken"]), "utf-8")
    found = "\n".join(problems(path, corpus=corpus))
    assert f"{path}:2: id 'cy-004' stands at line 1 already" in found
    assert f"{path}:3: the same question stands at line 1" in found
    assert f"{path}:4: not JSON" in found


def test_proposed_clauses_have_no_question_yet(corpus, questions):
    left = uncovered(corpus, questions)
    asked = "".join(squeezed(gold.evidence) for question in questions for gold in question.gold)
    # Short lines (完成时限：2020年11月底前) are printed in many places, and only one of them may be asked about.
    long = [squeezed(corpus.gazettes[clause.notice.source].text[clause.start : clause.end]) for clause in left]
    long = [printed for printed in long if len(printed) > 60]
    assert len(long) > 100
    assert not [printed for printed in long if long.count(printed) == 1 and printed in asked]


def test_a_sample_gives_every_notice_and_kind_its_turn(corpus):
    left = uncovered(corpus, [])
    pairs = Counter((clause.notice.key, clause.kind) for clause in left)
    chosen = Counter((clause.notice.key, clause.kind) for clause in sampled(left, limit=2 * len(pairs)))
    assert chosen.keys() == pairs.keys()
    few = max(count for pair, count in chosen.items() if pairs[pair] > count)
    assert all(count >= min(few - 1, pairs[pair]) for pair, count in chosen.items())
    assert sampled(left, limit=20, seed=3) == sampled(left, limit=20, seed=3) != sampled(left, limit=20, seed=4)


def test_a_draft_lacks_only_the_words(tmp_path, corpus):
    path = tmp_path / "drafts.jsonl"
    assert write_drafts(path, drafts(sampled(uncovered(corpus, []), limit=30), corpus=corpus)) == 30
    assert {line.split(": ", 1)[1] for line in problems(path, corpus=corpus)} == {
        "a draft (uncovered): finish it, then take 'draft' out", "the question is empty; write it",
        "no 'key_facts': nothing would tell a right answer from a wrong one",
    }
    with pytest.raises(GazetteError, match="is a draft; finish it"):
        read_questions(path)
    with pytest.raises(FileExistsError):
        write_drafts(path, [])
