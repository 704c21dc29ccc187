"""How the parts of a document are numbered in print: the styles of heading numbers, their order, and dates."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from .document_numbers import chinese_integer

NUMERAL = r"\d{1,4}|[零〇一二三四五六七八九十百]{1,6}"
# 2020年3月7日, 2017 年 6 月 7 日, 二〇一七年三月一日; the day may be missing in print: 2017年5月日
DATE = re.compile(
    r"((?:19|20)\d\s?\d|[零〇○Ｏ一二三四五六七八九]{4})\s*年\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*月\s*(?:(\d{1,2}|[一二三四五六七八九十]{1,3})?\s*日)?"
)


def squeeze(text: str) -> str:
    """Without white space."""
    return "".join(text.split())


def fold(text: str) -> str:
    """For comparing names: one width, no white space, no quotation or title marks, one kind of dash."""
    return re.sub(r"[—–－-]+", "-", re.sub(r"[\s“”\"《》〈〉<>*#_\\]+", "", unicodedata.normalize("NFKC", text)))


def is_date(text: str) -> bool:
    """A line that is a date, the day perhaps missing in print."""
    return len(text) <= 30 and bool(DATE.fullmatch(text.strip()))


def date_of(text: str) -> date | None:
    """The day that a line consists of; ``None`` where no day is printed or the calendar has none such."""
    match = DATE.fullmatch(text.strip())
    if not match or not match[3]:
        return None
    try:
        return date(*(chinese_integer(squeeze(part)) for part in match.groups()))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Mark:
    """A heading number at the start of a paragraph: its style, its value, and how many characters it takes.

    ``levels`` are the parts of a decimal number: (1, 4, 1).
    """

    style: str
    value: int
    length: int
    levels: tuple[int, ...] = ()

    @property
    def rank(self) -> float:
        """Where its style usually stands: smaller is higher; decimals by their depth."""
        return 1.7 + 0.1 * len(self.levels) if self.levels else RANKS[self.style]


# 序言 stands beside whatever is the highest style, and above （一）; a name without a number stands below all.
RANKS = {"序": 2.9, "名": 9.0, "编": 0.5, "章": 1.0, "节": 1.5, "一、": 2.0, "条": 2.5, "（一）": 3.0, "1.": 4.0, "（1）": 5.0, "1)": 5.5, "①": 6.0}

STYLES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("编", re.compile(rf"第\s*({NUMERAL})\s*(?:部分|编|篇)(?![的和、是中])")),
    ("章", re.compile(rf"第\s*({NUMERAL})\s*章(?![的和、是中])")),
    ("节", re.compile(rf"第\s*({NUMERAL})\s*节(?![的和、是中课])")),
    ("条", re.compile(rf"第\s*({NUMERAL})\s*条(?:之[一二三四五六七八九])?(?![例款第规、和至的中所])")),
    ("一、", re.compile(r"([一二三四五六七八九十]{1,3})\s*(?:、|[．.](?!\d))")),
    ("（一）", re.compile(r"[（(]\s*([一二三四五六七八九十]{1,4})\s*[）)](?![、和至款项]|[（(][一二三四五六七八九十])")),
    ("1.", re.compile(r"(\d{1,3})\s*(?:、|[.．](?!\d))")),
    ("（1）", re.compile(r"[（(]\s*(\d{1,3})\s*[）)]")),
    ("1)", re.compile(r"(\d{1,2})[)）]")),
    ("①", re.compile(r"([①-⑳])")),
)
UNIT = r"[%％‰米万亿元平公里吨年月倍度级小个千百毫厘克升]"
DECIMAL = re.compile(rf"(\d{{1,2}}(?:[.．]\d{{1,2}}){{1,4}})[.．]?(?=\s*[\u4e00-\u9fff“《（(])(?!\s*{UNIT})")
PLAIN = re.compile(rf"(\d{{1,2}})\s+(?=[\u4e00-\u9fff])(?!\s*{UNIT})")
# "6.8至12月": item 6 that opens with a digit
GLUED = re.compile(r"(\d{1,2})[.．](?=\d)")


def decimal_mark(text: str) -> Mark | None:
    """The number of a part of a document numbered 1, 1.1, 1.1.1; its top numbers stand without a dot or with one.

    >>> decimal_mark("1.4.1 突发事件分类").levels, decimal_mark("1 总则").levels, decimal_mark("1.5米以上")
    ((1, 4, 1), (1,), None)
    """
    if match := DECIMAL.match(text):
        levels = tuple(int(part) for part in re.split(r"[.．]", match[1]))
        return Mark("1.1", levels[-1], match.end(1), levels)
    if match := PLAIN.match(text):
        return Mark("1.1", int(match[1]), match.end(1), (int(match[1]),))
    return None


def mark_of(text: str, *, expected: int = 0) -> Mark | None:
    """The heading number a paragraph opens with.

    ``expected`` is the next item of the running 1. 2. 3. list, which tells
    "6.8至12月" (item 6) from a decimal.

    >>> mark_of("（三）监督检查。").style, mark_of("第十二条 本办法").value, mark_of("6.8至12月", expected=6).length
    ('（一）', 12, 2)
    """
    for style, pattern in STYLES:
        if match := pattern.match(text):
            value = ord(match[1]) - 0x245F if style == "①" else chinese_integer(match[1])
            return Mark(style, value, match.end())
    match = GLUED.match(text)
    if match and expected and int(match[1]) == expected:
        return Mark("1.", expected, match.end())
    return None
