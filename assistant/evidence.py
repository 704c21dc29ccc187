"""How well hits support an answer to a question: its words weighed by rarity within one passage, its nearness, the answer's kind."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from corpus.normalise import normalise
from indexing import Hit, Index
from indexing.exact import PHONE
from indexing.features import ASKS
from indexing.lexicon import entries
from indexing.terms import FILLER, pairs

DEPTH = 5  # hits looked at
# What carries no matter in a question of any kind, besides what terms.FILLER leaves out.
EMPTY = re.compile(
    r"^(?:知道|需要|应该|是否|能够|分别|具体|规定|相关|有关|关于|问题|情况|时候|时间|地方|办法|政府|区里|我家|家里|北京|北京市|根据|按照|进行|以及|对于|目前|已经|没有|有人|多大|多长|多久|几个|几年|哪年|几月|几号|啥时候|怎么办|为啥|行不行|可不可以|算不算|谁|啥|咋)$"
)
ASKED = re.compile(r"什么|啥|多少|几[个名家人天月日年块元点级条类]|怎么|咋|如何|哪|谁|何|吗|能不能|是否|有没有|多久|多大|多长")
ASKS_PHONE = re.compile(r"电话|热线|号码|打哪|咨询方式|联系方式")
ASKS_PLACE = re.compile(r"地址|在哪(?:儿|里|办公|$)|什么地方|位置|办公地点")
PLACE = re.compile(r"[路街巷胡同道]\S{0,8}\d{1,4}号|\d号楼|大厦|地址[：:]|窗口|服务大厅|\d层")
MONEY = re.compile(r"多少钱|几块钱|几毛|金额|罚多少|补(?:多少|几)|给多少|发多少|奖多少|多少元|费用")
SUM = re.compile(r"\d[\d,.]*\s?(?:万|亿|百|千)?\s?元|[一二三四五六七八九十百千万]+元|\d+%|百分之")
DIGIT_YEAR = re.compile(r"(?:19|20)\d{2}")


@dataclass(frozen=True, slots=True)
class Concept:
    """A word of the question, with the rules' words for it; ``weight`` is its rarity, ``known`` whether any passage has it."""

    word: str
    forms: tuple[str, ...]
    weight: float
    known: bool


class Evidence:
    """The words of one question with their weights."""

    def __init__(self, question: str, *, index: Index) -> None:
        self.question, self.index = question, index
        self.plain = normalise(question)
        self.count = len(index.passages)
        self.concepts = self._concepts()
        self.total = sum(concept.weight for concept in self.concepts) or 1.0
        self.pairs = self._pairs()

    def _rarity(self, word: str) -> float:
        return math.log(1 + self.count / (1 + self.index.terms.frequencies.get(word, 0)))

    def _concepts(self) -> tuple[Concept, ...]:
        left, found = DIGIT_YEAR.sub(" ", FILLER.sub(" ", self.plain)), []
        for said, ruled in sorted(entries().items(), key=lambda pair: -len(pair[0])):
            if said in left:
                forms = (said, *ruled)
                parts = [self._rarity(word) for form in ruled for word in self.index.terms.words(form) if len(word) > 1]
                found.append(Concept(said, forms, max(min(parts, default=4.0), 2.0), True))
                left = left.replace(said, " ")
        for word in dict.fromkeys(self.index.terms.words(left)):
            if (len(word) > 1 or not "\u4e00" <= word <= "\u9fff") and not EMPTY.match(word):
                found.append(Concept(word, (word,), self._rarity(word), word in self.index.terms.frequencies))
        # jieba's search words repeat the parts of a long word: the parts count, and the whole counts as one more.
        return tuple(found)

    def _pairs(self) -> dict[str, float]:
        found = {pair for run in FILLER.sub(" ", self.question).split() for pair in pairs(run)}
        return {pair: self.index.terms.pair_rarity(pair) for pair in found}

    @property
    def unknown(self) -> float:
        """The share of the question's weight that no passage has."""
        return sum(concept.weight for concept in self.concepts if not concept.known) / self.total

    def coverage(self, text: str) -> float:
        """The share of the question's weight that stands in ``text``, in its own words or the rules'."""
        plain = normalise(text)
        return sum(c.weight for c in self.concepts if any(form in plain for form in c.forms)) / self.total

    def pair_coverage(self, text: str) -> float:
        """The same for pairs of neighbouring characters."""
        plain = normalise(text)
        total = sum(self.pairs.values()) or 1.0
        return sum(weight for pair, weight in self.pairs.items() if pair in plain) / total

    @cached_property
    def rarest(self) -> Concept | None:
        """The word that tells most."""
        return max(self.concepts, key=lambda concept: concept.weight, default=None)

    @cached_property
    def asked(self) -> Concept | None:
        """The word nearest before what asks: of 首班车几点 the 首班车."""
        at = ASKED.search(self.plain)
        if not at:
            return self.concepts[-1] if self.concepts else None
        before = [(self.plain.rfind(c.word, 0, at.start()), c) for c in self.concepts]
        before = [pair for pair in before if pair[0] >= 0]
        return max(before, key=lambda pair: pair[0] + len(pair[1].word))[1] if before else None

    def holds(self, concept: Concept | None, text: str) -> float:
        plain = normalise(text)
        return float(concept is None or any(form in plain for form in concept.forms))


