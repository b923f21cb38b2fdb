"""The JSON schema of a survey file and its documented template, both generated from the models in
`survey.config.file`."""

import json
import textwrap
from collections.abc import Iterator

from pydantic import BaseModel

from physics import PARAMETERS
from survey.config.file import SurveyFile

_WIDTH = 118

_AT = {"Pd": "1e34 erg^-1 cm^-3", "Estar": "10 K"}
EXAMPLE = {
    "title": "A small survey of a Co nanoconstriction",
    "most_cells": 10_000_000_000,
    "axes": {
        "T": {"start": "1 mK", "stop": "10 K", "num": 41, "spacing": "log", "include": ["40 mK", "1 K"]},
        "Lambda0": {"start": "1 mK", "stop": "100 mK", "num": 5},
        "Pd": {"values": ["1e33 erg^-1 cm^-3", "1e34 erg^-1 cm^-3", "3e34 erg^-1 cm^-3"]},
        "chi": {"values": [0.01, 0.03, 0.1, 0.3]},
        "Estar": {"values": ["10 K", "1 meV"]},
        "omega": {"values": ["1e9 rad/s"]},
    },
    "constants": {
        "sigma_in": "1e-15 cm^2",
        "v_F": "1e8 cm/s",
        "tau": "1e-14 s",
        "n_e": "3e22 cm^-3",
        "eps_F": "5 eV",
        "L_slow": 30,
        "Pd_glass": "1e16 K^-1 cm^-3",
        "Estar_glass": "20 K",
    },
    "quantities": {
        "dephasing": {
            "quantity": "dephasing",
            "variables": ["tau_phi", "tau_phi_resonant", "tau_phi_relaxation", "regime", "status"],
            "dtype": "float64",
            "cube": "auto",
            "options": {"distribution": "tunnelling_states"},
        },
        "specific_heat": {"options": {"distribution": "glass", "logarithm": "published"}},
        "heat_tunnelling": {"quantity": "specific_heat", "options": {"distribution": "tunnelling_states"}},
        "attenuation": {"variables": ["W_over_glass"]},
    },
    "crossovers": {
        "T_equal": {
            "kind": "equal",
            "quantity": "dephasing",
            "variables": ["tau_phi_resonant", "tau_phi_relaxation"],
        },
        "T_alpha": {
            "kind": "exponent",
            "variable": "tau_phi_relaxation",
            "value": 0.41666666666667,
            "closed_form": "T_alpha",
        },
        "T_cutoff": {
            "kind": "exponent",
            "quantity": "specific_heat",
            "variable": "C_tls",
            "value": 0.5,
            "exponent": "rises",
        },
        "T_valid": {"kind": "thermal_limit", "variable": "tau_phi"},
        "saturation": {"kind": "window", "variable": "tau_phi", "threshold": 0.1},
    },
    "diagrams": {
        "regimes": {
            "kind": "regime_map",
            "title": "Regimes of dephasing",
            "quantity": "dephasing",
            "variable": "regime",
            "x": "T",
            "x_scale": "log",
            "y": "chi",
            "y_scale": "log",
            "at": {"Lambda0": "10 mK", **_AT},
            "crossovers": ["T_equal", "T_alpha"],
            "width": 800,
            "height": 600,
        },
        "exponent": {
            "kind": "exponent_map",
            "variable": "tau_phi",
            "along": "T",
            "x": "T",
            "y": "Lambda0",
            "at": {"chi": 0.1, **_AT},
            "colormap": "viridis",
        },
        "tau": {
            "kind": "value_map",
            "variable": "tau_phi",
            "x": "T",
            "y": "Pd",
            "scale": "log",
            "at": {"Lambda0": "10 mK", "chi": 0.1, "Estar": "10 K"},
        },
        "family": {
            "kind": "curves",
            "variables": ["tau_phi"],
            "x": "T",
            "family": "chi",
            "values": [0.01, 0.1, 0.3],
            "closed_forms": True,
            "at": {"Lambda0": "10 mK", **_AT},
        },
        "one_curve": {
            "kind": "curves",
            "variables": ["tau_phi_relaxation"],
            "x": "T",
            "y_scale": "log",
            "y_range": [1e-12, 1e-6],
            "laws": ["relaxation"],
            "marks": [],
            "crossovers": ["T_alpha"],
            "regimes": "regime",
            "at": {"chi": 0.1, "Lambda0": "10 mK", **_AT},
        },
        "side_by_side": {
            "kind": "comparison",
            "variable": "C_tls",
            "labels": ["specific_heat", "heat_tunnelling"],
            "x": "T",
            "at": {"Lambda0": "10 mK", **_AT},
        },
        "where": {
            "kind": "crossover_map",
            "crossover": "T_equal",
            "x": "Lambda0",
            "y": "chi",
            "at": _AT,
        },
        "observable": {
            "kind": "observability",
            "measured": {"tau_phi": "3 ns", "start": "40 mK", "stop": "1 K", "tolerance": 1.5, "source": "paper 004"},
            "x": "T",
            "y": "chi",
            "fitted": "Pd",
            "shown": "heat",
            "heat": "specific_heat",
            "sound": "attenuation",
            "heat_claim": [30, 300],
            "sound_claim": [10, 100],
            "at": {"Lambda0": "10 mK", "Estar": "10 K", "omega": "1e9 rad/s"},
        },
    },
}


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
    lines = [*heading, *_lines(SurveyFile.model_validate(EXAMPLE), EXAMPLE, 0, set())]
    return "\n".join(lines) + "\n"


def _lines(model: BaseModel, example: dict, depth: int, explained: set[str]) -> Iterator[str]:
    """The example's keys, each below its description in the model unless that has been said before."""
    for key, value in example.items():
        description = type(model).model_fields[key].description
        if depth == 0:
            yield ""
        if description not in explained:
            explained.add(description)
            yield from _comment(description, depth)
        entries = getattr(model, key)
        if depth == 0 and isinstance(entries, dict):
            yield f"{key}:"
            for name, entry in entries.items():
                yield from _entry(name, entry, value[name], explained)
        elif isinstance(entries, BaseModel):
            yield f"{'  ' * depth}{key}:"
            yield from _lines(entries, value, depth + 1, explained)
        else:
            yield f"{'  ' * depth}{key}: {_flow(value)}"


def _entry(name: str, entry: BaseModel | str | float, example, explained: set[str]) -> Iterator[str]:
    """A named entry of a section, below what its parameter and its model say of themselves."""
    if name in PARAMETERS:
        yield from _comment(f"{PARAMETERS[name].long_name}; {PARAMETERS[name].valid_range}", 1)
    if not isinstance(entry, BaseModel):
        yield f"  {name}: {_flow(example)}"
        return
    docstring = type(entry).__doc__
    if docstring not in explained:
        explained.add(docstring)
        yield from _comment(docstring, 1)
    yield f"  {name}:"
    yield from _lines(entry, example, 2, explained)


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
