"""What a status of a cell means for the reader of its number, in one sentence."""

from survey.mathtext import words

MEANINGS = {
    "ok": "the theory holds here, and the number is as accurate as the quantity promises",
    "rate_above_temperature": "ħ/τφ > k_B T: the electrons are no quasiparticles, and the theory ends",
    "frozen": "the levels are frozen out: T is far below the smallest splitting, and little is left to scatter",
    "empty": "there is no level here: E* is not above Λ₀",
    "not_converged": "the computation did not get to its end here, and there is no number",
    "beyond_validity": "the theory of the levels does not hold here; the number is that of its formulas",
    "below_kondo_temperature": "below T_K the formula for magnetic impurities does not hold",
    "wider_than_splitting": "levels near Λ₀ are wider than their splitting, and the number is rough",
    "off_resonance": "no level is in resonance with the sound; the number depends on the model of the line's wing",
    "plateau_does_not_exist": "there is no plateau of the internal friction here; the number is that of its formula",
    "W_not_largest": "the spread W of the energies is not the largest energy, as the theory wants it",
    "out_of_table": "t is above 30, where the table of the theory ends, and there is no number",
    "n_eff_below_1": "less than one centre would absorb here, which has no meaning",
    "chi_rg_not_small": "the interaction of the levels is not small, as the theory wants it",
    "Lambda0_not_small": "Λ₀ is not small beside the interaction, as the theory wants it",
    "step_functions_ignored": "the theory cuts its averages off, which the formula leaves out; the number is rough",
    "T_above_W": "the temperature is above the spread W of the energies, and there is no number",
    "no_solution": "the equation that gives the number has no solution here",
    "amplitude_above_T": "the tunnelling amplitude is above the temperature",
    "outside_range": "what is so far in the tail of the distribution is given as 0",
    "no_crossover": "there is no crossover here",
    "noise_saturated": "the noise is saturated here",
    "impossible": "the parameters belong to no grain, and there is no number",
    "narrow_bias": "the distribution of the bias is too narrow for the formula",
    "narrow_phase": "the distribution of the phase is too narrow for the formula",
    "uneven_bias": "the bias is not evenly distributed over a resonance",
    "cold": "next to no grain has zero bias at this temperature",
    "slower_than_T2": "the motion is slower than T₂, and the formula does not hold",
}
# What the censoring of a crossover says; {along} is the symbol of its axis.
CENSORING = {
    "found": "",
    "below": "lies below the computed range of {along}",
    "above": "lies above the computed range of {along}",
    "absent": "does not occur within the computed range of {along}",
    "undefined": "not known: cells without numbers",
    "several": "there are several; the highest is given",
    "open_below": "reaches the lowest computed {along}",
    "open_above": "reaches the highest computed {along}",
    "open_at_both_ends": "reaches both ends of the computed range of {along}",
}


def meaning(status: str) -> str:
    """The sentence of a status; one without a sentence is spelt out."""
    return MEANINGS.get(status, words(status))
