"""What a paragraph is called in a path: its number, its run-in heading, or the person, office or term it opens with."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .lines import close_up
from .numbering import Mark
from .paragraphs import ARTICLE_NAME, HEADING_LENGTH, ROLE, Paragraph

RUN_IN_LENGTH = 40  # characters of a name that a text follows on the same line
STOPS = re.compile(r"[。：:；;！？!?]")
# Such words make a sentence of its own of what stands before the first stop: 4. 社会力量…的，应当…。
VERBS = re.compile(r"不得|应当|应(?!急|用|对|届|聘)|必须|可以|可(?=[按由向在从于免凭申自])|须|是指|为(?=[1-9一二三四五六七八九])|^[凡当若如因经对]|^由|[的者][，,]|^根据|^自.{0,12}起|同意|施行|\d{3}|下列|以下|之一$|负责|^本(?!市|区|县|地)|[，,][对由将]")
# A sentence on a line of its own that tells an amount, who does it, or to whom is no heading.
TELLS = re.compile(r"\d|(?<![理自缘事])由|您")
INTRODUCES = re.compile(r"其中$|(?:如下|下列|以下)[^。：:]{0,20}$|之一(?:的)?$|包括$|是$|为$")
OPENING = re.compile(r"(?:序|前|引|导)\s*[言子]|绪\s*论")
CLOSED_PART = re.compile(r"总\s*则|附\s*则|结\s*语|后\s*记|附\s*录")
# 彭利锋同志 负责区政府常务工作。 · 朱凯同志（区政府党组成员） 协助…
PERSON = re.compile(r"(?P<name>[\u4e00-\u9fff·]{1,6}(?:\s[\u4e00-\u9fff·]{1,4})?\s?同志(?:[（(][^（）()]{1,30}[）)])?)(?=\s|[:：]|负责|协助|主持|分管|兼)")
OFFICE_END = "委|局|办|院|厅|部|署|府|会|处|所|站|队|中心|公司|集团|总队|支队|大队|分局|街道|地区|镇|乡|村|社区|协会|单位|学校|机构|园|馆|联|组"
# 区商务委：…, 区公安分局交通支队：…, 各街道办事处、地区办事处：…
OFFICE = re.compile(rf"(?P<name>[\u4e00-\u9fff（）()、·\s]{{1,48}}?(?:{OFFICE_END})[）)]?)\s*[:：]\s*(?=\S)")
ORDINAL = re.compile(r"(?P<name>(?:[一二三四五六七八九十]是|第[一二三四五六七八九十]，|首先，|其次，|其[一二三四五六])[^。；：:]{2,36})[。；：:]")
DASHED = re.compile(r"[—–-]{1,2}\s*(?P<name>[^。：:；]{2,36})[。：:]")
BOLD = re.compile(r"[\s#>*-]*\*\*(?P<name>[^*。：:；\n]{2,36})[。：:；]?\s*\*\*")
# 相关部门：是指与应对突发事件的…
DEFINED = re.compile(r"(?P<name>[^，。；：:]{2,28})[:：]\s*是(?:指)?")
TERM = re.compile(r"(?P<name>[^，。；：:]{2,28})[:：]")
NOT_A_NAME = re.compile(r"如下|以下|下列|包括|分别|其中|现将|要求|通知|决定|\d{4}\s*年")
# Closing words speak of the whole text: 本意见自印发之日起实施。 特此通知。 本决定中各附件…
# A section that is there for such words keeps them.
CLOSING_SECTION = re.compile(r"附\s*则|其\s*他|说\s*明|施行|实施时间|期\s*限|有效期|解释")
CLOSING = re.compile(
    r"本(?:实施|工作|暂行|试行|管理)?(?:通知|通告|公告|意见|办法|细则|规定|方案|决定|制度|规程|措施|预案|规划|计划|条例|规则|批复|标准|政策)"
    r"(?!第)[^。]{0,60}?(?:施行|实施|执行|生效|效力|废止|解释|有效期|附件)|特此|此复|以上(?:通知|意见|规定|决定)|(?:原)?《[^。]{2,120}同时废止"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """``label`` stands in the path; ``alone`` says that the paragraph is nothing but its heading."""

    label: str
    alone: bool


@dataclass(frozen=True, slots=True)
class Name:
    """A heading without a number; ``lasts`` until the next one or the next number, not only for its own paragraph."""

    label: str
    lasts: bool
    alone: bool = False
    role: bool = False


def heading_of(paragraph: Paragraph, mark: Mark, *, leads: bool, item: bool) -> Heading:
    """The heading of a numbered paragraph: on its own, run in before its text, or the bare number.

    ``leads`` says that text of its own or a deeper number follows: only then a short sentence can be a heading.
    ``item``: it stands in a list whose items end in ；, and has no name.

    ``（一）加强领导。`` alone is a heading; ``1. 小学入学条件：凡年满…`` is headed 1. 小学入学条件; a whole sentence has only its number.
    """
    text = paragraph.text
    number, rest = text[: mark.length].strip(), text[mark.length :].strip()
    gap = text[mark.length : len(text) - len(text[mark.length :].lstrip())]
    if not rest:
        return Heading(number, alone=True)
    if rest[0].isdigit():
        # 2. 2020年我区…: put together they would read as 2.2020.
        return Heading(number, alone=False)
    stop = STOPS.search(rest)
    if item and (stop is None or not rest[stop.end() :].strip()):
        return Heading(number, alone=False)
    if stop is None:
        alone = paragraph.marked or leads and len(rest) <= HEADING_LENGTH
        return Heading(number + gap + close_up(rest) if alone else number, alone)
    if mark.style == "条" and stop.start() > ARTICLE_NAME:
        return Heading(number, alone=False)
    name, behind = rest[: stop.start()], rest[stop.end() :].strip()
    if not behind:
        lead_in = stop[0] in "：:"
        if lead_in and (len(name) > 30 or INTRODUCES.search(name) or VERBS.search(name)) or stop[0] in "；;":
            return Heading(number, alone=False)
        short = len(name) <= (HEADING_LENGTH if paragraph.marked else 24) and (mark.style != "条" or lead_in)
        if short and (lead_in or leads and not TELLS.search(name)) and not VERBS.search(name):
            return Heading(number + gap + close_up(name if lead_in else rest), alone=not lead_in or paragraph.marked)
        return Heading(number, alone=False)
    if leads and stop[0] in "：:" and len(rest) <= HEADING_LENGTH and not re.search(r"[。；，：:;]$|\d", behind) and not STOPS.search(behind):
        # (一) 妇女与健康：打造生命全周期妇女健康服务体系 is a heading throughout
        return Heading(number + gap + close_up(rest), alone=True)
    if stop[0] in "。：:" and len(name) <= RUN_IN_LENGTH and not VERBS.search(name) and not INTRODUCES.search(name):
        return Heading(number + gap + name, alone=False)
    return Heading(number, alone=False)


def name_of(paragraph: Paragraph, raw: str) -> Name | None:
    """The person, office, role, term or catchword that an unnumbered paragraph opens with; ``raw`` is its first line as printed."""
    text = paragraph.text
    if match := DEFINED.match(text):
        return Name(match["name"].strip(), lasts=False)
    if match := PERSON.match(text):
        return Name(close_up(match["name"].strip()), lasts=True)
    if match := ROLE.match(text):
        return Name(close_up(match[0].rstrip(":： ")), lasts=True, role=True)
    if match := ORDINAL.match(text):
        return Name(match["name"], lasts=False)
    if match := DASHED.match(text):
        return Name(match["name"].strip(), lasts=False)
    if (match := OFFICE.match(text)) and not NOT_A_NAME.search(match["name"]):
        return Name(close_up(match["name"].strip()), lasts=True)
    if match := BOLD.match(raw):
        alone = len(match["name"]) + 1 >= len(text)
        return Name(match["name"].strip(), lasts=alone, alone=alone)
    if (match := TERM.fullmatch(text)) and not NOT_A_NAME.search(text):
        return Name(match["name"].strip(), lasts=True, alone=True)
    return None
