"""What the index costs: build, update, cold start, latency, throughput, memory, also of a server; beside llama-index's default pipeline.

    python benchmarks/index.py            writes RESULTS-index.md; --json FILE keeps the figures

Every figure is of this run on this machine. Builds and cold starts are whole
processes, timed from outside, the median of three. The default pipeline is VectorStoreIndex with its
own splitter and in-memory store over the same texts, with the same model. Not
part of the tests: it takes some minutes and wants a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from corpus.settings import Settings, settings  # noqa: E402
from eval.questions import Question, read_questions  # noqa: E402

QUESTIONS = ROOT / "eval" / "questions" / "dev.jsonl"
RESULTS = ROOT / "benchmarks" / "RESULTS-index.md"
ROUNDS = 3  # of each build and start: the median is told
SAMPLED = 40  # one passage in so many, and so many questions, are encoded in each kind of number
REPORT = """\
# What the index costs

Made by `python benchmarks/index.py`: builds and starts are whole processes, timed from outside, the median of three; the
questions are the development set. Passages are encoded in the fastest way of this CPU: bfloat16 in tiles (AMX), else products of bytes, if it
has either; questions in bfloat16. MB are millions of bytes.

A build that embeds nothing, as when a gazette is taken away, is all start, reading, counting and writing, whatever the gazette's
size. The share of a gazette that is added is that and, of what a build from nothing takes beyond it, the gazette's share of the bytes.

"""
BUILD = ("-m", "indexing", "build", "--json", "--quiet")
FREED_AFTER = 70.0  # seconds; a server frees an index a minute after it left it
PATIENCE = 120.0  # seconds that a server has for its start or for a new index
COVERED = 0.6  # share of an evidence's characters that the passages found must cover, as in eval/


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.part:
        print(json.dumps(PARTS[chosen.part](chosen.data)))
        return
    with tempfile.TemporaryDirectory() as place:
        figures = {"machine": machine(), **life(Path(place)), "server": server(Path(place))}
        for part in ("precision", "ours", "default"):
            figures[part] = json.loads(python(Path(__file__), "--part", part, "--data", place, data=Path(place))[1])
    print(table(figures))
    RESULTS.write_text(REPORT + table(figures) + "\n", "utf-8")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False))


def machine() -> str:
    names = [line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    load = os.getloadavg()[0]
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores, load {load:.1f} at the start"


def python(*arguments: object, data: Path, gazettes: Path | None = None) -> tuple[float, str]:
    """Run Python in the repository with its data elsewhere; wall seconds and what it printed."""
    environment = {**os.environ, "GAZETTE_DATA": str(data), "GAZETTE_GAZETTES": str(gazettes or settings().gazettes)}
    began = time.perf_counter()
    done = subprocess.run([sys.executable, *map(str, arguments)], env=environment, cwd=ROOT, check=True, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began, done.stdout


def life(place: Path) -> dict:
    """Builds and starts as processes: from nothing, unchanged, with one gazette more, and one search after a cold start."""

    def from_nothing() -> tuple[float, str]:
        for name in ("index", "model"):
            shutil.rmtree(place / name, ignore_errors=True)
        return python(*BUILD, data=place)

    first = [from_nothing() for _ in range(ROUNDS)]
    search = "from indexing import Index; print(len(Index.load().search('过年能放鞭炮吗')))"
    return {
        "from_nothing_s": median(first), "passages": json.loads(first[-1][1])["passages"],
        "unchanged_s": median(python(*BUILD, data=place) for _ in range(ROUNDS)),
        "cold_start_s": median(python("-c", search, data=place) for _ in range(ROUNDS)),
        "added": [gazette_added(place, path.name) for path in sorted(settings().gazettes.glob("*.txt"))],
    }


def median(runs: Iterable[tuple[float, str]]) -> float:
    return statistics.median(seconds for seconds, _ in runs)


@contextmanager
def copied(place: Path) -> Iterator[tuple[Path, Path]]:
    """A folder of data with the index and the model of ``place``, and a folder of gazettes, both to be changed."""
    with tempfile.TemporaryDirectory() as other:
        gazettes = Path(shutil.copytree(settings().gazettes, Path(other) / "gazettes"))
        shutil.copytree(place / "index", Path(other) / "index")
        (Path(other) / "model").symlink_to(place / "model")
        yield Path(other), gazettes


def gazette_added(place: Path, name: str) -> dict:
    """Take a gazette away, build, put it back, build: the second build is the update."""
    without, added = [], []
    with copied(place) as (data, gazettes):
        share = (gazettes / name).stat().st_size / sum(path.stat().st_size for path in gazettes.glob("*.txt"))
        content = (gazettes / name).read_bytes()
        for _ in range(ROUNDS):
            (gazettes / name).unlink()
            without.append(python(*BUILD, data=data, gazettes=gazettes))
            (gazettes / name).write_bytes(content)
            added.append(python(*BUILD, data=data, gazettes=gazettes))
    return {"gazette": name, "without_s": median(without), "seconds": median(added), "share_of_bytes": share,
            "embedded": json.loads(added[-1][1])["embedded"]}


def server(place: Path) -> dict:
    """Resident memory, in MB, of a server that is asked the development questions: with its first index; at most while a gazette is
    taken away and put back within a minute; when what those left is freed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home, questions = f"http://127.0.0.1:{port}", [question.question for question in read_questions(QUESTIONS)]

    def gazettes_served() -> int:
        try:
            return json.load(urlopen(f"{home}/readyz", timeout=20))["gazettes"]
        except (URLError, ConnectionError):
            return 0

    def ask() -> None:
        for question in questions:
            asked = Request(f"{home}/api/v1/ask", json.dumps({"question": question}).encode(), {"content-type": "application/json"})
            urlopen(asked, timeout=60).read()

    def resident(process: subprocess.Popen, name: str) -> float:
        (line,) = [line for line in Path(f"/proc/{process.pid}/status").read_text().splitlines() if line.startswith(name)]
        return int(line.split()[1]) * 1024 / 1e6

    with copied(place) as (data, gazettes):
        environment = {**os.environ, "GAZETTE_DATA": str(data), "GAZETTE_GAZETTES": str(gazettes), "GAZETTE_PORT": str(port)}
        process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            everything = len(list(gazettes.glob("*.txt")))
            wait_until(lambda: gazettes_served() == everything)
            ask()
            figures = {"asked": resident(process, "VmRSS")}
            one = min(gazettes.glob("*.txt"))
            for there, count in ((False, everything - 1), (True, everything)):
                shutil.move(*((data / one.name, one) if there else (one, data / one.name)))
                python(*BUILD, data=data, gazettes=gazettes)
                wait_until(lambda count=count: gazettes_served() == count)
                ask()
            figures["most"] = resident(process, "VmHWM")
            time.sleep(FREED_AFTER)
            return {**figures, "after": resident(process, "VmRSS")}
        finally:
            process.kill()
            process.wait()


