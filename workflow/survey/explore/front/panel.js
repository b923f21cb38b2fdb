"use strict";
// One cube on the page: its picture, what the picture shows in words, and the numbers at the cursor.

const NOTHING = { x: [], y: [] };

class Panel {
  constructor(place, cube, app) {
    this.place = place;
    this.cube = cube;
    this.app = app;
    this.key = "";
    place.innerHTML = `<h2></h2><p class="thinned"></p><div class="picture"></div><div class="told" role="status"></div>
      <div class="legend"></div><div class="answer"></div>`;
    this.part = (name) => place.querySelector(name);
    const { provenance, title } = cube.header;
    const name = `${provenance.survey ?? ""} / ${provenance.label ?? cube.header.file}`;
    this.part("h2").textContent = `${sentence(title)} · ${name}`;
    this.part(".thinned").textContent = cube.header.thinned ?? "";
  }

  // What this cube shows of what the reader asks for: its own variable and axes where it lacks those.
  own(state) {
    const { variables, axes, header } = this.cube;
    const v = state.v in variables ? state.v : header.start.v;
    const dims = variables[v].dims.filter((axis) => axes[axis].values.length > 1);
    const free = dims.length ? dims : variables[v].dims;
    const x = free.includes(state.x) ? state.x : free.includes(header.start.x) ? header.start.x : free[0];
    const others = free.filter((axis) => axis !== x);
    const y = [state.y, header.start.y, others.at(-1)].find((axis) => others.includes(axis)) ?? "";
    const at = Object.fromEntries(Object.keys(axes).map((axis) => {
      const values = axes[axis].values;
      const wanted = state.at[axis] ?? header.start.at[axis] ?? values[0];
      return [axis, Math.min(Math.max(wanted, values[0]), values.at(-1))];
    }));
    return { v, x, y, at };
  }

  shown(axis, other) {
    const one = this.cube.axes[axis];
    const values = other ? [...one.values, ...other.values] : one.values;
    const power = powerOf(one.shown, Math.max(...values) / (one.shown === "K" ? 1.01 : 1));
    const factor = 10 ** -power;
    const unit = prefixed(one.shown, power);
    return { ...one, factor, key: `${axis}:${unit}`, edges: edgesOf(one).map((edge) => edge * factor),
      label: `${one.symbol}${unit ? ` (${unit})` : ""}` };
  }

  async look(state) {
    const own = this.own(state);
    const { variables, header } = this.cube;
    const regime = Object.keys(variables).find((name) => name === "regime");
    const wanted = [own.v, ...["status", regime].filter((name) => name && name in variables && name !== own.v)];
    const within = (name) => variables[name].dims.every((axis) => variables[own.v].dims.includes(axis));
    const { x, y, at } = own;
    const view = await this.cube.view({ variables: wanted.filter(within), x, y, at, exact: state.exact });
    const crossovers = {};
    for (const [name, one] of Object.entries(header.crossovers)) {
      const over = one.along === own.x ? own.y : one.along === own.y ? own.x : null;
      crossovers[name] = { here: await this.cube.crossover(name, "", own.at) };
      if (over) crossovers[name].line = await this.cube.crossover(name, over, own.at);
    }
    return { own, planes: view.planes, viewed: view.at, crossovers };
  }

  async draw(state, looked, limits) {
    const { own, planes } = looked;
    const variable = this.cube.variables[own.v];
    const other = this.app.panels.find((panel) => panel !== this);
    const of = (axis) => this.shown(axis, other?.cube.axes[axis]);
    const [x, y] = [of(own.x), own.y ? of(own.y) : null];
    const values = planes[own.v];
    const log = limits.log;
    const power = powerOf(variable.shown, limits.high);
    const unit = prefixed(variable.shown, power);
    const factor = 10 ** -power;
    const label = `${variable.symbol}${unit ? ` (${unit})` : ""}`;
    const key = [own.v, x.key, y?.key, log, unit, Boolean(variable.flags), Boolean(other)].join("|");
    const paint = this.paint(state, looked, { x, y, values, log, factor, limits });
    this.looked = looked;
    if (key !== this.key) {
      this.key = key;
      const frame = { x, y, flags: variable.flags, log, palette: this.app.palette, unitLabel: label,
        valueLog: log && !variable.flags, valueLabel: variable.flags ? own.v : label, width: other ? 360 : 480 };
      this.frame = frame;
      this.picture = new Picture(this.part(".picture"), frame, this.app.ranges, this);
      this.picture.draw(paint);
      await this.picture.show();
    } else this.picture.draw(paint);
    this.painted = paint;
    this.part(".legend").innerHTML = this.legend(state, looked, paint);
  }

