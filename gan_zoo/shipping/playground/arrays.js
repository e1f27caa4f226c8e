/* Arrays in their shapes, row-major. */
"use strict";

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

/** Whether a shape is the last axes of another, so that its elements repeat in order. */
function trailing(shape, whole) {
  const real = shape.slice(shape.findIndex(size => size !== 1));
  return count(shape) === 1 || real.every((size, axis) => size === whole[axis + whole.length - real.length]);
}
