"""Optional judges: llama-index's evaluators, where a language model's endpoint is set. No figure of FORMAT.md needs them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from indexing.endpoint import failed

from .figures import Judged
from .questions import Question
from .writing import RESULTS, RUN

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

FOLDER = "judges"  # in a run's folder
JUDGES = ("faithfulness", "relevancy", "correctness")
SCORE = re.compile(r"[1-5](?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Mean:
    n: int
    mean: float


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a language model made of the answers: faithfulness and relevancy 0 or 1, correctness 1 to 5, by question id."""

    model: str
    by_id: Mapping[str, Mapping[str, float]]

    @property
    def figures(self) -> dict[str, Mean]:
        found = {}
        for judge in JUDGES:
            scores = [scores[judge] for scores in self.by_id.values() if judge in scores]
            if scores:
                found[judge] = Mean(len(scores), sum(scores) / len(scores))
        return found


def judge(one: Judged, llm: LLM) -> dict:
    """The scores of one answer with what the judges said; none for a refusal, which has nothing to judge.

    Faithful: the cited clauses support the answer. Relevant: they and the answer
    fit the question. Correct: beside the reference answer, 1 to 5. A judge whose
    reply holds no score gives none. Raises whatever the endpoint raises.
    """
    if one.record.status not in ("answered", "clarify") or not one.record.citations:
        return {"id": one.question.id}
    asked = "\n".join((*one.question.history, one.question.question))
    contexts = [f"{item.title} {' '.join(item.clause)}\n{item.quote}" for item in one.record.citations]
    found = {"id": one.question.id, "feedback": {}}
    for name, evaluator in evaluators(llm).items():
        if name == "correctness" and not one.question.answer:
            continue
        result = evaluator.evaluate(query=asked, response=one.record.answer, contexts=contexts, reference=one.question.answer)
        if result.score is not None:
            found[name] = result.score
        found["feedback"][name] = result.feedback
    return found


def evaluators(llm: LLM) -> dict:
    from llama_index.core.evaluation import CorrectnessEvaluator, FaithfulnessEvaluator, RelevancyEvaluator

    return {
        "faithfulness": FaithfulnessEvaluator(llm=llm), "relevancy": RelevancyEvaluator(llm=llm),
        "correctness": CorrectnessEvaluator(llm=llm, parser_function=score_of),
    }


def score_of(reply: str) -> tuple[float | None, str]:
    """llama-index's own parser fails on a reply of one line, and on words before the number.

    >>> score_of("Score: 4.5, as the reference")
    (4.5, 'Score: 4.5, as the reference')
    """
    score = SCORE.search(reply)
    return (float(score.group()) if score else None), reply


def judging(llm: LLM, answers: Mapping[str, Judged]) -> Callable[[Question], dict]:
    """A question to its record, as ``run.written`` wants it; an endpoint that fails ends the run in one line."""

    def ask(question: Question) -> dict:
        try:
            return judge(answers[question.id], llm)
        except Exception as error:  # whatever an endpoint may do
            raise failed(error) from error

    return ask


def read_verdicts(folder: Path) -> Verdicts | None:
    """What ``judge`` wrote for the run in ``folder``; ``None`` where it was never judged."""
    try:
        about = json.loads((folder / FOLDER / RUN).read_text("utf-8"))
        records = [json.loads(text) for text in (folder / FOLDER / RESULTS).read_text("utf-8").splitlines()]
    except (OSError, ValueError):
        return None
    return Verdicts(about.get("language_model", ""), {record["id"]: {name: record[name] for name in JUDGES if name in record} for record in records})
