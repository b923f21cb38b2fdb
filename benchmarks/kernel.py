"""The kernel against the script that a user would write: the same points, the same accuracy."""

import warnings
from collections.abc import Iterable, Mapping
from statistics import median

import numpy as np

from benchmarks import nested_quad
from benchmarks.report import duration, median_seconds, ratio, section
from physics import QUANTITIES
from survey.grid import open_grid

CONSTANTS = {"sigma_in": 1e-19, "v_F": 1e6, "tau": 1e-14}
# Points of the three shipped surveys' kind, from phases Lambda0 tau_phi/hbar of about 1 to about 100.
POINTS = (
    {"T": 0.1, "Lambda0": 0.01, "Pd": 1e47, "chi": 0.1, "Estar": 10.0},
    {"T": 1.0, "Lambda0": 0.01, "Pd": 1e47, "chi": 0.05, "Estar": 10.0},
    {"T": 0.04, "Lambda0": 1e-4, "Pd": 5e46, "chi": 0.1, "Estar": 0.02},
    {"T": 0.1, "Lambda0": 0.01, "Pd": 1e45, "chi": 0.1, "Estar": 10.0},
    {"T": 0.1, "Lambda0": 0.01, "Pd": 1e45, "chi": 0.1, "Estar": 0.02},
    {"T": 0.03, "Lambda0": 0.01, "Pd": 1e45, "chi": 0.01, "Estar": 10.0},
)
# The values of each axis, as multiples of a point's, that make the grid around it.
AROUND = {
    "T": np.geomspace(0.7, 1.4, 10),
    "Lambda0": [0.8, 1.0],
    "Pd": np.geomspace(0.5, 2.0, 30),
    "chi": np.geomspace(0.5, 2.0, 30),
    "Estar": [1.0, 1.2],
}


def report(points: Iterable[Mapping[str, float]] = POINTS, repeats: int = 5) -> str:
    """tau_phi at each point: by nested quad, by one call of the kernel, and as a cell of an open grid around it."""
    quantity = QUANTITIES["dephasing"]
    rows, single_ratios, grid_ratios = [], [], []
    for point in points:
        grid = open_grid({name: point[name] * np.asarray(factors) for name, factors in AROUND.items()})
        cells = np.broadcast(*grid.values()).size

        def single(point=point):
            return float(quantity(**point, **CONSTANTS, variables=("tau_phi",))["tau_phi"])

        def whole(grid=grid):
            return quantity(**grid, **CONSTANTS, variables=("tau_phi",))

        def script(point=point):
            # quad warns where it reaches the limit of doubles; the difference column says what the result is worth.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return nested_quad.tau_phi(**point, **CONSTANTS)

        difference = abs(script() / single() - 1)
        slow = median_seconds(script, min(repeats, 3))
        one = median_seconds(single, 4 * repeats)
        per_cell = median_seconds(whole, repeats) / cells
        single_ratios.append(slow / one)
        grid_ratios.append(slow / per_cell)
        values = ", ".join(f"{point[name]:g}" for name in AROUND)
        rows.append(
            [ratio(slow / per_cell), ratio(slow / one), f"{difference:.0e}"]
            + [duration(time) for time in (slow, one, per_cell)]
            + [values]
        )
    text = (
        "`tau_phi` on one core against `scipy.integrate.quad` inside `scipy.integrate.quad`, with the care that 1e-8 "
        "asks for (`benchmarks/nested_quad.py`). "
        f"Median ratio {ratio(median(grid_ratios))} as a cell of an open grid of {cells:,} cells around the point, "
        f"{ratio(median(single_ratios))} as a single call."
    )
    header = [
        "quad / cell",
        "quad / single call",
        "relative difference",
        "quad",
        "single call",
        "cell",
        ", ".join(AROUND),
    ]
    return section("Kernel against nested quad", text, header, rows)
