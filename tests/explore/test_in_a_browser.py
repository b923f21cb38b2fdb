"""The pages in a real Chromium: what a reader does, sees and takes away, held against the file."""

import csv
import io
import re
import time
from pathlib import Path

import numpy as np
import pytest

from helpers import served
from physics import QUANTITIES
from survey.config.load import load_survey
from survey.cubes.read import open_cube
from survey.explore.page import write_page
from survey.flags import flag_names
from survey.query.answer import query

pytestmark = pytest.mark.browser
READY = "body[data-ready=yes]"
AT = {"T": 0.05, "Lambda0": 0.01, "Pd": 1e46, "chi": 0.1, "Estar": 5.0}


class Tab:
    """A tab on a page, with all that it asks for and all that it complains of."""

    def __init__(self, browser, address: str):
        self.page = browser.new_page(viewport={"width": 1500, "height": 1000}, accept_downloads=True)
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.open(address)

    def open(self, address: str) -> None:
        self.page.goto(address)
        self.page.wait_for_selector(READY, timeout=60_000)

    def settled(self) -> None:
        self.page.evaluate("explorer.update()")

    def until(self, expression: str) -> None:
        """Wait until an expression holds; the page itself lets nobody evaluate text."""
        end = time.monotonic() + 60
        while not self.page.evaluate(expression):
            assert time.monotonic() < end, expression
            self.page.wait_for_timeout(20)

    def type(self, axis: str, text: str) -> None:
        self.page.fill(f"#value-{axis}", text)
        self.page.press(f"#value-{axis}", "Enter")
        self.settled()

    def slide(self, axis: str, position: int) -> None:
        self.page.evaluate(
            "([id, place]) => { const range = document.getElementById(id); range.value = place;"
            " range.dispatchEvent(new Event('input')); }",
            [f"at-{axis}", position],
        )
        self.settled()

    def number(self, variable: str = "tau_phi") -> float:
        return float(self.page.get_attribute(f".answer [data-variable={variable}]", "data-value"))

    def at(self) -> dict[str, float]:
        return self.page.evaluate("explorer.state.at")

    def download(self, kind: str) -> bytes:
        with self.page.expect_download() as waiting:
            self.page.click(f"#export-{kind}")
        return Path(waiting.value.path()).read_bytes()


@pytest.fixture
def tab(browser, results):
    """The page of the cube, from its file."""
    opened = Tab(browser, (results / "made" / "explore" / "dephasing.html").as_uri())
    yield opened
    assert opened.said == [] and all(url.startswith(("file:", "blob:")) for url in opened.asked), opened.asked
    assert opened.page.inner_text("#complaint") == ""
    opened.page.close()


@pytest.fixture(scope="module")
def address(results):
    with served.serving(results, "--no-browser", command="explore") as (address, _):
        yield address


@pytest.fixture
def remote(browser, address):
    """The page of the cube, from `survey explore`."""
    opened = Tab(browser, f"{address}explore/made/dephasing")
    yield opened
    assert opened.said == [] and all(url.startswith((address, "blob:")) for url in opened.asked), opened.asked
    opened.page.close()


def cell(results, name: str, *place: int):
    with open_cube(results / "made" / "dephasing.nc") as cube:
        return cube[name][place]


def test_sliders_lead_to_the_cells_of_the_file(tab, results):
    for place in ((0, 0, 0, 0, 1), (3, 1, 2, 1, 1), (6, 1, 4, 2, 0)):
        for axis, position in zip(("T", "Lambda0", "Pd", "chi", "Estar"), place, strict=True):
            tab.slide(axis, position)
        assert tab.number() == float(np.float32(cell(results, "tau_phi", *place)))
        assert tab.number("regime") == cell(results, "regime", *place)
        assert "a computed cell" in tab.page.inner_text(".facts")


def test_a_cell_without_a_number_says_why(tab):
    for axis, position in {"chi": 0, "Estar": 0}.items():
        tab.slide(axis, position)
    assert "there is no level here: E* is not above Λ₀" in tab.page.inner_text(".facts")
    assert "∞" in tab.page.inner_text(".headline")
    assert "empty: there is no level here" in tab.page.inner_text(".legend")


