"""The gazette's own table of contents (目录) held against the notices found in it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from .document_numbers import document_numbers
from .model import Gazette, Notice, Warning
from .normalise import normalise

HEADING = re.compile(r"^[\s#*【\[]*目\s*录[\s*】\]]*$")
SECTION = re.compile(r"^[\s#*]*[【\[].{1,20}[】\]][\s*]*$")
PAGE = re.compile(r"[\s.．·…]*(?:[\t \u3000.．…]|(?<=[）)号]))[（(]?(?P<page>\d{1,4})[）)]?\s*$")
NUMBERED = re.compile(r"号\s*[）)]?\s*$")  # a contents without pages
INDEX = re.compile(r"^[\s#*\-]*(?:\d{1,3}\s*[.．、]|[（(]\d{1,3}[）)])\s*(?!\d)")
TRAILING = re.compile(r"[\s（(.．…·]+$")
LIKE = 0.6  # difflib ratio from which two titles without numbers are taken for one notice


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the 目录: ``number`` canonical or '', ``line`` 1-based."""

    title: str
    number: str
    line: int


def contents_of(gazette: Gazette, notices: Sequence[Notice]) -> tuple[Entry, ...]:
    """The entries printed between 目录 and the first notice, in order."""
    return entries_in(gazette.text[: notices[0].start if notices else len(gazette.text)])


def entries_in(text: str) -> tuple[Entry, ...]:
    """The entries printed behind 目录 in a text that ends where the first notice begins, in order."""
    lines = text.split("\n")
    begin = next((place for place, line in enumerate(lines) if HEADING.match(line)), None)
    if begin is None:
        return ()
    entries: list[Entry] = []
    parts: list[str] = []
    first = 0
    for place, line in enumerate(lines[begin + 1 :], begin + 2):
        if not line.strip() or SECTION.match(line):
            continue
        if parts and INDEX.match(line) and document_numbers(" ".join(parts)):
            entries.append(_entry(parts, first))
            parts = []
        first = first if parts else place
        parts.append(line.strip())
        if PAGE.search(line) or NUMBERED.search(line) and document_numbers(line):
            entries.append(_entry(parts, first))
            parts = []
    if parts:
        entries.append(_entry(parts, first))
    return tuple(entry for entry in entries if entry.title)


def _entry(parts: Sequence[str], line: int) -> Entry:
    text = PAGE.sub("", " ".join(parts)).strip()
    numbers = document_numbers(text)
    if numbers:
        text = text[: numbers[-1].start]
    text = TRAILING.sub("", INDEX.sub("", text))
    return Entry(re.sub(r"(?<=[\u4e00-\u9fff》）])\s+|\s+(?=[\u4e00-\u9fff《（])", "", text), numbers[-1].number if numbers else "", line)


def _signs(title: str) -> str:
    return re.sub(r"[^\u4e00-\u9fffa-z0-9]", "", normalise(title))


def _differing(one: str, other: str) -> str:
    """Where two titles differ, with a few characters around: 徐[旻|昉]等同志."""
    parts = []
    for what, a, b, c, d in difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if what != "equal":
            parts.append(f"{one[max(0, a - 2) : a]}[{one[a:b]}|{other[c:d]}]{one[b : b + 2]}")
    return ", ".join(parts)


def differences(gazette: Gazette, notices: Sequence[Notice]) -> tuple[Warning, ...]:
    """What the 目录 and the notices say differently; empty where they agree or where there is no 目录."""
    entries = contents_of(gazette, notices)
    if not entries:
        return ()
    by_number = {notice.number: notice for notice in notices if notice.number}
    met: set[str] = set()
    found: list[Warning] = []
    for entry in entries:
        notice = by_number.get(entry.number) or _by_title(entry, [n for n in notices if n.key not in met])
        if notice is None:
            found.append(Warning(entry.line, f"in the 目录 but not found: {entry.title} {entry.number}".rstrip()))
            continue
        met.add(notice.key)
        line = gazette.text.count("\n", 0, notice.start) + 1
        if entry.number and notice.number and entry.number != notice.number:
            found.append(Warning(line, f"number differs: 目录 line {entry.line} {entry.number}, notice {notice.number}"))
        if entry.title and _signs(entry.title) != _signs(notice.title):
            found.append(Warning(line, f"title differs from the 目录 (line {entry.line}): {notice.key} {_differing(_signs(entry.title), _signs(notice.title))}"))
    for notice in notices:
        if notice.key not in met:
            line = gazette.text.count("\n", 0, notice.start) + 1
            found.append(Warning(line, f"not in the 目录: {notice.key} {notice.title[:40]}"))
    return tuple(found)


def _by_title(entry: Entry, notices: Sequence[Notice]) -> Notice | None:
    if entry.number and any(notice.number for notice in notices):
        notices = [notice for notice in notices if not notice.number or _signs(notice.title) == _signs(entry.title)]
    scored = [(difflib.SequenceMatcher(None, _signs(entry.title), _signs(n.title), autojunk=False).ratio(), i) for i, n in enumerate(notices)]
    best = max(scored, default=(0.0, 0))
    return notices[best[1]] if best[0] >= LIKE else None
