"""One encoder for all: fast, the same whatever the batch, any model by one setting."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from corpus.errors import GazetteError
from corpus.settings import Settings, settings
from indexing.bert import Bert, Linear, attention_by_parts, batches, filled, is_bert
from indexing.encoder import BertEncoder, SentenceEncoder, digest_of, load_encoder
from indexing.int8 import Int8FeedForward, native_int8

QUESTIONS = ["过年在朝阳区家门口能放鞭炮吗", "外地户口的孩子上小学要哪些材料", "低保", "门头沟 2017 河长制 谁负责", "西政办发〔2022〕2号"]


def linked_model(folder, **changed):
    """The bundled model's folder under another name, some of its JSON files changed."""
    shutil.copytree(settings().model_folder, folder, copy_function=lambda source, target: folder.joinpath(target).symlink_to(source))
    for name, content in changed.items():
        path = folder / name.replace("__", "/")
        path.unlink()
        path.write_text(json.dumps(content))
    return folder


def test_bfloat16_changes_no_embedding_to_speak_of(small):
    texts = [clause.text for clause in small.clauses[:40]]
    exact, quick = (Bert(settings().model_folder, threads=1, precision=kind).encode(texts) for kind in ("fp32", "bf16"))
    assert (exact * quick).sum(axis=1).min() >= 0.9995


@pytest.mark.skipif(not native_int8(), reason="this CPU multiplies no bytes")
@pytest.mark.parametrize("bfloat16", [False, True])
def test_bytes_change_little_in_the_embedding_of_a_passage_and_nothing_in_that_of_a_question(small, monkeypatch, bfloat16):
    monkeypatch.setattr("indexing.bert.native_bfloat16", lambda: bfloat16)
    texts = [clause.text for clause in small.clauses[:40]]
    model, exact = (Bert(settings().model_folder, threads=1, precision=kind) for kind in ("int8", "bf16" if bfloat16 else "fp32"))
    question, brief = (model.encode(texts, brief=brief) for brief in (False, True))
    assert (question * brief).sum(axis=1).min() >= 0.99
    assert np.abs(question - brief).max() > 1e-4
    assert (question == exact.encode(texts)).all()


@pytest.mark.parametrize(("faster", "how"), [(True, "bf16, passages int8, 1 thread"), (False, "bf16, 1 thread")])
def test_passages_are_encoded_in_bytes_where_that_is_faster_and_the_log_says_so(monkeypatch, faster, how):
    monkeypatch.setattr("indexing.bert.native_bfloat16", lambda: True)
    monkeypatch.setattr("indexing.bert.faster_int8", lambda: faster)
    assert BertEncoder(settings().model_folder, name="small", threads=1).how == how


def test_the_weights_are_taken_by_one_thread(monkeypatch):
    torch.set_num_threads(2)
    threads, take = [], Bert._take_layers
    monkeypatch.setattr(Bert, "_take_layers", lambda bert, read: threads.append(torch.get_num_threads()) or take(bert, read))
    Bert(settings().model_folder, threads=2)
    assert threads == [1]


def test_a_passage_is_embedded_alike_alone_and_among_others(encoder, small):
    texts = [clause.text for clause in small.clauses[:40]]
    together = encoder.encode_passages(texts)
    alone = np.concatenate([encoder.encode_passages([text]) for text in texts])
    assert (together * alone).sum(axis=1).min() >= 0.997  # a last bit that differs can be a step


@pytest.mark.skipif(not native_int8(), reason="this CPU multiplies no bytes")
def test_numbers_far_above_their_neighbours_do_not_coarsen_what_is_between_the_products():
    torch.manual_seed(1)
    before = torch.randn(256, 48)
    inner, outer = (torch.randn(96, 48) / 7, torch.zeros(96)), (torch.randn(24, 96) / 10, torch.randn(24))
    inner[1][5] = 90.0  # one number of each row is forty times the largest of the others
    between = torch.nn.functional.gelu(torch.nn.functional.linear(before, *inner))
    exact = torch.nn.functional.linear(between, *outer)
    found = Int8FeedForward(inner, outer, before=before, between=between, kind=torch.float32)(before)
    assert (found - exact).norm() < 0.02 * (exact - exact.mean(0)).norm()


@pytest.mark.parametrize("spread", [1.0, 8.0])
def test_attention_by_parts_is_attention_and_sees_no_padding(spread):
    torch.manual_seed(1)
    query, key, value = (torch.randn(3, 2, 70, 16) * size for size in (spread, 1.0, 1.0))
    seen = (torch.arange(70) < torch.tensor([70, 66, 1])[:, None])[:, None, None]
    exact = torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)
    found = attention_by_parts(query.bfloat16(), key.bfloat16(), value.bfloat16(), seen.float()).float()
    assert (found - exact).abs().mean() < 0.02
    assert (found[2] - value[2, :, :1]).abs().max() < 0.02  # one word sees itself alone


