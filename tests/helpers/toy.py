"""A quick stand-in for the kernel of `dephasing`, and small surveys on it."""

import inspect
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

import physics
from survey.cubes.read import read_region
from survey.grid import canonical_axis
from survey.store.store import open_tile
from survey.store.tiles import Tile, tiles_of
from survey.survey import QuantityRequest

AXES = {
    "T": np.geomspace(0.01, 1.0, 7),
    "Lambda0": [1e-3, 1e-2],
    "Pd": np.geomspace(1e45, 1e47, 5),
    "chi": [0.01, 0.1, 0.3],
    "Estar": [0.5, 5.0],
}
CONSTANTS = {"sigma_in": 1e-19, "v_F": 1e6, "tau": 1e-14}
VARIABLES = ("tau_phi", "tau_phi_resonant", "tau_phi_relaxation", "regime", "status")


def dephasing(T, Lambda0, Pd, chi, Estar, *, sigma_in, v_F, tau, variables, **options):
    shape = np.broadcast_shapes(*(np.shape(each) for each in (T, Lambda0, Pd, chi, Estar)))
    B = Pd * sigma_in * v_F * 1e-34
    resonant = B * Lambda0 * (1 + (T / Estar) ** 0.3) * 1e11 * np.ones(shape)
    relaxation = B * T * chi * np.exp(-Lambda0 / T) * 1e11 * np.ones(shape)
    results = {
        "tau_phi": 1 / (resonant + relaxation),
        "tau_phi_resonant": 1 / resonant,
        "tau_phi_relaxation": 1 / relaxation,
        "regime": (relaxation > resonant).astype(np.uint8),
        "status": np.zeros(shape, dtype=np.uint8),
    }
    return {name: results[name] for name in variables}


def kernel_source() -> str:
    """The kernel as text, for a module of its own."""
    return inspect.getsource(dephasing)


def register(monkeypatch, kernel: str = "helpers.toy:dephasing", version: int = 1, **changes) -> None:
    """Let `dephasing` be computed by a function of this module for the time of a test, with changes of the quantity."""
    quantity = replace(physics.QUANTITIES["dephasing"], kernel=kernel, version=version, **changes)
    monkeypatch.setitem(physics.QUANTITIES, "dephasing", quantity)


@dataclass(frozen=True)
class Request(QuantityRequest):
    quantity: str = "dephasing"
    options: dict = field(default_factory=dict)
    variables: tuple = VARIABLES
    dtype: str = "float64"


@dataclass(frozen=True)
class Survey:
    """What the tiles and cubes use of a survey."""

    name: str = "toy"
    path: str = "config/surveys/toy.yaml"
    title: str = "Toy"
    axes: dict = field(default_factory=lambda: AXES)
    constants: dict = field(default_factory=lambda: CONSTANTS)
    quantities: dict = field(default_factory=lambda: {"dephasing": Request()})

    def request(self, label: str) -> Request:
        return self.quantities[label]

    def grid(self, label: str, *variables: str) -> dict:
        request = self.request(label)
        return {name: canonical_axis(self.axes[name]) for name in request.axes_of(*(variables or request.variables))}

    def constants_of(self, label: str) -> dict:
        return self.constants


def one_tile(**request) -> Tile:
    """The only tile of the toy survey, with changes of what is requested."""
    (tile,) = tiles_of(Survey(quantities={"dephasing": Request(**request)}), "dephasing")
    return tile


def read(store: Path, tile: Tile) -> dict[str, np.ndarray]:
    """All variables of a tile of a store."""
    with open_tile(store, tile) as dataset:
        return {name: read_region(dataset, name, (slice(None),) * dataset[name].ndim) for name in tile.variables}
