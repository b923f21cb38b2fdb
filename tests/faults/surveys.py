"""Mutated survey files: each is valid and can be planned and computed, or refused in words, before anything is made."""

import random
import re
import shutil
from collections import Counter
from copy import deepcopy
from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML

from faults.table import Table
from helpers.workspace import SURVEY
from survey.compute.tile import compute_tile
from survey.config.load import load_survey
from survey.cubes.assemble import assemble
from survey.cubes.crossovers import locate
from survey.errors import SurveyError
from survey.run.jobs import Jobs
from survey.store.tiles import tiles_of

JUNK = (
    *(
        None,
        True,
        "",
        " ",
        "10",
        "-1 K",
        "0 K",
        "nan K",
        "inf K",
        "1e400 K",
        "1e-400 K",
        "10 kg",
        "10 mk",
        "10 mK ",
        "1,5 K",
    ),
    *(
        "½ K",
        "10 ** 9 K",
        "__import__('os').system('true')",
        "{{ 1 }}",
        "../../etc/passwd",
        "/etc/passwd",
        "..",
        "store",
    ),
    *(
        "a\nb",
        "T",
        "tau_phi",
        "none such",
        0,
        -1,
        10**9,
        10**30,
        1e300,
        float("nan"),
        float("inf"),
        [],
        {},
        [[]],
        [None],
    ),
    *(["1 K", "1 K"], ["1 K", "1000 mK"], {"start": "1 K"}, {"values": []}, {"values": "1 K"}, {"a": {"b": {"c": 1}}}),
    *("x" * 5000, ["1 K"] * 2000),
)
# What a user may well write instead: the keys that lead there, and what stands there then.
SENSIBLE = (
    (("axes", "T", "num"), (1, 2, 37, 400)),
    (("axes", "T", "start"), ("1 mK", "0.02 K", "1 ueV", "0.5 GHz·h")),
    (("axes", "T", "spacing"), ("log", "linear")),
    (("axes", "Pd"), ({"values": ["1e46 J^-1m^-3", "1e34 erg^-1 cm^-3"]}, {"values": ["1e18 K^-1 cm^-3"]})),
    (("axes", "chi", "values"), ([0.1], [0.1, 0.3, 1], [1e-4, 0.1])),
    (("axes", "Estar", "values"), (["1 K"], ["1 K", "100 K"], ["1 mK", "1 K"])),
    (("constants", "tau"), ("1e-15 s", "10 fs")),
    (("quantities", "dephasing"), ({"dtype": "float32"}, {"variables": ["tau_phi"]}, None, {"options": {}})),
    (("diagrams",), ({}, None)),
    (("crossovers",), ({}, None)),
    (("title",), ("Another", None)),
)


RAW = (
    "a: &a [1]\nb: *a\n",
    "a: !!python/object/apply:os.system ['true']\n",
    "title: a\ntitle: b\n",
    "- a\n- b\n",
    "",
    "just text\n",
    "{",
    "title: 'unclosed\n",
    "\x00\x01\n",
    "\ttitle: x\n",
    "a: &a [l, l]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: [*c, *c, *c, *c]\n",
    "? [1, 2]\n: 3\n",
    "<<: {title: a}\n",
    "1: 2\n",
    "title: " + "a" * 2_000_000 + "\n",
    "a: " + "[" * 3000 + "]" * 3000 + "\n",
)


