"""How likely each unit of the passages found is to be the answer: its features, and the open model that weighs them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path

import numpy as np

from corpus.errors import GazetteError
from corpus.normalise import normalise
from indexing import Hit
from indexing.lexicon import mapped

from . import measures
from .outline import FORM, LEADS
from .units import Unit, Units, pairs

FILLER = re.compile(
    r"请问|想问|我想|我们|咱们|你们|听说|那个|这个|一下|到底|现在|还是|什么|怎么样?|怎样|多少|哪些|哪个|哪里|哪儿|几|可以|能不能|有没有|是不是|要不要|会不会"
    r"|谁|啥|咋|吗|呢|啊|吧|呀|的|了|是|我|你|他|她"
)
# What is asked for, and how a sentence that says so looks.
ASKED = {
    "amount": (r"多少|几(?!号|月|点|时)|比例|百分|率|金额|标准|上限|最高|最低|多大|多长|面积|补贴|钱", r"\d"),
    "money": (r"钱|补贴|补助|金额|罚|奖励|费|投资|资金|补偿", r"\d\s*(?:万|亿)?元|费用?由|免费|无偿"),
    "date": (r"什么时候|啥时候|几月|几号|哪(?:一|几)?天|哪年|何时|时间|截止|日期|几点|月底|年底|起止", r"\d\s*[年月日时]|年底|月底|全年|长期"),
    "term": (r"多久|期限|几天|几年|几个月|多长时间|时限|工作日|多少天|以内|之内", r"\d\s*(?:个)?(?:工作日|日|天|个?月|年|小时|分钟)"),
    "who": (
        r"谁|哪个(?:部门|单位|科|局|委|街道)|哪家|哪些(?:部门|单位)|归哪|牵头|主责|负责|责任|主办|承办|联系人|单位",
        r"牵头|责任单位|主责|负责|承办|主办|组长|同志|由\S{2,20}(?:委|局|办|中心|街道|政府|部门)|[市区县]\S{1,8}[委局办]",
    ),
    "how": (r"怎么|如何|咋|流程|程序|步骤|手续|办理|申请", r"申请|提交|提供|办理|审核|登记|受理|报名|通过"),
    "papers": (r"材料|证明|证件|带什么|交什么|手续|凭什么", r"材料|证明|证书|户口簿|身份证|合同|申请表|复印件|凭"),
    "where": (r"哪里|哪儿|在哪|地点|地址|去哪|上哪|系统|网站|平台", r"路|街|号|系统|平台|网站|窗口|大厅|中心|地点"),
    "meaning": (r"是什么意思|什么叫|啥叫|指什么|是指|指的|定义|含义|什么是|是啥|算不算|算吗", r"是指|所称|指的是|包括|本\S{1,8}所"),
    "may": (r"能不能|可以|能(?=\S{0,20}吗)|行不行|允许|准不准|让不让|吗", r"可以|可|不得|禁止|严禁|不予|不能|应当|允许|方可|须"),
    "who may": (r"条件|资格|要求|谁能|哪些人|什么人|符合|对象|够不够|算不算|(?:啥|什么)样的?[^，。；？?]{1,6}[才能可]|哪[些类种][^，。；？?]{1,6}(?:能|可以|才)", r"符合|条件|具有|具备|满\d|以上|户籍|对象|下列"),
    "which": (r"哪些|哪几|都有|有几|列出|包括|具体|分别|几[个种类项条处家]", r"、\S+、|包括|下列|以下|分为"),
    "penalty": (r"罚|处罚|后果|追究|违反|查出来|会怎样|怎么处理|惩", r"罚|处分|追究|责令|取消|不予|查处|扣|约谈|收回|退回"),
    "force": (r"生效|施行|执行|实施|有效期|失效|废止|作废|到期", r"起施行|起实施|起执行|有效期|废止|自\S{2,20}起|至\S{2,12}止"),
    "title": (r"文号|哪个文件|哪份文件|什么文件|文件名|发文|哪号文", r"〔\d{4}〕"),
    "phone": (r"电话|热线|打哪|联系方式|号码|咨询", r"\d{7,8}|\d{3,4}-\d{7,8}|12345"),
    "person": (r"局长|区长|主任|书记|任命|任职|免职|免去|分管|同志|领导", r"同志|任\S{2,20}[长任]|免去|分管|负责\S{2,30}工作"),
}  # fmt: skip
ASKED = {name: (re.compile(question), re.compile(clause)) for name, (question, clause) in ASKED.items()}
YEAR = re.compile(r"(?:19|20)\d{2}年?")
# Who signed, when, and to whom: told where a question asks about the paper itself (assistant/slots.py).
SILENT = {"signature", "addressee", "date"}
KINDS = ("row", "heading", "note", "title", "number", "attachment")
NAMES = (
    "covered", "covered_best", "covered_above", "covered_above_best", "covered_passage", "telling", "telling_best", "telling_above",
    "beyond", "beyond_best", "beyond_above", "triples", "rules", "share", "longest", "before", "after", "clause_best", "clause_covered",
    "passage", "passage_rank", "dense", "dense_best", "read", "read_with_context", "number_shared", "measure_told", "measure_missing", "asked_before", "asked_before_nearest",
    *(f"asks_{name}" for name in ASKED), *(f"lacks_{name}" for name in ASKED), *(f"above_{name}" for name in ASKED),
    *(f"is_{kind}" for kind in KINDS), "is_lead", "is_preamble", "is_form", "length", "first", "position", "alone", "passage_units", "enumerates",
)  # fmt: skip
# 为贯彻…，根据…，结合本区实际，特制定本办法: it repeats the title and rules nothing.
PREAMBLE = re.compile(r"^(?:为|根据|依据|依照|按照|本\S{2,6}(?:遵照|依据|根据)).{10,400}(?:制定|编制|印发|特制|通知如下|通告如下)")
RANK_OFFSET = 3
NEARER = 4.0  # how fast a question asked before that is so many steps farther than the nearest counts less
LOOKED = 4096  # sentences and contexts whose looks are kept: those of one notice come up for question after question
SPREAD = 0.1  # likenesses of a question's candidates, read word by word, spread over about this much
FILE = Path(__file__).parent / "scoring.json"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit with the hit it came from; ``score`` is filled by the model."""

    unit: Unit
    hit: Hit
    rank: int


