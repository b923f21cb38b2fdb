"""Kernels imported and compiled before they are wanted: in a process from which others are forked, and when the package
is installed. What is compiled is kept beside the sources, until these change."""

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from survey.compute.evaluate import evaluate
from survey.config.load import load_survey
from survey.store.tiles import find_tile, tiles_of


def rehearse(file: str, digest: str) -> None:
    """Compute the first cell of a tile of the survey in this file, and put it nowhere."""
    tile = find_tile(load_survey(file), digest)
    evaluate(tile, {name: values[:1] for name, values in tile.axes.items()})


def rehearse_all(folder: Path) -> int:
    """Compute one cell of every quantity with all options of the surveys in a folder; how many there are."""
    found = {}
    for file in sorted(folder.glob("*.yaml")):
        survey = load_survey(file)
        for label, request in survey.quantities.items():
            if (key := (request.quantity, *request.options.items())) not in found:
                found[key] = str(file), tiles_of(survey, label)[0].digest
    with ProcessPoolExecutor(os.cpu_count()) as processes:
        list(processes.map(rehearse, *zip(*found.values(), strict=True)))
    return len(found)


if __name__ == "__main__":
    rehearse_all(Path(sys.argv[1]))
