"""Surveys of two-level systems. What a notebook asks for is imported when it is used."""

from importlib import import_module

_PUBLIC = {"infer": "survey.explain.notebook"}


def __getattr__(name: str):
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)
