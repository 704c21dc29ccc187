"""The terms of passages: jieba's dictionary read at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import jieba
import pytest

from indexing.terms import KEPT, initialise


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
