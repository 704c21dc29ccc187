"""Gazettes to an index on disk: cut, embed what is new, count terms, switch over."""

from __future__ import annotations

import hashlib
import logging
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from tqdm import tqdm

from corpus import Corpus
from corpus.errors import GazetteError
from corpus.settings import Settings, settings

from . import generations
from .counting import count, counted
from .encoder import Encoder, digest_of, load_encoder
from .generations import Built, Manifest
from .model import Passage
from .passages import passages_of
from .pieces import SAMPLED, Basis, Coded, PieceIndex, Pieces
from .precedents import Precedents, embedded, embedded_strangers
from .precedents import read as read_precedents
from .records import write_gazettes, write_records
from .strangers import strangers
from .update import recipe
from .vectors import Vectors

log = logging.getLogger(__name__)

GAZETTES, PASSAGES, KEYS, VECTORS, TERMS, PIECES, STRANGERS, PRECEDENTS = (
    "gazettes.json", "passages.json", "keys.npy", "vectors.faiss", "terms", "pieces", "strangers.npy", "precedents.npz"
)


def build(
    *, corpus: Corpus, folder: Path, progress: bool = True, encoder: Encoder | None = None, chosen: Settings | None = None, sources: str = ""
) -> Built:
    """Make the index in ``folder`` be of ``corpus``; a reader never sees anything half-written.

    Passages whose embedded text stands in the old index keep their vectors.
    The encoder is that of the settings ``chosen`` (default: the program's) where
    none is given; while it is loaded another process counts the terms.
    ``sources`` is the digest of the gazette files, where they were read from
    files. Raises ``GazetteError`` when the folder cannot be written, the model
    cannot be loaded or the terms cannot be counted.
    """
    began = time.perf_counter()
    chosen = chosen or settings()
    digest = encoder.digest if encoder else digest_of(chosen)
    if not digest:  # only loading tells
        encoder = load_encoder(chosen)
        digest = encoder.digest
    with generations.building(folder):
        old = intact(folder)
        if old and same(old[1], corpus=corpus.digest, model=digest):
            return Built(old[1], embedded=0, reused=old[1].passages, seconds=time.perf_counter() - began, unchanged=True)
        part = generations.new_part(folder)
        try:
            passages = passages_of(corpus)
            if not passages:
                raise GazetteError("no clause was found in the gazettes; run `python -m corpus` to see what is wrong with them")
            write_gazettes(part / GAZETTES, corpus.parsed)
            write_records(part / PASSAGES, passages)
            with nullcontext() if encoder else counted(part / PASSAGES, part / TERMS, before=cut_before(old)):
                loaded = encoder or load_encoder(chosen)
                made = embed(passages, encoder=loaded, old=old, progress=progress)
                store = Vectors.build(made.vectors)
                store.save(part / VECTORS)
                np.save(part / KEYS, made.keys)
                np.save(part / STRANGERS, strange_vectors(old, encoder=loaded))
                asked_before(old, corpus=corpus, encoder=loaded).save(part / PRECEDENTS)
                made.pieces.save(part / PIECES)
            if encoder:
                count(part / PASSAGES, part / TERMS, before=cut_before(old))
            manifest = generations.commit(
                folder, part, corpus=corpus.digest, sources=sources, recipe=recipe(), model=loaded.name,
                model_digest=loaded.digest, dimensions=loaded.dimensions, vectors=store.kind, passages=len(passages),
                gazettes=tuple(parsed.gazette.source for parsed in corpus.parsed),
                built=datetime.now(UTC).isoformat(timespec="seconds"),
            )
        except OSError as error:
            raise GazetteError(f"cannot write the index to {folder}: {error.strerror or error}") from None
        finally:
            shutil.rmtree(part, ignore_errors=True)
    built = Built(manifest, embedded=made.new, reused=len(passages) - made.new, seconds=time.perf_counter() - began)
    log.info("index: %d passages, %d embedded anew, %.1f s", len(passages), made.new, built.seconds)
    return built


def intact(folder: Path) -> tuple[Path, Manifest] | None:
    """The current generation and its manifest if every file is as it was written, else ``None``."""
    generation = generations.current(folder)
    if not generation:
        return None
    try:
        manifest = generations.read_manifest(generation)
        generations.check_files(generation, manifest)
    except GazetteError as error:
        log.warning("%s", error)
        return None
    return generation, manifest


def same(manifest: Manifest, *, corpus: str, model: str) -> bool:
    """Whether a build would make the same index again; ``corpus`` and ``model`` are digests."""
    return (manifest.corpus, manifest.recipe, manifest.model_digest) == (corpus, recipe(), model)


