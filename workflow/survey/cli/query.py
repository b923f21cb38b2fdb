"""The command `survey query`, which needs neither xarray nor dask: their import takes longer than a query."""

from pathlib import Path

import click

from survey.cli.options import complain, say, scheduler_option
from survey.errors import SurveyError
from survey.query.formats import FORMATS, refusals


def _names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """What can be asked of the file before them, or the axes of a variable with the sign that a value follows."""
    from survey.cubes.read import open_cube
    from survey.query.cells import dimensions_of
    from survey.query.findings import askable, columns_of

    try:
        with open_cube(context.params["cube"]) as cube:
            names = askable(cube)
            if parameter.name == "at":
                names = [f"{name}=" for name in dimensions_of(cube, columns_of(cube, context.params["variable"])[0])]
    except (KeyError, OSError, SurveyError):
        return []
    return [name for name in names if name.startswith(incomplete)]


@click.command()
@click.argument("cube", type=click.Path(path_type=Path))
@click.argument("variable", shell_complete=_names)
@click.argument("at", nargs=-1, metavar="[AXIS=VALUE[,VALUE...]]...", shell_complete=_names)
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="table", help="How to print the answer.")
@click.option("--nearest", is_flag=True, help="Give the nearest computed cell and do not interpolate.")
@click.option("--exact", is_flag=True, help="Compute the values by the kernel, with what the cube was computed with.")
@scheduler_option
def query(
    cube: Path, variable: str, at: tuple[str, ...], form: str, nearest: bool, exact: bool, scheduler: str | None
) -> None:
    """Read VARIABLE from CUBE, for example

    survey query results/gold_wire/dephasing.nc tau_phi T=40mK Lambda0=1mK Pd=1e46J^-1m^-3 chi=0.05 Estar=20mK

    CUBE may also be crossovers or a finding. Of a finding VARIABLE is GROUP/NAME, a GROUP that is a table, or of a
    posterior a parameter, or probability with ranges, chi=0.05..0.1.

    Every value has a unit. An axis that is left out gives all its values. Exit code 3: some of the answers were
    refused, because of the status of the cells they need.
    """
    from survey.cubes.read import open_cube
    from survey.query.answer import answer
    from survey.query.exact import exactly, recipe

    given = {}
    for text in at:
        name, _, value = text.partition("=")
        if not value:
            raise SurveyError(f"found {text!r}; allowed: AXIS=VALUE, e.g. T=40mK")
        if name in given:
            raise SurveyError(f"{name} is given twice; allowed: once, several values as {name}={given[name]},{value}")
        given[name] = value
    if exact and (nearest or scheduler):
        raise SurveyError("found --exact with --nearest or --scheduler; allowed: one of them")
    with open_cube(cube) as opened:
        how = recipe(opened, variable) if exact else None
        found = answer(opened, variable, given, nearest=nearest or exact, scheduler=scheduler)
    if how is not None:
        found = exactly(how, variable, found)
    say(FORMATS[form](variable, *found))
    if message := refusals(variable, *found):
        complain(message)
        click.get_current_context().exit(3)
