"""The laws of the papers that diagrams draw: what the list says of them is true of their functions."""

from importlib import import_module
from inspect import Parameter, signature

import numpy as np
import pytest
from scipy.constants import hbar, k

from physics import PARAMETERS, QUANTITIES, ParameterError
from physics.electrons import closed_forms as forms_001
from physics.laws import LAWS, Place, closed_forms, evaluate, value_of

POINT = {"T": 0.1, "Lambda0": 0.01, "Pd": 1e47, "chi": 0.1, "Estar": 10.0, "n": 3.0, "Delta0": 1e-6}
POINT |= {"sigma_in": 1e-19, "v_F": 1e6, "U0": 1e-48, "TKstar": 0.3, "Deltastar": 0.2, "omega": 1.0}
EVERY = [(quantity, name) for quantity, laws in LAWS.items() for name in laws]


def function(path):
    module, name = path.split(":")
    return getattr(import_module(module), name)


@pytest.mark.parametrize(("quantity", "name"), EVERY)
def test_a_law_describes_variables_of_its_quantity_and_names_its_parameters(quantity, name):
    law = LAWS[quantity][name]
    axes, constants = QUANTITIES[quantity].depends_on(law.options)
    assert {QUANTITIES[quantity].variable(each).name for each in law.functions} == set(law.functions)
    assert set(law.axes) <= set(law.parameters) <= {*axes, *constants}
    for place_name, place in law.places.items():
        needed = [place_name] if not place.function else needed_by(place)
        assert set(needed) <= set(law.parameters)
        assert not place.function or set(needed) == set(place.parameters)
    for path in law.functions.values():
        assert set(signature(function(path)).parameters) == set(law.parameters)
        for axis in law.axes:
            values = evaluate(path, POINT | {axis: np.geomspace(0.5 * POINT[axis], 5, 7)})
            assert values.shape == (7,)
            assert np.isfinite(values).any()
            assert (values[np.isfinite(values)] > 0).all()


def needed_by(place: Place):
    return [
        each.name for each in signature(function(place.function)).parameters.values() if each.default is Parameter.empty
    ]


@pytest.mark.parametrize(
    ("law", "place"),
    [
        (name, place)
        for name in ("relaxation_printed", "resonant_printed")
        for place in LAWS["attenuation"][name].places
    ],
)
def test_the_places_of_sound_are_where_the_printed_laws_change(law, place):
    """The slope of (17) or (18), or its value, jumps there, and neither does a little away from it."""
    law, found = LAWS["attenuation"][law], LAWS["attenuation"][law].places[place]
    # Wide levels for what the width does alone, narrow ones for the rest.
    chi, omega, away = (0.5, 1e8, 2.0) if place == "T_chi_Estar" else (0.05, 1e9, 1.01)
    given = {"T": 0.01, "chi": chi, "Estar": 1.0, "omega": omega}
    (function,) = set(law.functions.values())

    def change(at):
        x = at * np.exp([-2e-4, -1e-4, 1e-4, 2e-4])
        values = np.log(evaluate(function, given | {found.along: x}))
        slopes = np.diff(values) / np.diff(np.log(x))
        return max(abs(slopes[2] - slopes[0]), abs(slopes[1] - (slopes[0] + slopes[2]) / 2))

    there = value_of(found, given)
    assert change(there) > 0.01
    assert change(away * there) < 2e-3 and change(there / away) < 2e-3


def test_closed_forms_lie_on_one_axis():
    sound = {along: closed_forms("attenuation", along) for along in ("T", "omega", "chi")}
    assert {"Estar", "Lambda0", "T_chi", "T_Estar", "T_omega", "T_chi_Estar"} <= sound["T"].keys()
    assert {"omega_chi", "omega_T", "omega_Estar"} <= sound["omega"].keys()
    assert "Estar" not in sound["omega"] and "T" not in sound["T"] and not sound["chi"]
    point = {"T": 0.3, "chi": 0.2, "omega": 1e9, "Estar": 5.0}
    # hbar omega = 2 chi k_B T with the chi of 004, twice that of the vocabulary.
    assert value_of(sound["omega"]["omega_chi"], point) == pytest.approx(2 * 0.4 * k * 0.3 / hbar, rel=1e-12)
    assert value_of(sound["T"]["T_chi"], point) == pytest.approx(hbar * 1e9 / (2 * 0.4 * k), rel=1e-12)
    assert value_of(sound["T"]["Estar"], point) == 5.0
    # chi means another thing where the letters are those of the paper.
    assert "omega_chi" in closed_forms("attenuation", "omega", "consistent")
    assert "omega_chi" not in closed_forms("attenuation", "omega", "published")
    assert {law.options["convention"] for law in LAWS["attenuation"].values()} == {"consistent"}


