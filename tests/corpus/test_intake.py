"""Taking a gazette in: shown first, asked, written whole or not at all, and listed in SOURCES.md."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from corpus import GazetteError, intake, load_corpus
from corpus.__main__ import main
from corpus.contents import contents_of, differences
from corpus.settings import ROOT
from corpus.sources import NAME, listed, sha256_of

GAZETTES = ROOT / "corpus" / "gazettes"
SMALL = "chaoyang-2021-02.txt"


@pytest.fixture
def folder(tmp_path):
    """A corpus of one gazette, with its SOURCES.md."""
    place = tmp_path / "gazettes"
    place.mkdir()
    shutil.copyfile(GAZETTES / SMALL, place / SMALL)
    intake._apply({place / NAME: intake.rendered(intake._complete({}, place)).encode()})
    return place


@pytest.fixture
def county(tmp_path):
    path = tmp_path / "青禾县 2023年第3期.txt"
    path.write_text(
        "青禾县人民政府公报\n\n2023年\n\n第3期\n\n青禾县人民政府关于印发青禾县养犬管理办法的通知\n\n青政发〔2023〕12号\n\n"
        "各乡镇人民政府：\n\n现将《青禾县养犬管理办法》印发给你们，请认真组织实施。\n\n青禾县人民政府\n\n2023年5月8日\n\n"
        "青禾县养犬管理办法\n\n第一条 为规范养犬行为，制定本办法。\n\n第二条 每户限养一只犬。\n\n第三条 本办法自2023年7月1日起施行。\n",
        encoding="utf-8",
    )
    return path


def state(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def run(folder, *arguments):
    return main(["--gazettes", str(folder), *map(str, arguments)])


def test_sources_md_equals_the_five_files():
    rows = listed(GAZETTES)
    assert set(rows) >= {path.name for path in GAZETTES.glob("*.txt")}
    for name, row in rows.items():
        assert row.sha256 == sha256_of((GAZETTES / name).read_bytes())
        assert row.issuer.endswith(row.district + "人民政府") and row.year
    assert (rows["xicheng-2022.txt"].year, rows["chaoyang-2020-04.txt"].issue) == (2022, "第4期")


def test_the_contents_of_the_five_gazettes_are_held_against_the_notices():
    told = {}
    for parsed in load_corpus().parsed:
        assert len(contents_of(parsed.gazette, parsed.notices)) == len(parsed.notices)
        told[parsed.gazette.source] = [(item.line, item.message) for item in differences(parsed.gazette, parsed.notices)]
    assert [line for line, _ in told["mentougou-2017-02.txt"]] == [575] and "徐[旻|昉]" in told["mentougou-2017-02.txt"][0][1]
    assert [line for line, _ in told["chaoyang-2021-02.txt"]] == [643]  # 征收农用地地区片 in the 目录
    assert told["chaoyang-2020-02.txt"] == told["chaoyang-2020-04.txt"] == told["xicheng-2022.txt"] == []


def test_a_gazette_is_shown_and_with_consent_taken_in(folder, county, capsys):
    assert run(folder, "add", county, "--yes") == 0
    told = capsys.readouterr()
    assert "青政发〔2023〕12号" in told.out and "2023-05-08" in told.out and "indexing build" in told.err
    row = listed(folder)["青禾县-2023年第3期.txt"]
    assert (row.district, row.year, row.issue) == ("青禾县", 2023, "第3期")
    assert row.sha256 == sha256_of((folder / row.file).read_bytes())
    assert load_corpus(folder).notice("青政发〔2023〕12号").validity is not None
    assert run(folder, "check") == 0


def test_without_a_terminal_and_without_yes_nothing_is_written(folder, county, capsys, monkeypatch):
    before = state(folder)
    monkeypatch.setattr("sys.stdin", open(os.devnull, encoding="utf-8"))
    assert run(folder, "add", county) == 1
    assert "--yes" in capsys.readouterr().err and state(folder) == before


@pytest.mark.parametrize("answer", ["n", "", "nein"])
def test_on_a_terminal_only_yes_takes_it_in(folder, county, answer, monkeypatch, capsys):
    class Terminal:
        isatty = staticmethod(lambda: True)
        readline = staticmethod(lambda: answer + "\n")

    before = state(folder)
    monkeypatch.setattr("sys.stdin", Terminal)
    assert run(folder, "add", county) == 1
    assert state(folder) == before and "Take it in?" in capsys.readouterr().err


def test_the_same_content_again_is_told_and_changes_nothing(folder, tmp_path, capsys):
    copy = tmp_path / "copy.txt"
    copy.write_bytes((GAZETTES / SMALL).read_text(encoding="utf-8").encode("gb18030"))
    before = state(folder)
    assert run(folder, "add", copy, "--yes") == 1
    assert f"the same content is there already as {SMALL}" in capsys.readouterr().err and state(folder) == before


def test_the_same_issue_with_other_content_needs_replace(folder, tmp_path, capsys):
    changed = tmp_path / "corrected.txt"
    changed.write_text((GAZETTES / SMALL).read_text(encoding="utf-8").replace("禁止燃放烟花爆竹", "限制燃放烟花爆竹"), encoding="utf-8")
    before = state(folder)
    assert run(folder, "add", changed, "--yes") == 1
    assert "--replace" in capsys.readouterr().err and state(folder) == before
    assert run(folder, "add", changed, "--yes", "--replace") == 0
    assert sorted(state(folder)) == [NAME, "corrected.txt"] and set(listed(folder)) == {"corrected.txt"}


def test_where_the_masthead_is_missing_the_error_says_which_flags(folder, county, capsys):
    county.write_text(county.read_text(encoding="utf-8").split("第3期\n")[1], encoding="utf-8")
    before = state(folder)
    assert run(folder, "add", county, "--yes", "--district", "") == 1
    assert "--district" in capsys.readouterr().err and state(folder) == before
    assert run(folder, "add", county, "--yes", "--district", "青禾县", "--year", "2023", "--issue", "3", "--name", "qinghe-2023-03") == 0
    gazette = load_corpus(folder).gazettes["qinghe-2023-03.txt"]
    assert (gazette.district, gazette.year, gazette.issue) == ("青禾县", 2023, "第3期")


def test_a_file_without_a_notice_is_refused(folder, tmp_path, capsys):
    path = tmp_path / "letter.txt"
    path.write_text("亲爱的读者，今天的天气很好，我们在公园里散步。", encoding="utf-8")
    assert run(folder, "add", path, "--yes", "--district", "青禾县", "--year", "2023") == 1
    assert "no notice found" in capsys.readouterr().err


def test_a_failure_half_way_leaves_the_corpus_as_it_was(folder, county, monkeypatch):
    before = state(folder)
    write = intake.write_atomically

    def full_disk(path, data):
        if path.name == NAME and b"\xe9\x9d\x92\xe7\xa6\xbe" in data:
            raise OSError(28, "No space left on device", str(path))
        write(path, data)

    proposals = intake.settle([intake.propose(county)], folder)
    monkeypatch.setattr(intake, "write_atomically", full_disk)
    with pytest.raises(GazetteError, match="No space left on device.*unchanged"):
        intake.take_in(proposals, folder)
    assert state(folder) == before


def test_one_bad_file_among_several_keeps_all_out(folder, county, tmp_path, capsys):
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"")
    before = state(folder)
    assert run(folder, "add", county, bad, "--yes") == 1
    assert "bad.txt: empty file" in capsys.readouterr().err and state(folder) == before


@pytest.mark.parametrize("stem", ["../../etc/passwd", "con", "...", "a/b"])
def test_a_file_name_stays_inside_the_folder(stem):
    try:
        name = intake.file_name(stem)
    except GazetteError as error:
        assert "--name" in str(error)
    else:
        assert "/" not in name and not name.startswith(".") and name.endswith(".txt")


def test_a_gazette_changed_or_put_there_by_hand_fails_the_check(folder, county, capsys):
    with open(folder / SMALL, "a", encoding="utf-8") as file:
        file.write("\n加一行。\n")
    shutil.copyfile(county, folder / "by-hand.txt")
    assert run(folder, "check") == 1
    told = capsys.readouterr().out
    assert "SHA-256 differs" in told and "not in SOURCES.md" in told
    assert run(folder, "check", "--json") == 1
    reports = {item["source"]: item for item in json.loads(capsys.readouterr().out)}
    assert reports["by-hand.txt"]["errors"] and reports["by-hand.txt"]["notices"][0]["number"] == "青政发〔2023〕12号"


def test_remove_takes_the_file_and_its_row_and_nothing_outside(folder, county, capsys):
    run(folder, "add", county, "--yes", "--name", "qinghe")
    assert run(folder, "remove", "qinghe.txt") == 0
    assert sorted(state(folder)) == [NAME, SMALL] and set(listed(folder)) == {SMALL}
    assert run(folder, "remove", "../secret.txt") == 1
    assert "no such gazette" in capsys.readouterr().err


def test_clauses_are_one_json_object_a_line_with_offsets_of_the_original(folder, capsys):
    assert run(folder, "clauses", "--json") == 0
    text = (folder / SMALL).read_text(encoding="utf-8")
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(records) == len(load_corpus(folder).clauses)
    for record in records:
        assert set(record) == {"source", "notice", "title", "date", "path", "kind", "start", "end", "text"}
        assert text[record["start"] : record["end"]].strip()


def test_a_reader_that_has_enough_causes_no_complaint(folder):
    command = f"{sys.executable} -m corpus --gazettes {folder} clauses --json | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stderr == "" and json.loads(done.stdout)["source"] == SMALL


@pytest.mark.parametrize("spelling", ["朝政发〔2021〕4号", "朝政发[2021] 4 号", "朝政发2021年4号"])
def test_show_finds_a_notice_in_any_spelling(folder, capsys, spelling):
    assert run(folder, "show", spelling) == 0
    told = capsys.readouterr().out
    assert "禁止燃放烟花爆竹的通告" in told and "signed 2021-11-05" in told


def test_show_of_an_unknown_notice_says_what_to_do(folder, capsys):
    assert run(folder, "show", "朝政发〔2099〕1号") == 1
    assert "python -m corpus check" in capsys.readouterr().err
