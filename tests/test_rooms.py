"""The rooms of the project: imports run one way, and texts that people read stand in ``prompts/``."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Each room and the rooms it may use besides itself.
ROOMS = {
    "corpus": set(),
    "indexing": {"corpus"},
    "assistant": {"corpus", "indexing"},
    "assistant.web": {"corpus", "indexing", "assistant"},
    "eval": {"corpus", "indexing", "assistant"},
}
FOREIGN_TO_CORPUS = {"llama_index", "faiss", "torch", "sentence_transformers", "gradio", "fastapi"}


def room_of(module: str) -> str:
    return "assistant.web" if module.startswith("assistant.web") else module.split(".")[0]


def modules() -> list[Path]:
    return [path for room in ("corpus", "indexing", "assistant", "eval") for path in sorted((ROOT / room).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    """Full names of the modules that a file imports, wherever in it."""
    package = ".".join(path.relative_to(ROOT).parent.parts)
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            names.add(base)
            names.update(f"{base}.{alias.name}" for alias in node.names)
    return names


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path):
    own = room_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
    used = {room_of(name) for name in imported(path) if name.split(".")[0] in {"corpus", "indexing", "assistant", "eval", "app", "tests"}}
    assert used <= ROOMS[own] | {own}


@pytest.mark.parametrize("path", sorted((ROOT / "corpus").rglob("*.py")), ids=lambda path: path.name)
def test_the_corpus_knows_no_index_and_no_page(path):
    assert not {name.split(".")[0] for name in imported(path)} & FOREIGN_TO_CORPUS
