"""Indices to fit on, so that nothing is fitted to answers that the encoder has learnt by heart.

    python -m benchmarks.folds    # the adapter of all questions, and for each district an adapter and an index without them

Trainings go side by side, each on one core, so that they repeat themselves; stopped, they go on where they were. On two cores
they took 80 minutes beside other work.

The gazettes of one district are a fold. What ranks, scores and refuses is fitted to each fold's questions as an encoder finds
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
from indexing.precedents import Precedents
from indexing.tuning import Recipe

from .retrieval import BANK, WRITTEN, Question

FOLDS = "folds"  # in the data folder


def folds_of(corpus: Corpus) -> dict[str, list[str]]:
    """The gazettes of each district, in order."""
    found: dict[str, list[str]] = {}
    for source, gazette in sorted(corpus.gazettes.items()):
        found.setdefault(gazette.district, []).append(source)
    return found


def folder_of(sources: Sequence[str]) -> Path:
    return settings().data / FOLDS / Path(sources[0]).stem


def out_of_fold(questions: Sequence[Question]) -> list[tuple[Index, list[Question]]]:
    """The bank's questions with an index to ask them of, whose encoder was trained without them; all of one where none was
    trained. Of the precedents the written ones are at hand, which are of other hands, as a person's question is."""
    if not settings().adapter:
        return [(Index.load(precedents=partial(Precedents.only, file=WRITTEN.name)), list(questions))]
    folds = folds_of(load_corpus(settings().gazettes))
    return [(without(sources), [question for question in questions if question.source in sources]) for sources in folds.values()]


def without(sources: Sequence[str], *, unasked: str = "") -> Index:
    """The index whose encoder was trained without the gazettes ``sources`` of a district; the written questions are at hand as
    precedents, those about the gazette ``unasked`` left out."""
    folder = folder_of(sources)
    if not (folder / "index").is_dir():
        raise GazetteError(f"no index in {folder}: run `python -m benchmarks.folds`")
    encoder = load_encoder(settings().model_copy(update={"adapter": str(folder / "adapter")}))
    return Index.load(folder / "index", encoder=encoder, precedents=partial(Precedents.only, file=WRITTEN.name, but=unasked))


def of_written() -> Index:
    """The index to ask the written questions of: no encoder was trained on them; of the precedents the bank's are at hand."""
    return Index.load(settings().index_folder, precedents=partial(Precedents.only, file=BANK.name))


def trained(adapter: Path, *, corpus: Corpus) -> bool:
    """Whether the adapter was trained to its end, as it would be trained now: on this bank, these gazettes, by this recipe."""
    wanted = {**asdict(Recipe()), "bank": file_digest(BANK), "corpus": corpus.digest}
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
