"""Surveys at random of every quantity, with crossovers and diagrams of every kind: what `survey check` lets through is
computed, located and drawn, the rest refused in words."""

import random
import shutil
from collections import Counter
from functools import cache
from io import StringIO
from pathlib import Path
from unittest import mock

import numpy as np
from ruamel.yaml import YAML

from faults.surveys import change, compute, places, unclear
from faults.table import Table
from physics import PARAMETERS, QUANTITIES, Quantity
from survey.config.load import load_survey
from survey.config.template import example
from survey.draw.render import render
from survey.errors import SurveyError

SHIPPED = sorted((Path(__file__).parents[2] / "config" / "surveys").glob("*.yaml"))
# Of constants and of axes that no domain bounds, beyond those of the shipped surveys.
TYPICAL = {
    "sigma_in": 1e-19,
    "R_sq": 100.0,
    "kFl": 30.0,
    "barrier_width": 0.5,
    "amplitude_width": 1.0,
    "domega0": 1e5,
    "kF_spacing": 3.0,
    "ep_rate": 4.5e7,
    "ep_exponent": 3.0,
    "U0": 1e-48,
}
# Axes and constants of an observability diagram.
OBSERVED = (
    ("T", "Lambda0", "Pd", "chi", "Estar", "omega"),
    ("v_F", "tau", "eps_F", "t_exp", "Pd_glass", "Estar_glass", "p_min_glass"),
)
TITLES = (*[None] * 20, "Plain", r"$\tau_\varphi$ of $x^2$", r"3 \$", "x" * 200, "größer ½", r"$\frac$", "a\0b")
COLOURS = (*[None] * 20, "viridis", "RdBu_r", "cet_fire", "Category10", "nonsense")
CROSSOVERS = ("T_a", "T_alpha", "c", "c_low", "T_square", "a-b", "T__", "T_theta")
SCALES = (None, None, "log", "linear")


# Of so many surveys some of every kind have to be valid.
ENOUGH = 100


def attack(folder: Path, times: int, seed: int = 0) -> Table:
    """Load so many surveys at random, and compute, locate and draw those that are valid."""
    rng = random.Random(seed)
    table = Table(f"Surveys of every kind of diagram, {times}", ("diagram", "valid", "refused", "drawn"))
    folder.mkdir(parents=True, exist_ok=True)
    counts: Counter = Counter()
    for number in range(times):
        data = survey_at_random(rng)
        if rng.random() < 0.2:
            change(data, rng.choice(list(places(data))), rng)
        path = folder / "random.yaml"
        with path.open("w", encoding="utf-8") as file:
            YAML().dump(data, file)
        (kind,) = {each["kind"] for each in _diagrams(data)} or {"none"}
        try:
            survey = load_survey(path)
        except SurveyError as error:
            counts[kind, "refused"] += 1
            table.expect(not unclear(path, error), f"{number}, {kind}: unclear: {unclear(path, error)}")
            continue
        except Exception as error:
            table.expect(False, f"{number}, {kind}: {type(error).__name__}: {error} when it is read: {_text(data)}")
            continue
        counts[kind, "valid"] += 1
        try:
            with mock.patch.object(Quantity, "__call__", _made_up(rng.randrange(2**32))):
                compute(survey, folder / "run")
                for name in survey.diagrams:
                    render(survey, name, folder / "run")
                    counts[kind, "drawn"] += 1
        except Exception as error:
            # Which numbers there are is known when they are computed.
            if "use `dtype: float64`" in str(error):
                continue
            table.expect(False, f"{number}, {kind}: {type(error).__name__}: {error} for {_text(data)}")
        shutil.rmtree(folder / "run", ignore_errors=True)
    kinds = sorted({kind for kind, _ in counts})
    for kind in kinds if times >= ENOUGH else ():
        table.expect(kind == "none" or counts[kind, "valid"], f"{kind}: no survey was valid, so that none was drawn")
    for kind in kinds:
        table.rows.append((kind, *(counts[kind, verdict] for verdict in ("valid", "refused", "drawn"))))
    return table


def _made_up(seed: int):
    """Instead of a kernel: numbers of every kind, whatever the parameters."""
    rng = np.random.default_rng(seed)
    kinds = {}

    def numbers(quantity: Quantity, *, variables=None, **parameters) -> dict[str, np.ndarray]:
        options = {name: parameters.pop(name) for name in quantity.options if name in parameters}
        found = {}
        for variable in (quantity.variable(name) for name in variables or [each.name for each in quantity.variables]):
            own = quantity.depends_on(options, [variable.name])[0]
            shape = np.broadcast_shapes((), *(np.shape(parameters[name]) for name in own))
            if variable.flags is not None:
                flags = rng.choice(list(variable.flags.values()), size=shape)
                found[variable.name] = (
                    flags.astype(np.uint8)
                    if kinds.setdefault("flags", rng.random() < 0.5)
                    else np.full(shape, next(iter(variable.flags.values())), np.uint8)
                )
                continue
            kind = kinds.setdefault(variable.name, rng.choice(list(_NUMBERS)))
            found[variable.name] = np.asarray(_NUMBERS[kind](rng, shape))
        return found

    return numbers