def test_dephasing_laws_are_the_inverse_of_the_published_rates():
    T = np.array([0.005, 0.02, 1.0])
    given = POINT | {"T": T}
    medium = {name: POINT[name] for name in ("sigma_in", "v_F")}
    resonant = evaluate(LAWS["dephasing"]["resonant"].functions["tau_phi"], given)
    np.testing.assert_array_equal(resonant, 1 / forms_001.rate_resonant(T, 0.01, 1e47, **medium))
    assert np.isnan(resonant[0])
    relaxation = evaluate(LAWS["dephasing"]["relaxation"].functions["tau_phi"], given)
    np.testing.assert_array_equal(relaxation, 1 / forms_001.rate_relaxation(T, 0.01, 1e47, 0.1, **medium))
    high = evaluate(LAWS["dephasing"]["high_temperature"].functions["tau_phi"], given)
    np.testing.assert_array_equal(high, 1 / forms_001.rate_high_T(T, 0.01, 1e47, 0.1, **medium))
    assert np.isnan(high[:2]).all() and relaxation[2] / 2 < high[2] < relaxation[2]


def test_the_constant_kernel_conserves_the_centres_and_sums_to_the_printed_total():
    n = np.arange(1.0, 20001)
    P = evaluate(LAWS["clusters"]["constant_kernel"].functions["P_n"], POINT | {"n": n, "Pd": 1e48})
    t = np.pi * 1e48 * 1e-48 * np.log(10 / 0.1) / 3
    assert np.sum(n * P) / 1e48 == pytest.approx(1, rel=1e-12)
    assert np.sum(P) / 1e48 == pytest.approx(1 / (1 + t), rel=1e-12)
    assert P[1] / 1e48 == pytest.approx(t / (1 + t) ** 3, rel=1e-12)


def test_the_laws_of_large_clusters_are_as_printed():
    n = np.array([1.0, 10.0, 1e6])
    given = POINT | {"n": n, "Pd": 1e48}
    t = np.pi * 1e48 * 1e-48 * np.log(10 / 0.1) / 3
    plain = evaluate(LAWS["clusters"]["inverse_square"].functions["P_n"], given)
    # 4e-2 and 0.4 are what eqs. (6.20) and (6.21) print.
    reduced = evaluate(LAWS["clusters"]["inverse_square"].functions["P_n_reduced"], given)
    np.testing.assert_allclose(reduced[1:] * 1e48, plain[1:], rtol=1e-15)
    np.testing.assert_allclose(plain[1:], 1e48 * 4e-2 * np.log(n[1:]) / (n[1:] ** 2 * t), rtol=0.01)
    assert np.isnan(plain[0])
    shifted = evaluate(LAWS["clusters"]["inverse_square_shifted"].functions["P_n"], given)
    np.testing.assert_allclose(shifted, 1e48 * 4e-2 * np.log(n * t**0.4) / (n**2 * t), rtol=0.04)
    assert np.isnan(evaluate(LAWS["clusters"]["inverse_square"].functions["P_n"], given | {"T": 11.0})).all()


def test_a_law_refuses_what_is_outside_its_domain():
    for (quantity, name), parameter in ((EVERY[0], "Pd"), (EVERY[3], "U0"), (EVERY[4], "n")):
        assert PARAMETERS[parameter].lower >= 0
        with pytest.raises(ParameterError, match=parameter):
            evaluate(next(iter(LAWS[quantity][name].functions.values())), POINT | {parameter: -1.0})
