"""BM25 over jieba's words, pairs of characters and words of the headings: built from passages, kept in a folder.

Words carry meaning; pairs of neighbouring characters survive a wrong cut, a
typo and a name that no dictionary has; the headings say what a section is about.
"""

from __future__ import annotations

import logging
import marshal
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache, partial, reduce
from pathlib import Path

import bm25s
import jieba
import numpy as np

from corpus.errors import GazetteError
from corpus.normalise import normalise

from .lexicon import concepts, mapped
from .model import Passage

# Both say at each start what they read.
jieba.setLogLevel(logging.WARNING)
logging.getLogger("bm25s").setLevel(logging.WARNING)

RUN = re.compile(r"[\u4e00-\u9fffa-z0-9]+")
# Offices, programmes and terms of art as gazettes print them: 区卫生健康委, “一刻钟生活圈”, 《…管理办法》.
OFFICE = re.compile(r"(?<![\u4e00-\u9fff])[市区县镇][\u4e00-\u9fff]{1,8}?(?:委员会|管委会|委|局|办|中心|公司|集团|支队|大队)(?![\u4e00-\u9fff])")
QUOTED = re.compile(r"[“\"《]([\u4e00-\u9fff]{3,8})[”\"》]")
DICTIONARY, CUT = "dictionary.txt", "cut.txt"
NOWHERE = r"(?!)"  # a pattern that is found nowhere
KEPT = "jieba.cache"  # what jieba calls the file of its general dictionary, in the folder for temporary files
# What a question is made of besides its matter; such words neither help nor hinder a passage.
FILLER = re.compile(
    r"请问|想问|我想|我们|咱们|听说|那个|这个|一下|到底|现在|还是|什么|怎么|怎样|多少|哪些|哪个|哪里|可以|能不能|有没有|是不是|要不要|吗|呢|啊|吧|的|了"
)
RECENT = 64  # questions whose matter is kept
SIDES = ("words", "pairs", "headings")


@dataclass(frozen=True, slots=True)
class Matches:
    """For each passage: BM25 by words, by character pairs, by words of its headings, of the rules' words; covered share of the question."""

    words: np.ndarray
    pairs: np.ndarray
    headings: np.ndarray
    rules: np.ndarray
    covered: np.ndarray


@dataclass(frozen=True, slots=True)
class Cut:
    """Passages' contexts and texts with their words, as they were cut under ``dictionary``: cutting is most of the work of counting."""

    dictionary: frozenset[str] = frozenset()
    words: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path, passages: Sequence[Passage]) -> Cut:
        """What ``Terms.save`` wrote to ``folder`` when it was built from ``passages``."""
        lines = (folder / CUT).read_text("utf-8").split("\n")
        return cls(frozenset((folder / DICTIONARY).read_text("utf-8").split()),
                   {(passage.context, passage.text): line.split() for passage, line in zip(passages, lines, strict=True)})

    def under(self, dictionary: Iterable[str]) -> Callable[[Passage], list[str] | None]:
        """The words of a passage under another dictionary, if they are the same: where it has no word that one of the two has alone."""
        changed = re.compile("|".join(map(re.escape, self.dictionary.symmetric_difference(dictionary))) or NOWHERE)

        def kept(passage: Passage) -> list[str] | None:
            found = self.words.get((passage.context, passage.text))
            return None if found is None or any(changed.search(normalise(part)) for part in (passage.context, passage.text)) else found

        return kept


