"""`python -m assistant ask`: an answer in a terminal, for people and for programs."""

from __future__ import annotations

import json

from assistant.__main__ import main

FIREWORKS = "过年在朝阳区家门口能放鞭炮吗"


def test_a_person_sees_the_answer_and_the_clause_it_stands_on(capsys):
    assert main(["ask", FIREWORKS]) == 0
    said = capsys.readouterr().out
    assert "全年禁止燃放烟花爆竹" in said
    assert "（朝政发〔2021〕4号）一、" in said and "chaoyang-2021-02.txt:" in said


def test_a_program_reads_one_object_whose_quotes_are_the_print(capsys, corpus):
    assert main(["ask", FIREWORKS, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["status"] == "answered"
    for cited in record["citations"]:
        assert corpus.gazettes[cited["source"]].text[cited["start"] : cited["end"]] == cited["quote"]


def test_a_district_that_no_gazette_covers_is_refused_with_those_that_are(capsys):
    assert main(["ask", "小学入学要什么条件", "--district", "海淀区"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: ") and told.count("\n") == 1 and "朝阳区" in told


def test_an_earlier_question_completes_the_one_asked(capsys):
    assert main(["ask", "那初中呢", "--after", "西城区2022年小学入学什么时候采集信息", "--json"]) == 0
    assert "西城" in json.loads(capsys.readouterr().out)["question"]
