"""Whether the assistant knows when it is right: calibration, and what answering less would save."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .figures import Judged
from .totals import quantile

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of like confidence: how many, their mean confidence, the share that is right."""

    n: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """Were only the ``coverage`` surest questions answered, ``risk`` of those answers would be wrong."""

    coverage: float
    risk: float


def answers(judged: Sequence[Judged]) -> list[tuple[float, bool]]:
    """Confidence and rightness of every question that was answered and has a confidence, surest first."""
    found = [
        (one.record.confidence, one.solved) for one in judged
        if one.record.confidence is not None and one.record.status in ("answered", "clarify")
    ]
    return sorted(found, key=lambda pair: -pair[0])


def calibration(judged: Sequence[Judged], *, bins: int = BINS) -> list[Bin]:
    """The answers in ``bins`` groups of equal size by confidence, least sure first."""
    ordered = answers(judged)[::-1]
    edges = [round(at * len(ordered) / bins) for at in range(bins + 1)]
    parts = [ordered[low:high] for low, high in zip(edges, edges[1:], strict=False) if high > low]
    return [
        Bin(len(part), sum(sure for sure, _ in part) / len(part), sum(right for _, right in part) / len(part)) for part in parts
    ]


def expected_calibration_error(judged: Sequence[Judged], *, bins: int = BINS) -> float | None:
    """Mean distance of confidence and rightness, weighted by the bins' sizes (Naeini et al., AAAI 2015)."""
    found = calibration(judged, bins=bins)
    total = sum(part.n for part in found)
    return sum(part.n * abs(part.confidence - part.right) for part in found) / total if total else None


def risk_coverage(judged: Sequence[Judged]) -> list[RiskPoint]:
    """Selective risk (El-Yaniv and Wiener, JMLR 2010), a point for each answer; coverage is of all questions asked.

    Answers of equal confidence cannot be told apart: one point stands for all of them.
    """
    ordered, points, wrong = answers(judged), [], 0
    for at, (sure, right) in enumerate(ordered, start=1):
        wrong += not right
        if at == len(ordered) or ordered[at][0] != sure:
            points.append(RiskPoint(at / len(judged), wrong / at))
    return points


def stage_timings(judged: Sequence[Judged]) -> dict[str, tuple[float, float]]:
    """Median and 95th percentile of each step's milliseconds, in the order of the steps."""
    times: dict[str, list[float]] = {}
    for one in judged:
        for step, took in one.record.timings.items():
            times.setdefault(step, []).append(took)
    return {step: (quantile(took, 0.5) or 0.0, quantile(took, 0.95) or 0.0) for step, took in times.items()}
