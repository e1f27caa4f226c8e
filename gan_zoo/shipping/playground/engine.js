/* Runs a program (gan_zoo/shipping/program.py) on one image at a time. Arrays are Float32Array, row-major. */
"use strict";

const UNARY = {
  relu: x => (x > 0 ? x : 0),
  leaky_relu: (x, step) => (x > 0 ? x : x * step.slope),
  elu: x => (x > 0 ? x : Math.expm1(x)),
  selu: x => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  tanh: Math.tanh,
  sigmoid: x => 1 / (1 + Math.exp(-x)),
  softplus: x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  exp: Math.exp,
  log: Math.log,
  neg: x => -x,
  sqrt: Math.sqrt,
  rsqrt: x => 1 / Math.sqrt(x),
  square: x => x * x,
  abs: Math.abs,
};

const BINARY = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  max: Math.max,
  min: Math.min,
  pow: Math.pow,
  squared_difference: (a, b) => (a - b) * (a - b),
  less: (a, b) => Number(a < b),
  less_equal: (a, b) => Number(a <= b),
  greater: (a, b) => Number(a > b),
  greater_equal: (a, b) => Number(a >= b),
  equal: (a, b) => Number(a === b),
};

const count = shape => shape.reduce((product, size) => product * size, 1);

/** How far apart neighbours along each axis lie; 0 along an axis that is broadcast to `rank` axes. */
function stridesOf(shape, rank = shape.length, broadcast = false) {
  const strides = new Array(rank).fill(0);
  for (let axis = shape.length - 1, step = 1; axis >= 0; axis--) {
    strides[axis + rank - shape.length] = broadcast && shape[axis] === 1 ? 0 : step;
    step *= shape[axis];
  }
  return strides;
}

/** Calls visit(index, offset) for every element of `shape`, its offset being that of strides from `start`. */
function walk(shape, strides, start, visit) {
  const at = new Array(shape.length).fill(0);
  let offset = start;
  for (let index = 0, all = count(shape); index < all; index++) {
    visit(index, offset);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      offset += strides[axis];
      if (++at[axis] < shape[axis]) break;
      offset -= strides[axis] * shape[axis];
      at[axis] = 0;
    }
  }
}

function moved(x, out, shape, strides, start = 0) {
  walk(shape, strides, start, (index, offset) => { out[index] = x[offset]; });
}

/** out [rows, n] = a [rows, k] · bᵀ, b [n, k]: four rows by four columns at a time, to read every number seldom. */
function product(a, b, out, rows, n, k, outStride, outAt) {
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const a0 = i * k, a1 = a0 + k, a2 = a1 + k, a3 = a2 + k;
    const o0 = i * outStride + outAt, o1 = o0 + outStride, o2 = o1 + outStride, o3 = o2 + outStride;
    let j = 0;
    for (; j + 4 <= n; j += 4) {
      const b0 = j * k, b1 = b0 + k, b2 = b1 + k, b3 = b2 + k;
      let s00 = 0, s01 = 0, s02 = 0, s03 = 0, s10 = 0, s11 = 0, s12 = 0, s13 = 0;
      let s20 = 0, s21 = 0, s22 = 0, s23 = 0, s30 = 0, s31 = 0, s32 = 0, s33 = 0;
      for (let p = 0; p < k; p++) {
        const x0 = a[a0 + p], x1 = a[a1 + p], x2 = a[a2 + p], x3 = a[a3 + p];
        const y0 = b[b0 + p], y1 = b[b1 + p], y2 = b[b2 + p], y3 = b[b3 + p];
        s00 += x0 * y0; s01 += x0 * y1; s02 += x0 * y2; s03 += x0 * y3;
        s10 += x1 * y0; s11 += x1 * y1; s12 += x1 * y2; s13 += x1 * y3;
        s20 += x2 * y0; s21 += x2 * y1; s22 += x2 * y2; s23 += x2 * y3;
        s30 += x3 * y0; s31 += x3 * y1; s32 += x3 * y2; s33 += x3 * y3;
      }
      out[o0 + j] = s00; out[o0 + j + 1] = s01; out[o0 + j + 2] = s02; out[o0 + j + 3] = s03;
      out[o1 + j] = s10; out[o1 + j + 1] = s11; out[o1 + j + 2] = s12; out[o1 + j + 3] = s13;
      out[o2 + j] = s20; out[o2 + j + 1] = s21; out[o2 + j + 2] = s22; out[o2 + j + 3] = s23;
      out[o3 + j] = s30; out[o3 + j + 1] = s31; out[o3 + j + 2] = s32; out[o3 + j + 3] = s33;
    }
    for (; j < n; j++) for (let r = 0; r < 4; r++) out[(i + r) * outStride + outAt + j] = dot(a, (i + r) * k, b, j * k, k);
  }
  for (; i < rows; i++) for (let j = 0; j < n; j++) out[i * outStride + outAt + j] = dot(a, i * k, b, j * k, k);
}

