"use strict";
/* The page: what is shown, and what the controls do to it. The networks are in engine.js, and run in workers. */

const byId = id => document.getElementById(id);
const MODEL = JSON.parse(byId("model").textContent);
const bytesOf = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
const BYTES = bytesOf(byId("weights").textContent).buffer;
const [HEIGHT, WIDTH, CHANNELS] = MODEL.image_shape;
const SIDE = 8; // images in a row of the grid
const REACH = 0.6; // of the pad, in lengths of typical noise

/* ---- Noise: a function of a seed and of the image's place */

/** Numbers in [0, 1) (mulberry32). */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const normal = random => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const mixed = (a, b) => (Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 1, 0xc2b2ae35)) >>> 0;

const DRAW = {
  normal: (prior, random) => prior.mean + prior.stddev * normal(random),
  uniform: (prior, random) => prior.low + (prior.high - prior.low) * random(),
  bernoulli: (prior, random) => (random() < prior.probability ? 1 : 0),
};

function drawn(seed, tile) {
  const random = generator(mixed(seed, tile)), noise = new Float32Array(MODEL.latent_size);
  for (const prior of MODEL.noise) {
    if (prior.distribution === "categorical") noise[prior.offset + Math.floor(random() * prior.size)] = 1;
    else for (let i = 0; i < prior.size; i++) noise[prior.offset + i] = DRAW[prior.distribution](prior, random);
  }
  const label = MODEL.classes ? MODEL.classes[Math.floor(random() * MODEL.classes.length)] : 0;
  return { noise, label };
}

const priorOf = offset => MODEL.noise.find(prior => offset >= prior.offset && offset < prior.offset + prior.size);
const CODES = MODEL.codes.map(code => ({ ...code, ...rangeOf(code) }));
const CONTINUOUS = CODES.filter(code => !code.discrete);

/** Where a code's slider goes, as far as nearly all that it was trained on. */
function rangeOf(code) {
  const prior = priorOf(code.offset);
  if (prior.distribution === "uniform") return { low: prior.low, high: prior.high };
  if (prior.distribution === "normal") return { low: prior.mean - 2 * prior.stddev, high: prior.mean + 2 * prior.stddev };
  return { low: 0, high: code.values - 1 };
}

function setCode(noise, code, value) {
  if (!code.discrete || code.size === 1) noise[code.offset] = value;
  else for (let i = 0; i < code.size; i++) noise[code.offset + i] = i === value ? 1 : 0;
}

/** Columns that a direction may move: those of noise that is drawn from a continuum. */
const FREE = MODEL.noise.flatMap(prior => ["normal", "uniform"].includes(prior.distribution)
  ? Array.from({ length: prior.size }, (_, i) => prior.offset + i) : [])
  .filter(column => !CODES.some(code => column >= code.offset && column < code.offset + code.size));

const spread = prior => (prior.distribution === "normal" ? prior.stddev : (prior.high - prior.low) / Math.sqrt(12));

/** A direction of noise, as long as REACH says. */
function direction(seed, which) {
  const random = generator(mixed(seed, which)), way = new Float32Array(MODEL.latent_size);
  for (const column of FREE) way[column] = normal(random) * spread(priorOf(column)) * REACH;
  return way;
}

/* ---- State: everything that a link keeps */

const start = () => ({ seed: 1 + Math.floor(Math.random() * 1e9), tile: 0, label: null, codes: {}, pad: [0, 0], ways: 1,
  axes: CONTINUOUS.length > 1 ? "codes" : "noise", a: null, b: null, between: null });

function fromLink() {
  try {
    const told = JSON.parse(decodeURIComponent(location.hash.slice(1)));
    return { ...start(), ...told };
  } catch {
    return null;
  }
}

let state = fromLink() ?? start();

function remember() {
  const link = "#" + encodeURIComponent(JSON.stringify(state));
  try { history.replaceState(null, "", link); } catch { /* a page that may not: the link is made when it is copied */ }
  return location.href.split("#")[0] + link;
}

/** What a tile is made of, by the class and the codes that are chosen. */
function tileOf({ seed, label, codes }, tile) {
  const of = drawn(seed, tile);
  for (const code of CODES) if (code.name in codes) setCode(of.noise, code, codes[code.name]);
  if (label !== null) of.label = label;
  return of;
}

