// The page of a run.

function chip(said) {
  return element("span", {class: `chip ${said.kind}`}, said.text);
}

function progress(run) {
  if (!run.steps) return "";
  return run.step === run.steps ? `${whole(run.step)} rounds` : `${whole(run.step)} of ${whole(run.steps)} rounds`;
}

function subject(run) {
  return run.model ? [element("code", {}, run.model), " on ", element("code", {}, run.dataset)] : ["of unknown flags"];
}

// {node, viewer}
function runPage(run, report) {
  const cursor = makeCursor(), viewer = makeViewer(run, cursor);
  const pick = (step) => viewer && viewer.show(step);
  const node = element("article", {},
    runHead(run, report), problemList(run),
    element("div", {class: "two"}, viewer ? viewer.node : element("section", {class: "card viewer empty"}, "There are no samples yet."),
      element("div", {class: "stack"}, element("div", {class: "said"}, verdictCard(run), bestCard(run)), chartSections(run, cursor, pick))),
    metricSection(run), flagSection(run), factSection(run));
  return {node, viewer};
}

function runHead(run, report) {
  const index = report.runs.indexOf(run), beside = [[-1, "← "], [1, " →"]];
  const link = ([by, arrow]) => {
    const other = report.runs[index + by];
    return other && element("a", {href: address(other)}, by < 0 ? arrow : null, named(other.name), by > 0 ? arrow : null);
  };
  return element("header", {class: "head"},
    report.runs.length > 1 ? element("nav", {class: "small", "aria-label": "runs"},
      element("a", {href: "#"}, `all ${report.runs.length} runs`), element("span", {class: "spread"}, beside.map(link))) : null,
    element("h1", {tabindex: -1}, named(run.name)),
    element("p", {class: "muted"}, subject(run), progress(run) && ` · ${progress(run)}`,
      run.minutes === null ? "" : ` · ${short(run.minutes)} min`),
    element("p", {class: "chips"}, chip(run.status), run.verdict ? chip(run.verdict) : null),
    [run.status.note, run.reason].filter(Boolean).map((text) => element("p", {class: "small"}, text)));
}

function problemList(run) {
  return run.problems.length ? element("section", {class: "card problems", role: "status"},
    element("h2", {}, "What is wrong here"), element("ul", {}, run.problems.map((text) => element("li", {}, text)))) : null;
}

function verdictCard(run) {
  if (!run.verdicts.length) {
    return element("section", {class: "card"}, element("h2", {}, "Verdict"), element("p", {class: "muted"}, "The run was not checked yet."));
  }
  const rows = run.verdicts.map((each, index) => element("li", {value: index + 1},
    element("div", {}, chip(each), element("span", {class: "muted small"}, Number.isFinite(each.step) ? ` from step ${whole(each.step)} on` : "")),
    element("div", {class: "small"}, each.evidence),
    each.try ? element("div", {class: "small"}, "Try ", element("code", {}, each.try)) : null));
  return element("section", {class: "card verdicts"}, element("h2", {}, run.verdicts.length > 1 ? "Verdicts" : "Verdict"),
    run.verdicts.length > 1 ? element("p", {class: "muted small"}, "Newest first; the numbers are those on the curves.") : null,
    element("ol", {reversed: true, tabindex: 0, "aria-label": "verdicts"}, rows.reverse()));
}

function bestCard(run) {
  if (!run.best) return null;
  const rows = [["Fréchet distance", run.best.frechet], ["coverage", run.best.coverage]].filter(([, value]) => Number.isFinite(value));
  return element("section", {class: "card"}, element("h2", {}, "Best check"),
    element("p", {class: "muted small"}, `At step ${whole(run.best.step)}, over what real images get in place of generated ones.`),
    table(["", "run", "real images"], rows.map(([name, value]) => [name, short(value), "1"])));
}

function chartSections(run, cursor, pick) {
  if (!run.charts.length) return null;
  const end = Math.max(run.step, ...run.charts.map((chart) => chart.x[chart.x.length - 1]));
  const cards = (wanted) => element("div", {class: "charts"}, run.charts.filter((chart) => chart.more === wanted)
    .map((chart) => chartCard(chart, run, end, cursor, pick)));
  const means = Math.max(...run.charts.map((chart) => chart.means));
  return element("section", {class: "plain"}, element("h2", {}, "Curves"),
    element("p", {class: "muted small"}, means > 1 ? `Losses, accuracies and what the objective watches are means of about ${whole(means)} rounds. ` : "",
      run.verdicts.length ? "Numbers: where the verdict changed. " : "", "A click shows the samples of that step."), cards(false),
    run.charts.some((chart) => chart.more) ? element("details", {}, element("summary", {}, "More of the checks"), cards(true)) : null);
}

function metricSection(run) {
  if (!run.metrics.length) return null;
  return element("section", {class: "plain"}, element("h2", {}, "Metrics"),
    element("p", {class: "muted small"}, "Floor: what real images get in place of generated ones. Ratio: over the floor, where that tells something."),
    element("div", {class: "metrics"}, run.metrics.map((metric) => element("section", {class: "card"},
      element("h3", {}, element("code", {}, metric.call)), element("p", {class: "muted small"}, metric.about),
      metric.remark ? element("p", {class: "small"}, metric.remark) : null,
      metric.rows.length ? table(["", "value", "floor", "ratio"], metric.rows.map((row) => [row.name, row.value, row.floor, row.ratio])) : null,
      metric.settings.length ? element("p", {class: "muted small"}, metric.settings.join("; ")) : null,
      metric.pictures.map((picture) => element("figure", {}, element("img", {src: picture.source, width: picture.width,
        height: picture.height, alt: picture.name, loading: "lazy"}), element("figcaption", {class: "muted small"}, picture.name)))))));
}

function flagSection(run) {
  if (!run.flags) return null;
  const code = (text) => element("code", {}, text), {base, differing, others} = run.flags;
  return element("section", {class: "card"}, element("h2", {}, "Flags"),
    differing.length ? table(["unlike " + base, "here", "there"], differing.map(([name, value, other]) => [code(`--${name}`), code(value), code(other)]))
                     : element("p", {}, `All are as in ${base}.`),
    element("details", {}, element("summary", {}, `The other ${others.length}`),
      table(["flag", "value"], others.map(([name, value]) => [code(`--${name}`), code(value)]))));
}

function factSection(run) {
  return element("section", {class: "card"}, element("h2", {}, "Where it comes from"),
    element("dl", {class: "facts"}, [["folder", run.path], ...run.facts, ["to go on", run.again]].map(
      ([label, text]) => [element("dt", {}, label), element("dd", {}, element("code", {}, text))])));
}

// A table of texts and elements; null is nothing.
function table(head, rows) {
  return element("div", {class: "scroll"}, element("table", {}, element("thead", {}, element("tr", {}, head.map((text) => element("th", {scope: "col"}, text)))),
    element("tbody", {}, rows.map((row) => element("tr", {}, row.map((cell, index) => element(index ? "td" : "th", index ? {} : {scope: "row"}, cell === null ? "–" : cell)))))));
}
