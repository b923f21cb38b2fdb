"""A virtual cube over very many tiles: to make it, to open it, to ask it."""

from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from unittest.mock import patch

import numpy as np

from benchmarks.report import duration, section, size
from physics import QUANTITIES
from survey.config.load import load_survey
from survey.cubes.assemble import assemble
from survey.cubes.read import open_cube
from survey.query.answer import query
from survey.store.store import new_tile
from survey.store.tiles import tiles_of

LABEL = "dephasing"
# Temperatures, in blocks of about 25, on ten blocks of cut-offs.
LENGTHS = (5000, 25000)
CUTOFFS = 250
SURVEY = """\
title: Many small tiles
axes:
  T: {{start: 10 mK, stop: 1 K, num: {temperatures}}}
  Lambda0: {{values: [1 mK]}}
  Pd: {{values: [1e46 J^-1m^-3]}}
  chi: {{values: [0.1]}}
  Estar: {{start: 1 K, stop: 10 K, num: {cutoffs}}}
constants: {{sigma_in: 1e-15 cm^2, v_F: 1e8 cm/s, tau: 1e-14 s}}
quantities:
  dephasing: {{variables: [tau_phi], cube: virtual}}
crossovers: {{}}
"""


def report(lengths=LENGTHS, cutoffs: int = CUTOFFS) -> str:
    """Tiles of the shape of real ones with a simple function of T and Estar in them."""
    rows = []
    for temperatures in lengths:
        with TemporaryDirectory() as temporary:
            file = Path(temporary) / "many.yaml"
            file.write_text(SURVEY.format(temperatures=temperatures, cutoffs=cutoffs))
            rows.append(_row(load_survey(file), Path(temporary) / "results"))
    text = (
        "A virtual cube over tiles of some hundred cells, in one process. Points lie between the cells; a curve has "
        "all values of Estar."
    )
    header = ["tiles", "assemble", "a tile", "file", "open", "first point", "another point", "curve"]
    return section("Virtual cubes", text, header, rows)


def _row(survey, results: Path) -> list[str]:
    tiles = tiles_of(survey, LABEL)
    # A process looks at the code of a quantity for each tile that it makes; else it makes one.
    with patch("survey.store.store.check_stamp", return_value=QUANTITIES[LABEL].fingerprint()):
        for tile in tiles:
            with new_tile(results / "store", tile, tile.shape) as dataset:
                T, Estar = (np.array(tile.axes[name]) for name in ("T", "Estar"))
                dataset["tau_phi"][:] = (1e-9 * np.outer(1 / T, Estar)).reshape(tile.shape)
    path, assembling = _timed(lambda: assemble(survey, LABEL, results / "store", results))
    cube, opening = _timed(lambda: open_cube(path))
    at = {"Lambda0": 1e-3, "Pd": 1e46, "chi": 0.1}
    with cube:
        points = [_timed(lambda T=T: query(cube, "tau_phi", T=T, Estar=3.3, **at)) for T in (0.0503, 0.2003)]
        if not all(np.isclose(float(found.tau_phi), 3.3e-9 / float(found.T), rtol=1e-3) for found, _ in points):
            raise RuntimeError("the cube does not say what the tiles hold")
        _, curve = _timed(lambda: query(cube, "tau_phi", T=0.4007, **at))
    return [
        f"{len(tiles):,}",
        duration(assembling),
        duration(assembling / len(tiles)),
        size(path.stat().st_size),
        duration(opening),
        *(duration(seconds) for _, seconds in points),
        duration(curve),
    ]


def _timed(function):
    started = perf_counter()
    found = function()
    return found, perf_counter() - started
