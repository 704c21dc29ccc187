"""A cross-encoder by one setting: its reading is added to the ranking of the first hits."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import GazetteError
from corpus.settings import Settings, settings
from indexing import Index
from indexing.reranker import load_reranker

QUESTION = "过年在朝阳区家门口能放鞭炮吗"


@pytest.fixture(scope="module")
def model(tmp_path_factory, encoder) -> Path:
    """A folder with a real cross-encoder: very small, with the bundled model's tokenizer, its weights drawn at random."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    folder = tmp_path_factory.mktemp("cross-encoder")
    tokenizer = AutoTokenizer.from_pretrained(settings().model_folder)
    torch.manual_seed(1)
    network = BertForSequenceClassification(BertConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        pad_token_id=tokenizer.pad_token_id, num_labels=1, initializer_range=0.3))
    with torch.no_grad():
        network.classifier.weight *= 10  # so that it moves hits about
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_none_is_loaded_unless_one_is_set():
    assert load_reranker(Settings()) is None


def test_its_log_odds_are_added_to_the_first_hits(model, built, index, encoder):
    reranker = load_reranker(Settings(reranker=str(model)))
    together = Index.load(built, encoder=encoder, reranker=reranker)
    plain = index.search(QUESTION, limit=24, districts=["朝阳区"])
    read = reranker.log_odds(QUESTION, [hit.passage.embedded_text for hit in plain])
    assert read.max() - read.min() > 0.5, "the model tells the passages apart"
    expected = {hit.passage.id: hit.score + odds for hit, odds in zip(plain, read.tolist(), strict=True)}
    hits = together.search(QUESTION, limit=24, districts=["朝阳区"])
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert [hit.passage.id for hit in hits] != [hit.passage.id for hit in plain]
    assert {hit.passage.id: hit.score for hit in hits if hit.passage.id in expected} == pytest.approx(
        {hit.passage.id: expected[hit.passage.id] for hit in hits if hit.passage.id in expected}, abs=1e-3)


def test_a_folder_that_is_no_cross_encoder_is_one_line_that_names_the_setting(tmp_path):
    (tmp_path / "broken").mkdir()
    with pytest.raises(GazetteError) as error:
        load_reranker(Settings(reranker=str(tmp_path / "broken")))
    assert str(tmp_path / "broken") in str(error.value) and "GAZETTE_RERANKER" in str(error.value)
    assert "\n" not in str(error.value)
