"""A small grid from a cold Python to a netCDF file on disk: `survey.run` against tools that sweep a function.

`uv pip install --group sweeps`, in an environment that has this package, installs them. They call the same kernel
point by point, as their users would call a function of their own, and store its values with xarray.
"""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.report import duration, ratio, section

# Of T and chi. The smallest is the least that a survey is worth writing for.
GRIDS = {100: (10, 10), 1000: (50, 20), 10_000: (200, 50)}
_POINT = """
import sys
import numpy as np
from physics import QUANTITIES
n, m = int(sys.argv[1]), int(sys.argv[2])
axes = {"T": np.geomspace(0.01, 1, n), "chi": np.geomspace(0.01, 0.3, m)}
fixed = dict(Lambda0=0.01, Pd=1e47, Estar=10.0, sigma_in=1e-19, v_F=1.4e6, tau=1e-14)
def tau_phi(T, chi):
    return float(QUANTITIES["dephasing"](T=T, chi=chi, **fixed, variables=("tau_phi",))["tau_phi"])
"""
SCRIPTS = {
    "survey": """
import sys
from survey import run
n, m = int(sys.argv[1]), int(sys.argv[2])
axes = {
    "T": {"start": "10 mK", "stop": "1 K", "num": n},
    "chi": {"start": 0.01, "stop": 0.3, "num": m},
    "Lambda0": {"values": ["10 mK"]},
    "Pd": {"values": ["1e47 J^-1 m^-3"]},
    "Estar": {"values": ["10 K"]},
}
constants = {"sigma_in": "1e-15 cm^2", "v_F": "1.4e8 cm/s", "tau": "1e-14 s"}
quantities = {"dephasing": {"variables": ["tau_phi"]}}
run({"axes": axes, "constants": constants, "quantities": quantities, "crossovers": {}}, diagrams=False)
""",
    "xyzpy": f"""{_POINT}
import xyzpy
runner = xyzpy.Runner(tau_phi, var_names="tau_phi")
runner.run_combos({{name: list(map(float, values)) for name, values in axes.items()}}, verbosity=0).to_netcdf("out.nc")
""",
    "pipefunc": f"""{_POINT}
from pipefunc import Pipeline, pipefunc
step = pipefunc(output_name="tau_phi", mapspec="T[i], chi[j] -> tau_phi[i, j]")(tau_phi)
found = Pipeline([step]).map(axes, parallel=False, storage="dict", show_progress=False)
found.to_xarray().astype({{"tau_phi": float}}).to_netcdf("out.nc")
""",
    "scqubits": f"""{_POINT}
import scqubits, xarray
scqubits.settings.PROGRESSBAR_DISABLED = True
space = scqubits.HilbertSpace([scqubits.Oscillator(E_osc=1.0, truncated_dim=2)])
sweep = scqubits.ParameterSweep(space, axes, lambda T, chi: None, evals_count=1, bare_only=True, num_cpus=1)
sweep.add_sweep(lambda sweep, paramindex_tuple, paramvals_tuple: tau_phi(*paramvals_tuple), sweep_name="tau_phi")
values = np.asarray(sweep["tau_phi"], dtype=float)
xarray.Dataset({{"tau_phi": (("T", "chi"), values)}}, axes).to_netcdf("out.nc")
""",
}


def report(repeats: int = 3) -> str:
    """Each tool on each grid, in processes of their own; kernels were compiled before."""
    rows = []
    for cells, shape in GRIDS.items():
        ours = median(cold(SCRIPTS["survey"], shape) for _ in range(repeats + 1))
        for tool in SCRIPTS:
            if tool != "survey" and find_spec(tool) is None:
                rows.append([f"{cells:,}", tool, "not installed", "`uv pip install --group sweeps`"])
                continue
            taken = ours if tool == "survey" else median(cold(SCRIPTS[tool], shape) for _ in range(repeats))
            rows.append(
                [f"{cells:,}", "`survey.run`" if tool == "survey" else tool, duration(taken), ratio(taken / ours)]
            )
    text = (
        "`tau_phi` over T and χ, from the start of Python to a netCDF file on disk, wall time, median of "
        f"{repeats} processes each. The other tools call the same kernel point by point. Ratio to `survey.run`, whose "
        "files are tiles and a cube with checksums, synced to disk."
    )
    return section("Small sweeps", text, ["cells", "tool", "time", "ratio"], rows)


def cold(script: str, shape: tuple[int, int]) -> float:
    """Seconds that a new Python takes for a script in an empty folder."""
    root = Path(__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": str(root)}
    with TemporaryDirectory() as folder:
        started = perf_counter()
        subprocess.run(
            [sys.executable, "-c", script, *map(str, shape)],
            cwd=folder,
            env=environment,
            check=True,
            capture_output=True,
        )
        taken = perf_counter() - started
        if not list(Path(folder).rglob("*.nc")):
            raise RuntimeError("it wrote no netCDF file")
    return taken
