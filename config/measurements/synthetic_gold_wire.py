"""Writes synthetic_gold_wire.csv and .yaml beside itself: a dephasing time that nobody measured, of known origin.

Tunnelling states on the background of the gold wire of config/surveys/gold_wire.yaml give about 3 ns between 40 mK and
1 K, as paper 004 says of a measurement (before eq. (3) and after eq. (6)). Each value has an error of its own, 10 %
times Student's t with 4 degrees of freedom, and all have one factor exp(delta) in common, delta normal with 0.1.

    python config/measurements/synthetic_gold_wire.py [FOLDER]
"""

import sys
from pathlib import Path

import numpy as np

from physics import PARAMETERS, QUANTITIES
from survey.units import parse
from survey.written import yaml

HERE = Path(__file__).parent
SEED = 4
RELATIVE, COMMON, FREEDOM = 0.1, 0.1, 4
OPTIONS = {
    "distribution": "tunnelling_states",
    "cross_section": "golden_rule",
    "background": "wire",
    "phonons": "power",
    "definition": "wire",
}
LEVELS = {"Lambda0": "10 mK", "Pd": "1e18 K^-1 cm^-3", "chi": 0.1, "Estar": "20 mK"}
# Of the survey's constants those of the wire and of the glass that sound is compared with.
WIRE = ("eps_F", "v_F", "n_e", "tau", "D", "R_per_length", "ee_prefactor", "ep_rate", "ep_exponent")
GLASS = ("Pd_glass", "p_min_glass", "Estar_glass")
# In mK, 40 mK to 1 K in equal ratios.
TEMPERATURES = [float(f"{T:.3g}") for T in np.geomspace(40, 1000, 15)]


def constants() -> dict[str, str | float]:
    """The wire as config/surveys/gold_wire.yaml writes it."""
    written = yaml.read(HERE.parent / "surveys" / "gold_wire.yaml")[0]["constants"]
    return {name: written[name] for name in WIRE + GLASS}


def exact() -> np.ndarray:
    """tau_phi (s) of the levels and the wire at `TEMPERATURES`, without errors."""
    written = LEVELS | {name: text for name, text in constants().items() if name not in ("n_e", *GLASS)}
    values = {name: parse(text, PARAMETERS[name]) for name, text in written.items()}
    return QUANTITIES["dephasing"](T=np.array(TEMPERATURES) / 1e3, variables=("tau_phi",), **values, **OPTIONS)[
        "tau_phi"
    ]


def measured() -> tuple[list[float], float]:
    """tau_phi (ns) with errors, as a table prints it, and the common delta."""
    random = np.random.Generator(np.random.PCG64(SEED))
    delta = random.normal(0.0, COMMON)
    own = RELATIVE * random.standard_t(FREEDOM, len(TEMPERATURES))
    return [float(f"{tau:.3g}") for tau in exact() * 1e9 * np.exp(delta + own)], float(delta)


def table() -> str:
    values, _ = measured()
    rows = [f"{T:g}, {tau:g}, {RELATIVE * tau:.4g}" for T, tau in zip(TEMPERATURES, values, strict=True)]
    heading = [
        "# Synthetic: computed, not measured. Written by synthetic_gold_wire.py; the .yaml beside it says from what.",
        "T (mK), tau_phi (ns), sigma (ns)",
    ]
    return "\n".join([*heading, *rows]) + "\n"


def about() -> str:
    _, delta = measured()
    truth = {**LEVELS, **OPTIONS, "relative": RELATIVE, "freedom": FREEDOM, "delta": f"{delta:.6f}", "seed": SEED}
    sections = {"constants": constants(), "truth": {**truth, "bit_generator": "PCG64"}}
    lines = [
        "# yaml-language-server: $schema=../measurement.schema.json",
        "# Synthetic: computed, not measured. Written by synthetic_gold_wire.py, which says how.",
        "title: Synthetic gold wire, tunnelling states of E* = 20 mK (computed, not measured)",
        "source: config/measurements/synthetic_gold_wire.py, from a seed",
        "synthetic: true",
        "geometry: wire",
        "definition: wire",
    ]
    for section, entries in sections.items():
        comment = ["# As in config/surveys/gold_wire.yaml, which says where each comes from."] * (
            section == "constants"
        )
        lines += [*comment, f"{section}:", *(f"  {name}: {value}" for name, value in entries.items())]
    return "\n".join(lines) + "\n"


def write(folder: Path) -> None:
    """The two files, into `folder`."""
    (folder / "synthetic_gold_wire.csv").write_text(table(), encoding="utf-8")
    (folder / "synthetic_gold_wire.yaml").write_text(about(), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
