"""Fit the model that finds the sentence, row or heading that answers, and write ``assistant/scoring.json``.

    python -m benchmarks.answering    # fit on bank and written questions, out of fold (benchmarks/folds.py), and write

The model is one hidden layer over ``assistant.scoring.NAMES``. The loss is the softmax cross-entropy over the units of
a question's passages, the mass on all units that hold the evidence counted as right; AdamW with a fixed seed and one
thread, so that a run repeats itself.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from assistant.retrieve import Retriever
from assistant.scoring import FILE, NAMES, Question, candidates, table
from assistant.understanding import Understander
from assistant.units import Units
from eval.places import Place, Texts
from indexing import Index

from .folds import out_of_fold
from .retrieval import BANK, OFTEN, bank, written
from .retrieval import Question as Asked

HIDDEN, EPOCHS, BATCH, RATE, DECAY, DROPPED, SEED = 32, 14, 64, 3e-3, 1e-2, 0.1, 0
RIGHT = 0.5  # share of the unit that lies in the evidence, or of the evidence that lies in the unit
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Case:
    """One question, its units' features ``(n, len(NAMES))`` and which of them hold the evidence ``(n,)``."""

    asked: Asked
    rows: np.ndarray
    right: np.ndarray


def cases(index: Index, questions: Sequence[Asked]) -> list[Case]:
    """Questions of the bank as a person would ask them; those whose evidence no passage found holds teach nothing and are left out."""
    texts, units = Texts(index.corpus.gazettes), Units(index)
    understand, retrieve = Understander(index), Retriever(index)
    places = [texts.place(unit.clause.notice.source, unit.start, unit.end) for unit in units.all]
    found = []
    for asked in tqdm(questions, desc="questions"):
        understood = understand(asked.text)
        hits = retrieve(understood, limit=20)
        if not hits:
            continue
        mine = candidates(hits, units)
        evidence = [place for piece in asked.evidence for place in texts.find(piece) if asked.source in ("", place.source)]
        right = np.asarray([any(holds(places[one.unit.number], place) for place in evidence) for one in mine])
        if right.any():
            found.append(Case(asked, table(Question(understood.question, units=units), mine, units).rows, right))
    return found


def holds(unit: Place | None, evidence: Place) -> bool:
    if unit is None or not unit.touches(evidence):
        return False
    shared = min(unit.end, evidence.end) - max(unit.start, evidence.start)
    return shared >= RIGHT * min(unit.size, evidence.size) and (shared >= 6 or shared == unit.size)


def fit(found: Sequence[Case]) -> dict[str, np.ndarray]:
    """The model's arrays: ``mean``, ``scale`` ``(features,)``, ``hidden`` ``(features, HIDDEN)``, ``bias``, ``out`` ``(HIDDEN,)``."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    everything = np.concatenate([case.rows for case in found])
    mean, scale = everything.mean(axis=0), everything.std(axis=0) + 1e-2
    net = torch.nn.Sequential(
        torch.nn.Linear(len(NAMES), HIDDEN), torch.nn.ReLU(), torch.nn.Dropout(DROPPED), torch.nn.Linear(HIDDEN, 1, bias=False)
    )
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    draw = np.random.default_rng(SEED)

    def mass(scores: torch.Tensor, of: torch.Tensor, count: int) -> torch.Tensor:
        top = torch.full((count,), -1e9).scatter_reduce(0, of, scores, "amax").detach()
        return top + torch.log(torch.zeros(count).index_add(0, of, torch.exp(scores - top[of])) + 1e-9)

    for epoch in range(EPOCHS):
        for group in optimiser.param_groups:
            group["lr"] = RATE * (1 - epoch / EPOCHS)
        order = draw.permutation(len(found))
        for start in range(0, len(order), BATCH):
            batch = [found[at] for at in order[start : start + BATCH]]
            rows = torch.tensor((np.concatenate([case.rows for case in batch]) - mean) / scale)
            good = torch.tensor(np.concatenate([case.right for case in batch]))
            of = torch.tensor(np.repeat(np.arange(len(batch)), [len(case.right) for case in batch]))
            scores = net(rows).squeeze(1)
            loss = (mass(scores, of, len(batch)) - mass(torch.where(good, scores, torch.tensor(-1e4)), of, len(batch))).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    first, last = net[0], net[3]
    return {
        "mean": mean, "scale": scale, "hidden": first.weight.detach().numpy().T, "bias": first.bias.detach().numpy(),
        "out": last.weight.detach().numpy()[0],
    }


def scores(model: dict[str, np.ndarray], found: Sequence[Case]) -> list[np.ndarray]:
    """The model's score of each unit of each question."""
    return [np.maximum((case.rows - model["mean"]) / model["scale"] @ model["hidden"] + model["bias"], 0) @ model["out"] for case in found]


def right(scores: Sequence[np.ndarray], found: Sequence[Case], *, best: int = 1) -> float:
    """How often one of the ``best`` units holds the evidence."""
    return float(np.mean([case.right[np.argsort(-some, kind="stable")[:best]].any() for some, case in zip(scores, found, strict=True)]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bank", type=int, default=0, metavar="N", help="only so many questions, evenly drawn")
    arguments = parser.parse_args()
    found, from_written = ([case for index, mine in folds for case in cases(index, mine)]
                           for folds in (out_of_fold(bank(arguments.bank)), out_of_fold(written(), at_hand=BANK)))
    model = fit(found + from_written * OFTEN)
    rounded = {name: np.round(values.astype(float), DIGITS).tolist() for name, values in model.items()}
    body = {"made_by": f"python -m benchmarks.answering, {len(found)} questions of the bank, {len(from_written)} written ones", "features": list(NAMES), **rounded}
    FILE.write_text(json.dumps(body, ensure_ascii=False) + "\n", "utf-8")
    best, three = (right(scores(model, found), found, best=best) for best in (1, 3))
    print(f"{len(found)} questions fitted to: best unit right {best:.3f}, one of three {three:.3f}")


if __name__ == "__main__":
    main()
