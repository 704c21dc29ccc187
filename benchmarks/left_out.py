"""What each learnt part is worth, and what is left of that for a gazette that nobody asked about before.

    python -m benchmarks.left_out    # after `python -m benchmarks.folds`; writes RESULTS-left-out.md

A gazette is left out as a new one is new: its bank's and its written questions are neither trained on, nor fitted to, nor at
hand as asked before. The encoder is trained without the other gazettes of its district too. One part at a time is left out
so: what comes before it in the flow of a question is, but for the encoder and the questions asked before, what ships.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import numpy as np

from assistant.decide import Decider
from assistant.evidence import NAMES as OF_SUPPORT
from assistant.evidence import Evidence, support
from assistant.reading import Reader
from assistant.retrieve import Retriever
from assistant.scoring import NAMES as OF_UNITS
from assistant.scoring import Scorer
from assistant.sides import BESIDE
from assistant.understanding import Understander
from corpus.settings import settings
from eval.questions import read_questions
from indexing import Index
from indexing.encoder import Encoder, available_cores, load_encoder
from indexing.evidence import Printed
from indexing.features import NAMES as OF_PASSAGES
from indexing.ranking import weights

from . import answering, calibrate, clarify
from .folds import Folds, folds_of, out_of_fold, printing, without
from .ranking import asked_closer_each, asked_each, fitted
from .retrieval import BANK, DEEPEST, OFTEN, QUESTIONS, Asked, Question, asked, asked_closer, bank, development, figures, written

RESULTS = Path(__file__).parent / "RESULTS-left-out.md"
DEV = "development"
BY_RANK = np.isin(OF_PASSAGES, ("dense_rank", "words_rank", "pairs_rank"))
REFUSED = ("bank", "detail away", "notice away", "other district", "other year")
NEAREST = OF_SUPPORT.index("dense_top")
SHARE = 0.03  # of answerable questions refused, at which ways to refuse are compared
One = TypeVar("One")


def gazettes(index: Index) -> Iterator[tuple[str, list[str]]]:
    """Each gazette, and all of its district."""
    for sources in folds_of(index.corpus).values():
        for source in sources:
            yield source, sources


def questions_of(folds: Folds) -> list[Question]:
    return [question for _, mine in folds for question in mine]


def cases_of(folds: Folds) -> list[answering.Case]:
    return [case for index, mine in folds for case in answering.cases(index, mine)]


def others(found: Sequence[One], sources: Sequence[set[str]], source: str) -> list[One]:
    return [one for one, mine in zip(found, sources, strict=True) if source not in mine]


def of_source(questions: Sequence[Question], source: str) -> list[Question]:
    return [question for question in questions if question.source == source]


def row(name: str, *cells: object) -> str:
    return "| " + " | ".join([name, *(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells)]) + " |"


def head(*names: str) -> list[str]:
    return [row("", *names), "|" + "---|" * (1 + len(names))]


def by_encoder() -> list[str]:
    """Recall of the encoder's cosines alone."""
    index = Index.load()
    texts, plain = Printed(index.corpus, index.passages), load_encoder(settings().model_copy(update={"adapter": ""}))
    as_it_comes = plain.encode_passages([passage.embedded_text for passage in index.passages])
    depths = ("recall@1", "recall@5", "recall@10")

    def recall(questions: Sequence[Question], *, vectors: np.ndarray, encoder: Encoder) -> list[float]:
        asked = encoder.encode_queries([question.text for question in questions])
        found = figures(texts, questions, np.argsort(-(asked @ vectors.T), axis=1)[:, :DEEPEST])
        return [found[depth] for depth in depths]

    def vectors_of(one: Index) -> np.ndarray:
        return one.vectors.reconstruct(np.arange(len(one.passages)))

    lines = head("", "questions", *(f"{depth}, {how}" for how in ("as it comes", "trained") for depth in depths))

    def add(name: str, of: str, mine: Sequence[Question], trained: Index) -> None:
        lines.append(row(name, of, len(mine), *recall(mine, vectors=as_it_comes, encoder=plain),
                         *recall(mine, vectors=vectors_of(trained), encoder=trained.encoder)))

    add(DEV, "", development(), index)
    more = [(question, printing(question, printed=texts)) for question in written()]
    for source, sources in gazettes(index):
        trained = without(sources)
        add(source, "bank's", of_source(bank(), source), trained)
        add("", "written", [question for question, mine in more if source in mine], trained)
    return lines


