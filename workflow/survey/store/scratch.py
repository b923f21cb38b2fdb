"""Files that are written in many small pieces: on the node's own disk first, where the site has one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "SURVEY_SCRATCH"


@contextmanager
def on_scratch(target: Path, size: int) -> Iterator[Path]:
    """A path to write a file of about `size` bytes to, which is copied to `target` in one stream when the block ends:
    in the folder that the environment variable SURVEY_SCRATCH names, where $NAME stands for other variables of the
    node. It is `target` itself if there is no such folder on this node, or not half as much again of room in it."""
    folder = Path(os.path.expandvars(os.environ.get(VARIABLE, "")))
    if not os.environ.get(VARIABLE) or not folder.is_dir() or shutil.disk_usage(folder).free < 1.5 * size:
        yield target
        return
    with tempfile.TemporaryDirectory(prefix="survey-", dir=folder) as own:
        draft = Path(own, target.name)
        yield draft
        shutil.copyfile(draft, target)
