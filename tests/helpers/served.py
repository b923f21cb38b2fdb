"""A folder of small results of every kind, and a server of it in a process of its own."""

import re
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from helpers import toy
from survey.compute.tile import compute_tile
from survey.config.load import load_survey
from survey.cubes.assemble import assemble
from survey.cubes.crossovers import locate
from survey.store.tiles import tiles_of
from survey.store.trees import write_tree

with warnings.catch_warnings():
    # The next version of httpx has another name.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

BIN = Path(sys.executable).parent
SURVEY = """\
title: Served
axes:
  T: {start: 10 mK, stop: 1 K, num: 7}
  Lambda0: {values: [1 mK, 10 mK]}
  Pd: {start: 1e45 J^-1m^-3, stop: 1e47 J^-1m^-3, num: 5}
  chi: {values: [0.01, 0.1, 0.3]}
  Estar: {values: [0.5 K, 5 K]}
constants: {sigma_in: 1e-15 cm^2, v_F: 1e8 cm/s, tau: 1e-14 s}
quantities:
  dephasing: {}
  virtual: {quantity: dephasing, cube: virtual}
crossovers:
  T_equal: {kind: equal, quantity: dephasing, variables: [tau_phi_resonant, tau_phi_relaxation]}
"""
# Names with which clients have trouble: quotes, backslashes, more than 64 characters, other alphabets.
WORDS = ["glass", 'two "levels"', "a\\b", "τφ of a wire", "x" * 70, ""]
QUOTING = 'says "no", a\\b, {braces}; τφ\nand a second line'


def dephasing(**given):
    """The toy kernel with flags above 127, and cells without a level."""
    found = toy.dephasing(**given)
    if "regime" in found:
        found["regime"] = np.where(found["regime"] == 0, 181, 102).astype(np.uint8)
    empty = np.broadcast_to(given["Estar"] * given["chi"] < 0.006, np.broadcast_shapes(*map(np.shape, found.values())))
    if "tau_phi" in found:
        found["tau_phi"] = np.where(empty, np.inf, found["tau_phi"])
    if "status" in found:
        found["status"] = np.where(empty, 3, 0).astype(np.uint8)
    return found