def by_ranking() -> list[str]:
    """Recall of the candidates by the sum of their ranks, which learns nothing, and by both stages."""
    index, folds, more = Index.load(), out_of_fold(bank()), out_of_fold(written(), at_hand=BANK)
    texts, questions = Printed(index.corpus, index.passages), questions_of(folds)
    sources, of_more = ([printing(question, printed=texts) for question in some] for some in (questions, questions_of(more)))
    far, far_more = (asked_each(each) for each in (folds, more))
    first = fitted("first", far + far_more * OFTEN)
    close, close_more = (asked_closer_each(each, found, first) for each, found in ((folds, far), (more, far_more)))
    second = fitted("second", close + close_more * OFTEN)
    depths = ("recall@1", "recall@5", "recall@10", "recall@2000c")
    lines = head("questions", "ordered", *depths)

    def add(name: str, mine: Sequence[Question], how: str, found: Sequence[Asked], scores: Callable[[Asked], np.ndarray]) -> None:
        ranked = [one.at[np.argsort(-scores(one), kind="stable")[:DEEPEST]] for one in found]
        made = figures(texts, mine, ranked)
        lines.append(row(name, len(mine), how, *(made[depth] for depth in depths)))

    def by_rank(one: Asked) -> np.ndarray:
        return one.rows[:, BY_RANK].sum(axis=1)

    def by(coefficients: np.ndarray) -> Callable[[Asked], np.ndarray]:
        return lambda one: one.rows @ coefficients

    mine = development()
    some = asked(index, mine, texts=texts)
    add(DEV, mine, "by the sum of ranks", some, by_rank)
    add("", mine, "as it ships", asked_closer(index, mine, some, weights("first")), by(weights("second")))
    for source, district in gazettes(index):
        mine, alone = of_source(questions, source), without(district, unasked=source)
        left = {stage: fitted(stage, others(found, sources, source) + others(found_more, of_more, source) * OFTEN)
                for stage, found, found_more in (("first", far, far_more), ("second", close, close_more))}
        some = asked(alone, mine, texts=texts)
        add(source, mine, "by the sum of ranks", some, by_rank)
        add("", mine, "left out", asked_closer(alone, mine, some, left["first"]), by(left["second"]))
        add("", mine, "fitted to it too", [one for one, question in zip(close, questions, strict=True) if question.source == source], by(second))
    return lines


def by_sentence() -> list[str]:
    """How often the likeliest sentence of the passages found is right."""
    alike = OF_UNITS.index("read_with_context")
    index = Index.load()
    found, found_more = cases_of(out_of_fold(bank())), cases_of(out_of_fold(written(), at_hand=BANK))
    texts = Printed(index.corpus, index.passages)
    of_more = [printing(case.asked, printed=texts) for case in found_more]
    everything = answering.fit(found + found_more * OFTEN)
    lines = head("questions", "likest word by word", "left out", "fitted to it too")
    dev, scorer = answering.cases(index, development()), Scorer()
    lines.append(row(DEV, len(dev), answering.right([case.rows[:, alike] for case in dev], dev), "",
                     answering.right([scorer(case.rows) for case in dev], dev)))
    for source, district in gazettes(index):
        mine = answering.cases(without(district, unasked=source), of_source(bank(), source))
        at_hand = [case for case in found if case.asked.source == source]
        left = answering.fit([case for case in found if case.asked.source != source] + others(found_more, of_more, source) * OFTEN)
        lines.append(row(source, len(mine), answering.right([case.rows[:, alike] for case in mine], mine),
                         answering.right(answering.scores(left, mine), mine), answering.right(answering.scores(everything, at_hand), at_hand)))
    return lines


