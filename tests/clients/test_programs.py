"""What ncdump, R and curl read from a server is what they, or we, read from the file."""

import re
import subprocess

import netCDF4
import numpy as np
import pytest

LABELS = ("dephasing", "virtual", "crossovers")
R_SCRIPT = """\
library(ncdf4)
arguments <- commandArgs(trailingOnly = TRUE)
cube <- nc_open(arguments[1])
file <- file(arguments[2], "wb")
writeBin(as.vector(ncvar_get(cube, "tau_phi")), file, endian = "little")
part <- ncvar_get(cube, "tau_phi", start = c(2, 1, 3, 1, 2), count = c(1, 3, 2, 1, 4))
writeBin(as.vector(part), file, endian = "little")
writeBin(as.double(as.vector(ncvar_get(cube, "regime"))), file, endian = "little")
close(file)
cat(ncatt_get(cube, "tau_phi", "units")$value, ncatt_get(cube, 0, "label")$value, cube$dim$T$units, "\\n")
cat(ncatt_get(cube, 0, "configuration")$value)
"""


def said(*command: object) -> str:
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("label", LABELS)
def test_ncdump_prints_the_same_digits_and_attributes(address, results, label):
    texts = [
        said("ncdump", "-p", "9,17", place) for place in (f"{address}/dap/made/{label}", results / f"made/{label}.nc")
    ]
    # Flags are 16 bits wide by DAP2, and dimensions come in the order in which variables name them.
    plain = [re.sub(r"(\d)(UB|s)\b", r"\1", text).replace("\tubyte ", "\tshort ") for text in texts]
    heads, bodies = zip(*(text.split("variables:\n", 1) for text in plain), strict=True)
    assert bodies[0] == bodies[1] and sorted(heads[0].splitlines()[1:]) == sorted(heads[1].splitlines()[1:])
    if label != "crossovers":
        assert "181" in bodies[0] and ":configuration = " in bodies[0]


def test_ncdump_prints_a_group_of_a_finding(address):
    text = said("ncdump", f"{address}/dap/made/evidence/evidence")
    assert "ln_evidence = 1.5, NaN, Infinity, -0, 1e-30, 1e+308 ;" in text.replace("_, ", "NaN, ", 1)
    assert "place = -3, -2, -1, 0, 1, 2 ;" in text and '"glass"' in text and "single = 42.5 ;" in text


def test_ncdump_is_told_what_is_wrong(address):
    for name in ("made/nothing", "made/evidence/nothing"):
        done = subprocess.run(["ncdump", "-h", f"{address}/dap/{name}"], capture_output=True, text=True, timeout=60)
        assert done.returncode != 0 and done.stdout.strip() == ""


def test_r_reads_the_same_bits(address, results, tmp_path):
    script, output = tmp_path / "read.R", tmp_path / "values"
    script.write_text(R_SCRIPT)
    words, _, configuration = said("Rscript", script, f"{address}/dap/made/dephasing", output).partition("\n")
    assert words.split() == ["s", "dephasing", "K"]
    with netCDF4.Dataset(results / "made/dephasing.nc") as cube:
        cube.set_auto_mask(False)
        assert configuration == cube.configuration
        tau, regime = cube["tau_phi"][...], cube["regime"][...]
    # R counts from 1, and the last axis comes first.
    part = tau[1:5, 0:1, 2:4, 0:3, 1:2]
    expected = np.concatenate([tau.ravel(), part.ravel(), regime.ravel().astype(float)])
    assert output.read_bytes() == expected.astype("<f8").tobytes() and set(np.unique(regime)) == {102, 181}


def test_curl_reads_files_ranges_and_queries(address, results, tmp_path):
    whole = (results / "made/dephasing.nc").read_bytes()
    url = f"{address}/files/made/dephasing.nc"
    said("curl", "-sf", "-o", tmp_path / "whole", url)
    said("curl", "-sf", "-r", "1000-4999", "-o", tmp_path / "part", url)
    (tmp_path / "begun").write_bytes(whole[:5000])
    said("curl", "-sf", "-C", "-", "-o", tmp_path / "begun", url)
    assert (tmp_path / "whole").read_bytes() == (tmp_path / "begun").read_bytes() == whole
    assert (tmp_path / "part").read_bytes() == whole[1000:5000]
    assert f"content-length: {len(whole)}" in said("curl", "-sfI", url)
    dods = said("curl", "-sfg", f"{address}/dap/made/dephasing.dds?tau_phi[0:3][1][0:2:4][0][1]")
    assert "tau_phi[T = 4][Lambda0 = 1][Pd = 3][chi = 1][Estar = 1];" in dods
    answer = said("curl", "-sf", f"{address}/query/made/dephasing/status?T=50mK&Lambda0=1mK&chi=0.3&Estar=5K")
    assert '"meaning": ["ok"]' in answer
