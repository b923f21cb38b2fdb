"""Calls one quantity all over its domain, `python whole_domain.py NAME`, and prints what does not hold, a line each.

A program of its own, so that whoever starts it can end it: compiled code hears no signal but the last one. It names
every call before it makes it.
"""

import math
import sys
import warnings
import zlib
from itertools import islice, product

import numpy as np

from physics import QUANTITIES, ParameterError

POINTS = 300
# Rules are made for each coflip number, and a bias of finite width is integrated for each time, a second or two: fewer
# points. Where there are many options, each fifth or seventh combination, in which every value of every option occurs.
FEWER, STEP = {"grains": 120}, {"grains": 5, "dephasing": 7, "magnetoresistance": 5}
CALL, FAULT = "call: ", "fault: "


def combinations(quantity):
    """Every combination of the values of all options."""
    for values in product(*quantity.options.values()):
        yield dict(zip(quantity.options, values, strict=True))


def drawn(quantity, names, count, generator):
    """`count` values of each parameter: first corners of the domain, then points inside, even in the logarithm."""
    values = {}
    for name in names:
        low, high = quantity.limits(name)
        share = np.where(np.arange(count) < count / 2, generator.integers(0, 2, count), generator.random(count))
        inside = low + share * (high - low) if low <= 0 else low * (high / low) ** share
        inside = np.clip(np.where(share == 1, high, inside), low, high)
        values[name] = np.round(inside) if name == "N_nuclei" else inside
    return values


def points(quantity, options, count, generator):
    """Axes as rows of `count` points, and constants, that have a meaning together."""
    axes, constants = quantity.depends_on(options, quantity.names)
    for _ in range(100):
        rows = drawn(quantity, axes, count, generator)
        # One constant is for all rows: a corner as often as not.
        fixed = {
            name: pair[generator.integers(0, 2)] for name, pair in drawn(quantity, constants, 2, generator).items()
        }
        try:
            quantity.check_together(options, rows | fixed)
            return rows, fixed
        except ParameterError:
            continue
    raise AssertionError(f"{options}: no point of the domain is allowed")


def unmarked(quantity, result):
    """Numbers of the variables that are not finite or out of bounds in a cell that its status says nothing about."""
    status = result.get("status", np.uint8(0))
    for variable in quantity.variables:
        if not variable.flags:
            values, marked = np.broadcast_arrays(result[variable.name], status)
            low, high = variable.bounds
            for place in np.argwhere(~((values >= low) & (values <= high)) & (marked == 0)):
                yield variable.name, tuple(int(k) for k in place), float(values[tuple(place)])


def differing(one, other):
    """The variables of two results whose bits differ."""
    for name, array in one.items():
        a, b = np.broadcast_arrays(array, other[name])
        if not np.array_equal(a, b, equal_nan=a.dtype.kind == "f"):
            yield name


def examine(quantity, options, generator, say):
    """Every property at the points drawn for these options; `say` is told of each call and each fault."""
    count = max(2, math.ceil(FEWER.get(quantity.name, POINTS) / len(list(combinations(quantity)))))
    rows, fixed = points(quantity, options, count, generator)

    def call(axes):
        arguments = {name: np.asarray(value).tolist() for name, value in (axes | fixed).items()} | options
        text = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
        say(CALL, f"{quantity.name}({text})")
        return quantity(**axes, **fixed, **options)

    def hold(found, expected, how):
        for name in differing(found, expected):
            say(FAULT, f"{how}: other bits of {name}")

    try:
        whole = call(rows)
        for name, place, value in unmarked(quantity, whole):
            say(FAULT, f"{name}[{', '.join(map(str, place))}] = {value!r} and the status is ok")
        for row in range(count):
            hold(call(at(rows, row)), at(whole, row), f"row {row} alone")
        first, second = generator.permutation([*rows, *rows])[:2]
        grid = {name: values[:1].reshape(1, 1) for name, values in rows.items()}
        grid |= {second: rows[second][:2].reshape(1, 2)}
        grid |= {first: rows[first][:2].reshape(2, 1)}
        try:
            quantity.check_together(options, grid | fixed)
        except ParameterError:
            return
        square = call(grid)
        half = call(grid | {first: grid[first][1:]})
        hold(half, {name: array[-1:] for name, array in square.items()}, f"chunk along {first}")
        hold(call(at(rows, 0)), {name: array[:1, :1] for name, array in square.items()}, f"grid of {first}, {second}")
    except (ArithmeticError, RuntimeWarning, ValueError) as error:
        say(FAULT, f"{type(error).__name__}: {error}")


def at(arrays, row):
    """One row of each array, or the only one."""
    return {name: array[row if array.size > 1 else 0] for name, array in arrays.items()}


def main(name):
    warnings.simplefilter("error")
    quantity = QUANTITIES[name]
    generator = np.random.default_rng(zlib.crc32(name.encode()))
    for options in islice(combinations(quantity), 0, None, STEP.get(name, 1)):
        examine(quantity, options, generator, lambda kind, text: print(kind, text, sep="", flush=True))


if __name__ == "__main__":
    main(sys.argv[1])
