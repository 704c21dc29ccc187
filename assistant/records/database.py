"""The database itself: opened by its address, brought to the newest form, read and written in short transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session

from corpus import GazetteError, Settings

MIGRATIONS = Path(__file__).parent / "migrations"
PATIENCE = 15  # seconds a writer waits for another
LOCKED = 0.02  # seconds until a new file's mode is tried again
MIGRATING = 4_072_025  # the advisory lock of PostgreSQL that one process holds while it migrates


class Database:
    """Safe for many threads and processes: SQLite in WAL mode, where a writer takes its place in the queue at once.

    Raises GazetteError where the address is wrong, its driver missing, or the database made by a newer program.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        try:
            self.engine = engine_at(address)
            self._writing = self.engine.execution_options(writes=True)
            with self._writing.begin() as connection:
                migrate(connection)
        except (ArgumentError, NoSuchModuleError) as error:
            raise GazetteError(f"GAZETTE_DATABASE: {error}; write sqlite:///path or postgresql://user@host/name") from None
        except ImportError as error:
            raise GazetteError(f"GAZETTE_DATABASE: its driver is not installed ({error}); for PostgreSQL: pip install psycopg[binary]") from None
        except CommandError as error:
            raise GazetteError(f"{self.shown}: {error}; it was made by a newer program, update this one") from None
        except SQLAlchemyError as error:
            raise GazetteError(f"cannot open the database {self.shown}: {str(error.__cause__ or error).strip()}") from None

    @classmethod
    def of(cls, chosen: Settings) -> Database:
        """The one that the settings name; by default ``conversations.sqlite`` in the data folder."""
        if not chosen.database:
            chosen.data.mkdir(parents=True, exist_ok=True)
        return cls(chosen.database or f"sqlite:///{chosen.data / 'conversations.sqlite'}")

    @property
    def shown(self) -> str:
        """The address without its password."""
        return make_url(self.address).render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """All or nothing: committed at the end, undone by an exception."""
        with Session(self._writing) as session, session.begin():
            yield session

    def close(self) -> None:
        self.engine.dispose()


def engine_at(address: str) -> Engine:
    engine = create_engine(address, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", prepare_sqlite)
        event.listen(engine, "begin", begin_sqlite)
    return engine


def prepare_sqlite(connection: object, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late: `begin_sqlite` writes it
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={1000 * PATIENCE}")
    into_wal_mode(cursor)
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def into_wal_mode(cursor: sqlite3.Cursor) -> None:
    """A new file changes its mode under a lock that SQLite does not wait for, whatever ``busy_timeout`` says: so this waits."""
    given_up = monotonic() + PATIENCE
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > given_up:
                raise
            sleep(LOCKED)


def begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later cannot wait for another writer in SQLite: it fails at once.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


def migrate(connection: Connection) -> None:
    """To the newest form, inside the caller's transaction; a second process that starts meanwhile waits and finds it done."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATING})"))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
