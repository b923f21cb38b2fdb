"""Two-level systems named once in a survey: what they make of its quantities, and what is refused with which reason."""

import json
import re
from pathlib import Path

import pytest
from test_config import written

from physics import QUANTITIES
from survey.config.load import load_survey
from survey.cubes.assemble import attributes
from survey.errors import SurveyError
from survey.levels import has_levels, levels_of, refuse_unlike, values_of
from survey.store.tiles import configuration, tiles_of

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
GRID = """\
axes:
  T: {values: [40 mK, 100 mK, 1 K]}
  Lambda0: {values: [1 mK, 10 mK]}
  Pd: {values: [1e17 K^-1 cm^-3, 1e18 K^-1 cm^-3]}
  chi: {values: [0.03, 0.1]}
  Estar: {values: [50 mK, 10 K]}
  omega: {values: [1e8 rad/s]}
"""
REST = """\
constants: {v_F: 1e6 m/s, tau: 1e-14 s, n_e: 5e22 cm^-3, eps_F: 5 eV, t_exp: 1 s,
            Pd_glass: 1e17 K^-1 cm^-3, Estar_glass: 10 K, p_min_glass: 1e-8}
"""
ONE = """\
levels:
  tunnelling: {distribution: tunnelling_states, sigma_in: unitary}
quantities:
  dephasing: {}
  specific_heat: {}
  attenuation: {}
"""
RIVALS = """\
levels:
  tunnelling: {distribution: tunnelling_states, sigma_in: unitary}
  glass: {distribution: glass, sigma_in: 9.6e-21 m^2, constants: {p_min: 1e-9}}
quantities:
  dephasing: {levels: tunnelling}
  specific_heat: {levels: tunnelling}
  attenuation: {levels: tunnelling}
  heat_glass: {quantity: specific_heat, levels: glass}
  tau_glass: {quantity: dephasing, levels: glass}
"""
OBSERVED = """\
diagrams:
  d:
    kind: observability
    quantity: dephasing
    measured: {tau_phi: 3 ns, start: 40 mK, stop: 1 K, tolerance: 1.5, source: a test}
    heat: specific_heat
    x: T
    y: chi
    at: {Lambda0: 10 mK, Pd: 1e18 K^-1 cm^-3, Estar: 10 K, omega: 1e8 rad/s}
"""


def loaded(folder: Path, *parts: str):
    return load_survey(written(folder, "".join(parts)))


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


def refused(folder: Path, *parts: str) -> str:
    with pytest.raises(SurveyError) as caught:
        loaded(folder, *parts)
    return str(caught.value)


def test_all_quantities_are_of_the_only_levels(tmp_path):
    survey = loaded(tmp_path, GRID, REST, ONE)
    for label, request in survey.quantities.items():
        assert request.levels == "tunnelling" and request.options["distribution"] == "tunnelling_states"
        assert request.options["convention"] == "consistent" and "Lambda0" in survey.grid(label)
    assert survey.quantities["dephasing"].options["cross_section"] == "unitary"
    assert "sigma_in" not in survey.constants_of("dephasing") and "eps_F" in survey.constants_of("dephasing")


def test_of_several_levels_each_quantity_has_its_own(tmp_path):
    survey = loaded(tmp_path, GRID, REST, RIVALS)
    levels = {label: request.levels for label, request in survey.quantities.items()}
    assert levels == dict.fromkeys(("dephasing", "specific_heat", "attenuation"), "tunnelling") | dict.fromkeys(
        ("heat_glass", "tau_glass"), "glass"
    )
    assert survey.quantities["heat_glass"].own_constants == {"p_min": 1e-9}
    assert survey.constants_of("heat_glass")["p_min"] == 1e-9 and "Lambda0" not in survey.grid("heat_glass")
    assert survey.constants_of("tau_glass")["sigma_in"] == 9.6e-21
    assert survey.quantities["tau_glass"].options["cross_section"] == "given"
    assert not survey.quantities["specific_heat"].own_constants


