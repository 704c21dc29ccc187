"""The API keeps to its own description, whatever is sent to it; the official client of OpenAI's interface can talk to it."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from openai import BadRequestError, OpenAI
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from assistant.web.completions import MODEL

QUESTION = "过年在朝阳区家门口能放鞭炮吗"


CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = [
    "POST /api/v1/ask", "POST /api/v1/ask/events", "POST /api/v1/feedback", "DELETE /api/v1/conversations/{id}",
    "GET /api/v1/search", "GET /api/v1/notices", "GET /api/v1/notices/{key}",
    "GET /api/v1/notices/{key}/clauses", "POST /v1/chat/completions", "GET /v1/models", "GET /healthz", "GET /readyz",
]


@pytest.fixture(scope="session")
def operations(client) -> dict[str, APIOperation]:
    described = schemathesis.openapi.from_asgi("/api/openapi.json", client.app)
    return {result.ok().label: result.ok() for result in described.get_all_operations()}


def test_no_operation_of_the_description_is_left_out(operations):
    assert sorted(operations) == sorted(OPERATIONS)


@pytest.mark.parametrize("label", OPERATIONS)
def test_whatever_is_sent_the_answer_is_one_that_the_description_promises(operations, label):
    @settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operations[label].as_strategy() | operations[label].as_strategy(GenerationMode.NEGATIVE))
    def holds(case):
        case.call_and_validate(checks=CHECKS, timeout=60)

    holds()


@pytest.fixture
def openai(served) -> OpenAI:
    return OpenAI(base_url=f"{served}/v1", api_key="none", max_retries=0, timeout=20)


def test_the_official_client_finds_the_model_and_gets_an_answer_with_its_sources(openai, served):
    assert [model.id for model in openai.models.list()] == [MODEL]
    completion = openai.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": QUESTION}], temperature=0)
    said = completion.choices[0].message.content
    assert completion.choices[0].finish_reason == "stop" and "[1]" in said and f"{served}/notices/" in said


def test_the_official_client_streams_the_same_text(openai):
    asked = {"model": MODEL, "messages": [{"role": "user", "content": QUESTION}]}
    whole = openai.chat.completions.create(**asked).choices[0].message.content
    pieces = [piece.choices[0] for piece in openai.chat.completions.create(**asked, stream=True)]
    assert "".join(piece.delta.content or "" for piece in pieces) == whole
    assert [piece.finish_reason for piece in pieces][-1] == "stop" and len(pieces) > 3


def test_the_official_client_is_told_what_was_wrong(openai):
    with pytest.raises(BadRequestError, match="no user message"):
        openai.chat.completions.create(model=MODEL, messages=[{"role": "system", "content": "…"}])
