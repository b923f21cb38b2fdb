"""Points of the whole domain of `attenuation`, drawn by a seed; as a program, the quantity at many of them.

The sound is slow or fast by the domain alone, at the edge of the tunnelling amplitude, at the cut-off or beyond it.
"""

from itertools import product

import numpy as np

from physics import QUANTITIES
from physics.constants import BOLTZMANN, HBAR

QUANTITY = QUANTITIES["attenuation"]
DOMAIN = {name: QUANTITY.limits(name) for name in QUANTITY.axes}
GLASS = {"Pd_glass": 7e44, "Estar_glass": 20.0}
P_MIN = 1e-12
U0 = 1e-48
RESONANCES = ("anywhere", "at the amplitude", "at the cut-off", "beyond the cut-off")
KINDS = tuple(QUANTITY.options["counter_rotating"])
CONVENTIONS = tuple(QUANTITY.options["convention"])


def logarithmic(random, low, high, count):
    return np.exp(random.uniform(np.log(low), np.log(high), count))


def drawn(resonance, count, seed):
    """Axes as arrays; Lambda0 < E*/2, and the scale t of the clusters is below 1, where the references have P_n."""
    random = np.random.default_rng(seed)
    axes = {name: logarithmic(random, *DOMAIN[name], count) for name in ("T", "Lambda0", "chi", "Estar", "omega")}
    # Half of it is within the domain too.
    axes["chi"] = np.maximum(axes["chi"], 2 * DOMAIN["chi"][0])
    lower = np.minimum(axes["Lambda0"], axes["Estar"] * logarithmic(random, 1e-3, 0.499, count))
    axes["Lambda0"] = np.maximum(lower, DOMAIN["Lambda0"][0])
    t_end = np.minimum(1.0, 0.3 * np.log(np.maximum(axes["Estar"] / axes["T"], 1.001)))
    t = t_end * logarithmic(random, 1e-3, 1.0, count)
    axes["Pd"] = 3 * t / np.log(np.maximum(axes["Estar"] / axes["T"], 1.001)) / (np.pi * U0)
    close = random.choice([-1.0, 1.0], count) * logarithmic(random, 1e-13, 0.3, count)
    far = logarithmic(random, 1.0, 1e4, count)
    levels = {"at the amplitude": axes["Lambda0"] * (1 + close), "at the cut-off": axes["Estar"] * (1 + close)}
    levels["beyond the cut-off"] = axes["Estar"] * far
    if resonance in levels:
        axes["omega"] = np.minimum(levels[resonance] * BOLTZMANN / HBAR, DOMAIN["omega"][1])
    return axes


def corners():
    names = ("T", "Lambda0", "Pd", "chi", "Estar", "omega")
    return dict(zip(names, np.array(list(product(*(DOMAIN[name] for name in names)))).T, strict=True))


def values(axes, distribution, kind, convention):
    """The variables; a glass knows no Lambda0."""
    own = {"U0": U0} if distribution == "clusters" else {}
    if distribution == "gaussian_barrier":
        own["barrier_width"] = 0.1
    if convention == "consistent":
        own |= {"p_min_glass": P_MIN} | ({"p_min": P_MIN} if distribution == "glass" else {})
    axes = {name: value for name, value in axes.items() if distribution != "glass" or name != "Lambda0"}
    options = {"distribution": distribution, "counter_rotating": kind, "convention": convention}
    return QUANTITY(**axes, **GLASS, **own, **options)


def call_them_all():
    groups = {resonance: drawn(resonance, 150, seed) for seed, resonance in enumerate(RESONANCES)}
    for name, axes in ({"corners": corners()} | groups).items():
        for distribution, kind in product(QUANTITY.options["distribution"], KINDS):
            print(distribution, kind, "resonance", name, flush=True)
            found = values(axes, distribution, kind, "published")
            # 3 and 4 warn.
            ok = np.isin(found.pop("status"), (0, 3, 4))
            assert ok.all() or (name == "corners" and ok.any())
            for value in found.values():
                assert (np.isfinite(value) & (value >= 0))[ok].all()


if __name__ == "__main__":
    call_them_all()
