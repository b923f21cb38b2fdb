import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from physics import PARAMETERS, constants
from survey.errors import SurveyError
from survey.grid import canonical, same
from survey.units import in_unit, parse

T, PD, CHI = PARAMETERS["T"], PARAMETERS["Pd"], PARAMETERS["chi"]


def test_constants_are_those_of_the_kernels():
    kelvin = {"J": 1.0, "eV": constants.ELECTRONVOLT, "Hz·h": constants.PLANCK, "hbar/s": constants.HBAR}
    for unit, joule in kelvin.items():
        assert math.isclose(in_unit(1.0, unit, T), constants.BOLTZMANN / joule, rel_tol=1e-15)


def test_prefixes_are_powers_of_ten():
    powers = {"f": -15, "p": -12, "n": -9, "u": -6, "µ": -6, "μ": -6, "m": -3, "c": -2, "k": 3, "M": 6, "G": 9, "T": 12}
    energies = ("m J m^-1", "g m^2 s^-2", "s W", "K", "J", "eV", "W s", "Hz h")
    for (prefix, power), unit in product(powers.items(), energies):
        assert math.isclose(in_unit(1.0, unit, T), in_unit(1.0, prefix + unit, T) * 10.0**power, rel_tol=1e-14)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("10 mK", "T", 0.01),
        ("10mK", "T", 0.01),
        ("  1e1   mK ", "T", 0.01),
        ("0.01 K", "T", 0.01),
        ("10000 µK", "T", 0.01),
        ("10000 μK", "T", 0.01),
        ("1 J", "T", 1 / constants.BOLTZMANN),
        ("1eV", "Estar", constants.ELECTRONVOLT / constants.BOLTZMANN),
        ("1 ueV", "T", 1e-6 * constants.ELECTRONVOLT / constants.BOLTZMANN),
        ("0.2 GHz·h", "T", 2e8 * constants.PLANCK / constants.BOLTZMANN),
        ("0.2 GHz*h", "T", 2e8 * constants.PLANCK / constants.BOLTZMANN),
        ("0.2 h GHz", "T", 2e8 * constants.PLANCK / constants.BOLTZMANN),
        ("2 hbar/ns", "T", 2e9 * constants.HBAR / constants.BOLTZMANN),
        ("2 ℏ/ns", "T", 2e9 * constants.HBAR / constants.BOLTZMANN),
        ("1e34 erg^-1 cm^-3", "Pd", 1e47),
        ("1e34/erg/cm^3", "Pd", 1e47),
        ("1e34 1/erg/cm^3", "Pd", 1e47),
        ("1e47J^-1m^-3", "Pd", 1e47),
        ("1e47 J-1 m-3", "Pd", 1e47),
        ("1e47 J⁻¹·m⁻³", "Pd", 1e47),
        ("1e16 K^-1 cm^-3", "Pd", 1e22 / constants.BOLTZMANN),
        ("2 eV**-1 nm**-3", "Pd", 2e27 / constants.ELECTRONVOLT),
        ("1e-15 cm^2", "sigma_in", 1e-19),
        ("1e-15 cm²", "sigma_in", 1e-19),
        ("1e8 cm/s", "v_F", 1e6),
        ("1e8 cm s^-1", "v_F", 1e6),
        ("3 ns", "tau", 3e-9),
        ("10 fs", "tau", 1e-14),
        (0.1 + 0.2, "chi", 0.3),
        ("0.05", "chi", 0.05),
        (1, "chi", 1.0),
        (2.5, "barrier_width", 2.5),
    ],
)
def test_parse(text, name, value):
    assert parse(text, PARAMETERS[name]) == float(canonical(value))


