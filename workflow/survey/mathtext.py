"""The words of a diagram, written once in mathtext (`$...$`) and turned into Unicode for the interactive version."""

import re
from itertools import accumulate

from physics import PARAMETERS
from survey.errors import SurveyError

_SIGNS = {
    "Delta": "Δ",
    "Gamma": "Γ",
    "Lambda": "Λ",
    "Omega": "Ω",
    "Phi": "Φ",
    "Psi": "Ψ",
    "Sigma": "Σ",
    "Theta": "Θ",
    "Xi": "Ξ",
    "alpha": "α",
    "approx": "≈ ",
    "beta": "β",
    "cdot": "·",
    "chi": "χ",
    "delta": "δ",
    "ell": "ℓ",
    "epsilon": "ε",
    "eta": "η",
    "gamma": "γ",
    "geq": "≥ ",
    "gg": "≫ ",
    "hbar": "ħ",
    "infty": "∞",
    "kappa": "κ",
    "lambda": "λ",
    "langle": "⟨",
    "leq": "≤ ",
    "ll": "≪ ",
    "ln": "ln ",
    "mu": "µ",
    "nu": "ν",
    "omega": "ω",
    "parallel": "∥",
    "partial": "∂",
    "perp": "⊥",
    "phi": "φ",
    "pi": "π",
    "prime": "′",
    "propto": "∝ ",
    "psi": "ψ",
    "rangle": "⟩",
    "rho": "ρ",
    "sigma": "σ",
    "sim": "~ ",
    "tau": "τ",
    "theta": "θ",
    "times": "×",
    "to": "→ ",
    "varepsilon": "ε",
    "varphi": "φ",
    "vartheta": "ϑ",
    "xi": "ξ",
    "zeta": "ζ",
}
_ACCENTS = {"bar": "\u0304", "dot": "\u0307", "hat": "\u0302", "tilde": "\u0303"}
_SUPERSCRIPT = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_UNIT_SIGNS = {"ohm": "Ω"}
_PREFIXES = {0: "", -3: "m", -6: "µ", -9: "n", -12: "p", -15: "f"}
# A formula of signs, letters and digits alone, which needs no parser to be judged.
_SIMPLE = re.compile(rf"\$(?:(?:\\(?:{'|'.join(_ACCENTS)}))?\\(?:{'|'.join(_SIGNS)})(?![A-Za-z])|[0-9A-Za-z/])+\$")
# Groups within each other that are drawn: Matplotlib's parser needs some thirty calls for each.
DEEPEST = 8


def unicode_text(text: str) -> str:
    """The text with every `$...$` of mathtext as plain Unicode: `$\\Lambda_0$ (mK)` becomes Λ₀ (mK), `\\$` is $."""
    formulas = r"(?<!\\)\$((?:[^$\\]|\\.)*)\$"
    return re.sub(formulas, lambda found: _unicode_math(found[1]), text).replace(r"\$", "$")


def refuse_bad_formula(text: str) -> None:
    """SurveyError if what stands between dollar signs is no formula that can be drawn."""
    if "$" not in text or _SIMPLE.fullmatch(text):
        return
    from matplotlib.mathtext import MathTextParser

    try:
        depths = accumulate((sign == "{") - (sign == "}") for sign in text)
        if max(depths) + text.count(r"\left") > DEEPEST:
            raise ValueError(f"more than {DEEPEST} groups within each other")
        MathTextParser("path").parse(text)
    except ValueError as error:
        reason = str(error).strip().splitlines()[-1]
        raise SurveyError(
            f"found {text!r}, no formula between the dollar signs ({reason}); "
            r"allowed: e.g. '$T_\alpha < T_\beta$', or \$ for the sign itself"
        ) from None


def _unicode_math(tex: str) -> str:
    tex = tex.replace(r"\,", "\u2009").replace("-", "−").replace("''", "″").replace("'", "′")
    tex = re.sub(r"\\mathrm\{([^{}]*)\}", r"{\1}", tex)
    tex = re.sub(r"\\([A-Za-z]+)(?: (?=[A-Za-z\\]))?", lambda found: _sign(found[1], found[0]), tex)
    tex = re.sub(rf"\\({'|'.join(_ACCENTS)}) ?\{{?(\w)\}}?", lambda found: found[2] + _ACCENTS[found[1]], tex)
    tex = re.sub(r"\^\{?(′+)\}?", lambda found: "″" if found[1] == "′′" else found[1], tex)
    tex = re.sub(r"\^(\{[^{}]*\}|.)", lambda found: found[1].strip("{}").translate(_SUPERSCRIPT), tex)
    tex = re.sub(r"_(\{[^{}]*\}|.)", lambda found: _subscript(found[1].strip("{}")), tex)
    return tex.replace("{", "").replace("}", "").replace("  ", " ")


