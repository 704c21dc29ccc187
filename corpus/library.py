"""The whole corpus as one value: load a folder of gazettes, find notices and clauses in it."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path

from .document_numbers import document_number, folded_number, spellings
from .errors import GazetteError
from .model import Clause, Gazette, Notice, ParsedGazette
from .parser import parse
from .references import Reference, references_of
from .relations import Relation, relations
from .settings import settings
from .sources import Source, listed

MASTHEAD_PLACE = re.compile(r"([\u4e00-\u9fff]{2,12}?)人民政府公报")
MASTHEAD_YEAR = re.compile(r"((?:19|20)\d{2})\s*年")
MASTHEAD_ISSUE = re.compile(r"第\s*(\d{1,3})\s*期")


@dataclass(frozen=True)
class Corpus:
    """Parsed gazettes with look-ups; made once and shared by all readers."""

    parsed: tuple[ParsedGazette, ...]

    @cached_property
    def gazettes(self) -> dict[str, Gazette]:
        return {item.gazette.source: item.gazette for item in self.parsed}

    @cached_property
    def notices(self) -> tuple[Notice, ...]:
        return tuple(notice for item in self.parsed for notice in item.notices)

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        return tuple(clause for item in self.parsed for clause in item.clauses)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the sources and texts."""
        total = hashlib.sha256()
        for source, gazette in sorted(self.gazettes.items()):
            total.update(f"{source}\0{gazette.district}\0{gazette.year}\0{gazette.issue}\0".encode())
            total.update(gazette.text.encode() + b"\0")
        return total.hexdigest()

    @cached_property
    def _by_key(self) -> dict[str, Notice]:
        """By every form a number is asked for in; an exact number goes before another notice's short form."""
        exact = {folded_number(notice.key): notice for notice in reversed(self.notices)}
        forms = ((form, notice) for notice in reversed(self.notices) for form in spellings(notice.number, notice.title))
        return {folded_number(form): notice for form, notice in forms} | exact

    @cached_property
    def _by_source(self) -> dict[str, tuple[list[int], list[Clause]]]:
        table = {}
        for item in self.parsed:
            clauses = sorted(item.clauses, key=lambda clause: clause.start)
            table[item.gazette.source] = ([clause.start for clause in clauses], clauses)
        return table

    @cached_property
    def relations(self) -> dict[str, tuple[Relation, ...]]:
        """By the key of the notice that stands in them, both ways round; a notice that stands in none is not there."""
        table: dict[str, tuple[Relation, ...]] = {}
        for relation in relations(self):
            table[relation.notice] = (*table.get(relation.notice, ()), relation)
        return table

    @cached_property
    def references_of(self) -> Callable[[Notice], tuple[Reference, ...]]:
        """Every reference in a notice, in order of printing; those of the notices read last are at hand."""
        return lru_cache(maxsize=256)(partial(references_of, self))

    def relations_of(self, notice: Notice) -> tuple[Relation, ...]:
        return self.relations.get(notice.key, ())

    def notice(self, key: str) -> Notice | None:
        """The notice of a document number (any bracket, any spacing) or, where it has none, of a title."""
        return self._by_key.get(folded_number(key)) or self._by_key.get(document_number(key))

    def clauses_of(self, notice: Notice) -> tuple[Clause, ...]:
        """The notice's leaf clauses in order of printing."""
        starts, clauses = self._by_source[notice.source]
        return tuple(clauses[bisect_left(starts, notice.start) : bisect_left(starts, notice.end)])

    def clauses_at(self, source: str, start: int, end: int) -> tuple[Clause, ...]:
        """The leaf clauses that overlap ``[start, end)`` of a gazette, in order of printing."""
        starts, clauses = self._by_source.get(source, ([], []))
        first = max(0, bisect_right(starts, start) - 1)
        return tuple(clause for clause in clauses[first : bisect_left(starts, end)] if clause.end > start)


def read_gazette(
    path: Path, *, district: str | None = None, year: int | None = None, issue: str | None = None
) -> Gazette:
    """Read a UTF-8 gazette; district, year and issue come from its masthead unless given."""
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise GazetteError(
            f"{path}: not UTF-8 text (byte {error.start}); convert it, or take it in with: python -m corpus add {path}"
        ) from None
    head = text[:600]
    place, printed_year, printed_issue = (
        pattern.search(head) for pattern in (MASTHEAD_PLACE, MASTHEAD_YEAR, MASTHEAD_ISSUE)
    )
    return Gazette(
        source=path.name,
        district=district or (place.group(1).removeprefix("北京市") if place else ""),
        year=year or (int(printed_year.group(1)) if printed_year else None),
        issue=issue or (f"第{printed_issue.group(1)}期" if printed_issue else ""),
        text=text,
    )


def load_corpus(folder: Path | None = None) -> Corpus:
    """Read and parse every ``*.txt`` of a folder (default: the setting ``gazettes``).

    Raises GazetteError where there is none, or where one is not UTF-8 text.
    """
    folder = folder or settings().gazettes
    files = sorted(folder.glob("*.txt"))
    if not files:
        raise GazetteError(f"no gazette found in {folder}; put .txt files there or set GAZETTE_GAZETTES")
    rows = listed(folder)
    return Corpus(tuple(parse(_read_as_listed(path, rows.get(path.name))) for path in files))


def _read_as_listed(path: Path, row: Source | None) -> Gazette:
    """What SOURCES.md says of a gazette goes before its masthead."""
    return read_gazette(path, district=row.district, year=row.year, issue=row.issue) if row else read_gazette(path)
