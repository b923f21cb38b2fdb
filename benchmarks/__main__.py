"""The command `python -m benchmarks`: Markdown tables of ratios, times and memory on this machine."""

import os
from collections.abc import Callable

import click

NAMES = (
    "kernel",
    "spectra",
    "pieces",
    "observables",
    "clusters",
    "noise",
    "grains",
    "throughput",
    "survey",
    "scaling",
    "growth",
    "query",
    "cluster_scale",
    "watching",
    "virtual_cube",
    "serving",
    "explorer",
    "calibration",
    "samplers",
    "sweeps",
)
LARGE = (
    "The largest sizes, too: in `scaling` the survey of 1e8 cells, minutes and 4 GB of disk; in `cluster_scale` the "
    "tiles of 1e12 cells, a quarter of an hour; in `serving` the cube of 1e9 cells, 4 GB of disk; in `calibration` 400 "
    "data sets for each rival, an hour."
)


def reports(large: bool) -> dict[str, Callable[[], str]]:
    """What each name measures."""
    from benchmarks import (
        calibration,
        cluster_scale,
        clusters,
        end_to_end,
        explorer,
        grains,
        growth,
        kernel,
        noise,
        observables,
        pieces,
        query,
        samplers,
        scaling,
        serving,
        spectra,
        sweeps,
        throughput,
        virtual_cube,
        watching,
    )

    return {
        "kernel": kernel.report,
        "spectra": spectra.report,
        "pieces": pieces.report,
        "observables": observables.report,
        "clusters": clusters.report,
        "noise": noise.report,
        "grains": lambda: grains.report() + "\n" + grains.tables(),
        "throughput": throughput.report,
        "survey": end_to_end.report,
        "scaling": lambda: scaling.report(large=large),
        "growth": lambda: growth.report(large=large),
        "query": query.report,
        "cluster_scale": lambda: cluster_scale.report(large=large),
        "watching": watching.report,
        "virtual_cube": virtual_cube.report,
        "serving": lambda: serving.report(large=large),
        "explorer": explorer.report,
        "calibration": lambda: calibration.report(large=large),
        "samplers": samplers.report,
        "sweeps": sweeps.report,
    }


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, type=click.Choice(NAMES))
@click.option("--large", is_flag=True, help=LARGE)
def main(names: tuple[str, ...], large: bool) -> None:
    """Measure NAMES, all of them if there are none, and print tables in Markdown."""
    # Libraries start no threads of their own, as in the jobs of the workflow. It counts before NumPy is imported.
    for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
        os.environ[f"{library}_NUM_THREADS"] = "1"
    from benchmarks.machine import describe

    click.echo(describe() + "\n")
    for name, report in reports(large).items():
        if name in (names or NAMES):
            click.echo(report())


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
