"""A made-up quantity whose variables differ in their axes and signs, its survey, and its cube from closed formulas."""

import json

import numpy as np

import physics
from physics import Parameter
from physics.laws import LAWS
from physics.quantity import Choice, Quantity, Variable
from survey.config.load import load_survey

U0 = 1e-48
PLACE = ("T", "Pd", "Estar")
ASSEMBLY = Quantity(
    name="assembly",
    long_name="assemblies of centres",
    kernel="nowhere:kernel",
    axes=(*PLACE, "n"),
    constants=("U0",),
    variables=(
        Variable("P_n", r"P_n", "J-1 m-3", "density of states of n-centre excitations"),
        Variable("P_total", r"P", "J-1 m-3", "density of states", axes=PLACE),
        Variable("balance", r"\beta", "1", "gain minus loss"),
        Variable("t", "t", "1", "evolution parameter", axes=PLACE),
        Variable("n_half", r"n_{1/2}", "1", "number of centres that holds half", axes=("Pd",)),
        Variable("T_freeze", r"T_\mathrm{f}", "K", "temperature of freezing", axes=("Pd", "Estar")),
        Variable("dominant", "", "1", "who dominates", {"none": 0, "single": 1, "pair": 2, "many": 5}, axes=PLACE),
        Variable("status", "", "1", "status", {"ok": 0, "T_above_W": 1, "beyond_validity": 2}, axes=PLACE),
    ),
    source="made up",
    version=1,
    accuracy=1e-8,
    domain={},
    options={"kernel": {"sqrt": Choice(), "constant": Choice()}},
)
RESPONSE = Quantity(
    name="response",
    long_name="response of a grain",
    kernel="nowhere:kernel",
    axes=("omega", "Phi"),
    constants=(),
    variables=(Variable("susceptibility", r"\chi''", "1", "imaginary part of the susceptibility"),),
    source="made up",
    version=1,
    accuracy=1e-8,
    domain={},
)
VOCABULARY = (
    Parameter("U0", "U_0", "J m3", "interaction"),
    Parameter("n", "n", "1", "number of centres", lower=0.5),
    Parameter("Phi", r"\Phi", "rad", "phase", lower=-np.inf),
)
SURVEY = """
axes:
  T: {start: 1 mK, stop: 20 K, num: 31}
  Pd: {values: [3e45 J^-1 m^-3, 1e46 J^-1 m^-3, 1e47 J^-1 m^-3, 1e48 J^-1 m^-3]}
  Estar: {values: [1 K, 10 K]}
  n: {values: [1, 2, 3, 4, 5, 6, 8, 10, 20, 50, 100, 1e3, 1e4, 1e6, 1e8, 1e10, 1e12]}
  omega: {start: 1e6 rad/s, stop: 1e10 rad/s, num: 41}
  Phi: {start: -3 rad, stop: 3 rad, num: 25, spacing: linear}
constants: {U0: 1e-48 J*m^3}
quantities:
  assembly:
  even: {quantity: assembly, options: {kernel: constant}}
  response:
crossovers:
  T_pair: {kind: exponent, quantity: assembly, variable: P_total, value: 0.1}
diagrams:
"""
DIAGRAMS = {
    "sizes": "kind: curves, quantity: assembly, variables: [P_n], x: n, family: T, values: [1 mK, 20 K], laws: "
    "[inverse_square, inverse_square_shifted], marks: [n_half], at: {Pd: 1e47 J^-1 m^-3, Estar: 10 K}",
    "exact": "kind: curves, quantity: even, variables: [P_n], x: n, closed_forms: true, y_range: [1e30, 1e48], "
    "at: {T: 1 mK, Pd: 1e48 J^-1 m^-3, Estar: 10 K}",
    "both_signs": "kind: curves, quantity: assembly, variables: [balance], x: n, family: Pd, "
    "at: {T: 1 mK, Estar: 10 K}",
    "evolution": "kind: curves, quantity: assembly, variables: [t], x: T, family: Pd, "
    "marks: [T_freeze, even.T_freeze], crossovers: [T_pair], at: {Estar: 10 K}",
    "single": "kind: curves, quantity: assembly, variables: [P_total], x: T, regimes: dominant, "
    "at: {Pd: 1e47 J^-1 m^-3, Estar: 10 K}",
    "who": "kind: regime_map, quantity: assembly, variable: dominant, x: T, y: Pd, crossovers: [T_pair], "
    "at: {Estar: 10 K}",
    "states": "kind: regime_map, quantity: assembly, variable: status, x: T, y: Pd, at: {Estar: 1 K}",
    "balance": "kind: value_map, quantity: assembly, variable: balance, x: T, y: n, "
    "at: {Pd: 1e47 J^-1 m^-3, Estar: 10 K}",
    "deep": "kind: value_map, quantity: even, variable: P_n, x: T, y: n, at: {Pd: 1e47 J^-1 m^-3, Estar: 10 K}",
    "power": "kind: exponent_map, quantity: assembly, variable: P_n, along: n, x: T, y: n, "
    "at: {Pd: 1e47 J^-1 m^-3, Estar: 10 K}",
    "power_at": "kind: exponent_map, quantity: assembly, variable: P_total, along: Pd, x: T, y: Estar, "
    "at: {Pd: 1e47 J^-1 m^-3}",
    "phases": "kind: value_map, variable: susceptibility, x: Phi, y: omega",
    "lines": "kind: curves, variables: [susceptibility], x: omega, family: Phi, values: [-3 rad, 0 rad, 3 rad]",
    "side_by_side": "kind: comparison, variable: P_n, labels: [assembly, even], x: T, "
    "at: {n: 10, Pd: 1e47 J^-1 m^-3, Estar: 10 K}",
}


