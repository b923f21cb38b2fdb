"""The plan of the house: config -> survey -> physics, rooms in layers, no circles, and modules one idea long."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = {"survey": ROOT / "workflow" / "survey", "physics": ROOT / "physics"}
# The rooms of each package from the top: a module imports from its own room and from rooms further down. Rooms on one
# floor do not know each other. What is in no room is the ground; of physics, what collects the rooms is the top.
FLOORS = {
    "survey": [
        {"cli"},
        {"explore", "publish", "serve", "upkeep"},
        {"draw", "explain", "query", "run"},
        {"cubes", "rank"},
        {"compute", "config"},
        {"store", "written"},
        {"ground"},
    ],
    "physics": [
        {"top"},
        {"impurities", "noise"},
        {"electrons", "heat_and_sound"},
        {"levels"},
        {"clusters", "grains", "statistics"},
        {"numerics"},
        {"ground"},
    ],
}
TOP = {"physics", "physics.laws"}
MOST_MODULES = 14


def modules(package: str) -> dict[str, Path]:
    """The files of a package by the names of their modules."""
    base = PACKAGES[package]
    names = {path: ".".join((package, *path.relative_to(base).with_suffix("").parts)) for path in base.rglob("*.py")}
    return {name.removesuffix(".__init__"): path for path, name in sorted(names.items())}


MODULES = {name: path for package in PACKAGES for name, path in modules(package).items()}
PHYSICS = [path for name, path in MODULES.items() if name.split(".")[0] == "physics"]
SURVEY = [path for name, path in MODULES.items() if name.split(".")[0] == "survey"]


def imports(path: Path) -> Iterator[str]:
    """All that a module imports, also within its functions: modules, and names as module.name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_imports(name: str) -> set[str]:
    """The modules of the two packages that a module imports."""
    found = (each if each in MODULES else each.rpartition(".")[0] for each in imports(MODULES[name]))
    return {each for each in found if each in MODULES} - {name}


def floor(name: str) -> tuple[int, str]:
    """The floor, counted from the top, and the room of a module."""
    package, *rest = name.split(".")
    floors = FLOORS[package]
    if name in TOP or (package == "physics" and rest[-1:] == ["quantities"]):
        return 0, "top"
    room = rest[0] if rest and any(rest[0] in rooms for rooms in floors) else "ground"
    return next(number for number, rooms in enumerate(floors) if room in rooms), room


def test_there_is_a_house():
    assert len(SURVEY) > 50 and len(PHYSICS) > 40
    for package, floors in FLOORS.items():
        assert len(floors) <= 7
        rooms = {floor(name)[1] for name in modules(package)}
        assert rooms == set().union(*floors), "a room that is not in the plan, or one without modules"
        folders = {path.relative_to(PACKAGES[package]).parts[0] for path in PACKAGES[package].rglob("*/*.py")}
        assert folders <= rooms, "a folder that is no room"


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_from_rooms_below(name):
    height, room = floor(name)
    for other in own_imports(name):
        if other.split(".")[0] == name.split(".")[0]:
            below, its_room = floor(other)
            assert below > height or its_room == room, f"{name}, in {room}, imports {other}, in {its_room}"


def test_no_circles():
    TopologicalSorter({name: own_imports(name) for name in MODULES}).prepare()


def test_rooms_are_small():
    for folder in {path.parent for path in MODULES.values()}:
        files = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        assert len(files) <= MOST_MODULES, folder


@pytest.mark.parametrize("path", PHYSICS, ids=lambda path: path.name)
def test_physics_knows_arrays_only(path):
    allowed = {"physics", "numpy", "scipy", "numba"} | set(sys.stdlib_module_names)
    assert {name.split(".")[0] for name in imports(path)} <= allowed


@pytest.mark.parametrize("path", [path for path in SURVEY if path.parent.name == "rank"], ids=lambda path: path.name)
def test_the_ranking_knows_arrays_only(path):
    """It is fed with predictive draws: no files, no survey; of the rest, errors and how loops are compiled."""
    names = set(imports(path))
    own = {name for name in names if name.split(".")[0] in PACKAGES and not name.startswith("survey.rank.")}
    assert own <= {"survey.errors.SurveyError", "physics.numerics.compiled.compiled_entry"}
    assert {name.split(".")[0] for name in names} <= {*PACKAGES, "numpy", "scipy"} | set(sys.stdlib_module_names)
    text = path.read_text(encoding="utf-8")
    assert "open(" not in text and not names & {"pathlib.Path", "os", "io"}


@pytest.mark.parametrize("path", SURVEY, ids=lambda path: path.name)
def test_survey_does_not_reach_into_the_workflow(path):
    assert not {name.split(".")[0] for name in imports(path)} & {"snakemake", "workflow", "tests", "benchmarks"}


@pytest.mark.parametrize("path", PHYSICS + SURVEY, ids=lambda path: path.name)
def test_modules_are_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 320


def test_the_registry_is_quick_to_import():
    """Rules and the command line read it at every start, so the kernels and what they need come later."""
    code = "import sys, physics; print({'numba', 'scipy', 'physics.electrons.dephasing'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_rules_only_name_steps_of_the_command_line():
    for path in sorted((ROOT / "workflow" / "rules").glob("*.smk")):
        text = path.read_text(encoding="utf-8")
        if path.name == "common.smk":
            continue
        assert text.count("\nrule ") + text.startswith("rule ") == 1, path.name
        assert '"survey ' in text and "> {log} 2>&1" in text and "run:" not in text and "script:" not in text
