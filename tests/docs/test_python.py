"""Every Python block of the README and the how-tos: those of a page are run one after the other in one namespace, where
there are small surveys, and what they leave is what the page says.

The page on serving has a test of its own, as it needs a server: tests/serve.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.docs import PAGES, blocks
from helpers.workspace import BIN, ROOT

ELSEWHERE = {"how-to-serve"}
# What stands in the place of what only a site has.
SCHEDULER = """\
import distributed

quiet = {"dashboard": False, "dashboard_address": ":0"}
cluster = distributed.LocalCluster(
    n_workers=1, threads_per_worker=1, processes=False, protocol="tcp://", scheduler_kwargs=quiet
)
"""
BEFORE = {"how-to-cluster": SCHEDULER}
INSTEAD = {"how-to-cluster": ('"tcp://host:port"', "cluster.scheduler_address")}
# What holds after the blocks of a page.
AFTER = {
    "README": """\
assert set(answer.posteriors) == {"background", "kondo"} and list(answer.evidence.index) == ["background", "kondo"]
assert set(cubes) == {"dephasing", "crossovers"}
assert cubes["dephasing"].tau_phi.dims == ("T", "Lambda0", "Pd", "chi", "Estar")
""",
    "how-to-cluster": "cluster.close()",
    "how-to-infer": """\
assert answer.verdict and set(answer.posteriors) == {"background", "magnetic_impurities"}
assert heat.C_ratio.sel(rival="glass", t_exp=1).sel(T=0.02, method="nearest").sizes == {"quantile": 5}
""",
    "how-to-query": """\
from pathlib import Path

assert curve.tau_phi.dims == ("T",) and plane.tau_phi.dims == ("T", "Estar") or plane.tau_phi.sizes.keys() == {"T"}
assert point.tau_phi.sizes == {"T": 2} and bool((point.tau_phi > 0).all())
assert exponent.dims == ("T",) and bool(np.isfinite(exponent).all())
assert len(Path("tau_phi.csv").read_text().splitlines()) == curve.sizes["T"] + 1
assert coldest.shape[0] == 1 and coldest.ndim == 5
""",
}
SMALL = """\
title: The small brother of the survey of this name
inference:
  measurements: [synthetic_gold_wire]
  rivals: {background: , glass: {nodes_per_decade: 1}}
  predictions:
    T: {values: [10 mK, 20 mK]}
    omega: {values: [1e9 rad/s]}
    t_exp: {values: [1 s]}
    H: {values: [1 mT]}
    T_dephasing: {start: 3 mK, stop: 3 K, num: 5}
  experiments:
    heat: {measure: [{observable: C, T: 20 mK, error: 5 %}]}
"""


@pytest.fixture(scope="module")
def fewer_points(clone):
    """The clone, its measurement thinned out."""
    thin(clone.folder / "config" / "measurements")
    return clone.folder, clone.environment


@pytest.fixture(scope="module")
def inferred(tmp_path_factory):
    """A folder with the real kernels, as the toy has no glass, and what the page on inference reads."""
    folder = tmp_path_factory.mktemp("inferred")
    for name in ("Snakefile", "workflow", "physics", "profiles", "environment.yml"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "config" / "surveys").mkdir(parents=True)
    shutil.copytree(ROOT / "config" / "measurements", folder / "config" / "measurements")
    thin(folder / "config" / "measurements")
    (folder / "config" / "surveys" / "synthetic_wire.yaml").write_text(SMALL, encoding="utf-8")
    (folder / "config" / "config.yaml").write_text("surveys: [synthetic_wire]\n", encoding="utf-8")
    command = [BIN / "snakemake", "results/synthetic_wire/predictions.nc"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    return folder, dict(os.environ)


def thin(measurements: Path) -> None:
    """Leave every third point."""
    table = measurements / "synthetic_gold_wire.csv"
    comment, head, *rows = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([comment, head, *rows[::3]]) + "\n", encoding="utf-8")


def pages() -> list[str]:
    return sorted({page for page, _ in blocks("python")} - ELSEWHERE)


def test_every_page_with_python_is_run_and_judged():
    assert set(pages()) == set(AFTER) and ELSEWHERE < set(PAGES)


@pytest.mark.parametrize("page", pages())
def test_the_blocks_of_a_page_do_what_they_are_there_for(page, request):
    folder, environment = request.getfixturevalue("inferred" if page == "how-to-infer" else "fewer_points")
    texts = [block.replace(*INSTEAD.get(page, ("", ""))) for found, block in blocks("python") if found == page]
    program = "\n".join([BEFORE.get(page, ""), *texts, AFTER[page]])
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=environment | {"MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, f"{page}\n{done.stderr}"


def test_the_value_that_the_kernel_gives_is_that_of_the_page(monkeypatch):
    (block,) = (block for _, block in blocks("python") if "gold.constants_of" in block)
    call, said = re.search(r"^(QUANTITIES.*\S) +# (\S+)$", block, re.MULTILINE).groups()
    monkeypatch.chdir(ROOT)
    namespace: dict = {}
    exec(block, namespace)
    assert f"{float(eval(call, namespace)):.8e}" == said
