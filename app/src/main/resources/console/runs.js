// Curves of one run as it trains, or of several over each other.

const place = document.getElementById("curves");
const runs = place.dataset.runs.split(" ");
const charts = new Map();
let latest = [];

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
  return rgb.replace(/^rgb\((.*)\)$/, "rgb($1 / 0.3)").replaceAll(",", "");
}

const count = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** Four digits that count, however small the number is. */
function figure(value) {
  if (value === undefined) return "–";
  if (value !== 0 && Math.abs(value) < 0.001) return value.toExponential(1);
  return value >= 100 ? count.format(value) : String(Number(value.toPrecision(3)));
}

const last = (values) => values.at(-1);

// What each chart shows beside its own metric, and what its headline is.
const CHARTS = {
  loss: { also: "held_out_loss", smooth: true, now: () => Math.min(...latest.map((run) => last(run.curves.loss.smooth)).filter(Number.isFinite)) },
  learning_rate: { now: () => last(latest[0].curves.learning_rate.values), least: 0 },
  gradient_norm: { smooth: true, now: () => last(latest[0].curves.gradient_norm.smooth), least: 0 },
  tokens_per_second: { smooth: true, now: () => last(latest[0].curves.tokens_per_second.smooth), least: 0 },
};

const shown = () => Object.keys(CHARTS).filter((id) => document.getElementById(id));

/** Lines of a chart: pale single steps, the moving mean on top, then what was held out. */
function lines(id) {
  const chart = CHARTS[id];
  const all = [];
  latest.forEach((run, i) => {
    const name = `--c${i}`;
    const own = run.curves[id];
    if (chart.smooth) {
      all.push({ steps: own.steps, values: own.values, stroke: faint(colour(name)), width: 1 });
      all.push({ steps: own.steps, values: own.smooth, stroke: colour(name), width: 2 });
    } else {
      all.push({ steps: own.steps, values: own.values, stroke: colour(name), width: 2 });
    }
    const other = chart.also ? run.curves[chart.also] : undefined;
    if (other?.steps.length > 0) {
      all.push({ steps: other.steps, values: other.values, stroke: colour(runs.length > 1 ? name : "--warm"), width: 1.5, dash: [5, 4], dots: true });
    }
  });
  return all.filter((line) => line.steps.length > 0);
}

function draw(id) {
  const section = document.getElementById(id);
  const plot = section.querySelector(".plot");
  const drawn = lines(id);
  charts.get(id)?.destroy();
  charts.delete(id);
  if (drawn.length === 0) return;
  const axis = { stroke: colour("--ink-faint"), font: "11px system-ui", ticks: { show: false } };
  const grid = { stroke: colour("--line"), width: 1 };
  const least = CHARTS[id].least;
  charts.set(
    id,
    new uPlot(
      {
        width: plot.clientWidth,
        height: plot.clientHeight,
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, points: { show: false } },
        scales: {
          x: { time: false, range: (u, from, to) => [0, Math.max(to, 2)] },
          y: {
            range: (u, from, to) => {
              const margin = (to - from || Math.abs(to) || 1) * 0.08;
              return [least === undefined ? Math.max(0, from - margin) : least, to + margin];
            },
          },
        },
        axes: [
          { ...axis, grid: { show: false }, size: 26, space: 70, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6], values: (u, ticks) => ticks.map((tick) => count.format(tick)) },
          { ...axis, grid, size: 54, space: 34, values: (u, ticks) => ticks.map(figure) },
        ],
        series: [
          {},
          ...drawn.map((line) => ({
            stroke: line.stroke,
            width: line.width,
            dash: line.dash,
            spanGaps: true,
            points: { show: Boolean(line.dots), size: 5, fill: line.stroke },
          })),
        ],
        hooks: { setCursor: [(u) => legend(id, u)] },
      },
      joined(drawn),
      plot,
    ),
  );
}

function joined(drawn) {
  return uPlot.join(drawn.map((line) => [line.steps, line.values]));
}

/** The curve's value at the step that the pointer is over, or at its end. */
function legend(id, plot) {
  const section = document.getElementById(id);
  const index = plot?.cursor.idx;
  const step = index === null || index === undefined ? undefined : plot.data[0][index];
  const at = (curve, key) => {
    if (step === undefined) return last(curve[key]);
    const where = curve.steps.findLastIndex((each) => each <= step);
    return where < 0 ? undefined : curve[key][where];
  };
  const items = [];
  latest.forEach((run, i) => {
    const curve = run.curves[id];
    if (curve.steps.length === 0) return;
    const value = figure(at(curve, CHARTS[id].smooth ? "smooth" : "values"));
    items.push([`c${i}`, runs.length > 1 ? `${run.run} ${value}` : `${id === "loss" ? "training" : "value"} ${value}`]);
    const other = CHARTS[id].also ? run.curves[CHARTS[id].also] : undefined;
    if (other?.steps.length > 0 && runs.length === 1) items.push(["held", `held out ${figure(at(other, "values"))}`]);
  });
  if (step !== undefined) items.push(["", `step ${count.format(step)}`]);
  section.querySelector(".legend").replaceChildren(
    ...items.map(([kind, text]) => {
      const item = document.createElement("span");
      if (kind) item.className = kind;
      item.textContent = text;
      return item;
    }),
  );
}

function show() {
  for (const id of shown()) {
    const section = document.getElementById(id);
    const any = latest.some((run) => run.curves[id].steps.length > 0);
    section.classList.toggle("bare", !any);
    if (!any) continue;
    const drawn = lines(id);
    const chart = charts.get(id);
    if (!chart || chart.series.length !== drawn.length + 1) draw(id);
    else chart.setData(joined(drawn));
    section.querySelector("[data-now]").textContent = figure(CHARTS[id].now());
    legend(id, charts.get(id));
  }
}

async function poll() {
  if (!document.hidden || latest.length === 0) {
    const wanted = [...new Set(shown().flatMap((id) => [id, CHARTS[id].also ?? id]))];
    const query = new URLSearchParams([...runs.map((run) => ["run", run]), ...wanted.map((metric) => ["metric", metric])]);
    try {
      const answer = await fetch(`/runs/curves?${query}`);
      if (answer.ok) {
        latest = await answer.json();
        show();
      }
    } catch {
      // The status above says that the server is gone; the next look may find it again.
    }
  }
  // One that waits or was resumed begins to move later.
  setTimeout(poll, latest.some((run) => run.live) ? 1000 : 5000);
}

function redraw() {
  if (latest.length > 0) {
    shown().forEach(draw);
    show();
  }
}

let width = 0;
new ResizeObserver(() => {
  if (place.clientWidth !== width) {
    width = place.clientWidth;
    redraw();
  }
}).observe(place);
document.addEventListener("otium:theme", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
poll();
