"""Covariance of the logarithms of measured values: a square of numbers, and whether it is one."""

from collections.abc import Sequence

import numpy as np

from survey.config.measured.cells import RELATIVE, Row, number
from survey.errors import SurveyError
from survey.words import count
from survey.written.faults import Faults

# Of entries that are to be the same, relative to the root of the product of their variances; and the least eigenvalue
# of the correlations: below it, values would be known from each other and not measured.
_UNLIKE, _LEAST = 1e-6, 1e-9
# Beyond any covariance of variances that are allowed, and far from the largest number.
_LARGE = 1e10


def covariance_of(rows: Sequence[Row], size: int, faults: Faults) -> np.ndarray | None:
    """The covariance of ln(value) of `size` values; None, with faults, if the rows are none."""
    for line, cells in rows:
        if len(cells) != size:
            faults.add((line,), f"found {count(len(cells), 'number')}; allowed: {size}, one for each measured value")
    if len(rows) != size:
        faults.add((), f"found {count(len(rows), 'row')} of numbers; allowed: {size}, one for each measured value")
    matrix = np.zeros((len(rows), size))
    for row, (line, cells) in enumerate(rows):
        for column, cell in enumerate(cells[:size]):
            with faults.at(line, column + 1):
                matrix[row, column] = number(cell)
    if faults.found:
        return None
    for row, (line, _) in enumerate(rows):
        with faults.at(line, row + 1):
            _variance(matrix[row, row])
    if faults.found:
        return None
    deviations = np.sqrt(np.diag(matrix))
    correlations = np.clip(matrix, -_LARGE, _LARGE) / deviations / deviations[:, None]
    unlike = np.argwhere(~(np.abs(correlations - correlations.T) <= _UNLIKE))
    if len(unlike):
        row, column = unlike[0]
        found = (
            f"found {matrix[row, column]:g}, and {matrix[column, row]:g} in line {rows[column][0]}, column {row + 1}"
        )
        faults.add((rows[row][0], int(column) + 1), f"{found}; allowed: a symmetric covariance")
    elif (least := np.linalg.eigvalsh(correlations)[0]) < _LEAST:
        reason = f"found a covariance whose correlations have the eigenvalue {least:.3g}"
        faults.add((), f"{reason}; allowed: a positive definite one, all of them above {_LEAST:g}")
    return None if faults.found else (matrix + matrix.T) / 2


def _variance(variance: float) -> None:
    low, high = RELATIVE.lower**2, RELATIVE.upper**2
    if not low < variance <= high:
        raise SurveyError(
            f"found the variance {variance:g} of ln(value), which has no unit; allowed: > {low:g} and <= {high:g}"
        )
