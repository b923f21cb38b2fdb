"""The public path from a table to a verdict, at its edges: each is right, or a clear error."""

import json
from pathlib import Path

import numpy as np
import pytest

from physics import QUANTITIES
from survey import infer
from survey.config.load import load_survey
from survey.errors import SurveyError
from survey.explain.compare import verdict
from survey.store.trees import read_tree

GOLD = {
    "eps_F": "5 eV", "v_F": "1.3262e6 m/s", "tau": "2.262e-14 s", "D": "132.6 cm^2/s", "R_per_length": "1.545e6 ohm/m",
    "ee_prefactor": 1, "ep_rate": "6.9e7 s^-1", "ep_exponent": 3,
}  # fmt: skip
ABOUT = {
    "title": "A wire",
    "source": "simulated in a test",
    "geometry": "wire",
    "definition": "wire",
    "constants": GOLD,
}
# Few nodes: what is tested are the edges, not the numbers.
RIVALS = {"background": None, "magnetic_impurities": {"nodes_per_decade": 2}, "one_over_f": {"nodes_per_decade": 1}}
NUISANCES = {"T_heat": {"start": "1 mK", "stop": "2 mK"}}
SETTINGS = {"rivals": RIVALS, "nuisances": NUISANCES, "seed": 1}
T = np.geomspace(0.04, 1.0, 6)
OF_WIRE = {"R_per_length": 1.545e6, "D": 132.6e-4, "ee_prefactor": 1.0, "ep_rate": 6.9e7, "ep_exponent": 3.0}


def impurities(T_K: float, n_imp: float, T=T) -> np.ndarray:
    """tau_phi (ns) of the wire with magnetic impurities."""
    options = {"background": "wire", "phonons": "power", "definition": "wire"}
    own = {"T_K": T_K, "n_imp": n_imp, "spin": 0.5, "eps_F": 5 * 1.602176634e-19, **OF_WIRE}
    quantity = QUANTITIES["magnetic_impurities"]
    return quantity(T=T, **own, **options, variables=("tau_phi",))["tau_phi"] * 1e9


def columns(tau, relative=0.1, T=T, limit=None) -> dict:
    found = {"T (K)": list(T), "tau_phi (ns)": list(tau), "sigma (%)": [100 * relative] * len(T)}
    return found | ({"limit": limit} if limit else {})


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    """One store for all: tables at the same temperatures are computed once."""
    return tmp_path_factory.mktemp("inferred")


def inferred(store: Path, name: str, data: dict, **changed):
    settings = SETTINGS | changed
    return infer(data, name=name, results=store, settings=settings, threads=1, **ABOUT)


def about(found, rival: str) -> dict:
    return read_tree(found.folder / f"posterior_{rival}.nc")[0]


def test_impurities_are_found_and_the_same_command_gives_the_same_bits(store):
    tau = impurities(0.2, 6e21) * np.exp(0.03 * np.array([1, -1, 0, 1, -1, 0]))
    found = inferred(store, "found", columns(tau, 0.05))
    assert found.evidence.ln_evidence.idxmax() == "magnetic_impurities"
    assert found.evidence.explains["magnetic_impurities"] and "agnetic impurities" in found.verdict
    draws = found.posteriors["magnetic_impurities"]["draws"]
    assert np.quantile(draws.n_imp, 0.01) < 6e21 < np.quantile(draws.n_imp, 0.99)
    assert np.quantile(draws.T_K, 0.01) < 0.2 < np.quantile(draws.T_K, 0.99)
    again = inferred(store, "found", columns(tau, 0.05))
    assert again.posteriors["magnetic_impurities"]["draws"].identical(draws)
    assert again.evidence.equals(found.evidence)


def test_limits_alone_that_all_rivals_keep_decide_nothing(store):
    tau = impurities(0.2, 6e20)
    found = inferred(store, "limits", columns(tau / 30, limit=["lower"] * 6))
    assert found.verdict.startswith("Undecided")
    assert (found.evidence.ln_evidence.abs() < 2).all(), "such limits are nearly certain"
    assert (found.evidence.posterior_predictive_p == 1.0).all(), "limits are not drawn"


