"""The command `survey`: messages and exit codes."""

import subprocess
import sys
from pathlib import Path

import pytest

from helpers import toy
from survey import cli
from survey.compute.cost import DEFAULT_RATE
from survey.run.jobs import Jobs
from survey.run.plan import plan
from survey.store.tiles import tiles_of

SURVEY = """\
title: Toy survey
axes:
  T: {start: 10 mK, stop: 1 K, num: 50}
  Lambda0: {values: [1 mK, 10 mK]}
  Pd: {values: [1e46 J^-1m^-3]}
  chi: {values: [0.1, 0.3]}
  Estar: {values: [1 K, 10 K]}
constants: {sigma_in: 1e-15 cm^2, v_F: 1e8 cm/s, tau: 1e-14 s}
quantities:
  dephasing: {variables: [tau_phi, status]}
crossovers: {}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working directory with one survey, and the toy kernel."""
    toy.register(monkeypatch)
    for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
        monkeypatch.setenv(f"{library}_NUM_THREADS", "1")
    monkeypatch.chdir(tmp_path)
    Path("config/surveys").mkdir(parents=True)
    Path("config/surveys/wires.yaml").write_text(SURVEY)
    return tmp_path


@pytest.fixture
def survey(folder, capsys):
    def run(*arguments: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as end:
            cli.main(arguments)
        said = capsys.readouterr()
        assert end.value.code == code, said.err
        assert "Traceback" not in said.err
        return said.err if code else said.out

    return run


FILE = "config/surveys/wires.yaml"
ROOT = Path(__file__).parents[2]


def tiles(survey) -> list[str]:
    return [line.split()[1] for line in survey("plan", FILE, "--tiles").splitlines() if line.startswith("    tile ")]


def test_by_hand_from_plan_to_cube(survey, folder):
    assert survey("check", FILE) == f"{FILE}: valid, 400 cells, 0 crossovers, 0 diagrams\n"
    said = survey("plan", FILE, "--cores", "2", "--no-measure")
    assert "wires: Toy survey" in said
    assert "50 T x 2 Lambda0 x 1 Pd x 2 chi x 2 Estar = 400 cells" in said
    assert "400 cells in 2 tiles" in said and "3.6 kB for the cube" in said
    assert "assumed, since the store holds no such tile that was measured" in said and "on 2 cores" in said
    first, second = tiles(survey)
    assert survey("tile", FILE, first, "--threads", "2") == f"results/store/dephasing/{first}.nc\n"
    assert survey("tile", FILE, first) == f"results/store/dephasing/{first}.nc: already there\n"
    said = survey("plan", FILE)
    assert "measured, from 1 tile in the store" in said
    assert second in survey("assemble", FILE, "dephasing", code=2)
    survey("tile", FILE, second)
    assert "to compute   0 cells in 0 tiles" in survey("plan", FILE)
    assert survey("assemble", FILE, "dephasing") == "results/wires/dephasing.nc\n"
    assert (folder / "results" / "wires" / "dephasing.nc").exists()
    assert "already accepted" in survey("restamp", "dephasing")


def test_the_plan_counts_what_is_missing(survey):
    from survey.config.load import load_survey

    wires = load_survey(FILE)
    before = plan(wires, "dephasing", Path("results/store"))
    assert (before.cells, before.cells_missing, before.rate[:2]) == (400, 400, (DEFAULT_RATE, 0))
    survey("tile", FILE, before.missing[0].digest)
    after = plan(wires, "dephasing", Path("results/store"))
    assert after.cells_missing == 400 - before.missing[0].cells
    assert after.rate.tiles == 1 and after.seconds(2) < before.seconds(1)
    Path(f"results/store/dephasing/{before.missing[0].digest}.nc").write_text("no netCDF file")
    assert plan(wires, "dephasing", Path("results/store")).rate.tiles == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tile", FILE, "0123"], "no tile '0123' in this survey"),
        (["tile", "config/surveys/none.yaml", "0123"], "config/surveys/none.yaml: there is no such file"),
        (["assemble", FILE, "heat"], "there is no quantity 'heat'"),
        (["restamp", "heat"], "found the quantity 'heat'; allowed: dephasing"),
        (["restamp", "dephasing"], "there is no tile of version 1 of dephasing to compare with"),
        (["restamp", "dephasing", "--sample", "lots"], "allowed: a fraction, as 1% or 0.01"),
        (["restamp", "dephasing", "--sample", "200%"], "above 0 and up to 100%"),
        (["query", "results/none.nc", "tau_phi"], "results/none.nc"),
        (["plan"], "Missing argument"),
        (["nonsense"], "No such command"),
        (["diagram", FILE, "none"], "none"),
    ],
)
def test_a_fault_of_the_user_is_a_message_and_exit_code_2(survey, arguments, message):
    assert message in survey(*arguments, code=2)


