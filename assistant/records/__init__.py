"""Conversations, feedback, notes and operators in a database: SQLite by default, PostgreSQL by one setting."""

from .database import Database
from .desk import NOTES, Desk, Logged, Note, NoteKind
from .operators import Operator, Operators
from .records import VERDICTS, Exchange, Records, Verdict
from .review import Counts, Review, Reviewed, Sieve

__all__ = [
    "NOTES", "VERDICTS", "Counts", "Database", "Desk", "Exchange", "Logged", "Note", "NoteKind", "Operator", "Operators", "Records",
    "Review", "Reviewed", "Sieve", "Verdict",
]
