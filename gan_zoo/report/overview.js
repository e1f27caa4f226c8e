// All runs in a table that sorts by any column.

const COLUMNS = [
  {name: "run", key: (run) => run.name, cell: (run) => [element("a", {href: address(run)}, named(run.name)),
    run.problems.length ? element("span", {class: "chip bad", title: run.problems.join("\n")}, "problems") : null]},
  {name: "model", key: (run) => run.model, cell: (run) => element("code", {class: "clamped", title: run.model}, run.model || "?")},
  {name: "data", key: (run) => run.dataset, cell: (run) => element("code", {}, run.dataset || "?")},
  {name: "step", key: (run) => run.step, number: true, cell: (run) => run.steps && run.step !== run.steps
    ? [whole(run.step), element("span", {class: "muted"}, ` of ${whole(run.steps)}`)] : whole(run.step)},
  {name: "status", key: (run) => run.status.text, cell: (run) => chip(run.status)},
  {name: "verdict", key: (run) => run.verdict && run.verdict.text, cell: (run) => (run.verdict ? chip(run.verdict) : "–")},
  {name: "best check", note: " (real images: 1)", key: (run) => run.best && (run.best.frechet === null ? run.best.coverage : run.best.frechet), number: true, cell: bestCell},
  {name: "minutes", key: (run) => run.minutes, number: true, cell: (run) => short(run.minutes)},
];

// The best check, over what real images get.
function bestCell(run) {
  if (!run.best) return "–";
  const {frechet, coverage, step} = run.best;
  const rows = [["Fréchet", frechet], ["coverage", coverage]].filter(([, value]) => Number.isFinite(value));
  return rows.length === 0 ? "–" : element("span", {title: `at step ${whole(step)}`}, rows.map(([name, value]) => element("span", {class: "line"}, element("span", {class: "muted"}, `${name} `), short(value))));
}

function overviewPage(report) {
  let sorted = {column: null, down: false};
  const body = element("tbody");
  const heads = COLUMNS.map((column) => element("th", {scope: "col", class: column.number ? "number" : null},
    element("button", {type: "button", click: () => sort(column)}, column.name, column.note)));
  const select = element("select", {"aria-label": "sort by", change: () => sort(COLUMNS[Number(select.value)], false)},
    element("option", {value: -1, disabled: true, selected: true}, "sort by …"),
    COLUMNS.map((column, index) => element("option", {value: index}, column.name)));
  const filter = element("input", {type: "search", placeholder: "name, model, data, verdict …", "aria-label": "show only runs with", input: fill});

  function sort(column, down = sorted.column === column && !sorted.down) {
    sorted = {column, down};
    heads.forEach((head, index) => head.setAttribute("aria-sort", COLUMNS[index] !== column ? "none" : down ? "descending" : "ascending"));
    select.value = COLUMNS.indexOf(column);
    fill();
  }

  function fill() {
    const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = report.runs.filter((run) => {
      const text = [run.name, run.model, run.dataset, run.objective, run.status.text, run.verdict ? run.verdict.text : ""].join(" ").toLowerCase();
      return wanted.every((word) => text.includes(word));
    });
    if (sorted.column) shown.sort((one, other) => compared(sorted.column.key(one), sorted.column.key(other), sorted.down));
    body.replaceChildren(...shown.map(row));
    if (!shown.length) body.append(element("tr", {}, element("td", {colspan: COLUMNS.length + 1}, "No run has that.")));
  }

  fill();
  return element("article", {}, element("header", {class: "head"}, element("h1", {tabindex: -1}, named(report.title)),
    element("p", {class: "muted"}, `${report.runs.length} runs`)),
    element("div", {class: "filters"}, filter, select),
    element("div", {class: "card scroll"}, element("table", {class: "overview"},
      element("thead", {}, element("tr", {}, element("td", {}, ""), heads)), body)));
}

function row(run) {
  const frames = run.views.length ? run.views[0].frames : [], newest = frames[frames.length - 1];
  const picture = newest ? element("img", {src: newest.source, alt: "", class: newest.width < 240 ? "small" : null}) : element("span", {class: "none muted"}, "none yet");
  return element("tr", {click: (event) => { if (!event.target.closest("a") && !String(getSelection())) location.hash = address(run); }},
    element("td", {class: "thumbnail"}, picture),
    COLUMNS.map((column, index) => element(index ? "td" : "th", {scope: index ? null : "row", "data-name": column.name, class: column.number ? "number" : null}, column.cell(run))));
}

// Those of which nothing is known come last, whichever way is sorted.
function compared(one, other, down) {
  const known = (value) => value !== null && value !== undefined && value !== "";
  if (!known(one) || !known(other)) return known(other) - known(one);
  const order = typeof one === "number" ? one - other : String(one).localeCompare(String(other), "en", {numeric: true});
  return down ? -order : order;
}
