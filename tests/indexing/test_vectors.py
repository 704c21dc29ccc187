"""FAISS with filters and deletion: what it finds is what an exact comparison finds."""

from __future__ import annotations

import numpy as np
import pytest

from indexing.vectors import Vectors

KINDS = ["flat", "hnsw", "ivf"]


@pytest.fixture(scope="module")
def cloud() -> np.ndarray:
    """2,000 unit vectors in 40 heaps, as texts lie."""
    draw = np.random.default_rng(1)
    heaps = draw.standard_normal((40, 64))
    vectors = (heaps[draw.integers(0, 40, 2000)] + 0.5 * draw.standard_normal((2000, 64))).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def exact(vectors, query, limit, allowed=None):
    scores = vectors @ query
    if allowed is not None:
        scores = np.where(allowed, scores, -2)
    return np.argsort(-scores, kind="stable")[:limit]


@pytest.mark.parametrize("kind", KINDS)
def test_finds_the_nearest(cloud, kind):
    store = Vectors.build(cloud, kind=kind)
    ids, scores = store.search(cloud[:50], 10)
    shared = [len(set(row) & set(exact(cloud, query, 10))) for row, query in zip(ids.tolist(), cloud[:50], strict=True)]
    assert sum(shared) >= (500 if kind == "flat" else 475)
    assert (ids[:, 0] == np.arange(50)).all() and scores[:, 0] == pytest.approx(1, abs=1e-5)
    assert (np.diff(scores, axis=1) <= 0).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.5, 0.01])
def test_a_filter_lets_nothing_else_through_and_loses_nothing(cloud, kind, share):
    store = Vectors.build(cloud, kind=kind)
    allowed = np.random.default_rng(2).random(2000) < share
    ids, _ = store.search(cloud[:20], 10, allowed=allowed)
    found = [row[row >= 0] for row in ids]
    assert all(allowed[row].all() for row in found)
    shared = [len(set(row.tolist()) & set(exact(cloud, query, 10, allowed))) for row, query in zip(found, cloud[:20], strict=True)]
    assert sum(shared) >= (200 if kind == "flat" else 185)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_removed_is_found_no_more_saved_or_not(cloud, kind, tmp_path):
    store = Vectors.build(cloud, kind=kind)
    gone = np.arange(0, 2000, 3)
    assert store.remove(gone) == len(gone)
    assert store.remove(gone) == 0
    store.save(tmp_path / "vectors")
    again = Vectors.load(tmp_path / "vectors")
    assert again.kind == kind
    for one in (store, again):
        assert len(one) == 2000 - len(gone)
        ids, _ = one.search(cloud[:30], 10)
        assert not set(ids.ravel().tolist()) & set(gone.tolist())
        np.testing.assert_array_equal(one.reconstruct(np.array([1, 4, 1999])), cloud[[1, 4, 1999]])


def test_ids_are_those_given_and_more_can_be_added(cloud):
    store = Vectors.build(cloud[:100], ids=np.arange(1000, 1100))
    store.add(np.array([7]), cloud[500:501])
    assert store.search(cloud[500:501], 1)[0].tolist() == [[7]]
    assert store.search(cloud[3:4], 1)[0].tolist() == [[1003]]


def test_no_more_is_found_than_there_is(cloud):
    ids, _ = Vectors.build(cloud[:3]).search(cloud[:1], 5)
    assert ids[0, 3:].tolist() == [-1, -1]
