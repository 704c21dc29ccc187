"""A BERT sentence encoder in plain PyTorch: the same embeddings as sentence-transformers, several times faster on a CPU.

It reads an ordinary sentence-transformers folder. What makes it fast: products
in bfloat16 where the CPU multiplies them natively (the rest of the arithmetic
stays in fp32 inside PyTorch's kernels) with the weights in the CPU's own order,
those of passages in bytes where that is faster, batches of texts of nearly one length that fit in
the cache, one thread to a batch and as many batches as threads. It needs
neither transformers nor sentence-transformers, which take seconds to import.
Measured in benchmarks/RESULTS-index.md.
"""

from __future__ import annotations

import json
import logging
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from threadpoolctl import threadpool_limits
from tokenizers import Tokenizer
from torch.nn import functional

from .adapters import Adapter
from .int8 import Int8, Int8FeedForward, Watched, faster_int8
from .pieces import Pieces
from .strangers import strangers
from .together import Together
from .wordvectors import WordVectors

log = logging.getLogger(__name__)

BATCH_TOKENS = 1024  # padded tokens of a batch; twice as many are slower, half as many no faster
# Powers of two that a word's attention to another is cut at: the bundled model's go from -85 to 111, and 512 words of 2^112
# times what they say are still a number.
LEAST, MOST = -112.0, 112.0
PRODUCTS = {
    "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
    "attention_out": "attention.output.dense", "inner": "intermediate.dense", "outer": "output.dense",
}
WEIGHTS = "model.safetensors"
SAMPLED = 20  # one stranger in so many says how large numbers become inside the model,
JOINED = 8  # so many to a text, to be as long as a passage
TOGETHER = 8  # questions at most that are encoded together: at 16 askers a fifth more a second than one by one

Read = Callable[[str], torch.Tensor]  # a weight by its name


class Linear:
    """A product of rows with a matrix, its bias and, ``gelu``, that function after it.

    Bfloat16 weights are kept in the order that oneDNN multiplies in, which it
    would otherwise make anew for each product: a sixth of a short one's time.
    It keeps 0.6 MB for every number of rows that a matrix has been multiplied
    with: see ``filled``.
    """

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor, *, gelu: bool = False) -> None:
        self.bias, self.gelu = bias, gelu
        self.packed = weight.dtype == torch.bfloat16 and torch.backends.mkldnn.is_available()
        self.weight = torch.ops.mkldnn._reorder_linear_weight(weight, None) if self.packed else weight

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        if self.packed:
            after = ("gelu", [], "none") if self.gelu else ("none", [], "")
            return torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, *after)
        product = functional.linear(x, self.weight, self.bias)
        return functional.gelu(product) if self.gelu else product


@dataclass(frozen=True, slots=True)
class FeedForward:
    """Two products one after the other; the first has a GELU."""

    inner: Linear | Watched
    outer: Linear | Watched

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return self.outer(self.inner(x))


@dataclass(frozen=True, slots=True)
class Layer:
    """One encoder layer: query, key and value as one matrix; norms as weight and bias; ``by_parts`` says how it attends."""

    attention: Linear | Int8 | Watched
    attention_out: Linear
    attention_norm: tuple[torch.Tensor, torch.Tensor]
    feed: FeedForward | Int8FeedForward
    outer_norm: tuple[torch.Tensor, torch.Tensor]
    by_parts: bool = False


@dataclass(frozen=True, slots=True)
class Texts:
    """Tokenized texts of one batch ``(n, longest)``: ``ids``, which of them are ``real``; ``seen``, what attention multiplies with,
    ``None`` where all are."""

    ids: torch.Tensor
    real: torch.Tensor
    seen: torch.Tensor | None

    @classmethod
    def of(cls, batch: Sequence[Sequence[int]], *, padding: int) -> Texts:
        ids = torch.full((len(batch), max(map(len, batch))), padding)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = torch.tensor(tokens)
        real = torch.arange(ids.shape[1]) < torch.tensor([len(tokens) for tokens in batch])[:, None]
        return cls(ids, real, None if bool(real.all()) else real[:, None, None].float())


