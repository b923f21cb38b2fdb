"""Heat and friction beside dephasing times: their likelihood against dense integrals, the joint posterior against plain
simulation, and what they decide."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import logsumexp
from scipy.stats import kstest, norm, t

from helpers import reference_inference as reference
from physics import QUANTITIES
from survey import infer
from survey.errors import SurveyError
from survey.explain.joint import Predicted, Weighed, density_nodes, other_of
from survey.explain.posterior import Data, cells_of, setting
from survey.explain.summary import density, evidence
from survey.inference import Nuisances
from survey.measurement import Table
from survey.nodes import nodes

T8, T_HEAT = np.geomspace(0.04, 1.0, 4), np.array([0.02, 0.1, 0.4])
RANGES = {"T_K": (0.01, 0.3), "n_imp": (0.3, 30.0)}
LIMITS = {"T_K": (1e-4, 10.0), "n_imp": (1e-4, 1e4)}
BELIEVED = Nuisances(T_heat=(1e-6, 2e-6))
PLAIN, SPREAD, WIDTH = setting(BELIEVED), 0.7, 0.1
ELECTRONS = np.array([1.0, 2.0, 4.0])


def ratio(x):
    """Of levels of density 1 over electrons at T_HEAT: gone above their energy x (K)."""
    return 0.1 * np.exp(-T_HEAT / np.asarray(x)[..., None])


def heat_data(x=0.05, density=3.0, limit=(0, 0, 0), covariance=None) -> Data:
    y = np.log(ELECTRONS * (1 + density * ratio(x))) + np.array([0.05, -0.03, 0.02])
    return Data(T_HEAT, y, np.array([0.05, 0.05, 0.1]), np.array(limit, np.int64), covariance)


def weighed(xs, data: Data) -> Weighed:
    table = Table("C", Path("heat.csv"), {"T": tuple(T_HEAT)}, tuple(np.exp(data.y)), tuple(data.s), ("",) * 3)
    predicted = Predicted(table, ratio(xs)[:, None], "linear", np.zeros(1), ELECTRONS)
    return Weighed(predicted, data, PLAIN, WIDTH)


def grid():
    xs = nodes(*RANGES["T_K"], 8.0, *LIMITS["T_K"])
    ends = [each * np.exp(sign * 2.5 * SPREAD) for each, sign in zip(RANGES["n_imp"], (-1, 1), strict=True)]
    table = reference.table(T8, xs, nodes(*ends, 3.0, 1e-9, 1e9), (RANGES["T_K"], RANGES["n_imp"]))
    rival = replace(table.rival, couples=True)
    return replace(table, rival=rival)


def made(x=0.05, a=3.0) -> Data:
    y = -np.log(reference.rate(T8, x, a)) + np.array([0.1, -0.2, 0.05, 0.1])
    return Data(T8, y, np.full(4, 0.3), np.zeros(4, np.int64))


def likelihood(data: Data, x, P, s_m):
    """By quadrature over the common scale, of scipy's densities."""

    def at(delta):
        eta = np.log(ELECTRONS * (1 + P * ratio(x))) + delta
        return np.exp(reference.log_p(data, eta, s_m).sum()) * norm.pdf(delta, 0, WIDTH)

    return quad(at, -0.8, 0.8, points=[0.0], limit=400, epsrel=1e-9)[0]


def of_density(xs, data: Data):
    """`other_of` as for a rival with these places: magnetic impurities, whose density has a domain of its own."""
    return other_of("magnetic_impurities", (weighed(xs, data),), {"T_K": np.array(xs)}, {"n_imp": RANGES["n_imp"]})


@pytest.fixture(autouse=True)
def domain(monkeypatch):
    limits = type("Limits", (), {"limits": staticmethod(LIMITS.get)})
    monkeypatch.setattr("survey.explain.joint.QUANTITIES", {**QUANTITIES, "magnetic_impurities": limits})


@pytest.mark.parametrize(
    "limit, covariance",
    [((0, 0, 0), None), ((1, 0, 2), None), ((0, 0, 0), 0.05**2 * (np.eye(3) + 0.6))],
    ids=["values", "limits", "a covariance"],
)
@pytest.mark.parametrize("P", [0.02, 3.0, 200.0])
def test_the_common_scale_is_integrated(limit, covariance, P):
    data = heat_data(limit=limit, covariance=covariance)
    found = logsumexp(weighed([0.05], data).terms(np.zeros(1, int), np.log([P]))[0])
    exact = [w * likelihood(data, 0.05, P, s) for s, w in zip(PLAIN.s_m, PLAIN.s_m_weights, strict=True)]
    assert found == pytest.approx(np.log(sum(exact)), abs=1e-3)


