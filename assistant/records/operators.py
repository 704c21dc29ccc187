"""Operators and their logins: passwords as salted scrypt hashes, sessions by the digest of a token."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select

from corpus import GazetteError

from .database import Database
from .tables import OperatorRow, SessionRow

SHIFT = timedelta(hours=12)  # a login lasts for one
SHORTEST, LONGEST = 10, 200  # characters of a password
LONGEST_NAME = 50
# 32 MiB and some 50 ms a try on one core, as OWASP's password storage cheat sheet asks of scrypt.
COST, BLOCK, LANES = 2**15, 8, 3
MEMORY = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who may use the console."""

    id: int
    name: str
    role: str


class Operators:
    """Over one database; thread-safe.

    >>> operators = Operators(Database("sqlite://"))
    >>> operators.login("nobody", "a long password") is None
    True
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, name: str, password: str, *, role: str = "operator") -> None:
        """Raises GazetteError where the name is taken or not one, or the password too short."""
        name = checked_name(name)
        row = OperatorRow(name=name, secret=hashed(checked(password)), role=role, created=datetime.now(UTC))
        with self.database.writing() as session:
            if session.scalar(select(OperatorRow.id).where(OperatorRow.name == name)):
                raise GazetteError(f"there is an operator {name!r} already; to set a new password: operators password {name}")
            session.add(row)

    def set_password(self, name: str, password: str) -> None:
        """Ends the operator's sessions too. Raises GazetteError where there is none of that name, or the password is too short."""
        secret = hashed(checked(password))
        with self.database.writing() as session:
            row = self._row(session, name)
            row.secret = secret
            session.execute(delete(SessionRow).where(SessionRow.operator_id == row.id))

    def remove(self, name: str) -> None:
        """With all the operator's sessions and notes. Raises GazetteError where there is none of that name."""
        with self.database.writing() as session:
            session.execute(delete(OperatorRow).where(OperatorRow.id == self._row(session, name).id))

    def names(self) -> list[str]:
        with self.database.reading() as session:
            return list(session.scalars(select(OperatorRow.name).order_by(OperatorRow.name)))

    def login(self, name: str, password: str) -> str | None:
        """The token of a new session, or None. An unknown name takes as long as a wrong password."""
        with self.database.reading() as session:
            row = session.scalar(select(OperatorRow).where(OperatorRow.name == name[:LONGEST_NAME]))
            id, secret = (row.id, row.secret) if row else (0, NOBODY)
        if not matches(password[:LONGEST], secret) or not id:
            return None
        token, now = secrets.token_urlsafe(32), datetime.now(UTC)
        with self.database.writing() as session:
            session.add(SessionRow(digest=digest(token), operator_id=id, created=now, expires=now + SHIFT))
        return token

    def of(self, token: str) -> Operator | None:
        """Whose session it is; None where it is nobody's, or over."""
        with self.database.reading() as session:
            held = session.get(SessionRow, digest(token)) if token else None
            if held is None or held.expires < datetime.now(UTC):
                return None
            return Operator(held.operator.id, held.operator.name, held.operator.role)

    def logout(self, token: str) -> None:
        with self.database.writing() as session:
            session.execute(delete(SessionRow).where(SessionRow.digest == digest(token)))

    @staticmethod
    def _row(session, name: str) -> OperatorRow:
        row = session.scalar(select(OperatorRow).where(OperatorRow.name == name))
        if row is None:
            raise GazetteError(f"there is no operator {name!r}")
        return row


def checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise GazetteError(f"an operator's name has 1 to {LONGEST_NAME} printable characters")
    return name


def checked(password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise GazetteError(f"a password has {SHORTEST} to {LONGEST} characters")
    return password


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def hashed(password: str) -> str:
    """``scrypt$cost$block$lanes$salt$hash``, the last two in hexadecimal."""
    salt = secrets.token_bytes(16)
    made = hashlib.scrypt(password.encode(), salt=salt, n=COST, r=BLOCK, p=LANES, maxmem=MEMORY)
    return f"scrypt${COST}${BLOCK}${LANES}${salt.hex()}${made.hex()}"


def matches(password: str, secret: str) -> bool:
    _, cost, block, lanes, salt, wanted = secret.split("$")
    made = hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), n=int(cost), r=int(block), p=int(lanes), maxmem=MEMORY)
    return hmac.compare_digest(made.hex(), wanted)


NOBODY = f"scrypt${COST}${BLOCK}${LANES}{'$' + '00' * 16}{'$' + '00' * 64}"  # matches no password
