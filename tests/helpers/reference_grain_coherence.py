"""The margins of `grain_coherence`, each as paper 002 has it, one cell at a time with numbers of any size."""

import mpmath

from physics.constants import BOLTZMANN, HBAR

KELVIN = mpmath.mpf(BOLTZMANN) / mpmath.mpf(HBAR)


def _form_factor(kappa):
    """<sinc^2(kappa s)> over the distances s of two points in a sphere of radius 1."""
    ends = mpmath.linspace(0, 2, 3 + int(kappa))
    return mpmath.quad(lambda s: 3 * s**2 * (1 - 0.75 * s + s**3 / 16) * mpmath.sinc(kappa * s) ** 2, ends)


def _electrons(electrons, T, S, Delta, bounce, g, D, kF_spacing):
    damping = 2 * mpmath.pi * KELVIN * T
    alpha_s = g**2 * S ** (mpmath.mpf(2) / 3)
    if electrons == "insulating_substrate":
        splitting = Delta * min(1, D * KELVIN / (S * bounce)) ** alpha_s
        return splitting / (damping * alpha_s / (1 + mpmath.exp(D / (S * T))))
    if electrons == "surface":
        alpha = alpha_s
    else:
        alpha = 2 * g**2 * S**2 * _form_factor(kF_spacing * mpmath.cbrt(S))
    splitting = Delta * (Delta / bounce) ** (alpha / (1 - alpha)) if alpha < 1 else 0
    return splitting / (damping * alpha)


def of_spin(point, constants):
    """The point and the constants with Delta_o and Omega_o of (1), H = (-K S_z^2 + K_perp S_y^2)/S, in their place."""
    S, K, K_perp = (mpmath.mpf(float(value)) for value in (point["S"], constants["K_anisotropy"], constants["K_perp"]))
    bounce = 2 * mpmath.sqrt(K * K_perp) * KELVIN
    Delta = max(bounce * mpmath.exp(-S * mpmath.sqrt(K / K_perp)), mpmath.mpf("1e-40"))
    return point | {"Delta_tilde": Delta}, constants | {"Omega_bounce": bounce}


def margins(point, constants, electrons, spread, convention):
    """The margins and the other variables but `limit` as numbers of mpmath; None for the electrons that are none."""
    p = {name: mpmath.mpf(float(value)) for name, value in (point | constants).items()}
    T, S, N, omega0, T2, Delta = (p[name] for name in ("T", "S", "N_nuclei", "omega0", "T2", "Delta_tilde"))
    bounce, g, D = p["Omega_bounce"], p["g_kondo"], p["bandwidth"]
    sigma = omega0 * mpmath.sqrt(N) / (1 if convention == "published" else 2)
    coflips = N * mpmath.pi**2 * omega0**2 / (4 * bounce**2)
    drift = 1 / T2 if spread == "dipolar" else p["domega0"]
    phonon = (p["K_anisotropy"] * S) ** 2 / p["Theta_D"] * KELVIN * (Delta / (KELVIN * p["Theta_D"])) ** 3
    phonon *= (Delta / bounce) ** 2 * mpmath.coth(Delta / (2 * KELVIN * T))
    c = 1 if convention == "published" else 2
    found = {
        "margin_degeneracy": Delta / sigma,
        "margin_coflips": 1 / coflips,
        "margin_diffusion": Delta / mpmath.cbrt(N * drift**2 / T2),
        "margin_phonons": Delta / phonon,
        "coflip_number": coflips,
        "A": c * mpmath.sqrt(mpmath.pi / 2) * Delta / sigma * mpmath.exp(-((sigma / (KELVIN * T)) ** 2) / 2),
    }
    if electrons != "none":
        found["margin_electrons"] = _electrons(electrons, T, S, Delta, bounce, g, D, p.get("kF_spacing"))
    return found


def largest_spin(point, constants):
    """The smallest S with S (T/D) ln[C S^(-1/3)] = 1, C = 2 pi g^2 D/Delta_r, infinite if there is none: the logarithm
    of S, x, on the rising side of x -> exp(x) (ln C - x/3), by bisection."""
    T, D = mpmath.mpf(float(point["T"])), mpmath.mpf(constants["bandwidth"])
    C = 2 * mpmath.pi * mpmath.mpf(constants["g_kondo"]) ** 2 * D * KELVIN / mpmath.mpf(float(point["Delta_tilde"]))

    def excess(x):
        return mpmath.exp(x) * T / D * (mpmath.log(C) - x / 3) - 1

    top = 3 * mpmath.log(C) - 1
    if excess(top) < 0:
        return mpmath.inf
    low, high = top - 2000, top
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) < 0 else (low, middle)
    return mpmath.exp(low)


def limit(found, ensemble):
    """The name of the smallest margin (numbers of mpmath) below 1, "coherent" if there is none."""
    names = {
        "margin_degeneracy": "degeneracy",
        "margin_coflips": "coflips",
        "margin_diffusion": "nuclear_diffusion",
        "margin_electrons": "electrons",
        "margin_phonons": "phonons",
    }
    below = {name: found[name] for name in names if name in found and found[name] < 1}
    if ensemble == "resonant":
        below.pop("margin_degeneracy", None)
    return names[min(below, key=below.get)] if below else "coherent"