def candidates(hits: Sequence[Hit], units: Units) -> list[Candidate]:
    """The units of the hits' passages, each once, in the order of the hits."""
    seen: set[int] = set()
    found = []
    for rank, hit in enumerate(hits):
        for unit in units.of_passage(hit.passage):
            if unit.number not in seen and unit.clause.kind not in SILENT:
                seen.add(unit.number)
                found.append(Candidate(unit, hit, rank))
    return found


class Question:
    """What of a question can stand in a clause: its pairs of characters by rarity, its triples, the rules' words for it."""

    def __init__(self, text: str, *, units: Units) -> None:
        self.text = text
        plain = normalise(text)
        # District and year tell notices apart, not the sentences of a notice: they would speak for every line with a date.
        matter = FILLER.sub(" ", YEAR.sub(" ", units.places.sub(" ", plain)))
        self.pairs = sorted(pairs(matter))
        self.rarity = np.asarray([units.rarity(pair) for pair in self.pairs], np.float32)
        self.triples = [run[at : at + 3] for run in re.findall(r"[\u4e00-\u9fffa-z0-9.%]+", matter) for at in range(len(run) - 2)]
        self.rules = mapped(text)
        self.numbers = set(re.findall(r"\d+", YEAR.sub("", plain)))
        self.asks = [bool(asked.search(plain)) for asked, _ in ASKED.values()]


@dataclass(frozen=True, slots=True)
class Table:
    """``rows`` ``(candidates, len(NAMES))`` fp32; ``telling`` ``(pairs,)`` how well each pair of the question tells the
    candidates apart, 1 in all."""

    rows: np.ndarray
    telling: np.ndarray