def test_a_value_between_the_cells_is_that_of_a_query(tab, results):
    for axis, text in {"T": "52 mK", "chi": "0.17", "Pd": "3e46 J-1 m-3"}.items():
        tab.type(axis, text)
    at = tab.at() | {"T": 0.052, "chi": 0.17, "Pd": 3e46}
    assert tab.at() == pytest.approx(at, rel=1e-12)
    said = query(results / "made" / "dephasing.nc", "tau_phi", **at)
    assert tab.number() == pytest.approx(float(said["tau_phi"]), rel=3e-7)
    facts = tab.page.inner_text(".facts")
    assert "interpolated between computed cells (log-log, " in facts and "uncertain by about" in facts
    assert tab.page.inner_text(".origin code").startswith(
        f"survey query {results}/made/dephasing.nc tau_phi 'T=0.052 K'"
    )


def test_a_value_outside_of_the_axis_is_refused(tab):
    tab.type("T", "3 K")
    assert "T: found “3 K”; allowed: a value with its unit, from 10 mK to 1 K" in tab.page.inner_text("#complaint")
    tab.type("T", "100 mK")


def test_a_click_into_the_map_is_a_cell(tab, results):
    frame = tab.page.evaluate(
        "(() => { const view = explorer.panels[0].picture.views[0]; const box = view.el.getBoundingClientRect();"
        " const inner = view.frame.bbox; return [box.x + inner.x0, box.y + inner.y0, inner.width, inner.height]; })()"
    )
    left, top, width, height = frame
    tab.page.mouse.move(left + 0.9 * width, top + 0.9 * height)
    tab.until("document.querySelector('.told').textContent.includes('T = 1 K')")
    tab.page.mouse.click(left + 0.9 * width, top + 0.9 * height)
    tab.until("explorer.state.at.T === 1")
    tab.settled()
    assert tab.at()["Lambda0"] == 0.001
    place = (6, 0, 2, 1, 1)
    assert tab.at()["Pd"] == pytest.approx(1e46) and tab.number() == float(np.float32(cell(results, "tau_phi", *place)))


def test_the_address_is_the_state(tab):
    tab.page.select_option("#pick-v", "tau_phi_resonant")
    tab.page.select_option("#pick-y", "Estar")
    tab.type("T", "30 mK")
    tab.page.uncheck("#show-regimes")
    tab.settled()
    number, address, state = tab.number("tau_phi_resonant"), tab.page.url, tab.page.evaluate("explorer.state")
    tab.page.goto("about:blank")
    tab.asked.clear()
    tab.open(address)
    assert tab.page.evaluate("explorer.state") == state and tab.page.url == address
    assert tab.number("tau_phi_resonant") == number and not tab.page.is_checked("#show-regimes")


def test_the_numbers_of_the_view_as_csv(tab, results):
    for axis, position in {"Pd": 3, "chi": 2, "Estar": 1}.items():
        tab.slide(axis, position)
    text = tab.download("CSV").decode()
    rows = list(csv.DictReader(io.StringIO(text.split("\n", 1)[1])))
    with open_cube(results / "made" / "dephasing.nc") as cube:
        T, Lambda0, cells, status = (cube[name][:] for name in ("T", "Lambda0", "tau_phi", "status"))
        attributes = {name: cube["status"].getncattr(name) for name in cube["status"].ncattrs()}
    assert len(rows) == T.size * Lambda0.size
    for row in rows:
        i, j = np.flatnonzero(T == float(row["T (K)"]))[0], np.flatnonzero(Lambda0 == float(row["Lambda0 (K)"]))[0]
        assert float(row["tau_phi (s)"]) == float(np.float32(cells[i, j, 3, 2, 1]))
        assert row["status"] == " ".join(flag_names(status[i, j, 3, 2, 1], attributes))


