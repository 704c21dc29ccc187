"""The quantities of a text (numbers, amounts, dates, ordinals) in one form, so that 百分之四十 and 40% are the same and 5月1日 is not 5月31日."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from corpus.normalise import normalise_with_offsets

CHINESE = "零〇一二两三四五六七八九"
SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
DIGIT = {sign: str(value) for value, sign in enumerate("零一二三四五六七八九")} | {"〇": "0", "两": "2"}
# What counts or measures; anything else after a number is only the next word (12345市民热线).
UNIT = re.compile(
    r"个(?:工作日|自然日|百分点|月份?|学年|学期|小时)?|百分点|年级|年度?|月份?|工作日|自然日|平方(?:公里|米)?|立方米|公里|公斤|公顷|千米|千克|小时|分钟"
    r"|周岁|周年|人次|块钱|mg/l|mg|kg|km|mm|cm|m2|m3|m|[%‰℃日号天周岁名人次家户套间处所项条款章节编张份倍级期季成元块角圆米吨亩克升分秒时点位辆部件本台栋层楼批种类届轮批号室班所亩座条支队场片册]"
)
SAME_UNIT = {"年度": "年", "月份": "月", "周岁": "岁", "块": "元", "块钱": "元", "圆": "元", "m2": "平方米", "点": "时", "个月份": "个月"}
RUNS_ON = set("年月日时分条章节款项")  # a number right after these is part of the same date, time or place
BOUNDS = {
    "least": "不低于 不少于 不小于 至少 最低 最少 达到 以上 及以上 满", "most": "不超过 不高于 不多于 不大于 至多 最多 最高 以下 及以下",
    "over": "超过 高于 多于 大于 超", "under": "低于 少于 小于 不足 未满 不满 未达到", "within": "以内 之内 内",
    "before": "以前 之前 前", "after": "以后 之后 后", "from": "起", "until": "截至 截止 止", "about": "左右 约 近",
}
BOUND = {word: kind for kind, words in BOUNDS.items() for word in words.split()}
PREFIX = ("不低于|不少于|不小于|至少|最低|最少|达到|不超过|不高于|不多于|不大于|至多|最多|最高|超过|高于|多于|大于|低于|少于|小于|不足|未满|不满|未达到"
          "|截至|截止|满|超|约|近")
BEFORE = re.compile(rf"({PREFIX})(?:为|到|是|的)?$")
AFTER = re.compile(r"(?:\([^()]{0,40}\))?(及?以上|及?以下|以内|之内|以前|之前|以后|之后|左右|[内前后起止])")
DATE = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<dot>[-./])(?P<month>\d{1,2})(?P=dot)(?P<day>\d{1,2})(?![\d.])")
LITERAL = re.compile(r"(?<!\d)(?:\d{3,4}-\d{7,8}|\d{1,2}:\d{2}|\d{7,})(?!\d)")
FRACTION = re.compile(rf"(?P<whole>\d+|[{CHINESE}十]{{1,3}})分之(?P<part>\d+|[{CHINESE}十]{{1,3}})")
PER = re.compile(r"(?P<base>百|千)分之")
NUMBER = re.compile(rf"\d+(?:,\d{{3}})*(?:\.\d+)?[十百千万亿]*|半|[{CHINESE}十百千万亿]+(?:点[{CHINESE}]+[万亿]?)?")
LINK = re.compile(r"(?:起)?(?:[-~至到]{1,2}|起至)")
# Signs that only number or annotate, whose digits would run into those beside them.
ENUMERATING = {code: "|" for code in (*range(0x2460, 0x2500), *range(0x2776, 0x2794))} | dict.fromkeys(map(ord, "¹²³⁴⁵⁶⁷⁸⁹⁰"), "\u200b")


@dataclass(frozen=True, slots=True)
class Atom:
    """One number with what it counts. ``link`` ties it to the atom before it in its chain; ``text[start:end]`` is what was written."""

    start: int
    end: int
    value: str
    unit: str
    link: str = ""
    bounds: frozenset[str] = frozenset()

    def says(self, other: Atom, *, first: bool) -> bool:
        same = (self.value, self.unit, self.bounds) == (other.value, other.unit, other.bounds)
        return same and (first or self.link == other.link)


Chain = tuple[Atom, ...]


def quantities(text: str) -> list[Chain]:
    """The chains of ``text`` in order: numbers that stand together (2021年5月1日, 3至5年) are one.

    >>> [[(atom.value, atom.unit) for atom in chain] for chain in quantities("百分之四十，2021年5月1日前，3万元")]
    [[('40', '%')], [('2021', '年'), ('5', '月'), ('1', '日')], [('30000', '元')]]
    """
    folded, offsets = normalise_with_offsets(text.translate(ENUMERATING))
    chains: list[list[Atom]] = []
    reached = -1  # where the last atom ended, in ``folded``
    for found in _found(folded):
        start, end, value, unit = found
        between = folded[reached:start] if chains and reached <= start else "\n"
        joined = chains[-1][-1].unit in RUNS_ON if between == "" else bool(LINK.fullmatch(between))
        if joined and unit == "号" and chains[-1][-1].unit == "月":
            unit = "日"
        before, after = BEFORE.search(folded, max(0, start - 4), start), AFTER.match(folded, end)
        bounds = frozenset(BOUND[one[1].removeprefix("及")] for one in (before, after) if one)
        atom = Atom(offsets[start], offsets[end - 1] + 1, value, unit, "-" if joined and between else "", bounds)
        if joined:
            chains[-1].append(atom)
        else:
            chains.append([atom])
        reached = end
    return [tuple(chain) for chain in chains]


def stated(chain: Chain, within: Sequence[Chain]) -> Chain | None:
    """The part of one of ``within`` that says the same as ``chain``; ``None`` where none does."""
    for printed in within:
        for at in range(len(printed) - len(chain) + 1):
            part = printed[at : at + len(chain)]
            if all(ours.says(theirs, first=not place) for place, (ours, theirs) in enumerate(zip(chain, part, strict=True))):
                return part
    return None


def _found(folded: str) -> list[tuple[int, int, str, str]]:
    """Start, end, value and unit of each number of a normalised text."""
    found: list[tuple[int, int, str, str]] = []
    at = 0
    while at < len(folded):
        if date := DATE.match(folded, at):
            for name, unit in (("year", "年"), ("month", "月"), ("day", "日")):
                found.append((*date.span(name), str(int(date[name])), unit))
                # The sign between belongs to the number before it: the three are one chain.
                start, end, value, unit = found[-1]
                found[-1] = (start, end + (name != "day"), value, unit)
            at = date.end()
        elif fraction := FRACTION.match(folded, at):
            found.append((at, fraction.end(), "/".join(_numeral(fraction[name]) for name in ("part", "whole")), ""))
            at = fraction.end()
        elif literal := LITERAL.match(folded, at):
            found.append((at, literal.end(), literal[0], ""))
            at = literal.end()
        elif (number := NUMBER.match(folded, at)) and (value := _value(number[0], folded, number.end())):
            per = PER.search(folded, max(0, at - 3), at)
            unit = UNIT.match(folded, number.end())
            start, end = (per.start() if per else at), (unit.end() if unit else number.end())
            name = {"百": "%", "千": "‰"}[per["base"]] if per else SAME_UNIT.get(unit[0], unit[0]) if unit else ""
            if per:
                end = number.end()
            ordinal = start > 0 and folded[start - 1] == "第"
            found.append((start - ordinal, end, ("第" if ordinal else "") + value, name))
            at = end
        else:
            at = number.end() if number else at + 1
    return found


def _value(number: str, folded: str, end: int) -> str:
    """The canonical value, "" where the signs are part of a word (一般, 百姓, 十分)."""
    if number == "半":
        return "0.5"
    if number[0].isdigit():
        return _numeral(number)
    if folded.startswith("分之", end) and number in ("百", "千"):
        return ""
    if number == "一" and not UNIT.match(folded, end):
        return ""
    if number == "十" and folded.startswith("分", end):
        return ""
    if not any(sign in DIGIT for sign in number) and not number.startswith("十"):
        return ""
    return _numeral(number)


def _numeral(number: str) -> str:
    """The value of a numeral; one that has none for sure (十五六, 一万二) stays as it is: only the same signs say the same."""
    digits = re.match(r"[\d,.]*", number)[0]
    if digits:
        total = Decimal(digits.replace(",", ""))
        for sign in number[len(digits) :]:
            total *= SCALES[sign]
        return _plain(total)
    whole, _, fraction = number.partition("点")
    total = _integer(whole)
    if total is None or not fraction:
        return number if total is None else _plain(total)
    scale = SCALES.get(fraction[-1], 1)
    return _plain(scale * (total + Decimal("0." + "".join(DIGIT[sign] for sign in fraction.rstrip("万亿")))))


def _integer(number: str) -> Decimal | None:
    if not any(sign in SCALES for sign in number):
        return Decimal("".join(DIGIT[sign] for sign in number)) if len(number) != 2 or "〇" in number or "零" in number else None
    if len(number) > 2 and number[-1] in DIGIT and number[-2] in "百千万亿":
        return None  # 一万二 is 12000 to one and 10002 to another
    total, section, digit = 0, 0, None
    for sign in number:
        if sign in DIGIT:
            if digit:
                return None
            digit = int(DIGIT[sign])
        elif SCALES[sign] < 10_000:
            section += (1 if digit is None else digit) * SCALES[sign]
            digit = None
        else:
            total = (total + section + (digit or 0)) * SCALES[sign]
            section, digit = 0, None
    return Decimal(total + section + (digit or 0))


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
