"""Whether the index is of the gazettes, the model and the code as they are now; where it is not, it is built.

That nothing changed is told from digests alone: the gazettes are not parsed,
the model is not loaded, and PyTorch and FAISS are not imported.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from corpus import load_corpus
from corpus.errors import GazetteError
from corpus.settings import ROOT, Settings, settings

from . import generations
from .encoder import Encoder, digest_of
from .generations import Built, Manifest

RECIPE = ("corpus", "indexing")  # the packages whose code decides what stands in an index


def update(chosen: Settings, *, encoder: Encoder | None = None, progress: bool = True) -> Built:
    """Build the settings' index if need be, with the settings' encoder unless another is given.

    Raises ``GazetteError`` for whatever a person has to put right.
    """
    began, sources = time.perf_counter(), sources_digest(chosen.gazettes)  # before they are read: one that changes meanwhile is built next time
    manifest = at_hand(chosen, sources=sources, digest=encoder.digest if encoder else "")
    if manifest:
        return Built(manifest, embedded=0, reused=manifest.passages, seconds=time.perf_counter() - began, unchanged=True)
    from .builder import build

    corpus = load_corpus(chosen.gazettes)
    return build(corpus=corpus, folder=chosen.index_folder, progress=progress, encoder=encoder, chosen=chosen, sources=sources)


def at_hand(chosen: Settings, *, sources: str = "", digest: str = "") -> Manifest | None:
    """The manifest of the settings' index if that is of the gazettes, the code and the encoder as they are, and whole, else ``None``.

    ``sources`` is the digest of the gazette files, ``digest`` the encoder's, where they are known.
    """
    generation, sources = generations.current(chosen.index_folder), sources or sources_digest(chosen.gazettes)
    if not generation or not sources:
        return None
    try:
        manifest = generations.read_manifest(generation)
        if (manifest.sources, manifest.recipe) != (sources, recipe()):
            return None
        generations.check_files(generation, manifest)
    except GazetteError:
        return None  # damaged or of another version: the build that follows says so
    return manifest if manifest.model_digest == (digest or digest_of(chosen)) else None


def recipe() -> str:
    """SHA-256 over the code and word lists of the rooms that decide what stands in an index, and the questions asked before."""
    total = hashlib.sha256()
    for room in RECIPE:
        for path in sorted((ROOT / room).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and "gazettes" not in path.parts:
                total.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    for path in settings().precedent_files:
        total.update(path.name.encode() + (path.read_bytes() if path.is_file() else b""))
    return total.hexdigest()


def sources_digest(folder: Path) -> str:
    """SHA-256 over the names and bytes of all files below the folder of gazettes; "" where there is no such folder."""
    if not folder.is_dir():
        return ""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return total.hexdigest()