  paint(state, looked, { x, y, values, log, factor, limits }) {
    const { own, planes, viewed } = looked;
    const variable = this.cube.variables[own.v];
    const [nx, ny] = [x.values.length, y ? y.values.length : 1];
    const status = planes.status ?? null;
    const flags = this.cube.variables.status?.flags ?? {};
    const colours = new Uint32Array(nx * ny);
    const hatched = new Uint8Array(nx * ny);
    const seen = { statuses: new Map(), classes: new Map() };
    const scale = (value) => (log ? Math.log(value) : value);
    const [low, high] = [scale(limits.low), scale(limits.high)];
    const words = this.app.words;
    for (let p = 0; p < values.length; p++) {
      const value = values[p];
      if (variable.flags) {
        const flag = variable.flags[value];
        colours[p] = word(flag?.colour ?? "#ffffff");
        if (flag) seen.classes.set(flag.text, flag.colour);
      } else if (!Number.isFinite(value) || (log && !(value > 0))) {
        colours[p] = 0xffe4e4e4;
        hatched[p] = 2;
      } else {
        const part = high > low ? (scale(value) - low) / (high - low) : 0.5;
        colours[p] = words[Math.min(255, Math.max(0, Math.floor(part * 256)))];
      }
      if (status && own.v !== "status" && flags[status[p]] && !flags[status[p]].meanings.includes("ok")) {
        hatched[p] ||= 1;
        const said = flags[status[p]];
        seen.statuses.set(said.meanings.join(" "), said.said);
      }
    }
    const row = y ? nearest(y, viewed[own.y]) : 0;
    const curve = Array.from(values.subarray(row * nx, (row + 1) * nx), (value) => value * factor);
    const doubtful = Array.from({ length: nx }, (_, i) => hatched[row * nx + i] > 0);
    const column = nearest(x, viewed[own.x]);
    const drawn = curve.map((value) => (Number.isFinite(value) && (!log || value > 0) ? value : NaN));
    const coordinates = x.values.map((value) => value * x.factor);
    const overlays = this.overlays(state, own, factor, x.factor);
    const regimes = state.regimes && planes.regime && own.v !== "regime" ? planes.regime : null;
    const over = this.crossings(state, looked, x, y);
    return {
      colours, hatched, seen, low: limits.low * factor, high: limits.high * factor,
      borders: borders(regimes && y ? regimes : null, this.cube.variables.regime?.flags, x, y),
      crossings: over.solid, closed: over.dashed, places: over.places, keys: over.keys,
      regimes: regimes ? strips(regimes.subarray(row * nx, (row + 1) * nx), this.cube.variables.regime.flags, x, seen)
        : { x0: [], x1: [], colour: [] },
      curve: { x: coordinates, y: drawn },
      cells: { x: coordinates, y: drawn, fill: doubtful.map((each) => (each ? "#ffffff" : CURVE)) },
      cursor: { x: own.at[own.x] * x.factor, y: y ? own.at[own.y] * y.factor : 0, value: drawn[column] },
      ...overlays, range: spanned([...drawn, ...overlays.data.y, ...overlays.median.y], log && !variable.flags),
    };
  }

