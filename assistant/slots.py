"""What a question asks about the paper itself: since when, until when, instead of what, when issued, under which number, who explains it, whom to call."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus import Clause, Corpus, Notice, Span

from .outline import ARTICLE, Outline
from .scope import article

WHEN = r"(?:什么时候|啥时候|何时|何日|哪天|哪一天|几号|几月|哪年|多久|日期|时间)"
FORCE = re.compile(rf"{WHEN}.{{0,10}}(?:施行|实施|执行|生效|起效|作数)|(?:施行|实施|执行|生效)(?:的)?(?:日期|时间|日)|{WHEN}.{{0,6}}(?:开始|起)(?:的(?![\u4e00-\u9fff])|禁|不让|不许)|生效")
UNTIL = re.compile(r"(?<![证卡照同])有效期|失效|作废|还管用|还有效|过期|到什么时候|(?:办法|规定|政策|文件|通[知告]|意见|细则|方案|条例)[^，。；？?]{0,10}(?:到期|哪天(?:截止|为止))|施行期|试行期")
INSTEAD = re.compile(r"废止|取代|替代|作废|代替|旧(?:文件|办法|规定|政策)|老(?:文件|办法|规定|政策)|以前的(?:文件|办法|规定)")
ISSUED = re.compile(rf"{WHEN}.{{0,6}}(?:印发|发布|公布|出台|发(?:的|$)|签发|下发|发文|成文)|(?:印发|发布|公布|出台|成文|落款|签发|发文)(?:的)?(?:日|时间|日期)|落款")
NUMBER = re.compile(r"文号|(?:多少|第?几|什么)号文|哪号文|哪个文件|哪份文件|什么文件|文件(?:名|叫什么|号)|发文号|发文字号|出自哪")
EXPLAINED = re.compile(r"(?:谁|哪|什么部门|什么单位)[^，。；？?]{0,8}解释|解释权|(?:不明白|不清楚|没看懂|看不懂|有疑问)[^。；？?]{0,12}[问找][^，。；？?]{0,4}(?:谁|哪)")
EXPLAINS = re.compile(r"由[^，。；]{2,40}解释|解释权")
CONTACT = re.compile(r"联系人|(?:联系|咨询)(?:电话|方式)|打电话[^，。；？?]{0,4}[问咨]")
CONTACTS = re.compile(r"(?:联系人|(?:联系|咨询)电话)[^。；]{0,20}\d{7}")
FROM_ISSUE = re.compile(r"(?:印发|发布|公布|颁布|下发|发文|通过)之日|即日起")


def asked(question: str, notice: Notice, *, alone: bool, ruled: bool, corpus: Corpus, outline: Outline) -> list[list[Clause]]:
    """Runs of neighbouring clauses of ``notice``, each one answer to what the question asks about the paper; [] if nothing.

    ``alone``: the question is about this notice and no other, so that an article's number is one of its own. ``ruled``: one of
    its rules surely answers, so that what is issued is another thing than the notice: 录取通知书几月份发.
    """
    held = notice.validity
    spans: list[Span | None] = []
    if UNTIL.search(question):
        spans += [held.expires_clause]
    if FORCE.search(question) or UNTIL.search(question) and not held.expires_clause:
        spans += [held.in_force_clause]
    if INSTEAD.search(question):
        spans += [held.repeals_clause]
    runs = [[clause] for span in spans if span for clause in corpus.clauses_at(notice.source, span.start, span.end)[:1]]
    runs = [run for at, run in enumerate(runs) if run not in runs[:at]]
    if ISSUED.search(question) and not ruled:
        runs.append(outline.issue(notice, introduced=True))
    elif (FORCE.search(question) or UNTIL.search(question)) and counts_from_issue(runs):
        # What issues the text may be its last paragraph, which says since when it holds too.
        runs.append([clause for clause in outline.issue(notice, introduced=True) if all(clause not in run for run in runs)])
    runs += [outline.numbered(notice, article(number)) for number in ARTICLE.findall(question)] if alone else []
    runs += [told for asks, tells in ((EXPLAINED, EXPLAINS), (CONTACT, CONTACTS)) if asks.search(question) for told in outline.telling(notice, tells)]
    if NUMBER.search(question):
        runs.append(outline.head(notice))
    return [run for run in runs if run]


def counts_from_issue(runs: Sequence[Sequence[Clause]]) -> bool:
    return any(FROM_ISSUE.search(clause.text) for run in runs for clause in run)
