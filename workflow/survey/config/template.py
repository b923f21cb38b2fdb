"""The JSON schema of a survey file and its documented template, both generated: keys, descriptions and examples of
crossovers and diagrams from the models, and quantities and values that have no example here from the registry."""

import json
import math
import textwrap
from collections.abc import Iterator

from pydantic import BaseModel
from ruamel.yaml import YAML

from physics import PARAMETERS, QUANTITIES
from survey.config.file import SurveyFile
from survey.config.levels import LevelSettings, systems
from survey.config.quantities import QuantitySettings, quantities
from survey.written.faults import Faults
from survey.written.validation import tagged

_WIDTH = 118
_EXAMPLE = """
title: A small survey of a Co nanoconstriction
most_cells: 10000000000
axes:
  T: {start: 1 mK, stop: 10 K, num: 41, spacing: log, include: [40 mK, 1 K]}
  Lambda0: {start: 1 mK, stop: 100 mK, num: 5}
  Pd: {values: [1e33 erg^-1 cm^-3, 1e34 erg^-1 cm^-3, 3e34 erg^-1 cm^-3]}
  chi: {values: [0.01, 0.03, 0.1, 0.3]}
  Estar: {values: [10 K, 1 meV]}
  omega: {values: [1e9 rad/s]}
  time: {values: [1 us]}
  n: {values: [1, 10, 100]}
constants:
  v_F: 1e8 cm/s
  tau: 1e-14 s
  n_e: 3e22 cm^-3
  eps_F: 5 eV
  Pd_glass: 1e16 K^-1 cm^-3
  Estar_glass: 20 K
  R_per_length: 6e6 ohm/m
  D: 100 cm^2/s
  U0: 1e-48 J*m^3
levels:
  tunnelling: {distribution: tunnelling_states, sigma_in: 1e-15 cm^2}
  glass: {distribution: glass, sigma_in: unitary, constants: {p_min: 1e-9}}
quantities:
  dephasing:
    quantity: dephasing
    variables: [tau_phi, tau_phi_resonant, tau_phi_relaxation, regime, status]
    dtype: float64
    cube: auto
    levels: tunnelling
    options: {definition: logarithm_2d}
  specific_heat: {levels: glass}
  heat_tunnelling: {quantity: specific_heat, levels: tunnelling, constants: {n_e: 5e22 cm^-3}}
  attenuation: {variables: [W_over_glass], levels: tunnelling}
  magnetoresistance: {levels: glass}
inference:
  measurements: [measurements/synthetic_gold_wire.yaml]
  rivals:
    background: {}
    glass:
      priors: {Pd: {start: 1e16 K^-1 cm^-3, stop: 1e18 K^-1 cm^-3}}
      constants: {p_min: 1e-8}
      nodes_per_decade: 2
  priors:
    chi: {start: 0.03, stop: 0.3}
  nuisances:
    delta: 0.1
    s_m: 0.1
    ee_prefactor: 0.35
    ep_rate: 0.7
    ep_exponent: 0.3
    cross_section: 0.7
    T_heat: {start: 1 mK, stop: 30 mK}
  predictions:
    T: {start: 3 mK, stop: 1 K, num: 16}
    omega: {values: [1e8 rad/s, 1e9 rad/s]}
    t_exp: {values: [1 ms, 1 s, 3600 s]}
    H: {values: [1 mT, 10 mT]}
    T_dephasing: {start: 1 mK, stop: 10 K, num: 25}
  experiments:
    heat_and_sound:
      measure:
      - {observable: C, T: 20 mK, t_exp: 1 s, error: 5 %, floor: 1e-6 J K^-1 m^-3}
      - {observable: W_over_glass, T: 20 mK, omega: 1e9 rad/s, mechanism: relaxation, error: 10 %}
      cost: 2
  seed: 1
"""


def example() -> dict:
    """A survey with every quantity and every kind of crossover and diagram, as a file of it is read."""
    yaml = YAML(typ="safe", pure=True)
    whole = yaml.load(_EXAMPLE)
    for section in ("crossovers", "diagrams"):
        models = dict(tagged(SurveyFile.model_fields[section].annotation)).values()
        whole[section] = {name: entry for model in models for name, entry in yaml.load(model.example).items()}
    there = {settings.get("quantity", label) for label, settings in whole["quantities"].items()}
    whole["quantities"] |= {name: {} for name in QUANTITIES if name not in there}
    written = {label: QuantitySettings.model_validate(each) for label, each in whole["quantities"].items()}
    levels = {name: LevelSettings.model_validate(each) for name, each in whole["levels"].items()}
    faults = Faults("", {})
    requests = quantities(written, (), (), systems(levels, faults), faults).values()
    for section in ("axes", "constants"):
        for request in requests:
            for name in getattr(request, section):
                if name not in request.own_constants and name not in whole["axes"]:
                    value = _middle(name)
                    whole[section].setdefault(name, {"values": [value]} if section == "axes" else value)
    return whole


