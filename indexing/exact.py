"""What is looked up to the letter: document numbers in any spelling, articles, persons, telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corpus.normalise import normalise

from .model import Passage

DIGITS = "零一二三四五六七八九"

# 朝政办发[2021]4号, 朝政办发2021年4号, 朝政办发 2021 4号, 2021年4号文, 2021年第4号; matched on normalised text.
NUMBER = re.compile(r"([\u4e00-\u9fff]{0,12})[\[({<]?((?:19|20)\d{2})[\])}>]?年?第?(\d{1,4})号")
HEAD = re.compile(r"[\u4e00-\u9fff]{2,6}[发函字令告任]$")  # the office's word before the year: 朝政办发, 门政函
ARTICLE = re.compile(r"第([零一二三四五六七八九十百\d]{1,5})条")
PHONE = re.compile(r"(?<!\d)(?:0\d{2,3}-?)?\d{7,8}(?!\d)|(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)(?:12345|1\d{4}|9\d{4})(?!\d)")
# Where a person's name stands: 彭利锋同志, 任命张三为, 免去李四的, or a cell or line 组长：王五.
PERSON = (
    re.compile(r"([\u4e00-\u9fff]{2,3})同志"),
    re.compile(r"(?:任命|免去|聘任|解聘)([\u4e00-\u9fff]{2,3}?)(?:同志|为|的|[、,])"),
    re.compile(r"(?:姓名|代表|委员|提案人|领衔人|联系人|组长|主任|指挥|成员|负责人)[:：]([\u4e00-\u9fff]{2,3})(?=[;；\n,，、 ]|$|区|副|市|县|镇)"),
)
# Two or three characters that begin with a surname; the hundred most frequent cover more than four persons in five.
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖"
    "贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝暴哈冀么信"
)


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a question names to the letter: keys of notices, articles as printed, persons, telephone numbers."""

    notices: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


class Exact:
    """Look-ups over all passages; positions are those of the passages given."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._numbers: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self._notices: dict[str, list[int]] = {}
        self._articles: dict[str, list[int]] = {}
        self._persons: dict[str, list[int]] = {}
        self._phones: dict[str, list[int]] = {}
        plain = [normalise(passage.text) for passage in passages]
        for at, (passage, text) in enumerate(zip(passages, plain, strict=True)):
            if passage.notice not in self._notices:
                for head, year, serial in NUMBER.findall(normalise(passage.notice)):
                    self._numbers.setdefault((year, serial), []).append((head, passage.notice))
            self._notices.setdefault(passage.notice, []).append(at)
            opening = " ".join(normalise(heading) for heading in passage.path) + " " + text[:12]
            for article in ARTICLE.findall(opening):
                self._articles.setdefault(chinese(article), []).append(at)
            for phone in PHONE.findall(text):
                self._phones.setdefault(phone.replace("-", ""), []).append(at)
            for name in persons_in(passage.text):
                self._persons.setdefault(name, [])
        for name, found in self._persons.items():
            found.extend(at for at, text in enumerate(plain) if name in text)

    def mentions(self, question: str) -> Mentions:
        """What of all this ``question`` names.

        >>> exact.mentions("朝政办发2021年4号第12条讲什么").articles
        ('十二',)
        """
        plain = normalise(question)
        notices = [key for head, year, serial in NUMBER.findall(plain) for key in self._of_number(head, year, serial)]
        articles = [chinese(article) for article in ARTICLE.findall(plain)]
        phones = [phone.replace("-", "") for phone in PHONE.findall(plain)]
        windows = {plain[at : at + size] for size in (2, 3) for at in range(len(plain) - size + 1)}
        persons = [window for window in windows if window in self._persons]
        persons = [name for name in persons if not any(name != other and name in other for other in persons)]
        return Mentions(
            notices=tuple(dict.fromkeys(notices)), articles=tuple(dict.fromkeys(articles)), persons=tuple(sorted(persons)),
            phones=tuple(phone for phone in dict.fromkeys(phones) if phone in self._phones),
        )

    def positions(self, mentions: Mentions) -> dict[str, np.ndarray]:
        """Positions of the passages of each kind of mention, kinds without any left out."""
        tables = (
            ("notice", mentions.notices, self._notices), ("article", mentions.articles, self._articles),
            ("person", mentions.persons, self._persons), ("phone", mentions.phones, self._phones),
        )
        found = {kind: sorted({at for name in names for at in table.get(name, ())}) for kind, names, table in tables}
        return {kind: np.asarray(places, np.int64) for kind, places in found.items() if places}

    def _of_number(self, head: str, year: str, serial: str) -> list[str]:
        """Keys of the notices of a year and serial whose office's word the question has, or all of them if it has none."""
        known = self._numbers.get((year, serial), [])
        named = [key for office, key in known if head.endswith(office)]
        return named if named or HEAD.search(head) else [key for _, key in known]


def persons_in(text: str) -> list[str]:
    """Names that stand where names of persons stand."""
    spaced = re.sub(r"(?<=[\u4e00-\u9fff])[ \u3000](?=[\u4e00-\u9fff])", "", text)
    return list(dict.fromkeys(
        name for pattern in PERSON for name in pattern.findall(spaced) if name[0] in SURNAMES
    ))


def chinese(number: str) -> str:
    """An article's number in Chinese numerals.

    >>> chinese("12")
    '十二'
    """
    if not number.isdigit():
        return number
    value = int(number)
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    if value > 999:
        return number
    text = DIGITS[hundreds] + "百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (DIGITS[ones] if ones else "") or "零"