def test_an_interrupted_command_exits_with_130(survey, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    digest = tiles(survey)[0]
    monkeypatch.setattr(toy, "interrupted", lambda **_: interrupted(), raising=False)
    toy.register(monkeypatch, "helpers.toy:interrupted")
    assert "interrupted" in survey("tile", FILE, digest, code=130)


def test_schema_and_template_are_printed(survey):
    assert '"$schema"' in survey("schema")
    assert "axes:" in survey("template")


def test_help_imports_nothing_slow():
    code = "import sys\nfrom survey.cli import main\ntry: main(['--help'])\nfinally: print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    modules = set(said.splitlines()[-1].split())
    assert modules.isdisjoint({"xarray", "dask", "netCDF4", "numba", "matplotlib", "pint", "pydantic", "scipy"})


def test_the_rules_import_nothing_slow():
    code = "import sys, survey.run.jobs, survey.run.requests; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert set(said.split()).isdisjoint({"xarray", "dask", "netCDF4", "numba", "matplotlib", "pandas", "scipy"})


def test_threads_are_shared_out_among_the_missing_tiles(folder):
    jobs = Jobs(["wires"])
    assert [jobs.threads_per_tile(cores) for cores in (1, 2, 3, 4, 16)] == [1, 1, 1, 2, 8]
    for tile in tiles_of(jobs.surveys["wires"], "dephasing"):
        tile.path(jobs.store).parent.mkdir(parents=True, exist_ok=True)
        tile.path(jobs.store).touch()
    assert Jobs("wires").threads_per_tile(2) == 2


def test_a_check_and_a_plan_tell_which_default_crossovers_are_left_out(survey):
    two = SURVEY.replace("  dephasing: {", "  film: {quantity: dephasing}\n  wire: {quantity: dephasing, ")
    Path(FILE).write_text(two.replace("crossovers: {}\n", ""))
    told = "no default crossovers T_equal, T_Lambda, T_alpha, T_beta, T_valid, saturation of dephasing: its quantity"
    said = survey("check", FILE).splitlines()
    assert len(said) == 2 and said[1].startswith(f"{FILE}: {told} has several labels (film, wire)")
    assert f"note         {told}" in survey("plan", FILE)


def test_measurements_are_checked_beside_surveys(survey):
    measured = str(ROOT / "config" / "measurements" / "synthetic_gold_wire.yaml")
    valid = f"{FILE}: valid, 400 cells, 0 crossovers, 0 diagrams\n"
    assert survey("check", measured, FILE) == f"{valid}{measured}: valid, 15 points of tau_phi (synthetic)\n"
    Path("bad.yaml").write_text("definition: wire\n", encoding="utf-8")
    Path("worse.yaml").write_text("axes: 1\n", encoding="utf-8")
    said = survey("check", "bad.yaml", "worse.yaml", measured, code=2)
    assert "bad.yaml: geometry: is missing" in said and "worse.yaml: axes (line 1): found 1" in said
    assert "bad.csv: there is no such file" in said


def test_the_schema_of_measurements_is_printed(survey):
    assert survey("schema", "measurement") == (ROOT / "config" / "measurement.schema.json").read_text(encoding="utf-8")
