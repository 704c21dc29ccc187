"""The attachments of a notice: the list before the signature, the labels, and the titles that stand without one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from .document_numbers import chinese_integer
from .headings import OPENING
from .lines import Line, close_up
from .numbering import fold, is_date, mark_of, squeeze

NO = r"(?P<no>(?:\d{1,3}|[一二三四五六七八九十]{1,3})?(?:\s?[-—]\s?\d{1,2})?)"
# 附件, 附件1, 附件 2-2, 附表 1:, 附件一：
LABEL = re.compile(rf"附\s*[件表录图]\s*{NO}\s*[:：]?")
# 附件1：北京市… / 附件: 1. … / 附表 2：…
LABELLED = re.compile(rf"附\s*[件表录图]\s*{NO}\s*(?:[:：.．]\s*|\s+|(?<=\d)(?=[\u4e00-\u9fff《]))(?P<name>\S.*)")
ITEM = re.compile(r"(?P<no>\d{1,2})\s*[.．、]\s*(?P<name>\S.*)")
# 《西城区岗位补贴审批表》(附件 2): where the text itself names what is attached
MENTIONED = re.compile(r"(?:《(?P<title>[^《》]{4,60})》|(?P<bare>[\u4e00-\u9fff]{5,40}))\s{0,3}[（(]\s*(?:见\s*)?附\s*[件表]\s*(?P<no>\d{1,3}(?:[-—]\d{1,2})?)\s*[）)]")
NAME_OF_FORM = re.compile(r"(?:表|申请|请示|报告|书|名单|册|清单|目录|记录|样表|范本|须知|图|一览|细则|办法|方案|标准|名录|指标|台账)(?:[（(][^（）()]{1,20}[）)])?$")
SIMILAR = 0.78
MAX_TITLE = 90
MAX_LISTED = 100
ENDS = re.compile(r"[。；，：:;,！？]$")


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of the list of attachments: its number ("" where it is the only one) and its name."""

    number: str
    name: str


def label_of(line: Line) -> str:
    """附件2 of a line that is nothing but a label; "" for another line.

    A page end may leave a label's colon behind: 附表 2:
    """
    if line.is_row or len(line.text) > 16 or not LABEL.fullmatch(line.text):
        return ""
    return squeeze(line.text).rstrip(":：")


def list_at(lines: Sequence[Line], at: int) -> tuple[int, tuple[Listed, ...]]:
    """How many lines from ``at`` are the list of attachments, and its entries; (0, ()) where no list begins.

    A bare "附件：" begins a list only when a numbered name follows; alone it
    labels the attachment below.
    """
    text = lines[at].text
    if lines[at].is_row or len(text) > 160 or not text.startswith("附"):
        return 0, ()
    match = LABELLED.fullmatch(text)
    bare = bool(re.fullmatch(r"附\s*[件表]\s*[:：]", text))
    if LABEL.fullmatch(text) and not bare:
        return 0, ()
    if not (match or bare) or match and re.search(r"[。；]$", match["name"]) and not ITEM.match(match["name"]):
        return 0, ()
    if bare and not (at + 1 < len(lines) and ITEM.match(lines[at + 1].text)):
        return 0, ()
    entries: list[list[str]] = []
    if match:
        item = ITEM.fullmatch(match["name"])
        entries.append([item["no"], item["name"]] if item else [squeeze(match["no"]), match["name"]])
    count = 1
    while at + count < len(lines) and len(entries) < MAX_LISTED:
        line = lines[at + count]
        if line.is_row or line.marked or is_date(line.text) or LABEL.fullmatch(line.text):
            break
        item, again = ITEM.fullmatch(line.text), LABELLED.fullmatch(line.text)
        if item and int(item["no"]) == len(entries) + 1 and len(item["name"]) < MAX_TITLE:
            entries.append([item["no"], item["name"]])
        elif again and _counts(again["no"], len(entries) + 1) and len(again["name"]) < MAX_TITLE:
            entries.append([squeeze(again["no"]), again["name"]])
        elif entries and line.index == lines[at + count - 1].index + 1 and not _whole(entries[-1][1]) and len(line.text) < 60:
            entries[-1][1] += line.text
        else:
            break
        count += 1
    if match and match["no"] and count == 1 and not _closes(lines, at + 1):
        return 0, ()
    return count, tuple(Listed(number, close_up(name).rstrip("；;。 ")) for number, name in entries)


def _counts(number: str, expected: int) -> bool:
    """附件2： goes on with a list of one; another 附件1 is the label of the first."""
    number = squeeze(number)
    return bool(number) and ("-" in number or "—" in number or chinese_integer(number) == expected)


def _whole(name: str) -> bool:
    return bool(NAME_OF_FORM.search(name)) or name.endswith(("。", "；"))


