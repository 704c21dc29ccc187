"""Feedback and deletion over the HTTP API."""

from __future__ import annotations

import pytest

from assistant import Turn
from assistant.records import Records
from assistant.records.tables import TurnRow

QUESTION = {"question": "过年在朝阳区家门口能放鞭炮吗"}


@pytest.fixture
def records(chosen) -> Records:
    return Records.of(chosen)


def test_a_verdict_on_an_answer_is_kept_with_its_words(client, records):
    turn = client.post("/api/v1/ask", json=QUESTION).json()["turn"]
    for verdict, words in (("useful", ""), ("miscited", " 第三条才是 ")):
        assert client.post("/api/v1/feedback", json={"turn": turn, "verdict": verdict, "words": words}).status_code == 204
    with records.database.reading() as session:
        row = session.query(TurnRow).filter_by(key=turn).one()
        assert (row.question, row.feedback.verdict, row.feedback.words) == (QUESTION["question"], "miscited", "第三条才是")


def test_a_streamed_answer_can_be_judged_too(client):
    events = client.post("/api/v1/ask/events", json=QUESTION).text
    turn = events.rpartition('"turn": "')[2].partition('"')[0]
    assert client.post("/api/v1/feedback", json={"turn": turn, "verdict": "useless"}).status_code == 204


@pytest.mark.parametrize(("given", "status"), [
    ({"turn": "unknown", "verdict": "useful"}, 404), ({"turn": "x", "verdict": "great"}, 422), ({"verdict": "useful"}, 422),
    ({"turn": "x", "verdict": "useful", "words": "长" * 501}, 422),
])
def test_feedback_that_means_nothing_is_refused(client, given, status):
    assert client.post("/api/v1/feedback", json=given).status_code == status


def test_a_conversation_is_deleted_by_its_id_and_a_second_time_is_no_error(client, records, assistant):
    id, kept = records.add(Turn("能放吗", assistant.ask("能放吗")))
    for _ in range(2):
        assert client.delete(f"/api/v1/conversations/{id}").status_code == 204
    assert not records.exchanges(id)
    assert client.post("/api/v1/feedback", json={"turn": kept.key, "verdict": "useful"}).status_code == 404
