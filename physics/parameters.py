"""The vocabulary: each parameter's name, symbol, unit and valid range, written once.

Every axis, constant and option value of a quantity is one of these names, and every value that reaches a kernel
is in the unit given here. `check` is the one place where a value is held against its physical domain.
"""

from dataclasses import dataclass

import numpy as np


class ParameterError(ValueError):
    """A value outside the physical domain of its parameter, or a parameter that is missing or unknown."""


@dataclass(frozen=True)
class Parameter:
    """One parameter: `unit` is a UDUNITS string, `symbol` is LaTeX without the dollars; lower < value <= upper."""

    name: str
    symbol: str
    unit: str
    long_name: str
    lower: float = 0.0
    upper: float = np.inf

    @property
    def valid_range(self) -> str:
        unit = "" if self.unit == "1" else f" {self.unit}"
        if np.isinf(self.upper):
            return f"finite and > {self.lower:g}{unit}"
        return f"> {self.lower:g} and <= {self.upper:g}{unit}"

    def check(self, value) -> np.ndarray:
        """`value` as a float64 array; ParameterError names the first value outside the domain or not a number."""
        try:
            array = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            raise ParameterError(f"{self.name}: {value!r} is not a number; allowed: {self.valid_range}") from None
        good = (array > self.lower) & (array <= self.upper) & np.isfinite(array)
        if not good.all():
            bad = array[~good].flat[0] if array.ndim else array
            raise ParameterError(f"{self.name} = {bad:g} is outside its domain; allowed: {self.valid_range}")
        return array


PARAMETERS: dict[str, Parameter] = {
    parameter.name: parameter
    for parameter in (
        Parameter("T", "T", "K", "temperature"),
        Parameter("Lambda0", r"\Lambda_0", "K", "tunnelling amplitude of the two-level systems"),
        Parameter("Pd", "P_d", "J-1 m-3", "density of states of the two-level systems"),
        Parameter("chi", r"\chi", "1", "electron-TLS coupling", upper=1.0),
        Parameter("Estar", "E^*", "K", "cut-off of the energy distribution of the two-level systems"),
        Parameter("sigma_in", r"\sigma_\mathrm{in}", "m2", "inelastic cross-section of one two-level system"),
        Parameter("v_F", r"v_\mathrm{F}", "m s-1", "Fermi velocity"),
        Parameter("tau", r"\tau", "s", "elastic scattering time"),
        Parameter("p_min", r"p_\mathrm{min}", "1", "lower cut-off of p = (Lambda/E)^2 in the glass model", upper=0.5),
        Parameter(
            "barrier_width", r"\bar\lambda", "1", "width of the Gaussian distribution of barriers", lower=0.0, upper=5.0
        ),
        Parameter("omega", r"\omega", "rad s-1", "angular frequency of the ultrasound"),
        Parameter("Pd_glass", r"P_g", "J-1 m-3", "density of states of the reference metallic glass"),
        Parameter("Estar_glass", r"E^*_g", "K", "cut-off of the energy distribution of the reference metallic glass"),
        Parameter("n_e", r"n_\mathrm{e}", "m-3", "density of the electrons"),
        Parameter("eps_F", r"\varepsilon_\mathrm{F}", "J", "Fermi energy"),
        Parameter("L_slow", "L", "1", "logarithm that counts the slow two-level systems"),
        Parameter("TKstar", r"T_\mathrm{K}^*", "K", "cut-off of the Kondo temperatures of the two-level systems"),
        Parameter(
            "Deltastar", r"\Delta^*", "K", "cut-off of the splittings of the two-level systems with Kondo effect"
        ),
    )
}
