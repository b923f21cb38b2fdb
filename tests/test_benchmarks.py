"""Every benchmark runs once in a tiny form, so that none of them rots; nothing that it measures is asserted."""

import re
import resource
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks import (
    calibration,
    cluster_scale,
    clusters,
    end_to_end,
    explorer,
    grains,
    growth,
    kernel,
    machine,
    nested_quad,
    noise,
    observables,
    pieces,
    query,
    report,
    samplers,
    scaling,
    serving,
    sleepers,
    spectra,
    surveys,
    throughput,
    virtual_cube,
    watching,
)
from benchmarks.__main__ import NAMES, main, reports
from benchmarks.commands import Usage, run
from physics import QUANTITIES
from survey.compute.tile import compute_tile
from survey.config.load import load_survey
from survey.cubes.assemble import assemble
from survey.store.tiles import tiles_of


@pytest.fixture
def tiny(tmp_path):
    """A folder with one survey of a few cells."""
    return surveys.resized(surveys.shipped("co_nanoconstriction"), 200, tmp_path / "surveys").path


def rows(text: str) -> int:
    """The number of rows of the one table of a section, each as wide as its header."""
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in table}) == 1
    assert not re.search(r"\b(nan|inf)\b", text)
    return len(table) - 2


def test_kernel():
    assert rows(kernel.report(kernel.POINTS[:1], repeats=1)) == 1


def test_growth(monkeypatch):
    monkeypatch.setattr(growth, "QUERIES", 1)
    monkeypatch.setattr(growth, "MEASURE", ())
    # Without Snakemake, which has tests of its own and takes seconds to start.
    monkeypatch.setattr(growth, "snakemake", computed)
    assert rows(growth.report([5000])) == 1


def computed(place):
    """What a run leaves of tiles and cube."""
    survey, results = load_survey(place / "config" / "surveys" / f"{growth.NAME}.yaml"), place / "results"
    for tile in tiles_of(survey, growth.LABEL):
        if not tile.path(results / "store").exists():
            compute_tile(results / "store", tile)
    assemble(survey, growth.LABEL, results / "store", results)
    return Usage(1.0, 1, 1.0)


def test_calibration():
    found = calibration.report(coarse={"background": None, "magnetic_impurities": 1}, count=2)
    covered, confused = found.split("## Confusion")
    assert rows(covered) == 6 and rows(confused) == 2


def test_samplers(monkeypatch):
    monkeypatch.setattr(samplers, "find_spec", lambda name: None)
    assert rows(samplers.report({"magnetic_impurities": 1.0})) == 1


def test_grains():
    assert rows(grains.report(grains.CASES[:1], points=50, repeats=1)) == 1
    assert rows(grains.tables([0.01, 0.1], repeats=1)) == 2


@pytest.mark.parametrize("case", grains.CASES, ids=lambda case: case[0])
def test_nested_quad_of_the_grains_agrees_with_the_kernels(case):
    _, script, kernel_of, at, _ = case
    assert script(at, 0.02) == pytest.approx(float(kernel_of(at, 0.02)), rel=1e-7)


def test_spectra():
    one = {name: values[:1] for name, values in spectra.AXES.items()}
    assert rows(spectra.report(["glass", "clusters"], one, repeats=1)) == 2


def test_observables():
    assert rows(observables.report(observables.CASES[:2], points=50, repeats=1)) == 2


def test_pieces():
    assert rows(pieces.report(repeats=1)) == 11


def test_clusters():
    assert rows(clusters.report(clusters.CASES[2:3], repeats=1, points=10)) == 2
    assert abs(clusters.fft(1.0, 512) / clusters.I_2[1.0] - 1) < 1e-6


@pytest.mark.parametrize("case", observables.CASES, ids=lambda case: case[1])
def test_nested_quad_of_the_observables_agrees_with_the_kernels(case):
    name, variable, script, _, options = case
    values = observables.POINT | observables.CONSTANTS
    axes, constants = QUANTITIES[name].depends_on(options)
    found = QUANTITIES[name](**{key: values[key] for key in axes + constants}, **options, variables=(variable,))
    assert script(**values) == pytest.approx(float(found[variable]), rel=1e-8)


def test_noise():
    assert rows(noise.report(points=50, repeats=1)) == 1


def test_nested_quad_of_the_defects_agrees_with_the_kernel():
    values = noise.POINT | noise.CONSTANTS | noise.WIRE
    options = {"model": "two_level", "background": "wire", "variables": ("rate_defects",)}
    found = QUANTITIES["one_over_f"](**values, **options)["rate_defects"]
    assert noise.rate_defects(**values) == pytest.approx(float(found), rel=1e-8)


def test_throughput():
    assert rows(throughput.report(["co_nanoconstriction"], repeats=1)) == 2


def test_survey_end_to_end(tiny):
    assert rows(end_to_end.report([tiny.stem], repeats=1, runs=1, folder=tiny.parent)) == 1


def test_scaling():
    assert rows(scaling.report([100], repeats=1)) == 1


