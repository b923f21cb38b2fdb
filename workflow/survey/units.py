"""From "10 mK" to a number in the vocabulary's unit, with pint.

Temperatures and energies are one dimension here, joined by Boltzmann's constant, and `h` is Planck's constant, so that
10 mK, 0.2 GHz·h and 0.86 ueV are all temperatures. pint knows the units; only those named here reach it, because it
also takes "10 deg K" (angular degrees), °C, decibels and commas inside numbers, and sees no fault in them. Its
import takes half a second, so that factors which it gave once are kept.
"""

import re
from functools import cache
from importlib.metadata import version
from pathlib import Path

from physics.kept import Kept
from physics.parameters import Parameter, ParameterError
from survey.errors import SurveyError
from survey.grid import canonical
from survey.words import quoted

_WITH_PREFIXES = ("m", "g", "s", "K", "J", "eV", "W", "Hz", "ohm", "T")
_WITHOUT_PREFIXES = ("erg", "Å", "rad", "h", "hbar", "ħ", "k_B")
_KNOWN = re.compile(f"[fpnuµμmckMGT]?(?:{'|'.join(_WITH_PREFIXES)})|{'|'.join(_WITHOUT_PREFIXES)}")
_NAME = re.compile(r"[^\W\d]+")
_POWER = re.compile(r"(?<=[^\W\d])(?: ?(?:\^|\*\*) ?)?([+-]?[1-9][0-9]?)(?![0-9.])")
# No more than 20 factors: pint reads a product recursively.
_PRODUCT = re.compile(rf"(?:1(?= ?[*·/]))?(?: ?[*·/]? ?{_NAME.pattern}(?:{_POWER.pattern})?){{,20}}")
_NUMBER = re.compile(r"\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*(.*?)\s*", re.DOTALL)
_SPELLINGS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺⋅ℏ", "0123456789-+·ħ")

_EXAMPLES = {
    "K": "'10 mK', '0.01 K', '0.2 GHz·h', '1 ueV'",
    "J-1 m-3": "'1e34 erg^-1 cm^-3', '5e16 K^-1 cm^-3', '1e47 J^-1 m^-3'",
    "m2": "'1e-15 cm^2', '1e-19 m^2'",
    "m s-1": "'1e8 cm/s', '1e6 m/s'",
    "s": "'1e-14 s', '3 ns'",
    "rad s-1": "'1e9 rad/s', '1e9 s^-1'",
    "m-3": "'3e22 cm^-3', '3e28 m^-3'",
    "J": "'5 eV', '8e-19 J'",
    "ohm": "'100 ohm', '1.5 kohm'",
    "ohm m-1": "'6.2e6 ohm/m', '6.2 ohm/um'",
    "T": "'10 mT', '0.5 T'",
    "1": "a plain number, e.g. 0.1",
}


def parse(value: str | int | float, parameter: Parameter) -> float:
    """A value of a survey file or of a command line in the unit of its parameter.

    `value` is text with a unit, "10 mK", "1e34 erg^-1 cm^-3", "1e8 cm/s", or a number where the parameter is one.
    Returns a float that is canonical (12 significant digits) and inside the parameter's physical domain.
    Raises SurveyError, without the place, which the caller knows: no number, no unit, an unknown unit, a wrong
    dimension, a value outside the domain.
    """
    try:
        number, unit = _split(value, parameter)
        if unit:
            number *= _conversion(unit, parameter)
        return float(canonical(parameter.check(number)))
    except ParameterError as fault:
        raise SurveyError(f"found {quoted(value)}: {fault}") from None
    except OverflowError:
        reason = "the value is too large"
    except ValueError as fault:
        reason = str(fault)
    examples = _EXAMPLES.get(parameter.unit, f"'1 {parameter.unit}'")
    raise SurveyError(f"found {quoted(value)}, {reason}; allowed: {'' if parameter.unit == '1' else 'e.g. '}{examples}")


def in_unit(value: float, unit: str, parameter: Parameter) -> float:
    """A value in the parameter's own unit, expressed in another: in_unit(0.01, "mK", PARAMETERS["T"]) is 10.

    Raises ValueError for a unit that is unknown or of another dimension.
    """
    return value / _conversion(unit, parameter)


def _split(value, parameter: Parameter) -> tuple[float, str]:
    """The number and the unit, as text, of a value."""
    unit = ""
    if isinstance(value, str):
        match = _NUMBER.fullmatch(value)
        if match is None:
            raise ValueError(f"{parameter.name} must begin with a finite number")
        value, unit = match.groups()
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{parameter.name} must be a number")
    if not unit and parameter.unit != "1":
        article = "an" if parameter.long_name[0].lower() in "aeiou" else "a"
        raise ValueError(f"{article} {parameter.long_name} needs a unit")
    if unit and parameter.unit == "1":
        raise ValueError(f"{parameter.name} is a plain number and has no unit")
    return float(value), unit


@cache
def _kept() -> Kept:
    """The factors that are known, by unit and unit of the parameter, each as text."""
    return Kept("units", [version("pint").encode(), Path(__file__).read_bytes()])


@cache
def _registry():
    import pint

    return pint.UnitRegistry(
        preprocessors=[
            lambda text: _POWER.sub(r"**\1 ", text),  # the UDUNITS style, J-1 m-3
            lambda text: re.sub(r"\bh\b", "planck_constant", text),  # pint's `h` is the hour
        ]
    )


@cache
def _conversion(unit: str, parameter: Parameter) -> float:
    """The factor from a unit to the parameter's; ValueError says why there is none."""
    text = " ".join(unit.translate(_SPELLINGS).split())
    rest = text[_PRODUCT.match(text).end() :]
    if rest:
        raise ValueError(f"the unit {quoted(unit)} cannot be read at {quoted(rest.strip())}")
    for name in _NAME.findall(text):
        if not _KNOWN.fullmatch(name):
            known = ", ".join([*_WITH_PREFIXES, *_WITHOUT_PREFIXES])
            raise ValueError(f"{quoted(name)} is not a known unit (known, the first ten also with prefixes: {known})")
    if parameter.unit == "rad s-1" and "Hz" in text:
        # pint takes 1 Hz for 1 rad/s.
        raise ValueError(
            f"{quoted(unit)} counts cycles and {parameter.name} is an angular frequency, 2 pi times as large"
        )
    key = f"{text} in {parameter.unit}"
    if key not in _kept():
        _kept()[key] = _factor(text, unit, parameter)
        _kept().keep()
    return _kept()[key]


def _factor(text: str, unit: str, parameter: Parameter) -> float:
    quantity = _registry().Quantity
    ratio = quantity(1.0, f"1{text}" if text[:1] in "*·/" else text) / quantity(1.0, parameter.unit)
    ratio *= quantity(1.0, "k_B") ** ratio.dimensionality.get("[temperature]", 0)
    if not ratio.dimensionless:
        raise ValueError(f"{quoted(unit)} is not a unit of {parameter.name} (wrong dimension)")
    return float(ratio.m_as("dimensionless"))
