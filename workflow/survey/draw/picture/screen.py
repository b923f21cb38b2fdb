"""A scene for the screen: its layers as hvPlot objects, rendered by Bokeh."""

import math

import holoviews
import hvplot.pandas
import hvplot.xarray
import numpy as np
import pandas
import xarray
from bokeh.layouts import gridplot
from bokeh.models import CustomJSTickFormatter, FixedTicker, HoverTool, Legend, LinearAxis, LogAxis, Title

from survey.draw.picture.captions import FONTS, mark_texts
from survey.draw.picture.scene import Axis, Band, Line, Mark, Mesh, Points, Scene, Sheet, panels
from survey.mathtext import unicode_text

# Of the ticks in sight all get a label, or 1, 2 and 5 in each decade, or the decades, whatever there is room for.
_SCREEN_TICK = """
const lead = value => Math.round(value / Math.pow(10, Math.floor(Math.log10(value) + 1e-9)))
const count = shown => ticks.filter(value => shown.includes(lead(value))).length
const shown = ticks.length <= 6 ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : count([1, 2, 5]) <= 8 ? [1, 2, 5] : [1]
if (!shown.includes(lead(tick))) return ""
if (tick >= 0.00099 && tick < 99999) return String(Number(tick.toPrecision(3)))
const power = Math.floor(Math.log10(tick) + 1e-9)
const mantissa = Number((tick / Math.pow(10, power)).toPrecision(2))
const raised = c => c == "-" ? "\u207b" : "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"[Number(c)]
const digits = String(power).split("").map(raised).join("")
return (mantissa == 1 ? "" : mantissa + "\u00d7") + "10" + digits
"""

_HATCHES = {
    1: "right_diagonal_line",
    -1: "left_diagonal_line",
    2: "diagonal_cross",
    3: "right_diagonal_line",
    -3: "left_diagonal_line",
}


def draw(drawn: Scene | Sheet, width: int, height: int):
    """A scene, or those of a sheet, as a figure of Bokeh; width and height in pixels."""
    if "bokeh" not in holoviews.Store.loaded_backends():
        hvplot.extension("bokeh", logo=False)
    figures = []
    for scene, frame in panels(drawn, width, height):
        figure = holoviews.render(_overlay(scene, frame[2] * width, frame[3] * height), backend="bokeh")
        _finish(figure, scene, titled=isinstance(drawn, Sheet))
        figures.append(figure)
    return figures[0] if isinstance(drawn, Scene) else _beside(figures, drawn)


def _beside(figures: list, sheet: Sheet):
    """The panels of a sheet on the screen, in its rows."""
    each = iter(figures)
    rows = [[next(each) for _ in row] for row in sheet.rows]
    return gridplot(rows, toolbar_location="below", toolbar_options={"logo": None})


def _overlay(scene: Scene, width: float, height: float):
    """The layers of a scene, with a frame of so many pixels."""
    layers = [part for layer in scene.layers for part in _LAYERS[type(layer)](layer, scene)]
    options = {
        "xlim": (scene.x.lower, scene.x.upper),
        "ylim": (scene.y.lower, scene.y.upper),
        "logx": scene.x.scale == "log",
        "logy": scene.y.scale == "log",
        "xlabel": unicode_text(scene.x.label),
        "ylabel": unicode_text(scene.y.label),
        "show_legend": any(getattr(layer, "label", "") for layer in scene.layers),
        "legend_position": scene.legend,
        "toolbar": "below",
        "frame_width": round(width),
        "frame_height": round(height),
        "fontsize": {key: f"{size}px" for key, size in FONTS.items()},
    }
    return holoviews.Overlay(layers).opts(**options, **_ticks("x", scene.x), **_ticks("y", scene.y), backend="bokeh")


def _ticks(name: str, axis: Axis) -> dict:
    """1 to 9 in every decade, as far as one may zoom out: Bokeh's own ticks turn linear below two decades."""
    if axis.names:
        return {f"{name}ticks": list(zip(axis.ticks, axis.names, strict=True))}
    if axis.scale == "linear":
        return {}
    powers = range(math.floor(math.log10(axis.lower)) - 2, math.ceil(math.log10(axis.upper)) + 2)
    ticker = FixedTicker(ticks=[float(f"{digit}e{power}") for power in powers for digit in range(1, 10)])
    return {f"{name}ticks": ticker, f"{name}formatter": CustomJSTickFormatter(code=_SCREEN_TICK)}


