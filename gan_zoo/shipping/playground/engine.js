/* Runs a program (gan_zoo/shipping/program.py) on one image at a time. Arrays are Float32Array, row-major. */
"use strict";

/** The values of a constant in the bytes of all. */
function constant(bytes, { at, shape, axis, scales, bits, rest }) {
  const size = count(shape);
  if (axis === undefined) return new Float32Array(bytes, at, size);
  const integers = new Int8Array(bytes, at, size), scale = new Float32Array(bytes, scales, shape[axis]);
  const after = count(shape.slice(axis + 1)), values = new Float32Array(size);
  const together = bits ? 8 / bits : 1, steps = 1 << (bits ?? 0);
  const finer = bits ? new Uint8Array(bytes, rest, Math.ceil(size / together)) : null;
  for (let i = 0; i < size; i++) {
    const more = finer ? (finer[Math.floor(i / together)] >> (bits * (i % together))) & (steps - 1) : 0;
    const below = finer ? (more + 0.5) / steps - 0.5 : 0;
    values[i] = (integers[i] + below) * scale[Math.floor(i / after) % shape[axis]];
  }
  return values;
}

/** A function of {input: array} that gives {output: Float32Array}, valid until the next call. */
function compiled(program, bytes) {
  const arrays = program.shapes.map(() => null);
  for (const [number, entry] of Object.entries(program.constants)) arrays[number] = constant(bytes, entry);
  for (const step of program.steps) {
    step.made = program.shapes[step.out];
    arrays[step.out] = step.op === "reshape" ? null : new Float32Array(count(step.made));
  }
  planned(program.steps, arrays);
  return inputs => {
    for (const [name, number] of Object.entries(program.inputs)) arrays[number] = Float32Array.from(inputs[name]);
    for (const step of program.steps) {
      const given = step.in.map(number => arrays[number]);
      if (step.op === "reshape") arrays[step.out] = given[0];
      else OPERATIONS[step.op](step, given, arrays[step.out]);
    }
    return Object.fromEntries(Object.entries(program.outputs).map(([name, number]) => [name, arrays[number]]));
  };
}

/** What makes images and scores: noise and class → {pixels: Uint8ClampedArray, score, probability or null}. */
function networks(model, bytes) {
  const generate = compiled(model.generator, bytes);
  const judge = model.discriminator && compiled(model.discriminator, bytes);
  const [low, high] = model.value_range;
  return ({ noise, label }) => {
    const { images } = generate({ noise, label: [label] });
    const pixels = new Uint8ClampedArray(images.length); // rounds and clips
    for (let i = 0; i < images.length; i++) pixels[i] = ((images[i] - low) / (high - low)) * 255;
    if (!judge) return { pixels, score: null };
    const said = judge({ images: pixels, label: [label] });
    return { pixels, score: said.score[0], probability: said.probability ? said.probability[0] : null };
  };
}

if (typeof WorkerGlobalScope !== "undefined") {
  let make = null;
  onmessage = ({ data }) => {
    if (data.model) make = networks(data.model, data.bytes);
    else postMessage({ id: data.id, ...make(data.of) });
  };
}
