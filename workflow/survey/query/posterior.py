"""What the draws of a posterior say: of a parameter the values below which it lies with given probabilities, and how
probable it is that parameters lie within ranges."""

import json
from collections.abc import Callable, Mapping
from typing import NamedTuple

import netCDF4
import numpy as np

from physics import PARAMETERS
from survey import units
from survey.cubes.read import attributes_of
from survey.errors import SurveyError
from survey.query.axes import axes_of, place_on
from survey.query.cells import read_cells
from survey.query.interpolation import exact
from survey.words import count, quoted

PROBABILITY = "probability"
# The ends of 95 % and of 68 %, and the median.
QUANTILES = (0.025, 0.16, 0.5, 0.84, 0.975)
_DRAWS, _DRAW, _BETWEEN = "draws", "draw", ".."
# Less of a probability than this, against the largest, is none.
_NOTHING = 1e-9


def parameters(cube: netCDF4.Dataset) -> list[str]:
    """The parameters, nuisances too, of which an open file has draws; none if it is no posterior."""
    group = cube.groups.get(_DRAWS)
    if group is None or _DRAW not in group.dimensions:
        return []
    return [name for name, own in group.variables.items() if own.dimensions[-1:] == (_DRAW,) and own.dtype.kind == "f"]


def is_summary(cube: netCDF4.Dataset, variable: str) -> bool:
    """Whether what is asked of an open file is made of the draws of a posterior."""
    known = parameters(cube) if cube.groups else []
    return variable in known or (variable == PROBABILITY and bool(known))


def summary(cube: netCDF4.Dataset, variable: str, at: Mapping, check: Callable) -> tuple[dict, dict]:
    """Data variables and coordinates of what draws say, as `survey.query.answer.answer` returns them.

    Of a parameter: the values below which it lies with the probabilities `quantile`, by default 2.5, 16, 50, 84 and
    97.5 %, each with its standard error for the number of draws (`<name>_error`), and where the likelihood is largest
    (`<name>_most_likely`, of the parameters of the grid). Of `probability`: that all parameters lie in their ranges,
    each a text LOW..HIGH of which one end may be left out, with its standard error. SurveyError for anything else.
    """
    return _probability(cube, at) if variable == PROBABILITY else _quantiles(cube, variable, at, check)


def _quantiles(cube: netCDF4.Dataset, name: str, at: Mapping, check: Callable) -> tuple[dict, dict]:
    stored = f"{_DRAWS}/{name}"
    axes = {each: axis for each, axis in axes_of(cube, stored).items() if each != _DRAW}
    for each in at:
        if each not in axes and each != "quantile":
            allowed = ", ".join([*axes, "quantile"])
            raise SurveyError(f"{cube.filepath()}: {name} has no axis {each!r}; allowed: {allowed}")
    shares = np.array(QUANTILES) if "quantile" not in at else _shares(at["quantile"])
    check({"quantile": [exact(0)] * len(shares)}, {"quantile": None})
    places = {each: place_on(cube, axis, at) for each, axis in axes.items()}
    draws, own = _draws(cube, name), {"units": attributes_of(cube[f"{_DRAWS}/{name}"]).get("units", "1")}
    data: dict = {}
    grid = _grid(cube, name, draws)
    if grid is None:
        ordered = np.sort(draws, axis=-1)
        for number, each in enumerate(places.values()):
            ordered = np.take(ordered, [one.cells.start for one in each.around], axis=number)
        spread = np.sqrt(shares * (1 - shares) / ordered.shape[-1])
        value, low, high = (_below(ordered, shares + sign * spread) for sign in (0, -1, 1))
        data[f"{name}_error"] = ((high - low) / 2, {**own, "long_name": "standard error, of the number of draws"})
        method = _method(draws.shape[-1])
    else:
        summed = np.concatenate([[0.0], np.cumsum(read_cells(cube, f"prior/{name}_posterior", (slice(None),)))])
        value, method = np.exp(np.interp(shares, summed / summed[-1], grid.ends)), f"of {len(summed) - 1} values"
    attributes = {"long_name": name} | attributes_of(cube[stored])
    if name in PARAMETERS:
        attributes["symbol"] = PARAMETERS[name].symbol
    dims = (*axes, "quantile")
    data = {name: (value, attributes)} | data
    data["method"] = (np.full(value.shape, method), {"long_name": "how the value was found"})
    data = {each: (dims, *described) for each, described in data.items()}
    best = _most_likely(cube, name)
    if best is not None:
        described = {**own, "long_name": "value at the cell of the posterior with the largest likelihood"}
        data[f"{name}_most_likely"] = ((), np.array(best), described)
    remark = json.loads(attributes_of(cube).get("remarks", "{}")).get(name)
    if remark:
        data["remark"] = ((), np.array(remark, dtype=object), {"long_name": "what the data say"})
    coordinates = {each: ((each,), place.values, axes[each].attributes) for each, place in places.items()}
    coordinates["quantile"] = (("quantile",), shares, {"long_name": "probability of a lower value", "units": "1"})
    return data, coordinates


