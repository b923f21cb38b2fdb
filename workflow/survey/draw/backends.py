"""From a scene to a picture: the layers as hvPlot objects, one description for Bokeh and for Matplotlib."""

import math

import holoviews
import hvplot.pandas
import hvplot.xarray
import numpy as np
import pandas
import xarray
from bokeh.layouts import gridplot
from bokeh.models import CustomJSTickFormatter, FixedTicker, HoverTool, Legend, LinearAxis, LogAxis, Title

from survey.draw.geometry import even, uneven
from survey.draw.scene import Axis, Band, Line, Mark, Mesh, Points, Scene, Sheet, panels
from survey.mathtext import number, unicode_text

FONTS = {"title": 15, "labels": 15, "ticks": 13, "legend": 12}

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
    1: ("right_diagonal_line", "////"),
    -1: ("left_diagonal_line", "\\\\\\\\"),
    2: ("diagonal_cross", "xxxx"),
    3: ("right_diagonal_line", "//"),
    -3: ("left_diagonal_line", "\\\\"),
}


def draw(drawn: Scene | Sheet, backend: str, width: int, height: int):
    """A scene, or those of a sheet, as a figure of the backend, "bokeh" or "matplotlib"; width and height in pixels at
    100 per inch."""
    if backend not in holoviews.Store.loaded_backends():
        hvplot.extension(backend, logo=False)
    holoviews.Store.set_current_backend(backend)
    parts = [
        (scene, _overlay(scene, backend, (frame[2] * width, frame[3] * height), (width, height)))
        for scene, frame in panels(drawn, width, height)
    ]
    if backend == "matplotlib":
        whole = parts[0][1] if isinstance(drawn, Scene) else holoviews.Layout([part for _, part in parts])
        return holoviews.render(whole if isinstance(drawn, Scene) else _printed(whole), backend=backend)
    figures = [holoviews.render(part, backend=backend) for _, part in parts]
    for figure, (scene, _) in zip(figures, parts, strict=True):
        _screen_finish(figure, scene, titled=isinstance(drawn, Sheet))
    return figures[0] if isinstance(drawn, Scene) else _beside(figures, drawn)


def _printed(layout):
    # Places and sizes of the panels are set where the figure is written.
    return layout.opts(shared_axes=False, sublabel_format="", backend="matplotlib")


def _beside(figures: list, sheet: Sheet):
    """The panels of a sheet on the screen, in its rows."""
    each = iter(figures)
    rows = [[next(each) for _ in row] for row in sheet.rows]
    return gridplot(rows, toolbar_location="below", toolbar_options={"logo": None})


def _overlay(scene: Scene, backend: str, frame: tuple[float, float], size: tuple[float, float]):
    """The layers of a scene, with a frame and a figure of so many pixels."""
    say = unicode_text if backend == "bokeh" else str
    layers = [_LAYERS[type(layer)](layer, scene, backend, say) for layer in scene.layers]
    overlay = holoviews.Overlay([part for parts in layers for part in parts])
    shared = {
        "xlim": (scene.x.lower, scene.x.upper),
        "ylim": (scene.y.lower, scene.y.upper),
        "logx": scene.x.scale == "log",
        "logy": scene.y.scale == "log",
        "xlabel": say(scene.x.label),
        "ylabel": say(scene.y.label),
        "show_legend": _has_legend(scene),
        "legend_position": scene.legend,
    }
    if backend == "bokeh":
        options = shared | _screen_options(scene, *frame)
    else:
        options = shared | _print_options(scene, *size)
    return overlay.opts(**options, backend=backend)


def palette(name: str, count: int) -> list[str]:
    """`count` colours of a colour map of `survey.colour_maps`, as hexadecimal strings."""
    return holoviews.plotting.util.process_cmap(name, count)


