"""How well hits support an answer to a question: its words weighed by rarity within one passage, its nearness, the answer's kind."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import yaml

from corpus.normalise import normalise
from indexing import Hit, Index
from indexing.lexicon import concepts
from indexing.terms import FILLER, pairs

from .measures import lacking
from .reading import Reading
from .scoring import NAMES as OF_UNITS

CHANCES = Path(__file__).parent / "chances.yaml"
DEPTH = 5  # hits looked at
# What carries no matter in a question of any kind, besides what terms.FILLER leaves out.
EMPTY = re.compile(
    r"^(?:知道|需要|应该|是否|能够|分别|具体|规定|相关|有关|关于|问题|情况|时候|时间|地方|办法|政府|区里|我家|家里|北京|北京市|根据|按照|进行|以及|对于|目前|已经|没有|有人|多大|多长|多久|几个|几年|哪年|几月|几号|啥时候|怎么办|为啥|行不行|可不可以|算不算|谁|啥|咋)$"
)
ASKED = re.compile(r"什么|啥|多少|几[个名家人天月日年块元点级条类]|怎么|咋|如何|哪|谁|何|吗|能不能|是否|有没有|多久|多大|多长")
DIGIT_YEAR = re.compile(r"(?:19|20)\d{2}")


@dataclass(frozen=True, slots=True)
class Concept:
    """A word of the question, with the rules' words for it.

    ``weight`` is its rarity times ``chance``, the chance that a passage which answers a question prints its words of this
    kind; ``known`` is whether any passage has it.
    """

    word: str
    forms: tuple[str, ...]
    kind: str
    chance: float
    weight: float
    known: bool


class Evidence:
    """The words of one question with their weights, by the table ``by`` of chances (default: the calibration's)."""

    def __init__(self, question: str, *, index: Index, by: dict | None = None) -> None:
        self.question, self.index, self.by = question, index, by or chances()
        self.plain = normalise(question)
        self.count = len(index.passages)
        self.concepts = self._concepts()
        self.total = sum(concept.weight for concept in self.concepts) or 1.0
        self.pairs = self._pairs()

    def _rarity(self, word: str) -> float:
        """Natural logarithm; a word that no passage has is as rare as its rarest pair of characters, at most as rare as can be."""
        frequency = self.index.terms.frequencies.get(word)
        return math.log(1 + self.count / (1 + (frequency or 0)))

    def _concepts(self) -> tuple[Concept, ...]:
        said, left = concepts(self.plain)
        found = []
        for forms in said:
            parts = [self._rarity(word) for form in forms[1:] for word in self.index.terms.words(form) if len(word) > 1]
            chance = self.by["mapped"]
            found.append(Concept(forms[0], forms, "mapped", chance, chance * max(min(parts, default=4.0), 2.0), True))
        for word, flag in tagged(DIGIT_YEAR.sub(" ", FILLER.sub(" ", left)), self.index):
            kind = KIND_OF.get(flag[:1], "other") if flag not in ("eng", "vn", "an") else "noun"
            if not any(sign.isalnum() for sign in word) or EMPTY.match(word) or word in self._places():
                continue
            if len(word) == 1 and "\u4e00" <= word <= "\u9fff" and kind != "noun":
                continue
            known = word in self.index.terms.frequencies
            chance = self.by["words"].get(word, self.by[f"{kind}, {'known' if known else 'unknown'}"])
            found.append(Concept(word, (word,), kind, chance, chance * self._rarity(word), known))
        return tuple({concept.word: concept for concept in found}.values())

    def _places(self) -> set[str]:
        """The districts: hits are narrowed to those named already."""
        names = [name for name in self.index.filters.districts if name]
        return {form for name in names for form in (name, name[:-1])} | {"区"}

    def _pairs(self) -> dict[str, float]:
        found = {pair for run in FILLER.sub(" ", self.question).split() for pair in pairs(run)}
        return {pair: self.index.terms.pair_rarity(pair) for pair in found}

    @property
    def unknown(self) -> float:
        """The share of the question's weight that no passage has."""
        return sum(concept.weight for concept in self.concepts if not concept.known) / self.total

    def coverage(self, text: str) -> float:
        """The share of the question's weight that stands in ``text``, in its own words or the rules'."""
        plain = plain_of(text)
        return sum(c.weight * match(c, plain) for c in self.concepts) / self.total

    def surprise(self, text: str) -> tuple[float, float]:
        """How odd it were that a passage which answers lacks what ``text`` lacks: in all, and of the oddest word; natural logarithms."""
        plain = plain_of(text)
        each = [-(1 - match(c, plain)) * math.log(1 - min(c.chance, 0.97)) for c in self.concepts]
        return sum(each), max(each, default=0.0)

    def pair_coverage(self, text: str) -> float:
        """Coverage by pairs of neighbouring characters."""
        plain = plain_of(text)
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
        before = [(self.plain.rfind(c.word, 0, at.start()), c) for c in self.concepts if c.kind in ("noun", "mapped")]
        before = [pair for pair in before if pair[0] >= 0]
        return max(before, key=lambda pair: pair[0] + len(pair[1].word))[1] if before else None

    def holds(self, concept: Concept | None, text: str) -> float:
        return 1.0 if concept is None else match(concept, plain_of(text))


KIND_OF = {"n": "noun", "j": "noun", "l": "noun", "i": "noun", "v": "verb", "m": "number", "t": "number", "a": "other"}
PARTLY = 0.6  # what a long word counts at most of which a text has only parts: 残疾娃, where 残疾 stands


plain_of = lru_cache(4096)(normalise)  # the same passages are weighed for question after question


def match(concept: Concept, plain: str) -> float:
    """1 where a form of the concept stands in the normalised text, a share where parts of a long word do, else 0."""
    if any(form in plain for form in concept.forms):
        return 1.0
    word = concept.word
    if len(word) < 3:
        return 0.0
    parts = [word[at : at + 2] for at in range(len(word) - 1)]
    return PARTLY * sum(part in plain for part in parts) / len(parts)


@lru_cache(maxsize=1)
def chances() -> dict:
    """The chances of ``Concept.chance``, by kind and for the words that questions use most; from the calibration."""
    return yaml.safe_load(CHANCES.read_text("utf-8"))


def tagged(text: str, index: Index) -> list[tuple[str, str]]:
    """jieba's words of a text with their parts of speech, under the corpus's dictionary."""
    return [(pair.word, pair.flag) for pair in index.terms.tagger.cut(text) if not pair.word.isspace()]


ASKED_BEFORE = OF_UNITS.index("asked_before")
NAMES = (
    "dense_top", "dense_spread", "dense_second", "lexical_agrees", "score_top", "score_gap", "score_drop", "same_notice",
    "words_top", "words_best", "words_text", "words_union", "pairs_top", "pairs_best", "pairs_text",
    "rarest", "rarest_notice", "asked", "asked_text", "asked_unknown", "unknown", "heading",
    "surprise", "surprise_text", "oddest", "oddest_text", "unknown_noun", "nouns", "nouns_text", "surprise_notice",
    "told", "told_little", "told_unknown",
    "strange", "asked_before", "measure_missing", "year_missing", "district_named", "rarity",
)


def support(
    evidence: Evidence, reading: Reading, hits: Sequence[Hit], *, strange: float, years: Sequence[int] = (), districts: Sequence[str] = ()
) -> np.ndarray:
    """``(len(NAMES),)`` fp64 of what tells support from mere nearness; ``hits`` are the ranked ones, at least one,
    ``reading`` is what they say, ``strange`` how near the question is to those that no gazette answers."""
    best = hits[:DEPTH]
    texts = [hit.passage.embedded_text for hit in best]
    bare = [hit.passage.text for hit in best]
    near = np.asarray([hit.dense or 0.0 for hit in hits])
    scores = np.asarray([hit.score for hit in hits])
    words = [evidence.coverage(text) for text in texts]
    both = [evidence.pair_coverage(text) for text in texts]
    top = best[0].passage
    others = [hit for hit in hits if hit.passage.notice != top.notice]
    lexical = [hit.lexical or 0.0 for hit in hits]
    seen = "\n".join(bare)

    odd, odd_text = [evidence.surprise(text) for text in texts[:3]], [evidence.surprise(text) for text in bare[:3]]
    nouns = [c for c in evidence.concepts if c.kind == "noun"]
    plain, plain_bare = [plain_of(text) for text in texts[:3]], [plain_of(text) for text in bare[:3]]
    noun_weight = sum(c.weight for c in nouns) or 1.0

    def noun_share(text: str) -> float:
        return sum(c.weight * match(c, text) for c in nouns) / noun_weight if nouns else 1.0

    # Told by: nouns weighed by rarity alone, so that one which no gazette knows counts against an answer.
    rarity = {c.word: c.weight / c.chance for c in nouns}
    all_rarity = sum(rarity.values()) or 1.0
    told = max((sum(rarity[c.word] * match(c, text) for c in nouns) / all_rarity for text in plain), default=1.0) if nouns else 1.0
    rarest, asked = evidence.rarest, evidence.asked
    heading = " ".join((top.title, *top.path))
    wrong_year = bool(years) and not any(year in top.years for year in years)
    values = (
        near[0] / 10, (near[0] - near[min(len(hits), 20) // 2 :].mean()) / 5, np.sort(near)[-min(5, len(near)) :].mean() / 10,
        float(int(np.argmax(lexical)) < 3), scores[0] / 10, (scores[0] - scores[1]) / 5 if len(hits) > 1 else 0.0,
        (scores[0] - others[0].score) / 5 if others else 1.0, sum(hit.passage.notice == top.notice for hit in best) / DEPTH,
        words[0], max(words[:3]), max(evidence.coverage(text) for text in bare[:3]), evidence.coverage("\n".join(texts)),
        both[0], max(both[:3]), max(evidence.pair_coverage(text) for text in bare[:3]),
        max(evidence.holds(rarest, text) for text in texts[:3]), evidence.holds(rarest, " ".join(texts)),
        max(evidence.holds(asked, text) for text in texts[:3]), max(evidence.holds(asked, text) for text in bare[:3]),
        float(asked is not None and not asked.known), evidence.unknown, evidence.coverage(heading),
        min(one for one, _ in odd) / 5, min(one for one, _ in odd_text) / 5, min(one for _, one in odd), min(one for _, one in odd_text),
        sum(c.weight for c in nouns if not c.known) / evidence.total, max(map(noun_share, plain)), max(map(noun_share, plain_bare)),
        evidence.surprise("\n".join(texts))[0] / 5,
        told, max(0.0, 0.4 - told), sum(rarity[c.word] for c in nouns if not c.known) / all_rarity if nouns else 0.0,
        strange / 10, float(reading.features.rows[:, ASKED_BEFORE].max()) if reading.features else 0.0, lacking(evidence.question, [one.unit for one in reading.found], reading.odds),
        float(wrong_year and not any(str(year) in seen for year in years)),
        float(bool(districts)), evidence.total / 40,
    )
    return np.asarray(values, np.float64)
