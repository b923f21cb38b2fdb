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
            "barrier_width",
            r"\bar\lambda",
            "1",
            "width of the Gaussian distribution of barriers",
            lower=1e-6,
            upper=5.0,
        ),
        Parameter("omega", r"\omega", "rad s-1", "angular frequency"),
        # 1 is allowed.
        Parameter("n", "n", "1", "number of centres of a cluster", lower=np.nextafter(1.0, 0.0)),
        Parameter("U0", "U_0", "J m3", "strength of the interaction U0/R^3 of two-level systems"),
        Parameter("Pd_glass", r"P_g", "J-1 m-3", "density of states of the reference metallic glass"),
        Parameter("Estar_glass", r"E^*_g", "K", "cut-off of the energy distribution of the reference metallic glass"),
        Parameter("n_e", r"n_\mathrm{e}", "m-3", "density of the electrons"),
        Parameter("eps_F", r"\varepsilon_\mathrm{F}", "J", "Fermi energy"),
        Parameter("L_slow", "L", "1", "logarithm that counts the slow two-level systems"),
        Parameter("TKstar", r"T_\mathrm{K}^*", "K", "cut-off of the Kondo temperatures of the two-level systems"),
        Parameter(
            "Deltastar", r"\Delta^*", "K", "cut-off of the splittings of the two-level systems with Kondo effect"
        ),
        Parameter("R_per_length", "R/L", "ohm m-1", "resistance of a wire per length"),
        Parameter("D", "D", "m2 s-1", "diffusion constant of the electrons"),
        Parameter("R_sq", r"R_\mathrm{sq}", "ohm", "sheet resistance of a film"),
        Parameter("kFl", r"k_\mathrm{F}\ell", "1", "Fermi wave number times elastic mean free path"),
        Parameter("ee_prefactor", r"c_\mathrm{ee}", "1", "factor on the electron-electron dephasing rate"),
        Parameter("ep_rate", r"A_\mathrm{ep}", "s-1", "electron-phonon dephasing rate at 1 K"),
        Parameter("ep_exponent", r"n_\mathrm{ep}", "1", "power of temperature of the electron-phonon rate"),
        Parameter("p_t", r"p_t", "1", "fraction of the defects that tunnel, with 1/f noise", upper=1.0),
        Parameter("log_range", r"\lambda", "1", "logarithm of the range of tunnelling frequencies, ln(nu_max/nu_min)"),
        Parameter("F1", "F_1", "1", "effect of a moved defect relative to its maximum, (k_F d)^2", upper=1.0),
        Parameter("Delta0", r"\Delta_0", "K", "tunnelling amplitude of the cluster excitations"),
        Parameter(
            "amplitude_width", r"\sigma_L", "1", "width of the Gaussian distribution of ln(Delta0) of primary centres"
        ),
        Parameter("A_phonon", "A", "s-1 K-3", "one-phonon relaxation rate over Delta0^2 T"),
        Parameter("Delta_tilde", r"\tilde\Delta", "rad s-1", "tunnelling rate of a magnetic grain"),
        Parameter("coflip", r"\lambda", "1", "number of nuclei that flip with a magnetic grain", upper=100.0),
        Parameter("coflip_z", r"\lambda'", "1", "part of the coflip number along the easy axis", upper=100.0),
        Parameter("Phi", r"\Phi", "1", "topological phase of a magnetic grain", lower=-np.inf),
        Parameter("time", "t", "s", "time"),
        Parameter("omega0", r"\omega_0", "rad s-1", "hyperfine coupling of the nuclei of a magnetic grain"),
        Parameter("domega0", r"\delta\omega_0", "rad s-1", "spread of the hyperfine couplings"),
        Parameter("N_nuclei", "N", "1", "number of nuclear spins in a magnetic grain"),
        Parameter("S", "S", "1", "spin of a magnetic grain"),
        Parameter("T2", "T_2", "s", "time of nuclear spin diffusion"),
        Parameter("Omega_bounce", r"\Omega_o", "rad s-1", "bounce frequency of a magnetic grain"),
        Parameter("g_kondo", "g", "1", "Kondo coupling of the spins of a grain to the electrons"),
        Parameter("bandwidth", "D", "K", "bandwidth of the electrons of a grain"),
        Parameter("kF_spacing", r"k_\mathrm{F}R/S^{1/3}", "1", "Fermi wave number times radius of a grain per S^(1/3)"),
        Parameter("K_anisotropy", "K", "K", "magnetic anisotropy energy per spin"),
        Parameter("Theta_D", r"\Theta_\mathrm{D}", "K", "Debye temperature"),
    )
}
