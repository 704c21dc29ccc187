"""Questions that no gazette answers: of papers, traffic, utilities, neighbours, small talk; embedded beside the passages.

What a hundred kinds of question look like that these papers do not treat, the
papers themselves cannot tell: a lost wallet is as near to the copy of an
identity card as a question about that copy.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

FILE = Path(__file__).parent / "strangers.txt"
NEAREST = 3  # whose mean counts


@lru_cache(maxsize=1)
def strangers() -> tuple[str, ...]:
    """One a line of the file; ``#`` begins a comment."""
    return tuple(line for line in FILE.read_text("utf-8").splitlines() if line and not line.startswith("#"))


def nearest(steps: np.ndarray, *, question: str) -> float:
    """The mean of the nearest of ``steps`` ``(strangers,)``; ``question`` itself, if it is one of them, left out."""
    others = steps[[text != question for text in strangers()]]
    return float(np.sort(others)[-NEAREST:].mean())