function dot(a, i, b, j, k) {
  let sum = 0;
  for (let p = 0; p < k; p++) sum += a[i + p] * b[j + p];
  return sum;
}

const OPERATIONS = {
  unary(step, [x], out) {
    const f = UNARY[step.function];
    for (let i = 0; i < out.length; i++) out[i] = f(x[i], step);
  },

  binary(step, [a, b], out) {
    const f = BINARY[step.function];
    const [sa, sb] = step.shapes.map(shape => stridesOf(shape, step.shape.length, true));
    if (a.length === out.length && out.length % b.length === 0 && trailing(step.shapes[1], step.shape)) {
      for (let i = 0, n = b.length; i < out.length; i += n) for (let j = 0; j < n; j++) out[i + j] = f(a[i + j], b[j]);
      return;
    }
    const right = new Float64Array(out.length);
    walk(step.shape, sb, 0, (index, offset) => { right[index] = b[offset]; });
    walk(step.shape, sa, 0, (index, offset) => { out[index] = f(a[offset], right[index]); });
  },

  select(step, given, out) {
    const [which, yes, no] = given.map((x, i) => {
      const whole = new Float32Array(out.length);
      moved(x, whole, step.shape, stridesOf(step.shapes[i], step.shape.length, true));
      return whole;
    });
    for (let i = 0; i < out.length; i++) out[i] = which[i] ? yes[i] : no[i];
  },

  reduce(step, [x], out) {
    const kept = step.shape.map((size, axis) => (step.axes.includes(axis) ? 1 : size));
    const sums = new Float64Array(out.length).fill(step.function === "max" ? -Infinity : 0);
    const strides = stridesOf(kept, kept.length, true);
    walk(step.shape, strides, 0, (index, offset) => {
      sums[offset] = step.function === "max" ? Math.max(sums[offset], x[index]) : sums[offset] + x[index];
    });
    const by = step.function === "mean" ? x.length / out.length : 1;
    for (let i = 0; i < out.length; i++) out[i] = sums[i] / by;
  },

  transpose(step, [x], out) {
    const strides = stridesOf(step.shape);
    moved(x, out, step.order.map(axis => step.shape[axis]), step.order.map(axis => strides[axis]));
  },

  concat(step, parts, out) {
    const after = count(step.shapes[0].slice(step.axis + 1));
    const rows = step.shapes.map(shape => shape[step.axis] * after);
    const row = rows.reduce((sum, size) => sum + size, 0);
    for (let part = 0, at = 0; part < parts.length; at += rows[part++]) {
      for (let i = 0; i * row < out.length; i++) {
        out.set(parts[part].subarray(i * rows[part], (i + 1) * rows[part]), i * row + at);
      }
    }
  },

  tile(step, [x], out) {
    const made = step.shape.map((size, axis) => size * step.times[axis]), strides = stridesOf(step.shape);
    walk(made, stridesOf(made), 0, index => {
      let rest = index, offset = 0;
      for (let axis = made.length - 1; axis >= 0; axis--) {
        offset += (rest % made[axis] % step.shape[axis]) * strides[axis];
        rest = Math.floor(rest / made[axis]);
      }
      out[index] = x[offset];
    });
  },

  pad(step, [x], out) {
    const made = step.shape.map((size, axis) => size + step.pads[axis][0] + step.pads[axis][1]);
    const strides = stridesOf(made);
    const start = strides.reduce((sum, stride, axis) => sum + stride * step.pads[axis][0], 0);
    out.fill(0);
    walk(step.shape, strides, start, (index, offset) => { out[offset] = x[index]; });
  },

  slice(step, [x], out) {
    const strides = stridesOf(step.shape);
    const start = strides.reduce((sum, stride, axis) => sum + stride * step.begin[axis], 0);
    moved(x, out, step.size, strides.map((stride, axis) => stride * step.strides[axis]), start);
  },

  one_hot(step, [x], out) {
    out.fill(step.off);
    for (let i = 0; i < x.length; i++) if (x[i] >= 0 && x[i] < step.depth) out[i * step.depth + x[i]] = step.on;
  },

  gather(step, [table, rows], out) {
    for (let i = 0; i < rows.length; i++) {
      out.set(table.subarray(rows[i] * step.row, (rows[i] + 1) * step.row), i * step.row);
    }
  },

  matmul(step, [a, b], out) {
    const [sa, sb] = step.shapes, [ta, tb] = step.transposed;
    const m = sa[sa.length - (ta ? 1 : 2)], k = sa[sa.length - (ta ? 2 : 1)], n = sb[sb.length - (tb ? 2 : 1)];
    const rank = Math.max(sa.length, sb.length) - 2, batch = [];
    const [ba, bb] = [sa.slice(0, -2), sb.slice(0, -2)].map(shape => [...new Array(rank - shape.length).fill(1), ...shape]);
    for (let axis = 0; axis < rank; axis++) batch.push(Math.max(ba[axis], bb[axis]));
    const [ua, ub] = [ba, bb].map(shape => stridesOf(shape, rank, true));
    out.fill(0);
    const first = [];
    walk(batch, ua, 0, (index, offset) => { first[index] = offset * m * k; });
    walk(batch, ub, 0, (index, offset) => {
      for (let i = 0; i < m; i++) {
        const to = (index * m + i) * n;
        for (let p = 0; p < k; p++) {
          const x = a[first[index] + (ta ? p * m + i : i * k + p)];
          if (x === 0) continue; // most of a matrix that resizes is 0
          const from = offset * k * n;
          if (tb) for (let j = 0; j < n; j++) out[to + j] += x * b[from + j * k + p];
          else for (let j = 0, row = from + p * n; j < n; j++) out[to + j] += x * b[row + j];
        }
      }
    });
  },

  conv(step, [x, w], out) {
    const [, height, width, channels] = step.shape, [kh, kw, each, filters] = step.kernel;
    const [, rows, columns] = step.made, [sy, sx] = step.strides, [py, px] = step.pads;
    const k = kh * kw * each, of = filters / step.groups;
    const turned = (step.turned ??= turn(w, k, filters)); // a kernel is a constant
    const patches = (step.patches ??= new Float32Array(rows * columns * k));
    for (let group = 0; group < step.groups; group++) {
      let at = 0;
      for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
        for (let i = 0; i < kh; i++) for (let j = 0; j < kw; j++) {
          const y = row * sy + i - py, z = column * sx + j - px;
          const inside = y >= 0 && y < height && z >= 0 && z < width;
          const from = (y * width + z) * channels + group * each;
          for (let c = 0; c < each; c++) patches[at++] = inside ? x[from + c] : 0;
        }
      }
      product(patches, turned.subarray(group * of * k, (group + 1) * of * k), out, rows * columns, of, k, filters, group * of);
    }
  },

  upconv(step, [x, w], out) {
    const [, height, width, channels] = step.shape, [kh, kw, filters] = step.kernel;
    const [, rows, columns] = step.made, [sy, sx] = step.strides, [py, px] = step.pads;
    out.fill(0);
    for (let y = 0; y < height; y++) for (let z = 0; z < width; z++) {
      const from = (y * width + z) * channels;
      for (let i = 0; i < kh; i++) for (let j = 0; j < kw; j++) {
        const row = y * sy + i - py, column = z * sx + j - px;
        if (row < 0 || row >= rows || column < 0 || column >= columns) continue;
        const to = (row * columns + column) * filters, kernel = (i * kw + j) * filters * channels;
        for (let f = 0; f < filters; f++) out[to + f] += dot(x, from, w, kernel + f * channels, channels);
      }
    }
  },

  average_pool(step, [x], out) {
    const [, height, width, channels] = step.shape, [kh, kw] = step.size, [sy, sx] = step.strides;
    const rows = Math.floor((height - kh) / sy) + 1, columns = Math.floor((width - kw) / sx) + 1;
    for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let i = 0; i < kh; i++) for (let j = 0; j < kw; j++) sum += x[((row * sy + i) * width + column * sx + j) * channels + c];
      out[(row * columns + column) * channels + c] = sum / (kh * kw);
    }
  },
};

/** Whether a shape is the last axes of another, so that its elements repeat in order. */
function trailing(shape, whole) {
  const real = shape.slice(shape.findIndex(size => size !== 1));
  return count(shape) === 1 || real.every((size, axis) => size === whole[axis + whole.length - real.length]);
}

/** A kernel [k, filters] as [filters, k]. */
function turn(w, k, filters) {
  const turned = new Float32Array(w.length);
  for (let p = 0; p < k; p++) for (let f = 0; f < filters; f++) turned[f * k + p] = w[p * filters + f];
  return turned;
}

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