def test_what_is_not_there_is_below_every_value():
    table = Table("Q_inverse", Path("q.csv"), {"T": (1.0,)}, (1e-6,), (0.1,), ("",))
    none = Predicted(table, np.zeros((1, 1, 1)), "none", np.zeros(1), None)
    for limit, said in ((0, -np.inf), (1, -np.inf), (2, 0.0)):
        data = Data(np.ones(1), np.log([1e-6]), np.array([0.1]), np.array([limit]))
        terms = Weighed(none, data, PLAIN, WIDTH).terms(np.zeros(1, int), np.zeros(1))[0]
        assert logsumexp(terms) == pytest.approx(said, abs=1e-6)


def test_nodes_of_the_density_have_the_ends_of_the_range():
    found = np.exp(density_nodes((0.3, 30.0), (1e-4, 1e4)))
    assert np.isclose(found, 0.3).any() and np.isclose(found, 30.0).any()
    assert found[0] == pytest.approx(0.03) and found[-1] == pytest.approx(300.0)
    assert (np.diff(np.log(found)) < 0.1001).all() and (np.diff(found) > 0).all()


def joint_cells(heat: Data):
    table = grid()
    other = of_density(table.outer["T_K"], heat)
    return cells_of(table, made(), PLAIN, ranges=RANGES, other=other, spread=SPREAD)


def test_the_joint_posterior_by_simulation():
    """Parameters, the factor on the cross-section and nuisances drawn from what is believed, with scipy's densities and
    the closed forms: evidence, mean and width of the density, and its mean at the best place."""
    heat = heat_data()
    cells = joint_cells(heat)
    weights, found = cells.weigh(cells.log_prior(RANGES, SPREAD) + cells.log_other(RANGES, SPREAD))
    rng, count = np.random.default_rng(3), 400_000
    x, P = (np.exp(rng.uniform(*np.log(RANGES[name]), (count, 1))) for name in ("T_K", "n_imp"))
    a = P * np.exp(SPREAD * rng.standard_normal((count, 1)))
    u, s_m = rng.standard_normal((count, 4)), np.abs(rng.normal(0.0, 0.1, (2, count, 1)))
    data = made()
    log_p = reference.log_p(data, reference.log_tau(u, data.T, x, a, PLAIN.sigma), s_m[0]).sum(axis=1)
    eta = np.log(ELECTRONS * (1 + P * ratio(x[:, 0]))) + WIDTH * rng.standard_normal((count, 1))
    scale = np.hypot(heat.s, s_m[1])
    log_p += (t.logpdf((heat.y - eta) / scale, 4) - np.log(scale)).sum(axis=1)
    share = np.exp(log_p - logsumexp(log_p))
    exact, error = logsumexp(log_p) - np.log(count), np.sqrt((share**2).sum())
    assert error < 0.02
    assert found == pytest.approx(exact, abs=0.06)
    assert evidence(cells, RANGES, SPREAD, LIMITS).value == pytest.approx(found, abs=1e-12)
    log_P = np.log(P[:, 0])
    mean = share @ log_P
    marginal = density(cells, weights, RANGES["n_imp"], SPREAD)
    own = np.log(marginal.values)
    assert marginal.posterior @ own == pytest.approx(mean, abs=0.05)
    width = np.sqrt(marginal.posterior @ (own - marginal.posterior @ own) ** 2)
    assert width == pytest.approx(np.sqrt(share @ (log_P - mean) ** 2), rel=0.06)
    alone = cells_of(grid(), data, PLAIN, ranges=RANGES)
    before = density(alone, alone.weigh(alone.log_prior(RANGES, SPREAD))[0], RANGES["n_imp"], SPREAD)
    broad = before.posterior @ (np.log(before.values) - before.posterior @ np.log(before.values)) ** 2
    assert width**2 < 0.7 * broad, "heat knows the density"


