"""The same matter in other years and districts: for a clause, its nearest in each notice that belongs to its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

from assistant.standing import Standing, standing
from corpus import Clause, Notice

from ..blocks import plain
from ..links import span_address
from .finding import Finder

SAME_MATTER = ("earlier", "later", "sister")
QUESTION, TEXT = 200, 200  # characters of the question and of the clause that the search is made of
# Numbers with what they count: what differs from year to year and from district to district.
FIGURE = re.compile(
    r"\d[\d,，]{0,12}(?:\.\d{1,6})?\s?(?:[%％‰]|[年月日时点分天周岁人名户个次倍亩元米]|万元|亿元|平方米|工作日)"
    r"|\d[\d,，]{0,12}(?:\.\d{1,6})?(?!\d|\s?[.．、)）])|[一二三四五六七八九十]{1,3}(?:年|个月|日|天|周岁)"
)


@dataclass(frozen=True, slots=True)
class Column:
    """One notice's clause on the matter; ``text`` has the figures marked that the chosen clause does not have."""

    notice: Notice
    path: tuple[str, ...]
    text: Markup
    start: int
    end: int
    address: str
    standing: Standing
    own: bool


def compared(clause: Clause, *, question: str, finder: Finder, today: date) -> list[Column]:
    """The clause and its counterparts by district and day; the clause alone where no other notice is of its matter."""
    notice, corpus = clause.notice, finder.corpus
    others = [corpus.notice(one.target) for one in corpus.relations_of(notice) if one.kind in SAME_MATTER]
    query = f"{question[:QUESTION]} {' '.join(clause.path[-2:])[:80]} {clause.text[:TEXT]}".strip()
    counterparts = [clause]
    for other in dict.fromkeys(filter(None, others)):
        hits = finder.index.search(query, notices=[other.key], limit=3)
        nearest = next(filter(None, (finder.clause_of(hit, finder.words(query)) for hit in hits)), None)
        counterparts += [nearest] if nearest else []
    known = figures(clause.text)
    columns = [
        Column(
            one.notice, tuple(plain(heading)[:40] for heading in one.path), marked(plain(one.text), known), one.start, one.end,
            span_address(one.notice.key, one.start, one.end), standing(one.notice, corpus=corpus, today=today), own=one is clause,
        )
        for one in counterparts
    ]
    return sorted(columns, key=lambda column: (not column.own, column.notice.district != notice.district, column.notice.district,
                                               -(column.notice.signed or date.min).toordinal()))


def figures(text: str) -> frozenset[str]:
    return frozenset("".join(match.group().split()) for match in FIGURE.finditer(text))


def marked(text: str, known: frozenset[str]) -> Markup:
    """Escaped, with each figure that is not ``known`` in <mark>."""
    html, done = Markup(), 0
    for match in FIGURE.finditer(text):
        if "".join(match.group().split()) not in known:
            html += escape(text[done : match.start()]) + Markup("<mark>{}</mark>").format(match.group())
            done = match.end()
    return html + escape(text[done:])
