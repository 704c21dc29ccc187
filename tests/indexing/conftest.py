"""What the tests of the index share: the encoder, a small corpus of real notices, its index."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from corpus import Corpus, load_corpus
from corpus.settings import settings
from indexing import Index, build
from indexing.encoder import load_encoder
from indexing.pieces import Pieces


@pytest.fixture(scope="session")
def encoder():
    return load_encoder(settings())


@pytest.fixture(scope="session")
def plain():
    """The bundled model as it comes, without its adapter."""
    return load_encoder(settings().model_copy(update={"adapter": ""}))


@pytest.fixture(scope="session")
def gazettes() -> Corpus:
    """The five gazettes."""
    return load_corpus(settings().gazettes)


@pytest.fixture(scope="session")
def small(gazettes) -> Corpus:
    """One gazette of six notices: fireworks, school admission and others of 朝阳区, 2021."""
    return Corpus(tuple(parsed for parsed in gazettes.parsed if parsed.gazette.source == "chaoyang-2021-02.txt"))


@pytest.fixture(scope="session")
def built(small, encoder, tmp_path_factory) -> Path:
    """An index of the small corpus; tests that change it work on a copy (``folder``)."""
    folder = tmp_path_factory.mktemp("built") / "index"
    build(corpus=small, folder=folder, progress=False, encoder=encoder)
    return folder


@pytest.fixture
def folder(built, tmp_path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "index"))


@pytest.fixture(scope="session")
def index(built, encoder) -> Index:
    return Index.load(built, encoder=encoder)


class Digits:
    """A quick encoder for tests of an index's life, where what stands in a vector does not matter.

    It counts what it embeds. The same text always gets the same vector.
    """

    name, digest, dimensions, how = "digits", "digits-1", 32, "for tests"

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def encode_queries(self, questions, *, each=None):
        return self._vectors(questions, each)

    def encode_passages(self, texts, *, done=None, each=None):
        self.embedded += texts
        return self._vectors(texts, each)

    def _vectors(self, texts, each):
        for place, text in enumerate(texts) if each else ():
            signs = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.int64)
            each(place, Pieces(signs, np.sin(np.outer(signs, np.arange(1, self.dimensions + 1))).astype(np.float32), np.arange(len(signs))))
        rows = [np.random.default_rng(list(text.encode())[:64] + [len(text)]).standard_normal(self.dimensions) for text in texts]
        rows = np.asarray(rows, np.float32).reshape(-1, self.dimensions)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="session")
def quick() -> type[Digits]:
    return Digits
