"""What measure or name a question asks for, and whether a sentence has one: 几点 wants a time of day, 多少钱 a sum of money."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from indexing.exact import PHONE, SURNAMES

from . import slots
from .outline import LEADS
from .units import Unit

LOOKED = 8  # likeliest units looked at
SHORT = 400  # characters of a clause whose every sentence is taken to be read with the others
# From this share on nothing is answered: of 2,970 answerable questions of the bank and the written ones 3 lack it so, of 562
# written near misses 93.
ALL = 0.97
FIGURE = r"[\d一二两三四五六七八九十百千万]"
BIRTH = re.compile(r"出生|生日|(?:几[号日]|哪天)[^，。；？?]{0,6}生的")
SURNAME = f"[{''.join(sorted(SURNAMES))}]"


def beside(unit: str) -> str:
    """A figure and a unit, either first, in one sentence's reach: in a table the unit stands in the column's name."""
    return rf"{FIGURE}.{{0,60}}(?:{unit})|(?:{unit}).{{0,60}}{FIGURE}"


# What is asked for, and what a sentence that tells it has.
# How long something takes is no measure here: a rule says 定期 or 按季度 as well.
MEASURES = {
    "money": (
        r"多少(?:钱|块|元|[百千万亿]+元|[百千]?万(?![人户名个平亩吨辆套株])|工资|费用|资金|补贴|补助|奖金|话费|租金|押金)"
        r"|(?:投资|总额|[金款]额|费用?|租金|押金|单价|价钱|售价|利润|收入|工资|薪酬|奖金|罚款|罚金)[^，。；？?\d]{0,6}多少(?![起份次人个家户名条项处座张辆台间套株所亩米平公])|几(?:块钱|元|毛|[百千万]+(?:元|块))|(?:罚|补|奖|花|贴|赔|(?:钱|费|补贴|补助|奖励|工资|津贴|金)[^，。；？?]{0,8}[给发交])多少(?![起份次人个家户名条项处座张辆台间套株所亩米平公])",
        beside(r"元|[％%]|百分|倍|\d[万亿](?![\u4e00-\u9fff])") + "|免费|不收|无偿|(?:最低|平均)[^，。；]{0,6}(?:工资|收入|生活保障标准)",
    ),
    # What is paid out: that a service is free tells no sum of it.
    "grant": (r"(?:补贴?|补助|奖励?|津贴|资助)[^，。；？?\d]{0,6}多少(?:钱|块|元|万|[？?]?$)", beside(r"元|[％%]|百分|倍|\d[万亿](?![\u4e00-\u9fff])")),
    "clock": (r"几点|首班|末班|(?:哪|什么)个?时[刻点]", r"\d\s*[:：]\s*\d\d|[\d零一二三四五六七八九十]\s*[时点]"),
    "day": (
        r"几月几[号日]|几号(?![文令楼院])|哪(?:一|几)?天|周几|星期几",
        r"[\d一二三四五六七八九十]\s*[日号](?!(?:以前|之前|前)?\s?出生)|[月年]底|[上中下]旬|月初|\d\.\d|[周每当][一二三四五六日末天]|星期|工作日|之日",
    ),
    "phone": (r"电话(?:是|号码|多少|几)|什么电话|哪个(?:电话|号)|打(?:哪(?![天年月日里儿])|什么(?!时候)|几(?!号[开起]|[月年点折])|多少(?!折))|热线(?:是|号)", PHONE.pattern),
    "percent": (r"百分之(?:几|多少)|多少(?:个)?百分|比例是?多少|几成", beside(r"[％%]|百分|成|分之") + r"|\d\s*[:：]\s*\d"),
    "count": (r"多少(?:[人名户家个所张辆处座套件条项次台间株棵枚起份亩米吨岁]|平|公[顷里]|千米)", FIGURE),
    "place": (
        r"地址(?:[在是]|分别|都){0,2}(?:哪|什么|多少)|门牌.{0,6}(?:哪|什么|多少)|哪条(?:街|路|胡同|马路)|哪个(?:胡同|小区|大院)|几号(?:楼|院)",
        r"[\u4e00-\u9fff]{2}(?:路|街(?![道乡镇区])|胡同|巷|条|里|大院|小区|大厦|广场|医院|学校|公园|[东南西北]侧)|\d\s*号(?:楼|院|$|[^文令])",
    ),
    "name": (
        r"姓名|哪位|(?:[长任记员]|代表)(?:叫什么|叫啥|的?名字)|姓什么|姓啥",
        rf"(?:^|[^\u4e00-\u9fff]|任命|免去){SURNAME}\s?[\u4e00-\u9fff]{{1,2}}(?:同志|任|的|$|[^\u4e00-\u9fff])|(?:姓名|[人长员任]|代表)[:：]\s?[\u4e00-\u9fff]",
    ),
}
SOFT = {"grant"}  # helps to choose among sentences; that none of the likeliest has it refuses nothing
MEASURES = {name: (re.compile(asks), re.compile(has, re.DOTALL)) for name, (asks, has) in MEASURES.items()}


def wanted(question: str, *, soft: bool = True) -> list[re.Pattern[str]]:
    """What a sentence has that tells each measure ``question`` asks for, with those for want of which nothing is refused if ``soft``."""
    # Told by the paper's own dates, or a day of birth, which is none of these days.
    no_day = any(asks.search(question) for asks in (slots.ISSUED, slots.FORCE, slots.UNTIL, BIRTH))
    return [has for name, (asks, has) in MEASURES.items() if asks.search(question) and not (name == "day" and no_day) and (soft or name not in SOFT)]


def told(question: str, units: Sequence[Unit]) -> np.ndarray:
    """``(units, 2)`` of bool: whether a unit, with what it stands under, has all measures asked for, and whether it lacks one;
    neither where none is asked for, or the unit is a lead-in."""
    measures = wanted(question)
    if not measures:
        return np.zeros((len(units), 2), bool)
    tells = np.asarray([not LEADS.search(unit.text) for unit in units], bool)
    has = np.asarray([all(one.search(f"{unit.text}\n{unit.context}") for one in measures) for unit in units], bool)
    return np.stack([tells & has, tells & ~has], axis=1)


def lacking(question: str, units: Sequence[Unit], odds: np.ndarray) -> float:
    """The share of the likeliest units, weighed by their ``odds``, that has not the measure asked for; 0 where none is.

    What a unit stands under counts with it, and its clause where that is short enough to be quoted whole. A lead-in tells
    nothing by itself: what follows it may.
    """
    measures = wanted(question, soft=False)
    if not measures or not len(units):
        return 0.0
    likeliest = np.argsort(-odds, kind="stable")[:LOOKED]
    texts = {at: said(units[at]) for at in likeliest if not LEADS.search(units[at].text)}
    without = max(sum(float(odds[at]) for at, text in texts.items() if not has.search(text)) for has in measures)
    return without / max(float(odds[likeliest].sum()), 1e-9)


def said(unit: Unit) -> str:
    clause = unit.clause.text
    return "\n".join((unit.text, unit.context, clause if len(clause) <= SHORT else ""))
