"""What a quantity is: its kernel, what it depends on, its variables and units, its source, version and accuracy."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from importlib import import_module
from math import prod
from operator import or_
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from physics.fingerprint import fingerprint
from physics.parameters import PARAMETERS, ParameterError
from physics.references import joined

NOT_NEGATIVE, FRACTION, ANY = (0.0, np.finfo(float).max), (0.0, 1.0), (-np.finfo(float).max, np.finfo(float).max)
# The groups of flags that may all stand at once.
BITS = tuple(1 << place for place in range(8))


@dataclass(frozen=True)
class Variable:
    """One variable of a quantity. `axes` are those of the quantity's axes that it depends on, None for all of them.
    A variable with `flags` (name -> value) is a CF flag variable of type uint8. Where several flags share the byte,
    `groups` are the parts of it of which each holds one flag; a flag 0 says that none of the others stands. `bounds`:
    every number is within them; where the quantity has a status, a number that is NaN has one that is not ok. `adds`
    are constants that this variable alone needs: without them it is not computed unless it is named. `source` is what
    it rests on beyond the sources of its quantity."""

    name: str
    symbol: str
    unit: str
    long_name: str
    flags: Mapping[str, int] | None = None
    groups: tuple[int, ...] = ()
    axes: tuple[str, ...] | None = None
    bounds: tuple[float, float] = NOT_NEGATIVE
    adds: tuple[str, ...] = ()
    source: str = ""

    @property
    def dtype(self) -> str:
        return "uint8" if self.flags else "float64"

    @property
    def masks(self) -> dict[str, int] | None:
        """The part of the byte that each flag is told by; None if it is all of it."""
        if not self.flags or not self.groups:
            return None
        own = {name: sum(group for group in self.groups if group & value) for name, value in self.flags.items()}
        whole = reduce(or_, own.values())
        return {name: mask or whole for name, mask in own.items()}


@dataclass(frozen=True)
class Choice:
    """One allowed value of an option, with the parameters that it adds to or drops from the quantity's own. A dropped
    axis may follow from others, `instead`: what depends on it then depends on these. `source` is what it rests on."""

    adds: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    instead: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True)
class Quantity:
    """A computed quantity.

    `kernel` is "module:function"; the function takes the axes (arrays of one dimension or more that broadcast) and the
    constants (one number each: for arrays of them it is called once for each of their values; of those in `at_once`
    arrays too, along dimensions in which nothing else varies) by name, in the units of the vocabulary, the options by
    name, and `variables`, the names that are wanted; it returns a dict of arrays. An
    axis that none of the wanted variables depends on may be left out of the call; the kernel then gets some value of
    its domain. `version` changes whenever the numbers do. `accuracy` is the promised relative accuracy within the
    `limits` of every parameter: its entry in `domain`, or else that of the vocabulary. `source` is what it rests on
    whatever is chosen: names of `physics.references`, each with equations, and "; " between them.
    `refuses`, "module:function" too, raises ParameterError for axes, constants and options, by name and without those
    that are not needed, that are each within their domains and have no meaning together.
    """

    name: str
    long_name: str
    kernel: str
    axes: tuple[str, ...]
    constants: tuple[str, ...]
    variables: tuple[Variable, ...]
    source: str
    version: int
    accuracy: float
    domain: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, Choice]] = field(default_factory=dict)
    refuses: str | None = None
    at_once: tuple[str, ...] = ()

    def limits(self, name: str) -> tuple[float, float]:
        """The least and the largest value of a parameter for which the promise is made."""
        return self.domain.get(name, PARAMETERS[name].domain)

    def check(self, name: str, value: ArrayLike) -> np.ndarray:
        """`value` of a parameter as a float64 array; ParameterError names the first that is not within its limits."""
        array = PARAMETERS[name].numbers(value)
        low, high = self.limits(name)
        inside = (array >= low) & (array <= high)
        if not inside.all():
            found, least, most = (PARAMETERS[name].text(each) for each in (array[~inside].flat[0], low, high))
            raise ParameterError(f"{name} = {found} is outside the domain of {self.name}; allowed: {least} to {most}")
        return array

    def check_together(self, options: Mapping[str, str], parameters: Mapping[str, np.ndarray]) -> None:
        """Raises ParameterError for checked parameters that have no meaning together."""
        if self.refuses:
            _function(self.refuses)(**parameters, **self.choices(options))

    def choices(self, options: Mapping[str, str] | None = None) -> dict[str, str]:
        """Every option of the quantity with its value: the given ones, and the first allowed value of the others."""
        options = options or {}
        for name, value in options.items():
            if name not in self.options:
                raise ParameterError(
                    f"{self.name} has no option {name!r}; allowed: {', '.join(self.options) or 'none'}"
                )
            if value not in self.options[name]:
                raise ParameterError(f"{name} = {value!r} is unknown; allowed: {', '.join(self.options[name])}")
        return {name: options.get(name, next(iter(allowed))) for name, allowed in self.options.items()}

    def depends_on(
        self,
        options: Mapping[str, str] | None = None,
        variables: Iterable[str] | None = None,
        along: Collection[str] | None = None,
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names of the axes and of the constants that the quantity needs under these options, for those of its
        variables that are named, or else for all that add no constant.

        Any parameter may be varied and any may be fixed: with `along` the axes are those of the needed parameters that
        are in it, the quantity's own first and the others in the vocabulary's order, and the constants are the rest."""
        chosen = [self.options[name][value] for name, value in self.choices(options).items()]
        dropped = {name for choice in chosen for name in choice.drops}
        added = tuple(name for choice in chosen for name in choice.adds)
        if variables is not None:
            variables = tuple(variables)
            own = [self.axes if axes is None else axes for axes in (self.variable(name).axes for name in variables)]
            instead = {name: others for choice in chosen for name, others in choice.instead.items()}
            dropped |= set(self.axes).difference(*(instead.get(name, (name,)) for axes in own for name in axes))
            added += tuple(name for each in variables for name in self.variable(each).adds)
        axes = tuple(name for name in self.axes if name not in dropped)
        constants = tuple(name for name in dict.fromkeys(self.constants + added) if name not in dropped)
        if along is None:
            return axes, constants
        varied = (*axes, *(name for name in PARAMETERS if name in constants))
        return tuple(name for name in varied if name in along), tuple(
            name for name in constants + axes if name not in along
        )

    def default_variables(self, options: Mapping[str, str], given: Iterable[str]) -> tuple[str, ...]:
        """The variables that are computed where none are named and these parameters are given."""
        known = {*given, *self.depends_on(options)[1]}
        return tuple(name for name in self.names if known.issuperset(self.depends_on(options, [name])[1]))

    def cited(self, options: Mapping[str, str] | None = None, variables: Iterable[str] | None = None) -> str:
        """The sources of these variables (default: of all) under these options, each once with all its equations."""
        chosen = [self.options[name][value] for name, value in self.choices(options).items()]
        wanted = [self.variable(name) for name in (self.names if variables is None else variables)]
        return joined([self.source, *(each.source for each in chosen), *(each.source for each in wanted)])

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all variables."""
        return tuple(variable.name for variable in self.variables)

    def variable(self, name: str) -> Variable:
        for variable in self.variables:
            if variable.name == name:
                return variable
        raise ParameterError(f"{self.name} has no variable {name!r}; allowed: {', '.join(self.names)}")

    def __call__(self, *, variables: Iterable[str] | None = None, **parameters: Any) -> dict[str, np.ndarray]:
        """The variables (those named, or all whose constants are given) for parameters that broadcast, in the units of
        the vocabulary."""
        options = {name: parameters.pop(name) for name in self.options if name in parameters}
        wanted = self.default_variables(options, parameters) if variables is None else tuple(variables)
        known = [name for names in self.depends_on(options, self.names) for name in names]
        for name in parameters:
            if name not in known:
                raise ParameterError(f"{self.name} does not depend on {name!r}; it depends on {', '.join(known)}")
        missing = [name for names in self.depends_on(options, wanted) for name in names if name not in parameters]
        if missing:
            raise ParameterError(f"{self.name} needs {', '.join(missing)}")
        given = {name: self.check(name, value) for name, value in parameters.items()}
        shape = _broadcast_shape(given)
        self.check_together(options, given)
        if 0 in shape:
            return {name: np.empty(shape, self.variable(name).dtype) for name in wanted}
        looped = self._looped(given)
        if looped:
            return self._for_each(looped, wanted, options, given, shape)
        unused = {name: self.limits(name)[0] for name in self.depends_on(options)[0] if name not in parameters}
        # NumPy's functions of one number and those of arrays differ in the last bit.
        lifted = {name: np.atleast_1d(each) if name in self.axes else each for name, each in (given | unused).items()}
        result = _function(self.kernel)(**lifted, **self.choices(options), variables=wanted)
        for name in wanted:
            if not any(given[own].ndim for names in self.depends_on(options, [name]) for own in names):
                result[name] = np.reshape(result[name], ())
        return result

    def _looped(self, given: Mapping[str, np.ndarray]) -> set[str]:
        """The constants of which the kernel has to be given one value after the other."""
        arrays = {name: array for name, array in given.items() if name not in self.axes and array.ndim}
        along = {
            name: {place - array.ndim for place, n in enumerate(array.shape) if n > 1} for name, array in given.items()
        }
        others = set().union(*(along[name] for name in given if name not in self.at_once))
        return {name for name in arrays if name not in self.at_once or along[name] & others}

    def _for_each(
        self, looped: set[str], wanted: tuple[str, ...], options: Mapping[str, str], given: dict, shape: tuple
    ) -> dict:
        """The variables where these constants are arrays: one call for each combination of values that they take, at
        the points that have it. The axes along which none of them varies stay an open grid."""
        varied: dict[tuple[str, ...], list[str]] = {}
        for name in wanted:
            own = self.depends_on(options, [name])[1]
            varied.setdefault(tuple(each for each in own if each in looped), []).append(name)
        results: dict[str, np.ndarray] = {}
        for over, names in varied.items():
            others = {name: array for name, array in given.items() if name not in looped}
            if not over:
                results |= self(variables=tuple(names), **options, **others)
                continue
            combinations = _Combinations({name: given[name] for name in over}, shape)
            parts = [
                self(variables=tuple(names), **options, **values, **combinations.at(places, others))
                for values, places in combinations
            ]
            results |= {name: combinations.joined([part[name] for part in parts]) for name in names}
        return {name: results[name] for name in wanted}

    def fingerprint(self) -> str:
        """Digest of the code that the numbers come from: `physics.fingerprint` of the kernel's module."""
        return fingerprint(self.kernel.split(":")[0])


