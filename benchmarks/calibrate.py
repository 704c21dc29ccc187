"""Fit what decides between answering and refusing, and write ``assistant/calibration.yaml``.

    python -m benchmarks.calibrate            # fit, print the risk-coverage table, write
    python -m benchmarks.calibrate --check    # print the table only

The figures printed are of questions whose whole notice was left out of the fitting (ten folds).

Supported questions are those of the training bank asked of the whole index.
Unsupported ones are made of them, so that they are near misses and not
strangers: the same question with the notice that answers it taken away and its
sisters with it; with only the passages that hold the evidence taken away (the
matter is covered, the detail is not); of another district or year, where no
sister answers it. Beside them stand questions that were written to be refused,
of kinds that no removal makes: near misses (``eval/questions/written.jsonl``, and
the answerable ones of the same hands, lest their style tell) and strangers
(``indexing/strangers.txt``). Everything is seeded, a run repeats itself.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import yaml

from assistant.confidence import CALIBRATION, MEASURE, terms
from assistant.evidence import CHANCES, NAMES, Evidence, match, support
from assistant.measures import ALL, MEASURES
from assistant.reading import Reader
from assistant.retrieve import Retriever, yearly
from assistant.scope import Scope
from assistant.sides import sisters
from corpus.normalise import normalise
from eval.questions import read_questions
from indexing import Hit, Index
from indexing.evidence import Printed
from indexing.passages import years_of
from indexing.strangers import strangers

from .folds import out_of_fold
from .retrieval import BANK, WRITTEN, Question, bank

SEED = 20
EVERY = 4  # of the bank's questions one in so many is asked, which takes four minutes
# Share of answerable questions that may be refused. The written ones are put as stories and in everyday words.
WRONGLY = {"bank": 0.03, "written": 0.05}
PRIOR, OFTEN = 4.0, 6  # questions that a word's chance is drawn to its kind's by; those from which on it has one of its own
# An example's weight: a detail taken away may stand elsewhere after all; what was written for this is nearer to what people ask.
WEIGHT = {"bank": 1.5, "bank, not found": 1.5, "notice away": 1.0, "detail away": 0.3, "other district": 1.0, "other year": 1.0, "strangers": 2.0,
          "near misses": 3.0, "written": 1.5}
HEADER = """\
# The logistic regression that decides between answering and refusing (assistant/confidence.py); its features are explained in
# assistant/evidence.py: of each its centre and scale, its weight and that of its square. Made by `python -m benchmarks.calibrate` on {count} examples; refusals by kind of question, each
# question's notice left out of the fitting:
"""
CHANCES_HEADER = """\
# The chance that a passage which answers a question prints a word of the question: by part of speech and whether any
# passage has the word, and for words that questions use often. Made by `python -m benchmarks.calibrate`.
"""
TODAY = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Example:
    """What one asking looked like: ``features``, how it was made, which notice it is about, whether an answer was to be had."""

    features: np.ndarray
    made: str
    notice: str
    question: str
    supported: bool


class Maker:
    """Makes examples of bank questions; ``by`` are the chances of words."""

    def __init__(self, index: Index, *, by: dict | None = None) -> None:
        self.by = by
        self.index, self.texts, self.scope, self.retriever = index, Printed(index.corpus, index.passages), Scope(index.corpus), Retriever(index)
        self.notice = np.asarray([passage.notice for passage in index.passages])
        self.district = np.asarray([passage.district for passage in index.passages])
        self.years = {notice.key: years_of(notice) for notice in index.corpus.notices}
        self.yearly = {notice.key: yearly(notice) for notice in index.corpus.notices}
        self.sisters, self.read = sisters(index.corpus), Reader(index)

    def examples(self, questions: Sequence[Question]) -> Iterator[Example]:
        chance = random.Random(SEED)
        for question in questions:
            gold = self.gold(question)
            if not gold:
                continue
            notice = str(self.notice[next((at for at in gold if self.index.passages[at].source == question.source), gold[0])])
            about = {str(self.notice[at]) for at in gold}
            about |= {sister for key in about for sister in self.sisters.get(key, ())}
            named = self.scope(question.text, today=TODAY)
            everywhere = np.ones(len(self.notice), bool)
            of_district = np.isin(self.district, named.districts) if named.districts else everywhere
            away = ~np.isin(self.notice, sorted(about))
            detail = everywhere.copy()
            detail[gold] = False
            yield from self._one(question.text, everywhere & of_district, named, "bank", notice, True, gold=gold)
            yield from self._one(question.text, away & of_district, named, "notice away", notice, False)
            yield from self._one(question.text, detail & of_district, named, "detail away", notice, False)
            other = self._other_district(named.districts, about, chance)
            if other:
                text, mask = self._moved(question.text, named.districts, other)
                yield from self._one(text, mask & away, self.scope(text, today=TODAY), "other district", notice, False)
            text = self._other_year(question.text, named.districts, about, chance)
            if text and self.yearly[notice]:
                yield from self._one(text, everywhere & of_district, self.scope(text, today=TODAY), "other year", notice, False)

    def as_they_are(self, questions: Sequence[Question], *, kind: Mapping[Question, str]) -> Iterator[Example]:
        """Questions that were written for what they are, asked of all gazettes."""
        for question in questions:
            named = self.scope(question.text, today=TODAY)
            mask = np.isin(self.district, named.districts) if named.districts else np.ones(len(self.notice), bool)
            if not named.outside:
                yield from self._one(question.text, mask, named, kind[question], question.text, kind[question] == "written")

    def gold(self, question: Question) -> list[int]:
        """Positions of the passages that hold some of the evidence, wherever it is printed."""
        places = [place for piece in question.evidence for place in self.texts.find(piece)]
        return [at for at, (source, a, b) in enumerate(self.texts.spans)
                if any(source == s and a < end and start < b for s, start, end in places)]

    def _other_year(self, text: str, of: Sequence[str], about: set[str], chance: random.Random) -> str:
        """The question with a year of which neither its notice nor a sister is, "" where its notice is of no one year."""
        years = {year for key in about for year in self.years[key]}
        if not of or max(years, default=0) - min(years, default=0) > 2 or not years:
            return ""
        year = chance.choice([year for year in range(min(years) - 3, max(years) + 4) if year not in years])
        bare = re.sub(r"(?:19|20)\d{2}年?", "", text)
        return f"{year}年{bare}"

    def _other_district(self, named: Sequence[str], about: set[str], chance: random.Random) -> str:
        taken = {str(self.district[self.notice == key][0]) for key in about if (self.notice == key).any()}
        left = sorted(set(self.scope.covered) - set(named) - taken)
        return chance.choice(left) if named and left else ""

    def _moved(self, text: str, named: Sequence[str], other: str) -> tuple[str, np.ndarray]:
        for district in named:
            text = text.replace(district, other).replace(district.removesuffix("区"), other)
        return (text if other in text else other + text), self.district == other

    def _one(self, text, mask, named, made, notice, supported, *, gold=()) -> Iterator[Example]:
        hits = self.search(text, mask, years=named.years)
        if not hits:
            return
        if gold and supported and not any(hit.passage.id in {self.index.passages[at].id for at in gold} for hit in hits):
            made = "bank, not found"
        evidence = Evidence(text, index=self.index, by=self.by)
        features = support(evidence, self.read(text, hits), hits, strange=self.index.strange(text), years=named.years, districts=named.districts)
        yield Example(features, made, notice, text, supported)

    def search(self, text: str, mask: np.ndarray, *, years: Sequence[int]) -> list[Hit]:
        """Hits as the assistant finds them: of the year asked about, where there are any."""
        hits = self.index._search.among(text, mask, years=years, limit=60 if years else 20)
        of_year = [hit for hit in hits if any(self.retriever.fits(hit.passage, year) for year in years)]
        return (of_year if years else hits)[:20]


def kinds(path: Path) -> dict[Question, str]:
    """The questions of a file, those without a history, and what kind each is."""
    return {Question(one.question, "", tuple(gold.evidence for gold in one.gold)): "written" if one.answerable else "near misses"
            for one in read_questions(path) if not one.history}


def from_written(by: dict) -> list[Example]:
    """Examples of strangers, near misses and answerable questions, as they were written."""
    kind = {**{Question(text, "", ()): "strangers" for text in strangers()}, **kinds(WRITTEN)}
    return [one for index, mine in out_of_fold(list(kind), at_hand=BANK) for one in Maker(index, by=by).as_they_are(mine, kind=kind)]


def asked() -> list[Question]:
    """One in ``EVERY`` of the bank's questions, and all that ask for a measure: too few of them, and their want weighs nothing."""
    measured = [any(asks.search(question.text) for asks, _ in MEASURES.values()) for question in bank()]
    return [question for at, question in enumerate(bank()) if at % EVERY == 0 or measured[at]]


