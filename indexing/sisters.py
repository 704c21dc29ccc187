"""Notices of the same matter in other districts and years, so that one does not crowd out the others when none was named."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from corpus.normalise import normalise

from .model import Passage
from .terms import pairs

ALIKE = 0.5  # share of title pairs in common from which two notices are of the same matter
# A sister's best passage is shown early if its score is no further below the best hit's; scores are log odds.
MARGIN = 4.0
FIRST_PLACE = 2  # of a sister: below the two best hits
COMMON = re.compile(r"印发|转发|关于|的通知|通知|的意见|北京市|人民政府|办公室|[\u4e00-\u9fff]{1,4}区|20\d{2}年?|年度|第.{1,3}[次届]")


class Sisters:
    """Groups of sister notices, by the likeness of their titles."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        first = {(p.source, p.notice): p for p in reversed(passages)}
        numbers = {key: number for number, key in enumerate(first)}
        self.notice = np.asarray([numbers[p.source, p.notice] for p in passages], np.int64)
        notices = list(first.values())
        topics = [frozenset(pairs(COMMON.sub("", normalise(p.title)))) for p in notices]
        self.of: dict[int, frozenset[int]] = {}
        posted: dict[str, list[int]] = {}
        for number, topic in enumerate(topics):
            for pair in topic:
                posted.setdefault(pair, []).append(number)
        for number, topic in enumerate(topics):
            others = {other for pair in topic for other in posted[pair]} - {number}
            self.of[number] = frozenset(
                other for other in others
                if len(topic & topics[other]) >= ALIKE * len(topic | topics[other])
                and (notices[other].district, notices[other].years) != (notices[number].district, notices[number].years)
            )

    def spread(self, order: np.ndarray, *, places: np.ndarray, scores: np.ndarray) -> np.ndarray:
        """``order`` with the best passage of each sister of the best hit's notice moved up to just below the first hits.

        ``order`` lists candidates best first; ``places`` and ``scores`` are the candidates' passage positions and scores.
        """
        if not len(order):
            return order
        sisters = self.of[int(self.notice[places[order[0]]])]
        if not sisters:
            return order
        lowest = scores[order[0]] - MARGIN
        notices = self.notice[places[order]]
        firsts = [int(np.argmax(notices == sister)) for sister in sisters if sister in notices]
        up = [rank for rank in sorted(firsts) if rank >= FIRST_PLACE and scores[order[rank]] >= lowest]
        kept = [rank for rank in range(len(order)) if rank not in up]
        return order[kept[:FIRST_PLACE] + up + kept[FIRST_PLACE:]]
