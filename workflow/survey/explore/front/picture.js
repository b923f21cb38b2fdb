"use strict";
// A map and, below it, the curve through its cursor. Both are of BokehJS; cells are painted pixel by pixel, so that
// there are no seams between them, and hatched where their status is not ok.

const COLUMNS = 480;
const ROWS = 340;
const LINES = ["#000000", "#882255", "#332288", "#117733", "#661100", "#aa4499"];
const CURVE = "#20508c";

class Picture {
  // `frame` has the axes x and y (y may be null) and the kind of colours; `ranges` are shared between pictures.
  constructor(place, frame, ranges, listener, backend = "canvas") {
    this.frame = frame;
    this.listener = listener;
    const { x, y } = frame;
    const own = {};
    this.range = (axis) => (own[axis.key] ??= ranges.join(axis));
    this.sources = {};
    this.figures = [];
    this.place = place;
    if (y) this.buildMap(x, y, backend);
    this.buildCurve(x, backend);
    this.columns = pixels(x, COLUMNS);
    this.rows = y ? pixels(y, ROWS) : null;
    this.pixels = new Uint32Array(COLUMNS * ROWS);
  }

  async show() {
    this.place.replaceChildren();
    const views = await Bokeh.Plotting.show(this.figures, this.place);
    this.views = views.filter((view) => this.figures.includes(view.model));
  }

  source(name, columns) {
    const data = Object.fromEntries(columns.map((column) => [column, []]));
    return (this.sources[name] = new Bokeh.ColumnDataSource({ data }));
  }

  figure(options, backend) {
    const figure = Bokeh.Plotting.figure({
      frame_width: this.frame.width, tools: "pan,wheel_zoom,box_zoom,reset", active_drag: null,
      output_backend: backend, background_fill_color: "#ffffff", border_fill_color: "#ffffff", min_border_left: 82,
      min_border_right: 82, ...options,
    });
    figure.toolbar.logo = null;
    figure.toolbar.autohide = true;
    for (const axis of [...figure.below, ...figure.left]) {
      axis.axis_label_text_font_style = "normal";
      axis.axis_label_text_font_size = "14px";
      axis.major_label_text_font_size = "12px";
    }
    this.figures.push(figure);
    return figure;
  }

  buildMap(x, y, backend) {
    const figure = this.figure({
      frame_height: 330, x_range: this.range(x), y_range: this.range(y), x_axis_type: x.log ? "log" : "linear",
      y_axis_type: y.log ? "log" : "linear", x_axis_label: x.label, y_axis_label: y.label,
    }, backend);
    figure.xgrid.visible = false;
    figure.ygrid.visible = false;
    dress(figure.below[0], x);
    dress(figure.left[0], y);
    const [left, right] = [x.edges[0], x.edges[x.edges.length - 1]];
    const [bottom, top] = [y.edges[0], y.edges[y.edges.length - 1]];
    figure.image_rgba({ image: { field: "image" }, x: left, y: bottom, dw: right - left, dh: top - bottom,
      source: this.source("image", ["image"]) });
    figure.segment({ field: "x0" }, { field: "y0" }, { field: "x1" }, { field: "y1" },
      { source: this.source("borders", ["x0", "y0", "x1", "y1"]), line_color: "#555555", line_width: 1 });
    for (const [name, options] of Object.entries({ halo: { line_color: "#ffffff", line_width: 5, line_alpha: 0.8 },
      crossings: { line_color: { field: "colour" }, line_width: 2.4 },
      closed: { line_color: { field: "colour" }, line_width: 2, line_dash: "dashed" } })) {
      const source = this.source(name, ["xs", "ys", "colour"]);
      figure.multi_line({ field: "xs" }, { field: "ys" }, { source, ...options });
    }
    this.cross(figure, "cursor");
    if (!this.frame.flags) {
      const { log, palette, unitLabel } = this.frame;
      const mapper = new (log ? Bokeh.LogColorMapper : Bokeh.LinearColorMapper)({ palette, low: 1, high: 10 });
      this.mapper = mapper;
      figure.add_layout(new Bokeh.ColorBar({ color_mapper: mapper, title: unitLabel, width: 14, padding: 4,
        title_text_font_style: "normal", title_text_font_size: "13px", major_label_text_font_size: "12px",
        ...(log ? { ticker: new Bokeh.LogTicker(), formatter: new Bokeh.LogTickFormatter() } : {}) }), "right");
    }
    this.listen(figure, (event) => ({ x: event.x, y: event.y }));
  }

  buildCurve(x, backend) {
    const { valueLog, valueLabel } = this.frame;
    this.values = new Bokeh.Range1d({ start: 1, end: 10 });
    const figure = this.figure({ frame_height: this.frame.y ? 230 : 380, x_range: this.range(x), y_range: this.values,
      x_axis_type: x.log ? "log" : "linear", y_axis_type: valueLog ? "log" : "linear",
      x_axis_label: x.label, y_axis_label: valueLabel }, backend);
    dress(figure.below[0], x);
    figure.vstrip({ field: "x0" }, { field: "x1" }, { source: this.source("regimes", ["x0", "x1", "colour"]),
      fill_color: { field: "colour" }, fill_alpha: 0.45, line_color: null });
    figure.vspan({ field: "x" }, { source: this.source("places", ["x", "colour", "dash"]),
      line_color: { field: "colour" }, line_width: 2, line_dash: { field: "dash" } });
    for (const [name, alpha] of [["wide", 0.18], ["narrow", 0.3]]) {
      figure.varea({ field: "x" }, { field: "low" }, { field: "high" },
        { source: this.source(name, ["x", "low", "high"]), fill_color: "#ee7733", fill_alpha: alpha });
    }
    figure.line({ field: "x" }, { field: "y" }, { source: this.source("median", ["x", "y"]), line_color: "#cc5500",
      line_width: 2, line_dash: "dashed" });
    figure.line({ field: "x" }, { field: "y" }, { source: this.source("curve", ["x", "y"]), line_color: CURVE,
      line_width: 2.4 });
    figure.scatter({ field: "x" }, { field: "y" }, { source: this.source("cells", ["x", "y", "fill"]), size: 5,
      fill_color: { field: "fill" }, line_color: CURVE });
    figure.segment({ field: "x" }, { field: "low" }, { field: "x" }, { field: "high" },
      { source: this.source("data", ["x", "y", "low", "high", "marker"]), line_color: "#222222", line_width: 1.5 });
    figure.scatter({ field: "x" }, { field: "y" }, { source: this.sources.data, marker: { field: "marker" }, size: 9,
      fill_color: "#ffffff", line_color: "#222222", line_width: 1.5 });
    this.cross(figure, "value");
    this.listen(figure, (event) => ({ x: event.x }));
  }