def _sign(name: str, found: str) -> str:
    return found if name in _ACCENTS else _SIGNS.get(name, name)


def _subscript(word: str) -> str:
    return word.translate(_SUBSCRIPT) if len(word) == 1 or word.isdigit() else f"_{word}"


def number(value: float, digits: int = 4) -> str:
    """A value in mathtext without the dollars: 0.01, 300, 3\\times10^{46}."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        # Without an exponent: 10000 has five digits.
        return f"{value:.{max(digits, 5) if abs(value) >= 1e4 else digits}g}"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    power = f"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else rf"{mantissa}\times{power}"


def unit_text(unit: str, exponent: int = 0) -> str:
    """A UDUNITS unit for people, with the SI prefix of the power of ten: "K", -3 is mK; "J-1 m-3" is J⁻¹ m⁻³."""
    if unit == "1":
        return ""
    if not re.search(r"[-\d]", unit):
        return f"{_PREFIXES[exponent]}{_UNIT_SIGNS.get(unit, unit)}"
    powers = re.sub(r"([A-Za-z]+)(-?\d+)?", _unit_power, unit)
    return f"${powers}$".replace(" ", r"\,")


def _unit_power(found: re.Match) -> str:
    name, exponent = found[1], found[2]
    sign = r"\Omega" if name == "ohm" else rf"\mathrm{{{name}}}"
    return f"{sign}^{{{exponent}}}" if exponent else sign


def inverse_unit(unit: str) -> str:
    """The UDUNITS unit of the inverse: "s" is "s-1", "J-1 m-3" is "J m3"."""
    if unit == "1":
        return unit
    powers = [(name, -int(power or 1)) for name, power in re.findall(r"([A-Za-z]+)(-?\d+)?", unit)]
    return " ".join(name if power == 1 else f"{name}{power}" for name, power in powers)


def prefix_of(unit: str, lower: float, upper: float) -> int:
    """The power of ten whose SI prefix suits values from `lower` to `upper`.

    Of temperatures and times the one in which the largest value is between 1 and 1000: µK to K, fs to s; but mK up to
    1 K included, and ns for all times that begin below a microsecond and end above a nanosecond. Others have none.
    """
    smallest, largest = sorted((abs(lower), abs(upper)))
    if unit not in ("K", "s") or largest == 0:
        return 0
    if unit == "s" and smallest < 1e-6 and largest > 1e-9:
        return -9
    if unit == "K" and 0.9999 < largest < 1.0001:
        return -3
    known = (-6, -3, 0) if unit == "K" else (-15, -12, -9, -6, -3, 0)
    return next((power for power in known if largest < 0.9999 * 10.0 ** (power + 3)), 0)


def named(name: str, symbol: str | None) -> str:
    """The symbol as mathtext; a name without one is spelt out."""
    return f"${symbol}$" if symbol else name.replace("_", " ")


def value_text(symbol: str, value: float, unit: str) -> str:
    """A parameter and its value with the unit that suits it: `$\\Lambda_0$ = 10 mK`."""
    exponent = 0 if unit == "K" and value > 0.9999 else prefix_of(unit, value, value)
    shown = f"${symbol} = {number(value / 10.0**exponent)}$"
    return f"{shown} {unit_text(unit, exponent)}".rstrip()


def over(symbol: str | None, name: str, reference: str) -> str:
    """The formula of a ratio, from a symbol (or a name without one) and that of its reference."""
    below = f"({reference})" if re.search(r"[-+/ ]|\d[\\A-Za-z]", reference) else reference
    above = symbol or rf"\mathrm{{{words(name)}}}"
    return f"{above}/{below}"


def axis_label(name: str, symbol: str | None, unit: str, exponent: int) -> str:
    """The label of an axis or a colour bar: symbol and unit."""
    label = named(name, symbol)
    return label if unit == "1" else f"{label} ({unit_text(unit, exponent)})"


def crossover_symbol(name: str) -> str:
    """The symbol of a crossover from its name: T_Lambda is T_\\Lambda, omega_equal \\omega_\\mathrm{equal}; a name that
    does not begin with a parameter whose symbol can take an index is spelt upright."""
    head, _, tail = name.partition("_")
    symbol = PARAMETERS[head].symbol if head in PARAMETERS else "_"
    if tail and "_" not in symbol:
        return rf"{symbol}_\{tail}" if tail in _SIGNS else rf"{symbol}_\mathrm{{{tail.replace('_', ' ')}}}"
    return rf"\mathrm{{{name.replace('_', ' ')}}}"


def words(meaning: str) -> str:
    """A CF flag meaning for people: phase_wandering is "phase wandering"."""
    return meaning.replace("_", " ")
