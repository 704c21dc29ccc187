"""Starts the service: ``python app.py``."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import signal
import socket
import subprocess
import sys

from corpus import GazetteError, Settings, settings


def main() -> int:
    """Serve until stopped; 1 with a one-line message where something has to be put right first."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    for chatty in ("httpx", "jieba", "bm25s", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    spare_memory()
    try:
        chosen = settings()
        require_free(chosen)
        build(chosen)
        serve(chosen)
    except GazetteError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def spare_memory() -> None:
    """Fewer pools of freed memory: glibc gives each thread its own, and answering from many threads fills them all
    (100 MB less after 750 questions, 16 at once). Elsewhere nothing happens."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt:
        arenas, trim = -8, -1  # M_ARENA_MAX and M_TRIM_THRESHOLD of malloc.h
        mallopt(arenas, 2)
        mallopt(trim, 8 << 20)


def require_free(chosen: Settings) -> None:
    """Raises GazetteError where the port is taken: told before the index is built, not after."""
    with socket.socket(socket.AF_INET6 if ":" in chosen.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((chosen.host, chosen.port))
        except OSError as error:
            raise GazetteError(
                f"cannot serve on {chosen.host} port {chosen.port}: {error.strerror}; stop what uses it, "
                "or choose another host or port: GAZETTE_PORT=8080 make run"
            ) from None


def build(chosen: Settings) -> None:
    """Make the index be of the gazettes as they are, in a process of its own: what a build takes for a minute, a quarter of a
    gigabyte, would stay with the server.

    Raises ``SystemExit`` where that could not be done, which was told then.
    """
    from indexing.update import at_hand

    if at_hand(chosen):
        return
    command = [sys.executable, "-m", "indexing", "build"]
    code = subprocess.run(command, env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}, check=False).returncode
    if code < 0:
        print(f"error: the build of the index was stopped by {signal.Signals(-code).name}, for want of memory perhaps; start again", file=sys.stderr)
    if code:
        sys.exit(1)


def serve(chosen: Settings) -> None:
    """Serve from the index at hand."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    gc.disable()  # what is made from here on stays; to look through it again and again for what does not is a sixth of the start
    import uvicorn

    from assistant import Assistant
    from assistant.current import Current
    from assistant.web.app import create_app
    from assistant.web.served import Served
    from indexing import Index

    serving = Current(Index.load(chosen.index_folder), lambda index: Served(Assistant(index, chosen)), folder=chosen.index_folder)
    app = create_app(serving, chosen)
    gc.freeze()  # nor is it looked through while questions are answered
    gc.enable()
    serving.follow()
    host = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
    print(f"serving on http://{host}:{chosen.port}", flush=True)
    uvicorn.run(app, host=chosen.host, port=chosen.port, log_level="warning", server_header=False)


if __name__ == "__main__":
    sys.exit(main())
