"""Reading values out of finished surveys: `from survey.query import open_cube, query`."""

from importlib import import_module

_PUBLIC = {"open_cube": "survey.cubes.read", "query": "survey.query.answer"}


def __getattr__(name: str):
    """The public functions, imported when they are asked for: what they need takes longer than most commands."""
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
