"""``/v1/chat/completions`` and ``/v1/models`` in OpenAI's form, so that existing chat front ends can talk to the assistant."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from assistant import Answer, Turn
from assistant.records import Records
from corpus.texts import texts

from .links import citation_address
from .schemas import LONGEST, UNREADABLE
from .served import Serving

MODEL = "gazette-assistant"


class Part(BaseModel):
    """A piece of a message; only text is read."""

    type: str = Field(max_length=50)
    text: str = Field("", max_length=20_000)


class Message(BaseModel):
    """One message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Annotated[str, Field(max_length=20_000)] | Annotated[list[Part], Field(max_length=50)] | None = None

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.content) if isinstance(self.content, list) else self.content or ""


class Completion(BaseModel):
    """A request; what OpenAI's interface has beyond these fields (temperature, tools, …) changes nothing here."""

    model_config = ConfigDict(extra="ignore", json_schema_extra={"examples": [
        {"model": MODEL, "messages": [{"role": "user", "content": "过年在朝阳区家门口能放鞭炮吗"}]},
    ]})
    messages: list[Message] = Field(min_length=1, max_length=100)
    model: str = Field(MODEL, max_length=100)
    stream: bool = False


class Fault(BaseModel):
    """What was wrong, in OpenAI's form."""

    message: str
    type: str
    param: str | None
    code: str | None


class Refusal(BaseModel):
    """The body of a refused request."""

    error: Fault | None = None
    detail: str = Field("", description="instead of `error` where the body was no UTF-8 text")


class Said(BaseModel):
    """The assistant's message."""

    role: Literal["assistant"]
    content: str


class Alternative(BaseModel):
    """The one alternative there is."""

    index: int
    message: Said
    finish_reason: Literal["stop"]
    logprobs: None


class Completed(BaseModel):
    """A whole completion."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Alternative]
    usage: dict[str, int]


DESCRIBED = {
    200: {"model": Completed, "description": "the completion; with `stream` its chunks as server-sent events", "content": {
        "text/event-stream": {"example": 'data: {"object": "chat.completion.chunk", "choices": […]}\n\ndata: [DONE]\n\n'},
    }},
    400: {"model": Refusal, "description": "no user message with text"}, 413: UNREADABLE[413],
}


def completions_router(serving: Serving, records: Records) -> APIRouter:
    """Everything under ``/v1``."""
    router = APIRouter(prefix="/v1", tags=["OpenAI's form"])
    began = int(time.time())

    def answered(questions: list[str]) -> Iterator[str | Answer]:
        """The pieces of the last question's answer, then the answer, kept like every other."""
        assistant = serving().assistant
        for piece in assistant.stream(questions[-1], history=assistant.turns(questions[:-1])):
            if isinstance(piece, Answer):
                records.add(Turn(questions[-1], piece), channel="api")
            yield piece

    @router.get("/models")
    def models() -> dict:
        """The one model there is."""
        return {"object": "list", "data": [{"id": MODEL, "object": "model", "created": began, "owned_by": MODEL}]}

    @router.post("/chat/completions", response_model=None, responses=DESCRIBED)
    def completions(asked: Completion, request: Request) -> JSONResponse | StreamingResponse:
        """The answer to the last user message; its sources follow the text, each with the address of the clause."""
        questions = [message.text.strip()[:LONGEST] for message in asked.messages if message.role == "user" and message.text.strip()]
        if not questions:
            wrong = {"message": "no user message with text", "type": "invalid_request_error", "param": "messages", "code": None}
            return JSONResponse({"error": wrong}, status_code=400)
        pieces = said(answered(questions), base=str(request.base_url).rstrip("/"))
        head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": MODEL}
        if asked.stream:
            return StreamingResponse(chunks(pieces, head), media_type="text/event-stream", headers={"cache-control": "no-store"})
        message = {"role": "assistant", "content": "".join(pieces)}
        usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}  # no language model counts any
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        return JSONResponse(head | {"object": "chat.completion", "choices": [choice], "usage": usage})

    return router


def said(pieces: Iterator[str | Answer], *, base: str) -> Iterator[str]:
    """The answer's text as it becomes final, then its validity lines and its sources, each a paragraph."""
    for piece in pieces:
        if isinstance(piece, str):
            yield piece.replace("\n", "\n\n")
            continue
        yield from (f"\n\n{line}" for line in piece.validity)
        if piece.citations:
            sources = [f"[{n}] {one.label} {base}{citation_address(one)}" for n, one in enumerate(piece.citations, 1)]
            yield "\n\n" + "\n".join([texts("web")["completions_sources"], *sources])


def chunks(pieces: Iterator[str], head: dict) -> Iterator[str]:
    def chunk(delta: dict, finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return f"data: {json.dumps(head | {'object': 'chat.completion.chunk', 'choices': [choice]}, ensure_ascii=False)}\n\n"

    yield chunk({"role": "assistant", "content": ""})
    for piece in pieces:
        yield chunk({"content": piece})
    yield chunk({}, "stop")
    yield "data: [DONE]\n\n"
