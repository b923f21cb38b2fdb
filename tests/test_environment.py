"""One set of dependencies, written three times: pyproject.toml, environment.yml and requirements.lock agree."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def wanted() -> list[Requirement]:
    project = PROJECT["project"]
    texts = project["dependencies"] + [text for extra in project["optional-dependencies"].values() for text in extra]
    return [Requirement(text) for text in texts]


def locked() -> dict[str, list[str]]:
    """The entries of the lock by name; a package may have one for each range of Python versions."""
    entries: dict[str, list[str]] = {}
    for entry in re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^\s*#.*\n", "", LOCK, flags=re.MULTILINE)):
        entries.setdefault(canonicalize_name(re.match(r"[A-Za-z0-9._-]+", entry)[0]), []).append(entry)
    return entries


def test_conda_users_get_the_dependencies_of_pyproject():
    environment = YAML(typ="safe", pure=True).load(ROOT / "environment.yml")
    assert environment["channels"] == ["conda-forge", "bioconda"]
    from_conda = [text for text in environment["dependencies"] if isinstance(text, str)]
    (from_pypi,) = (part["pip"] for part in environment["dependencies"] if not isinstance(part, str))
    specifications = [Requirement(text) for text in [*from_conda, *from_pypi]]
    found = {canonicalize_name(each.name): str(each.specifier) for each in specifications}
    assert len(found) == len(specifications)
    assert found.pop("python") == PROJECT["project"]["requires-python"]
    assert found.pop("pip") == ""
    assert found == {canonicalize_name(each.name): str(each.specifier) for each in wanted()}


def test_what_builds_the_package_is_locked_too():
    builders = {canonicalize_name(Requirement(text).name) for text in PROJECT["build-system"]["requires"]}
    assert builders <= {canonicalize_name(each.name) for each in wanted()}


@pytest.mark.parametrize("requirement", wanted(), ids=str)
def test_every_dependency_is_locked_at_a_version_that_is_allowed(requirement):
    entries = locked()[canonicalize_name(requirement.name)]
    for entry in entries:
        version = re.match(r"[A-Za-z0-9._-]+==([^\s;]+)", entry)[1]
        assert requirement.specifier.contains(version)


def test_every_locked_package_has_a_version_and_hashes():
    entries = [entry for entries in locked().values() for entry in entries]
    assert len(entries) > 50
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+==\S+", entry)
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry)


@pytest.mark.parametrize("address", ["://", "file:", "--index", "--extra-index", "--find-links", "git+", " @ "])
def test_the_lock_holds_no_address(address):
    assert address not in LOCK.lower()


def test_the_citation_is_of_this_version():
    """The page of a release, as GitHub and Zenodo read it, and the package say the same."""
    citation = YAML(typ="safe", pure=True).load(ROOT / "CITATION.cff")
    assert citation["cff-version"] == "1.2.0" and citation["type"] == "software"
    assert citation["message"] and citation["title"] and all(each["name"] for each in citation["authors"])
    assert citation["version"] == PROJECT["project"]["version"]
    assert citation["license"] == PROJECT["project"]["license"]
    assert "BSD 3-Clause License" in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_hosted_ci_runs_what_we_run_on_every_python_that_is_claimed():
    workflow = YAML(typ="safe", pure=True).load(ROOT / ".github" / "workflows" / "ci.yml")
    whole, others = workflow["jobs"]["whole"], workflow["jobs"]["other-pythons"]
    assert "bash .ci/run" in whole["steps"][-1]["run"]
    tested = {whole["steps"][1]["with"]["python-version"], *others["strategy"]["matrix"]["python"]}
    claimed = [each.rpartition(" ")[2] for each in PROJECT["project"]["classifiers"] if ":: Python ::" in each]
    assert tested == set(claimed)