def assembly(T, Pd, Estar, n, kernel):
    """Every variable on the grid; above E* there are no numbers, and the status says so."""
    frozen = T >= Estar
    t = np.where(frozen, np.nan, np.pi * Pd * U0 * np.log(np.where(frozen, 1.0, Estar / T)) / 3)
    power = np.where(frozen, np.nan, (n - 1) * np.log(t) - (n + 1) * np.log1p(t))
    slow = np.where(frozen, np.nan, np.log1p(n) * np.exp(-np.log(n) / (3 + 10 * t)) / (8 * np.pi * n**2 * t))
    total = Pd / (1 + t)
    return {
        "P_n": Pd * (np.exp(np.maximum(power, -740)) if kernel == "constant" else slow),
        "P_total": total,
        "balance": np.where(frozen, np.nan, np.tanh(np.log(n) / 3 - 5 * t)),
        "t": t,
        "n_half": 1 + Pd / 1e47,
        "T_freeze": 0.1 * np.sqrt(Pd / 1e47) * Estar / 10,
        "dominant": np.select([frozen, t < 0.1, t < 0.5], [0, 1, 2], 5),
        "status": np.select([frozen, t > 0.9], [1, 2], 0),
    }


def response(omega, Phi):
    return {"susceptibility": np.cos(Phi) * (omega / 1e8) / (1 + (omega / 1e8) ** 2)}


def register(patch) -> None:
    """Let the made-up quantities and their parameters exist for the time of a test."""
    for parameter in VOCABULARY:
        patch.setitem(physics.PARAMETERS, parameter.name, parameter)
    for quantity in (ASSEMBLY, RESPONSE):
        patch.setitem(physics.QUANTITIES, quantity.name, quantity)
    patch.setitem(LAWS, "assembly", LAWS["clusters"])


def survey_in(folder, diagrams=None):
    """The survey, with these diagrams, as a file in a folder."""
    diagrams = DIAGRAMS if diagrams is None else diagrams
    path = folder / "made_up.yaml"
    path.write_text(SURVEY + "".join(f"  {name}: {{{entry}}}\n" for name, entry in diagrams.items()))
    return load_survey(path)


def write_results(survey, folder, write, attributes_of) -> None:
    """The cubes and the crossovers of the survey; `write` and `attributes_of` are those of the other diagram tests."""
    for label, request in survey.quantities.items():
        axes = survey.grid(label)
        grid = dict(zip(axes, np.meshgrid(*axes.values(), indexing="ij"), strict=True))
        kernel = {"kernel": request.options["kernel"]} if "kernel" in request.options else {}
        values = assembly(**grid, **kernel) if kernel else response(**grid)
        quantity = physics.QUANTITIES[request.quantity]
        variables = {}
        for variable in quantity.variables:
            own = request.axes_of(variable.name)
            index = tuple(slice(None) if name in own else 0 for name in axes)
            variables[variable.name] = (values[variable.name][index], attributes_of(variable), own)
        about = {"options": dict(request.options), "constants": survey.constants_of(label)}
        write(
            folder / survey.name / f"{label}.nc",
            axes,
            variables,
            quantity=quantity.name,
            quantity_version=np.int32(1),
            source=quantity.source,
            configuration=json.dumps(about),
        )
    axes = survey.grid("assembly", "T_freeze")
    places = 0.05 * np.outer(np.sqrt(axes["Pd"] / 1e47), axes["Estar"])
    write(folder / survey.name / "crossovers.nc", axes, {"T_pair": (places, {"units": "K"})})
