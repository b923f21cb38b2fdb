"""Where and by how much two cubes differ."""

import json
from dataclasses import replace
from pathlib import Path

import netCDF4
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers import toy, wires
from helpers.wires import CROSSOVERS, CUBE
from survey.compute.tile import compute_tile
from survey.cubes.assemble import assemble
from survey.errors import SurveyError
from survey.flags import flag_names
from survey.store.tiles import tiles_of
from survey.upkeep import diff as module
from survey.upkeep.diff import difference


@pytest.fixture(autouse=True)
def _toy(monkeypatch):
    toy.register(monkeypatch)


def make(folder: Path, **changes) -> Path:
    """The cube of the toy survey with changes of it, in a folder."""
    survey = replace(toy.Survey(), **changes)
    for tile in tiles_of(survey, "dephasing"):
        compute_tile(folder / "store", tile)
    return assemble(survey, "dephasing", folder / "store", folder)


def alter(monkeypatch, **functions) -> None:
    """Let the kernel give f(values, T, chi) for a variable."""

    def altered(T, chi, **others):
        results = toy.dephasing(T=T, chi=chi, **others)
        return results | {name: functions[name](results[name], T, chi) for name in functions}

    monkeypatch.setattr(toy, "altered", altered, raising=False)
    toy.register(monkeypatch, "helpers.toy:altered")


def of(found: dict, name: str) -> dict:
    (variable,) = [each for each in found["variables"] if each["variable"] == name]
    return variable


def test_equal_cubes_are_equal(tmp_path):
    one, other = make(tmp_path / "a"), make(tmp_path / "b", name="twin", title="Another title")
    found = difference(one, other)
    assert found["equal"] and not found["settings"]
    assert [each["cells_compared"] for each in found["variables"]] == [420] * 5
    assert module.describe(found).endswith("\nequal")


def test_cells_that_differ_are_counted_and_the_worst_is_named(tmp_path, monkeypatch):
    one = make(tmp_path / "a")
    alter(
        monkeypatch,
        tau_phi=lambda values, T, chi: values * (1 + 1e-3 * (chi == 0.3) + 1e-2 * ((chi == 0.1) & (T == 1.0))),
    )
    found = difference(one, make(tmp_path / "b"))
    tau = of(found, "tau_phi")
    assert not found["equal"] and not found["settings"] and of(found, "tau_phi_resonant")["cells_that_differ"] == 0
    assert tau["cells_that_differ"] == 420 // 3 + 420 // 3 // 7
    assert tau["worst"]["relative"] == pytest.approx(1e-2 / 1.01)
    assert (tau["worst"]["at"]["T"], tau["worst"]["at"]["chi"]) == (1.0, 0.1)
    before, after = tau["worst"]["values"]
    assert after == pytest.approx(1.01 * before)
    said = module.describe(found)
    assert "tau_phi: 160 of the 420 cells that both have differ" in said and said.endswith("\ndifferent")
    assert of(difference(one, tmp_path / "b/toy/dephasing.nc", 5e-3), "tau_phi")["cells_that_differ"] == 20
    assert difference(one, tmp_path / "b/toy/dephasing.nc", 2e-2)["equal"]


def test_flags_are_told_by_their_names(tmp_path, monkeypatch):
    one = make(tmp_path / "a")
    alter(monkeypatch, status=lambda values, T, chi: values + (np.ones_like(values) * (chi == 0.3)).astype(np.uint8))
    found = difference(one, make(tmp_path / "b"), tolerance=10.0)
    with netCDF4.Dataset(one) as dataset:
        attributes = {name: dataset["status"].getncattr(name) for name in dataset["status"].ncattrs()}
    assert of(found, "status")["flags"] == [{"from": ["ok"], "to": flag_names(1, attributes), "cells": 140}]
    assert of(found, "status")["worst"]["at"]["chi"] == 0.3
    assert "140 cells: ok in A" in module.describe(found)


def test_nan_equals_nan_and_nothing_else(tmp_path, monkeypatch):
    def with_nan(values, T, chi):
        return np.where(chi == 0.3, np.nan, values)

    def with_inf(values, T, chi):
        return np.where(chi == 0.3, np.inf, values)

    plain = make(tmp_path / "a")
    alter(monkeypatch, tau_phi=with_nan, tau_phi_resonant=with_inf)
    one, other = make(tmp_path / "b"), make(tmp_path / "c")
    assert difference(one, other)["equal"]
    found = difference(plain, one, tolerance=1e300)
    for name, value in (("tau_phi", "nan"), ("tau_phi_resonant", "inf")):
        assert of(found, name)["cells_that_differ"] == 140
        assert of(found, name)["worst"]["relative"] == "inf" and of(found, name)["worst"]["values"][1] == value
    json.dumps(found, allow_nan=False)
    assert "in A, nan in B" in module.describe(found)