def by_refusing() -> list[str]:
    """Which share of each kind of question is refused, where ``SHARE`` of the answerable ones may be."""
    whole = Index.load()
    texts = Printed(whole.corpus, whole.passages)
    source_of = {passage.notice: {passage.source} for passage in whole.passages}
    source_of |= {question.text: printing(question, printed=texts) for question in written()}
    by = calibrate.chances_of(whole, bank())
    examples = [one for index, mine in out_of_fold(calibrate.asked()) for one in calibrate.Maker(index, by=by).examples(mine)]
    examples += calibrate.from_written(by)
    sources = [source_of.get(one.notice, set()) for one in examples]
    confidence = calibrate.held_out(examples)
    lines = head("", *REFUSED, "near misses")

    def add(name: str, how: str, mine: Sequence[calibrate.Example], certain: np.ndarray, limit: float) -> None:
        made = np.asarray([one.made for one in mine])
        refused = {kind: f"{(certain[made == kind] < limit).mean():.2f}" for kind in np.unique(made)}
        lines.append(row(name, how, *(refused.get(kind, "") for kind in (*REFUSED, "near misses"))))

    def near(mine: Sequence[calibrate.Example]) -> np.ndarray:
        return np.asarray([one.features[NEAREST] for one in mine])

    def limit(certain: np.ndarray, mine: Sequence[calibrate.Example]) -> float:
        return float(np.quantile(certain[[one.made == "bank" for one in mine]], SHARE))

    kind = calibrate.kinds(QUESTIONS / "dev.jsonl")
    dev = [replace(one, made="bank" if one.supported else one.made) for one in calibrate.Maker(whole).as_they_are(list(kind), kind=kind)]
    model, threshold = calibrate.shipped()
    add(DEV, "by nearness alone", dev, near(dev), limit(near(examples), examples))
    add("", "as it ships", dev, model(dev), threshold)
    for source, district in gazettes(whole):
        rest = others(examples, sources, source)
        known = calibrate.chances_of(whole, [question for question in bank() if question.source != source])
        mine = list(calibrate.Maker(without(district, unasked=source), by=known).examples(of_source(calibrate.asked(), source)))
        add(source, "by nearness alone", mine, near(mine), limit(near(rest), rest))
        add("", "left out", mine, calibrate.fit(rest)(mine), limit(calibrate.held_out(rest), rest))
        here = [at for at, one in enumerate(examples) if sources[at] == {source} and one.made in REFUSED]
        add("", "its other notices fitted to", [examples[at] for at in here], confidence[here], limit(confidence, examples))
    return lines


def by_asking_back() -> list[str]:
    """Of the other sides of open questions, those that answer and those that do not, the share asked back about."""
    index, found = Index.load(), clarify.sides()
    texts, nearer = Printed(index.corpus, index.passages), BESIDE.index("nearer")
    sources = [printing(one.asked, printed=texts) for one in found]
    chances = clarify.held_out(found)
    lines = head("", "sides that answer", "asked about", "others", "asked about")

    def add(name: str, how: str, mine: Sequence[clarify.Side], worth: np.ndarray, limit: float) -> None:
        answer = sum(one.answers for one in mine)
        right, wrong = clarify.told_rightly(worth >= limit, mine)
        lines.append(row(name, how, answer, right, len(mine) - answer, wrong))

    def near(mine: Sequence[clarify.Side]) -> np.ndarray:
        return np.asarray([one.features[nearer] for one in mine])

    dev = list(clarify.Maker(index).examples(development(), hand="written"))
    model, threshold = clarify.shipped()
    add(DEV, "by nearness alone", dev, near(dev), clarify.threshold(near(found), found))
    add("", "as it ships", dev, model(dev), threshold)
    for source, district in gazettes(index):
        rest = others(found, sources, source)
        mine = list(clarify.Maker(without(district, unasked=source)).examples(of_source(clarify.asked(), source), hand="bank"))
        add(source, "by nearness alone", mine, near(mine), clarify.threshold(near(rest), rest))
        add("", "left out", mine, clarify.fit(rest)(mine), clarify.threshold(clarify.held_out(rest), rest))
        here = [at for at, one in enumerate(found) if one.asked.source == source]
        add("", "its other notices fitted to", [found[at] for at in here], chances[here], clarify.threshold(chances, found))
    return lines


