"""What a notice's title and signature say: who issued it, of what kind it is, what it carries, and when it was signed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .attachments import same_name
from .lines import Line, close_up
from .numbering import DATE, fold, is_date, mark_of, squeeze
from .quoted import quoted_titles

KINDS = "通知|通告|公告|意见|决定|决议|批复|函|命令|令|通报|报告|请示|方案|规划|计划|办法|细则|规定|规程|规则|预案|条例|措施|要点|纲要|指引|导则|标准|分工|名单"
OFFICE_END = "人民政府|政府|办公室|办公厅|委员会|委|局|厅|部|署|院|处|中心|领导小组|指挥部|总队|支队|分局|法院|检察院|联合会|总会|公司|集团|街道|地区|镇|乡"
BARE_OFFICE = re.compile(rf"[\u4e00-\u9fff（）()、\s]{{2,40}}(?:{OFFICE_END})[）)]?")
TITLE_END = re.compile(rf"(?:{KINDS})(?:[（(][^（）()]{{1,16}}[）)])?[》”\"]?$")
SENTENCE_END = re.compile(r"[。；：！？;:，,、]$")
PUBLIC = re.compile(r"[（(]\s*(?:此件|本文|本件|此文)[^（）()]{0,30}[）)]")
# 抄送：县委各部门。 · 青禾县人民政府办公室　2023年4月18日印发: what stands below the last rule of a paper
IMPRINT = re.compile(r"(?:抄\s*送|抄\s*报|主题词|分\s*送)\s*[:：].{1,200}|[\u4e00-\u9fff\s]{4,40}\s*\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日\s*印发")
SIGNED_LINE = re.compile(rf"(?P<office>[\u4e00-\u9fff（）()、\s]{{2,50}}?)\s+(?P<date>{DATE.pattern})")
PERSONNEL = re.compile(r"任免|任职|免职|转正|职务任免|同志任|任命")
ENCLOSING = re.compile(r"(?:印发|转发|批转|发布|公布)")
SENT_ON = re.compile(r"(?:印发|转发|批转|发布|公布)(?P<name>.{4,120}?)(?:的(?:通知|通告|公告|决定|函))?$")
ISSUED_BEFORE = re.compile(r"关于|印发|转发|批转|公布|发布|《")
REMARK = re.compile(r"[（(][^（）()]{2,12}[）)]")
# 省长 张某某: an order is signed by a person
OFFICER = re.compile(r"(?:代理?)?(?:主席|总理|省长|市长|区长|县长|州长|盟长|旗长|镇长|乡长|主任|局长|厅长|部长|署长|院长)[\s：:]*[\u4e00-\u9fff·]{1,6}(?:\s[\u4e00-\u9fff·]{1,4})?")
MAX_SIGNERS = 6
MAX_TITLE_LINES = 6


def is_office(line: Line) -> bool:
    """The line is nothing but the name of an office, or of several."""
    text = line.text
    return not line.is_row and len(text) <= 42 and bool(BARE_OFFICE.fullmatch(text)) and not text.startswith(("附件", "附表", "第")) and mark_of(text) is None


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
        if not (is_office(line) or OFFICER.fullmatch(line.text)):
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
