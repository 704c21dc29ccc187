"""What the second stage of retrieval reads off a question and a candidate passage: one row of numbers a candidate."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from .exact import Exact
from .model import Passage
from .terms import Matches

NAMES = (
    "dense", "dense_rank", "words", "words_rank", "pairs", "pairs_rank", "headings", "rules", "covered",
    "notice_dense", "notice_lexical", "near_dense", "near_lexical",
    "district_agrees", "district_differs", "year_agrees", "year_differs", "year_in_text",
    "number_of_notice", "article", "person", "phone",
    "asks_amount", "asks_date", "asks_who", "asks_how", "asks_what", "asks_title",
    "asked_before", "is_row", "is_head", "is_tail", "is_heading", "length",
)
RANK_OFFSET = 10  # of 1 / (offset + rank): the first ranks differ, those after fifty hardly
SPREAD = 5  # steps that a question's candidates spread over, about

YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
ASKS = {  # what a question asks for, and how a clause that says so looks
    "asks_amount": (re.compile(r"多少|几[个名人家处张块万类级条种]|比例|百分|率|金额|标准|上限|最高|最低|多大|多长"), re.compile(r"\d")),
    "asks_date": (
        re.compile(r"什么时候|啥时候|几月|几号|哪(?:一|几)?天|哪年|何时|多久|期限|截止|日期|时间|到期|几点|月底|年底"),
        re.compile(r"\d\s*[年月日]|工作日|时限|期限|月底|年底"),
    ),
    "asks_who": (
        re.compile(r"谁|哪个(?:部门|单位|科|局|委)|哪家|哪些部门|归哪|牵头|主责|负责|责任|主办|承办|联系人"),
        re.compile(r"牵头|责任单位|主责|负责|承办|主办|组长|同志|[市区县][\u4e00-\u9fff]{1,8}[委局办]"),
    ),
    "asks_how": (re.compile(r"怎么|如何|咋|流程|程序|步骤|手续|材料|证明|申请|办理"), re.compile(r"申请|提交|提供|办理|审核|材料|登记|受理")),
    "asks_what": (re.compile(r"是什么意思|什么叫|啥叫|指什么|是指|定义|含义|什么是"), re.compile(r"是指|所称|指的是|本\S{1,8}所")),
}
ASKS_TITLE = re.compile(r"文号|哪个文件|哪份文件|什么文件|文件名|发文")
HEAD, TAIL = {"title", "number", "addressee"}, {"signature", "date", "attachment"}


class Features:
    """What is known of each passage before any question; arrays over passage positions."""

    def __init__(self, passages: Sequence[Passage], *, exact: Exact) -> None:
        self.exact = exact
        keys = {key: number for number, key in enumerate(dict.fromkeys((p.source, p.notice) for p in passages))}
        self.notice = np.asarray([keys[p.source, p.notice] for p in passages], np.int64)
        districts = list(dict.fromkeys(p.district for p in passages if p.district))
        self.district = np.asarray([districts.index(p.district) if p.district else -1 for p in passages], np.int64)
        self.stems = [re.sub(r"(?<=..)[区县市]$", "", district) for district in districts]
        years = sorted({year for p in passages for year in p.years})
        self.years = {year: np.asarray([year in p.years for p in passages]) for year in years}
        self.printed = {year: np.asarray([str(year) in p.text for p in passages]) for year in years}
        self.looks = {name: np.asarray([bool(clause.search(p.text)) for p in passages]) for name, (_, clause) in ASKS.items()}
        self.fixed = np.stack([
            np.asarray([p.kind == "row" for p in passages]), np.asarray([p.kind in HEAD for p in passages]),
            np.asarray([p.kind in TAIL for p in passages]), np.asarray([p.kind == "heading" for p in passages]),
            np.asarray([np.log1p(len(p.text)) / 5 for p in passages]),
        ], axis=1).astype(np.float32)

    def rows(
        self, question: str, candidates: np.ndarray, *, near: np.ndarray, before: np.ndarray, matches: Matches, years: Sequence[int] = ()
    ) -> np.ndarray:
        """``(candidates, len(NAMES))`` fp32; ``near`` and ``before`` in steps, ``years`` are those asked for besides those in the words."""
        at = candidates
        dense = (near - near.max()) / SPREAD
        words, pairs = _to_best(matches.words, at), _to_best(matches.pairs, at)
        lexical = (words + pairs) / 2
        columns = [
            dense, _by_rank(near), words, _by_rank(words), pairs, _by_rank(pairs), _to_best(matches.headings, at),
            _to_best(matches.rules, at), matches.covered[at],
            self._best_of_notice(at, dense), self._best_of_notice(at, lexical),
            *self._near(at, dense, lexical), *self._place(question, at), *self._time(question, at, years), *self._exact(question, at),
            *((self.looks[name][at] if asked.search(question) else np.zeros(len(at))) for name, (asked, _) in ASKS.items()),
            self.fixed[at, 1] if ASKS_TITLE.search(question) else np.zeros(len(at)), before,
        ]
        return np.concatenate([np.stack(columns, axis=1), self.fixed[at]], axis=1).astype(np.float32)

    def named_districts(self, question: str) -> list[int]:
        """Numbers of the districts that the question's words name."""
        return [number for number, stem in enumerate(self.stems) if stem in question]

    def _best_of_notice(self, at: np.ndarray, values: np.ndarray) -> np.ndarray:
        """For each candidate the mean of its notice's three best values: a notice that matches often is the right one."""
        order = np.lexsort((-values, self.notice[at]))
        first = np.flatnonzero(np.diff(self.notice[at[order]], prepend=-1))
        counts = np.diff(first, append=len(at))
        best = np.where(np.arange(len(at)) - np.repeat(first, counts) < 3, values[order], 0)
        result = np.empty(len(at), np.float32)
        result[order] = np.repeat((np.add.reduceat(best, first) + (3 - np.minimum(counts, 3)) * values.min()) / 3, counts)
        return result

    def _near(self, at: np.ndarray, dense: np.ndarray, lexical: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The better value of the passages just before and after in the same notice, the worst of all where those are no candidates."""
        order = np.argsort(at)
        places, columns = at[order], []
        for values in (dense, lexical):
            result = np.full(len(at), values.min(), np.float32)
            for step in (-1, 1):
                found = np.searchsorted(places, at + step)
                found = np.where(found < len(places), found, 0)
                other = order[found]
                real = (places[found] == at + step) & (self.notice[at] == self.notice[at[other]])
                result = np.where(real, np.maximum(result, values[other]), result)
            columns.append(result)
        return columns[0], columns[1]

    def _place(self, question: str, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        named = self.named_districts(question)
        agrees = np.isin(self.district[at], named)
        return agrees, ~agrees & bool(named)

    def _time(self, question: str, at: np.ndarray, years: Sequence[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        none = np.zeros(len(at), bool)
        asked = [year for year in {*map(int, YEAR.findall(question)), *years} if year in self.years]
        agrees = np.logical_or.reduce([self.years[year][at] for year in asked]) if asked else none
        printed = np.logical_or.reduce([self.printed[year][at] for year in asked]) if asked else none
        return agrees, ~agrees & bool(asked), printed

    def _exact(self, question: str, at: np.ndarray) -> list[np.ndarray]:
        found = self.exact.positions(self.exact.mentions(question))
        return [np.isin(at, found[kind]) if kind in found else np.zeros(len(at), bool) for kind in ("notice", "article", "person", "phone")]


def _to_best(scores: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The candidates' scores as shares of the best."""
    values = scores[at]
    return values / max(float(values.max(initial=0)), 1e-6)


def _by_rank(values: np.ndarray) -> np.ndarray:
    """``RANK_OFFSET / (RANK_OFFSET + rank)``, 0 for what has no score."""
    ranks = np.empty(len(values), np.float32)
    ranks[np.argsort(-values, kind="stable")] = np.arange(len(values))
    return np.where(values == 0, 0, RANK_OFFSET / (RANK_OFFSET + ranks))
