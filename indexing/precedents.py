"""Questions asked before whose answer is known by where it is printed: who asks so again, in other words, finds the same print.

The training bank and the written questions are such; a file of one's own joins
them by one setting. A place counts as asked about as far as the question comes
near to one that was asked about it. Where none was, nothing is known and
nothing changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus import Corpus
from corpus.errors import GazetteError

from .adapters import BUNDLED, FOLDER
from .bundled import file_digest
from .encoder import Encoder
from .evidence import Printed
from .strangers import FILE as STRANGERS
from .strangers import strangers

FLOOR = 2.0  # steps of ``Nearness`` from which on a question is like one asked before: less, and it is of another matter
SHARE, LEAST = 0.5, 6  # of the evidence, or of a text in it, that is shared; and characters, if not all
BLOCK = 512  # rows turned into fp32 at a time: they stay in the CPU's nearest memory
SCALE = 254  # of an int8 step: no direction takes more than half of a unit vector
EMBEDDED = FOLDER / BUNDLED / "precedents.npz"  # vectors by the bundled encoder, so that a build has not to make them


@dataclass(frozen=True, slots=True)
class Precedent:
    """A question of the file named ``file``, and the evidence that answers it, printed in the gazette ``source`` ("": in any)."""

    question: str
    evidence: tuple[str, ...]
    source: str
    file: str

    @property
    def key(self) -> bytes:
        return hashlib.sha256(self.question.encode()).digest()[:16]


def read(paths: Sequence[Path]) -> list[Precedent]:
    """The answered questions of banks (``source`` and ``evidence``) and question files (``gold``); a follow-up, which says
    nothing alone, is left out.

    Raises ``GazetteError`` that names file and line where a question is of neither form.
    """
    found = []
    for path in paths:
        try:
            lines = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise GazetteError(f"{path} cannot be read as UTF-8 text ({error}); name files of questions, as GAZETTE_PRECEDENTS does") from None
        for number, line in enumerate(lines, 1):
            try:
                item = json.loads(line)
                pieces = [str(one["evidence"]) for one in item["gold"]] if "gold" in item else [str(item["evidence"])]
                one = Precedent(str(item["question"]), tuple(pieces), str(item.get("source", "")), path.name)
                alone = not item.get("history")
            except (ValueError, KeyError, TypeError, AttributeError):
                raise GazetteError(f"{path}:{number}: not a JSON object with question and evidence, or with question and gold") from None
            if alone and pieces:
                found.append(one)
    return found


class Precedents:
    """Immutable. ``codes`` ``(n, dimensions)`` int8 are the questions' vectors, ``files`` ``(n,)`` the names of their files; the
    place i in print, ``starts[i]`` to ``ends[i]`` of the gazette ``sources[i]``, answers the question ``of[i]``."""

    def __init__(
        self, *, codes: np.ndarray, keys: np.ndarray, files: np.ndarray, of: np.ndarray, sources: np.ndarray, starts: np.ndarray, ends: np.ndarray,
    ) -> None:
        if not len(codes) == len(keys) == len(files) or not len(of) == len(sources) == len(starts) == len(ends):
            raise ValueError("precedents do not fit together")
        self.codes, self.keys, self.files, self.of, self.sources, self.starts, self.ends = codes, keys, files, of, sources, starts, ends

    @classmethod
    def build(cls, precedents: Sequence[Precedent], *, corpus: Corpus, encoder: Encoder, known: dict[bytes, np.ndarray]) -> Precedents:
        """Those whose evidence the corpus prints; ``known`` are vectors by key, the others are embedded now."""
        printed = Printed(corpus, ())
        places = [[place for piece in one.evidence for place in printed.find(piece, source=one.source)] for one in precedents]
        kept = [one for one, mine in zip(precedents, places, strict=True) if mine]
        new = {one.key: one.question for one in kept if one.key not in known}
        known = known | dict(zip(new, coded(encoder.encode_queries(list(new.values()))) if new else (), strict=True))
        flat = [(number, printed.raw(place)) for number, mine in enumerate(mine for mine in places if mine) for place in mine]
        return cls(
            codes=np.stack([known[one.key] for one in kept]) if kept else np.empty((0, encoder.dimensions), np.int8),
            keys=np.frombuffer(b"".join(one.key for one in kept), np.uint8).reshape(-1, 16), files=np.asarray([one.file for one in kept], str),
            of=np.asarray([number for number, _ in flat], np.int32), sources=np.asarray([source for _, (source, _, _) in flat], str),
            starts=np.asarray([start for _, (_, start, _) in flat], np.int64), ends=np.asarray([end for _, (_, _, end) in flat], np.int64),
        )

    def save(self, path: Path) -> None:
        np.savez(path, codes=self.codes, keys=self.keys, files=self.files, of=self.of, sources=self.sources, starts=self.starts, ends=self.ends)

    @classmethod
    def load(cls, path: Path) -> Precedents:
        """What ``save`` wrote; raises ``ValueError``, ``KeyError`` or ``OSError`` where it is something else."""
        with np.load(path) as stored:
            return cls(**{name: stored[name] for name in stored.files})

    def only(self, file: str, *, but: str = "") -> Precedents:
        """Those of one file: what is fitted to the questions of one is fitted with those of others at hand, as a person's are new.
        Those that the gazette ``but`` answers are left out."""
        kept = self.files == file
        kept[self.of[self.sources == but]] = False
        new, mine = np.cumsum(kept) - 1, kept[self.of]
        return Precedents(codes=self.codes[kept], keys=self.keys[kept], files=self.files[kept], of=new[self.of[mine]].astype(np.int32),
                          sources=self.sources[mine], starts=self.starts[mine], ends=self.ends[mine])

    def __len__(self) -> int:
        return len(self.codes)

    def cosines(self, query: np.ndarray) -> np.ndarray:
        """``(n,)`` to the vector ``query`` ``(dimensions,)``."""
        query = query / SCALE
        return np.concatenate([self.codes[at : at + BLOCK].astype(np.float32) @ query for at in range(0, len(self.codes), BLOCK)] or [np.empty(0, np.float32)])

    def held(self, spans: Sequence[tuple[str, int, int]]) -> Held:
        """Which of the texts ``spans`` (gazette, first character, end) answer which question."""
        pairs = []
        starts, ends = (np.asarray([span[at] for span in spans], np.int64) for at in (1, 2))
        names = np.asarray([span[0] for span in spans])
        for source in np.unique(self.sources):
            mine = np.flatnonzero(names == source)
            mine = mine[np.argsort(starts[mine], kind="stable")]
            reach = np.maximum.accumulate(ends[mine]) if len(mine) else ends[mine]  # a text may lie within another
            for place in np.flatnonzero(self.sources == source):
                first, last = np.searchsorted(reach, self.starts[place], side="right"), np.searchsorted(starts[mine], self.ends[place])
                near = mine[first:last]
                shared = np.minimum(ends[near], self.ends[place]) - np.maximum(starts[near], self.starts[place])
                size = ends[near] - starts[near]
                right = (shared >= SHARE * np.minimum(size, self.ends[place] - self.starts[place])) & ((shared >= LEAST) | (shared == size))
                pairs += [(self.of[place], one) for one in near[right]]
        of, texts = np.asarray(pairs, np.int64).reshape(-1, 2).T
        return Held(of, texts, len(spans))


@dataclass(frozen=True, slots=True)
class Held:
    """Of ``count`` texts, ``texts[i]`` answers the question ``of[i]``."""

    of: np.ndarray
    texts: np.ndarray
    count: int

    def __call__(self, near: np.ndarray) -> np.ndarray:
        """``(count,)`` fp32: how near each text's nearest question is, of questions that are ``near`` ``(n,)``; 0 where none is."""
        found = np.zeros(self.count, np.float32)
        np.maximum.at(found, self.texts, near[self.of])
        return found