class Terms:
    """Scores every passage for a question. Thread-safe."""

    def __init__(self, scorers: dict[str, bm25s.BM25], *, dictionary: Sequence[str], cut: Sequence[Sequence[str]] = ()) -> None:
        self._scorers, self.dictionary, self._cut = scorers, tuple(dictionary), cut
        self._cutter = cutter(dictionary)
        self.count = int(scorers["words"].scores["num_docs"])
        self._rarity = {side: rarity(scorer) for side, scorer in scorers.items() if side != "headings"}
        # The lexicon's phrases come again with question after question; a question's matter is asked for twice.
        self._phrase, self._holding = cache(self.words), cache(self._holding_all)
        self._matter = lru_cache(RECENT)(self._matter_by_side)

    @classmethod
    def build(cls, passages: Sequence[Passage], *, before: Cut | None = None) -> Terms:
        """Count the terms of the passages' embedded texts, and of their titles and headings; those cut ``before`` are not cut again."""
        dictionary = terms_of_art(passage.text for passage in passages)
        scorers, cut, kept = {side: bm25s.BM25() for side in SIDES}, cutter(dictionary), (before or Cut()).under(dictionary)
        # Contexts, titles and headings stand over many passages.
        cut_once = cache(partial(words, cut=cut))
        counted = {
            "words": [kept(passage) or [*cut_once(passage.context), *words(passage.text, cut=cut)] for passage in passages],
            "pairs": [pairs(passage.embedded_text) for passage in passages],
            "headings": [[word for part in (passage.title, *passage.path) for word in cut_once(part)] for passage in passages],
        }
        for side, tokens in counted.items():
            # A corpus in which no passage has a single term would leave bm25s without a vocabulary.
            scorers[side].index([one or ["-"] for one in tokens], show_progress=False)
        return cls(scorers, dictionary=dictionary, cut=counted["words"])

    def save(self, folder: Path) -> None:
        """Write what ``build`` made, for ``load`` and ``Cut.load``."""
        for side, scorer in self._scorers.items():
            scorer.save(folder / side)
        (folder / DICTIONARY).write_text("\n".join(self.dictionary), "utf-8")
        (folder / CUT).write_text("\n".join(map(" ".join, self._cut)), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Terms:
        """Raises ``GazetteError`` where ``folder`` is damaged."""
        try:
            scorers = {side: bm25s.BM25.load(folder / side) for side in SIDES}
            return cls(scorers, dictionary=(folder / DICTIONARY).read_text("utf-8").split())
        except (OSError, ValueError, KeyError) as error:
            raise GazetteError(f"the index is damaged: {folder}: {error}; run `python -m indexing build`") from None

    @cached_property
    def frequencies(self) -> dict[str, int]:
        """Of each word, how many passages hold it."""
        counts = np.diff(self._scorers["words"].scores["indptr"])
        return {word: int(counts[at]) for word, at in self._scorers["words"].vocab_dict.items() if at < len(counts)}

    def pair_rarity(self, pair: str) -> float:
        """The rarity of a pair of characters; one that no passage has is as rare as can be."""
        return self._rare("pairs", pair)

    @property
    def cutter(self) -> jieba.Tokenizer:
        """jieba with the corpus's own dictionary."""
        return self._cutter

    @cached_property
    def tagger(self) -> jieba.posseg.POSTokenizer:
        """jieba's parts of speech under the corpus's own dictionary."""
        from jieba.posseg import POSTokenizer  # its tables take a while to read, and no build needs them

        tagger = POSTokenizer.__new__(POSTokenizer)  # made otherwise, each would read the general dictionary's parts of speech
        tagger.tokenizer, tagger.word_tag_tab = self._cutter, parts_of_speech()
        return tagger

    def words(self, text: str) -> list[str]:
        """jieba's search words of the normalised text under the corpus's dictionary, punctuation left out."""
        return words(text, cut=self._cutter)

    def matches(self, question: str) -> Matches:
        """What each passage shares with ``question``; arrays ``(passages,)`` fp32."""
        matter = FILLER.sub(" ", question)
        by_word, by_pair = self.words(matter), [pair for run in matter.split() for pair in pairs(run)]
        rules = [word for phrase in mapped(question) for word in self._phrase(phrase)]
        return Matches(
            words=self._scores("words", by_word), pairs=self._scores("pairs", by_pair), headings=self._scores("headings", by_word),
            rules=self._scores("words", rules),
            covered=self._covered(question),
        )

    def in_rules_words(self, question: str) -> str:
        """The question with the rules' words in place of a person's that fewer passages print; "" where there is none such."""
        result = plain = normalise(question)
        for said, *ruled in concepts(question)[0]:
            best = max(ruled, key=self._printed)
            if self._printed(best) > self._printed(said):
                result = result.replace(said, best)
        return result if result != plain else ""

    def _printed(self, phrase: str) -> int:
        """How many passages have all the phrase's words."""
        return len(self._holding(phrase))

    def matter(self, question: str) -> dict[tuple[str, ...], float]:
        """What the question is about, with the shares of its weight, by rarity: its words and pairs of characters, half each.

        Each stands with the rules' words for it, where the lexicon has some: a text that has any of them has it.
        """
        shares: dict[tuple[str, ...], float] = {}
        for terms in self._matter(question).values():
            total = 2 * max(sum(terms.values()), 1e-6)
            for forms, weight in terms.items():
                shares[forms] = shares.get(forms, 0.0) + weight / total
        return shares

    def _matter_by_side(self, question: str) -> dict[str, dict[tuple[str, ...], float]]:
        """By side, its terms with their rarity; what the rules have other words for is as rare as the commonest of those."""
        said, left = concepts(question)
        left = FILLER.sub(" ", left)
        sides = {"words": self.words(left), "pairs": [pair for run in left.split() for pair in pairs(run)]}
        known = {forms: min(self._phrase_rarity(form) for form in forms[1:]) for forms in said}
        return {side: {**known, **{(term,): self._rare(side, term) for term in terms}} for side, terms in sides.items()}

    def _phrase_rarity(self, phrase: str) -> float:
        return max((self._rare("words", word) for word in self._phrase(phrase)), default=0.0)

    def _rare(self, side: str, term: str) -> float:
        """The rarity of a term; one that no passage has is as rare as can be."""
        at = self._scorers[side].vocab_dict.get(term)
        return float(self._rarity[side][at]) if at is not None else float(np.log(1 + self.count))

    def _scores(self, side: str, terms: Sequence[str]) -> np.ndarray:
        scorer = self._scorers[side]
        known = list(dict.fromkeys(term for term in terms if term in scorer.vocab_dict))
        return scorer.get_scores(known) if known else np.zeros(self.count, np.float32)

    def _covered(self, question: str) -> np.ndarray:
        """The share of what the question is about that each passage has, the words' and the pairs' share halved."""
        share = np.zeros(self.count, np.float32)
        for side, terms in self._matter(question).items():
            total = 2 * max(sum(terms.values()), 1e-6)
            for forms, weight in terms.items():
                places = [self._places(side, forms[0]) if len(forms) == 1 else self._holding(form) for form in forms]
                share[places[0] if len(places) == 1 else np.unique(np.concatenate(places))] += weight / total
        return share

    def _places(self, side: str, term: str) -> np.ndarray:
        """Positions of the passages that have the term."""
        scorer = self._scorers[side]
        at = scorer.vocab_dict.get(term)
        starts = scorer.scores["indptr"]
        return scorer.scores["indices"][starts[at] : starts[at + 1]] if at is not None else np.empty(0, np.int64)

    def _holding_all(self, phrase: str) -> np.ndarray:
        """Positions of the passages that have all the phrase's words; not its compounds, which jieba does not find everywhere."""
        cut = self._phrase(phrase)
        each = [self._places("words", word) for word in cut if not any(part != word and part in word for part in cut)]
        return reduce(np.intersect1d, each) if each else np.empty(0, np.int64)


def rarity(scorer: bm25s.BM25) -> np.ndarray:
    """Inverse document frequency of each term."""
    return np.log(1 + int(scorer.scores["num_docs"]) / (1 + np.diff(scorer.scores["indptr"]))).astype(np.float32)


def terms_of_art(texts: Iterable[str]) -> list[str]:
    """Offices and quoted terms that the texts print at least twice, for jieba's dictionary."""
    seen: Counter[str] = Counter()
    for text in texts:
        seen.update(normalise(name) for pattern in (OFFICE, QUOTED) for name in pattern.findall(text))
    return sorted(name for name, times in seen.items() if times > 1)


def cutter(dictionary: Iterable[str]) -> jieba.Tokenizer:
    """jieba's tokenizer, ready for use, that knows the words of ``dictionary`` too.

    How frequent it takes these for hangs on the general dictionary alone, not, as in jieba's ``add_word``, on those added before:
    a text is cut alike under two dictionaries that differ in words it does not have.
    """
    initialise(jieba.dt)
    made = jieba.Tokenizer()
    # The general dictionary's half a million words are in memory once, not twice.
    made.FREQ, made.total, made.initialized = dict(jieba.dt.FREQ), jieba.dt.total, True
    for word in dictionary:
        made.FREQ[word] = jieba.dt.suggest_freq(word)
        for end in range(1, len(word)):
            made.FREQ.setdefault(word[:end], 0)
    return made


@cache
def parts_of_speech() -> dict[str, str]:
    """Those of the general dictionary's words, as jieba has them; the words are that dictionary's own strings, in memory once."""
    from jieba import posseg

    initialise(jieba.dt)
    kept = {word: word for word in jieba.dt.FREQ}
    posseg.dt.word_tag_tab = {kept.get(word, word): sys.intern(tag) for word, tag in posseg.dt.word_tag_tab.items()}
    return posseg.dt.word_tag_tab


def initialise(general: jieba.Tokenizer) -> None:
    """Have jieba's tokenizer of the general dictionary ready for use.

    It keeps that dictionary in a file, which it reads bit by bit itself; read at once, that takes a third of the time.
    """
    with general.lock:
        if not general.initialized:
            try:
                general.FREQ, general.total = marshal.loads(Path(tempfile.gettempdir(), KEPT).read_bytes())
                general.initialized = True
            except (OSError, EOFError, ValueError, TypeError):
                general.initialize()


def words(text: str, *, cut: jieba.Tokenizer = jieba.dt) -> list[str]:
    """jieba's search words of the normalised text, punctuation left out."""
    return [word for word in cut.cut_for_search(normalise(text)) if any(sign.isalnum() for sign in word)]


def pairs(text: str) -> list[str]:
    """Neighbouring characters within each run of letters and digits."""
    return [run[at : at + 2] for run in RUN.findall(normalise(text)) for at in range(len(run) - 1)]