_NUMBERS = {
    "of one decade": lambda rng, shape: 10 ** rng.uniform(-9, -8, shape),
    "of all decades": lambda rng, shape: 10 ** rng.uniform(-300, 300, shape),
    "of both signs": lambda rng, shape: rng.normal(size=shape),
    "negative": lambda rng, shape: -(10 ** rng.uniform(-3, 3, shape)),
    "constant": lambda rng, shape: np.full(shape, 3.0),
    "zero": lambda rng, shape: np.zeros(shape),
    "none": lambda rng, shape: np.full(shape, np.nan),
    "infinite": lambda rng, shape: np.full(shape, np.inf),
    "tiny": lambda rng, shape: 10 ** rng.uniform(-320, -300, shape),
    "huge": lambda rng, shape: 10 ** rng.uniform(306, 308, shape),
    "with gaps": lambda rng, shape: np.where(rng.random(shape) < 0.5, np.nan, 10 ** rng.uniform(-3, 3, shape)),
    "one alone": lambda rng, shape: np.where(np.arange(np.prod(shape)).reshape(shape) == 0, 2.0, np.nan),
    "with infinities": lambda rng, shape: np.where(rng.random(shape) < 0.3, -np.inf, rng.normal(size=shape)),
}


def survey_at_random(rng: random.Random) -> dict:
    """A survey of one quantity, or of two labels of it, with a diagram; most are valid."""
    if rng.random() < 0.1:
        return _observability(rng)
    quantity = rng.choice(list(QUANTITIES.values()))
    requests = {
        label: {"quantity": quantity.name, "options": _options(quantity, rng)}
        for label in ("one", "two")[: rng.choice((1, 1, 2))]
    }
    needs = [quantity.depends_on(each["options"]) for each in requests.values()]
    grid = {name: _values(name, quantity, rng) for axes, _ in needs for name in axes}
    constants = {name: _text_of(name, constant_of(name)) for _, names in needs for name in names}
    for each in requests.values():
        each["dtype"] = rng.choice(("float64", "float64", "float32"))
        each["cube"] = rng.choice(("auto", "virtual"))
    data = {
        "axes": {name: {"values": [_text_of(name, value) for value in values]} for name, values in grid.items()},
        "constants": constants,
        "quantities": requests,
    }
    numbers = [each.name for each in quantity.variables if each.flags is None]
    flags = [each.name for each in quantity.variables if each.flags is not None]
    data["crossovers"] = {
        name: _crossover(numbers, rng) | {"quantity": "one"} for name in rng.sample(CROSSOVERS, rng.choice((0, 1, 2)))
    }
    axes = quantity.depends_on(requests["one"]["options"])[0]
    data["diagrams"] = {"d": _diagram(quantity, requests, axes, grid, numbers, flags, list(data["crossovers"]), rng)}
    return data


def _options(quantity, rng: random.Random) -> dict[str, str]:
    return {name: rng.choice(list(allowed)) for name, allowed in quantity.options.items()}


