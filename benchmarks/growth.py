"""How the index grows from 3,000 to 1,000,000 passages: vectors by kind of index, and terms.

    python -m benchmarks.growth                                  # all sizes and kinds; writes RESULTS-growth.md and growth.svg
    python -m benchmarks.growth --sizes 3000 30000 --kinds flat  # some of them, printed

Vectors and texts are the real ones drawn again and again with noise; questions
are the development questions. Each row is a process of its own, so that its
memory is its own; one thread; what a search is compared with is the exact
answer over the same vectors.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from corpus.settings import settings

SIZES = (3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
# A graph of a million vectors takes a core half an hour to build; lists are built in two minutes.
KINDS = {"flat": 1_000_000, "hnsw": 100_000, "ivf": 1_000_000, "terms": 300_000}
RESULTS = Path(__file__).parent / "RESULTS-growth.md"
PLOT = Path(__file__).parent / "growth.svg"
QUESTIONS, LIMIT, TOP = 100, 100, 10  # searched to the depth that retrieval searches to
SPREAD = 0.35  # length of the noise beside a unit vector: what is drawn lies at a cosine of about 0.94 to its original
CHUNK = 20_000
WORDS_CHANGED = 0.2  # share of a drawn text's words that are another passage's


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        kind, size = arguments.one[0], int(arguments.one[1])
        print(json.dumps(terms(size) if kind == "terms" else vectors(kind, size)))
        return
    rows = []
    for kind in arguments.kinds:
        for size in (size for size in arguments.sizes if size <= KINDS[kind]):
            done = subprocess.run([sys.executable, "-m", "benchmarks.growth", "--one", kind, str(size)], check=True, text=True,
                                  stdout=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"})
            rows.append({"kind": kind, "size": size, **json.loads(done.stdout.splitlines()[-1])})
            print(row(rows[-1]), flush=True)
    if tuple(arguments.sizes) == SIZES and arguments.kinds == list(KINDS):
        RESULTS.write_text("\n".join((REPORT, HEAD, *map(row, rows), "")), "utf-8")
        PLOT.write_text(plot(rows), "utf-8")


HEAD = "| kind | passages | p50, ms | p95, ms | recall@10 of exact | built in, s | memory, MB |\n|---|---|---|---|---|---|---|"


def row(found: dict) -> str:
    recall = f"{found['recall']:.3f}" if found["recall"] is not None else ""
    return (f"| {found['kind']} | {found['size']:,} | {found['p50_ms']:.1f} | {found['p95_ms']:.1f} | {recall} | "
            f"{found['build_s']:.1f} | {found['mb']:.0f} |")


def real() -> tuple[np.ndarray, np.ndarray]:
    """Vectors of the index's passages and of the questions."""
    from indexing import Index

    from .retrieval import development

    index = Index.load(settings().index_folder)
    questions = index.encoder.encode_queries([one.text for one in development()[:QUESTIONS]])
    return index.vectors.reconstruct(np.arange(len(index.passages))), questions


