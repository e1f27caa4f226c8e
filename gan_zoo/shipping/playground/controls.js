"use strict";
/* ---- Controls */

function say(text) {
  const told = byId("told");
  told.textContent = text;
  told.classList.add("shown");
  clearTimeout(say.timer);
  say.timer = setTimeout(() => told.classList.remove("shown"), 1800);
}

function changed({ all = false } = {}) {
  if (all) drawGrid(); else mark();
  drawImage();
  drawPad();
  remember();
}

function choose(tile) {
  state.tile = tile;
  state.pad = [0, 0];
  leavePath();
  changed();
}

function leavePath() {
  state.between = null;
  byId("between").value = 0;
  if (playing) play();
}

function reroll() {
  state.seed = 1 + Math.floor(Math.random() * 1e9);
  state.pad = [0, 0];
  leavePath();
  changed({ all: true });
}

function chooseClass(label) {
  state.label = label;
  leavePath();
  for (const button of byId("class-buttons").children) {
    button.setAttribute("aria-pressed", String(button.dataset.label === String(label)));
  }
  changed({ all: true });
}

function button(words, press) {
  const made = document.createElement("button");
  made.textContent = words;
  made.addEventListener("click", press);
  return made;
}

function offerClasses() {
  byId("classes").hidden = !MODEL.classes;
  for (const label of MODEL.classes ? [null, ...MODEL.classes] : []) {
    const made = button(label === null ? "any" : MODEL.class_names[label], () => chooseClass(label));
    made.dataset.label = String(label);
    made.setAttribute("aria-pressed", String(label === state.label));
    byId("class-buttons").append(made);
  }
}

function offerCodes() {
  byId("codes").hidden = !CODES.length;
  byId("pad-choice").hidden = CONTINUOUS.length < 2;
  byId("pad-axes").append(new Option("random", "noise"));
  if (CONTINUOUS.length > 1) byId("pad-axes").append(new Option(`${CONTINUOUS[0].name} and ${CONTINUOUS[1].name}`, "codes"));
  byId("pad-axes").value = state.axes;
  for (const code of CODES) byId("code-controls").append(code.discrete ? choiceOf(code) : sliderOf(code));
}

function labelled(name) {
  const label = document.createElement("label");
  label.append(Object.assign(document.createElement("span"), { textContent: name }));
  return label;
}

function setOrFree(code, value) {
  if (value === null) delete state.codes[code.name]; else state.codes[code.name] = value;
  leavePath();
  changed({ all: true });
}

function choiceOf(code) {
  const label = labelled(code.name), select = document.createElement("select");
  label.className = "discrete";
  select.append(new Option("any", ""));
  for (let value = 0; value < code.values; value++) select.append(new Option(String(value), String(value)));
  select.value = code.name in state.codes ? String(state.codes[code.name]) : "";
  select.addEventListener("change", () => setOrFree(code, select.value === "" ? null : Number(select.value)));
  label.append(select);
  return label;
}

function sliderOf(code) {
  const label = labelled(code.name), value = document.createElement("output");
  const slider = Object.assign(document.createElement("input"), { type: "range", min: code.low, max: code.high, step: "any" });
  const show = () => { value.textContent = code.name in state.codes ? state.codes[code.name].toFixed(2) : "any"; };
  slider.value = state.codes[code.name] ?? (code.low + code.high) / 2;
  slider.addEventListener("input", () => { setOrFree(code, Number(slider.value)); show(); });
  show();
  label.append(slider, value, button("any", () => { setOrFree(code, null); show(); }));
  return label;
}

function setEnd(end) {
  state[end] = snapshot();
  drawEnds();
  remember();
  say(`${end.toUpperCase()} is set`);
}

let playing = null;
function play() {
  if (playing) {
    cancelAnimationFrame(playing);
    playing = null;
    byId("play").firstChild.textContent = "Play ";
    return;
  }
  if (!state.a || !state.b) { say("Set A and B first"); return; }
  byId("play").firstChild.textContent = "Stop ";
  const began = performance.now() - (state.between ?? 0) * 3000;
  const frame = now => {
    const phase = ((now - began) / 3000) % 2; // there and back in six seconds
    state.between = phase < 1 ? phase : 2 - phase;
    byId("between").value = state.between;
    drawImage();
    playing = requestAnimationFrame(frame);
  };
  playing = requestAnimationFrame(frame);
}

