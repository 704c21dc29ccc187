"""Conversations, feedback, notes and operators in a database: SQLite by default, PostgreSQL by one setting."""

from .database import Database
from .records import VERDICTS, Exchange, Records, Verdict

__all__ = ["VERDICTS", "Database", "Exchange", "Records", "Verdict"]
