"""Conversations and feedback outlast the process, are shown as they were, and are forgotten when they should be."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from assistant import Answer, Choice, Citation, Turn, Understanding
from assistant.records import Database, Records
from assistant.records.tables import FeedbackRow, Table, TurnRow
from corpus import GazetteError, Settings

CITATION = Citation("朝政发〔2021〕4号", "关于某事的通告", "2021-01-28", ("一、",), "a.txt", 10, 20, "本区全域\n\n禁止燃放")
ANSWER = Answer(
    "answered", "本区全域禁止燃放。[1]", Understanding("能放吗", "朝阳区能放吗", districts=("朝阳区",), years=(2021,), is_followup=True),
    citations=(CITATION,), validity=("成文日期：2021年1月28日",), choices=(Choice("朝阳区（2020年）", "朝阳区2020年能放吗"),),
    related=(CITATION,), confidence=0.75, latency_ms=12.5, timings={"retrieve": 9.5},
)


def rows(records: Records, table: type[Table]) -> int:
    with records.database.reading() as session:
        return session.query(table).count()


def test_a_conversation_is_read_again_exactly_as_it_was_shown(address, records):
    id, first = records.add(Turn("能放吗", ANSWER))
    same, second = records.add(Turn("那初中呢", ANSWER), conversation=id)
    assert same == id and first.key != second.key
    later = Records(Database(address))
    assert [(one.key, one.turn) for one in later.exchanges(id)] == [(first.key, first.turn), (second.key, second.turn)]
    assert [one.key for one in later.exchanges(id, last=1)] == [second.key]
    later.database.close()


def test_a_question_of_characters_that_no_database_keeps_is_kept_without_them(records):
    id, kept = records.add(Turn("能\0放\ud800吗", replace(ANSWER, understanding=Understanding("能\0放\ud800吗", "能\0放吗"))))
    assert records.judge(kept.key, "useless", words="\0")
    assert records.exchanges(id)[0].turn.question == "能放?吗" == records.exchanges(id)[0].turn.answer.understanding.original


def test_nobody_continues_a_conversation_under_an_id_of_their_own_making(records):
    id, _ = records.add(Turn("能放吗", ANSWER), conversation="made-up")
    assert id != "made-up" and len(id) >= 20 and not records.exchanges("made-up")


def test_the_last_verdict_on_an_answer_counts(records):
    id, kept = records.add(Turn("能放吗", ANSWER))
    assert records.judge(kept.key, "useful") and records.judge(kept.key, "miscited", words="第三条才是")
    assert [(one.verdict, one.words) for one in records.exchanges(id)] == [("miscited", "第三条才是")]
    assert not records.judge("unknown", "useful")


def test_deletion_leaves_nothing_of_the_conversation_and_all_of_the_others(records):
    id, kept = records.add(Turn("能放吗", ANSWER))
    other, _ = records.add(Turn("别的", ANSWER))
    records.judge(kept.key, "useful")
    assert rows(records, FeedbackRow) == 1
    assert records.forget(id) and not records.forget(id)
    assert not records.exchanges(id) and len(records.exchanges(other)) == 1 and rows(records, FeedbackRow) == 0


def test_what_the_retention_period_has_passed_is_deleted(records):
    old, _ = records.add(Turn("旧的", ANSWER))
    assert records.purge(now=datetime.now(UTC) + timedelta(days=29)) == 0
    assert records.purge(now=datetime.now(UTC) + timedelta(days=31)) == 1
    assert not records.exchanges(old) and rows(records, TurnRow) == 0
    kept, _ = records.add(Turn("永远", ANSWER))
    records.keep_days = 0
    assert records.purge(now=datetime.now(UTC) + timedelta(days=9999)) == 0 and records.exchanges(kept)


def test_a_conversation_of_one_program_is_read_by_the_next_that_knows_more_or_less(records):
    id, _ = records.add(Turn("能放吗", ANSWER))
    with records.database.writing() as session:
        session.query(TurnRow).one().more = {"a_field_of_tomorrow": 1}
    assert records.exchanges(id)[0].turn.answer.text == ANSWER.text


def test_many_write_at_once_and_nothing_is_lost(address, records):
    others = [Records(Database(address)) for _ in range(3)]  # as in other processes: each its own pool
    id, _ = records.add(Turn("开始", ANSWER))

    def write(n: int) -> None:
        one = others[n % 3]
        _, kept = one.add(Turn(f"第{n}问", ANSWER), conversation=id)
        one.judge(kept.key, "useful")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(60)))
    shown = records.exchanges(id, last=100)
    assert {one.turn.question for one in shown} == {"开始", *(f"第{n}问" for n in range(60))}
    assert sum(one.verdict == "useful" for one in shown) == 60
    for other in others:
        other.database.close()


def test_the_migrations_make_the_tables_that_the_program_uses(records):
    with records.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []


def opens(address: str) -> None:
    Database(address).close()


def test_processes_that_start_at_the_same_time_migrate_once(tmp_path):
    # Several files, since it is the first moment of a new one that processes fight for.
    addresses = [f"sqlite:///{tmp_path / f'new-{count}.sqlite'}" for count in range(12)]
    with ProcessPoolExecutor(8, mp_context=get_context("fork")) as pool:
        list(pool.map(opens, [address for address in addresses for _ in range(8)]))
    for address in addresses:
        with Database(address).reading() as session:
            assert session.scalar(text("SELECT count(*) FROM alembic_version")) == 1


def test_sqlite_is_in_wal_mode_and_stands_in_the_data_folder(tmp_path):
    database = Database.of(Settings(data=tmp_path / "data"))
    with database.reading() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
    assert os.listdir(tmp_path / "data") and (tmp_path / "data" / "conversations.sqlite").exists()
    database.close()


@pytest.mark.parametrize(("address", "told"), [
    ("conversations.db", "GAZETTE_DATABASE"), ("nonsense://x", "GAZETTE_DATABASE"), ("sqlite:////nowhere/at/all.sqlite", "cannot open"),
    ("postgresql://gazette:hidden@127.0.0.1:1/none", "cannot open"),
])
def test_a_wrong_address_is_told_in_one_line_without_its_password(address, told):
    with pytest.raises(GazetteError) as caught:
        Database(address)
    assert told in str(caught.value) and "hidden" not in str(caught.value)


def test_a_database_of_a_newer_program_is_left_alone(address, records):
    with records.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(GazetteError, match="newer"):
        Database(address)
