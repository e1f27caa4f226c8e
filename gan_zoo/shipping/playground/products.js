/* Dense layers and convolutions as products of matrices, by WebAssembly where there is some. */
"use strict";

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
