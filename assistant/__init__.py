"""A question to an answer with citations: understand, retrieve, decide, compose, verify, present."""

from .model import Answer, Choice, Citation, Turn, Understanding
from .pipeline import Assistant

__all__ = ["Answer", "Assistant", "Choice", "Citation", "Turn", "Understanding"]
