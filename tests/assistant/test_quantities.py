"""Numbers in every spelling say the same; what differs by a unit, a bound or a digit does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.quantities import quantities, stated


def says_the_same(sentence: str, printed: str) -> bool:
    theirs = quantities(printed)
    return all(stated(chain, theirs) for chain in quantities(sentence))


@pytest.mark.parametrize("sentence, printed", [
    ("补贴40%", "补贴百分之四十"), ("３０００元", "3,000 元"), ("5万元", "50000元"), ("1.5万平方米", "15000 平方米"), ("两年", "2年"),
    ("2021年5月1日", "二〇二一年五月一日"), ("2021-05-01", "2021年5月1日"), ("8月31日", "5月1日至8月31日"), ("5月1号", "5月1日"),
    ("第十二条", "第12条"), ("三分之二", "2/3以上…三分之二"), ("不超过4万元", "最高不超过4万元"), ("满3年", "满 3 年（截至2021年5月1日）"),
    ("12345热线", "拨打12345市民服务热线"), ("2021年", "①2021年"), ("5 ‰", "千分之五"), ("半年内", "半年以内"),
])  # fmt: skip
def test_two_spellings_of_one_quantity(sentence, printed):
    assert says_the_same(sentence, printed)


@pytest.mark.parametrize("sentence, printed", [
    ("补贴45%", "补贴百分之四十"), ("5月31日", "5月1日至8月31日"), ("5年", "3年内领取5万元"), ("3个工作日", "3个月"), ("5万元", "5000元"),
    ("3年", "3年以上"), ("3年以下", "3年以上"), ("超过3年", "不超过3年"), ("5月1日前", "5月1日后"), ("第三条", "三条措施"), ("三分之一", "三分之二"),
    ("2021年", "12021年"), ("一万二元", "10002元"), ("40", "40%"), ("2021年5月1日", "2020年5月1日"), ("4元/月", "14元/月"),
])  # fmt: skip
def test_two_quantities_that_differ(sentence, printed):
    assert not says_the_same(sentence, printed)


def test_words_that_only_look_like_numbers_are_none():
    assert not quantities("一般情况下，千家万户、百姓十分关心，统一安排")


@given(st.text(alphabet="零〇一二三四五六七八九十百千万亿点分之第半0123456789.,-/年月日元%至以上内 ①²", max_size=40))
def test_whatever_is_written_is_read_and_says_what_it_says(text):
    found = quantities(text)
    assert all(stated(chain, found) for chain in found)
    assert all(0 <= atom.start < atom.end <= len(text) for chain in found for atom in chain)


@given(st.integers(0, 99_999), st.integers(0, 99_999))
def test_numbers_say_the_same_only_where_they_are_equal(one, other):
    assert says_the_same(f"共{one}元", f"共{other}元") == (one == other)
