"""What the docstrings of the corpus show is so."""

import doctest
import importlib
import pkgutil

import pytest

import corpus

MODULES = [module.name for module in pkgutil.iter_modules(corpus.__path__) if not module.name.startswith("_")]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    assert doctest.testmod(importlib.import_module(f"corpus.{name}")).failed == 0
