"""The clauses of a corpus with their neighbours: what leads in to what, which are sisters, what belongs to an item."""

from __future__ import annotations

import re

from corpus import Clause, Corpus, Notice

from .scope import article

# What leads in to what follows: it ends in a colon, or in a sentence that speaks of 下列原因, 以下材料.
LEADS = re.compile(
    r"[:：]\s*$|(?:下列|如下|以下[\u4e00-\u9fff]{0,4}(?:条件|材料|情形|原因|意见|方案|内容|要求|规定|措施|事项|工作|原则|标准|程序|步骤|职责|人员|对象|方式))[^。；：:]{0,40}[。.]\s*$"
)
ATTRIBUTE = re.compile(
    r"^(?:完成时限|完成时间|主责单位|主要责任单位|责任单位|牵头单位|配合单位|责任部门|协办单位)\s*[:：]|^(?:协助\S{2,4}同志)?(?:分管|联系|协管)\S"
)
ARTICLE = re.compile(r"第\s?([一二三四五六七八九十百零\d]{1,5})\s?条")
ITEM = re.compile(r"([一二三四五六七八九十]{1,3})、")
ENDS = re.compile(r"[。.]\s*$")
NEAR = 60  # clauses above an item within which its lead-in is looked for
ISSUED = re.compile(r"印发|通告|通知|公布|发布|决定")
INTRODUCTION = 160  # characters of the sentence that a cover letter issues the enclosed text with
HEAD = {"title", "number"}
SHORTEST_NAME = 4  # characters that say more than 附件1
NEARLY_ALL = 0.8
FORM = re.compile(r"×\s?[×年月日名]|_{2,}|＿{2,}|盖章|填表|签字[:：]|年\s+月\s+日")  # lines of a form to be filled in
FORM_NAME = re.compile(r"(?:申请|审批|登记|建议|汇总|采集)表|名册|申请(?:报告)?$|协议书|记录$|范本|样表")