/** What the chosen image is made of. */
function chosen(from) {
  const of = tileOf(from, from.tile), [x, y] = from.pad;
  if (from.axes === "codes") {
    [[CONTINUOUS[0], x], [CONTINUOUS[1], y]].forEach(([code, by]) => {
      if (by) of.noise[code.offset] += (by * (code.high - code.low)) / 2;
    });
  } else if (x || y) {
    const across = direction(from.ways, 1), up = direction(from.ways, 2);
    for (const column of FREE) of.noise[column] += x * across[column] + y * up[column];
  }
  for (const column of FREE.concat(CONTINUOUS.map(code => code.offset))) {
    const prior = priorOf(column); // no further than what it was trained on
    if (prior.distribution === "uniform") of.noise[column] = Math.min(prior.high, Math.max(prior.low, of.noise[column]));
  }
  return of;
}

/** Between A and B at t: along an arc if the noise lies on a sphere, else straight. What is discrete stays as A has it. */
function onPath(from, to, t) {
  const a = chosen(from), b = chosen(to), columns = FREE.concat(CONTINUOUS.map(code => code.offset));
  let p = 1 - t, q = t;
  if (MODEL.spherical) {
    let ab = 0, aa = 0, bb = 0;
    for (const c of columns) { ab += a.noise[c] * b.noise[c]; aa += a.noise[c] ** 2; bb += b.noise[c] ** 2; }
    const angle = Math.acos(Math.max(-1, Math.min(1, ab / (Math.sqrt(aa * bb) || 1))));
    if (Math.sin(angle) > 1e-6) [p, q] = [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)];
  }
  for (const c of columns) a.noise[c] = p * a.noise[c] + q * b.noise[c];
  return a;
}

const snapshot = () => { const { a, b, between, ...rest } = state; return structuredClone(rest); };
const current = () => (state.between !== null && state.a && state.b ? onPath(state.a, state.b, state.between) : chosen(state));

/* ---- Workers: the first is for the chosen image, so that it follows the hand; the others fill the grid */

class Pool {
  constructor(size) {
    this.queue = [];
    this.workers = Array.from({ length: size }, () => this.worker());
  }

  worker() {
    try {
      const address = URL.createObjectURL(new Blob([byId("engine").textContent], { type: "text/javascript" }));
      const worker = new Worker(address);
      worker.postMessage({ model: MODEL, bytes: BYTES });
      const entry = { send: (of, done) => {
        worker.onmessage = ({ data }) => { entry.busy = false; done(data); this.next(); };
        worker.postMessage({ of });
      }, busy: false };
      return entry;
    } catch { // a page that may have none
      const make = (Pool.here ??= networks(MODEL, BYTES));
      const entry = { send: (of, done) => setTimeout(() => { const made = make(of); entry.busy = false; done(made); this.next(); }),
        busy: false };
      return entry;
    }
  }

  ask(of, done) {
    this.queue.push({ of, done });
    this.next();
  }

  next() {
    for (const worker of this.workers) {
      if (worker.busy || !this.queue.length) continue;
      const { of, done } = this.queue.shift();
      worker.busy = true;
      worker.send(of, done);
    }
  }

  forget() { this.queue = []; }
}

const many = new Pool(Math.max(1, Math.min(4, (navigator.hardwareConcurrency || 2) - 1)));
const one = new Pool(1);

/* ---- Drawing */

function painted(pixels) {
  const data = new ImageData(WIDTH, HEIGHT);
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    for (let c = 0; c < 3; c++) data.data[4 * i + c] = pixels[i * CHANNELS + (CHANNELS < 3 ? 0 : c)];
    data.data[4 * i + 3] = 255;
  }
  return data;
}

const image = byId("image"), grid = byId("grid"), marks = new Array(SIDE * SIDE).fill(null);
for (const canvas of [image, byId("a"), byId("b")]) { canvas.width = WIDTH; canvas.height = HEIGHT; }
const GAP = Math.max(1, Math.round(WIDTH / 14));
grid.width = SIDE * WIDTH + (SIDE + 1) * GAP;
grid.height = SIDE * HEIGHT + (SIDE + 1) * GAP;
const corner = tile => [GAP + (tile % SIDE) * (WIDTH + GAP), GAP + Math.floor(tile / SIDE) * (HEIGHT + GAP)];

