"""Terms counted by another process while the encoder is loaded: the same terms, and no build without them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import astuple

import numpy as np
import pytest

from corpus.errors import GazetteError
from corpus.settings import ROOT
from indexing.builder import PASSAGES, TERMS, cut_before, intact
from indexing.counting import count, counted
from indexing.generations import current
from indexing.terms import Terms


@pytest.mark.parametrize("again", [False, True], ids=["from nothing", "with what was cut before"])
def test_another_process_counts_the_same_terms(built, tmp_path, again):
    before = cut_before(intact(built)) if again else None
    with counted(current(built) / PASSAGES, tmp_path / "apart", before=before):
        pass
    count(current(built) / PASSAGES, tmp_path / "here", before=before)
    apart, here = Terms.load(tmp_path / "apart"), Terms.load(tmp_path / "here")
    assert apart.dictionary == here.dictionary and apart.frequencies == here.frequencies
    for question in ("烟花爆竹能放吗", "幼升小要什么材料"):
        for one, other in zip(astuple(apart.matches(question)), astuple(here.matches(question)), strict=True):
            assert np.allclose(one, other)
        assert here.matches(question).words.any()


def test_where_terms_cannot_be_counted_the_error_says_so(tmp_path):
    (tmp_path / PASSAGES).write_text("no passages", "utf-8")
    with pytest.raises(GazetteError, match=str(tmp_path / TERMS)), counted(tmp_path / PASSAGES, tmp_path / TERMS, before=None):
        pass


def test_where_what_goes_on_beside_fails_nobody_goes_on_counting(built, tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(subprocess, "Popen", lambda *arguments, popen=subprocess.Popen, **named: started.append(popen(*arguments, **named)) or started[0])
    with pytest.raises(ZeroDivisionError), counted(current(built) / PASSAGES, tmp_path / TERMS, before=None):
        raise ZeroDivisionError
    assert started[0].returncode != 0


def test_who_counts_ends_with_the_build_that_began_it(tmp_path):
    """A build that is killed closes its end of the standard input; who counts would otherwise wait for a pipe for ever."""
    os.mkfifo(tmp_path / PASSAGES)
    command = [sys.executable, "-m", "indexing.counting", str(tmp_path / PASSAGES), str(tmp_path / TERMS)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)
    time.sleep(0.2)
    assert process.poll() is None
    process.stdin.close()
    assert process.wait(timeout=20) == 1
