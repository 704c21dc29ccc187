"""A gazette's lines with their offsets, and what a line says once its markup is taken off."""

from __future__ import annotations

import re
from dataclasses import dataclass

LINE = re.compile(r"[^\n\r\f\v\x1c-\x1e\x85\u2028\u2029]+")
# Only tags that the recognition writes; "<55" and "<北京市…预案>" are real text.
TAG = re.compile(r"</?(?:p|b|i|u|br|div|span|sub|sup|strong|em|center|font|input|table|tr|td|th|img)(?:\s[^<>\n]{0,200})?/?>", re.I)
LEAD = re.compile(r"(?:#{1,6}(?=[\s*]|$)|[-*+•·](?=\s)|>(?=\s)|\s)+")
LATEX = (
    (re.compile(r"\\sum(?![a-zA-Z])"), "∑"),
    (re.compile(r"\\text\s?\{([^{}\n]{0,80})\}"), r"\1"),
    (re.compile(r"[_^]\{([^{}\n]{0,20})\}"), r"\1"),
    (re.compile(r"\\frac\s?\{([^{}\n]{0,120})\}\s?\{([^{}\n]{0,120})\}"), r"(\1)/(\2)"),
    (re.compile(r"\\(?:left|right)(?=\s?[(\[)\]|])\s?"), ""),
    (re.compile(r"\\(?:leq|leqslant|le)(?![a-zA-Z])"), "≤"),
    (re.compile(r"\\(?:geq|geqslant|ge)(?![a-zA-Z])"), "≥"),
    (re.compile(r"\\times(?![a-zA-Z])"), "×"),
    (re.compile(r"\\([_*%#&$~])"), r"\1"),
    (re.compile(r"(?<!\\)\$"), ""),
)
CJK = r"\u3400-\u9fff\u3000-\u303f\uff00-\uffef“”‘’"
LOOSE_SPACE = re.compile(rf"(?<=[{CJK}])[ \t]+(?=[{CJK}])")


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line. ``text`` is without markup; ``marked`` says that it was a ``#`` heading or wholly bold."""

    index: int
    start: int
    end: int
    raw: str
    text: str
    marked: bool

    @property
    def is_row(self) -> bool:
        """A table's row: cells parted by tabs, or by bars as | 甲 | 乙 |."""
        if "\t" in self.raw:
            return True
        return self.raw.count("|") > 2 and self.raw.lstrip().startswith("|") and self.raw.rstrip().endswith("|")

    @property
    def cells(self) -> list[str]:
        """The row's cells as printed."""
        return self.raw.split("\t") if "\t" in self.raw else self.raw.strip().strip("|").split("|")


def readable(text: str) -> str:
    """For reading: no tags, no bold marks, formulas in plain signs."""
    if "<" in text:
        text = TAG.sub(" ", text)
    text = text.replace("**", "")
    if "\\" in text or "$" in text or "{" in text:
        for pattern, plain in LATEX:
            text = pattern.sub(plain, text)
    return " ".join(text.split())


def close_up(text: str) -> str:
    """Spaces between Chinese characters taken out, as for a name printed 副 组 长."""
    return LOOSE_SPACE.sub("", text)


def lines_of(text: str) -> list[Line]:
    """Every line that is not blank, with its offsets into the text; ``index`` is 0-based and counts blank lines."""
    lines = []
    index = at = 0
    for match in LINE.finditer(text):
        index += text.count("\n", at, match.start())
        at = match.start()
        raw = match[0]
        bare = raw.strip()
        if not bare:
            continue
        start = match.start() + (0 if "\t" in raw else len(raw) - len(raw.lstrip()))
        end = match.start() + len(raw.rstrip())
        lead = LEAD.match(bare)
        body = bare[lead.end() :] if lead and "\t" not in raw else bare
        plain = readable(body) or bare
        bold = body.startswith("**") and body.rstrip().endswith("**") and body.count("**") == 2
        marked = bare.startswith("#") or bold
        lines.append(Line(index, start, max(start, end), raw, plain, marked and "\t" not in raw))
    return lines
