"""Records and texts to files: all of a file or nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

RESULTS, RUN, PART = "results.jsonl", "run.json", "results.part.jsonl"  # what stands in a run's folder


def line(record: dict) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"


def write_json(path: Path, data: dict) -> None:
    replace_text(path, json.dumps(data, ensure_ascii=False, indent=1) + "\n")


def replace_text(path: Path, text: str) -> None:
    """All of it or nothing: a reader never sees half a file."""
    new = path.with_name(path.name + ".new")
    new.write_text(text, "utf-8")
    os.replace(new, path)
