"""Clauses to passages: a section whole where it is short, else runs of its sister clauses, of a size a reader takes in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from corpus import Corpus
from corpus.model import Clause, Notice

from .model import Passage

SIZE = 300  # characters of a passage at most; a longer clause stays whole
ROWS = 120  # the same for table rows: each answers a question of its own
LEAD_SHOWN = 60  # characters of a lead-in that are repeated in the context of the items it leads to

LEAD_IN = re.compile(r"[:：]\s*$")
YEAR = re.compile(r"(?<!\d)(20\d{2}|19\d{2})(?!\d)")
YEARS_TO = re.compile(r"(?<!\d)(20\d{2}|19\d{2})\s*年?\s*[-—–－~～至到]+\s*(20\d{2})(?!\d)")
LONGEST_PERIOD = 20  # years; what spans more is no period of validity
HEAD_KINDS = {"title", "number", "addressee"}
TAIL_KINDS = {"signature", "date"}


def passages_of(corpus: Corpus) -> list[Passage]:
    """The passages of all notices, in order of printing."""
    passages = []
    for notice in corpus.notices:
        leads = _Leads()
        years = years_of(notice)
        for run in runs_of(corpus.clauses_of(notice)):
            passages.append(_passage(run, years=years, leads=leads))
    return passages


def years_of(notice: Notice) -> tuple[int, ...]:
    """The years a notice may be asked for by: signed, in its number, named by its titles or its validity, periods filled."""
    years = {notice.year} if notice.year else set()
    named = " ".join((notice.number, notice.title, notice.enclosed_title, notice.validity.covers))
    years.update(int(year) for year in YEAR.findall(named))
    for first, last in YEARS_TO.findall(named):
        if 0 <= int(last) - int(first) <= LONGEST_PERIOD:
            years.update(range(int(first), int(last) + 1))
    return tuple(sorted(years))


def runs_of(clauses: Sequence[Clause]) -> Iterator[list[Clause]]:
    """Runs of neighbouring clauses, each to be one passage; together they are all clauses, in order."""
    groups = groupby(clauses, key=_part)
    for part, members in groups:
        if part == "rows":
            yield from _packed(([row] for row in members), size=ROWS)
        else:
            yield from _section(list(members), depth=0)


def _part(clause: Clause) -> str:
    """Head, tail and tables of a notice are never mixed with its text."""
    if clause.kind in HEAD_KINDS:
        return "head"
    if clause.kind in TAIL_KINDS:
        return "tail"
    return "rows" if clause.kind in ("row", "note") else "text"


def _section(clauses: list[Clause], *, depth: int) -> Iterator[list[Clause]]:
    """A section that fits is one run; else its parts, short sisters packed together, long ones cut further."""
    if len(clauses) == 1 or _length(clauses) <= SIZE:
        yield clauses
        return
    if all(len(clause.path) <= depth for clause in clauses):
        yield from _packed(([clause] for clause in clauses), size=SIZE)
        return
    parts = [list(part) for _, part in groupby(clauses, key=lambda clause: clause.path[depth : depth + 1])]
    if len(parts) == 1:
        yield from _section(parts[0], depth=depth + 1)
        return
    short: list[list[Clause]] = []
    for part in parts:
        if _length(part) <= SIZE:
            short.append(part)
            continue
        # A heading or lead-in just before a long part opens that part.
        opening = short.pop() if short and _opens(short[-1]) else []
        yield from _packed(short, size=SIZE)
        short = []
        cut = _section(part, depth=depth + 1)
        yield opening + next(cut)
        yield from cut
    yield from _packed(short, size=SIZE)


def _opens(part: list[Clause]) -> bool:
    return len(part) == 1 and (part[0].kind == "heading" or bool(LEAD_IN.search(part[0].text)) and len(part[0].text) <= LEAD_SHOWN)


def _packed(parts: Iterable[list[Clause]], *, size: int) -> Iterator[list[Clause]]:
    """Neighbouring parts joined up to ``size``; a heading at the end of a run goes with what follows it."""
    run: list[Clause] = []
    for part in parts:
        if run and _length(run) + _length(part) > size:
            opening = [run.pop()] if len(run) > 1 and _opens(run[-1:]) else []
            yield run
            run = opening
        run = run + part
    if run:
        yield run


def _length(clauses: Sequence[Clause]) -> int:
    return sum(len(clause.text) for clause in clauses)


class _Leads:
    """The last lead-in (``符合下列条件之一的：``) of each heading path, for the context of the items below it."""

    def __init__(self) -> None:
        self._by_path: dict[tuple[str, ...], str] = {}

    def over(self, path: tuple[str, ...]) -> str:
        """The nearest lead-in above ``path``."""
        for depth in range(len(path) - 1, 0, -1):
            if path[:depth] in self._by_path:
                return self._by_path[path[:depth]]
        return ""

    def note(self, clause: Clause) -> None:
        if clause.path and clause.kind == "text" and LEAD_IN.search(clause.text):
            self._by_path[clause.path] = clause.text[-LEAD_SHOWN:]


def _passage(run: list[Clause], *, years: tuple[int, ...], leads: _Leads) -> Passage:
    notice, first = run[0].notice, run[0]
    lead = leads.over(first.path)
    for clause in run:
        leads.note(clause)
    path = _common(run)
    kinds = [clause.kind for clause in run if clause.kind != "heading"] or ["heading"]
    year = f"{notice.year}年" if notice.year else ""
    context = " ".join(part for part in (notice.district, year, _short(notice), *path, lead) if part)
    return Passage(
        id=f"{notice.source}:{first.start}-{run[-1].end}", source=notice.source, start=first.start, end=run[-1].end,
        district=notice.district, years=years, notice=notice.key, title=notice.title, path=path, kind=kinds[0],
        text="\n".join(clause.text for clause in run), clause_ids=tuple(clause.id for clause in run), context=context,
    )


def _common(run: list[Clause]) -> tuple[str, ...]:
    """The headings that all clauses of a run stand under."""
    path = run[0].path
    for clause in run[1:]:
        shared = 0
        while shared < min(len(path), len(clause.path)) and path[shared] == clause.path[shared]:
            shared += 1
        path = path[:shared]
    return path


ISSUER = re.compile(r"^.{0,60}?(?:关于)?(?:印发|转发)(?=.{4})|(?:的通知)$")


def _short(notice: Notice) -> str:
    """The title without who sends it and without 关于印发…的通知, which all titles share."""
    return ISSUER.sub("", notice.title) or notice.title
