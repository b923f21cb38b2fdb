"""Queries at random: each is answered, or refused in words."""

import random

import numpy as np
import pytest
from click import ClickException

from helpers.small_cubes import AXES, emptied, empty_corner, write
from survey.cli import main
from survey.cli.query import query as command
from survey.cubes.read import open_cube
from survey.errors import SurveyError
from survey.query.answer import query

VALUES = ("0.1 K", "100mK", "10 mK, 0.5 K", "0.05", "1e-3", "0.1K,0.1K", "70 mK", "2e-3 K", "0.01")
JUNK = (
    "",
    " ",
    ",",
    "nan",
    "nan K",
    "inf K",
    "-1 K",
    "0 K",
    "1e400 K",
    "1e-400 K",
    "K",
    "10 kg",
    "½ K",
    "1,5 K",
    "a\0b",
)
JUNK += ("x" * 300, "1 K" + ",1 K" * 50, "--", "=", "1e3000000 K", "0x10 K", "1_0 K", "٣ K", "\udcff", "[1]")
OBJECTS = (None, True, float("nan"), float("inf"), 10**400, 1j, [], [[1, 2]], [0.1, "0.2 K"], {}, {1}, b"1", object())
VARIABLES = (*["tau_phi"] * 3, *["status"] * 2, "T", "Lambda0", "", "x" * 300, "nearest_tau_phi", "status ")


@pytest.fixture(scope="module")
def cube(tmp_path_factory):
    return write(tmp_path_factory.mktemp("any") / "cube.nc", emptied, status=empty_corner)


def arguments(cube, rng: random.Random) -> list[str]:
    """The arguments of a query, some of them nonsense."""
    names = rng.sample(list(AXES), rng.choice((*[4] * 12, 3)))
    found = []
    for name in names:
        low, high = AXES[name][[0, -1]]
        number = f"{np.exp(rng.uniform(np.log(low), np.log(high))):.4g}" + ("" if name == "chi" else " K")
        found.append(f"{name}={rng.choice((*[number] * 9, rng.choice(VALUES), rng.choice(JUNK)))}")
    if rng.random() < 0.2:
        found.append(rng.choice(("T=0.1 K", "=", "T", "=1", "Q=1", "x" * 300 + "=1", "omega=1", *JUNK)))
    found += rng.choice(([], ["--nearest"], ["--format", "json"], ["--format", "csv"], ["--format", rng.choice(JUNK)]))
    path = str(cube) if rng.random() < 0.95 else rng.choice((*JUNK, str(cube.parent), "/dev/null", __file__))
    return [path, rng.choice(VARIABLES), *found]


def test_queries_are_answered_or_refused(cube):
    rng, answered = random.Random(11), 0
    for number in range(200):
        given = arguments(cube, rng)
        if any("\0" in each for each in given):
            continue
        try:
            command.main(given, standalone_mode=False)
            answered += 1
        except SystemExit as end:
            assert end.code == 3, (number, given)
            answered += 1
        except (SurveyError, ClickException) as error:
            assert str(error) or error.format_message(), (number, given)
    assert answered > 25


def test_any_object_is_a_value_or_refused(cube):
    with open_cube(cube) as opened:
        for value in OBJECTS:
            for at in ({"T": value}, {"T": 0.1, "chi": value}):
                try:
                    query(opened, "tau_phi", **({"T": 0.1, "chi": 0.1, "Lambda0": 1e-3, "Estar": 1.0} | at))
                except SurveyError as error:
                    assert "found" in str(error) or "allowed" in str(error)


@pytest.mark.parametrize("argument", ["a\0b", "T=\0"])
def test_an_argument_with_nul_is_refused_in_words(cube, capsys, argument):
    for given in (
        [argument],
        ["check", argument],
        ["query", str(cube), "tau_phi", argument],
        ["diagram", "x", argument],
    ):
        with pytest.raises(SystemExit) as end:
            main(given)
        assert end.value.code == 2
        assert "found an argument with the character NUL" in capsys.readouterr().err


def test_a_name_that_is_too_long_is_refused_in_words():
    for name in ("x" * 300, "/".join(["d" * 200] * 30)):
        with pytest.raises(SurveyError, match=r"cannot be read .*allowed: a cube"):
            open_cube(name)
