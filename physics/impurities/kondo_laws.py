"""Asymptotic laws of two-level systems with two-channel Kondo effect, eqs. (23), (24) of paper 004: printed and exact.

Arguments are numbers or arrays that broadcast, in kelvin. A value outside its domain raises `physics.ParameterError`.
"""

import math

import numpy as np

from physics.constants import BOLTZMANN, HBAR
from physics.parameters import PARAMETERS, ParameterError

SATURATION = {"box": 8 / 9, "exponential": 4 / 3 * math.gamma(1.5)}
"""Factor of sqrt(T T_K*)/Delta*: (4/3) int_0^inf sqrt(x) P(x, 0) dx."""


def _checked(**values):
    return [PARAMETERS[name].check(value) for name, value in values.items()]


def dephasing_law_as_printed(T, TKstar, Deltastar):
    """tau_0/tau_phi by eq. (23) as the paper prints it, without prefactors; its second line for T <= T_K*.

    For T >> T_K*, Delta* >> T it contradicts (21) and (22), see `dephasing_law`.
    """
    T, TKstar, Deltastar = _checked(T=T, TKstar=TKstar, Deltastar=Deltastar)
    cold = np.minimum(1.0, np.sqrt(T * TKstar) / Deltastar)
    # Used for T > T_K* only, where it is above 0.
    logarithm = np.log(np.where(T > TKstar, np.maximum(T, Deltastar) / TKstar, math.e))
    return np.where(T > TKstar, np.minimum(1.0, T / Deltastar) / logarithm**2, cold)


def dephasing_law(T, TKstar, Deltastar, *, distribution="exponential"):
    """The leading terms of tau_0/tau_phi, eq. (22), with their prefactors.

    T <= T_K*: min(1, c sqrt(T T_K*)/Delta*), c = 8/9 (box) or (4/3) Gamma(3/2) (exponential);
    T > T_K*: l^-2 min(1, 2 (T/Delta*)/l) with l = max(1, ln(T/T_K*)). The corrections above T_K* are of relative
    order 1/l. Where (23) has ln^2(Delta*/T_K*) for Delta* >> T this has ln^3(T/T_K*)/2.
    """
    if distribution not in SATURATION:
        raise ParameterError(f"distribution = {distribution!r} is unknown; allowed: {', '.join(SATURATION)}")
    T, TKstar, Deltastar = _checked(T=T, TKstar=TKstar, Deltastar=Deltastar)
    cold = np.minimum(1.0, SATURATION[distribution] * np.sqrt(T * TKstar) / Deltastar)
    logarithm = np.maximum(1.0, np.log(T / TKstar))
    return np.where(T > TKstar, np.minimum(1.0, 2 * T / (Deltastar * logarithm)) / logarithm**2, cold)


def dephasing_law_exponential(T, TKstar, Deltastar):
    """`dephasing_law` of P(x, y) = exp(-x - y)."""
    return dephasing_law(T, TKstar, Deltastar, distribution="exponential")


def dephasing_law_box(T, TKstar, Deltastar):
    """`dephasing_law` of P(x, y) = 1 for x, y < 1."""
    return dephasing_law(T, TKstar, Deltastar, distribution="box")


def saturation_start(TKstar, Deltastar):
    """Delta*^2/T_K* (K), below which tau_phi does not saturate; NaN where Delta* >= T_K*, see `saturation_window`."""
    return saturation_window(TKstar, Deltastar)[0]


def saturation_window(TKstar, Deltastar):
    """The temperatures (K) between which tau_phi saturates, after (23): Delta*^2/T_K* and T_K*; NaN, NaN where
    Delta* >= T_K*, because there is no such window."""
    TKstar, Deltastar = np.broadcast_arrays(*_checked(TKstar=TKstar, Deltastar=Deltastar))
    exists = Deltastar < TKstar
    return np.where(exists, Deltastar**2 / TKstar, np.nan), np.where(exists, TKstar, np.nan)


def attenuation_law(T, TKstar, *, convention="consistent"):
    """W/(n_T a^2 omega^2) (s/J) by eq. (24) as corrected, for systems that all have T_K = T_K*, hbar omega << k_B T.

    hbar/(16 k_B^2 T T_K*) for T < T_K*, times (T_K*/T) max(1, ln(T/T_K*))^2 above, where the paper prints ln^-2;
    continuous at T_K*. convention "published" has the factor 1/16 of the printed (12), "consistent" four times this.
    """
    if convention not in ("consistent", "published"):
        raise ParameterError(f"convention = {convention!r} is unknown; allowed: consistent, published")
    T, TKstar = _checked(T=T, TKstar=TKstar)
    factor = (1.0 if convention == "published" else 4.0) * HBAR / (16 * BOLTZMANN**2)
    warm = np.maximum(1.0, np.log(T / TKstar)) ** 2 * np.minimum(1.0, TKstar / T)
    return factor / (T * TKstar) * np.where(T > TKstar, warm, 1.0)


def attenuation_law_published(T, TKstar):
    """`attenuation_law` in the convention of the printed (12)."""
    return attenuation_law(T, TKstar, convention="published")


def attenuation_law_consistent(T, TKstar):
    """`attenuation_law` with the drive of (10)."""
    return attenuation_law(T, TKstar, convention="consistent")


def attenuation_law_as_printed(T, TKstar):
    """W/(n_T a^2 omega^2) (s/J) by eq. (24) as the paper prints it, without a prefactor: hbar/(k_B^2 T T_K*), for
    T > T_K* divided by ln^2(T/T_K*)."""
    T, TKstar = _checked(T=T, TKstar=TKstar)
    logarithm = np.log(np.where(T > TKstar, T / TKstar, math.e))
    return HBAR / (BOLTZMANN**2 * T * TKstar * logarithm**2)
