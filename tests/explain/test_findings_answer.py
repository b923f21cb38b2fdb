"""What an inference found is answered by the command and over HTTP alike, and is what its files say."""

import json

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

from helpers.served import client_of
from survey.cli import commands
from survey.query.answer import query
from survey.serve.app import application

ASKED = [
    ("evidence", "evidence", {}),
    ("evidence", "evidence/probability", {"rival": "one_over_f"}),
    ("experiments", "experiments", {}),
    ("experiments", "next", {}),
    ("experiments", "experiments/gain_about_rival", {"experiment": "heat,both"}),
    ("predictions", "heat/C_ratio", {"rival": "tunnelling_states", "T": "30mK", "t_exp": "1s"}),
    ("predictions", "sound/Q_inverse_resonant", {"quantile": "0.5", "T": "20mK"}),
    ("predictions", "dephasing/tau_phi", {"T": "5mK", "quantile": "0.16,0.84"}),
    ("predictions", "magnetoresistance/delta_sigma", {"H": "5mT", "rival": "tunnelling_states"}),
    ("posterior_tunnelling_states", "Estar", {}),
    ("posterior_tunnelling_states", "Pd", {"quantile": "0.05,0.95"}),
    ("posterior_tunnelling_states", "probability", {"Estar": "..0.1K", "chi": "0.05..0.2"}),
    ("posterior_background", "T_heat", {"wire": "0"}),
    ("posterior_one_over_f", "observed_data/tau_phi_posterior", {"quantile": "0.5"}),
]


@pytest.fixture(scope="module")
def client(small):
    with client_of(application([small.results])) as client:
        yield client


@pytest.mark.parametrize(("name", "variable", "at"), ASKED)
def test_the_command_and_the_server_give_the_same(small, client, name, variable, at):
    path = str(small.file(name))
    words = [f"{axis}={value}" for axis, value in at.items()]
    for form in ("json", "csv"):
        said = CliRunner().invoke(commands, ["query", path, variable, *words, "--format", form])
        answer = client.get(f"/query/small/{name}/{variable}", params=at | {"format": form})
        assert answer.status_code == 200, answer.text
        if form == "csv":
            assert answer.text == said.stdout
            continue
        expected, found = json.loads(said.stdout), answer.json()
        assert expected.pop("cube") == path and found.pop("cube") == f"small/{name}"
        assert bool(found.pop("refused", "")) == (said.exit_code == 3) and found == expected
        assert found["points"]


def test_a_band_of_predictions_is_that_of_the_file_and_lies_between_its_temperatures(small):
    # The server has the file open: the netCDF library crashes later if texts are read beside it.
    heat = xr.load_dataset(small.file("predictions"), group="heat", engine="h5netcdf")
    stored = heat.C_ratio.sel(rival="tunnelling_states").isel(t_exp=0)
    t_exp = float(heat.t_exp[0])
    for place, T in enumerate(heat["T"].values):
        found = query(small.file("predictions"), "heat/C_ratio", rival="tunnelling_states", T=T, t_exp=t_exp)
        assert np.array_equal(found["heat/C_ratio"], stored[:, place])
    low, high = heat["T"].values[:2]
    between = query(
        small.file("predictions"), "heat/C_ratio", rival="tunnelling_states", T=np.sqrt(low * high), t_exp=t_exp
    )
    ends = np.sort(stored[:, :2].values, axis=1)
    assert ((ends[:, 0] <= between["heat/C_ratio"]) & (between["heat/C_ratio"] <= ends[:, 1])).all()


@pytest.mark.parametrize(("name", "unit"), [("Estar", " K"), ("chi", ""), ("Pd", " J^-1 m^-3")])
def test_a_quantile_of_a_parameter_has_that_much_probability_below_it(small, name, unit):
    path, shares = small.file("posterior_tunnelling_states"), [0.16, 0.5, 0.84]
    for share, end in zip(shares, query(path, name, quantile=shares)[name].values, strict=True):
        below = query(path, "probability", **{name: f"..{end:.12g}{unit}"})
        assert abs(float(below.probability) - share) < 4 * float(below.probability_error)


def test_what_has_no_law_is_refused_with_the_reason(client):
    found = client.get(
        "/query/small/predictions/heat/C_ratio", params={"rival": "kondo,one_over_f", "T": "30mK", "quantile": "0.5"}
    ).json()
    missing = client.get("/query/small/predictions/noise/hooge", params={"rival": "kondo", "T": "30mK"}).json()
    assert {one["method"] for one in missing["points"]} == {"refused"} and "no law" in missing["refused"]
    assert all("no law" in one["remark"] for one in missing["points"])
    assert all(one["value"] is not None for one in found["points"])


@pytest.mark.parametrize(
    ("name", "variable", "at", "said"),
    [
        ("predictions", "C_ratio", {}, "no variable 'C_ratio'; allowed"),
        ("predictions", "heat/C_ratio", {"rival": "ghosts"}, "rival has no 'ghosts'; allowed"),
        ("posterior_background", "probability", {"T_heat": "5mK"}, "allowed: LOW..HIGH"),
        ("evidence", "evidence", {"exact": "1"}, "no kernel computes evidence"),
        ("evidence", "evidence/../x", {}, ""),
    ],
)
def test_a_fault_is_told_as_one(client, name, variable, at, said):
    answer = client.get(f"/query/small/{name}/{variable}", params=at)
    assert answer.status_code in (400, 404) and said in answer.json()["error"]
