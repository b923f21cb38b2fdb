"""Mutation tests: small faults put into a module one at a time, and which of them no test notices.

    uv pip install --group mutation && PYTHONPATH=tests python -m mutations [MODULE ...] [--most 60] [--seed 11]

The faults are those of Cosmic Ray (https://cosmic-ray.readthedocs.io) and one more, a statement left out. Each mutant
runs in a fork of a process that has the libraries loaded, and has the module's text put in its place when it is
imported: no file changes, so compiled kernels come from the cache. It runs the tests that reach its line until one
fails. A sample takes one mutant at each place of the module, for there are ten ways to replace one operator.
"""

import argparse
import ast
import json
import os
import random
import resource
import sys
import tempfile
import time
import traceback
import warnings
from dataclasses import dataclass
from importlib import import_module, machinery, util
from pathlib import Path

import coverage
import pytest
from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from parso.python.tree import Keyword, Newline

ROOT = Path(__file__).parent.parent
REPORTS = ROOT / ".cache" / "mutations"
# The tests of each module that take seconds; `physics` is loaded before the fork where the module is not part of it.
TESTS = {
    "survey.store.store": "store_edges store tiles stamps cube virtual known netcdf_edges",
    "survey.store.tiles": "tiles_edges tiles store cube own_axes known virtual",
    "survey.store.netcdf": "netcdf_edges store tiles cube virtual query",
    "survey.store.stamps": "stamps stamps_edges restamp store status",
    "survey.cubes.criteria": "crossovers_along crossing_edges crossing crossing_flags crossovers own_axes",
    "survey.cubes.columns": "crossovers_along crossovers_edges crossovers crossing_flags crossing temperature_alone",
    "survey.cubes.crossovers": "crossovers_along crossovers_edges crossovers crossing_flags temperature_alone",
    "survey.query.answer": "query_edges query own_axes virtual temperature_alone",
    "survey.query.cells": "query_edges query own_axes virtual temperature_alone",
    "physics.noise.one_over_f": "one_over_f_edges one_over_f dephasing_statuses quantity",
    "physics.electrons.dephasing": "dephasing_edges dephasing_statuses dephasing background_dephasing quantity",
}
LIBRARIES = "netCDF4 numba xarray scipy.interpolate scipy.integrate scipy.special hypothesis mpmath pint pydantic"
LIBRARIES += " ruamel.yaml click dask.array distributed matplotlib.pyplot snakemake.api"
MEMORY = 8 * 2**30
# Its processes import the module as it is.
OTHER_PROCESSES = "tests/cubes/test_virtual.py::test_a_run_extends_a_virtual_cube_and_mends_its_tiles"
ALREADY = ("-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning")


class StatementRemoved(Operator):
    """Leaves out a call whose value nobody takes, a raise, an augmented assignment, one to an element or attribute."""

    def mutation_positions(self, node):
        if node.type == "simple_stmt" and isinstance(node.children[-1], Newline) and _acts(node.children[0]):
            yield node.children[0].start_pos, node.children[0].end_pos

    def mutate(self, node, index):
        gone = node.children[0]
        node.children[0] = Keyword("pass", gone.start_pos, prefix=gone.get_first_leaf().prefix)
        return node

    @classmethod
    def examples(cls):
        return ()


def _acts(statement) -> bool:
    if statement.type == "expr_stmt":
        return getattr(statement.children[1], "value", "=") != "=" or statement.children[0].type == "atom_expr"
    return statement.type in ("atom_expr", "raise_stmt", "del_stmt") or statement.get_code().strip() == "raise"


@dataclass(frozen=True)
class Mutant:
    """An occurrence of an operator in a module, and where it is."""

    operator: str
    occurrence: int
    line: int
    column: int

    def text(self, source: str) -> str:
        return mutate_code(source, OPERATORS[self.operator], self.occurrence)

    def __str__(self) -> str:
        return f"{self.line}:{self.column} {self.operator}"


def _operators() -> dict[str, Operator]:
    kinds = {name.split("/")[1]: plugins.get_operator(name) for name in plugins.operator_names()}
    return {name: kind() for name, kind in kinds.items() if not kind.arguments()} | {"Removed": StatementRemoved()}


OPERATORS = _operators()


def mutants(source: str) -> list[Mutant]:
    """All mutants of a module but those of annotations, which are no code that runs."""
    tree, found = get_ast(source), []
    annotated = _annotations(source)
    for name, operator in OPERATORS.items():
        places = [start for node in ast_nodes(tree) for start, _ in operator.mutation_positions(node)]
        found += [Mutant(name, n, *start) for n, start in enumerate(places) if not _within(start, annotated)]
    return found