def table(question: Question, found: Sequence[Candidate], units: Units) -> Table:
    """What is known of each candidate in the light of the question."""
    mine = [one.unit for one in found]
    own = present(question.pairs, [unit.flat for unit in mine])
    above = present(question.pairs, [unit.context for unit in mine]) | own
    passages = {id(one.hit): one.hit.passage for one in found}
    texts = dict(zip(passages, present(question.pairs, [normalise(p.embedded_text) for p in passages.values()]), strict=True))
    weight = question.rarity / max(float(question.rarity.sum()), 1e-6)
    # A pair that nearly every candidate has tells none from the others.
    telling = np.log(1 + len(mine) / (1 + own.sum(axis=0))).astype(np.float32) * question.rarity
    telling /= max(float(telling.sum()), 1e-6)
    covered, covered_above, told = own @ weight, above @ weight, own @ telling
    number = np.asarray([unit.number for unit in mine])
    # What the notice's title has already tells no more about its sentences: it would speak for "为贯彻…，特制定…".
    titled = present(question.pairs, [units.title(unit.clause.notice) for unit in mine])
    beyond = (own & ~titled) @ weight
    neighbours = dict(zip(number.tolist(), covered.tolist(), strict=True))
    clause: dict[str, float] = {}
    union: dict[str, np.ndarray] = {}
    for unit, value, row in zip(mine, covered, own, strict=True):
        clause[unit.clause.id] = max(clause.get(unit.clause.id, 0.0), float(value))
        union[unit.clause.id] = union[unit.clause.id] | row if unit.clause.id in union else row
    scores = np.asarray([one.hit.score for one in found], np.float32)
    dense = np.asarray([one.hit.dense or 0.0 for one in found], np.float32)
    before = units.asked_before(question.text)[number]
    read = np.concatenate([units.closely(question.text, hit.passage, [one.unit.text for one in some]) for hit, some in by_hit(found)])
    triples = present(question.triples, [unit.flat for unit in mine]).mean(axis=1) if question.triples else np.zeros(len(mine))
    rules = present(question.rules, [unit.flat + unit.context for unit in mine]).mean(axis=1) if question.rules else np.zeros(len(mine))
    looks = np.asarray([looked(unit.text) for unit in mine])
    above_looks = np.asarray([looked(unit.context) for unit in mine])
    asks = np.asarray(question.asks)
    count = {id(one.hit): 0 for one in found}
    for one in found:
        count[id(one.hit)] += 1
    best = lambda values: values / max(float(values.max(initial=0)), 1e-6)  # noqa: E731
    columns = [
        covered, best(covered), covered_above, best(covered_above), np.asarray([texts[id(one.hit)] for one in found]) @ weight,
        told, best(told), above @ telling, beyond, best(beyond), (above & ~titled) @ telling, triples, rules,
        np.asarray([float(row @ question.rarity) / max(unit.weight, 1e-6) for row, unit in zip(own, mine, strict=True)]),
        best(triples), [neighbours.get(n - 1, 0.0) for n in number], [neighbours.get(n + 1, 0.0) for n in number],
        covered / np.maximum(np.asarray([clause[unit.clause.id] for unit in mine]), 1e-6),
        np.asarray([union[unit.clause.id] for unit in mine]) @ weight,
        scores - scores.max(), [RANK_OFFSET / (RANK_OFFSET + one.rank) for one in found], dense / 10, (dense - dense.max()) / 5, *((read - read.max(axis=0)) / SPREAD).T,
        [sum(n in unit.flat for n in question.numbers) for unit in mine], *measures.told(question.text, mine).T, before, np.where(before > 0, np.exp(NEARER * (before - before.max(initial=0))), 0),
        *(looks & asks).T, *(~looks & asks).T, *(above_looks & asks).T,
        *([unit.clause.kind == kind for unit in mine] for kind in KINDS),
        [bool(LEADS.search(unit.text)) for unit in mine],
        [bool(PREAMBLE.search(unit.text)) for unit in mine], [bool(FORM.search(unit.text)) for unit in mine],
        [np.log1p(len(unit.text)) / 5 for unit in mine], [unit.at == 0 for unit in mine], [unit.at / max(1, unit.of - 1) for unit in mine],
        [unit.of == 1 for unit in mine], [np.log1p(count[id(one.hit)]) for one in found], [min(unit.text.count("、"), 8) / 8 for unit in mine],
    ]
    return Table(np.stack([np.asarray(column, np.float32) for column in columns], axis=1), telling)


@lru_cache(LOOKED)
def looked(text: str) -> tuple[bool, ...]:
    """For each kind of ``ASKED`` whether ``text`` looks as if it told that."""
    return tuple(bool(look.search(text)) for _, look in ASKED.values())


def by_hit(found: Sequence[Candidate]) -> list[tuple[Hit, list[Candidate]]]:
    """The candidates of each hit; they stand one after the other."""
    return [(some[0].hit, some) for _, group in groupby(found, key=lambda one: id(one.hit)) if (some := list(group))]


def present(terms: Sequence[str], texts: Sequence[str]) -> np.ndarray:
    """``(texts, terms)`` of bool: which text has which term."""
    return np.asarray([[term in text for term in terms] for text in texts], bool).reshape(len(texts), len(terms))


class Scorer:
    """The model of ``scoring.json``: one hidden layer over the features, a softmax over a question's units."""

    def __init__(self, file: Path = FILE) -> None:
        table = json.loads(file.read_text("utf-8"))
        if tuple(table["features"]) != NAMES:
            odd = ", ".join(sorted(set(table["features"]) ^ set(NAMES))) or "their order"
            raise GazetteError(f"{file}: the model does not fit the features ({odd}); run `python -m benchmarks.answering`")
        self.mean, self.scale, self.hidden, self.bias, self.out = (
            np.asarray(table[name], np.float32) for name in ("mean", "scale", "hidden", "bias", "out")
        )

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Probabilities ``(candidates,)`` that sum to 1, of ``features`` ``(candidates, len(NAMES))``."""
        inner = np.maximum((features - self.mean) / self.scale @ self.hidden + self.bias, 0)
        scores = inner @ self.out
        exponent = np.exp(scores - scores.max())
        return exponent / exponent.sum()
