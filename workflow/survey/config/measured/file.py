"""The file of a measurement as a model: which keys there are and what each means."""

import json
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic import WithJsonSchema as JsonSchema

from survey.written.settings import Line, Name, Settings, Value

_FILE = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\.csv"


def _is_file(name: str) -> str:
    if not re.fullmatch(_FILE, name):
        raise ValueError("must be the name of a file beside this one: letters, digits, _, - and ., .csv at its end")
    return name


CsvName = Annotated[str, AfterValidator(_is_file)]


class Constant(Settings):
    """A constant: its value with the unit, and how well it is known."""

    value: Value = Field(description="The value, with its unit.")
    uncertainty: Value | None = Field(
        default=None, description="One standard deviation relative to the value, `10 %` or 0.1; default: exact."
    )


def _as_constant(written: Any) -> Any:
    return written if isinstance(written, dict | Constant) else {"value": written}


# A value alone, or with its uncertainty.
ConstantOrValue = Annotated[
    Constant,
    BeforeValidator(_as_constant),
    JsonSchema({"anyOf": [{"type": ["string", "number"]}, Constant.model_json_schema()]}),
]


class TableSettings(Settings):
    """A further table, of something else that was measured on the same sample."""

    observable: Literal["C_over_T", "C", "Q_inverse"] = Field(
        description="What was measured: C_over_T, C (of levels and electrons together) or Q_inverse."
    )
    file: CsvName = Field(description="The CSV file with the table, beside this file.")
    covariance: CsvName | None = Field(
        default=None, description="A CSV file with the covariance of ln(value) in place of the column sigma."
    )
    at: dict[Name, Value] = Field(
        default={}, description="What all rows have in common: t_exp of a specific heat, omega of Q_inverse."
    )


class MeasurementFile(Settings):
    """A measurement: tau_phi of a sample against temperature, and what is known of the sample."""

    title: Line = Field(min_length=1, description="One line that says what was measured.")
    source: Line = Field(min_length=1, description="Where the numbers come from: who measured, which page or figure.")
    synthetic: bool = Field(default=False, description="Whether the numbers were computed instead of measured.")
    geometry: Literal["wire", "film", "bulk"] = Field(
        description="wire, film or bulk: it decides how electrons dephase each other. A wire needs the constants "
        "R_per_length and D, a film R_sq, a bulk metal kFl; each of them eps_F, v_F and tau."
    )
    definition: Literal["logarithm_2d", "film", "wire", "bulk"] = Field(
        description="logarithm_2d, film, wire or bulk: which dephasing time the values are, that of the formula of "
        "weak localisation that was fitted, or eq. (34) of paper 001; the option `definition` of dephasing."
    )
    constants: dict[Name, ConstantOrValue] = Field(
        description="The material: parameters by their names, each a value with its unit, or value and uncertainty."
    )
    known: dict[Name, ConstantOrValue] = Field(
        default={}, description="What is known of other explanations, e.g. n_imp, T_K and spin of implanted impurities."
    )
    file: CsvName | None = Field(
        default=None, description="The CSV file of tau_phi, beside this file; default: that of the same name."
    )
    covariance: CsvName | None = Field(
        default=None, description="A CSV file with the covariance of ln(tau_phi) in place of the column sigma."
    )
    tables: list[TableSettings] = Field(
        default=[], max_length=100, description="What else was measured on the same sample."
    )
    truth: dict[Name, Value] = Field(
        default={},
        description="Of a synthetic measurement: what it was made from. For people; nothing is read from it.",
    )


# For what is missing or at fault, so that the rest can be judged.
STAND_INS = {"title": "-", "source": "-", "geometry": "wire", "definition": "wire", "constants": {}}


def schema_text() -> str:
    """The JSON schema of the file of a measurement, as the text of config/measurement.schema.json."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **MeasurementFile.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
