"""``python -m indexing build | info | search "…" | questions | tune | precedents``: make, look at and try the index, and train its encoder, from a terminal."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path

from corpus.errors import GazetteError
from corpus.settings import ROOT, settings

OF_RECIPE = {  # what may be set of indexing.tuning.Recipe
    "seed": "another order of the batches (default: 1)",
    "epochs": "how often each training meets every question (default: 3)",
    "members": "trainings whose mean the adapter is; fewer are done sooner, and seeds lie farther apart (default: 8)",
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m indexing", description="the index of the gazettes")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, purpose in (("build", "make the index be of the gazettes; a second run embeds only what is new"),
                          ("info", "what the index holds and whether it is of the gazettes as they are now"),
                          ("search", "the best passages for a question"),
                          ("questions", "with a language model set, write questions about a gazette for tune to learn from; goes on where it was stopped"),
                          ("tune", "train an adapter for the encoder on a bank of questions; goes on where it was stopped"),
                          ("precedents", "embed the questions asked before with the settings' encoder, so that a build need not")):
        command = commands.add_parser(name, help=purpose, description=purpose)
        command.add_argument("--json", action="store_true", help="one JSON object, for programs")
        if name in ("build", "questions", "tune"):
            command.add_argument("--quiet", action="store_true", help="no progress bar")
        if name == "search":
            command.add_argument("question")
            command.add_argument("--district", action="append", default=[])
            command.add_argument("--year", action="append", type=int, default=[])
            command.add_argument("--notice", action="append", default=[], help="a document number")
            command.add_argument("--limit", type=int, default=5)
        if name == "questions":
            command.add_argument("--gazette", action="append", required=True, help="one of the corpus, or a file or folder of files not taken in yet")
            command.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the questions go, in the form of the bank")
            command.add_argument("--limit", type=int, default=0, help="passages asked about at most, of every notice in turn (default: all)")
            command.add_argument("--seed", type=int, default=1, help="which passages come first")
        if name == "tune":
            both = [ROOT / "eval" / "questions" / name for name in ("bank.jsonl", "written.jsonl")]
            command.add_argument("--questions", type=Path, nargs="+", default=both, metavar="FILE", help="default: bank.jsonl and written.jsonl of eval/questions")
            command.add_argument("--without", action="append", default=[], metavar="GAZETTE", help="leave this file's questions out, and ask them before and after")
            command.add_argument("--out", type=Path, default=None, metavar="FOLDER", help="where the adapter goes (default: adapter in the data folder)")
            for name, told in OF_RECIPE.items():
                command.add_argument(f"--{name}", type=int, default=argparse.SUPPRESS, help=told)
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger("indexing").setLevel(logging.INFO)
    try:
        result, text = COMMANDS[chosen.command](chosen)
    except GazetteError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped" + "; the same command goes on where it was" * (chosen.command in ("questions", "tune")), file=sys.stderr)
        return 1
    print(json.dumps(result, ensure_ascii=False) if chosen.json else text)
    return 0


def _build(chosen: argparse.Namespace) -> tuple[dict, str]:
    from .update import update

    began = time.perf_counter()
    built = update(settings(), progress=not chosen.quiet)
    seconds = time.perf_counter() - began
    result = {
        "folder": str(settings().index_folder), "unchanged": built.unchanged, "passages": built.manifest.passages,
        "embedded": built.embedded, "reused": built.reused, "seconds": round(seconds, 2), "model": built.manifest.model,
    }
    done = "unchanged" if built.unchanged else f"{built.embedded} embedded, {built.reused} kept"
    return result, f"{result['folder']}: {result['passages']} passages, {done}, {seconds:.1f} s"


def _tune(chosen: argparse.Namespace) -> tuple[dict, str]:
    from corpus import load_corpus

    from . import bundled, tuning
    from .encoder import available_cores, load_encoder, prompt_pair
    from .evidence import Printed
    from .passages import passages_of

    of_recipe = {name: value for name, value in vars(chosen).items() if name in OF_RECIPE}
    if low := next((name for name, value in of_recipe.items() if value < 1), ""):
        raise GazetteError(f"--{low}: a number from 1 on is needed")
    if settings().model:
        raise GazetteError("GAZETTE_MODEL: only the bundled model is tuned here; leave it empty")
    corpus = load_corpus(settings().gazettes)
    if unknown := sorted(set(chosen.without) - set(corpus.gazettes)):
        raise GazetteError(f"--without {unknown[0]}: no such gazette; there are {', '.join(sorted(corpus.gazettes))}")
    passages = passages_of(corpus)
    printed = Printed(corpus, passages)
    everything = tuning.asked(chosen.questions, printed=printed)
    items, left = ([item for item in everything if item.sources.isdisjoint(chosen.without) is rest] for rest in (True, False))
    plain, out = settings().model_copy(update={"adapter": ""}), chosen.out or settings().data / "adapter"
    encoder, texts = load_encoder(plain), [passage.embedded_text for passage in passages]
    recipe = tuning.Recipe(**of_recipe)
    plans = tuning.plan(items, texts=texts, encoder=encoder, recipe=recipe)
    folder = bundled.ensure_bundled(settings().model_folder)
    prompts = prompt_pair(json.loads((folder / "config_sentence_transformers.json").read_text("utf-8")).get("prompts") or {})
    began = time.perf_counter()
    training = tuning.Tuning(folder, name=encoder.name, prompts=prompts, recipe=recipe, threads=settings().threads or available_cores(), out=out)
    loss = training(items, plans, texts=texts, progress=not chosen.quiet)
    result = {"folder": str(out), "questions": len(items), "batches": sum(map(len, plans)), "loss": round(loss, 3), "seconds": round(time.perf_counter() - began)}
    training.save(questions=len(items), without=chosen.without, loss=result["loss"], bank=" ".join(map(bundled.file_digest, chosen.questions)),
                  corpus=corpus.digest)
    lines = [f"{out}: {len(items)} questions, {result['batches']} batches, loss {loss:.3f}, {result['seconds']} s; GAZETTE_ADAPTER={out} takes it"]
    for name, one in (("before", encoder), ("after", load_encoder(plain.model_copy(update={"adapter": str(out)})))) if left else ():
        result[name], vectors = {}, one.encode_passages(texts)
        for source in sorted(set(chosen.without)):
            mine = [item for item in left if source in item.sources]
            result[name][source] = tuning.dense_recall(mine, vectors=vectors, encoder=one)
            lines.append(f"{len(mine)} questions about {source}, {name}: " + ", ".join(f"{key} {value:.3f}" for key, value in result[name][source].items()))
    return result, "\n".join(lines)


def _questions(chosen: argparse.Namespace) -> tuple[dict, str]:
    from corpus import load_corpus
    from corpus.sources import write_atomically

    from . import questions
    from .encoder import load_encoder
    from .endpoint import required
    from .update import update

    model, out, part = required(settings()), chosen.out, chosen.out.with_name(f"{chosen.out.name}.part")
    if chosen.limit < 0:
        raise GazetteError("--limit: a number from 1 on is needed")
    if out.exists():
        raise GazetteError(f"{out} is there already; delete it or choose another name with --out")
    corpus, sources = questions.named_gazettes(chosen.gazette, corpus=load_corpus(settings().gazettes), folder=settings().gazettes)
    try:
        replies = questions.Replies(part, model=model)
    except OSError as error:
        raise GazetteError(f"cannot write {part}: {error.strerror or error}") from None
    began = time.perf_counter()
    encoder = load_encoder(settings())
    update(settings(), encoder=encoder, progress=not chosen.quiet)  # so that a run that goes on embeds no more than a new gazette
    search = questions.search_over(corpus, encoder=encoder, index=settings().index_folder, progress=not chosen.quiet)
    passages = questions.drawn(search.passages, sources=sources, seed=chosen.seed)[: chosen.limit or None]
    asking = partial(questions.ask, chosen=settings())
    checks = questions.Checks(corpus, search)
    written = questions.write(passages, asking=asking, replies=replies, checks=checks, progress=not chosen.quiet)
    result = {"file": str(out), "questions": len(written.questions), "passages": len(passages), "dropped": dict(written.dropped.most_common()),
              "nothing_to_ask": written.nothing, "unanswered": written.unanswered, "seconds": round(time.perf_counter() - began)}
    lines = [f"{count:6d}  {reason}" for reason, count in written.dropped.most_common()]
    told = "\n".join([f"{written.dropped.total()} questions dropped:", *lines] if lines else ["no question dropped"])
    if not written.questions:
        raise GazetteError(f"none of the model's questions about {len(passages)} passages is fit to learn from; nothing was written. {told}")
    write_atomically(out, "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in written.questions).encode())
    part.unlink()
    counts = f"{len(passages)} passages, {written.nothing} with nothing to ask, {written.unanswered} without a reply"
    return result, f"{out}: {len(written.questions)} questions about {counts}; `tune --questions FILE…` learns from them\n{told}"


def _info(chosen: argparse.Namespace) -> tuple[dict, str]:
    from . import generations
    from .builder import PASSAGES
    from .model import Passage
    from .records import read_records
    from .update import recipe, sources_digest

    folder = settings().index_folder
    generation = generations.current(folder)
    if not generation:
        raise GazetteError(f"no index in {folder}; {generations.ADVICE}")
    manifest = generations.read_manifest(generation)
    generations.check_files(generation, manifest)
    counts = Counter(passage.source for passage in read_records(generation / PASSAGES, Passage))
    size = sum((generation / name).stat().st_size for name in manifest.files)
    gazettes = settings().gazettes
    current = (gazettes.is_dir() and sources_digest(gazettes) == manifest.sources) and recipe() == manifest.recipe
    result = {
        "folder": str(generation), "built": manifest.built, "current": current, "passages": manifest.passages,
        "gazettes": {source: counts[source] for source in manifest.gazettes}, "model": manifest.model,
        "dimensions": manifest.dimensions, "vectors": manifest.vectors, "bytes": size, "digest": manifest.corpus,
    }
    lines = [f"{generation}: {manifest.passages} passages, {size / 1e6:.1f} MB, built {manifest.built}",
             f"model {manifest.model}, {manifest.dimensions} dimensions, {manifest.vectors} index",
             "of the gazettes as they are now" if current else f"not of the gazettes and the program as they are now; {generations.ADVICE}",
             *(f"{counts[source]:6d}  {source}" for source in manifest.gazettes)]
    return result, "\n".join(lines)


def _search(chosen: argparse.Namespace) -> tuple[dict, str]:
    from .index import Index

    index = Index.load()
    began = time.perf_counter()
    hits = index.search(chosen.question, districts=chosen.district, years=chosen.year, notices=chosen.notice, limit=chosen.limit)
    milliseconds = 1000 * (time.perf_counter() - began)
    result = {"question": chosen.question, "ms": round(milliseconds, 1), "hits": [
        {"score": hit.score, "dense": hit.dense, "lexical": hit.lexical, "notice": hit.passage.notice, "path": hit.passage.path,
         "source": hit.passage.source, "start": hit.passage.start, "end": hit.passage.end, "text": hit.passage.text}
        for hit in hits
    ]}
    lines = [f"{hit.score:.4f}  {hit.passage.notice}  {' > '.join(hit.passage.path)}\n        {hit.passage.text[:120]!r}"
             for hit in hits]
    return result, "\n".join([*lines, f"{milliseconds:.0f} ms"])


def _precedents(chosen: argparse.Namespace) -> tuple[dict, str]:
    from . import precedents
    from .encoder import load_encoder

    encoder = load_encoder(settings())
    count = precedents.embed(precedents.read(settings().precedent_files), encoder=encoder)
    return {"file": str(precedents.EMBEDDED), "questions": count, "model": encoder.name}, f"{precedents.EMBEDDED}: {count} questions, by {encoder.name}"


COMMANDS = {"build": _build, "info": _info, "search": _search, "questions": _questions, "tune": _tune, "precedents": _precedents}

if __name__ == "__main__":
    sys.exit(main())
