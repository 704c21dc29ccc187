"""A clause as an operator reads it out on the telephone: brackets, marks and units as words, the source in a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable

from corpus import Notice

from ..pages import chinese_date, desk_words

DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")
CIRCLED = {chr(0x2460 + n): n + 1 for n in range(20)}
NUMERAL = "[一二三四五六七八九十]{1,3}"

# Each is one mark and what is said for it, applied in order; every pattern is bounded and matches a few characters.
SAID: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\[\d{1,2}\]|[*#_]"), ""),  # a marker of an answer, left-overs of recognition
    (re.compile(r"[〔\[【](\d{4})[〕\]】]\s?(\d{1,4})\s?号"), r"\1年第\2号"),
    (re.compile(r"(?<!\d)(\d{4})[.．/-](\d{1,2})[.．/-](\d{1,2})(?!\d)"), r"\1年\2月\3日"),
    (re.compile(r"(?<![\d:：])(\d{1,2})[:：]00(?![\d:：])"), r"\1点"),
    (re.compile(r"(?<![\d:：])(\d{1,2})[:：](\d{2})(?![\d:：])"), r"\1点\2分"),
    (re.compile(r"(?<=\d)\s?[%％]\s?[~～—–-]{1,2}\s?(\d{1,3}(?:\.\d{1,3})?)\s?[%％]"), r"%至\1%"),
    (re.compile(r"(?<=[\d年月日时点分%元])\s?[~～—–]{1,2}\s?(?=\d)"), "至"),
    (re.compile(r"(?<=[\d年月日])-(?=\d{1,4}[年月日元个人点])"), "至"),
    (re.compile(r"(\d{1,4}(?:\.\d{1,4})?)\s?[%％]"), r"百分之\1"),
    (re.compile(r"(\d{1,4}(?:\.\d{1,4})?)\s?‰"), r"千分之\1"),
    (re.compile(r"≤|⩽|<=|＜="), "不超过"), (re.compile(r"≥|⩾|>=|＞="), "不低于"),
    (re.compile(r"[<＜](?=\s?\d)"), "小于"), (re.compile(r"[>＞](?=\s?\d)"), "大于"),
    (re.compile(r"±(?=\s?\d)"), "正负"), (re.compile(r"(?<=\d)\s?[×xX*]\s?(?=\d)"), "乘"),
    (re.compile(r"mg\s?/\s?L", re.IGNORECASE), "毫克每升"), (re.compile(r"[μu]g\s?/\s?m(?:3|³)", re.IGNORECASE), "微克每立方米"),
    (re.compile(r"(?<=\d)\s?(?:㎡|m2|m²)"), "平方米"), (re.compile(r"(?<=\d)\s?(?:m3|m³|㎥)"), "立方米"),
    (re.compile(r"(?<=\d)\s?(?:km2|km²)"), "平方公里"), (re.compile(r"(?<=\d)\s?km(?![a-zA-Z])"), "公里"),
    (re.compile(r"(?<=\d)\s?kg(?![a-zA-Z])"), "公斤"), (re.compile(r"(?<=\d)\s?℃"), "摄氏度"),
    (re.compile(r"(?<=[\u4e00-\u9fff\d])/(?=[年月日人户天次台辆元个\u4e00-\u9fff])"), "每"),
    (re.compile(rf"第?[（(]\s?({NUMERAL}|\d{{1,2}})\s?[）)]\s?(?=[款项目条])"), r"第\1"),
    (re.compile(rf"[（(]\s?({NUMERAL}|\d{{1,2}})\s?[）)]\s?"), lambda match: f"第{match[1]}项，"),
    (re.compile(rf"^({NUMERAL})、"), r"第\1，"), (re.compile(r"^(\d{1,2})\s?[.．、]\s?(?!\d)"), r"第\1，"),
    (re.compile(r"[①-⑳]\s?"), lambda match: f"第{CIRCLED[match.group().strip()]}，"),
    (re.compile(r"[（(]"), "，"), (re.compile(r"[）)]"), "，"), (re.compile(r"[“”\"《》〈〉【】\[\]]"), ""),
    (re.compile(r"——|—"), "，"), (re.compile(r"\s+"), ""),
    (re.compile(r"，{2,}"), "，"), (re.compile(r"，(?=[。；：、，！？])"), ""), (re.compile(r"(?<=[。；：、！？])，"), ""), (re.compile(r"^，|，$"), ""),
)


def said(text: str) -> str:
    """Text without a mark that has no sound.

    >>> said("（一）面积≤90㎡，补贴30%（2021.5.1起）。")
    '第一项，面积不超过90平方米，补贴百分之30，2021年5月1日起。'
    >>> said("朝政办发〔2021〕4号")
    '朝政办发2021年第4号'
    """
    for pattern, words in SAID:
        text = pattern.sub(words, text)
    return text


def aloud(notice: Notice, path: tuple[str, ...], quote: str) -> str:
    """Where the words stand, in a sentence, then the words."""
    words = desk_words()["aloud"]
    number = words["number"].format(number=said(notice.number)) if notice.number else ""
    signed = words["signed"].format(date=chinese_date(notice.signed)) if notice.signed else ""
    heading = said(path[-1][:30]).strip("，。：") if path else ""
    place = words["place"].format(place=heading) if heading and not said(quote).startswith(heading) else ""
    return words["whole"].format(title=said(notice.title), number=number, signed=signed, place=place, text=said(quote))
