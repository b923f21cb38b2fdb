"""A survey that is cited, reported and packed into a crate, which is read back as others would read it."""

import base64
import hashlib
import json
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from rocrate.rocrate import ROCrate
from ruamel.yaml import YAML

from helpers.workspace import BIN, ROOT, Workspace
from physics.references import REFERENCES
from survey.config.load import load_survey
from survey.errors import SurveyError
from survey.publish import cite
from survey.publish.crate import read

GRAPHICS = ("tau", "where")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """A survey that was run, with a toy kernel."""
    found = Workspace(tmp_path_factory.mktemp("published"))
    found.run()
    return found


def survey(workspace, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        [BIN / "survey", *arguments], cwd=workspace.folder, env=workspace.environment, capture_output=True, text=True
    )
    assert done.returncode == code and "Traceback" not in done.stderr, done.stderr
    return done.stderr if code else done.stdout


@pytest.fixture(scope="module")
def crate(workspace):
    said = survey(workspace, "publish", "tiny", "--to", "tiny.zip")
    assert said.startswith("tiny.zip: 9 results of tiny, its inputs and code, 1 reference")
    return workspace.folder / "tiny.zip"


def test_a_crate_read_back_has_inputs_results_and_the_run_between_them(workspace, crate, tmp_path):
    with zipfile.ZipFile(crate) as packed:
        packed.extractall(tmp_path)
    found = ROCrate(tmp_path)
    assert found.mainEntity.id == "Snakefile" and found.mainEntity["programmingLanguage"].id.endswith("snakemake")
    (run,) = found.root_dataset["mentions"]
    assert run["instrument"] == found.mainEntity and run.type == "CreateAction"
    assert {each.id for each in run["object"]} == {"config/surveys/tiny.yaml", "config/config.yaml"}
    made = {each.id for each in run["result"]}
    diagrams = {f"results/tiny/diagrams/{name}.{kind}" for name in GRAPHICS for kind in ("html", "png", "svg")}
    cubes = {"results/tiny/dephasing.nc", "results/tiny/crossovers.nc", "results/tiny/explore/dephasing.html"}
    assert made == cubes | diagrams
    for entity in [*run["object"], *run["result"]]:
        content = (tmp_path / entity.id).read_bytes()
        assert entity["sha256"] == hashlib.sha256(content).hexdigest() and entity["contentSize"] == str(len(content))
        if entity.id.startswith("results"):
            assert content == (workspace.folder / entity.id).read_bytes()
    assert (tmp_path / "config/surveys/tiny.yaml").read_text() == (workspace.surveys / "tiny.yaml").read_text()
    assert run["startTime"] <= run["endTime"] and re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", run["endTime"])
    assert {each.id.split("/")[-2] for each in found.root_dataset["conformsTo"]} == {
        "process",
        "workflow",
        "workflow-ro-crate",
    }
    assert (tmp_path / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    assert found.root_dataset["license"].id.endswith("BSD-3-Clause")
    assert [each["name"] for each in found.root_dataset["citation"]] == [REFERENCES["paper 001"].title]
    versions = {each["name"]: each["softwareVersion"] for each in found.mainEntity["softwareRequirements"]}
    assert set(versions) >= {"tls-atlas", "snakemake", "numpy", "python", "netCDF4"}
    # What a run from the crate needs.
    for name in ("Makefile", "requirements.lock", "workflow/rules/common.smk", "physics/__init__.py", "CITATION.cff"):
        assert (tmp_path / name).is_file()
    assert not list(tmp_path.rglob("__pycache__"))


def test_a_crate_whose_file_was_changed_is_refused(crate, tmp_path):
    assert "results/tiny/dephasing.nc" in read(crate)
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(crate) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content + b" " if name == "config/surveys/tiny.yaml" else content)
    with pytest.raises(SurveyError, match=r"config/surveys/tiny.yaml is not what the crate says"):
        read(changed)