def test_a_limit_counts_where_it_forbids(store):
    """An upper limit far below what electrons and phonons leave: only something else can make it."""
    tau = impurities(0.2, 2e22)
    found = inferred(store, "forbids", columns(tau, 0.05, limit=["upper"] * 6))
    value = found.evidence.ln_evidence
    assert value["magnetic_impurities"] > value["background"] + 3


def test_one_point(store):
    found = inferred(store, "one", columns(impurities(0.2, 6e21)[2:3], T=T[2:3]))
    assert found.verdict.startswith("Undecided")
    remarks = json.loads(about(found, "magnetic_impurities")["remarks"])
    assert remarks["T_K"] == "not determined by the data"


def test_times_that_nothing_explains(store):
    """tau_phi that rises as T^3: no rival does that."""
    found = inferred(store, "rising", columns(0.05 * (T / 0.04) ** 3, 0.01))
    assert found.verdict == "None of these rivals explains the data: no probabilities are given."
    assert found.evidence.probability.isna().all() and not found.evidence.explains.any()


def below(stop: str) -> dict:
    prior = {"start": "6e19 m^-3", "stop": stop}
    return {"rivals": {"magnetic_impurities": {"nodes_per_decade": 2, "priors": {"n_imp": prior}}}}


def test_a_truth_outside_of_the_prior(store):
    """Of half of the density: the posterior leans on the end of the range, and the file says so."""
    tau = impurities(0.2, 6e21)
    own = about(inferred(store, "outside", columns(tau, 0.05), **below("3e21 m^-3")), "magnetic_impurities")
    assert json.loads(own["remarks"])["n_imp"] == "set by the prior"
    assert (
        own["ln_evidence"] < about(inferred(store, "within", columns(tau, 0.05)), "magnetic_impurities")["ln_evidence"]
    )


def test_a_truth_far_outside_of_the_prior(store):
    """Of a hundredth of the density: nothing that is allowed is near the best fit, and the answer is that it does not
    explain the data."""
    found = inferred(store, "far", columns(impurities(0.2, 6e22), 0.02), **below("6e20 m^-3"))
    assert found.verdict.startswith("None of these rivals")
    own = about(found, "magnetic_impurities")
    assert -200 < own["ln_evidence"] < -20
    draws = found.posteriors["magnetic_impurities"]["draws"]
    assert np.isfinite(draws.n_imp).all() and draws.n_imp.max() <= 6e20 * 1.3


def test_two_wires_of_one_material(store, tmp_path):
    """Together they say more of T_K than each alone, and each has its own nuisances."""
    paths = []
    for name, n_imp in (("first", 4e21), ("second", 8e21)):
        rows = "".join(f"{t:g}, {tau:g}, {0.08 * tau:g}\n" for t, tau in zip(T, impurities(0.2, n_imp), strict=True))
        (tmp_path / f"{name}.csv").write_text("T (K), tau_phi (ns), sigma (ns)\n" + rows)
        constants = "".join(f"  {key}: {value}\n" for key, value in GOLD.items())
        text = "".join(f"{key}: {value}\n" for key, value in ABOUT.items() if key != "constants")
        (tmp_path / f"{name}.yaml").write_text(f"{text}constants:\n{constants}")
        paths.append(tmp_path / f"{name}.yaml")
    settings = {**SETTINGS, "rivals": {"magnetic_impurities": RIVALS["magnetic_impurities"]}}
    both, one = (infer(each, results=store, settings=settings, threads=1) for each in (paths, paths[0]))
    draws, alone = (each.posteriors["magnetic_impurities"]["draws"] for each in (both, one))
    assert draws.sizes["wire"] == 2 and alone.sizes["wire"] == 1
    assert np.log(draws.T_K).std() < np.log(alone.T_K).std() + 0.05
    observed = both.posteriors["magnetic_impurities"]["observed_data"]
    assert observed.sizes["point"] == 12 and set(observed.wire.values) == {0, 1}
    off = np.log(observed.tau_phi_posterior.sel(quantile=0.5) / observed.tau_phi)
    assert np.abs(off).max() < 0.2, "each wire with its own density"
    (tmp_path / "surveys").mkdir()
    written = "title: Two\ninference:\n  measurements: [../first.yaml, ../second.yaml]\n  rivals: {background: }\n"
    (tmp_path / "surveys" / "two.yaml").write_text(written)
    assert len(load_survey(tmp_path / "surveys" / "two.yaml").inference.measurements) == 2