def _finish(figure, scene: Scene, titled: bool) -> None:
    # The frame has a size; the figure around it grows with its labels and its legend.
    figure.sizing_mode = None
    texts = mark_texts(scene)
    if texts:
        kind = LogAxis if scene.x.scale == "log" else LinearAxis
        axis = kind(ticker=FixedTicker(ticks=[place for place, _ in texts]), major_label_text_font_size="15px")
        axis.major_label_overrides = {place: unicode_text(text) for place, text in texts}
        figure.add_layout(axis, "above")
    for mesh in scene.layers:
        if isinstance(mesh, Mesh) and mesh.bar:
            style = {"align": "center", "text_font_size": "15px", "text_font_style": "normal"}
            figure.add_layout(Title(text=unicode_text(mesh.bar), **style), "right")
    figure.toolbar.logo = None
    figure.title.text = unicode_text(scene.title) if titled else ""
    figure.title.text_font_size = "14px"
    figure.xgrid.visible = figure.ygrid.visible = False
    figure.outline_line_color = "#222222"
    figure.axis.axis_label_text_font_style = "normal"
    style = {"border_line_color": None, "label_text_font_size": "13px", "margin": 6, "padding": 2}
    for legend in figure.select(Legend):
        legend.update(location="top_left", click_policy="hide", **style)


def _mesh(mesh: Mesh, scene: Scene) -> list:
    centres = xarray.Dataset({"value": (("y", "x"), mesh.values)}, coords={"x": mesh.x, "y": mesh.y})
    scales = {"logx": mesh.scales[0] == "log", "logy": mesh.scales[1] == "log"}
    options = {"cmap": list(mesh.colours), "clim": mesh.limits, "colorbar": bool(mesh.bar), "hover": bool(mesh.hover)}
    drawn = centres.hvplot.quadmesh(x="x", y="y", z="value", **scales, **options)
    names = [f"told_{position}" for position in range(len(mesh.hover))]
    drawn = drawn.clone((mesh.x_edges, mesh.y_edges, mesh.values, *mesh.hover.values()), vdims=["value", *names])
    tooltips = [(unicode_text(name), f"@{told}") for name, told in zip(mesh.hover, names, strict=True)]
    extra = {
        "clim": mesh.limits,
        "clipping_colors": {"NaN": "transparent"},
        "hooks": [_seamless],
        "tools": [HoverTool(tooltips=tooltips)] if tooltips else [],
    }
    if mesh.bar:
        extra["clabel"] = ""
        extra["colorbar_opts"] = {
            "ticker": FixedTicker(ticks=[value for value, _ in mesh.bar_ticks]),
            "major_label_overrides": {value: unicode_text(text) for value, text in mesh.bar_ticks},
            "major_label_text_font_size": "13px",
        }
    return [drawn.opts(**extra, backend="bokeh")]


def _seamless(plot, element) -> None:
    """Cells get an outline of their own colour: without it the page shows through between them."""
    glyph = plot.handles["glyph"]
    glyph.update(line_color=glyph.fill_color, line_alpha=1.0, line_width=1.0)


def _line(line: Line, scene: Scene) -> list:
    table = pandas.DataFrame({"x": line.x, "y": line.y})
    words = {"label": unicode_text(line.label)} if line.label else {}
    drawn = table.hvplot.line(x="x", y="y", color=line.colour, alpha=line.opacity, hover=False, **words)
    tools = [_curve_hover(scene)] if line.hover else []
    return [drawn.opts(line_width=line.width, line_dash=line.dash, tools=tools, backend="bokeh")]


def _curve_hover(scene: Scene) -> HoverTool:
    told = [(unicode_text(scene.x.label), "@x{%.4g}"), (unicode_text(scene.y.label), "@y{%.4g}")]
    return HoverTool(tooltips=told, formatters={"@x": "printf", "@y": "printf"})


def _points(points: Points, scene: Scene) -> list:
    table = pandas.DataFrame({"x": points.x, "y": points.y})
    words = {"label": unicode_text(points.label)} if points.label else {}
    drawn = table.hvplot.scatter(x="x", y="y", color=points.colour, marker=points.marker, hover=False, **words)
    hooks = [lambda plot, element: _hatched(plot.handles["glyph"], points.hatch)] if points.hatch else []
    return [drawn.opts(size=points.size, line_color=points.edge, hooks=hooks, backend="bokeh")]


def _hatched(glyph, slope: int) -> None:
    wide = abs(slope) == 3
    glyph.update(hatch_pattern=_HATCHES[slope], hatch_scale=12.0 if wide else 6.0, hatch_color="#333333")


def _band(band: Band, scene: Scene) -> list:
    drawn = holoviews.Area((band.x, band.lower, band.upper), vdims=["y", "upper"])
    return [drawn.opts(alpha=band.opacity, fill_color=band.colour, line_color=None, backend="bokeh")]


def _mark(mark: Mark, scene: Scene) -> list:
    y = np.array([scene.y.lower, scene.y.upper])
    return _line(Line(np.full(2, mark.x), y, "#555555", width=1.0), scene)


_LAYERS = {Mesh: _mesh, Line: _line, Points: _points, Band: _band, Mark: _mark}
