"""A model's table of word vectors, read from its file row by row."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from .rows import Rows

TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
HEADER = 8  # bytes that say how long the header of a safetensors file is, which says where the matrices stand


class WordVectors:
    """Of the table, 155 MB, a text needs a few rows. Thread-safe."""

    def __init__(self, path: Path, name: str) -> None:
        """``name``: the end of the matrix's name in a safetensors file. Raises ``KeyError`` where there is none such, or one of
        other numbers."""
        with path.open("rb") as file:
            size = int.from_bytes(file.read(HEADER), "little")
            header = json.loads(file.read(size))
        described = header[next((one for one in header if one.endswith(name)), name)]
        self._type, (count, columns) = TYPES[described["dtype"]], described["shape"]
        self._width = columns * self._type.itemsize
        self._rows = Rows(path, start=HEADER + size + described["data_offsets"][0], shape=(count, self._width), kind=np.dtype(np.uint8))

    def __call__(self, ids: torch.Tensor) -> torch.Tensor:
        """The rows ``ids`` of any shape, ``(*ids.shape, columns)``. Raises ``IndexError`` where there is no such row."""
        wanted, places = ids.unique(return_inverse=True)
        if len(wanted) and not 0 <= wanted[0] <= wanted[-1] < len(self._rows):
            raise IndexError(f"there are {len(self._rows)} word vectors; {wanted[0]} to {wanted[-1]} were asked for")
        found = np.empty((len(wanted), self._width), np.uint8)
        for row, at in enumerate(wanted.tolist()):
            found[row] = self._rows[at : at + 1]
        return torch.from_numpy(found).view(self._type)[places]
