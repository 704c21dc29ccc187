"""The district, year and notice that a question names or implies, and the place it names that no gazette covers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

import yaml

from corpus import Corpus
from corpus.document_numbers import NumberAt, chinese_integer, document_numbers
from corpus.normalise import normalise
from indexing.passages import years_of

YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)(?!\s?[-/.年]\s?\d{1,2}(?:[-/.月]\s?\d{1,2}日?号?)?\s?(?:出?生|以前出生|前出生))")
CHINESE_YEAR = re.compile(r"([一二]十?[〇零九○][〇零一二三四五六七八九○]{2})年")
CHINESE_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
# 21年的, 21年和22年: two digits are a year where they are near those covered and no length of time.
SHORT_YEAR = re.compile(r"(?<![\d满近共达每约前过第])([0-3]\d)年(?!级|[以之]?[内上前后]|期|多|来|左右|龄|限|制|长|的?时间)")
NEAR = 4  # years before the first and after the last covered in which two digits are a year
# What of a person's own story a year may date: 2021年刚在西城买的房, 2019年落户以后. Signing up, applying and paying are dated by the rule.
OWN_STORY = re.compile(
    r"(?:年(?:\d{1,2}月)?(?:\d{1,2}[日号])?)?[^，,。；;？?！!、\s]{0,10}?(?:落户|落的户|迁[入来过到]|搬[来到进]"
    r"|(?:退休|退役|退伍|入伍|失业|下岗|结婚|离婚|入职|参加工作|[购租][买下]?|买[下好]?|开[办业张]?|办下?|成立|注册|领|拿[到下]?|取得|签|考[下取]?|评[上定]?|下来)(?:(?P<which>的)|了|过|下来|才|[，,]|$))"
)
TELLING = re.compile(r"我(?!想|要问|问)|咱|俺|孩子|[爸妈娃]|儿子|女儿|老[公婆大二]|家里")
QUESTIONS = re.compile(r"多少|几[个名家所号月点条项种]|谁|哪|什么|啥|怎么|咋|如何|何时|多[久长大高]|还是|(?P<yes_or_no>吗|么|能不能|可不可以|算不算|够不够|行不行|是不是|有没有|能否|可否)")
SIGNS = re.compile(r"[，,。；;？?！!、\s]")
RELATIVE = {"今年": 0, "本年": 0, "去年": -1, "上一年度": -1, "前年": -2, "明年": 1, "后年": 2}
PERIOD = re.compile(r"[\"“]?(十[一二三四五六七八九]五|[一二三四五六七八九]五)[\"”]?(?=时期|期间|规划|末|以来|$|[^\u4e00-\u9fff]|的|养老|老龄|生态|妇女|儿童|教育)")
ARTICLE = re.compile(r"第\s?([一二三四五六七八九十百零\d]{1,5})\s?[条章款项]")
BEGINS = re.compile(r"(?:^|[\s，。？！,?!]|请问|想问|问问|我是|我们是)$")
STEM = re.compile(r"(?<=..)(?:区|县|市|旗)$")
# 朝阳产业, 夕阳 and the like are no district; 朝阳门 is a place of another one.
NO_DISTRICT = re.compile(r"朝阳(?:产业|门|市(?!区)|县|群众)|东城墙|西城墙|(?:东|西)城乡")


@dataclass(frozen=True, slots=True)
class Named:
    """What a question's words name: ``outside`` is a place, a year or a paper that no gazette covers, "" where there is none."""

    districts: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    notices: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    outside: str = ""


