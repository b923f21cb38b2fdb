"""What must be seen besides: at single draws it is what the kernels give there, and what has no law is said."""

import json

import numpy as np
import pytest

from physics import QUANTITIES
from physics.constants import BOLTZMANN
from survey.explain.besides import FIELD_DRAWS, delta_sigma, draws_of, numbers
from survey.explain.predict import QUANTILES, quantiles
from survey.store.trees import read_tree

PLACES = (17, 1321, 1876)


@pytest.fixture(scope="module")
def predicted(small):
    return read_tree(small.file("predictions"))


def constants(small, *names):
    return {name: small.survey.inference.measurements[0].constants[name] for name in names}


def direct(quantity, variable, **given):
    """One number of the kernel, asked for as a user does."""
    return float(QUANTITIES[quantity](variables=[variable], **given)[variable])


@pytest.mark.parametrize("place", PLACES)
def test_heat_and_sound_of_tunnelling_states_are_those_of_the_kernels_with_the_density_alone(small, place):
    draws = draws_of(small.survey, "tunnelling_states", small.results)
    own = {name: float(draws[name][place]) for name in ("Lambda0", "Pd", "chi", "Estar")}
    axes = small.survey.inference.consequences.axes
    found = numbers(small.survey, "tunnelling_states", "C_ratio", draws, small.results)[place]
    metal = constants(small, "n_e", "eps_F")
    for i, j in ((0, 0), (1, 1), (-1, 0)):
        heat = direct(
            "specific_heat", "C_ratio", distribution="tunnelling_states", T=axes["T"][i], t_exp=axes["t_exp"][j],
            **own, **metal,
        )  # fmt: skip
        assert found[i, j] == pytest.approx(heat, rel=1e-9)
    sound = constants(small, "Pd_glass", "p_min_glass", "Estar_glass")
    elastic = constants(small, "gamma", "rho_mass", "v_sound")
    for mechanism in ("resonant", "relaxation"):
        given = (
            {"distribution": "tunnelling_states", "mechanism": mechanism, "T": axes["T"][1], "omega": 1e9} | own | sound
        )
        W = numbers(small.survey, "tunnelling_states", f"W_{mechanism}_over_glass", draws, small.results)
        assert W[place, 1, 0] == pytest.approx(direct("attenuation", "W_over_glass", **given), rel=1e-8)
        Q = numbers(small.survey, "tunnelling_states", f"Q_inverse_{mechanism}", draws, small.results)
        assert Q[place, 1, 0] == pytest.approx(direct("attenuation", "Q_inverse", **given, **elastic), rel=1e-8)


def test_the_total_heat_is_that_of_defects_and_electrons(small, predicted):
    heat = predicted[1]["heat"]
    metal = constants(small, "n_e", "eps_F")
    electrons = np.pi**2 / 2 * metal["n_e"] * BOLTZMANN**2 / metal["eps_F"]
    # Sommerfeld's, without defects: in J/(K^2 m^3).
    assert heat.C_over_T.sel(rival="background").values == pytest.approx(electrons, rel=1e-12)
    total = (1 + heat.C_ratio) * electrons * heat["T"]
    for rival in ("kondo", "magnetic_impurities"):
        assert heat.C.sel(rival=rival).values == pytest.approx(total.sel(rival=rival).values, rel=1e-9)
    assert heat.C.attrs["units"] == "J K-1 m-3" and heat.t_exp.attrs["units"] == "s"


@pytest.mark.parametrize("place", PLACES)
def test_densities_of_kondo_levels_and_impurities_are_factors(small, place):
    metal, T = constants(small, "n_e", "eps_F"), small.survey.inference.consequences.axes["T"]
    for rival, names, more in (
        ("kondo", ("TKstar", "Deltastar", "n_T"), {}),
        ("magnetic_impurities", ("T_K", "n_imp"), {"spin": 0.5}),
    ):
        draws = draws_of(small.survey, rival, small.results)
        own = {name: float(draws[name][place]) for name in names}
        found = numbers(small.survey, rival, "C_ratio", draws, small.results)
        expected = direct(rival, "C_ratio", T=T[1], background="none", phonons="none", **own, **more, **metal)
        assert found[place, 1, 0] == pytest.approx(expected, rel=1e-9)
        assert (found[place, 1] == found[place, 1, 0]).all()


