"""What of a question is answered apart, before any gazette is read."""

from __future__ import annotations

import pytest

from assistant.selection import parts


@pytest.mark.parametrize("question, asked", [
    ("2021年朝阳信息采集是几月几号，要交哪些材料", ["2021年朝阳信息采集是几月几号", "要交哪些材料"]),
    ("能不能代办？多大年纪的老人能领", ["能不能代办", "多大年纪的老人能领"]),
    ("我是外地户口，能不能上学", []),
    ("过年在朝阳区家门口能放鞭炮吗", []),
])
def test_what_a_question_asks_beside_something_else_is_a_part_of_its_own(question, asked):
    assert parts(question) == asked
