"""A typed question to what it asks for: district, year, notice, kind; a follow-up completed from the turns before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

import yaml

from corpus import Corpus

from .model import Turn, Understanding

LONGEST = 500  # characters of a question; a longer one is a document, not a question

YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)\s*年?")
SHORT_YEAR = re.compile(r"(?<!\d)([12]\d)年(?!级)")
RELATIVE_YEARS = {"今年": 0, "本年度": 0, "去年": -1, "前年": -2, "明年": 1}
NUMBER = re.compile(r"[\u4e00-\u9fff]{1,8}[〔\[(（【]?\d{4}[〕\])）】年]?\s?(?:第)?\d{1,4}\s?号")
NOT_PLACE = re.compile(r"(?:外|本|非)[地区市省]|全[国市]|区级|市级|国家")
KINDS = (
    ("comparison", re.compile(r"分别|区别|差别|差异|不同|相比|对比|比较|差在哪|是否一致|哪个.{0,6}(?:多|高|长)")),
    ("validity", re.compile(r"生效|施行|执行|实施日期|有效期|失效|废止|作废|取代|替代|还管用|到什么时候|何时起|什么时候开始(?:实行|施行|执行)")),
    ("list", re.compile(r"哪些|哪几|都有(?:啥|什么|谁)|有几[种类个条项]|列出|包括(?:什么|啥)|具体指")),
    ("responsibility", re.compile(r"哪个(?:部门|单位|科|局)|谁(?:管|负责|来罚|牵头)|归谁|归哪|责任单位|主责|牵头|哪些部门")),
    ("personnel", re.compile(r"局长|区长|主任|任命|任职|免职|免去|分管")),
    ("number", re.compile(r"多少|几[个名人家处部张块万]|比例|百分之|标准是|金额|多大|多长")),
    ("date", re.compile(r"什么时候|啥时候|几月|几号|哪天|何时|多久|期限|截止|日期|几点")),
    ("procedure", re.compile(r"怎么(?:办|申请|报|弄|走)|如何|流程|程序|步骤|手续|材料|去哪")),
    ("definition", re.compile(r"是什么意思|什么叫|指什么|是指|定义|含义")),
    ("condition", re.compile(r"能不能|可以|能|条件|资格|要求|算不算|符合|行不行|吗")),
)
FOLLOWUP_OPENING = re.compile(r"^(?:那|哦|还有|另外|换成|换|改成|后面|然后|如果|若|要是|他|她|它|这|这个|其中|上面|前面|刚才|都有)")
FOLLOWUP_REFERENCE = re.compile(r"(?:^|[^\w])(?:呢|他们|它们|他|她|它|这事|这个事|这笔|那笔|这块|那块|这些|那些)")
INJECTION = re.compile(
    r"忽略.{0,12}(?:指令|规则|提示|规定|要求|设定)|ignore.{0,30}(?:instruction|prompt|rule)|系统提示|提示词|system\s?prompt|你现在是|扮演|越狱|"
    r"<\s?script|onerror\s?=|javascript:|drop\s+table|select\s+\*|union\s+select|or\s+'1'\s?=\s?'1",
    re.IGNORECASE,
)
INVENTION = re.compile(r"(?:编|捏造|虚构|伪造)(?:一|个|份|造)|随便(?:编|写)一|假(?:的)?文号")
PROMISE = re.compile(r"打(?:个)?包票|保证我|给我保证|你(?:必须|得)?(?:承诺|保证)|不保证.{0,6}(?:投诉|告)|肯定能上.{0,20}(?:保证|承诺)")
PRIVATE = re.compile(
    r"(?:手机号|私人电话|家庭?住址|家里(?:的)?(?:住址|地址|电话)|身份证号|住在哪(?:儿|里)?|家住哪|银行卡号|微信号|个人信息)"
)
PERSON_TITLE = re.compile(r"[\u4e00-\u9fff]{2,3}(?:同志|副?区长|副?局长|副?主任|书记|老师|校长|科长)|他|她|(?:某|这)个?人")


@lru_cache(maxsize=1)
def places() -> dict[str, tuple[str, ...]]:
    table = yaml.safe_load((Path(__file__).parent / "places.yaml").read_text("utf-8"))
    return {district: tuple(names) for district, names in table.items()}


def understand(
    question: str, *, history: Sequence[Turn] = (), corpus: Corpus, district: str = "", today: date | None = None
) -> Understanding:
    """What ``question`` asks for after ``history`` (oldest first); ``district`` is the one a person chose, if any."""
    today = today or date.today()
    typed = " ".join(question.split())
    guard = guarded(typed)
    if guard:
        return Understanding(original=question, question=typed[:LONGEST], guard=guard)
    covered = tuple(dict.fromkeys(gazette.district for gazette in corpus.gazettes.values()))
    completed, carried = typed, False
    if history and is_followup(typed):
        completed, carried = " ".join((*(turn.question for turn in history[-2:]), typed)), True
    named, outside = districts_in(typed, covered=covered)
    years = years_in(typed, today=today)
    if carried and not named and not outside:
        for turn in reversed(history):
            named, outside = districts_in(turn.question, covered=covered)
            if named or outside:
                break
    if carried and not years:
        years = next((found for turn in reversed(history) if (found := years_in(turn.question, today=today))), ())
    if not named and not outside and district in covered:
        named = (district,)
    return Understanding(
        original=question, question=completed, districts=named, years=years, notices=notices_in(completed, corpus=corpus),
        kind=kind_of(typed), outside="" if named else outside, is_followup=carried,
    )


def guarded(question: str) -> str:
    """The canned refusal a question meets before any search, "" for an ordinary one."""
    if len(question) > LONGEST:
        return "too_long"
    if not re.search(r"[\u4e00-\u9fffA-Za-z0-9]", question):
        return "empty"
    if INJECTION.search(question):
        return "instructions"
    if INVENTION.search(question):
        return "invention"
    if PROMISE.search(question):
        return "promise"
    if PRIVATE.search(question) and PERSON_TITLE.search(question):
        return "private"
    return ""


def districts_in(question: str, *, covered: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """The covered districts a question names or implies, and the place it names that no gazette covers."""
    named, outside = [], ""
    for district in covered:
        stem = re.sub(r"(?:区|县|市)$", "", district)
        if district in question or (len(stem) > 1 and stem in question):
            named.append(district)
    for district, names in places().items():
        stem = district.removesuffix("区")
        if district in named:
            continue
        hit = district in question or stem in question or any(name in question for name in names)
        if hit and district in covered:
            if not named:
                named.append(district)
        elif hit and not named:
            outside = outside or district
    return tuple(named), "" if named else outside


def years_in(question: str, *, today: date) -> tuple[int, ...]:
    years = [int(year) for year in YEAR.findall(NUMBER.sub("", question))]
    years += [2000 + int(year) for year in SHORT_YEAR.findall(question)]
    years += [today.year + shift for word, shift in RELATIVE_YEARS.items() if word in question]
    return tuple(dict.fromkeys(years))


def notices_in(question: str, *, corpus: Corpus) -> tuple[str, ...]:
    found = []
    for match in NUMBER.findall(question):
        digits = re.search(r"(\d{4})\D{0,2}(\d{1,4})\s?号", match)
        if not digits:
            continue
        year, serial = digits.groups()
        for notice in corpus.notices:
            head = notice.number.split("〔")[0]
            if notice.number.endswith(f"〔{year}〕{serial}号") and head and match[: match.index(year)].rstrip("〔[(（【").endswith(head):
                found.append(notice.key)
    return tuple(dict.fromkeys(found))


def kind_of(question: str) -> str:
    return next((kind for kind, cue in KINDS if cue.search(question)), "fact")


def is_followup(question: str) -> bool:
    """Whether a question leans on the one before: it opens or refers like one, or is too short to stand alone."""
    return len(question) <= 16 or bool(FOLLOWUP_OPENING.search(question) or FOLLOWUP_REFERENCE.search(question))
