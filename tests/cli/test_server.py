"""The server that forks for the steps of a run: a forked step is as the plain command, dies with whom it belongs to,
and where anything is amiss the plain command does the work."""

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from helpers.workspace import BIN, CUBE_ALONE, Workspace
from survey.cli import server as forks
from survey.config.load import load_survey
from survey.run.forking import SERVER, command, start_servers
from survey.store.tiles import tiles_of

FILE = "config/surveys/tiny.yaml"
PATIENCE = 60.0


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    found = Workspace(tmp_path)
    found.write("tiny", CUBE_ALONE)
    monkeypatch.chdir(found.folder)
    monkeypatch.setenv("PYTHONPATH", str(found.folder))
    monkeypatch.setenv("PATH", f"{BIN}:{os.environ['PATH']}")
    return found


@pytest.fixture
def server(workspace):
    """A server, as a run has it; it ends with the run, and leaves nothing behind."""
    (started,) = start_servers(["compute_tile"])
    found = psutil.Process(started.pid)
    yield found
    started.stdin.close()
    started.wait(timeout=PATIENCE)
    os.environ.pop(SERVER)


@pytest.fixture
def slow(workspace):
    """A tile that takes minutes."""
    text = workspace.kernel.read_text()
    workspace.kernel.write_text(text.replace("    shape =", "    __import__('time').sleep(300)\n    shape =", 1))
    return tiles_of(load_survey(workspace.surveys / "tiny.yaml"), "dephasing")[0].digest


def begin(*arguments: str, **options) -> subprocess.Popen:
    """A step as a job of Snakemake begins it."""
    script = f'{command()}; survey "$@"'
    return subprocess.Popen(["bash", "-c", script, "bash", *arguments], **options)


