"""The second stage of retrieval: a linear model over the features, its coefficients open in ``ranking.yaml``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import yaml

from corpus.errors import GazetteError

from .features import NAMES

FILE = Path(__file__).parent / "ranking.yaml"


@lru_cache(maxsize=1)
def weights() -> np.ndarray:
    """One coefficient for each of ``features.NAMES``; those set by hand stand before those fitted.

    Raises ``GazetteError`` where the file and the features do not fit together.
    """
    table = yaml.safe_load(FILE.read_text("utf-8"))
    merged = {**table["fitted"], **table["by_hand"]}
    if set(merged) != set(NAMES):
        odd = ", ".join(sorted(set(merged) ^ set(NAMES)))
        raise GazetteError(f"{FILE}: coefficients do not fit the features ({odd}); run `python -m benchmarks.ranking`")
    return np.asarray([merged[name] for name in NAMES], np.float32)
