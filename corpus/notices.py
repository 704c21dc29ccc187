"""Where the notices of a gazette begin: a document number below a title, behind the 目录."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .document_numbers import document_numbers, number_line
from .lines import Line
from .numbering import fold, is_date, squeeze
from .titles import MAX_TITLE_LINES, OFFICE_END, PUBLIC, SENTENCE_END, TITLE_END, is_office, title_of

ACTION = r"(?:关于|印发|转发|批转|公布|发布|《)"
# 北京市朝阳区人民政府办公室印发《…, 中共…委员会 …人民政府关于…
ISSUED_TITLE = re.compile(rf"(?P<issuer>[\u4e00-\u9fff（）()、\s]{{1,60}}?(?:{OFFICE_END})[）)]?)\s*{ACTION}")
CONTENTS = re.compile(r"目\s*[录次]")
# A line of the 目录: it ends in a page, after dots or a document number
CONTENTS_LINE = re.compile(r"(?:号\s*[）)]?|[.…·．]{2,}|\s)\s*[（(]?\d{1,4}[）)]?$|号\s*[）)]$|[.…·．]{3,}$")
SECTION = re.compile(r"【[^【】]{1,20}】|[●◆■★☆]\s*[\u4e00-\u9fff]{2,12}\s*[●◆■★☆]?")
ABOUT = re.compile(r"关于|印发|转发|批转|《")
ANNOUNCED = re.compile(rf"[\u4e00-\u9fff（）()]{{2,40}}(?:{OFFICE_END})(?:公告|通告|令|命令|通知|通报)")
TOP_LINES = 40
MAX_TITLE_LINE = 45
MAX_ENTRIES = 200


@dataclass(frozen=True, slots=True)
class Head:
    """A notice's first lines: positions in the list of lines of its title (half open), its number and its body."""

    top: int
    title_end: int
    body: int
    number: str
    number_at: int | None

    def moved(self, by: int) -> Head:
        """The same head in a list that begins elsewhere."""
        return Head(self.top + by, self.title_end + by, self.body + by, self.number, None if self.number_at is None else self.number_at + by)


def _stops_title(line: Line) -> bool:
    text = line.text
    return (
        line.is_row
        or len(text) > 70
        or is_date(text)
        or bool(SENTENCE_END.search(text))
        or bool(PUBLIC.fullmatch(text))
        or bool(SECTION.fullmatch(text))
        or bool(CONTENTS.fullmatch(text))
        or bool(CONTENTS_LINE.search(text))
        or bool(number_line(text))
        or text.startswith(("附件", "附表", "第"))
        or bool(re.match(r"[（(]?[一二三四五六七八九十\d]{1,3}[、.）)]", text))
    )


def title_above(lines: Sequence[Line], at: int, *, floor: int) -> int | None:
    """Where the title ends that stands right above ``lines[at]`` begins; ``None`` where there is none."""
    best = None
    joined = ""
    for top in range(at - 1, max(floor, at - MAX_TITLE_LINES) - 1, -1):
        line = lines[top]
        if _stops_title(line) or (joined and lines[top + 1].index - line.index > 4):
            break
        joined = squeeze(line.text) + joined
        if ISSUED_TITLE.match(joined):
            best = top
            while best - 1 >= floor and lines[best].index - lines[best - 1].index == 1 and is_office(lines[best - 1]):
                best -= 1
            return best
        if joined.startswith(("关于", "印发", "转发", "批转", "公布", "《")) or best is None and TITLE_END.search(joined):
            best = top
    return best


def _title_below(lines: Sequence[Line], at: int) -> int:
    """How many lines below a number printed on top are its title: 0 where none is."""
    joined = ""
    for count in range(1, MAX_TITLE_LINES + 1):
        if at + count >= len(lines) or _stops_title(lines[at + count]):
            break
        joined += squeeze(lines[at + count].text)
        if "关于" in joined and TITLE_END.search(joined) and len(joined) > 8:
            return count
    return 0


def find_heads(lines: Sequence[Line]) -> list[Head]:
    """The heads of all notices, in order.

    The document number line is the anchor. Where a text has none at all between
    two notices, a title that names its issuer, ends in 通知, 公告 … and is
    followed by the addressee starts a notice too, unless the notice before
    quotes that title as the text it encloses. A text with neither is one notice
    where a title stands at its top.
    """
    behind = _contents_end(lines)
    heads = _heads_from(lines, behind)
    if not heads and behind:
        # 目录 may be a word of the text.
        heads = _heads_from(lines, 0)
    return heads or _bare_head(lines, behind)


def _heads_from(lines: Sequence[Line], start: int) -> list[Head]:
    heads: list[Head] = []
    floor = at = start
    while at < len(lines):
        number = number_line(lines[at].text)
        if number:
            head = _numbered_head(lines, at, number=number, floor=floor)
        else:
            head = _unnumbered_head(lines, at, floor=floor, heads=heads)
        if head is not None:
            heads.append(head)
            floor = at = head.body
        else:
            at += 1
    return heads


