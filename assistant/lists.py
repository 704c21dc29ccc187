"""Lists that a question asks for by name: the papers to hand in, the headings that are the items, so and so many of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus import Clause, Notice

from .outline import LEADS, Outline

# That papers to hand in are asked for; the lead-in of a list of them; that an item names one.
PAPERS = re.compile(
    r"(?:[带交备拿持要]|提供|提交|出示)(?:上|齐)?(?:些|哪些|什么|啥|哪几)[^，。；？?]{0,4}(?:材料|手续|证|资料|东西|[？?]?$)|(?:哪些|什么|啥)(?:申请|证明)?(?:材料|证件|资料)"
    r"|(?:材料|证件|资料)(?:[都有是要]|包括|分别){0,2}(?:哪些|清单|什么|啥)|(?:申请|报名|所需|需要|提交|要交)的?(?:材料|证件|资料)[？?]?$"
)
ASKS_PAPERS = re.compile(r"材料|资料|证件|手续")
PAPER = re.compile(r"户口簿|身份证|证明|证书|执照|合同|复印件|申请表|审批表|[^保认签论考]证(?:[》（(、；]|$)|凭证|发票|承诺书")
# An item that is the name of a paper and no more: 2. 《西城区创业者房租补贴审批表》(附件14);
NAME_OF_PAPER = re.compile(r"[（(]?[\d一二三四五六七八九十]{0,3}[)）.、．]?\s?《[^《》]{2,60}》\s?(?:[（(]附件\s?\d{0,3}[)）])?(?:原件|复印件|及|和){0,4}[；;。，,]?")
NUMBERED, COUNTS = re.compile(r"哪([两二三四五六七八九十])"), dict(zip("两二三四五六七八九十", (2, *range(2, 11)), strict=True))
WHICH = re.compile(r"(?:哪些|[哪有]几(?:[个项种类条]|方面)?|几[个项种类]|哪?[三四五六七八九十]大)(?:大|主要的?|重点)?[\u4e00-\u9fff]{0,4}?(?P<what>[\u4e00-\u9fff]{2})(?=[^\u4e00-\u9fff]|$|[几都有是要在由和与的包分来下时里])")


def papers_asked(question: str) -> bool:
    """Whether papers to hand in are asked for."""
    return bool(PAPERS.search(question))


def names_papers(clause: Clause) -> bool:
    """Whether a clause names some of them by itself."""
    return len(PAPER.findall(clause.text)) > 1


def papers(clauses: Sequence[Clause], *, near: Sequence[tuple[Sequence[str], float]], outline: Outline) -> list[Clause]:
    """The lead-in and the items of the list of papers, of a notice's ``clauses``, that stands nearest in its outline to where
    the answer likely stands: under the headings of ``near``, with how likely. [] where the notice has none."""
    found: list[tuple[float, list[Clause]]] = []
    for lead in clauses:
        items = outline.items(lead) if lead.kind in ("text", "note") and LEADS.search(lead.text) and ASKS_PAPERS.search(lead.text) else []
        if len(items) > 1 and sum(bool(PAPER.search(item.text)) for item in items) > 1:
            found.append((sum(odds * shared(path, lead.path) for path, odds in near), [lead, *items]))
    return max(found, key=lambda one: one[0])[1] if found else []


def headings(question: str, notice: Notice, *, outline: Outline) -> list[Clause]:
    """The headings that are the list asked for: of 哪几个工程 each …工程; [] where none are."""
    asked = WHICH.search(question)
    return outline.sister_headings(notice, asked["what"]) if asked else []


def count_asked(question: str) -> int:
    """How many are asked for: 6 of 哪六样; 0 where no number is said."""
    said = NUMBERED.search(question)
    return COUNTS[said[1]] if said else 0


def shared(one: Sequence[str], other: Sequence[str]) -> float:
    """The share of the headings of ``one`` that ``other`` stands under too."""
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    return same / max(1, len(one))
