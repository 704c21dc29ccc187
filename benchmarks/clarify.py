"""Fit what decides between answering and asking back, and write ``assistant/clarifying.yaml``.

    python -m benchmarks.clarify            # fit, print how often it is right, write
    python -m benchmarks.clarify --check    # print only

Questions of the bank with their district and years taken off, and written ones that name none, are asked as a person would.
Beside the side of the best hit stands every other one: a notice of the same matter, and each other district, which is the
question with its gazette taken away. A side answers where its first hits print the evidence, or the same in other figures;
it does not where none of its hits comes near to it; what lies between is not learnt from. The sides of a question are left
out of the fitting together with all about the same notice (ten folds). Everything is seeded, a run repeats itself.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import yaml
from tqdm import tqdm

from assistant.confidence import Confidence
from assistant.evidence import Evidence
from assistant.reading import Reader
from assistant.retrieve import Retriever
from assistant.scope import Scope
from assistant.sides import BESIDE, CLARIFYING, Group, Sides
from assistant.understanding import Understander
from corpus.normalise import normalise
from indexing import Index

from .calibrate import SEED, TODAY
from .folds import out_of_fold
from .retrieval import BANK, Question, bank, written

EVERY = 2  # of the bank's questions one in so many is asked
ANSWERS, STRANGE = 0.6, 0.3  # share of the evidence that a side prints from which on it answers, and below which it does not
# Share of the sides that answer which may be passed over. Who is not asked back is told whose rule it is and can ask for another
# district's; who is, of two sides one of which does not answer, has to tell them apart.
MISSED = 0.15
LOOKED_AT = 3  # hits of a side in which an answer must stand
YEAR = re.compile(r"(?:19|20)\d{2}年?度?")
DIGITS = re.compile(r"[\d\s]")
HEADER = """\
# The logistic regression that tells whether another district or year answers an open question too (assistant/sides.py): a weight
# for each feature and the chance from which on it is asked back about. Made by `python -m benchmarks.clarify`
# on {count} sides; of those that answer and of the others, how many are asked about, each notice left out of the fitting:
"""


@dataclass(frozen=True, slots=True)
class Side:
    """Another side of an open question: its features beside the first, and whether it answers too; ``hand`` wrote the question,
    ``notice`` is that of the best hit."""

    features: np.ndarray
    answers: bool
    asked: Question
    notice: str
    hand: str


class Maker:
    """Asks open questions of one index."""

    def __init__(self, index: Index) -> None:
        self.index, self.scope, self.understand, self.retrieve = index, Scope(index.corpus), Understander(index), Retriever(index)
        self.confidence = Confidence(index, Reader(index))
        self.sides = Sides(index, self.retrieve, self.confidence)

    def examples(self, questions: Sequence[Question], *, hand: str) -> Iterator[Side]:
        for question in tqdm(questions, desc=f"{hand} questions"):
            understood = self.understand(self.opened(question.text) if hand == "bank" else question.text)
            if understood.guard or understood.outside or understood.districts or understood.years or understood.notices:
                continue
            hits = self.retrieve(understood)
            evidence = Evidence(understood.question, index=self.index)
            if not hits or self.confidence(understood, evidence, hits) < self.confidence.threshold:
                continue
            first, *rivals = self.sides.rivals(understood, hits)
            printed = [told(question, side) for side in (first, *rivals)]
            if not rivals or max(found for found, _ in printed) < ANSWERS:
                continue
            rows = self.sides.beside(understood, first, rivals, evidence=evidence)
            for row, (found, near) in zip(rows, printed[1:], strict=True):
                if found >= ANSWERS or near < STRANGE:
                    yield Side(row, found >= ANSWERS, question, first[0].passage.notice, hand)

    def opened(self, text: str) -> str:
        """The question without its district and years."""
        for district in self.scope(text, today=TODAY).districts:
            text = re.sub(rf"(?:北京市?)?{district.removesuffix('区')}区?的?", "", text)
        return YEAR.sub("", text).strip(" ，,的")


def told(question: Question, side: Group) -> tuple[float, float]:
    """The largest share of a piece of the question's evidence, dates and amounts apart, that one of the side's first hits
    prints, and that any of its hits does."""
    shares = [max((share(piece, hit.passage.text) for piece in question.evidence), default=0.0) for hit in side]
    return max(shares[:LOOKED_AT]), max(shares)


def share(evidence: str, text: str) -> float:
    wanted, printed = (pairs(one) for one in (evidence, text))
    return len(wanted & printed) / max(1, len(wanted))


def pairs(text: str) -> set[str]:
    """Neighbouring characters; another year or district prints the same rule in other figures."""
    plain = DIGITS.sub("", normalise(text))
    return {plain[at : at + 2] for at in range(len(plain) - 1)}


def asked() -> list[Question]:
    """One in ``EVERY`` of the bank's questions."""
    return bank()[::EVERY]


