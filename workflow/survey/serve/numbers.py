"""The numbers that a DAP2 request asks for: their size known before they are read, and read in small parts, so that
neither the size of a cube nor that of an answer is a matter of memory."""

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from time import monotonic

import numpy as np

from survey.cubes.read import read_region
from survey.errors import SurveyError, TooLarge
from survey.serve import dap
from survey.serve.constraint import Selection, selections
from survey.serve.cubes import Cubes, group_of
from survey.serve.limits import Limits
from survey.words import count, size

# Cells read at a time: 8 MB of float64.
PART_CELLS = 2**20


class Answer:
    """What a DAP2 request is answered with: `structure`, which takes no reading; after `check`, `length`, and by
    iteration structure and numbers in parts, read as they are asked for."""

    def __init__(self, cubes: Cubes, name: str, group: str | None, constraint: str, limits: Limits):
        """NotThere for an unknown name or group, SurveyError if the constraint has a fault."""
        self._cubes, self._name, self._group = cubes, name, group
        self._end = monotonic() + limits.seconds
        self._limits = limits
        with cubes.cube(name) as cube:
            self._identity = cubes.identity(name)
            dataset = group_of(cube, name, group)
            self._variables = dap.declared(dataset)
            self._chosen = selections(constraint, {each: own.shape for each, own in self._variables.items()})
        title = "/".join(part for part in (name, group) if part)
        self.structure = dap.dds(title, self._variables, self._chosen)
        self._head = f"{self.structure}\nData:\n".encode()

    def check(self) -> None:
        """TooLarge if the answer would be too large; its texts are read, whose size nobody knows before."""
        check_size(self._variables, self._chosen, self._limits)
        self._texts = {
            one.name: dap.encoded(one.name, self._variables[one.name], self._read(one.name, one.region))
            for one in self._chosen
            if self._variables[one.name].xdr is None
        }

    @property
    def length(self) -> int:
        """The bytes of the answer."""
        return len(self._head) + sum(self._bytes(one) for one in self._chosen)

    def _bytes(self, one: Selection) -> int:
        own, cells = self._variables[one.name], prod(one.shape)
        before = len(dap.length_before(own, cells))
        return before + (len(self._texts[one.name]) if own.xdr is None else cells * np.dtype(own.xdr).itemsize)

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        for one in self._chosen:
            own = self._variables[one.name]
            yield dap.length_before(own, prod(one.shape))
            if own.xdr is None:
                yield self._texts[one.name]
                continue
            for region in parts(one):
                yield dap.encoded(one.name, own, self._read(one.name, region))

    def _read(self, variable: str, region: tuple[slice, ...]) -> np.ndarray:
        if monotonic() > self._end:
            raise TooLarge(f"the answer takes longer than {self._limits.seconds:g} s; ask for less at a time")
        with self._cubes.cube(self._name) as cube:
            if self._cubes.identity(self._name) != self._identity:
                raise SurveyError(f"{self._name}: the file was replaced meanwhile; ask again")
            whole = tuple(slice(part.start, part.stop) for part in region)
            dataset = group_of(cube, self._name, self._group)
            values = read_region(dataset, variable, whole)
        return values[tuple(slice(None, None, part.step) for part in region)]


def check_size(variables: dict[str, dap.Declared], chosen: Sequence[Selection], limits: Limits) -> None:
    """TooLarge if the numbers of an answer, or what has to be read for them, are more than is allowed."""
    for number in (lambda one: prod(one.shape), touched):
        total = sum(number(one) * (variables[one.name].itemsize or 4) for one in chosen)
        if total > limits.bytes:
            what = "the answer has" if number is not touched else "for the answer have to be read"
            raise TooLarge(
                f"Request too big={total}, max={limits.bytes}: {what} {size(total)}; allowed: {size(limits.bytes)}; "
                "ask for less at a time, or for the file itself"
            )
    texts = sum(prod(one.shape) for one in chosen if variables[one.name].xdr is None)
    if texts > limits.points:
        raise TooLarge(f"Request too big={texts}, max={limits.points}: found {count(texts, 'text')} in one request")


def _extent(part: slice) -> int:
    """The cells along an axis from the first to the last that is asked for."""
    return range(part.start, part.stop, part.step)[-1] + 1 - part.start


def _whole_from(one: Selection) -> int:
    """The first axis of those that are read whole, with what lies between the cells asked for."""
    axis = len(one.region)
    while axis and prod(_extent(part) for part in one.region[axis - 1 :]) <= PART_CELLS:
        axis -= 1
    return axis


def touched(one: Selection) -> int:
    """The cells that are read for a selection."""
    axis = _whole_from(one)
    inner = prod(_extent(part) for part in one.region[axis:])
    if not axis:
        return inner
    cuts = _cut(one.region[axis - 1], _cells_at_once(one, axis))
    return prod(one.shape[: axis - 1]) * sum(map(_extent, cuts)) * inner


def parts(one: Selection) -> Iterator[tuple[slice, ...]]:
    """A selection cut into regions of at most PART_CELLS cells with what lies between, in the order of an answer."""
    axis = _whole_from(one)
    outer = [_cut(part, 1) for part in one.region[: max(axis - 1, 0)]]
    if axis:
        outer.append(_cut(one.region[axis - 1], _cells_at_once(one, axis)))
    for cut in product(*outer):
        yield (*cut, *one.region[axis:])


def _cells_at_once(one: Selection, axis: int) -> int:
    """How many cells of the axis before those that are read whole are read together."""
    inner = prod(_extent(part) for part in one.region[axis:])
    return max(1, PART_CELLS // (inner * one.region[axis - 1].step))


def _cut(part: slice, cells: int) -> list[slice]:
    """A slice cut into slices of so many of its cells."""
    places = range(part.start, part.stop, part.step)
    cuts = (places[n : n + cells] for n in range(0, len(places), cells))
    return [slice(each[0], each[-1] + 1, part.step) for each in cuts]
