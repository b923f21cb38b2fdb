"""A link that leads nowhere, or a folder, in the place of a tile, a cube or the crossovers."""

import pytest

from helpers import wires
from survey.errors import SurveyError
from survey.store.sealed import open_sealed

TARGETS = {"tile": lambda: wires.tiles()[0].path(wires.STORE), "cube": lambda: wires.CUBE}
TARGETS |= {"crossovers": lambda: wires.CROSSOVERS}


def make(capsys, target: str, code: int = 0) -> str:
    """What the step says that makes the target."""
    steps = {"tile": ("tile", wires.FILE, wires.tiles()[0].digest), "cube": ("assemble", wires.FILE, "dephasing")}
    return wires.run(capsys, *steps.get(target, ("crossovers", wires.FILE)), code=code)


@pytest.mark.parametrize("target", TARGETS)
def test_a_link_that_leads_nowhere_is_named_and_replaced(tmp_path, monkeypatch, capsys, target):
    wires.enter(tmp_path, monkeypatch)
    wires.everything(capsys)
    path = TARGETS[target]()
    path.unlink()
    path.symlink_to("/nowhere/x.nc")
    said = f"{path}: a link to /nowhere/x.nc, which does not exist"
    assert said in wires.run(capsys, "verify", code=3)
    with pytest.raises(SurveyError, match=r"a link to /nowhere/x\.nc, which does not exist"):
        open_sealed(path)
    assert "not exist" in wires.run(capsys, "why", path, code=1)
    make(capsys, target)
    assert not path.is_symlink()
    open_sealed(path).close()


@pytest.mark.parametrize("target", TARGETS)
def test_a_folder_is_named_and_left_alone(tmp_path, monkeypatch, capsys, target):
    wires.enter(tmp_path, monkeypatch)
    wires.everything(capsys)
    path = TARGETS[target]()
    path.unlink()
    path.mkdir()
    (path / "mine").write_text("kept")
    assert f"{path}: a folder, where a file belongs\n  move it away" in wires.run(capsys, "verify", "--delete", code=3)
    assert f"{path}: a folder, where a file belongs; move it away" in make(capsys, target, code=2)
    assert (path / "mine").read_text() == "kept"
    (path / "mine").unlink()
    path.rmdir()
    make(capsys, target)
    open_sealed(path).close()
