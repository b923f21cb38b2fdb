"""Every quantity with every combination of its options, all over its domain, corners included: it returns, its numbers
are within their bounds or the status says why not, and they do not depend on what they were computed together with."""

import re
import subprocess
import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest

from helpers import whole_domain
from physics import QUANTITIES

# Far longer than compiling takes: whatever reaches it does not return.
WATCHDOG = 400


@pytest.mark.parametrize("name", QUANTITIES)
def test_it_holds_all_over_the_domain(name):
    program = [sys.executable, whole_domain.__file__, name]
    try:
        done = subprocess.run(program, capture_output=True, text=True, timeout=WATCHDOG)
    except subprocess.TimeoutExpired as error:
        pytest.fail(f"does not return: {error.stdout.decode().splitlines()[-1]}")
    lines = done.stdout.splitlines()
    faults = [
        f"{line}\n  in {next(call for call in reversed(lines[:number]) if call.startswith(whole_domain.CALL))}"
        for number, line in enumerate(lines)
        if line.startswith(whole_domain.FAULT)
    ]
    assert done.returncode == 0, done.stderr
    assert len(lines) - len(faults) > whole_domain.FEWER.get(name, 5 * whole_domain.POINTS) / 5
    assert not faults, "\n".join(faults[:20])


def faulty(T, *, background, variables, **_others):
    if background == "bulk":
        np.exp(1e4 * T)
    values = {
        "rate_ee": np.where(T > 1, np.inf, T),
        "rate_ep": T + (T.size == 1),
        "rate_total": -T,
        "tau_phi": np.where(T > 1, np.inf, T),
        "status": np.where(T > 1, np.uint8(1), np.uint8(0)),
    }
    return {name: values["tau_phi" if background == "film" and name != "status" else name] for name in variables}


def test_what_does_not_hold_is_found(monkeypatch, capsys):
    monkeypatch.setitem(QUANTITIES, "background", replace(QUANTITIES["background"], kernel="test_whole_domain:faulty"))
    with warnings.catch_warnings():
        whole_domain.main("background")
    faults = {"wire": [], "film": [], "bulk": []}
    for line in capsys.readouterr().out.splitlines():
        if line.startswith(whole_domain.CALL):
            kind = re.search("background='(.*?)'", line)[1]
        else:
            faults[kind].append(line)
    assert not faults["film"]
    assert all(line == "fault: RuntimeWarning: overflow encountered in exp" for line in faults["bulk"])
    for words in (r"rate_total\[\d+\] = -", r"row \d+ alone: other bits of rate_ep$"):
        assert any(re.search(words, line) for line in faults["wire"])
    assert faults["bulk"] and not any("rate_ee" in line or "tau_phi" in line for line in faults["wire"])