def test_densities_are_drawn_from_what_is_left_of_them():
    """At one place and amplitude: p(P) N(a - P) L(P), by its distribution function on a fine grid."""
    heat = heat_data()
    other = of_density([0.05], heat)
    a, low, high = np.log(4.0), *np.log(RANGES["n_imp"])
    rng = np.random.default_rng(1)
    places = np.zeros(4000, int)
    drawn, factor = other.densities_drawn(places, np.full(4000, a), RANGES["n_imp"], SPREAD, rng)
    np.testing.assert_allclose(drawn + factor, a)
    fine = np.linspace(low, high, 300)
    own = [
        sum(w * likelihood(heat, 0.05, np.exp(P), s) for s, w in zip(PLAIN.s_m, PLAIN.s_m_weights, strict=True))
        for P in fine
    ]
    p = np.array(own) * norm.pdf(a - fine, 0, SPREAD)
    below = np.concatenate([[0.0], np.cumsum((p[1:] + p[:-1]) / 2)])
    assert kstest(drawn, lambda at: np.interp(at, fine, below / below[-1])).pvalue > 0.01


def test_other_tables_have_their_say_in_what_matters():
    """Heat that wants a place where the times alone have no cell left: it is there in the joint posterior."""
    data = replace(made(x=0.25, a=20.0), s=np.full(4, 0.01))
    table = grid()
    alone = cells_of(table, data, PLAIN, ranges=RANGES)
    heat = heat_data(x=0.02, density=20.0)
    heat = replace(heat, s=np.full(3, 0.002))
    other = of_density(table.outer["T_K"], heat)
    both = cells_of(table, data, PLAIN, ranges=RANGES, other=other, spread=SPREAD)
    assert set(both.place) - set(alone.place)
    total = both.log_likelihood + both.log_other(RANGES, SPREAD)
    inside = (table.outer["T_K"][both.place] > 0.0099) & (table.outer["T_K"][both.place] < 0.301)
    assert total[inside].max() - total.max() > -16.0


GOLD = {
    "eps_F": "5 eV", "v_F": "1.3262e6 m/s", "tau": "2.262e-14 s", "D": "132.6 cm^2/s", "R_per_length": "1.545e6 ohm/m",
    "ee_prefactor": 1, "ep_rate": "6.9e7 s^-1", "ep_exponent": 3, "n_e": "5.08e22 cm^-3",
}  # fmt: skip
ABOUT = {"title": "A wire", "source": "a test", "geometry": "wire", "definition": "wire"}
PER_K = 1e6 / 1.380649e-23
TRUTH = {
    "tunnelling_states": {"Lambda0": 0.01, "chi": 0.1, "Estar": 0.02, "Pd": 3e18 * PER_K},
    "glass": {"chi": 0.1, "Estar": 0.02, "Pd": 3e18 * PER_K, "p_min": 1e-9},
}
# The metallic glass that sound is held against has no part in friction, but the kernel asks for it.
REFERENCE = {"Pd_glass": 1.105e17 * PER_K, "p_min_glass": 1e-9, "Estar_glass": 10.0}
OF_SOUND = {
    "gamma": "1 eV", "rho_mass": "19300 kg/m^3", "v_sound": "3240 m/s",
    "Pd_glass": "1.105e17 K^-1 cm^-3", "p_min_glass": 1e-9, "Estar_glass": "10 K",
}  # fmt: skip
WARM, COLD = np.geomspace(0.1, 1.0, 4), np.geomspace(0.001, 0.03, 7)
LEVELS = {"Estar": {"start": "10 mK", "stop": "40 mK"}, "chi": {"start": 0.05, "stop": 0.2}}
SETTINGS = {
    "rivals": {
        "tunnelling_states": {"nodes_per_decade": 4, "priors": {"Lambda0": {"start": "5 mK", "stop": "20 mK"}}},
        "glass": {"nodes_per_decade": 4},
    },
    "priors": LEVELS,
    "nuisances": {"T_heat": {"start": "1 mK", "stop": "2 mK"}},
}


def computed(name: str, variable: str, rival: str, options: dict, **given):
    quantity = QUANTITIES[name]
    options = {"distribution": rival, **options}
    needed = [each for names in quantity.depends_on(options, [variable]) for each in names]
    given |= (
        TRUTH[rival] | REFERENCE | {"n_e": 5.08e28, "eps_F": 5 * 1.602176634e-19, "v_F": 1.3262e6, "tau": 2.262e-14}
    )
    return quantity(variables=[variable], **options, **{each: given[each] for each in needed})[variable]


