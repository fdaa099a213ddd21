// Charts of the server's figures over the last ten minutes, one sample a second.

const KEPT = 600;
const charts = new Map();
const samples = { time: [] };

/** A colour of the design as the canvas needs it: what light-dark() comes to now. */
function colour(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function faint(rgb) {
  return rgb.replace(/^rgb\((.*)\)$/, "rgb($1 / 0.12)").replaceAll(",", "");
}

const count = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const rate = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

function bytes(value) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

const last = (key) => samples[key].at(-1) ?? 0;

// What each chart shows: its lines, how its axis and its headline read.
const CHARTS = {
  speed: {
    least: 10,
    lines: [
      ["generated", "generated"],
      ["prompt", "prompt"],
    ],
    axis: (value) => count.format(value),
    now: () => rate.format(last("generated")),
    legend: () => [`generated ${rate.format(last("generated"))}`, `prompt ${rate.format(last("prompt"))}`],
  },
  queue: {
    least: 4,
    lines: [
      ["running", "running"],
      ["waiting", "waiting"],
    ],
    axis: (value) => count.format(value),
    ticks: { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
    now: () => count.format(last("running") + last("waiting")),
    legend: () => [`being answered ${last("running")}`, `waiting ${last("waiting")}`],
  },
  cache: {
    least: 1000,
    lines: [["kvUsed", "held"]],
    axis: (value) => count.format(value),
    now: () => count.format(last("kvUsed")),
    legend: () => {
      const total = last("kvTotal");
      const share = total > 0 ? ` (${rate.format((100 * last("kvUsed")) / total)} %)` : "";
      return [`held ${count.format(last("kvUsed"))} of ${count.format(total)}${share}`];
    },
  },
  memory: {
    least: 64 * 2 ** 20,
    lines: [["resident", "resident"]],
    axis: (value) => bytes(value),
    ticks: { incrs: Array.from({ length: 24 }, (_, i) => 2 ** (20 + i)) },
    now: () => bytes(last("resident")),
    legend: () => [
      `process ${bytes(last("resident"))}`,
      `of it weights ${bytes(last("weights"))}`,
      `caches ${bytes(last("kvBytes"))}`,
    ],
  },
};

const COLOURS = ["--accent", "--warm", "--ink-faint"];

function draw(id) {
  const chart = CHARTS[id];
  const place = document.querySelector(`#${id} .plot`);
  charts.get(id)?.destroy();
  const axis = { stroke: colour("--ink-faint"), font: "11px system-ui", ticks: { show: false } };
  const grid = { stroke: colour("--line"), width: 1 };
  charts.set(
    id,
    new uPlot(
      {
        width: place.clientWidth,
        height: place.clientHeight,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { range: (plot, from, to) => [Math.min(from, to - 60), Math.max(to, from + 1)] },
          y: { range: (plot, from, to) => [0, Math.max(to * 1.15, chart.least)] },
        },
        axes: [
          { ...axis, grid: { show: false }, size: 26, space: 90, values: (plot, ticks) => ticks.map(clock) },
          { ...axis, grid, size: id === "memory" ? 62 : 50, space: 34, values: (plot, ticks) => ticks.map(chart.axis), ...chart.ticks },
        ],
        series: [
          {},
          ...chart.lines.map(([, label], i) => ({
            label,
            stroke: colour(COLOURS[i]),
            fill: i === 0 ? faint(colour(COLOURS[i])) : undefined,
            width: 1.5,
            points: { show: false },
          })),
        ],
      },
      data(chart),
      place,
    ),
  );
}

function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

function data(chart) {
  return [samples.time, ...chart.lines.map(([key]) => samples[key] ?? [])];
}

function show() {
  for (const [id, chart] of Object.entries(CHARTS)) {
    if (!charts.has(id)) draw(id);
    charts.get(id).setData(data(chart));
    const section = document.getElementById(id);
    section.querySelector("[data-now]").textContent = chart.now();
    const legend = section.querySelector(".legend");
    legend.replaceChildren(
      ...chart.legend().map((text, i) => {
        const item = document.createElement("span");
        if (i < chart.lines.length) item.className = `s${i}`;
        item.textContent = text;
        return item;
      }),
    );
  }
}

function add(fresh) {
  for (const [key, values] of Object.entries(fresh)) {
    samples[key] = [...(samples[key] ?? []), ...values].slice(-KEPT);
  }
}

async function poll() {
  if (!document.hidden) {
    const note = document.getElementById("live-note");
    try {
      const answer = await fetch(`/live/samples?after=${samples.time.at(-1) ?? 0}`);
      if (!answer.ok) throw new Error(String(answer.status));
      add(await answer.json());
      if (samples.time.length > 0) show();
      note.hidden = true;
    } catch {
      note.hidden = false;
    }
  }
  setTimeout(poll, 1000);
}

function redraw() {
  if (samples.time.length > 0) Object.keys(CHARTS).forEach(draw);
}

new ResizeObserver(redraw).observe(document.getElementById("charts"));
document.addEventListener("otium:theme", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
poll();
