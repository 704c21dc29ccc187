"""The tables. A change here needs a migration in ``migrations/versions``; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, Index, MetaData, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

NAMES = {  # given names, so that a migration can name what it changes on every database
    "ix": "ix_%(table_name)s_%(column_0_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator):
    """An aware time, kept in UTC: SQLite itself keeps no time zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None


class Table(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Moment, dict: JSON, list: JSON}


class ConversationRow(Table):
    """``id`` is a secret of the person who asks: whoever has it may read and delete the conversation."""

    __tablename__ = "conversations"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))  # chat, widget, operator, api
    created: Mapped[datetime]
    touched: Mapped[datetime] = mapped_column(index=True)
    turns: Mapped[list[TurnRow]] = relationship(back_populates="conversation", order_by="TurnRow.id", passive_deletes=True)


class TurnRow(Table):
    """A question with its answer, the citations frozen as they were shown. ``key`` names it outside: numbers could be guessed."""

    __tablename__ = "turns"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    created: Mapped[datetime] = mapped_column(index=True)
    question: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20), index=True)
    reason: Mapped[str] = mapped_column(String(40))
    district: Mapped[str] = mapped_column(String(100), index=True)  # understood; several joined by 、
    answer: Mapped[str] = mapped_column(Text)
    citations: Mapped[list]
    validity: Mapped[list]
    understood: Mapped[dict]
    more: Mapped[dict]  # the answer's other fields, so that it is shown again as it was
    confidence: Mapped[float]
    latency_ms: Mapped[float]
    conversation: Mapped[ConversationRow] = relationship(back_populates="turns")
    feedback: Mapped[FeedbackRow | None] = relationship(back_populates="turn", passive_deletes=True)
    notes: Mapped[list[NoteRow]] = relationship(back_populates="turn", order_by="NoteRow.id", passive_deletes=True)


class FeedbackRow(Table):
    """One verdict on a turn; a later one replaces it."""

    __tablename__ = "feedback"
    turn_id: Mapped[int] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    verdict: Mapped[str] = mapped_column(String(20), index=True)
    words: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime]
    turn: Mapped[TurnRow] = relationship(back_populates="feedback")


class OperatorRow(Table):
    """Who may log in to the console. ``secret`` is a salted hash of the password, with its parameters."""

    __tablename__ = "operators"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50), unique=True)
    secret: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(String(20), default="operator")
    created: Mapped[datetime]


class SessionRow(Table):
    """A login. ``digest`` is of the cookie's token, so that a copy of the database opens no session."""

    __tablename__ = "sessions"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id", ondelete="CASCADE"), index=True)
    created: Mapped[datetime]
    expires: Mapped[datetime] = mapped_column(index=True)
    operator: Mapped[OperatorRow] = relationship()


class CallRow(Table):
    """A conversation that an operator has on behalf of a caller."""

    __tablename__ = "calls"
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id", ondelete="CASCADE"), index=True)


class NoteRow(Table):
    """What an operator wrote: a note on a call, a flag on an answer, a correction of it; without a turn, on the shift."""

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_operator_created", "operator_id", "created"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    turn_id: Mapped[int | None] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), index=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))  # note, flag, correction
    text: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime]
    turn: Mapped[TurnRow | None] = relationship(back_populates="notes")
    operator: Mapped[OperatorRow] = relationship()