def wire(rival: str):
    """tau_phi and C/T of the same levels, without scatter."""
    options = {"cross_section": "golden_rule", "background": "wire", "phonons": "power", "definition": "wire"}
    metal = {"R_per_length": 1.545e6, "D": 132.6e-4, "ee_prefactor": 1.0, "ep_rate": 6.9e7, "ep_exponent": 3.0}
    tau = computed("dephasing", "tau_phi", rival, options, T=WARM, **metal)
    heat = computed("specific_heat", "C_over_T", rival, {}, T=COLD, t_exp=1.0)
    times = {"T (K)": list(WARM), "tau_phi (s)": list(tau), "sigma (%)": [10] * 4}
    cold = {"T (K)": list(COLD), "C_over_T (J K^-2 m^-3)": list(heat), "sigma (%)": [10] * 7, "t_exp (s)": [1] * 7}
    return times, {"C_over_T": cold}


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("inferred")


def inferred(store: Path, times, tables, **changed):
    settings = {**SETTINGS, **changed}
    about = ABOUT | {"constants": GOLD}
    return infer(times, name="joint", results=store, settings=settings, threads=1, tables=tables, **about)


@pytest.mark.parametrize("truth, other", [("tunnelling_states", "glass"), ("glass", "tunnelling_states")])
def test_heat_decides_what_dephasing_times_do_not(store, truth, other):
    """Levels far below the measured temperatures: flat times say neither. Their heat in the cold does."""
    times, tables = wire(truth)
    alone, joint = inferred(store, times, {}), inferred(store, times, tables)
    lead = [found.evidence.ln_evidence[truth] - found.evidence.ln_evidence[other] for found in (alone, joint)]
    assert abs(lead[0]) < 3 and alone.verdict.startswith("Undecided")
    assert lead[1] > 3 + np.hypot(*joint.evidence.ln_evidence_error[[truth, other]])
    assert joint.evidence.explains[truth] and "Undecided" not in joint.verdict
    draws = [np.log(found.posteriors[truth]["draws"].Pd.values) for found in (alone, joint)]
    assert draws[1].std() < 0.8 * draws[0].std(), "the heat knows the density itself"
    assert abs(draws[1].mean() - np.log(TRUTH[truth]["Pd"])) < 2 * draws[1].std()
    seen = joint.posteriors[truth]["observed_1_C_over_T"]
    assert ((seen.C_over_T_posterior[0] < seen.C_over_T) & (seen.C_over_T < seen.C_over_T_posterior[-1])).all()


def test_rivals_without_a_law_are_refused(store):
    times, _ = wire("glass")
    friction = {"T (K)": [0.1], "Q_inverse": [1e-5], "sigma (%)": [10], "omega (rad/s)": [1e6]}
    about = ABOUT | {"constants": GOLD | OF_SOUND}
    rivals = {"background": None, "kondo": None}
    with pytest.raises(SurveyError) as caught:
        infer(times, name="rung", results=store, settings={"rivals": rivals}, tables={"Q_inverse": friction}, **about)
    said = str(caught.value)
    assert "nothing is done to Q_inverse by electrons and phonons alone" in said
    assert "there is no law of Q_inverse by two-channel Kondo levels" in said and "allowed: without this rival" in said


def test_friction_of_weak_sound_weighs(store):
    """Both parts of the friction of a glass, from the kernel itself: the density is found."""
    times, _ = wire("glass")
    T, elastic = np.array([0.05, 0.2]), {"gamma": 1.602176634e-19, "rho_mass": 19300.0, "v_sound": 3240.0}
    value = computed("attenuation", "Q_inverse", "glass", {"mechanism": "both"}, T=T, omega=1e6, **elastic)
    friction = {"T (K)": list(T), "Q_inverse": list(value), "sigma (%)": [10, 10], "omega (rad/s)": [1e6, 1e6]}
    constants = GOLD | OF_SOUND
    rivals = {"glass": {"nodes_per_decade": 4}}
    found = infer(
        times, name="rung", results=store, settings={**SETTINGS, "rivals": rivals}, threads=1,
        tables={"Q_inverse": friction}, **ABOUT | {"constants": constants},
    )  # fmt: skip
    draws = found.posteriors["glass"]["draws"].Pd.values
    assert np.quantile(draws, 0.02) < TRUTH["glass"]["Pd"] < np.quantile(draws, 0.98)
    assert found.evidence.explains["glass"]
