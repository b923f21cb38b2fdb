"""Conductance noise of defects in 1/f motion, up to its end at the dephasing rate, and the defects that make it.

A defect that moves at the rate nu changes the conductance if it is slower than the electrons' phase, nu tau_phi < 1,
and dephases if it is faster (paper 000, before eq. (3)). Its telegraph noise is a Lorentzian, and the variance is the
same from every e-fold of nu, alpha_H/N of eq. (7), so that the noise of a sample of N electrons is, one-sided,

    S_G/G^2 = (alpha_H/N) int_0^(1/tau_phi) (dnu/nu) 4 nu/(nu^2 + (2 pi f)^2) = (alpha_H/(N f)) (2/pi) arctan(f_phi/f)

with f_phi = 1/(2 pi tau_phi): alpha_H/(N f) below, and 1/f^2 beyond.
"""

import numpy as np

from physics.noise.defects import defect_density, level_average_hot
from physics.noise.flags import NO_WINDOW, NOISE_SATURATED, OK, RATE_ABOVE_TEMPERATURE, SATURATED, TOO_MANY
from physics.noise.one_over_f import one_over_f


def noise_of_sample(frequency, tau_phi, hooge, N_electrons):
    """S_G/G^2 (1/Hz), one-sided, of a sample of N electrons: (hooge/(N f)) (2/pi) arctan(1/(2 pi f tau_phi)).

    frequency f (Hz), tau_phi (s), hooge (1) per e-fold, N_electrons (1): arrays that broadcast. Relative accuracy
    1e-14. Limits: hooge/(N f) for f << 1/(2 pi tau_phi), hooge/(pi^2 N f^2 tau_phi) beyond. Derived from eq. (7).
    """
    end = np.arctan(1 / (2 * np.pi * frequency * tau_phi))
    return hooge / (N_electrons * frequency) * (2 / np.pi) * end


def conductance_noise(T, frequency, *, v_F, F2, N_electrons, variables, **given):
    """The variables of the quantity `conductance_noise` (see `physics.QUANTITIES`) as a dict of arrays.

    S_relative (1/Hz) and S_relative_standard, `noise_of_sample` with the dephasing rate of `one_over_f` and with the
    standard rate alone; f_end (Hz) = 1/(2 pi tau_phi), 1/tau_phi = rate_total; L_phi (m) = sqrt(D tau_phi), D = v_F^2
    tau/3; Delta1_g (1), the change of the conductance (e^2/h) of a coherent volume by one moved defect, eq. (5),

        (Delta1_g)^2 = (k_F l)^-2 (l/L_phi) F1 F2;

    n_defects (1/m3) = n_i, 1/l = n_i sigma with sigma = F2/k_F^2; n_per_efold = n_i p_t/lambda (n_1 of the paper) and
    n_active = p n_i (n_0), after eq. (4). status: 1 ln(alpha) <= 1, the noise of a coherent volume is saturated and (7)
    too large; 2 hbar/tau_phi >= k_B T, no frequency is left to eq. (3); 3 more two-level defects than there are.

    Parameters (arrays that broadcast): T (K), frequency f (Hz), and the axes and constants of `one_over_f` with its
    options; v_F (m/s), F2 = sigma k_F^2 (1), at most 1, N_electrons (1). Relative accuracy 1e-9. Limits of validity: a
    bulk sample, larger than L_phi; frequencies above the slowest motion, which the paper leaves open.
    """
    F1, tau, kFl, log_range = (given[name] for name in ("F1", "tau", "kFl", "log_range"))
    Lambda0, Estar = given.get("Lambda0"), given.get("Estar")
    names = ("rate_total", "rate_standard", "hooge", "hooge_standard", "p_active", "regime")
    found = one_over_f(T, variables=names, **given)
    moving = given["p_t"] if given["model"] == "generic" else np.minimum(Lambda0 / Estar, 1.0)
    path, tau_phi = v_F * tau, 1 / found["rate_total"]
    L_phi = path * np.sqrt(tau_phi / (3 * tau))
    n_defects = defect_density(tau=tau, kFl=kFl, v_F=v_F, F2=F2)
    noise = found["regime"] & RATE_ABOVE_TEMPERATURE
    status = np.where(noise == NOISE_SATURATED, SATURATED, OK)
    status = np.where(noise == RATE_ABOVE_TEMPERATURE, NO_WINDOW, status)
    if given["model"] == "two_level":
        status = np.where(Lambda0 / Estar * level_average_hot(Lambda0, Estar) > log_range, TOO_MANY, status)
    standard = 1 / found["rate_standard"]
    result = {
        "S_relative": noise_of_sample(frequency, tau_phi, found["hooge"], N_electrons),
        "S_relative_standard": noise_of_sample(frequency, standard, found["hooge_standard"], N_electrons),
        "f_end": 1 / (2 * np.pi * tau_phi),
        "L_phi": L_phi,
        "Delta1_g": np.sqrt(path / L_phi * F1 * F2) / kFl,
        "n_defects": n_defects,
        "n_per_efold": n_defects * moving / log_range,
        "n_active": n_defects * found["p_active"],
        "status": status.astype(np.uint8),
    }
    of_defects = tau_phi.shape
    return {
        name: np.array(result[name] if name.startswith("S_") else np.broadcast_to(result[name], of_defects))
        for name in variables
    }
