"""Diagrams that are finer than the grid: their own values are computed by the kernel, as a cube like any other."""

import numpy as np
import pytest
import xarray as xr
from PIL import Image

from physics import QUANTITIES
from survey import run
from survey.config.load import load_survey
from survey.draw.maps import exponent_map
from survey.draw.picture.scene import Line, Mesh
from survey.draw.regimes import regime_map
from survey.errors import SurveyError
from survey.flags import flag_words
from survey.store.origins import beginning, labels_with_pages
from survey.store.tiles import tiles_of

SURVEY = """
axes:
  T: {start: 10 mK, stop: 1 K, num: 9, include: [40 mK]}
  Lambda0: {values: [1 mK, 10 mK]}
  Pd: {values: [1e46 J^-1 m^-3, 1e47 J^-1 m^-3]}
  chi: {values: [0.03, 0.1, 0.3]}
  Estar: {values: [20 mK, 10 K]}
constants: {sigma_in: 1e-15 cm^2, v_F: 1.4e8 cm/s, tau: 1e-14 s}
quantities:
  dephasing: {}
crossovers:
  T_equal: {kind: equal, variables: [tau_phi_resonant, tau_phi_relaxation]}
diagrams:
"""
AT = "at: {Lambda0: 10 mK, Pd: 1e47 J^-1 m^-3, Estar: 10 K}"
DIAGRAMS = {
    "regimes": f"{{kind: regime_map, x: T, y: chi, crossovers: [T_equal], resolution: {{T: 30, chi: 20}}, {AT}}}",
    "curves": "{kind: curves, variables: [tau_phi], x: T, family: chi, values: [0.03, 0.3], regimes: null, "
    f"resolution: {{T: 50}}, {AT}}}",
    "slope": "{kind: exponent_map, along: T, x: Lambda0, y: Estar, resolution: {Estar: 7}, "
    "at: {T: 40 mK, Pd: 1e47 J^-1 m^-3, chi: 0.1}}",
    "coarse": f"{{kind: regime_map, x: T, y: chi, {AT}}}",
}


def written(path, **diagrams):
    path.write_text(SURVEY + "".join(f"  {name}: {text}\n" for name, text in diagrams.items()), encoding="utf-8")
    return load_survey(path)


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fine")
    found = written(folder / "fine.yaml", **DIAGRAMS)
    run(found.path, results=folder / "results")
    return found


def test_a_picture_is_computed_at_its_own_values_of_the_axes(survey):
    labels = {name: diagram.labels for name, diagram in survey.diagrams.items()}
    own = ("regimes_drawn", "curves_drawn", "slope_drawn")
    assert labels == {**{name.removesuffix("_drawn"): (name,) for name in own}, "coarse": ("dephasing",)}
    sizes = {name: {axis: len(values) for axis, values in survey.grid(name).items()} for name in own}
    assert sizes["regimes_drawn"] == {"T": 30, "Lambda0": 1, "Pd": 1, "chi": 20, "Estar": 1}
    assert sizes["curves_drawn"] == {"T": 50, "Lambda0": 1, "Pd": 1, "chi": 2, "Estar": 1}
    # The exponent along T needs the neighbours of its cut; Lambda0 has no values of its own.
    assert sizes["slope_drawn"] == {"T": 10, "Lambda0": 2, "Pd": 1, "chi": 1, "Estar": 7}
    steps = np.diff(np.log(survey.grid("regimes_drawn")["T"]))
    assert np.allclose(steps, steps[0]) and survey.grid("regimes_drawn")["T"][[0, -1]].tolist() == [0.01, 1.0]
    assert survey.request("regimes_drawn").variables == ("regime", "status")
    assert survey.request("curves_drawn").variables == ("tau_phi", "status")
    assert [len(tiles_of(survey, name)) for name in own] == [1, 1, 1]
    assert len(survey.grid("dephasing")["T"]) == 10 and labels_with_pages(survey) == ("dephasing",)


