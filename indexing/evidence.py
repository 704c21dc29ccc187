"""Where the evidence of a question is printed, and which passages hold it; white space does not count."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from corpus import Corpus

from .model import Passage

COVER = 0.6  # share of the evidence's characters that a passage must hold to count as found, as the question files define it

Place = tuple[str, int, int]  # source, start, end, white space not counted


class Printed:
    """The gazettes without white space, and where the passages stand in them (``spans``)."""

    def __init__(self, corpus: Corpus, passages: Sequence[Passage]) -> None:
        self.flat: dict[str, str] = {}
        self._printed: dict[str, np.ndarray] = {}
        ends: dict[str, np.ndarray] = {}
        for source, gazette in corpus.gazettes.items():
            printed = np.asarray([not sign.isspace() for sign in gazette.text] + [False])
            ends[source] = np.concatenate([[0], np.cumsum(printed)])
            self._printed[source] = np.flatnonzero(printed)
            self.flat[source] = re.sub(r"\s+", "", gazette.text)
        self.spans: list[Place] = [(p.source, int(ends[p.source][p.start]), int(ends[p.source][p.end])) for p in passages]

    def find(self, evidence: str, *, source: str = "") -> tuple[Place, ...]:
        """Every place where ``evidence`` is printed, of one source or all."""
        wanted = re.sub(r"\s+", "", evidence)
        found = []
        for name, text in self.flat.items():
            if source and name != source:
                continue
            at = text.find(wanted)
            while wanted and at >= 0:
                found.append((name, at, at + len(wanted)))
                at = text.find(wanted, at + 1)
        return tuple(found)

    def raw(self, place: Place) -> Place:
        """The same place counted in all characters of the gazette."""
        source, start, end = place
        return source, int(self._printed[source][start]), int(self._printed[source][end - 1]) + 1

    def shares(self, evidence: str, *, source: str = "") -> dict[int, float]:
        """Of each passage of one source, or of all, that holds some of the evidence, the share of its characters it holds."""
        shares: dict[int, float] = {}
        for printed, start, end in self.find(evidence, source=source):
            for at, (name, first, last) in enumerate(self.spans):
                inside = min(end, last) - max(start, first)
                if name == printed and inside > 0:
                    shares[at] = max(shares.get(at, 0.0), inside / (end - start))
        return shares
