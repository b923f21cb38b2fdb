"""The colour maps that a diagram may name: those of Matplotlib, Bokeh and colorcet.

They are those that HoloViews finds when it draws, asked for without its import, which takes seconds: a survey is held
against them before anything is computed.
"""

from functools import cache

from survey.errors import SurveyError


def refuse_unknown(name: str) -> None:
    """SurveyError if there is no colour map of this name."""
    if name not in _known():
        raise SurveyError(
            f"found {name!r}, no colour map; allowed: those of Matplotlib, Bokeh and colorcet, e.g. viridis, magma, "
            "RdBu, and with _r after the name in the opposite order"
        )


@cache
def _known() -> frozenset[str]:
    # Imported first: it adds its maps to those of Matplotlib.
    import colorcet  # isort: skip
    import matplotlib
    from bokeh.palettes import all_palettes

    names = {*matplotlib.colormaps, *all_palettes, *colorcet.palette_n, "glasbey_hv"}
    return frozenset(names | {f"{name}_r" for name in names if not name.endswith("_r")})
