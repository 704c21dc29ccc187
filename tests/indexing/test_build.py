"""The life of an index: built aside, switched at once, reused, checked, never half of anything."""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpus import Corpus
from corpus.errors import GazetteError
from indexing import Index, build
from indexing.generations import current, read_manifest

FIREWORKS = "朝政发〔2021〕4号"


def without(corpus: Corpus, source: str) -> Corpus:
    return Corpus(tuple(parsed for parsed in corpus.parsed if parsed.gazette.source != source))


@pytest.fixture(scope="module")
def three(gazettes) -> Corpus:
    """The three gazettes of 朝阳区."""
    return Corpus(tuple(parsed for parsed in gazettes.parsed if parsed.gazette.district == "朝阳区"))


def test_an_unchanged_corpus_embeds_nothing_and_writes_nothing(folder, small, encoder):
    before = current(folder)
    again = build(corpus=small, folder=folder, progress=False, encoder=encoder)
    assert again.unchanged and again.embedded == 0
    assert current(folder) == before


def test_an_added_gazette_alone_is_embedded(three, quick, tmp_path):
    encoder = quick()
    fewer = build(corpus=without(three, "chaoyang-2020-04.txt"), folder=tmp_path, progress=False, encoder=encoder)
    encoder.embedded.clear()
    more = build(corpus=three, folder=tmp_path, progress=False, encoder=encoder)
    index = Index.load(tmp_path, encoder=encoder)
    new = {passage.embedded_text for passage in index.passages if passage.source == "chaoyang-2020-04.txt"}
    assert set(encoder.embedded) <= new and len(encoder.embedded) == more.embedded > 0
    assert more.reused >= fewer.manifest.passages


def test_vectors_kept_are_those_of_their_texts(three, quick, tmp_path):
    encoder = quick()
    build(corpus=without(three, "chaoyang-2020-02.txt"), folder=tmp_path, progress=False, encoder=encoder)
    build(corpus=three, folder=tmp_path, progress=False, encoder=encoder)
    index = Index.load(tmp_path, encoder=encoder)
    kept = index.vectors.reconstruct(np.arange(len(index.passages)))
    np.testing.assert_allclose(kept, encoder.encode_passages([passage.embedded_text for passage in index.passages]), atol=1e-6)


def test_a_removed_gazette_leaves_nothing_behind(three, quick, tmp_path):
    encoder = quick()
    build(corpus=three, folder=tmp_path, progress=False, encoder=encoder)
    build(corpus=without(three, "chaoyang-2021-02.txt"), folder=tmp_path, progress=False, encoder=encoder)
    index = Index.load(tmp_path, encoder=encoder)
    assert "chaoyang-2021-02.txt" not in {passage.source for passage in index.passages} | set(index.corpus.gazettes)
    assert index.search("燃放烟花爆竹", notices=[FIREWORKS]) == []
    assert [path for path in tmp_path.rglob("*") if path.is_file() and b"chaoyang-2021-02.txt" in path.read_bytes()] == []
    assert [path.name for path in tmp_path.glob("generation-*")] == [current(tmp_path).name]


def test_another_model_reuses_no_vector(folder, small, quick):
    built = build(corpus=small, folder=folder, progress=False, encoder=quick())
    assert built.reused == built.manifest.passages - built.embedded and built.embedded > 0.9 * built.manifest.passages
    assert built.manifest.dimensions == quick.dimensions


def test_a_reader_goes_on_with_the_old_index_while_a_new_one_is_made(three, small, quick, tmp_path):
    encoder = quick()
    build(corpus=three, folder=tmp_path, progress=False, encoder=encoder)
    reader = Index.load(tmp_path, encoder=encoder)
    before = [hit.passage.id for hit in reader.search("烟花爆竹")]
    build(corpus=small, folder=tmp_path, progress=False, encoder=encoder)
    assert [hit.passage.id for hit in reader.search("烟花爆竹")] == before
    assert reader.corpus.digest == three.digest
    assert Index.load(tmp_path, encoder=encoder).corpus.digest == small.digest


def test_loading_while_builds_go_on_always_gives_a_whole_index(three, small, quick, tmp_path):
    encoder, digests, failures = quick(), {three.digest, small.digest}, []
    build(corpus=three, folder=tmp_path, progress=False, encoder=encoder)
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                index = Index.load(tmp_path, encoder=encoder)
                assert index.digest == index.corpus.digest and index.digest in digests
            except (GazetteError, AssertionError) as error:
                failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for corpus in (small, three) * 2:
        build(corpus=corpus, folder=tmp_path, progress=False, encoder=quick())
    done.set()
    reader.join()
    assert failures == []


def test_builds_at_the_same_time_take_turns(three, small, quick, tmp_path):
    corpora = [three, small, three, small]
    threads = [threading.Thread(target=build, kwargs={"corpus": one, "folder": tmp_path, "progress": False, "encoder": quick()})
               for one in corpora]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    index = Index.load(tmp_path, encoder=quick())
    assert index.corpus.digest in {three.digest, small.digest}
    assert len(list(tmp_path.glob("generation-*"))) == 1


def test_every_damaged_file_is_found_at_load_and_named(folder, encoder):
    generation = current(folder)
    names = [*read_manifest(generation).files, "manifest.json"]
    assert len(names) > 5
    for name in names:
        path = generation / name
        content = path.read_bytes()
        middle = len(content) // 2
        for harmed in (content[:middle], content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]) if content else (b"x",):
            path.write_bytes(harmed)
            # A flipped bit in the manifest's prose is no harm; a cut one is.
            if name == "manifest.json" and len(harmed) == len(content):
                continue
            with pytest.raises(GazetteError, match="python -m indexing build") as error:
                Index.load(folder, encoder=encoder)
            assert str(path) in str(error.value) and "\n" not in str(error.value)
        path.write_bytes(content)
    assert Index.load(folder, encoder=encoder).search("烟花爆竹")


