"""A repository whose runs go to a private Slurm, in processes that can be watched and killed."""

import os
import signal
import subprocess
from pathlib import Path

from lab import Lab

from helpers.workspace import BIN, CUBE_ALONE, Workspace

# Status questions every few seconds: the tests wait for them.
QUICK = ("--slurm-init-seconds-before-status-checks", "3", "--seconds-between-status-checks", "3")
PROFILE = ("--workflow-profile", "profiles/slurm")
# Where a test needs to know when a tile is computed and to make that last: the kernel notes each call for more than
# the trial cell, takes memory, and waits as long as there is a file `hold`.
VISIT = """
def visit(T):
    import os, time
    if np.size(T) == 1:
        return
    with open("{folder}/computed", "a") as file:
        print(float(np.min(T)), os.getpid(), os.environ.get("SLURM_JOB_ID", 0), file=file)
    taken = np.ones(int(open("{folder}/bytes").read()) // 8)
    while os.path.exists("{folder}/hold"):
        time.sleep(0.1)
    time.sleep(3.0 if taken.size > 1 else 0.0)
"""


class ClusterWorkspace(Workspace):
    """A workspace of two tiles whose runs go to a private Slurm, in processes that can be watched and killed."""

    def __init__(self, folder: Path, lab: Lab, *options: str):
        super().__init__(folder)
        self.lab, self.options, self.processes = lab, options, []
        self.environment |= {name: lab.environment[name] for name in ("SLURM_CONF", "PATH")}
        self.write("tiny", CUBE_ALONE)
        visited = self.kernel.read_text().replace("    shape =", "    visit(T)\n    shape =", 1)
        self.kernel.write_text(visited + VISIT.format(folder=folder))
        (folder / "bytes").write_text("8")
        self.hold = folder / "hold"
        self.before = {job["id"] for job in lab.jobs("all")}

    def start(self, *arguments: str) -> subprocess.Popen:
        """Begin a run on Slurm; its output goes to the file `said`."""
        with (self.folder / "said").open("a") as said:
            command = [BIN / "snakemake", *PROFILE, *QUICK, *self.options, *arguments]
            run = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdout=said, stderr=said, start_new_session=True
            )
        self.processes.append(run)
        return run

    def finish(self, run: subprocess.Popen, seconds: float = 400) -> None:
        """Wait for a run that must succeed, with its cube there and no temporary file left."""
        try:
            code = run.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {seconds:g} s:\n{self.said()}\n{self.jobs()}") from None
        assert code == 0, self.said()
        assert (self.results / "tiny" / "dephasing.nc").exists()

    def jobs(self) -> list[dict[str, str]]:
        """All jobs of this workspace that Slurm knows, in the order of their submission."""
        found = [job for job in self.lab.jobs("all") if job["id"] not in self.before]
        return sorted(found, key=lambda job: int(job["id"]))

    def said(self) -> str:
        return (self.folder / "said").read_text()

    def computed(self) -> list[list[str]]:
        """What the kernel noted: lowest temperature, process and Slurm job of each tile that it began."""
        path = self.folder / "computed"
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []

    def wait_computed(self, number: int) -> None:
        Lab.wait(lambda: len(self.computed()) >= number, f"{number} tiles to be begun\n{self.said()}", 240)

    def end(self) -> None:
        self.hold.unlink(missing_ok=True)
        for run in self.processes:
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)
                run.wait()
        left = [job["id"] for job in self.lab.jobs() if job["id"] not in self.before]
        if left:
            self.lab.ask("scancel", *left, check=False)