def chances_of(index: Index, questions: Sequence[Question]) -> dict:
    """How often the passages that hold a question's evidence print its words, by kind of word and for frequent words."""
    maker = Maker(index)
    of_kind: dict[str, list[float]] = {}
    words: dict[str, list[float]] = {}
    kind_of: dict[str, str] = {}
    for question in questions:
        gold = maker.gold(question)
        printed = normalise("\n".join(index.passages[at].embedded_text for at in gold))
        for concept in Evidence(question.text, index=index).concepts if gold else ():
            kind = concept.kind if concept.kind == "mapped" else f"{concept.kind}, {'known' if concept.known else 'unknown'}"
            of_kind.setdefault(kind, []).append(match(concept, printed))
            if concept.kind != "mapped":
                words.setdefault(concept.word, []).append(match(concept, printed))
                kind_of[concept.word] = kind
    table: dict = {kind: round((sum(found) + 1) / (len(found) + 2), 3) for kind, found in sorted(of_kind.items())}
    own = {word: round((sum(found) + PRIOR * table[kind_of[word]]) / (len(found) + PRIOR), 2)
           for word, found in sorted(words.items()) if len(found) >= OFTEN}
    return table | {"words": {word: chance for word, chance in own.items() if abs(chance - table[kind_of[word]]) >= 0.1}}


