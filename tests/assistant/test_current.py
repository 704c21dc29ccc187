"""A server goes over to the index that a build has put in force; whoever is being answered keeps the one before."""

from __future__ import annotations

import gc
import shutil
import weakref
from pathlib import Path

import pytest

from assistant import Assistant
from assistant.current import Current, free
from corpus import Corpus, settings
from indexing import Index, build, generations

FIREWORKS = "过年在朝阳区家门口能放鞭炮吗"
LEFT = "chaoyang-2021-02.txt"


@pytest.fixture
def folder(assistant, tmp_path) -> Path:
    """A copy of the index of all gazettes."""
    return Path(shutil.copytree(settings().index_folder, tmp_path / "index"))


@pytest.fixture
def current(assistant, folder) -> Current:
    return Current(Index.load(folder, encoder=assistant.index.encoder), Assistant, folder=folder)


@pytest.fixture
def smaller(assistant, folder):
    """Builds the index of one gazette in the folder."""
    kept = Corpus(tuple(parsed for parsed in assistant.index.corpus.parsed if parsed.gazette.source == LEFT))
    return lambda: build(corpus=kept, folder=folder, progress=False, encoder=assistant.index.encoder)


def test_an_index_that_is_in_force_already_is_not_loaded_again(current):
    before = current()
    assert not current.renew() and current() is before


def test_a_new_index_is_taken_and_who_is_being_answered_keeps_the_one_before(current, smaller):
    before = current()
    assert smaller().embedded == 0
    assert current.renew() and not current.renew()
    after = current()
    assert len(before.index.corpus.gazettes) == 5 and list(after.index.corpus.gazettes) == [LEFT]
    assert after.index.encoder is before.index.encoder, "the model is in memory once"
    assert before.ask("西城区三项为老服务是哪三项").status == "answered"
    assert after.ask(FIREWORKS).status == "answered"
    assert after.ask("西城区三项为老服务是哪三项").status == "refused"


def test_what_nobody_uses_any_more_is_freed_though_it_was_put_out_of_the_collector_s_sight(current, smaller):
    current().ask(FIREWORKS)
    gc.freeze()
    try:
        before = weakref.ref(current().index)
        smaller()
        assert current.renew() and before()
        free()
        assert before() is None and gc.get_freeze_count()
    finally:
        gc.unfreeze()


def test_no_more_than_two_indices_are_in_memory_at_once(current, smaller, assistant, folder, monkeypatch):
    first, load, still_there = weakref.ref(current().index), Index.load, []
    smaller()
    assert current.renew()
    build(corpus=assistant.index.corpus, folder=folder, progress=False, encoder=assistant.index.encoder)
    gc.freeze()
    monkeypatch.setattr(Index, "load", lambda *given, **named: still_there.append(first() is not None) or load(*given, **named))
    try:
        assert current.renew() and still_there == [False]
    finally:
        gc.unfreeze()


def test_a_damaged_index_is_told_and_the_one_before_goes_on(current, folder, smaller, caplog):
    before = current()
    smaller()
    (generations.current(folder) / "passages.json").write_text("[", "utf-8")
    assert not current.renew() and current() is before
    assert "passages.json" in caplog.text
    smaller()
    assert current.renew(), "the next build is taken"


def test_an_index_that_could_not_be_taken_for_a_passing_reason_is_tried_again(current, folder, smaller, monkeypatch):
    smaller()
    gone = generations.current(folder) / "passages.json"
    gone.rename(folder / "kept")
    assert not current.renew()
    (folder / "kept").rename(gone)
    assert not current.renew(), "not at once: a damaged one would be read again and again"
    monkeypatch.setattr(current, "_again", 0.0)
    assert current.renew() and len(current().index.corpus.gazettes) == 1


def test_an_index_of_another_model_is_told_and_the_one_before_goes_on(current, folder, assistant, caplog):
    class Other:
        name, digest, dimensions, how = "another", "another-1", assistant.index.encoder.dimensions, "for tests"
        encode_passages, encode_queries = assistant.index.encoder.encode_passages, assistant.index.encoder.encode_queries

    few = Corpus(tuple(parsed for parsed in assistant.index.corpus.parsed if parsed.gazette.source == LEFT))
    build(corpus=few, folder=folder, progress=False, encoder=Other())
    assert not current.renew() and len(current().index.corpus.gazettes) == 5
    assert "another" in caplog.text
