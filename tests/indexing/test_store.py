"""The FAISS store and the index through llama-index's own interfaces."""

from __future__ import annotations

import asyncio

import pytest
from llama_index.core import VectorStoreIndex
from llama_index.core.schema import TextNode
from llama_index.core.vector_stores.types import (
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
)

from corpus import Corpus
from indexing import Index, build
from indexing.llama import EncoderEmbedding, IndexRetriever, node_of
from indexing.store import FaissStore

FIREWORKS = "朝政发〔2021〕4号"
SCHOOL = "朝政办发〔2021〕4号"
QUESTION = "过年在朝阳区家门口能放鞭炮吗"


@pytest.fixture
def store(index) -> FaissStore:
    return FaissStore.of(index)


@pytest.fixture(scope="module")
def of_years(gazettes, quick, tmp_path_factory) -> Index:
    """An index of the gazettes of one district, of two years."""
    chosen = Corpus(tuple(parsed for parsed in gazettes.parsed if parsed.gazette.district == "朝阳区"))
    folder = tmp_path_factory.mktemp("two")
    build(corpus=chosen, folder=folder, progress=False, encoder=quick())
    return Index.load(folder, encoder=quick())


def ask(store, index, *, top=5, question=QUESTION, **options):
    vector = index.encoder.encode_queries([question])[0].tolist()
    return store.query(VectorStoreQuery(query_embedding=vector, similarity_top_k=top, **options))


def only(**values) -> MetadataFilters:
    return MetadataFilters(filters=[MetadataFilter(key=key, value=value) for key, value in values.items()])


def test_a_query_finds_the_fireworks_notice(store, index):
    result = ask(store, index)
    assert FIREWORKS in {node.metadata["notice"] for node in result.nodes}
    assert result.similarities == sorted(result.similarities, reverse=True)
    assert result.ids == [node.node_id for node in result.nodes]


def test_a_filter_narrows_to_a_notice_and_still_fills_the_places(store, index):
    result = ask(store, index, filters=only(notice=SCHOOL))
    assert {node.metadata["notice"] for node in result.nodes} == {SCHOOL} and len(result.nodes) == 5


def test_filters_by_district_and_year_and_their_combinations(of_years):
    index = of_years
    store = FaissStore.of(index)

    def found(filters):
        return {node.metadata["source"] for node in ask(store, index, top=10_000, filters=filters).nodes}

    of_2021 = MetadataFilter(key="years", value=2021, operator=FilterOperator.CONTAINS)
    nowhere = MetadataFilter(key="district", value="海淀区")
    here = MetadataFilter(key="district", value="朝阳区")
    assert found(MetadataFilters(filters=[here])) == set(index.corpus.gazettes)
    assert found(MetadataFilters(filters=[nowhere])) == set()
    narrowed = found(MetadataFilters(filters=[here, of_2021]))
    assert "chaoyang-2021-02.txt" in narrowed
    assert found(MetadataFilters(filters=[nowhere, of_2021], condition=FilterCondition.OR)) == narrowed
    both = MetadataFilters(filters=[here, MetadataFilters(filters=[of_2021], condition=FilterCondition.NOT)])
    every = {passage.id for passage in index.passages if 2021 not in passage.years}
    assert {node.node_id for node in ask(store, index, top=10_000, filters=both).nodes} == every
    assert found(MetadataFilters(filters=[MetadataFilter(key="start", value=1000, operator=FilterOperator.LT)]))


def test_deleting_a_gazette_leaves_none_of_its_nodes(of_years):
    store = FaissStore.of(of_years)
    source = "chaoyang-2021-02.txt"
    store.delete(source)
    left = ask(store, of_years, top=10_000)
    assert len(left.nodes) == len(store) == sum(passage.source != source for passage in of_years.passages)
    assert source not in {node.metadata["source"] for node in left.nodes}
    assert store.get_nodes(filters=only(source=source)) == []
    assert len(of_years.search(QUESTION, notices=[FIREWORKS])) > 0, "the index it was made from is untouched"


def test_deleting_nodes_by_name_and_by_filter(store, index):
    first = index.passages[0].id
    store.delete_nodes([first])
    assert first not in ask(store, index, top=1000).ids
    store.delete_nodes(filters=only(notice=FIREWORKS))
    assert FIREWORKS not in {node.metadata["notice"] for node in ask(store, index, top=1000).nodes}


def test_adding_a_node_again_replaces_it(store, index):
    node = TextNode(id_="new", text="一", embedding=index.encoder.encode_passages(["燃放烟花爆竹"])[0].tolist())
    assert store.add([node]) == ["new"]
    count = len(store)
    node.text = "二"
    store.add([node])
    assert len(store) == count
    assert [found.get_content() for found in ask(store, index, node_ids=["new"]).nodes] == ["二"]


def test_persisted_store_answers_the_same(store, index, tmp_path):
    store.delete_nodes([index.passages[0].id])
    store.persist(str(tmp_path / "store"))
    again = FaissStore.from_persist_path(str(tmp_path / "store"))
    for one in (ask(store, index), ask(store, index, filters=only(notice=SCHOOL))):
        assert len(one.ids) == 5
    assert ask(again, index).ids == ask(store, index).ids
    assert ask(again, index, filters=only(notice=SCHOOL)).ids == ask(store, index, filters=only(notice=SCHOOL)).ids


def test_cleared_store_is_empty_and_takes_nodes_again(store, index):
    store.clear()
    assert ask(store, index).ids == []
    node = TextNode(id_="new", text="一", embedding=[1.0] * index.encoder.dimensions)
    store.add([node])
    assert ask(store, index).ids == ["new"]


def test_what_it_cannot_do_it_says(store, index):
    with pytest.raises(ValueError, match="hybrid"):
        ask(store, index, mode=VectorStoreQueryMode.HYBRID)
    with pytest.raises(ValueError, match="dimensions"):
        store.add([TextNode(text="一", embedding=[1.0, 2.0])])


def test_llama_index_builds_a_retriever_on_the_store(store, index):
    retriever = VectorStoreIndex.from_vector_store(store, embed_model=EncoderEmbedding(index.encoder)).as_retriever(
        similarity_top_k=3, filters=only(notice=FIREWORKS)
    )
    nodes = retriever.retrieve(QUESTION)
    assert [found.node.metadata["notice"] for found in nodes] == [FIREWORKS] * 3


def test_the_index_itself_is_a_retriever(index):
    nodes = IndexRetriever(index, limit=4, notices=[FIREWORKS]).retrieve(QUESTION)
    hits = index.search(QUESTION, notices=[FIREWORKS], limit=4)
    assert [(found.node.node_id, found.score) for found in nodes] == [(hit.passage.id, hit.score) for hit in hits]
    first = nodes[0].node
    gazette = index.corpus.gazettes[first.metadata["source"]].text
    assert gazette[first.start_char_idx : first.end_char_idx] == gazette[hits[0].passage.start : hits[0].passage.end]
    assert asyncio.run(IndexRetriever(index, limit=1).aretrieve(QUESTION))


def test_a_node_is_embedded_with_the_words_of_its_context(index):
    from llama_index.core.schema import MetadataMode

    passage = index.passages[5]
    assert node_of(passage).get_content(metadata_mode=MetadataMode.EMBED).strip() == passage.embedded_text.strip()
