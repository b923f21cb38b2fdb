"""What a run of a survey does, and what is seen of it.

The room bears the name of what a notebook calls, so that it can be called: `from survey import run; run("film.yaml")`.
"""

import sys
from importlib import import_module
from types import ModuleType


class _Run(ModuleType):
    """`survey.cli.notebook.run`, which stands above this room and says what it takes."""

    def __call__(self, *arguments, **options):
        return import_module("survey.cli.notebook").run(*arguments, **options)


sys.modules[__name__].__class__ = _Run