def wait_until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > ends:
            raise SystemExit("error: the server did not come to what was waited for")
        time.sleep(0.2)


def precision(data: Path) -> dict:
    """Texts encoded in fp32, bf16 and with products of bytes, one thread: how fast, and how near to fp32."""
    from indexing import Index
    from indexing.bert import Bert

    chosen = Settings(data=data)
    texts = [passage.embedded_text for passage in Index.load(chosen.index_folder).passages[::SAMPLED]]
    asked = [one.question for one in read_questions(QUESTIONS)[:SAMPLED]]
    found, exact = {}, None
    for name in ("fp32", "bf16", "int8"):
        model = Bert(chosen.model_folder, threads=1, precision=name)
        vectors = model.encode(texts, brief=True)
        exact = vectors if exact is None else exact
        found[name] = {
            "passages_per_second": len(texts) / min(timed(partial(model.encode, texts, brief=True)) for _ in range(3)),
            "question_ms": 1000 * statistics.median(timed(partial(model.encode, [one])) for one in asked),
            "cosine_to_fp32": float((vectors * exact).sum(1).mean()),
        }
    return found


def ours(data: Path) -> dict:
    """Queries against the loaded index."""
    from indexing import Index

    index = Index.load(Settings(data=data).index_folder)
    questions = read_questions(QUESTIONS)

    def retrieve(text: str) -> list[tuple[str, int, int]]:
        return [(hit.passage.source, hit.passage.start, hit.passage.end) for hit in index.search(text)]

    encode = [timed(lambda text: index.encoder.encode_queries([text]), one.question) for one in questions]
    return {"how": index.encoder.how, "passages": len(index.passages), "encode_p50_ms": 1000 * statistics.median(encode),
            **queries(retrieve, questions, gazettes={name: one.text for name, one in index.corpus.gazettes.items()})}


def default_pipeline(data: Path) -> dict:
    """The same questions through llama-index as it comes, with the same encoder."""
    from llama_index.core import Document, VectorStoreIndex

    from corpus import load_corpus
    from indexing.encoder import load_encoder
    from indexing.llama import EncoderEmbedding

    corpus = load_corpus()
    documents = [Document(text=one.text, metadata={"source": name, "district": one.district, "year": one.year})
                 for name, one in corpus.gazettes.items()]
    began = time.perf_counter()
    embedding = EncoderEmbedding(load_encoder(Settings(data=data)), embed_batch_size=64)
    retriever = VectorStoreIndex.from_documents(documents, embed_model=embedding).as_retriever(similarity_top_k=20)
    build = time.perf_counter() - began

    def retrieve(text: str) -> list[tuple[str, int, int]]:
        nodes = [found.node for found in retriever.retrieve(text)]
        return [(node.metadata["source"], node.start_char_idx or 0, node.end_char_idx or 0) for node in nodes]

    figures = queries(retrieve, read_questions(QUESTIONS), gazettes={name: one.text for name, one in corpus.gazettes.items()})
    return {"build_s": build, **figures}


PARTS = {"precision": precision, "ours": ours, "default": default_pipeline}


def timed(call: Callable, *arguments: object) -> float:
    began = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - began