def test_virtual_cube():
    assert rows(virtual_cube.report((60,), 50)) == 1


def test_watching():
    assert rows(watching.report([(50, 2, 2)])) == 1


# A grid of two tiles. What needs a Slurm is left out.
LENGTHS = {"T": 2, "Lambda0": 2, "Pd": 100, "chi": 2, "Estar": 2}


def test_dag_of_a_survey_for_a_cluster():
    assert rows(cluster_scale.dags([LENGTHS])) == 1


def test_tile_of_a_survey_for_a_cluster():
    assert rows(cluster_scale.one_tile(LENGTHS)) == 1


def test_command_of_a_sleeping_job_makes_the_files_of_its_tiles(tmp_path):
    wrapped = {
        "seconds": 0,
        "sbatch": "printf '%s\\n'",
        "survey": "film",
        "label": "dephasing",
        "quantity": "dephasing",
    }
    digests = ["01234567-0123-0123456789abcdef", "01234567-4567-0123456789abcdef"]
    targets = " ".join(f"'compute_tile:quantity=dephasing,digest={digest}'" for digest in digests)
    (tmp_path / "sbatch").write_text(sleepers.SBATCH.format(**wrapped))
    (tmp_path / "results").mkdir()
    for command, files in [
        (f"snakemake --target-jobs {targets}", [f"store/dephasing/{digest}.nc" for digest in digests]),
        ("snakemake --target-jobs 'assemble_cube:survey=film,label=dephasing'", ["film/dephasing.nc"]),
    ]:
        call = ["sh", tmp_path / "sbatch", "--parsable", f"--wrap={command}"]
        said = subprocess.run(call, capture_output=True, text=True, check=True).stdout
        script = said.removeprefix("--parsable\n--wrap=")
        before = set(tmp_path.rglob("*.nc"))
        subprocess.run(["sh", "-c", script], cwd=tmp_path, check=True)
        made = set(tmp_path.rglob("*.nc")) - before
        assert made == {tmp_path / "results" / file for file in files}


def test_query(tiny):
    assert rows(query.report(tiny.stem, repeats=1, runs=1, folder=tiny.parent)) == 7


def test_nested_quad_agrees_with_the_kernel_to_the_promised_accuracy():
    # The reference point of paper 001's own numbers, and one whose phase Lambda0 tau_phi/hbar is 25.
    for point in (kernel.POINTS[0], kernel.POINTS[3]):
        wanted = QUANTITIES["dephasing"](**point, **kernel.CONSTANTS)["tau_phi"]
        with np.errstate(all="ignore"), pytest.warns(Warning):
            found = nested_quad.tau_phi(**point, **kernel.CONSTANTS)
        assert found == pytest.approx(float(wanted), rel=1e-8)


@pytest.mark.parametrize("cells", [100, 100_000, 3_000_000])
def test_resized_survey_keeps_the_ends_of_the_axes(cells, tmp_path):
    original = surveys.shipped("gold_wire_large")
    resized = surveys.resized(original, cells, tmp_path)
    assert np.prod([len(values) for values in resized.axes.values()], dtype=float) == pytest.approx(cells, rel=0.2)
    for name, values in resized.axes.items():
        assert (values[0], values[-1]) == (original.axes[name][0], original.axes[name][-1])
    assert resized.constants == original.constants
    assert not resized.crossovers and not resized.diagrams


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is read from /proc")
def test_serving():
    assert rows(serving.report(cells=2000, points=20, each=2)) == 6


@pytest.mark.skipif(explorer.browser() is None, reason="there is no Chromium")
def test_explorer():
    assert rows(explorer.report(cells=2000, moves=20)) == 2


def test_peak_memory_is_that_of_the_command_alone():
    held = np.ones(int(2e8 / 8))
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    assert own > held.nbytes > run("python", "-c", "pass").bytes


def test_failing_command_is_an_error():
    with pytest.raises(RuntimeError, match="exit code 3"):
        run("python", "-c", "raise SystemExit(3)")


def test_command_line():
    assert tuple(reports(large=False)) == NAMES
    assert CliRunner().invoke(main, ["nothing"]).exit_code == 2
    shown = subprocess.run([sys.executable, "-m", "benchmarks", "--help"], capture_output=True, text=True, check=True)
    # The names may be broken over lines.
    assert all(name in "".join(shown.stdout.split()) for name in NAMES)


def test_too_little_disk_for_the_large_survey_is_said(monkeypatch):
    monkeypatch.setattr(scaling, "LARGE_BYTES", 1e30)
    with pytest.raises(Exception, match="free disk"):
        scaling.report(large=True)


def test_numbers_for_people():
    assert report.duration(0.0123) == "12.3 ms" and report.duration(5e-10) == "0.5 ns"
    assert report.number(3_140_000) == "3.1e6" and report.number(1e6) == "1e6" and report.number(12) == "12"
    assert report.ratio(1234.5) == "**1,200**" and report.ratio(0.123) == "**0.12**"
    assert report.size(62e6) == "62 MB"
    assert "cores" in machine.describe()
