"""The folder docs: its modules, which are no package, and the blocks of the README and of the how-tos."""

import importlib.util
import re
import sys
from types import ModuleType

from helpers.workspace import ROOT

# These pages have tests of their own: tests/draw, tests/measured, tests/test_how_to_extend.py.
OWN_TESTS = ("how-to-draw", "how-to-measure", "how-to-extend")
PAGES = {path.stem: path for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("how-to-*.md"))]}
PAGES = {name: path.read_text(encoding="utf-8") for name, path in PAGES.items() if name not in OWN_TESTS}


def module(name: str) -> ModuleType:
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def blocks(kind: str) -> list[tuple[str, str]]:
    """Page and text of each block of a language."""
    found = re.compile(rf"^```{kind}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [(page, block) for page, text in PAGES.items() for block in found.findall(text)]