def test_a_constant_of_levels_stands_in_place_of_an_axis_for_the_quantities_that_depend_on_it(tmp_path):
    fixed = changed(RIVALS, "{p_min: 1e-9}", "{p_min: 1e-9, Estar: 2 K, chi: 0.05}")
    survey = loaded(tmp_path, GRID, REST, fixed)
    assert survey.quantities["tau_glass"].axes == ("T", "Pd") and survey.constants_of("tau_glass")["chi"] == 0.05
    assert survey.quantities["dephasing"].axes == ("T", "Lambda0", "Pd", "chi", "Estar")
    width = "quantities:\n  specific_heat: {}\nlevels:\n  broad: {distribution: gaussian_barrier, constants: {"
    survey = loaded(tmp_path, GRID.replace("  omega: {values: [1e8 rad/s]}\n", ""), HEAT, width + "barrier_width: 2}}")
    assert survey.constants_of("specific_heat")["barrier_width"] == 2


HEAT = "constants: {n_e: 5e22 cm^-3, eps_F: 5 eV, t_exp: 1 s}\n"


def test_quantities_without_levels_and_kondo_stay_as_they_are(tmp_path):
    able = {name for name in QUANTITIES if has_levels(name)}
    assert able == {"dephasing", "magnetoresistance", "specific_heat", "attenuation"}
    more = changed(ONE, "  attenuation: {}\n", "  attenuation: {}\n  kondo: {options: {convention: published}}\n")
    more = more.replace("attenuation: {}\n", "attenuation: {}\n  background: {options: {background: wire}}\n")
    grid = GRID + "  TKstar: {values: [0.3 K]}\n  Deltastar: {values: [0.1 K]}\n"
    rest = changed(REST, "v_F:", "R_per_length: 6e6 ohm/m, D: 0.01 m^2/s, ee_prefactor: 1, v_F:")
    survey = loaded(tmp_path, grid, rest, more)
    assert survey.quantities["kondo"].levels is survey.quantities["background"].levels is None
    assert survey.quantities["kondo"].options["distribution"] == "exponential"


def test_tiles_are_the_same_with_and_without_names(tmp_path):
    named = loaded(tmp_path, GRID, REST, RIVALS)
    options = "options: {distribution: glass}, constants: {p_min: 1e-9"
    plain = f"""\
quantities:
  dephasing: {{options: {{cross_section: unitary}}}}
  specific_heat: {{options: {{distribution: tunnelling_states}}}}
  attenuation: {{options: {{distribution: tunnelling_states}}}}
  heat_glass: {{quantity: specific_heat, {options}}}}}
  tau_glass: {{quantity: dephasing, {options}, sigma_in: 9.6e-21 m^2}}}}
"""
    other = loaded(tmp_path, GRID, REST, plain)
    for label in named.quantities:
        assert other.quantities[label].levels is None
        assert configuration(named, label) == configuration(other, label)
        tiles = [[(tile.identity, tile.digest) for tile in tiles_of(each, label)] for each in (named, other)]
        assert tiles[0] == tiles[1]


def test_a_cube_says_its_levels_and_its_convention(tmp_path):
    survey = loaded(tmp_path, GRID, REST, RIVALS)
    said = attributes(survey, "heat_glass", ["0"])
    assert (said["levels"], said["convention"]) == ("glass", "consistent")
    assert "levels" not in json.loads(said["configuration"])
    plain = loaded(tmp_path, GRID, REST, changed(ONE, ONE[: ONE.index("quantities:")], "").replace(*DEFAULTS))
    said = attributes(plain, "dephasing", ["0"])
    assert "levels" not in said and said["convention"] == "consistent"


