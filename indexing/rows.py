"""The rows of one matrix of a safetensors file, read from the disk as they are asked for."""

from __future__ import annotations

import json
import os
import weakref
from pathlib import Path

import torch

TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
HEADER = 8  # bytes that say how long the header is, which says where the matrices stand


class Rows:
    """Thread-safe. Of the table of word vectors, 155 MB, a text needs a few rows. Mapped into memory, each row would bring its
    neighbours with it: after five hundred questions most of the table."""

    def __init__(self, path: Path, name: str) -> None:
        """``name``: the end of the matrix's name. Raises ``KeyError`` where there is none such, or one of other numbers."""
        self._file = path.open("rb", buffering=0)
        weakref.finalize(self, self._file.close)
        size = int.from_bytes(self._file.read(HEADER), "little")
        header = json.loads(self._file.read(size))
        described = header[next((one for one in header if one.endswith(name)), name)]
        self._type, (self._count, self._columns) = TYPES[described["dtype"]], described["shape"]
        self._start = HEADER + size + described["data_offsets"][0]

    def __call__(self, ids: torch.Tensor) -> torch.Tensor:
        """The rows ``ids`` of any shape, ``(*ids.shape, columns)``. Raises ``IndexError`` where there is no such row."""
        wanted, places = ids.unique(return_inverse=True)
        if len(wanted) and not 0 <= wanted[0] <= wanted[-1] < self._count:
            raise IndexError(f"{self._file.name} has {self._count} word vectors; {wanted[0]} to {wanted[-1]} were asked for")
        found = torch.empty(len(wanted), self._columns, dtype=self._type)
        into, width = found.view(torch.uint8).numpy(), self._columns * found.element_size()
        for row, at in zip(into, wanted.tolist(), strict=True):
            if os.preadv(self._file.fileno(), [row], self._start + at * width) != width:
                raise OSError(f"{self._file.name} ends before row {at} of its word vectors")
        return found[places]
