"""What holds for every registered quantity: units, vocabulary, refusals, and a fingerprint of exactly its code."""

import inspect
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numba
import numpy as np
import pint
import pytest

from physics import PARAMETERS, QUANTITIES, ParameterError
from physics.references import REFERENCES, joined, names_in

QUANTITY = pytest.mark.parametrize("quantity", QUANTITIES.values(), ids=lambda quantity: quantity.name)
ROOT = Path(__file__).parent.parent
ENTRIES = {
    name
    for path in (ROOT / "physics").rglob("*.py")
    for name in re.findall(r"@compiled_entry\ndef (\w+)", path.read_text(encoding="utf-8"))
}


def cases(quantity):
    """Every combination of one option's values with the defaults of the others."""
    yield {}
    for name, allowed in quantity.options.items():
        yield from ({name: value} for value in allowed)


def some_point(quantity, options):
    """A point in the middle of the domain that the quantity promises."""
    names = [name for part in quantity.depends_on(options, quantity.names) for name in part]
    return {name: middle(*quantity.limits(name)) for name in names}


def middle(low, high):
    return float(np.sqrt(low * high)) if low > 0 else (low + high) / 2


@QUANTITY
def test_it_speaks_the_vocabulary(quantity):
    units = pint.UnitRegistry()
    for options in cases(quantity):
        axes, constants = quantity.depends_on(options, quantity.names)
        for name in axes + constants:
            low, high = quantity.limits(name)
            assert low < high and PARAMETERS[name].check([low, high]).shape == (2,)
        assert set(quantity.domain) <= {
            name for case in cases(quantity) for each in quantity.depends_on(case, quantity.names) for name in each
        }
    for variable in quantity.variables:
        if not variable.flags:
            units.parse_units(
                " * ".join(part if part.isalpha() else part.replace("-", "**-") for part in variable.unit.split())
            )
        assert variable.long_name
    assert quantity.version >= 1 and 0 < quantity.accuracy <= 1e-5


@QUANTITY
def test_every_source_is_a_known_reference(quantity):
    for case in cases(quantity):
        names = names_in(quantity.cited(case))
        assert names and set(names) <= set(REFERENCES)


def test_only_what_applies_is_cited():
    cited = QUANTITIES["dephasing"].cited
    assert cited({}, ["tau_phi"]) == "paper 001, eqs. (15), (34), (35), (37), (55)"
    assert "paper 003" in cited({"distribution": "clusters"}) and "(54)" not in cited({"distribution": "clusters"})
    metal = cited({"distribution": "glass", "background": "bulk", "definition": "bulk"})
    assert metal == "paper 001, eqs. (15), (35), (36), (55); Schmid (1974)"
    sound = QUANTITIES["attenuation"].cited
    assert "Pippard" not in sound({}, ["Q_inverse"]) and "Pippard" in sound({}, ["alpha_electron"])
    assert joined(["a book", "a book; paper 000, before eq. (12)", "paper 000, eqs. (4)-(7), (9)"]) == (
        "a book; paper 000, eqs. (4)-(7), (9), before eq. (12)"
    )


@pytest.mark.parametrize("name", REFERENCES)
def test_a_reference_is_complete(name):
    """Its entry of BibTeX has what the line has, and braces that match."""
    reference = REFERENCES[name]
    entry, line = reference.bibtex, reference.text
    fields = dict(re.findall(r"^  (\w+) = \{(.*)\},$", entry, re.MULTILINE))
    assert fields["author"].split(" and ") == list(reference.authors) and str(reference.year) == fields["year"]
    assert entry.count("{") == entry.count("}") and entry.startswith("@") and fields["title"] in entry
    assert all(author.rsplit(" ", 1)[1] in line for author in reference.authors) and str(reference.year) in line
    if reference.where:
        assert f"{fields['journal']} {fields['volume']} {fields['pages']}" == reference.where and entry[1] == "a"
        assert int(fields["volume"]) > 0 and re.fullmatch(r"A?\d+", fields["pages"])
    assert reference.where or reference.eprint


