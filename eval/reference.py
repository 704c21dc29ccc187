"""The systems that everyone would build first, asked the same questions: llama-index's default query engine, and plain BM25."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import bm25s
import jieba
from llama_index.core import Document, MockEmbedding, VectorStoreIndex, get_response_synthesizer
from llama_index.core import Settings as LlamaSettings
from llama_index.core.llms import LLM, MockLLM
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import NodeWithScore, TextNode

from corpus import Gazette
from indexing.encoder import Encoder
from indexing.endpoint import failed
from indexing.llama import EncoderEmbedding

from .questions import Question

RETRIEVED = 20
QUOTED = 2  # llama-index's own default, similarity_top_k=2


@dataclass(frozen=True, slots=True)
class Chunk:
    """``text`` is ``gazette.text[start:end]`` of ``source``."""

    source: str
    start: int
    end: int
    text: str


Ranking = Callable[[str], Sequence[tuple[Chunk, float]]]
Writing = Callable[[str, Sequence[Chunk]], str]


def chunks(gazettes: Mapping[str, Gazette]) -> list[TextNode]:
    """llama-index's default chunks: ``SentenceSplitter()`` of 1,024 tokens with 200 shared, over the gazettes' plain text."""
    documents = [Document(text=gazette.text, metadata={}, id_=source) for source, gazette in gazettes.items()]
    return SentenceSplitter().get_nodes_from_documents(documents)


def placed(nodes: Sequence[TextNode]) -> dict[str, Chunk]:
    """The chunks by node id, with the splitter's offsets."""
    return {
        node.node_id: Chunk(node.ref_doc_id or "", node.start_char_idx or 0, node.end_char_idx or 0, node.text) for node in nodes
    }


def llama_index_default(nodes: Sequence[TextNode], places: Mapping[str, Chunk], *, encoder: Encoder) -> Ranking:
    """``VectorStoreIndex`` in memory with the same embedding model, its retriever as the default query engine uses it."""
    index = VectorStoreIndex(nodes=list(nodes), embed_model=EncoderEmbedding(encoder, embed_batch_size=32), show_progress=True)
    retriever = index.as_retriever(similarity_top_k=RETRIEVED)

    def ranking(question: str) -> list[tuple[Chunk, float]]:
        return [(places[hit.node.node_id], hit.score or 0.0) for hit in retriever.retrieve(question)]

    return ranking


def plain_bm25(places: Mapping[str, Chunk]) -> Ranking:
    """BM25 (bm25s as it comes) over jieba's words of the same chunks."""
    listed = list(places.values())
    scorer = bm25s.BM25()
    scorer.index([jieba.lcut(chunk.text) for chunk in listed], show_progress=False)

    def ranking(question: str) -> list[tuple[Chunk, float]]:
        found, scores = scorer.retrieve([jieba.lcut(question)], k=min(RETRIEVED, len(listed)), show_progress=False)
        return [(listed[at], float(score)) for at, score in zip(found[0], scores[0], strict=True)]

    return ranking


def quoting(question: str, chunks: Sequence[Chunk]) -> str:
    """The chunks as they are: with no language model there is nothing to write an answer."""
    return "\n".join(f"{chunk.text}[{number}]" for number, chunk in enumerate(chunks, start=1))


def writing(llm: LLM) -> Writing:
    """An answer as the default query engine writes it: llama-index's response synthesizer over the same chunks."""
    synthesizer = get_response_synthesizer(llm=llm)

    def write(question: str, chunks: Sequence[Chunk]) -> str:
        try:
            return str(synthesizer.synthesize(question, [NodeWithScore(node=TextNode(text=chunk.text)) for chunk in chunks]))
        except Exception as error:  # whatever an endpoint may do
            raise failed(error) from error

    return write


def record(question: Question, ranking: Ranking, write: Writing = quoting) -> dict:
    """An answer made of the first chunks, which are its citations.

    It knows neither notices nor clauses, refuses nothing, and takes a follow-up
    as it is typed, behind the person's earlier turns.
    """
    began = time.perf_counter()
    asked = "\n".join((*question.history, question.question))
    hits = ranking(asked)
    quoted = [chunk for chunk, _ in hits[:QUOTED]]
    return {
        "id": question.id, "status": "answered", "answer": write(asked, quoted),
        "citations": [
            {"notice": "", "title": chunk.source, "date": "", "clause": [], "source": chunk.source, "start": chunk.start,
             "end": chunk.end, "quote": chunk.text} for chunk in quoted
        ],
        "retrieved": [
            {"source": chunk.source, "start": chunk.start, "end": chunk.end, "score": round(score, 6)} for chunk, score in hits
        ],
        "latency_ms": round(1000 * (time.perf_counter() - began), 2),
    }


def systems(gazettes: Mapping[str, Gazette], *, encoder: Encoder) -> Iterator[tuple[str, Callable[[], Ranking]]]:
    """Name of each reference and what makes its ranking, at its first use: embedding takes minutes. Both have the same chunks."""
    with nothing_remote():
        nodes = chunks(gazettes)
        places = placed(nodes)
        yield "bm25", cache(lambda: plain_bm25(places))
        yield "llama-index", cache(lambda: llama_index_default(nodes, places, encoder=encoder))


@contextmanager
def nothing_remote() -> Iterator[None]:
    """Without this, llama-index asks for an OpenAI key as soon as one of its defaults is touched."""
    before = LlamaSettings._llm, LlamaSettings._embed_model
    LlamaSettings.llm, LlamaSettings.embed_model = MockLLM(), MockEmbedding(embed_dim=1)
    try:
        yield
    finally:
        LlamaSettings._llm, LlamaSettings._embed_model = before
