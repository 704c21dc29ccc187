"""The command line: what it prints, its exit status, and one line for an error."""

import json
import shutil

import pytest
from made_results import DEVELOPMENT, FIXED

from eval.__main__ import main
from eval.writing import line


@pytest.fixture
def folder(tmp_path):
    """A run's folder: the fixed results."""
    shutil.copy(FIXED / "results.jsonl", tmp_path / "results.jsonl")
    return tmp_path


def all_answered(folder, spoil=()):
    """A complete run over the fixed questions that refuses all but ``spoil``, which it answers without a source."""
    ids = [json.loads(text)["id"] for text in (FIXED / "questions.jsonl").read_text("utf-8").splitlines()]
    folder.mkdir()
    (folder / "results.jsonl").write_text(
        "".join(line({"id": id, "status": "answered" if id in spoil else "refused", "answer": "无"}) for id in ids), "utf-8"
    )
    return ids


def test_figures_as_json_hold_every_group(folder, capsys):
    assert main(["figures", "--questions", str(FIXED / "questions.jsonl"), "--results", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["total"]["questions"] == 81
    assert {"朝阳区", "西城区", "门头沟区"} <= told["by_district"].keys()
    assert "compose_cite" in told["faults"]
    assert told["by_type"].keys() and told["by_style"].keys() and "朝政办发〔2021〕4号" in told["by_notice"]


def test_compare_ends_with_1_on_a_real_loss_only(tmp_path, capsys):
    asked = ["--questions", str(FIXED / "questions.jsonl")]
    ids = all_answered(tmp_path / "a")
    all_answered(tmp_path / "b", spoil=ids)
    assert main(["compare", *asked, str(tmp_path / "a"), str(tmp_path / "a")]) == 0
    assert main(["compare", *asked, str(tmp_path / "a"), str(tmp_path / "b")]) == 1
    assert "REAL LOSS" in capsys.readouterr().out
    assert main(["compare", *asked, str(tmp_path / "b"), str(tmp_path / "a")]) == 0


def test_a_run_is_held_against_a_baseline_made_of_another(tmp_path, capsys):
    asked = ["--questions", str(FIXED / "questions.jsonl"), "--baseline", str(tmp_path / "baseline.json")]
    ids = all_answered(tmp_path / "a")
    all_answered(tmp_path / "b", spoil=ids)
    assert main(["baseline", *asked, "--results", str(tmp_path / "a")]) == 0
    assert main(["gate", *asked, "--results", str(tmp_path / "a")]) == 0
    assert main(["gate", *asked, "--results", str(tmp_path / "b")]) == 1


def test_the_report_is_written_beside_the_results(folder, capsys):
    assert main(["report", "--questions", str(FIXED / "questions.jsonl"), "--results", str(folder)]) == 0
    assert "逐题查看" in (folder / "report.html").read_text("utf-8")


def test_check_ends_with_1_on_a_fault(tmp_path, capsys):
    assert main(["check", str(DEVELOPMENT)]) == 0
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{}\n")
    assert main(["check", str(bad)]) == 1
    assert f"{bad}:1: field 'id' must be a str" in capsys.readouterr().out


def test_clauses_without_a_question_are_listed(capsys):
    assert main(["propose"]) == 0
    assert "朝政发〔2020〕2号" in capsys.readouterr().out


def test_drafts_are_never_overwritten(tmp_path, capsys):
    out = tmp_path / "drafts.jsonl"
    assert main(["propose", "--limit", "5", "--out", str(out)]) == 0
    before = out.read_text("utf-8")
    assert len(before.splitlines()) == 5
    assert main(["propose", "--limit", "9", "--out", str(out)]) == 1
    assert out.read_text("utf-8") == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--questions", "{}/none.jsonl", "--out", "{}/out"], "no such question file"),
        (["run", "--questions", "{}/bad.jsonl", "--out", "{}/out"], "bad.jsonl:2: not JSON"),
        (["figures", "--results", "{}"], "make one with: python -m eval run"),
        (["figures", "--results", "{}/broken"], "results.jsonl:1: status 'maybe' is none of"),
        (["figures", "--questions", "{}/one.jsonl", "--results", "{}/foreign"], "name the file with --questions"),
        (["compare", "{}/foreign", "{}/foreign"], "have no result; finish the run"),
        (["gate", "--results", "{}/foreign", "--baseline", "{}/none.json"], "no such baseline"),
    ],
)
def test_an_error_is_one_line_that_says_what_to_do(tmp_path, capsys, arguments, message):
    first = DEVELOPMENT.read_text("utf-8").splitlines()[0]
    (tmp_path / "bad.jsonl").write_text(first + "\n{oops\n", "utf-8")
    (tmp_path / "one.jsonl").write_text(first, "utf-8")
    for name, record in (("broken", {"id": "a", "status": "maybe"}), ("foreign", {"id": "cyq4-015", "status": "refused", "answer": ""})):
        (tmp_path / name).mkdir()
        (tmp_path / name / "results.jsonl").write_text(line(record), "utf-8")
    assert main([argument.format(tmp_path) for argument in arguments]) == 1
    told = capsys.readouterr()
    assert told.err.startswith("error: ") and told.err.count("\n") == 1
    assert message in told.err
    assert not (tmp_path / "out").exists()
