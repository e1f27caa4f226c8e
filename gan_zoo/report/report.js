// Which page is shown: by what stands behind the # of the address.

const report = JSON.parse(document.getElementById("data").textContent);
const page = document.getElementById("page");
let viewer = null, overview = null, scrolled = 0;

function address(run) {
  return `#run=${encodeURIComponent(run.name)}`;
}

function chosen() {
  if (report.runs.length === 1) return report.runs[0];
  try {
    const name = decodeURIComponent(location.hash.replace(/^#run=/, ""));
    return location.hash.startsWith("#run=") ? report.runs.find((run) => run.name === name) : undefined;
  } catch {
    return undefined; // no address of ours
  }
}

function route(event) {
  const run = chosen();
  if (viewer) viewer.stop();
  viewer = null;
  if (run) {
    if (overview && overview.isConnected) scrolled = scrollY;
    const shown = runPage(run, report);
    viewer = shown.viewer;
    page.replaceChildren(shown.node);
  } else {
    overview = overview || overviewPage(report);
    page.replaceChildren(overview);
  }
  document.title = `${run ? run.name : report.title} · gan_zoo`;
  scrollTo(0, run ? 0 : scrolled);
  if (event) page.querySelector("h1").focus({preventScroll: true});
}

document.addEventListener("keydown", (event) => {
  const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
  const typing = event.target.closest && event.target.closest("input, select, textarea, summary, .scroll");
  if (!viewer || !by || typing || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  viewer.move(by);
});
addEventListener("hashchange", route);
page.after(element("footer", {class: "muted small"}, `Made by gan-zoo view, ${report.made}.`));
route();
