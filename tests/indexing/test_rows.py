"""What is read row by row from a file is as the whole has it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from indexing.rows import Rows
from indexing.wordvectors import WordVectors

NAME = "embeddings.word_embeddings.weight"


@pytest.fixture(params=[torch.float32, torch.float16, torch.bfloat16], ids=str)
def stored(request, tmp_path):
    table = torch.randn(50, 6).to(request.param)
    save_file({"another": torch.zeros(3), f"bert.{NAME}": table}, tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors", table


def test_rows_are_those_of_the_table_whatever_their_order(stored):
    path, table = stored
    ids = torch.tensor([[7, 0, 49], [7, 7, 3]])
    assert torch.equal(WordVectors(path, NAME)(ids), table[ids])


@pytest.mark.parametrize("odd", [-1, 50])
def test_a_row_that_the_table_does_not_have_is_refused_whatever_stands_behind_it(tmp_path, odd):
    save_file({NAME: torch.zeros(50, 6), "more": torch.zeros(50, 6)}, tmp_path / "model.safetensors")
    with pytest.raises(IndexError, match="50 word vectors"):
        WordVectors(tmp_path / "model.safetensors", NAME)(torch.tensor([3, odd]))


def test_a_file_that_lost_its_end_is_named(stored):
    path, _ = stored
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(OSError, match="model.safetensors ends before row 49"):
        WordVectors(path, NAME)(torch.tensor([3, 49]))


def test_a_file_without_the_matrix_or_with_other_numbers_in_it_is_refused(tmp_path):
    save_file({NAME: torch.zeros(4, 4, dtype=torch.int64)}, tmp_path / "model.safetensors")
    for name in (NAME, "another"):
        with pytest.raises(KeyError):
            WordVectors(tmp_path / "model.safetensors", name)


@pytest.mark.parametrize("shape", [(50, 6), (50,), (0, 6)], ids=str)
def test_a_run_of_rows_is_that_of_the_array_and_takes_no_memory_of_its_own(tmp_path, shape):
    whole = np.arange(np.prod(shape), dtype=np.int32).reshape(shape)
    np.save(tmp_path / "rows.npy", whole)
    rows = Rows.stored(tmp_path / "rows.npy")
    assert len(rows) == len(whole)
    for run in (slice(3, 9), slice(0, 0), slice(None), slice(48, 60)):
        found = rows[run]
        assert np.array_equal(found, whole[run]) and found.dtype == whole.dtype
        assert found.base is None  # not a view of a mapped file, which would stay in memory as far as it was read


def test_an_array_that_lost_its_end_is_told_before_and_after_it_is_opened(tmp_path):
    path = tmp_path / "rows.npy"
    np.save(path, np.zeros((50, 6), np.int8))
    rows = Rows.stored(path)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(OSError, match="rows.npy ends before row 49"):
        rows[45:50]
    with pytest.raises(ValueError, match="rows.npy has more or fewer rows than it says"):
        Rows.stored(path)