def drawn(base: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """``size`` unit vectors in chunks: the real ones, then the real ones with noise."""
    draw = np.random.default_rng(1)
    for first in range(0, size, CHUNK):
        count = min(CHUNK, size - first)
        some = base[np.arange(first, first + count) % len(base)]
        if first + count > len(base):
            noise = draw.standard_normal(some.shape, np.float32) * (SPREAD / some.shape[1] ** 0.5)
            noise[: max(0, len(base) - first)] = 0
            some = some + noise
        yield some / np.linalg.norm(some, axis=1, keepdims=True)


def vectors(kind: str, size: int) -> dict:
    """Build, then search one question at a time."""
    from indexing.vectors import Vectors

    base, questions = real()
    made = np.concatenate(list(drawn(base, size)))
    exact = np.full((len(questions), TOP), -1)
    best = np.full((len(questions), TOP), -2.0, np.float32)
    for first in range(0, size, CHUNK):
        scores = np.concatenate([best, questions @ made[first : first + CHUNK].T], axis=1)
        places = np.concatenate([exact, np.tile(np.arange(first, min(first + CHUNK, size)), (len(questions), 1))], axis=1)
        order = np.argpartition(-scores, TOP, axis=1)[:, :TOP]
        best, exact = np.take_along_axis(scores, order, axis=1), np.take_along_axis(places, order, axis=1)
    before, began = resident(), time.perf_counter()
    store = Vectors.build(made, kind=kind)
    build = time.perf_counter() - began
    mb = resident() - before
    found = [store.search(one[None], LIMIT)[0][0] for one in questions]
    recall = statistics.mean(len(set(some[:TOP].tolist()) & set(right.tolist())) / TOP for some, right in zip(found, exact, strict=True))
    return {"recall": recall, "build_s": build, "mb": mb, **latency(lambda one: store.search(one[None], LIMIT), questions)}


def terms(size: int) -> dict:
    """The words, pairs and headings of drawn texts counted, then matched with one question at a time."""
    from dataclasses import replace

    from indexing import Index
    from indexing.terms import Terms

    from .retrieval import development

    passages = Index.load(settings().index_folder).passages
    draw = np.random.default_rng(1)
    cut = [passage.text.split("，") for passage in passages]
    made = []
    for at in range(size):
        passage, parts = passages[at % len(passages)], cut[at % len(passages)]
        if at >= len(passages):
            other = cut[int(draw.integers(len(cut)))]
            parts = [other[place % len(other)] if draw.random() < WORDS_CHANGED else part for place, part in enumerate(parts)]
        made.append(replace(passage, text="，".join(parts)))
    before, began = resident(), time.perf_counter()
    store = Terms.build(made)
    build = time.perf_counter() - began
    questions = [one.text for one in development()[:QUESTIONS]]
    return {"recall": None, "build_s": build, "mb": resident() - before, **latency(store.matches, questions)}


def latency(search: Callable, questions: Sequence) -> dict[str, float]:
    search(questions[0])
    times = []
    for one in questions:
        began = time.perf_counter()
        search(one)
        times.append(1000 * (time.perf_counter() - began))
    return {"p50_ms": statistics.median(times), "p95_ms": float(np.quantile(times, 0.95))}


def resident() -> float:
    """Megabytes that this process holds in memory now; the peak where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def plot(rows: Sequence[dict]) -> str:
    """Median latency against passages, both logarithmic, a line for each kind; a picture that needs no style sheet."""
    wide, high, left, low = 520, 300, 60, 40
    colours = dict(zip(KINDS, ("#1f5fa8", "#b3541e", "#2f7d4f", "#7a3d8f"), strict=True))
    most = max(one["p50_ms"] for one in rows) * 1.5
    least = min(one["p50_ms"] for one in rows) / 1.5

    def across(size: float) -> float:
        return left + wide * np.log(size / SIZES[0]) / np.log(SIZES[-1] / SIZES[0])

    def up(ms: float) -> float:
        return 20 + high * (1 - np.log(ms / least) / np.log(most / least))

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + wide + 90} {high + low + 50}" font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="#fff"/>']
    for ms in (one for one in (0.1, 0.3, 1, 3, 10, 30, 50, 100, 300, 1000) if least < one < most):
        parts.append(f'<path d="M{left} {up(ms):.1f}h{wide}" stroke="{"#c00" if ms == 50 else "#ddd"}"/>'
                     f'<text x="{left - 8}" y="{up(ms) + 4:.1f}" text-anchor="end">{ms:g} ms</text>')
    for size in SIZES:
        parts.append(f'<text x="{across(size):.1f}" y="{high + low}" text-anchor="middle">{size:,}</text>')
    for kind, colour in colours.items():
        points = [(across(one["size"]), up(one["p50_ms"])) for one in rows if one["kind"] == kind]
        if points:
            line = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
            parts.append(f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="2"/>'
                         f'<text x="{points[-1][0] + 8:.1f}" y="{points[-1][1] + 4:.1f}" fill="{colour}">{kind}</text>')
    parts.append(f'<text x="{left}" y="{high + low + 30}">passages; median time of one search, one thread</text></svg>')
    return "".join(parts)


REPORT = """\
# How the index grows

Made by `python -m benchmarks.growth` on 2 cores without a GPU, one thread. Vectors and texts are the real ones drawn again
with noise; 100 development questions, searched to the depth of 100 that retrieval searches to. `flat` compares with every
vector, `hnsw` is a graph, `ivf` inverted lists; `terms` is the lexical side (words, pairs of characters, headings together).
Memory is what the index adds to the process. The picture: [growth.svg](growth.svg).

Drawn vectors lie in heaps around the real ones, which suits lists and graphs better than a real corpus of that size would.
What limits a million passages is not FAISS but the lexical side: its time and memory grow with the passages.
"""


if __name__ == "__main__":
    main()