@pytest.mark.parametrize("rival", ["tunnelling_states", "kondo", "one_over_f", "magnetic_impurities", "background"])
def test_dephasing_times_are_those_of_the_kernel_with_the_nuisances_of_the_draw(small, rival):
    survey = small.survey
    draws = draws_of(survey, rival, small.results)
    sample, T = survey.inference.measurements[0], np.array(survey.inference.consequences.axes["T_dephasing"])
    sigma = survey.inference.nuisances.of(sample)
    found = numbers(survey, rival, "tau_phi", draws, small.results)[..., 0]
    label = survey.request(survey.inference.consequences.tables[rival]["dephasing"])
    for place in PLACES:
        draw = {name: float(each[place]) for name, each in draws.data_vars.items()}
        own = dict(label.own_constants) | {name: draw[name] for name in survey.inference.rivals[rival].ranges}
        if "Pd_effective" in draw:
            own["Pd"] = draw["Pd_effective"]
        own["ee_prefactor"] = sample.constants["ee_prefactor"] * np.exp(sigma.ee_prefactor * draw["ee_prefactor"])
        own["ep_rate"] = sample.constants["ep_rate"] * np.exp(sigma.ep_rate * draw["ep_rate"])
        own["ep_exponent"] += sigma.ep_exponent * draw["ep_exponent"]
        electrons = (T**5 + draw["T_heat"] ** 5) ** 0.2
        for i in (2, 9, 15):
            # Within the table's interpolation in T, whose nodes are half a decade's third apart.
            exact = direct(label.quantity, "tau_phi", **label.options, **own, T=min(electrons[i], T[-1]))
            assert found[place, i] == pytest.approx(exact * np.exp(sigma.delta * draw["delta"]), rel=0.05)


def test_noise_is_interpolated_along_the_strength_of_the_defects(small):
    survey = small.survey
    draws = draws_of(survey, "one_over_f", small.results)
    found = numbers(survey, "one_over_f", "hooge", draws, small.results)
    label = survey.request(survey.inference.consequences.tables["one_over_f"]["noise"])
    for place in PLACES:
        own = {name: float(draws[name][place]) for name in ("Lambda0", "F1")}
        T = survey.inference.consequences.axes["T"][1]
        exact = direct("one_over_f", "hooge", **label.options, **label.own_constants, **own, T=T)
        assert found[place, 1, 0] == pytest.approx(exact, rel=0.1)


def test_the_field_acts_on_levels_and_on_the_background_by_the_kernel_itself(small):
    survey = small.survey
    draws = draws_of(survey, "background", small.results)
    T, H = np.array([0.1]), np.array([1e-3, 1e-2])
    found = delta_sigma(survey, "background", draws, T, H)
    assert found.shape == (FIELD_DRAWS, 1, 2)
    assert (found[:, 0, 1] > found[:, 0, 0]).all() and (found[:, 0, 0] > 0).all()
    # Closed form of a wire whose interference decays as an exponential of t with the time of the measured definition:
    # electrons decay as exp(-t^(3/2)), which has less of the long times that a small field acts on.
    e, hbar = 1.602176634e-19, 1.054571817e-34
    metal = constants(small, "D", "width")
    tau = numbers(survey, "background", "tau_phi", draws, small.results)[0, :, 0]
    sigma = survey.inference.nuisances.of(survey.inference.measurements[0])
    tau = tau / np.exp(sigma.delta * float(draws["delta"][0]))
    at = np.exp(np.interp(np.log(0.1), np.log(survey.inference.consequences.axes["T_dephasing"]), np.log(tau)))
    rate_H = metal["D"] * (e * H * metal["width"] / hbar) ** 2 / 3
    closed = e**2 / (np.pi * hbar) * np.sqrt(metal["D"]) * (np.sqrt(at) - (1 / at + rate_H) ** -0.5)
    assert found[0, 0] == pytest.approx(closed, rel=0.25)


