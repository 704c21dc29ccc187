"""Clauses to passages: runs of neighbouring clauses under one heading, of a size that a reader can take in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from corpus import Corpus
from corpus.model import Clause

from .model import Passage

SIZE = 300  # characters of a passage, about; a longer clause stays whole


def passages_of(corpus: Corpus) -> list[Passage]:
    """The passages of all notices, in order of printing."""
    passages = []
    for notice in corpus.notices:
        for _, clauses in groupby(corpus.clauses_of(notice), key=lambda clause: clause.path):
            passages.extend(_passage(run) for run in _runs(clauses))
    return passages


def _runs(clauses: Iterable[Clause]) -> Iterator[list[Clause]]:
    run: list[Clause] = []
    for clause in clauses:
        if run and sum(len(one.text) for one in run) + len(clause.text) > SIZE:
            yield run
            run = []
        run.append(clause)
    if run:
        yield run


def _passage(run: list[Clause]) -> Passage:
    notice, first = run[0].notice, run[0]
    years = (notice.year,) if notice.year else ()
    context = " ".join((notice.district, *(f"{year}年" for year in years), notice.title, *first.path))
    return Passage(
        id=f"{notice.source}:{first.start}-{run[-1].end}", source=notice.source, start=first.start, end=run[-1].end,
        district=notice.district, years=years, notice=notice.key, title=notice.title, path=first.path, kind=first.kind,
        text="\n".join(clause.text for clause in run), clause_ids=tuple(clause.id for clause in run), context=context,
    )
