"""The server's time for each search as an operator types, page and all: ``python -m benchmarks.console``.

Questions of the development set are typed letter by letter, as an input method gives them, after a login and with an empty
cache; the time is that of the whole request, from the words to the list as HTML, without the network.
"""

from __future__ import annotations

import secrets
import statistics
import tempfile
import time
from pathlib import Path

from fastapi.testclient import TestClient

from assistant import Assistant
from assistant.records import Database, Operators
from assistant.web.app import create_app
from assistant.web.served import Served
from corpus import settings
from eval.questions import read_questions
from indexing import ensure

QUESTIONS = Path(__file__).parent.parent / "eval" / "questions" / "dev.jsonl"
COUNT, STEP = 40, 2  # questions typed, characters between two searches
FILTERS = ({}, {"district": "朝阳区"}, {"year": "2022", "state": "open"})


def main() -> None:
    password = secrets.token_urlsafe()
    with tempfile.TemporaryDirectory() as folder:
        chosen = settings().model_copy(update={"database": f"sqlite:///{folder}/console.sqlite"})
        Operators(Database(chosen.database)).add("benchmark", password)
        served = Served(Assistant(ensure(chosen, progress=False), chosen))
        desk = TestClient(create_app(lambda: served, chosen))
        desk.post("/operator/login", data={"name": "benchmark", "password": password}).raise_for_status()
        questions = read_questions(QUESTIONS)
        took = []
        for at, question in enumerate(questions[:: max(1, len(questions) // COUNT)][:COUNT]):
            for end in range(STEP, len(question.question) + STEP, STEP):
                began = time.perf_counter()
                desk.get("/operator/search", params={"q": question.question[:end]} | FILTERS[at % len(FILTERS)]).raise_for_status()
                took.append(1000 * (time.perf_counter() - began))
    took.sort()
    print(f"search as one types: median {statistics.median(took):.0f} ms, 95% within {took[int(0.95 * len(took))]:.0f} ms, "
          f"worst {took[-1]:.0f} ms, of {len(took)}")


if __name__ == "__main__":
    main()
