"""The two linear models that rank: a first over all candidates, a second over the best of them; open in ``ranking.yaml``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import yaml

from corpus.errors import GazetteError

from . import closeness, features

# The features of each stage; the second has those of the first too.
STAGES = {"first": features.NAMES, "second": features.NAMES + closeness.NAMES}
FILE = Path(__file__).parent / "ranking.yaml"


@lru_cache(maxsize=2)
def weights(stage: str) -> np.ndarray:
    """One coefficient for each feature of the stage; those set by hand stand before those fitted.

    Raises ``GazetteError`` where the file and the features do not fit together.
    """
    table = yaml.safe_load(FILE.read_text("utf-8"))
    merged = {**table[stage], **table["by_hand"]}
    if set(merged) != set(STAGES[stage]):
        odd = ", ".join(sorted(set(merged) ^ set(STAGES[stage])))
        raise GazetteError(f"{FILE}: coefficients do not fit the features ({odd}); run `python -m benchmarks.ranking`")
    return np.asarray([merged[name] for name in STAGES[stage]], np.float32)
