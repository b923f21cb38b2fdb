"""What the numbers of statuses and regimes of 1/f motion mean: said once, to the kernels and to the registry."""

REGIME = {
    "standard_dominates": 1,
    "defects_constant": 2,
    "defects_linear": 3,
    "rate_near_temperature": 4,
    "noise_valid": 8,
    "noise_saturated": 16,
    "rate_above_temperature": 24,
}
GROUPS = (7, 24)
CROSSOVER = {"ok": 0, "no_crossover": 1, "not_converged": 2, "beyond_validity": 3}
NOISE = {"ok": 0, "noise_saturated": 1, "rate_above_temperature": 2, "beyond_validity": 3}
LINE = {"no_level": 0, "narrow": 1, "wide": 2}

STANDARD, DEFECTS_CONSTANT, DEFECTS_LINEAR, RATE_NEAR_TEMPERATURE = list(REGIME.values())[:4]
NOISE_VALID, NOISE_SATURATED, RATE_ABOVE_TEMPERATURE = list(REGIME.values())[4:]
OK, NO_CROSSOVER, NOT_CONVERGED, BEYOND_VALIDITY = CROSSOVER.values()
_, SATURATED, NO_WINDOW, TOO_MANY = NOISE.values()
NO_LEVEL, NARROW, WIDE = LINE.values()
