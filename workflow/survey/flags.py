"""CF flag variables: which meanings a value has, by the attributes flag_values, flag_masks and flag_meanings, and which
values are one class in diagrams and pages, with its text and colour."""

from collections.abc import Collection, Iterable, Mapping
from itertools import cycle

import numpy as np

from survey.mathtext import words

# What a flag means where its name without the underscores is no words.
FLAGS = {
    "rate_above_temperature": r"$\hbar/\tau_\varphi > k_\mathrm{B}T$",
    "frozen": r"frozen out: $T \ll \Lambda$",
    "empty": r"no levels: $E^* \leq \Lambda$",
    "not_converged": "not converged",
    "beyond_validity": "beyond the validity of the theory",
    "chi_rg_not_small": r"coupling $\chi_\mathrm{rg}$ not small",
    "Lambda0_not_small": r"$\Lambda_0$ not small against $E^*$",
    "W_not_largest": "$E^*$ is not the largest energy",
    "T_above_W": "$T > E^*$",
    "n_eff_below_1": r"$n_\mathrm{eff} < 1$: no cluster has this amplitude",
    "amplitude_above_T": r"$\Delta_0 > k_\mathrm{B}T$",
    "out_of_table": "beyond what is tabulated",
    "step_functions_ignored": "step functions of (4.15) ignored",
    "slower_than_T2": "slower than $T_2$",
    "rate_below_temperature": r"$\hbar/\tau_\varphi < k_\mathrm{B}T$",
    "rate_near_temperature": r"$\hbar/\tau_\varphi$ near $k_\mathrm{B}T$",
    "single": "single centres",
    "pair": "pairs of centres",
    "triple": "triples of centres",
    "few": "clusters of 4 to 10 centres",
    "many": "clusters of more than 10 centres",
    "coflips": "nuclei flip with the grain",
}
# Pale, colour-blind safe fills that stay apart beside each other and under dark lines (the "light" scheme of P. Tol).
REGIMES = (
    ({"frozen_out"}, r"frozen out: $T \ll \Lambda$", "#dddddd"),
    ({"resonant_dominates", "phase_wandering"}, "resonant, phase wandering", "#99ddff"),
    ({"resonant_dominates", "phase_jump"}, "resonant, phase jumps", "#77aadd"),
    ({"relaxation_dominates", "slow_defects"}, "relaxation, slow defects", "#eedd88"),
    ({"relaxation_dominates", "slow_and_fast_defects"}, "relaxation, slow and fast", "#ffaabb"),
    ({"relaxation_dominates", "fast_defects"}, "relaxation, fast defects", "#ee8866"),
)
OTHER_REGIMES = ("#44bb99", "#bbcc33", "#aaaa00", "#c2a5cf", "#d9d9d9", "#e5c494", "#b3e2cd", "#f4cae4")
# For the values of any other flag variable, in their order; the first, often "none" or "ok", is grey.
COLOURS = ("#dddddd", "#99ddff", "#eedd88", "#ee8866", "#44bb99", "#ffaabb", "#77aadd", "#bbcc33", "#aaaa00", "#c2a5cf")
# Text (mathtext) and colour.
Class = tuple[str, str]


def flag_table(attributes: Mapping) -> dict[str, int]:
    """The flags of a variable, meaning -> value, from its CF attributes; empty if it is not a flag variable."""
    if "flag_values" not in attributes:
        return {}
    values = (int(value) for value in np.atleast_1d(attributes["flag_values"]))
    return dict(zip(attributes["flag_meanings"].split(), values, strict=True))


def flag_names(value: int, attributes: Mapping) -> list[str]:
    """The meanings that a value of a CF flag variable has: one, or one per mask, or those of the bits that are set."""
    meanings, value = attributes["flag_meanings"].split(), int(value)
    masks = [int(mask) for mask in np.atleast_1d(attributes.get("flag_masks", [-1] * len(meanings)))]
    values = [int(one) for one in np.atleast_1d(attributes.get("flag_values", masks))]
    return [name for name, one, mask in zip(meanings, values, masks, strict=True) if value & mask == one]


def flag_bits(values: np.ndarray, attributes: Mapping) -> np.ndarray:
    """For each value of a CF flag variable a bit for each meaning that it has, in their order, and one bit beyond them
    for a value that has none."""
    flags = np.atleast_1d(attributes["flag_values"]).astype(np.int64)
    masks = np.broadcast_to(np.asarray(attributes.get("flag_masks", -1), dtype=np.int64), flags.shape)
    bits = np.zeros(np.shape(values), dtype=np.int64)
    for place, (flag, mask) in enumerate(zip(flags, masks, strict=True)):
        bits |= np.where(values & mask == flag, np.int64(1) << place, 0)
    return np.where(bits == 0, np.int64(1) << len(flags), bits)


def flag_words(values: np.ndarray, attributes: Mapping) -> dict[int, tuple[str, ...]]:
    """The meanings of each value that occurs among those of a CF flag variable."""
    return {int(found): tuple(flag_names(found, attributes)) for found in np.unique(values)}


def flag_text(meaning: str) -> str:
    """A CF flag meaning in words, for a legend."""
    return FLAGS.get(meaning, words(meaning))


def classes_of(values: Iterable[int], attributes: Mapping) -> tuple[dict[int, int], list[Class]]:
    """Of these values of a CF flag variable: which class each belongs to, by number, and text and colour of each class.

    Of the regimes of dephasing a value takes the colour of the channel that dominates and of that channel's own kind of
    dephasing. Of other variables each value keeps its colour, whichever other values occur.
    """
    found = {int(value): tuple(flag_names(value, attributes)) for value in np.unique(np.asarray(values))}
    if of_dephasing(attributes):
        entries = {value: _regime(meanings) for value, meanings in found.items()}
        order = sorted(set(entries.values()), key=_rank)
    else:
        listed = [int(value) for value in np.atleast_1d(attributes["flag_values"])]
        # Flags that share the byte occur together: then what occurs decides, so that no two share a colour.
        known = listed if set(found) <= set(listed) else sorted(found)
        entries = {
            value: (", ".join(map(flag_text, meanings)) or f"value {value}", COLOURS[known.index(value) % len(COLOURS)])
            for value, meanings in found.items()
        }
        order = list(dict.fromkeys(entries.values()))
    rest = cycle(OTHER_REGIMES)
    numbers = {value: order.index(entry) for value, entry in entries.items()}
    return numbers, [(text, colour or next(rest)) for text, colour in order]


def of_dephasing(attributes: Mapping) -> bool:
    """Whether a flag variable has the regimes of dephasing, whose flags are merged to the few that matter in a cell."""
    return {"resonant_dominates", "relaxation_dominates"} <= set(str(attributes["flag_meanings"]).split())


def _regime(meanings: Collection[str]) -> Class:
    """Text and colour of a regime; a regime that is not in the table is spelt out and gets its colour later."""
    for needed, text, colour in REGIMES:
        if needed <= set(meanings):
            return text, colour
    return ", ".join(map(flag_text, meanings)), ""


def _rank(entry: Class) -> tuple[int, str]:
    known = [(text, colour) for _, text, colour in REGIMES]
    return (known.index(entry) if entry in known else len(known), entry[0])
