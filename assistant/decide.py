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

    def __init__(self, index: Index) -> None:
        self.index = index
        table = yaml.safe_load(CALIBRATION.read_text("utf-8"))
        self.weights: dict[str, float] = table["weights"]
        self.bias: float = table["bias"]
        self.threshold: float = table["threshold"]
        self.near: float = table["near"]

    def __call__(self, understood: Understanding, hits: Sequence[Hit]) -> Decision:
        evidence = Evidence(understood.question, index=self.index)
        if not hits:
            return Decision("refused", reason="unsupported")
        confidence = self.confidence(features(evidence, hits))
        if confidence < self.threshold:
            return Decision("refused", confidence=confidence, reason="unsupported", hits=tuple(hits), evidence=evidence)
        groups = sides(understood, hits, near=self.near)
        asks = len(groups) > 1 and understood.kind != "comparison" and not several_named(understood)
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


def several_named(understood: Understanding) -> bool:
    return len(understood.districts) > 1 or len(understood.years) > 1


def sides(understood: Understanding, hits: Sequence[Hit], *, near: float) -> tuple[tuple[Hit, ...], ...]:
    """The hits as one group, or by district, or by year, where the question leaves open which and both would answer."""
    if understood.notices:
        return (tuple(hits),)
    if len(understood.districts) > 1:
        return grouped(hits, key=lambda hit: hit.passage.district, wanted=understood.districts)
    if len(understood.years) > 1 and understood.kind == "comparison":
        return grouped(hits, key=lambda hit: hit.passage.years[0] if hit.passage.years else 0, wanted=understood.years)
    top = hits[0]
    rivals: list[Hit] = []
    for hit in hits[1:8]:
        if hit.passage.notice == top.passage.notice or any(hit.passage.notice == one.passage.notice for one in rivals):
            continue
        other_district = hit.passage.district != top.passage.district
        other_year = hit.passage.district == top.passage.district and hit.passage.years != top.passage.years
        open_question = (other_district and not understood.districts) or (other_year and not understood.years)
        if open_question and (hit.dense or 0) >= (top.dense or 0) - near:
            rivals.append(hit)
    # One rival for each district and year.
    seen, kept = {(top.passage.district, top.passage.years)}, []
    for hit in rivals:
        side = (hit.passage.district, hit.passage.years)
        if side not in seen:
            seen.add(side)
            kept.append(hit)
    if not kept:
        return (tuple(hits),)
    return ((top,), *((hit,) for hit in kept[:3]))


def grouped(hits: Sequence[Hit], *, key, wanted: Sequence) -> tuple[tuple[Hit, ...], ...]:
    groups = [tuple(hit for hit in hits if key(hit) == value) for value in wanted]
    groups = [group for group in groups if group]
    return tuple(groups) if len(groups) > 1 else (tuple(hits),)
