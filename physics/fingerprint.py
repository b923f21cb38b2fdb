"""The fingerprint of code: a digest of a module and of the `physics` modules that it takes something from.

It changes with every statement that may change a number, and with nothing else: not with comments, docstrings, the
names of modules or the order of imports. In place of an import stands what is imported and the digest of the module
that it comes from, so that a module may move, and a name may not come from elsewhere unseen.

To read and digest the syntax trees takes seconds, and every command asks for several fingerprints: they are kept for as
long as no source of `physics` changes.
"""

import ast
import hashlib
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from physics.kept import Kept

# They name, refuse and describe; no number comes from them.
_WITHOUT_NUMBERS = ("physics", "physics.quantity", "physics.parameters")
# The modules that were read in this process, whole.
_read: dict[str, str] = {}


@cache
def fingerprint(module: str) -> str:
    """The digest, 16 hexadecimal digits, of a module of `physics` and of all that it imports from there."""
    if _module_of(module) is None:
        return _digest(module, {})[:16]
    kept = _kept()
    if module not in kept:
        kept[module] = _digest(module, _read)[:16]
        kept.keep()
    return kept[module]


@cache
def _kept() -> Kept:
    package = Path(__file__).parent
    sources = sorted(package.rglob("*.py"))
    texts = [part for path in sources for part in (str(path.relative_to(package)).encode(), path.read_bytes())]
    return Kept("fingerprints", [sys.version.encode(), *texts])


def _digest(module: str, known: dict[str, str]) -> str:
    if module not in known:
        spec = find_spec(module)
        assert spec is not None and spec.origin is not None, module
        tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
        imports = sorted(_imports(tree, known))
        _Statements().visit(tree)
        known[module] = hashlib.sha256("\n".join([ast.dump(tree), *imports]).encode()).hexdigest()
    return known[module]


def _imports(tree: ast.AST, known: dict[str, str]) -> list[str]:
    """Each imported name, as what, and where from: a name outside of `physics`, a digest within."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            above = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for alias in node.names:
                name = ".".join([*above, alias.name])
                source = _module_of(name)
                if source in _WITHOUT_NUMBERS:
                    continue
                own = name.removeprefix(f"{source}.") if name != source else ""
                origin = name if source is None else f"{_digest(source, known)} {own}"
                found.append(f"{origin} as {alias.asname or alias.name}")
    return found


def _module_of(name: str) -> str | None:
    """The module of `physics` that an imported name is or stands in; None if it is of another package."""
    if name.split(".")[0] != "physics":
        return None
    parent = name.rpartition(".")[0]
    # A module that is no package has no modules below it; asking it would import it, with all that kernels need.
    if not parent:
        return name
    package = find_spec(parent)
    if package is not None and package.submodule_search_locations is not None and find_spec(name) is not None:
        return name
    return parent


class _Statements(ast.NodeTransformer):
    """A syntax tree without imports and docstrings."""

    def visit(self, node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            return None
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:]
        return self.generic_visit(node)
