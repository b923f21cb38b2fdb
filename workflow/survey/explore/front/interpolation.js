"use strict";
// A number between the computed cells, in the logarithm of every axis and of the value: multilinear, with a correction
// along each axis by the cubic through four cells, or the quadratic through three where one of the four has no number.
// It is what `survey query` does, on the numbers of the page.

const REFUSED = ["empty", "not_converged", "unknown"];

function stencil(axis, value) {
  const values = axis.values;
  const there = values.findIndex((each) => same(each, value));
  if (there >= 0) return { exact: true, start: there, points: 1, low: 0, linear: [1], curves: [], nearest: 0 };
  const upper = values.findIndex((each) => each > value);
  const start = Math.max(Math.min(upper - 2, values.length - 4), 0);
  const points = values.slice(start, start + 4).map((each) => scaled(axis, each));
  const low = upper - 1 - start;
  const x = scaled(axis, value);
  const weight = (x - points[low]) / (points[low + 1] - points[low]);
  const threes = [low - 1, low].filter((first) => first >= 0 && first + 3 <= points.length).map((first) => [first, 3]);
  const windows = points.length === 4 ? [[0, 4], ...threes] : threes;
  const curves = windows.map(([first, count]) => ({ first, weights: lagrange(points.slice(first, first + count), x) }));
  return { exact: false, start, points: points.length, low, linear: [1 - weight, weight], curves,
    nearest: low + (weight > 0.5 ? 1 : 0) };
}

function lagrange(points, x) {
  return points.map((own, i) =>
    points.reduce((product, other, j) => (i === j ? product : (product * (x - other)) / (own - other)), 1));
}

// `cell` gives value and status names of the cell at positions along each axis of `axes`; `at` is the point.
function interpolate(axes, at, cell) {
  const stencils = axes.map((axis, place) => stencil(axis, at[place]));
  const brackets = stencils.map((one) => ({ first: one.low, weights: one.linear }));
  const read = new Map();
  const cellOf = (positions) => {
    const key = positions.join();
    if (!read.has(key)) {
      const found = cell(positions.map((position, place) => position + stencils[place].start));
      found.usable = Number.isFinite(found.value) && !found.statuses.some((name) => REFUSED.includes(name));
      read.set(key, found);
    }
    return read.get(key);
  };
  const nearestCell = cellOf(stencils.map((one) => one.nearest));
  const result = { nearest: { at: axes.map((axis, p) => axis.values[stencils[p].start + stencils[p].nearest]),
    value: nearestCell.value, statuses: nearestCell.statuses }, method: "computed cell", error: NaN };
  if (stencils.every((one) => one.exact)) {
    return { ...result, value: nearestCell.value, statuses: nearestCell.statuses, cells: 1, error: 0 };
  }
  // The whole block decides whether logarithms are taken.
  let positive = true;
  each(stencils.map((one) => one.points), (positions) => {
    const found = cellOf(positions);
    if (found.usable && !(found.value > 0)) positive = false;
  });
  const contract = (parts) => {
    let [total, good] = [0, true];
    const statuses = new Set();
    each(parts.map((part) => part.weights.length), (offsets) => {
      const found = cellOf(offsets.map((offset, place) => parts[place].first + offset));
      found.statuses.forEach((name) => statuses.add(name));
      good = good && found.usable;
      const weight = offsets.reduce((product, offset, place) => product * parts[place].weights[offset], 1);
      total += weight * (positive ? Math.log(found.value) : found.value);
    });
    return { total, good, statuses };
  };
  const linear = contract(brackets);
  const statuses = linear.statuses;
  const around = [];
  each(brackets.map((part) => part.weights.length), (offsets) =>
    around.push(cellOf(offsets.map((offset, place) => brackets[place].first + offset)).value));
  result.around = [Math.min(...around), Math.max(...around)];
  const corners = brackets.reduce((product, one) => product * one.weights.length, 1);
  let [corrections, sizes, cells, complete] = [0, 0, corners, true];
  const kinds = { cubic: [], quadratic: [], linear: [] };
  stencils.forEach((one, axis) => {
    if (one.exact) return;
    for (const curve of linear.good ? one.curves : []) {
      const curved = contract(brackets.map((part, place) => (place === axis ? curve : part)));
      if (!curved.good) continue;
      corrections += curved.total - linear.total;
      sizes += Math.abs(curved.total - linear.total);
      curved.statuses.forEach((name) => statuses.add(name));
      cells += ((curve.weights.length - 2) * corners) / 2;
      kinds[curve.weights.length === 4 ? "cubic" : "quadratic"].push(axes[axis].symbol);
      return;
    }
    complete = false;
    kinds.linear.push(axes[axis].symbol);
  });
  if (!linear.good) return { ...result, value: NaN, statuses: [...statuses], cells, method: "refused" };
  const sum = linear.total + corrections;
  const value = positive ? Math.exp(sum) : sum;
  const along = Object.entries(kinds).filter(([, names]) => names.length);
  const method = `${positive ? "log-log" : "value against log"}, ` +
    along.map(([kind, names]) => `${kind} along ${names.join(" ")}`).join(", ");
  const error = complete ? (positive ? Math.expm1(sizes) : sizes / Math.abs(value)) : NaN;
  return { ...result, value, statuses: [...statuses], cells, method, error };
}

// Calls for all positions of a block of these lengths.
function each(lengths, visit) {
  const positions = lengths.map(() => 0);
  for (;;) {
    visit([...positions]);
    let place = lengths.length - 1;
    while (place >= 0 && ++positions[place] === lengths[place]) positions[place--] = 0;
    if (place < 0) return;
  }
}
