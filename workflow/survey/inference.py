"""What is inferred in a survey once its file has been read: from which measurements, about which rivals, and what is
believed before the data."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from physics import Parameter
from survey.measurement import OBSERVABLES, Measurement, Table
from survey.rivals import Range

# Temperatures of the electrons that are nearer than this, relative, are one.
SAME_T = 3e-4
# Of the temperature of heating, Gauss-Legendre in its logarithm.
_HEAT_NODES = 3
# Powers with which the rate of electrons goes with constants of the material, by geometry (the diffusive part in bulk),
# and with which B = hbar P_d sigma_in v_F does, sigma_in of free electrons.
_EE_POWERS = {
    "wire": {"R_per_length": 2 / 3, "D": 1 / 3},
    "film": {"R_sq": 1.0},
    "bulk": {"kFl": 1.5, "eps_F": 0.5},
}
_B_POWERS = {"v_F": 1.0, "eps_F": 1.0}


Observable = Literal["C", "C_over_T", "W_over_glass", "Q_inverse", "tau_phi", "hooge"]
Mechanism = Literal["relaxation", "resonant"]


@dataclass(frozen=True)
class Seen:
    """A number that can be seen: what it is, the kind of table it comes from (of `survey.rivals.KINDS`, or dephasing)
    with the variable there, the condition that it hangs on beside T, and the constants that it needs of itself."""

    parameter: Parameter
    kind: str
    variable: str
    at: str | None = None
    needs: tuple[str, ...] = ()


def _seen(name: str, symbol: str, unit: str, long_name: str, *of, **more) -> tuple[str, Seen]:
    return name, Seen(Parameter(name, symbol, unit, long_name), *of, **more)


_ELECTRONS = ("n_e", "eps_F")
SEEN: dict[str, Seen] = dict(
    [
        _seen(
            "C_ratio", r"C_\mathrm{T}/C_\mathrm{e}", "1", "specific heat of the defects over that of the electrons",
            "heat", "C_ratio", "t_exp",
        ),
        _seen(
            "C_over_T", "C/T", "J K-2 m-3", "specific heat of defects and electrons over the temperature",
            "heat", "C_ratio", "t_exp", needs=_ELECTRONS,
        ),
        _seen(
            "C", "C", "J K-1 m-3", "specific heat of defects and electrons",
            "heat", "C_ratio", "t_exp", needs=_ELECTRONS,
        ),
        _seen(
            "W_resonant_over_glass", r"W_\mathrm{res}/W_{g,\mathrm{res}}", "1",
            "resonant absorption of weak sound over that of a metallic glass", "resonant", "W_over_glass", "omega",
        ),
        _seen(
            "W_relaxation_over_glass", r"W_\mathrm{rel}/W_{g,\mathrm{rel}}", "1",
            "absorption of strong sound, by relaxation, over that of a metallic glass",
            "relaxation", "W_over_glass", "omega",
        ),
        _seen(
            "Q_inverse_resonant", r"Q^{-1}_\mathrm{res}", "1", "resonant internal friction",
            "resonant", "Q_inverse", "omega",
        ),
        _seen(
            "Q_inverse_relaxation", r"Q^{-1}_\mathrm{rel}", "1", "internal friction by relaxation",
            "relaxation", "Q_inverse", "omega",
        ),
        _seen("hooge", r"\alpha_\mathrm{H}", "1", "Hooge parameter per e-fold", "noise", "hooge"),
        _seen("tau_phi", r"\tau_\varphi", "s", "electron dephasing time", "dephasing", "tau_phi"),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """One number that an experiment reads: its name in `SEEN`, where (T and the condition, in the vocabulary's units),
    and the standard deviation of the reading, in quadrature: a part of the value, and a floor in the number's unit."""

    observable: str
    at: Mapping[str, float]
    relative: float
    floor: float


@dataclass(frozen=True)
class Experiment:
    """Numbers that are read together, and what that costs, in any unit."""

    readings: tuple[Reading, ...]
    cost: float = 1.0


@dataclass(frozen=True)
class Consequences:
    """Where predictions are wanted (`axes`: T, omega, t_exp, H, and `T_dephasing` of tau_phi), the labels of their
    tables by rival and kind, why a number of `SEEN` is in none, by rival, and the experiments that are weighed. All of
    it is of the first measurement's sample."""

    axes: Mapping[str, tuple[float, ...]]
    tables: Mapping[str, Mapping[str, str]]
    missing: Mapping[str, Mapping[str, str]]
    experiments: Mapping[str, Experiment]

    def labels(self) -> tuple[str, ...]:
        return tuple(label for tables in self.tables.values() for label in tables.values())


@dataclass(frozen=True)
class Nuisances:
    """What is believed of experiment and background before the data. Widths of normal distributions: of the common
    scale `delta` (ln tau), of the logarithms of the prefactor of electrons, of the rate of phonons and of the
    cross-section over that of the golden rule, and of the power of phonons; of the half-normal distribution of the
    scatter s_m that errors do not say; and the range of the temperature of heating (K), log-uniform."""

    delta: float = 0.1
    s_m: float = 0.1
    ee_prefactor: float = 0.35
    ep_rate: float = 0.7
    ep_exponent: float = 0.3
    cross_section: float = 0.7
    T_heat: Range = field(default=(1e-3, 0.03))

    def of(self, sample: Measurement) -> "Nuisances":
        """What is believed of one sample: where the measurement says how well a rate or power is known it is that, and
        uncertain constants of the material widen what hangs on them."""
        known, powers = sample.uncertainties, _EE_POWERS[sample.geometry]
        material = np.sqrt(sum((n * known.get(name, 0.0)) ** 2 for name, n in powers.items()))
        power = sample.constants.get("ep_exponent", 3.0)
        scattering = np.sqrt(sum((n * known.get(name, 0.0)) ** 2 for name, n in _B_POWERS.items()))
        return replace(
            self,
            ee_prefactor=float(np.hypot(known.get("ee_prefactor", self.ee_prefactor), material)),
            ep_rate=float(known.get("ep_rate", self.ep_rate)),
            ep_exponent=float(power * known.get("ep_exponent", self.ep_exponent / 3.0)),
            cross_section=float(np.hypot(self.cross_section, scattering)),
        )


@dataclass(frozen=True)
class Hypothesis:
    """A rival in a survey: its prior ranges by parameter, its constants, the label of its table for each wire, and
    those of what it predicts for the other tables of each sample, in their order, empty where it does nothing."""

    ranges: Mapping[str, Range]
    constants: Mapping[str, float]
    tables: Mapping[str, str]
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def labels(self) -> tuple[str, ...]:
        return *self.tables.values(), *(label for each in self.others.values() for label in each if label)


@dataclass(frozen=True)
class Inference:
    """Measurements, the rivals that are weighed, by name, what is believed of the nuisances, the seed of draws, and
    what is predicted besides."""

    measurements: tuple[Measurement, ...]
    rivals: Mapping[str, Hypothesis]
    nuisances: Nuisances
    seed: int
    consequences: Consequences | None = None


@dataclass(frozen=True)
class Finding:
    """A file that an inference makes, under its name: which step makes it, of which rival, from which cubes, by their
    labels, and from which other findings."""

    step: str
    rival: str = ""
    labels: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


def findings_of(inference: Inference | None) -> dict[str, Finding]:
    """What an inference makes, by name, each after what it is made from."""
    if inference is None:
        return {}
    found = {f"posterior_{name}": Finding("infer", name, each.labels()) for name, each in inference.rivals.items()}
    posteriors, besides = tuple(found), inference.consequences
    found["evidence"] = Finding("compare", findings=posteriors)
    if besides is not None:
        found["predictions"] = Finding("predict", labels=besides.labels(), findings=posteriors)
        if besides.experiments:
            sources = (*posteriors, "evidence")
            found["experiments"] = Finding("rank", labels=besides.labels(), findings=sources)
    return found


def other_scale(nuisances: Nuisances, sample: Measurement, table: Table) -> float:
    """The width of the common scale of another table of a sample, in the logarithm: that of all scales, and what the
    uncertain constants of the material add."""
    powers = OBSERVABLES[table.observable].powers
    return float(
        np.sqrt(nuisances.delta**2 + sum((n * sample.uncertainties.get(k, 0.0)) ** 2 for k, n in powers.items()))
    )


def heating_nodes(nuisances: Nuisances) -> tuple[np.ndarray, np.ndarray]:
    """Temperatures of heating (K) and their weights, which sum to 1: a Gauss-Legendre rule in the logarithm."""
    x, weights = np.polynomial.legendre.leggauss(_HEAT_NODES)
    low, high = np.log(nuisances.T_heat)
    return np.exp(low + (high - low) * (x + 1) / 2), weights / 2


def heated(T, T_heat) -> np.ndarray:
    """Temperatures (h, n) of electrons, (T^5 + T_heat^5)^(1/5), in samples at T (n) heated so much (h), in K."""
    return (np.asarray(T) ** 5 + np.asarray(T_heat)[:, None] ** 5) ** 0.2
