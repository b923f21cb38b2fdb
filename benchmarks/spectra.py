"""Few cells for each spectrum, as in a comparison with data: what spectrum and panels of each distribution take."""

from collections.abc import Iterable

import numpy as np

from benchmarks.report import duration, median_seconds, section
from physics import QUANTITIES
from survey.grid import open_grid

DISTRIBUTIONS = {
    "tunnelling_states": {},
    "glass": {"p_min": 1e-9},
    "gaussian_barrier": {"barrier_width": 1.0},
    "clusters": {"U0": 1e-48},
}
# A wire of gold: its background, and 1 per K and cm3 as a density of states in 1/(J m3).
CONSTANTS = {"eps_F": 8.01e-19, "v_F": 1.3262e6, "tau": 2.262e-14}
BACKGROUND = {"R_per_length": 1.545e6, "D": 132.6e-4, "ee_prefactor": 1.0, "ep_rate": 6.9e7, "ep_exponent": 3.0}
PER_K = 1e6 / 1.380649e-23
AXES = {
    "T": np.array([0.04, 0.2]),
    "Lambda0": np.geomspace(1e-4, 0.02, 6),
    "Estar": np.geomspace(0.03, 20, 6),
}
# Values of Pd and of chi for each spectrum.
SIZES = ((1, 1), (20, 10))


def report(
    distributions: Iterable[str] = tuple(DISTRIBUTIONS), axes: dict[str, np.ndarray] = AXES, repeats: int = 3
) -> str:
    """The time of `dephasing` for each (T, Lambda0, E*), with one cell and with 20 Pd x 10 chi."""
    quantity = QUANTITIES["dephasing"]
    rows = []
    for name in distributions:
        row = [f"`{name}`"]
        for densities, couplings in SIZES:
            values = axes | {
                "Pd": np.geomspace(1.4e14, 1.3e20, densities + 2)[1:-1] * PER_K,
                "chi": np.geomspace(0.01, 0.3, couplings + 2)[1:-1],
            }
            if name == "glass":
                del values["Lambda0"]
            grid = open_grid(values)
            options = {"distribution": name, "cross_section": "golden_rule", "definition": "wire"}
            options |= {"background": "wire", "phonons": "power"}
            given = CONSTANTS | BACKGROUND | DISTRIBUTIONS[name]

            def whole(grid=grid, given=given, options=options):
                return quantity(**grid, **given, **options, variables=("tau_phi",))

            whole()
            cells = np.broadcast(*grid.values()).size
            row.append(duration(median_seconds(whole, repeats) * densities * couplings / cells))
        rows.append(row)
    text = (
        "`tau_phi` of a wire with a background on one core: time for each (T, Λ0, E*), a spectrum of two-level systems "
        "of its own, with so many cells. That of clusters depends on Pd too."
    )
    header = ["distribution", *(f"{densities} Pd × {couplings} χ" for densities, couplings in SIZES)]
    return section("Few cells for each spectrum", text, header, rows)