class Outline:
    """Thread-safe; made once for a corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._place: dict[str, tuple[tuple[Clause, ...], int]] = {}
        for notice in corpus.notices:
            clauses = corpus.clauses_of(notice)
            self._place.update((clause.id, (clauses, at)) for at, clause in enumerate(clauses))
        self._forms = {
            (clause.notice.key, clause.path[:2]) for notice in corpus.notices for clause in corpus.clauses_of(notice)
            if len(clause.path) > 1 and FORM_NAME.search(clause.path[1]) and FORM.search(clause.text)
        }

    def of_form(self, clause: Clause) -> bool:
        """Whether a clause is printed in a form to be filled in: 附件13 西城区创业者房租补贴申请报告."""
        return (clause.notice.key, clause.path[:2]) in self._forms

    def items(self, lead: Clause) -> list[Clause]:
        """The clauses that ``lead`` leads in to: those below its heading, else the paragraphs up to the next full stop."""
        clauses, at = self._place[lead.id]
        depth, found, below = len(lead.path), [], False
        for clause in clauses[at + 1 :]:
            if clause.kind in ("title", "attachment", "signature", "date") or clause.path[:depth] != lead.path:
                break
            deeper = len(clause.path) > depth
            if below and not deeper:
                break
            below = below or deeper
            found.append(clause)
            if not below and ENDS.search(clause.text):
                break
        return found

    def lead(self, item: Clause) -> Clause | None:
        """The lead-in just above ``item`` in the outline, if there is one."""
        clauses, at = self._place[item.id]
        for clause in reversed(clauses[max(0, at - NEAR) : at]):
            above = len(clause.path) < len(item.path) and item.path[: len(clause.path)] == clause.path
            if (above or clause.path == item.path) and LEADS.search(clause.text) and clause.kind in ("text", "heading", "note"):
                return clause
            if above and clause.kind in ("text", "heading"):
                return None
        return None

    def sisters(self, clause: Clause, *, step: int) -> list[Clause]:
        """The clauses of the same kind and depth just before (-1) or after (1), nearest first."""
        clauses, at = self._place[clause.id]
        found = []
        at += step
        while 0 <= at < len(clauses):
            other = clauses[at]
            if other.kind != clause.kind or other.path[:-1] != clause.path[:-1] or len(other.path) != len(clause.path):
                break
            found.append(other)
            at += step
        return found

    def with_attributes(self, clause: Clause) -> list[Clause]:
        """An item with what stands below it and belongs to it: 完成时限：…, 主责单位：…, 分管…, 联系…."""
        clauses, at = self._place[clause.id]
        first = last = at
        while first > 0 and ATTRIBUTE.match(clauses[first].text) and clauses[first].kind == "text":
            first -= 1
        while last + 1 < len(clauses) and ATTRIBUTE.match(clauses[last + 1].text) and clauses[last + 1].kind == "text":
            last += 1
        return list(clauses[first : last + 1])

    def numbered(self, notice: Notice, number: str) -> list[Clause]:
        """第N条 of a notice, its number in digits, with all below it; where it has no articles its item N、 of the first rank."""
        clauses = self.corpus.clauses_of(notice)
        for shape in (ARTICLE, ITEM):
            at = [clause for clause in clauses if any((found := shape.match(line)) and article(found[1]) == number for line in (*clause.path[-1:], clause.text))]
            if at:
                first = at[0]
                return [one for one in clauses if one is first or first.path and one.path[: len(first.path)] == first.path]
            if any(shape.match(clause.text) for clause in clauses):
                return []
        return []

    def telling(self, notice: Notice, pattern: re.Pattern[str]) -> list[list[Clause]]:
        """Runs of neighbouring clauses of a notice, tables apart, that have ``pattern``."""
        runs: list[list[Clause]] = []
        last = None
        for at, clause in enumerate(self.corpus.clauses_of(notice)):
            if clause.kind in ("text", "note", "title") and pattern.search(clause.text):
                if last == at - 1:
                    runs[-1].append(clause)
                else:
                    runs.append([clause])
                last = at
        return runs

    def rows_of(self, name: Clause) -> list[Clause]:
        """The rows of the table that the line of an attachment, a title or a heading names; [] where it names none."""
        rows = [clause for clause in self.corpus.clauses_of(name.notice) if clause.kind == "row" and clause.path]
        return [row for row in rows if len(row.path[-1]) > SHORTEST_NAME and (row.path[-1] in name.text or name.text in row.path[-1])]

    def sister_headings(self, notice: Notice, word: str) -> list[Clause]:
        """Headings of one rank under one heading that nearly all have ``word``: …工程 where 哪几个工程 is asked; [] if there are none."""
        groups: dict[tuple[str, ...], list[Clause]] = {}
        for clause in self.corpus.clauses_of(notice):
            if clause.kind == "heading":
                groups.setdefault(clause.path[:-1], []).append(clause)
        alike = [group for group in groups.values() if len(group) > 2 and sum(word in one.text for one in group) >= NEARLY_ALL * len(group)]
        return max(alike, key=len, default=[])

    def head(self, notice: Notice) -> list[Clause]:
        """A notice's title and number lines."""
        return [clause for clause in self.corpus.clauses_of(notice)[:4] if clause.kind in HEAD]

    def issue(self, notice: Notice, *, introduced: bool) -> list[Clause]:
        """Who signed and when, with the sentence that issues the text before it if ``introduced``."""
        clauses = self.corpus.clauses_of(notice)
        last = next((at for at, clause in enumerate(clauses) if clause.kind == "date"), None)
        if last is None:
            return []
        first = last
        while first > 0 and clauses[first - 1].kind == "signature":
            first -= 1
        before = clauses[first - 1] if first else None
        if introduced and before and before.kind == "text" and len(before.text) <= INTRODUCTION and ISSUED.search(before.text):
            first -= 1
        return list(clauses[first : last + 1])
