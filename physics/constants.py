"""Constants of nature, CODATA as SciPy has them (SI)."""

from scipy.constants import e as ELECTRONVOLT
from scipy.constants import e as ELEMENTARY_CHARGE
from scipy.constants import h as PLANCK
from scipy.constants import hbar as HBAR
from scipy.constants import k as BOLTZMANN
from scipy.constants import m_e as ELECTRON_MASS

__all__ = ["BOLTZMANN", "ELECTRONVOLT", "ELECTRON_MASS", "ELEMENTARY_CHARGE", "HBAR", "PLANCK"]
