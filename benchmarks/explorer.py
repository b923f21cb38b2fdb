"""The explorer in Chromium: how long from a slider that moves to the picture, of the page alone and with a server."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.commands import BIN
from benchmarks.report import duration, section, size
from benchmarks.serving import LABEL, NAME, made, virtual
from benchmarks.surveys import resized, shipped
from survey.explore.page import write_page

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip
# Moves the slider of chi, and waits until the picture of it is painted.
_MOVES = """async (moves) => {
  const [slider, times] = [document.getElementById("at-chi"), []];
  for (let move = 0; move < moves; move++) {
    const began = performance.now();
    slider.value = move % (Number(slider.max) + 1);
    slider.dispatchEvent(new Event("input"));
    await explorer.update();
    await new Promise((done) => requestAnimationFrame(done));
    times.push((performance.now() - began) / 1000);
  }
  return times;
}"""


def report(cells: int = 1_400_000, moves: int = 200) -> str:
    """A cube of so many cells of one variable, as a page and by `survey explore`."""
    with TemporaryDirectory() as temporary:
        survey = virtual(resized(shipped(NAME), cells, Path(temporary) / "surveys").path)
        results = Path(temporary) / "results"
        cells = made(survey, results)
        started = perf_counter()
        write_page(survey, LABEL, results)
        written = perf_counter() - started
        page = results / survey.name / "explore" / f"{LABEL}.html"
        rows = [["the page alone", *_timed(page.as_uri(), moves)]]
        with _exploring(results) as address:
            rows.append(["with a server", *_timed(f"{address}explore/{survey.name}/{LABEL}", moves)])
        text = (
            f"A cube of {cells:.2g} cells of one variable; the page of {size(page.stat().st_size)} is written in "
            f"{duration(written)}. {moves} moves of a slider, each until the browser paints; Chromium without a GPU."
        )
    return section("The explorer", text, ["", "ready", "slider to picture, median", "p95"], rows)


def browser() -> str | None:
    """The Chromium of this machine."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def _timed(address: str, moves: int) -> list[str]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=browser(), args=ARGUMENTS)
        page = launched.new_page(viewport={"width": 1500, "height": 1000})
        started = perf_counter()
        page.goto(address)
        page.wait_for_selector("body[data-ready=yes]", timeout=120_000)
        ready = perf_counter() - started
        times = page.evaluate(_MOVES, moves)
        launched.close()
    cuts = quantiles(times, n=20)
    return [duration(ready), duration(cuts[9]), duration(cuts[18])]


@contextmanager
def _exploring(results: Path) -> Iterator[str]:
    """A server of the results: its address."""
    command = [BIN / "survey", "explore", results, "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield (process.stdout.readline() if process.stdout else "").split()[0]
        finally:
            process.terminate()
