"""The one encoder that all requests share: the bundled model, or any sentence-transformers model by one setting."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from corpus.errors import GazetteError
from corpus.settings import Settings

from . import bundled
from .adapters import Adapter, load_adapter
from .pieces import Pieces

log = logging.getLogger(__name__)

Each = Callable[[int, Pieces], object]  # is given the word pieces of a text by its place, from any thread

SAMPLE = 1 << 20  # bytes of a weights file's ends that go into its model's digest


class Encoder(Protocol):
    """Texts to unit vectors; thread-safe.

    ``digest`` changes with the weights, so that vectors of another model are
    never mixed; ``how`` says in a few words how it computes.
    """

    name: str
    digest: str
    dimensions: int
    how: str

    def encode_queries(self, questions: Sequence[str], *, each: Each | None = None) -> np.ndarray:
        """``(n, dimensions)`` fp32, rows of length 1; ``each`` is given the word pieces too, where the model has them."""

    def encode_passages(
        self, texts: Sequence[str], *, done: Callable[[int], object] | None = None, each: Each | None = None
    ) -> np.ndarray:
        """The same for passages; ``done(n)`` is told of every n characters finished."""


def load_encoder(settings: Settings) -> Encoder:
    """The encoder the settings name, the bundled model unpacked if need be.

    Raises ``GazetteError`` that names the folder or setting and the way out.
    """
    threads = settings.threads or available_cores()
    folder, name, adapter = _parts(settings)
    try:
        encoder = (_fast(folder, name=name, threads=threads, adapter=adapter)
                   or _general(folder, settings.model, name=name, threads=threads, adapter=adapter))
        encoder.encode_queries(["试"])
    except GazetteError:
        raise
    except Exception as error:  # noqa: BLE001 - a foreign model folder makes its library raise whatever
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        advice = ("set GAZETTE_MODEL to a sentence-transformers folder or hub name, or leave it empty for the bundled model"
                  if settings.model else f"delete the folder {folder} and start again, it is unpacked anew")
        raise GazetteError(f"cannot load the embedding model {settings.model or folder}: {reason}; {advice}") from None
    log.info("encoder: %s, %d dimensions, %s", encoder.name, encoder.dimensions, encoder.how)
    return encoder


def digest_of(settings: Settings) -> str:
    """The ``digest`` of the encoder the settings name, told from its files alone: loading it takes seconds. "" where only
    loading tells, as with a model of the hub.

    Raises ``GazetteError`` where the model or the adapter is not there or damaged, or one does not belong to the other.
    """
    folder, name, adapter = _parts(settings)
    return _named(name, folder_digest(folder), adapter)[1] if folder.is_dir() else ""


def _parts(settings: Settings) -> tuple[Path, str, Adapter | None]:
    """Folder and name of the model the settings name, the bundled one unpacked if need be, and the adapter."""
    if settings.model:
        folder = Path(settings.model).expanduser()
        name = folder.name if folder.is_dir() else settings.model
    else:
        folder, name = bundled.ensure_bundled(settings.model_folder), bundled.NAME
    adapter = load_adapter(settings)
    if adapter and adapter.base != name:
        raise GazetteError(f"GAZETTE_ADAPTER: {adapter.name} was trained for the model {adapter.base}, not for {name}; leave it empty")
    return folder, name, adapter


def available_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def folder_digest(folder: Path) -> str:
    """SHA-256 over a model folder's small files and the size and ends of its large ones."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        size = path.stat().st_size
        total.update(f"{path.relative_to(folder)}\0{size}\0".encode())
        with path.open("rb") as file:
            total.update(file.read(SAMPLE))
            if size > SAMPLE:
                file.seek(max(SAMPLE, size - SAMPLE))
                total.update(file.read(SAMPLE))
    return total.hexdigest()


def _fast(folder: Path, *, name: str, threads: int, adapter: Adapter | None) -> Encoder | None:
    from . import bert

    if not folder.is_dir() or not bert.is_bert(folder):
        return None
    return BertEncoder(folder, name=name, threads=threads, adapter=adapter)


def _general(folder: Path, model: str, *, name: str, threads: int, adapter: Adapter | None) -> Encoder:
    return SentenceEncoder(str(folder) if folder.is_dir() else model, name=name, threads=threads, adapter=adapter)


def _named(name: str, digest: str, adapter: Adapter | None) -> tuple[str, str]:
    """Name and digest of a model with its adapter."""
    if not adapter:
        return name, digest
    return f"{name}+{adapter.name}", hashlib.sha256(f"{digest}{adapter.digest}".encode()).hexdigest()


