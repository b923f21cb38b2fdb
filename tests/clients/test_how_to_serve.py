"""The lines for a shell and for R on the page on serving do what they are there for."""

import re
import subprocess

import pytest

from helpers import served


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where a server with what the page asks for listens."""
    with served.serving(served.of_page(tmp_path_factory.mktemp("page"))) as (address, _):
        yield address


def test_every_line_for_a_shell_runs(address, tmp_path):
    lines = [
        line
        for block in served.blocks_of_page("console", address)
        for line in re.findall(r"^\$ (.*)", block, re.MULTILINE)
        if address in line
    ]
    assert len(lines) == 4
    for line in lines:
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=tmp_path, timeout=60)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        assert "error" not in done.stdout.split("points")[0]
    assert (tmp_path / "slice.dods").read_bytes().startswith(b"Dataset {") and (
        tmp_path / "head"
    ).stat().st_size == 1024


def test_the_program_in_r_runs(address, tmp_path):
    (program,) = served.blocks_of_page("r", address)
    (tmp_path / "page.R").write_text(program + "cat(length(tau))", encoding="utf-8")
    done = subprocess.run(["Rscript", tmp_path / "page.R"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and done.stdout.endswith("41"), done.stderr
