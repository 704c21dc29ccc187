"""The texts of ``prompts/``, read once."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "prompts"


@lru_cache(maxsize=8)
def texts(name: str) -> dict:
    """The parsed ``prompts/{name}.yaml``."""
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))


@lru_cache(maxsize=8)
def prompt(name: str) -> str:
    """The instructions to a language model in ``prompts/{name}.md``."""
    return (FOLDER / f"{name}.md").read_text("utf-8").strip()