def said(*arguments: str) -> tuple[int, str, str]:
    step = begin(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, error = step.communicate(timeout=PATIENCE)
    return step.returncode, out, error


def forked(server: psutil.Process) -> psutil.Process:
    """The process that works for a client, once it is at work."""
    return eventually(lambda: server.children() and server.children()[0])


def eventually(answer):
    """What is asked for, as soon as it is true."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(psutil.NoSuchProcess):
            if found := answer():
                return found
        time.sleep(0.02)
    raise AssertionError("it did not come true")


def at_work(digest: str) -> bool:
    return bool(list(Path("results/store/.running").glob(f"{digest}@*")))


@pytest.mark.parametrize("arguments", [["check", FILE], ["check", "nothing.yaml"], ["--version"], ["nonsense"], []])
def test_a_forked_step_answers_as_the_plain_command(server, monkeypatch, arguments):
    found = said(*arguments)
    monkeypatch.delenv(SERVER)
    assert found == said(*arguments)
    monkeypatch.setenv(SERVER, "there again, for the fixture")


def test_a_forked_step_has_the_folder_files_and_environment_of_its_client(server, workspace, monkeypatch):
    """Its log is where the shell put it, and what cannot be said there goes to the screen."""
    (workspace.folder / "below").mkdir()
    monkeypatch.setenv("SURVEY_SCREEN", "7")
    script = f"{command()}; cd below; umask 027; exec 7>screen; survey tile ../{FILE} nothing > /dev/full 2>&1"
    done = subprocess.run(["bash", "-c", script], timeout=PATIENCE)
    assert done.returncode == 2
    screen = workspace.folder / "below" / "screen"
    assert "no tile 'nothing' in this survey" in screen.read_text()
    digest = tiles_of(load_survey(workspace.surveys / "tiny.yaml"), "dephasing")[0].digest
    script = f"{command()}; cd below; umask 027; survey tile ../{FILE} {digest} > log 2>&1"
    subprocess.run(["bash", "-c", script], timeout=PATIENCE, check=True)
    tile = Path("below/results/store/dephasing", f"{digest}.nc")
    assert (workspace.folder / "below" / "log").read_text().strip() == str(tile.relative_to("below"))
    assert tile.stat().st_mode & 0o777 == 0o640


def test_jobs_are_forked_and_not_started(server, slow):
    step = begin("tile", FILE, slow, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    worker = forked(server)
    assert worker.name() == f"survey-{step.pid}"
    step.terminate()
    step.wait(timeout=PATIENCE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_who_ends_the_client_ends_its_job(server, slow, number):
    step = begin("tile", FILE, slow, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    worker = forked(server)
    eventually(lambda: at_work(slow))
    step.send_signal(number)
    assert step.wait(timeout=PATIENCE) == -number
    eventually(lambda: not worker.is_running())
    assert said("--version")[0] == 0 and server.is_running()


def test_a_job_dies_with_its_client_although_the_server_hears_nothing(server, slow):
    """It may import or compile for seconds; meanwhile the same command may run again, and finds no other at work."""
    step = begin("tile", FILE, slow, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    worker = forked(server)
    eventually(lambda: at_work(slow))
    server.suspend()
    step.kill()
    step.wait(timeout=PATIENCE)
    eventually(lambda: worker.status() == psutil.STATUS_ZOMBIE)
    server.resume()
    eventually(lambda: not worker.is_running())


def test_a_ctrl_c_is_heard_once(server, slow):
    step = begin("tile", FILE, slow, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, process_group=0)
    forked(server)
    eventually(lambda: at_work(slow))
    os.killpg(step.pid, signal.SIGINT)
    assert step.communicate(timeout=PATIENCE) == ("", "\nsurvey: interrupted\n")
    assert step.returncode == 130


def test_a_job_that_is_killed_tells_how(server, slow):
    step = begin("tile", FILE, slow, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    forked(server).kill()
    assert step.wait(timeout=PATIENCE) == -signal.SIGKILL


def test_where_the_server_dies_its_jobs_die_and_the_plain_command_takes_over(server, slow):
    step = begin("tile", FILE, slow, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    worker = forked(server)
    eventually(lambda: at_work(slow))
    server.kill()
    eventually(lambda: not worker.is_running())
    eventually(lambda: psutil.Process(step.pid).cmdline()[-4:] == [f"{BIN}/survey", "tile", FILE, slow])
    assert said("--version")[0] == 0
    step.kill()
    step.wait(timeout=PATIENCE)


def test_the_server_ends_with_the_run_after_the_last_job(workspace, slow):
    (started,) = start_servers(["compute_tile"])
    server = psutil.Process(started.pid)
    step = begin("tile", FILE, slow, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    worker = forked(server)
    started.stdin.close()
    time.sleep(0.5)
    assert worker.is_running() and server.is_running()
    step.terminate()
    assert started.wait(timeout=PATIENCE) == 0
    assert step.wait(timeout=PATIENCE) == -signal.SIGTERM
    assert said("--version")[0] == 0
    os.environ.pop(SERVER)


def test_changed_code_is_started_anew(server, workspace):
    assert eventually(lambda: said("check", FILE)[0] == 0)
    workspace.registry.write_text(workspace.registry.read_text().replace("long_name=", "name_that_is_none=", 1))
    status, _, error = said("check", FILE)
    assert status == 1 and "name_that_is_none" in error


def test_nonsense_does_not_stop_the_server(server):
    for content in (b"", b"\0", b"\0\0\0\5hello", b"\xff\xff\xff\xff", b"\0\0\0\2{}"):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect("\0" + os.environ[SERVER])
            client.sendall(content)
    assert said("check", FILE)[0] == 0 and server.is_running()


def test_a_server_with_threads_forks_for_nobody(monkeypatch):
    """A lock that another thread held would stay locked in the forked process."""
    monkeypatch.setattr(forks, "threads", lambda: 2)
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    listener = type("Listener", (), {"accept": lambda self: (theirs, None), "fileno": ours.fileno})()
    reading, writing = os.pipe()
    told = forks.Server(listener, reading, [])
    monkeypatch.setattr(forks, "received", lambda client: ({"arguments": []}, []))
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("it forked"))
    told._accept()
    assert ours.recv(1) == b""
    told.selector.close()
    ours.close()
    os.close(reading)
    os.close(writing)


def test_one_may_do_without(workspace, monkeypatch):
    monkeypatch.setenv("SURVEY_FORK", "0")
    assert start_servers(["compute_tile"]) == [] and SERVER not in os.environ


def test_a_run_forks_its_jobs_and_measures_them(workspace):
    """The benchmark of a forked tile is that of the process that computed it, and not of its small client."""
    text = workspace.kernel.read_text()
    workspace.kernel.write_text(text.replace("    shape =", "    __import__('time').sleep(2)\n    shape =", 1))
    assert workspace.run() == {"compute_tile": 2, "assemble_cube": 1, "build_page": 1}
    files = list(workspace.results.glob("store/dephasing/benchmarks/*.tsv"))
    assert len(files) == 2
    for file in files:
        names, values = (line.split("\t") for line in file.read_text().splitlines())
        assert float(dict(zip(names, values, strict=True))["max_rss"]) > 40
    left = [each for each in psutil.process_iter(["cwd", "pid"]) if each.info["cwd"] == str(workspace.folder)]
    eventually(lambda: not [each for each in left if each.is_running() and each.pid != os.getpid()])
