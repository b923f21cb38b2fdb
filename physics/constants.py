"""Constants of nature, CODATA as SciPy has them (SI)."""

from scipy.constants import e as ELECTRONVOLT
from scipy.constants import h as PLANCK
from scipy.constants import hbar as HBAR
from scipy.constants import k as BOLTZMANN

__all__ = ["BOLTZMANN", "ELECTRONVOLT", "HBAR", "PLANCK"]