DEFAULTS = (
    "  dephasing: {}\n  specific_heat: {}\n  attenuation: {}\n",
    "  dephasing: {options: {cross_section: unitary}}\n  specific_heat: {options: {distribution: tunnelling_states}}\n"
    "  attenuation: {options: {distribution: tunnelling_states}}\n",
)
TUNNELLING = "{distribution: tunnelling_states, sigma_in: unitary}"
FAULTS = [
    (
        ONE,
        "dephasing: {}",
        "dephasing: {levels: tuneling}",
        "quantities.dephasing.levels",
        "did you mean 'tunnelling'",
    ),
    (RIVALS, "dephasing: {levels: tunnelling}", "dephasing: {}", "dephasing.levels", "is missing: .*tunnelling, glass"),
    (ONE, "dephasing: {}", "dephasing: {options: {distribution: glass}}", "options.distribution", "for all quantities"),
    (ONE, "dephasing: {}", "dephasing: {options: {cross_section: given}}", "options.cross_section", "found 'given'"),
    (ONE, "dephasing: {}", "dephasing: {options: {convention: published}}", "options.convention", "letters of its"),
    (ONE, "dephasing: {}", "dephasing: {constants: {sigma_in: 1e-20 m^2}}", "constants.sigma_in", "tunnelling have it"),
    (
        RIVALS,
        "heat, levels: glass",
        "heat, levels: glass, constants: {p_min: 1e-8}",
        "constants.p_min",
        "glass have it",
    ),
    (
        ONE,
        "attenuation: {}",
        "attenuation: {}\n  clusters: {levels: tunnelling}",
        "clusters.levels",
        "allowed for deph",
    ),
    (ONE, TUNNELLING, "{distribution: glas}", "levels.tunnelling.distribution", "found 'glas'; allowed: 'tunnelling_s"),
    (ONE, TUNNELLING, "{sigma_in: unitary}", "levels.tunnelling.distribution", "is missing: How their energies"),
    (ONE, "unitary}", "unitry}", "levels.tunnelling.sigma_in", "found 'unitry', .*or unitary or golden_rule"),
    (ONE, "unitary}", "1e-20}", "levels.tunnelling.sigma_in", "needs a unit; .* or unitary or golden_rule"),
    (ONE, "unitary}", "unitary, constants: {v_F: 1e6 m/s}}", "constants.v_F", "no parameter of two-level systems"),
    (ONE, "unitary}", "unitary, constants: {sigma_in: 1e-20 m^2}}", "constants.sigma_in", "beside constants"),
    (ONE, "unitary}", "unitary, constants: {p_mn: 1e-8}}", "constants.p_mn", "unknown constant; did you mean 'p_min'"),
    (ONE, "unitary}", "unitary, constants: {p_min: 1e-8}}", "constants.p_min", "no quantity of these levels depends"),
    (ONE, "unitary}", "unitary, constants: {chi: 1e-5}}", "levels.tunnelling.constants.chi", "outside the domain"),
    (ONE, "unitary}", "1 m^2}", "levels.tunnelling.sigma_in", "outside the domain of dephasing; allowed: 1e-24 m2 to"),
    (ONE, "unitary}", "unitary, color: red}", "levels.tunnelling.color", "unknown key"),
    (ONE, "quantities:", "  idle: {distribution: glass}\nquantities:", "dephasing.levels", "is missing"),
    (
        RIVALS,
        "quantities:",
        "  idle: {distribution: clusters}\nquantities:",
        "levels.idle",
        "no quantity of this survey",
    ),
    (
        RIVALS,
        "  tau_glass: {quantity: dephasing, levels: glass}\n",
        "",
        "levels.glass.sigma_in",
        "no quantity of these",
    ),
    (ONE, "  dephasing: {}\n", "", "levels.tunnelling.sigma_in", "no quantity of these levels depends .*dephasing"),
]


@pytest.mark.parametrize(("text", "old", "new", "key", "message"), FAULTS)
def test_faults_of_levels(tmp_path, text, old, new, key, message):
    said = refused(tmp_path, GRID, REST, changed(text, old, new))
    assert re.search(rf"{key} \(line \d+\): .*{message}", said), said


def test_levels_that_the_survey_does_not_name(tmp_path):
    text = changed(ONE, ONE[: ONE.index("quantities:")], "").replace("dephasing: {}", "dephasing: {levels: glass}")
    assert "has no levels 'glass'; allowed: those below `levels:`, which the survey has not" in refused(
        tmp_path, GRID, REST, text
    )


def test_one_system_can_be_joined(tmp_path):
    named = loaded(tmp_path, GRID, REST, RIVALS, OBSERVED)
    assert named.diagrams["d"].labels == ("dephasing", "specific_heat", "attenuation")
    plain = changed(ONE, ONE[: ONE.index("quantities:")], "").replace(*DEFAULTS)
    assert loaded(tmp_path, GRID, REST, plain, OBSERVED).diagrams["d"].labels == named.diagrams["d"].labels


