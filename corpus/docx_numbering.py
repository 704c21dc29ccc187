"""The numbers Word prints before a paragraph (一、, （二）, 第三条) but does not keep in its text."""

from __future__ import annotations

from collections import defaultdict

from docx.document import Document
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

DIGITS = "零一二三四五六七八九"
CHINESE = frozenset({"chineseCounting", "chineseCountingThousand", "chineseLegalSimplified", "japaneseCounting", "taiwaneseCounting",
                     "taiwaneseCountingThousand", "ideographDigital", "japaneseDigitalTenThousand"})  # fmt: skip
CIRCLED = frozenset({"decimalEnclosedCircle", "decimalEnclosedCircleChinese"})
SILENT = frozenset({"none", "bullet"})
DEEPEST = 9  # levels Word knows


def chinese_numeral(value: int) -> str:
    """The Chinese numeral of a number below 1000.

    >>> [chinese_numeral(value) for value in (7, 10, 12, 30, 103, 210)]
    ['七', '十', '十二', '三十', '一百零三', '二百一十']
    """
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    text = f"{DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (DIGITS[ones] if ones or not value else "")


def _printed(value: int, form: str) -> str:
    if form in CHINESE and 0 <= value < 1000:
        return chinese_numeral(value)
    if form in CIRCLED and 1 <= value <= 20:
        return chr(0x245F + value)
    if form in ("lowerLetter", "upperLetter") and 1 <= value <= 26:
        return chr((96 if form == "lowerLetter" else 64) + value)
    return str(value)


class Numbering:
    """Counts the numbered paragraphs of one document in their order; call it once for each paragraph."""

    def __init__(self, document: Document) -> None:
        self.lists: dict[str, str] = {}
        self.levels: dict[tuple[str, int], tuple[int, str, str]] = {}
        self.counts: dict[str, list[int]] = defaultdict(lambda: [0] * DEEPEST)
        try:
            root = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return  # the document numbers nothing by itself
        for abstract in root.findall(qn("w:abstractNum")):
            for level in abstract.findall(qn("w:lvl")):
                key = (abstract.get(qn("w:abstractNumId"), ""), int(level.get(qn("w:ilvl"), "0")))
                start, form, text = (self._value(level, name) for name in ("w:start", "w:numFmt", "w:lvlText"))
                self.levels[key] = (int(start) if start.isdecimal() else 1, form or "decimal", text)
        for item in root.findall(qn("w:num")):
            self.lists[item.get(qn("w:numId"), "")] = self._value(item, "w:abstractNumId")

    @staticmethod
    def _value(element, name: str) -> str:  # noqa: ANN001 - an lxml element
        child = element.find(qn(name))
        return child.get(qn("w:val"), "") if child is not None else ""

    def _place(self, paragraph: Paragraph) -> tuple[str, int] | None:
        """List and level of the paragraph: its own, else its style's, else those of the style that one is based on."""
        holders = [paragraph._p.pPr]
        style = paragraph.style
        while style is not None and len(holders) < DEEPEST:
            holders.append(style.element.find(qn("w:pPr")))
            style = getattr(style, "base_style", None)
        for holder in holders:
            numbered = holder.find(qn("w:numPr")) if holder is not None else None
            if numbered is not None:
                level = self._value(numbered, "w:ilvl")
                abstract = self.lists.get(self._value(numbered, "w:numId"))
                return (abstract, int(level or 0)) if abstract is not None and int(level or 0) < DEEPEST else None
        return None

    def __call__(self, paragraph: Paragraph) -> str:
        """What Word prints before the paragraph, or ''."""
        place = self._place(paragraph)
        if place is None or place not in self.levels:
            return ""
        abstract, level = place
        start, form, text = self.levels[place]
        counts = self.counts[abstract]
        counts[level] = counts[level] + 1 if counts[level] else start
        counts[level + 1 :] = [0] * (DEEPEST - level - 1)
        if form in SILENT:
            return ""
        for other in range(level + 1):
            its_start, its_form, _ = self.levels.get((abstract, other), (1, "decimal", ""))
            text = text.replace(f"%{other + 1}", _printed(counts[other] or its_start, its_form))
        return text