def test_a_text_is_embedded_alike_alone_and_among_others(encoder):
    together = encoder.encode_queries(QUESTIONS)
    alone = np.concatenate([encoder.encode_queries([question]) for question in QUESTIONS])
    assert (together * alone).sum(axis=1).min() >= 0.9995
    assert together.shape == (len(QUESTIONS), encoder.dimensions) and together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_many_requests_at_once_are_answered_as_each_alone(encoder):
    asked = [[question] for question in QUESTIONS] + [QUESTIONS[:2]]

    def encoded(questions):
        pieces = {}
        return encoder.encode_queries(questions, each=pieces.__setitem__), pieces[0].states

    alone = [encoded(questions) for questions in asked]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda place: encoded(asked[place % len(asked)]), range(60)))
    for place, made in enumerate(found):
        for mine, expected in zip(made, alone[place % len(asked)], strict=True):
            np.testing.assert_allclose(mine, expected, atol=1e-5)  # a bfloat16 rounded otherwise would be a hundred times that


def test_no_text_no_vector(encoder):
    assert encoder.encode_queries([]).shape == (0, encoder.dimensions)


def test_batches_hold_every_text_once_longest_first():
    lengths = [5, 500, 30, 30, 7, 512, 200, 1]
    groups = batches(lengths)
    assert sorted(index for group in groups for index in group) == list(range(len(lengths)))
    assert [lengths[group[0]] for group in groups] == sorted((lengths[group[0]] for group in groups), reverse=True)


def test_longest_text_is_cut_at_what_the_model_takes(encoder):
    long = "北京市朝阳区人民政府办公室关于印发通知。" * 100
    np.testing.assert_allclose(encoder.encode_passages([long]), encoder.encode_passages([long + "另起一段。"]), atol=1e-6)


def test_another_bert_folder_by_one_setting(tmp_path):
    folder = linked_model(tmp_path / "first-token", **{"1_Pooling__config.json": {"pooling_mode_cls_token": True, "word_embedding_dimension": 384}})
    encoder = load_encoder(Settings(model=str(folder)))
    assert isinstance(encoder, BertEncoder) and encoder.name == "first-token"
    assert encoder.digest != load_encoder(settings()).digest
    theirs = SentenceEncoder(str(folder), name="", threads=1)
    assert (encoder.encode_queries(QUESTIONS) * theirs.encode_queries(QUESTIONS)).sum(axis=1).min() >= 0.9995


def test_the_digest_is_told_without_loading_save_of_a_model_of_the_hub(tmp_path, encoder, plain):
    assert digest_of(settings()) == encoder.digest
    assert digest_of(settings().model_copy(update={"adapter": ""})) == plain.digest
    folder = linked_model(tmp_path / "first-token", **{"1_Pooling__config.json": {"pooling_mode_cls_token": True, "word_embedding_dimension": 384}})
    assert digest_of(Settings(model=str(folder))) == load_encoder(Settings(model=str(folder))).digest
    assert digest_of(Settings(model="intfloat/multilingual-e5-small")) == ""


def test_any_other_model_goes_through_sentence_transformers(tmp_path):
    folder = linked_model(tmp_path / "max-pooled", **{"1_Pooling__config.json": {"pooling_mode_max_tokens": True, "word_embedding_dimension": 384}})
    assert not is_bert(folder)
    encoder = load_encoder(Settings(model=str(folder)))
    assert isinstance(encoder, SentenceEncoder)
    vectors = encoder.encode_passages(QUESTIONS)
    assert vectors.shape == (5, 384) and vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("make", [
    lambda folder: folder.mkdir(),
    lambda folder: linked_model(folder, **{"config.json": {"model_type": "bert"}}),
    lambda folder: linked_model(folder, **{"modules.json": []}),
])
def test_a_folder_that_is_no_model_is_one_line_that_names_the_setting(tmp_path, make):
    make(tmp_path / "broken")
    with pytest.raises(GazetteError) as error:
        load_encoder(Settings(model=str(tmp_path / "broken")))
    assert str(tmp_path / "broken") in str(error.value) and "GAZETTE_MODEL" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("rows", [1, 15, 16, 17, 255, 257, 700])
@pytest.mark.parametrize("gelu", [False, True])
def test_added_rows_do_not_show_in_a_product(rows, gelu):
    torch.manual_seed(rows)
    x, weight, bias = torch.randn(rows, 48), torch.randn(24, 48) / 7, torch.randn(24)
    plain, packed = (Linear(weight.to(kind), bias.to(kind), gelu=gelu)(filled(x.to(kind))).float() for kind in (torch.float32, torch.bfloat16))
    assert packed.shape == plain.shape and len(packed) % 16 == 0
    assert (plain - packed).abs().max() < 0.05
    np.testing.assert_allclose(plain[:rows], Linear(weight, bias, gelu=gelu)(x), atol=1e-5)
