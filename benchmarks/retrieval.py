"""Recall of retrieval by the definitions of the question files, and what each part adds.

    python -m benchmarks.retrieval                 # development questions, as the index stands
    python -m benchmarks.retrieval --bank 1500     # so many of the training bank's, evenly drawn
    python -m benchmarks.retrieval --ablation      # one part off at a time, refitted; writes benchmarks/RESULTS-ablation.md

Places that hold the evidence count as found when spans cover 60% of its
characters, white space apart; a follow-up is asked behind the turn before it.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from corpus.settings import ROOT, settings
from eval.questions import read_questions
from indexing import Index
from indexing.evidence import COVER, Place, Printed
from indexing.pieces import Pieces
from indexing.ranking import STAGES
from indexing.search import SECOND

QUESTIONS = ROOT / "eval" / "questions"
BANK, WRITTEN = QUESTIONS / "bank.jsonl", QUESTIONS / "written.jsonl"
RESULTS = Path(__file__).parent / "RESULTS-ablation.md"
OFTEN = 3  # a written question counts for so many of the bank's in fitting: those are all of one hand, and many more
BUDGET, DEEPEST = 2000, 20
FIGURES = ("recall@1", "recall@5", "recall@10", "recall@20", "recall@2000c")

# A part of retrieval and the features that fall with it; parts without features are switched off in ``Ablation``.
PARTS = {
    "meaning (dense)": ("dense", "dense_rank", "notice_dense", "near_dense"),
    "words": ("words", "words_rank"),
    "character pairs": ("pairs", "pairs_rank"),
    "words and pairs (all lexical)": ("words", "words_rank", "pairs", "pairs_rank", "headings", "rules", "covered", "notice_lexical", "near_lexical"),
    "lexicon": ("rules",),
    "coverage of the question": ("covered",),
    "headings": ("headings",),
    "notice and neighbours": ("notice_dense", "notice_lexical", "near_dense", "near_lexical"),
    "district and year": ("district_agrees", "district_differs", "year_agrees", "year_differs", "year_in_text"),
    "word pieces read side by side": ("pieces", "pieces_alike", "pieces_sentence", "pieces_sentence_and_context", "pieces_context"),
    "sentence by sentence": ("covered_text", "covered_context", "covered_sentence", "covered_sentence_and_context"),
    "look-up to the letter": ("number_of_notice", "article", "person", "phone"),
    "kind of question": ("asks_amount", "asks_date", "asks_who", "asks_how", "asks_what", "asks_title"),
    "questions asked before": ("asked_before",),
    "kind and length of passage": ("is_row", "is_head", "is_tail", "is_heading", "length"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """``places`` holds, for each piece of evidence, everywhere it is printed."""

    text: str
    source: str
    evidence: tuple[str, ...]
    need: str = "all"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's candidates: positions, a stage's features, whether each alone holds a piece of the evidence."""

    at: np.ndarray
    rows: np.ndarray
    right: np.ndarray
    pieces: Pieces | None