@pytest.mark.parametrize(
    ("value", "name", "message"),
    [
        ("10", "T", "found '10', a temperature needs a unit; allowed: e.g. '10 mK', '0.01 K', '0.2 GHz·h', '1 ueV'$"),
        (10, "T", "found 10, a temperature needs a unit"),
        ("1e8", "v_F", "a Fermi velocity needs a unit"),
        ("1e-15", "sigma_in", "an inelastic cross-section of one two-level system needs a unit"),
        ("10 s", "T", "'s' is not a unit of T \\(wrong dimension\\)"),
        ("5 GHz", "T", "'GHz' is not a unit of T"),
        ("1e34 erg^-1 cm^-1", "Pd", "is not a unit of Pd"),
        ("1 cm", "sigma_in", "wrong dimension"),
        ("1 h", "tau", "wrong dimension"),
        ("10 degC", "T", "'degC' is not a known unit"),
        ("10 parsec", "T", "'parsec' is not a known unit"),
        ("10 cerg", "T", "'cerg' is not a known unit"),
        ("3 mh", "tau", "'mh' is not a known unit"),
        ("10 deg K", "T", "'deg' is not a known unit"),
        ("10 °C", "T", "cannot be read at '°C'"),
        ("10 dBm", "T", "'dBm' is not a known unit"),
        ("10 a0^2", "sigma_in", "cannot be read at '0"),
        ("10 {K}", "T", "cannot be read at '{K}'"),
        ("10 K^", "T", "cannot be read at '\\^'"),
        ("10 K**2**9", "T", "cannot be read at '\\*\\*9'"),
        ("10 K/K" + "*K/K" * 5000, "T", "cannot be read"),
        ("0.1 K", "chi", "chi is a plain number and has no unit"),
        ("5 %", "chi", "plain number"),
        ("ten mK", "T", "must begin with a finite number"),
        ("1,5 mK", "T", "cannot be read at ',5 mK'"),
        ("", "T", "must begin with a finite number"),
        ("mK", "T", "must begin with a finite number"),
        ("nan K", "T", "must begin with a finite number"),
        ("inf K", "T", "must begin with a finite number"),
        ("1e400 K", "T", "outside its domain"),
        ("1e-400 K", "T", "outside its domain"),
        ("0 K", "T", "T = 0 is outside its domain; allowed: finite and > 0 K"),
        ("-1 mK", "T", "outside its domain"),
        (1.5, "chi", "chi = 1.5 is outside its domain; allowed: > 0 and <= 1"),
        (float("nan"), "chi", "outside its domain"),
        (10**400, "chi", "too large"),
        ("1 GK^99", "T", "too large"),
        ("1 K^999", "T", "cannot be read"),
        ("1 K^1.5", "T", "cannot be read"),
        (True, "chi", "must be a number"),
        (None, "T", "must be a number"),
        ([1], "chi", "must be a number"),
        ("1 (K", "T", "cannot be read"),
        ("__import__('os') K", "T", "must begin"),
    ],
)
def test_refusals_say_what_was_found_and_what_is_allowed(value, name, message):
    with pytest.raises(SurveyError, match=message) as caught:
        parse(value, PARAMETERS[name])
    assert "allowed" in str(caught.value)


@given(st.floats(min_value=1e-20, max_value=1e20), st.sampled_from(["K", "mK", "ueV", "GHz·h", "J", "hbar/ps"]))
def test_temperatures_go_there_and_back(value, unit):
    assert math.isclose(in_unit(parse(f"{value!r} {unit}", T), unit, T), value, rel_tol=1e-11)


@given(st.floats(min_value=1e10, max_value=1e60), st.sampled_from(["erg^-1 cm^-3", "K^-1 cm^-3", "eV^-1 nm^-3"]))
def test_densities_of_states_go_there_and_back(value, unit):
    assert math.isclose(in_unit(parse(f"{value!r} {unit}", PD), unit, PD), value, rel_tol=1e-11)


@given(st.floats(min_value=1e-300, max_value=1.0))
def test_plain_numbers_stay_and_are_canonical(value):
    parsed = parse(value, CHI)
    assert same(parsed, value)
    assert parse(repr(value), CHI) == parsed == float(canonical(parsed))


@given(st.text(max_size=20))
def test_any_text_is_a_temperature_or_a_survey_error(text):
    try:
        assert 0 < parse(text, T) < math.inf
    except SurveyError as error:
        assert "allowed" in str(error)


def test_an_angular_frequency_is_not_given_in_hertz():
    for text in ("1e9 rad/s", "1e9 s^-1", "1 rad/ns"):
        assert parse(text, PARAMETERS["omega"]) == 1e9
    with pytest.raises(SurveyError, match="'GHz' counts cycles and omega is an angular frequency, 2 pi times as large"):
        parse("1 GHz", PARAMETERS["omega"])