def blend(anchors, count: int, limits: tuple[float, float] | None = None) -> list[str]:
    """`count` colours between the limits, by default the first and the last of the anchors (value, colour); linear
    between neighbours."""
    places = [value for value, _ in anchors]
    parts = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for _, colour in anchors])
    values = np.linspace(*(limits or (places[0], places[-1])), count)
    mixed = np.stack([np.interp(values, places, parts[:, part]) for part in range(3)], axis=1).round().astype(int)
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in mixed]


def _has_legend(scene: Scene) -> bool:
    return any(getattr(layer, "label", "") for layer in scene.layers)


def _screen_options(scene: Scene, width: float, height: float) -> dict:
    return (
        {
            "toolbar": "below",
            "frame_width": round(width),
            "frame_height": round(height),
            "fontsize": {key: f"{size}px" for key, size in FONTS.items()},
        }
        | _screen_ticks("x", scene.x)
        | _screen_ticks("y", scene.y)
    )


def _screen_ticks(name: str, axis: Axis) -> dict:
    """1 to 9 in every decade, as far as one may zoom out: Bokeh's own ticks turn linear below two decades."""
    if axis.names:
        return {f"{name}ticks": list(zip(axis.ticks, axis.names, strict=True))}
    if axis.scale == "linear":
        return {}
    powers = range(math.floor(math.log10(axis.lower)) - 2, math.ceil(math.log10(axis.upper)) + 2)
    ticker = FixedTicker(ticks=[float(f"{digit}e{power}") for power in powers for digit in range(1, 10)])
    return {f"{name}ticks": ticker, f"{name}formatter": CustomJSTickFormatter(code=_SCREEN_TICK)}


def _screen_finish(figure, scene: Scene, titled: bool) -> None:
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


def _print_options(scene: Scene, width: float, height: float) -> dict:
    def labelled(axis):
        if axis.names:
            return list(zip(axis.ticks, axis.names, strict=True))
        return [(value, f"${number(value)}$") for value in axis.ticks]

    return {
        "fig_inches": (width / 100, height / 100),
        "aspect": "auto",
        "fontsize": FONTS,
        "xticks": labelled(scene.x),
        "yticks": labelled(scene.y),
        "show_frame": True,
    }


def mark_texts(scene: Scene) -> list[tuple[float, str]]:
    """The texts above the frame with their places; texts too close to stand side by side are joined into one."""
    scale = scene.x.scale
    width = even(scene.x.upper, scale) - even(scene.x.lower, scale)
    groups: list[list[Mark]] = []
    for mark in sorted((layer for layer in scene.layers if isinstance(layer, Mark)), key=lambda mark: mark.x):
        if groups and even(mark.x, scale) - even(groups[-1][-1].x, scale) < 0.07 * width:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return [
        (float(uneven(np.mean(even([mark.x for mark in group], scale)), scale)), ", ".join(mark.text for mark in group))
        for group in groups
    ]


def _mesh(mesh: Mesh, scene: Scene, backend: str, say) -> list:
    centres = xarray.Dataset({"value": (("y", "x"), mesh.values)}, coords={"x": mesh.x, "y": mesh.y})
    options = {"cmap": list(mesh.colours), "clim": mesh.limits, "colorbar": bool(mesh.bar)}
    hover = backend == "bokeh" and bool(mesh.hover)
    if backend == "bokeh":
        options["hover"] = hover
    drawn = centres.hvplot.quadmesh(
        x="x", y="y", z="value", logx=mesh.scales[0] == "log", logy=mesh.scales[1] == "log", **options
    )
    told = list(mesh.hover) if hover else []
    data = (mesh.x_edges, mesh.y_edges, mesh.values, *(mesh.hover[name] for name in told))
    drawn = drawn.clone(data, vdims=["value", *(f"told_{position}" for position in range(len(told)))])
    extra = {"clim": mesh.limits, "clipping_colors": {"NaN": "transparent"}}
    extra["hooks"] = [lambda plot, element: _seamless(plot.handles, backend)]
    if backend == "bokeh":
        tooltips = [(say(name), f"@told_{position}") for position, name in enumerate(told)]
        extra["tools"] = [HoverTool(tooltips=tooltips)] if hover else []
        if mesh.bar:
            extra["clabel"] = ""
            extra["colorbar_opts"] = {
                "ticker": FixedTicker(ticks=[value for value, _ in mesh.bar_ticks]),
                "major_label_overrides": {value: say(text) for value, text in mesh.bar_ticks},
                "major_label_text_font_size": "13px",
            }
    elif mesh.bar:
        extra |= {
            "clabel": mesh.bar,
            "cbar_extend": mesh.extend,
            "cbar_ticks": list(mesh.bar_ticks),
            "cbar_padding": 0.02,
        }
    return [drawn.opts(**extra, backend=backend)]


