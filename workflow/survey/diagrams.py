"""Draw one diagram of a survey: from its cube to an interactive page and to two files for print."""

import dataclasses
from importlib import import_module
from pathlib import Path

from survey.diagram_data import configuration_digest, describe, read_slice
from survey.diagram_text import unicode_text, value_text
from survey.errors import SurveyError

# Where the function of each kind of diagram lives, under the name of the kind.
KINDS = {
    "regime_map": "survey.diagram_regimes",
    "exponent_map": "survey.diagram_maps",
    "value_map": "survey.diagram_maps",
    "crossover_map": "survey.diagram_maps",
    "curves": "survey.diagram_curves",
}


def render(survey, name: str, results: Path) -> None:
    """Draw the diagram `name` of a survey as results/<survey>/diagrams/<name>.html, .png and .svg.

    Reads results/<survey>/<label>.nc, and crossovers.nc where the diagram shows crossovers; computes nothing. Each file
    is put in place whole or not at all, and names its cube, slice and configuration in a caption and in its metadata;
    equal inputs give equal bytes. Raises SurveyError for a diagram or an input that does not exist, for a value that
    is not on the grid, and for a slice in which there is nothing to draw.
    """
    if name not in survey.diagrams:
        raise SurveyError(f"{survey.name} has no diagram {name!r}; allowed: {', '.join(survey.diagrams) or 'none'}")
    settings = survey.diagrams[name]
    folder = Path(results) / survey.name
    cube, crossovers = folder / f"{_label(survey, settings)}.nc", folder / "crossovers.nc"
    needs = [cube, crossovers] if settings.kind == "crossover_map" or getattr(settings, "crossovers", ()) else [cube]
    for path in needs:
        if not path.is_file():
            raise SurveyError(f"{path} does not exist; it is computed before a diagram of it can be drawn")
    # Drawing needs packages that take seconds to import; a fault above is told at once.
    from survey.diagram_files import refuse_bad_mathtext, write_page, write_print
    from survey.drawing import draw

    scene = getattr(import_module(KINDS[settings.kind]), settings.kind)(settings, cube, crossovers)
    refuse_bad_mathtext(scene.title, f"{survey.name}: diagrams.{name}.title")
    whole = read_slice(cube, {}, settings.at)
    fixed = [
        value_text(whole[axis].attrs.get("symbol", axis), value, str(whole[axis].attrs.get("units", "1")))
        for axis, value in settings.at.items()
    ]
    scene = dataclasses.replace(scene, subtitle=",   ".join(fixed))
    source = crossovers if settings.kind == "crossover_map" else cube
    facts = {
        "Title": unicode_text(scene.title),
        "Survey": survey.name,
        "Diagram": f"{name} ({settings.kind})",
        "Cube": f"{survey.name}/{source.name}",
        "Slice": describe(settings.at),
        "Quantity": f"{whole.attrs.get('quantity', '')} version {whole.attrs.get('quantity_version', '')}",
        "Fingerprint": str(whole.attrs.get("quantity_fingerprint", "")),
        "Configuration": configuration_digest(whole),
        "Source": str(whole.attrs.get("source", "")),
    }
    width, height = settings.width or 800, settings.height or 600
    target = folder / "diagrams"
    write_page(draw(scene, "bokeh", width, height), scene, facts, target / f"{name}.html", width)
    printed = draw(scene, "matplotlib", width, height)
    write_print(printed, scene, facts, target / f"{name}.png", target / f"{name}.svg", (width / 100, height / 100))


def _label(survey, settings) -> str:
    """The label of the cube that a diagram is drawn from: its own, else the only one, else the only dephasing."""
    if settings.quantity:
        return settings.quantity
    labels = list(survey.quantities)
    if len(labels) > 1:
        labels = [label for label, request in survey.quantities.items() if request.quantity == "dephasing"]
    if len(labels) != 1:
        raise SurveyError(f"{survey.name}: name the quantity of the diagram; allowed: {', '.join(survey.quantities)}")
    return labels[0]
