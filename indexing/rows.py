"""Rows of a large matrix on the disk, read as they are asked for.

Mapped into memory, each row would bring its neighbours with it and stay there:
after five hundred questions most of the file.
"""

from __future__ import annotations

import os
import weakref
from pathlib import Path

import numpy as np


class Rows:
    """Rows of ``shape``'s last dimensions and of ``kind``, one after the other from byte ``start`` of a file. Thread-safe."""

    def __init__(self, path: Path, *, start: int, shape: tuple[int, ...], kind: np.dtype) -> None:
        self._file = path.open("rb", buffering=0)
        weakref.finalize(self, self._file.close)
        self._start, self._count, self._row, self._kind = start, shape[0], shape[1:], kind
        self._width = int(np.prod(self._row, dtype=int)) * kind.itemsize

    @classmethod
    def stored(cls, path: Path) -> Rows:
        """Those of an array that ``np.save`` wrote; raises ``ValueError`` where ``path`` is something else."""
        with path.open("rb") as file:
            if np.lib.format.read_magic(file) != (1, 0):
                raise ValueError(f"{path.name} is not an array of this program")
            shape, _, kind = np.lib.format.read_array_header_1_0(file)
            rows = cls(path, start=file.tell(), shape=shape, kind=kind)
        if path.stat().st_size != rows._start + len(rows) * rows._width:
            raise ValueError(f"{path.name} has more or fewer rows than it says")
        return rows

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, run: slice) -> np.ndarray:
        """The rows ``run``, neighbours; raises ``OSError`` where the file has lost them."""
        first, last, _ = run.indices(self._count)
        found = np.empty((max(0, last - first), *self._row), self._kind)
        if found.nbytes and os.preadv(self._file.fileno(), [found], self._start + first * self._width) != found.nbytes:
            raise OSError(f"{self._file.name} ends before row {last - 1}")
        return found
