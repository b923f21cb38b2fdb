"""`python -m faults`, with `tests` on the path: the long form of every attack, as tables in Markdown."""

import sys
import tempfile
import time
from pathlib import Path

import click

from faults import concurrency, corruption, drawing, extension, invalidation, kill, requests, resources, surveys

ATTACKS = {
    "kill": lambda folder, seed: kill.attack(folder, 100, seed),
    "extension": lambda folder, seed: extension.attack(folder),
    "invalidation": lambda folder, seed: invalidation.attack(folder),
    "corruption": lambda folder, seed: corruption.attack(folder, 100, 6, seed),
    "resources": lambda folder, seed: resources.attack(folder),
    "concurrency": lambda folder, seed: concurrency.attack(folder, 3),
    "surveys": lambda folder, seed: surveys.attack(folder, 500, seed),
    "requests": lambda folder, seed: requests.attack(folder, 10_000, seed),
    "drawing": lambda folder, seed: drawing.attack(folder, 200, seed),
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(ATTACKS)))
@click.option("--seed", default=0, show_default=True, help="Of the random numbers; the tables say which one it was.")
def main(names: tuple[str, ...], seed: int) -> None:
    """Make the attacks NAMES, all of them if there are none; exit code 1 if a promise was broken."""
    broken = 0
    for name in names or ATTACKS:
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            table = ATTACKS[name](Path(folder), seed)
        click.echo(table.markdown())
        click.echo(f"`python -m faults {name} --seed {seed}`: {time.monotonic() - started:.0f} s.\n")
        broken += len(table.failures)
    sys.exit(bool(broken))


if __name__ == "__main__":
    main(prog_name="python -m faults")
