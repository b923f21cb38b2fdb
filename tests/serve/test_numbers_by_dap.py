"""DAP2 as its specification says it, decoded here by hand: structure, attributes, numbers, and the parts of them."""

import struct
from itertools import product

import netCDF4
import numpy as np
import pytest

from helpers.served import QUOTING, WORDS
from survey.serve import numbers
from survey.serve.constraint import Selection

AXES = ("T", "Lambda0", "Pd", "chi", "Estar")
LENGTHS = (7, 2, 5, 3, 2)
DATASETS = ("made/dephasing", "made/virtual")


def asked(client, path: str) -> bytes:
    answer = client.get(f"/dap/{path}")
    assert answer.status_code == 200, answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)
    return answer.content


def floats(content: bytes, number: int, shape=()) -> np.ndarray:
    """The numbers of an answer that holds one array of Float64."""
    head, _, body = content.partition(b"\nData:\n")
    assert head.startswith(b"Dataset {") and len(body) == 8 + 8 * number
    assert struct.unpack(">II", body[:8]) == (number, number)
    return np.frombuffer(body[8:], ">f8").reshape(shape or number)


def stored(results, name: str, variable: str) -> np.ndarray:
    with netCDF4.Dataset(results / f"{name}.nc") as cube:
        cube.set_auto_mask(False)
        return cube[variable][...]


@pytest.mark.parametrize("name", DATASETS)
def test_the_structure_is_that_of_the_file(client, name):
    text = asked(client, f"{name}.dds").decode()
    extent = "".join(f"[{axis} = {n}]" for axis, n in zip(AXES, LENGTHS, strict=True))
    assert text.startswith("Dataset {\n") and text.endswith(f"}} {name.replace('/', '%2F')};\n")
    for kind, variable in (("Float64", "tau_phi"), ("Int16", "regime"), ("Int16", "status")):
        assert f"    {kind} {variable}{extent};\n" in text
    assert "    Float64 chi[chi = 3];\n" in text


@pytest.mark.parametrize("name", DATASETS)
def test_every_cell_is_the_stored_one(client, results, name):
    whole = stored(results, name, "tau_phi")
    assert (
        floats(asked(client, f"{name}.dods?tau_phi"), whole.size, whole.shape).tobytes()
        == whole.astype(">f8").tobytes()
    )


def test_flags_above_127_stay_what_they_are(client, results):
    flags = stored(results, "made/dephasing", "regime")
    assert set(np.unique(flags)) == {102, 181}
    body = asked(client, "made/dephasing.dods?regime").partition(b"\nData:\n")[2]
    assert struct.unpack(">II", body[:8]) == (flags.size, flags.size)
    assert np.array_equal(np.frombuffer(body[8:], ">i4").reshape(flags.shape), flags)


@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("[0:6][1][0:2:4][2][0:1]", np.s_[0:7, 1:2, 0:5:2, 2:3, 0:2]),
        ("[6][0:1:1][4:4][0:2:2][1]", np.s_[6:7, 0:2, 4:5, 0:3:2, 1:2]),
        ("[1:5:6][0][1:3:4][0][0]", np.s_[1:7:5, 0:1, 1:5:3, 0:1, 0:1]),
        ("[0:6:6][1][0][0][0]", np.s_[0:7:6, 1:2, 0:1, 0:1, 0:1]),
    ],
)
def test_slices_with_steps_and_last_cells_included(client, results, name, text, region):
    expected = stored(results, name, "tau_phi")[region]
    found = floats(asked(client, f"{name}.dods?tau_phi{text}"), expected.size, expected.shape)
    assert np.array_equal(found, expected)
    lengths = "".join(f"[{axis} = {n}]" for axis, n in zip(AXES, expected.shape, strict=True))
    assert f"Float64 tau_phi{lengths};" in asked(client, f"{name}.dds?tau_phi{text}").decode()


def test_brackets_may_be_written_as_codes(client):
    plain, coded = (asked(client, f"made/dephasing.dods?T{part}") for part in ("[0:2:6]", "%5B0%3A2%3A6%5D"))
    assert plain == coded


def test_several_variables_come_in_the_order_that_is_asked_for(client, results):
    body = asked(client, "made/dephasing.dods?chi,T[0:1]").partition(b"\nData:\n")[2]
    chi, T = (stored(results, "made/dephasing", name) for name in ("chi", "T"))
    assert body == struct.pack(">II3d", 3, 3, *chi) + struct.pack(">II2d", 2, 2, *T[:2])


def test_a_whole_dataset_is_its_variables_one_after_the_other(client):
    names = [
        line.split()[1].partition("[")[0] for line in asked(client, "made/dephasing.dds").decode().splitlines()[1:-1]
    ]
    whole = asked(client, "made/dephasing.dods").partition(b"\nData:\n")[2]
    assert whole == b"".join(asked(client, f"made/dephasing.dods?{name}").partition(b"\nData:\n")[2] for name in names)