def test_results_that_are_not_whole_or_not_up_to_date_are_not_published(workspace):
    png = workspace.results / "tiny" / "diagrams" / "tau.png"
    aside = png.rename(png.with_suffix(".aside"))
    told = survey(workspace, "publish", "tiny", "--to", "other.zip", code=2)
    assert "1 result missing (results/tiny/diagrams/tau.png)" in told and "first" in told
    aside.rename(png)
    workspace.change("x: T, y: Pd", "x: T, y: Pd, colormap: magma")
    told = survey(workspace, "publish", "tiny", "--to", "other.zip", code=2)
    assert "3 results out of date (results/tiny/diagrams/tau.html, " in told
    workspace.change("x: T, y: Pd, colormap: magma", "x: T, y: Pd")
    assert not (workspace.folder / "other.zip").exists()
    survey(workspace, "publish", "nobody", code=2)


def test_the_report_of_snakemake_has_the_pictures_with_captions(workspace):
    done = workspace.snakemake("--report", "report.html")
    assert done.returncode == 0, done.stderr
    page = (workspace.folder / "report.html").read_text(encoding="utf-8")
    for name in GRAPHICS:
        png = (workspace.results / "tiny" / "diagrams" / f"{name}.png").read_bytes()
        assert base64.b64encode(png).decode()[:2000] in page
        assert f"Diagram <em>{name}</em> of the survey" in page
    assert page.count("data:image/png") == len(GRAPHICS) and "Tiny" in page
    assert not re.search(r"<(script|link|img)[^>]*(src|href)=.?https?:", page)


# ---- what to cite


def test_what_is_cited_hangs_on_the_options(tmp_path):
    found = {
        name: cite.works(load_survey(ROOT / "config" / "surveys" / f"{name}.yaml"))
        for name in ("grain_coherence", "universality")
    }
    assert [work.name for work in found["grain_coherence"]] == ["paper 002"]
    names = [work.name for work in found["universality"]]
    assert names == sorted(names) and {"paper 001", "paper 003"} <= set(names) and "paper 002" not in names
    glass = next(work for work in found["universality"] if work.name == "paper 003")
    assert "dephasing_clusters" in glass.labels and "dephasing_glass" not in glass.labels


def test_citing_as_text_bibtex_and_json(workspace):
    said = survey(workspace, "cite", "tiny")
    assert "paper 001, eqs. (15)" in said and REFERENCES["paper 001"].text in said and "for dephasing" in said
    entries = re.findall(r"^@(\w+)\{(\w+),$", survey(workspace, "cite", "tiny", "--bibtex"), re.MULTILINE)
    assert entries == [("software", "tls_atlas"), ("article", "afonin2002")]
    data = json.loads(survey(workspace, "cite", "tiny", "--json"))
    assert data["works"][0]["doi"] == "10.1103/PhysRevB.66.165326" and data["software"]["commit"]
    assert "allowed: one of them" in survey(workspace, "cite", "tiny", "--json", "--bibtex", code=2)


def test_a_survey_that_weighs_a_measurement_cites_where_it_is_from():
    found = load_survey(ROOT / "config" / "surveys" / "synthetic_wire.yaml")
    source = found.inference.measurements[0].source
    assert f"synthetic_gold_wire: {source}" in cite.as_text(found)
    assert "% measurement synthetic_gold_wire:" in cite.as_bibtex(found)


def test_the_citation_file_says_the_same_of_the_software():
    said = YAML(typ="safe", pure=True).load(ROOT / "CITATION.cff")
    assert said["title"] == cite.TITLE and [each["name"] for each in said["authors"]] == [cite.AUTHORS]
    assert str(said["date-released"]).startswith(str(cite.YEAR))


def test_a_virtual_cube_is_not_published(workspace):
    workspace.write(
        "refers", (workspace.surveys / "tiny.yaml").read_text().replace("dephasing: {}", "dephasing: {cube: virtual}")
    )
    done = workspace.snakemake("--config", "surveys=refers")
    assert done.returncode == 0
    assert "is virtual; allowed: `cube: copied`" in survey(workspace, "publish", "refers", code=2)
    assert not Path(workspace.folder / "refers.crate.zip").exists()
