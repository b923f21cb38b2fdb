"use strict";
// The cube of a page: its numbers are in the page itself.

class EmbeddedCube {
  // `header` says what the cube is, `packed` holds its numbers as `survey.explore.payload` packs them.
  static async open(header, packed) {
    const bytes = Uint8Array.from(atob(packed), (sign) => sign.charCodeAt(0));
    const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    const stream = new Uint8Array(await new Response(inflated).arrayBuffer());
    const cube = new EmbeddedCube();
    cube.header = header;
    cube.axes = header.axes;
    cube.variables = header.variables;
    cube.exactly = false;
    cube.arrays = {};
    for (const [name, one] of Object.entries(header.arrays)) cube.arrays[name] = unpacked(stream, one);
    return cube;
  }

  strides(name) {
    const dims = this.dimsOf(name);
    const strides = {};
    let step = 1;
    for (const axis of [...dims].reverse()) {
      strides[axis] = step;
      step *= this.axes[axis].values.length;
    }
    return strides;
  }

  dimsOf(name) {
    if (name in this.variables) return this.variables[name].dims;
    return Object.values(this.header.crossovers).find((one) => Object.values(one.parts).includes(name)).dims;
  }

  place(name, positions) {
    return Object.entries(this.strides(name)).reduce((sum, [axis, step]) => sum + step * positions[axis], 0);
  }

  positions(at) {
    return Object.fromEntries(Object.entries(this.axes).map(([name, axis]) => [name, nearest(axis, at[name])]));
  }

  // The named variables over x and y (y may be empty), at the computed cells nearest to `at`; of each an array of
  // numbers, row after row of y.
  async view({ variables, x, y, at }) {
    const positions = this.positions(at);
    const planes = {};
    for (const name of variables) planes[name] = this.plane(name, x, y, positions);
    return { planes, at: Object.fromEntries(Object.entries(positions).map(([k, p]) => [k, this.axes[k].values[p]])) };
  }

  plane(name, x, y, positions) {
    const [data, strides] = [this.arrays[name], this.strides(name)];
    const start = this.place(name, { ...positions, [x]: 0, [y]: 0 });
    const [stepX, stepY] = [strides[x] ?? 0, strides[y] ?? 0];
    const nx = this.axes[x].values.length;
    const ny = y ? this.axes[y].values.length : 1;
    const found = new Float64Array(nx * ny);
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++) found[j * nx + i] = data[start + j * stepY + i * stepX];
    }
    return found;
  }

  // What the page knows of variables at a point: interpolated between the computed cells.
  async point({ variables, at }) {
    return Object.fromEntries(variables.map((name) => [name, this.number(name, at)]));
  }

  number(name, at) {
    const variable = this.variables[name];
    const axes = variable.dims.map((axis) => this.axes[axis]);
    const place = (positions) => this.place(name, Object.fromEntries(variable.dims.map((d, i) => [d, positions[i]])));
    const where = variable.dims.map((axis) => at[axis]);
    if (variable.flags) {
      const positions = axes.map((axis, i) => nearest(axis, where[i]));
      const exact = positions.every((p, i) => same(axes[i].values[p], where[i]));
      const value = this.arrays[name][place(positions)];
      return { value, method: exact ? "computed cell" : "nearest computed cell", cells: 1, error: NaN,
        statuses: [], nearest: { at: positions.map((p, i) => axes[i].values[p]), value } };
    }
    const judge = this.variables.status;
    const judged = judge && judge.dims.every((axis) => variable.dims.includes(axis));
    const statusOf = (positions) => {
      if (!judged) return [];
      const own = Object.fromEntries(variable.dims.map((axis, i) => [axis, positions[i]]));
      const flag = this.arrays.status[this.place("status", own)];
      return this.variables.status.flags[flag]?.meanings ?? ["unknown"];
    };
    return interpolate(axes, where, (positions) =>
      ({ value: this.arrays[name][place(positions)], statuses: statusOf(positions) }));
  }

  // The parts of a crossover as arrays over one axis (or a single number where `over` is empty), nearest to `at`.
  async crossover(name, over, at) {
    const one = this.header.crossovers[name];
    const positions = this.positions(at);
    return Object.fromEntries(Object.entries(one.parts).map(([part, variable]) => {
      const axis = over && one.dims.includes(over) ? over : "";
      const count = over ? this.axes[over].values.length : 1;
      const data = this.arrays[variable];
      const values = Array.from({ length: count }, (_, i) =>
        data[this.place(variable, axis ? { ...positions, [axis]: i } : positions)]);
      return [part, values];
    }));
  }
}

// The inverse of `survey.explore.payload.pack`.
function unpacked(stream, { dtype, shape, start }) {
  const count = shape.reduce((product, length) => product * length, 1);
  if (dtype === "uint8") return stream.slice(start, start + count);
  if (dtype === "float32") {
    const bits = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const word = stream[start + i] | (stream[start + count + i] << 8) | (stream[start + 2 * count + i] << 16) |
        (stream[start + 3 * count + i] << 24);
      bits[i] = (word >>> 1) ^ -(word & 1);
    }
    summed(bits, shape);
    return new Float32Array(bits.buffer);
  }
  const bits = new BigUint64Array(count);
  for (let i = 0; i < count; i++) {
    let word = 0n;
    for (let byte = 7; byte >= 0; byte--) word = (word << 8n) | BigInt(stream[start + byte * count + i]);
    bits[i] = (word >> 1n) ^ -(word & 1n);
  }
  summed(bits, shape);
  return new Float64Array(bits.buffer);
}

// Undoes differences along the last and the first axis; a typed array keeps the sum within its bits.
function summed(bits, shape) {
  const last = shape.length ? shape[shape.length - 1] : 1;
  const rest = shape.slice(1).reduce((product, length) => product * length, 1);
  if (last > 1) for (let i = 0; i < bits.length; i++) if (i % last) bits[i] += bits[i - 1];
  if (shape.length > 1) for (let i = rest; i < bits.length; i++) bits[i] += bits[i - rest];
}

// JSON in which null is no number, and "+inf" and "-inf" are those.
function readHeader(text) {
  const unsaid = { "+inf": Infinity, "-inf": -Infinity };
  return JSON.parse(text, (key, value) => (value === null ? NaN : unsaid[value] ?? value));
}
