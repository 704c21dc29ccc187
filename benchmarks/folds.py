"""Indices to fit on, so that nothing is fitted to answers that the encoder has learnt by heart.

    python -m benchmarks.folds    # an adapter and an index for each district, trained without its gazettes (about an hour on two cores)

The gazettes of one district are a fold. What ranks, scores and refuses is fitted to each fold's questions as an encoder finds
their passages that never saw one of them, which is how it meets a person's question.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from corpus import Corpus, load_corpus
from corpus.errors import GazetteError
from corpus.settings import settings
from indexing import Index
from indexing.__main__ import main as command
from indexing.builder import build
from indexing.bundled import file_digest
from indexing.encoder import load_encoder

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
    index = Index.load(settings().index_folder, precedents=WRITTEN.name)
    if not settings().adapter:
        return [(index, list(questions))]
    result = []
    for sources in folds_of(index.corpus).values():
        folder = folder_of(sources)
        if not (folder / "index").is_dir():
            raise GazetteError(f"no index in {folder}: run `python -m benchmarks.folds`")
        encoder = load_encoder(settings().model_copy(update={"adapter": str(folder / "adapter")}))
        mine = [question for question in questions if question.source in sources]
        result.append((Index.load(folder / "index", encoder=encoder, precedents=WRITTEN.name), mine))
    return result


def of_written() -> Index:
    """The index to ask the written questions of: no encoder was trained on them; of the precedents the bank's are at hand."""
    return Index.load(settings().index_folder, precedents=BANK.name)


def trained(adapter: Path) -> bool:
    """Whether the adapter was trained to its end, on the bank as it is now."""
    try:
        return json.loads((adapter / "training.json").read_text("utf-8"))["bank"] == file_digest(BANK)
    except (OSError, ValueError, KeyError):
        return False


def main() -> None:
    corpus = load_corpus(settings().gazettes)
    for sources in folds_of(corpus).values():
        folder = folder_of(sources)
        adapter = folder / "adapter"
        without = [argument for source in sources for argument in ("--without", source)]
        if not trained(adapter) and command(["tune", *without, "--out", str(adapter)]):
            raise SystemExit(1)
        build(corpus=corpus, folder=folder / "index", encoder=load_encoder(settings().model_copy(update={"adapter": str(adapter)})))


if __name__ == "__main__":
    main()
