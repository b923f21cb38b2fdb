"""The page on what can be added: its blocks, applied to a copy of the repository, give what it says they do."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import netCDF4
import numpy as np
import pytest
from scipy.constants import hbar, k
from scipy.integrate import quad
from scipy.interpolate import RegularGridInterpolator

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "how-to-extend.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+) (\S+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
COMMANDS = [line[2:] for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


def applied(kind: str, before: str, block: str) -> str:
    """The text of a file after a block of the page."""
    if kind != "diff":
        assert not before, "a new file is there already"
        return block
    lines = block.splitlines(keepends=True)
    assert {line[0] for line in lines} <= {" ", "+", "-", "\n"}
    old = "".join(line[1:] for line in lines if line[0] in " -")
    assert before.count(old) == 1, f"{before.count(old)} times in the file:\n{old}"
    return before.replace(old, "".join(line[1:] or "\n" for line in lines if line[0] != "-"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("extended")
    for name in ("physics", "workflow", "profiles", "config"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Snakefile", "environment.yml", "Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    for kind, name, block in BLOCKS:
        path = folder / name
        path.write_text(applied(kind, path.read_text() if path.exists() else "", block))
    return folder


def run(folder: Path, *command: str | Path) -> str:
    paths = os.pathsep.join(map(str, (folder, folder / "workflow")))
    search = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": paths, "PATH": search},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def python(folder: Path, code: str):
    """What a program prints in JSON."""
    return json.loads(run(folder, sys.executable, "-W", "error", "-c", f"import json\nimport numpy as np\n{code}"))


def touched(*words: str) -> set[str]:
    """The files of the blocks between the heading that begins with these words and the next."""
    section = PAGE.split(f"\n## {' '.join(words)}")[1].split("\n## ")[0]
    return {name for _, name, _ in re.findall(r"^```(\w+) (\S+)\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)}


@pytest.mark.parametrize("what", ["A quantity", "A distribution", "A criterion", "A kind of diagram"])
def test_each_is_two_files(what):
    assert len(touched(*what.split())) == 2


def test_the_code_of_the_page_keeps_to_the_style_of_the_house(folder):
    changed = sorted({folder / name for _, name, _ in BLOCKS if name.endswith(".py")})
    run(folder, "ruff", "check", *changed)
    run(folder, "ruff", "format", "--check", *changed)


def test_the_schema_and_the_template_know_what_was_added(folder):
    # There is no environment to make: that of the tests is used.
    assert COMMANDS[0] == "make schema"
    run(folder, "make", "--assume-old=.venv/installed", "schema")
    written = {name: (folder / "config" / name).read_text() for name in ("survey.schema.json", "template.yaml")}
    for word in ("level", "contour_map"):
        assert f'"const": "{word}"' in written["survey.schema.json"] and f"kind: {word}\n" in written["template.yaml"]
    assert "\n  thermal_length:" in written["template.yaml"]
    run(folder, "survey", "check", "config/template.yaml")


def test_the_quantity(folder):
    code = """
from physics import QUANTITIES
found = QUANTITIES["thermal_length"](T=np.array([0.01, 1.0]), D=0.01, width=1e-6)
print(json.dumps({name: each.tolist() for name, each in found.items()}))
"""
    found = python(folder, code)
    assert np.allclose(found["L_T"], [np.sqrt(hbar * 0.01 / (k * T)) for T in (0.01, 1.0)], rtol=1e-14)
    assert found["dimension"] == [1, 2]


@pytest.mark.parametrize("Estar", [0.05, 2.0])
def test_the_distribution(folder, Estar):
    """Sums over its levels against the integrals over E and eta."""
    T, p_min = 0.1, 1e-4
    code = f"""
from physics.levels.distributions import DISTRIBUTIONS
found = DISTRIBUTIONS["soft_glass"].spectrum({T}, {Estar}, {p_min})
scale = np.exp(found.log_scale)
print(json.dumps([scale * np.sum(each) for each in (
    found.resonant, found.resonant * found.energies, found.relaxation, found.relaxation * found.rates)]))
"""
    end = np.arccosh(p_min**-0.5)

    def energies(f):
        density = lambda E: E / Estar / end / np.cosh(E / (2 * T)) ** 2 * f(E)  # noqa: E731
        return quad(density, 0, min(Estar, 60 * T), epsabs=0, epsrel=1e-12, points=[0.01, T], limit=500)[0]

    def eta(f):
        return quad(f, 0, end, epsabs=0, epsrel=1e-12)[0]

    direct = eta(lambda each: np.cosh(each) ** -2.0)
    slow = eta(lambda each: np.tanh(each) ** 2)
    rate = eta(lambda each: (np.tanh(each) / np.cosh(each)) ** 2)
    expected = [
        energies(lambda E: 1.0) * direct,
        energies(lambda E: E) * direct,
        energies(lambda E: 1.0) * slow,
        energies(lambda E: 2 * E / np.tanh(E / (2 * T)) if E > 0 else 4 * T) * rate,
    ]
    assert np.allclose(python(folder, code), expected, rtol=1e-9, atol=0)


def test_the_survey(folder):
    for command in COMMANDS[1:]:
        run(folder, *command.split())
    results = folder / "results" / "extended"
    with netCDF4.Dataset(results / "crossovers.nc") as located:
        # L_T is 1 um where k_B T = hbar D/L^2.
        assert np.isclose(located["T_narrow"][...], hbar * 0.01 / 1e-12 / k, rtol=1e-9)
    with netCDF4.Dataset(results / "dephasing.nc") as cube:
        assert cube["tau_phi"].dimensions == ("T", "Pd", "chi", "Estar") and "soft_glass" in str(cube.__dict__)
        times = cube["tau_phi"][...]
        assert np.isfinite(times).all() and (np.diff(times, axis=0) < 0).all() and (np.diff(times, axis=1) < 0).all()
    assert {path.name for path in (results / "diagrams").iterdir()} >= {"lines.html", "lines.png", "lines.svg"}
    code = """
from pathlib import Path
from survey.config.load import load_survey
from survey.draw.contours import contour_map
from survey.draw.render import drawing_function
diagram = load_survey("config/surveys/extended.yaml").diagrams["lines"]
assert drawing_function(diagram) is contour_map
scene = contour_map(diagram, Path("results/extended/dephasing.nc"), Path("results/extended/crossovers.nc"))
print(json.dumps([(line.label, line.x.tolist(), line.y.tolist()) for line in scene.layers]))
"""
    lines = python(folder, code)
    assert [label for label, *_ in lines] == [rf"$\tau_\varphi = {n}$ ns" for n in (1, 100)]
    grid = np.log(np.geomspace(10, 1000, 9)), np.log(np.geomspace(1e45, 1e47, 3))
    logs = RegularGridInterpolator(grid, np.log(times[:, :, 0, 0]), bounds_error=False, fill_value=None)
    for level, (_, x, y) in zip((1e-9, 1e-7), lines, strict=True):
        assert len(x) > 3 and np.allclose(logs(np.log([x, y]).T), np.log(level), rtol=0, atol=1e-6)