def bank(count: int = 0) -> list[Question]:
    """Questions of the training bank, all or ``count`` evenly drawn."""
    lines = BANK.read_text("utf-8").splitlines()
    made = [Question(r["question"], r["source"], (r["evidence"],)) for r in map(json.loads, lines)]
    return made[:: max(1, len(made) // count)] if count else made


def written() -> list[Question]:
    """The answerable questions that were written to learn from beside the bank, those without a history."""
    return [
        Question(one.question, "", tuple(gold.evidence for gold in one.gold), one.need)
        for one in read_questions(WRITTEN) if one.answerable and not one.history
    ]


def development() -> list[Question]:
    """The answerable development questions; a follow-up behind the turn before it."""
    records = map(json.loads, (QUESTIONS / "dev.jsonl").read_text("utf-8").splitlines())
    return [
        Question(" ".join((*r["history"][-1:], r["question"])), "", tuple(g["evidence"] for g in r["gold"]), r["need"])
        for r in records if r["answerable"]
    ]


def asked(index: Index, questions: Sequence[Question], *, texts: Printed) -> list[Asked]:
    """Candidates of each question with the features of the first stage."""
    search, result = index._search, []
    for question in questions:
        queries, pieces = search.encoded(question.text)
        found = search.candidates(question.text, queries)
        rows = search.features.rows(question.text, found.at, near=found.near, before=found.before, matches=found.matches)
        places = tuple(texts.find(one, source=question.source) for one in question.evidence)
        right = np.asarray([any(covered(piece, [texts.spans[at]]) for piece in places) for at in found.at])
        result.append(Asked(found.at, rows, right, pieces))
    return result


def asked_closer(index: Index, questions: Sequence[Question], found: Sequence[Asked], first: np.ndarray) -> list[Asked]:
    """The best candidates by the coefficients ``first`` with the features of the second stage."""
    result = []
    for question, one in zip(questions, found, strict=True):
        best = np.argsort(-(one.rows @ first), kind="stable")[:SECOND]
        close = index._search.closeness.rows(question.text, one.pieces, one.at[best])
        result.append(Asked(one.at[best], np.concatenate([one.rows[best], close], axis=1), one.right[best], None))
    return result


def covered(piece: Sequence[Place], spans: Sequence[Place]) -> bool:
    """Whether the union of spans covers enough of the evidence at any place where it is printed."""
    for source, start, end in piece:
        inside = sorted((max(start, a), min(end, b)) for name, a, b in spans if name == source and a < end and b > start)
        total, last = 0, start
        for a, b in inside:
            total += max(0, b - max(a, last))
            last = max(last, b)
        if total >= COVER * max(1, end - start):
            return True
    return False


def figures(texts: Printed, questions: Sequence[Question], ranked: Sequence[Sequence[int]]) -> dict[str, float]:
    """The mean of each of ``FIGURES`` for ranked passage positions."""
    totals = dict.fromkeys(FIGURES, 0.0)
    for question, order in zip(questions, ranked, strict=True):
        places = [texts.find(one, source=question.source) for one in question.evidence]
        spans = [texts.spans[at] for at in order[:DEEPEST]]
        for name in FIGURES:
            depth = name.removeprefix("recall@")
            shown = within(spans, BUDGET) if depth.endswith("c") else spans[: int(depth)]
            flags = [covered(piece, shown) for piece in places]
            totals[name] += float(any(flags)) if question.need == "any" else sum(flags) / len(flags)
    return {name: total / len(questions) for name, total in totals.items()}


def within(spans: Sequence[Place], budget: int) -> list[Place]:
    """The first spans up to ``budget`` characters, the last one cut."""
    kept = []
    for source, start, end in spans:
        kept.append((source, start, min(end, start + budget)))
        budget -= end - start
        if budget <= 0:
            break
    return kept


def row_of(name: str, found: dict[str, float]) -> str:
    return f"| {name} | " + " | ".join(f"{found[figure]:.3f}" for figure in FIGURES) + " |"


HEAD = "| | " + " | ".join(FIGURES) + " |\n" + "|---" * (1 + len(FIGURES)) + "|"


def searched(index: Index, questions: Sequence[Question]) -> tuple[list[list[int]], list[float]]:
    """Ranked positions and seconds of each question through ``Index.search``."""
    number = {passage.id: at for at, passage in enumerate(index.passages)}
    ranked, seconds = [], []
    for question in questions:
        began = time.perf_counter()
        hits = index.search(question.text, limit=DEEPEST)
        seconds.append(time.perf_counter() - began)
        ranked.append([number[hit.passage.id] for hit in hits])
    return ranked, seconds


def ablation(index: Index, texts: Printed, *, count: int) -> list[str]:
    """A row for all parts and one for each part off, the others fitted anew without it: bank, then development.

    Of the bank every question's figure is of a model that was not fitted to its notice (see ``ranking.held_out``), and of
    an encoder that was not trained on its district (see ``folds``).
    """
    from .folds import out_of_fold
    from .ranking import fit, fitted, held_out

    asked_of = {"bank": out_of_fold(bank(count)), "development": [(index, development())]}
    sets = {name: [question for _, mine in folds for question in mine] for name, folds in asked_of.items()}
    found = {name: [asked(one, mine, texts=texts) for one, mine in folds] for name, folds in asked_of.items()}
    first = fitted("first", [one for some in found["bank"] for one in some])
    close = {
        name: [one for (each, mine), some in zip(folds, found[name], strict=True) for one in asked_closer(each, mine, some, first)]
        for name, folds in asked_of.items()
    }
    lines = [HEAD]
    for part, names in (("all parts", ()), *PARTS.items()):
        off = np.isin(STAGES["second"], names)
        rows = {name: [replace(one, rows=np.where(off, 0, one.rows).astype(np.float32)) for one in some] for name, some in close.items()}
        scores = {"bank": held_out(sets["bank"], rows["bank"], texts=texts),
                  "development": [one.rows @ fit([one.rows for one in rows["bank"]], [one.right for one in rows["bank"]]) for one in rows["development"]]}
        for name, questions in sets.items():
            ranked = [one.at[np.argsort(-some, kind="stable")[:DEEPEST]] for one, some in zip(rows[name], scores[name], strict=True)]
            label = part if part == "all parts" else f"without {part}"
            lines.append(row_of(f"{label}, {name}", figures(texts, questions, ranked)))
            print(lines[-1], flush=True)
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bank", type=int, default=0, help="so many questions of the bank: asked instead, or fitted to")
    parser.add_argument("--ablation", action="store_true", help="write the table of what each part adds")
    arguments = parser.parse_args()
    index = Index.load(settings().index_folder)
    texts = Printed(index.corpus, index.passages)
    if arguments.ablation:
        RESULTS.write_text("\n".join((REPORT, *ablation(index, texts, count=arguments.bank), "")), "utf-8")
        return
    questions = bank(arguments.bank) if arguments.bank else development()
    ranked, seconds = searched(index, questions)
    print(HEAD, row_of(f"{len(questions)} questions", figures(texts, questions, ranked)), sep="\n")
    print(f"p50 {1000 * np.quantile(seconds, 0.5):.1f} ms, p95 {1000 * np.quantile(seconds, 0.95):.1f} ms, embedding included")


REPORT = """\
# What each part of retrieval adds

Made by `python -m benchmarks.retrieval --ablation --bank 400`. Each row: one part's features off, the other coefficients fitted anew
on the training bank. The candidates stay those of all parts, so a row shows what a part adds to the ranking. The encoder
is the tuned one; nothing is fitted to the development questions. A question of the bank is ranked by coefficients fitted
without its notice and an encoder trained without its district; RESULTS-left-out.md leaves out each whole gazette.
"""


if __name__ == "__main__":
    main()