function save(canvas, times, name) {
  const large = document.createElement("canvas");
  large.width = canvas.width * times;
  large.height = canvas.height * times;
  const context = large.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, large.width, large.height);
  const link = document.createElement("a");
  link.download = name;
  link.href = large.toDataURL("image/png");
  link.click();
}

async function copyLink() {
  const link = remember();
  try {
    await navigator.clipboard.writeText(link);
    say("The link is copied: it opens this very state");
  } catch {
    window.prompt("The link to this state:", link);
  }
}

function movePad(x, y) {
  state.pad = [x, y].map(value => Math.max(-1, Math.min(1, value)));
  if (state.between !== null) leavePath();
  changed();
}

function padAt(event) {
  const box = byId("pad").getBoundingClientRect();
  movePad((2 * (event.clientX - box.left)) / box.width - 1, 1 - (2 * (event.clientY - box.top)) / box.height);
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const KEYS = {
  r: reroll, s: () => byId("save-image").click(), l: copyLink, a: () => setEnd("a"), b: () => setEnd("b"), p: play,
  d: () => byId("directions").click(), m: () => movePad(0, 0),
};

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || ["SELECT", "INPUT"].includes(event.target.tagName)) return;
  const arrow = ARROWS[event.key];
  if (arrow && event.target === byId("pad")) movePad(state.pad[0] + arrow[0] * 0.1, state.pad[1] - arrow[1] * 0.1);
  else if (arrow && (event.target === grid || event.target === document.body)) {
    choose((state.tile + arrow[0] + SIDE * arrow[1] + SIDE * SIDE) % (SIDE * SIDE));
  } else if (MODEL.classes && /^[0-9]$/.test(event.key) && MODEL.classes.includes(Number(event.key))) chooseClass(Number(event.key));
  else if (KEYS[event.key.toLowerCase()]) KEYS[event.key.toLowerCase()]();
  else return;
  event.preventDefault();
}

function listen() {
  byId("again").addEventListener("click", reroll);
  byId("save-image").addEventListener("click", () => save(image, Math.ceil(256 / WIDTH), "image.png"));
  byId("save-grid").addEventListener("click", () => save(grid, Math.ceil(600 / grid.width), "images.png"));
  byId("link").addEventListener("click", copyLink);
  byId("directions").addEventListener("click", () => { state.ways += 1; changed(); });
  byId("back").addEventListener("click", () => movePad(0, 0));
  byId("pad-axes").addEventListener("change", event => { state.axes = event.target.value; changed(); });
  byId("set-a").addEventListener("click", () => setEnd("a"));
  byId("set-b").addEventListener("click", () => setEnd("b"));
  byId("play").addEventListener("click", play);
  byId("between").addEventListener("input", event => {
    if (!state.a || !state.b) { event.target.value = 0; say("Set A and B first"); return; }
    if (playing) play();
    state.between = Number(event.target.value);
    changed();
  });
  grid.addEventListener("click", event => {
    const box = grid.getBoundingClientRect();
    const place = (at, length, all) => Math.min(SIDE - 1, Math.max(0, Math.floor((at / length) * (all / (all - GAP)) * SIDE)));
    choose(place(event.clientY - box.top, box.height, grid.height) * SIDE + place(event.clientX - box.left, box.width, grid.width));
  });
  byId("pad").addEventListener("pointerdown", event => { byId("pad").setPointerCapture(event.pointerId); padAt(event); });
  byId("pad").addEventListener("pointermove", event => { if (event.buttons) padAt(event); });
  document.addEventListener("keydown", pressed);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { mark(); drawPad(); });
  window.addEventListener("hashchange", () => {
    const told = fromLink();
    if (told && JSON.stringify(told) !== JSON.stringify(state)) location.reload();
  });
}
