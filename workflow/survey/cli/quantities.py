"""What helps to write a survey file: the quantities of the registry and what each needs, the schema, the template."""

import textwrap
from collections.abc import Iterable

import click

from physics import PARAMETERS, QUANTITIES, Quantity
from survey.cli.options import echo_json, json_option, say
from survey.errors import SurveyError
from survey.words import nearest_name

_WIDTH = 118


def known(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """The quantities that begin so, for a shell that completes."""
    return [name for name in QUANTITIES if name.startswith(incomplete)]


@click.command()
@click.argument("name", required=False, shell_complete=known)
@json_option
def quantities(name: str | None, as_json: bool) -> None:
    """List what can be computed; of the quantity NAME say all that it depends on, its options and variables."""
    if name is not None and name not in QUANTITIES:
        raise SurveyError(f"there is no quantity {name!r}; {nearest_name(name, QUANTITIES)}")
    if as_json:
        found = [description(each) for each in QUANTITIES.values() if name in (None, each.name)]
        echo_json(found[0] if name else {"quantities": found})
    elif name:
        say("\n".join(_page(QUANTITIES[name])))
    else:
        say("\n".join(_list()))


@click.command()
@click.argument("file", type=click.Choice(["survey", "measurement"]), default="survey")
def schema(file: str) -> None:
    """Print the JSON schema of files of a survey (the default) or of a measurement."""
    if file == "survey":
        from survey.config.template import schema_text
    else:
        from survey.config.measured.file import schema_text

    say(schema_text(), nl=False)


@click.command()
def template() -> None:
    """Print a complete survey file with comments, to begin a new one from."""
    from survey.config.template import template_text

    say(template_text(), nl=False)


WRITING = (quantities, schema, template)


def description(quantity: Quantity) -> dict:
    """All that the registry says of a quantity, as plain data."""
    axes, constants = quantity.depends_on()
    choices = [choice for allowed in quantity.options.values() for choice in allowed.values()]
    further = {each for one in (*choices, *quantity.variables) for each in one.adds}
    return {
        "name": quantity.name,
        "long_name": quantity.long_name,
        "source": quantity.cited(),
        "version": quantity.version,
        "accuracy": quantity.accuracy,
        "axes": [_parameter(each, quantity) for each in axes],
        "constants": [_parameter(each, quantity) for each in constants],
        "constants_of_options": [_parameter(each, quantity) for each in PARAMETERS if each in further],
        "options": {
            option: {
                value: {"adds": choice.adds, "drops": choice.drops, "source": choice.source}
                for value, choice in allowed.items()
            }
            for option, allowed in quantity.options.items()
        },
        "variables": [
            {
                "name": each.name,
                "unit": each.unit,
                "long_name": each.long_name,
                "axes": quantity.depends_on(variables=[each.name])[0],
                "adds": each.adds,
                "flags": list(each.flags or ()),
            }
            for each in quantity.variables
        ],
    }


def _parameter(name: str, quantity: Quantity) -> dict:
    parameter = PARAMETERS[name]
    return {
        "name": name,
        "unit": parameter.unit,
        "long_name": parameter.long_name,
        "domain": list(quantity.limits(name)),
    }


def _list() -> Iterable[str]:
    longest = max(map(len, QUANTITIES))
    for each in QUANTITIES.values():
        yield f"{each.name:{longest}}  {each.long_name}"
        yield f"{'':{longest}}  over {', '.join(each.axes)}"
    yield ""
    yield "survey quantities NAME says what one of them depends on, its options and variables."


def _page(quantity: Quantity) -> Iterable[str]:
    said = description(quantity)
    yield f"{said['name']}: {said['long_name']}"
    yield from _wrapped(f"{said['source']}; version {said['version']}, relative accuracy {said['accuracy']:g}", "  ")
    for title, key in (
        ("axes", "axes"),
        ("constants", "constants"),
        ("constants of options and variables", "constants_of_options"),
    ):
        if said[key]:
            yield ""
            yield title
            yield from _parameters(said[key])
    if said["options"]:
        yield ""
        yield "options (the first value of each is the default)"
        for option, allowed in said["options"].items():
            yield f"  {option}"
            for value, choice in allowed.items():
                changes = [f"needs {', '.join(choice['adds'])}"] if choice["adds"] else []
                changes += [f"does not depend on {', '.join(choice['drops'])}"] if choice["drops"] else []
                changes += [choice["source"]] if choice["source"] else []
                yield from _wrapped(f"{value}{': ' if changes else ''}{'; '.join(changes)}", "    ")
    yield ""
    yield "variables"
    longest = max(len(each["name"]) for each in said["variables"])
    for each in said["variables"]:
        unit = "" if each["unit"] == "1" else f" ({each['unit']})"
        fewer = set(each["axes"]) < {axis["name"] for axis in said["axes"]}
        over = f"; over {', '.join(each['axes']) or 'no axis'}" if fewer else ""
        needs = f"; needs {', '.join(each['adds'])}" if each["adds"] else ""
        flags = f": {', '.join(each['flags'])}" if each["flags"] else ""
        text = f"{each['name']:{longest}}  {each['long_name']}{unit}{over}{needs}{flags}"
        yield from _wrapped(text, "  ", longest + 4)


def _parameters(parameters: list[dict]) -> Iterable[str]:
    longest = max(len(each["name"]) for each in parameters)
    for each in parameters:
        low, high = each["domain"]
        unit = "" if each["unit"] == "1" else f" {each['unit']}"
        yield from _wrapped(
            f"{each['name']:{longest}}  {each['long_name']}; {low:g} … {high:g}{unit}", "  ", longest + 4
        )


def _wrapped(text: str, indent: str, hanging: int = 6) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=" " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
