"""The lines of one notice to its leaf clauses: headings above each, attachments apart, tables row by row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .attachments import LABELLED, Attachments, label_of, list_at, same_name, title_lines
from .headings import CLOSED_PART, CLOSING, CLOSING_SECTION, OPENING, heading_of, name_of
from .levels import Levels
from .lines import Line, close_up
from .model import ClauseKind
from .notices import Head, whole_title
from .numbering import Mark, fold, is_date, mark_of, squeeze
from .paragraphs import ATTRIBUTE, CAPTION, Marks, Paragraph, full_width, is_decimal, read_paragraph
from .tables import cells_of, read_table, row_text
from .titles import IMPRINT, PUBLIC, enclosed_at, signed_at, title_of, titles_enclosed

ADDRESSEE = re.compile(r"[^。；]{2,240}(?<!如下)(?<!下列)(?<!以下)(?<!决定)(?<!通知)(?<!通告)(?<!公告)(?<!意见)[：:]")
TABLE_NOTE = re.compile(r"(?:备\s*注|注|说\s*明|资料来源|填报说明)\s*\d*\s*[:：]|[*＊]\s*\S")
FIRST_ITEM = re.compile(r"[:：]\s*(?:1[.．、]|[（(]1[）)]|①)")
UNIT = re.compile(r"[（(]?\s*(?:计量)?单\s*位\s*[:：].{1,20}")
SHORT = 60  # characters of a caption or an unnumbered heading at most
ENDS = re.compile(r"[。；，：:;,！？]$")


@dataclass(slots=True)
class Draft:
    """A clause before it knows its notice: lines ``first`` to ``last`` (positions, inclusive)."""

    first: int
    last: int
    kind: ClauseKind
    text: str
    path: tuple[str, ...] = ()
    cells: tuple[tuple[str, str], ...] = ()


class Outline:
    """Walks through the lines of one notice; afterwards ``drafts`` are its leaf clauses, in order.

    ``repeats`` are the positions of table headers that are printed again,
    ``faults`` what a table's row was found to lack, by position.
    """

    def __init__(self, lines: Sequence[Line], head: Head) -> None:
        self.lines = lines
        self.drafts: list[Draft] = []
        self.repeats: list[int] = []
        self.faults: list[tuple[int, str]] = []
        self.attachments = Attachments()
        self.enclosed_title = ""
        self._base: tuple[str, ...] = ()
        self._dated = self._letter_over = False
        self._titles = titles_enclosed(whole_title(lines, head))
        self._marks = Marks(decimal=is_decimal(lines))
        self._full = full_width(lines)
        self._levels = Levels(lines)
        at = self._head(head)
        while at < len(lines):
            at = self._next(at)

    def _add(self, first: int, last: int, kind: ClauseKind, text: str, path: tuple[str, ...] = ()) -> None:
        self.drafts.append(Draft(first, last, kind, text, path))

    @property
    def _path(self) -> tuple[str, ...]:
        return (*self._base, *self._levels.labels)

    def _head(self, head: Head) -> int:
        """The title, in one piece or above and below the number, and the addressee."""
        first = head.top
        for at in range(head.top, head.title_end + 1):
            if at in (head.number_at, head.title_end):
                if first < at:
                    self._add(first, at - 1, "title", title_of(self.lines[first:at]))
                first = at + 1
            if at == head.number_at:
                self._add(at, at, "number", self.lines[at].text)
        at = head.body
        if at < len(self.lines) and not self.lines[at].is_row and mark_of(self.lines[at].text) is None:
            paragraph = read_paragraph(self.lines, at, marks=self._marks, full=self._full)
            if ADDRESSEE.fullmatch(paragraph.text):
                self._add(at, paragraph.last, "addressee", paragraph.text)
                return paragraph.last + 1
        return at

    def _next(self, at: int) -> int:
        """Takes in what begins at position ``at``; returns the position behind it."""
        if self.lines[at].is_row:
            return self._table(at)
        for attempt in (self._signature, self._attachment, self._enclosed, self._caption):
            behind = attempt(at)
            if behind > at:
                return behind
        return self._paragraph(at)

    def _signature(self, at: int) -> int:
        """Who signs and when; position ``at`` where nobody does."""
        if PUBLIC.fullmatch(self.lines[at].text) or IMPRINT.fullmatch(self.lines[at].text):
            self._add(at, at, "signature", self.lines[at].text, self._base)
            return at + 1
        dated = signed_at(self.lines, at)
        if dated is None:
            return at
        for signer in range(at, dated):
            self._add(signer, signer, "signature", self.lines[signer].text, self._base)
        self._add(dated, dated, "date", self.lines[dated].text, self._base)
        self._dated = True
        return dated + 1

    def _attachment(self, at: int) -> int:
        """The list of attachments, a label with the title below it, or a listed title that has no label."""
        line = self.lines[at]
        if not self.attachments.listed and not self._base:
            count, entries = list_at(self.lines, at)
            if count:
                self.attachments.take_list(entries)
                self._add(at, at + count - 1, "attachment", "\n".join(item.text for item in self.lines[at : at + count]))
                return at + count
        if label := label_of(line):
            self._open(label)
            self._add(at, at, "attachment", line.text, self._base)
            count, _ = self.attachments.title_at(self.lines, at + 1)
            return self._titled(at + 1, count or title_lines(self.lines, at + 1))
        begun = self._dated or self.attachments.listed or self._base
        if begun and len(line.text) <= 90 and not ENDS.search(line.text) and (match := LABELLED.fullmatch(line.text)):
            self._open(squeeze(line.text[: match.start("name")]).rstrip(":：.．"), close_up(match["name"]))
            self.attachments.take_title(self._base)
            self._add(at, at, "attachment", line.text, self._base)
            return at + 1
        count, entry = self.attachments.title_at(self.lines, at)
        if entry is None:
            return at
        self._open(*([f"附件{entry.number}"] if entry.number or not self.attachments.listed else ["附件"]))
        return self._titled(at, count)

    def _open(self, *base: str) -> None:
        """Numbering restarts under another text."""
        self._base = tuple(base)
        self._restart()

    def _restart(self) -> None:
        self._levels.clear()
        self._marks = Marks(decimal=self._marks.decimal)

    def _titled(self, at: int, count: int) -> int:
        """The title of the attachment that has just been opened."""
        if count:
            title = title_of(self.lines[at : at + count])
            self._base = (*self._base, title)
            self._add(at, at + count - 1, "title", title, self._base)
            if not self.enclosed_title and not self.attachments.listed and any(same_name(fold(name), fold(title)) for name in self._titles):
                self.enclosed_title = title
            else:
                self.attachments.take_title(self._base)
        return at + count

    def _enclosed(self, at: int) -> int:
        """The title of the text that the letter carries."""
        if self.enclosed_title or self._base or self._letter_over:
            return at
        count = enclosed_at(self.lines, at, names=self._titles, after_letter=self._dated)
        if not count:
            self._letter_over = self._dated and not self.lines[at].text.startswith(("（", "("))
            return at
        self.enclosed_title = title_of(self.lines[at : at + count])
        # A letter that is numbered itself: its 一、 is another than the text's.
        self._open(*([self.enclosed_title] if any(draft.path for draft in self.drafts) else []))
        self._add(at, at + count - 1, "title", self.enclosed_title, self._base)
        return at + count

    def _caption(self, at: int) -> int:
        """A short line above a table, the unit between them, and then the table; or a figure's caption."""
        line = self.lines[at]
        behind = at + 1
        if behind < len(self.lines) and UNIT.fullmatch(self.lines[behind].text):
            behind += 1
        text = line.text
        numbered = bool(CAPTION.fullmatch(text)) and not ENDS.search(text)
        plain = not (ENDS.search(text) or ATTRIBUTE.match(text)) and self._mark(at) is None
        if behind < len(self.lines) and self.lines[behind].is_row and len(text) <= SHORT and (numbered or UNIT.fullmatch(text) or plain):
            caption = () if UNIT.fullmatch(text) or text[0] in "（(" else (close_up(text),)
            for position in range(at, behind):
                self._add(position, position, "note", self.lines[position].text, (*self._path, *caption))
            return self._table(behind, caption)
        if numbered:
            self._add(at, at, "note", text, self._path)
            return behind if behind == at + 1 else at + 1
        return at

    def _mark(self, at: int) -> Mark | None:
        return self._marks.read(self.lines[at])

    def _table(self, at: int, caption: tuple[str, ...] = ()) -> int:
        end = at
        while end < len(self.lines) and self.lines[end].is_row:
            end += 1
        above = (*self._path, *caption)
        for row in read_table(self.lines[at:end], at):
            first, last = row.lines[0], row.lines[-1]
            if row.kind == "repeat":
                self.repeats.append(first)
                continue
            if row.warning:
                self.faults.append((first, row.warning))
            path = (*above, row.group) if row.group else above
            text = row_text(row.cells) if row.kind == "row" else " ".join(filter(None, cells_of(self.lines[first])))
            self.drafts.append(Draft(first, last, "row" if row.kind == "row" else "note", text, path, row.cells))
        return self._notes_below(end, above)

    def _notes_below(self, at: int, path: tuple[str, ...]) -> int:
        """备注：… and the items 1. 2. right under it."""
        expected = 0
        while at < len(self.lines):
            line = self.lines[at]
            close = expected == 1 or line.index == self.lines[at - 1].index + 1
            mark = mark_of(line.text) if expected and close else None
            if line.is_row or not (TABLE_NOTE.match(line.text) or mark is not None and mark.rank >= 4 and mark.value == expected):
                break
            if mark is None:
                expected = 1 if line.text.endswith(("：", ":")) else 2 if FIRST_ITEM.search(line.text) else 0
            else:
                expected += 1
            self._add(at, at, "note", line.text, path)
            at += 1
        return at

    def _paragraph(self, at: int) -> int:
        paragraph = read_paragraph(self.lines, at, marks=self._marks, full=self._full, titles=self.attachments.waiting)
        text = "\n".join((paragraph.text, *paragraph.notes))
        self.attachments.take_text(paragraph.text)
        if paragraph.mark is not None:
            mark = paragraph.mark
            heading = heading_of(paragraph, mark, leads=self._leads(mark, paragraph.last + 1), item=self._levels.in_list(mark))
            self._levels.enter(mark, heading.label, at, paragraph.text)
            kind: ClauseKind = "heading" if heading.alone else "text"
            self._add(at, paragraph.last, kind, text, self._path)
        else:
            kind, path = self._unnumbered(paragraph)
            self._add(at, paragraph.last, kind, text, path)
        return paragraph.last + 1

    def _leads(self, mark: Mark, at: int) -> bool:
        """Whether what stands at ``at`` can belong to the heading before it: text, a table, or a deeper number."""
        if at >= len(self.lines):
            return False
        line = self.lines[at]
        below = self._mark(at)
        if below is not None:
            return below.rank > mark.rank or len(below.levels) > len(mark.levels)
        return line.is_row or not (CLOSING.match(line.text) or ATTRIBUTE.match(line.text) or label_of(line) or signed_at(self.lines, at) is not None or LABELLED.fullmatch(line.text))

    def _unnumbered(self, paragraph: Paragraph) -> tuple[ClauseKind, tuple[str, ...]]:
        """Its kind and the headings above it; what names a person, an office or a term heads what follows."""
        text, levels = paragraph.text, self._levels
        own_section = self.drafts[-1].kind == "heading" or any(CLOSING_SECTION.search(label) for label in levels.labels)
        if CLOSING.match(text) and not own_section and self._closes(paragraph.last + 1):
            levels.clear()
            return "text", self._base
        if OPENING.fullmatch(text) or CLOSED_PART.fullmatch(text) and paragraph.marked:
            levels.part(close_up(text), "序" if OPENING.fullmatch(text) else "章")
            return "heading", self._path
        if ATTRIBUTE.match(text):
            levels.leave_list()
            return "text", self._path
        if paragraph.marked and len(text) <= SHORT and not ENDS.search(text):
            levels.name(close_up(text), alone=True, marked=True)
            return "heading", self._path
        name = name_of(paragraph, self.lines[paragraph.first].raw)
        if name is None:
            levels.leave_list()
            levels.leave_roles(text)
            return "text", self._path
        if not name.lasts:
            return "text", (*self._path, name.label)
        levels.name(name.label, alone=name.alone, role=name.role)
        return "heading" if name.alone else "text", self._path

    def _closes(self, at: int) -> bool:
        """Behind a closing paragraph comes the end, a signature, an attachment, or another closing."""
        if at >= len(self.lines):
            return True
        line = self.lines[at]
        return bool(
            not line.is_row
            and (is_date(line.text) or line.text.startswith("附") or PUBLIC.fullmatch(line.text) or CLOSING.match(line.text) or signed_at(self.lines, at) is not None)
        )
