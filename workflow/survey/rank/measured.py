"""What an experiment reads: numbers with their errors, and what each rival explanation predicts for them.

Row k of every number of a rival belongs to the same draw of its posterior, so that what the numbers have in common
(a cross-section, a density) stays in common.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from survey.errors import SurveyError

# Weights and probabilities sum to 1 within this.
ROUNDING = 1e-6


@dataclass(frozen=True)
class Measured:
    """One number that an experiment would read.

    `values`: by rival, the predictive draws of the observable, shape (n_r,), in any unit, >= 0; zero is a prediction
    like others. The reading of a draw v is normal about v with standard deviation sqrt((relative v)^2 + floor^2):
    `relative`, at most 1, has no unit; `floor` has that of `values`.
    """

    values: Mapping[str, np.ndarray]
    relative: float
    floor: float


class Rivals(NamedTuple):
    """The rivals that have a probability, with draws as arrays: `values[r]` has shape (n_r, d), for d numbers."""

    names: tuple[str, ...]
    prior: np.ndarray
    weights: list[np.ndarray]
    values: list[np.ndarray]
    relative: np.ndarray
    floor: np.ndarray

    @property
    def entropy(self) -> float:
        """What is not known about the rivals, in bits: no measurement tells more."""
        return float(-self.prior @ np.log2(self.prior))

    def noise(self, values: np.ndarray) -> np.ndarray:
        """The standard deviation of the reading of each value, shape as `values`, whose last axis is the numbers."""
        return np.hypot(self.relative * values, self.floor)

    def stretched(self, readings: np.ndarray) -> np.ndarray:
        """Readings u in units of the noise, u = asinh(relative y/s)/relative with the least noise s of all draws.

        The noise of u has a standard deviation between about 1/sqrt(2) and 1 whatever the prediction, and u does not
        depend on the unit of y.
        """
        return np.arcsinh(self.steep * (readings / self.least)) / self.steep

    def unstretched(self, stretched: np.ndarray) -> np.ndarray:
        """The readings of stretched ones."""
        return np.sinh(self.steep * stretched) / self.steep * self.least

    @property
    def least(self) -> np.ndarray:
        """The least noise of each number among all draws, shape (d,)."""
        return np.min([self.noise(values).min(axis=0) for values in self.values], axis=0)

    @property
    def steep(self) -> np.ndarray:
        """The relative errors, or where there is none one that stretches nothing, shape (d,)."""
        return np.maximum(self.relative, 1e-15)

    def refuse_fewer(self, number: int, fewest: int) -> None:
        """SurveyError if the draws of a rival count for fewer than so many, 1/sum w^2, that weigh the same."""
        count = 1 / (self.weights[number] ** 2).sum()
        if count < fewest:
            raise SurveyError(
                f"draws of {self.names[number]}: they count for {count:.0f} with equal weights; {fewest} are needed"
            )

    def read(self, number: int, draws: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One reading of each of these draws of a rival, shape (draws, d)."""
        values = self.values[number][draws]
        return values + self.noise(values) * rng.standard_normal(values.shape)


def rivals(experiment: Sequence[Measured], weights: Mapping, prior: Mapping) -> Rivals:
    """The experiment in arrays. Raises SurveyError for draws, weights, errors or probabilities that mean nothing."""
    if not experiment:
        raise SurveyError("an experiment measures nothing: at least one number is needed")
    _check_probabilities("prior", np.array([*prior.values()], float), len(prior))
    names = tuple(name for name, probability in prior.items() if probability > 0)
    missing = sorted(set(names) - set(weights))
    if missing:
        raise SurveyError(f"weights: none of {missing[0]}; every rival with a probability has draws")
    for name in names:
        _check_probabilities(f"weights of {name}", np.asarray(weights[name], float), None)
    for number, each in enumerate(experiment):
        _check(f"number {number + 1} of the experiment", each, {name: len(weights[name]) for name in names})
    chances = np.array([prior[name] for name in names], float)
    found = Rivals(
        names,
        chances / chances.sum(),
        [np.asarray(weights[name], float) / np.sum(weights[name]) for name in names],
        [np.column_stack([np.asarray(each.values[name], float) for each in experiment]) for name in names],
        np.array([each.relative for each in experiment], float),
        np.array([each.floor for each in experiment], float),
    )
    for column in range(len(experiment)):
        if any((found.noise(values)[:, column] == 0).any() for values in found.values):
            raise SurveyError(
                f"number {column + 1} of the experiment: a prediction of 0 without noise; give it a floor"
            )
    return found


def _check_probabilities(what: str, values: np.ndarray, count: int | None) -> None:
    if values.ndim != 1 or values.size == 0 or not (np.isfinite(values).all() and (values >= 0).all()):
        raise SurveyError(f"{what}: numbers >= 0 in one row are needed")
    if abs(values.sum() - 1) > ROUNDING:
        raise SurveyError(f"{what}: the sum is {values.sum():.8g}; it has to be 1")


def _check(what: str, measured: Measured, lengths: Mapping[str, int]) -> None:
    if not 0 <= measured.relative <= 1:
        raise SurveyError(f"{what}: relative is {measured.relative}; a number between 0 and 1 is needed")
    if not 0 <= measured.floor < np.inf:
        raise SurveyError(f"{what}: floor is {measured.floor}; a finite number >= 0 is needed")
    for name, length in lengths.items():
        if name not in measured.values:
            raise SurveyError(f"{what}: no draws of {name}")
        values = np.asarray(measured.values[name], float)
        if values.shape != (length,):
            raise SurveyError(f"{what}: draws of {name} have shape {values.shape}; the weights have ({length},)")
        if not (np.isfinite(values).all() and (values >= 0).all()):
            raise SurveyError(f"{what}: draws of {name} have to be finite and >= 0")