def test_groups_with_text_integers_and_single_numbers(client):
    text = asked(client, "made/evidence/evidence.dds").decode()
    for declared in ("String name[rival = 6]", "Int32 place[rival = 6]", "Float32 short[rival = 6]", "Float64 single"):
        assert f"    {declared};\n" in text
    body = asked(client, "made/evidence/evidence.dods?place,single").partition(b"\nData:\n")[2]
    assert body == struct.pack(">II6i", 6, 6, -3, -2, -1, 0, 1, 2) + struct.pack(">d", 42.5)
    words = struct.pack(">I", 6)
    for word in WORDS:
        own = word.encode()
        words += struct.pack(">I", len(own)) + own + b"\0" * (-len(own) % 4)
    assert asked(client, "made/evidence/words.dods").partition(b"\nData:\n")[2] == words
    assert asked(client, "made/evidence/words.dods?word[0]").endswith(struct.pack(">II", 1, 5) + b"glass\0\0\0")


def test_an_empty_group_and_the_file_itself_are_datasets_of_attributes(client):
    for name in ("made/evidence/prior", "made/evidence"):
        assert asked(client, f"{name}.dds").decode().startswith("Dataset {\n} ")
        assert "String verdict" in asked(client, f"{name}.das").decode()


def test_attributes_keep_types_quotes_and_every_line(client):
    text = asked(client, "made/evidence/evidence.das").decode()
    quoted = QUOTING.replace("\\", "\\\\").replace('"', '\\"')
    assert f'        String verdict "{quoted}";\n' in text and f'        String note "{quoted}";\n' in text
    assert '        String seed "1099511627776";\n' in text
    assert "        Float32 limits 0.1, NaN;\n" in text and "        Float64 _FillValue NaN;\n" in text
    text = asked(client, "made/dephasing.das").decode()
    assert "        Int16 flag_values 0, 1, 2, 3, 4, 5;\n" in text
    assert '        String symbol "\\\\tau_\\\\varphi";\n' in text
    assert "        Int32 quantity_version 1;\n" in text and "        Float64 promised_accuracy" in text


def test_a_number_beyond_32_bits_is_refused_and_not_cut(client):
    answer = client.get("/dap/made/evidence/huge.dods?n")
    assert answer.status_code == 400 and "beyond 32 bits" in answer.text


FAULTS = [
    ("tau_phi[0]", "found 1 slice"),
    ("tau_phi[7][0][0][0][0]", "within 0 … 6"),
    ("tau_phi[2:1][0][0][0][0]", "found '[2:1]'"),
    ("tau_phi[0:0:6][0][0][0][0]", "found '[0:0:6]'"),
    ("tau_phi[-1][0][0][0][0]", "found '[-1]'"),
    ("tau_phi[a][0][0][0][0]", "found '[a]'"),
    ("tau_phi[0:1:2:3][0][0][0][0]", "found '[0:1:2:3]'"),
    ("tau_phi[99999999999999999999][0][0][0][0]", "allowed"),
    ("tau_ph", "did you mean 'tau_phi'?"),
    ("T,T", "T twice"),
    ("T&T>0.1", "no selection by value"),
    ("mean(T)", "no function"),
    ("T,", "found ''"),
    ("[0]", "found '[0]'"),
]


@pytest.mark.parametrize(("constraint", "said"), FAULTS)
def test_a_constraint_with_a_fault_is_refused_in_the_words_of_dap(client, constraint, said):
    for ending in ("dds", "dods"):
        answer = client.get(f"/dap/made/dephasing.{ending}?{constraint}")
        assert answer.status_code == 400 and answer.headers["content-description"] == "dods_error"
        assert answer.text.startswith("Error {\n    code = 400;\n    message = ") and said in answer.text


def test_head_says_the_length_and_reads_nothing(client, monkeypatch):
    whole = client.get("/dap/made/dephasing.dods?tau_phi")
    monkeypatch.setattr("survey.serve.numbers.read_region", None)
    answer = client.head("/dap/made/dephasing.dods?tau_phi")
    assert answer.status_code == 200 and answer.headers["content-length"] == whole.headers["content-length"]
    assert answer.content == b""


@pytest.mark.parametrize("cells", [1, 2, 3, 7, 20, 33, 420, 10**6])
def test_parts_of_any_size_are_the_selection_in_its_order(monkeypatch, cells):
    monkeypatch.setattr(numbers, "PART_CELLS", cells)
    array = np.arange(7 * 4 * 5).reshape(7, 4, 5)
    for steps in product((1, 2, 3), (1, 3), (1, 2, 5)):
        region = tuple(slice(1, range(1, n, step)[-1] + 1, step) for n, step in zip((7, 4, 4), steps, strict=True))
        one = Selection("array", region)
        read, found = 0, []
        for part in numbers.parts(one):
            extent = array[tuple(slice(each.start, each.stop) for each in part)]
            read += extent.size
            assert extent.size <= cells or extent.size == 1
            found.append(extent[tuple(slice(None, None, each.step) for each in part)].ravel())
        assert np.array_equal(np.concatenate(found), array[region].ravel())
        assert read == numbers.touched(one)