def _closes(lines: Sequence[Line], at: int) -> bool:
    """What follows a list: the end, a signature and date, or the first label."""
    for line in lines[at : at + 4]:
        if is_date(line.text) or LABEL.fullmatch(line.text):
            return True
        if len(line.text) > 45 or line.is_row:
            return False
    return at >= len(lines)


def mentioned(text: str) -> Iterator[Listed]:
    """The attachments that a sentence names with their numbers: 《用人单位核查记录》(附件 4)."""
    for match in MENTIONED.finditer(text) if "附" in text else ():
        yield Listed(squeeze(match["no"]), match["title"] or match["bare"])


def same_name(listed: str, printed: str) -> bool:
    """The list and the page may differ by a word: 建设绩效指标 / 建设 绩效指标, …组成及成员单位 / …组成及成员. Both folded."""
    if len(printed) < 5 or len(listed) < 5 or listed == printed:
        return listed == printed
    if listed[:4] != printed[:4] and listed[-4:] != printed[-4:] and listed[:4] not in printed:
        return False
    shorter, longer = sorted((len(listed), len(printed)))
    if (listed.startswith(printed) or printed.startswith(listed)) and shorter / longer > 0.7:
        return True
    if longer - shorter > 12:
        return False
    matcher = SequenceMatcher(None, listed, printed, autojunk=False)
    return matcher.quick_ratio() >= SIMILAR and matcher.ratio() >= SIMILAR


class Attachments:
    """What the list and the text say is attached, each name to be met once as a title of its own."""

    def __init__(self) -> None:
        self.listed: tuple[Listed, ...] = ()
        self._unlisted: list[str] = []
        self._waiting: dict[str, list[Listed]] = {}

    def take_list(self, entries: Sequence[Listed]) -> None:
        self.listed = tuple(entries)
        self._wait(entries)

    def take_text(self, text: str) -> None:
        if not self.listed:
            self._wait(mentioned(text))

    def take_title(self, base: tuple[str, ...]) -> None:
        """An attachment has been met: its label and title. One that no list names is kept by its title."""
        numeral = re.search(r"\d{1,4}|[一二三四五六七八九十]{1,3}", base[0]) if len(base) > 1 else None
        number = str(chinese_integer(numeral[0])) if numeral else ""
        if "-" in base[0] or not any(entry.number == number or entry.name == base[-1] for entry in self.listed):
            self._unlisted.append(base[-1])

    def _wait(self, entries: Iterable[Listed]) -> None:
        for entry in entries:
            if len(self._waiting) < MAX_LISTED:
                same = self._waiting.setdefault(fold(entry.name), [])
                if entry not in same and len(same) < MAX_LISTED:
                    same.append(entry)

    @property
    def waiting(self) -> Collection[str]:
        """The names (folded) not met yet."""
        return self._waiting.keys()

    @property
    def names(self) -> tuple[str, ...]:
        """As listed, or else as printed above each."""
        return (*(entry.name for entry in self.listed), *dict.fromkeys(self._unlisted))

    def title_at(self, lines: Sequence[Line], at: int) -> tuple[int, Listed | None]:
        """How many lines from ``at`` print a listed attachment's name as a title of its own, and which; (0, None) where none."""
        joined, near, lines_near = "", "", 0
        for count in range(1, 5):
            if not self._waiting or at + count > len(lines):
                break
            line = lines[at + count - 1]
            if line.is_row or len(line.text) > MAX_TITLE or ENDS.search(line.text) or mark_of(line.text) or is_date(line.text):
                break
            joined += fold(line.text)
            if joined in self._waiting:
                return count, self._met(joined)
            if not near:
                # A line before the title is not its beginning, however much alike the two together are.
                opening = fold(lines[at].text)[:3]
                near = next((name for name in self._waiting if (count == 1 or opening in name) and same_name(name, joined)), "")
                lines_near = count
        return (lines_near, self._met(near)) if near else (0, None)

    def _met(self, name: str) -> Listed:
        """The first attachment of that name not met yet."""
        entry = self._waiting[name].pop(0)
        if not self._waiting[name]:
            del self._waiting[name]
        return entry


def title_lines(lines: Sequence[Line], at: int) -> int:
    """How many lines below a label are its title: up to three short ones that end like no sentence and carry no number."""
    count = 0
    while count < 3 and at + count < len(lines):
        line = lines[at + count]
        text = line.text
        if line.is_row or len(text) > 50 or ENDS.search(text) or mark_of(text) or is_date(text) or LABEL.fullmatch(text) or OPENING.fullmatch(text):
            break
        if count and not _one_title(lines[at + count - 1], line):
            break
        count += 1
    return count


def _one_title(above: Line, line: Line) -> bool:
    """Whether a title goes on: a marked one in a marked line; another at once, or where it is no whole name yet."""
    if above.marked:
        return line.marked
    return line.marked or line.index == above.index + 1 or not NAME_OF_FORM.search(above.text)
