"""What was understood to hits: narrowed to district and notice, of the year asked about, first from the notices just spoken of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from corpus import Corpus, Notice
from indexing import Hit, Index, Passage
from indexing.passages import years_of

from .model import Understanding

DEEP = 60  # hits looked through for those of the year
# A follow-up stays with the notices that the last answer cited unless another's best hit scores so much better (log odds).
LOYALTY = 3.0
FAR = 1.0  # log odds from which on a hit is far nearer than another
PLANNED = 20  # years ahead of its signature that a plan may speak of
TITLE_YEAR = re.compile(r"(?:19|20)\d{2}")


class Retriever:
    """Searches one index; thread-safe, holds nothing of a question."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._notices = {notice.key: notice for notice in index.corpus.notices}

    def __call__(self, understood: Understanding, *, limit: int = 20) -> list[Hit]:
        """At most ``limit`` hits for the question, best first."""
        found = self.side(understood, limit=limit)
        known = [key for key in understood.cited if key in self._notices]
        if not known or understood.notices:
            return found
        near = self.side(understood, notices=known, limit=limit)
        if not near or (found and found[0].score > near[0].score + LOYALTY and found[0].passage.notice not in known):
            return found
        seen = {hit.passage.id for hit in near}
        return (near[: limit // 2] + [hit for hit in found if hit.passage.id not in seen])[:limit]

    def side(
        self, understood: Understanding, *, districts: Sequence[str] | None = None, years: Sequence[int] | None = None,
        notices: Sequence[str] | None = None, limit: int = 20,
    ) -> list[Hit]:
        """Hits of one side of a question: what is given goes before what was understood."""
        districts = understood.districts if districts is None else districts
        years = understood.years if years is None else years
        notices = understood.notices if notices is None else notices
        found = self.index.search(
            understood.question, districts=() if notices else districts, notices=notices, limit=DEEP if years else limit
        )
        if years:
            of_year = [hit for hit in found if any(self.fits(hit.passage, year) for year in years)]
            if len(of_year) < limit:
                seen = {hit.passage.id for hit in of_year}
                more = self.index.search(understood.question, districts=() if notices else districts, years=years, notices=notices, limit=limit)
                of_year += [hit for hit in more if hit.passage.id not in seen]
            found = of_year
        return found[:limit]

    def of_another_year(self, understood: Understanding, hits: Sequence[Hit]) -> bool:
        """Whether the rule on this matter is one of another year: its notice is of that year alone, and far nearer than ``hits``."""
        if not understood.years or understood.notices:
            return False
        best = self.side(understood, years=(), limit=1)
        if not best or any(self.fits(best[0].passage, year) for year in understood.years):
            return False
        notice = self._notices.get(best[0].passage.notice)
        return bool(notice and yearly(notice)) and (not hits or best[0].score > hits[0].score + FAR)

    def fits(self, passage: Passage, year: int) -> bool:
        """Whether a passage can speak of ``year``: its notice is of that year, it prints it, or it is a plan that runs on into it.

        What a notice of one year prints of the year before (社保 from April 2021 on, in the rules of 2022) is no rule of that year.
        """
        if year in passage.years:
            return True
        notice = self._notices.get(passage.notice)
        if str(year) in passage.text:
            return not (notice and notice.year == year + 1 and yearly(notice))
        return bool(notice and notice.year and notice.year < year <= notice.year + PLANNED and not yearly(notice))


def asked_of(understood: Understanding, passage: Passage, *, corpus: Corpus) -> Understanding:
    """The question with the district and the year of ``passage`` named: the year of its notice's signature, where the notice is of that."""
    notice = corpus.notice(passage.notice)
    year = notice.year if notice and notice.year in passage.years else next(iter(passage.years), 0)
    named = f"{passage.district}{year}年" if year else passage.district
    return replace(understood, question=f"{named} {understood.question}", districts=(passage.district,), years=(year,) if year else ())


def yearly(notice: Notice) -> bool:
    """Whether a notice is of one year alone and says so in its title: 2021年义务教育阶段入学工作的意见."""
    return bool(TITLE_YEAR.search(notice.title + notice.enclosed_title)) and len(years_of(notice)) == 1
