"""What decides a run's results: kept with them, and asked for when a stopped run goes on."""

from __future__ import annotations

import os
import platform
import subprocess
from hashlib import sha256
from pathlib import Path

from assistant import Assistant
from corpus.settings import ROOT

ROOMS = ("corpus", "indexing", "assistant", "prompts", "eval")
KINDS = frozenset((".py", ".yaml", ".md", ".json", ".txt", ".npz"))
DECIDING = ("gazettes", "model", "threads", "llm_url", "llm_model", "llm_seconds", "llm_completes_followups")  # settings; none is secret
LEFT_OUT = frozenset(("gazettes", "questions", "web", "__pycache__"))  # data named by its own digest; pages


def configuration(assistant: Assistant, *, questions: Path) -> dict:
    """A run with another configuration is another run."""
    chosen = assistant.settings
    return {
        "questions": questions.name, "questions_sha256": sha256(questions.read_bytes()).hexdigest(),
        "index": assistant.index.digest, "model": assistant.index.model_name,
        "language_model": chosen.llm_model if chosen.llm_url else "",
        "settings": {name: str(getattr(chosen, name)) for name in DECIDING},
        "commit": commit(), "code": code_digest(), "python": platform.python_version(), "cpus": os.cpu_count(),
    }


def code_digest(root: Path = ROOT) -> str:
    """A digest of all code and texts that an answer comes from: a commit does not tell what is changed and not committed."""
    total = sha256()
    for room in ROOMS:
        for folder, folders, files in os.walk(root / room):
            folders[:] = sorted(set(folders) - LEFT_OUT)
            for name in sorted(files):
                path = Path(folder, name)
                if path.suffix in KINDS:
                    total.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes() + b"\0")
    return total.hexdigest()[:16]


def commit() -> str:
    """The commit the program runs from, with ``+changes`` where files differ; "" outside a checkout."""
    head = git("rev-parse", "--short=12", "HEAD")
    return f"{head}+changes" if head and git("status", "--porcelain", "--untracked-files=no") else head


def git(*words: str) -> str:
    try:
        return subprocess.run(("git", *words), cwd=ROOT, capture_output=True, text=True, timeout=20).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""
