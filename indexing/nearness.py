"""Cosines on a scale that means the same for every encoder: one's lie within a tenth, another's within a whole."""

from __future__ import annotations

import numpy as np

from .vectors import Vectors

SAMPLED = 200  # passages, evenly drawn, that the scale is measured by
NEIGHBOURS = 10


class Nearness:
    """0 is as near to a question as passages are on average; a ``step`` more is what parts a passage's first neighbour from its tenth."""

    def __init__(self, vectors: Vectors) -> None:
        ids = np.sort(vectors.ids())
        drawn = vectors.reconstruct(ids[:: max(1, len(ids) // SAMPLED)])
        self.centre = drawn.mean(axis=0)
        _, cosines = vectors.search(drawn, min(1 + NEIGHBOURS, len(ids)))  # the first is the passage itself
        self.step = max(float((cosines[:, min(1, len(ids) - 1)] - cosines[:, -1]).mean()), 1e-6)

    def __call__(self, cosines: np.ndarray, *, query: np.ndarray) -> np.ndarray:
        """Steps ``(n,)`` for passages with ``cosines`` ``(n,)`` to the vector ``query`` ``(dimensions,)``."""
        return (cosines - query @ self.centre) / self.step
