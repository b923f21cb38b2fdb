"""What a page carries: the numbers of the cube in single precision, and all that is said about them."""

import base64
import re
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from helpers import served, small_cubes
from helpers.explored import Page
from physics import QUANTITIES
from survey.config.load import load_survey
from survey.cubes.read import open_cube
from survey.errors import SurveyError
from survey.explore import page as pages
from survey.explore.index import write_index
from survey.explore.meanings import CENSORING, MEANINGS
from survey.explore.page import write_page
from survey.explore.payload import pack, payload, unpack
from survey.store import origins

ROOT = Path(__file__).parents[2]
FLOATS = st.floats(width=32, allow_nan=True, allow_infinity=True)


@given(arrays(np.float32, array_shapes(max_dims=5, max_side=5), elements=FLOATS))
def test_what_is_packed_is_unpacked_bit_by_bit(values):
    assert unpack(pack(values), "float32", values.shape).tobytes() == values.tobytes()
    double = values.astype(np.float64) * np.pi
    assert unpack(pack(double), "float64", values.shape).tobytes() == double.tobytes()


def test_a_page_holds_every_cell_of_its_cube(results, page):
    with open_cube(results / "made" / "dephasing.nc") as cube:
        for name in ("tau_phi", "tau_phi_resonant", "tau_phi_relaxation"):
            assert page.array(name).tobytes() == cube[name][:].astype(np.float32).tobytes()
        for name in ("regime", "status"):
            assert np.array_equal(page.array(name), cube[name][:])
        for name, axis in page.header["axes"].items():
            assert axis["values"] == cube[name][:].tolist()
        assert page.header["provenance"]["content_digest"] == cube.content_digest
    with open_cube(results / "made" / "crossovers.nc") as file:
        assert page.array("T_equal").tobytes() == file["T_equal"][:].astype(np.float32).tobytes()
    assert page.header["thinned"] == ""


def test_a_page_asks_nobody_and_says_what_it_was_made_from(results, page):
    assert not re.search(
        r"""(?:src|href|action)=["'](?!data:)""", re.sub(r"<script>.*?</script>", "", page.text, flags=re.S)
    )
    assert "connect-src 'none'" in page.text and "default-src 'none'" in page.text
    survey = load_survey(results.parent / "made.yaml")
    with pytest.MonkeyPatch.context() as patch:
        served.toy.register(patch, kernel="helpers.served:dephasing")
        path = results / "made" / "explore" / "dephasing.html"
        assert origins.read_diagram(path) == origins.of_page(survey, "dephasing")
    before = path.read_bytes()
    write_page(survey, "dephasing", results)
    assert path.read_bytes() == before and len(before) < 10_000_000


def test_flags_have_words_and_colours(page):
    flags = page.header["variables"]["status"]["flags"]
    assert flags["0"]["meanings"] == ["ok"] and "E* is not above Λ₀" in flags["3"]["said"]
    regimes = page.header["variables"]["regime"]["flags"]
    assert regimes["102"]["text"] == "relaxation, slow and fast" and regimes["102"]["colour"] == "#ffaabb"
    assert set(regimes["181"]["meanings"]) == {"resonant_dominates", "phase_jump", "fast_defects", "frozen_out"}
    assert regimes["181"]["text"].startswith("frozen out")


def test_every_status_of_the_registry_has_a_sentence():
    statuses = {
        flag
        for quantity in QUANTITIES.values()
        for one in quantity.variables
        if one.name == "status"
        for flag in one.flags
    }
    assert statuses == set(MEANINGS)


def test_censoring_is_told_in_words(page):
    one = page.header["crossovers"]["T_equal"]
    assert one["along"] == "T" and set(one["censoring"].values()) <= {
        said.format(along="T") for said in CENSORING.values()
    }
    assert one["parts"] == {"value": "T_equal", "censoring": "T_equal_censoring"}


