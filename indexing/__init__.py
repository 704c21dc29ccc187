"""Clauses to passages, passages to vectors (FAISS) and terms (BM25): build, update, load, search."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from .model import Hit, Passage

if TYPE_CHECKING:
    from .builder import build
    from .generations import Built
    from .index import Index, ensure

__all__ = ["Built", "Hit", "Index", "Passage", "build", "ensure"]

# Loaded when first asked for: PyTorch and FAISS take a second to import, and not every user of a Hit needs them.
_HOMES = {"Built": "generations", "build": "builder", "Index": "index", "ensure": "index"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
