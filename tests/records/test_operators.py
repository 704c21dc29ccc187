"""Operators log in, have calls and notes of their own, and what went wrong is found again for review."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from sqlalchemy import update

from assistant import Answer, Turn, Understanding
from assistant.__main__ import main
from assistant.records import Desk, Operator, Operators, Records, Review, Sieve
from assistant.records.tables import OperatorRow, SessionRow, TurnRow
from corpus import GazetteError, settings

PASSWORD = "an ordinary long password"
TODAY = date.today()


def answer(status: str = "answered", district: str = "朝阳区") -> Answer:
    return Answer(status, "答。", Understanding("问", "问", districts=(district,) if district else ()))


@pytest.fixture
def operators(records: Records) -> Operators:
    return Operators(records.database)


@pytest.fixture
def desk(records: Records) -> Desk:
    return Desk(records)


def logged_in(operators: Operators, name: str) -> Operator:
    operators.add(name, PASSWORD)
    return operators.of(operators.login(name, PASSWORD))


def test_only_the_right_password_opens_a_session_and_it_can_be_ended(operators):
    operators.add("王敏", PASSWORD)
    token = operators.login("王敏", PASSWORD)
    assert operators.of(token).name == "王敏"
    assert not operators.login("王敏", PASSWORD + "x") and not operators.login("无此人", PASSWORD)
    operators.logout(token)
    assert operators.of(token) is None and operators.of("") is None


def test_a_copy_of_the_database_holds_no_password_and_opens_no_session(records, operators):
    operators.add("王敏", PASSWORD)
    token = operators.login("王敏", PASSWORD)
    with records.database.reading() as session:
        secret, digest = session.query(OperatorRow).one().secret, session.query(SessionRow).one().digest
    assert secret.startswith("scrypt$") and PASSWORD not in secret
    assert token != digest and operators.of(digest) is None


def test_a_session_lasts_for_a_shift_and_a_new_password_ends_it(records, operators):
    operators.add("王敏", PASSWORD)
    token = operators.login("王敏", PASSWORD)
    operators.set_password("王敏", PASSWORD + "2")
    assert operators.of(token) is None and operators.login("王敏", PASSWORD) is None
    token = operators.login("王敏", PASSWORD + "2")
    with records.database.writing() as session:
        session.execute(update(SessionRow).values(expires=datetime.now(UTC) - timedelta(seconds=1)))
    assert operators.of(token) is None


@pytest.mark.parametrize(("name", "password", "reason"), [
    ("王敏", PASSWORD, "already"), ("", PASSWORD, "1 to 50"), ("赵\n云", PASSWORD, "printable"), ("赵云", "short", "10 to 200"),
])
def test_what_is_no_name_or_no_password_is_refused_with_the_reason(operators, name, password, reason):
    operators.add("王敏", PASSWORD)
    with pytest.raises(GazetteError, match=reason):
        operators.add(name, password)
    assert operators.names() == ["王敏"]


def test_a_call_is_continued_by_its_own_operator_only(operators, desk):
    one, other = logged_in(operators, "王敏"), logged_in(operators, "赵云")
    call, kept = desk.keep(Turn("一问", answer()), operator=one)
    assert desk.keep(Turn("二问", answer()), operator=one, call=call)[0] == call
    assert desk.keep(Turn("三问", answer()), operator=other, call=call)[0] != call
    assert [turn.question for turn in desk.turns(call, operator=one)] == ["一问", "二问"]
    assert not desk.turns(call, operator=other) and desk.logged(kept.key, operator=other) is None


def test_a_shift_holds_ones_own_questions_with_their_notes_newest_first(operators, desk):
    one, other = logged_in(operators, "王敏"), logged_in(operators, "赵云")
    call, kept = desk.keep(Turn("一问", answer()), operator=one)
    desk.keep(Turn("二问", answer()), operator=one, call=call)
    desk.keep(Turn("别人的", answer()), operator=other)
    assert desk.note(kept.key, "note", "来电人再打来", operator=one) and not desk.note(kept.key, "note", "不是我的", operator=other)
    since = datetime.now(UTC) - timedelta(hours=1)
    assert [(one.exchange.turn.question, [note.text for note in one.notes]) for one in desk.shift(one, since=since)] == [
        ("二问", []), ("一问", ["来电人再打来"]),
    ]
    assert not desk.shift(one, since=datetime.now(UTC) + timedelta(hours=1))


@pytest.fixture
def asked(records, operators, desk) -> dict[str, str]:
    """Keys of five questions: well answered, refused, disliked, liked, flagged by an operator."""
    keys = {name: records.add(Turn(name, answer()))[1].key for name in ("好", "不满意", "满意")}
    keys["没答上"] = records.add(Turn("没答上", answer("refused", district="")), channel="widget")[1].key
    operator = logged_in(operators, "王敏")
    keys["指出"] = desk.keep(Turn("指出", answer(district="西城区")), operator=operator)[1].key
    records.judge(keys["不满意"], "useless", words="没说清楚")
    records.judge(keys["满意"], "useful")
    desk.note(keys["指出"], "correction", "应为第三条", operator=operator)
    return keys


@pytest.mark.parametrize(("sieve", "expected"), [
    (Sieve(), {"不满意", "没答上", "指出"}), (Sieve(matter=""), {"好", "不满意", "满意", "没答上", "指出"}),
    (Sieve(status="refused"), {"没答上"}), (Sieve(matter="", verdict="useful"), {"满意"}), (Sieve(verdict="flagged"), {"指出"}),
    (Sieve(district="西城区"), {"指出"}), (Sieve(channel="widget"), {"没答上"}), (Sieve(since=TODAY, until=TODAY), {"不满意", "没答上", "指出"}),
    (Sieve(until=TODAY - timedelta(days=1)), set()), (Sieve(matter="", district="%"), set()),
])
def test_a_sieve_lets_through_what_it_names(records, asked, sieve, expected):
    review = Review(records.database)
    assert {one.exchange.turn.question for one in review.page(sieve)} == expected
    assert {one.exchange.turn.question for one in review.every(sieve)} == expected
    assert review.counts(sieve, today=TODAY).total == len(expected)


def test_what_people_said_stands_with_the_question(records, asked):
    found = {one.exchange.turn.question: one for one in Review(records.database).page(Sieve())}
    assert (found["不满意"].exchange.verdict, found["不满意"].exchange.words) == ("useless", "没说清楚")
    assert [(note.kind, note.text, note.operator) for note in found["指出"].notes] == [("correction", "应为第三条", "王敏")]


def test_questions_are_counted_by_status_district_and_day(records, asked):
    with records.database.writing() as session:
        session.execute(update(TurnRow).where(TurnRow.key == asked["好"]).values(created=datetime.now(UTC) - timedelta(days=2)))
    counts = Review(records.database).counts(Sieve(matter=""), today=TODAY)
    assert counts.statuses == {"answered": 4, "refused": 1}
    assert counts.districts == {"朝阳区": {"answered": 3}, "": {"refused": 1}, "西城区": {"answered": 1}}
    assert len(counts.days) == 31 and sum(sum(day.values()) for day in counts.days.values()) == 5
    assert counts.days[TODAY] == {"answered": 3, "refused": 1}


def test_every_question_comes_once_however_many_there_are(records, monkeypatch):
    monkeypatch.setattr("assistant.records.review.BATCH", 2)
    call = ""
    for n in range(5):
        call, _ = records.add(Turn(f"第{n}问", answer("refused")), conversation=call)
    found = list(Review(records.database).every(Sieve()))
    assert [one.exchange.turn.question for one in found] == [f"第{n}问" for n in (4, 3, 2, 1, 0)]
    assert found[0].before == ("第0问", "第1问", "第2问", "第3问")


@pytest.fixture
def command(records, monkeypatch, capsys):
    """``python -m assistant operators …`` with a password on standard input; gives its exit status and what it printed."""
    monkeypatch.setenv("GAZETTE_DATABASE", records.database.address)
    settings.cache_clear()

    def run(*words: str, password: str = PASSWORD) -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", StringIO(password + "\n"))
        status = main(["operators", *words])
        return status, "".join(capsys.readouterr())

    yield run
    settings.cache_clear()


def test_operators_are_added_and_removed_by_a_command(command, operators):
    assert "operators add NAME" in command("list")[1]
    assert command("add", "王敏") == (0, "王敏 may log in at /operator\n") and operators.login("王敏", PASSWORD)
    assert command("password", "王敏", password=PASSWORD + "2")[0] == 0 and not operators.login("王敏", PASSWORD)
    assert command("list") == (0, "王敏\n")
    assert command("remove", "王敏")[0] == 0 and operators.names() == []


@pytest.mark.parametrize(("words", "reason"), [(("add", "王敏"), "10 to 200"), (("remove", "无此人"), "no operator"), (("password", "无此人"), "10 to 200")])
def test_a_command_that_cannot_be_done_says_why_in_one_line(command, words, reason):
    status, printed = command(*words, password="short")
    assert status == 1 and printed.startswith("error: ") and reason in printed and printed.count("\n") == 1