def test_references_have_names_of_their_own():
    assert len({each.key for each in REFERENCES.values()}) == len(REFERENCES)


@QUANTITY
def test_the_kernel_is_documented_and_takes_what_the_registry_says(quantity):
    module, function = quantity.kernel.split(":")
    kernel = getattr(import_module(module), function)
    assert inspect.getdoc(kernel)
    accepted = inspect.signature(kernel).parameters
    if not any(parameter.kind == parameter.VAR_KEYWORD for parameter in accepted.values()):
        names = {
            name
            for options in cases(quantity)
            for part in quantity.depends_on(options, quantity.names)
            for name in part
        }
        assert names | set(quantity.options) | {"variables"} <= set(accepted)


@QUANTITY
def test_scalars_broadcast_and_subsets(quantity):
    for options in cases(quantity):
        point = some_point(quantity, options)
        whole = quantity(**point, **options)
        assert list(whole) == list(quantity.names)
        for variable in quantity.variables:
            assert np.shape(whole[variable.name]) == ()
            assert np.asarray(whole[variable.name]).dtype == variable.dtype
        last = quantity.variables[-1].name
        assert list(quantity(**point, **options, variables=(last,))) == [last]
        many = quantity(**(point | {"T": np.full((3, 1), point["T"])}), **options)
        for name, array in many.items():
            np.testing.assert_array_equal(np.broadcast_to(array, (3, 1)), np.full((3, 1), whole[name]))


@QUANTITY
def test_a_variable_depends_on_its_own_axes_alone(quantity):
    for options in cases(quantity):
        point = some_point(quantity, options)
        whole = quantity(**point, **options)
        for variable in quantity.variables:
            own = quantity.depends_on(options, [variable.name])[0]
            assert set(variable.axes or ()) <= set(quantity.axes)
            given = {name: value for name, value in point.items() if name in own or name not in quantity.axes}
            alone = quantity(**given, **options, variables=(variable.name,))[variable.name]
            np.testing.assert_array_equal(np.squeeze(alone), whole[variable.name])


@QUANTITY
def test_the_status_judges_every_variable(quantity):
    for variable in quantity.variables if "status" in [each.name for each in quantity.variables] else ():
        own = variable.axes or quantity.axes
        assert set(quantity.variable("status").axes or quantity.axes) <= set(own), variable.name


@QUANTITY
def test_any_constant_may_be_an_array(quantity):
    """The bits of one call for each of its values: over an open grid, and at points where all parameters differ."""
    tried = set(quantity.axes)
    for options in cases(quantity):
        point = some_point(quantity, options)
        grid = point | {"T": np.array([[0.8], [1.0]]) * point["T"]}
        for name in [each for each in point if each not in tried]:
            tried.add(name)
            two = np.array([1.0, 0.9]) * point[name]
            alone = [quantity(**(grid | {name: value}), **options) for value in two]
            for variable, found in quantity(**(grid | {name: two}), **options).items():
                own = name in quantity.depends_on(options, [variable])[1]
                assert own == (found.shape[-1:] == (2,))
                expected = np.hstack([np.broadcast_to(each[variable], (2, 1)) for each in alone])
                np.testing.assert_array_equal(np.broadcast_to(found, (2, 2)), expected, f"{variable}, {name}")
    share = np.array([1.0, 0.9, 0.9, 0.8])
    rows = {name: value * np.roll(share, k) for k, (name, value) in enumerate(some_point(quantity, {}).items())}
    found = quantity(**rows)
    for k in range(len(share)):
        alone = quantity(**{name: row[k] for name, row in rows.items()})
        for variable in found:
            np.testing.assert_array_equal(found[variable][k], alone[variable], variable)


