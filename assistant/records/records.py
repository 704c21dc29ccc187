"""What is kept of conversations: turns with their answers as shown, verdicts on them, and how all of it is forgotten."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal, get_args

from pydantic import TypeAdapter
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from corpus import Settings
from corpus.settings import settings

from ..model import Answer, Turn
from .database import Database
from .tables import CallRow, ConversationRow, FeedbackRow, NoteRow, SessionRow, TurnRow

Verdict = Literal["useful", "useless", "miscited"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
PURGED_EVERY = 3600  # seconds


@dataclass(frozen=True, slots=True)
class Exchange:
    """A stored turn. ``key`` names it to whoever gives feedback; ``verdict`` and ``words`` are that feedback, "" where none."""

    key: str
    turn: Turn
    created: datetime
    verdict: str = ""
    words: str = ""


class Records:
    """Conversations, feedback and their end, over one database; thread-safe.

    >>> records = Records(Database("sqlite://"))
    >>> records.exchanges("unknown")
    []
    """

    def __init__(self, database: Database, *, keep_days: int = 180) -> None:
        """What was not touched for ``keep_days`` days is deleted; 0 keeps all."""
        self.database, self.keep_days, self._purged = database, keep_days, float("-inf")

    @classmethod
    def of(cls, chosen: Settings | None = None) -> Records:
        """In the database of the settings, with their retention period."""
        chosen = chosen or settings()
        return cls(Database.of(chosen), keep_days=chosen.keep_days)

    def add(self, turn: Turn, *, conversation: str = "", channel: str = "chat", operator: int = 0) -> tuple[str, Exchange]:
        """Keep an answered turn; gives the conversation's id and the turn as kept. ``operator`` is whose call it is, if one's.

        An unknown or empty ``conversation`` begins a new one under a new id: an id is never one that a browser made up.
        """
        self.purge_sometimes()
        now, answer = datetime.now(UTC), turn.answer
        row = TurnRow(key=secrets.token_urlsafe(16), created=now, question=storable(turn.question), **columns(answer))
        with self.database.writing() as session:
            held = session.get(ConversationRow, conversation) if conversation else None
            if held is None:
                held = ConversationRow(id=secrets.token_urlsafe(16), channel=channel, created=now, touched=now)
                session.add(held)
                session.flush()
                if operator:
                    session.add(CallRow(conversation_id=held.id, operator_id=operator))
            held.touched = now
            row.conversation_id = held.id
            session.add(row)
            session.flush()
            return held.id, Exchange(row.key, turn, now)

    def exchanges(self, conversation: str, *, last: int = 50) -> list[Exchange]:
        """The ``last`` turns of a conversation, oldest first; none where it is unknown or was deleted."""
        with self.database.reading() as session:
            newest = select(TurnRow).where(TurnRow.conversation_id == conversation).order_by(TurnRow.id.desc()).limit(last)
            return [exchange_of(row) for row in reversed(session.scalars(newest).all())]

    def judge(self, key: str, verdict: Verdict, *, words: str = "") -> bool:
        """Put down a verdict on the turn ``key``, replacing an earlier one; False where there is no such turn."""
        with self.database.writing() as session:
            row = turn_row(session, key)
            if row is None:
                return False
            session.merge(FeedbackRow(turn_id=row.id, verdict=verdict, words=storable(words), created=datetime.now(UTC)))
            return True

    def forget(self, conversation: str) -> bool:
        """Delete a conversation with its turns, feedback and notes; False where there was none."""
        with self.database.writing() as session:
            return bool(session.execute(delete(ConversationRow).where(ConversationRow.id == conversation)).rowcount)

    def purge(self, *, now: datetime | None = None) -> int:
        """Delete what the retention period has passed over; gives the number of conversations deleted."""
        now = now or datetime.now(UTC)
        with self.database.writing() as session:
            session.execute(delete(SessionRow).where(SessionRow.expires < now))
            if not self.keep_days:
                return 0
            oldest = now - timedelta(days=self.keep_days)
            session.execute(delete(NoteRow).where(NoteRow.turn_id.is_(None), NoteRow.created < oldest))
            return session.execute(delete(ConversationRow).where(ConversationRow.touched < oldest)).rowcount

    def purge_sometimes(self) -> None:
        if time.monotonic() - self._purged > PURGED_EVERY:
            self._purged = time.monotonic()
            self.purge()


def turn_row(session: Session, key: str) -> TurnRow | None:
    return session.scalar(select(TurnRow).where(TurnRow.key == key))


@lru_cache(maxsize=1)
def answers() -> TypeAdapter:
    return TypeAdapter(Answer)


OWN_COLUMNS = ("status", "text", "citations", "validity", "understanding", "reason", "confidence", "latency_ms")
COLUMN_OF = {"text": "answer", "understanding": "understood"}


def storable(value: object) -> object:
    """Without what no database keeps and what people do not type: a null character, half of a surrogate pair."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {name: storable(one) for name, one in value.items()}
    return [storable(one) for one in value] if isinstance(value, list | tuple) else value


def columns(answer: Answer) -> dict:
    """An answer as the columns of its turn. The passages found are not kept: they are the index's, and large."""
    plain = storable(answers().dump_python(replace(answer, retrieved=())))
    own = {COLUMN_OF.get(name, name): plain.pop(name) for name in OWN_COLUMNS}
    return {**own, "more": plain, "district": "、".join(answer.understanding.districts)[:100]}


def exchange_of(row: TurnRow) -> Exchange:
    answer = answers().validate_python(row.more | {name: getattr(row, COLUMN_OF.get(name, name)) for name in OWN_COLUMNS})
    said = row.feedback
    return Exchange(
        row.key, Turn(row.question, answer), row.created, verdict=said.verdict if said else "", words=said.words if said else ""
    )
