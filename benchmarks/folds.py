"""Indices to fit on, so that nothing is fitted to answers that the encoder has learnt by heart.

    python -m benchmarks.folds    # the adapter of all questions, and for each district an adapter and an index without them

Trainings go side by side, each on one core and in 3 GB of memory, so that they repeat themselves; stopped, they go on where
they were.

The gazettes of one district are a fold. What ranks, scores, refuses and asks back is fitted to each fold's questions as an encoder finds
their passages that never saw one of them, which is how it meets a person's question.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path

from tqdm import tqdm

from corpus import Corpus, load_corpus
from corpus.errors import GazetteError
from corpus.settings import ROOT, settings
from indexing import Index
from indexing.adapters import BUNDLED, CONFIG, FOLDER, WEIGHTS
from indexing.builder import build
from indexing.bundled import file_digest
from indexing.encoder import available_cores, load_encoder
from indexing.evidence import Printed
from indexing.precedents import Precedents
from indexing.tuning import Recipe

from .retrieval import BANK, WRITTEN, Question

FOLDS = "folds"  # in the data folder
Folds = Sequence[tuple[Index, Sequence[Question]]]  # an index, and what it is asked


def folds_of(corpus: Corpus) -> dict[str, list[str]]:
    """The gazettes of each district, in order."""
    found: dict[str, list[str]] = {}
    for source, gazette in sorted(corpus.gazettes.items()):
        found.setdefault(gazette.district, []).append(source)
    return found


def folder_of(sources: Sequence[str]) -> Path:
    return settings().data / FOLDS / Path(sources[0]).stem


def out_of_fold(questions: Sequence[Question], *, at_hand: Path = WRITTEN) -> Folds:
    """Questions of one hand with an index to ask them of, whose encoder was trained without them; all of one where none was
    trained. Of the precedents those of ``at_hand`` are at hand, which are of another hand, as a person's question is."""
    if not settings().adapter:
        return [(Index.load(precedents=partial(Precedents.only, file=at_hand.name)), list(questions))]
    corpus = load_corpus(settings().gazettes)
    folds, printed = folds_of(corpus), Printed(corpus, ())
    mine: dict[str, list[Question]] = {district: [] for district in folds}
    for at, question in enumerate(questions):
        mine[district_of(question, folds=folds, printed=printed) or list(folds)[at % len(folds)]].append(question)
    return [(without(sources, at_hand=at_hand), mine[district]) for district, sources in folds.items()]


def district_of(question: Question, *, folds: dict[str, list[str]], printed: Printed) -> str:
    """The first district that answers the question, or that it names where none does; "" where it names none."""
    answering = printing(question, printed=printed)
    return next((district for district, sources in folds.items()
                 if (answering.intersection(sources) if answering else district.removesuffix("区") in question.text)), "")


def printing(question: Question, *, printed: Printed) -> set[str]:
    """The gazettes that print some of the question's evidence."""
    return {place[0] for one in question.evidence for place in printed.find(one, source=question.source)}


def without(sources: Sequence[str], *, at_hand: Path = WRITTEN, unasked: str = "") -> Index:
    """The index whose encoder was trained without the gazettes ``sources`` of a district; the questions of the file ``at_hand``
    are its precedents, those about the gazette ``unasked`` left out."""
    folder = folder_of(sources)
    if not (folder / "index").is_dir():
        raise GazetteError(f"no index in {folder}: run `python -m benchmarks.folds`")
    encoder = load_encoder(settings().model_copy(update={"adapter": str(folder / "adapter")}))
    return Index.load(folder / "index", encoder=encoder, precedents=partial(Precedents.only, file=at_hand.name, but=unasked))


def trained(adapter: Path, *, corpus: Corpus) -> bool:
    """Whether the adapter was trained to its end, as it would be trained now: on these questions, these gazettes, by this recipe."""
    wanted = {**asdict(Recipe()), "bank": " ".join(map(file_digest, (BANK, WRITTEN))), "corpus": corpus.digest}
    try:
        return wanted.items() <= json.loads((adapter / "training.json").read_text("utf-8")).items()
    except (OSError, ValueError, TypeError, AttributeError):
        return False


def train(adapters: dict[Path, list[str]]) -> None:
    """Each adapter's folder with the gazettes that are left out, as many at a time as there are cores, each with its own bar."""

    def one(at: int, adapter: Path, without: list[str]) -> int:
        command = [sys.executable, "-m", "indexing", "tune", *(f"--without={source}" for source in without), "--out", str(adapter)]
        environment = {**os.environ, "GAZETTE_THREADS": "1", "TQDM_POSITION": str(at)}
        done = subprocess.run(command, env=environment, cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True)
        tqdm.write(done.stdout)
        return done.returncode

    with ThreadPoolExecutor(available_cores()) as pool:
        if any(list(pool.map(one, range(len(adapters)), adapters, adapters.values()))):
            raise SystemExit("error: a training failed, see above; the same command goes on where it was")


def main() -> None:
    corpus = load_corpus(settings().gazettes)
    whole = settings().data / FOLDS / "all" / "adapter"
    without = {folder_of(sources) / "adapter": sources for sources in folds_of(corpus).values()}
    # The longest first.
    train({adapter: sources for adapter, sources in {whole: [], **without}.items() if not trained(adapter, corpus=corpus)})
    for name in (CONFIG, WEIGHTS, "training.json"):
        shutil.copyfile(whole / name, FOLDER / BUNDLED / name)
    for adapter in without:
        build(corpus=corpus, folder=adapter.parent / "index", encoder=load_encoder(settings().model_copy(update={"adapter": str(adapter)})))


if __name__ == "__main__":
    main()