@QUANTITY
def test_there_is_one_compiled_version_of_the_code(quantity):
    """A second version, for arrays of another kind, would be compiled in every process anew."""
    assert len(ENTRIES) >= 5
    for options in cases(quantity):
        point = some_point(quantity, options)
        many = {name: np.array([value, value * 0.9]) for name, value in point.items() if name in quantity.axes}
        quantity(**point, **options)
        quantity(**(point | many), **options)
        quantity(**(point | {name: value.reshape(2, 1) for name, value in many.items() if name == "T"}), **options)
    for name, module in list(sys.modules.items()):
        for function in vars(module).values() if name.startswith("physics.") else ():
            if isinstance(function, numba.core.registry.CPUDispatcher) and function.__name__ in ENTRIES:
                assert len(function.signatures) <= 1, f"{name}.{function.__name__}"


@QUANTITY
def test_it_refuses_what_it_does_not_know(quantity):
    point = some_point(quantity, {})
    with pytest.raises(ParameterError, match="does not depend on 'colour'"):
        quantity(**point, colour=1.0)
    with pytest.raises(ParameterError, match="needs T"):
        quantity(**{name: value for name, value in point.items() if name != "T"})
    with pytest.raises(ParameterError, match="has no variable 'mass'; allowed: "):
        quantity(**point, variables=("mass",))
    with pytest.raises(ParameterError, match=f"T = -1 K is outside the domain of {quantity.name}; allowed: "):
        quantity(**(point | {"T": -1.0}))
    for name in quantity.options:
        with pytest.raises(ParameterError, match=f"{name} = 'none such' is unknown; allowed: "):
            quantity(**point, **{name: "none such"})


@QUANTITY
def test_it_refuses_what_is_outside_its_domain(quantity):
    for options in cases(quantity):
        point = some_point(quantity, options)
        for name in point:
            low, high = quantity.limits(name)
            for value in (np.nextafter(low, -np.inf), np.nextafter(high, np.inf), np.nan):
                with pytest.raises(
                    ParameterError, match=f"^{name} = .* is outside the domain of {quantity.name}; allowed: "
                ):
                    quantity(**(point | {name: value}), **options)
    unit = f" {PARAMETERS[name].unit}" if PARAMETERS[name].unit != "1" else ""
    message = (
        f"{name} = 1e+60{unit} is outside the domain of {quantity.name}; allowed: {low:.12g}{unit} to {high:.12g}{unit}"
    )
    with pytest.raises(ParameterError, match=f"^{re.escape(message)}$"):
        quantity(**(point | {name: [middle(low, high), 1e60]}), **options)


@QUANTITY
def test_nothing_asked_is_nothing_answered(quantity):
    for options in cases(quantity):
        point = some_point(quantity, options)
        for axis in quantity.depends_on(options)[0]:
            found = quantity(**(point | {axis: np.empty((2, 0))}), **options)
            for variable in quantity.variables:
                assert found[variable.name].shape == (2, 0) and found[variable.name].dtype == variable.dtype
        first, second = list(point)[:2]
        with pytest.raises(ParameterError, match=rf"^the shapes do not broadcast: {first} \(2,\), {second} \(3,\)$"):
            quantity(**(point | {first: [point[first]] * 2, second: [point[second]] * 3}), **options)


@QUANTITY
def test_flags_are_distinct_within_their_masks(quantity):
    for variable in quantity.variables:
        if variable.masks:
            pairs = [(variable.masks[name], value) for name, value in variable.flags.items()]
            assert len(set(pairs)) == len(pairs) and all(value & mask == value for mask, value in pairs)
        elif variable.flags:
            assert len(set(variable.flags.values())) == len(variable.flags)


