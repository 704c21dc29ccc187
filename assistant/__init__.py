"""A question to an answer with citations: understand, retrieve, decide, compose, verify, present."""

from .model import Answer, Choice, Citation, Generation, Turn, Understanding
from .pipeline import Assistant

__all__ = ["Answer", "Assistant", "Choice", "Citation", "Generation", "Turn", "Understanding"]
