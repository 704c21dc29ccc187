"""Clauses as blocks of a page: paragraphs joined over page breaks, rows as tables, the quoted span marked exactly."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from markupsafe import Markup, escape

from corpus import Clause, Corpus, Notice
from corpus.normalise import LATEX, normalise, normalise_with_offsets
from corpus.references import Reference

from .links import notice_address

BREAK = re.compile(r"[ \t]*\r?\n\s*")
# Left-overs of recognition that are no text: Markdown's signs and the few tags the recogniser writes.
MARKS = re.compile(r"\*\*|^[ \t]*#{1,6}[ \t]+|</?(?:b|p|i|sub|sup|div|span|br|input|strong)\b[^<>\n]{0,60}>", re.IGNORECASE)
FORMULA = re.compile(r"\$([^$\n]{1,200})\$")
COMMAND = re.compile(r"\\([a-zA-Z]{1,12})\s?")
BRACES = re.compile(r"[{}]|\\(?=\W)")
LINES_STAND = {"attachment", "note", "signature"}  # kinds whose printed lines mean something
DEEPEST = 3  # levels of headings that the outline shows
LONGEST_GROUP = 60  # characters of a line within a table that is a group's heading
BARE = 6  # characters of a heading that is no more than a number: the outline adds the words after it


@dataclass(frozen=True, slots=True)
class Row:
    """A table's row: where it stands, its cells, and the columns they belong to (none: the columns have no names)."""

    anchor: int
    cells: tuple[Markup, ...]
    columns: tuple[str, ...] = ()

    def across(self, columns: tuple[str, ...]) -> list[tuple[Markup, int]]:
        """(cell, columns it spans) under ``columns``: a lone cell is a group's heading and spans all, a missing one is empty."""
        if len(self.cells) == 1 < len(columns):
            return [(self.cells[0], len(columns))]
        if not self.columns:
            return [(cell, 1) for cell in self.cells]
        own = list(zip(self.columns, self.cells, strict=True))
        return [(own.pop(0)[1] if own and own[0][0] == name else Markup(), 1) for name in columns]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (``html``) or a table (``columns`` and ``rows``), ready to print; ``head`` is where its columns are printed as a line."""

    kind: str
    anchor: int
    depth: int = 0
    html: Markup = Markup()
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    head: int | None = None


@dataclass
class Printer:
    """Turns spans of one gazette into HTML; the first marked piece gets the id ``quoted``, resolved ``references`` are links."""

    notice: Notice
    corpus: Corpus
    start: int
    end: int
    references: Sequence[Reference] = ()
    marked: bool = field(default=False)

    def __post_init__(self) -> None:
        self.text = self.corpus.gazettes[self.notice.source].text
        self.references = apart(one for one in self.references if one.resolved)
        self.starts = [one.start for one in self.references]

    def html(self, first: int, last: int, *, lines: bool = False) -> Markup:
        """``text[first:last]`` for reading, escaped, with what lies in ``[start, end)`` in <mark> and references as links."""
        inside = self.references[max(0, bisect_left(self.starts, first) - 1) : bisect_left(self.starts, last)]
        edges = {self.start, self.end, *(edge for one in inside for edge in (one.start, one.end))}
        cuts = [first, *sorted(edge for edge in edges if first < edge < last), last]
        found = Markup()
        for low, high in zip(cuts, cuts[1:], strict=False):
            printed = self.text[low:high]
            piece = self.readable(printed, lines=lines)
            reference = next((one for one in inside if one.start <= low < one.end), None)
            if reference and printed.strip():
                piece = Markup('<a href="{}">{}</a>').format(reference_address(reference), piece)
            found += self.mark(piece) if self.start <= low < self.end and printed.strip() else piece
        return found

    def mark(self, html: Markup) -> Markup:
        opening = Markup("<mark>") if self.marked else Markup('<mark id="quoted">')
        self.marked = True
        return opening + html + Markup("</mark>")

    def readable(self, printed: str, *, lines: bool) -> Markup:
        parts = BREAK.split(printed) if lines else [BREAK.sub("", printed)]
        return Markup("<br>").join(escape(plain(part)) for part in parts)

    def cells(self, clause: Clause) -> tuple[Markup, ...]:
        """A row's cells. A value printed in this row is shown as printed; one carried down from a merged cell is not marked."""
        folded, offsets = normalise_with_offsets(self.text[clause.start : clause.end])
        found, at = [], 0
        for _, value in clause.cells:
            wanted = normalise(value)
            place = folded.find(wanted, at) if wanted else -1
            if place < 0:
                found.append(escape(value))
                continue
            at = place + len(wanted)
            found.append(self.html(clause.start + offsets[place], clause.start + offsets[at - 1] + 1))
        return tuple(found)

    def printed_cells(self, clause: Clause) -> tuple[Markup, ...]:
        """The cells of a row whose columns have no names: what stands between the tabs."""
        found, at = [], clause.start
        for cell in self.text[clause.start : clause.end].split("\t"):
            found.append(self.html(at, at + len(cell)))
            at += len(cell) + 1
        return tuple(found)


