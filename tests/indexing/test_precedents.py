"""Questions asked before: read from banks and question files, found in print, at hand when one asks so again."""

from __future__ import annotations

import json

import numpy as np
import pytest

from corpus.errors import GazetteError
from corpus.settings import ROOT, settings
from indexing import Index, build, precedents
from indexing.precedents import Precedent, Precedents
from indexing.strangers import strangers

BANK = ROOT / "eval" / "questions" / "bank.jsonl"
FIREWORKS = "过年期间在五环里的小区院子放炮仗让不让"


def flat(text: str) -> str:
    return "".join(text.split())


def made(spans, of=None) -> Precedents:
    """Precedents answered by ``spans`` of one gazette, a question each."""
    of = list(range(len(spans))) if of is None else of
    count = max(of, default=-1) + 1
    return Precedents(
        codes=np.zeros((count, 4), np.int8), keys=np.zeros((count, 16), np.uint8), files=np.asarray(["a.jsonl"] * count, str),
        of=np.asarray(of), sources=np.asarray(["a.txt"] * len(spans), str),
        starts=np.asarray([start for start, _ in spans]), ends=np.asarray([end for _, end in spans]),
    )


def test_banks_and_question_files_are_read_and_what_is_no_precedent_is_left_out(tmp_path):
    path = tmp_path / "some.jsonl"
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in (
        {"question": "几岁上学", "source": "a.txt", "evidence": "年满6周岁"},
        {"question": "两处都要", "history": [], "gold": [{"evidence": "一"}, {"evidence": "二"}]},
        {"question": "那初中呢", "history": ["几岁上学"], "gold": [{"evidence": "三"}]},
        {"question": "谁也不知道", "history": [], "gold": []},
    )), "utf-8")
    assert precedents.read([path]) == [
        Precedent("几岁上学", ("年满6周岁",), "a.txt", "some.jsonl"), Precedent("两处都要", ("一", "二"), "", "some.jsonl"),
    ]


@pytest.mark.parametrize("line", ["{", '{"question": "几岁入学"}', "[]", '{"question": "几岁", "gold": ["年满6周岁"]}'])
def test_a_line_that_is_none_is_named(tmp_path, line):
    path = tmp_path / "bad.jsonl"
    path.write_text(BANK.read_text("utf-8").splitlines()[0] + "\n" + line, "utf-8")
    with pytest.raises(GazetteError, match="bad.jsonl:2"):
        precedents.read([path])


def test_a_file_that_is_not_there_is_named_with_its_setting(tmp_path):
    with pytest.raises(GazetteError, match="nowhere.jsonl.*GAZETTE_PRECEDENTS"):
        precedents.read([tmp_path / "nowhere.jsonl"])


@pytest.mark.parametrize(("span", "right"), [
    ((100, 140), True), ((90, 200), True), ((110, 130), True), ((60, 110), False), ((130, 200), False), ((140, 150), False), ((0, 100), False),
])
def test_a_text_answers_where_it_and_the_evidence_share_most_of_either(span, right):
    held = made([(100, 140)]).held([("b.txt", 100, 140), ("a.txt", *span)])
    assert held(np.asarray([3.0])).tolist() == [0.0, 3.0 * right]


def test_a_text_is_as_near_as_the_nearest_question_it_answers():
    held = made([(0, 20), (0, 20), (50, 70)]).held([("a.txt", 0, 20), ("a.txt", 20, 50), ("a.txt", 45, 75)])
    assert held(np.asarray([1.0, 2.0, 0.5])).tolist() == [2.0, 0.0, 0.5]


