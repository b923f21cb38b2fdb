"""Solutions of the renormalisation group of paper 003, eq. (4.6): coagulation of clusters with b = (k m)^s."""

from functools import lru_cache

import numpy as np
from scipy.integrate import DOP853

from physics.clusters.interpolation import gather, log_densities, log_moments
from physics.clusters.panels import panels, state_weights
from physics.clusters.rate import integrate, series
from physics.parameters import PARAMETERS, ParameterError

T_END = 30.0
MOMENTS = (0.0, 0.5, 1.0, 1.5, 2.0)
# N0, the degree of an octave and the number of octaves: up to n = 4.5e15, where n^2 P is 0 at t = 30.
HALF, DEGREE, OCTAVES = 64, 14, 46
# The power series in t holds up to T_SERIES; then knots, 1/(their distance) = 1/(RELATIVE t) + 1/LONGEST.
T_SERIES, TERMS = 1 / 32, 36
RELATIVE, LONGEST = 1 / 20, 0.4
# A step is at most STEP t (1 + t)^(3/2): then P_n has its digits up to n = 2 N0 + 1, however small it is.
STEP = 0.01
KNOTS_BEYOND = 4
OPENED_AT, FRONT_ENDS_AT = 1e-22, 1e-9


class Trajectory:
    """P_n(t) and its moments for one kernel b, from t = 0, where P_n is 1 for n = 1 and 0 for all others, to T_END."""

    moments = MOMENTS

    def P(self, n, t):
        """P_n(t), the density of states of n-centre excitations in units of that of the primary centres (1).

        n (1, real, >= 1) and t = chi xi (1, 0 ... 30), arrays that broadcast; returns the broadcast shape. P is that
        of eq. (4.6) at integers; between them ln P is a smooth interpolation, a convention. Raises ParameterError.
        """
        return np.exp(self.log_P(n, t))

    def log_P(self, n, t):
        """ln P_n(t), as `P`, also where P_n is too small for a number; -inf for n > 1 at t = 0."""
        n, t = np.broadcast_arrays(PARAMETERS["n"].check(n), _checked_time(t))
        return self._log_P(n.ravel(), t.ravel()).reshape(n.shape)

    def moment(self, m, t):
        """I_m(t) = sum_n n^m P_n(t) (1), eq. (6.5), for m = 0, 1/2, 1, 3/2, 2 or s and t (1, 0 ... 30, any shape).

        I_0 is the total density of states, I_1 = 1 the number of centres. Raises ParameterError.
        """
        if m not in self.moments:
            raise ParameterError(f"m = {m!r} is unknown; allowed: {', '.join(f'{known:g}' for known in self.moments)}")
        t = _checked_time(t)
        return np.exp(self._log_moment(float(m), t.ravel()).reshape(t.shape))


class ConstantKernel(Trajectory):
    """b = 1, exactly: P_n = t^(n-1)/(1 + t)^(n+1), eq. (5.7)."""

    def _log_P(self, n, t):
        with np.errstate(divide="ignore"):
            first = np.where(n > 1, (n - 1) * np.log(np.where(n > 1, t, 1.0)), 0.0)
        return first - (n + 1) * np.log1p(t)

    def _log_moment(self, m, t):
        if m in (0, 1, 2):
            return {0: -np.log1p(t), 1: 0 * t, 2: np.log1p(2 * t)}[int(m)]
        # t/(1 + t) to this power is below 1e-18.
        n = np.arange(1.0, 42 * (1 + T_END))
        return np.array([np.log((n**m * np.exp(self._log_P(n, np.full_like(n, at)))).sum()) for at in t])


class ProductKernel(Trajectory):
    """b = (k m)^s, 0 <= s = `power` <= 1/2, by the method of docs/theory-003-clusters.md; sqrt(k m) by default.

    The keywords set the resolution: N0, the degree of an octave, and what the distances of the knots and the steps in
    t are multiplied by.
    """

    def __init__(self, power=0.5, *, half=HALF, degree=DEGREE, pace=1.0):
        tables = panels(half, degree, power)
        count, size = 2 * half + 1, 2 * half + 1 + OCTAVES * degree
        n = np.arange(1.0, count + 1)
        coefficients = series(tables.root, TERMS)
        times = _knots(pace)
        self.moments = tuple(dict.fromkeys((*MOMENTS, power)))
        moments = np.array([state_weights(tables, m, size) for m in self.moments])
        states = np.zeros((len(times), size))
        states[0, :count] = T_SERIES ** (n - 1) * np.polynomial.polynomial.polyval(T_SERIES, coefficients.T)
        distances = np.diff(times, prepend=times[0])
        substeps = np.maximum(1, np.ceil(distances / (pace * STEP * times * (1 + times) ** 1.5))).astype(np.int64)
        a, b = (np.ascontiguousarray(part[: len(DOP853.B)]) for part in (DOP853.A[:, : len(DOP853.B)], DOP853.B))
        mass = moments[MOMENTS.index(1.0)].copy()
        #: The largest |dI_1/dt| of the discretisation before it was taken out.
        self.mass_error = integrate(states, times, substeps, mass, tables, a, b, OPENED_AT)
        self._solution = gather(
            states, times, coefficients, tables.start, degree, pace * RELATIVE, pace * LONGEST, FRONT_ENDS_AT
        )
        self._log_moments = np.log((states[:, None, :] * moments).sum(-1))
        self._moment_series = [
            [sum(n[i - j] ** m * coefficients[i - j, j] for j in range(i + 1) if i - j < count) for i in range(TERMS)]
            for m in self.moments
        ]

    def _log_P(self, n, t):
        return log_densities(np.array(n), np.array(t), self._solution)

    def _log_moment(self, m, t):
        index = self.moments.index(m)
        early = np.polynomial.polynomial.polyval(np.minimum(t, T_SERIES), self._moment_series[index])
        late = log_moments(np.maximum(t, T_SERIES), np.ascontiguousarray(self._log_moments[:, index]), self._solution)
        return np.where(t < T_SERIES, np.log(early), late)


def _knots(pace):
    """Times at which tau = [ln(t/T_SERIES)/RELATIVE + (t - T_SERIES)/LONGEST]/pace is 0, 1, 2, ..., beyond T_END."""

    def tau(t):
        return (np.log(t / T_SERIES) / RELATIVE + (t - T_SERIES) / LONGEST) / pace

    wanted = np.arange(np.ceil(tau(T_END)) + KNOTS_BEYOND)
    trial = np.geomspace(T_SERIES, 2 * T_END, 1000)
    t = np.exp(np.interp(wanted, tau(trial), np.log(trial)))
    for _ in range(8):
        t -= (tau(t) - wanted) * pace / (1 / (RELATIVE * t) + 1 / LONGEST)
    return t


def _checked_time(t):
    t = np.asarray(t, dtype=np.float64)
    good = (t >= 0) & (t <= T_END)
    if not good.all():
        raise ParameterError(f"t = {t[~good].flat[0]:g} is outside its domain; allowed: 0 <= t <= {T_END:g}")
    return t


@lru_cache(maxsize=16)
def solved(power):
    """The trajectory of b = (k m)^power, solved when it is first asked for."""
    return ConstantKernel() if power == 0 else ProductKernel(power)