def queries(retrieve: Callable[[str], list[tuple[str, int, int]]], questions: Sequence[Question], *, gazettes: dict[str, str]) -> dict:
    """Latency one at a time, throughput with 1 and 16 askers, recall of the needed places, memory of the process."""
    texts = [question.question for question in questions]
    for text in texts[:5]:
        retrieve(text)
    times = sorted(timed(retrieve, text) for text in texts)
    throughput = {}
    for askers in (1, 16):
        with ThreadPoolExecutor(askers) as pool:
            began = time.perf_counter()
            list(pool.map(retrieve, texts))
            throughput[askers] = len(texts) / (time.perf_counter() - began)
    answerable = [question for question in questions if question.answerable]
    found = [covered(question, retrieve(question.question), gazettes=gazettes) for question in answerable]
    return {
        "p50_ms": 1000 * statistics.median(times), "p95_ms": 1000 * times[int(0.95 * len(times))],
        "per_second_1": throughput[1], "per_second_16": throughput[16],
        **{f"recall@{depth}": statistics.mean(places[depth] for places in found) for depth in (1, 5, 10)},
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
    }


def covered(question: Question, spans: list[tuple[str, int, int]], *, gazettes: dict[str, str]) -> dict[int, float]:
    """At each depth, the share of the needed places covered by the first spans (one is enough where one is)."""
    shares = {}
    for depth in (1, 5, 10):
        hit = [place_covered(gold.evidence, spans[:depth], gazettes=gazettes) for gold in question.gold]
        shares[depth] = float(any(hit)) if question.need == "any" else statistics.mean(map(float, hit))
    return shares


def place_covered(evidence: str, spans: list[tuple[str, int, int]], *, gazettes: dict[str, str]) -> bool:
    """Whether the spans cover enough of the evidence, wherever a gazette prints it; white space apart."""
    pattern = re.compile(r"\s*".join(re.escape(sign) for sign in evidence if not sign.isspace()))
    for source, text in gazettes.items():
        for match in pattern.finditer(text):
            wanted = {at for at in range(*match.span()) if not text[at].isspace()}
            left = wanted.difference(*(range(start, end) for one, start, end in spans if one == source))
            if len(wanted) - len(left) >= COVERED * len(wanted):
                return True
    return False


def table(figures: dict) -> str:
    """The figures as Markdown."""
    mine, other = figures["ours"], figures["default"]
    lines = [
        f"{figures['machine']}; encoder {mine['how']}", "",
        "| life of the index | |", "|---|---|",
        f"| from nothing (model unpacked, {figures['passages']:,} passages) | {figures['from_nothing_s']:.1f} s |",
        f"| unchanged rebuild | {figures['unchanged_s']:.1f} s |",
        f"| cold start to the first result | {figures['cold_start_s']:.1f} s |", "",
        "| gazette added to the others | share of all bytes | passages embedded | seconds | taken away, seconds | its share, seconds |",
        "|---|---|---|---|---|---|",
        *(f"| {one['gazette']} | {one['share_of_bytes']:.0%} | {one['embedded']} | {one['seconds']:.1f} | {one['without_s']:.1f} | "
          f"{one['without_s'] + one['share_of_bytes'] * (figures['from_nothing_s'] - one['without_s']):.1f} |" for one in figures["added"]), "",
        "| resident memory of the server | MB |", "|---|---|",
        f"| the development questions asked | {figures['server']['asked']:.0f} |",
        f"| at most, two new indices taken in within a minute | {figures['server']['most']:.0f} |",
        f"| a minute later | {figures['server']['after']:.0f} |", "",
        "| queries | this index | llama-index default | ratio |", "|---|---|---|---|",
    ]
    for key, name in (("p50_ms", "p50, ms"), ("p95_ms", "p95, ms"), ("per_second_1", "questions/s, 1 asker"),
                      ("per_second_16", "questions/s, 16 askers"), ("recall@1", "recall@1"), ("recall@5", "recall@5"),
                      ("recall@10", "recall@10"), ("rss_mb", "resident memory at most, MB")):
        lines.append(f"| {name} | {mine[key]:.3g} | {other[key]:.3g} | {mine[key] / other[key]:.3g} |")
    kinds = figures["precision"]
    lines += [f"| build, s | {figures['from_nothing_s']:.3g} | {other['build_s']:.3g} | {figures['from_nothing_s'] / other['build_s']:.3g} |",
              "", f"Of a query's time, the question's embedding takes {mine['encode_p50_ms']:.1f} ms (p50).", "",
              "| encoding, one thread | fp32 | bf16 | int8 | int8 to bf16 |", "|---|---|---|---|---|"]
    for key, name in (("passages_per_second", "passages/s"), ("question_ms", "one question, ms"), ("cosine_to_fp32", "passages: mean cosine to fp32")):
        lines.append(f"| {name} | " + " | ".join(f"{kinds[kind][key]:.4g}" for kind in ("fp32", "bf16", "int8"))
                     + f" | {kinds['int8'][key] / kinds['bf16'][key]:.3g} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
