"""What is said about a crossover, against a reference that looks at the cells of a column one by one."""

import numpy as np
import pytest
import xarray
from hypothesis import given
from hypothesis import strategies as st
from numpy import cos, exp, log, sin

import physics
from physics import Quantity, Variable
from survey.compute.tile import compute_tile
from survey.config.load import load_survey
from survey.cubes.assemble import assemble
from survey.cubes.columns import CENSORING, WINDOW_CENSORING, _crossing
from survey.cubes.criteria import Criterion
from survey.cubes.crossovers import locate
from survey.store.tiles import tiles_of

# The local exponent of v is 1 + AMPLITUDE sin(ln T).
AMPLITUDE = 0.8
# The lowest temperature at which a cell is frozen, by chi.
FROZEN = {0.1: 1e9, 0.2: 10.0, 0.3: 0.5, 0.4: 0.03, 0.5: 0.0, 0.6: 0.0115}
TOY = Quantity(
    name="toy",
    long_name="toy",
    kernel="test_crossing_flags:kernel",
    axes=("T", "chi"),
    constants=("tau",),
    variables=(
        Variable("v", "v", "s", "its exponent goes up and down"),
        Variable("w", "w", "s", "constant"),
        Variable("status", "", "1", "status", flags={"ok": 0, "frozen": 1}),
    ),
    source="none",
    version=1,
    accuracy=1e-12,
    domain={"T": (0.01, 100.0)},
)
SURVEY = """
axes:
  T: {start: 10 mK, stop: 100 K, num: 80}
  chi: {values: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]}
constants: {tau: 1e-9 s}
quantities: {toy: }
crossovers:
  falls: {kind: exponent, variable: v, value: 1}
  rises: {kind: exponent, variable: v, value: 1, exponent: rises}
  same: {kind: equal, variables: [v, w]}
  flat: {kind: window, variable: v, threshold: 0.5}
"""


def kernel(T, chi, *, tau, variables):
    x = log(T)
    results = {
        "v": tau * exp(-x + AMPLITUDE * cos(x)) * np.ones_like(chi),
        "w": tau * np.ones(np.broadcast_shapes(T.shape, chi.shape)),
        "status": (np.vectorize(FROZEN.get)(np.round(chi, 6)) <= T).astype(np.uint8),
    }
    return {name: results[name] for name in variables}


def flag(g, good, refined=True) -> str:
    """The word for a column: g is positive above the crossover."""
    seen = [value for value, usable in zip(g, good, strict=True) if usable]
    if len(seen) < 2:
        return "undefined"
    changes = 0
    for i in range(len(g) - 1):
        if good[i] and good[i + 1] and (g[i] > 0) != (g[i + 1] > 0):
            changes += 1
    if changes and refined:
        return "found" if changes == 1 else "several"
    if all(value > 0 for value in seen):
        return "below"
    return "absent" if any(value > 0 for value in seen) else "above"


@given(st.lists(st.tuples(st.sampled_from([-1.0, 0.0, 1.0]), st.booleans()), min_size=2, max_size=7), st.booleans())
def test_the_flag_of_any_column(column, refined):
    g, good = (np.array(part)[:, None] for part in zip(*column, strict=True))
    ((interval, _),), finish = _crossing(Criterion(), g, good)
    places = [i for i in range(len(g) - 1) if good[i] and good[i + 1] and (g[i] > 0) != (g[i + 1] > 0)]
    assert interval.tolist() == [places[-1] if places else -1]
    root = np.array([0.3 if places and refined else np.nan])
    word = flag(g[:, 0], good[:, 0], refined)
    assert finish([(root, root)])["_censoring"].tolist() == [CENSORING[word]]


@pytest.mark.parametrize(
    ("signs", "word"), [("-+", "found"), ("-+-", "several"), ("+-+", "several"), ("-+-+", "several"), ("++", "below")]
)
def test_two_crossings_are_several(signs, word):
    g = np.array([1.0 if sign == "+" else -1.0 for sign in signs])[:, None]
    _, finish = _crossing(Criterion(), g, np.ones_like(g, bool))
    root = np.array([0.3 if word in ("found", "several") else np.nan])
    assert finish([(root, root)])["_censoring"].tolist() == [CENSORING[word]]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(physics.QUANTITIES, "toy", TOY)
        folder = tmp_path_factory.mktemp("flags")
        (folder / "toy.yaml").write_text(SURVEY)
        survey = load_survey(folder / "toy.yaml")
        for tile in tiles_of(survey, "toy"):
            compute_tile(folder / "store", tile)
        assemble(survey, "toy", folder / "store", folder)
        return xarray.load_dataset(locate(survey, folder))


@pytest.mark.parametrize(("name", "sign"), [("falls", 1), ("rises", -1)])
def test_an_exponent_crossover_uses_no_frozen_cell(found, name, sign):
    """The exponent is 1 at ln T = -pi, 0 and pi; the highest of those below the frozen cells is told."""
    T = np.geomspace(0.01, 100, 80)
    told = []
    for chi, frozen in FROZEN.items():
        at = found.sel(chi=chi)
        word = flag(sign * -AMPLITUDE * sin(log(T)), T < frozen)
        assert int(at[f"{name}_censoring"]) == CENSORING[word], chi
        below = [x for x in (-np.pi, 0.0, np.pi) if exp(x) < frozen]
        expected = exp(below[-1]) if word in ("found", "several") else np.nan
        assert float(at[name]) == pytest.approx(expected, rel=1e-6, nan_ok=True), chi
        told.append(word)
    side = "above" if name == "falls" else "below"
    assert told == ["several", "several", "found", side, "undefined", side]


def test_an_equal_crossover_uses_frozen_cells_too(found):
    """Frozen numbers are numbers: only their slope means nothing."""
    assert (found["same_censoring"] == CENSORING["found"]).all()
    x = log(found["same"].values)
    np.testing.assert_allclose(x, AMPLITUDE * cos(x), rtol=1e-7)


def test_a_window_ends_where_cells_are_frozen(found):
    T = np.geomspace(0.01, 100, 80)
    low, high = exp(-np.pi + np.arcsin(0.5 / AMPLITUDE)), exp(-np.arcsin(0.5 / AMPLITUDE))
    calm = found.sel(chi=0.2)
    assert int(calm["flat_censoring"]) == WINDOW_CENSORING["found"]
    assert float(calm["flat_low"]) == pytest.approx(low, rel=1e-5)
    assert float(calm["flat_high"]) == pytest.approx(high, rel=1e-5)
    cut = found.sel(chi=0.3)
    last = T[(T < 0.5)][-1]
    assert low < last < high
    assert int(cut["flat_censoring"]) == WINDOW_CENSORING["open_above"]
    assert float(cut["flat_high"]) == pytest.approx(last) and float(cut["flat_low"]) == pytest.approx(low, rel=1e-5)
    assert int(found.sel(chi=0.4)["flat_censoring"]) == WINDOW_CENSORING["absent"]
    assert int(found.sel(chi=0.5)["flat_censoring"]) == WINDOW_CENSORING["undefined"]