def sides() -> list[Side]:
    """The sides of all questions, each asked of an index whose encoder never saw it."""
    hands = (("bank", out_of_fold(asked())), ("written", out_of_fold(written(), at_hand=BANK)))
    return [one for hand, folds in hands for index, mine in folds for one in Maker(index).examples(mine, hand=hand)]


@dataclass(frozen=True, slots=True)
class Fitted:
    weights: np.ndarray
    bias: float

    def __call__(self, found: Sequence[Side]) -> np.ndarray:
        """The chance of each side that it answers."""
        return 1 / (1 + np.exp(-(np.stack([one.features for one in found]) @ self.weights + self.bias)))


def fit(found: Sequence[Side]) -> Fitted:
    from sklearn.linear_model import LogisticRegression

    features, answers = np.stack([one.features for one in found]), [one.answers for one in found]
    scale = features.std(0) + 1e-9
    made = LogisticRegression(max_iter=1000).fit(features / scale, answers)
    return Fitted(made.coef_[0] / scale, float(made.intercept_[0]))


def held_out(found: Sequence[Side]) -> np.ndarray:
    """The chance of each side, all about its question's notice left out of the fitting."""
    from sklearn.model_selection import GroupKFold

    result = np.zeros(len(found))
    for rest, left in GroupKFold(10, shuffle=True, random_state=SEED).split(found, groups=[one.notice for one in found]):
        result[left] = fit([found[at] for at in rest])([found[at] for at in left])
    return result


def threshold(chances: np.ndarray, found: Sequence[Side]) -> float:
    """The chance below which no more of the sides that answer are passed over than ``MISSED`` allows."""
    return float(np.quantile(chances[[one.answers for one in found]], MISSED))


def shipped() -> tuple[Fitted, float]:
    """The regression that ships, and its threshold."""
    table = yaml.safe_load(CLARIFYING.read_text("utf-8"))
    return Fitted(np.asarray([table["weights"][name] for name in BESIDE]), table["bias"]), table["threshold"]


def told_rightly(asked: np.ndarray, found: Sequence[Side]) -> list[float]:
    """Of the sides that answer and of the others, the share asked back about."""
    answers = np.asarray([one.answers for one in found], bool)
    return [float(asked[mine].mean()) if mine.any() else float("nan") for mine in (answers, ~answers)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing")
    arguments = parser.parse_args()
    found = sides()
    chances = held_out(found)
    limit = threshold(chances, found)
    lines = ["| questions | sides that answer | asked about | others | asked about |", "|---|---|---|---|---|"]
    for hand in ("bank", "written"):
        mine = [at for at, one in enumerate(found) if one.hand == hand]
        right, wrong = told_rightly(chances[mine] >= limit, [found[at] for at in mine])
        answer = sum(found[at].answers for at in mine)
        lines.append(f"| {hand} | {answer} | {right:.2f} | {len(mine) - answer} | {wrong:.2f} |")
    print("\n".join(lines))
    if arguments.check:
        return
    fitted = fit(found)
    body = {"weights": {name: round(float(weight), 4) for name, weight in zip(BESIDE, fitted.weights, strict=True)},
            "bias": round(fitted.bias, 4), "threshold": round(limit, 4)}
    notes = "".join(f"# {line}\n" for line in lines)
    CLARIFYING.write_text(HEADER.format(count=len(found)) + notes + yaml.safe_dump(body, sort_keys=False, default_flow_style=None), "utf-8")


if __name__ == "__main__":
    main()