@dataclass(frozen=True, slots=True)
class Fitted:
    """The regression: a row for each feature, centre, scale, weight and weight of the square; and the bias."""

    rows: np.ndarray
    bias: float

    def __call__(self, examples: Sequence[Example]) -> np.ndarray:
        """The confidence of each example: none where a measure is asked for that nothing found prints."""
        features = np.stack([one.features for one in examples])
        centre, scale, *weights = self.rows.T
        odds = terms(features, centre=centre, scale=scale) @ np.concatenate(weights) + self.bias
        return np.where(features[:, MEASURE] >= ALL, 0, 1 / (1 + np.exp(-odds)))


def fit(examples: Sequence[Example]) -> Fitted:
    from sklearn.linear_model import LogisticRegression

    features, supported = np.stack([one.features for one in examples]), np.asarray([one.supported for one in examples])
    weights = np.asarray([WEIGHT[one.made] for one in examples])
    centre, scale = features.mean(0), features.std(0) + 1e-9
    found = LogisticRegression(C=0.03, max_iter=3000).fit(terms(features, centre=centre, scale=scale), supported, sample_weight=weights)
    return Fitted(np.stack([centre, scale, *np.split(found.coef_[0], 2)], axis=1), float(found.intercept_[0]))


def held_out(examples: Sequence[Example]) -> np.ndarray:
    """The confidence of each example, its notice left out of the fitting."""
    from sklearn.model_selection import GroupKFold

    result = np.zeros(len(examples))
    for rest, left in GroupKFold(10, shuffle=True, random_state=SEED).split(examples, groups=[one.notice for one in examples]):
        result[left] = fit([examples[at] for at in rest])([examples[at] for at in left])
    return result


def shipped() -> tuple[Fitted, float]:
    """The regression that ships, and its threshold."""
    table = yaml.safe_load(CALIBRATION.read_text("utf-8"))
    return Fitted(np.asarray([table["weights"][name] for name in NAMES]), table["bias"]), table["threshold"]


def threshold(confidence: np.ndarray, made: np.ndarray) -> float:
    """The confidence below which no more answerable questions are refused than ``WRONGLY`` allows."""
    return min(float(np.quantile(confidence[made == kind], share)) for kind, share in WRONGLY.items())


def table_of(confidence: np.ndarray, made: np.ndarray) -> list[str]:
    """Refusals of each kind of question at thresholds that refuse wrongly 1%, 2%, … of the supported ones."""
    names = [str(kind) for kind in np.unique(made)]
    lines = ["| wrongly refused | threshold | " + " | ".join(names) + " |", "|" + "---|" * (len(names) + 2)]
    for share in (0.01, 0.02, 0.03, 0.05, 0.1, 0.2):
        threshold = np.quantile(confidence[made == "bank"], share)
        cells = [f"{(confidence[made == kind] < threshold).mean():.2f}" for kind in names]
        lines.append(f"| {share:.0%} | {threshold:.3f} | " + " | ".join(cells) + " |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing")
    arguments = parser.parse_args()
    folds = out_of_fold(asked())
    by = chances_of(folds[0][0], bank())
    examples = [one for index, mine in folds for one in Maker(index, by=by).examples(mine)]
    examples += from_written(by)
    made = np.asarray([one.made for one in examples])
    confidence = held_out(examples)
    lines = table_of(confidence, made)
    print("\n".join(lines))
    if arguments.check:
        return
    fitted = fit(examples)
    body = {
        "weights": {name: [round(float(value), 4) for value in row] for name, row in zip(NAMES, fitted.rows, strict=True)},
        "bias": round(fitted.bias, 4), "threshold": round(threshold(confidence, made), 4),
    }
    CHANCES.write_text(CHANCES_HEADER + yaml.safe_dump(by, allow_unicode=True, sort_keys=False), "utf-8")
    notes = "".join(f"# {line}\n" for line in lines)
    CALIBRATION.write_text(HEADER.format(count=len(examples)) + notes + yaml.safe_dump(body, sort_keys=False, default_flow_style=None), "utf-8")


if __name__ == "__main__":
    main()