  // Measured values and bands of what the data leave open, where they are of this variable along x.
  overlays(state, own, factor, unit) {
    const found = { data: { x: [], y: [], low: [], high: [], marker: [] }, median: { ...NOTHING },
      wide: { x: [], low: [], high: [] }, narrow: { x: [], low: [], high: [] } };
    for (const one of state.data ? this.nearestConditions(own) : []) {
      if (one.kind === "points") {
        one.points.forEach(([x, value, relative, limit]) => {
          found.data.x.push(x * unit);
          found.data.y.push(value * factor);
          found.data.low.push(value * factor * (limit ? 1 : Math.exp(-relative)));
          found.data.high.push(value * factor * (limit ? 1 : Math.exp(relative)));
          found.data.marker.push({ lower: "triangle", upper: "inverted_triangle" }[limit] ?? "circle");
        });
      } else {
        const of = (place) => one.quantiles[place].map((value) => value * factor);
        const x = one.at.map((value) => value * unit);
        found.wide = { x, low: of(0), high: of(4) };
        found.narrow = { x, low: of(1), high: of(3) };
        found.median = { x, y: of(2) };
      }
    }
    return found;
  }

  // What lies over this variable along x; of bands for several conditions that of the nearest one.
  nearestConditions(own) {
    const of = (this.cube.header.overlays ?? []).filter((one) => one.variable === own.v && one.x === own.x);
    const off = (one) => Object.entries(one.where ?? {}).reduce((sum, [axis, value]) =>
      sum + Math.abs(Math.log(value / (own.at[axis] ?? this.cube.header.constants[axis]?.value ?? value))), 0);
    return of.filter((one) => of.every((other) => other.label !== one.label || off(other) >= off(one)));
  }

  // Crossovers as lines over the map and as places along the curve.
  crossings(state, looked, x, y) {
    const solid = { xs: [], ys: [], colour: [] };
    const dashed = { xs: [], ys: [], colour: [] };
    const places = { x: [], colour: [], dash: [] };
    const keys = [];
    Object.entries(state.crossovers ? looked.crossovers : {}).forEach(([name, found], number) => {
      const one = this.cube.header.crossovers[name];
      const colour = LINES[number % LINES.length];
      const { own } = looked;
      for (const part of ["value", "low", "high", "closed_form"]) {
        if (!(part in one.parts)) continue;
        const along = one.along === own.x ? x : y;
        if (found.line && y) {
          const here = found.line[part].map((value) => value * along.factor);
          const others = (one.along === own.x ? y : x).values.map((v) => v * (one.along === own.x ? y : x).factor);
          const target = part === "closed_form" ? dashed : solid;
          target.xs.push(one.along === own.x ? here : others);
          target.ys.push(one.along === own.x ? others : here);
          target.colour.push(colour);
        }
        if (one.along === own.x && Number.isFinite(found.here[part][0])) {
          places.x.push(found.here[part][0] * x.factor);
          places.colour.push(colour);
          places.dash.push(part === "closed_form" ? "dashed" : "solid");
        }
      }
      if (one.along === own.x || one.along === own.y) keys.push({ name, colour, one });
    });
    return { solid, dashed, places, keys };
  }

  legend(state, looked, paint) {
    const chip = (colour, text, style = "") =>
      `<span class="key ${style}"><i style="--colour:${colour}"></i>${text}</span>`;
    const parts = [...paint.seen.classes].map(([text, colour]) => chip(colour, escaped(text)));
    for (const { colour, one } of paint.keys) {
      const closed = "closed_form" in one.parts ? " (dashed: closed form)" : "";
      parts.push(chip(colour, `${escaped(one.symbol)}: ${escaped(one.long_name)}${closed}`, "line"));
    }
    if (paint.data.x.length) parts.push(`<span class="key">○ ${this.told("points")}</span>`);
    if (paint.median.x.length) parts.push(chip("#ee7733", this.told("band")));
    const doubts = [...paint.seen.statuses].map(([names, said]) =>
      `<li><b>${escaped(names.replaceAll("_", " "))}</b>: ${escaped(said)}</li>`);
    const list = `<i class="hatch"></i> hatched cells, open circles:<ul>${doubts.join("")}</ul>`;
    return parts.join("") + (doubts.length ? `<div class="doubts">${list}</div>` : "");
  }

