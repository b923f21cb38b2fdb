"use strict";
// A cube that lies behind a server: each view is one request, which brings the cells, the crossovers and the numbers at
// the cursor. In double precision, and on demand computed by the kernel.

class RemoteCube {
  constructor(header) {
    this.header = header;
    this.axes = header.axes;
    this.variables = header.variables;
  }

  static async open(name) {
    return new RemoteCube(readHeader(await (await asked(`/explore/${name}.json`)).text()));
  }

  address(kind, { v, variables, x, y, at, exact }) {
    const said = new URLSearchParams({ v, variables: variables.join(","), x, y });
    for (const [axis, value] of Object.entries(at)) said.set(`at.${axis}`, String(value));
    if (exact) said.set("exact", "1");
    return `/${kind}/${this.header.file}?${said}`;
  }

  async view(wanted) {
    const bytes = await (await asked(this.address("view", { ...wanted, v: wanted.variables[0] }))).arrayBuffer();
    const length = new DataView(bytes).getUint32(0, true);
    const head = readHeader(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
    const planes = {};
    let start = 4 + length;
    for (const [name, type] of head.planes) {
      const kind = type === "float64" ? Float64Array : Uint8Array;
      const end = start + head.cells * kind.BYTES_PER_ELEMENT;
      planes[name] = Float64Array.from(new kind(bytes.slice(start, end)));
      start = end;
    }
    this.last = head;
    return { planes, at: head.at };
  }

  async crossover(name, over) {
    return this.last.crossovers[name][over ? "line" : "here"];
  }

  async point() {
    return this.last.point;
  }

  async netcdf(own, state) {
    const variables = [own.v, ...("status" in this.variables && own.v !== "status" ? ["status"] : [])];
    return (await asked(this.address("view.nc", { ...own, variables, exact: state.exact }))).blob();
  }
}

// What the server answers; its own words if it refuses.
async function asked(address) {
  let answer;
  try {
    answer = await fetch(address);
  } catch {
    throw Object.assign(new Error("the server does not answer; is `survey explore` still running?"), { told: true });
  }
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({ error: answer.statusText }));
  throw Object.assign(new Error(said.error), { told: true });
}

// Another cube of the same server beside this one.
const CUBES = {
  build(place, app) {
    place.append(element("h3", {}, "Beside it"));
    const select = element("select", { id: "beside" });
    select.append(new Option("no other cube", ""));
    for (const name of app.cube.header.server.cubes) {
      select.append(new Option(name, name, false, name === app.state.with));
    }
    select.addEventListener("change", async () => {
      try {
        await app.beside(select.value ? await RemoteCube.open(select.value) : null);
        app.complain("");
      } catch (error) {
        app.complain(error.message);
      }
    });
    place.append(select);
    place.append(element("p", { className: "another", innerHTML: '<a href="/">all cubes</a>' }));
  },
};