def _annotations(source: str) -> list[tuple]:
    nodes = [getattr(node, key, None) for node in ast.walk(ast.parse(source)) for key in ("annotation", "returns")]
    return [((n.lineno, n.col_offset), (n.end_lineno, n.end_col_offset)) for n in nodes if n is not None]


def _within(start: tuple, places: list[tuple]) -> bool:
    return any(first <= start < last for first, last in places)


def sample(source: str, most: int, seed: str) -> list[Mutant]:
    """One mutant at each of `most` places, or at all, less those that change nothing or are no Python, such as another
    operator in place of the star between parameters."""
    drawn, places = random.Random(seed), {}
    for mutant in mutants(source):
        places.setdefault((mutant.line, mutant.column), []).append(mutant)
    chosen = [drawn.choice(places[place]) for place in drawn.sample(sorted(places), min(most, len(places)))]
    real = (mutant for mutant in chosen if mutant.text(source) != source and _compiles(mutant.text(source)))
    return sorted(real, key=lambda mutant: (mutant.line, mutant.column))


def _compiles(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return bool(compile(text, "mutant", "exec"))
        except SyntaxError:
            return False


class Source(machinery.SourceFileLoader):
    """Finds one module, with another text than its file has."""

    def __init__(self, name: str, path: str, text: str):
        super().__init__(name, path)
        self.text = text

    def find_spec(self, name, path=None, target=None):
        return util.spec_from_file_location(name, self.path, loader=self) if name == self.name else None

    def get_code(self, name):
        return compile(self.text, self.path, "exec")


class Watch:
    """Pytest's side: the tests that fail, how long tests take, and in whose name lines are reached."""

    def __init__(self, reached: coverage.Coverage | None = None):
        self.failed, self.seconds, self.reached = [], {}, reached

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid):
        if self.reached:
            self.reached.switch_context(f"{nodeid}|setup")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item):
        if self.reached:
            self.reached.switch_context(f"{item.nodeid}|call")

    def pytest_runtest_logreport(self, report):
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        self.failed += [report.nodeid] * report.failed


def run_tests(tests: list[str], watch: Watch, folder: Path) -> int:
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", *ALREADY, f"--basetemp={folder / 'base'}"]
    return int(pytest.main([*options, "--hypothesis-seed=0", f"--deselect={OTHER_PROCESSES}", *tests], plugins=[watch]))


def baseline(module: str, files: list[str]) -> tuple[dict[int, set[str]], dict[str, float], float]:
    """Which tests reach each line of a module (line 0: all tests), how long each takes, and all of them (CPU, s)."""
    path = str(_path(module))
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"

        def child():
            reached = coverage.Coverage(data_file=None, include=[path])
            watch = Watch(reached)
            reached.start()
            code = run_tests(files, watch, Path(folder))
            reached.stop()
            lines = reached.get_data().contexts_by_lineno(path)
            answer.write_text(json.dumps([lines, watch.seconds, watch.failed, time.process_time()]))
            return code

        _wait(_fork(child, Path(folder) / "log", 3600), 3600)
        if not answer.exists():
            raise SystemExit(f"{module}: its tests do not run\n{(Path(folder) / 'log').read_text()[-3000:]}")
        lines, seconds, failed, cpu = json.loads(answer.read_text())
    for test in failed:
        print(f"{module}: {test} fails without a mutation, and is left out", flush=True)
    seconds = {test: taken for test, taken in seconds.items() if test not in failed}
    reach = {0: set(seconds)}
    for line, contexts in lines.items():
        reach[int(line)] = set().union(*(_reached_by(context, seconds) for context in contexts))
    return reach, seconds, cpu


def _reached_by(context: str, tests: dict) -> set[str]:
    """All tests where a line runs on import; those of the file where it runs in a fixture, which they may share."""
    test, _, when = context.partition("|")
    if when == "call":
        return {test} & set(tests)
    return {other for other in tests if not test or _file(other) == _file(test)}


def _file(test: str) -> str:
    return test.partition("::")[0]


def reaching(module: str, reach: dict[int, set[str]], mutant: Mutant) -> set[str]:
    """The tests that reach a mutant: the line may be in the middle of a statement that is counted at its first."""
    source = _path(module).read_text(encoding="utf-8")
    statements = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt | ast.ExceptHandler)]
    spans = [(n.lineno, _head(n)) for n in statements if n.lineno <= mutant.line <= _head(n)]
    decorated = [n for n in statements if any(d.lineno == mutant.line for d in getattr(n, "decorator_list", ()))]
    if decorated or not spans:
        return reach[0]
    first, last = max(spans)
    return set().union(*(reach.get(line, set()) for line in range(first, last + 1)))