@pytest.mark.parametrize("most", [{"most_numbers": 6_000}, {"most_packed": 3_000}])
def test_what_is_too_large_is_thinned_with_both_ends_kept(tmp_path, most):
    path = small_cubes.write(tmp_path / "cube.nc", small_cubes.crossover)
    with open_cube(path) as cube:
        found = payload(cube, ["tau_phi", "status"], {}, **most)
        kept = {name: np.array(each) for name, each in found.kept.items()}
        assert any(len(each) < len(cube.dimensions[name]) for name, each in kept.items())
        for name, each in kept.items():
            assert each[0] == 0 and each[-1] == len(cube.dimensions[name]) - 1
        stream = zlib.decompress(base64.b64decode(found.packed))
        one = found.arrays["tau_phi"]
        shape = tuple(one["shape"])
        values = unpack(stream[one["start"] : one["start"] + 4 * np.prod(shape)], "float32", shape)
        assert np.array_equal(values, cube["tau_phi"][:][np.ix_(*kept.values())].astype(np.float32))
    assert len(found.packed) <= most.get("most_packed", 1e9)
    assert values.size * 5 <= most.get("most_numbers", 1e9)


def test_a_thinned_page_says_so(results, tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "payload", lambda *given: payload(*given, most_numbers=5_000))
    survey = load_survey(results.parent / "made.yaml")
    copied = tmp_path / "made"
    copied.mkdir()
    for name in ("dephasing.nc", "crossovers.nc"):
        (copied / name).write_bytes((results / "made" / name).read_bytes())
    write_page(survey, "dephasing", tmp_path)
    thinned = Page(copied / "explore" / "dephasing.html")
    assert re.match(r"Thinned to fit into a page: it holds \d of 7 values of T", thinned.header["thinned"])
    T = thinned.header["axes"]["T"]["values"]
    assert len(T) < 7 and thinned.array("tau_phi").shape[0] == len(T)


def test_numbers_that_single_precision_cannot_hold_stay_double(tmp_path):
    path = small_cubes.write(tmp_path / "cube.nc", lambda *axes: 1e45 * small_cubes.crossover(*axes))
    with open_cube(path) as cube:
        arrays = payload(cube, ["tau_phi"], {}).arrays
    assert arrays["tau_phi"]["dtype"] == "float32"
    small_cubes.write(path, lambda *axes: 1e60 * small_cubes.crossover(*axes))
    with open_cube(path) as cube:
        arrays = payload(cube, ["tau_phi"], {}).arrays
    assert arrays["tau_phi"]["dtype"] == "float64"


def test_a_page_without_its_crossovers_is_refused(results, tmp_path):
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "dephasing.nc").write_bytes((results / "made" / "dephasing.nc").read_bytes())
    with pytest.raises(SurveyError, match=r"crossovers\.nc does not exist; it is computed before the page"):
        write_page(load_survey(results.parent / "made.yaml"), "dephasing", tmp_path)


def test_where_a_reader_begins_is_the_first_map_of_the_cube():
    survey = load_survey(ROOT / "config" / "surveys" / "gold_wire.yaml")
    first = origins.beginning(survey, "dephasing")
    assert (first["v"], first["x"], first["y"]) == ("tau_phi", "T", "Estar") and first["at"]["Lambda0"] == 0.01
    assert origins.beginning(survey, "magnetoresistance")["x"] == "H"
    assert origins.beginning(survey, "attenuation") != {} and set(origins.labels_with_pages(survey)) == set(
        survey.quantities
    )


def test_the_tables_of_an_inference_have_pages_with_their_posteriors():
    survey = load_survey(ROOT / "config" / "surveys" / "synthetic_wire.yaml")
    labels = origins.labels_with_pages(survey)
    assert {"synthetic_gold_wire_glass", "synthetic_gold_wire_glass_heat"} <= set(labels)
    assert origins.findings_about(survey, "synthetic_gold_wire_glass") == {"posterior_glass": "synthetic_gold_wire"}
    made = origins.of_page(survey, "synthetic_gold_wire_glass")
    assert set(made["findings"]) == {"posterior_glass"} and "synthetic_gold_wire" in made["settings"]["measurements"]
    assert "findings" not in origins.of_page(survey, "synthetic_gold_wire_glass_heat")


def test_the_index_leads_to_what_is_there(results):
    survey = load_survey(results.parent / "made.yaml")
    write_index([survey], results)
    text = (results / "index.html").read_text()
    links = [link for link in re.findall(r'href="([^"#]+)"', text) if not link.startswith("data:")]
    assert "made/explore/dephasing.html" in links and "made/evidence.nc" not in links
    assert all((results / link).is_file() for link in links)
    asked = re.search(r"<code>(survey query [^<]*dephasing\.nc tau_phi [^<]*)</code>", text)[1]
    assert "T=" in asked and "chi=0.1" in asked
    assert origins.index_out_of_date([survey], results) == []
