"""Matrix products of bytes, half of bfloat16's time on a CPU that multiplies both in vectors (VNNI).

How numbers become bytes is fixed once, from texts that never change, so that
the steps do not hang on which texts are encoded together. Columns of large
numbers get larger steps, which the matrix takes back (SmoothQuant, Xiao et al.
2022); between the two feed-forward products the few largest columns, one of
which is up to thirteen times the next, are multiplied apart, as they are
(LLM.int8(), Dettmers et al. 2022). Measured in benchmarks/RESULTS-index.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch.nn import functional

Matrix = tuple[torch.Tensor, torch.Tensor]  # and its bias, fp32

LEVELS = 255  # of what is multiplied, an unsigned byte
WEIGHT_LEVELS = 127  # of the matrix, a signed byte
SMOOTH = 0.5  # how much of a column's size goes into the matrix; 0 loses more
APART = 4  # columns between the feed-forward products that stay as they are


def native_int8() -> bool:
    """Whether this CPU multiplies and adds bytes in hardware."""
    return torch.backends.mkldnn.is_available() and torch.cpu._is_vnni_supported()


def faster_int8() -> bool:
    """Whether bytes are the faster way to encode here. Not where matrices of bfloat16 are multiplied in tiles (AMX): there
    turning numbers into bytes costs more than it saves (43 passages a second for 49)."""
    return native_int8() and not torch.cpu._is_amx_tile_supported()


@dataclass(slots=True)
class Watched:
    """A product that keeps what it is given, rows of fp32."""

    product: Callable[[torch.Tensor], torch.Tensor]
    rows: list[torch.Tensor] = field(default_factory=list)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        self.rows.append(x.float())
        return self.product(x)

    @property
    def seen(self) -> torch.Tensor:
        return torch.cat(self.rows)


class Steps(NamedTuple):
    """A byte is a number divided by ``size``, rounded, plus ``zero``."""

    size: float
    zero: int

    @classmethod
    def over(cls, numbers: torch.Tensor) -> Steps:
        """The smallest steps that reach from the least of ``numbers`` (or 0) to the largest."""
        low, high = min(float(numbers.min()), 0.0), max(float(numbers.max()), 1e-6)
        size = (high - low) / LEVELS
        return cls(size, round(-low / size))


class Int8:
    """The product with ``weight`` ``(outside, inside)`` fp32 plus ``bias``, and GELU where ``gelu``, of numbers like ``seen``.

    ``given``: of bytes already, of these steps. The result is of ``kind``, or in bytes of the steps ``gives``.
    """

    def __init__(
        self, weight: torch.Tensor, bias: torch.Tensor, *, kind: torch.dtype, seen: torch.Tensor | None = None,
        given: Steps | None = None, gives: Steps | None = None, gelu: bool = False,
    ) -> None:
        self.factors = None
        if given is None:
            columns = seen.abs().amax(0).clamp(min=1e-5) ** SMOOTH / weight.abs().amax(0).clamp(min=1e-5) ** (1 - SMOOTH)
            given, weight = Steps.over(seen / columns), weight * columns
            self.factors, self.shift = 1 / (columns * given.size), torch.full_like(columns, given.zero + 0.5)
        self.steps = weight.abs().amax(1).clamp(min=1e-12) / WEIGHT_LEVELS
        self.zeros = torch.zeros(len(weight), dtype=torch.long)
        self.weight = torch.ops.onednn.qlinear_prepack((weight / self.steps[:, None]).round().to(torch.int8), [1024, weight.shape[1]])
        self.bias, self.given, self.gives = bias, given, (*gives, torch.uint8) if gives else (1.0, 0, kind)
        self.after = ("gelu", [], "none") if gelu else ("none", [], "")

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        if self.factors is not None:
            # By way of 32 bits, which is three times faster than straight to bytes.
            x = torch.addcmul(self.shift, x.float(), self.factors).clamp_(0, LEVELS).to(torch.int32).to(torch.uint8)
        return torch.ops.onednn.qlinear_pointwise(x, *self.given, self.weight, self.steps, self.zeros, self.bias, *self.gives, *self.after)


class Int8FeedForward:
    """Two products one after the other, GELU between them, in bytes; the columns of the largest numbers between them apart.

    ``inner`` and ``outer`` are matrices ``(outside, inside)`` fp32 with their biases; ``before`` and ``between`` rows that they were given.
    """

    def __init__(self, inner: Matrix, outer: Matrix, *, before: torch.Tensor, between: torch.Tensor, kind: torch.dtype) -> None:
        apart = between.abs().amax(0).topk(APART).indices
        rest = torch.ones(between.shape[1], dtype=torch.bool).index_fill(0, apart, False)
        steps = Steps.over(between[:, rest])
        self.inner = Int8(*inner, kind=kind, seen=before, gives=steps, gelu=True)
        self.outer = Int8(outer[0] * rest, outer[1], kind=kind, given=steps)
        self.apart = [one.to(kind) for one in (inner[0][apart], inner[1][apart], outer[0][:, apart].T.contiguous())]

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        into, bias, out = self.apart
        return self.outer(self.inner(x)) + functional.gelu(functional.linear(x, into, bias)) @ out
