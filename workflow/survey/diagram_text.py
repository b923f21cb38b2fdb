"""The words of a diagram, written once in mathtext (`$...$`) and turned into Unicode for the interactive version."""

import re

_SIGNS = {
    "Lambda": "Λ",
    "alpha": "α",
    "bar": "",
    "beta": "β",
    "cdot": "·",
    "chi": "χ",
    "gamma": "γ",
    "gg": "≫ ",
    "hbar": "ħ",
    "infty": "∞",
    "lambda": "λ",
    "leq": "≤ ",
    "ll": "≪ ",
    "ln": "ln ",
    "mu": "µ",
    "omega": "ω",
    "partial": "∂",
    "propto": "∝ ",
    "sigma": "σ",
    "sim": "~ ",
    "tau": "τ",
    "times": "×",
    "varphi": "φ",
}
_SUPERSCRIPT = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_PREFIXES = {0: "", -3: "m", -9: "n"}


def unicode_text(text: str) -> str:
    """The text with every `$...$` of mathtext as plain Unicode: `$\\Lambda_0$ (mK)` becomes Λ₀ (mK)."""
    return re.sub(r"\$([^$]*)\$", lambda found: _unicode_math(found[1]), text)


def _unicode_math(tex: str) -> str:
    tex = tex.replace(r"\bar\lambda", "λ\u0304").replace(r"\,", "\u2009").replace("-", "−")
    tex = re.sub(r"\\mathrm\{([^{}]*)\}", r"{\1}", tex)
    tex = re.sub(r"\\([A-Za-z]+)(?: (?=[A-Za-z\\]))?", lambda found: _SIGNS.get(found[1], found[1]), tex)
    tex = re.sub(r"\^(\{[^{}]*\}|.)", lambda found: found[1].strip("{}").translate(_SUPERSCRIPT), tex)
    tex = re.sub(r"_(\{[^{}]*\}|.)", lambda found: _subscript(found[1].strip("{}")), tex)
    return tex.replace("{", "").replace("}", "").replace("  ", " ")


def _subscript(word: str) -> str:
    return word.translate(_SUBSCRIPT) if len(word) == 1 or word.isdigit() else f"_{word}"


def number(value: float, digits: int = 4) -> str:
    """A value in mathtext without the dollars: 0.01, 300, 3\\times10^{46}."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.{digits}g}"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    power = f"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else rf"{mantissa}\times{power}"


def unit_text(unit: str, exponent: int = 0) -> str:
    """A UDUNITS unit for people, with the SI prefix of the power of ten: "K", -3 is mK; "J-1 m-3" is J⁻¹ m⁻³."""
    if unit == "1":
        return ""
    if not re.search(r"[-\d]", unit):
        return f"{_PREFIXES[exponent]}{unit}"
    powers = re.sub(r"([A-Za-z]+)(-?\d+)?", lambda found: rf"\mathrm{{{found[1]}}}{_power(found[2])}", unit)
    return f"${powers}$".replace(" ", r"\,")


def _power(exponent: str | None) -> str:
    return f"^{{{exponent}}}" if exponent else ""


def prefix_of(unit: str, lower: float, upper: float) -> int:
    """The power of ten whose SI prefix suits positive values from `lower` to `upper`: -3 for temperatures that do not
    exceed 1 K (mK), -9 for times that begin below a microsecond (ns), else 0."""
    if unit == "K":
        return -3 if upper < 1.0001 else 0
    return -9 if unit == "s" and lower < 1e-6 else 0


def named(name: str, symbol: str | None) -> str:
    """The symbol as mathtext; a name without one is spelt out."""
    return f"${symbol}$" if symbol else name.replace("_", " ")


def value_text(symbol: str, value: float, unit: str) -> str:
    """A parameter and its value with the unit that suits it: `$\\Lambda_0$ = 10 mK`."""
    exponent = 0 if unit == "K" and value > 0.9999 else prefix_of(unit, value, value)
    shown = f"${symbol} = {number(value / 10.0**exponent)}$"
    return f"{shown} {unit_text(unit, exponent)}".rstrip()


def axis_label(name: str, symbol: str | None, unit: str, exponent: int) -> str:
    """The label of an axis or a colour bar: symbol and unit."""
    label = named(name, symbol)
    return label if unit == "1" else f"{label} ({unit_text(unit, exponent)})"


def crossover_symbol(name: str) -> str:
    """The symbol of a crossover temperature from its name: T_Lambda is T_\\Lambda, anything else is spelt upright."""
    head, _, tail = name.partition("_")
    if head == "T" and tail:
        return rf"T_\{tail}" if tail in _SIGNS else rf"T_\mathrm{{{tail.replace('_', ' ')}}}"
    return rf"\mathrm{{{name.replace('_', ' ')}}}"


def words(meaning: str) -> str:
    """A CF flag meaning for people: phase_wandering is "phase wandering"."""
    return meaning.replace("_", " ")
