"""A gazette file to its notices and clauses, with offsets into the file."""

from .errors import GazetteError
from .library import Corpus, load_corpus, read_gazette
from .model import Clause, Gazette, Notice, ParsedGazette, Span, Validity
from .parser import parse
from .settings import Settings, settings

__all__ = [
    "Clause", "Corpus", "Gazette", "GazetteError", "Notice", "ParsedGazette", "Settings", "Span", "Validity",
    "load_corpus", "parse", "read_gazette", "settings",
]
