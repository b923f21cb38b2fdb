"""The site: the pages of this folder, notebooks that are run, and what is generated from registry, schema and results.

Nothing is fetched, neither when it is built nor when it is read: formulas are MathML, scripts and fonts lie beside it.
"""

import hashlib
import os
import shutil
import sys
from importlib.metadata import version as installed
from pathlib import Path

from pygments.lexers.special import TextLexer

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import site_math  # noqa: E402
import site_pages  # noqa: E402

project, author, copyright = "TLS atlas", "The TLS atlas developers", "The TLS atlas developers, BSD 3-Clause"
version = release = installed("tls-atlas")
extensions = ["myst_nb"]
exclude_patterns = ["_build", "**.ipynb_checkpoints"]
myst_heading_anchors = 6
# Formulas as GitHub has them too: $...$ in a line, ```math as a block.
myst_enable_extensions = ["dollarmath"]
myst_fence_as_directive = {"math"}
# A signature that is longer has a line for each parameter.
python_maximum_signature_line_length = 80
toc_object_entries = False
html_theme = "pydata_sphinx_theme"
html_title = "TLS atlas"
html_theme_options = {"show_toc_level": 2, "navbar_end": ["navbar-icon-links"], "secondary_sidebar_items": ["page-toc"]}
html_context = {"default_mode": "light"}
html_sidebars = {"index": []}
html_copy_source = False
html_math_renderer = "mathml"
html_static_path = ["site.css", str(site_math.font())]
html_css_files = ["site.css"]
nb_execution_mode = os.environ.get("SITE_NOTEBOOKS", "cache")
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_merge_streams = True


def run_of_notebooks() -> Path:
    """The folder of one run of all notebooks. Its name hangs on them and on the code: they show what it does now."""
    digest, root = hashlib.sha256(), HERE.parent
    for pattern in ("docs/notebooks/*.md", "physics/**/*.py", "workflow/**/*.py", "workflow/rules/*.smk"):
        for path in sorted(root.glob(pattern)):
            digest.update(path.read_bytes())
    return HERE / "_build" / f"run-{digest.hexdigest()[:16]}"


WORKSPACE = run_of_notebooks()
os.environ["ATLAS"] = str(WORKSPACE)
nb_execution_cache_path = str(WORKSPACE / "executed")


def workspace() -> None:
    """A clone for the notebooks to run in, whose results are their own; those of other code are removed."""
    root = HERE.parent
    for other in set(WORKSPACE.parent.glob("run-*")) - {WORKSPACE}:
        shutil.rmtree(other)
    (WORKSPACE / "config" / "surveys").mkdir(parents=True, exist_ok=True)
    for name in ("Snakefile", "workflow", "physics", "profiles", "environment.yml"):
        if not (WORKSPACE / name).exists():
            (WORKSPACE / name).symlink_to(root / name)
    shutil.copytree(root / "config" / "measurements", WORKSPACE / "config" / "measurements", dirs_exist_ok=True)
    (WORKSPACE / "config" / "config.yaml").write_text("surveys: [my_film]\n", encoding="utf-8")


def add_contents(app, name: str, source: list[str]) -> None:
    """The first page lists what there is as a table for people; the tree of contents is made of the same here."""
    if name == "index":
        source[0] += site_pages.tree(*site_pages.SECTIONS)


def setup(app) -> None:
    app.add_lexer("csv", TextLexer)
    app.add_html_math_renderer(
        "mathml", inline_renderers=site_math.renderer(False), block_renderers=site_math.renderer(True)
    )
    app.connect("builder-inited", lambda _: (workspace(), site_pages.write(HERE)))
    app.connect("source-read", add_contents)
