"""Where the notices of a gazette begin and end, and what their titles, signatures and dates say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .attachments import same_name
from .document_numbers import number_line
from .lines import Line, close_up
from .numbering import DATE, fold, is_date, mark_of, squeeze
from .quoted import quoted_titles

KINDS = "通知|通告|公告|意见|决定|决议|批复|函|命令|令|通报|报告|请示|方案|规划|计划|办法|细则|规定|规程|规则|预案|条例|措施|要点|纲要|指引|导则|标准|分工|名单"
OFFICE_END = "人民政府|政府|办公室|办公厅|委员会|委|局|厅|部|署|院|处|中心|领导小组|指挥部|总队|支队|分局|法院|检察院|联合会|总会|公司|集团|街道|地区|镇|乡"
ACTION = r"(?:关于|印发|转发|批转|公布|发布|《)"
# 北京市朝阳区人民政府办公室印发《…, 中共…委员会 …人民政府关于…
ISSUED_TITLE = re.compile(rf"(?P<issuer>[\u4e00-\u9fff（）()、\s]{{1,60}}?(?:{OFFICE_END})[）)]?)\s*{ACTION}")
BARE_OFFICE = re.compile(rf"[\u4e00-\u9fff（）()、\s]{{2,40}}(?:{OFFICE_END})[）)]?")
TITLE_END = re.compile(rf"(?:{KINDS})(?:[（(][^（）()]{{1,16}}[）)])?[》”\"]?$")
CONTENTS = re.compile(r"目\s*[录次]")
# A line of the 目录: it ends in a page, after dots or a document number
CONTENTS_LINE = re.compile(r"(?:号\s*[）)]?|[.…·．]{2,}|\s)\s*[（(]?\d{1,4}[）)]?$|号\s*[）)]$|[.…·．]{3,}$")
SENTENCE_END = re.compile(r"[。；：！？;:，,、]$")
PUBLIC = re.compile(r"[（(]\s*(?:此件|本文|本件|此文)[^（）()]{0,30}[）)]")
SECTION = re.compile(r"【[^【】]{1,20}】|[●◆■★☆]\s*[\u4e00-\u9fff]{2,12}\s*[●◆■★☆]?")
SIGNED_LINE = re.compile(rf"(?P<office>[\u4e00-\u9fff（）()、\s]{{2,50}}?)\s+(?P<date>{DATE.pattern})")
PERSONNEL = re.compile(r"任免|任职|免职|转正|职务任免|同志任|任命")
ENCLOSING = re.compile(r"(?:印发|转发|批转|发布|公布)")
SENT_ON = re.compile(r"(?:印发|转发|批转|发布|公布)(?P<name>.{4,120}?)(?:的(?:通知|通告|公告|决定|函))?$")
ISSUED_BEFORE = re.compile(r"关于|印发|转发|批转|公布|发布|《")
REMARK = re.compile(r"[（(][^（）()]{2,12}[）)]")
# 省长 张某某: an order is signed by a person
OFFICER = re.compile(r"(?:代理?)?(?:主席|总理|省长|市长|区长|县长|州长|盟长|旗长|镇长|乡长|主任|局长|厅长|部长|署长|院长)[\s：:]*[\u4e00-\u9fff·]{1,6}(?:\s[\u4e00-\u9fff·]{1,4})?")
ABOUT = re.compile(r"关于|印发|转发|批转|《")
MAX_SIGNERS = 6
MAX_TITLE_LINES = 6


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
            while best - 1 >= floor and lines[best].index - lines[best - 1].index == 1 and _is_office(lines[best - 1]):
                best -= 1
            return best
        if joined.startswith(("关于", "印发", "转发", "批转", "公布", "《")) or best is None and TITLE_END.search(joined):
            best = top
    return best


def _is_office(line: Line) -> bool:
    return not line.is_row and len(line.text) <= 42 and bool(BARE_OFFICE.fullmatch(line.text)) and not _stops_title(line)


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
    quotes that title as the text it encloses.
    """
    heads: list[Head] = []
    contents_end = _contents_end(lines)
    floor = contents_end
    at = contents_end
    while at < len(lines):
        number = number_line(lines[at].text)
        head = _numbered_head(lines, at, number=number, floor=floor) if number else None
        if head is None and not number:
            head = _unnumbered_head(lines, at, floor=floor, heads=heads)
        if head is not None:
            heads.append(head)
            floor = at = head.body
        else:
            at += 1
    if not heads and contents_end:
        return find_heads_without_contents(lines)
    return heads


def find_heads_without_contents(lines: Sequence[Line]) -> list[Head]:
    """A second reading that trusts no 目录 line, for a text that merely contains the word."""
    heads = []
    floor = 0
    for at, line in enumerate(lines):
        number = number_line(line.text)
        head = _numbered_head(lines, at, number=number, floor=floor) if number and at >= floor else None
        if head is not None:
            heads.append(head)
            floor = head.body
    return heads


