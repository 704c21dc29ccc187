"""The loaded index: the corpus it carries, what a search may return, many readers at once."""

from __future__ import annotations

import gc
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import is_dataclass
from pathlib import Path

import pytest

from corpus.errors import GazetteError
from indexing import Index
from indexing.filters import Filters
from indexing.lexicon import concepts
from indexing.records import read_gazettes, write_gazettes

FIREWORKS, SCHOOL = "朝政发〔2021〕4号", "朝政办发〔2021〕4号"
QUESTION = "过年在朝阳区家门口能放鞭炮吗"


def test_importing_the_package_imports_nothing_heavy():
    code = "import sys, indexing; print(sorted({'torch', 'faiss', 'llama_index', 'transformers', 'jieba'} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert said.stdout.strip() == "[]"


def test_loading_an_index_imports_neither_transformers_nor_llama_index(built):
    code = (f"import sys; from pathlib import Path; from indexing import Index; Index.load(Path({str(built)!r})).search('鞭炮'); "
            "print(sorted({'llama_index', 'transformers', 'sentence_transformers'} & set(sys.modules)))")
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert said.stdout.strip() == "[]"


def test_what_is_loaded_is_not_looked_through_for_garbage_meanwhile(built, encoder, tmp_path, monkeypatch):
    collecting = []
    monkeypatch.setattr("indexing.index.read_gazettes", lambda path: collecting.append(gc.isenabled()) or read_gazettes(path))
    Index.load(built, encoder=encoder)
    assert collecting == [False] and gc.isenabled()
    with pytest.raises(GazetteError):
        Index.load(tmp_path, encoder=encoder)
    assert gc.isenabled()


def test_the_index_carries_the_very_corpus_it_was_built_from(index, small):
    assert index.corpus.parsed == small.parsed
    assert index.digest == index.corpus.digest == small.digest
    notice = index.corpus.notices[0]
    assert all(clause.notice is notice for clause in index.corpus.clauses_of(notice))


def test_five_gazettes_are_written_and_read_without_loss(gazettes, tmp_path):
    write_gazettes(tmp_path / "gazettes.json", gazettes.parsed)
    assert read_gazettes(tmp_path / "gazettes.json") == gazettes.parsed


def test_passages_lie_in_their_gazettes_and_are_made_of_its_clauses(index):
    known = {clause.id for clause in index.corpus.clauses}
    seen = set()
    for passage in index.passages:
        text = index.corpus.gazettes[passage.source].text
        assert 0 <= passage.start < passage.end <= len(text)
        assert passage.clause_ids and set(passage.clause_ids) <= known
        assert passage.id not in seen
        seen.add(passage.id)


def test_a_search_finds_the_notice_and_ranks(index):
    hits = index.search("朝阳区哪些区域禁止燃放烟花爆竹")
    assert FIREWORKS in {hit.passage.notice for hit in hits[:3]}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.passage.id for hit in hits}) == len(hits) <= 20


@pytest.mark.parametrize("narrowed", [{"notices": [SCHOOL]}, {"districts": ["朝阳区"]}, {"years": [2021]}])
def test_a_narrowed_search_returns_nothing_else(index, narrowed):
    hits = index.search(QUESTION, limit=50, **narrowed)
    assert hits
    for hit in hits:
        assert hit.passage.notice in narrowed.get("notices", [hit.passage.notice])
        assert hit.passage.district in narrowed.get("districts", [hit.passage.district])
        assert set(hit.passage.years) & set(narrowed.get("years", hit.passage.years))


@pytest.mark.parametrize("narrowed", [{"districts": ["海淀区"]}, {"years": [1999]}, {"notices": ["京政发〔2020〕1号"]}])
def test_a_search_where_nothing_is_finds_nothing(index, narrowed):
    assert index.search(QUESTION, **narrowed) == []


@pytest.mark.parametrize("question", ["", " ", "？！", "\x00", "a" * 5000, "燃" * 3000, "🎆🎇", "<script>alert(1)</script>", "ÿ" * 100])
def test_a_strange_question_does_no_harm(index, question):
    assert isinstance(index.search(question), list)


def test_limit_is_kept(index):
    assert len(index.search(QUESTION, limit=1)) == 1
    assert len(index.search(QUESTION, limit=7)) == 7


def test_many_readers_at_once_get_what_one_gets(index):
    questions = [QUESTION, "上小学要哪些材料", "河长制谁负责", "低保标准是多少"]
    alone = [[hit.passage.id for hit in index.search(question, limit=5)] for question in questions]
    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(lambda place: [hit.passage.id for hit in index.search(questions[place % 4], limit=5)], range(64)))
    assert together == [alone[place % 4] for place in range(64)]


def test_masks_are_of_all_that_was_asked_for(index):
    filters = Filters(index.passages)
    assert filters.mask() is None
    both = filters.mask(districts=["朝阳区"], notices=[FIREWORKS, SCHOOL])
    assert [passage.notice in {FIREWORKS, SCHOOL} for passage in index.passages] == both.tolist()
    assert not filters.mask(years=[1800]).any()


def test_hits_and_passages_cannot_be_changed(index):
    hit = index.search(QUESTION, limit=1)[0]
    assert is_dataclass(hit)
    with pytest.raises(AttributeError):
        hit.passage.text = "别的"


def test_neighbours_of_a_passage_are_those_printed_beside_it_in_its_notice(index):
    for at, passage in enumerate(index.passages):
        before, after = index.neighbours(passage)
        for other, place in ((before, at - 1), (after, at + 1)):
            beside = index.passages[place] if 0 <= place < len(index.passages) else None
            assert other == (beside if beside and beside.notice == passage.notice else None)


def test_a_section_holds_the_lead_in_and_the_sisters_of_a_clause(index):
    passage = next(one for one in index.passages if len(one.path) >= 3 and one.notice == SCHOOL)
    around = index.section(passage)
    assert {clause.notice.key for clause in around} == {SCHOOL}
    assert {clause.path[: len(passage.path) - 1] for clause in around} == {passage.path[:-1]}
    assert set(passage.clause_ids) < {clause.id for clause in around}
    assert [clause.start for clause in around] == sorted(clause.start for clause in around)


def test_a_question_in_a_persons_words_is_read_in_the_rules_words_too(index):
    assert index.terms.in_rules_words("过年能放鞭炮吗") == "过年能放烟花爆竹吗"
    assert index.terms.in_rules_words("禁止燃放烟花爆竹的区域") == ""
    said, ruled = (index.search(question)[0] for question in ("过年能放鞭炮吗", "过年能放烟花爆竹吗"))
    assert said.passage == ruled.passage and "烟花爆竹" in said.passage.text
    assert said.dense == pytest.approx(ruled.dense, abs=0.1)


def test_a_word_of_the_rules_covers_the_persons_word_for_it(index):
    passage = next(at for at, one in enumerate(index.passages) if "禁止燃放烟花爆竹" in one.text)
    assert index.terms.matches("鞭炮").covered[passage] == pytest.approx(1.0)
    assert index.terms.matches("集市").covered[passage] == 0.0


@pytest.mark.parametrize(("question", "said"), [
    ("家门口能放鞭炮吗", [("鞭炮", "烟花爆竹")]), ("登记失业人员有补贴吗", [("补贴", "补助")]), ("第二十八条怎么说", []),
])
def test_what_the_question_has_in_the_rules_words_already_is_left_alone(question, said):
    assert concepts(question)[0] == said
