"""A working directory with one small survey of the toy kernel, and the command `survey` in it."""

from pathlib import Path

import pytest

from helpers import toy
from survey import cli
from survey.config.load import load_survey
from survey.store.tiles import tiles_of

FILE = Path("config/surveys/wires.yaml")
RESULTS = Path("results")
STORE = RESULTS / "store"
CUBE = RESULTS / "wires" / "dephasing.nc"
CROSSOVERS = RESULTS / "wires" / "crossovers.nc"
PAGE = RESULTS / "wires" / "explore" / "dephasing.html"
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
  dephasing: {}
crossovers:
  T_equal: {kind: equal, variables: [tau_phi_resonant, tau_phi_relaxation]}
diagrams:
  times: {kind: value_map, variable: tau_phi, x: T, y: chi, at: {Lambda0: 1 mK, Pd: 1e46 J^-1m^-3, Estar: 1 K}}
"""
NO_DIAGRAM = SURVEY.split("diagrams:")[0]


def enter(tmp_path: Path, monkeypatch, text: str = NO_DIAGRAM) -> None:
    """Make the directory the present one for the time of a test."""
    toy.register(monkeypatch)
    for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
        monkeypatch.setenv(f"{library}_NUM_THREADS", "1")
    monkeypatch.chdir(tmp_path)
    FILE.parent.mkdir(parents=True)
    FILE.write_text(text)
    Path("config/config.yaml").write_text("surveys: [wires]\n")


def change(old: str, new: str) -> None:
    text = FILE.read_text()
    assert old in text
    FILE.write_text(text.replace(old, new))


def run(capsys, *arguments: str, code: int = 0) -> str:
    """What a command says, standard output and error, if it exits with this code."""
    with pytest.raises(SystemExit) as end:
        cli.main([str(each) for each in arguments])
    said = capsys.readouterr()
    assert end.value.code == code, said.out + said.err
    assert "Traceback" not in said.err
    return said.out + said.err


def tiles() -> list:
    return tiles_of(load_survey(FILE), "dephasing")


def everything(capsys) -> None:
    """Tiles, cube, crossovers and the page of the cube."""
    for tile in tiles():
        run(capsys, "tile", FILE, tile.digest)
    run(capsys, "assemble", FILE, "dephasing")
    run(capsys, "crossovers", FILE)
    run(capsys, "page", FILE, "dephasing")


def fail(monkeypatch) -> None:
    """Let the kernel fail above 0.5 K."""

    def failing(T, **others):
        if T.max() > 0.5:
            raise ZeroDivisionError("the kernel's own words")
        return toy.dephasing(T=T, **others)

    monkeypatch.setattr(toy, "failing", failing, raising=False)
    toy.register(monkeypatch, "helpers.toy:failing")