  told(kind) {
    return this.nearestConditions(this.looked.own).filter((one) => one.kind === kind).map((one) => {
      const known = (axis) => this.cube.axes[axis] ?? this.cube.header.constants[axis] ?? { symbol: axis, shown: "" };
      const where = Object.entries(one.where ?? {}).map(([axis, value]) =>
        `, ${known(axis).symbol} = ${withUnit(value, known(axis).shown)}`).join("");
      return escaped(one.label + where);
    }).join("; ");
  }

  // The reader points at a place: its cell, in one line.
  hover(found, event) {
    const line = this.part(".told");
    if (!found || !this.looked) {
      line.textContent = "";
      return;
    }
    const { own, planes } = this.looked;
    const axes = this.cube.axes;
    const i = nearest(axes[own.x], found.x);
    const j = own.y ? nearest(axes[own.y], found.y ?? this.looked.viewed[own.y]) : 0;
    const p = j * axes[own.x].values.length + i;
    const where = [own.x, own.y].filter(Boolean).map((axis, n) =>
      `${axes[axis].symbol} = ${withUnit(axes[axis].values[n ? j : i], axes[axis].shown)}`);
    const status = planes.status ? this.cube.variables.status.flags[planes.status[p]] : null;
    const doubtful = status && !status.meanings.includes("ok");
    const doubt = doubtful ? ` — ${status.meanings.join(", ").replaceAll("_", " ")}: ${status.said}` : "";
    line.textContent = `${where.join(", ")}: ${this.value(own.v, planes[own.v][p])}${doubt}`;
  }

  click(found) {
    if (!found) return;
    const { own } = this.looked;
    const to = {};
    if (found.x !== undefined) to[own.x] = found.x;
    if (own.y && found.y !== undefined) to[own.y] = found.y;
    this.app.move(to);
  }

  value(name, value, digits = 5) {
    const variable = this.cube.variables[name];
    if (variable.flags) return variable.flags[value]?.meanings.join(", ").replaceAll("_", " ") ?? `value ${value}`;
    return withUnit(value, variable.shown, digits);
  }
}

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function escaped(text) {
  return String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

// Where neighbouring cells are of different classes.
function borders(plane, flags, x, y) {
  const found = { x0: [], y0: [], x1: [], y1: [] };
  if (!plane) return found;
  const [nx, ny] = [x.values.length, y.values.length];
  const of = (i, j) => flags[plane[j * nx + i]]?.class;
  const add = (x0, y0, x1, y1) => {
    found.x0.push(x0); found.y0.push(y0); found.x1.push(x1); found.y1.push(y1);
  };
  for (let j = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++) {
      if (i && of(i, j) !== of(i - 1, j)) add(x.edges[i], y.edges[j], x.edges[i], y.edges[j + 1]);
      if (j && of(i, j) !== of(i, j - 1)) add(x.edges[i], y.edges[j], x.edges[i + 1], y.edges[j]);
    }
  }
  return found;
}

// Cells of one class that follow each other along a curve.
function strips(row, flags, x, seen) {
  const found = { x0: [], x1: [], colour: [] };
  row.forEach((value, i) => {
    const flag = flags[value];
    if (!flag) return;
    seen.classes.set(flag.text, flag.colour);
    if (i && flags[row[i - 1]]?.class === flag.class) found.x1[found.x1.length - 1] = x.edges[i + 1];
    else {
      found.x0.push(x.edges[i]); found.x1.push(x.edges[i + 1]); found.colour.push(flag.colour);
    }
  });
  return found;
}

// The range that shows all values, with a little room.
function spanned(values, log) {
  const known = values.filter((value) => Number.isFinite(value) && (!log || value > 0));
  if (!known.length) return [1, 10];
  const [low, high] = [Math.min(...known), Math.max(...known)];
  if (log) {
    const room = Math.max((high / low) ** 0.06, 1.1);
    return [low / room, high * room];
  }
  const room = 0.06 * (high - low) || 0.1 * Math.abs(high) || 1;
  return [low - room, high + room];
}
