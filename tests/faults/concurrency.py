"""Two runs at once on one store, of two surveys and of the same one, with a query that never stops."""

import subprocess
import threading
from pathlib import Path

from faults.kill import contents, prepared, read_all_the_time, wait_for_orphans
from faults.table import Table
from helpers.workspace import BIN, Workspace

PAIRS = {
    "two runs of two surveys that share tiles": ("tiny", "twin"),
    "two runs of the same survey": ("tiny", "tiny"),
    "two runs of the same survey, one of them killed": ("tiny", "tiny"),
}


def attack(folder: Path, times: int = 1, pairs: tuple[str, ...] = tuple(PAIRS)) -> Table:
    """Start both runs of each pair at the same time while a reader reads everything, so many times."""
    table = Table("Runs at the same time", ("runs", "times", "exit codes", "files that could not be read", "results"))
    for number, name in enumerate(pairs):
        codes, unreadable, wrong = [], 0, 0
        for trial in range(times):
            workspace = prepared(folder / f"{number}-{trial}")
            workspace.write(
                "twin", (workspace.surveys / "tiny.yaml").read_text().replace("num: 150", "num: 150, include: [99 mK]")
            )
            found: list[str] = []
            done = threading.Event()
            reader = threading.Thread(target=read_all_the_time, args=(workspace.results, done, found))
            reader.start()
            runs = [start(workspace, survey) for survey in PAIRS[name]]
            if name.endswith("killed"):
                try:
                    runs[1].wait(timeout=6)
                except subprocess.TimeoutExpired:
                    runs[1].kill()
            said = [run.communicate(timeout=300)[0] for run in runs]
            done.set()
            reader.join()
            wait_for_orphans(workspace)
            ended = [run.returncode for run in runs]
            codes.append(" and ".join(map(str, ended)))
            needed = ended[:1] if name.endswith("killed") else ended
            table.expect(not any(needed), f"{name}: ended with {ended}: {said[0][-500:]} {said[1][-500:]}")
            table.expect(not found, f"{name}: a reader found {found[:3]}")
            unreadable += len(found)
            results = contents(workspace.results)
            left = [str(path) for path in workspace.results.rglob(".*.tmp")]
            table.expect(not left, f"{name}: left {left}")
            alone = prepared(folder / f"{number}-{trial}-alone")
            for survey in dict.fromkeys(PAIRS[name]):
                alone.write(survey, (workspace.surveys / f"{survey}.yaml").read_text())
                alone.run("--config", f"surveys={survey}")
            wrong += not table.expect(
                results == contents(alone.results), f"{name}: not what one run after another gives"
            )
        verdict = "equal to one run after another" if not wrong else f"{wrong} differ"
        table.rows.append((name, times, "; ".join(sorted(set(codes))), unreadable, verdict))
    return table


def start(workspace: Workspace, survey: str) -> subprocess.Popen:
    return subprocess.Popen(
        [BIN / "snakemake", "--config", f"surveys={survey}"],
        cwd=workspace.folder,
        env=workspace.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