class Scope:
    """Reads scope off questions, for one corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.covered = tuple(dict.fromkeys(gazette.district for gazette in corpus.gazettes.values() if gazette.district))
        self.years = frozenset(year for notice in corpus.notices for year in years_of(notice))
        self.signed = frozenset(notice.year for notice in corpus.notices if notice.year)
        self._serials: dict[tuple[str, str], list[str]] = {}
        for notice in corpus.notices:
            found = YEAR_AND_SERIAL.search(notice.number)
            if found:
                self._serials.setdefault(found.groups(), []).append(notice.key)

    @cached_property
    def printed(self) -> str:
        """All gazettes' text, normalised."""
        return normalise("\n".join(gazette.text for gazette in self.corpus.gazettes.values()))

    def __call__(self, question: str, *, today: date) -> Named:
        """What ``question`` names; ``today`` tells what 今年 is."""
        districts, place = self.districts(question)
        numbers = document_numbers(question)
        notices, unknown = self.notices(question, numbers)
        bare = without(question, numbers)
        period = next((found for found in PERIOD.findall(bare) if found not in self.printed), "")
        return Named(
            districts=districts, years=self.years_in(bare, today=today), notices=notices,
            articles=tuple(dict.fromkeys(article(found) for found in ARTICLE.findall(question))),
            outside=place or unknown or (f"“{period}”时期" if period else ""),
        )

    def districts(self, question: str) -> tuple[tuple[str, ...], str]:
        """The covered districts named, or else implied by a street, town or well-known place; and the uncovered place named."""
        plain = NO_DISTRICT.sub(lambda found: "朝阳门" if "门" in found[0] else " ", question)
        named = {name: plain.replace("朝阳门", "   ").find(STEM.sub("", name)) for name in self.covered}
        named = {name: at for name, at in named.items() if at >= 0}
        if named:
            # 户口在西城，房子买在门头沟: the district a person comes from is not the one asked about, unless it is the only one.
            asked = [name for name, at in named.items() if not comes_from(plain, at, at + len(STEM.sub("", name)))]
            return tuple(asked or named), ""
        implied, outside = [], ""
        # The longest name first, and what it covers is read once: 朝阳门 is no 朝阳, 门头沟 no 门.
        for name, district in names():
            at = plain.find(name)
            if at < 0:
                continue
            if district not in self.covered and comes_from(plain, at, at + len(name)):
                continue
            if not district and not BEGINS.search(plain[:at]) and not plain[at + len(name) :].startswith(("市", "省")):
                continue  # 在天津住院的医保: a far place is asked about where the question begins with it
            plain = plain[:at] + " " * len(name) + plain[at + len(name) :]
            if district in self.covered:
                implied.append(district)
            else:
                outside = outside or (district or name)
        return tuple(dict.fromkeys(implied)), "" if implied else outside

    def years_in(self, question: str, *, today: date) -> tuple[int, ...]:
        """Years named: four digits, Chinese numerals, two digits where that is meant, 去年 where a gazette is of it.

        A day of birth and other dates of a person's own story name no year of a rule, and 今年 that no gazette covers is the year of the newest rule.
        """
        said = [(match.span(1), int(match[1])) for match in YEAR.finditer(question)]
        said += [(match.span(1), int(match[1].replace("十", "").translate(CHINESE_DIGITS))) for match in CHINESE_YEAR.finditer(question)]
        low, high = min(self.years, default=0) - NEAR, max(self.years, default=0) + NEAR
        said += [(match.span(1), year) for match in SHORT_YEAR.finditer(question) if low <= (year := 2000 + int(match[1])) <= high]
        found = {start: year for (start, end), year in said if not of_own_story(question, end)}
        for word, shift in RELATIVE.items():
            if word in question and today.year + shift in self.signed:
                found[question.index(word)] = today.year + shift
        return tuple(dict.fromkeys(found[at] for at in sorted(found)))

    def notices(self, question: str, numbers: Sequence[NumberAt]) -> tuple[tuple[str, ...], str]:
        """Keys of the notices numbered in the question; and the first number that none bears and no gazette prints."""
        found, unknown = [], ""
        for item in numbers:
            notice = self.corpus.notice(item.number)
            if notice:
                found.append(notice.key)
            elif "〔" in item.number and normalise(item.number[max(0, item.number.index("〔") - 3) :]) not in self.printed:
                unknown = unknown or item.number
        if not found and not unknown:
            # 2021年4号文, 〔2021〕4号: where the office's word is left out and one notice alone bears the rest.
            for year, serial in TYPED_SERIAL.findall(question):
                keys = self._serials.get((year, serial), [])
                found += keys
        return tuple(dict.fromkeys(found)), "" if found else unknown


YEAR_AND_SERIAL = re.compile(r"〔(\d{4})〕(\d{1,4})号")
TYPED_SERIAL = re.compile(r"(?<!\d)((?:19|20)\d{2})[〕\])）】]?\s?年?\s?第?\s?(\d{1,3})\s?号(?:文|通知|文件|公告|令|$)")


def article(number: str) -> str:
    """A clause's number in digits.

    >>> article("十二")
    '12'
    """
    return number if number.isdigit() else str(chinese_integer(number))


def without(question: str, numbers: Sequence[NumberAt]) -> str:
    """The question with blanks where document numbers stand: their years are no years asked about."""
    for item in numbers:
        question = question[: item.start] + " " * (item.end - item.start) + question[item.end :]
    return question


@lru_cache(maxsize=1)
def _places() -> dict:
    return yaml.safe_load((Path(__file__).parent / "places.yaml").read_text("utf-8"))


@lru_cache(maxsize=1)
def names() -> tuple[tuple[str, str], ...]:
    """Names of places, the longest first, each with its district of Beijing, "" for one beyond."""
    table = _places()
    found = {str(name): district for district, listed in table["districts"].items() for name in (district, STEM.sub("", district), *listed)}
    found |= {name: "" for name in table["beyond"]}
    return tuple(sorted(found.items(), key=lambda pair: -len(pair[0])))


def of_own_story(question: str, end: int) -> bool:
    """Whether the year that ends at ``end`` dates what a person did or has, not the rule asked about.

    It does where the clause it stands in tells of the person, or asks nothing, or asks whether it holds for 2021年开的店.
    """
    story = OWN_STORY.match(question, end)
    if not story:
        return False
    clause = SIGNS.split(question[:end])[-1] + SIGNS.split(question[end:])[0]
    asks = QUESTIONS.search(clause)
    return bool(TELLING.search(clause)) or not asks or bool(asks["yes_or_no"] and story["which"])


def comes_from(question: str, start: int, end: int) -> bool:
    """Whether the place at ``[start, end)`` is where a person comes from or goes to, not the one asked about."""
    words = _places()["comes_from"]
    after = question[end:].removeprefix("区").removeprefix("市").removeprefix("省").removeprefix("的")
    before = question[:start].removesuffix("市").removesuffix("北京")
    return after.startswith(tuple(words["after"])) or before.endswith(tuple(words["before"]))
