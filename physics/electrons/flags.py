"""What the numbers of the regime and the status of dephasing mean: said once, to the kernels and to the registry."""

REGIME = {
    "resonant_dominates": 1,
    "relaxation_dominates": 2,
    "phase_jump": 4,
    "phase_wandering": 8,
    "slow_defects": 16,
    "slow_and_fast_defects": 32,
    "fast_defects": 48,
    "thermally_active": 64,
    "frozen_out": 128,
}
GROUPS = (3, 12, 48, 192)
_STATUSES = ("ok", "rate_above_temperature", "frozen", "empty", "not_converged", "beyond_validity")
STATUS = {name: number for number, name in enumerate(_STATUSES)}
OK, RATE_ABOVE_TEMPERATURE, FROZEN, EMPTY, NOT_CONVERGED, BEYOND_VALIDITY = STATUS.values()
WITHOUT_LEVELS = {name: STATUS[name] for name in ("ok", "rate_above_temperature")}
MAGNETORESISTANCE = {name: STATUS[name] for name in ("ok", "empty", "not_converged", "beyond_validity")}