def _middle(name: str) -> str | float:
    """A value in the middle of the domains of the quantities that depend on a parameter."""
    known = [each.limits(name) for each in QUANTITIES.values() if name in (*each.axes, *each.constants)]
    known.append(PARAMETERS[name].domain)
    low, high = max(low for low, _ in known), min(high for _, high in known)
    middle = float(f"{math.sqrt(low * high) if low > 0 else (low + high) / 2:.0e}")
    unit = PARAMETERS[name].unit
    return (int(middle) if middle.is_integer() else middle) if unit == "1" else f"{middle:g} {unit}"


def schema_text() -> str:
    """The JSON schema of a survey file, as the text of config/survey.schema.json."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **SurveyFile.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def template_text() -> str:
    """A complete survey, every key explained where it first occurs, as the text of config/template.yaml."""
    heading = [
        "# A survey, complete and commented: copy it to config/surveys/<name>.yaml and change it. With the first line",
        "#   # yaml-language-server: $schema=../survey.schema.json",
        "# an editor that knows JSON schema completes and checks it as you type.",
    ]
    whole = example()
    lines = [*heading, *_lines(SurveyFile.model_validate(whole), whole, 0, set())]
    return "\n".join(lines) + "\n"


def _lines(model: BaseModel, example: dict, depth: int, explained: set[str]) -> Iterator[str]:
    """The example's keys, each below its description in the model unless that has been said before."""
    for key, value in example.items():
        field = type(model).model_fields[key]
        if depth == 0:
            yield ""
        if field.description not in explained:
            explained.add(field.description)
            yield from _comment(field.description, depth)
        entries = getattr(model, key)
        if isinstance(entries, dict) and (depth == 0 or any(isinstance(each, BaseModel) for each in entries.values())):
            kinds = [tag for tag, _ in tagged(field.annotation) if tag] if key in ("crossovers", "diagrams") else []
            yield from _comment(f"Kinds: {', '.join(kinds)}.", depth) if kinds else ()
            yield f"{'  ' * depth}{key}:"
            for name, entry in entries.items():
                yield from _comment(_meaning(key, name), depth + 1) if _meaning(key, name) else ()
                yield from _entry(name, entry, value[name], depth + 1, explained)
        elif isinstance(entries, BaseModel):
            yield f"{'  ' * depth}{key}:"
            yield from _lines(entries, value, depth + 1, explained)
        elif isinstance(entries, list) and entries and isinstance(entries[0], BaseModel):
            yield f"{'  ' * depth}{key}:"
            for entry, own in zip(entries, value, strict=True):
                yield f"{'  ' * depth}  -"
                yield from _lines(entry, own, depth + 2, explained)
        else:
            yield f"{'  ' * depth}{key}: {_flow(value)}"


def _meaning(section: str, name: str) -> str:
    """What the vocabulary or the registry says of an entry."""
    if section in ("axes", "constants"):
        return f"{PARAMETERS[name].long_name}; {PARAMETERS[name].valid_range}"
    return QUANTITIES[name].long_name if section == "quantities" and name in QUANTITIES else ""


def _entry(name: str, entry: BaseModel | str | float, example, depth: int, explained: set[str]) -> Iterator[str]:
    """A named entry of a section, below what its model says of itself."""
    if not isinstance(entry, BaseModel) or not example:
        yield f"{'  ' * depth}{name}: {_flow(example)}"
        return
    docstring = type(entry).__doc__
    if docstring not in explained:
        explained.add(docstring)
        yield from _comment(docstring, depth)
    yield f"{'  ' * depth}{name}:"
    yield from _lines(entry, example, depth + 1, explained)


def _comment(text: str, depth: int) -> list[str]:
    start = f"{'  ' * depth}# "
    return textwrap.wrap(text, _WIDTH, initial_indent=start, subsequent_indent=start, break_on_hyphens=False)


def _flow(value) -> str:
    """A value as YAML in one line; text that is not plain in YAML does not occur in the example."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_flow(entry)}' for key, entry in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(_flow(entry) for entry in value)}]"
    return json.dumps(value) if isinstance(value, bool) else str(value)
