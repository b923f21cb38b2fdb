"use strict";
// Numbers with their units, as people write and read them.

const PREFIXES = [[-15, "f"], [-12, "p"], [-9, "n"], [-6, "µ"], [-3, "m"], [0, ""], [3, "k"], [6, "M"], [9, "G"]];
const PREFIXED = ["K", "s", "m", "J", "T", "Hz", "Ω"];

function superscript(number) {
  return String(number).replace(/[0-9-]/g, (sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"["0123456789-".indexOf(sign)]);
}

// A number in so many digits: 0.0355, 7.24×10⁴⁶.
function plain(value, digits = 5) {
  if (value === null || Number.isNaN(value)) return "none";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-3 && size < 1e5)) return String(Number(value.toPrecision(digits))).replace("-", "−");
  const [mantissa, power] = value.toExponential(digits - 1).split("e");
  return `${String(Number(mantissa)).replace("-", "−")}×10${superscript(Number(power))}`;
}

// The power of ten whose prefix suits a unit and a size.
function powerOf(shown, size) {
  if (!PREFIXED.includes(shown) || !(size > 0) || !Number.isFinite(size)) return 0;
  const power = 3 * Math.floor(Math.log10(size * 1.00001) / 3);
  return Math.min(Math.max(power, -15), shown === "K" ? 0 : 9);
}

function prefixed(shown, power) {
  return PREFIXES.find((each) => each[0] === power)[1] + shown;
}

// A value with its unit: 35.5 mK, 7.24×10⁴⁶ J⁻¹ m⁻³.
function withUnit(value, shown, digits = 5) {
  const power = powerOf(shown, Math.abs(value));
  const unit = prefixed(shown, power);
  return plain(Number.isFinite(value) ? value / 10 ** power : value, digits) + (unit ? ` ${unit}` : "");
}

// The number, in the axis's unit, that a reader has typed: "35 mK", "0.035", "7e46", "5.6×10⁴⁶"; NaN if it is none.
function readNumber(text, axis) {
  let said = text.trim().replaceAll("−", "-").replaceAll("μ", "µ").replace(/^(.*?)\s*×\s*10/, "$1e");
  said = said.replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+/g, (found, place) =>
    said[place - 1] === "e" ? [...found].map((sign) => "0123456789-"["⁰¹²³⁴⁵⁶⁷⁸⁹⁻".indexOf(sign)]).join("") : found);
  const found = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(.*)$/i.exec(said);
  if (!found) return NaN;
  const [number, unit] = [Number(found[1]), found[2].replace(/^u/, "µ")];
  if (unit === "" || unit === axis.shown || unit === axis.unit) return number;
  const known = PREFIXED.includes(axis.shown) && PREFIXES.find((each) => each[1] + axis.shown === unit);
  return known ? Number((number * 10 ** known[0]).toPrecision(14)) : NaN;
}

// The coordinate in which an axis is drawn, moved along and interpolated in.
function scaled(axis, value) {
  return axis.log ? Math.log(value) : value;
}

// The position of the nearest value of an axis.
function nearest(axis, value) {
  const at = scaled(axis, value);
  let best = 0;
  axis.values.forEach((each, place) => {
    if (Math.abs(scaled(axis, each) - at) < Math.abs(scaled(axis, axis.values[best]) - at)) best = place;
  });
  return best;
}

// Whether two numbers are one coordinate, to 12 digits.
function same(one, other) {
  return one.toExponential(11) === other.toExponential(11);
}

// The ends of the cells of an axis, half way to the next value.
function edgesOf(axis) {
  const points = axis.values.map((value) => scaled(axis, value));
  const back = (value) => (axis.log ? Math.exp(value) : value);
  if (points.length === 1) {
    const room = axis.log ? 0.05 : 0.05 * (Math.abs(points[0]) || 1);
    return [back(points[0] - room), back(points[0] + room)];
  }
  const inner = points.slice(1).map((value, place) => (value + points[place]) / 2);
  const last = points.length - 1;
  return [points[0] - (inner[0] - points[0]), ...inner, points[last] + (points[last] - inner[last - 1])].map(back);
}
