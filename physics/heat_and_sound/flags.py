"""What the numbers of the statuses of heat and sound mean: said once, to the kernels and to the registry."""

_STATUSES = ("ok", "beyond_validity", "not_converged", "wider_than_splitting", "off_resonance")
SOUND = {name: number for number, name in enumerate(_STATUSES)}
OK, BEYOND_VALIDITY, NOT_CONVERGED, WIDER_THAN_SPLITTING, OFF_RESONANCE = SOUND.values()
HEAT = {name: SOUND[name] for name in ("ok", "beyond_validity")}
