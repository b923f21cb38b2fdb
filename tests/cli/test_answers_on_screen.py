"""What the command says gets through: on a full disk, to a reader that has enough, of any length and characters."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import toy, wires
from helpers.wires import CUBE, FILE
from helpers.workspace import BIN
from survey.errors import SurveyError
from survey.run.forking import command
from survey.words import LONGEST_LINE, bounded, plain

FULL = Path("/dev/full")
ESCAPES = "\x1b[2J\x9b31m\r\x07\x08\x7f\u202e\u2028\udcff"
OBEYED = set(ESCAPES) - set("[2J31m")


@pytest.fixture
def survey(tmp_path, monkeypatch, capsys):
    wires.enter(tmp_path, monkeypatch)
    return lambda *arguments, code=0: wires.run(capsys, *arguments, code=code)


def on_a_full_log(*command: str, screen: bool = True) -> tuple[int, str]:
    """Exit code of a command whose output goes to a full disk, and what reached the screen behind it."""
    reading, writing = os.pipe()
    environment = os.environ | ({"SURVEY_SCREEN": str(writing)} if screen else {})
    with FULL.open("w") as log:
        done = subprocess.run(command, stdout=log, stderr=log, env=environment, pass_fds=[writing], timeout=60)
    os.close(writing)
    with os.fdopen(reading) as file:
        return done.returncode, file.read()


full = pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")


@full
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["check", "none.yaml"], 2, "survey: none.yaml: there is no such file"),
        (["plan"], 2, "Missing argument 'FILE'"),
        (["schema"], 2, "survey: No space left on device; make room"),
    ],
)
def test_the_reason_reaches_the_screen_when_the_log_cannot_be_written(arguments, code, said):
    found = on_a_full_log(str(BIN / "survey"), *arguments)
    assert found[0] == code and said in found[1] and "Traceback" not in found[1]
    assert on_a_full_log(str(BIN / "survey"), *arguments, screen=False) == (code, "")


@full
def test_the_traceback_of_a_fault_of_ours_reaches_the_screen():
    fault = "import survey.config.template as s, survey.cli as c\ns.schema_text = lambda: 1 / 0\nc.main(['schema'])"
    code, said = on_a_full_log(sys.executable, "-c", fault)
    assert code == 1 and "Traceback" in said and said.endswith("ZeroDivisionError: division by zero\n")


def test_steps_are_told_where_the_screen_is():
    """The prefix of every job: the screen is the error output from before it was sent to the log."""
    rules = (Path(__file__).parents[2] / "workflow" / "rules" / "common.smk").read_text()
    (line,) = [line for line in rules.splitlines() if line.startswith("shell.prefix(")]
    prefix = line.split("; exec")[1].split('"')[0].removesuffix(" ")
    prefix = prefix.replace("{command()}", command())
    script = f"exec{prefix} survey check none.yaml > /dev/full 2>&1"
    done = subprocess.run(["bash", "-c", f"export PATH='{BIN}':$PATH SURVEY_SCREEN=3; {script}"], capture_output=True)
    assert "SURVEY_SCREEN=3; exec" in line and done.returncode == 2
    assert done.stderr.decode() == "survey: none.yaml: there is no such file\n"


def test_a_reader_that_has_enough_hears_no_complaint():
    with subprocess.Popen([BIN / "survey", "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as done:
        done.stdout.close()
        assert done.stderr.read() == b""
    assert done.returncode == 1


def test_control_characters_are_shown_as_their_codes():
    said = plain(f"a\tb\n{ESCAPES}")
    assert said == r"a	b" + "\n" + r"\u001b[2J\u009b31m\u000d\u0007\u0008\u007f\u202e\u2028\udcff"
    assert plain("τφ ≤ 10 mK · J⁻¹ – ½\u2009Å") == "τφ ≤ 10 mK · J⁻¹ – ½\u2009Å"


@pytest.mark.parametrize("length", [LONGEST_LINE, LONGEST_LINE + 1, 100_000])
def test_long_lines_lose_their_middle_once(length):
    said = bounded("begin" + "x" * (length - 8) + "end\nshort")
    first, second = said.split("\n")
    assert len(first) <= LONGEST_LINE and first.startswith("begin") and first.endswith("end") and second == "short"
    assert bounded(said) == said


LONG = "x" * 100_000
HUGE = [
    ["check", f"{LONG}.yaml"],
    ["check", f"{LONG[:200]}.yaml"],
    ["plan", FILE, "--cores", LONG],
    ["tile", FILE, LONG],
    ["assemble", FILE, LONG],
    ["diagram", FILE, LONG],
    ["restamp", LONG],
    ["restamp", "dephasing", "--sample", LONG],
    ["status", LONG],
    ["why", LONG],
    ["diff", LONG, LONG],
    [LONG],
    ["--" + LONG],
    ["query", LONG, "tau_phi"],
    ["query", CUBE, LONG],
    ["query", CUBE, "tau_phi", LONG],
    ["query", CUBE, "tau_phi", f"{LONG}=1"],
    ["query", CUBE, "tau_phi", f"T={LONG}"],
    ["query", CUBE, "tau_phi", f"T=1 {LONG}"],
    ["query", CUBE, "tau_phi", "--format", LONG],
    ["gc", f"{LONG}.yaml"],
    ["verify", LONG],
]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder with a cube, made once: these commands change nothing."""
    with pytest.MonkeyPatch.context() as patch:
        wires.enter(tmp_path_factory.mktemp("finished"), patch)
        from survey.compute.tile import compute_tile
        from survey.config.load import load_survey
        from survey.cubes.assemble import assemble

        for tile in wires.tiles():
            compute_tile(wires.STORE, tile)
        assemble(load_survey(FILE), "dephasing", wires.STORE, wires.RESULTS)
        yield Path.cwd()


