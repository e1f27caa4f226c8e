// Curves with values to be read: all charts of a run share a cursor, a step that any of them, or the samples, may set.

const COLORS = [1, 2, 3, 4, 5, 6].map((number) => `var(--color-${number})`);
const HEIGHT = 210, MARGIN = {top: 20, right: 12, bottom: 24, left: 50};
const LEAST_RATIO = 1e-3; // that a logarithmic scale shows

function makeCursor() {
  const listeners = [];
  return {step: null, home: null, listen: (listener) => listeners.push(listener),
          set(step) { this.step = step; for (const listener of listeners) listener(step); }};
}

// chart: of gan_zoo/report/curves.py. end: the last step of the x axis. pick: called with a step that was chosen.
function chartCard(chart, run, end, cursor, pick) {
  const at = element("span", {class: "at muted"});
  const values = chart.series.map(() => element("b"));
  const legend = element("ul", {class: "legend"}, chart.series.map((series, index) => element("li", {},
    element("i", {class: "swatch", style: `background: ${COLORS[index % COLORS.length]}`}), `${series.label} `, values[index])));
  const plot = element("div", {class: "plot", tabindex: 0, role: "slider", "aria-label": `${chart.title}, by step`,
    "aria-valuemin": chart.x[0], "aria-valuemax": chart.x[chart.x.length - 1]});
  let place = null; // of the cursor in the picture, once it is drawn

  function show(step) {
    const index = nearest(chart.x, step === null ? Infinity : step);
    const texts = chart.series.map((series) => short(series.y[index]));
    at.textContent = `step ${whole(chart.x[index])}`;
    values.forEach((value, number) => { value.textContent = texts[number]; });
    plot.setAttribute("aria-valuenow", chart.x[index]);
    plot.setAttribute("aria-valuetext", `${at.textContent}: ` + chart.series.map(
      (series, number) => `${series.label} ${texts[number]}`).join(", "));
    if (place) place(index);
  }

  function draw() {
    const width = plot.clientWidth;
    if (!width) return;
    const picture = drawnChart(chart, run, end, width);
    place = picture.place;
    plot.replaceChildren(picture.svg);
    show(cursor.step);
  }

  const pointed = (event) => {
    const box = plot.getBoundingClientRect();
    const share = (event.clientX - box.left - MARGIN.left) / (box.width - MARGIN.left - MARGIN.right);
    return chart.x[nearest(chart.x, share * end)];
  };
  plot.addEventListener("pointermove", (event) => cursor.set(pointed(event)));
  plot.addEventListener("pointerleave", () => cursor.set(cursor.home));
  plot.addEventListener("click", (event) => pick(pointed(event)));
  plot.addEventListener("keydown", (event) => {
    const move = {ArrowLeft: -1, ArrowRight: 1, PageUp: 20, PageDown: -20, Home: -Infinity, End: Infinity}[event.key];
    if (move === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const index = nearest(chart.x, cursor.step === null ? Infinity : cursor.step) + move;
    cursor.set(chart.x[Math.max(0, Math.min(chart.x.length - 1, index))]);
  });
  plot.addEventListener("blur", () => cursor.set(cursor.home));
  cursor.listen(show);
  new ResizeObserver(draw).observe(plot);
  show(cursor.step);
  return element("figure", {class: "chart card"}, element("figcaption", {}, element("h3", {}, chart.title), at), legend, plot);
}

// {svg, place: moves its cursor to the point of an index}
function drawnChart(chart, run, end, width) {
  const inner = {width: width - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom};
  const [least, most] = limits(chart);
  const share = chart.log ? (value) => Math.log(Math.max(value, LEAST_RATIO) / least) / Math.log(most / least)
                          : (value) => (value - least) / (most - least);
  const x = (step) => MARGIN.left + inner.width * step / (end || 1);
  const y = (value) => MARGIN.top + inner.height * (1 - Math.max(-0.02, Math.min(1.02, share(value))));
  const bottom = MARGIN.top + inner.height;
  const text = (label, left, top, more) => drawn("text", {x: left, y: top, ...more}, label);
  const parts = [];
  for (const tick of chart.log ? decades(least, most) : ticks(least, most, 4)) {
    parts.push(drawn("line", {class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(tick), y2: y(tick)}),
               text(short(tick), MARGIN.left - 6, y(tick) + 4, {"text-anchor": "end"}));
  }
  for (const tick of ticks(0, end, Math.max(2, inner.width / 75)).filter(Number.isInteger)) {
    parts.push(text(whole(tick), x(tick), bottom + 16, {"text-anchor": x(tick) > width - 40 ? "end" : "middle"}));
  }
  parts.push(...verdictMarks(run.verdicts, x, bottom));
  chart.series.forEach((series, index) => parts.push(curve(chart.x, series.y, x, y, COLORS[index % COLORS.length])));
  for (const line of chart.lines) {
    const height = y(line.value), below = height < MARGIN.top + 16; // where the numbers of verdicts are
    parts.push(drawn("line", {class: "level", x1: MARGIN.left, x2: width - MARGIN.right, y1: height, y2: height}),
               text(line.label, width - MARGIN.right, height + (below ? 13 : -4), {"text-anchor": "end", class: "level-label"}));
  }
  const rule = drawn("line", {class: "rule", y1: MARGIN.top, y2: bottom});
  const dots = chart.series.map((_, index) => drawn("circle", {r: 3.5, fill: COLORS[index % COLORS.length]}));
  const svg = drawn("svg", {width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, "aria-hidden": "true"}, parts, rule, dots);
  const place = (index) => {
    const left = x(chart.x[index]);
    rule.setAttribute("x1", left);
    rule.setAttribute("x2", left);
    dots.forEach((dot, number) => {
      const value = chart.series[number].y[index];
      dot.setAttribute("visibility", value === null ? "hidden" : "visible");
      dot.setAttribute("cx", left);
      dot.setAttribute("cy", value === null ? 0 : y(value));
    });
  };
  return {svg, place};
}

function curve(steps, values, x, y, color) {
  let path = "", pen = "M";
  const known = values.filter((value) => value !== null).length;
  values.forEach((value, index) => {
    if (value === null) { pen = "M"; return; }
    path += `${pen}${x(steps[index]).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
  });
  const dot = `${path}h0.01`; // a single point shows as one
  return drawn("path", {class: "curve", d: known === 1 ? dot : path, stroke: color, "stroke-width": known === 1 ? 6 : 1.8});
}

// A line where the verdict changed, with the number that it has in the list; numbers that would meet are left out.
function verdictMarks(verdicts, x, bottom) {
  let free = -Infinity;
  return verdicts.filter((each) => Number.isFinite(each.step)).map((each) => {
    const left = x(each.step), number = verdicts.indexOf(each) + 1;
    const line = drawn("line", {class: `mark ${each.kind}`, x1: left, x2: left, y1: MARGIN.top, y2: bottom});
    const badge = left < free ? null : [
      drawn("circle", {class: `badge ${each.kind}`, cx: left, cy: 10, r: 8}),
      drawn("text", {class: `badge-number ${each.kind}`, x: left, y: 13.5, "text-anchor": "middle"}, number)];
    if (badge) free = left + 17;
    return drawn("g", {}, drawn("title", {}, `${number}. ${each.text}, from step ${whole(each.step)} on`), line, badge);
  });
}

// The values that the scale goes from and to; a few extreme ones don't flatten all others.
function limits(chart) {
  if (chart.range) return chart.range;
  const known = chart.series.flatMap((series) => series.y).filter((value) => value !== null).sort((a, b) => a - b);
  const levels = chart.lines.map((line) => line.value);
  if (chart.log) {
    const positive = [...known, ...levels].filter((value) => value > 0);
    const least = Math.max(LEAST_RATIO, Math.min(...positive, 1)), most = Math.max(...positive, 1);
    return [least / 1.3, most * 1.3];
  }
  const at = (share) => known[Math.round(share * (known.length - 1))];
  const room = 0.25 * (at(0.99) - at(0.01)) || 1;
  const least = Math.min(Math.max(known[0], at(0.01) - room), ...levels);
  const most = Math.max(Math.min(known[known.length - 1], at(0.99) + room), ...levels);
  const margin = 0.04 * (most - least) || 0.5;
  return [least >= 0 && least < margin * 4 ? 0 : least - margin, most + margin];
}

function ticks(least, most, count) {
  const rough = (most - least) / count, power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = [1, 2, 2.5, 5, 10].map((digit) => digit * power).find((size) => size >= rough) || 1;
  const found = [];
  for (let index = Math.ceil(least / step); index * step <= most * (1 + 1e-9); index += 1) found.push(Number((index * step).toPrecision(10)));
  return found;
}

function decades(least, most) {
  const every = most / least > 1e3 ? [1] : most / least > 30 ? [1, 3] : [1, 2, 5], found = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.log10(most); power += 1) {
    found.push(...every.map((digit) => Number((digit * 10 ** power).toPrecision(6))));
  }
  return found.filter((tick) => tick >= least && tick <= most);
}

// The index of the value nearest to a number, of ascending ones.
function nearest(values, number) {
  let low = 0, high = values.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < number) low = middle + 1; else high = middle;
  }
  return low > 0 && number - values[low - 1] <= values[low] - number ? low - 1 : low;
}
