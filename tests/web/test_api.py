"""The HTTP API: what it takes, what it gives, and that it is described."""

from __future__ import annotations

import json

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.records import Database, Records
from assistant.records.tables import TurnRow
from assistant.web.health import health_router
from assistant.web.schemas import LONGEST

QUESTION = "过年在朝阳区家门口能放鞭炮吗"


def sent_events(body: str) -> list[tuple[str, dict]]:
    found = []
    for block in body.strip().split("\n\n"):
        name, data = block.split("\n", 1)
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_an_answer_quotes_the_gazette_at_the_offsets_it_names(client, corpus):
    body = client.post("/api/v1/ask", json={"question": QUESTION}).json()
    assert body["status"] in ("answered", "clarify") and body["citations"]
    for citation in body["citations"]:
        assert corpus.gazettes[citation["source"]].text[citation["start"] : citation["end"]] == citation["quote"]
        assert client.get(citation["url"].partition("#")[0]).status_code == 200


def test_the_chosen_district_holds_where_the_question_names_none(client):
    body = client.post("/api/v1/ask", json={"question": "小学入学什么时候采集信息", "district": "西城区"}).json()
    assert body["understanding"]["districts"] == ["西城区"]


def test_earlier_questions_complete_a_follow_up(client):
    history = ["2021年朝阳区外省市户籍孩子上小学要什么条件"]
    body = client.post("/api/v1/ask", json={"question": "那初中呢", "history": history}).json()
    assert body["understanding"]["districts"] == ["朝阳区"] and "初中" in body["understanding"]["question"]


def test_of_a_district_that_earlier_questions_went_over_to_only_that_is_asked(client):
    history = ["朝阳招应届毕业生补多少", "门头沟呢？"]
    body = client.post("/api/v1/ask", json={"question": "有什么条件？", "history": history}).json()
    assert body["understanding"]["districts"] == ["门头沟区"]
    assert not any("朝" in one["notice"] for one in body["citations"])


def test_events_bring_the_paragraphs_and_then_the_whole_answer(client):
    answer = client.post("/api/v1/ask/events", json={"question": QUESTION})
    assert answer.headers["content-type"].startswith("text/event-stream")
    received = sent_events(answer.text)
    assert [name for name, _ in received[:-1]] == ["text"] * (len(received) - 1) and received[-1][0] == "answer"
    assert "\n".join(data["text"] for _, data in received[:-1]) == "\n".join(
        line for line in received[-1][1]["answer"].splitlines() if line.strip()
    )


@pytest.mark.parametrize("body", [
    {}, {"question": ""}, {"question": "长" * 2001}, {"question": 5}, {"question": "问", "history": ["问"] * 21},
    {"question": "问", "unknown": 1}, {"question": "问", "district": "没有的区"},
])
def test_a_wrong_request_is_refused_with_a_reason(client, body):
    answer = client.post("/api/v1/ask", json=body)
    assert answer.status_code == 422 and answer.json()["detail"]


def test_search_is_narrowed_to_what_was_named(client):
    hits = client.get("/api/v1/search", params={"q": "小学入学", "district": "西城区", "limit": 5}).json()
    assert 0 < len(hits) <= 5 and {hit["district"] for hit in hits} == {"西城区"}
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)


def test_notices_are_listed_filtered_and_paged(client, corpus):
    body = client.get("/api/v1/notices", params={"limit": 500}).json()
    assert body["count"] == len(body["notices"]) == len(corpus.notices)
    second = client.get("/api/v1/notices", params={"limit": 2, "offset": 2}).json()["notices"]
    assert second == body["notices"][2:4]
    assert client.get("/api/v1/notices", params={"district": "西城区"}).json()["count"] == sum(n.district == "西城区" for n in corpus.notices)


def test_a_notices_clauses_are_the_printed_text_at_their_offsets(client, corpus):
    notice = client.get("/api/v1/notices/朝政发[2021]4号").json()
    text = corpus.gazettes[notice["source"]].text
    clauses = client.get(f"/api/v1/notices/{notice['key']}/clauses").json()
    assert clauses and all(text[clause["start"] : clause["end"]] == clause["printed"] for clause in clauses)
    assert client.get("/api/v1/notices/没有/clauses").status_code == 404