UNLIKE = [
    ("heat: specific_heat", "heat: heat_glass", "dephasing and heat_glass.*: distribution tunnelling_states and glass"),
    ("quantity: dephasing", "quantity: tau_glass", "tau_glass and specific_heat.*: distribution glass and tunnelling"),
]


@pytest.mark.parametrize(("old", "new", "message"), UNLIKE)
def test_rivals_are_not_mixed(tmp_path, old, new, message):
    said = refused(tmp_path, GRID, REST, RIVALS, changed(OBSERVED, old, new))
    assert re.search(rf"diagrams\.d \(line \d+\): cannot join {message}.*; allowed: labels of one system", said), said


def test_labels_without_names_are_judged_by_what_they_are(tmp_path):
    defaults = "quantities:\n  dephasing: {options: {cross_section: unitary}}\n  specific_heat: {}\n  attenuation: {}\n"
    rest = changed(REST, "v_F:", "p_min: 1e-9, v_F:")
    said = refused(tmp_path, GRID, rest, defaults, OBSERVED)
    assert "cannot join dephasing and specific_heat" in said and "distribution tunnelling_states and glass" in said
    plain = "quantities:" + DEFAULTS[1].join(("\n", ""))
    published = changed(plain, "attenuation: {options: {", "attenuation: {options: {convention: published, ")
    said = refused(tmp_path, GRID, REST.replace(", p_min_glass: 1e-8", ""), published, OBSERVED)
    assert "cannot join attenuation: convention: published takes the letters of its paper" in said
    own = plain.replace("tunnelling_states}}\n  att", "tunnelling_states}, constants: {Lambda0: 1 mK}}\n  att")
    said = refused(tmp_path, GRID, REST, own, OBSERVED)
    assert "dephasing and specific_heat" in said and "Lambda0 0.001 K to 0.01 K (2 values) and 0.001 K" in said


def test_a_label_without_levels_cannot_be_joined(tmp_path):
    more = "  background: {options: {background: wire}}\n"
    rest = changed(REST, "v_F:", "R_per_length: 6e6 ohm/m, D: 0.01 m^2/s, ee_prefactor: 1, v_F:")
    said = refused(tmp_path, GRID, rest, RIVALS, more, changed(OBSERVED, "quantity: dephasing", "quantity: background"))
    assert "cannot join background: background is of no distribution of two-level systems" in said


def test_names_do_not_count_and_values_do(tmp_path):
    glass = "distribution: glass, sigma_in: unitary, constants: {p_min: 1e-9}"
    text = f"levels:\n  a: {{{glass}}}\n  b: {{{glass}}}\n  c: {{{glass.replace('1e-9', '1e-8')}}}\n"
    text += f"  d: {{{glass.replace('unitary', 'golden_rule')}}}\nquantities:\n"
    for name in "abcd":
        text += f"  tau_{name}: {{quantity: dephasing, levels: {name}}}\n"
    text += "  heat_d: {quantity: specific_heat, levels: d}\n  attenuation: {levels: a}\n"
    survey = loaded(tmp_path, GRID.replace("  Lambda0: {values: [1 mK, 10 mK]}\n", ""), REST, text)
    values = values_of(survey)
    refuse_unlike(survey.quantities, values, ("tau_a", "tau_b", "attenuation"))
    refuse_unlike(survey.quantities, values, ("tau_a", "heat_d"))
    assert levels_of(survey.request("tau_a"), values).values["p_min"] == (1e-9,)
    for other, message in (("tau_c", "p_min 1e-09 and 1e-08"), ("tau_d", "cross_section unitary and golden_rule")):
        with pytest.raises(SurveyError, match=f"cannot join tau_a and {other}.*: {message}; allowed"):
            refuse_unlike(survey.quantities, values, ("tau_a", other))


def test_the_rivals_of_the_readme_are_a_survey(tmp_path):
    (text,) = (text for text in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL) if "\nlevels:" in text)
    survey = loaded(tmp_path, text)
    found = {label: levels_of(request, values_of(survey)) for label, request in survey.quantities.items()}
    assert {each.distribution for each in found.values()} == {"tunnelling_states", "glass"}
    assert {survey.quantities[label].levels for label in survey.diagrams["observable"].labels} == {"tunnelling"}