class _Combinations:
    """The points of a grid by the combination of values that some arrays over it take. Iterating gives each combination
    and its places; these count the points of the dimensions along which any of the arrays varies, which are one
    dimension here, the first."""

    def __init__(self, arrays: Mapping[str, np.ndarray], shape: tuple[int, ...]):
        padded = {name: _padded(array, len(shape)) for name, array in arrays.items()}
        self.along = tuple(d for d in range(len(shape)) if any(array.shape[d] > 1 for array in padded.values()))
        self.lengths = tuple(shape[d] for d in self.along)
        self.dimensions = len(shape)
        flat = [np.broadcast_to(self._first(array).ravel(), prod(self.lengths)) for array in padded.values()]
        self.values, found = np.unique(np.stack(flat), axis=1, return_inverse=True)
        order, ends = np.argsort(found, axis=None, kind="stable"), np.cumsum(np.bincount(found.ravel()))
        self.names, self.places = tuple(arrays), np.split(order, ends[:-1])

    def __iter__(self) -> Iterator[tuple[dict[str, float], np.ndarray]]:
        for values, places in zip(self.values.T, self.places, strict=True):
            yield dict(zip(self.names, values.tolist(), strict=True)), places

    def at(self, places: np.ndarray, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Arrays over the grid at these places, still of length 1 where they are the same at all of them."""
        found = {}
        for name, array in arrays.items():
            moved = self._first(_padded(array, self.dimensions)) if array.ndim else array
            found[name] = moved[places] if moved.ndim and len(moved) > 1 else moved
        return found

    def joined(self, parts: list[np.ndarray]) -> np.ndarray:
        """One array over the grid of what was computed at the places of each combination."""
        padded = [_padded(part, self.dimensions - len(self.along) + 1) for part in parts]
        whole = np.empty((prod(self.lengths), *padded[0].shape[1:]), padded[0].dtype)
        for part, places in zip(padded, self.places, strict=True):
            whole[places] = part
        return np.moveaxis(whole.reshape(*self.lengths, *whole.shape[1:]), range(len(self.along)), self.along)

    def _first(self, array: np.ndarray) -> np.ndarray:
        """An array whose dimensions `along` are one, the first; of length 1 if the array is the same along them."""
        moved = np.moveaxis(array, self.along, range(len(self.along)))
        own, rest = moved.shape[: len(self.along)], moved.shape[len(self.along) :]
        lengths = own if prod(own) == 1 else self.lengths
        return np.broadcast_to(moved, (*lengths, *rest)).reshape(prod(lengths), *rest)


def _padded(array: np.ndarray, dimensions: int) -> np.ndarray:
    return array.reshape((1,) * (dimensions - array.ndim) + array.shape)


def _function(place: str) -> Callable:
    module, function = place.split(":")
    return getattr(import_module(module), function)


def _broadcast_shape(arrays: Mapping[str, np.ndarray]) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(*(array.shape for array in arrays.values()))
    except ValueError:
        text = ", ".join(f"{name} {array.shape}" for name, array in arrays.items() if array.ndim)
        raise ParameterError(f"the shapes do not broadcast: {text}") from None