def _seamless(handles: dict, backend: str) -> None:
    """Cells get an outline of their own colour: without it the page shows through between them."""
    if backend == "bokeh":
        glyph = handles["glyph"]
        glyph.update(line_color=glyph.fill_color, line_alpha=1.0, line_width=1.0)
    else:
        handles["artist"].set(edgecolor="face", linewidth=0.5)


def _line(line: Line, scene: Scene, backend: str, say) -> list:
    table = pandas.DataFrame({"x": line.x, "y": line.y})
    words = {"label": say(line.label)} if line.label else {}
    if backend == "bokeh":
        words["hover"] = False
        style = {"line_width": line.width, "line_dash": line.dash, "tools": [_curve_hover(scene)] if line.hover else []}
    else:
        style = {"linewidth": line.width, "linestyle": line.dash}
    drawn = table.hvplot.line(x="x", y="y", color=line.colour, alpha=line.opacity, **words)
    return [drawn.opts(**style, backend=backend)]


def _curve_hover(scene: Scene) -> HoverTool:
    told = [(unicode_text(scene.x.label), "@x{%.4g}"), (unicode_text(scene.y.label), "@y{%.4g}")]
    return HoverTool(tooltips=told, formatters={"@x": "printf", "@y": "printf"})


def _points(points: Points, scene: Scene, backend: str, say) -> list:
    table = pandas.DataFrame({"x": points.x, "y": points.y})
    words = {"label": say(points.label)} if points.label else {}
    if backend == "bokeh":
        words["hover"] = False
        style = {"size": points.size, "line_color": points.edge}
    else:
        # Matplotlib wants the area in square points; a pixel of the scene is 1/100 inch.
        style = {"s": (0.72 * points.size) ** 2, "edgecolors": points.edge}
    drawn = table.hvplot.scatter(x="x", y="y", color=points.colour, marker=points.marker, **words)
    hooks = [lambda plot, element: _hatched(plot.handles, points.hatch, backend)] if points.hatch else []
    return [drawn.opts(**style, hooks=hooks, backend=backend)]


def _hatched(handles: dict, slope: int, backend: str) -> None:
    for_screen, for_print = _HATCHES[slope]
    if backend == "bokeh":
        handles["glyph"].update(
            hatch_pattern=for_screen, hatch_scale=12.0 if abs(slope) == 3 else 6.0, hatch_color="#333333"
        )
    else:
        handles["artist"].set_hatch(for_print)


def _band(band: Band, scene: Scene, backend: str, say) -> list:
    drawn = holoviews.Area((band.x, band.lower, band.upper), vdims=["y", "upper"])
    fill = {"bokeh": {"fill_color": band.colour, "line_color": None}, "matplotlib": {"facecolor": band.colour}}
    return [drawn.opts(alpha=band.opacity, **fill[backend], backend=backend)]


def _mark(mark: Mark, scene: Scene, backend: str, say) -> list:
    y = np.array([scene.y.lower, scene.y.upper])
    return _line(Line(np.full(2, mark.x), y, "#555555", width=1.0), scene, backend, say)


_LAYERS = {Mesh: _mesh, Line: _line, Points: _points, Band: _band, Mark: _mark}
