"""The index as the assistant sees it: loaded whole, checked, searched from many threads."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from corpus import Clause, Corpus
from corpus.errors import GazetteError
from corpus.settings import Settings, settings

from . import generations
from .builder import GAZETTES, PASSAGES, PIECES, PRECEDENTS, STRANGERS, TERMS, VECTORS
from .encoder import Encoder, load_encoder
from .filters import Filters
from .generations import Manifest
from .model import Hit, Passage
from .nearness import Nearness
from .pieces import PieceIndex, parts_at
from .precedents import Precedents
from .records import read_gazettes, read_records
from .reranker import Reranker, load_reranker
from .search import Search
from .strangers import nearest
from .terms import Terms
from .update import update
from .vectors import Vectors


@contextmanager
def uncollected() -> Iterator[None]:
    """What is read stays: to look through all of it again and again for what does not is a tenth of a cold start."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


class Index:
    """Passages with their vectors and terms, and the corpus they were made from. Immutable and thread-safe once loaded."""

    def __init__(
        self, *, corpus: Corpus, passages: Sequence[Passage], vectors: Vectors, terms: Terms,
        pieces: PieceIndex, strangers: np.ndarray, precedents: Precedents, encoder: Encoder, manifest: Manifest, reranker: Reranker | None = None,
    ) -> None:
        self.corpus, self.passages, self.vectors, self.terms = corpus, tuple(passages), vectors, terms
        self.encoder, self.reranker, self.manifest = encoder, reranker, manifest
        self._strangers, self.precedents = strangers, precedents
        self.filters = Filters(self.passages)
        self._positions = {passage.id: at for at, passage in enumerate(self.passages)}
        self._search = Search(corpus=corpus, passages=self.passages, vectors=vectors, terms=terms,
                              pieces=pieces, precedents=precedents, filters=self.filters, encoder=encoder, reranker=reranker)

    @classmethod
    @uncollected()
    def load(
        cls, folder: Path | None = None, *, encoder: Encoder | None = None, reranker: Reranker | None = None,
        precedents: Callable[[Precedents], Precedents] | None = None,
    ) -> Index:
        """The index in ``folder`` (default: the settings'), whole and as it was written, with the settings' encoder and
        cross-encoder unless others are given; of the precedents those that ``precedents`` returns, if it is given.

        Raises ``GazetteError`` that names the missing or damaged file, or says
        that another model made it, and what to run.
        """
        folder = folder or settings().index_folder
        encoder = encoder or load_encoder(settings())
        reranker = reranker or load_reranker(settings())
        while True:
            generation = generations.current(folder)
            if not generation:
                raise GazetteError(f"no index in {folder}; {generations.ADVICE}")
            try:
                return cls._read(generation, encoder=encoder, reranker=reranker, precedents=precedents)
            except GazetteError:
                if generations.current(folder) == generation:  # else a build replaced it under our hands: take the new one
                    raise

    @classmethod
    def _read(
        cls, generation: Path, *, encoder: Encoder, reranker: Reranker | None, precedents: Callable[[Precedents], Precedents] | None
    ) -> Index:
        manifest = generations.read_manifest(generation)
        generations.check_files(generation, manifest)
        if (manifest.model_digest, manifest.dimensions) != (encoder.digest, encoder.dimensions):
            raise GazetteError(
                f"the index in {generation} was made with the model {manifest.model} ({manifest.dimensions} dimensions), "
                f"not with {encoder.name} ({encoder.dimensions}) of the settings; {generations.ADVICE}, or set GAZETTE_MODEL back"
            )
        at = generation
        try:
            before = Precedents.load(at := generation / PRECEDENTS)
            return cls(
                corpus=Corpus(read_gazettes(at := generation / GAZETTES)),
                passages=read_records(at := generation / PASSAGES, Passage),
                vectors=Vectors.load(at := generation / VECTORS),
                terms=Terms.load(at := generation / TERMS),
                pieces=PieceIndex.load(at := generation / PIECES),
                strangers=np.load(at := generation / STRANGERS),
                precedents=precedents(before) if precedents else before,
                encoder=encoder,
                manifest=manifest,
                reranker=reranker,
            )
        except (OSError, ValueError, KeyError, IndexError, TypeError, RuntimeError):
            raise generations.damaged(at) from None

    @property
    def digest(self) -> str:
        """The digest of the corpus indexed."""
        return self.manifest.corpus

    @property
    def nearness(self) -> Nearness:
        return self._search.nearness

    @property
    def model_name(self) -> str:
        return self.manifest.model

    def strange(self, question: str) -> float:
        """How near a question comes to those that no gazette answers, on the scale of ``Hit.dense``."""
        query = self._search.encoded_lately(question)[0]
        return nearest(self.nearness(self._strangers @ query, query=query), question=question)

    def like_before(self, question: str) -> np.ndarray:
        """How near ``question`` comes to each of the questions asked before, ``(precedents,)``; 0 for those of another matter."""
        return self._search.like_before(question)

    def closely(self, question: str, passage: Passage, sentences: Sequence[str]) -> np.ndarray:
        """How near some sentences of a passage, in order of printing, come to the question read word by word: ``(n, 2)`` fp32,
        alone and with the passage's context; the passage's best where a sentence is not found in it."""
        found = self._search.closely(question, self._positions[passage.id])
        text, result, place = passage.embedded_text, np.empty((len(sentences), 2), np.float32), 0
        for row, sentence in enumerate(sentences):
            start = text.find(sentence, place)
            place = max(place, start)
            first, last = parts_at(text, np.asarray([start, start + max(0, len(sentence) - 1)])) if start >= 0 else (0, len(found) - 1)
            result[row] = found[first : last + 1].max(axis=0, initial=0)
        return result

    def neighbours(self, passage: Passage) -> tuple[Passage | None, Passage | None]:
        """The passages printed just before and just after it in the same notice."""
        at = self._positions[passage.id]
        others = (self.passages[place] if 0 <= place < len(self.passages) else None for place in (at - 1, at + 1))
        before, after = (one if one and (one.source, one.notice) == (passage.source, passage.notice) else None for one in others)
        return before, after

    def section(self, passage: Passage) -> tuple[Clause, ...]:
        """The clauses around it under its parent heading, lead-in and sisters included, in order of printing.

        A passage under one heading or none has the whole notice around it.
        """
        first = self.corpus.clauses_at(passage.source, passage.start, passage.end)[0]
        parent = passage.path[:-1]
        return tuple(clause for clause in self.corpus.clauses_of(first.notice) if clause.path[: len(parent)] == parent)

    def search(
        self, question: str, *, districts: Sequence[str] = (), years: Sequence[int] = (), notices: Sequence[str] = (),
        limit: int = 20,
    ) -> list[Hit]:
        """At most ``limit`` passages, best first, of the districts, years and notices asked for (empty: all). Thread-safe."""
        return self._search(question, districts=districts, years=years, notices=notices, limit=limit)


def ensure(chosen: Settings | None = None, *, progress: bool = True) -> Index:
    """The index of the settings' gazettes, built now if it is missing, damaged or not of these gazettes, model and code.

    Raises ``GazetteError`` for whatever a person has to put right.
    """
    chosen = chosen or settings()
    encoder, reranker = load_encoder(chosen), load_reranker(chosen)
    update(chosen, encoder=encoder, progress=progress)
    return Index.load(chosen.index_folder, encoder=encoder, reranker=reranker)