def _head(node: ast.AST) -> int:
    """The last line of a statement, or of what stands before its block."""
    body = getattr(node, "body", None)
    return max(node.lineno, body[0].lineno - 1) if isinstance(body, list) and body else node.end_lineno


def _path(module: str) -> Path:
    return ROOT / ("workflow" if module.startswith("survey") else ".") / f"{module.replace('.', '/')}.py"


def _fork(child, log: Path, cpu: float) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 99
    try:
        os.setsid()
        out = os.open(log, os.O_CREAT | os.O_WRONLY)
        os.dup2(out, 1)
        os.dup2(out, 2)
        seconds = int(cpu)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        code = child()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _wait(pid: int, most: float) -> int | None:
    """The exit code of a child, None if it was killed or took longer than `most` seconds."""
    end = time.monotonic() + most
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else None
        time.sleep(0.02)
    os.killpg(pid, 9)
    os.waitpid(pid, 0)
    return None


def judge(module: str, mutant: Mutant, tests: list[str], cpu: float) -> str:
    """`survived`, or by what it was killed."""
    path = _path(module)
    text = mutant.text(path.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        failed = Path(folder) / "failed"

        def child():
            sys.meta_path.insert(0, Source(module, str(path), text))
            watch = Watch()
            code = run_tests(["-x", *tests], watch, Path(folder))
            failed.write_text(" ".join(watch.failed))
            return code

        code = _wait(_fork(child, Path(folder) / "log", 30 + 5 * cpu), 300 + 30 * cpu)
        if code == 0:
            return "survived"
        if code == pytest.ExitCode.USAGE_ERROR:
            return "an error on import"
        if code == pytest.ExitCode.NO_TESTS_COLLECTED:
            raise SystemExit(f"{module} {mutant}: {(Path(folder) / 'log').read_text()[-3000:]}")
        return failed.read_text() if failed.exists() else "took too long"


def difference(module: str, mutant: Mutant) -> str:
    """The lines that a mutant changes."""
    source = _path(module).read_text(encoding="utf-8")
    old, new = source.splitlines(), mutant.text(source).splitlines()
    same = next(n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b)
    return f"    - {old[same].strip()}\n    + {new[same].strip()}"


def measure(module: str, chosen: list[Mutant], files: list[str]) -> dict[str, str]:
    """What becomes of each mutant."""
    reach, seconds, cpu = baseline(module, files)
    fate = {}
    for mutant in chosen:
        tests = reaching(module, reach, mutant)
        # Quick files first, and each of them whole: tests share what a fixture has made.
        cost = {file: sum(seconds[test] for test in tests if _file(test) == file) for file in files}
        ordered = sorted((test for test in seconds if test in tests), key=lambda test: cost[_file(test)])
        fate[str(mutant)] = judge(module, mutant, ordered, cpu) if ordered else "survived, no test reaches it"
        print(f"{module} {mutant}: {fate[str(mutant)]}", flush=True)
        if fate[str(mutant)].startswith("survived"):
            print(difference(module, mutant), flush=True)
    return fate


def main() -> None:
    parser = argparse.ArgumentParser(prog="mutations", description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", default=list(TESTS), metavar="MODULE", help="all by default")
    parser.add_argument("--most", type=int, default=60, help="places of a module to mutate")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--again", action="store_true", help="only what survived last time")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", HYPOTHESIS_STORAGE_DIRECTORY="/dev/null")
    REPORTS.mkdir(parents=True, exist_ok=True)
    for library in LIBRARIES.split():
        import_module(library)
    if all(module.startswith("survey") for module in arguments.modules):
        import_module("physics")
    print("| module | mutants | killed | survived |\n| --- | --- | --- | --- |")
    for module in arguments.modules:
        chosen = sample(_path(module).read_text(encoding="utf-8"), arguments.most, f"{arguments.seed} {module}")
        report, before = REPORTS / f"{module}.json", {}
        if arguments.again:
            before = json.loads(report.read_text())
            chosen = [mutant for mutant in chosen if before[str(mutant)].startswith("survived")]
        files = [str(*ROOT.glob(f"tests/**/test_{name}.py")) for name in TESTS[module].split()]
        fate = before | measure(module, chosen, [file for file in files if Path(file).exists()])
        report.write_text(json.dumps(fate, indent=1))
        survived = sum(each.startswith("survived") for each in fate.values())
        print(f"| `{module}` | {len(fate)} | {len(fate) - survived} | {survived} |", flush=True)


if __name__ == "__main__":
    main()
