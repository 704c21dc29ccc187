"""How near a passage is, told alike by encoders whose cosines lie close together and by those whose lie far apart."""

from __future__ import annotations

import numpy as np
import pytest

from indexing.nearness import Nearness
from indexing.vectors import Vectors


def beside(vectors: np.ndarray, common: float) -> np.ndarray:
    """The same vectors with a part that all have in common, as an encoder gives them whose cosines all lie near 1."""
    longer = np.concatenate([vectors, np.full((len(vectors), 1), common, np.float32)], axis=1)
    return longer / np.linalg.norm(longer, axis=1, keepdims=True)


@pytest.mark.parametrize("common", [0.5, 2.0, 4.0])
def test_steps_are_the_same_whatever_an_encoders_vectors_have_in_common(index, common):
    passages = index.vectors.reconstruct(np.arange(len(index.passages)))
    question = passages[7:8] + passages[11:12]
    question /= np.linalg.norm(question)
    steps = []
    for some, asked in ((passages, question), (beside(passages, common), beside(question, common))):
        steps.append(Nearness(Vectors.build(some))(some @ asked[0], query=asked[0]))
    np.testing.assert_allclose(steps[1], steps[0], rtol=0.02, atol=0.02)


def test_passages_are_at_0_on_average_and_what_answers_is_steps_nearer(index):
    assert index.search("本市户籍的孩子在哪里登记上小学")[0].dense > 1.5
    vectors = index.vectors.reconstruct(np.arange(len(index.passages)))
    question = index.encoder.encode_queries(["本市户籍的孩子在哪里登记上小学"])[0]
    assert abs(index.nearness(vectors @ question, query=question).mean()) < 0.2


def test_an_index_of_one_passage_has_a_scale_too():
    one = np.ones((1, 4), np.float32) / 2
    assert np.isfinite(Nearness(Vectors.build(one))(np.asarray([0.5]), query=one[0])).all()