@pytest.mark.parametrize("arguments", HUGE, ids=lambda arguments: " ".join(str(each)[:12] for each in arguments))
def test_an_argument_of_any_length_is_refused_in_few_words(finished, monkeypatch, capsys, arguments):
    toy.register(monkeypatch)
    monkeypatch.chdir(finished)
    for given in (arguments, [str(each).replace(LONG, f"x{ESCAPES}x") for each in arguments]):
        said = wires.run(capsys, *given, code=2)
        assert 20 < len(said) < 2 * LONGEST_LINE
        assert not OBEYED & set(said)


CONTROLS = [
    ('title: "a\\e[2Jb"', "title"),
    ('title: "a\\x9bb"', "title"),
    ('title: "a\\u202eb"', "title"),
    ('"ti\\etle": a', "ti"),
    ('most_cells: "1\\a"', "most_cells"),
]


@pytest.mark.parametrize(("line", "key"), CONTROLS)
def test_control_characters_in_a_survey_are_refused(survey, line, key):
    FILE.write_text(FILE.read_text().replace("title: Toy survey", line, 1))
    said = survey("check", FILE, code=2)
    assert "line 1, column" in said and "control character" in said and key in FILE.read_text()
    assert not OBEYED & set(said)


def test_control_characters_of_a_file_s_own_words_are_shown_as_codes(survey, tmp_path):
    import netCDF4

    with netCDF4.Dataset("odd.nc", "w") as dataset:
        dataset.createDimension("T", 2)
        dataset.createVariable("T", "f8", ("T",))[:] = [1.0, 2.0]
        dataset["T"].units = "K"
        variable = dataset.createVariable("v", "f8", ("T",))
        variable[:] = [1.0, 2.0]
        variable.long_name, variable.units = f"name{ESCAPES[:8]}", "s"
    for form in ("table", "csv", "json"):
        assert not OBEYED & set(survey("query", "odd.nc", "v", "--format", form))


def test_an_exception_is_bounded():
    assert len(str(SurveyError("x" * 10**6))) <= LONGEST_LINE
