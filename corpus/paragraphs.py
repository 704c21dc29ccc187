"""Printed lines to paragraphs: what a page end has cut is joined again, what stands alone stays alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .lines import Line
from .numbering import Mark, decimal_mark, fold, is_date, mark_of

ENDS = "。！？；：!?;:…"
CLOSERS = "”’」』）)》〉】*\""
PAIRS = (("（(", "）)"), ("《〈", "》〉"), ("“", "”"), ("【", "】"))
FOOTNOTE = re.compile(r"[¹²³⁴⁵⁶⁷⁸⁹⁰]{1,3}\s*\S|注\s*[¹²³⁴⁵⁶⁷⁸⁹⁰]")
# 完成时限：…, 主责单位：…, （责任单位：…）, （区环保局、区水务局负责）: they belong to the item above
ATTRIBUTE = re.compile(
    r"[（(]?\s*[\u4e00-\u9fff]{0,6}(?:时限|时间节点|完成时间|单位|部门|责任人|责任领导|负责人|牵头领导|联系人|联系电话|咨询电话|联系方式)\s*[:：]\s*\S"
    r"|[（(][^（）()。]{2,120}(?:负责|牵头|配合|落实|承担)[）)]$"
)
# …。（区环保局牵头，各镇人民政府按职责分工负责）, …。（详见附件）, a line in brackets, a blank to be filled in, a formula
WHOLE = re.compile(r"(?:[。；！？]|^)[（(][^。；]{2,230}[）)]$|_$|\$\$$")
FORMULA = "$$"
# 组 长：…, 成 员：… of a list of members
ROLE = re.compile(r"[\u4e00-\u9fff\s]{0,10}(?:组\s*长|成\s*员|主\s*任|委\s*员|召\s*集\s*人|指\s*挥|秘\s*书\s*长|顾\s*问|联\s*络\s*员|会\s*长)\s*[:：]")
ATTACHED = re.compile(r"附\s*[件表]\s*[\d一二三四五六七八九十]{0,3}\s*(?:[:：]|$)")
CAPTION = re.compile(r"(?:表|图|附图|续表)\s*[\d一二三四五六七八九十]{1,3}(?:[.．\-—]\d{1,2})*\s*[:：]?\s*\S.{0,60}")
# 刘 学 区委宣传部副部长: one of a list of members
MEMBER = re.compile(r"(?:[\u4e00-\u9fff]\s[\u4e00-\u9fff]|[\u4e00-\u9fff·]{2,4})\s+[\u4e00-\u9fff][^。；，]{3,40}")
PERSON = re.compile(r"[\u4e00-\u9fff·]{1,6}\s?[\u4e00-\u9fff·]{1,6}同志(?:（[^（）]{1,30}）)?\s")
SENTENCE = re.compile(r"[。；！？]")
# A whole line on a page holds some thirty characters: a shorter line is no line that a page end could have cut.
CUT_LENGTH = 22
HEADING_LENGTH = 56
ARTICLE_NAME = 15  # 第三条 适用范围: what is longer is the article's text
REMAINDER = 12  # a line so short that ends a sentence is the rest of one
SENTENCE_LIKE = re.compile(r"包括|是指|应当|应由|可以|不得|按照|根据|通过|凡|须|将|每年|[小大等]于|收到|\d|“|我区|我市|我县")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines ``first`` to ``last`` (positions, inclusive) of a notice, joined for reading.

    ``notes`` are the footnotes that a page end put into its midst.
    """

    first: int
    last: int
    text: str
    mark: Mark | None
    marked: bool
    notes: tuple[str, ...] = ()


def printed_width(line: Line) -> int:
    """How far the line reaches from the margin, in half characters."""
    raw = line.raw.rstrip()
    return len(raw) + sum(sign >= "\u2e80" for sign in raw)