def _diagram(quantity, requests, axes, grid, numbers, flags, crossovers, rng) -> dict:
    kinds = ["value_map", "exponent_map", "curves", "curves"]
    kinds += ["regime_map"] * (2 * bool(flags)) + ["crossover_map"] * (2 * bool(crossovers))
    kinds += ["comparison"] * (4 * (len(requests) > 1))
    kind = rng.choice(kinds)
    entry = {"kind": kind, "title": rng.choice(TITLES), "colormap": rng.choice(COLOURS), "x_scale": rng.choice(SCALES)}
    entry |= {"width": rng.choice((200, 800)), "height": rng.choice((200, 600))}
    options = requests["one"]["options"]

    def drawn_along(variables, count):
        own = [name for name in quantity.depends_on(options, variables)[0]]
        return own, rng.sample(own, min(count, len(own)))

    if kind == "comparison":
        variable = rng.choice(numbers)
        own, chosen = drawn_along([variable], 1)
        every = [name for each in requests.values() for name in quantity.depends_on(each["options"], [variable])[0]]
        entry |= {"variable": variable, "labels": list(requests), "y_scale": rng.choice(SCALES)}
        own = list(dict.fromkeys([*own, *every]))
    elif kind == "curves":
        variables = rng.sample(numbers, min(len(numbers), rng.choice((1, 1, 2))))
        own, chosen = drawn_along(variables, rng.choice((1, 2)))
        entry |= {"variables": variables, "closed_forms": rng.random() < 0.15, "y_scale": rng.choice(SCALES)}
        entry["y_range"] = rng.choice((*[None] * 8, [1e-9, 1e-3], [-1.0, 1.0], [1.0, 1.0]))
        if len(chosen) > 1:
            entry["family"] = chosen[1]
        if "T" in chosen[:1]:
            entry["crossovers"] = crossovers
        elif flags and rng.random() < 0.3:
            entry["regimes"] = rng.choice(flags)
        if rng.random() < 0.3:
            marks = [each.name for each in quantity.variables if each.unit == PARAMETERS[chosen[0]].unit]
            entry["marks"] = rng.sample(marks, min(1, len(marks)))
    elif kind == "crossover_map":
        own, chosen = [name for name in axes if name != "T"], []
        chosen = rng.sample(own, min(2, len(own)))
        entry["crossover"] = rng.choice(crossovers)
    else:
        variable = rng.choice(flags if kind == "regime_map" else numbers)
        own, chosen = drawn_along([variable], 2)
        entry |= {"variable": variable, "y_scale": rng.choice(SCALES)}
        if kind == "regime_map" and "T" in chosen and rng.random() < 0.5:
            entry["crossovers"] = crossovers
        if kind == "value_map":
            entry["scale"] = rng.choice(SCALES)
        if kind == "exponent_map" and own:
            entry["along"] = rng.choice(own)
    entry |= dict(zip(("x", "y") if kind not in ("curves", "comparison") else ("x",), chosen, strict=False))
    entry["at"] = {name: _text_of(name, rng.choice(grid[name])) for name in own if name not in chosen}
    if kind != "comparison":
        entry["quantity"] = "one"
    return {key: value for key, value in entry.items() if value is not None}


def _crossover(numbers: list[str], rng: random.Random) -> dict:
    kind = rng.choice(("equal", "exponent", "window", "thermal_limit"))
    if kind == "equal":
        return {"kind": kind, "variables": [rng.choice(numbers) for _ in range(2)]}
    entry = {"kind": kind, "variable": rng.choice(numbers)}
    if kind == "window":
        return entry | {"threshold": rng.choice((0.1, 2.0, 1e-300, 1e300))}
    if kind == "exponent":
        entry |= {"value": rng.choice((0.5, 1.0, -2.0, 0.0, 1e300)), "exponent": rng.choice(("falls", "rises"))}
        entry |= {"closed_form": rng.choice(("T_alpha", "T_Lambda"))} if rng.random() < 0.2 else {}
    return entry


def _observability(rng: random.Random) -> dict:
    data = example()
    del data["inference"]
    data["quantities"] = {name: data["quantities"][name] for name in ("dephasing", "heat_tunnelling", "attenuation")}
    data["levels"] = {"tunnelling": data["levels"]["tunnelling"]}
    for section, needed in zip(("axes", "constants"), OBSERVED, strict=True):
        data[section] = {name: data[section][name] for name in needed}
    data["axes"]["T"] = {"values": ["40 mK", "200 mK", "1 K"]}
    data["axes"]["Lambda0"] = {"values": ["10 mK"]}
    data["crossovers"] = {}
    entry = data["diagrams"]["observable"]
    entry["measured"]["tau_phi"] = rng.choice(("3 ns", "1 s", "1e-30 s"))
    entry["measured"]["tolerance"] = rng.choice((1.5, 1e9, 1.0000001))
    entry |= {"shown": rng.choice(("heat", "sound")), "width": rng.choice((200, 800))}
    data["diagrams"] = {"d": entry}
    return data


def _values(name: str, quantity, rng: random.Random) -> list[float]:
    lower, upper = quantity.limits(name) if name != "Phi" else (1.0, 10.0)
    count = rng.choice((2, 3, 5) if name == "T" else (1, 2, 2, 2, 3, 3, 4))
    logs = sorted(rng.uniform(np.log(lower), np.log(upper)) for _ in range(count))
    values = [float(f"{np.exp(each):.6g}") for each in logs]
    return [-0.5, 0.0, 2.0] if name == "Phi" and rng.random() < 0.5 else list(dict.fromkeys(values))


def constant_of(name: str) -> float:
    known = _shipped() | TYPICAL
    return known[name] if name in known else float(np.sqrt(np.prod(PARAMETERS[name].domain)))


@cache
def _shipped() -> dict[str, float]:
    return {name: value for path in SHIPPED for name, value in load_survey(path).constants.items()}


def _text_of(name: str, value: float):
    unit = PARAMETERS[name].unit
    return float(value) if unit == "1" else f"{value:.12g} {unit}"


def _diagrams(data: dict) -> list[dict]:
    found = data.get("diagrams")
    found = list(found.values()) if isinstance(found, dict) else []
    return [each for each in found if isinstance(each, dict) and isinstance(each.get("kind"), str)]


def _text(data: dict) -> str:
    text = StringIO()
    YAML().dump(data, text)
    return repr(text.getvalue())
