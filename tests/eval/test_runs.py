"""A run can be stopped anywhere and goes on; what is finished appears at once."""

import json
import threading

import pytest

from corpus import GazetteError
from eval.records import read_records
from eval.run import written
from eval.writing import PART, RESULTS, RUN, line

ABOUT = {"questions_sha256": "q", "index": "i", "code": "c", "commit": "one"}


class Asked:
    """Answers any question and counts; stops at one if told to."""

    def __init__(self, stop_at=""):
        self.ids, self.stop_at = [], stop_at

    def __call__(self, question):
        if question.id == self.stop_at:
            raise KeyboardInterrupt
        self.ids.append(question.id)
        return {"id": question.id, "status": "answered", "answer": question.question, "by": id(self)}


def ids_in(path):
    return [json.loads(line)["id"] for line in path.read_text("utf-8").splitlines()]


def test_a_stopped_run_goes_on_and_asks_nothing_twice(questions, tmp_path):
    some = questions[:10]
    first, second = Asked(stop_at=some[6].id), Asked()
    with pytest.raises(KeyboardInterrupt):
        written(first, some, out=tmp_path, about=dict(ABOUT), progress=False)
    assert not (tmp_path / RESULTS).exists()
    about = written(second, some, out=tmp_path, about=dict(ABOUT), progress=False)
    assert first.ids + second.ids == ids_in(tmp_path / RESULTS) == [question.id for question in some]
    assert about["resumed"] == 6
    assert not (tmp_path / PART).exists()


def test_a_line_cut_in_the_middle_is_asked_again(questions, tmp_path):
    some = questions[:4]
    with pytest.raises(KeyboardInterrupt):
        written(Asked(stop_at=some[3].id), some, out=tmp_path, about=dict(ABOUT), progress=False)
    part = tmp_path / PART
    part.write_bytes(part.read_bytes()[:-9])
    again = Asked()
    written(again, some, out=tmp_path, about=dict(ABOUT), progress=False)
    assert again.ids == [some[2].id, some[3].id]


@pytest.mark.parametrize("name", ["questions_sha256", "index", "code"])
def test_another_configuration_asks_everything_again(questions, tmp_path, name):
    some = questions[:3]
    written(Asked(), some, out=tmp_path, about=dict(ABOUT), progress=False)
    other = Asked()
    written(other, some, out=tmp_path, about=ABOUT | {name: "other"}, progress=False)
    assert len(other.ids) == 3
    assert json.loads((tmp_path / RUN).read_text("utf-8"))[name] == "other"


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"answer": 3}, "'answer'"), ({"latency_ms": "fast"}, "'latency_ms'"), ({"citations": ["朝政发〔2021〕4号"]}, "'citations.0'"),
        ({"retrieved": [{"source": "a.txt", "start": "1", "end": 2}]}, "'retrieved.0.start'"),
    ],
)
def test_a_result_of_another_form_is_refused_with_its_line_and_field(tmp_path, fault, field):
    good = {"id": "a", "status": "answered", "answer": "可以。", "latency_ms": 3}
    path = tmp_path / RESULTS
    path.write_text(line(good) + line(good | fault), "utf-8")
    with pytest.raises(GazetteError, match=f"{RESULTS}:2: field {field}"):
        read_records(path)


def test_fresh_asks_everything_again(questions, tmp_path):
    written(Asked(), questions[:3], out=tmp_path, about=dict(ABOUT), progress=False)
    other = Asked()
    written(other, questions[:3], out=tmp_path, about=dict(ABOUT), fresh=True, progress=False)
    assert len(other.ids) == 3


def test_workers_ask_at_a_time_and_the_order_stays(questions, tmp_path):
    both = threading.Barrier(2, timeout=20)

    def ask(question):
        both.wait()  # passes only where two are asked at a time
        return {"id": question.id, "status": "answered", "answer": ""}

    written(ask, questions[:6], out=tmp_path, about=dict(ABOUT), workers=2, progress=False)
    assert ids_in(tmp_path / RESULTS) == [question.id for question in questions[:6]]
