"""What the index holds and what a search gives back: passage and hit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passage:
    """A clause, or a run of sister clauses, of one notice.

    ``start`` and ``end`` are character offsets into the gazette ``source``;
    ``years`` are those the passage speaks of or was printed in; ``notice`` is
    the notice's key; ``path`` holds the headings above it, outermost first;
    ``clause_ids`` name the corpus clauses it is made of, in order of printing.
    """

    id: str
    source: str
    start: int
    end: int
    district: str
    years: tuple[int, ...]
    notice: str
    title: str
    path: tuple[str, ...]
    kind: str
    text: str
    clause_ids: tuple[str, ...]
    context: str = ""

    @property
    def embedded_text(self) -> str:
        """What is embedded and what terms are counted in: the context (district, year, title, headings), then the text."""
        return f"{self.context}\n{self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found. ``dense`` is in steps of ``Nearness``, ``lexical`` the BM25 score; ``None`` where that side did not find it."""

    passage: Passage
    score: float
    dense: float | None = None
    lexical: float | None = None