def _probability(cube: netCDF4.Dataset, at: Mapping) -> tuple[dict, dict]:
    known = [name for name in parameters(cube) if np.prod(cube[f"{_DRAWS}/{name}"].shape[:-1]) == 1]
    if not at or not set(at) <= set(known):
        found = ", ".join(name for name in at if name not in known) or "no range"
        allowed = f"PARAMETER=LOW{_BETWEEN}HIGH of {', '.join(known)}"
        raise SurveyError(f"{cube.filepath()}: {PROBABILITY}: found {found}; allowed: {allowed}")
    inside, said = np.ones(1), []
    for name, given in at.items():
        unit = attributes_of(cube[f"{_DRAWS}/{name}"]).get("units", "1")
        low, high = _range(name, given)
        inside = inside * _inside(cube, name, low, high)
        ends = (f"{low:.6g} < " if low > -np.inf else "", f" < {high:.6g}" if high < np.inf else "")
        said.append(f"{ends[0]}{name}{ends[1]}{'' if unit == '1' else f' {unit}'}")
    number, hits = inside.size, float(inside.sum())
    # The standard deviation of a share whose prior is flat: not 0 where no draw lies, or all.
    error = np.sqrt((hits + 1) * (number - hits + 1) / (number + 3)) / (number + 2)
    data = {
        PROBABILITY: ((), np.array(hits / number), {"long_name": f"probability of {', '.join(said)}", "units": "1"}),
        f"{PROBABILITY}_error": ((), np.array(error), {"long_name": "standard error", "units": "1"}),
        "method": ((), np.array(_method(number)), {"long_name": "how the value was found"}),
    }
    return data, {}


class Grid(NamedTuple):
    """A parameter that was varied on a grid: which of its values each draw (D) has, and in the logarithm the ends of
    the interval of each, half way to the next and within the range before the data; a probability is even in it."""

    place: np.ndarray
    ends: np.ndarray


def _grid(cube: netCDF4.Dataset, name: str, draws: np.ndarray) -> Grid | None:
    """The grid of a parameter; None of one that was drawn from a continuum."""
    prior = cube.groups.get("prior")
    if prior is None or name not in prior.dimensions or f"{name}_posterior" not in prior.variables:
        return None
    values = read_cells(cube, f"prior/{name}", (slice(None),))
    place = np.minimum(np.searchsorted(values, draws * (1 - 1e-12)), len(values) - 1)
    if not np.allclose(values[place], draws, rtol=1e-12, atol=0):
        return None
    logs = np.log(values)
    # Values beyond the range are there for the question what another range would do.
    believed = read_cells(cube, f"prior/{name}_prior", (slice(None),))
    within = logs[believed > _NOTHING * believed.max()]
    ends = np.concatenate([logs[:1], (logs[1:] + logs[:-1]) / 2, logs[-1:]])
    return Grid(place, np.clip(ends, within[0], within[-1]))