def results(folder: Path) -> Path:
    """The folder `results` below `folder`: a copied and a virtual cube, crossovers, and a finding of groups."""
    made = folder / "results"
    (folder / "made.yaml").write_text(SURVEY, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        toy.register(patch, kernel="helpers.served:dephasing")
        survey = load_survey(folder / "made.yaml")
        for tile in tiles_of(survey, "dephasing"):
            compute_tile(made / "store", tile)
        for label in ("dephasing", "virtual"):
            assemble(survey, label, made / "store", made)
        locate(survey, made)
    write_tree(made / "made" / "evidence.nc", finding(), {"survey": "made", "verdict": QUOTING, "seed": 2**40})
    write_tree(made / "made" / "found.nc", found(), {"survey": "made", "rival": "glass", "left_out": "{}"})
    return made


# What the page on serving asks for: as many values of each axis, and its names.
PAGE = """\
title: As on the page
axes:
  T: {start: 10 mK, stop: 1 K, num: 41}
  Lambda0: {values: [0.5 mK, 1 mK, 2 mK]}
  Pd: {start: 1e45 J^-1m^-3, stop: 1e47 J^-1m^-3, num: 6}
  chi: {start: 0.01, stop: 1, num: 11}
  Estar: {start: 2 mK, stop: 10 K, num: 7, include: [20 mK]}
constants: {sigma_in: 1e-15 cm^2, v_F: 1e8 cm/s, tau: 1e-14 s}
quantities:
  dephasing: {}
crossovers: {}
"""


def of_page(folder: Path) -> Path:
    """The folder `results` below `folder` with what docs/how-to-serve.md asks for."""
    made = folder / "results"
    (folder / "gold_wire.yaml").write_text(PAGE, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        toy.register(patch)
        survey = load_survey(folder / "gold_wire.yaml")
        for tile in tiles_of(survey, "dephasing"):
            compute_tile(made / "store", tile)
        assemble(survey, "dephasing", made / "store", made)
    write_tree(
        made / "synthetic_wire" / "evidence.nc", {"evidence": finding()["evidence"]}, {"survey": "synthetic_wire"}
    )
    return made


def blocks_of_page(kind: str, address: str) -> list[str]:
    """The blocks of a language on that page, with the address of a server in place of the page's."""
    text = (Path(__file__).parents[2] / "docs" / "how-to-serve.md").read_text(encoding="utf-8")
    found = re.findall(rf"^```{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [block.replace("http://127.0.0.1:8000", address) for block in found]


def finding() -> dict[str, xr.Dataset]:
    """Groups with text, 64-bit integers, float32, NaN, a single number, nothing at all."""
    value = np.array([1.5, np.nan, np.inf, -0.0, 1e-30, 1e308])
    table = xr.Dataset(
        {
            "ln_evidence": ("rival", value, {"long_name": "ln Z", "note": QUOTING}),
            "place": ("rival", np.arange(6, dtype=np.int64) - 3),
            "short": (
                "rival",
                value.clip(max=1e30).astype(np.float32),
                {"limits": np.array([0.1, np.nan], np.float32)},
            ),
            "single": ((), 42.5),
            "name": ("rival", np.array(["glass", "kondo", "a wire", "two 'levels'", "x" * 70, ""], dtype=object)),
        },
    )
    words = xr.Dataset({"word": ("rival", np.array(WORDS, dtype=object))})
    huge = xr.Dataset({"n": ("draw", np.array([2**40]))})
    return {"evidence": table, "words": words, "prior": xr.Dataset(), "huge": huge}


def found() -> dict[str, xr.Dataset]:
    """Groups like those of findings: a band over temperatures, a table with words, draws of a posterior."""
    T, chi = np.geomspace(0.01, 1.0, 5), np.geomspace(0.01, 0.3, 4)
    band = 1e-9 * np.ones((2, 3, 1)) / T
    band[1] = np.nan
    coordinates = {"rival": ["glass", "kondo"], "quantile": [0.16, 0.5, 0.84], "T": ("T", T, {"units": "K"})}
    table = {"probability": ("rival", [0.75, 0.25]), "what": ("rival", np.array(["a, b", ""], dtype=object))}
    rng = np.random.default_rng(3)
    draws = {"chi": ("draw", rng.choice(chi, 50)), "Pd": ("draw", 1e46 * rng.random(50), {"units": "J-1 m-3"})}
    even = ("chi", np.full(4, 0.25))
    return {
        "band": xr.Dataset({"tau_phi": (("rival", "quantile", "T"), band, {"units": "s"})}, coordinates),
        "table": xr.Dataset(table, {"rival": ["glass", "kondo"]}),
        "draws": xr.Dataset(draws),
        "prior": xr.Dataset({"chi_prior": even, "chi_posterior": even}, {"chi": chi}),
    }


@contextmanager
def serving(*arguments: object, command: str = "serve") -> Iterator[tuple[str, int]]:
    """A server of its own process on a free port: its address, and its process id. It never says a traceback."""
    words = [BIN / "survey", command, *map(str, arguments), "--port", "0"]
    with (
        tempfile.TemporaryFile("w+") as complaints,
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=complaints, text=True) as process,
    ):
        try:
            said = process.stdout.readline()
            found = re.search(r"http://\S+", said)
            assert found, said
            yield found[0], process.pid
        finally:
            process.terminate()
            process.communicate(timeout=30)
            complaints.seek(0)
            assert "Traceback" not in (text := complaints.read()), text


def slow(**given):
    """The toy kernel, a fifth of a second for each call."""
    time.sleep(0.2)
    return dephasing(**given)


def slow_cells(**given):
    """The toy kernel, a tenth of a millisecond for each cell, at the highest T a hundred times as much."""
    cells = np.broadcast_shapes(*(np.shape(given[name]) for name in ("T", "Lambda0", "Pd", "chi", "Estar")))
    hot = np.broadcast_to(np.asarray(given["T"]) > 0.9, cells)
    time.sleep(1e-4 * float(np.where(hot, 100.0, 1.0).sum()))
    return dephasing(**given)


_asked: list = []


def client_of(app):
    """What asks an application of this process, and gets its answers whatever they are."""
    _asked.append(app.state.cubes)
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


def close_files() -> None:
    """Close what these applications have open: a forgotten file is closed by whichever thread happens to find it, and
    netCDF bears no two at a time."""
    while _asked:
        _asked.pop().close()