def with_listed(lines: Sequence[Line], heads: Sequence[Head], entries: Sequence[tuple[str, str]]) -> list[Head]:
    """The heads, and one for each (title, number) of the 目录 that none of them is: where its title is printed last.

    A public notice without a number begins where nothing but the 目录 tells.
    """
    known = {fold(whole_title(lines, head)) for head in heads}
    numbers = {head.number for head in heads}
    wanted = {fold(title): number for title, number in entries[:MAX_ENTRIES] if number not in numbers and fold(title) not in known and len(title) > 5}
    found: dict[str, Head] = {}
    floor = _contents_end(lines)
    for at in range(floor, len(lines)) if wanted else ():
        joined = ""
        for count, line in enumerate(lines[at : at + MAX_TITLE_LINES], 1):
            if line.is_row or len(line.text) > 70:
                break
            joined += fold(line.text)
            if joined in wanted:
                found[joined] = Head(at, at + count, at + count, wanted[joined], None)
            if not any(title.startswith(joined) for title in wanted):
                break
    all_heads = list(heads)
    for head in found.values():
        if not any(other.top < head.body and head.top < other.body for other in all_heads):
            all_heads.append(head)
    return sorted(all_heads, key=lambda head: head.top)


def _bare_head(lines: Sequence[Line], start: int) -> list[Head]:
    """A title without number and addressee, within the first lines: a public notice that stands alone."""
    for at in range(start + 1, min(start + TOP_LINES, len(lines))):
        top = title_above(lines, at, floor=start) if _stops_title(lines[at]) or len(lines[at].text) > MAX_TITLE_LINE else None
        title = "" if top is None else "".join(squeeze(line.text) for line in lines[top:at])
        if title and ABOUT.search(title) and TITLE_END.search(title):
            return [Head(top, at, at, "", None)]
    return []


def _contents_end(lines: Sequence[Line]) -> int:
    """The position after the 目录, which every notice below repeats: its last line that ends like an entry."""
    start = next((i for i, line in enumerate(lines[:60]) if CONTENTS.fullmatch(line.text)), None)
    if start is None:
        return 0
    end = start + 1
    misses = 0
    seen: set[str] = set()
    for position in range(start + 1, len(lines)):
        line = lines[position]
        numbers = {item.number for item in document_numbers(line.text)} if "号" in line.text and len(line.text) < 200 else set()
        if numbers & seen:
            break
        seen |= numbers
        if CONTENTS_LINE.search(line.text) or (line.is_row and re.search(r"\d\s*$", line.text)):
            end, misses = position + 1, 0
        else:
            misses += 1
            if misses > 5 or number_line(line.text) and misses > 1:
                break
    return end


def _numbered_head(lines: Sequence[Line], at: int, *, number: str, floor: int) -> Head | None:
    top = title_above(lines, at, floor=floor)
    below = _title_below(lines, at)
    if top is not None:
        above = "".join(line.text for line in lines[top:at])
        if not below or ABOUT.search(above):
            return Head(top, at, at + 1, number, at)
        # 某局公告 / 2023年第5号 / 关于食品抽检情况的公告
        if ANNOUNCED.fullmatch(squeeze(above)):
            return Head(top, at + 1 + below, at + 1 + below, number, at)
    if below:
        return Head(at, at + 1 + below, at + 1 + below, number, at)
    if "令" in number and at + 1 < len(lines):
        above = at - 1 if at - 1 >= floor and lines[at - 1].text.endswith("令") else at
        return Head(above, at, at + 1, number, at)
    return None


def _unnumbered_head(lines: Sequence[Line], at: int, *, floor: int, heads: Sequence[Head]) -> Head | None:
    """An addressee line under a title that names its issuer; ``at`` is the addressee."""
    text = lines[at].text
    if at == floor or len(text) > 120 or not text.endswith(("：", ":")) or not re.search(rf"(?:{OFFICE_END}|单位|机构|企业)[：:]$", text):
        return None
    top = title_above(lines, at, floor=floor)
    if top is None:
        return None
    title = "".join(squeeze(line.text) for line in lines[top:at])
    if not ISSUED_TITLE.match(title) or not re.search(r"(?:通知|通告|公告|意见|决定|批复|通报|函)(?:[（(][^（）()]{1,12}[）)])?$", title):
        return None
    if heads:
        last = heads[-1]
        before = fold("".join(line.text for line in lines[last.top : last.title_end]))
        if fold(title)[:12] in before:
            return None
    return Head(top, at, at, "", None)


def whole_title(lines: Sequence[Line], head: Head) -> str:
    """The title, in one piece or above and below the number."""
    number = head.title_end if head.number_at is None else head.number_at
    parts = (lines[head.top : number], lines[number + 1 : head.title_end])
    return " ".join(title_of(part) for part in parts if part)
