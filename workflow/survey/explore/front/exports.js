"use strict";
// What a reader takes away: pictures, the numbers of the view, and a survey that draws it.

function download(name, content, type) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = element("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

function nameOf(app, kind) {
  const { header } = app.cube;
  const { v, x, y } = app.panels[0].looked.own;
  const { survey, label } = header.provenance;
  return `${[survey ?? "cube", label, v, x, y].filter(Boolean).join("_")}.${kind}`;
}

// The words under an exported picture.
function captionOf(panel) {
  const { own } = panel.looked;
  const { axes, variables, header } = panel.cube;
  const said = (name) => `${axes[name].symbol} = ${withUnit(own.at[name], axes[name].shown)}`;
  const { survey, quantity, quantity_version: version, content_digest: digest } = header.provenance;
  return [`${sentence(variables[own.v].long_name)}; cross at ${variables[own.v].dims.map(said).join(", ")}`,
    `survey ${survey}, ${header.file}, ${quantity} version ${version}, digest ${String(digest).slice(0, 16)}`];
}

async function savePng(app) {
  const parts = app.panels.map((panel) => panel.picture.views.map((view) => view.export("png").canvas));
  const wide = parts.map((canvases) => Math.max(...canvases.map((canvas) => canvas.width)));
  const tall = parts.map((canvases) => canvases.reduce((sum, canvas) => sum + canvas.height, 0));
  const dots = window.devicePixelRatio || 1;
  const foot = 44 * dots;
  const canvas = element("canvas", { width: wide.reduce((a, b) => a + b, 0), height: Math.max(...tall) + foot });
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  let left = 0;
  app.panels.forEach((panel, place) => {
    let top = 0;
    for (const part of parts[place]) {
      context.drawImage(part, left, top);
      top += part.height;
    }
    context.fillStyle = "#555555";
    context.font = `${11 * dots}px Helvetica, Arial, sans-serif`;
    captionOf(panel).forEach((line, row) => {
      const down = Math.max(...tall) + (16 + 16 * row) * dots;
      context.fillText(line, left + 10 * dots, down, wide[place] - 20 * dots);
    });
    left += wide[place];
  });
  download(nameOf(app, "png"), await new Promise((done) => canvas.toBlob(done, "image/png")));
}

function saveSvg(app) {
  const parts = [];
  let [left, height] = [0, 0];
  for (const panel of app.panels) {
    let [top, wide] = [0, 0];
    for (const view of panel.picture.views) {
      const svg = view.export("svg").ctx.get_serialized_svg(true);
      parts.push(svg.replace(/^<svg /, `<svg x="${left}" y="${top}" `));
      top += view.bbox.height;
      wide = Math.max(wide, view.bbox.width);
    }
    const font = 'font-family="Helvetica, Arial, sans-serif" font-size="11" fill="#555555"';
    captionOf(panel).forEach((line, row) =>
      parts.push(`<text x="${left + 10}" y="${top + 16 + 16 * row}" ${font}>${escaped(line)}</text>`));
    left += wide;
    height = Math.max(height, top + 44);
  }
  const spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"';
  const head = `<svg ${spaces} width="${left}" height="${height}">`;
  download(nameOf(app, "svg"), `${head}${parts.join("\n")}</svg>\n`, "image/svg+xml");
}

// The cells of the view, one line each, in the units of the files.
function csvOf(panel) {
  const { own, planes, viewed } = panel.looked;
  const { axes, variables, header } = panel.cube;
  const unit = (one) => (one.unit === "1" ? "" : ` (${one.unit})`);
  const free = [own.x, own.y].filter(Boolean);
  const fixed = variables[own.v].dims.filter((name) => !free.includes(name))
    .map((name) => `${name} = ${viewed[name]}${axes[name].unit === "1" ? "" : ` ${axes[name].unit}`}`);
  const names = Object.keys(planes);
  const lines = [`# ${header.file}; ${fixed.join(", ")}; digest ${header.provenance.content_digest ?? ""}`];
  const titled = (known) => (name) => name + unit(known[name]);
  lines.push([...free.map(titled(axes)), ...names.map(titled(variables))].join(","));
  const xs = axes[own.x].values;
  const cell = (name, value) => {
    const { flags } = variables[name];
    if (flags) return flags[value]?.meanings.join(" ") ?? value;
    return Number.isNaN(value) ? "" : value;
  };
  planes[own.v].forEach((_, p) => {
    const places = [xs[p % xs.length], ...(own.y ? [axes[own.y].values[Math.floor(p / xs.length)]] : [])];
    lines.push([...places, ...names.map((name) => cell(name, planes[name][p]))].join(","));
  });
  return `${lines.join("\n")}\n`;
}

// A survey that computes the cells of the view and nothing else, and draws it.
function surveyOf(panel) {
  const { own, viewed } = panel.looked;
  const { axes, variables, header } = panel.cube;
  const { provenance } = header;
  const value = (number, one) => `${number}${one.unit === "1" ? "" : ` ${one.unit}`}`;
  const free = [own.x, own.y].filter(Boolean);
  const label = provenance.label ?? provenance.quantity;
  const fixed = Object.keys(axes).filter((name) => !free.includes(name));
  const stored = [own.v, ...(["status"].filter((name) => name in variables && name !== own.v))];
  const flags = variables[own.v].flags;
  const kind = own.y ? (flags ? "regime_map" : "value_map") : "curves";
  const options = Object.entries(header.options);
  const lines = [
    `# A view of ${header.file}: ${sentence(variables[own.v].long_name)}.`,
    `title: A view of ${provenance.survey ?? "a cube"}, ${label}`,
    "axes:",
    ...Object.keys(axes).filter((name) => free.includes(name)).map((name) =>
      `  ${name}: {values: [${axes[name].values.map((each) => value(each, axes[name])).join(", ")}]}`),
    "constants:",
    ...fixed.map((name) => `  ${name}: ${value(viewed[name], axes[name])}`),
    ...Object.entries(header.constants).map(([name, one]) => `  ${name}: ${value(one.value, one)}`),
    "quantities:",
    `  ${label}:`,
    `    quantity: ${provenance.quantity}`,
    `    variables: [${stored.join(", ")}]`,
    ...(header.dtype === "float32" ? ["    dtype: float32"] : []),
    ...(options.length ? [`    options: {${options.map(([name, one]) => `${name}: ${one}`).join(", ")}}`] : []),
    "crossovers: {}",
    "diagrams:",
    "  view:",
    `    kind: ${kind}`,
    `    quantity: ${label}`,
    kind === "curves" ? `    variables: [${own.v}]` : `    variable: ${own.v}`,
    `    x: ${own.x}`,
    ...(own.y ? [`    y: ${own.y}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}

async function saveNetcdf(app) {
  const content = await app.cube.netcdf(app.panels[0].looked.own, app.state);
  download(nameOf(app, "nc"), content);
}

const EXPORTS = {
  PNG: savePng,
  SVG: saveSvg,
  CSV: (app) => download(nameOf(app, "csv"), csvOf(app.panels[0]), "text/csv"),
  netCDF: saveNetcdf,
  YAML: (app) => download(nameOf(app, "yaml"), surveyOf(app.panels[0]), "text/yaml"),
};