def test_settings_that_differ_are_told_and_common_cells_compared(tmp_path, monkeypatch):
    one = make(tmp_path / "a")
    axes = toy.AXES | {"T": [0.01, 0.02, 0.1, 1.0], "chi": [0.01, 0.3]}
    toy.register(monkeypatch, version=2)
    request = toy.Request(variables=("tau_phi", "status"), dtype="float32", options={"convention": "published"})
    other = make(tmp_path / "b", axes=axes, constants=toy.CONSTANTS | {"tau": 2e-14}, quantities={"dephasing": request})
    found = difference(one, other, tolerance=1e-6)
    settings = {each["what"]: (each["one"], each["other"]) for each in found["settings"]}
    assert settings["version"] == (1, 2) and settings["dtype"] == ("float64", "float32")
    assert settings["constants.tau"] == (1e-14, 2e-14)
    assert settings["options.convention"] == ("consistent", "published")
    assert settings["axes.chi"] == ([0.1], []) and settings["axes.T"][1] == [0.02]
    assert settings["variables"] == (["tau_phi_resonant", "tau_phi_relaxation", "regime"], [])
    assert {each["variable"] for each in found["variables"]} == {"tau_phi", "status"}
    assert of(found, "tau_phi")["cells_compared"] == 3 * 2 * 5 * 2 * 2
    assert of(found, "tau_phi")["cells_that_differ"] == 0 and not found["equal"]
    said = module.describe(found)
    assert "constants.tau is 1e-14 in A and 2e-14 in B" in said and "axes.chi: only A has 0.1" in said


def test_cubes_without_a_common_cell(tmp_path):
    one, other = make(tmp_path / "a"), make(tmp_path / "b", axes=toy.AXES | {"chi": [0.02]})
    found = difference(one, other)
    assert not found["equal"] and of(found, "tau_phi")["cells_compared"] == 0


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.integers(1, 500),
    kept=st.lists(st.booleans(), min_size=7, max_size=7).filter(any),
    added=st.lists(st.floats(0.02, 0.9), max_size=3),
)
def test_what_is_read_at_a_time_changes_nothing(tmp_path, monkeypatch, cells, kept, added):
    axes = toy.AXES | {"T": [*toy.AXES["T"][kept], *added]}
    alter(monkeypatch, tau_phi=lambda values, T, chi: values * (1 + 1e-3 * T))
    other = make(tmp_path / "b", axes=axes)
    toy.register(monkeypatch)
    one = tmp_path / "a" / "toy" / "dephasing.nc"
    if not one.exists():
        make(tmp_path / "a")
    whole = difference(one, other)
    monkeypatch.setattr(module, "CELLS", cells)
    assert difference(one, other) == whole
    assert of(whole, "tau_phi")["cells_that_differ"] == of(whole, "tau_phi")["cells_compared"]
    assert of(whole, "tau_phi")["cells_compared"] >= 60 * sum(kept)


def test_a_damaged_or_missing_file_is_refused(tmp_path):
    one = make(tmp_path / "a")
    with pytest.raises(SurveyError, match="there is no such file"):
        difference(one, tmp_path / "none.nc")
    (tmp_path / "garbage.nc").write_text("no netCDF file")
    with pytest.raises(SurveyError, match="damaged"):
        difference(tmp_path / "garbage.nc", one)


def test_the_command(tmp_path, monkeypatch, capsys):
    wires.enter(tmp_path, monkeypatch)
    wires.everything(capsys)
    for path in (CUBE, CROSSOVERS):
        path.with_suffix(".old").write_bytes(path.read_bytes())
        assert wires.run(capsys, "diff", path, path.with_suffix(".old")).endswith("\nequal\n")
    wires.change("chi: {values: [0.1, 0.3]}", "chi: {values: [0.1, 0.2]}")
    wires.everything(capsys)
    for path in (CUBE, CROSSOVERS):
        found = json.loads(wires.run(capsys, "diff", path.with_suffix(".old"), path, "--json", code=1))
        assert [each for each in found["settings"] if each["what"] == "axes.chi"] == [
            {"what": "axes.chi", "one": [0.3], "other": [0.2]}
        ]
    for arguments in (["diff", "none.nc", CUBE], ["diff", CUBE], ["diff", CUBE, CUBE, "--tolerance", "-1"]):
        wires.run(capsys, *arguments, code=2)
