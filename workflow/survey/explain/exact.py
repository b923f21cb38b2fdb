"""What the tables are worth: dephasing times of draws by the kernel itself, beside those between the nodes."""

import numpy as np

from physics import QUANTITIES
from survey.explain.draws import WireDraws
from survey.explain.grid import Table
from survey.inference import Nuisances
from survey.survey import QuantityRequest

# Draws that are computed again.
_DRAWS = 48


def table_error(
    request: QuantityRequest, table: Table, nuisances: Nuisances, places: np.ndarray, draws: WireDraws
) -> tuple[float, float]:
    """Root mean square and largest of |ln(tau) of the table - ln(tau) of the kernel| over some of the draws of a wire
    and all of its points. `places` (D) of the draws; `request` is that of the table."""
    chosen = np.linspace(0, len(places) - 1, min(_DRAWS, len(places))).astype(int)
    difference = np.array([_difference(request, table, nuisances, places, draws, one) for one in chosen])
    return float(np.sqrt((difference**2).mean())), float(np.abs(difference).max())


def _difference(request, table, nuisances, places, draws, one: int) -> np.ndarray:
    quantity = QUANTITIES[request.quantity]
    delta, ee, ep, exponent = draws.u[one]
    T = table.T[draws.rows[one]]
    given = dict(request.own_constants) | {name: values[places[one]] for name, values in table.places().items()}
    if table.rival.amplitude is not None:
        given[table.rival.amplitude[0]] = float(np.exp(draws.log_amplitude[one]))
    medians = {name: request.own_axes[name][1] for name in ("ee_prefactor", "ep_rate")}
    given["ee_prefactor"] = medians["ee_prefactor"] * np.exp(nuisances.ee_prefactor * ee)
    given["ep_rate"] = medians["ep_rate"] * np.exp(nuisances.ep_rate * ep)
    given["ep_exponent"] = given["ep_exponent"] + nuisances.ep_exponent * exponent
    found = quantity(T=T, **given, **request.options, variables=["tau_phi"])["tau_phi"]
    return draws.log_tau[one] - nuisances.delta * delta - np.log(found)
