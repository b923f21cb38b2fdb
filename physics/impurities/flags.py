"""What the numbers of statuses and regimes of impurities mean: said once, to the kernels and to the registry."""

MAGNETIC = {"ok": 0, "rate_above_temperature": 1, "below_kondo_temperature": 2}
KONDO = {"ok": 0, "not_converged": 1}
KONDO_REGIME = {"rate_below_temperature": 1, "rate_above_temperature": 2}
