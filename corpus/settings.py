"""Every setting of the program in one typed class, read from the environment and from ``gazette.env``.

It stands in the lowest room because each room reads it and imports run one way.
"""

from __future__ import annotations

import os
import re
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from .errors import GazetteError

ROOT = Path(__file__).resolve().parent.parent
# A source of a content policy: nothing in it may end the policy or begin another part of it.
SITE = re.compile(r"https?://(?:\*\.)?[A-Za-z0-9.-]{1,253}(?::\d{1,5})?")


class Settings(BaseSettings):
    """``GAZETTE_PORT=8080`` in the environment or in ``gazette.env`` sets ``port``; unknown names are refused."""

    model_config = SettingsConfigDict(
        env_prefix="GAZETTE_", env_file=ROOT / "gazette.env", env_file_encoding="utf-8", extra="forbid", frozen=True
    )

    gazettes: Path = Field(ROOT / "corpus" / "gazettes", description="folder of the gazette files")
    data: Path = Field(ROOT / "var", description="folder of all that is built and written: model, index, conversations")
    model: str = Field("", description="a sentence-transformers model (folder or hub name); empty: the bundled one")
    adapter: str = Field(
        default_factory=lambda data: "" if data.get("model") else "residents",
        description="a LoRA adapter for the model: residents (the bundled model's own, unless another is set), or a folder; empty: the model as it comes",
    )
    reranker: str = Field("", description="a cross-encoder (folder or hub name) that re-reads the first hits; empty: none")
    precedents: str = Field(
        "eval/questions/bank.jsonl eval/questions/written.jsonl",
        description="files of questions asked before with the evidence that answers them, with spaces between; empty: none",
    )
    host: str = Field("127.0.0.1", description="address to serve on")
    port: int = Field(7860, ge=1, le=65535, description="port to serve on")
    max_file_mb: int = Field(64, ge=1, le=4096, description="largest gazette file taken in, unpacked, in MiB")
    threads: int = Field(0, ge=0, le=256, description="CPU threads for the encoder; 0: all cores")
    database: str = Field("", description="SQLAlchemy address, such as postgresql://user@host/name; empty: SQLite in the data folder")
    keep_days: int = Field(180, ge=0, le=36500, description="days after its last question that a conversation is deleted; 0: never")
    allowed_sites: str = Field("", description="sites that may show the widget, with spaces between: https://www.example.gov.cn https://*.example.org")
    llm_url: str = Field("", description="base address of an OpenAI-compatible endpoint, such as http://127.0.0.1:8080/v1; empty: no language model")
    llm_model: str = Field("", validate_default=True, description="the language model's name at that endpoint")
    llm_key: SecretStr = Field(SecretStr(""), description="the endpoint's key, where it wants one")
    llm_seconds: float = Field(20, gt=0, le=600, description="seconds a model has for an answer; then the answer without it is given")
    llm_completes_followups: bool = Field(False, description="the model completes a follow-up question for the search")

    @field_validator("allowed_sites")
    @classmethod
    def _sites(cls, value: str) -> str:
        for site in value.split():
            if not SITE.fullmatch(site):
                raise ValueError(f"{site} is no site: write its scheme and host only, as https://www.example.gov.cn")
        return " ".join(value.split())

    @field_validator("llm_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("an address that begins with http:// or https:// is needed")
        return value.rstrip("/")

    @field_validator("llm_model")
    @classmethod
    def _named_where_there_is_an_endpoint(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("llm_url") and not value:
            raise ValueError("GAZETTE_LLM_URL is set, so the model must be named too")
        return value

    @property
    def index_folder(self) -> Path:
        return self.data / "index"

    @property
    def precedent_files(self) -> tuple[Path, ...]:
        return tuple(ROOT / name for name in self.precedents.split())

    @property
    def model_folder(self) -> Path:
        return self.data / "model"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process; raises ``GazetteError`` that names the wrong one and what would be right."""
    # pydantic forbids unknown names in the file only; a misspelt variable would otherwise set nothing and say nothing.
    known = {f"GAZETTE_{name.upper()}" for name in Settings.model_fields}
    for name in sorted(name for name in map(str.upper, os.environ) if name.startswith("GAZETTE_") and name not in known):
        near = get_close_matches(name, known, n=1)
        meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}"
        raise GazetteError(f"unknown setting {name} in the environment; {meant}")
    try:
        return Settings()
    except ValidationError as error:
        lines = []
        for item in error.errors():
            name = "_".join(str(part) for part in item["loc"])
            lines.append(f"GAZETTE_{name.upper()}: {item['msg']} (got {item['input']!r})")
        raise GazetteError("wrong setting: " + "; ".join(lines) + "; set it in the environment or in gazette.env") from None
