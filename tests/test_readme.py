"""The READMEs tell of every setting and name no file that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from corpus import Settings

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.zh-CN.md")


@pytest.mark.parametrize("readme", READMES)
@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_told(readme, name):
    assert f"`GAZETTE_{name.upper()}`" in (ROOT / readme).read_text("utf-8")


@pytest.mark.parametrize("readme", READMES)
def test_every_link_leads_somewhere(readme):
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / readme).read_text("utf-8"))
    assert links and not [link for link in links if not (ROOT / link).exists()]