@dataclass(frozen=True, slots=True)
class Embedded:
    """Of all passages: vectors ``(n, dimensions)``, content keys ``(n, 16)`` bytes, word pieces; ``new`` texts were embedded."""

    vectors: np.ndarray
    keys: np.ndarray
    pieces: PieceIndex
    new: int


def embed(
    passages: list[Passage], *, encoder: Encoder, old: tuple[Path, Manifest] | None, progress: bool
) -> Embedded:
    """Embed the passages whose text the old index does not have."""
    texts = [passage.embedded_text for passage in passages]
    keys = [hashlib.sha256(text.encode()).digest()[:16] for text in texts]
    known, basis = embedded_before(old, encoder=encoder)
    new = list({key: text for key, text in zip(keys, texts, strict=True) if key not in known}.items())
    vectors, coded, basis = read([text for _, text in new], encoder=encoder, basis=basis, progress=progress)
    known |= {key: (vector, one) for (key, _), vector, one in zip(new, vectors, coded, strict=True)}
    return Embedded(
        vectors=np.stack([known[key][0] for key in keys]), new=len(new),
        keys=np.frombuffer(b"".join(keys), np.uint8).reshape(-1, 16),
        pieces=PieceIndex.build([known[key][1] for key in keys], basis=basis),
    )


def read(
    texts: Sequence[str], *, encoder: Encoder, basis: Basis | None, progress: bool
) -> tuple[np.ndarray, list[Coded], Basis]:
    """Vectors ``(n, dimensions)`` and word pieces of texts, and the directions these are in: ``basis`` if there is one."""
    vectors, coded = np.empty((len(texts), encoder.dimensions), np.float32), {}

    # Counted in characters: long passages come first, so that a count of passages would foretell the end badly.
    size = sum(map(len, texts))
    with tqdm(total=size, desc="embedding", unit=" characters", unit_scale=True, disable=not (progress and texts)) as bar:

        def encode(places: Sequence[int], each: Callable[[int, Pieces], object]) -> None:
            some = [texts[place] for place in places]
            vectors[list(places)] = encoder.encode_passages(some, done=bar.update, each=lambda at, pieces: each(places[at], pieces))

        def keep(place: int, pieces: Pieces) -> None:
            coded[place] = basis.coded(pieces, texts[place])

        rest: Sequence[int] = range(len(texts))
        if not basis:  # found from texts evenly drawn, which are encoded first
            drawn, pieces_of = rest[:: max(1, len(rest) // SAMPLED)], {}
            encode(drawn, pieces_of.__setitem__)
            basis = Basis.fit([pieces_of[place].states for place in sorted(pieces_of)], dimensions=encoder.dimensions)
            for place, pieces in pieces_of.items():
                keep(place, pieces)
            rest = sorted(set(rest).difference(drawn))
        encode(rest, keep)
    return vectors, [coded.get(place) or Coded.nothing(basis) for place in range(len(texts))], basis


def embedded_before(
    old: tuple[Path, Manifest] | None, *, encoder: Encoder
) -> tuple[dict[bytes, tuple[np.ndarray, Coded]], Basis | None]:
    """Content key to vector and word pieces of the old index, and their directions; nothing where another model made it."""
    if not old or old[1].model_digest != encoder.digest:
        return {}, None
    keys = np.load(old[0] / KEYS)
    vectors = Vectors.load(old[0] / VECTORS).reconstruct(np.arange(len(keys)))
    pieces = PieceIndex.load(old[0] / PIECES)
    return {key.tobytes(): (vectors[at], pieces.coded(at)) for at, key in enumerate(keys)}, pieces.basis


def cut_before(old: tuple[Path, Manifest] | None) -> tuple[Path, Path] | None:
    """The passages and the terms of the old index, where the same code cut them."""
    return (old[0] / PASSAGES, old[0] / TERMS) if old and old[1].recipe == recipe() else None


def strange_vectors(old: tuple[Path, Manifest] | None, *, encoder: Encoder) -> np.ndarray:
    """Vectors ``(n, dimensions)`` of the strangers: the old index's where the same model and code made it, or those that come
    with the model."""
    if old and (old[1].model_digest, old[1].recipe) == (encoder.digest, recipe()):
        return np.load(old[0] / STRANGERS)
    stored = embedded_strangers(encoder)
    return encoder.encode_passages(strangers()) if stored is None else stored


def asked_before(old: tuple[Path, Manifest] | None, *, corpus: Corpus, encoder: Encoder) -> Precedents:
    """The precedents of the settings; their vectors are those at hand where the same model made them."""
    known = embedded(encoder)
    if old and old[1].model_digest == encoder.digest:
        before = Precedents.load(old[0] / PRECEDENTS)
        known |= {key.tobytes(): codes for key, codes in zip(before.keys, before.codes, strict=True)}
    return Precedents.build(read_precedents(settings().precedent_files), corpus=corpus, encoder=encoder, known=known)
