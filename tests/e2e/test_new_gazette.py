"""A gazette taken in while the service runs is answered from without a stop."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from corpus.settings import ROOT, settings

from .conftest import Service

SMALL, COUNTY = "chaoyang-2021-02.txt", "青禾县"
GAZETTE = (
    "青禾县人民政府公报\n\n2023年\n\n第3期\n\n青禾县人民政府关于印发青禾县养犬管理办法的通知\n\n青政发〔2023〕12号\n\n"
    "各乡镇人民政府：\n\n现将《青禾县养犬管理办法》印发给你们，请认真组织实施。\n\n青禾县人民政府\n\n2023年5月8日\n\n"
    "青禾县养犬管理办法\n\n第一条 为规范养犬行为，制定本办法。\n\n第二条 每户限养一只犬。\n\n第三条 本办法自2023年7月1日起施行。\n"
)
ASKED = "青禾县每户能养几只犬"


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A service of one gazette, its folders its own; what it has embedded before is at hand."""
    folder = tmp_path_factory.mktemp("growing")
    (folder / "gazettes").mkdir()
    for name in (SMALL, "SOURCES.md"):
        shutil.copyfile(ROOT / "corpus" / "gazettes" / name, folder / "gazettes" / name)
    (folder / "data").mkdir()
    (folder / "data" / "model").symlink_to(settings().model_folder)
    shutil.copytree(settings().index_folder, folder / "data" / "index")
    service = Service(folder, GAZETTE_DATA=str(folder / "data"), GAZETTE_GAZETTES=str(folder / "gazettes"))
    service.start()
    yield service
    service.stop()


def gazettes(service: Service) -> int:
    return json.load(urlopen(f"{service.home}/readyz", timeout=20))["gazettes"]


def run(service: Service, *command: object) -> None:
    subprocess.run([sys.executable, "-m", *map(str, command)], cwd=ROOT, env=os.environ | service.settings, check=True, capture_output=True)


def ask(page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.locator("#question textarea").press("Enter")
    expect(page.locator("#live")).to_be_empty()


def test_a_gazette_taken_in_is_answered_from_without_a_stop(service, open_page, tmp_path):
    page = open_page()
    assert gazettes(service) == 1
    ask(page, ASKED)
    expect(page.locator("#conversation")).not_to_contain_text("每户限养一只犬")

    (tmp_path / "county.txt").write_text(GAZETTE, "utf-8")
    run(service, "corpus", "add", tmp_path / "county.txt", "--yes")
    run(service, "indexing", "build", "--quiet")
    until = time.monotonic() + 60
    while gazettes(service) != 2:
        assert time.monotonic() < until, service.output.read_text()[-2000:]
        time.sleep(0.5)

    ask(page, ASKED)  # in the page that was open all the time
    expect(page.locator("#conversation")).to_contain_text("每户限养一只犬")
    later = open_page()
    later.get_by_role("radio", name=COUNTY).check()
    ask(later, "每户能养几只犬")
    expect(later.locator("#conversation")).to_contain_text("每户限养一只犬")
    later.goto(f"{service.home}/notices?district={COUNTY}")
    expect(later.locator("main")).to_contain_text("养犬管理办法")