def full_width(lines: Sequence[Line]) -> int:
    """The width at which a text breaks its lines; 0 where a line is a paragraph.

    Such a text has many lines next to each other that are as long as the longest.
    """
    widths = sorted(printed_width(one) for one, other in zip(lines, lines[1:], strict=False) if other.index == one.index + 1 and not (one.is_row or other.is_row))
    if len(widths) < 6 or len(widths) * 3 < sum(not line.is_row for line in lines):
        return 0
    full = widths[len(widths) * 9 // 10]
    alike = sum(full - 4 <= width <= full + 4 for width in widths)
    return full - 4 if 30 <= full <= 120 and alike * 10 >= len(widths) * 4 else 0


class _Growing:
    """The paragraph that is being put together; what is asked of its whole text is kept up with each line."""

    def __init__(self, position: int, line: Line, mark: Mark | None, *, full: int) -> None:
        self.full = full
        self.first = self.last = position
        self.line = line
        self.mark = mark
        self.parts: list[str] = []
        self.notes: list[str] = []
        self.length = 0
        self.balance = [0] * len(PAIRS)
        self.add(position, line)

    def add(self, position: int, line: Line) -> None:
        text = line.text
        before = self.parts[-1] if self.parts else ""
        # Latin words that a line end parts keep their gap.
        if before and before[-1].isascii() and before[-1].isalpha() and text[0].isascii() and text[0].isalpha():
            self.parts.append(" ")
        self.parts.append(text)
        self.length += len(text)
        self.balance = [max(0, have) for have in map(_balance, self.balance, PAIRS, [text] * len(PAIRS))]
        self.last, self.line = position, line

    @property
    def open(self) -> bool:
        """A bracket, title mark or quotation is open at the end."""
        return any(self.balance)

    @property
    def complete(self) -> bool:
        """It ends as a sentence, a clause or a lead-in does, with all that it opened closed."""
        if self.open:
            # Where a closing bracket was never printed, the sentence's end still ends the paragraph.
            return self.parts[-1][-1] in "。；！？"
        bare = self.parts[-1].rstrip(CLOSERS + " ")
        return not bare or bare[-1] in ENDS or bool(WHOLE.search(self.parts[-1][-240:])) or self.line.raw.rstrip().endswith(FORMULA)

    def paragraph(self) -> Paragraph:
        return Paragraph(self.first, self.last, "".join(self.parts), self.mark, self.line.marked and self.first == self.last, tuple(self.notes))

    def looks_like_heading(self) -> bool:
        """A numbered line without an end mark: a heading, unless it reads like the start of a cut sentence."""
        if self.mark is None or len(self.parts) > 1:
            return False
        rest = self.parts[0][self.mark.length :].strip()
        if self.mark.style == "条" and len(rest) > ARTICLE_NAME:
            return False
        if len(rest) > HEADING_LENGTH or SENTENCE.search(rest) or rest.endswith(("，", "、", ",")) or self.open:
            return False
        # 2. 2020年我区初中入学使用“…系统”，对已完成小学教育的学|生: a sentence that a page end has cut
        return len(rest) < CUT_LENGTH or not (SENTENCE_LIKE.search(rest) and re.search("[，、,]", rest))

    def goes_on(self, after: Line, *, mark: Mark | None, following: Line | None) -> bool:
        """Whether the line ``after`` (with the heading number ``mark``) is the rest of a cut paragraph."""
        text = after.text
        if after.is_row or after.marked or is_date(text) or ATTACHED.match(text):
            return False
        if text[0] in "，。、；：）)》”,;:" and self.length > 4:
            return True
        if self.full and after.index == self.line.index + 1 and mark is None and not self.line.marked and not _member(text):
            if after.raw[:1].isspace():
                return False
            if printed_width(self.line) >= self.full:
                return True
        if self.complete or self.line.marked or after.raw.lstrip().startswith(FORMULA):
            return False
        if _member(text) and _member(self.line.text):
            return False
        if self.length >= CUT_LENGTH and mark is None and len(text) <= REMAINDER and text[-1] in "。；":
            return True
        if self.open and self.length >= CUT_LENGTH and not ROLE.match(text):
            return mark is None or text[0] in "（(〔["
        if self.parts[-1][-1] in "，、," and self.length >= 12:
            return mark is None
        if mark is not None or len(self.line.text) < CUT_LENGTH and self.length < CUT_LENGTH:
            return False
        if self.looks_like_heading() or ATTRIBUTE.match(text) or ROLE.match(text) or CAPTION.fullmatch(text) or PERSON.match(text):
            return False
        if after.raw.lstrip().startswith(("-", "*", "——", "•")):
            return False
        return not (following is not None and is_date(following.text) and len(text) < 40)


def _member(text: str) -> bool:
    return bool(MEMBER.fullmatch(text) or ROLE.match(text))


def _balance(have: int, pair: tuple[str, str], text: str) -> int:
    return have + sum(text.count(sign) for sign in pair[0]) - sum(text.count(sign) for sign in pair[1])


def is_decimal(lines: Sequence[Line]) -> bool:
    """Whether the parts are numbered 1, 1.1, 1.1.1: three such numbers or more, 1.1 and one below 1 or 2 among them."""
    levels = [mark.levels for line in lines if not line.is_row and line.text[:1].isdigit() and (mark := decimal_mark(line.text))]
    deep = {level for level in levels if len(level) > 1}
    return len(deep) >= 3 and (1, 1) in deep


class Marks:
    """Reads heading numbers in the order of the text: a decimal must fit the ones before it, 6.8至12月 is item 6 after 5."""

    def __init__(self, *, decimal: bool) -> None:
        self.decimal = decimal
        self.top = 0
        self.item = 0

    def read(self, line: Line) -> Mark | None:
        text = line.text
        if line.is_row or not text:
            return None
        if self.decimal and text[0].isdigit():
            mark = decimal_mark(text)
            if mark is not None and self._fits(mark, line):
                return mark
            if (dotted := mark_of(text)) and dotted.style == "1." and dotted.value == self.top + 1 and line.marked:
                return Mark("1.1", dotted.value, dotted.length, (dotted.value,))
        return mark_of(text, expected=self.item + 1)

    def _fits(self, mark: Mark, line: Line) -> bool:
        if len(mark.levels) > 1:
            return mark.levels[0] in (self.top, self.top + 1)
        return mark.value == self.top + 1 and len(line.text) <= 40 and not SENTENCE.search(line.text)

    def take(self, mark: Mark) -> None:
        """The mark opens a paragraph: what comes next is counted from it."""
        if mark.style == "1.1":
            self.top = mark.levels[0]
        elif mark.style == "1.":
            self.item = mark.value
        elif mark.rank < 4:
            self.item = 0


def read_paragraph(lines: Sequence[Line], at: int, *, marks: Marks, full: int = 0, titles: Collection[str] = ()) -> Paragraph:
    """The paragraph that begins at position ``at``; a line that is one of ``titles`` (folded) is no part of it.

    ``full`` is the width of a full line where the text breaks its lines (``full_width``), else 0.
    """
    mark = marks.read(lines[at])
    if mark is not None:
        marks.take(mark)
    growing = _Growing(at, lines[at], mark, full=full)
    position = at + 1
    while position < len(lines):
        after = lines[position]
        following = lines[position + 1] if position + 1 < len(lines) else None
        if FOOTNOTE.match(after.text) and following is not None and not growing.complete and growing.length >= CUT_LENGTH:
            beyond = lines[position + 2] if position + 2 < len(lines) else None
            if not growing.goes_on(following, mark=marks.read(following), following=beyond):
                break
            growing.notes.append(after.text)
            growing.add(position + 1, following)
            position += 2
            continue
        if not growing.goes_on(after, mark=marks.read(after), following=following) or titles and fold(after.text) in titles:
            break
        growing.add(position, after)
        position += 1
    return growing.paragraph()