def test_stored_bytes_keep_their_meaning():
    """The numbers that cubes of before hold: a table with another order would make them say something else."""
    regime = QUANTITIES["dephasing"].variable("regime")
    assert list(regime.flags.values()) == [1, 2, 4, 8, 16, 32, 48, 64, 128]
    assert list(regime.masks.values()) == [3, 3, 12, 12, 48, 48, 48, 192, 192]
    assert list(regime.flags)[4:7] == ["slow_defects", "slow_and_fast_defects", "fast_defects"]
    noise = QUANTITIES["one_over_f"].variable("regime")
    assert list(zip(noise.flags.values(), noise.masks.values(), strict=True)) == [
        *((value, 7) for value in (1, 2, 3, 4)),
        *((value, 24) for value in (8, 16, 24)),
    ]
    dephasing = {"ok": 0, "rate_above_temperature": 1, "frozen": 2, "empty": 3, "not_converged": 4}
    bits = {
        "clusters": "beyond_validity Lambda0_not_small chi_rg_not_small out_of_table T_above_W",
        "amplitude_distribution": "W_not_largest no_solution chi_rg_not_small Lambda0_not_small amplitude_above_T "
        "outside_range beyond_validity step_functions_ignored",
        "internal_friction": "plateau_does_not_exist W_not_largest out_of_table n_eff_below_1 chi_rg_not_small "
        "Lambda0_not_small beyond_validity step_functions_ignored",
    }
    assert QUANTITIES["dephasing"].variable("status").flags == dephasing | {"beyond_validity": 5}
    for name, words in bits.items():
        status = QUANTITIES[name].variable("status")
        assert status.flags == {"ok": 0} | {word: 2**place for place, word in enumerate(words.split())}
        assert status.masks == status.flags | {"ok": 2 ** len(words.split()) - 1}


@pytest.fixture
def package(tmp_path):
    """A copy of the package, to be edited."""
    shutil.copytree(ROOT / "physics", tmp_path / "physics", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "physics"


@pytest.fixture
def copy(package):
    """A function that edits one of the files of the copy and gives the new fingerprint of dephasing."""

    def fingerprint(name=None, old=None, new=None):
        if name:
            path = package / name
            text = path.read_text(encoding="utf-8")
            assert old in text
            path.write_text(text.replace(old, new, 1), encoding="utf-8")
        code = "from physics import QUANTITIES; print(QUANTITIES['dephasing'].fingerprint())"
        done = subprocess.run(
            [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, '.'); {code}"],
            cwd=package.parent,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    return fingerprint


def test_the_fingerprint_sees_code_and_not_comments(copy):
    first = copy()
    assert first == QUANTITIES["dephasing"].fingerprint()
    assert copy("levels/averages.py", "DEGREE = 20\n", "# twenty terms\nDEGREE = 20\n") == first
    assert copy("levels/averages.py", '"""J1(theta): power', '"""J1(theta), by power') == first
    assert copy("electrons/closed_forms.py", "import numpy as np", "import numpy as np\n\nUNUSED = 1") == first
    in_import = copy("levels/averages.py", "DEGREE = 20\n", "DEGREE = 21\n")
    in_kernel = copy("electrons/dephasing.py", "np.exp(0.5)", "np.exp(0.6)")
    assert len({first, in_import, in_kernel}) == 3


def test_the_fingerprint_outlives_a_move(copy, package):
    first = copy()
    (package / "means").mkdir()
    (package / "means" / "__init__.py").touch()
    (package / "levels" / "averages.py").rename(package / "means" / "mean_values.py")
    for path in package.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("from physics.levels.averages import", "from physics.means.mean_values import"))
    assert copy() == first


def test_the_fingerprint_sees_where_a_name_comes_from(copy, package):
    """Two modules may define the same name: which of them is meant decides about the numbers."""
    (package / "one.py").write_text("X = 1.0\n", encoding="utf-8")
    (package / "two.py").write_text("X = 2.0\n", encoding="utf-8")
    marker = '"""\n\nimport'
    first = copy(
        "electrons/dephasing.py", marker, '"""\n\nfrom physics.one import X\nfrom physics.two import X as Y\nimport'
    )
    renamed = copy("electrons/dephasing.py", "import X as Y", "import X as Z")
    swapped = copy(
        "electrons/dephasing.py",
        "from physics.one import X\nfrom physics.two import X as Z",
        "from physics.two import X\nfrom physics.one import X as Z",
    )
    assert len({first, renamed, swapped}) == 3
