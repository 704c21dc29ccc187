"""``python -m indexing``: build, info, search, and what it says when something is wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.settings import Settings, settings
from indexing import ensure
from indexing.adapters import BUNDLED, CONFIG, FOLDER, WEIGHTS
from indexing.generations import current

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def place(encoder, tmp_path_factory) -> Path:
    """A data folder with the model and one gazette, not yet indexed (``encoder`` has seen to the model)."""
    place = tmp_path_factory.mktemp("place")
    (place / "model").symlink_to(settings().model_folder.resolve())
    (place / "gazettes").mkdir()
    shutil.copy(settings().gazettes / "chaoyang-2021-02.txt", place / "gazettes")
    return place


def python(place: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    chosen = {**os.environ, "GAZETTE_DATA": str(place), "GAZETTE_GAZETTES": str(place / "gazettes"), **environment}
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd=ROOT, env=chosen, check=False)


def run(place: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return python(place, "-m", "indexing", *arguments, **environment)


def refused(said: subprocess.CompletedProcess) -> str:
    """The one error line of a command that failed as it should."""
    assert said.returncode == 1 and said.stdout == "" and "Traceback" not in said.stderr
    (line,) = [line for line in said.stderr.splitlines() if line.startswith("error: ")]
    return line


def test_build_info_search_and_a_second_build(place):
    assert "python -m indexing build" in refused(run(place, "info"))
    first = json.loads(run(place, "build", "--json").stdout)
    assert first["embedded"] > 0 and not first["unchanged"]
    info = json.loads(run(place, "info", "--json").stdout)
    assert info["current"] and info["passages"] == first["passages"] == info["gazettes"]["chaoyang-2021-02.txt"]
    found = json.loads(run(place, "search", "燃放烟花爆竹", "--json").stdout)
    assert found["hits"][0]["notice"] == "朝政发〔2021〕4号"
    assert run(place, "search", "燃放烟花爆竹", "--year", "1999").returncode == 0
    second = json.loads(run(place, "build", "--json").stdout)
    assert second["unchanged"] and second["embedded"] == 0
    (place / "gazettes" / "chaoyang-2021-02.txt").write_bytes((settings().gazettes / "chaoyang-2021-02.txt").read_bytes() + "\n补".encode())
    assert not json.loads(run(place, "info", "--json").stdout)["current"]
    third = json.loads(run(place, "build", "--json").stdout)
    assert not third["unchanged"] and third["embedded"] <= 2


def test_that_nothing_changed_is_told_without_pytorch_and_faiss(place):
    assert run(place, "build").returncode == 0
    code = ("import sys; from corpus.settings import settings; from indexing.update import update; "
            "print(update(settings()).unchanged, sorted({'torch', 'faiss', 'jieba'} & set(sys.modules)))")
    assert python(place, "-c", code).stdout.strip() == "True []"


def test_what_is_wrong_with_model_or_adapter_is_told_though_nothing_changed(place, tmp_path):
    assert run(place, "build").returncode == 0
    config = json.loads((FOLDER / BUNDLED / CONFIG).read_text("utf-8"))
    (tmp_path / CONFIG).write_text(json.dumps({**config, "base_model_name_or_path": "another"}), "utf-8")
    assert "cannot read the adapter" in refused(run(place, "build", GAZETTE_ADAPTER=str(tmp_path)))
    (tmp_path / WEIGHTS).write_bytes((FOLDER / BUNDLED / WEIGHTS).read_bytes())
    assert "trained for the model another" in refused(run(place, "build", GAZETTE_ADAPTER=str(tmp_path)))
    shutil.copytree(place / "index", tmp_path / "index")
    (tmp_path / "model").mkdir()
    for path in (place / "model").iterdir():
        (tmp_path / "model" / path.name).symlink_to(path)
    (tmp_path / "model" / "config.json").unlink()
    assert "the embedding model is damaged" in refused(run(tmp_path, "build", GAZETTE_GAZETTES=str(place / "gazettes")))


def test_the_service_builds_what_is_missing_and_again_when_a_gazette_comes(place, encoder):
    chosen = Settings(data=place, gazettes=place / "gazettes")
    before = ensure(chosen, progress=False)
    generation = current(chosen.index_folder)
    assert ensure(chosen, progress=False).digest == before.digest and current(chosen.index_folder) == generation
    text = "北京市朝阳区人民政府公报\n2023年第1期\n\n关于试行的通知\n\n朝政发〔2023〕99号\n\n一、本通知自印发之日起实施。\n"
    (place / "gazettes" / "chaoyang-2023-01.txt").write_text(text, "utf-8")
    after = ensure(chosen, progress=False)
    assert "chaoyang-2023-01.txt" in after.corpus.gazettes and after.search("通知", notices=["朝政发〔2023〕99号"])
    (place / "gazettes" / "chaoyang-2023-01.txt").unlink()
    assert ensure(chosen, progress=False).digest == before.digest


def test_no_gazette_is_one_line(place, tmp_path):
    (tmp_path / "none").mkdir()
    assert "none" in refused(run(place, "build", GAZETTE_GAZETTES=str(tmp_path / "none")))


def test_a_gazette_that_is_not_text_is_one_line_and_writes_nothing(place, tmp_path):
    (tmp_path / "gazettes").mkdir()
    (tmp_path / "gazettes" / "bad.txt").write_bytes("第一期".encode("utf-16"))
    (tmp_path / "model").symlink_to(settings().model_folder.resolve())
    assert "bad.txt" in refused(run(tmp_path, "build"))
    assert not list(tmp_path.glob("index/generation-*"))


def test_a_model_that_is_none_is_one_line(place, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "GAZETTE_MODEL" in refused(run(place, "build", GAZETTE_MODEL=str(tmp_path / "empty")))


def test_a_setting_that_is_wrong_is_one_line(place):
    assert "GAZETTE_THREADS" in refused(run(place, "build", GAZETTE_THREADS="many"))
