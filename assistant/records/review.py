"""Questions to look at again: those without an answer, those somebody found fault with; counted, and one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import selectinload

from .database import Database
from .desk import Note, notes_of
from .records import Exchange, exchange_of
from .tables import ConversationRow, FeedbackRow, NoteRow, TurnRow

# "doubtful": refused, disliked, flagged or corrected; "" is every question.
Matter = Literal["doubtful", ""]
BAD = ("useless", "miscited")
FAULTS = ("flag", "correction")
CHARTED = 31  # days of a chart, the last ones
BATCH = 500


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which questions; days are those of the server's clock, both included, empty is all.

    ``verdict`` is a resident's, or ``flagged`` where an operator found fault.
    """

    matter: Matter = "doubtful"
    since: date | None = None
    until: date | None = None
    district: str = ""
    status: str = ""
    verdict: str = ""
    channel: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        disliked = exists().where(FeedbackRow.turn_id == TurnRow.id, FeedbackRow.verdict.in_(BAD))
        flagged = exists().where(NoteRow.turn_id == TurnRow.id, NoteRow.kind.in_(FAULTS))
        found = []
        if self.matter:
            found.append(or_(TurnRow.status == "refused", disliked, flagged))
        if self.since:
            found.append(TurnRow.created >= midnight(self.since))
        if self.until:
            found.append(TurnRow.created < midnight(self.until + timedelta(days=1)))
        if self.district:
            found.append(TurnRow.district.contains(self.district, autoescape=True))
        if self.status:
            found.append(TurnRow.status == self.status)
        if self.verdict:
            said = exists().where(FeedbackRow.turn_id == TurnRow.id, FeedbackRow.verdict == self.verdict)
            found.append(flagged if self.verdict == "flagged" else said)
        if self.channel:
            found.append(TurnRow.conversation.has(ConversationRow.channel == self.channel))
        return found


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A question as it was answered, with what people said of it and what was asked before it in its conversation."""

    exchange: Exchange
    channel: str
    notes: tuple[Note, ...]
    before: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many questions, in all and by status within a day or a district (statuses that did not occur are missing)."""

    total: int
    statuses: dict[str, int]
    districts: dict[str, dict[str, int]]
    days: dict[date, dict[str, int]]


class Review:
    """Reads what :class:`Records` and :class:`Desk` have kept; thread-safe."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def page(self, sieve: Sieve, *, offset: int = 0, limit: int = 50) -> list[Reviewed]:
        """Newest first."""
        wanted = self._rows(sieve).offset(offset).limit(limit)
        with self.database.reading() as session:
            return [self._reviewed(session, row) for row in session.scalars(wanted)]

    def every(self, sieve: Sieve) -> Iterator[Reviewed]:
        """All of them, newest first, a batch at a time."""
        last = None
        while True:
            with self.database.reading() as session:
                wanted = self._rows(sieve).limit(BATCH)
                rows = list(session.scalars(wanted if last is None else wanted.where(TurnRow.id < last)))
                found = [self._reviewed(session, row) for row in rows]
                last = rows[-1].id if rows else None
            yield from found
            if len(rows) < BATCH:
                return

    def counts(self, sieve: Sieve, *, today: date) -> Counts:
        """``days`` are the last ``CHARTED`` of the sieve, oldest first, empty ones too."""
        conditions = and_(True, *sieve.conditions())
        last = min(sieve.until or today, today)
        first = max(sieve.since or date.min, last - timedelta(days=CHARTED - 1))
        with self.database.reading() as session:
            grouped = select(TurnRow.district, TurnRow.status, func.count()).where(conditions).group_by(TurnRow.district, TurnRow.status)
            districts: dict[str, dict[str, int]] = {}
            for district, status, count in session.execute(grouped):
                districts.setdefault(district, {})[status] = count
            days: dict[date, dict[str, int]] = {}
            for shift in range((last - first).days + 1):
                day = first + timedelta(days=shift)
                inside = and_(conditions, TurnRow.created >= midnight(day), TurnRow.created < midnight(day + timedelta(days=1)))
                rows = session.execute(select(TurnRow.status, func.count()).where(inside).group_by(TurnRow.status))
                days[day] = {status: count for status, count in rows}
        statuses: dict[str, int] = {}
        for row in districts.values():
            for status, count in row.items():
                statuses[status] = statuses.get(status, 0) + count
        largest = sorted(districts.items(), key=lambda item: (-sum(item[1].values()), item[0]))
        return Counts(sum(statuses.values()), statuses, dict(largest), days)

    @staticmethod
    def _rows(sieve: Sieve) -> Select[tuple[TurnRow]]:
        return (
            select(TurnRow).where(*sieve.conditions()).order_by(TurnRow.id.desc())
            .options(
                selectinload(TurnRow.feedback), selectinload(TurnRow.conversation),
                selectinload(TurnRow.notes).selectinload(NoteRow.operator),
            )
        )

    @staticmethod
    def _reviewed(session, row: TurnRow) -> Reviewed:
        earlier = select(TurnRow.question).where(TurnRow.conversation_id == row.conversation_id, TurnRow.id < row.id)
        before = tuple(session.scalars(earlier.order_by(TurnRow.id)))
        return Reviewed(exchange_of(row), row.conversation.channel, notes_of(row), before)


def midnight(day: date) -> datetime:
    """When a day of the server's clock begins, in UTC."""
    return datetime.combine(day, time.min).astimezone().astimezone(UTC)
