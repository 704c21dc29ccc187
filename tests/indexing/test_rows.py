"""Word vectors are read row by row from the file, as the whole table has them."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file

from indexing.rows import Rows

NAME = "embeddings.word_embeddings.weight"


@pytest.fixture(params=[torch.float32, torch.float16, torch.bfloat16], ids=str)
def stored(request, tmp_path):
    table = torch.randn(50, 6).to(request.param)
    save_file({"another": torch.zeros(3), f"bert.{NAME}": table}, tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors", table


def test_rows_are_those_of_the_table_whatever_their_order(stored):
    path, table = stored
    ids = torch.tensor([[7, 0, 49], [7, 7, 3]])
    assert torch.equal(Rows(path, NAME)(ids), table[ids])


@pytest.mark.parametrize("odd", [-1, 50])
def test_a_row_that_the_table_does_not_have_is_refused_whatever_stands_behind_it(tmp_path, odd):
    save_file({NAME: torch.zeros(50, 6), "more": torch.zeros(50, 6)}, tmp_path / "model.safetensors")
    with pytest.raises(IndexError, match="50 word vectors"):
        Rows(tmp_path / "model.safetensors", NAME)(torch.tensor([3, odd]))


def test_a_file_that_lost_its_end_is_named(stored):
    path, _ = stored
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(OSError, match="model.safetensors ends before row 49"):
        Rows(path, NAME)(torch.tensor([3, 49]))


def test_a_file_without_the_matrix_or_with_other_numbers_in_it_is_refused(tmp_path):
    save_file({NAME: torch.zeros(4, 4, dtype=torch.int64)}, tmp_path / "model.safetensors")
    for name in (NAME, "another"):
        with pytest.raises(KeyError):
            Rows(tmp_path / "model.safetensors", name)
