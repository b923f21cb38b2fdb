"""What a shell completes after `survey`: asked of click's classes for shells, and once by a shell's own question."""

import os
import subprocess
import sys

import pytest
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from helpers.small_cubes import AXES, crossover, write
from physics import QUANTITIES
from survey.cli import commands

QUERY = {"--exact", "--format", "--nearest", "--scheduler", "--help"}


@pytest.fixture(scope="module")
def cube(tmp_path_factory):
    path = tmp_path_factory.mktemp("cube") / "small.nc"
    write(path, crossover)
    return str(path)


def completed(*words: str, shell=BashComplete) -> list[tuple[str, str]]:
    """Kind and text of what is offered for the last of the words."""
    found = shell(commands, {}, "survey", "_SURVEY_COMPLETE").get_completions(list(words[:-1]), words[-1])
    return [(item.type, item.value) for item in found]


@pytest.mark.parametrize("shell", [BashComplete, FishComplete, ZshComplete])
def test_every_command_and_the_options_of_a_query_complete(shell):
    assert {name for _, name in completed("", shell=shell)} == set(commands.commands)
    assert {name for _, name in completed("query", "--", shell=shell)} == QUERY


def test_a_query_completes_cube_variable_axes_and_format(cube, tmp_path):
    assert completed("query", "results/g") == [("file", "results/g")]
    assert completed("query", cube, "") == [("plain", "tau_phi"), ("plain", "status")]
    assert completed("query", cube, "tau_phi", "") == [("plain", f"{axis}=") for axis in AXES]
    assert completed("query", cube, "tau_phi", "T=1K", "ch") == [("plain", "chi=")]
    assert ("plain", "json") in completed("query", cube, "tau_phi", "--format", "")
    (tmp_path / "text.nc").write_text("no cube")
    assert completed("query", str(tmp_path / "text.nc"), "") == completed("query", str(tmp_path / "none"), "") == []


@pytest.mark.parametrize("command", ["quantities", "restamp"])
def test_quantities_complete(command):
    assert completed(command, "") == [("plain", name) for name in QUANTITIES]


def test_a_shell_gets_an_answer(cube):
    asked = {"_SURVEY_COMPLETE": "bash_complete", "COMP_WORDS": f"survey query {cube} ta", "COMP_CWORD": "3"}
    command = [sys.executable, "-c", "from survey.cli import main; main()"]
    done = subprocess.run(command, env=os.environ | asked, capture_output=True, text=True, check=True)
    assert done.stdout == "plain,tau_phi\n" and not done.stderr
