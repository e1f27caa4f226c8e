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

/* Dense layers and convolutions are products of matrices: rows of patches [rows, k] by kernels, whose columns come in panels of eight,
 * [panels, k, 8]. PRODUCT is product.wasm, which is made of product.wat. */
const PRODUCT = "{{product}}";
const PANEL = 8, ROWS = 64; // columns of a panel, rows that are multiplied at a time

/** Room for so many numbers, and product(a, b, out, rows, panels, k) of what lies at these places; rows in fours. */
function workspace(size) {
  try {
    const memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(size / 16384)) });
    const code = Uint8Array.from(atob(PRODUCT), letter => letter.charCodeAt(0));
    const { product } = new WebAssembly.Instance(new WebAssembly.Module(code), { page: { memory } }).exports;
    return { numbers: new Float32Array(memory.buffer),
      product: (a, b, out, rows, panels, k) => product(4 * a, 4 * b, 4 * out, rows, panels, k) };
  } catch { // a browser without WebAssembly, or whose has no SIMD
    const numbers = new Float32Array(size);
    return { numbers, product: (...places) => plainProduct(numbers, ...places) };
  }
}

function plainProduct(x, a, b, out, rows, panels, k) {
  for (let row = 0; row < rows; row++) for (let panel = 0; panel < panels; panel++) {
    let s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
    for (let p = 0, i = a + row * k, j = b + panel * k * PANEL; p < k; p++, i++, j += PANEL) {
      const v = x[i];
      s0 += v * x[j]; s1 += v * x[j + 1]; s2 += v * x[j + 2]; s3 += v * x[j + 3];
      s4 += v * x[j + 4]; s5 += v * x[j + 5]; s6 += v * x[j + 6]; s7 += v * x[j + 7];
    }
    const to = out + (row * panels + panel) * PANEL;
    x[to] = s0; x[to + 1] = s1; x[to + 2] = s2; x[to + 3] = s3;
    x[to + 4] = s4; x[to + 5] = s5; x[to + 6] = s6; x[to + 7] = s7;
  }
}

/** How the products of a step look: so many of them side by side, k numbers in a row, n columns. */
const PRODUCTS = {
  dense: ({ shapes: [[rows, k]], made: [, n] }) => ({ times: 1, k, n, count: rows }),
  conv: ({ kernel: [kh, kw, each, filters], groups }) => ({ times: groups, k: kh * kw * each, n: filters / groups }),
  upconv: ({ kernel: [kh, kw, filters, channels] }) => ({ times: 1, k: channels, n: kh * kw * filters }),
};

/** Number of a kernel at row p and column j of the product `which`. */
const KERNELS = {
  dense: ({ transposed: [, turned] }, { k, n }, which, p, j) => (turned ? j * k + p : p * n + j),
  conv: ({ kernel: [, , , filters] }, { n }, which, p, j) => p * filters + which * n + j,
  upconv: (_, { k }, which, p, j) => j * k + p,
};

/** A workspace for all products of the steps; each step gets its `places`, kernels are copied to theirs. */
function planned(steps, arrays) {
  for (const step of steps) {
    const [rows, k] = step.op === "matmul" ? step.shapes : [[], []];
    if (rows.length === 2 && k.length === 2 && !step.transposed[0] && arrays[step.in[1]]) step.op = "dense";
  }
  let size = 0;
  const take = count => { const at = size; size += Math.ceil(count / 4) * 4; return at; };
  const multiplied = steps.filter(step => step.op in PRODUCTS);
  for (const step of multiplied) {
    const plan = PRODUCTS[step.op](step), panels = Math.ceil(plan.n / PANEL);
    step.places = { ...plan, panels, kernels: Array.from({ length: plan.times }, () => take(panels * plan.k * PANEL)) };
  }
  const rows = take(ROWS * Math.max(0, ...multiplied.map(step => step.places.k)));
  const out = take(ROWS * PANEL * Math.max(0, ...multiplied.map(step => step.places.panels)));
  const room = workspace(size);
  for (const step of multiplied) {
    const { places } = step, w = arrays[step.in[1]];
    Object.assign(places, room, { rows, out });
    places.kernels.forEach((at, which) => {
      for (let p = 0; p < places.k; p++) for (let j = 0; j < places.n; j++) {
        const to = at + (Math.floor(j / PANEL) * places.k + p) * PANEL + (j % PANEL);
        room.numbers[to] = w[KERNELS[step.op](step, places, which, p, j)];
      }
    });
  }
}

