"""The box above a notice: which paper it is, since when and until when it holds, what came before and after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from assistant.standing import ended
from corpus import Corpus, Notice, Span

from .links import notice_address, span_address
from .pages import chinese_date

# Relations by the name of their line, the gravest first; alarming ones mean that another paper may have to be read.
RELATED = {
    "repealed by": "repealed_by", "later": "later", "revoked by": "revoked_by", "revokes": "revokes", "earlier": "earlier",
    "sister": "sister",
}
ALARMING = frozenset(("repealed by", "later", "revoked by"))


@dataclass(frozen=True, slots=True)
class Named:
    """A paper that a line names; ``address`` is "" where it lies outside the gazettes."""

    name: str
    address: str = ""
    district: str = ""
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the box: what, the printed place that says so ("" where it is the title block), the papers it names.

    ``past``: the day of the line is over; ``alarm``: something to look at before relying on the notice.
    """

    name: str
    value: str = ""
    address: str = ""
    past: bool = False
    alarm: bool = False
    papers: tuple[Named, ...] = ()


def facts(notice: Notice, *, corpus: Corpus, today: date) -> list[Fact]:
    """The lines that are known, in the order a reader asks."""
    validity, over = notice.validity, ended(notice.validity, today=today)

    def place(span: Span | None) -> str:
        return span_address(notice.key, span.start, span.end) if span else ""

    found = [
        Fact("number", notice.number), Fact("issuer", notice.issuer), Fact("signed", chinese_date(notice.signed)),
        Fact("in_force", chinese_date(validity.in_force_from), place(validity.in_force_clause)),
        Fact("expires", chinese_date(validity.expires), place(validity.expires_clause), past="expired" in over, alarm="expired" in over),
        Fact("covers", validity.covers, place(validity.covers_clause), past="over" in over, alarm="over" in over),
        *related(notice, corpus=corpus),
        Fact("repeals", address=place(validity.repeals_clause), papers=tuple(named(one, corpus=corpus) for one in validity.repeals)),
        Fact("attachments", "；".join(notice.attachments)),
    ]
    return [fact for fact in found if fact.value or fact.papers]


def related(notice: Notice, *, corpus: Corpus) -> list[Fact]:
    """A line for each way in which other papers of the gazettes belong to this one."""
    found = []
    for kind, name in RELATED.items():
        items = [one for one in corpus.relations_of(notice) if one.kind == kind]
        said = next((one for one in items if one.clause), None)
        address = span_address(said.said_by, said.clause.start, said.clause.end) if said else ""
        papers = tuple(named(one.target, corpus=corpus) for one in items)
        found.append(Fact(name, address=address, papers=papers, alarm=kind in ALARMING))
    return found


def named(key: str, *, corpus: Corpus) -> Named:
    """A paper by its document number or title, with its address where the gazettes hold it."""
    notice = corpus.notice(key)
    if not notice:
        return Named(key)
    return Named(f"{notice.title}（{notice.number}）" if notice.number else notice.title, notice_address(notice.key), notice.district, notice.year)