def test_a_question_answered_in_two_places_counts_for_both_and_files_can_be_told_apart():
    both = made([(0, 20), (50, 70), (80, 99)], of=[0, 0, 1])
    both.files[:] = ["a.jsonl", "b.jsonl"]
    texts = [("a.txt", 0, 20), ("a.txt", 50, 70), ("a.txt", 80, 99)]
    assert both.held(texts)(np.asarray([2.0, 1.0])).tolist() == [2.0, 2.0, 1.0]
    assert both.only("b.jsonl").held(texts)(np.asarray([1.5])).tolist() == [0.0, 0.0, 1.5]
    both.sources[2] = "b.txt"
    assert len(both.only("b.jsonl", but="b.txt")) == 0 and len(both.only("a.jsonl", but="b.txt")) == 1
    assert len(both.only("c.jsonl")) == 0 and not both.only("c.jsonl").held(texts)(np.empty(0)).any()


def test_each_place_prints_the_evidence(index):
    evidence = {one.key: {flat(piece) for piece in one.evidence} for one in precedents.read(settings().precedent_files)}
    known = index.precedents
    assert len(known) > 300
    for of, source, start, end in zip(known.of, known.sources, known.starts, known.ends, strict=True):
        assert flat(index.corpus.gazettes[str(source)].text[start:end]) in evidence[known.keys[of].tobytes()]


def test_the_vectors_that_come_with_the_encoder_are_its_own_and_of_every_question(encoder):
    asked, stored = precedents.read(settings().precedent_files), precedents.embedded(encoder)
    assert {one.key for one in asked} == set(stored), "questions were added or changed: run `python -m indexing precedents`"
    some = asked[::400]
    now = precedents.coded(encoder.encode_queries([one.question for one in some])).astype(float)
    kept = np.stack([stored[one.key] for one in some]).astype(float)
    assert ((now * kept).sum(axis=1) / np.linalg.norm(now, axis=1) / np.linalg.norm(kept, axis=1)).min() > 0.99


def test_the_vectors_of_strangers_that_come_with_the_encoder_are_its_own_and_of_every_one(encoder):
    stored = precedents.embedded_strangers(encoder)
    assert stored is not None and len(stored) == len(strangers()), "strangers were added or changed: run `python -m indexing precedents`"
    now = encoder.encode_passages(strangers()[::40])
    assert ((now * stored[::40]).sum(axis=1) / np.linalg.norm(stored[::40], axis=1)).min() > 0.99


def test_vectors_of_another_encoder_are_not_taken(quick):
    assert precedents.embedded(quick()) == {} and precedents.embedded_strangers(quick()) is None


def test_vectors_of_other_strangers_are_not_taken(encoder, monkeypatch):
    monkeypatch.setattr(precedents, "STRANGERS", BANK)
    assert precedents.embedded_strangers(encoder) is None


def test_who_asks_again_in_other_words_finds_what_answered_before(index):
    near = index.like_before(FIREWORKS)
    held = index.precedents.held([(passage.source, passage.start, passage.end) for passage in index.passages])
    assert held(near).argmax() in [at for at, passage in enumerate(index.passages) if "燃放" in passage.text]
    assert not index.like_before("猫丢了怎么找").any()


def test_without_precedents_everything_else_is_as_it_was(small, quick, tmp_path, monkeypatch):
    monkeypatch.setattr("indexing.builder.settings", lambda: settings().model_copy(update={"precedents": ""}))
    build(corpus=small, folder=tmp_path, progress=False, encoder=quick())
    index = Index.load(tmp_path, encoder=quick())
    assert len(index.precedents) == 0 and index.search(FIREWORKS)


def test_a_second_build_embeds_no_question_again(small, quick, tmp_path, monkeypatch):
    encoder, asked = quick(), []
    monkeypatch.setattr(encoder, "encode_queries", lambda questions, each=None: asked.extend(questions) or encoder._vectors(questions, each))
    build(corpus=small, folder=tmp_path, progress=False, encoder=encoder)
    first, asked[:] = list(asked), []
    monkeypatch.setattr("indexing.builder.recipe", lambda: "another")
    build(corpus=small, folder=tmp_path, progress=False, encoder=encoder)
    assert len(first) > 300 and not asked
