"""The terms of passages: cut once, alike whatever else the dictionary has; jieba's dictionary read at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import jieba
import numpy as np
import pytest

from corpus import Corpus
from indexing import terms
from indexing.passages import passages_of
from indexing.terms import CUT, KEPT, Cut, Terms, cutter, initialise, terms_of_art, words


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    """The folder that jieba keeps its general dictionary in."""
    folder = tmp_path_factory.mktemp("kept")
    tokenizer = jieba.Tokenizer()
    tokenizer.tmp_dir = str(folder)
    tokenizer.initialize()
    return folder


@pytest.mark.parametrize("harm", [None, b"", b"{", b"N"])
def test_the_general_dictionary_is_read_at_once_and_by_jieba_itself_where_what_it_kept_is_damaged(kept, tmp_path, monkeypatch, harm):
    shutil.copy(kept / KEPT, tmp_path)
    if harm is not None:
        (tmp_path / KEPT).write_bytes(harm)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    tokenizer, itself = jieba.Tokenizer(), []
    monkeypatch.setattr(tokenizer, "initialize", lambda: itself.append(True) or jieba.Tokenizer.initialize(tokenizer))
    initialise(tokenizer)
    jieba.dt.initialize()
    assert bool(itself) == (harm is not None)
    assert tokenizer.initialized and (tokenizer.FREQ, tokenizer.total) == (jieba.dt.FREQ, jieba.dt.total)


@pytest.fixture(scope="module")
def all_passages(gazettes):
    return passages_of(gazettes)


def test_a_text_is_cut_alike_whatever_words_that_it_does_not_have_the_dictionary_has(all_passages):
    dictionary = terms_of_art(passage.text for passage in all_passages)
    everything = cutter(dictionary)
    for passage in all_passages[::50]:
        plain = terms.normalise(passage.text)
        assert words(passage.text, cut=everything) == words(passage.text, cut=cutter(word for word in dictionary if word in plain))


def test_with_a_gazette_more_only_what_it_changes_is_cut_and_all_is_as_if_counted_from_nothing(gazettes, all_passages, tmp_path, monkeypatch):
    fewer = passages_of(Corpus(tuple(parsed for parsed in gazettes.parsed if parsed.gazette.source != "chaoyang-2020-02.txt")))
    Terms.build(fewer).save(tmp_path / "fewer")
    at_once, again = Terms.build(all_passages), set()
    assert set(at_once.dictionary) != set(Terms.load(tmp_path / "fewer").dictionary)
    monkeypatch.setattr(terms, "words", lambda text, *, cut: again.add(text) or words(text, cut=cut))
    added = Terms.build(all_passages, before=Cut.load(tmp_path / "fewer", fewer))
    monkeypatch.undo()
    assert 0 < len([passage for passage in fewer if passage.text in again]) < len(fewer) / 4, "some have a word that the dictionary got, and are cut again"
    at_once.save(tmp_path / "at_once")
    added.save(tmp_path / "added")
    assert (tmp_path / "added" / CUT).read_bytes() == (tmp_path / "at_once" / CUT).read_bytes()
    for question in ("过年能放鞭炮吗", "外地户口的孩子上小学要哪些材料", "河长制由谁负责", all_passages[-1].text):
        one, other = added.matches(question), at_once.matches(question)
        for side in ("words", "pairs", "headings", "rules", "covered"):
            assert np.array_equal(getattr(one, side), getattr(other, side))