def test_a_damaged_index_is_built_anew(folder, small, quick):
    encoder = quick()
    build(corpus=small, folder=folder, progress=False, encoder=encoder)
    damaged = current(folder) / "passages.json"
    damaged.write_bytes(damaged.read_bytes()[:-9])
    built = build(corpus=small, folder=folder, progress=False, encoder=encoder)
    assert not built.unchanged
    assert Index.load(folder, encoder=encoder).corpus.digest == small.digest


def test_an_index_of_another_model_is_refused_with_the_way_out(folder, quick):
    with pytest.raises(GazetteError, match=r"made with the model multilingual-e5-small\+residents \(384.*python -m indexing build"):
        Index.load(folder, encoder=quick())


def test_no_index_says_what_to_run(tmp_path, encoder):
    with pytest.raises(GazetteError, match="no index in .*python -m indexing build"):
        Index.load(tmp_path / "nothing", encoder=encoder)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path, small, quick):
    (tmp_path / "file").write_text("")
    with pytest.raises(GazetteError, match="GAZETTE_DATA"):
        build(corpus=small, folder=tmp_path / "file" / "index", progress=False, encoder=quick())


# What the operating system is asked for on the way of a build, under the names of Python's built-in functions.
DEEDS = {"mkdir", "open", "write", "fsync", "rename", "replace", "unlink", "rmdir", "close", "flock", "write_index"}


def child(folder: Path, corpus: Corpus, encoder, *, dies_at: int | None) -> tuple[int, int]:
    """Build in a forked process that kills itself at its n-th deed; returns the exit status and the deeds counted."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        count = 0

        def watch(_frame, event, function):
            nonlocal count
            if event == "c_call" and getattr(function, "__name__", "") in DEEDS:
                count += 1
                if count == dies_at:
                    os.kill(os.getpid(), signal.SIGKILL)

        gc.disable()  # files that an index loaded before left open are not this build's to close
        sys.setprofile(watch)
        build(corpus=corpus, folder=folder, progress=False, encoder=encoder)
        sys.setprofile(None)
        os.write(writing, json.dumps(count).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    return os.waitpid(process, 0)[1], int(said or 0)


def first_notices(corpus: Corpus) -> Corpus:
    """The first two notices of each gazette: small enough to build many times."""
    return Corpus(tuple(
        replace(parsed, notices=parsed.notices[:2], clauses=tuple(one for one in parsed.clauses if one.notice in parsed.notices[:2]))
        for parsed in corpus.parsed
    ))


def test_a_build_killed_at_any_moment_leaves_a_whole_index(three, quick, tmp_path):
    encoder = quick()
    folder = tmp_path / "index"
    three = first_notices(three)
    small = without(three, "chaoyang-2020-02.txt")
    build(corpus=small, folder=folder, progress=False, encoder=encoder)
    probe = Path(shutil.copytree(folder, tmp_path / "probe"))
    status, deeds = child(probe, three, encoder, dies_at=None)
    assert status == 0 and deeds > 30
    old, new = small.digest, three.digest
    seen = []
    for moment in sorted({*range(1, deeds + 1, max(1, deeds // 20)), *range(max(1, deeds - 12), deeds + 1)}):
        status, _ = child(folder, three, encoder, dies_at=moment)
        assert status == signal.SIGKILL
        index = Index.load(folder, encoder=encoder)
        assert index.search("通知", limit=3)
        seen.append(index.digest)
        if index.digest == new:  # it died after the switch: start over from the old one
            build(corpus=small, folder=folder, progress=False, encoder=encoder)
    assert set(seen) == {old, new}, "moments before and after the switch were both tried"
    assert not build(corpus=three, folder=folder, progress=False, encoder=encoder).unchanged
    assert Index.load(folder, encoder=encoder).digest == new
    assert sorted(path.name for path in folder.iterdir()) == ["current", current(folder).name, "lock"]


def test_a_first_build_killed_is_no_index_and_the_next_one_is_whole(three, quick, tmp_path):
    encoder = quick()
    small = first_notices(three)
    assert child(tmp_path, small, encoder, dies_at=12)[0] == signal.SIGKILL
    with pytest.raises(GazetteError, match="no index"):
        Index.load(tmp_path, encoder=encoder)
    build(corpus=small, folder=tmp_path, progress=False, encoder=encoder)
    assert Index.load(tmp_path, encoder=encoder).digest == small.digest


def test_the_command_line_build_can_be_killed_while_it_embeds(folder, gazettes, small, encoder, tmp_path):
    """The real thing: the real encoder in a real process, killed by the clock."""
    from corpus.settings import settings

    source = tmp_path / "gazettes"
    source.mkdir()
    for name in ("chaoyang-2020-02.txt", "chaoyang-2021-02.txt"):
        shutil.copy(settings().gazettes / name, source)
    (tmp_path / "model").symlink_to(settings().model_folder.resolve())
    environment = {**os.environ, "GAZETTE_DATA": str(tmp_path), "GAZETTE_GAZETTES": str(source)}
    for seconds in (2.5, 4.0):
        process = subprocess.Popen([sys.executable, "-m", "indexing", "build"], env=environment, stderr=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[2])
        time.sleep(seconds)
        process.kill()
        process.wait()
        assert Index.load(folder, encoder=encoder).search("烟花爆竹")
