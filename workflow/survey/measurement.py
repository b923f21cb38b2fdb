"""What a measurement is once its files have been read: tables of measured values, and what is known of the sample.

Numbers are in the vocabulary's units. Errors are relative, of one standard deviation: what is positive and spans
decades is judged by its logarithm, and the error of ln(value) is sigma/value.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from physics import QUANTITIES, Parameter, Quantity


@dataclass(frozen=True)
class Observable:
    """A quantity that can be measured: name, unit and the values that a measurement of it may have (`parameter`), the
    registered quantity that predicts it, the columns that say where each value was measured beside T, the constants of
    the sample without which nothing can be predicted, with the powers with which a common factor of all values goes
    with them, and, beside tau_phi, the law of a rival (`Rival.laws`) that predicts it, with the variable there."""

    parameter: Parameter
    quantity: str
    at: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    law: str = ""
    variable: str = ""
    powers: Mapping[str, float] = field(default_factory=dict)

    @property
    def predicted_by(self) -> Quantity:
        return QUANTITIES[self.quantity]


# Specific heats are those of all that is in the sample at these temperatures, levels and electrons; friction is that
# of weak sound by the levels, resonant and by relaxation.
OBSERVABLES = {
    each.parameter.name: each
    for each in (
        Observable(
            Parameter("tau_phi", r"\tau_\varphi", "s", "electron dephasing time", domain=(1e-15, 1e-3)), "dephasing"
        ),
        Observable(
            Parameter("C_over_T", "C/T", "J K-2 m-3", "specific heat over the temperature", domain=(1e-9, 1e12)),
            "specific_heat",
            at=("t_exp",),
            needs=("n_e",),
            law="heat",
            variable="C_ratio",
            powers={"n_e": 1.0, "eps_F": -1.0},
        ),
        Observable(
            Parameter("C", "C", "J K-1 m-3", "specific heat", domain=(1e-12, 1e12)),
            "specific_heat",
            at=("t_exp",),
            needs=("n_e",),
            law="heat",
            variable="C_ratio",
            powers={"n_e": 1.0, "eps_F": -1.0},
        ),
        Observable(
            Parameter("Q_inverse", "Q^{-1}", "1", "internal friction", domain=(1e-12, 1.0)),
            "attenuation",
            at=("omega",),
            needs=("gamma", "rho_mass", "v_sound"),
            law="friction",
            variable="Q_inverse",
            powers={"gamma": 2.0, "rho_mass": -1.0, "v_sound": -2.0},
        ),
    )
}
LIMITS = ("", "lower", "upper")


@dataclass(frozen=True)
class Table:
    """Measured values of one observable.

    `at` are the columns that say where (K, rad/s, s), T first, the rows in ascending order of it; `values` are in the
    unit of the observable; `relative` is sigma/value, one standard deviation of ln(value); `limits` says of each row
    whether the value was measured (""), or is what the true one is at least ("lower") or at most ("upper").
    `covariance` is the one of ln(value) where the files carry it; `relative` is then the root of its diagonal.
    """

    observable: str
    path: Path
    at: Mapping[str, tuple[float, ...]]
    values: tuple[float, ...]
    relative: tuple[float, ...]
    limits: tuple[str, ...]
    covariance: tuple[tuple[float, ...], ...] | None = None

    @property
    def mixes_limits(self) -> bool:
        """Whether the error of a limit goes together with that of another row."""
        rows = enumerate(self.covariance or ())
        return any(value and i != j and self.limits[i] for i, row in rows for j, value in enumerate(row))

    def plain(self) -> dict:
        """All that numbers depend on, as JSON gives it back."""
        own = {name: getattr(self, name) for name in ("observable", "at", "values", "relative", "limits", "covariance")}
        return json.loads(json.dumps(own | {"at": dict(self.at)}))


@dataclass(frozen=True)
class Measurement:
    """What was measured on a sample, and what is known of it.

    `geometry` (wire, film, bulk) is that of the sample and of its electron-electron dephasing; `definition` says which
    number made of the decay of the interference the measured tau_phi is. `constants` are those of the material by their
    names in the vocabulary, `uncertainties` the relative standard deviations of those that have one, and `known` what
    is known of rival explanations, such as implanted impurities: value and relative standard deviation, 0 for an exact
    one. The first of the tables is that of tau_phi.
    """

    name: str
    path: Path
    title: str
    source: str
    synthetic: bool
    geometry: str
    definition: str
    constants: Mapping[str, float]
    uncertainties: Mapping[str, float]
    known: Mapping[str, tuple[float, float]]
    tables: tuple[Table, ...]

    def plain(self) -> dict:
        """All that numbers depend on, and neither names nor places of files, as JSON gives it back."""
        names = ("geometry", "definition", "constants", "uncertainties", "known")
        own = {name: getattr(self, name) for name in names}
        return json.loads(json.dumps(own)) | {"tables": [table.plain() for table in self.tables]}

    @property
    def digest(self) -> str:
        """16 hexadecimal digits that differ where `plain` does."""
        return hashlib.sha256(json.dumps(self.plain(), sort_keys=True).encode()).hexdigest()[:16]


def background_constants(geometry: str) -> tuple[str, ...]:
    """The constants of a sample without which the electron-electron dephasing of its geometry is not known."""
    adds = QUANTITIES["background"].options["background"][geometry].adds
    return tuple(name for name in adds if name != "ee_prefactor")