def by_time() -> list[str]:
    """Median milliseconds of a development question: each is taken as far as each step in turn, so that all meet the same machine."""
    index, plain = Index.load(), load_encoder(settings().model_copy(update={"adapter": ""}))
    search, read, understand, retrieve = index._search, Reader(index), Understander(index), Retriever(index)
    decider = Decider(index, retrieve, read)
    asked = [one.question for one in read_questions(QUESTIONS / "dev.jsonl")]

    def refuse(text: str) -> None:
        hits = index.search(text)
        support(Evidence(text, index=index), read(text, hits), hits, strange=index.strange(text))

    def ask_back(text: str) -> None:
        understood = understand(text)
        decider(understood, retrieve(understood))

    steps: tuple[Callable[[str], object], ...] = (
        lambda text: plain.encode_queries([text]), lambda text: index.encoder.encode_queries([text]),
        lambda text: search.candidates(text, search.encoded_lately(text)), index.search, lambda text: read(text, index.search(text)), refuse, ask_back,
    )
    times: list[list[float]] = [[] for _ in steps]
    for text in asked:
        for step, mine in zip(steps, times, strict=True):
            for kept in (search._encoded, search.like_before, search._matches, search.closely, read._recent):
                kept.cache_clear()  # what an earlier step left at hand
            began = time.perf_counter()
            step(text)
            mine.append(1000 * (time.perf_counter() - began))
    as_it_comes, trained, candidates, ranked, chosen, refused, asked_back = map(statistics.median, times)
    lines = ["| up to and with | without, ms | with, ms |", "|---|---|---|"]
    for name, before, after in (("the encoder's adapter", as_it_comes, trained), ("ranking", candidates, ranked),
                                ("the likeliest sentence", ranked, chosen), ("refusing", chosen, refused), ("asking back", refused, asked_back)):
        lines.append(f"| {name} | {before:.1f} | {after:.1f} |")
    return lines


PARTS = {
    "Encoder: recall of its cosines alone": by_encoder,
    "Ranking: recall": by_ranking,
    "Sentences: how often the likeliest is right": by_sentence,
    f"Refusing: which share is refused, where {SHARE:.0%} of the answerable ones of the bank may be": by_refusing,
    "Asking back: of the other sides of questions that leave district and year open, which share is asked about": by_asking_back,
}
TIME = "Median time of a development question"
REPORT = """\
# What each learnt part is worth

Made by `python -m benchmarks.left_out`: development before and after, and the bank's questions about each gazette with that
gazette left out as a new one is new. Its bank's and its written questions are neither trained on, nor fitted to, nor at hand as
asked before; the encoder is trained without its whole district. One part at a time is left out so: what comes before it
is, but for the encoder and the questions asked before, what ships. Evidence is found where 60% of it is covered.
"""


def call(part: Callable[[], list[str]]) -> list[str]:
    return part()


def main() -> None:
    """The parts side by side, each in a process of its own; the time after them, alone."""
    with ProcessPoolExecutor(available_cores(), mp_context=get_context("spawn")) as pool:
        # The longest come last.
        found = dict(zip(reversed(PARTS), pool.map(call, reversed(PARTS.values())), strict=True))
    found[TIME] = by_time()
    text = "\n".join(line for name in (*PARTS, TIME) for line in (f"## {name}", "", *found[name], ""))
    RESULTS.write_text(f"{REPORT}\n{text}", "utf-8")
    print(text)


if __name__ == "__main__":
    main()
