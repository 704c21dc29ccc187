"""A BERT sentence encoder in plain PyTorch: the same embeddings as sentence-transformers, several times faster on a CPU.

It reads an ordinary sentence-transformers folder. What makes it fast: products
in bfloat16 where the CPU multiplies them natively (the rest of the arithmetic
stays in fp32 inside PyTorch's kernels) with the weights in the CPU's own order,
batches of texts of nearly one length that fit in the cache, one thread to a
batch and as many batches as threads. It needs neither transformers nor
sentence-transformers, which take seconds to import. Measured in
benchmarks/RESULTS-index.md.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from threadpoolctl import threadpool_limits
from tokenizers import Tokenizer
from torch.nn import functional

from .adapters import Adapter
from .pieces import Pieces

log = logging.getLogger(__name__)

BATCH_TOKENS = 1024  # padded tokens of a batch; twice as many are slower, half as many no faster


class Linear:
    """A product with a matrix, its bias and, ``gelu``, that function after it.

    Bfloat16 weights are kept in the order that oneDNN multiplies in, which it
    would otherwise make anew for each product: a sixth of a short one's time.
    It keeps 0.6 MB for every number of rows that a matrix has been multiplied
    with, so that rows are added to make these few.
    """

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor, *, gelu: bool = False) -> None:
        self.bias, self.gelu = bias, gelu
        self.packed = weight.dtype == torch.bfloat16 and torch.backends.mkldnn.is_available()
        self.weight = torch.ops.mkldnn._reorder_linear_weight(weight, None) if self.packed else weight

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        if self.packed:
            after = ("gelu", [], "none") if self.gelu else ("none", [], "")
            count = x[..., 0].numel()
            rows = functional.pad(x.reshape(count, -1), (0, 0, 0, -count % (16 if count < 256 else 64)))
            return torch.ops.mkldnn._linear_pointwise(rows, self.weight, self.bias, *after)[:count].view(*x.shape[:-1], -1)
        product = functional.linear(x, self.weight, self.bias)
        return functional.gelu(product) if self.gelu else product


@dataclass(frozen=True, slots=True)
class Layer:
    """One encoder layer: query, key and value as one matrix; norms as weight and bias."""

    attention: Linear
    attention_out: Linear
    attention_norm: tuple[torch.Tensor, torch.Tensor]
    inner: Linear
    outer: Linear
    outer_norm: tuple[torch.Tensor, torch.Tensor]


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
            and (folder / "model.safetensors").is_file()
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

    ``precision`` is ``"bf16"``, ``"fp32"`` or ``""`` for the faster one on this CPU.
    """

    def __init__(self, folder: Path, *, threads: int, precision: str = "", adapter: Adapter | None = None) -> None:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        self.precision = precision or ("bf16" if native_bfloat16() else "fp32")
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
        with self._weights(folder, adapter) as read:
            self._take_layers(read, layers=config["num_hidden_layers"])
        with self._weights(folder, adapter) as read:
            # The largest matrix by far, 190 MB of 240, and a text needs few of its rows: it stays in the file, of which only
            # the pages that are read come into memory. Opened by itself, so that the layers' pages go when they are copied.
            self.words = read("embeddings.word_embeddings.weight")
        # One thread to a batch: parallelism comes from batches and from requests, which scales better than inside one.
        # NumPy's products too: its threads wait for one another while the batches compute (a third of a build's time).
        torch.set_num_threads(1)
        threadpool_limits(1, user_api="blas")

    @contextmanager
    def _weights(self, folder: Path, adapter: Adapter | None) -> Iterator[Callable[[str], torch.Tensor]]:
        """Reads weights by name, the adapter merged into them; those not copied keep the file mapped."""
        with safe_open(folder / "model.safetensors", framework="pt") as file:
            names = set(file.keys())
            prefix = "bert." if "bert.embeddings.LayerNorm.weight" in names else ""
            if adapter:
                adapter.check(name.removeprefix(prefix) for name in names)

            def read(name: str) -> torch.Tensor:
                weight = file.get_tensor(prefix + name)
                return adapter.merged(name, weight) if adapter else weight

            yield read

    def _take_layers(self, read: Callable[[str], torch.Tensor], *, layers: int) -> None:
        def pair(name: str, kind: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
            return read(f"{name}.weight").to(kind, copy=True), read(f"{name}.bias").to(kind, copy=True)

        self.places = (read("embeddings.position_embeddings.weight").float()
                       + read("embeddings.token_type_embeddings.weight")[0].float())
        self.first_norm = pair("embeddings.LayerNorm", torch.float32)
        self.layers = []
        for index in range(layers):
            at = f"encoder.layer.{index}."
            parts = [pair(f"{at}attention.self.{part}", self.type) for part in ("query", "key", "value")]
            self.layers.append(Layer(
                attention=Linear(torch.cat([part[0] for part in parts]), torch.cat([part[1] for part in parts])),
                attention_out=Linear(*pair(f"{at}attention.output.dense", self.type)),
                attention_norm=pair(f"{at}attention.output.LayerNorm", self.type),
                inner=Linear(*pair(f"{at}intermediate.dense", self.type), gelu=True),
                outer=Linear(*pair(f"{at}output.dense", self.type)),
                outer_norm=pair(f"{at}output.LayerNorm", self.type),
            ))

    def encode(
        self, texts: Sequence[str], *, prompt: str = "", done: Callable[[int], object] | None = None,
        each: Callable[[int, Pieces], object] | None = None,
    ) -> np.ndarray:
        """``(len(texts), dimensions)`` fp32, rows of length 1; ``done(n)`` is told of every n characters finished.

        ``each(index, pieces)`` is given the word pieces of each text, the prompt's left out, from any thread.
        """
        encodings = self.tokenizer.encode_batch([prompt + text for text in texts])
        tokens = [encoding.ids for encoding in encodings]
        vectors = np.empty((len(tokens), self.dimensions), np.float32)

        def run(batch: list[int]) -> None:
            vectors[batch], states = self._embed([tokens[index] for index in batch])
            for row, index in enumerate(batch) if each else ():
                offsets = np.asarray(encodings[index].offsets)
                kept = np.flatnonzero((offsets[:, 1] > offsets[:, 0]) & (offsets[:, 0] >= len(prompt)))
                each(index, Pieces(np.asarray(tokens[index])[kept], states[row, kept], offsets[kept, 0] - len(prompt)))
            if done:
                done(sum(len(texts[index]) for index in batch))

        work = batches([len(ids) for ids in tokens])
        if len(work) <= 1 or self.threads == 1:
            for batch in work:
                run(batch)
        else:
            with ThreadPoolExecutor(self.threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
                list(pool.map(run, work))
        return vectors

    @torch.inference_mode()
    def _embed(self, tokens: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
        """Unit vectors ``(n, dimensions)`` and last hidden states ``(n, longest, dimensions)`` of ``n`` tokenized texts."""
        width = max(map(len, tokens))
        ids = torch.full((len(tokens), width), self.padding)
        for row, sequence in enumerate(tokens):
            ids[row, : len(sequence)] = torch.tensor(sequence)
        lengths = torch.tensor([len(sequence) for sequence in tokens])
        real = torch.arange(width) < lengths[:, None]
        bias = None
        if not bool(real.all()):
            bias = torch.zeros(len(tokens), 1, 1, width, dtype=self.type).masked_fill_(~real[:, None, None], float("-inf"))
        x = functional.embedding(ids, self.words).float() + self.places[:width]
        x = functional.layer_norm(x, (self.dimensions,), *self.first_norm, self.epsilon).to(self.type)
        for layer in self.layers:
            attended = layer.attention_out(self._attention(x, layer, bias=bias))
            x = functional.layer_norm(x + attended, (self.dimensions,), *layer.attention_norm, self.epsilon)
            x = functional.layer_norm(x + layer.outer(layer.inner(x)), (self.dimensions,), *layer.outer_norm, self.epsilon)
        x = x.float()
        pooled = (x * real[..., None]).sum(1) / lengths[:, None] if self.mean else x[:, 0]
        return functional.normalize(pooled, dim=1).numpy(), x.numpy()

    def _attention(self, x: torch.Tensor, layer: Layer, *, bias: torch.Tensor | None) -> torch.Tensor:
        rows, width, size = x.shape
        parts = layer.attention(x).view(rows, width, 3, self.heads, size // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        found = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        return found.transpose(1, 2).reshape(rows, width, size)


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
