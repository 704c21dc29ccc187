"""Fit the coefficients of both stages of ranking on the training bank and write ``indexing/ranking.yaml``.

    python -m benchmarks.ranking              # fit on all gazettes and write
    python -m benchmarks.ranking --bank 2000  # so many questions, evenly drawn

The loss is the softmax cross-entropy over a question's candidates, the mass on
all candidates that hold the evidence counted as right; L2 0.0001; L-BFGS from
zero, so that a run repeats itself exactly.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from itertools import islice

import numpy as np
import yaml

from corpus.settings import settings
from indexing.evidence import Printed
from indexing.ranking import FILE, STAGES

from .folds import Folds, out_of_fold
from .retrieval import BANK, OFTEN, Asked, Question, asked, asked_closer, bank, written

L2 = 1e-4
FOLDS, STRETCH = 4, 8000  # a gazette is left out by stretches of so many characters, about a notice each
# Asked too seldom in the bank to be fitted; set by hand so that what is named to the letter comes before what is merely alike.
BY_HAND = {"number_of_notice": 3.0, "article": 2.0, "phone": 4.0}
HEADER = """\
# Coefficients of the two stages of ranking (indexing/ranking.py): the score of a passage is the sum of its features,
# each times its coefficient; the features are explained in indexing/features.py and indexing/closeness.py.
# Made by `python -m benchmarks.ranking` on {count} questions of eval/questions/bank.jsonl and {more} of written.jsonl with the adapter
# {adapter}, each as an encoder finds its passage that was trained without the question's district (benchmarks/folds.py).
"""


def fit(rows: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> np.ndarray:
    """Coefficients, one a column, for questions whose candidates have ``rows`` and are ``right`` or not."""
    import torch

    torch.set_num_threads(1)
    usable = [at for at, one in enumerate(right) if one.any()]
    table = torch.tensor(np.concatenate([rows[at] for at in usable]))
    good = torch.tensor(np.concatenate([right[at] for at in usable]))
    of = torch.tensor(np.repeat(np.arange(len(usable)), [len(right[at]) for at in usable]))
    found = torch.zeros(table.shape[1], requires_grad=True)
    optimiser = torch.optim.LBFGS([found], max_iter=80, line_search_fn="strong_wolfe")

    def total(scores: torch.Tensor) -> torch.Tensor:
        top = torch.full((len(usable),), -1e9).scatter_reduce(0, of, scores, "amax").detach()
        return top + torch.log(torch.zeros(len(usable)).index_add(0, of, torch.exp(scores - top[of])) + 1e-9)

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        scores = table @ found
        loss = (total(scores) - total(torch.where(good, scores, torch.tensor(-1e4)))).mean() + L2 * (found**2).sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    return found.detach().numpy()


def fitted(stage: str, found: Sequence[Asked]) -> np.ndarray:
    """The coefficients of a stage, those set by hand in their places."""
    made = fit([one.rows for one in found], [one.right for one in found])
    return np.asarray([BY_HAND.get(name, value) for name, value in zip(STAGES[stage], made, strict=True)], np.float32)


def asked_each(folds: Folds) -> list[Asked]:
    """``asked`` of every fold's questions of its index, one after the other."""
    return [one for index, mine in folds for one in asked(index, mine, texts=Printed(index.corpus, index.passages))]


def asked_closer_each(folds: Folds, found: Sequence[Asked], first: np.ndarray) -> list[Asked]:
    """``asked_closer`` of what ``asked_each`` found."""
    rest = iter(found)
    return [one for index, mine in folds for one in asked_closer(index, mine, list(islice(rest, len(mine))), first)]


def held_out(questions: Sequence[Question], found: Sequence[Asked], *, texts: Printed) -> list[np.ndarray]:
    """Scores of each question's candidates by coefficients fitted without the questions about its part of a gazette."""
    places = [texts.find(one.evidence[0], source=one.source) for one in questions]
    parts = [f"{one.source} {place[0][1] // STRETCH if place else ''}" for one, place in zip(questions, places, strict=True)]
    folds = np.asarray([int(hashlib.md5(part.encode()).hexdigest(), 16) % FOLDS for part in parts])
    scores: list[np.ndarray] = [np.empty(0)] * len(questions)
    for fold in range(FOLDS):
        others = [one for one, mine in zip(found, folds == fold, strict=True) if not mine]
        made = fit([one.rows for one in others], [one.right for one in others])
        for at in np.flatnonzero(folds == fold):
            scores[at] = found[at].rows @ made
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bank", type=int, default=0, help="fit to so many questions")
    arguments = parser.parse_args()
    folds, more = out_of_fold(bank(arguments.bank)), out_of_fold(written(), at_hand=BANK)
    far, far_more = (asked_each(each) for each in (folds, more))
    first = fitted("first", far + far_more * OFTEN)
    close, close_more = (asked_closer_each(each, found, first) for each, found in ((folds, far), (more, far_more)))
    table = {"by_hand": BY_HAND}
    for stage, made in (("first", first), ("second", fitted("second", close + close_more * OFTEN))):
        table[stage] = {name: round(float(value), 3) for name, value in zip(STAGES[stage], made, strict=True) if name not in BY_HAND}
    FILE.write_text(HEADER.format(count=len(close), more=len(close_more), adapter=settings().adapter or "none") + yaml.safe_dump(table, sort_keys=False), "utf-8")


if __name__ == "__main__":
    main()
