"""The programs on the page on serving do what they are there for; lines for R and a shell: tests/clients."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from helpers import served
from survey.cli import commands


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where a server with what the page asks for listens."""
    with served.serving(served.of_page(tmp_path_factory.mktemp("page"))) as (address, _):
        yield address


def test_every_program_in_python_runs(address, tmp_path):
    programs = served.blocks_of_page("python", address)
    assert len(programs) == 4
    for program in programs:
        command = [sys.executable, "-W", "ignore", "-c", program]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120)
        assert done.returncode == 0, f"{program}\n{done.stderr}"


def test_the_options_of_the_page_are_those_of_the_command():
    said = CliRunner().invoke(commands, ["serve", "--help"]).output
    for option in ("--megabytes", "--points", "--seconds", "--workers"):
        assert option in said