def _inside(cube: netCDF4.Dataset, name: str, low: float, high: float) -> np.ndarray:
    """Of each draw (D), whether a parameter lies in a range; of one on a grid, which part of its interval does."""
    draws = _draws(cube, name).reshape(-1)
    grid = _grid(cube, name, draws)
    if grid is None:
        return ((draws > low) & (draws < high)).astype(np.float64)
    first, last = (np.log(end) if end > 0 else -np.inf for end in (low, high))
    starts, stops = grid.ends[:-1], grid.ends[1:]
    within = np.clip(np.minimum(stops, last) - np.maximum(starts, first), 0, None)
    return within[grid.place] / (stops - starts)[grid.place]


def _method(number: int) -> str:
    return f"of {count(number, 'draw')}"


def _draws(cube: netCDF4.Dataset, name: str) -> np.ndarray:
    stored = f"{_DRAWS}/{name}"
    return read_cells(cube, stored, (slice(None),) * cube[stored].ndim)


def _below(ordered: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """The values below which these shares of ascending numbers (..., D) lie, linear between them: (..., Q)."""
    places = np.clip(shares, 0, 1) * (ordered.shape[-1] - 1)
    low = np.floor(places).astype(int)
    first, second = (ordered[..., each] for each in (low, np.minimum(low + 1, ordered.shape[-1] - 1)))
    return first + (places - low) * (second - first)


def _shares(given: object) -> np.ndarray:
    parts = given.split(",") if isinstance(given, str) else np.atleast_1d(np.asarray(given, dtype=object)).tolist()
    try:
        found = np.array([float(part) for part in parts])
    except (TypeError, ValueError, OverflowError):
        found = np.full(1, np.nan)
    if not found.size or not ((found > 0) & (found < 1)).all():
        raise SurveyError(f"quantile: found {quoted(given)}; allowed: numbers between 0 and 1, e.g. 0.05,0.95")
    return found


def _range(name: str, given: object) -> tuple[float, float]:
    """The ends of a range, in the parameter's unit; -inf and inf where there is none."""
    low, divided, high = str(given).partition(_BETWEEN)
    if not divided or not (low.strip() or high.strip()):
        raise SurveyError(f"{name}: found {quoted(given)}; allowed: LOW{_BETWEEN}HIGH, LOW{_BETWEEN} or {_BETWEEN}HIGH")
    ends = [_end(name, text) if text.strip() else None for text in (low, high)]
    found = -np.inf if ends[0] is None else ends[0], np.inf if ends[1] is None else ends[1]
    if not found[0] < found[1]:
        raise SurveyError(f"{name}: found {quoted(given)}; allowed: a range whose first end is the lower one")
    return found


def _end(name: str, text: str) -> float:
    parameter = PARAMETERS.get(name.removesuffix("_effective"))
    try:
        return float(text) if parameter is None else units.parse(text, parameter)
    except SurveyError as error:
        raise SurveyError(f"{name}: {error}") from None
    except ValueError:
        raise SurveyError(f"{name}: found {quoted(text)}; allowed: a number") from None


def _most_likely(cube: netCDF4.Dataset, name: str) -> float | None:
    """The value of a parameter where the likelihood of all data is largest among the cells of the posterior; None if
    the cells do not have it."""
    cells = cube.groups.get("posterior")
    if cells is None or name not in cells.variables or "log_likelihood" not in cells.variables:
        return None
    parts = [each for each in ("log_likelihood", "log_likelihood_of_others") if each in cells.variables]
    total = sum(read_cells(cube, f"posterior/{each}", (slice(None),)) for each in parts)
    total = np.where(read_cells(cube, "posterior/weight", (slice(None),)) > 0, total, -np.inf)
    return float(read_cells(cube, f"posterior/{name}", (slice(None),))[int(np.argmax(total))])
