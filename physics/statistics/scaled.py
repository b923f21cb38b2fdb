"""The likelihood of measured values whose prediction is known but for a common scale: specific heats, friction.

A value y_i = ln(value_i) is Student-t (4 degrees of freedom) about ln(prediction_i) + delta with the scale
sqrt(s_i^2 + s_m^2); a limit counts with the probability beyond it. delta is normal before the data.
"""

import math

import numpy as np

from physics.numerics.compiled import compiled_entry
from physics.statistics.nuisances import log_density, mixed

# Of the normal distribution of delta so many widths to either side; the most nodes.
_WIDTHS, _MOST = 5.0, 401


def scale_nodes(width: float, scale: np.ndarray, roots: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values of delta (q) with their weights (q), which sum to 1, for errors as of `errors.independent`: no further
    apart than the error that the values leave to delta, which a sum over equal steps integrates exactly."""
    alike = np.ones(scale.shape[1])
    told = max(
        float((((root @ alike if len(root) else alike) / own) ** 2).sum())
        for root, own in zip(roots, scale, strict=True)
    )
    count = min(2 * math.ceil(_WIDTHS * width * math.sqrt(told)) + 1, _MOST)
    delta = _WIDTHS * width * np.linspace(-1.0, 1.0, max(count, 21))
    weights = np.exp(-0.5 * (delta / width) ** 2)
    return delta, weights / weights.sum()


@compiled_entry
def scaled_terms(log_predicted, y, scale, limit, roots, delta, terms):
    """ln of the likelihood (K, m, q) of K predictions, ln of each (K, n), for each scatter (m), whose y, scale (m, n)
    and roots (m, k, k) are those of `errors.independent`, and each delta (q). A prediction of zero, -inf, is below any
    value."""
    n = y.shape[1]
    eta, shift = np.empty(n), np.empty(n)
    for p in range(len(log_predicted)):
        possible = True
        for i in range(n):
            if log_predicted[p, i] == -np.inf and limit[i] != 2:
                possible = False
        for m in range(len(y)):
            if not possible:
                terms[p, m, :] = -np.inf
                continue
            for i in range(n):
                # A limit from above is kept by nothing at all.
                eta[i] = log_predicted[p, i] if log_predicted[p, i] > -np.inf else -1e3
            shift[:] = 1.0
            mixed(roots[m], eta)
            mixed(roots[m], shift)
            for q in range(len(delta)):
                total, product = 0.0, 1.0
                for i in range(n):
                    residual = y[m, i] - eta[i] - delta[q] * shift[i]
                    if limit[i] != 0:
                        total += log_density(residual, scale[m, i], limit[i])
                        continue
                    x = residual / scale[m, i]
                    square = 1.0 + 0.25 * x * x
                    product *= square * square * math.sqrt(square) * scale[m, i] * (8.0 / 3.0)
                    if product > 1e200 or product < 1e-200:
                        total -= math.log(product)
                        product = 1.0
                terms[p, m, q] = total - math.log(product)
