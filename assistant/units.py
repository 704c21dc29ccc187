"""Clauses to the units an answer is made of: sentences, rows, headings, each with its neighbours and its place in the outline."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from corpus import Clause, Notice
from corpus.normalise import normalise
from indexing import Index, Passage

from .outline import ATTRIBUTE, LEADS
from .quotes import readable, sentences

RUN = re.compile(r"[\u4e00-\u9fffa-z0-9.%]+")
COLON = re.compile("[:：]")
LEAD_SHOWN = 80  # characters of a lead-in that count as context of its items, and of an item as that of its attributes


def pairs(text: str) -> set[str]:
    """Pairs of neighbouring characters of a normalised text."""
    return {run[at : at + 2] for run in RUN.findall(text) for at in range(len(run) - 1)}


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, row or heading: ``gazette.text[start:end]``, ``text`` for reading, ``flat`` for matching.

    ``clause`` is the clause it stands in, ``at`` its number among the clause's ``of`` units; ``context`` is the
    normalised text of the headings and of the lead-in above it, and of the item that a 完成时限 or 主责单位 belongs to;
    ``weight`` the rarity of its pairs, summed.
    """

    number: int
    clause: Clause
    start: int
    end: int
    text: str
    flat: str
    context: str
    at: int
    of: int
    weight: float


class Units:
    """All units of a corpus, in order of printing, and how rare each pair of characters is among them."""

    def __init__(self, index: Index) -> None:
        self.corpus, self.closely, self._like_before = index.corpus, index.closely, index.like_before
        stems = {re.sub(r"(?<=..)[区县市]$", "", gazette.district) for gazette in self.corpus.gazettes.values() if gazette.district}
        self.places = re.compile("|".join(f"{stem}[区县市]?" for stem in sorted(stems)) or "(?!)")
        self._titles = {(notice.source, notice.start): normalise(notice.title + notice.enclosed_title) for notice in self.corpus.notices}
        drafts: list[tuple[Clause, int, int, str, str, str, int, int]] = []
        for notice in self.corpus.notices:
            leads: dict[tuple[str, ...], str] = {}
            item = ""
            for clause in self.corpus.clauses_of(notice):
                above = [*clause.path, lead_over(clause.path, leads)]
                if clause.kind == "text" and not ATTRIBUTE.match(clause.text):
                    item = clause.text[:LEAD_SHOWN]
                elif clause.kind == "text" and COLON.search(clause.text):  # not 分管…: a person's other duties would count
                    above.append(item)
                context = normalise(" ".join(above))
                if clause.path and clause.kind == "text" and LEADS.search(clause.text):
                    leads[clause.path] = clause.text[-LEAD_SHOWN:]
                spans = self._spans(clause)
                for at, (start, end) in enumerate(spans):
                    whole = clause.kind == "row" or len(spans) == 1
                    text = clause.text if whole else readable(self.corpus.gazettes[notice.source].text[start:end])
                    drafts.append((clause, start, end, text, normalise(text), context, at, len(spans)))
        spread: Counter[str] = Counter()
        for draft in drafts:
            spread.update(pairs(draft[4]))
        self._rarity = {pair: math.log(1 + len(drafts) / count) for pair, count in spread.items()}
        self._unknown = math.log(1 + len(drafts))
        # Taken apart anew, which is quick: the pairs of all units at once would be 40 MB.
        self.all = [Unit(number, *draft, weight=sum(map(self.rarity, pairs(draft[4])))) for number, draft in enumerate(drafts)]
        self._answering = index.precedents.held([(unit.clause.notice.source, unit.start, unit.end) for unit in self.all])
        self._of_clause: dict[str, tuple[int, int]] = {}
        for unit in self.all:
            first, _ = self._of_clause.get(unit.clause.id, (unit.number, 0))
            self._of_clause[unit.clause.id] = (first, unit.number + 1)

    def asked_before(self, question: str) -> np.ndarray:
        """How near, for each unit, ``question`` comes to one that it is known to answer, ``(units,)``; 0 where to none."""
        return self._answering(self._like_before(question))

    def rarity(self, pair: str) -> float:
        return self._rarity.get(pair, self._unknown)

    def title(self, notice: Notice) -> str:
        """The notice's titles, normalised."""
        return self._titles[notice.source, notice.start]

    def of_clause(self, clause: Clause) -> list[Unit]:
        first, last = self._of_clause.get(clause.id, (0, 0))
        return self.all[first:last]

    def of_passage(self, passage: Passage) -> Iterable[Unit]:
        """The units of a passage's clauses, in order of printing."""
        for id in passage.clause_ids:
            first, last = self._of_clause.get(id, (0, 0))
            yield from self.all[first:last]

    def _spans(self, clause: Clause) -> list[tuple[int, int]]:
        if clause.kind != "text":
            return [(clause.start, clause.end)]
        printed = self.corpus.gazettes[clause.notice.source].text[clause.start : clause.end]
        return [(clause.start + start, clause.start + end) for start, end in sentences(printed)] or [(clause.start, clause.end)]


def lead_over(path: tuple[str, ...], leads: dict[tuple[str, ...], str]) -> str:
    """The nearest lead-in above ``path``."""
    return next((leads[path[:depth]] for depth in range(len(path) - 1, 0, -1) if path[:depth] in leads), "")