def is_bert(folder: Path) -> bool:
    """Whether ``folder`` holds a model this module computes: a BERT with GELU, absolute positions, mean or CLS pooling."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        return (
            config["model_type"] == "bert"
            and config.get("hidden_act") == "gelu"
            and config.get("position_embedding_type", "absolute") == "absolute"
            and pooling(folder) in {"mean", "cls"}
            and module_kinds(folder) in (["Transformer", "Pooling", "Normalize"], ["Transformer", "Pooling"])
            and (folder / WEIGHTS).is_file()
            and (folder / "tokenizer.json").is_file()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def module_kinds(folder: Path) -> list[str]:
    """The class names of the sentence-transformers modules, in order."""
    return [module["type"].rsplit(".", 1)[-1] for module in json.loads((folder / "modules.json").read_text("utf-8"))]


def pooling(folder: Path) -> str:
    """``"mean"``, ``"cls"`` or ``""`` for any other; reads both spellings of sentence-transformers' pooling file."""
    config = json.loads((folder / "1_Pooling" / "config.json").read_text("utf-8"))
    if "pooling_mode" in config:
        return config["pooling_mode"]
    modes = [name for name, on in config.items() if name.startswith("pooling_mode_") and on is True]
    return {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}.get(modes[0], "") if len(modes) == 1 else ""


