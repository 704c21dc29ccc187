"""What a text points to: other texts (《…》（文号）), its attachments, its own articles and headings, resolved where they are here."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .document_numbers import chinese_integer, document_numbers
from .model import Clause, Notice, Span
from .normalise import normalise
from .quoted import quoted_titles

if TYPE_CHECKING:
    from .library import Corpus

ReferenceKind = Literal["document", "attachment", "article", "clause"]

GAP = r"\s{0,3}"
NUMERAL = r"[一二三四五六七八九十百零〇]{1,6}"
ITEM = rf"[（(]{GAP}(?:{NUMERAL}|\d{{1,2}}){GAP}[）)]"
# 附件2 · 附件 1-3 · 附表1; without a number only where it is pointed to (见附件), not in 以附件形式
ATTACHMENT = re.compile(
    rf"(?:附件|附表){GAP}(?P<which>\d{{1,2}}(?:[-—]\d{{1,2}})?|{NUMERAL})(?![\d:：])|(?<=[见按照（(])(?:附件|附表)(?![:：])"
)
# 本办法第十条 · 本细则第五条第二款 · 按照第七条（一）
ARTICLE = re.compile(
    rf"(?P<own>本(?:办法|细则|实施细则|规定|条例|规程|规则|章程|意见|制度|标准|方案|通告))?{GAP}"
    rf"第{GAP}(?P<which>{NUMERAL}|\d{{1,3}}){GAP}条(?:{GAP}第{GAP}(?:{NUMERAL}|\d{{1,2}}){GAP}[款项])?(?P<items>(?:{GAP}、?{ITEM}){{0,6}})"
)
# 五、有关说明中（五）（六） · 第三部分第（二）项 · 按照三（四）
CLAUSE = re.compile(
    rf"(?P<top>{NUMERAL}){GAP}[、.．]{GAP}(?P<name>[\u4e00-\u9fff]{{0,16}}?)(?:[”\"]?{GAP}[中的里之]{{1,2}}{GAP}[“\"]?|{GAP})第?(?P<items>{ITEM}(?:{GAP}、?{ITEM}){{0,6}})"
)
ONE_ITEM = re.compile(rf"[（(]{GAP}(?P<which>{NUMERAL}|\d{{1,2}}){GAP}[）)]")
HEAD_ARTICLE = re.compile(rf"^[\s*#]*第{GAP}({NUMERAL}|\d{{1,3}}){GAP}条")
HEAD_TOP = re.compile(rf"^[\s*#]*({NUMERAL}){GAP}[、.．]")
HEAD_ITEM = re.compile(rf"^[\s*#\-]*[（(]{GAP}({NUMERAL}|\d{{1,2}}){GAP}[）)]")
HEAD_ATTACHMENT = re.compile(rf"^[\s*#\-]*(?:附件|附表){GAP}(\d{{1,2}}(?:[-—]\d{{1,2}})?|{NUMERAL})?")


@dataclass(frozen=True, slots=True)
class Reference:
    """``gazette.text[start:end]`` of ``notice``'s gazette names something.

    ``target`` is the key of a notice of the corpus, or a document number or title that lies outside it; ``span`` is
    where the target stands in its own gazette, and ``path`` its heading path. ``None`` and ``()`` where it is not here.
    """

    notice: str
    start: int
    end: int
    kind: ReferenceKind
    target: str
    span: Span | None = None
    path: tuple[str, ...] = ()

    @property
    def resolved(self) -> bool:
        return self.span is not None


@dataclass(frozen=True)
class _Library:
    """The notices of a corpus by number and by title, for looking targets up."""

    corpus: Corpus
    titles: dict[str, Notice]

    @classmethod
    def of(cls, corpus: Corpus) -> _Library:
        titles: dict[str, Notice] = {}
        for notice in corpus.notices:
            for title in (notice.title, notice.enclosed_title):
                if title:
                    titles.setdefault(normalise(title), notice)
            for quoted in quoted_titles(notice.title):
                titles.setdefault(normalise(quoted.title), notice)
        return cls(corpus, titles)

    def find(self, number: str, title: str) -> Notice | None:
        found = self.corpus.notice(number) if number else None
        return found or (self.titles.get(normalise(title)) if title else None)


def _value(text: str) -> int | str:
    text = "".join(text.split())
    return chinese_integer(text) if "-" not in text and "—" not in text else text.replace("—", "-")


def _heads(path: Sequence[str], pattern: re.Pattern[str]) -> list[tuple[int, int | str]]:
    """(depth, value) of the headings of ``path`` that begin with such a number."""
    found = []
    for depth, heading in enumerate(path):
        match = pattern.match(heading)
        if match and match.group(1):
            found.append((depth, _value(match.group(1))))
    return found


def _documents(notice: Notice, text: str, base: int, library: _Library) -> list[Reference]:
    found, quoted = [], quoted_titles(text)
    for item in quoted:
        target = library.find(item.number, item.title)
        found.append(_to_notice(notice, base + item.start, base + item.end, target, item.number or item.title))
    for item in document_numbers(text):
        if not any(other.start <= item.start < other.end for other in quoted):
            target = library.find(item.number, "")
            found.append(_to_notice(notice, base + item.start, base + item.end, target, item.number))
    return [item for item in found if item.target != notice.key]


def _to_notice(notice: Notice, start: int, end: int, target: Notice | None, name: str) -> Reference:
    span = Span(target.start, target.end, target.source) if target else None
    return Reference(notice.key, start, end, "document", target.key if target else name, span)


def _nearest(candidates: Sequence[Clause], at: Clause) -> Clause | None:
    """Of clauses with the wished number, the one under the longest common path; then outside attachments; then the nearest.

    A measure and its rules both have a 第五条: the one of the same enclosed text is meant.
    """

    def distance(clause: Clause) -> tuple[int, bool, int]:
        common = 0
        for one, other in zip(clause.path, at.path, strict=False):
            if one != other:
                break
            common += 1
        in_attachment = bool(clause.path and HEAD_ATTACHMENT.match(clause.path[0]))
        return -common, in_attachment and not common, abs(clause.start - at.start)

    return min(candidates, key=distance, default=None)


def _to_clause(notice: Notice, start: int, end: int, kind: ReferenceKind, target: Clause | None) -> Reference:
    if target is None:
        return Reference(notice.key, start, end, kind, notice.key)
    return Reference(notice.key, start, end, kind, notice.key, Span(target.start, target.end, notice.source), target.path)


def _under(clauses: Sequence[Clause], at: Clause, head: re.Pattern[str], value: int | str) -> list[Clause]:
    """The first clause under each heading with that number, the clause that refers to it apart."""
    found: dict[tuple[str, ...], Clause] = {}
    for clause in clauses:
        for depth, number in _heads(clause.path, head):
            if number == value and clause is not at:
                found.setdefault(clause.path[: depth + 1], clause)
    return list(found.values())


def _with_items(kind: ReferenceKind, notice: Notice, match: re.Match[str], at: Clause, base: int,
                clauses: Sequence[Clause], head: re.Pattern[str]) -> list[Reference]:  # fmt: skip
    """The reference to the heading itself, or one for each of its items where items are named."""
    number = match["which"] if "which" in match.re.groupindex else match["top"]
    found = _under(clauses, at, head, _value(number))
    if not found and head is HEAD_ARTICLE and match["own"]:
        # Rules numbered 一、二、 speak of their sections as articles (本细则第五条).
        head = HEAD_TOP
        found = _under(clauses, at, head, _value(number))
    above = _nearest(found, at)
    items = list(ONE_ITEM.finditer(match["items"] or ""))
    if not items or above is None:
        return [_to_clause(notice, base + match.start(), base + match.end(), kind, above)]
    depth = next(depth for depth, value in _heads(above.path, head) if value == _value(number))
    inside = [clause for clause in clauses if clause.path[: depth + 1] == above.path[: depth + 1]]
    found = []
    for place, item in enumerate(items):
        start = match.start() if place == 0 else match.start("items") + item.start()
        target = next((c for c in inside if (_value(item["which"]) in [v for d, v in _heads(c.path, HEAD_ITEM) if d > depth])), None)
        found.append(_to_clause(notice, base + start, base + match.start("items") + item.end(), kind, target))
    return found


def _attachment(notice: Notice, which: int | str | None, at: Clause, clauses: Sequence[Clause]) -> Clause | None:
    """Where an attachment begins: by its printed label, or by the title that the notice's list gives it."""
    for clause in clauses:
        label = HEAD_ATTACHMENT.match(clause.path[0]) if clause.path and clause is not at else None
        if label and (which is None or (label[1] and _value(label[1]) == which)):
            return clause
    place = (which or 1) - 1 if not isinstance(which, str) else -1
    if not 0 <= place < len(notice.attachments):
        return None
    title = normalise(notice.attachments[place])
    return next((clause for clause in clauses if clause.kind in ("title", "attachment") and clause.path
                 and title and title in normalise(clause.text)), None)  # fmt: skip


def _inside(notice: Notice, clause: Clause, text: str, clauses: Sequence[Clause]) -> list[Reference]:
    """References of one clause to parts of its own notice."""
    found: list[Reference] = []
    quoted = quoted_titles(text)
    head = len(text) - len(text.lstrip(" \t*#"))
    for match in ATTACHMENT.finditer(text):
        if match.start() > head:
            target = _attachment(notice, _value(match["which"]) if match["which"] else None, clause, clauses)
            found.append(_to_clause(notice, clause.start + match.start(), clause.start + match.end(), "attachment", target))
    for match in ARTICLE.finditer(text):
        of_another = any(0 <= match.start() - item.end <= 1 for item in quoted) or any(i.start < match.start() < i.end for i in quoted)
        if match.start() > head and not of_another:
            found += _with_items("article", notice, match, clause, clause.start, clauses, HEAD_ARTICLE)
    for match in CLAUSE.finditer(text):
        if match.start() > head:
            found += _with_items("clause", notice, match, clause, clause.start, clauses, HEAD_TOP)
    return found


def references_of(corpus: Corpus, notice: Notice) -> tuple[Reference, ...]:
    """Every reference in the notice, in order of printing; offsets are those of its gazette."""
    return _references(_Library.of(corpus), notice)


def references(corpus: Corpus) -> tuple[Reference, ...]:
    """Every reference of the corpus, by notice and in order of printing."""
    library = _Library.of(corpus)
    return tuple(item for notice in corpus.notices for item in _references(library, notice))


def _references(library: _Library, notice: Notice) -> tuple[Reference, ...]:
    text = library.corpus.gazettes[notice.source].text
    clauses = library.corpus.clauses_of(notice)
    found = _documents(notice, text[notice.start : notice.end], notice.start, library)
    starts = [clause.start for clause in clauses]
    # A title's own quotation names the text it encloses.
    found = [item for item in found if not clauses or clauses[max(0, bisect_right(starts, item.start) - 1)].kind not in ("title", "number")]
    for clause in clauses:
        if clause.kind in ("text", "note", "row", "heading"):
            found += _inside(notice, clause, text[clause.start : clause.end], clauses)
    return tuple(sorted(dict.fromkeys(found), key=lambda item: (item.start, item.end)))
