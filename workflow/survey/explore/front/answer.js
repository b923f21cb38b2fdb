"use strict";
// The numbers at the cursor, with how they were found, what they are worth, and where they come from.

async function answer(panel, state) {
  const { cube } = panel;
  const { own, crossovers } = panel.looked;
  const { variables, axes, header } = cube;
  const found = await cube.point({ variables: Object.keys(variables), at: own.at, exact: state.exact });
  panel.found = found;
  const main = found[own.v];
  const rows = [];
  const headline = `<p class="headline"><span id="answer-symbol">${escaped(variables[own.v].symbol)}</span> =
    <output data-variable="${own.v}" data-value="${main.value}">${escaped(main.method === "refused" ? "refused" : panel.value(own.v, main.value, 7))}</output></p>`;
  const where = Object.entries(own.at).filter(([name]) => variables[own.v].dims.includes(name))
    .map(([name, value]) => `${escaped(axes[name].symbol)} = ${withUnit(value, axes[name].shown, 6)}`).join(", ");
  rows.push(["how", escaped(how(main, cube, variables[own.v].shown))]);
  const status = main.statuses.length ? main.statuses : main.nearest?.statuses ?? [];
  if (status.length) rows.push(["status", status.map((name) => statusSaid(cube, name)).join("<br>")]);
  if (main.method !== "computed cell" && main.nearest && !variables[own.v].flags) {
    const near = variables[own.v].dims.map((name, i) => [name, main.nearest.at[i]]).filter(([name, value]) => !same(value, own.at[name]))
      .map(([name, value]) => `${axes[name].symbol} = ${withUnit(value, axes[name].shown)}`).join(", ");
    rows.push(["nearest cell", escaped(`${panel.value(own.v, main.nearest.value, 7)} at ${near}`)]);
  }
  for (const [name, one] of Object.entries(header.crossovers)) rows.push([escaped(one.symbol), crossoverSaid(one, crossovers[name].here, axes)]);
  const others = Object.keys(variables).filter((name) => name !== own.v && name !== "status").map((name) => {
    const one = found[name];
    const said = one.method === "refused" ? "refused" : panel.value(name, one.value, 6);
    return `<tr><th>${escaped(variables[name].symbol)}</th><td data-variable="${name}" data-value="${one.value}">${escaped(said)}</td><td>${escaped(variables[name].long_name)}</td></tr>`;
  });
  const { provenance } = header;
  const commit = provenance.git_commit ? `, code ${String(provenance.git_commit).slice(0, 12)}` : "";
  const origin = [
    `${header.file}`,
    `survey ${provenance.survey ?? ""}, ${provenance.quantity ?? ""} version ${provenance.quantity_version ?? ""}, relative accuracy ${provenance.promised_accuracy ?? "not stated"} within the theory`,
    `digest ${String(provenance.content_digest ?? "none").slice(0, 16)}${commit}, ${provenance.date_created ?? ""}`,
    `${provenance.source ?? ""}`,
  ].filter(Boolean);
  panel.query = queryLine(header, own.v, variables[own.v].dims, own.at, axes, state.exact);
  panel.part(".answer").innerHTML = `<h3>${escaped(sentence(variables[own.v].long_name))} at the cursor</h3>
    ${headline}<p class="where">${where}</p>
    <table class="facts">${rows.map(([name, said]) => `<tr><th>${name}</th><td>${said}</td></tr>`).join("")}</table>
    ${others.length ? `<details open><summary>all numbers of this point</summary><table class="others">${others.join("")}</table></details>` : ""}
    <details><summary>constants and options</summary><table class="others">${constants(header)}</table></details>
    <p class="origin">${origin.map(escaped).join("<br>")}</p>
    <p class="origin">the same ${header.server ? "by HTTP" : "in a shell"}: <code>${escaped(panel.query)}</code></p>`;
}

function how(main, cube, unit) {
  const digits = cube.header.server ? "" : ", in 7 digits (float32)";
  if (main.method === "exact") return `computed now by the kernel at this point: ${cube.last.computed_by}`;
  if (main.method === "computed cell") return `a computed cell${digits}`;
  if (main.method === "refused") return "a cell that it needs has no number; nothing is interpolated across it";
  if (main.method === "nearest computed cell") return "the nearest computed cell; flags are not interpolated";
  const around = main.around ? `; the cells around it have ${main.around.map((value) => withUnit(value, unit)).join(" to ")}` : "";
  const worth = Number.isFinite(main.error) ? `; uncertain by about ${plain(main.error, 2)} of the value`
    : `; how uncertain is not known, as an axis is linear${around}`;
  return `interpolated between computed cells (${main.method})${worth}`;
}

function statusSaid(cube, name) {
  const flags = Object.values(cube.variables.status?.flags ?? {});
  const said = flags.find((one) => one.meanings.length === 1 && one.meanings[0] === name)?.said ?? "";
  return `<b>${escaped(name.replaceAll("_", " "))}</b>${said ? `: ${escaped(said)}` : ""}`;
}

function crossoverSaid(one, here, axes) {
  const show = (value) => escaped(withUnit(value, one.shown, 4));
  const censored = "censoring" in here ? one.censoring[here.censoring[0]] ?? "" : "";
  const parts = [];
  if ("low" in here && Number.isFinite(here.low[0])) {
    parts.push(`${show(here.low[0])} to ${show(here.high[0])}${here.ratio ? `, a factor ${plain(here.ratio[0], 3)}` : ""}`);
  } else if ("value" in here && Number.isFinite(here.value[0])) parts.push(show(here.value[0]));
  if (censored) parts.push(escaped(censored));
  if ("closed_form" in here && Number.isFinite(here.closed_form[0])) parts.push(`closed form ${show(here.closed_form[0])}`);
  return `${parts.join("; ") || "not known here"}<br><small>${escaped(one.long_name)}</small>`;
}

function constants(header) {
  const rows = Object.values(header.constants).map((one) =>
    `<tr><th>${escaped(one.symbol)}</th><td>${escaped(withUnit(one.value, one.shown, 6))}</td><td>${escaped(one.long_name)}</td></tr>`);
  const options = Object.entries(header.options).map(([name, value]) =>
    `<tr><th>${escaped(name.replaceAll("_", " "))}</th><td colspan="2">${escaped(value.replaceAll("_", " "))}</td></tr>`);
  return [...rows, ...options].join("");
}

function queryLine({ file, server }, variable, dims, at, axes, exact) {
  if (server) {
    const said = new URLSearchParams(dims.map((name) => [name, `${at[name]} ${axes[name].unit === "1" ? "" : axes[name].unit}`.trim()]));
    if (exact) said.set("exact", "1");
    return `${location.origin}/query/${file}/${variable}?${said}`;
  }
  const values = dims.map((name) => {
    const unit = axes[name].unit === "1" ? "" : ` ${axes[name].unit}`;
    return unit ? `'${name}=${at[name]}${unit}'` : `${name}=${at[name]}`;
  });
  return ["survey query", file, variable, ...values].join(" ");
}
