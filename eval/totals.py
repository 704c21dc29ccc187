"""Figures over a whole question set: means, groups, and how sure they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from .figures import BUDGET, RANKS, Judged

Value = float | bool | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A named mean: ``value`` of one question (``None``: does not count), taken over ``over``: all, answerable, unanswerable."""

    name: str
    value: Callable[[Judged], Value]
    over: str = "answerable"


def recall(rank: int) -> Figure:
    return Figure(f"recall@{rank}", lambda one: one.recall_at(rank))


FIGURES = (
    Figure("solved", lambda one: one.solved, "all"),
    *(recall(rank) for rank in RANKS),
    Figure(f"recall@{BUDGET}c", lambda one: one.recall_within_budget),
    Figure("mrr", lambda one: one.reciprocal_rank),
    Figure("citation_recall", lambda one: one.citation_recall),
    Figure("citation_precision", lambda one: one.citation_precision),
    Figure("notice_precision", lambda one: one.notice_precision),
    Figure("clause_label", lambda one: one.clause_label),
    Figure("fact_recall", lambda one: one.fact_recall),
    Figure("concise", lambda one: one.concise),
    Figure("false_refusal", lambda one: one.refused),
    Figure("verbatim", lambda one: one.verbatim, "all"),
    Figure("refused_when_unanswerable", lambda one: one.refused, "unanswerable"),
    Figure("answers_with_ungrounded_numbers", lambda one: bool(one.ungrounded_numbers), "all"),
    Figure("answers_omitting_conditions", lambda one: None if one.refused else bool(one.omitted)),
    Figure("written_by_model", lambda one: bool(one.record.generation.get("used")) if one.record.generation else None),
    Figure("district_precision", lambda one: one.district_precision),
    Figure("right_at_any_length", lambda one: one.right_at_any_length, "all"),
)
GROUP_FIGURES = ("solved", "recall@5", "fact_recall", "citation_recall")


def values(figure: Figure, judged: Iterable[Judged]) -> dict[str, float]:
    """The figure of every question that it counts for, by id."""
    counted = (one for one in judged if figure.over == "all" or one.question.answerable == (figure.over == "answerable"))
    found = ((one.question.id, figure.value(one)) for one in counted)
    return {id: float(value) for id, value in found if value is not None}


def mean(numbers: Iterable[float]) -> float | None:
    listed = list(numbers)
    return sum(listed) / len(listed) if listed else None


def totals(judged: Sequence[Judged]) -> dict[str, float | int | None]:
    """Every figure of FIGURES, with counts, answer length and latency (milliseconds)."""
    answerable = [one for one in judged if one.question.answerable]
    latencies = [one.record.latency_ms for one in judged if one.record.latency_ms is not None]
    return {
        "questions": len(judged), "missing": sum(not one.record.status for one in judged),
        **{figure.name: mean(values(figure, judged).values()) for figure in FIGURES},
        "answer_chars_median": median(one.characters for one in answerable) if answerable else None,
        "latency_ms_p50": quantile(latencies, 0.5), "latency_ms_p95": quantile(latencies, 0.95),
    }


def quantile(numbers: Sequence[float], share: float) -> float | None:
    """The number that ``share`` of the others do not exceed; no interpolation."""
    return sorted(numbers)[min(len(numbers) - 1, int(share * len(numbers)))] if numbers else None


KEYS: dict[str, Callable[[Judged], Iterable[str]]] = {
    "type": lambda one: [one.question.type],
    "style": lambda one: [one.question.style],
    "district": lambda one: sorted({one.texts.gazettes[source].district for source in one.sources}) or ["none"],
    "notice": lambda one: sorted({gold.notice for gold in one.question.gold}) or ["none"],
}


def groups(judged: Sequence[Judged], by: str) -> dict[str, list[Judged]]:
    """The questions by ``type``, ``style``, ``district`` or ``notice``; one that needs two notices stands under both."""
    found: dict[str, list[Judged]] = {}
    for one in judged:
        for key in KEYS[by](one):
            found.setdefault(key, []).append(one)
    return dict(sorted(found.items()))


def group_totals(judged: Sequence[Judged], by: str) -> dict[str, dict[str, float | int | None]]:
    """Per group: ``n`` and the means of GROUP_FIGURES."""
    chosen = [figure for figure in FIGURES if figure.name in GROUP_FIGURES]
    return {
        key: {"n": len(members), **{figure.name: mean(values(figure, members).values()) for figure in chosen}}
        for key, members in groups(judged, by).items()
    }


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95% confidence interval."""

    low: float
    high: float


def interval(numbers: Sequence[float], *, draws: int = 2000, seed: int = 20210201) -> Interval | None:
    """Percentile bootstrap over questions (Efron 1979): ``draws`` resamples of the mean, the middle 95% of them.

    The seed is fixed, so that the same results give the same interval.
    """
    if not len(numbers):
        return None
    sample = np.asarray(numbers, float)
    picks = np.random.default_rng(seed).integers(0, len(sample), (draws, len(sample)))
    low, high = np.quantile(sample[picks].mean(axis=1), (0.025, 0.975))
    return Interval(float(low), float(high))
