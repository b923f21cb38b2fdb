"""The figures of what else must be seen, and of the experiments that would tell rivals apart: what they show is what
the findings say."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xarray

from survey.config.inferred import figures as of_config
from survey.config.inferred.figures import DecisionFigure, HeatFigure, SoundFigure, figures
from survey.draw.inference.decision import decision
from survey.draw.inference.predictions import SEEN, heat, sound
from survey.draw.picture.scene import Band, Line, Points
from survey.store.trees import write_tree
from survey.written.faults import Faults

RIVALS = ("background", "glass", "kondo")
QUANTILES = [0.025, 0.16, 0.5, 0.84, 0.975]
T, OMEGA, TIMES = np.array([0.01, 0.02, 0.1]), 2e6 * np.pi * np.array([10.0, 100.0]), np.array([1.0, 3600.0])
COMMON = {"title": None, "at": {}, "x": "T", "x_scale": "log", "colormap": None, "width": 900, "height": 500}


def settings(kind, name: str):
    more = {"levels": ("glass",)} if kind is SoundFigure else {}
    return kind(kind=name, rivals=RIVALS, synthetic=True, floor=0.5, **more, **COMMON)


def band(scale: float, *conditions: np.ndarray) -> np.ndarray:
    """Quantiles (rival, quantile, T, condition): none of the background, glass as 1/T, ten times of Kondo."""
    size = scale * np.array([0.0, 1.0, 10.0])[:, None, None] * np.array([0.5, 0.8, 1.0, 1.25, 2.0])[:, None]
    return (size * 0.01 / T)[..., None] * np.arange(1.0, 1.0 + len(conditions[0]))


@pytest.fixture
def folder(tmp_path) -> Path:
    """The folder of predictions and of experiments."""
    axes = {"rival": list(RIVALS), "quantile": QUANTILES, "T": T}
    dims = ("rival", "quantile", "T")
    resonant = band(1.0, OMEGA)
    resonant[2] = np.nan
    ratio = band(0.5, TIMES)
    # Electrons have 70 J/(K^2 m^3).
    heats = {"C_ratio": ((*dims, "t_exp"), ratio), "C_over_T": ((*dims, "t_exp"), 70 * (1 + ratio))}
    points = np.array([0.0, 1.0, 10.0])[:, None] * np.geomspace(0.5, 2.0, 5)
    groups = {
        "heat": xarray.Dataset(heats, axes | {"t_exp": TIMES}),
        "together": xarray.Dataset(
            {
                "C_ratio": (("rival", "point"), 0.25 * points),
                "W_relaxation_over_glass": (("rival", "point"), 3 * points),
            },
            {"rival": list(RIVALS), "T": 0.02, "omega": OMEGA[1], "t_exp": 1.0},
        ),
        "sound": xarray.Dataset(
            {
                "W_resonant_over_glass": ((*dims, "omega"), resonant),
                "W_relaxation_over_glass": ((*dims, "omega"), band(3.0, OMEGA)),
                "Q_inverse_resonant": ((*dims, "omega"), np.full_like(resonant, np.nan)),
                "Q_inverse_relaxation": ((*dims, "omega"), band(1e-5, OMEGA)),
            },
            axes | {"omega": OMEGA},
        ),
    }
    left_out = json.dumps({"W_resonant_over_glass": {"kondo": "there is no law"}})
    write_tree(tmp_path / "predictions.nc", groups, {"left_out": left_out})
    draws = {"chi": np.full(9, 0.1), "Estar": np.full(9, 0.05), "Lambda0": np.full(9, 2e-3)}
    draws = xarray.Dataset({name: ("draw", each) for name, each in draws.items()})
    write_tree(tmp_path / "posterior_glass.nc", {"draws": draws}, {})
    experiments = {
        "gain_about_rival": [0.2, np.nan, 0.8],
        "gain_about_rival_error": [0.01, np.nan, 0.02],
        "gain_about_rival_resolved": np.array([1, 0, 0], np.uint8),
        "wrong_rival": [0.4, np.nan, 0.1],
        "wrong_rival_error": [0.01, np.nan, 0.01],
        "left_out": ["", "glass: there is no law", ""],
    }
    table = xarray.Dataset({name: ("experiment", each) for name, each in experiments.items()})
    table = table.assign_coords(experiment=["heat_20mK", "noise_20mK", "sound_1GHz"])
    write_tree(tmp_path / "experiments.nc", {"experiments": table}, {"summary": "Between two 1 bit is open."})
    return tmp_path


def lines(scene) -> list[Line]:
    return [each for each in scene.layers if isinstance(each, Line) and each.hover]


def test_heat_shows_each_rival_at_each_time(folder):
    sheet = heat(settings(HeatFigure, "heat"), folder / "predictions.nc", folder)
    above, row = sheet.rows
    # 70 J/(K^2 m^3) of electrons, and as much again where the ratio is 1.
    np.testing.assert_allclose(lines(above[1])[1].y, [140.0, 105.0, 77.0])
    electrons = next(each for each in above[0].layers if isinstance(each, Line) and each.dash == "dashed")
    np.testing.assert_allclose(electrons.y, 70.0)
    seen = next(each for each in above[0].layers if isinstance(each, Band))
    assert seen.upper[0] == pytest.approx(70 * (1 + SEEN))
    assert [scene.title for scene in row] == [r"$t_\mathrm{exp}$ = 1 s", r"$t_\mathrm{exp}$ = 3600 s"]
    # The background has no defects and no line.
    assert [len(lines(scene)) for scene in row] == [2, 2]
    glass = lines(row[1])[0]
    np.testing.assert_allclose(glass.x, [10, 20, 100])
    np.testing.assert_allclose(glass.y, [1.0, 0.5, 0.1])
    widest, narrow = (each for each in row[1].layers if isinstance(each, Band) and each.colour == glass.colour)
    np.testing.assert_allclose((widest.upper, narrow.lower), [[2.0, 1.0, 0.2], [0.8, 0.4, 0.08]])
    shaded = next(each for each in row[0].layers if isinstance(each, Band))
    assert shaded.upper[0] == SEEN and shaded.lower[0] == row[0].y.lower
    assert sheet.subtitle == "Synthetic data."


def test_sound_is_apart_by_resonance_and_relaxation_and_says_what_is_not_computed(folder):
    sheet = sound(settings(SoundFigure, "sound"), folder / "predictions.nc", folder)
    # Two frequencies, and the frequency itself; of Q^-1 the part that is known.
    assert [[len(lines(scene)) for scene in row] for row in sheet.rows] == [[1, 1, 1], [2, 2, 2], [2, 2, 2]]
    assert sheet.rows[2][0].y.label == "$Q^{-1}$" and sheet.rows[2][0].title.startswith("relaxation")
    along = sheet.rows[1][2]
    assert along.title == "relaxation, strong sound, 20 mK" and along.x.label == "frequency (MHz)"
    np.testing.assert_allclose(lines(along)[0].x, [10, 100])
    np.testing.assert_allclose(lines(along)[0].y, [1.5, 3.0])
    shaded = next(each for each in sheet.rows[1][0].layers if isinstance(each, Band))
    assert shaded.upper[0] == 0.5
    assert sheet.rows[1][1].title == "relaxation, strong sound, 100 MHz"
    np.testing.assert_allclose(lines(sheet.rows[1][1])[0].y, [6.0, 3.0, 0.6])
    assert any("two-channel Kondo levels: there is no law" in note for note in sheet.notes)


def test_energies_of_levels_are_marked_in_sound(folder):
    """T = E*, hbar omega = 2 chi k_B T and hbar omega = Lambda0 at the medians: 50 mK; 24 mK at 100 MHz; 42 MHz."""
    sheet = sound(settings(SoundFigure, "sound"), folder / "predictions.nc", folder)
    planck = 6.62607015e-34 / 1.380649e-23

    def marks(scene):
        upright = [each for each in scene.layers if isinstance(each, Line) and np.ptp(each.x) == 0 and len(each.x) == 2]
        return {each.dash: each.x[0] for each in upright}

    assert marks(sheet.rows[0][1]) == pytest.approx({"dotted": 50.0, "dashdot": 1e3 * planck * 1e8 / 0.2}, rel=1e-6)
    # At 20 mK 2 chi k_B T/h is 83 MHz.
    found = {"dashdot": 0.2 * 0.02 / planck / 1e6, "dashed": 2e-3 / planck / 1e6}
    assert marks(sheet.rows[0][2]) == pytest.approx(found, rel=1e-6)


def test_decision_shows_heat_against_sound_and_ranks_the_experiments(folder):
    sheet = decision(settings(DecisionFigure, "decision"), folder / "predictions.nc", folder)
    (clouds,), (gains,) = sheet.rows
    assert clouds.title == "20 mK, 100 MHz, 1 s"
    points = {each.label: each for each in clouds.layers if isinstance(each, Points)}
    np.testing.assert_allclose((points["glass"].x[0], points["glass"].y[0]), (3.0, 0.25))
    dots = [each for each in clouds.layers if isinstance(each, Points) and len(each.x) == 5]
    assert len(dots) == len(RIVALS)
    np.testing.assert_allclose(dots[1].y, 0.25 * np.geomspace(0.5, 2.0, 5))
    assert max(each.upper[0] for each in clouds.layers if isinstance(each, Band)) == clouds.y.upper
    # That of the background, zero, is at the edge.
    assert points["electrons and phonons alone"].x[0] == clouds.x.lower
    # The best is on top; what cannot be weighed has no bar.
    assert gains.y.names == ("heat 20mK", "sound 1GHz")
    bars = [each for each in gains.layers if isinstance(each, Line) and each.width == 8.0]
    assert [each.x[1] for each in bars] == [0.2, 0.8, 0.4, 0.1]
    assert gains.title == "not resolved: sound 1GHz"
    assert "Between two 1 bit is open." in sheet.notes
    assert any(note.startswith("noise 20mK is not weighed for all rivals; glass: ") for note in sheet.notes)


def test_figures_come_with_the_findings_that_they_show(monkeypatch):
    sample = SimpleNamespace(
        synthetic=False,
        title="a wire",
        constants={"v_F": 1e6, "eps_F": 8e-19},
        tables=[SimpleNamespace(at={"T": (0.1, 1.0)})],
    )
    rivals = {"background": SimpleNamespace(ranges={})}
    inference = SimpleNamespace(measurements=(sample,), rivals=rivals, consequences=None)
    for findings, expected in (
        ({}, ["data_and_rivals"]),
        ({"predictions": None}, ["data_and_rivals", "heat", "sound"]),
        ({"predictions": None, "experiments": None}, ["data_and_rivals", "heat", "sound", "decision"]),
    ):
        monkeypatch.setattr(of_config, "findings_of", lambda inference, found=findings: found)
        drawn = figures(inference, (), Faults(Path("survey.yaml"), {}))
        assert list(drawn) == expected
        assert ("predictions" in drawn["data_and_rivals"].findings) == ("predictions" in findings)
