"""Requests that wait are done together: each is answered, in the order in which they came."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event, get_ident

import pytest

from indexing.together import Together


def asked_while_one_is_at_work(requests, *, most: int, work):
    """The groups that were worked on, and a future for each request; the first is at work until the others wait."""
    groups, begun, go_on = [], Event(), Event()

    def held(group):
        groups.append(list(group))
        begun.set()
        assert go_on.wait(10)
        return work(group)

    together = Together(held, at_once=1, most=most)
    with ThreadPoolExecutor(len(requests)) as pool:
        futures = []
        for at, request in enumerate(requests):
            futures.append(pool.submit(together, request))
            assert begun.wait(10)
            while at and len(together._waiting) < at:
                pass
        go_on.set()
    return groups, futures


def test_one_alone_is_done_alone_and_those_that_wait_meanwhile_together():
    groups, futures = asked_while_one_is_at_work("abcdefg", most=4, work=lambda group: [one.upper() for one in group])
    assert groups == [["a"], ["b", "c", "d", "e"], ["f", "g"]]
    assert [future.result(10) for future in futures] == list("ABCDEFG")


def test_what_fails_fails_for_its_group_alone():
    def work(group):
        if "c" in group:
            raise ValueError("c")
        return group

    groups, futures = asked_while_one_is_at_work("abcd", most=2, work=work)
    assert groups == [["a"], ["b", "c"], ["d"]]
    assert [futures[0].result(10), futures[3].result(10)] == ["a", "d"]
    for future in futures[1:3]:
        with pytest.raises(ValueError, match="c"):
            future.result(10)


def test_one_alone_is_done_in_its_own_thread_and_those_that_wait_in_one_made_ready():
    ready, done_in, begun = [], {}, Event()

    def work(group):
        done_in.update(dict.fromkeys(group, get_ident()))
        if "first" in group:
            begun.set()
            while not together._waiting:
                pass
        return group

    together = Together(work, at_once=1, most=4, begin=lambda: ready.append(get_ident()))
    assert together("alone") == "alone" and done_in["alone"] == get_ident()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(together, "first")
        assert begun.wait(10)
        assert (pool.submit(together, "second").result(10), first.result(10)) == ("second", "first")
    assert ready == [done_in["second"]]
