"""Word pieces: kept in few bytes, compared as late interaction is defined, whatever their passage is cut into."""

from __future__ import annotations

import numpy as np
import pytest

from corpus.errors import GazetteError
from indexing.pieces import Basis, PieceIndex, Pieces

QUESTION = "过年在朝阳区家门口能放鞭炮吗"


def pieces_of(encoder, text: str) -> Pieces:
    found: list[Pieces] = []
    encoder.encode_queries([text], each=lambda _, one: found.append(one))
    return found[0]


@pytest.fixture(scope="module")
def pieces(index) -> PieceIndex:
    return index._search.closeness.pieces


def by_definition(pieces: PieceIndex, asked: Pieces, at: int) -> list[float]:
    """The five figures of ``likeness`` word for word as they are defined, one piece at a time."""
    one = pieces.coded(at)
    turned = pieces.basis.turned(asked.states)
    rarity = [np.log(1 + len(pieces) / (1 + (pieces.counts[i] if i < len(pieces.counts) else 0))) for i in asked.ids]

    def nearest(chosen: set[int]) -> list[float]:
        return [max((float(code @ word) / 254 for code, part in zip(one.codes.astype(float), one.parts, strict=True) if part in chosen),
                    default=-1.0) for word in turned]

    def mean(values: list[float]) -> float:
        return float(np.average(values, weights=rarity))

    sentences = sorted(set(one.parts.tolist()) - {0})
    return [
        mean(nearest({0, *sentences})), float(np.mean(nearest({0, *sentences}))), max(mean(nearest({s})) for s in sentences),
        max(mean(nearest({0, s})) for s in sentences), mean(nearest({0})),
    ]


def test_likeness_is_what_it_is_said_to_be(pieces, encoder):
    asked = pieces_of(encoder, QUESTION)
    at = np.array([at for at in (40, 3, 21, 8) if pieces.coded(at).parts.max() > 0 and pieces.coded(at).parts.min() == 0])
    found = pieces.likeness(asked, at)
    assert found == pytest.approx(np.array([by_definition(pieces, asked, int(one)) for one in at]), abs=1e-4)


def test_read_sentence_by_sentence_the_best_is_the_passages_own(pieces, encoder):
    asked = pieces_of(encoder, QUESTION)
    for at in range(0, len(pieces), 29):
        found = pieces.by_sentence(asked, at)
        whole = pieces.likeness(asked, np.asarray([at]))[0]
        assert len(found) == int(pieces.coded(at).parts.max()) + 1
        np.testing.assert_allclose([found[0, 0], *found[1:].max(axis=0)], [whole[4], whole[2], whole[3]], rtol=1e-4)


def test_the_sentence_that_says_it_is_nearer_than_those_beside_it(index):
    passage = index.search(QUESTION)[0].passage
    sentences = [part + "。" for part in passage.text.rstrip("。").split("。")]
    found = index.closely(QUESTION, passage, [*sentences, "这句话文件里没有。"])
    assert len(sentences) > 1 and "烟花爆竹" in sentences[int(found[:-1, 1].argmax())]
    np.testing.assert_allclose(found[-1], index._search.closely(QUESTION, index._positions[passage.id]).max(axis=0))


def test_of_a_question_only_its_own_words_count_not_the_prompt(encoder):
    asked = pieces_of(encoder, "鞭炮")
    assert asked.starts.tolist() == sorted(asked.starts.tolist()) and asked.starts.max() < 2
    assert len(asked.ids) == len(asked.states) <= 3


def test_the_passage_that_says_it_is_nearer_than_the_others(index, pieces, encoder):
    at = next(at for at, one in enumerate(index.passages) if "燃放烟花爆竹" in one.text and len(one.text) > 60)
    found = pieces.likeness(pieces_of(encoder, index.passages[at].text[:60]), np.arange(len(pieces)))
    assert found[:, 0].argmax() == at


def test_sentences_are_told_apart_and_the_first_line_is_the_context():
    text = "朝阳区 通告\n甲。乙；丙"
    starts = np.array([0, 4, 7, 8, 9, 11])
    basis = Basis(np.eye(4, dtype=np.float32))
    one = basis.coded(Pieces(np.arange(6), np.ones((6, 4), np.float32), starts), text)
    assert one.parts.tolist() == [0, 0, 1, 1, 2, 3]


def test_a_passage_without_pieces_is_like_nothing(pieces, encoder):
    basis = pieces.basis
    nothing = basis.coded(Pieces(np.empty(0, np.int64), np.empty((0, encoder.dimensions), np.float32), np.empty(0, np.int64)), "")
    mixed = PieceIndex.build([nothing, pieces.coded(5), nothing], basis=basis)
    found = mixed.likeness(pieces_of(encoder, QUESTION), np.array([0, 1, 2]))
    assert found[[0, 2]].tolist() == [[0] * 5] * 2 and found[1, 0] > 0
    assert mixed.likeness(Pieces(*(np.empty(0, np.int64) for _ in range(3))), np.array([1])).tolist() == [[0] * 5]


def test_saved_pieces_are_the_same_and_damaged_ones_are_named(pieces, tmp_path):
    pieces.save(tmp_path / "pieces")
    again = PieceIndex.load(tmp_path / "pieces")
    for at in (0, 7, len(pieces) - 1):
        assert (again.coded(at).codes == pieces.coded(at).codes).all() and (again.coded(at).parts == pieces.coded(at).parts).all()
    np.save(tmp_path / "pieces" / "ids.npy", np.zeros(3, np.int32))
    with pytest.raises(GazetteError, match=str(tmp_path)):
        PieceIndex.load(tmp_path / "pieces")
