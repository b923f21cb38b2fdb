"""What all models of files have in common, and the types of their entries."""

from typing import Annotated, Any, ClassVar
from unicodedata import category

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic import WithJsonSchema as JsonSchema

NAME = r"^[A-Za-z][A-Za-z0-9_-]{0,63}$"
NAME_RULE = "a letter, then letters, digits, _ or -, 64 at most"
LABEL = (
    "Label of the quantity; default: the only one, the only one that has the variables, or the only one that is "
    "dephasing."
)


def _is_value(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(
            "must be a number with its unit, e.g. 10 mK, or a plain number where the parameter has no unit"
        )
    return value


def _is_line(text: str) -> str:
    # Ends of lines, what is no character, and controls, which no survey file holds.
    if any(category(sign) in ("Cc", "Cn", "Zl", "Zp") for sign in text):
        raise ValueError("must be one line of text")
    return text


Name = Annotated[str, StringConstraints(pattern=NAME)]
Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(_is_line)]
Value = Annotated[Any, AfterValidator(_is_value), JsonSchema({"type": ["string", "number"]})]


class Settings(BaseModel):
    """What all parts of a file have in common: no unknown keys, no conversion of types, no change afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    # Entries of the documented template, as YAML.
    example: ClassVar[str]
    # Of a model that is one of several: what an entry that is neither of them could be, and keys of the others.
    whole: ClassVar[str | None] = None
    also_known: ClassVar[tuple[str, ...]] = ()
    # The class that text is parsed into.
    becomes: ClassVar[type]

    def resolved(self, **found):
        """What the text becomes, with `found` in the place of what is written."""
        values = {name: getattr(self, name) for name in type(self).model_fields} | found
        return self.becomes(**{name: tuple(v) if isinstance(v, list) else v for name, v in values.items()})
