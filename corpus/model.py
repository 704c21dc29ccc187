"""The words of the corpus as frozen values: gazette, notice, clause, validity.

Offsets are character offsets into the gazette file decoded as UTF-8 with its
line ends untouched: ``gazette.text[clause.start:clause.end]`` is always the
printed original, whatever ``clause.text`` makes of it for reading.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

ClauseKind = Literal[
    "title",       # the notice's own title, or the title of the text it encloses
    "number",      # the document number line
    "addressee",   # 各街道办事处…：
    "heading",     # a heading that stands on a line of its own
    "text",        # a paragraph, with its run-in heading where it has one
    "row",         # one row of a table
    "note",        # a line that belongs to a table: a caption, a unit, a note below it
    "attachment",  # an attachment's label, or the list of attachments
    "signature",   # who signs
    "date",        # the date signed
]


@dataclass(frozen=True, slots=True)
class Gazette:
    """One gazette file. ``source`` is its file name; ``issue`` is as printed ("第2期"), "" where it has none."""

    source: str
    district: str
    year: int | None
    issue: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Span:
    """``text[start:end]`` of a gazette, with the reason it is named."""

    start: int
    end: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Validity:
    """When a notice holds, each fact with the span of the clause that says so. Unknown stays ``None``.

    ``covers`` is the period a plan names for itself ("2017年", "2021年—2025年");
    ``repeals`` are document numbers or titles it puts out of force.
    """

    in_force_from: date | None = None
    in_force_clause: Span | None = None
    expires: date | None = None
    expires_clause: Span | None = None
    covers: str = ""
    covers_until: date | None = None
    covers_clause: Span | None = None
    repeals: tuple[str, ...] = ()
    repeals_clause: Span | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One document of a gazette. ``number`` has no white space; "" where none is printed.

    ``enclosed_title`` is the title of the plan or measure that a cover letter carries.
    ``start`` and ``end`` bound the whole notice, attachments included.
    """

    source: str
    district: str
    number: str
    title: str
    issuer: str
    signed: date | None
    kind: str
    start: int
    end: int
    enclosed_title: str = ""
    attachments: tuple[str, ...] = ()
    validity: Validity = Validity()

    @property
    def key(self) -> str:
        """What a citation and an address name it by: the document number, or the title where it has none."""
        return self.number or self.title

    @property
    def year(self) -> int | None:
        """The year signed."""
        return self.signed.year if self.signed else None


@dataclass(frozen=True, slots=True)
class Clause:
    """A leaf of a notice's outline: what a citation names.

    ``path`` holds the headings above it and its own, as printed, outermost first;
    ``text`` is the readable form: page-broken lines joined, markup gone, a table
    row written ``列名：值；…``. ``cells`` are a row's (column name, value) pairs.
    """

    notice: Notice
    path: tuple[str, ...]
    start: int
    end: int
    text: str
    kind: ClauseKind = "text"
    cells: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        """Unique in the corpus: source, start and end."""
        return f"{self.notice.source}:{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class Warning:
    """Something a reader of the gazette should look at; ``line`` is 1-based."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class ParsedGazette:
    """A gazette with all that was found in it, in order of printing."""

    gazette: Gazette
    notices: tuple[Notice, ...]
    clauses: tuple[Clause, ...]
    furniture: tuple[Span, ...] = ()
    warnings: tuple[Warning, ...] = ()
