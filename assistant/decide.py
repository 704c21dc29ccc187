"""Answer, ask back or refuse: what the hits support, with a confidence calibrated on the training bank."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from indexing import Hit, Index

from .evidence import Evidence
from .model import Status, Understanding
from .retrieve import Retriever
from .sides import Sides

CALIBRATION = Path(__file__).parent / "calibration.yaml"


@dataclass(frozen=True, slots=True)
class Decision:
    """``groups`` are the hits to answer from: one group, or one for each district or year to tell apart."""

    status: Status
    groups: tuple[tuple[Hit, ...], ...] = ()
    confidence: float = 0.0
    reason: str = ""
    hits: tuple[Hit, ...] = ()
    evidence: Evidence | None = None


class Decider:
    """Holds the calibration: a logistic regression over `features`, written by ``benchmarks/calibrate.py``."""

    def __init__(self, index: Index, retriever: Retriever) -> None:
        self.index, self.sides = index, Sides(index, retriever)
        table = yaml.safe_load(CALIBRATION.read_text("utf-8"))
        self.weights: dict[str, float] = table["weights"]
        self.bias: float = table["bias"]
        self.threshold: float = table["threshold"]

    def __call__(self, understood: Understanding, hits: Sequence[Hit]) -> Decision:
        evidence = Evidence(understood.question, index=self.index)
        if not hits:
            return Decision("refused", reason="unsupported")
        confidence = self.confidence(features(evidence, hits))
        if confidence < self.threshold:
            return Decision("refused", confidence=confidence, reason="unsupported", hits=tuple(hits), evidence=evidence)
        groups = self.sides.compared(understood, hits)
        if len(groups) == 1 and understood.kind != "comparison":
            groups = self.sides.left_open(understood, hits, evidence=evidence)
            asks = len(groups) > 1
        else:
            asks = False
        return Decision(
            "clarify" if asks else "answered", groups=groups, confidence=confidence, hits=tuple(hits), evidence=evidence
        )

    def confidence(self, values: dict[str, float]) -> float:
        total = self.bias + sum(self.weights[name] * value for name, value in values.items())
        return 1 / (1 + math.exp(-total))


def features(evidence: Evidence, hits: Sequence[Hit]) -> dict[str, float]:
    """What the logistic regression weighs; each about 0 to 1."""
    best = hits[0]
    dense = max((hit.dense for hit in hits[:5] if hit.dense is not None), default=0.7)
    coverage = [evidence.coverage(hit.passage.embedded_text) for hit in hits[:5]]
    return {
        "dense": (dense - 0.8) * 10,
        "dense_top": ((best.dense if best.dense is not None else 0.78) - 0.8) * 10,
        "coverage_top": coverage[0],
        "coverage_best": max(coverage),
        "coverage_all": evidence.coverage("\n".join(hit.passage.embedded_text for hit in hits[:5])),
        "unknown": evidence.unknown,
    }