let wanted = 0;
function drawGrid() {
  const round = ++wanted;
  many.forget();
  for (let tile = 0; tile < SIDE * SIDE; tile++) {
    many.ask(tileOf(state, tile), made => {
      if (round !== wanted) return;
      grid.getContext("2d").putImageData(painted(made.pixels), ...corner(tile));
      marks[tile] = made;
      if (tile === SIDE * SIDE - 1) document.body.dataset.filled = String(round);
    });
  }
  mark();
}

function mark() {
  const context = grid.getContext("2d"), wide = Math.max(1, GAP - 1);
  const style = getComputedStyle(document.documentElement);
  for (let tile = 0; tile < SIDE * SIDE; tile++) {
    const [x, y] = corner(tile);
    context.strokeStyle = tile === state.tile && state.between === null ? style.getPropertyValue("--accent") : "#000";
    context.lineWidth = wide;
    context.strokeRect(x - wide / 2, y - wide / 2, WIDTH + wide, HEIGHT + wide);
  }
}

const times = [];
let showing = false, again = false;
/** Draws the chosen image; if it is being drawn, once more afterwards: only the newest counts. */
function drawImage() {
  if (showing) { again = true; return; }
  showing = true;
  const began = performance.now();
  one.ask(current(), made => {
    showing = false;
    image.getContext("2d").putImageData(painted(made.pixels), 0, 0);
    judged(made);
    times.push(performance.now() - began);
    if (times.length > 20) times.shift();
    const typical = [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)];
    byId("speed").textContent = `${typical.toFixed(1)} ms an image`;
    if (again) { again = false; drawImage(); }
  });
}

function judged({ score, probability }) {
  byId("judgement").hidden = score === null;
  if (score === null) return;
  const share = probability ?? null;
  byId("judge-words").textContent = share === null ? "The discriminator’s score:" : "The discriminator takes it for real:";
  byId("judge-value").textContent = share === null ? score.toFixed(2) : `${(100 * share).toFixed(0)} %`;
  byId("meter").style.width = share === null ? "0" : `${100 * share}%`;
}

function drawPad() {
  const pad = byId("pad"), context = pad.getContext("2d"), style = getComputedStyle(document.documentElement);
  const size = pad.width, [x, y] = state.pad;
  context.clearRect(0, 0, size, size);
  context.strokeStyle = style.getPropertyValue("--line");
  context.beginPath();
  context.moveTo(size / 2, 0); context.lineTo(size / 2, size);
  context.moveTo(0, size / 2); context.lineTo(size, size / 2);
  context.stroke();
  context.fillStyle = style.getPropertyValue("--accent");
  context.beginPath();
  context.arc(((x + 1) / 2) * size, ((1 - y) / 2) * size, 7, 0, 2 * Math.PI);
  context.fill();
}

function drawEnds() {
  for (const end of ["a", "b"]) {
    if (state[end]) many.ask(chosen(state[end]), made => byId(end).getContext("2d").putImageData(painted(made.pixels), 0, 0));
  }
}

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

/** How far the images of this page are from those of the SavedModel, for noise that came with them: open it with #check. */
function check() {
  const make = networks(MODEL, BYTES), { noise, label, images } = MODEL.proof;
  const numbers = new Float32Array(bytesOf(noise).buffer), wanted = bytesOf(images);
  let worst = 0, at = 0;
  label.forEach((of, point) => {
    const { pixels } = make({ noise: numbers.subarray(point * MODEL.latent_size, (point + 1) * MODEL.latent_size), label: of });
    for (const pixel of pixels) worst = Math.max(worst, Math.abs(pixel - wanted[at++]));
  });
  document.body.dataset.difference = String(worst);
  say(`${label.length} images: at most ${worst} grey levels from the SavedModel’s`);
}

if (location.hash === "#check") check();
byId("about").textContent = MODEL.about;
offerClasses();
offerCodes();
listen();
drawEnds();
changed({ all: true });
