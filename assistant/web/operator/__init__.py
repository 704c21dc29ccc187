"""The operator's console and the review, behind a login."""

from .console import console_router
from .doors import Doors, doors_router
from .reviewing import review_router

__all__ = ["Doors", "console_router", "doors_router", "review_router"]
