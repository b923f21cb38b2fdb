"""Every console block and every YAML block of the README and the how-tos: run in a small clone with a toy kernel, read
as what it is a part of, or named below with the reason why not.

The pages on drawing, measuring and extending have tests of their own: tests/draw, tests/measured, test_how_to_extend;
Python blocks are run by test_python.
"""

import os
import re
import shutil
import subprocess

import click
import pytest
from ruamel.yaml import YAML

from helpers.docs import blocks
from helpers.workspace import BIN, ROOT
from survey.cli import commands
from survey.config.load import load_survey

# What begins so is not run, and why.
NOT_RUN = {
    "make": "takes minutes: .ci/run does it",
    "source": "the environment of the tests is used",
    "git clone": "an environment on another machine",
    "uv ": "an environment on another machine",
    "pip ": "an environment on another machine",
    "conda ": "an environment on another machine",
    "export ": "belongs to a site",
    "mkdir -p ~/slurm-bin": "belongs to a site",
    "chmod +x ~/slurm-bin": "belongs to a site",
    "scancel": "needs Slurm",
    "curl -u colleague": "needs a proxy: tests/clients does it",
    "printf ": "belongs to a site",
    "ncdump -h https://atlas.example.org": "needs a proxy: tests/clients does it",
    "snakemake --workflow-profile profiles/slurm": "needs Slurm: tests/slurm does it",
    "survey tile config/surveys/my_film.yaml 1f0c9c6b": "needs Slurm, and a tile of one run",
    "survey query results/my_film/dephasing.nc tau_phi Estar=20mK chi=0.05 --format csv": "needs Slurm",
    "survey query results/synthetic_wire/": "findings of a run of minutes: tests/explain asks for such",
    "survey why results/store/": "a tile of one run",
    "survey explore": "ends with Ctrl-C: tests/explore does it",
}
PATH = f"{BIN}:{os.environ['PATH']}"
# These are planned only: they take long.
LONG = ("snakemake --config surveys=gold_wire_large", "snakemake --config surveys=my_wire")
# Settings of other programs.
OF_OTHERS = ("default-resources", "jobqueue")


def asked() -> list[tuple[str, str]]:
    """Page and command of each line with a prompt, with its continuation, without its comment and here-documents."""
    found = []
    for page, block in blocks("console"):
        for line in re.findall(r"^\$ ((?:.*\\\n)*.*)", block, re.MULTILINE):
            found.append((page, re.sub(r"\s+", " ", re.sub(r"\s#.*", "", line).replace("\\\n", " ")).strip()))
    return found


def left_out(command: str) -> bool:
    return any(command.startswith(start) for start in NOT_RUN)


@pytest.fixture(scope="module")
def address(clone):
    """Where `survey serve` answers, on a port that is free."""
    command = [BIN / "survey", "serve", "results", "--port", "0"]
    with subprocess.Popen(
        command, cwd=clone.folder, env=clone.environment, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as server:
        try:
            yield re.search(r"http://[\d.:]+", server.stdout.readline())[0]
        finally:
            server.terminate()


def test_every_command_of_the_pages_does_what_it_is_there_for(clone, address):
    ran = 0
    for page, command in asked():
        # Programs of others are not on every machine; the server runs beside.
        if left_out(command) or command.startswith("survey serve") or not shutil.which(command.split()[0], path=PATH):
            continue
        command = command.replace("http://127.0.0.1:8000", address)
        command = command.replace("curl ", "curl --fail ", 1)
        planned = command in LONG
        done = subprocess.run(
            f"{command} --dry-run" if planned else command,
            shell=True,
            cwd=clone.folder,
            env=clone.environment | {"PATH": PATH},
            input="n\n",
            capture_output=True,
            text=True,
            timeout=240,
        )
        # 1 and 3 are answers: stale, refused, not done, different; nothing was removed.
        answers = (0, 1, 3) if command.startswith("survey ") else (0,)
        assert done.returncode in answers and "Traceback" not in done.stderr, f"{page}: {command}\n{done.stderr}"
        ran += 1
    assert ran > 15


def test_what_is_not_run_is_there_and_is_a_command():
    """A reason that no line needs any more is not kept; options and names of the atlas's own commands exist."""
    commands_of_pages = [command for _, command in asked()]
    for start in NOT_RUN:
        assert any(command.startswith(start) for command in commands_of_pages), start
    own = [command for command in commands_of_pages if left_out(command) and command.startswith("survey ")]
    for command in own:
        _, name, *words = command.split(" > ")[0].split()
        with click.Context(commands) as context:
            commands.commands[name].make_context(name, words, parent=context)


def test_every_survey_of_the_pages_is_valid(tmp_path):
    measurements = tmp_path / "config" / "measurements"
    shutil.copytree(ROOT / "config" / "measurements", measurements)
    for kind in ("yaml", "csv"):
        shutil.copy(measurements / f"synthetic_gold_wire.{kind}", measurements / f"my_wire.{kind}")
    folder, reader = tmp_path / "config" / "surveys", YAML(typ="safe", pure=True)
    folder.mkdir()
    (film,) = (reader.load(block) for page, block in blocks("yaml") if block.startswith("# config/surveys/my_film"))
    found = {"whole": 0, "part": 0, "of others": 0}
    for number, (page, block) in enumerate(blocks("yaml")):
        data = reader.load(block)
        if set(data) & set(OF_OTHERS):
            found["of others"] += 1
            continue
        part = "title" not in data and "inference" not in data
        found["part" if part else "whole"] += 1
        path = folder / f"survey_{number}.yaml"
        with path.open("w", encoding="utf-8") as file:
            YAML().dump(merged(film, data) if part else data, file)
        survey = load_survey(path)
        assert survey.quantities, f"{page}: {block}"
    assert found["whole"] >= 5 and found["part"] >= 2 and found["of others"] == 2


def merged(whole, part):
    """A survey with what a page adds to it under the keys that are there."""
    if not (isinstance(whole, dict) and isinstance(part, dict)):
        return part
    return whole | {key: merged(whole.get(key), value) for key, value in part.items()}
