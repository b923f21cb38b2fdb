"""What a quantity is: its kernel, what it depends on, its variables and units, its source, version and accuracy."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module

import numpy as np

from physics.fingerprint import fingerprint
from physics.parameters import PARAMETERS, ParameterError


@dataclass(frozen=True)
class Variable:
    """One variable of a quantity. `axes` are those of the quantity's axes that it depends on, None for all of them.
    A variable with `flags` (name -> value) is a CF flag variable of type uint8; `masks` (name -> mask) is given where
    several flags share the byte."""

    name: str
    symbol: str
    unit: str
    long_name: str
    flags: Mapping[str, int] | None = None
    masks: Mapping[str, int] | None = None
    axes: tuple[str, ...] | None = None

    @property
    def dtype(self) -> str:
        return "uint8" if self.flags else "float64"


@dataclass(frozen=True)
class Choice:
    """One allowed value of an option, with the parameters that it adds to or drops from the quantity's own."""

    adds: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()


@dataclass(frozen=True)
class Quantity:
    """A computed quantity.

    `kernel` is "module:function"; the function takes the axes and constants by name (arrays that broadcast, in the
    units of the vocabulary), the options by name, and `variables`, the names that are wanted; it returns a dict
    of arrays. An axis that none of the wanted variables depends on may be left out of the call; the kernel then gets
    some value of its domain. `version` changes whenever the numbers do. `accuracy` is the promised relative accuracy
    within `domain`.
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
    domain: Mapping[str, tuple[float, float]]
    options: Mapping[str, Mapping[str, Choice]] = field(default_factory=dict)

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
        self, options: Mapping[str, str] | None = None, variables: Iterable[str] | None = None
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names of the axes and of the constants that the quantity needs under these options, for all of its
        variables or for those named."""
        chosen = [self.options[name][value] for name, value in self.choices(options).items()]
        dropped = {name for choice in chosen for name in choice.drops}
        added = tuple(name for choice in chosen for name in choice.adds)
        if variables is not None:
            own = [self.variable(name).axes for name in variables]
            if None not in own:
                dropped |= set(self.axes) - {axis for axes in own for axis in axes}
        axes = tuple(name for name in self.axes if name not in dropped)
        return axes, tuple(name for name in self.constants + added if name not in dropped)

    def variable(self, name: str) -> Variable:
        for variable in self.variables:
            if variable.name == name:
                return variable
        known = ", ".join(variable.name for variable in self.variables)
        raise ParameterError(f"{self.name} has no variable {name!r}; allowed: {known}")

    def __call__(self, *, variables: tuple[str, ...] | None = None, **parameters) -> dict[str, np.ndarray]:
        """The variables (all of them, or those named) for parameters that broadcast, in the units of the vocabulary."""
        options = {name: parameters.pop(name) for name in self.options if name in parameters}
        wanted = tuple(variable.name for variable in self.variables) if variables is None else tuple(variables)
        known = [name for names in self.depends_on(options) for name in names]
        for name in parameters:
            if name not in known:
                raise ParameterError(f"{self.name} does not depend on {name!r}; it depends on {', '.join(known)}")
        missing = [name for names in self.depends_on(options, wanted) for name in names if name not in parameters]
        if missing:
            raise ParameterError(f"{self.name} needs {', '.join(missing)}")
        unused = {name: self.domain[name][0] for name in self.depends_on(options)[0] if name not in parameters}
        checked = {name: PARAMETERS[name].check(value) for name, value in (parameters | unused).items()}
        module, function = self.kernel.split(":")
        kernel = getattr(import_module(module), function)
        return kernel(**checked, **self.choices(options), variables=wanted)

    def fingerprint(self) -> str:
        """Digest of the code that the numbers come from: `physics.fingerprint` of the kernel's module."""
        return fingerprint(self.kernel.split(":")[0])
