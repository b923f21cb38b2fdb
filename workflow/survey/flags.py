"""CF flag variables: which meanings a value has, by the attributes flag_values, flag_masks and flag_meanings."""

from collections.abc import Mapping

import numpy as np


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
