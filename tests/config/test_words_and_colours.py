"""Words, formulas, colours and names that no diagram or file could hold are refused when a survey is read."""

import warnings

import pytest
from holoviews.plotting.util import list_cmaps
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from test_config import CURVES, EQUAL, EXPONENT, GOOD, MAP, crossover, diagram, fault, written

from survey import colour_maps
from survey.config.load import load_survey
from survey.draw.picture.colours import palette
from survey.errors import SurveyError
from survey.mathtext import _SIGNS, crossover_symbol, refuse_bad_formula, unicode_text

OBSERVED = r'measured: {tau_phi: 1 ns, start: 10 mK, stop: 1 K, tolerance: 2, source: "\0"}'


def drawn(text: str) -> None:
    """Draw a text as the heading of a diagram is."""
    figure = Figure((8, 6))
    figure.subplots().annotate(text, (0, 1), xycoords="axes fraction", fontweight="bold")
    with warnings.catch_warnings():
        # A sign that the font has not is drawn as an empty box.
        warnings.simplefilter("ignore")
        FigureCanvasAgg(figure).draw()


def test_the_colour_maps_are_those_that_can_be_drawn():
    for name in list_cmaps():
        colour_maps.refuse_unknown(name)
    for name in ("viridis", "RdBu_r", "glasbey_hv", "fire", "cet_fire", "Category20", "Viridis", "tab10", "Turbo_r"):
        colour_maps.refuse_unknown(name)
        for count in (1, 2, 9, 12, 256):
            colours = palette(name, count)
            assert len(colours) == count and all(len(colour) == 7 for colour in colours)


@pytest.mark.parametrize("name", ["nonsense", "viridiss", "viridis_r_r", "VIRIDIS", "r", "_r"])
def test_other_colour_maps_are_refused(name):
    with pytest.raises(SurveyError, match=f"found '{name}', no colour map; allowed: those of Matplotlib, Bokeh and"):
        colour_maps.refuse_unknown(name)


BAD = [
    r"$\frac$",
    r"$\frac{1}$",
    r"$\nonsense$",
    r"a $ b",
    r"$$",
    r"$x_1_2$",
    r"$\left($",
    "$" + 40 * "{" + "x" + 40 * "}" + "$",
    "$" + 40 * r"\left(" + 40 * r"\right)" + "$",
]
FINE = ["", "plain", r"$\frac{1}{2}$ and $\hat{x}_1$", r"costs 3 \$", r"\$5 or $x^2$", "½ µm · größer", "<b>&amp;"]


@pytest.mark.parametrize("text", BAD)
def test_a_broken_formula_is_refused(text):
    with pytest.raises(SurveyError, match=r"no formula between the dollar signs .*allowed: e\.g\."):
        refuse_bad_formula(text)


@pytest.mark.parametrize("text", FINE)
def test_a_text_that_is_not_refused_is_drawn(text):
    refuse_bad_formula(text)
    drawn(text)


pieces = [*"$$$$abT1 {}{}^_'\\()[]|-,", r"\frac", r"\hat", r"\bar ", r"\alpha", r"\ln ", r"\mathrm", r"\left", r"\$"]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(pieces), max_size=12).map("".join))
def test_any_text_is_refused_or_drawn(text):
    unicode_text(text)
    try:
        refuse_bad_formula(text)
    except SurveyError:
        return
    drawn(text)


@given(st.lists(st.sampled_from([*"abT_-01", *_SIGNS]), max_size=6).map(lambda tail: "T_" + "".join(tail)))
def test_the_symbol_of_any_crossover_can_be_drawn(name):
    refuse_bad_formula(f"${crossover_symbol(name)}$")


def test_every_sign_is_a_symbol_of_a_crossover():
    for sign in _SIGNS:
        refuse_bad_formula(f"${crossover_symbol(f'T_{sign}')}$")


LINE = "must be one line of text"
WORDS = [
    (GOOD.replace("title: Small", r'title: "a\0b"'), "line 1, column 8: found a control character in 'a\\x00b'"),
    (GOOD.replace("title: Small", r'title: "a\nb"'), f"title (line 1): found 'a\\nb', {LINE}"),
    (GOOD + diagram(rf'{MAP}, title: "\e[2J"'), "found a control character in '\\x1b[2J'"),
    (GOOD + diagram(rf'{MAP}, title: "\ud800"'), "found a control character in '\\ud800'"),
    (GOOD + diagram(rf'{MAP}, title: "\uffff"'), f"diagrams.d.title (line 15): found '\\uffff', {LINE}"),
    (GOOD + diagram(rf'{MAP}, title: "$\\frac$"'), r"diagrams.d.title (line 15): found '$\\frac$', no formula between"),
    (GOOD + diagram(f"{MAP}, colormap: nonsense"), "diagrams.d.colormap (line 15): found 'nonsense', no colour map;"),
    (GOOD + diagram(f"{CURVES}, colormap: jett"), "diagrams.d.colormap (line 15): found 'jett', no colour map; allow"),
    (
        GOOD + diagram(rf"kind: observability, x: T, y: chi, {OBSERVED}"),
        "found a control character in '\\x00'",
    ),
]


@pytest.mark.parametrize(("text", "message"), WORDS)
def test_words_that_no_file_can_hold(tmp_path, text, message):
    assert message in fault(tmp_path, text)


@pytest.mark.parametrize("name", ["chi", "tau", "Pd_low", "T_nearest", "method", "statuses", "a_censoring"])
def test_a_crossover_has_a_name_of_its_own(tmp_path, name):
    text = GOOD + crossover(EQUAL).replace("  c:", f"  {name}:")
    assert f"crossovers.{name} (line 15): the name '{name}' means something else" in fault(tmp_path, text)


@pytest.mark.parametrize("part", ["width", "closed_form", "low", "high", "ratio"])
def test_a_crossover_has_no_name_of_a_part_of_another(tmp_path, part):
    two = crossover(EQUAL) + f"  c_{part}: {{{EXPONENT}, value: 0.5}}\n"
    told = f"crossovers.c_{part} (line 16): the name 'c_{part}' is that of a part of the crossover c; allowed: another"
    assert told in fault(tmp_path, GOOD + two)
    assert f"c_{part}" in load_survey(written(tmp_path, GOOD + two.replace("  c:", "  d:"))).crossovers


def test_a_closed_form_needs_its_constants_too(tmp_path):
    entry = "kind: exponent, variable: C_tls, value: 1, closed_form: T_Lambda"
    text = GOOD.replace("dephasing:", "specific_heat: {options: {distribution: tunnelling_states}}") + crossover(entry)
    assert "specific_heat has no closed_form T_Lambda; allowed: Lambda0, Estar" in fault(tmp_path, text)