class BertEncoder:
    """A BERT-like model on the fast path; questions that wait for others are encoded together."""

    def __init__(self, folder: Path, *, name: str, threads: int, adapter: Adapter | None = None) -> None:
        import json

        from .bert import Bert

        self.name, self.digest = _named(name, folder_digest(folder), adapter)
        self._bert = Bert(folder, threads=threads, adapter=adapter)
        self.dimensions = self._bert.dimensions
        bert = self._bert
        apart = "" if bert.of_passages == bert.precision else f", passages {bert.of_passages}"
        self.how = f"{bert.precision}{apart}, {threads} thread{'s' if threads > 1 else ''}"
        prompts = json.loads((folder / "config_sentence_transformers.json").read_text("utf-8")).get("prompts") or {}
        self._query, self._passage = prompt_pair(prompts)

    def encode_queries(self, questions: Sequence[str], *, each: Each | None = None) -> np.ndarray:
        return self._bert.encode(questions, prompt=self._query, each=each)

    def encode_passages(
        self, texts: Sequence[str], *, done: Callable[[int], object] | None = None, each: Each | None = None
    ) -> np.ndarray:
        return self._bert.encode(texts, prompt=self._passage, brief=True, done=done, each=each)


class SentenceEncoder:
    """Any other model, through sentence-transformers; one request computes at a time, on all threads."""

    def __init__(self, model: str, *, name: str, threads: int, adapter: Adapter | None = None) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(threads)
        self._model = SentenceTransformer(model, device="cpu")
        self._threads = threads
        folder = Path(model)
        commit = getattr(getattr(self._model[0], "auto_model", None), "config", None)
        digest = folder_digest(folder) if folder.is_dir() else f"{model}@{getattr(commit, '_commit_hash', '') or ''}"
        self.name, self.digest = _named(name, digest, adapter)
        if adapter:
            weights = dict(self._model[0].auto_model.named_parameters())
            adapter.check(weights)
            for parameter, weight in weights.items():
                weight.data = adapter.merged(parameter, weight.data)
        self.dimensions = int(self._model.get_embedding_dimension() or len(self._model.encode("试")))
        self.how = f"sentence-transformers, fp32, {threads} thread{'s' if threads > 1 else ''}"
        self._query, self._passage = prompt_pair(self._model.prompts or {})
        self._turn = threading.Lock()

    def encode_queries(self, questions: Sequence[str], *, each: Each | None = None) -> np.ndarray:
        return self._encode(questions, prompt=self._query, places=range(len(questions)), each=each)

    def encode_passages(
        self, texts: Sequence[str], *, done: Callable[[int], object] | None = None, each: Each | None = None
    ) -> np.ndarray:
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]), reverse=True)
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        for start in range(0, len(order), 32):
            batch = order[start : start + 32]
            vectors[batch] = self._encode([texts[index] for index in batch], prompt=self._passage, places=batch, each=each)
            if done:
                done(sum(len(texts[index]) for index in batch))
        return vectors

    def _encode(self, texts: Sequence[str], *, prompt: str, places: Sequence[int], each: Each | None) -> np.ndarray:
        if not len(texts):
            return np.empty((0, self.dimensions), np.float32)
        with self._turn:
            found = self._model.encode(list(texts), prompt=prompt, output_value=None, show_progress_bar=False)
        vectors = np.stack([one["sentence_embedding"].float().numpy() for one in found])
        for place, text, one in zip(places, texts, found, strict=True) if each else ():
            pieces = self._pieces(prompt, text, one.get("token_embeddings"))
            if pieces:
                each(place, pieces)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)

    def _pieces(self, prompt: str, text: str, states: object) -> Pieces | None:
        """The word pieces of a text, ``None`` where the model or its tokenizer does not tell them apart."""
        tokenizer = self._model.tokenizer
        if states is None or not getattr(tokenizer, "is_fast", False):
            return None
        cut = tokenizer(prompt + text, truncation=True, max_length=self._model.max_seq_length, return_offsets_mapping=True)
        offsets, ids = np.asarray(cut["offset_mapping"]), np.asarray(cut["input_ids"])
        if len(ids) != len(states):
            return None
        kept = np.flatnonzero((offsets[:, 1] > offsets[:, 0]) & (offsets[:, 0] >= len(prompt)))
        return Pieces(ids[kept], states.float().numpy()[kept], offsets[kept, 0] - len(prompt))


def prompt_pair(prompts: dict[str, str]) -> tuple[str, str]:
    """What the model's folder says to put before a query and before a passage; nothing where it says nothing."""
    return prompts.get("query") or "", prompts.get("passage") or prompts.get("document") or ""
