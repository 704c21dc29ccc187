"""``python app.py``: what it says when it cannot start, and what it does before it serves."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import build, serve
from corpus import Settings, settings
from indexing import ensure
from indexing.generations import current, read_manifest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def start(data: Path, **environment: str) -> subprocess.CompletedProcess:
    chosen = {**os.environ, "GAZETTE_DATA": str(data), **environment}
    return subprocess.run([sys.executable, "app.py"], capture_output=True, text=True, cwd=ROOT, env=chosen, timeout=120, check=False)


def refusal(said: subprocess.CompletedProcess) -> str:
    """The one line a person reads; it must be the only one."""
    assert said.returncode == 1 and said.stdout == ""
    (line,) = said.stderr.splitlines()
    assert line.startswith("error: ")
    return line


def test_a_port_in_use_is_told_before_anything_is_written(tmp_path, taken):
    line = refusal(start(tmp_path / "data", GAZETTE_PORT=str(taken)))
    assert f"port {taken}" in line and "GAZETTE_PORT=" in line
    assert not (tmp_path / "data").exists()


def test_the_index_is_built_in_a_process_of_its_own_and_only_if_need_be(tmp_path, monkeypatch, capfd):
    ensure(settings(), progress=False)
    (tmp_path / "model").symlink_to(settings().model_folder.resolve())
    shutil.copytree(settings().index_folder, tmp_path / "index")
    (tmp_path / "gazettes").mkdir()
    monkeypatch.setenv("GAZETTE_DATA", str(tmp_path))
    monkeypatch.setenv("GAZETTE_GAZETTES", str(tmp_path / "gazettes"))
    with pytest.raises(SystemExit, match="1"):
        build(Settings())
    (line,) = [line for line in capfd.readouterr().err.splitlines() if line.startswith("error: ")]
    assert str(tmp_path / "gazettes") in line
    shutil.copy(settings().gazettes / "chaoyang-2021-02.txt", tmp_path / "gazettes")
    monkeypatch.setattr("indexing.builder.build", None)
    build(Settings())
    assert read_manifest(current(tmp_path / "index")).gazettes == ("chaoyang-2021-02.txt",)
    monkeypatch.setattr("subprocess.run", None)
    build(Settings())


def test_a_build_that_was_killed_is_told(tmp_path, monkeypatch, capsys):
    killed = subprocess.CompletedProcess([], -signal.SIGKILL)
    monkeypatch.setattr("subprocess.run", lambda *_, **__: killed)
    with pytest.raises(SystemExit, match="1"):
        build(Settings(data=tmp_path))
    assert "SIGKILL" in capsys.readouterr().err


def test_what_is_made_at_the_start_is_not_looked_through_for_garbage(monkeypatch):
    collecting = []
    for made in ("indexing.Index.load", "assistant.Assistant", "assistant.web.served.Served", "assistant.web.app.create_app", "uvicorn.run"):
        monkeypatch.setattr(made, lambda *_, **__: collecting.append(gc.isenabled()), raising=False)
    monkeypatch.setattr("assistant.current.Current.follow", lambda _: None)
    frozen = gc.get_freeze_count()
    try:
        serve(settings())
        assert collecting == [False, False, False, False, True] and gc.get_freeze_count() > frozen
    finally:
        gc.enable()
        gc.unfreeze()


@pytest.mark.parametrize(
    ("name", "value", "way_out"),
    [("GAZETTE_PORT", "eighty", "integer"), ("GAZETTE_PORT", "99999", "65535"), ("GAZETTE_PROT", "7860", "GAZETTE_PROT")],
)
def test_a_wrong_setting_is_named_with_what_is_right(tmp_path, name, value, way_out):
    line = refusal(start(tmp_path / "data", **{name: value}))
    assert name in line and way_out in line
    assert not (tmp_path / "data").exists()
