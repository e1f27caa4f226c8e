// Uses the report as a person would, and leaves what was seen in an element of the id "seen".

const faults = [];
addEventListener("error", (event) => faults.push(event.message));
document.addEventListener("securitypolicyviolation", (event) => faults.push(`blocked: ${event.blockedURI}`));

const all = (selector) => [...document.querySelectorAll(selector)];
const texts = (selector) => all(selector).map((each) => each.textContent);
const text = (selector) => document.querySelector(selector).textContent;
const press = (target, key) => target.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
const after = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const RUNS = ".overview tbody th a";

async function look() {
  const seen = {runs: texts(RUNS), thumbnails: all(".thumbnail img").map((image) => image.naturalWidth)};
  const heads = all(".overview thead button"), best = heads.find((head) => head.textContent.startsWith("best check"));
  best.click();
  seen.best_first = texts(RUNS);
  best.click();
  seen.best_last = texts(RUNS);
  seen.sorted = best.closest("th").getAttribute("aria-sort");
  const filter = document.querySelector(".filters input");
  filter.value = "SCRIPT";
  filter.dispatchEvent(new Event("input"));
  seen.filtered = texts(RUNS);
  document.querySelector(".overview tbody tr").click();
  await after(50);
  seen.title = document.title;
  seen.name = text("h1");
  seen.newest = [text(".controls .step"), document.querySelector("img.samples").naturalWidth];
  press(document.body, "ArrowLeft");
  seen.one_before = [text(".controls .step"), ...texts(".chart .at")];
  const slider = document.querySelector(".controls input");
  slider.value = 0;
  slider.dispatchEvent(new Event("input"));
  seen.slid = text(".controls .step");
  const plot = document.querySelector(".plot"), box = plot.getBoundingClientRect();
  const middle = {clientX: box.left + 50 + (box.width - 62) / 2, clientY: box.top + 50, bubbles: true};
  plot.dispatchEvent(new PointerEvent("pointermove", middle));
  seen.hovered = texts(".chart .at").concat(text(".legend"));
  plot.dispatchEvent(new PointerEvent("pointerleave"));
  seen.left = text(".chart .at");
  plot.dispatchEvent(new MouseEvent("click", middle));
  seen.clicked = text(".controls .step");
  press(plot, "End");
  seen.end = plot.getAttribute("aria-valuetext");
  seen.curves = all(".chart path").map((path) => path.getAttribute("d").includes("NaN"));
  seen.marks = texts(".chart:first-child .badge-number");
  const play = document.querySelector(".play"), steps = new Set();
  play.click();
  for (let frame = 0; frame < 16; frame += 1) {
    await after(250);
    steps.add(text(".controls .step"));
  }
  play.click();
  seen.played = [...steps].sort();
  seen.wide = all("main *").filter((each) => each.getBoundingClientRect().right > innerWidth + 1 && !each.closest(".scroll")).length;
  location.hash = "#run=%E0%A4%A";  // no address that can be decoded
  await after(50);
  seen.back = texts(RUNS);
  return seen;
}

look().catch((error) => ({error: String(error)})).then((seen) => {
  const out = document.createElement("pre");
  out.id = "seen";
  out.textContent = JSON.stringify({...seen, faults});
  document.body.replaceChildren(out);
});
