"""The vocabulary: each parameter's name, symbol, unit and valid range, written once.

Every axis, constant and option value of a quantity is one of these names, and every value that reaches a kernel
is in the unit given here. `check` is the one place where a value is held against its physical domain. What a quantity
promises, it promises on `domain`, unless its entry in the registry says otherwise: what somebody could measure or
suppose, and a few decades on either side.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


class ParameterError(ValueError):
    """A value outside the physical domain of its parameter, or a parameter that is missing or unknown."""


@dataclass(frozen=True)
class Parameter:
    """One parameter: `unit` is a UDUNITS string, `symbol` is LaTeX without the dollars; lower < value <= upper, and
    `domain` the least and the largest value for which quantities are made."""

    name: str
    symbol: str
    unit: str
    long_name: str
    lower: float = 0.0
    upper: float = np.inf
    domain: tuple[float, float] = (-np.inf, np.inf)

    @property
    def valid_range(self) -> str:
        if np.isinf(self.upper):
            return f"finite and > {self.text(self.lower)}"
        return f"> {self.lower:g} and <= {self.text(self.upper)}"

    def text(self, value: float) -> str:
        """A value with its unit, in the fewest digits that tell it from others."""
        return f"{value:.12g}{'' if self.unit == '1' else f' {self.unit}'}"

    def numbers(self, value: ArrayLike) -> np.ndarray:
        """`value` as a float64 array; ParameterError if it is not made of numbers."""
        try:
            return np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            raise ParameterError(f"{self.name}: {value!r} is not a number; allowed: {self.valid_range}") from None

    def check(self, value: ArrayLike) -> np.ndarray:
        """`value` as a float64 array; ParameterError names the first value outside the domain or not a number."""
        array = self.numbers(value)
        good = (array > self.lower) & (array <= self.upper) & np.isfinite(array)
        if not good.all():
            bad = array[~good].flat[0] if array.ndim else array
            raise ParameterError(f"{self.name} = {bad:g} is outside its domain; allowed: {self.valid_range}")
        return array


PARAMETERS: dict[str, Parameter] = {
    parameter.name: parameter
    for parameter in (
        Parameter("T", "T", "K", "temperature", domain=(1e-4, 100.0)),
        Parameter("Lambda0", r"\Lambda_0", "K", "tunnelling amplitude of the two-level systems", domain=(1e-6, 10.0)),
        Parameter("Pd", "P_d", "J-1 m-3", "density of states of the two-level systems", domain=(1e43, 1e49)),
        Parameter("chi", r"\chi", "1", "electron-TLS coupling", upper=1.0, domain=(1e-4, 1.0)),
        Parameter(
            "Estar", "E^*", "K", "cut-off of the energy distribution of the two-level systems", domain=(5e-4, 1e4)
        ),
        Parameter(
            "sigma_in",
            r"\sigma_\mathrm{in}",
            "m2",
            "inelastic cross-section of one two-level system",
            domain=(1e-24, 1e-16),
        ),
        Parameter("v_F", r"v_\mathrm{F}", "m s-1", "Fermi velocity", domain=(1e4, 1e7)),
        Parameter("tau", r"\tau", "s", "elastic scattering time", domain=(1e-17, 1e-9)),
        Parameter(
            "p_min",
            r"p_\mathrm{min}",
            "1",
            "lower cut-off of p = (Lambda/E)^2 in the glass model",
            upper=0.5,
            domain=(1e-12, 0.5),
        ),
        Parameter(
            "barrier_width",
            r"\bar\lambda",
            "1",
            "width of the Gaussian distribution of barriers",
            lower=1e-6,
            upper=5.0,
            domain=(0.01, 5.0),
        ),
        Parameter("t_exp", r"t_\mathrm{exp}", "s", "time of the experiment", domain=(1e-9, 1e7)),
        Parameter("omega", r"\omega", "rad s-1", "angular frequency", domain=(1.0, 1e11)),
        # 1 is allowed.
        Parameter("n", "n", "1", "number of centres of a cluster", lower=np.nextafter(1.0, 0.0), domain=(1.0, 1e4)),
        Parameter(
            "U0", "U_0", "J m3", "strength of the interaction U0/R^3 of two-level systems", domain=(1e-52, 1e-45)
        ),
        Parameter(
            "charge_power",
            "s",
            "1",
            "power of the number of centres in the interaction of clusters, (k m)^s",
            upper=0.5,
            domain=(0.05, 0.5),
        ),
        Parameter(
            "Pd_glass", r"P_g", "J-1 m-3", "density of states of the reference metallic glass", domain=(1e43, 1e49)
        ),
        Parameter(
            "Estar_glass",
            r"E^*_g",
            "K",
            "cut-off of the energy distribution of the reference metallic glass",
            domain=(2e-3, 1e3),
        ),
        Parameter(
            "p_min_glass",
            r"p_{\mathrm{min},g}",
            "1",
            "lower cut-off of p = (Lambda/E)^2 in the reference metallic glass",
            upper=0.5,
            domain=(1e-12, 0.5),
        ),
        Parameter("gamma", r"\gamma", "J", "deformation potential of the two-level systems", domain=(1e-22, 1e-17)),
        Parameter("rho_mass", r"\rho", "kg m-3", "mass density", domain=(100.0, 1e5)),
        Parameter("v_sound", "v", "m s-1", "velocity of sound", domain=(100.0, 1e5)),
        Parameter("n_e", r"n_\mathrm{e}", "m-3", "density of the electrons", domain=(1e24, 1e30)),
        Parameter("eps_F", r"\varepsilon_\mathrm{F}", "J", "Fermi energy", domain=(1e-21, 1e-17)),
        Parameter("L_slow", "L", "1", "logarithm that counts the slow two-level systems", domain=(0.1, 1e3)),
        Parameter(
            "TKstar",
            r"T_\mathrm{K}^*",
            "K",
            "cut-off of the Kondo temperatures of the two-level systems",
            domain=(1e-3, 100.0),
        ),
        Parameter(
            "Deltastar",
            r"\Delta^*",
            "K",
            "cut-off of the splittings of the two-level systems with Kondo effect",
            domain=(1e-4, 100.0),
        ),
        Parameter("n_imp", r"n_\mathrm{imp}", "m-3", "density of magnetic impurities", domain=(1e17, 1e27)),
        Parameter("T_K", r"T_\mathrm{K}", "K", "Kondo temperature of the magnetic impurities", domain=(1e-6, 100.0)),
        Parameter("spin", "S", "1", "spin of a magnetic impurity", domain=(0.5, 5.0)),
        Parameter("T_heat", r"T_\mathrm{h}", "K", "temperature of the heated electrons at T = 0", domain=(1e-4, 10.0)),
        Parameter(
            "n_T",
            r"n_\mathrm{T}",
            "m-3",
            "density of the two-level systems with Kondo effect",
            domain=(1e17, 1e27),
        ),
        Parameter(
            "p_min_glass",
            r"p_{\mathrm{min},g}",
            "1",
            "lower cut-off of p = (Lambda/E)^2 in the reference metallic glass",
            upper=0.5,
            domain=(1e-12, 0.5),
        ),
        Parameter("R_per_length", "R/L", "ohm m-1", "resistance of a wire per length", domain=(1.0, 1e12)),
        Parameter("D", "D", "m2 s-1", "diffusion constant of the electrons", domain=(1e-6, 1.0)),
        Parameter("H", r"\mu_0 H", "T", "magnetic field", domain=(1e-6, 10.0)),
        Parameter("width", "w", "m", "width of a wire", domain=(1e-9, 1e-4)),
        Parameter("R_sq", r"R_\mathrm{sq}", "ohm", "sheet resistance of a film", domain=(1e-4, 1.29e4)),
        Parameter("kFl", r"k_\mathrm{F}\ell", "1", "Fermi wave number times elastic mean free path", domain=(1.0, 1e5)),
        Parameter(
            "ee_prefactor", r"c_\mathrm{ee}", "1", "factor on the electron-electron dephasing rate", domain=(1e-3, 1e3)
        ),
        Parameter("ep_rate", r"A_\mathrm{ep}", "s-1", "electron-phonon dephasing rate at 1 K", domain=(1.0, 1e13)),
        Parameter(
            "ep_exponent", r"n_\mathrm{ep}", "1", "power of temperature of the electron-phonon rate", domain=(1.0, 6.0)
        ),
        Parameter(
            "p_t", r"p_t", "1", "fraction of the defects that tunnel, with 1/f noise", upper=1.0, domain=(1e-9, 1.0)
        ),
        Parameter(
            "log_range",
            r"\lambda",
            "1",
            "logarithm of the range of tunnelling frequencies, ln(nu_max/nu_min)",
            domain=(1.0, 1e3),
        ),
        Parameter(
            "F1",
            "F_1",
            "1",
            "effect of a moved defect relative to its maximum, (k_F d)^2",
            upper=1.0,
            domain=(1e-6, 1.0),
        ),
        Parameter(
            "F2",
            "F_2",
            "1",
            "cross-section of a defect relative to its maximum, sigma k_F^2",
            upper=1.0,
            domain=(1e-6, 1.0),
        ),
        Parameter("N_electrons", r"N_\mathrm{e}", "1", "number of electrons in the sample", domain=(1e3, 1e26)),
        Parameter("frequency", "f", "Hz", "frequency", domain=(1e-6, 1e12)),
        Parameter("Delta0", r"\Delta_0", "K", "tunnelling amplitude of the cluster excitations", domain=(1e-18, 10.0)),
        Parameter(
            "amplitude_width",
            r"\sigma_L",
            "1",
            "width of the Gaussian distribution of ln(Delta0) of primary centres",
            domain=(0.01, 100.0),
        ),
        Parameter("relaxation_time", r"\tau", "s", "relaxation time of a cluster excitation", domain=(1e-12, 1e8)),
        Parameter("A_phonon", "A", "s-1 K-3", "one-phonon relaxation rate over Delta0^2 T", domain=(1e4, 1e12)),
        Parameter("Delta_tilde", r"\tilde\Delta", "rad s-1", "tunnelling rate of a magnetic grain", domain=(1e3, 1e8)),
        Parameter(
            "coflip",
            r"\lambda",
            "1",
            "number of nuclei that flip with a magnetic grain",
            upper=100.0,
            domain=(1e-9, 100.0),
        ),
        Parameter(
            "coflip_z",
            r"\lambda'",
            "1",
            "part of the coflip number along the easy axis",
            upper=100.0,
            domain=(1e-9, 100.0),
        ),
        Parameter("Phi", r"\Phi", "1", "topological phase of a magnetic grain", lower=-np.inf, domain=(-100.0, 100.0)),
        Parameter("time", "t", "s", "time", domain=(1e-9, 1e-3)),
        Parameter(
            "omega0", r"\omega_0", "rad s-1", "hyperfine coupling of the nuclei of a magnetic grain", domain=(1e3, 1e10)
        ),
        Parameter("domega0", r"\delta\omega_0", "rad s-1", "spread of the hyperfine couplings", domain=(1.0, 1e9)),
        Parameter("N_nuclei", "N", "1", "number of nuclear spins in a magnetic grain", domain=(1.0, 1e6)),
        Parameter("S", "S", "1", "spin of a magnetic grain", domain=(1.0, 1e7)),
        Parameter("T2", "T_2", "s", "time of nuclear spin diffusion", domain=(1e-8, 10.0)),
        Parameter("Omega_bounce", r"\Omega_o", "rad s-1", "bounce frequency of a magnetic grain", domain=(1e8, 1e13)),
        Parameter("g_kondo", "g", "1", "Kondo coupling of the spins of a grain to the electrons", domain=(1e-3, 1.0)),
        Parameter("bandwidth", "D", "K", "bandwidth of the electrons of a grain", domain=(10.0, 1e6)),
        Parameter(
            "kF_spacing",
            r"k_\mathrm{F}R/S^{1/3}",
            "1",
            "Fermi wave number times radius of a grain per S^(1/3)",
            domain=(0.1, 100.0),
        ),
        Parameter("K_anisotropy", "K", "K", "magnetic anisotropy energy per spin", domain=(1e-4, 100.0)),
        Parameter(
            "K_perp",
            r"K_\perp",
            "K",
            "magnetic anisotropy energy per spin along the hard axis",
            domain=(1e-4, 100.0),
        ),
        Parameter("Theta_D", r"\Theta_\mathrm{D}", "K", "Debye temperature", domain=(10.0, 3000.0)),
    )
}
