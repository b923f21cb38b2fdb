"""Requests of any kind to a server: each has a status that says what is wrong, and the server stays as it was."""

import random
import socket
from collections import Counter
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

from faults.table import Table
from helpers import served

CUBE = ("tau_phi", "tau_phi", "regime", "status", "T", "chi")
VARIABLES = {
    "made/dephasing": CUBE,
    "made/virtual": CUBE,
    "made/crossovers": ("T_equal", "T_equal_censoring", "Pd"),
    "made/evidence/evidence": ("name", "place", "single", "ln_evidence"),
    "made/evidence": ("tau_phi",),
    "made/found": ("band/tau_phi", "table", "table/what", "chi", "Pd", "probability", "draws/chi"),
}
AXES = {"T": "50mK", "Lambda0": "2mK", "Pd": "3e45J^-1m^-3", "chi": "0.2", "Estar": "1K"}
ODD = (
    "..",
    "%2e%2e",
    "%00",
    "\\",
    "'",
    '"',
    "τ",
    "%ff",
    " ",
    "&",
    "[",
    "]",
    ":",
    ",",
    "-1",
    "9" * 30,
    "nan",
    "inf",
    "x" * 3000,
)
# What of a finding is asked for takes these.
TAKEN = {
    "band/tau_phi": {"T": "50mK", "rival": "glass", "quantile": "0.5"},
    "table": {"rival": "kondo"},
    "table/what": {"rival": "glass,kondo"},
    "chi": {"quantile": "0.3"},
    "Pd": {"quantile": "0.05,0.95"},
    "probability": {"chi": "0.02..0.1", "Pd": "..1e46J^-1m^-3"},
    "draws/chi": {"draw": "3"},
}
EXACT = (
    b"GET /query/made/dephasing/tau_phi?T=50mK&Lambda0=2mK&Pd=3e45J^-1m^-3&chi=0.2&Estar=1K&exact=1 HTTP/1.1\r\n"
    b"Host: x\r\nConnection: close\r\n\r\n"
)
# More memory than this at the end than after half of the requests is a leak (bytes).
GROWTH = 10 * 2**20


def attack(folder: Path, number: int, seed: int = 0) -> Table:
    """So many requests, most of them valid but for one thing, over raw sockets."""
    table = Table(f"{number:,} requests", ("kind", "requests", "answers", "MB after half of them", "MB at the end"))
    rng, counts, results = random.Random(seed), {}, served.results(folder)
    with served.serving(results) as (address, process):
        port, half, memory = urlsplit(address).port, number // 2, 0
        # The kernel is loaded, and compiled if need be, before memory is looked at.
        _answered(port, EXACT, seconds=120)
        for turn in range(number):
            kind, request = any_request(rng)
            answer = _answered(port, request, whole=kind != "noise")
            status = int(answer[9:12]) if answer[:5] == b"HTTP/" else 0
            counts.setdefault(kind, Counter())[status] += 1
            table.expect(200 <= status < 500 or (kind == "noise" and not answer), f"{status} to {request[:200]!r}")
            hidden = str(folder).encode() in answer and not kind.startswith("file")
            table.expect(not hidden, f"a path is in the answer to {request[:200]!r}")
            if turn == half:
                memory = resident(process)
        end = resident(process)
        table.expect(end < memory + GROWTH, f"the server grew from {memory / 1e6:.0f} to {end / 1e6:.0f} MB")
        whole = _answered(port, b"GET /files/made/dephasing.nc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        same = whole.endswith((results / "made" / "dephasing.nc").read_bytes())
        table.expect(same, "after all this the file is not served as it is")
    for kind, found in sorted(counts.items()):
        answers = ", ".join(f"{status}: {times}" for status, times in sorted(found.items()))
        table.rows.append((kind, sum(found.values()), answers, f"{memory / 1e6:.0f}", f"{end / 1e6:.0f}"))
    return table


def resident(process: int) -> int:
    """The memory of a process, in bytes."""
    line = next(each for each in Path(f"/proc/{process}/status").read_text().splitlines() if each.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def any_request(rng: random.Random) -> tuple[str, bytes]:
    """What kind of request it is, and its bytes."""
    kind = rng.choice(("dap", "query", "file", "list", "file in ranges", "noise"))
    method, headers = rng.choices(("GET", "HEAD", "POST", "PUT", "GETT", ""), (90, 6, 1, 1, 1, 1))[0], ""
    known = rng.choices(list(VARIABLES), (3, 3, 1, 2, 1, 3))[0]
    name = _odd(rng, known, 0.1)
    if kind == "dap":
        path = f"/dap/{name}.{_odd(rng, rng.choice(('dds', 'das', 'dods')), 0.05)}?{_constraint(rng, VARIABLES[known])}"
    elif kind == "query":
        variable = rng.choice(VARIABLES[known])
        every = TAKEN.get(variable, AXES)
        axes = {key: value for key, value in every.items() if rng.random() < 0.95}
        if rng.random() < 0.2:
            axes[rng.choice(("nearest", "format", "exact", *every))] = rng.choice(("1", "csv", "1K,0.1K", "0.5", *ODD))
        asked = "&".join(_odd(rng, f"{key}={quote(value)}", 0.03) for key, value in axes.items())
        path = f"/query/{name}/{_odd(rng, variable, 0.05)}?{asked}"
    elif kind == "list":
        path = _odd(rng, rng.choice(("/", "/cubes", "/openapi.json", f"/cubes/{name}")), 0.2)
    elif kind == "noise":
        return kind, rng.randbytes(rng.randrange(200)) + b"\r\n\r\n"
    else:
        path = f"/files/{name}.nc"
    if kind == "file in ranges":
        ends = (rng.choice(("", rng.randrange(10**5), -3, 10**30)) for _ in range(2))
        headers = f"Range: {_odd(rng, 'bytes=' + '-'.join(map(str, ends)), 0.1)}\r\n"
    text = f"{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}Connection: close\r\n\r\n"
    return kind, text.encode("utf-8", "surrogateescape")


def _constraint(rng: random.Random, variables: tuple[str, ...]) -> str:
    """Variables with slices, mostly some that are there."""
    parts = []
    for _ in range(rng.choice((0, 1, 1, 2))):
        ends = (
            ":".join(map(str, sorted(rng.choices(range(4), k=rng.choice((1, 2, 3))))))
            for _ in range(rng.choice((0, 5)))
        )
        parts.append(rng.choice(variables) + "".join(f"[{each}]" for each in ends))
    return _odd(rng, ",".join(parts), 0.2)


def _odd(rng: random.Random, text: str, share: float) -> str:
    """The text, in this share of the cases with something odd in it, or without a piece."""
    if rng.random() > share:
        return text
    place = rng.randrange(len(text) + 1)
    return text[:place] + rng.choice((*ODD, "")) + text[place + rng.randrange(3) :]


def _answered(port: int, request: bytes, whole: bool = True, seconds: float = 20) -> bytes:
    """All that the server says to some bytes until it closes the connection, or says nothing more for so many seconds;
    not `whole`, it is told that no more bytes will come."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(request)
        if not whole:
            connection.shutdown(socket.SHUT_WR)
        said = b""
        with suppress(TimeoutError):
            while part := connection.recv(2**20):
                said += part
    return said
