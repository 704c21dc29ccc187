"""A gazette's text to its notices and their clauses, with what is furniture and what a reader should look at."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from .contents import entries_in
from .lines import Line, lines_of
from .model import Clause, Gazette, Notice, ParsedGazette, Span, Warning
from .notices import SECTION, Head, find_heads, whole_title, with_listed
from .numbering import date_of
from .outline import Outline
from .titles import SIGNED_LINE, issuer_of, kind_of
from .validity import with_validity

# — 12 —, - 3 -, ·5·, 第 3 页, 第3页 共10页
PAGE = re.compile(r"[—–\-·•.．]{1,3}\s*\d{1,4}\s*[—–\-·•.．]{1,3}|第\s*\d{1,4}\s*页(?:\s*[,，/]?\s*共\s*\d{1,4}\s*页)?")
# |---|:---:| between a table's header and its rows; *** or --- across the page
RULE = re.compile(r"\|(?:\s?:?-{2,}:?\s?\|){1,64}|[-*_=]{3,80}")
# What a page repeats on top: 某县人民政府公报 2023年第5期
RUNNING_HEAD = re.compile(r".{0,24}(?:公\s*报|第\s*\d{1,3}\s*期).{0,16}")
REPEATED = 3


def parse(gazette: Gazette) -> ParsedGazette:
    """All notices and clauses of a gazette, in order of printing. Any text at all ends without an error.

    Each printed character of a notice, white space and ``furniture`` apart, lies in exactly one clause.
    """
    every = lines_of(gazette.text)
    furniture = _page_furniture(every)
    lines = [line for line in every if line.start not in furniture]
    heads = find_heads(lines)
    before = gazette.text[: lines[heads[0].top].start] if heads else gazette.text
    heads = with_listed(lines, heads, [(entry.title, entry.number) for entry in entries_in(before)])
    notices: list[Notice] = []
    clauses: list[Clause] = []
    spans = [Span(line.start, line.end, furniture[line.start]) for line in every if line.start in furniture]
    warnings: list[Warning] = []
    ends = [*(_end(lines, after.top, floor=head.body) for head, after in zip(heads, heads[1:], strict=False)), len(lines)][: len(heads)]
    inside = 0
    for head, end in zip(heads, ends, strict=True):
        spans += [Span(line.start, line.end, "between notices") for line in lines[inside : head.top]]
        part = lines[head.top : end]
        outline = Outline(part, head.moved(-head.top))
        notice = _notice(gazette, part, head.moved(-head.top), outline)
        notices.append(notice)
        for draft in outline.drafts:
            start, stop = part[draft.first].start, part[draft.last].end
            clauses.append(Clause(notice, draft.path, start, stop, draft.text, draft.kind, draft.cells))
        spans += [Span(part[at].start, part[at].end, "repeated table header") for at in outline.repeats]
        warnings += [Warning(part[at].index + 1, f"table: {fault}") for at, fault in outline.faults]
        inside = end
    spans += [Span(line.start, line.end, "outside the notices") for line in lines[inside:]]
    if not notices and every:
        warnings.append(Warning(1, "no notice found: no line is a document number below a title"))
    dated, told = with_validity(notices, clauses)
    return ParsedGazette(gazette, dated, told, tuple(sorted(spans, key=lambda span: span.start)), tuple(warnings))


def _page_furniture(lines: Sequence[Line]) -> dict[int, str]:
    """The lines that belong to the page and not to a text, by their start."""
    found: dict[int, str] = {}
    heads = Counter("".join(line.text.split()) for line in lines if len(line.text) <= 40 and RUNNING_HEAD.fullmatch(line.text))
    for line in lines:
        if RULE.fullmatch(line.raw.strip()):
            found[line.start] = "table rule"
        if line.is_row or len(line.text) > 40:
            continue
        if PAGE.fullmatch(line.raw.strip()):
            found[line.start] = "page number"
        elif heads.get("".join(line.text.split()), 0) >= REPEATED:
            found[line.start] = "running head"
    numbers = [line for line in lines if line.raw.strip().isdecimal() and len(line.text) <= 4 and not line.is_row]
    rising = sum(int(one.text) < int(other.text) <= int(one.text) + 3 for one, other in zip(numbers, numbers[1:], strict=False))
    if len(numbers) >= REPEATED and rising >= 0.9 * (len(numbers) - 1):
        found.update((line.start, "page number") for line in numbers)
    return found


def _end(lines: Sequence[Line], top: int, *, floor: int) -> int:
    """Where the notice before ends: a section's name above the next title (【部门文件】) belongs to neither."""
    while top > floor and SECTION.fullmatch(lines[top - 1].text):
        top -= 1
    return top


def _notice(gazette: Gazette, lines: Sequence[Line], head: Head, outline: Outline) -> Notice:
    title = [lines[at] for at in range(head.top, head.title_end) if at != head.number_at]
    signers = []
    signed = None
    for draft in outline.drafts:
        if draft.kind == "signature" and not draft.text.startswith(("（", "(")):
            signers.append(draft.text)
        if draft.kind == "date" and not draft.path:
            match = SIGNED_LINE.fullmatch(draft.text)
            signed = date_of(match["date"] if match else draft.text)
            signers = [match["office"]] if match else signers
            break
    # An order may have no more above its text than its number.
    text = whole_title(lines, head) or outline.enclosed_title or head.number
    return Notice(
        source=gazette.source, district=gazette.district, number=head.number, title=text,
        issuer=issuer_of(title, signers), signed=signed, kind=kind_of(text),
        start=lines[0].start, end=lines[-1].end, enclosed_title=outline.enclosed_title, attachments=outline.attachments.names,
    )  # fmt: skip
