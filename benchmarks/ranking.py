"""Fit the second stage's coefficients on the training bank and write ``indexing/ranking.yaml``.

    python -m benchmarks.ranking            # fit on all gazettes and write
    python -m benchmarks.ranking --check    # each gazette left out of fitting in turn and asked about; nothing written

The loss is the softmax cross-entropy over a question's candidates, the mass on
all candidates that hold the evidence counted as right; L2 0.0001; L-BFGS from
zero, so that a run repeats itself exactly.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
import yaml

from corpus.settings import settings
from indexing import Index
from indexing.features import NAMES
from indexing.ranking import FILE

from .retrieval import Question, Texts, asked, bank, figures, row_of

L2 = 1e-4
# Asked too seldom in the bank to be fitted; set by hand so that what is named to the letter comes before what is merely alike.
BY_HAND = {"number_of_notice": 3.0, "article": 2.0, "phone": 4.0}
HEADER = """\
# Coefficients of the second stage of retrieval (indexing/ranking.py): the score of a passage is the sum of its features,
# each times its coefficient; the features are explained in indexing/features.py.
# Made by `python -m benchmarks.ranking` on {count} questions of eval/questions/bank.jsonl with the model {model}.
"""


def fit(rows: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> np.ndarray:
    """Coefficients ``(len(NAMES),)`` for questions whose candidates have ``rows`` and are ``right`` or not."""
    import torch

    torch.set_num_threads(1)
    usable = [at for at, one in enumerate(right) if one.any()]
    table = torch.tensor(np.concatenate([rows[at] for at in usable]))
    good = torch.tensor(np.concatenate([right[at] for at in usable]))
    of = torch.tensor(np.repeat(np.arange(len(usable)), [len(right[at]) for at in usable]))
    found = torch.zeros(len(NAMES), requires_grad=True)
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="leave each gazette out in turn instead of writing")
    arguments = parser.parse_args()
    index = Index.load(settings().index_folder)
    texts, questions = Texts(index), bank()
    found = asked(index, questions, texts=texts)
    if arguments.check:
        check(texts, questions, found)
        return
    made = fit([one.rows for one in found], [one.right for one in found])
    fitted = {name: round(float(value), 3) for name, value in zip(NAMES, made, strict=True) if name not in BY_HAND}
    body = yaml.safe_dump({"by_hand": BY_HAND, "fitted": fitted}, sort_keys=False)
    FILE.write_text(HEADER.format(count=len(questions), model=index.model_name) + body, "utf-8")


def check(texts: Texts, questions: Sequence[Question], found: Sequence) -> None:
    """Print the figures of each gazette's bank questions, with that gazette left out of the fitting and with it."""
    everything = fit([one.rows for one in found], [one.right for one in found])
    for source in sorted({question.source for question in questions}):
        others = [one for one, question in zip(found, questions, strict=True) if question.source != source]
        mine = [(one, question) for one, question in zip(found, questions, strict=True) if question.source == source]
        without = fit([one.rows for one in others], [one.right for one in others])
        for name, coefficients in (("left out", without), ("fitted", everything)):
            ranked = [one.at[np.argsort(-(one.rows @ coefficients), kind="stable")[:20]] for one, _ in mine]
            print(row_of(f"{source}, {name}", figures(texts, [question for _, question in mine], ranked)))


if __name__ == "__main__":
    main()
