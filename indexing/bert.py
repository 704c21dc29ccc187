"""A BERT sentence encoder in plain PyTorch: the same embeddings as sentence-transformers, several times faster on a CPU.

It reads an ordinary sentence-transformers folder. What makes it fast: products
in bfloat16 where the CPU multiplies them natively (the rest of the arithmetic
stays in fp32 inside PyTorch's kernels), batches of texts of nearly one length
that fit in the cache, one thread to a batch and as many batches as threads. It
needs neither transformers nor sentence-transformers, which take seconds to
import. Measured in benchmarks/RESULTS.md.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from tokenizers import Tokenizer
from torch.nn import functional

from .adapters import Adapter
from .pieces import Pieces

log = logging.getLogger(__name__)

# A batch of about this many tokens keeps its activations in the second-level cache; larger ones are slower.
BATCH_TOKENS = 512


@dataclass(frozen=True, slots=True)
class Layer:
    """One encoder layer's weights: query, key and value as one matrix, each matrix with its bias."""

    attention: tuple[torch.Tensor, torch.Tensor]
    attention_out: tuple[torch.Tensor, torch.Tensor]
    attention_norm: tuple[torch.Tensor, torch.Tensor]
    inner: tuple[torch.Tensor, torch.Tensor]
    outer: tuple[torch.Tensor, torch.Tensor]
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
        with safe_open(folder / "model.safetensors", framework="pt") as file:
            names = set(file.keys())
            prefix = "bert." if "bert.embeddings.LayerNorm.weight" in names else ""

            def read(name: str) -> torch.Tensor:
                weight = file.get_tensor(prefix + name)
                return adapter.merged(name, weight) if adapter else weight

            if adapter:
                adapter.check(name.removeprefix(prefix) for name in names)
            self._take_weights(read, layers=config["num_hidden_layers"])
        # One thread to a batch: parallelism comes from batches and from requests, which scales better than inside one.
        torch.set_num_threads(1)

    def _take_weights(self, read: Callable[[str], torch.Tensor], *, layers: int) -> None:
        # Copied: a view would keep the whole weights file, 240 MB, mapped into memory.
        def pair(name: str, kind: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
            return read(f"{name}.weight").to(kind, copy=True), read(f"{name}.bias").to(kind, copy=True)

        # The largest matrix by far; half its size is enough where the products after it are no more exact.
        self.words = read("embeddings.word_embeddings.weight").to(torch.float16 if self.precision == "bf16" else torch.float32)
        self.places = (read("embeddings.position_embeddings.weight")
                       + read("embeddings.token_type_embeddings.weight")[0])
        self.first_norm = pair("embeddings.LayerNorm", torch.float32)
        self.layers = []
        for index in range(layers):
            at = f"encoder.layer.{index}."
            parts = [pair(f"{at}attention.self.{part}", self.type) for part in ("query", "key", "value")]
            self.layers.append(Layer(
                attention=(torch.cat([part[0] for part in parts]), torch.cat([part[1] for part in parts])),
                attention_out=pair(f"{at}attention.output.dense", self.type),
                attention_norm=pair(f"{at}attention.output.LayerNorm", self.type),
                inner=pair(f"{at}intermediate.dense", self.type),
                outer=pair(f"{at}output.dense", self.type),
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
            attended = functional.linear(self._attention(x, layer, bias=bias), *layer.attention_out)
            x = functional.layer_norm(x + attended, (self.dimensions,), *layer.attention_norm, self.epsilon)
            inner = functional.linear(functional.gelu(functional.linear(x, *layer.inner)), *layer.outer)
            x = functional.layer_norm(x + inner, (self.dimensions,), *layer.outer_norm, self.epsilon)
        x = x.float()
        pooled = (x * real[..., None]).sum(1) / lengths[:, None] if self.mean else x[:, 0]
        return functional.normalize(pooled, dim=1).numpy(), x.numpy()

    def _attention(self, x: torch.Tensor, layer: Layer, *, bias: torch.Tensor | None) -> torch.Tensor:
        rows, width, size = x.shape
        parts = functional.linear(x, *layer.attention).view(rows, width, 3, self.heads, size // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        # Written out: for sequences this short it is faster than scaled_dot_product_attention in bfloat16.
        scores = torch.matmul(query * (size // self.heads) ** -0.5, key.transpose(-1, -2))
        if bias is not None:
            scores += bias
        return torch.matmul(scores.softmax(-1), value).transpose(1, 2).reshape(rows, width, size)


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