NAMES = (
    "dense_top", "dense_spread", "dense_second", "lexical_agrees", "score_top", "score_gap", "score_drop", "same_notice",
    "words_top", "words_best", "words_text", "words_union", "pairs_top", "pairs_best", "pairs_text",
    "rarest", "rarest_notice", "asked", "asked_text", "unknown", "heading",
    "amount_missing", "date_missing", "who_missing", "phone_missing", "money_missing", "place_missing",
    "year_missing", "year_other", "district_named", "length", "rarity",
)


def support(evidence: Evidence, hits: Sequence[Hit], *, years: Sequence[int] = (), districts: Sequence[str] = ()) -> np.ndarray:
    """``(len(NAMES),)`` fp64 of what tells support from mere nearness; ``hits`` are the ranked ones, at least one."""
    best = hits[:DEPTH]
    texts = [hit.passage.embedded_text for hit in best]
    bare = [hit.passage.text for hit in best]
    cosines = np.asarray([hit.dense if hit.dense is not None else 0.75 for hit in hits])
    scores = np.asarray([hit.score for hit in hits])
    words = [evidence.coverage(text) for text in texts]
    both = [evidence.pair_coverage(text) for text in texts]
    top = best[0].passage
    others = [hit for hit in hits if hit.passage.notice != top.notice]
    lexical = [hit.lexical or 0.0 for hit in hits]
    question = evidence.question
    seen = "\n".join(bare[:3])

    def missing(asked: re.Pattern[str], look: re.Pattern[str]) -> float:
        return float(bool(asked.search(question)) and not look.search(seen))

    def kind_missing(name: str) -> float:
        asked, look = ASKS[name]
        return missing(asked, look)

    rarest, asked = evidence.rarest, evidence.asked
    heading = " ".join((top.title, *top.path))
    wrong_year = [year for year in years if year not in top.years]
    values = (
        (cosines[0] - 0.85) * 10, (cosines[0] - cosines[min(len(hits), 20) // 2 :].mean()) * 10,
        (np.sort(cosines)[-min(5, len(cosines)) :].mean() - 0.85) * 10,
        float(int(np.argmax(lexical)) < 3), scores[0] / 10, (scores[0] - scores[1]) / 5 if len(hits) > 1 else 0.0,
        (scores[0] - others[0].score) / 5 if others else 1.0, sum(hit.passage.notice == top.notice for hit in best) / DEPTH,
        words[0], max(words[:3]), max(evidence.coverage(text) for text in bare[:3]), evidence.coverage("\n".join(texts)),
        both[0], max(both[:3]), max(evidence.pair_coverage(text) for text in bare[:3]),
        max(evidence.holds(rarest, text) for text in texts[:3]), evidence.holds(rarest, " ".join(texts)),
        max(evidence.holds(asked, text) for text in texts[:3]), max(evidence.holds(asked, text) for text in bare[:3]),
        evidence.unknown, evidence.coverage(heading),
        kind_missing("asks_amount"), kind_missing("asks_date"), kind_missing("asks_who"),
        missing(ASKS_PHONE, PHONE), missing(MONEY, SUM), missing(ASKS_PLACE, PLACE),
        float(bool(years) and bool(wrong_year) and not any(str(year) in seen for year in years)), float(bool(wrong_year)),
        float(bool(districts)), min(len(question), 60) / 30, evidence.total / 40,
    )
    return np.asarray(values, np.float64)
