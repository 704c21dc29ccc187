"""An adapter: trained on questions, kept where the training was stopped, merged as peft would apply it, taken by one setting."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from benchmarks import folds
from benchmarks.folds import folds_of
from benchmarks.retrieval import Question
from corpus.errors import GazetteError
from corpus.settings import ROOT, Settings, settings
from indexing import bundled, tuning
from indexing.__main__ import main
from indexing.adapters import BUNDLED, CONFIG, FOLDER, WEIGHTS, Adapter
from indexing.bundled import file_digest
from indexing.encoder import SentenceEncoder, load_encoder
from indexing.evidence import Printed

BANK = ROOT / "eval" / "questions" / "bank.jsonl"
SMALL = tuning.Recipe(batch=4, alike=2, epochs=1, members=2)
TEXTS = ["query: 过年能在家门口放鞭炮吗", "passage: 朝阳区 2021年 五环路以内为禁止燃放烟花爆竹区域", "passage: 一、入学条件\n凡年满6周岁"]


@pytest.fixture(scope="module")
def tuned():
    return load_encoder(settings().model_copy(update={"adapter": BUNDLED}))


@pytest.fixture(scope="module")
def few(index, tmp_path_factory):
    """Eight questions of the bank and the gazettes they are about."""
    path = tmp_path_factory.mktemp("bank") / "few.jsonl"
    path.write_text("\n".join(BANK.read_text("utf-8").splitlines()[:200:25]), "utf-8")
    return tuning.asked([path], printed=Printed(index.corpus, index.passages))


def trained(out: Path, few, index, plain, *, steps: int | None = None, recipe: tuning.Recipe = SMALL) -> Path:
    texts = [passage.embedded_text for passage in index.passages]
    plans = tuning.plan(few, texts=texts, encoder=plain, recipe=recipe)
    folder = bundled.ensure_bundled(settings().model_folder)
    training = tuning.Tuning(folder, name=bundled.NAME, prompts=("query: ", "passage: "), recipe=recipe, threads=1, out=out)
    if steps:
        step, calls = training._step, iter(range(steps))

        def killed(*given, **named):
            if next(calls, None) is None:
                raise KeyboardInterrupt
            return step(*given, **named)

        training._step = killed
    training(few, plans, texts=texts, progress=False)
    training.save(questions=len(few))
    return out


def test_the_adapter_is_merged_as_peft_applies_it(tuned):
    from peft import PeftModel
    from sentence_transformers import SentenceTransformer

    folder = bundled.ensure_bundled(settings().model_folder)
    whole = SentenceTransformer(str(folder), device="cpu")
    whole[0].auto_model = PeftModel.from_pretrained(whole[0].auto_model, str(FOLDER / BUNDLED))
    theirs = whole.encode(TEXTS, normalize_embeddings=True)
    ours = SentenceEncoder(str(folder), name=bundled.NAME, threads=1, adapter=Adapter(FOLDER / BUNDLED)).encode_passages
    fast = tuned._bert.encode(TEXTS)
    plainly = SentenceEncoder(str(folder), name=bundled.NAME, threads=1)._encode(TEXTS, prompt="", places=range(3), each=None)
    assert (theirs * fast).sum(axis=1).min() >= 0.999
    assert (theirs * ours([text.removeprefix("passage: ") for text in TEXTS])).sum(axis=1)[1:].min() >= 0.9999
    assert (theirs * plainly).sum(axis=1).max() < 0.99


def test_one_setting_takes_the_adapter_and_the_encoder_says_so(plain, tuned):
    assert tuned.name == f"{bundled.NAME}+{BUNDLED}" and plain.name == bundled.NAME
    assert plain.digest != tuned.digest


def test_a_training_that_was_killed_goes_on_to_the_same_adapter(tmp_path, few, index, plain, monkeypatch):
    monkeypatch.setattr(tuning, "EVERY", 1)
    at_once = trained(tmp_path / "at once", few, index, plain)
    for steps in (1, 2):  # in the first member; in the second, from where the first time ended
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path / "killed", few, index, plain, steps=steps)
    with pytest.raises(GazetteError, match="another training"):
        trained(tmp_path / "killed", few, index, plain, recipe=replace(SMALL, seed=2))
    gone_on = trained(tmp_path / "killed", few, index, plain)
    assert (at_once / WEIGHTS).read_bytes() == (gone_on / WEIGHTS).read_bytes()
    assert (at_once / CONFIG).read_bytes() == (gone_on / CONFIG).read_bytes()
    assert json.loads((gone_on / "training.json").read_text("utf-8"))["questions"] == len(few)
    assert not (gone_on / tuning.CHECKPOINT).exists()
    change = load_encoder(settings().model_copy(update={"adapter": str(gone_on)})).encode_passages(TEXTS) - plain.encode_passages(TEXTS)
    assert np.abs(change).max() > 1e-4


def test_an_adapter_is_the_mean_of_its_members_and_two_seeds_have_no_member_in_common(tmp_path, few, index, plain):
    def weights(seed: int, members: int) -> dict[str, torch.Tensor]:
        recipe = replace(SMALL, seed=seed, members=members)
        return load_file(trained(tmp_path / f"{seed} of {members}", few, index, plain, recipe=recipe) / WEIGHTS)

    first, second, both = weights(1, 1), weights(2, 1), weights(1, 2)
    assert any(not torch.equal(first[name], second[name]) for name in both)
    for name, mean in both.items():
        assert torch.allclose(mean, (first[name] + second[name]) / 2, atol=1e-7)
    assert plans_of(few, index, plain, seed=2)[0] not in plans_of(few, index, plain, seed=1)


def plans_of(few, index, plain, *, seed: int) -> list[list[list[int]]]:
    return tuning.plan(few, texts=[passage.embedded_text for passage in index.passages], encoder=plain, recipe=replace(SMALL, seed=seed))


def test_a_passage_with_a_word_for_each_of_the_question_is_nearest_by_word():
    draw = torch.Generator().manual_seed(1)
    words = torch.randn(12, 8, generator=draw)
    found = tuning.by_word([words[:3], words[6:9]], [words[:6], words[6:]])
    assert found.shape == (2, 2)
    assert torch.allclose(found.diagonal(), torch.ones(2), atol=1e-6)
    assert found[0, 1] < 0.99 and found[1, 0] < 0.99


def test_the_card_and_the_adapter_name_no_folder_of_the_machine_that_trained_it():
    for path in (FOLDER / BUNDLED).iterdir():
        assert str(Path.home()).encode() not in path.read_bytes() and b"/var/model" not in path.read_bytes()
    assert Adapter(FOLDER / BUNDLED).base == bundled.NAME


@pytest.mark.parametrize(("line", "told"), [("{", "bad.jsonl:2"), ('{"question": "几岁入学"}', "bad.jsonl:2"), ("[]", "bad.jsonl:2")])
def test_a_question_that_cannot_be_read_is_named(tmp_path, index, line, told):
    path = tmp_path / "bad.jsonl"
    path.write_text(BANK.read_text("utf-8").splitlines()[0] + "\n" + line, "utf-8")
    with pytest.raises(GazetteError, match=told):
        tuning.asked([path], printed=Printed(index.corpus, index.passages))


def test_a_question_with_two_answers_is_learnt_from_once_for_each_and_neither_is_a_wrong_answer_to_the_other(tmp_path, index):
    printed = Printed(index.corpus, index.passages)
    lines = folds.WRITTEN.read_text("utf-8").splitlines()
    path = tmp_path / "written.jsonl"
    two = next(line for line in lines if len(gold := json.loads(line)["gold"]) == 2 and not json.loads(line)["history"]
               and (first := printed.shares(gold[0]["evidence"])) and (second := printed.shares(gold[1]["evidence"])) and first.keys().isdisjoint(second))
    followup = next(line for line in lines if json.loads(line)["history"] and json.loads(line)["gold"])
    path.write_text(f"{followup}\n{two}\n", "utf-8")
    found = tuning.asked([path], printed=printed)
    assert [one.question for one in found] == [json.loads(two)["question"]] * 2
    assert {one.passage for one in found} <= found[0].holding == found[1].holding
    assert {index.passages[at].source for at in found[0].holding} <= found[0].sources


def test_a_question_is_fitted_to_as_a_district_left_out_finds_it(index, gazettes):
    printed, districts = Printed(gazettes, ()), folds_of(gazettes)
    for passage in index.passages[:: len(index.passages) // 20]:
        question = Question("谁来管", "", (index.corpus.gazettes[passage.source].text[passage.start : passage.end],))
        assert passage.source in folds.printing(question, printed=printed)
        assert folds.printing(question, printed=printed) & set(districts[folds.district_of(question, folds=districts, printed=printed)])
    refused = [folds.district_of(Question(text, "", ()), folds=districts, printed=printed) for text in ("门头沟的房租补贴", "房租补贴")]
    assert refused == ["门头沟区", ""]


@pytest.mark.parametrize("setting", ["--members", "--epochs", "--seed"])
def test_a_recipe_that_trains_nothing_is_refused(setting, capsys):
    assert main(["tune", setting, "0"]) == 1
    assert f"error: {setting}: a number from 1 on is needed" in capsys.readouterr().err


def test_an_adapter_that_does_not_fit_is_refused_with_the_way_out(tmp_path):
    with pytest.raises(GazetteError, match="GAZETTE_ADAPTER.*or residents"):
        load_encoder(Settings(adapter=str(tmp_path)))
    config = json.loads((FOLDER / BUNDLED / CONFIG).read_text("utf-8"))
    (tmp_path / CONFIG).write_text(json.dumps({**config, "base_model_name_or_path": "another"}), "utf-8")
    (tmp_path / WEIGHTS).write_bytes((FOLDER / BUNDLED / WEIGHTS).read_bytes())
    with pytest.raises(GazetteError, match="trained for the model another"):
        load_encoder(Settings(adapter=str(tmp_path)))
    with pytest.raises(GazetteError, match="does not have"):
        Adapter(tmp_path).check(["encoder.layer.0.attention.self.query.weight"])
    assert torch.equal(Adapter(tmp_path).merged("pooler.dense.weight", torch.ones(2, 2)), torch.ones(2, 2))


def test_the_adapter_is_taken_unless_another_model_is_set_or_it_is_switched_off():
    assert Settings().adapter == BUNDLED
    assert Settings(model="another").adapter == ""
    assert load_encoder(Settings(adapter="")).name == bundled.NAME


def test_every_gazette_is_left_out_of_training_once_with_those_of_its_district(gazettes):
    folds = folds_of(gazettes)
    assert folds["朝阳区"] == ["chaoyang-2020-02.txt", "chaoyang-2020-04.txt", "chaoyang-2021-02.txt"]
    assert sorted(source for sources in folds.values() for source in sources) == sorted(gazettes.gazettes)


def test_an_adapter_is_trained_anew_where_bank_gazettes_or_recipe_changed(gazettes, tmp_path):
    facts = {**asdict(tuning.Recipe()), "bank": " ".join(map(file_digest, (folds.BANK, folds.WRITTEN))), "corpus": gazettes.digest}
    for changed, expected in (({}, True), ({"epochs": 1}, False), ({"bank": "another"}, False), ({"corpus": "another"}, False)):
        (tmp_path / "training.json").write_text(json.dumps(facts | changed), "utf-8")
        assert folds.trained(tmp_path, corpus=gazettes) is expected
    (tmp_path / "training.json").write_text("[]", "utf-8")
    assert not folds.trained(tmp_path, corpus=gazettes)


def test_a_training_that_fails_fails_the_command(tmp_path):
    with pytest.raises(SystemExit, match="goes on where it was"):
        folds.train({tmp_path / "adapter": ["no-such-gazette.txt"]})


def test_fitting_says_how_the_encoders_it_needs_are_made(built, monkeypatch, tmp_path):
    chosen = settings().model_copy(update={"data": tmp_path, "adapter": BUNDLED})
    monkeypatch.setattr(folds, "settings", lambda: chosen)
    (tmp_path / "index").symlink_to(built)
    with pytest.raises(GazetteError, match="python -m benchmarks.folds"):
        folds.out_of_fold([])
