"""How sure one may be that hits answer a question: the chance, calibrated on bank questions with and without their notice."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml

from corpus.errors import GazetteError
from indexing import Hit, Index

from .evidence import NAMES, Evidence, support
from .measures import ALL
from .model import Understanding
from .reading import Reader

MEASURE, BEFORE = NAMES.index("measure_missing"), NAMES.index("asked_before")
FARTHEST = 3.0  # scales from which on a feature's square grows no more
CALIBRATION = Path(__file__).parent / "calibration.yaml"


class Confidence:
    """Holds the calibration: a logistic regression over `evidence.support` and its squares, and the chance below which a
    question is refused, written by ``python -m benchmarks.calibrate``."""

    def __init__(self, index: Index, reader: Reader) -> None:
        self.index, self.read = index, reader
        table = yaml.safe_load(CALIBRATION.read_text("utf-8"))
        if set(table["weights"]) != set(NAMES):
            odd = ", ".join(sorted(set(table["weights"]) ^ set(NAMES)))
            raise GazetteError(f"{CALIBRATION}: weights do not fit the features ({odd}); run `python -m benchmarks.calibrate`")
        self.centre, self.scale, *weights = np.asarray([table["weights"][name] for name in NAMES]).T
        self.weights = np.concatenate(weights)
        self.bias: float = table["bias"]
        self.threshold: float = table["threshold"]

    def __call__(self, understood: Understanding, evidence: Evidence, hits: Sequence[Hit]) -> float:
        """The chance, 0 to 1, that the hits answer the question; 0 where they have not the measure that it asks for."""
        reading = self.read(understood.question, hits, own=understood.own)
        strange = max(self.index.strange(asked) for asked in (understood.question, understood.own) if asked)
        values = support(evidence, reading, hits, strange=strange, years=understood.years, districts=understood.districts)
        if understood.own:
            # What was asked before of the matter of the turns before says nothing of what is asked of it now.
            values[BEFORE] = min(values[BEFORE], self.index.like_before(understood.own).max(initial=0))
        odds = self.bias + self.weights @ terms(values, centre=self.centre, scale=self.scale)
        return 0.0 if values[MEASURE] >= ALL else 1 / (1 + math.exp(-float(odds)))


def logit(chance: float) -> float:
    return math.log(max(chance, 1e-6) / max(1 - chance, 1e-6))


def terms(features: np.ndarray, *, centre: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """What the regression weighs of features ``(…, n)``: how many ``scale`` they lie from ``centre``, and that squared, ``(…, 2 n)``.

    A passage as near as the answered questions' are says more than one nearer still.
    """
    away = (features - centre) / scale
    return np.concatenate([away, np.clip(away, -FARTHEST, FARTHEST) ** 2], axis=-1)