def native_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware; without that it is slower than fp32."""
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


class Bert:
    """Texts to unit vectors. Thread-safe: the weights are never written after loading.

    ``precision`` is ``"fp32"``, ``"bf16"``, ``"int8"`` (passages alone, with products in bytes) or ``""`` for the fastest one
    on this CPU.
    """

    def __init__(self, folder: Path, *, threads: int, precision: str = "", adapter: Adapter | None = None) -> None:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        native = "bf16" if native_bfloat16() else "fp32"
        self.of_passages = precision or ("int8" if faster_int8() else native)
        self.precision = native if self.of_passages == "int8" else self.of_passages
        self.type = torch.bfloat16 if self.precision == "bf16" else torch.float32
        self.dimensions: int = config["hidden_size"]
        self.heads: int = config["num_attention_heads"]
        self.epsilon: float = config["layer_norm_eps"]
        self.padding: int = config.get("pad_token_id", 0)
        self.length = max_tokens(folder, config["max_position_embeddings"])
        self.mean = pooling(folder) == "mean"
        self.threads = threads
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(self.length)
        # One thread to a batch: parallelism comes from batches and from requests, which scales better than inside one. NumPy's
        # products too: its threads wait for one another while the batches compute (a third of a build's time). Before the weights
        # are taken: two threads wait for one another at each of the small products with the adapter where others keep a core busy.
        torch.set_num_threads(1)
        threadpool_limits(1, user_api="blas")
        self._folder, self._adapter, self._count = folder, adapter, config["num_hidden_layers"]
        with self._weights() as read:
            self._take_layers(read)
        self.words = WordVectors(folder / WEIGHTS, "embeddings.word_embeddings.weight")  # no adapter changes them
        # Half of the cores, since what is encoded is then searched for.
        self._together = Together(
            lambda batches: self._embed(batches, self.layers), at_once=max(1, threads // 2), most=TOGETHER, begin=_alone,
        )
        self._brief: list[Layer] | None = None
        self._making = threading.Lock()

    @contextmanager
    def _weights(self) -> Iterator[Read]:
        """Reads weights by name, the adapter merged into them; those not copied keep the file mapped."""
        with safe_open(self._folder / WEIGHTS, framework="pt") as file:
            names = set(file.keys())
            prefix = "bert." if "bert.embeddings.LayerNorm.weight" in names else ""
            if self._adapter:
                self._adapter.check(name.removeprefix(prefix) for name in names)

            def read(name: str) -> torch.Tensor:
                weight = file.get_tensor(prefix + name)
                return self._adapter.merged(name, weight) if self._adapter else weight

            yield read

    def _take_layers(self, read: Read) -> None:
        self.places = (read("embeddings.position_embeddings.weight").float()
                       + read("embeddings.token_type_embeddings.weight")[0].float())
        self.first_norm = _pair(read, "embeddings.LayerNorm", torch.float32)
        self.layers = []
        for at in range(self._count):
            products = self._products(read, at, self.type)
            self.layers.append(Layer(
                attention=Linear(*products["attention"]), attention_out=Linear(*products["attention_out"]),
                attention_norm=_pair(read, f"encoder.layer.{at}.attention.output.LayerNorm", self.type),
                feed=FeedForward(Linear(*products["inner"], gelu=True), Linear(*products["outer"])),
                outer_norm=_pair(read, f"encoder.layer.{at}.output.LayerNorm", self.type),
            ))

    def _products(self, read: Read, at: int, kind: torch.dtype) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
        """The matrices of layer ``at`` with their biases, by their names in ``Layer``."""
        found = {name: _pair(read, f"encoder.layer.{at}.{place}", kind) for name, place in PRODUCTS.items()}
        each = [found.pop(name) for name in ("query", "key", "value")]
        return found | {"attention": (torch.cat([one[0] for one in each]), torch.cat([one[1] for one in each]))}

    @property
    def brief(self) -> list[Layer]:
        """The layers that passages are encoded with, made when one first is: a server need not."""
        with self._making:
            if self._brief is None:
                self._brief = self._in_bytes() if self.of_passages == "int8" else self.layers
        return self._brief

    def _in_bytes(self) -> list[Layer]:
        watched = [replace(layer, attention=Watched(layer.attention), feed=FeedForward(Watched(layer.feed.inner), Watched(layer.feed.outer)))
                   for layer in self.layers]
        asked = strangers()[::SAMPLED]
        for encoding in self.tokenizer.encode_batch(["\n".join(asked[at : at + JOINED]) for at in range(0, len(asked), JOINED)]):
            self._embed([[encoding.ids]], watched)
        made = []
        with self._weights() as read:
            for at, layer in enumerate(watched):
                products = self._products(read, at, torch.float32)
                made.append(replace(
                    self.layers[at],
                    attention=Int8(*products["attention"], seen=layer.attention.seen, kind=self.type),
                    feed=Int8FeedForward(products["inner"], products["outer"], before=layer.feed.inner.seen,
                                         between=layer.feed.outer.seen, kind=self.type),
                    by_parts=self.type == torch.bfloat16,
                ))
        return made

    def encode(
        self, texts: Sequence[str], *, prompt: str = "", brief: bool = False, done: Callable[[int], object] | None = None,
        each: Callable[[int, Pieces], object] | None = None,
    ) -> np.ndarray:
        """``(len(texts), dimensions)`` fp32, rows of length 1; ``done(n)`` is told of every n characters finished.

        ``brief``: as passages are encoded, faster and perhaps a little less exact. ``each(index, pieces)`` is given the word pieces
        of each text, the prompt's left out, from any thread. A few texts are encoded together with those of other callers.
        """
        encodings = self.tokenizer.encode_batch([prompt + text for text in texts])
        tokens = [encoding.ids for encoding in encodings]
        vectors = np.empty((len(tokens), self.dimensions), np.float32)
        layers, work = self.brief if brief else self.layers, batches([len(ids) for ids in tokens])
        together = len(work) == 1 and not brief

        def run(batch: list[int]) -> None:
            mine = [tokens[index] for index in batch]
            vectors[batch], states = self._together(mine) if together else self._embed([mine], layers)[0]
            for row, index in enumerate(batch) if each else ():
                offsets = np.asarray(encodings[index].offsets)
                kept = np.flatnonzero((offsets[:, 1] > offsets[:, 0]) & (offsets[:, 0] >= len(prompt)))
                each(index, Pieces(np.asarray(tokens[index])[kept], states[row, kept], offsets[kept, 0] - len(prompt)))
            if done:
                done(sum(len(texts[index]) for index in batch))

        if len(work) <= 1 or self.threads == 1:
            for batch in work:
                run(batch)
        else:
            with ThreadPoolExecutor(self.threads, initializer=_alone) as pool:
                list(pool.map(run, work))
        return vectors

    @torch.inference_mode()
    def _embed(self, batches: Sequence[list[list[int]]], layers: Sequence[Layer]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Of each batch of ``n`` tokenized texts unit vectors ``(n, dimensions)`` and last hidden states ``(n, longest, dimensions)``,
        the same with other batches beside it as alone."""
        texts = [Texts.of(batch, padding=self.padding) for batch in batches]
        x = torch.cat([(self.words(one.ids).float() + self.places[: one.ids.shape[1]]).flatten(0, 1) for one in texts])
        x = filled(functional.layer_norm(x, (self.dimensions,), *self.first_norm, self.epsilon).to(self.type))
        for layer in layers:
            attended = layer.attention_out(self._attention(layer.attention(x), texts, by_parts=layer.by_parts))
            x = functional.layer_norm(x + attended, (self.dimensions,), *layer.attention_norm, self.epsilon)
            x = functional.layer_norm(x + self._fed(x, texts, feed=layer.feed), (self.dimensions,), *layer.outer_norm, self.epsilon)
        return [self._pooled(states, one) for states, one in zip(apart(x, texts), texts, strict=True)]

    def _attention(self, parts: torch.Tensor, texts: Sequence[Texts], *, by_parts: bool) -> torch.Tensor:
        """``(filled, dimensions)`` of queries, keys and values ``(filled, 3 * dimensions)`` of all texts."""
        found = []
        for mine, one in zip(apart(parts, texts), texts, strict=True):
            query, key, value = mine.view(*one.ids.shape, 3, self.heads, self.dimensions // self.heads).permute(2, 0, 3, 1, 4)
            if by_parts:
                attended = attention_by_parts(query, key, value, one.seen)
            else:
                bias = None if one.seen is None else one.seen.log().to(self.type)
                attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
            found.append(attended.transpose(1, 2).reshape(len(mine), self.dimensions))
        return filled(torch.cat(found))

    def _fed(self, x: torch.Tensor, texts: Sequence[Texts], *, feed: FeedForward | Int8FeedForward) -> torch.Tensor:
        if len(texts) == 1:
            return feed(x)
        # Sums of so many products are rounded otherwise with other numbers of rows.
        return filled(torch.cat([feed.outer(filled(mine))[: len(mine)] for mine in apart(feed.inner(x), texts)]))

    def _pooled(self, states: torch.Tensor, texts: Texts) -> tuple[np.ndarray, np.ndarray]:
        x = states.view(*texts.ids.shape, -1).float()
        pooled = (x * texts.real[..., None]).sum(1) / texts.real.sum(1, keepdim=True) if self.mean else x[:, 0]
        return functional.normalize(pooled, dim=1).numpy(), x.numpy()


def apart(rows: torch.Tensor, texts: Sequence[Texts]) -> Sequence[torch.Tensor]:
    """The rows of each of the texts, those that fill up left out."""
    sizes = [one.ids.numel() for one in texts]
    return rows[: sum(sizes)].split(sizes)


def filled(rows: torch.Tensor) -> torch.Tensor:
    """The rows and the first again and again, to a number of rows that is one of few."""
    more = -len(rows) % (16 if len(rows) < 256 else 64)
    return torch.cat([rows, rows[:1].expand(more, -1)]) if more else rows


def attention_by_parts(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, seen: torch.Tensor | None) -> torch.Tensor:
    """Attention of bfloat16 ``(rows, heads, width, dimensions)``: two products and a power of two between them.

    PyTorch's own takes half as long again. No row's largest is sought: the weights are
    numbers as they are.
    """
    shape, size = query.shape, query.shape[-1]
    query = query * (math.log2(math.e) * size**-0.5)
    weights = torch.bmm(query.flatten(0, 1), key.flatten(0, 1).transpose(1, 2)).float().clamp_(LEAST, MOST).exp2_()
    if seen is not None:
        weights.view(*shape[:3], -1).mul_(seen)  # ten times faster than filling in
    found = torch.bmm(weights.bfloat16(), value.flatten(0, 1)) / weights.sum(-1, keepdim=True).bfloat16()
    return found.view(shape)


def _alone() -> None:
    torch.set_num_threads(1)


def _pair(read: Read, name: str, kind: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    return read(f"{name}.weight").to(kind, copy=True), read(f"{name}.bias").to(kind, copy=True)


def max_tokens(folder: Path, positions: int) -> int:
    """The longest input in tokens: what the folder's sentence-transformers file says, at most ``positions``."""
    try:
        said = json.loads((folder / "sentence_bert_config.json").read_text("utf-8")).get("max_seq_length")
    except (OSError, ValueError, AttributeError):
        said = None
    return min(said or positions, positions)


def batches(lengths: Sequence[int]) -> list[list[int]]:
    """Indices grouped by falling length, each group of about ``BATCH_TOKENS`` padded tokens."""
    groups: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if groups and lengths[groups[-1][0]] * (len(groups[-1]) + 1) <= BATCH_TOKENS:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups
