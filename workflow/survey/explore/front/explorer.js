"use strict";
// The page: what the reader asks for, the controls that say it, and the panels that answer. The address says all of it.

const SHOWN = { regimes: "regimes", crossovers: "crossovers", data: "measured data and bands" };

class Explorer {
  constructor(cube, { palette, openers }) {
    this.palette = palette;
    this.words = Uint32Array.from(palette, (colour) => word(colour));
    this.openers = openers;
    this.ranges = new Ranges();
    this.panels = [];
    this.rounds = 0;
    this.add(cube);
    this.restore();
    this.controls();
    window.addEventListener("hashchange", () => {
      if (location.hash === this.written) return;
      this.restore();
      this.controls();
      this.update();
    });
    window.addEventListener("error", (event) => event.error && this.complain(event.message));
  }

  get cube() {
    return this.panels[0].cube;
  }

  add(cube) {
    const place = document.createElement("section");
    place.className = "panel";
    document.getElementById("panels").append(place);
    this.panels.push(new Panel(place, cube, this));
    document.body.classList.toggle("beside", this.panels.length > 1);
  }

  // Another cube beside the first, or none.
  async beside(cube) {
    while (this.panels.length > 1) this.panels.pop().place.remove();
    this.ranges = new Ranges();
    this.panels[0].key = "";
    if (cube) this.add(cube);
    document.body.classList.toggle("beside", this.panels.length > 1);
    this.state.with = cube ? cube.header.file : "";
    this.controls();
    await this.update();
  }

  // The second cube that the address names, where there is a server to ask for it.
  async openBeside() {
    const wanted = this.state.with;
    if (wanted && this.cube.header.server?.cubes.includes(wanted)) await this.beside(await RemoteCube.open(wanted));
  }

  restore() {
    const { start, axes } = { ...this.cube.header };
    const said = new URLSearchParams(location.hash.slice(1));
    const shown = said.has("show") ? said.get("show").split(",") : Object.keys(SHOWN);
    const at = { ...start.at };
    for (const [name, text] of said) {
      if (name.startsWith("at.") && Number.isFinite(Number(text))) at[name.slice(3)] = Number(text);
    }
    this.state = { v: said.get("v") ?? start.v, x: said.get("x") ?? start.x, y: said.get("y") ?? start.y, at,
      exact: said.get("exact") === "1", with: said.get("with") ?? "",
      ...Object.fromEntries(Object.keys(SHOWN).map((name) => [name, shown.includes(name)])) };
    Object.assign(this.state, this.panels[0].own(this.state));
  }

  write() {
    const { v, x, y, at, exact } = this.state;
    const said = new URLSearchParams({ v, x, y });
    for (const [name, value] of Object.entries(at)) said.set(`at.${name}`, String(value));
    said.set("show", Object.keys(SHOWN).filter((name) => this.state[name]).join(","));
    if (exact) said.set("exact", "1");
    if (this.state.with) said.set("with", this.state.with);
    this.written = `#${said}`;
    history.replaceState(null, "", this.written);
  }

  // Controls: variable, x and y, a slider and a field for each axis, what is drawn, files to take away.
  controls() {
    const place = document.getElementById("controls");
    place.replaceChildren();
    const pick = (title, names, key, text) => {
      const label = element("label", { className: "pick" }, title);
      const select = element("select", { id: `pick-${key}` });
      for (const name of names) select.append(new Option(text(name), name, false, name === this.state[key]));
      select.addEventListener("change", () => this.choose(key, select.value));
      label.append(select);
      place.append(label);
    };
    const { variables, axes } = this.cube;
    pick("shown", Object.keys(variables), "v", (name) => {
      const one = variables[name];
      return `${one.symbol}${one.shown ? ` (${one.shown})` : ""}, ${one.long_name}`;
    });
    const free = variables[this.state.v].dims.filter((axis) => axes[axis].values.length > 1);
    const titled = (name) => (name ? `${axes[name].symbol}, ${axes[name].long_name}` : "none: a curve alone");
    pick("across (x)", free, "x", titled);
    if (free.length > 1) pick("upwards (y)", free.filter((axis) => axis !== this.state.x), "y", titled);
    const heading = element("h3", {}, "The point");
    place.append(heading);
    this.sliders = {};
    for (const [name, axis] of Object.entries(this.allAxes())) place.append(this.slider(name, axis));
    const over = place.appendChild(element("h3", {}, "Drawn over it"));
    for (const [name, text] of Object.entries(SHOWN)) {
      const has = {
        data: ({ header }) => header.overlays?.length,
        regimes: ({ variables: known }) => "regime" in known,
        crossovers: ({ header }) => Object.keys(header.crossovers).length,
      }[name];
      if (this.panels.some((panel) => has(panel.cube))) this.box(place, name, text);
    }
    if (place.lastChild === over) over.remove();
    if (this.cube.header.server) this.box(place, "exact", "exact: computed now, not read");
    this.openers.build(place, this);
    place.append(element("h3", {}, "Take away"));
    const row = element("div", { className: "exports" });
    for (const [kind, save] of Object.entries(EXPORTS)) {
      if (kind === "netCDF" && !this.cube.header.server) continue;
      const button = element("button", { type: "button", id: `export-${kind}` }, kind);
      button.addEventListener("click", () => save(this));
      row.append(button);
    }
    place.append(row);
  }

  box(place, name, text) {
    const label = element("label", { className: "box" });
    const box = element("input", { type: "checkbox", id: `show-${name}`, checked: this.state[name] });
    box.addEventListener("change", () => {
      this.state[name] = box.checked;
      this.update();
    });
    label.append(box, ` ${text}`);
    place.append(label);
  }

  // The axes of all panels; those that two share are one.
  allAxes() {
    const found = {};
    for (const { cube } of this.panels) {
      for (const [name, axis] of Object.entries(cube.axes)) found[name] ??= axis;
    }
    return found;
  }

  slider(name, axis) {
    const row = element("div", { className: "slider" });
    const label = element("label", { htmlFor: `at-${name}` });
    label.innerHTML = `<b>${escaped(axis.symbol)}</b> <small>${escaped(axis.long_name)}</small>`;
    const last = axis.values.length - 1;
    const id = `at-${name}`;
    const range = element("input", { type: "range", min: 0, max: last, step: 1, id, disabled: last === 0 });
    const ends = [axis.values[0], axis.values[last]].map((value) => withUnit(value, axis.shown));
    const field = element("input", { type: "text", id: `value-${name}`, size: 12,
      title: `a value with its unit, from ${ends[0]} to ${ends[1]}` });
    range.addEventListener("input", () => this.move({ [name]: axis.values[Number(range.value)] }));
    field.addEventListener("change", () => {
      const value = readNumber(field.value, axis);
      const inside = value >= axis.values[0] && value <= axis.values[last];
      if (inside) this.move({ [name]: value });
      field.classList.toggle("wrong", !inside);
      if (!inside) this.complain(`${axis.symbol}: found “${field.value}”; allowed: ${field.title}`);
      else this.complain("");
    });
    this.sliders[name] = { range, field, axis, set: (value) => {
      range.value = nearest(axis, value);
      if (document.activeElement !== field || readNumber(field.value, axis) !== value) {
        field.value = withUnit(value, axis.shown, 6);
      }
      field.classList.remove("wrong");
    } };
    this.sliders[name].set(this.state.at[name] ?? axis.values[0]);
    row.append(label, field, range);
    return row;
  }

  choose(key, value) {
    const before = { ...this.state };
    this.state[key] = value;
    // An axis that is chosen for one direction goes to the other from there.
    if (key === "x" && value === before.y) this.state.y = before.x;
    Object.assign(this.state, this.panels[0].own(this.state));
    this.controls();
    this.update();
  }

  move(places) {
    Object.assign(this.state.at, places);
    for (const name of Object.keys(places)) this.sliders[name]?.set(this.state.at[name]);
    this.update();
  }

  // Draws once more; calls that come meanwhile are one.
  async update() {
    this.wanted = true;
    this.running ??= this.draw().finally(() => (this.running = null));
    return this.running;
  }

  async draw() {
    while (this.wanted) {
      this.wanted = false;
      try {
        const looked = [];
        for (const panel of this.panels) looked.push(await panel.look(this.state));
        const limits = this.limits(looked);
        for (const [place, panel] of this.panels.entries()) await panel.draw(this.state, looked[place], limits[place]);
        this.write();
        for (const panel of this.panels) await answer(panel, this.state);
        this.rounds += 1;
      } catch (error) {
        this.complain(error.message);
        if (!error.told) throw error;
      }
    }
  }

  // The ends of the colour scale: of one variable the same for all panels.
  limits(looked) {
    const found = {};
    looked.forEach(({ own, planes }) => {
      const one = (found[own.v] ??= { all: [], low: Infinity, high: -Infinity, least: Infinity });
      for (const value of planes[own.v]) {
        if (!Number.isFinite(value)) continue;
        if (value < one.low) one.low = value;
        if (value > one.high) one.high = value;
        if (value > 0 && value < one.least) one.least = value;
      }
    });
    return looked.map(({ own }) => {
      const { low, high, least } = found[own.v];
      if (!(high > -Infinity)) return { low: 1, high: 10, log: true };
      const log = low >= 0 && high > 2 * low && high > 0;
      if (log) return { low: Math.max(least, high * 1e-30) * (least === high ? 0.9 : 1), high, log };
      const room = high > low ? 0 : 0.05 * (Math.abs(low) || 1);
      return { low: low - room, high: high + room, log };
    });
  }

  complain(text) {
    document.getElementById("complaint").textContent = text;
  }
}

function element(name, properties = {}, text = "") {
  const made = Object.assign(document.createElement(name), properties);
  if (text) made.prepend(text);
  return made;
}

// Another cube beside this one, from its own page: a file that the reader chooses.
const FILES = {
  build(place, app) {
    place.append(element("h3", {}, "Beside it"));
    const label = element("label", { className: "file" }, "another page of these (a file)");
    const input = element("input", { type: "file", accept: ".html", id: "beside" });
    input.addEventListener("change", async () => {
      if (!input.files.length) return;
      try {
        await app.beside(await cubeOfPage(await input.files[0].text(), input.files[0].name));
        app.complain("");
      } catch (error) {
        app.complain(error.message);
      }
    });
    label.append(input);
    place.append(label);
    if (app.panels.length > 1) {
      const button = element("button", { type: "button", id: "alone" }, "only the first");
      button.addEventListener("click", () => app.beside(null));
      place.append(button);
    }
  },
};

async function cubeOfPage(text, name) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const [header, packed] = ["cube-header", "cube-numbers"].map((id) => page.getElementById(id)?.textContent);
  if (!header || !packed) throw new Error(`${name}: found no cube in it; allowed: an explorer's page`);
  return EmbeddedCube.open(readHeader(header), packed);
}
