/* What images are made of: noise, classes, codes; and the state of the page, which a link keeps. */
"use strict";
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
