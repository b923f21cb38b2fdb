"""Answers over HTTP: how long a point takes, at once for many clients, and how much memory the server has of it."""

import json
import random
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from threading import Thread
from time import perf_counter
from unittest.mock import patch
from urllib.parse import urlencode

import numpy as np

from benchmarks.commands import BIN
from benchmarks.report import duration, section, size
from benchmarks.surveys import resized, shipped, with_unit
from physics import QUANTITIES
from survey.compute.evaluate import chunk_shape
from survey.config.load import load_survey
from survey.cubes.assemble import assemble
from survey.store.store import new_tile
from survey.store.tiles import tiles_of
from survey.survey import Survey

LABEL, NAME = "dephasing", "gold_wire_billion"
CLIENTS = 32


def report(large: bool = False, cells: int = 10**8, points: int = 2000, each: int = 100) -> str:
    """A virtual cube with the tiles of a real one and a simple function in them, served by one process."""
    with TemporaryDirectory() as temporary:
        survey = shipped(NAME) if large else virtual(resized(shipped(NAME), cells, Path(temporary) / "surveys").path)
        results = Path(temporary) / "results"
        cells = made(survey, results)
        axes = survey.grid(LABEL)
        random.seed(0)
        rows = []
        with _serving(results) as (port, process):
            rows.append(["the server, started", "", "", "", size(_memory(process))])
            for what, address in _questions(survey.name, axes):
                rows.append([what, *_asked(port, [address() for _ in range(points)]), size(_memory(process))])
                together = f"{what}, {CLIENTS} clients at once"
                rows.append([together, *_at_once(port, address, each), size(_memory(process))])
            lengths = [len(values) for values in axes.values()]
            outer = next(n for n in range(1, lengths[0] + 1) if n == lengths[0] or n * np.prod(lengths[1:]) > 2.5e7)
            rest = "".join(f"[0:{length - 1}]" for length in lengths[1:])
            slab = f"/dap/{survey.name}/{LABEL}.dods?tau_phi[0:{outer - 1}]{rest}"
            rows.append(
                [
                    f"a slab of {outer * int(np.prod(lengths[1:])):.1e} cells",
                    *_asked(port, [slab] * 3),
                    size(_memory(process)),
                ]
            )
            most = _memory(process, "VmHWM")
    text = (
        f"A virtual cube of {cells:.2g} cells (float32), one process of `survey serve`; {points:,} random points one "
        f"after the other over one connection, the client in Python. At most the server took {size(most)}."
    )
    return section(
        "Answers over HTTP", text, ["question", "median", "p99", "answers per s", "memory of the server"], rows
    )


def virtual(path: str) -> Survey:
    """A survey of a file with one virtual cube of one variable."""
    text = Path(path).read_text(encoding="utf-8")
    asked = f"{LABEL}: {{variables: [tau_phi], cube: virtual, "
    Path(path).write_text(text.replace(f"{LABEL}: {{", asked, 1), encoding="utf-8")
    return load_survey(Path(path))


def made(survey, results: Path) -> int:
    """Write the cube and its tiles; returns its number of cells."""
    tiles = tiles_of(survey, LABEL)
    with patch("survey.store.store.check_stamp", return_value=QUANTITIES[LABEL].fingerprint()):
        for tile in tiles:
            with new_tile(results / "store", tile, chunk_shape(tile)) as dataset:
                steps = np.exp(-np.arange(np.prod(tile.shape[1:])) / 1e6).reshape(tile.shape[1:]).astype(np.float32)
                for place, T in enumerate(tile.axes["T"]):
                    dataset["tau_phi"][place] = np.float32(1e-9 / T) * steps
    assemble(survey, LABEL, results / "store", results)
    return int(np.prod([len(values) for values in survey.grid(LABEL).values()]))


@contextmanager
def _serving(results: Path) -> Iterator[tuple[int, int]]:
    """A server of the results: its port and its process."""
    command = [BIN / "survey", "serve", results, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = process.stdout.readline() if process.stdout else ""
            port = int(re.findall(r":(\d+) ", said)[0])
            _answers(port, ["/openapi.json"])
            yield port, process.pid
        finally:
            process.terminate()


def _questions(survey: str, axes: dict) -> list[tuple[str, Callable[[], str]]]:
    """What is asked, and how to make the address of one question."""

    def cell() -> str:
        places = "".join(f"[{random.randrange(len(values))}]" for values in axes.values())
        return f"/dap/{survey}/{LABEL}.dods?tau_phi{places}"

    def point() -> str:
        at = {name: random.uniform(0.02, 0.98) for name in axes}
        inside = {name: values[0] ** (1 - at[name]) * values[-1] ** at[name] for name, values in axes.items()}
        return f"/query/{survey}/{LABEL}/tau_phi?{urlencode({name: with_unit(name, inside[name]) for name in axes})}"

    return [("a cell by DAP", cell), ("a point between cells, JSON", point)]


def _asked(port: int, addresses: list[str]) -> list[str]:
    """Median and 99th percentile of the times of these questions, and how many are answered in a second."""
    started = perf_counter()
    times = _answers(port, addresses)
    return _said(times, len(times) / (perf_counter() - started))


def _at_once(port: int, address: Callable[[], str], each: int) -> list[str]:
    """The same of many clients at once; RuntimeError if any of them gets no answer."""
    times: list[float] = []
    faults: list[Exception] = []

    def client(addresses: list[str]) -> None:
        try:
            times.extend(_answers(port, addresses))
        except Exception as error:
            faults.append(error)

    threads = [Thread(target=client, args=([address() for _ in range(each)],)) for _ in range(CLIENTS)]
    started = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise RuntimeError(f"{len(faults)} of {CLIENTS} clients failed") from faults[0]
    return _said(times, len(times) / (perf_counter() - started))


def _said(times: list[float], rate: float) -> list[str]:
    cuts = quantiles(times, n=100, method="inclusive")
    return [duration(cuts[49]), duration(cuts[98]), f"{rate:,.3g}"]


def _answers(port: int, addresses: list[str]) -> list[float]:
    """How long each of some questions takes over one connection; RuntimeError for an answer that is none."""
    times = []
    with closing(HTTPConnection("127.0.0.1", port, timeout=600)) as connection:
        for address in addresses:
            started = perf_counter()
            connection.request("GET", address)
            answer = connection.getresponse()
            content = answer.read()
            times.append(perf_counter() - started)
            if answer.status != 200 or not content:
                raise RuntimeError(f"{address}: {answer.status} {content[:300]!r}")
            if address.startswith("/query") and json.loads(content)["points"][0]["value"] is None:
                raise RuntimeError(f"{address}: refused")
    return times


def _memory(process: int, what: str = "VmRSS") -> int:
    """The memory of a process of Linux, in bytes: now, or the most it has had (VmHWM)."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1]) * 1024