def test_what_is_drawn_is_what_the_kernel_says_there(survey):
    folder = survey.path.parent / "results" / "fine"
    with xr.open_dataset(folder / "curves_drawn.nc", mask_and_scale=False) as cube:
        at = {"T": cube["T"].values[:, None], "chi": np.array([0.03, 0.3])}
        fixed = {"Lambda0": 0.01, "Pd": 1e47, "Estar": 10.0} | dict(survey.constants)
        expected = QUANTITIES["dephasing"](**at, **fixed, variables=("tau_phi",))["tau_phi"]
        assert np.array_equal(cube["tau_phi"].squeeze(("Lambda0", "Pd", "Estar")).values, expected)
    scene = regime_map(survey.diagrams["regimes"], folder / "regimes_drawn.nc", folder / "crossovers.nc")
    mesh = next(layer for layer in scene.layers if isinstance(layer, Mesh))
    assert mesh.values.shape == (20, 30)
    # The crossover has the values of the grid.
    line = next(layer for layer in scene.layers if isinstance(layer, Line) and "equal" in layer.label)
    assert line.y.tolist() == [0.03, 0.1, 0.3]
    slope = exponent_map(survey.diagrams["slope"], folder / "slope_drawn.nc", folder / "crossovers.nc")
    assert next(layer for layer in slope.layers if isinstance(layer, Mesh)).values.shape == (7, 2)


def test_the_line_of_a_crossover_is_the_border_of_the_regimes(survey):
    """Both are found in ways of their own: by roots on the grid, and by the flags of the pixels."""
    folder = survey.path.parent / "results" / "fine"
    with (
        xr.open_dataset(folder / "regimes_drawn.nc", mask_and_scale=False) as drawn,
        xr.open_dataset(folder / "crossovers.nc") as located,
    ):
        flags = drawn["regime"].squeeze(("Lambda0", "Pd", "Estar"))
        T = located["T_equal"].sel(Lambda0=0.01, Pd=1e47, Estar=10.0)
        meanings = flag_words(flags.values, flags.attrs)
        resonant = [value for value, words in meanings.items() if "resonant_dominates" in words]
        for chi in (0.03, 0.3):
            column = flags.sel(chi=chi, method="nearest")
            assert abs(column["chi"] / chi - 1) < 1e-9
            last = drawn["T"].values[np.isin(column.values, resonant)].max()
            step = drawn["T"].values[1] / drawn["T"].values[0]
            assert last < float(T.sel(chi=chi)) * step and float(T.sel(chi=chi)) < last * step


def test_files_are_those_of_any_cube(survey):
    folder = survey.path.parent / "results" / "fine"
    assert {path.stem for path in folder.glob("*.nc")} == {
        "dephasing",
        "crossovers",
        *(f"{n}_drawn" for n in DIAGRAMS if n != "coarse"),
    }
    assert {path.stem for path in (folder / "explore").glob("*.html")} == {"dephasing"}
    with Image.open(folder / "diagrams" / "regimes.png") as image:
        assert image.info["Cube"] == "fine/regimes_drawn.nc"
    assert "resolution" not in survey.diagrams["coarse"].plain() and "own" not in survey.diagrams["coarse"].plain()
    assert survey.diagrams["regimes"].plain()["resolution"] == {"T": 30, "chi": 20}
    assert beginning(survey, "dephasing")["x"] == "T"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DIAGRAMS["coarse"].replace("x: T,", "x: T, resolution: {Pd: 5},"), "is no axis of the picture"),
        (DIAGRAMS["coarse"].replace("x: T,", "x: T, resolution: {T: 1},"), "greater than or equal to 2"),
        (DIAGRAMS["coarse"].replace("x: T,", "x: T, resolution: {T: 5000},"), "less than or equal to 2000"),
        (DIAGRAMS["coarse"].replace("x: T,", "x: T, resolution: {},"), "resolution"),
        (
            "{kind: crossover_map, crossover: T_equal, x: Pd, y: chi, resolution: {chi: 9}, "
            "at: {Lambda0: 10 mK, Estar: 10 K}}",
            "crossovers are located on the grid",
        ),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, text, said):
    with pytest.raises(SurveyError, match=said):
        written(tmp_path / "bad.yaml", map=text)


def test_its_label_is_nobody_elses(tmp_path):
    text = SURVEY.replace("  dephasing: {}\n", "  dephasing: {}\n  map_drawn: {quantity: dephasing}\n")
    text = text.replace("equal, variables", "equal, quantity: dephasing, variables")
    path = tmp_path / "taken.yaml"
    diagram = DIAGRAMS["regimes"].replace("x: T,", "quantity: dephasing, x: T,")
    path.write_text(f"{text}  map: {diagram}\n", encoding="utf-8")
    with pytest.raises(SurveyError, match="the label map_drawn is that of a quantity"):
        load_survey(path)
