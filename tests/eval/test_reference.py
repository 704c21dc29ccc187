"""The engines that everyone would build first: their chunks, their rankings, their answers."""

import pytest

from eval.figures import Judged
from eval.records import parsed
from eval.reference import QUOTED, RETRIEVED, chunks, llama_index_default, nothing_remote, placed, plain_bm25, record
from eval.writing import line
from indexing.llama import EncoderEmbedding

SOURCE = "chaoyang-2021-02.txt"


@pytest.fixture(scope="module")
def nodes(corpus):
    with nothing_remote():
        yield chunks({SOURCE: corpus.gazettes[SOURCE]})


def test_chunks_are_what_is_printed_at_their_offsets(nodes, corpus):
    text = corpus.gazettes[SOURCE].text
    places = placed(nodes)
    assert len(places) == len(nodes) > 20
    assert all(text[chunk.start : chunk.end] == chunk.text for chunk in places.values())
    assert {position for chunk in places.values() for position in range(chunk.start, chunk.end)} >= {
        position for position, character in enumerate(text) if not character.isspace()
    }


def test_bm25_finds_by_words_and_quotes_its_first_two_chunks(nodes, by_id, texts):
    question = by_id["cy-004"]
    result = record(question, plain_bm25(placed(nodes)))
    assert len(result["retrieved"]) == min(RETRIEVED, len(nodes))
    assert len(result["citations"]) == QUOTED
    assert Judged(question, parsed(line(result), place="here:1"), texts).verbatim == 1.0


def test_llama_index_ranks_by_the_same_model(nodes, by_id):
    from corpus import settings
    from indexing.encoder import load_encoder

    encoder = load_encoder(settings())
    some = nodes[:6]
    ranking = llama_index_default(some, placed(some), encoder=encoder)
    hits = ranking("过年在朝阳区家门口能放鞭炮吗")
    assert len(hits) == 6
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)
    query = EncoderEmbedding(encoder).get_query_embedding("过年在朝阳区家门口能放鞭炮吗")
    own = encoder.encode_passages([hits[0][0].text])[0] @ query
    assert hits[0][1] == pytest.approx(float(own), abs=0.02)
