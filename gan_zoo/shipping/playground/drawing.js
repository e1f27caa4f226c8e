"use strict";
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
