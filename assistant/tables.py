"""A table row as a line to read: the cells that say something, those that print glues together cited one by one."""

from __future__ import annotations

import re
import unicodedata

from corpus import Clause
from corpus.normalise import normalise

from .quotes import MARKER, Quote

EMPTY = re.compile(r"^[\s/—–\-_－]*$")
COUNT = re.compile(r"^(?:原?序号?|编号|项次|No\.?)$", re.IGNORECASE)
FIGURE = re.compile(r"\d+(?:\.\d+)?%?")
BARE = re.compile(r"^[\d.,%～~\-—≤≥<>约\s]+$")  # a value that says nothing without the name of its column
NEAR = 6000  # characters above a row within which its header is looked for
ALONE = 8  # cells cited one by one, at most


def figures(text: str) -> set[str]:
    """The numbers of a text, width and white space apart."""
    return set(FIGURE.findall(re.sub(r"[\s*#`_>|\\$]+", "", unicodedata.normalize("NFKC", text))))


def row_quotes(row: Clause, *, text: str, known: set[str], score: float) -> list[Quote]:
    """The row's quotation and, where its figures need the names of their columns, that of the header.

    ``text`` is the gazette's; ``known`` are the numbers that need no proof: those of the question, the title and the
    number. A value carried down from a merged cell that holds a number is left out: it is not printed in this row.
    """
    notice, printed = row.notice, text[row.start : row.end]
    told = [(name, value) for name, value in row.cells if not EMPTY.match(value) and not COUNT.match("".join(name.split()))]
    if not told:
        return [Quote(notice, row.path, row.start, row.end, (row.text,), score)]
    places, flat = cells_of(row, text), normalise(printed)
    proved = figures(printed) | known
    header = header_of(row, text, [name for name, _ in told if name])
    named = figures(" ".join(name for name, _ in told)) - known
    bare = sum(bool(name and BARE.match(value)) for name, value in told)
    cite_header = header is not None and (bool(named - proved) or bare > 1)
    if cite_header:
        proved |= figures(text[header[0] : header[1]])
    # A serial number that print glues to the next figure is left outside the quotation.
    start = min((places[flat_value][0] for _, value in told if (flat_value := normalise(value)) in places), default=row.start)
    proved |= figures(text[start : row.end])
    parts, further = [], []
    for name, value in told:
        shown = value.strip("；。; ")
        if normalise(value) not in flat and figures(value) - proved:
            continue
        label = f"{name}：" if name and not figures(name) - proved else ""
        if figures(value) - proved and normalise(value) in places and len(further) < ALONE:
            further.append(places[normalise(value)])
            shown += MARKER.format(n=len(further))
        parts.append(label + shown)
    line = "；".join(parts)
    quotes = [Quote(notice, row.path, start, row.end, (line,), score, tuple(further))]
    if cite_header:
        quotes.insert(0, Quote(notice, row.path, *header, (), score))
    return quotes


def line_of(clause: Clause) -> str:
    """A clause as one line to read; of a row the cells that say something."""
    if clause.kind != "row" or not clause.cells:
        return clause.text
    told = [(name, value) for name, value in clause.cells if not EMPTY.match(value) and not COUNT.match("".join(name.split()))]
    return "；".join(f"{name}：{value.strip('；。; ')}" if name else value for name, value in told) or clause.text


def cells_of(row: Clause, text: str) -> dict[str, tuple[int, int]]:
    """Each printed cell of a row, normalised, with its place."""
    found, at = {}, row.start
    for piece in text[row.start : row.end].split("\t"):
        inside = piece.strip()
        if inside:
            start = at + piece.index(inside)
            found.setdefault(normalise(inside), (start, start + len(inside)))
        at += len(piece) + 1
    return found


def header_of(row: Clause, text: str, names: list[str]) -> tuple[int, int] | None:
    """The printed line above ``row`` that names most of its columns."""
    wanted = [normalise(name) for name in names]
    if not wanted:
        return None
    best, most = None, len(wanted) / 2
    end = row.start - 1
    stop = max(row.notice.start, row.start - NEAR)
    while end > stop:
        start = text.rfind("\n", stop, end) + 1 or stop
        line = text[start:end]
        if "\t" in line:
            flat = normalise(line)
            count = sum(name in flat for name in wanted)
            if count > most:
                best, most = (start + len(line) - len(line.lstrip()), start + len(line.rstrip())), count
        end = start - 1
    return best