def apart(references: Iterable[Reference]) -> list[Reference]:
    """Those that do not overlap the one before, in order of printing."""
    found: list[Reference] = []
    for one in sorted(references, key=lambda one: (one.start, -one.end)):
        if not found or one.start >= found[-1].end:
            found.append(one)
    return found


def reference_address(reference: Reference) -> str:
    """The notice referred to, or the place within this one."""
    return notice_address(reference.target) if reference.kind == "document" else f"#c{reference.span.start}"


def blocks(
    notice: Notice, clauses: tuple[Clause, ...], *, corpus: Corpus, start: int = -1, end: int = -1, references: Sequence[Reference] = ()
) -> list[Block]:
    """The clauses of a notice as blocks, neighbouring rows of the same columns as one table; ``[start, end)`` is marked."""
    printer = Printer(notice, corpus, start=start, end=end, references=references)
    found: list[Block] = []
    notes: list[Clause] = []  # the lines since the last row: a table's head, a group's heading within it, or ordinary notes
    for clause in clauses:
        if clause.kind == "note":
            notes.append(clause)
            continue
        if clause.kind != "row":
            found += [paragraph(one, printer) for one in (*notes, clause)]
            notes = []
            continue
        columns = tuple(name for name, _ in clause.cells)
        row = Row(clause.start, printer.cells(clause) if clause.cells else printer.printed_cells(clause), columns)
        table = found[-1] if found and found[-1].kind == "table" else None
        grouping = all(len(one.text) <= LONGEST_GROUP for one in notes)
        if table and grouping and (within(columns, table.columns) or within(table.columns, columns)):
            widest = max(table.columns, columns, key=len)
            groups = [Row(one.start, (printer.html(one.start, one.end),)) for one in notes]
            found[-1] = replace(table, columns=widest, rows=(*table.rows, *groups, row))
        else:
            head = tuple(notes[0].text.split()) if notes and grouping else ()
            quoted = bool(notes) and notes[0].start < end and start < notes[0].end
            if columns and within(columns, head) and not quoted:
                groups = [Row(one.start, (printer.html(one.start, one.end),)) for one in notes[1:]]
                found.append(Block("table", notes[0].start, columns=head, rows=(*groups, row), head=notes[0].start))
            else:
                found += [paragraph(one, printer) for one in notes]
                found.append(Block("table", clause.start, columns=columns, rows=(row,)))
        notes = []
    return found + [paragraph(one, printer) for one in notes]


def paragraph(clause: Clause, printer: Printer) -> Block:
    html = printer.html(clause.start, clause.end, lines=clause.kind in LINES_STAND)
    return Block(clause.kind, clause.start, depth=len(clause.path), html=html)


def with_mark(
    held: Sequence[Block], notice: Notice, *, corpus: Corpus, start: int, end: int, references: Sequence[Reference] = ()
) -> list[Block]:
    """``held``, a notice's blocks without a mark, those that ``[start, end)`` touches made anew with it: a long notice takes time."""
    edges = [block.anchor for block in held] + [notice.end]
    touched = [at for at in range(len(held)) if edges[at] < end and start < edges[at + 1]]
    if not touched:
        return list(held)
    first, last = touched[0], touched[-1] + 1
    clauses = tuple(clause for clause in corpus.clauses_of(notice) if edges[first] <= clause.start < edges[last])
    return [*held[:first], *blocks(notice, clauses, corpus=corpus, start=start, end=end, references=references), *held[last:]]


def within(some: tuple[str, ...], all_: tuple[str, ...]) -> bool:
    """Whether ``some`` are columns of ``all_`` in their order; a table without names is of its own."""
    rest = iter(all_)
    return bool(some) == bool(all_) and all(name in rest for name in some)


def outline(clauses: tuple[Clause, ...]) -> list[tuple[int, int, str]]:
    """(depth, anchor, heading) of each heading, where it first stands."""
    seen: set[tuple[str, ...]] = set()
    found = []
    for clause in clauses:
        for depth in range(1, min(len(clause.path), DEEPEST) + 1):
            if clause.path[:depth] not in seen:
                seen.add(clause.path[:depth])
                heading = clause.path[depth - 1]
                bare = depth == len(clause.path) and len(heading.strip()) <= BARE and clause.kind == "text"
                found.append((depth, clause.start, short(clause.text, longest=24) if bare else short(heading)))
    return found


def short(heading: str, *, longest: int = 40) -> str:
    text = plain(BREAK.sub("", heading)).strip()
    return text if len(text) <= longest else text[: longest - 1] + "…"


def plain(printed: str) -> str:
    """Printed text without the recogniser's signs.

    >>> plain("**$\\\\leq 6\\\\text{mg/L}$**")
    '≤6mg/L'
    """
    return FORMULA.sub(_formula, MARKS.sub("", printed))


def _formula(match: re.Match[str]) -> str:
    return BRACES.sub("", COMMAND.sub(lambda command: LATEX.get(command[1], command[1]), match[1]))
