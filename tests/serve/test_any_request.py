"""Whatever is asked, the answer is one of those that are described, and no path of the machine is in it."""

from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NAMES = [
    "made/dephasing",
    "made/virtual",
    "made/crossovers",
    "made/evidence",
    "made/evidence/evidence",
    "made/evidence/words",
]
VARIABLES = [
    "tau_phi",
    "regime",
    "status",
    "T",
    "chi",
    "T_equal",
    "T_equal_censoring",
    "name",
    "place",
    "single",
    "word",
]
VALUES = [
    "40mK",
    "0.1",
    "1e46J^-1m^-3",
    "1K,0.05K",
    "-1K",
    "inf K",
    "nan",
    "1e400K",
    "K",
    ",",
    "1",
    "0",
    "json",
    "\0",
    "τ",
]
KEYS = ["T", "Lambda0", "Pd", "chi", "Estar", "nearest", "exact", "format", "omega", ""]
ANY = st.text(max_size=12)
number = st.integers(-2, 9) | st.integers(0, 10**20)
part = st.lists(number, max_size=4).map(lambda each: f"[{':'.join(map(str, each))}]")
projection = st.tuples(st.sampled_from(VARIABLES) | ANY, st.lists(part, max_size=6)).map(
    lambda each: each[0] + "".join(each[1])
)
constraint = st.lists(projection, max_size=3).map(",".join) | ANY
name = (
    st.sampled_from(NAMES)
    | ANY
    | st.sampled_from(["..", "made/..", "store/dephasing", "made", "/etc/passwd", "made/nothing"])
)
asked = st.dictionaries(st.sampled_from(KEYS) | ANY, st.sampled_from(VALUES) | ANY, max_size=6)
ALLOWED = {200, 206, 307, 400, 404, 405, 413, 416}
fuzz = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


def checked(client, results, path: str, **more) -> None:
    answer = client.request(more.pop("method", "GET"), path, **more)
    assert answer.status_code in ALLOWED, (path, answer.status_code, answer.text[:500])
    if not path.startswith("/files"):
        assert str(results) not in answer.text and str(results.parent) not in answer.text
    if answer.status_code >= 400 and answer.request.method != "HEAD" and "Range" not in more.get("headers", {}):
        by_dap = answer.headers.get("content-description") == "dods_error"
        assert answer.text.startswith("Error {" if by_dap else '{"error": "'), (path, answer.text)


@fuzz
@given(name, st.sampled_from(["dds", "das", "dods", "ver", ""]), constraint)
def test_dap(client, results, name, ending, constraint):
    checked(client, results, f"/dap/{quote(name)}.{ending}?{quote(constraint, safe='[]:,')}")


@fuzz
@given(name, st.sampled_from(VARIABLES) | ANY, asked)
def test_queries(client, results, name, variable, asked):
    checked(client, results, f"/query/{quote(name)}/{quote(variable, safe='')}", params=asked)


@fuzz
@given(name, st.text("0123456789-,= bytes", max_size=20), st.sampled_from(["GET", "HEAD"]))
def test_ranges(client, results, name, text, method):
    checked(client, results, f"/files/{quote(name)}.nc", headers={"Range": f"bytes={text}"}, method=method)


@fuzz
@given(ANY, st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"]))
def test_addresses_and_methods(client, results, path, method):
    checked(client, results, f"/{quote(path)}", method=method)