def _contents_end(lines: Sequence[Line]) -> int:
    """The position after the 目录, which every notice below repeats: its last line that ends like an entry."""
    start = next((i for i, line in enumerate(lines[:60]) if CONTENTS.fullmatch(line.text)), None)
    if start is None:
        return 0
    end = start + 1
    misses = 0
    for position in range(start + 1, len(lines)):
        line = lines[position]
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
        # 某局公告 / 2023年第5号 / 关于食品抽检情况的公告
        split = below if not ABOUT.search("".join(line.text for line in lines[top:at])) else 0
        return Head(top, at + 1 + split if split else at, at + 1 + split, number, at)
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


def title_of(lines: Sequence[Line]) -> str:
    """The title's lines joined as one reads them."""
    text = ""
    for line in lines:
        gap = " " if text and text[-1].isascii() and text[-1].isalnum() and line.text[0].isascii() and line.text[0].isalnum() else ""
        text += gap + line.text
    return close_up(text)


def titles_enclosed(title: str) -> tuple[str, ...]:
    """What the title says it sends on: 《甲方案》, or the words between 印发 and 的通知.

    >>> titles_enclosed("某区人民政府关于印发某区水环境区域补偿办法（试行）的通知")
    ('某区水环境区域补偿办法（试行）',)
    """
    quoted = [item.title for item in quoted_titles(title)]
    if quoted:
        return tuple(quoted)
    match = SENT_ON.search(title)
    if not match:
        return ()
    # 转发区教委关于…实施细则的通知: the text sent on begins with 关于 or after it.
    names = [match["name"], *re.split(r"(?=关于)|(?<=关于)", match["name"], maxsplit=2)[1:]]
    return tuple(name for name in dict.fromkeys(names) if len(name) > 4)


def enclosed_at(lines: Sequence[Line], at: int, *, names: Sequence[str], after_letter: bool) -> int:
    """How many lines from ``at`` are the title of the text that the letter carries; 0 where they are none.

    It is known by its name, or behind the letter's date by ending in 方案, 办法 …
    """
    joined, ended = "", 0
    folded = [fold(name) for name in names]
    for count in range(1, MAX_TITLE_LINES + 1):
        if at + count > len(lines):
            break
        line = lines[at + count - 1]
        if line.is_row or len(line.text) > 70 or SENTENCE_END.search(line.text) or mark_of(line.text) or is_date(line.text):
            break
        joined += fold(line.text)
        if joined in folded:
            return _with_remark(lines, at, count)
        if after_letter and not ended and (any(same_name(name, joined) for name in folded) or len(joined) > 6 and TITLE_END.search(joined)):
            ended = count
    return _with_remark(lines, at, ended) if ended else 0


def _with_remark(lines: Sequence[Line], at: int, count: int) -> int:
    """（试行） on the line below a title belongs to it."""
    below = lines[at + count].text if at + count < len(lines) else ""
    return count + bool(REMARK.fullmatch(below))


def signed_at(lines: Sequence[Line], at: int) -> int | None:
    """The position of the date line that closes a signature beginning at ``at``; ``None`` where none begins."""
    for position in range(at, min(at + MAX_SIGNERS + 1, len(lines))):
        line = lines[position]
        if line.is_row:
            return None
        if is_date(line.text) or position == at and len(line.text) < 70 and line.text.endswith("日") and SIGNED_LINE.fullmatch(line.text):
            return position
        if not (_is_office(line) or OFFICER.fullmatch(line.text)):
            return None
    return None


def issuer_of(title: Sequence[Line], signers: Sequence[str]) -> str:
    """Who issued it: the offices the title opens with, or else those that sign; joined by 、."""
    head = ISSUED_BEFORE.split("\n".join(line.text for line in title), maxsplit=1)[0]
    # 某省人民政府令, 某局公告: the title of an order is its office
    head = re.sub(r"(?:令|公告|通告)\s*$", "", head)
    signed = [squeeze(part) for signer in signers for part in _offices(signer)]
    offices = [part for part in _offices(head) if part]
    whole = squeeze(head)
    if not (whole and BARE_OFFICE.fullmatch(whole)):
        return "、".join(signed)
    # Two offices printed without a gap are told apart by those that sign.
    if "".join(signed) == whole:
        return "、".join(signed)
    return "、".join(offices)


def _offices(text: str) -> list[str]:
    """The offices that white space parts; one name with a space inside stays one."""
    parts = text.split()
    return parts if all(BARE_OFFICE.fullmatch(part) and len(part) > 3 for part in parts) else [squeeze(text)]


def kind_of(title: str) -> str:
    """任免 for appointments; of a covering letter the kind of what it carries (方案, 规划 …); else the title's own last word."""
    plain = re.sub(r"[（(][^（）()]{1,16}[）)]", "", squeeze(title))
    if PERSONNEL.search(plain) and "办法" not in plain:
        return "任免"
    if ENCLOSING.search(plain):
        inner = re.sub(r"的?(?:通知|函|通告|公告|决定)[》”]?$", "", plain)
        ends = re.findall(rf"(?:{KINDS})(?=[》〉”]|$)", inner)
        if ends:
            return ends[-1]
    words = re.findall(KINDS, plain)
    return words[-1] if words else ""