def test_the_api_describes_itself_with_examples(client):
    schema = client.get("/api/openapi.json").json()
    assert {"/api/v1/ask", "/api/v1/search", "/api/v1/notices", "/v1/chat/completions"} <= set(schema["paths"])
    for example in schema["components"]["schemas"]["Question"]["examples"]:
        assert client.post("/api/v1/ask", json=example).status_code == 200
    assert all(path in client.get("/api").text for path in ("/api/v1/ask", "/readyz"))


def test_health_and_readiness(client, corpus):
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() | {"status": "ready", "notices": len(corpus.notices)} == client.get("/readyz").json()


def test_what_cannot_keep_its_answers_is_not_ready(serving, tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'gone' }")
    app = FastAPI()
    app.include_router(health_router(serving, database))
    client = TestClient(app)
    assert client.get("/readyz").status_code == 200
    database.close()
    (tmp_path / "gone").unlink()
    (tmp_path / "gone").mkdir()
    assert client.get("/readyz").status_code == 503 and client.get("/healthz").status_code == 200


def test_a_chat_front_end_gets_openais_form(client):
    body = client.post("/v1/chat/completions", json={
        "model": "any", "temperature": 0.2, "messages": [{"role": "system", "content": "…"}, {"role": "user", "content": QUESTION}],
    }).json()
    assert body["object"] == "chat.completion" and body["choices"][0]["message"]["role"] == "assistant"
    assert "[1]" in body["choices"][0]["message"]["content"] and "http://testserver/notices/" in body["choices"][0]["message"]["content"]
    assert client.get("/v1/models").json()["data"][0]["id"] == body["model"]


def test_a_streamed_completion_is_the_same_text_in_pieces(client):
    asked = {"messages": [{"role": "user", "content": [{"type": "text", "text": QUESTION}]}]}
    whole = client.post("/v1/chat/completions", json=asked).json()["choices"][0]["message"]["content"]
    streamed = client.post("/v1/chat/completions", json=asked | {"stream": True}).text.strip().split("\n\n")
    assert streamed[-1] == "data: [DONE]"
    deltas = [json.loads(line.removeprefix("data: "))["choices"][0]["delta"] for line in streamed[:-1]]
    assert "".join(delta.get("content", "") for delta in deltas) == whole


@pytest.mark.parametrize("stream", [False, True])
def test_a_completion_is_kept_as_the_apis_own_answers_are(client, chosen, stream):
    question = f"{'请问' if stream else '想问'}{QUESTION}"
    earlier = [{"role": "user", "content": "小学入学什么时候登记"}, {"role": "assistant", "content": "…"}]
    said = client.post("/v1/chat/completions", json={"messages": [*earlier, {"role": "user", "content": question}], "stream": stream}).text
    body = client.post("/api/v1/ask", json={"question": question, "history": ["小学入学什么时候登记"]}).json()
    with Records.of(chosen).database.reading() as session:
        first, second = session.query(TurnRow).filter_by(question=question).order_by(TurnRow.id)
        assert second.key == body["turn"] and first.conversation_id != second.conversation_id
        for column in ("status", "answer", "citations", "validity", "understood"):
            assert getattr(first, column) == getattr(second, column), column
        assert first.conversation.channel == second.conversation.channel
        assert first.citations[0]["title"] in said


def test_of_a_document_sent_as_a_question_only_the_head_is_kept(client, chosen):
    client.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": [{"type": "text", "text": "长" * LONGEST}] * 2}]})
    with Records.of(chosen).database.reading() as session:
        assert session.query(TurnRow).filter(TurnRow.question.startswith("长长长")).one().question == "长" * LONGEST


def test_a_completion_without_a_question_is_an_error_in_openais_form(client):
    answer = client.post("/v1/chat/completions", json={"messages": [{"role": "system", "content": "…"}]})
    assert answer.status_code == 400 and answer.json()["error"]["param"] == "messages"
