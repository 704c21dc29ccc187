"""A gazette file to its notices and clauses, with offsets into the file."""

from .errors import GazetteError
from .first_parser import parse
from .library import Corpus, load_corpus, read_gazette
from .model import Clause, Gazette, Notice, ParsedGazette, Span, Validity
from .settings import Settings, settings

__all__ = [
    "Clause", "Corpus", "Gazette", "GazetteError", "Notice", "ParsedGazette", "Settings", "Span", "Validity",
    "load_corpus", "parse", "read_gazette", "settings",
]
