"use strict";
// The numbers at the cursor, with how they were found, what they are worth, and where they come from.

async function answer(panel, state) {
  const { cube } = panel;
  const { own, crossovers } = panel.looked;
  const { variables, axes, header } = cube;
  const found = await cube.point({ variables: Object.keys(variables), at: own.at, exact: state.exact });
  panel.found = found;
  const [main, variable] = [found[own.v], variables[own.v]];
  const shown = main.method === "refused" ? "refused" : panel.value(own.v, main.value, 7);
  const where = variable.dims.map((name) => `${axes[name].symbol} = ${withUnit(own.at[name], axes[name].shown, 6)}`);
  const rows = [["how", escaped(how(main, cube, variable.shown))]];
  const statuses = main.statuses.length ? main.statuses : main.nearest?.statuses ?? [];
  if (statuses.length) rows.push(["status", statuses.map((name) => statusSaid(cube, name)).join("<br>")]);
  if (main.method !== "computed cell" && main.nearest && !variable.flags) {
    const near = variable.dims.map((name, place) => [name, main.nearest.at[place]])
      .filter(([name, value]) => !same(value, own.at[name]))
      .map(([name, value]) => `${axes[name].symbol} = ${withUnit(value, axes[name].shown)}`);
    rows.push(["nearest cell", escaped(`${panel.value(own.v, main.nearest.value, 7)} at ${near.join(", ")}`)]);
  }
  for (const [name, one] of Object.entries(header.crossovers)) {
    rows.push([escaped(one.symbol), crossoverSaid(one, crossovers[name].here)]);
  }
  const others = Object.keys(variables).filter((name) => name !== own.v && name !== "status").map((name) => {
    const said = found[name].method === "refused" ? "refused" : panel.value(name, found[name].value, 6);
    const number = `<td data-variable="${name}" data-value="${found[name].value}">${escaped(said)}</td>`;
    const { symbol, long_name: about } = variables[name];
    return `<tr><th>${escaped(symbol)}</th>${number}<td>${escaped(about)}</td></tr>`;
  });
  panel.query = queryLine(header, own.v, variable.dims, own.at, axes, state.exact);
  panel.part(".answer").innerHTML = [
    `<h3>${escaped(sentence(variable.long_name))} at the cursor</h3>`,
    `<p class="headline"><span id="answer-symbol">${escaped(variable.symbol)}</span> = `,
    `<output data-variable="${own.v}" data-value="${main.value}">${escaped(shown)}</output></p>`,
    `<p class="where">${escaped(where.join(", "))}</p>`,
    `<table class="facts">${rows.map(([name, said]) => `<tr><th>${name}</th><td>${said}</td></tr>`).join("")}</table>`,
    others.length ? unfolding("all numbers of this point", others.join(""), "open") : "",
    unfolding("constants and options", constants(header)),
    `<p class="origin">${originOf(header).map(escaped).join("<br>")}</p>`,
    `<p class="origin">the same ${header.server ? "by HTTP" : "in a shell"}: <code>${escaped(panel.query)}</code></p>`,
  ].join("");
}

function unfolding(title, rows, open = "") {
  return `<details ${open}><summary>${title}</summary><table class="others">${rows}</table></details>`;
}

// Where the numbers come from, line by line.
function originOf({ file, provenance }) {
  const commit = provenance.git_commit ? `, code ${String(provenance.git_commit).slice(0, 12)}` : "";
  const quantity = `${provenance.quantity ?? ""} version ${provenance.quantity_version ?? ""}`;
  const accuracy = `relative accuracy ${provenance.promised_accuracy ?? "not stated"} within the theory`;
  const digest = String(provenance.content_digest ?? "none").slice(0, 16);
  return [file, `survey ${provenance.survey ?? ""}, ${quantity}, ${accuracy}`,
    `digest ${digest}${commit}, ${provenance.date_created ?? ""}`, provenance.source].filter(Boolean);
}

function how(main, cube, unit) {
  const digits = cube.header.server ? "" : ", in 7 digits (float32)";
  if (main.method === "exact") return `computed now by the kernel at this point: ${cube.last.computed_by}`;
  if (main.method === "computed cell") return `a computed cell${digits}`;
  if (main.method === "refused") return "a cell that it needs has no number; nothing is interpolated across it";
  if (main.method === "nearest computed cell") return "the nearest computed cell; flags are not interpolated";
  const ends = main.around ? main.around.map((value) => withUnit(value, unit)).join(" to ") : "";
  const around = ends ? `; the cells around it have ${ends}` : "";
  const worth = Number.isFinite(main.error) ? `; uncertain by about ${plain(main.error, 2)} of the value`
    : `; how uncertain is not known, as an axis is linear${around}`;
  return `interpolated between computed cells (${main.method})${worth}`;
}

function statusSaid(cube, name) {
  const flags = Object.values(cube.variables.status?.flags ?? {});
  const said = flags.find((one) => one.meanings.length === 1 && one.meanings[0] === name)?.said ?? "";
  return `<b>${escaped(name.replaceAll("_", " "))}</b>${said ? `: ${escaped(said)}` : ""}`;
}

function crossoverSaid(one, here) {
  const show = (value) => withUnit(value, one.shown, 4);
  const censored = "censoring" in here ? one.censoring[here.censoring[0]] ?? "" : "";
  const parts = [];
  if ("low" in here && Number.isFinite(here.low[0])) {
    const factor = here.ratio ? `, a factor ${plain(here.ratio[0], 3)}` : "";
    parts.push(`${show(here.low[0])} to ${show(here.high[0])}${factor}`);
  } else if ("value" in here && Number.isFinite(here.value[0])) parts.push(show(here.value[0]));
  if (censored) parts.push(censored);
  if ("closed_form" in here && Number.isFinite(here.closed_form[0])) {
    parts.push(`closed form ${show(here.closed_form[0])}`);
  }
  return `${escaped(parts.join("; ") || "not known here")}<br><small>${escaped(one.long_name)}</small>`;
}

function constants(header) {
  const row = (name, ...cells) => `<tr><th>${escaped(name)}</th>${cells.join("")}</tr>`;
  const rows = Object.values(header.constants).map((one) =>
    row(one.symbol, `<td>${escaped(withUnit(one.value, one.shown, 6))}</td>`, `<td>${escaped(one.long_name)}</td>`));
  const options = Object.entries(header.options).map(([name, value]) =>
    row(name.replaceAll("_", " "), `<td colspan="2">${escaped(value.replaceAll("_", " "))}</td>`));
  return [...rows, ...options].join("");
}

// What gives the same number: a command, or an address of the server.
function queryLine({ file, server }, variable, dims, at, axes, exact) {
  const unit = (name) => (axes[name].unit === "1" ? "" : ` ${axes[name].unit}`);
  if (server) {
    const said = new URLSearchParams(dims.map((name) => [name, `${at[name]}${unit(name)}`]));
    if (exact) said.set("exact", "1");
    return `${location.origin}/query/${file}/${variable}?${said}`;
  }
  const values = dims.map((name) => (unit(name) ? `'${name}=${at[name]}${unit(name)}'` : `${name}=${at[name]}`));
  return ["survey query", file, variable, ...values].join(" ");
}
