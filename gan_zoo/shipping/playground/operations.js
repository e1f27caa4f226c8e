/* What the steps of a program do: each gets the step, its inputs and the array that it fills. */
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