def test_the_field_acts_on_levels_of_a_draw_by_the_kernel_itself(small):
    survey, rival = small.survey, "tunnelling_states"
    draws = draws_of(survey, rival, small.results)
    found = delta_sigma(survey, rival, draws, np.array([0.05, 0.5]), np.array([1e-3, 1e-2]))
    sample, draw = survey.inference.measurements[0], {name: float(each[-1]) for name, each in draws.data_vars.items()}
    sigma = survey.inference.nuisances.of(sample)
    material = constants(small, "R_per_length", "D", "tau", "v_F", "eps_F", "width")
    exact = direct(
        "magnetoresistance", "delta_sigma", distribution="tunnelling_states", cross_section="golden_rule",
        background="wire", phonons="power", geometry="wire", Lambda0=draw["Lambda0"], chi=draw["chi"],
        Estar=draw["Estar"], Pd=draw["Pd"] * draw["cross_section_factor"], T=(0.05**5 + draw["T_heat"] ** 5) ** 0.2,
        H=1e-2, ee_prefactor=np.exp(sigma.ee_prefactor * draw["ee_prefactor"]),
        ep_rate=sample.constants["ep_rate"] * np.exp(sigma.ep_rate * draw["ep_rate"]),
        ep_exponent=3 + sigma.ep_exponent * draw["ep_exponent"], **material,
    )  # fmt: skip
    assert found[-1, 0, 1] == pytest.approx(exact, rel=1e-6)


def test_what_has_no_law_is_empty_and_says_why(predicted):
    attributes, groups = predicted
    left_out = json.loads(attributes["left_out"])
    assert left_out["W_relaxation_over_glass"] == {"one_over_f": "there is no law of this for 1/f defects"}
    assert "known by its time alone" in left_out["delta_sigma"]["kondo"]
    assert set(left_out["delta_sigma"]) == {"kondo", "one_over_f", "magnetic_impurities"}
    relaxation = groups["sound"].W_relaxation_over_glass
    assert relaxation.sel(rival="one_over_f").isnull().all()
    assert not relaxation.sel(rival="tunnelling_states").isnull().any()
    assert (relaxation.sel(rival=["background", "magnetic_impurities"]) == 0).all()
    assert (groups["sound"].W_relaxation_over_glass_defined.sel(rival="one_over_f") == 0).all()
    assert groups["noise"].hooge.sel(rival="kondo").isnull().all()


def test_bands_are_quantiles_of_the_draws(small, predicted):
    draws = draws_of(small.survey, "kondo", small.results)
    values = numbers(small.survey, "kondo", "C_ratio", draws, small.results)
    band = predicted[1]["heat"].C_ratio.sel(rival="kondo")
    assert band.values == pytest.approx(np.quantile(values, QUANTILES, axis=0), rel=1e-12)
    holes = np.array([[1.0], [np.nan], [3.0], [2.0]])
    found, share = quantiles(holes)
    assert found[2, 0] == 2.0 and share[0] == 0.75
    assert np.isnan(quantiles(np.full((3, 1), np.nan))[0]).all()


def test_heat_and_sound_of_one_draw_are_together(small, predicted):
    """At the place that is nearest to 20 mK, 100 MHz and 1 s: the numbers of the same draws."""
    together = predicted[1]["together"]
    axes = small.survey.inference.consequences.axes
    assert float(together.T) == 0.02 and float(together.omega) == 1e9 and float(together.t_exp) in axes["t_exp"]
    draws = draws_of(small.survey, "tunnelling_states", small.results)
    i, j = axes["T"].index(0.02), axes["t_exp"].index(float(together.t_exp))
    heat = numbers(small.survey, "tunnelling_states", "C_ratio", draws, small.results)[:, i, j]
    sound = numbers(small.survey, "tunnelling_states", "W_relaxation_over_glass", draws, small.results)[:, i, 0]
    own = together.sel(rival="tunnelling_states")
    pairs = set(zip(heat.tolist(), sound.tolist(), strict=True))
    found = list(zip(own.C_ratio.values.tolist(), own.W_relaxation_over_glass.values.tolist(), strict=True))
    assert set(found) <= pairs and found[0] == (heat[0], sound[0]) and found[-1] == (heat[-1], sound[-1])
    assert together.W_relaxation_over_glass.sel(rival="one_over_f").isnull().all()
    assert (together.C_ratio.sel(rival="background") == 0).all()