@pytest.mark.parametrize(
    "change, said",
    [
        ({"tau_phi (ns)": None, "tau_phi (mK)": [1.0] * 6}, "tau_phi (mK)"),
        ({"T (K)": None, "T (s)": [1.0] * 6}, "T (s)"),
        ({"tau_phi (ns)": [-1.0] * 6}, "tau_phi"),
        ({"limit": ["below"] * 6}, "allowed: lower"),
    ],
)
def test_wrong_columns_and_units_are_said(store, change, said):
    data = {name: value for name, value in (columns(impurities(0.2, 6e21)) | change).items() if value is not None}
    with pytest.raises(SurveyError) as caught:
        inferred(store, "wrong", data)
    assert said in str(caught.value) and "allowed" in str(caught.value)


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"rivals": {"magnetic_impurity": None}}, "magnetic_impurities"),
        ({"rivals": {}}, "at least one"),
        ({"priors": {"T_K": {"start": "1 ns", "stop": "1 s"}}}, "T_K"),
        ({"priors": {"T_K": {"start": "1 K", "stop": "1 mK"}}}, "a lower, then a higher"),
        ({"priors": {"chi": {"start": 0.1, "stop": 0.2}}}, "no rival of this inference has it"),
        ({"nuisances": {"delta": 0}}, "delta"),
    ],
)
def test_wrong_settings_are_said(store, changed, said):
    with pytest.raises(SurveyError, match="settings: ") as caught:
        inferred(store, "wrong", columns(impurities(0.2, 6e21)), **changed)
    assert said in str(caught.value)


def test_errors_that_are_not_independent_weigh(store):
    """A covariance that says what the column sigma says gives the same; one with a common part, another evidence."""
    tau = impurities(0.2, 6e21)
    data = {name: value for name, value in columns(tau).items() if not name.startswith("sigma")}
    alone = inferred(store, "alone", columns(tau, 0.05))
    found = {
        common: infer(
            data, name="correlated", results=store, settings=SETTINGS,
            covariance=0.05**2 * ((1 - common) * np.eye(6) + common), **ABOUT,
        )
        for common in (0.0, 0.8)
    }  # fmt: skip
    value = alone.evidence.ln_evidence
    np.testing.assert_allclose(found[0.0].evidence.ln_evidence, value, atol=1e-6)
    gained = found[0.8].evidence.ln_evidence - value
    assert gained["magnetic_impurities"] > 0.2, "smooth data are more probable with errors that go together"
    assert np.isnan(found[0.8].evidence.left_out).all() and not np.isnan(alone.evidence.left_out).any()
    assert (found[0.8].evidence.posterior_predictive_p > 0.01).any()


def test_a_limit_that_is_mixed_with_values_is_refused(store):
    data = {name: value for name, value in columns(impurities(0.2, 6e21)).items() if not name.startswith("sigma")}
    with pytest.raises(SurveyError, match="a limit whose error is not independent of the others"):
        infer(
            data | {"limit": ["lower", *[""] * 5]}, name="correlated", results=store, settings=SETTINGS,
            covariance=0.01 * (np.eye(6) + 0.5), **ABOUT,
        )  # fmt: skip


def test_without_phonons_nothing_is_weighed(store):
    constants = {name: value for name, value in ABOUT["constants"].items() if not name.startswith("ep_")}
    with pytest.raises(SurveyError, match="does not give ep_rate and ep_exponent under `constants`"):
        infer(
            columns(impurities(0.2, 6e21)),
            name="cold",
            results=store,
            settings=SETTINGS,
            **ABOUT | {"constants": constants},
        )


def test_a_rival_that_does_not_explain_is_no_answer():
    """The background with the largest evidence, whose data would look otherwise, beside one that explains."""
    said = {"ln_evidence_error": 0.0, "ln_evidence_with_other_ranges": "{}", "mean_s_m": 0.05}
    found = {
        "background": said | {"ln_evidence": 5.0, "posterior_predictive_p": 0.001},
        "glass": said | {"ln_evidence": 1.0, "posterior_predictive_p": 0.5},
    }
    assert verdict(found)[1].startswith("Glass, also with")