def coded(vectors: np.ndarray) -> np.ndarray:
    """Unit vectors as int8."""
    return np.clip(np.round(vectors * SCALE), -127, 127).astype(np.int8)


def embedded(encoder: Encoder) -> dict[bytes, np.ndarray]:
    """Vectors by key that come with the encoder's adapter; none where another encoder made them."""
    if not EMBEDDED.is_file():
        return {}
    with np.load(EMBEDDED) as stored:
        if str(stored["digest"]) != encoder.digest:
            return {}
        return {key.tobytes(): codes for key, codes in zip(stored["keys"], stored["codes"], strict=True)}


def embedded_strangers(encoder: Encoder) -> np.ndarray | None:
    """Vectors ``(n, dimensions)`` fp32 of the strangers that come with the encoder's adapter; ``None`` where another encoder made
    them, or of other strangers."""
    if not EMBEDDED.is_file():
        return None
    with np.load(EMBEDDED) as stored:
        if (str(stored["digest"]), str(stored["strangers_digest"])) != (encoder.digest, file_digest(STRANGERS)):
            return None
        return stored["strangers"].astype(np.float32)


def embed(precedents: Sequence[Precedent], *, encoder: Encoder) -> int:
    """Write the file that ``embedded`` and ``embedded_strangers`` read, whole or not at all; how many precedents it holds."""
    questions = {one.key: one.question for one in precedents}
    part = EMBEDDED.with_suffix(".part.npz")
    np.savez_compressed(part, digest=encoder.digest, keys=np.frombuffer(b"".join(questions), np.uint8).reshape(-1, 16),
                        codes=coded(encoder.encode_queries(list(questions.values()))),
                        strangers_digest=file_digest(STRANGERS), strangers=encoder.encode_passages(strangers()).astype(np.float16))
    part.replace(EMBEDDED)
    return len(questions)