  // The cursor: a cross through a point.
  cross(figure, name) {
    const source = this.source(name, ["x", "y"]);
    const line = { line_color: "#d01c1c", line_width: 1, line_alpha: 0.7 };
    figure.vspan({ field: "x" }, { source, ...line });
    if (name === "cursor") figure.hspan({ field: "y" }, { source, ...line });
    figure.scatter({ field: "x" }, { field: "y" }, { source, size: 11, fill_color: null, line_color: "#d01c1c",
      line_width: 2.2 });
  }

  listen(figure, where) {
    figure.on_event("tap", (event) => this.listener.click(this.inside(where(event))));
    figure.on_event("mousemove", (event) => this.listener.hover(this.inside(where(event)), event));
    figure.on_event("mouseleave", () => this.listener.hover(null));
  }

  // A place in the picture in the units of the axes, null outside of the cells.
  inside(place) {
    const found = {};
    for (const [name, axis] of [["x", this.frame.x], ["y", this.frame.y]]) {
      if (!axis || !(name in place)) continue;
      const value = place[name] / axis.factor;
      const edges = edgesOf(axis);
      if (!(value >= edges[0] && value <= edges[edges.length - 1])) return null;
      found[name] = axis.values[nearest(axis, value)];
    }
    return found;
  }

  // `paint` has the colours of the cells (as RGBA words), which of them are hatched, and what is drawn over them.
  draw(paint) {
    if (this.frame.y) {
      this.raster(paint.colours, paint.hatched);
      const { columns, rows } = this;
      this.sources.image.data = { image: [nd(this.pixels, [ROWS, COLUMNS])] };
      this.sources.borders.data = paint.borders;
      this.sources.halo.data = paint.crossings;
      this.sources.crossings.data = paint.crossings;
      this.sources.closed.data = paint.closed;
      this.sources.cursor.data = { x: [paint.cursor.x], y: [paint.cursor.y] };
      if (this.mapper) Object.assign(this.mapper, { low: paint.low, high: paint.high });
    }
    for (const name of ["regimes", "places", "wide", "narrow", "median", "curve", "cells", "data"]) {
      this.sources[name].data = paint[name];
    }
    this.sources.value.data = { x: [paint.cursor.x], y: [paint.cursor.value] };
    if (this.values.start !== paint.range[0] || this.values.end !== paint.range[1]) {
      this.values.setv({ start: paint.range[0], end: paint.range[1] });
    }
  }

  raster(colours, hatched) {
    const { columns, rows, pixels: out } = this;
    const count = this.frame.x.values.length;
    for (let j = 0, p = 0; j < ROWS; j++) {
      const row = rows[j] * count;
      for (let i = 0; i < COLUMNS; i++, p++) {
        const cell = row + columns[i];
        const stripe = hatched[cell] && (hatched[cell] > 1 ? i - j + ROWS : i + j) % 11 < 2;
        out[p] = stripe ? 0xff444444 : colours[cell];
      }
    }
  }
}

// The ranges of axes, in the units that they are drawn in: that of an axis is the same in all pictures.
class Ranges {
  constructor() {
    this.of = {};
  }

  join(axis) {
    const others = (this.of[axis.key] ??= []);
    const [start, end] = [axis.edges[0], axis.edges[axis.edges.length - 1]];
    const now = others[0] ?? { start, end };
    const range = new Bokeh.Range1d({ start: now.start, end: now.end, reset_start: start, reset_end: end });
    range.connect(range.change, () => {
      for (const other of others) {
        if (other.start !== range.start || other.end !== range.end) other.setv({ start: range.start, end: range.end });
      }
    });
    others.push(range);
    return range;
  }
}

// Of each pixel along an axis the cell that it shows.
function pixels(axis, count) {
  const ends = edgesOf(axis).map((edge) => scaled(axis, edge));
  const found = new Int32Array(count);
  for (let p = 0, cell = 0; p < count; p++) {
    const at = ends[0] + ((p + 0.5) / count) * (ends[ends.length - 1] - ends[0]);
    while (cell < axis.values.length - 1 && at > ends[cell + 1]) cell++;
    found[p] = cell;
  }
  return found;
}

// Ticks in plain numbers where they are short.
function dress(drawn, axis) {
  const sizes = [axis.edges[0], axis.edges[axis.edges.length - 1]].map(Math.abs);
  if (axis.log && Math.max(...sizes) < 1e5 && Math.min(...sizes) > 1e-4) {
    drawn.formatter = new Bokeh.BasicTickFormatter({ use_scientific: false });
  }
}

function nd(values, shape) {
  return Bokeh.require("core/util/ndarray").ndarray(values, { dtype: "uint32", shape });
}

function word(colour, alpha = 255) {
  const [r, g, b] = [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16));
  return ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0;
}