def attack(folder: Path, times: int, seed: int = 0) -> Table:
    """Load so many mutated surveys, and see what the workflow would do with the valid ones."""
    rng = random.Random(seed)
    table = Table(f"Mutated survey files, {times}", ("mutation", "files", "valid", "refused", "worst that was said"))
    folder.mkdir(parents=True, exist_ok=True)
    counts: Counter = Counter()
    longest: dict[str, int] = {}
    for number in range(times):
        kind, text = mutated(rng)
        path = folder / "mutated.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            survey = load_survey(path)
            Jobs([str(path)], folder / "results").targets()
            run(survey, folder / "run")
            verdict = "valid"
        except SurveyError as error:
            verdict = "refused"
            longest[kind] = max(longest.get(kind, 0), len(str(error)))
            lines = unclear(path, error)
            table.expect(not lines, f"{number}, {kind}: unclear: {lines} for {text[:200]!r}")
        except Exception as error:
            verdict = "crash"
            table.expect(False, f"{number}, {kind}: {type(error).__name__}: {error} for {text[:400]!r}")
        counts[kind, verdict] += 1
    table.expect(not (folder / "results").exists(), "a refused survey left results")
    for kind in sorted({kind for kind, _ in counts}):
        files = sum(counts[kind, verdict] for verdict in ("valid", "refused", "crash"))
        row = (kind, files, counts[kind, "valid"], counts[kind, "refused"], f"{longest.get(kind, 0)} characters")
        table.rows.append(row)
    return table


def unclear(path: Path, error: SurveyError) -> list[str]:
    """The lines of a refusal that do not name the file and say what was found or is allowed."""
    words = "found|allowed|must|missing|unknown|there is no|has no|cannot|needs|is |not "
    lines = str(error).splitlines()
    return [line[:300] for line in lines if not (line.startswith(f"{path}") and re.search(words, line))]


def run(survey, folder: Path) -> None:
    """What a run does of a small survey, but for its diagrams."""
    compute(survey, folder)
    shutil.rmtree(folder, ignore_errors=True)


def compute(survey, folder: Path) -> None:
    """Compute every tile of a small survey, assemble its cubes and locate its crossovers."""
    for label in survey.quantities:
        tiles = tiles_of(survey, label)
        if sum(tile.cells for tile in tiles) > 20_000:
            return
        for tile in tiles:
            compute_tile(folder / "store", tile)
        assemble(survey, label, folder / "store", folder)
    if survey.crossovers:
        locate(survey, folder)


def mutated(rng: random.Random) -> tuple[str, str]:
    """A kind of mutation, and the text of a survey with it."""
    if rng.random() < 0.08:
        return "not a survey at all", rng.choice(RAW)
    if rng.random() < 0.1:
        at = rng.randrange(len(SURVEY))
        return "a character changed", SURVEY[:at] + rng.choice("{}[]:,#&*!|>'\"%@` x0-\n\t") + SURVEY[at + 1 :]
    yaml = YAML(typ="safe", pure=True)
    data = yaml.load(SURVEY)
    if rng.random() < 0.3:
        kind = "sensible changes"
        for keys, values in rng.sample(SENSIBLE, rng.choice((1, 2, 3))):
            place(data, keys)[keys[-1]] = deepcopy(rng.choice(values))
    else:
        for _ in range(rng.choice((1, 1, 1, 3))):
            kind = change(data, rng.choice(list(places(data))), rng)
    text = StringIO()
    YAML().dump(data, text)
    return kind, text.getvalue()


def places(data, keys=()):
    """Every place in a document, as the keys that lead there."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*keys, key)
        yield from places(value, (*keys, key))


def place(data, keys: tuple):
    """The mapping or list that holds the last of the keys."""
    for key in keys[:-1]:
        data = data[key]
    return data


def change(data, keys: tuple, rng: random.Random) -> str:
    """Change the document at a place; returns in words how."""
    parent, last = place(data, keys), keys[-1]
    kind = rng.choice(("a value replaced", "a value replaced", "a key removed", "a key renamed", "a key added"))
    if kind == "a value replaced" or isinstance(parent, list):
        parent[last] = deepcopy(rng.choice(JUNK))
        return "a value replaced"
    if kind == "a key added":
        parent[rng.choice(("colour", "T", "at", "../x", "", "omega", "n"))] = deepcopy(rng.choice(JUNK))
    else:
        value = parent.pop(last)
        if kind == "a key renamed":
            parent[rng.choice((last.lower() + "x", last.upper(), "../" + last, last + " ", "store"))] = value
    return kind
