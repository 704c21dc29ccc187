"""Answer, ask back or refuse: what the hits support, with a confidence calibrated on the training bank."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from corpus.errors import GazetteError
from indexing import Hit, Index

from .evidence import NAMES, Evidence, support
from .measures import ALL
from .model import Status, Understanding
from .reading import Reader
from .retrieve import Retriever
from .sides import Group, Sides

MEASURE, BEFORE = NAMES.index("measure_missing"), NAMES.index("asked_before")
# How much less sure (log odds) of a side one may be than of the first, and still ask back.
AS_SURELY = 3.0
MUCH_LESS = 2.0  # log odds by which one of two years named is less sure where it comes after the other
STRANGE = 2.5  # steps: of the 65 answerable follow-ups of eval/questions/written.jsonl one comes so near to a stranger by its own words
FARTHEST = 3.0  # scales from which on a feature's square grows no more
CALIBRATION = Path(__file__).parent / "calibration.yaml"


@dataclass(frozen=True, slots=True)
class Decision:
    """``groups`` are the hits to answer from: one group, or one for each side to tell apart; ``asked`` is what each is asked.

    ``outside`` is the district and year that no gazette covers, where that is why nothing is answered.
    """

    status: Status
    groups: tuple[tuple[Hit, ...], ...] = ()
    asked: tuple[str, ...] = ()
    confidence: float = 0.0
    reason: str = ""
    hits: tuple[Hit, ...] = ()
    evidence: Evidence | None = None
    outside: str = ""


class Decider:
    """Holds the calibration: a logistic regression over `evidence.support` and its squares, written by
    ``python -m benchmarks.calibrate``."""

    def __init__(self, index: Index, retriever: Retriever, reader: Reader) -> None:
        self.index, self.retriever, self.sides, self.read = index, retriever, Sides(index, retriever), reader
        table = yaml.safe_load(CALIBRATION.read_text("utf-8"))
        if set(table["weights"]) != set(NAMES):
            odd = ", ".join(sorted(set(table["weights"]) ^ set(NAMES)))
            raise GazetteError(f"{CALIBRATION}: weights do not fit the features ({odd}); run `python -m benchmarks.calibrate`")
        self.centre, self.scale, *weights = np.asarray([table["weights"][name] for name in NAMES]).T
        self.weights = np.concatenate(weights)
        self.bias: float = table["bias"]
        self.threshold: float = table["threshold"]
        Evidence("问", index=index)  # the tagger reads its dictionary now, not at the first question

    def __call__(self, understood: Understanding, hits: Sequence[Hit]) -> Decision:
        evidence = Evidence(understood.question, index=self.index)
        # Who asks about a lost cat after a school asks nothing more about the school.
        if not hits or understood.own and self.index.strange(understood.own) >= STRANGE:
            return self.refused(understood, hits, evidence=evidence, confidence=0.0)
        groups, asked = self.sides.compared(understood, hits)
        # Of what is compared each side holds its part of the question: the surest side counts.
        whole, *sides = [self.supported(understood, evidence, group) for group in (hits, *(groups if len(groups) > 1 else ()))]
        confidence = max(whole, *sides, 0.0)
        if sides and understood.kind != "comparison":
            # 2021年买的房，2022年上学: of two years named one may only tell a story, and comes last.
            order = sorted(range(len(sides)), key=lambda at: logit(sides[at]) < logit(max(sides)) - MUCH_LESS)
            groups, asked = tuple(groups[at] for at in order), tuple(asked[at] for at in order)
        if len(groups) == 1 and self.retriever.of_another_year(understood, hits):
            return self.refused(understood, hits, evidence=evidence, confidence=min(confidence, self.threshold))
        # Who names a paper by its number asks about that paper: it is at hand.
        if confidence < self.threshold and not understood.notices:
            return self.refused(understood, hits, evidence=evidence, confidence=confidence)
        if len(groups) == 1 and understood.kind != "comparison":
            groups = self.answering(understood, evidence, self.sides.left_open(understood, hits, evidence=evidence)) or (tuple(hits),)
            asked = (understood.question,) * len(groups)
            asks = len(groups) > 1
        else:
            asks = False
        return Decision(
            "clarify" if asks else "answered", groups=groups, asked=asked, confidence=confidence, evidence=evidence,
            hits=self.read.ranked(understood.question, hits, own=understood.own),
        )

    def answering(self, understood: Understanding, evidence: Evidence, sides: Sequence[Group]) -> tuple[Group, ...]:
        """Of the sides of an open question those that answer it about as surely as the first; () where the first stands alone."""
        if len(sides) == 1:
            return ()
        odds = [logit(self.supported(understood, evidence, side)) for side in sides]
        kept = tuple(side for side, one in zip(sides, odds, strict=True) if one >= odds[0] - AS_SURELY)
        return kept if len(kept) > 1 else ()

    def refused(self, understood: Understanding, hits: Sequence[Hit], *, evidence: Evidence, confidence: float) -> Decision:
        """A refusal; one that says so where no paper of the district is of a year asked about."""
        covered = not understood.years or self.index.filters.mask(districts=understood.districts, years=understood.years).any()
        outside = "" if covered else "、".join(understood.districts) + "、".join(f"{year}年" for year in understood.years)
        return Decision(
            "refused", confidence=confidence, reason="outside" if outside else "unsupported", hits=tuple(hits),
            evidence=evidence, outside=outside,
        )

    def supported(self, understood: Understanding, evidence: Evidence, hits: Sequence[Hit]) -> float:
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
