"""Search as one types: the clauses nearest to the words so far, with the words marked in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from markupsafe import Markup, escape

from assistant import Citation
from assistant.model import short_heading
from assistant.standing import Standing, standing
from corpus import Clause, Notice
from indexing import Hit, Index
from indexing.terms import FILLER

from ..blocks import BREAK, plain
from ..links import citation_address
from ..reader import Filters
from .reading_aloud import aloud

QUIET = frozenset(("title", "number", "addressee", "heading", "attachment", "signature", "date"))
SHOWN = 150  # characters of a clause in the list
BEFORE = 40  # of them before the first word that matches
MOST = 20  # clauses in the list
# Steps of nearness below which what shares no word with the gazettes is taken to be about nothing in them. None of 300
# questions of the bank and the written ones lies below; 啊啊啊啊 reaches 1.1, zzqqxx 0.9, but 炮仗, which no gazette prints either, 2.9.
NEAR = 1.4
LONGEST_WORD = 20
SPACE = re.compile(r"(?<=[\u4e00-\u9fff\d》])\s{1,4}(?=[\u4e00-\u9fff《])|(?<=[\u4e00-\u9fff》])\s{1,4}(?=\d)")


@dataclass(frozen=True, slots=True)
class Found:
    """A clause in the list. ``place`` is its heading numbers, ``excerpt`` its words around the first match, marked."""

    notice: Notice
    place: str
    excerpt: Markup
    start: int
    end: int
    standing: Standing


@dataclass(frozen=True, slots=True)
class Words:
    """A printed place in the forms that an operator needs: to cite, to quote, to read out, to link to."""

    label: str
    quote: str
    aloud: str
    address: str


class Finder:
    """Finds clauses of one index; thread-safe."""

    def __init__(self, index: Index) -> None:
        self.index, self.corpus = index, index.corpus
        self._found = lru_cache(maxsize=512)(self._search)

    def find(self, text: str, filters: Filters, *, today: date) -> tuple[Found, ...]:
        """At most ``MOST`` clauses for the words typed so far, best first, of the notices that pass the filters."""
        text = " ".join(text.split())
        return self._found(text, filters, today) if any(sign.isalnum() for sign in text) else ()

    def _search(self, text: str, filters: Filters, today: date) -> tuple[Found, ...]:
        notices: Sequence[str] = ()
        if filters.chosen:
            notices = [notice.key for notice in filters.found(self.corpus, today=today)]
            if not notices:
                return ()
        hits = self.index.search(text, notices=notices, limit=MOST)
        if all(hit.lexical is None and hit.dense is not None and hit.dense < NEAR for hit in hits):
            return ()
        return self.shown(hits, text, today=today)

    def shown(self, hits: Sequence[Hit], text: str, *, today: date) -> tuple[Found, ...]:
        """The telling clause of each hit, each once."""
        words = self.words(text)
        clauses = dict.fromkeys(filter(None, (self.clause_of(hit, words) for hit in hits)))
        return tuple(self.found(clause, words, today=today) for clause in clauses)

    def words(self, text: str) -> list[str]:
        """What is marked of a question: its words without filler, the longest first."""
        found = dict.fromkeys(word for word in self.index.terms.words(FILLER.sub(" ", text)) if len(word) <= LONGEST_WORD)
        telling = [word for word in found if len(word) > 1] or list(found)
        return sorted(telling, key=len, reverse=True)

    def clause_of(self, hit: Hit, words: Sequence[str]) -> Clause | None:
        """The clause of a passage that holds most of the words; the first where none does."""
        one = hit.passage
        clauses = [clause for clause in self.corpus.clauses_at(one.source, one.start, one.end) if clause.start >= one.start]
        telling = [clause for clause in clauses if clause.kind not in QUIET] or clauses
        return max(telling, key=lambda clause: sum(len(word) for word in words if word in clause.text), default=None)

    def found(self, clause: Clause, words: Sequence[str], *, today: date) -> Found:
        place = "".join(short_heading(heading) for heading in clause.path)
        return Found(
            clause.notice, place, excerpt(plain(clause.text), words), clause.start, clause.end,
            standing(clause.notice, corpus=self.corpus, today=today),
        )

    def cited(self, citations: Sequence[Citation], *, today: date) -> list[Found]:
        """An answer's citations in the form of the list, as they were shown."""
        found = []
        for one in citations:
            notice = self.corpus.notice(one.notice)
            if notice and notice.source == one.source:
                place = "".join(short_heading(heading) for heading in one.clause)
                text = plain(BREAK.sub("", one.quote))
                found.append(Found(notice, place, excerpt(text, ()), one.start, one.end, standing(notice, corpus=self.corpus, today=today)))
        return found

    def words_of(self, notice: Notice, start: int, end: int) -> Words | None:
        """``[start, end)`` of the notice's gazette; the heading path is that of the clause it begins in. None outside the notice."""
        clauses = self.corpus.clauses_at(notice.source, start, end) if notice.start <= start < end <= notice.end else ()
        if not clauses:
            return None
        printed = self.corpus.gazettes[notice.source].text[start:end]
        signed = notice.signed.isoformat() if notice.signed else ""
        citation = Citation(notice.key, notice.title, signed, clauses[0].path, notice.source, start, end, printed)
        whole = len(clauses) == 1 and (clauses[0].start, clauses[0].end) == (start, end)
        quote = plain(clauses[0].text if whole else BREAK.sub("", printed)).strip()
        return Words(official(citation), quote, aloud(notice, clauses[0].path, quote), citation_address(citation))


def official(citation: Citation) -> str:
    """《题目》（文号）第X条; a title inside the title stands in single marks, as GB/T 15834 has it, without the spaces of the print."""
    title = SPACE.sub("", citation.title).replace("《", "〈").replace("》", "〉")
    return citation.label.replace(f"《{citation.title}》", f"《{title}》", 1)


def excerpt(text: str, words: Sequence[str]) -> Markup:
    """The part of ``text`` around its first match, escaped, every match in <mark>."""
    pattern = re.compile("|".join(map(re.escape, words))) if words else None
    first = pattern.search(text) if pattern else None
    start = max(0, first.start() - BEFORE) if first and first.end() > SHOWN else 0
    part = text[start : start + SHOWN]
    html, done = Markup("…" if start else ""), 0
    for match in pattern.finditer(part) if pattern else ():
        html += escape(part[done : match.start()]) + Markup("<mark>{}</mark>").format(match.group())
        done = match.end()
    return html + escape(part[done:]) + ("…" if start + SHOWN < len(text) else "")
