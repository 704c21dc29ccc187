"""Document numbers (文号) in every spelling people and gazettes use, to one canonical form."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

OPENING = "〔\\[［【(（﹝〖"
CLOSING = "〕\\]］】)）﹞〗"
GAP = r"\s{0,4}"
YEAR = rf"(?:1{GAP}9|2{GAP}0){GAP}\d{GAP}\d"
SERIAL = rf"第?{GAP}(?P<serial>\d{{1,5}}){GAP}号"
ORDINAL = rf"第?{GAP}(?P<serial>\d{{1,5}}|[一二三四五六七八九十百零〇]{{1,7}}){GAP}号"
# Each pattern begins where the number's own signs begin; the prefix (朝政办发, 国务院) is read backwards from there.
BRACKETED = re.compile(rf"[{OPENING}]{GAP}(?P<year>{YEAR}){GAP}[{CLOSING}]{GAP}{SERIAL}")
# 朝政办发2021年4号, 朝政办发2021-4号, 朝政办发 2021 4号: as people type it.
TYPED = re.compile(rf"(?<=[发函字文规办电批复\s])(?P<year>(?:19|20)\d{{2}})(?:{GAP}年|{GAP}[-—－]|\s){GAP}{SERIAL}")
YEARLY = re.compile(rf"(?P<what>公告|通告|令){GAP}(?P<year>(?:19|20)\d{{2}}){GAP}年{GAP}{SERIAL}")
YEARLY_BEFORE = re.compile(rf"(?P<year>(?:19|20)\d{{2}}){GAP}年{GAP}{SERIAL}{GAP}(?P<what>公告|通告|令)")
ORDER = re.compile(rf"(?P<what>令){GAP}{ORDINAL}")
ORDER_BEFORE = re.compile(rf"{ORDINAL}{GAP}(?P<what>令)(?!{GAP}第)")
BEFORE = re.compile(r"[\u4e00-\u9fff]{1,18}\s{0,4}$")
LOOK_BACK = 22
TYPED_PREFIX = re.compile(r"[发函字文规办电批复]$")
# Words of a sentence that run into the prefix from the left: 根据京政发…, 请问朝政办发…
RUN_IN = re.compile(
    r"^.*(?:根据|依据|按照|依照|参照|遵照|请问|查询|查找|文号|文件|通知|决定|办法|规定|意见|执行|落实|贯彻|关于|印发|转发|下发|详见|对比|比较|以及|[的见查找问看按是跟了我日令号])"
)
JOINED = re.compile(r"^[和与及、附原](?!政)")
DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | dict.fromkeys("〇○Ｏ", 0)


@dataclass(frozen=True, slots=True)
class NumberAt:
    """A document number found in a text: ``text[start:end]``, and its canonical form."""

    start: int
    end: int
    number: str


def chinese_integer(text: str) -> int:
    """The value of digits or of a Chinese numeral below 1000.

    >>> chinese_integer("十二"), chinese_integer("一百零三"), chinese_integer("二〇二一"), chinese_integer("30")
    (12, 103, 2021, 30)
    """
    text = text.strip()
    if text.isdecimal():
        return int(text)
    if not any(sign in text for sign in "十百"):
        return int("".join(str(DIGITS[sign]) for sign in text))
    total = digit = 0
    for sign in text:
        if sign in "十百":
            total += (digit or 1) * (10 if sign == "十" else 100)
            digit = 0
        else:
            digit = DIGITS[sign]
    return total + digit


def _own(prefix: str) -> str:
    """The part of the characters before a number that belongs to it and not to the sentence."""
    run_in = RUN_IN.match(prefix)
    if run_in and run_in.end() < len(prefix):
        prefix = prefix[run_in.end() :]
    joined = JOINED.match(prefix)
    return prefix[joined.end() :] if joined and len(prefix) > 3 else prefix


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _prefix(text: str, start: int) -> tuple[int, str]:
    """Where the prefix of a number whose signs begin at ``start`` begins, and the prefix."""
    before = BEFORE.search(text, max(0, start - LOOK_BACK), start)
    if before is None:
        return start, ""
    own = _own(before[0].rstrip())
    gap = len(before[0]) - len(before[0].rstrip())
    return start - gap - len(own), own


def _canonical(match: re.Match[str], prefix: str) -> str:
    """'' where what matched is no document number after all."""
    serial = chinese_integer(_squeezed(match["serial"]))
    if match.re in (BRACKETED, TYPED):
        if not prefix or (match.re is TYPED and not TYPED_PREFIX.search(prefix)):
            return ""
        return f"{prefix}〔{_squeezed(match['year'])}〕{serial}号"
    if match.re in (YEARLY, YEARLY_BEFORE):
        return f"{prefix}{match['what']}{match['year']}年第{serial}号"
    return f"{prefix}令第{serial}号" if len(prefix) > 1 else f"第{serial}号令"


PATTERNS = (BRACKETED, TYPED, YEARLY, YEARLY_BEFORE, ORDER, ORDER_BEFORE)


def document_numbers(text: str) -> tuple[NumberAt, ...]:
    """Every document number in ``text``, in order of appearance; overlapping readings go to the more exact pattern.

    >>> [item.number for item in document_numbers("根据京政发〔2020〕 9 号和国务院令第379号")]
    ['京政发〔2020〕9号', '国务院令第379号']
    """
    taken: dict[int, NumberAt] = {}
    covered: set[int] = set()
    for pattern in PATTERNS:
        for match in pattern.finditer(text):
            start, prefix = _prefix(text, match.start())
            number = _canonical(match, prefix)
            if number and not any(place in covered for place in range(match.start(), match.end())):
                taken[start] = NumberAt(start, match.end(), number)
                covered.update(range(start, match.end()))
    return tuple(taken[start] for start in sorted(taken))


def document_number(text: str) -> str:
    """The canonical form of the first document number in ``text``, in any spelling, or ''.

    >>> document_number("朝政办发[2021]4号"), document_number("朝政办发 2021年4号"), document_number("多少钱")
    ('朝政办发〔2021〕4号', '朝政办发〔2021〕4号', '')
    """
    found = document_numbers(text)
    return found[0].number if found else ""


BARE_ORDINAL = re.compile(r"(?:(?:19|20)\d{2}年)?第[\d一二三四五六七八九十百]{1,5}号")
ANNOUNCES = re.compile(r"(?P<office>[\u4e00-\u9fff]{2,24}?)?(?P<what>令|公告|通告)(?![\u4e00-\u9fff]{0,2}于)")


def spellings(number: str, title: str) -> tuple[str, ...]:
    """The canonical forms by which a notice may be asked for.

    An order prints 某省人民政府令 and 第12号 on two lines; people say 第12号令 or 某省人民政府令第12号.

    >>> spellings("第12号", "云州省人民政府令")
    ('第12号', '第12号令', '云州省人民政府令第12号')
    """
    plain = _squeezed(number)
    forms = [number, document_number(number)]
    announced = ANNOUNCES.search("".join(title.split()))
    if BARE_ORDINAL.fullmatch(plain) and announced:
        forms += [document_number(announced["what"] + plain), document_number((announced["office"] or "") + announced["what"] + plain)]
    return tuple(form for form in dict.fromkeys(forms) if form)


# A line that is nothing but a number: 西教发〔2022〕5 号, （沪府发〔2017〕92号）, 国办发明电〔2020〕12号, 第12号令,
# 北京市人民政府令 第 263 号, 公告2023年第5号; whom it was signed by may stand behind it.
SIGNER = re.compile(r"\s+签发人\s*[:：].{0,20}$")
BRACKETED_LINE = re.compile(rf"[\u4e00-\u9fff×]{{1,18}}\s*[{OPENING}]\s*{YEAR}\s*年?\s*[{CLOSING}]\s*(?:第\s*)?\d{{1,5}}\s*号")
ORDER_LINE = re.compile(
    r"[\u4e00-\u9fff]{0,24}?\s*(?:(?:19|20)\d\d\s*年\s*)?第\s*(?:\d{1,5}|[一二三四五六七八九十百]{1,5})\s*号\s*(?:令|公告|通告)?"
)


def folded_number(number: str) -> str:
    """A document number as printed, with one kind of bracket, one width and no white space.

    >>> folded_number("西教发[2022] 5 号")
    '西教发〔2022〕5号'
    """
    return re.sub(rf"[\[(〔【﹝〖]({YEAR})[\])〕】﹞〗]", r"〔\1〕", _squeezed(number))


def number_line(line: str) -> str:
    """The document number that a line consists of, folded; '' for another line.

    >>> number_line("（西教发〔2022〕5 号）"), number_line("根据京政发〔2020〕9号文件，")
    ('西教发〔2022〕5号', '')
    """
    text = line.strip()
    if not 3 <= len(text) <= 64 or "号" not in text:
        return ""
    text = SIGNER.sub("", text)
    if text[0] in "（(" and text[-1] in "）)":
        text = text[1:-1].strip()
    return folded_number(text) if BRACKETED_LINE.fullmatch(text) or ORDER_LINE.fullmatch(text) else ""
