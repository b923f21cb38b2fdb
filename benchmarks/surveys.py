"""Surveys to measure: the shipped ones, and grids of any size between the ends of their axes."""

from pathlib import Path

import numpy as np

from physics import PARAMETERS
from survey.config.load import load_survey
from survey.survey import Survey

ROOT = Path(__file__).parents[1]
SHIPPED = ("co_nanoconstriction", "gold_wire", "gold_wire_large")


def shipped(name: str, folder: Path | None = None) -> Survey:
    """A survey of `config/surveys`, or of another folder."""
    return load_survey((folder or ROOT / "config" / "surveys") / f"{name}.yaml")


def cube_alone(survey: Survey, folder: Path, name: str | None = None) -> Survey:
    """The survey without crossovers and diagrams, from a file of its own in `folder`."""
    return _written(survey, survey.grid("dephasing"), folder, name)


def resized(survey: Survey, cells: int, folder: Path) -> Survey:
    """The survey without crossovers and diagrams on about so many cells: each axis between the same ends, with its
    length changed by the same factor."""
    grid = survey.grid("dephasing")
    wanted = {name: len(values) for name, values in grid.items()}
    factor = (cells / np.prod(list(wanted.values()), dtype=float)) ** (1 / len(wanted))
    left, axes = float(cells), {}
    # The longest axis comes last and takes up what rounding the others left.
    for remaining, name in zip(range(len(wanted), 0, -1), sorted(wanted, key=wanted.get), strict=True):
        length = max(2, round(left if remaining == 1 else wanted[name] * factor))
        left /= length
        axes[name] = np.geomspace(grid[name][0], grid[name][-1], length)
    return _written(survey, {name: axes[name] for name in grid}, folder, f"cells_{cells}")


def _written(survey: Survey, axes: dict[str, np.ndarray], folder: Path, name: str | None) -> Survey:
    request = survey.request("dephasing")
    lines = ["axes:"]
    for axis, values in axes.items():
        lines.append(f"  {axis}: {{values: [{', '.join(with_unit(axis, value) for value in values)}]}}")
    lines.append("constants:")
    lines += [
        f"  {constant}: {with_unit(constant, value)}" for constant, value in survey.constants_of("dephasing").items()
    ]
    options = ", ".join(f"{option}: {value}" for option, value in request.options.items())
    lines += ["quantities:", f"  dephasing: {{dtype: {request.dtype}, options: {{{options}}}}}", "crossovers: {}"]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name or survey.name}.yaml"
    path.write_text("\n".join([*lines, ""]))
    return load_survey(path)


def with_unit(name: str, value: float) -> str:
    """The value of a parameter as survey files and queries take it."""
    unit = PARAMETERS[name].unit
    return f"{value:.12g}" if unit == "1" else f"{value:.12g} {unit}"