def test_the_survey_of_the_view_is_valid_and_draws_it(tab, tmp_path):
    for variable, kind in (("tau_phi", "value_map"), ("regime", "regime_map")):
        tab.page.select_option("#pick-v", variable)
        tab.settled()
        (tmp_path / "view.yaml").write_bytes(tab.download("YAML"))
        survey = load_survey(tmp_path / "view.yaml")
        (diagram,) = survey.diagrams.values()
        assert diagram.kind == kind and (diagram.x, diagram.y) == ("T", "Lambda0")
        assert survey.grid("dephasing").keys() == {"T", "Lambda0"}
        constants = survey.constants_of("dephasing")
        assert constants["Pd"] == pytest.approx(tab.at()["Pd"], rel=1e-11) and constants["tau"] == 1e-14


def test_pictures_for_print(tab):
    assert tab.download("PNG").startswith(b"\x89PNG")
    svg = tab.download("SVG").decode()
    assert svg.startswith("<svg ") and svg.count("<svg ") == 3 and "cross at T = " in svg and "clipPath" in svg


def test_another_page_beside(tab, results, tmp_path):
    survey = load_survey(results.parent / "made.yaml")
    write_page(survey, "virtual", results)
    tab.page.set_input_files("#beside", results / "made" / "explore" / "virtual.html")
    tab.until("explorer.panels.length === 2 && explorer.running === null")
    tab.slide("T", 2)
    numbers = tab.page.eval_on_selector_all("output", "all => all.map((each) => each.dataset.value)")
    assert len(numbers) == 2 and numbers[0] == numbers[1]
    starts = tab.page.evaluate("explorer.panels.map((panel) => panel.picture.figures[0].x_range.start)")
    tab.page.evaluate("explorer.panels[0].picture.figures[0].x_range.setv({start: 20})")
    moved = tab.page.evaluate("explorer.panels.map((panel) => panel.picture.figures[0].x_range.start)")
    assert starts[0] == starts[1] != 20 and moved == [20, 20]
    tab.page.click("#alone")
    tab.until("explorer.panels.length === 1 && explorer.running === null")


def test_the_server_gives_the_numbers_of_the_file_in_all_digits(remote, results):
    remote.slide("T", 4)
    remote.slide("chi", 2)
    place = tuple(
        remote.page.evaluate(
            "Object.keys(explorer.cube.axes).map((name) => Number(explorer.sliders[name].range.value))"
        )
    )
    assert remote.number() == cell(results, "tau_phi", *place)
    remote.type("T", "52 mK")
    said = query(results / "made" / "dephasing.nc", "tau_phi", **remote.at())
    assert remote.number() == float(said["tau_phi"])
    assert re.search(r"/query/made/dephasing/tau_phi\?T=0\.052\+K", remote.page.inner_text(".origin code"))


def test_an_exact_view_is_that_of_the_kernel(remote):
    remote.page.set_default_timeout(180_000)
    remote.type("T", "52 mK")
    remote.page.check("#show-exact")
    remote.settled()
    quantity = QUANTITIES["dephasing"]
    expected = quantity(**remote.at(), sigma_in=1e-19, v_F=1e6, tau=1e-14, variables=["tau_phi"])["tau_phi"]
    assert remote.number() == pytest.approx(float(expected), rel=1e-12)
    assert "computed now by the kernel" in remote.page.inner_text(".facts")
    assert "exact=1" in remote.page.url
    content = remote.download("netCDF")
    assert content.startswith(b"\x89HDF")


def test_two_cubes_of_a_server_beside_each_other(remote):
    remote.page.select_option("#beside", "made/virtual")
    remote.until("explorer.panels.length === 2 && explorer.running === null")
    address = remote.page.url
    assert "with=made%2Fvirtual" in address
    remote.page.goto("about:blank")
    remote.asked.clear()
    remote.open(address)
    assert remote.page.evaluate("explorer.panels.length") == 2


def test_the_list_leads_to_the_pages(browser, address):
    page = browser.new_page()
    page.goto(address)
    page.click("a[href='/explore/made/dephasing']")
    page.wait_for_selector(READY, timeout=60_000)
    page.close()