/** Multiplies rows, filled in by fill(row, at), with a kernel; take(row, at) gets where each row of the product begins. */
function multiplied({ numbers, product, rows, out, k, panels, kernels }, which, count, fill, take) {
  for (let first = 0; first < count; first += ROWS) {
    const some = Math.min(ROWS, count - first);
    for (let row = 0; row < some; row++) fill(first + row, rows + row * k);
    product(rows, kernels[which], out, Math.ceil(some / 4) * 4, panels, k);
    for (let row = 0; row < some; row++) take(first + row, out + row * panels * PANEL);
  }
}

const OPERATIONS = {
  unary(step, [x], out) {
    if (step.function === "leaky_relu" || step.function === "relu") { // most of all; written out it is ten times as fast
      const slope = step.slope ?? 0;
      for (let i = 0; i < out.length; i++) out[i] = x[i] > 0 ? x[i] : x[i] * slope;
      return;
    }
    const f = UNARY[step.function];
    for (let i = 0; i < out.length; i++) out[i] = f(x[i], step);
  },

  binary(step, [a, b], out) {
    const f = BINARY[step.function];
    const [sa, sb] = step.shapes.map(shape => stridesOf(shape, step.shape.length, true));
    if (a.length === out.length && out.length % b.length === 0 && trailing(step.shapes[1], step.shape)) {
      const n = b.length;
      for (let i = 0; i < out.length; i += n) {
        if (step.function === "add") for (let j = 0; j < n; j++) out[i + j] = a[i + j] + b[j];
        else if (step.function === "mul") for (let j = 0; j < n; j++) out[i + j] = a[i + j] * b[j];
        else for (let j = 0; j < n; j++) out[i + j] = f(a[i + j], b[j]);
      }
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

  dense(step, [x], out) {
    const { numbers, k, n, count } = step.places;
    multiplied(step.places, 0, count, (row, at) => numbers.set(x.subarray(row * k, (row + 1) * k), at),
      (row, at) => out.set(numbers.subarray(at, at + n), row * n));
  },

  conv(step, [x], out) {
    const [, height, width, channels] = step.shape, [kh, kw, each, filters] = step.kernel;
    const [, rows, columns] = step.made, [sy, sx] = step.strides, [py, px] = step.pads;
    const { numbers, n } = step.places;
    for (let group = 0; group < step.groups; group++) {
      multiplied(step.places, group, rows * columns, (pixel, at) => {
        const top = Math.floor(pixel / columns) * sy - py, left = (pixel % columns) * sx - px;
        const whole = step.groups === 1 && left >= 0 && left + kw <= width; // a row of the patch lies in one piece
        for (let y = top; y < top + kh; y++) {
          if (whole && y >= 0 && y < height) {
            const from = (y * width + left) * channels;
            numbers.set(x.subarray(from, from + kw * channels), at);
            at += kw * channels;
            continue;
          }
          for (let z = left; z < left + kw; z++, at += each) {
            const inside = y >= 0 && y < height && z >= 0 && z < width;
            const from = (y * width + z) * channels + group * each;
            for (let c = 0; c < each; c++) numbers[at + c] = inside ? x[from + c] : 0;
          }
        }
      }, (pixel, at) => {
        for (let j = 0, to = pixel * filters + group * n; j < n; j++) out[to + j] = numbers[at + j];
      });
    }
  },

  upconv(step, [x], out) {
    const [, height, width, channels] = step.shape, [kh, kw, filters] = step.kernel;
    const [, rows, columns] = step.made, [sy, sx] = step.strides, [py, px] = step.pads;
    const { numbers } = step.places;
    out.fill(0);
    multiplied(step.places, 0, height * width, (pixel, at) => {
      for (let c = 0; c < channels; c++) numbers[at + c] = x[pixel * channels + c];
    }, (pixel, at) => {
      const top = Math.floor(pixel / width) * sy - py, left = (pixel % width) * sx - px;
      for (let y = top; y < top + kh; y++) for (let z = left; z < left + kw; z++, at += filters) {
        if (y < 0 || y >= rows || z < 0 || z >= columns) continue;
        for (let f = 0, to = (y * columns + z) * filters; f < filters; f++) out[to + f] += numbers[at + f];
      }
    });
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
