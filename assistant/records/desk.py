"""What an operator's desk keeps: the calls of a shift, and notes, flags and corrections on their answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ..model import Turn
from .operators import Operator
from .records import Exchange, Records, exchange_of, turn_row
from .tables import CallRow, NoteRow, TurnRow

NoteKind = Literal["note", "flag", "correction"]
NOTES: tuple[NoteKind, ...] = get_args(NoteKind)


@dataclass(frozen=True, slots=True)
class Note:
    """What an operator wrote: on a call, that an answer is wrong, or what it should have been."""

    kind: NoteKind
    text: str
    operator: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Logged:
    """A question of a shift with what was noted on it."""

    call: str
    exchange: Exchange
    notes: tuple[Note, ...]


class Desk:
    """Calls and notes of operators; thread-safe."""

    def __init__(self, records: Records) -> None:
        self.records, self.database = records, records.database

    def keep(self, turn: Turn, *, operator: Operator, call: str = "") -> tuple[str, Exchange]:
        """Keep a turn of a call; "" or a call that is not the operator's begins a new one. Gives the call and the turn as kept."""
        own = call if self.owns(call, operator=operator) else ""
        return self.records.add(turn, conversation=own, channel="operator", operator=operator.id)

    def owns(self, call: str, *, operator: Operator) -> bool:
        with self.database.reading() as session:
            row = session.get(CallRow, call) if call else None
            return row is not None and row.operator_id == operator.id

    def turns(self, call: str, *, operator: Operator, last: int = 10) -> list[Turn]:
        """The last turns of one's own call, oldest first."""
        return [one.turn for one in self.records.exchanges(call, last=last)] if self.owns(call, operator=operator) else []

    def shift(self, operator: Operator, *, since: datetime, last: int = 200) -> list[Logged]:
        """The operator's questions since then, newest first."""
        wanted = (
            select(TurnRow).join(CallRow, CallRow.conversation_id == TurnRow.conversation_id)
            .where(CallRow.operator_id == operator.id, TurnRow.created >= since).order_by(TurnRow.id.desc()).limit(last)
            .options(selectinload(TurnRow.notes).selectinload(NoteRow.operator), selectinload(TurnRow.feedback))
        )
        with self.database.reading() as session:
            return [Logged(row.conversation_id, exchange_of(row), notes_of(row)) for row in session.scalars(wanted)]

    def logged(self, key: str, *, operator: Operator) -> Logged | None:
        """One's own question by its key."""
        with self.database.reading() as session:
            row = self._own(session, key, operator)
            return Logged(row.conversation_id, exchange_of(row), notes_of(row)) if row else None

    def note(self, key: str, kind: NoteKind, text: str, *, operator: Operator) -> bool:
        """Put down a note on one's own question; False where there is no such question."""
        with self.database.writing() as session:
            row = self._own(session, key, operator)
            if row is None:
                return False
            session.add(NoteRow(turn_id=row.id, operator_id=operator.id, kind=kind, text=text, created=datetime.now(UTC)))
            return True

    @staticmethod
    def _own(session: Session, key: str, operator: Operator) -> TurnRow | None:
        row = turn_row(session, key)
        call = session.get(CallRow, row.conversation_id) if row else None
        return row if call and call.operator_id == operator.id else None


def notes_of(row: TurnRow) -> tuple[Note, ...]:
    return tuple(Note(one.kind, one.text, one.operator.name, one.created) for one in row.notes)
