"""TensorFlow's operations → the playground's: which of its inputs a step takes, and what it must know.

Each translation gets the operation, the values of its fixed inputs (None for the others), the shapes of all, and which
of its outputs is wanted. It gives the step as a dict: "op", "of": the places of the inputs that it takes, and more.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

Step = dict[str, Any]
operations: dict[str, Callable[..., Step]] = {}


class UntranslatableError(Exception):
    """A form of an operation that has no translation; its text follows the operation's name."""


def _register(*names: str):
    def keep(translate):
        operations.update(dict.fromkeys(names, translate))
        return translate

    return keep


_UNARY = {"Relu": "relu", "Elu": "elu", "Selu": "selu", "Tanh": "tanh", "Sigmoid": "sigmoid", "Softplus": "softplus",
          "Exp": "exp", "Log": "log", "Neg": "neg", "Sqrt": "sqrt", "Rsqrt": "rsqrt", "Square": "square", "Abs": "abs"}
_BINARY = {"Add": "add", "AddV2": "add", "BiasAdd": "add", "Sub": "sub", "Mul": "mul", "RealDiv": "div",
           "Maximum": "max", "Minimum": "min", "Pow": "pow", "SquaredDifference": "squared_difference",
           "Less": "less", "LessEqual": "less_equal", "Greater": "greater", "GreaterEqual": "greater_equal",
           "Equal": "equal"}
_REDUCED = {"Max": "max", "Mean": "mean", "Sum": "sum"}


@_register(*_UNARY)
def _unary(operation, values, shapes, index) -> Step:
    return {"op": "unary", "of": [0], "function": _UNARY[operation.type]}


@_register("LeakyRelu")
def _leaky_relu(operation, values, shapes, index) -> Step:
    return {"op": "unary", "of": [0], "function": "leaky_relu", "slope": operation.get_attr("alpha")}


@_register(*_BINARY)
def _binary(operation, values, shapes, index) -> Step:
    return {"op": "binary", "of": [0, 1], "function": _BINARY[operation.type],
            "shapes": [list(shape) for shape in shapes], "shape": list(np.broadcast_shapes(*shapes))}


@_register("SelectV2")
def _select(operation, values, shapes, index) -> Step:
    return {"op": "select", "of": [0, 1, 2], "shapes": [list(shape) for shape in shapes],
            "shape": list(np.broadcast_shapes(*shapes))}


@_register(*_REDUCED)
def _reduced(operation, values, shapes, index) -> Step:
    axes = sorted({int(axis) % max(1, len(shapes[0])) for axis in np.atleast_1d(values[1])})
    return {"op": "reduce", "of": [0], "function": _REDUCED[operation.type], "shape": list(shapes[0]), "axes": axes}


@_register("Reshape", "Squeeze", "ExpandDims")
def _reshape(operation, values, shapes, index) -> Step:
    return {"op": "reshape", "of": [0]}


@_register("Transpose")
def _transpose(operation, values, shapes, index) -> Step:
    return {"op": "transpose", "of": [0], "shape": list(shapes[0]), "order": [int(axis) for axis in values[1]]}


@_register("ConcatV2")
def _concat(operation, values, shapes, index) -> Step:
    parts = shapes[:-1]
    return {"op": "concat", "of": list(range(len(parts))), "shapes": [list(shape) for shape in parts],
            "axis": int(values[-1]) % len(parts[0])}


@_register("Tile")
def _tile(operation, values, shapes, index) -> Step:
    return {"op": "tile", "of": [0], "shape": list(shapes[0]), "times": [int(times) for times in values[1]]}


@_register("BroadcastTo")
def _broadcast_to(operation, values, shapes, index) -> Step:
    made = [int(size) for size in values[1]]
    shape = [1] * (len(made) - len(shapes[0])) + list(shapes[0])
    return {"op": "tile", "of": [0], "shape": shape, "times": [to // of for to, of in zip(made, shape, strict=True)]}


@_register("Pad", "PadV2")
def _pad(operation, values, shapes, index) -> Step:
    if len(values) > 2 and np.any(values[2] != 0):
        raise UntranslatableError("with other values than 0")
    return {"op": "pad", "of": [0], "shape": list(shapes[0]), "pads": np.asarray(values[1]).tolist()}


@_register("Split")
def _split(operation, values, shapes, index) -> Step:
    axis, shape = int(values[0]) % len(shapes[1]), list(shapes[1])
    size = shape[axis] // operation.get_attr("num_split")
    begin, sizes = [0] * len(shape), list(shape)
    begin[axis], sizes[axis] = index * size, size
    return {"op": "slice", "of": [1], "shape": shape, "begin": begin, "size": sizes, "strides": [1] * len(shape)}


@_register("StridedSlice")
def _strided_slice(operation, values, shapes, index) -> Step:
    """Axes that are dropped or new change the shape, not the numbers or their order."""
    masked = {name: operation.get_attr(f"{name}_mask") for name in
              ("begin", "end", "ellipsis", "new_axis", "shrink_axis")}
    rank, entries = len(shapes[0]), list(zip(*(np.asarray(v).tolist() for v in values[1:4]), strict=True))
    begin, size, strides, axis = [0] * rank, list(shapes[0]), [1] * rank, 0
    for place, (first, last, step) in enumerate(entries):
        is_set = {name: bool(mask & 1 << place) for name, mask in masked.items()}
        if is_set["ellipsis"]:
            after = sum(not masked["new_axis"] & 1 << later for later in range(place + 1, len(entries)))
            axis = rank - after
        elif not is_set["new_axis"]:
            whole = range(shapes[0][axis])
            cut = (whole[first:][:1] if first != -1 else whole[-1:]) if is_set["shrink_axis"] else \
                whole[None if is_set["begin"] else first:None if is_set["end"] else last:step]
            begin[axis], size[axis], strides[axis] = cut.start, len(cut), cut.step
            axis += 1
    return {"op": "slice", "of": [0], "shape": list(shapes[0]), "begin": begin, "size": size, "strides": strides}


@_register("OneHot")
def _one_hot(operation, values, shapes, index) -> Step:
    if operation.get_attr("axis") not in (-1, len(shapes[0])):
        raise UntranslatableError("along another axis than the last")
    return {"op": "one_hot", "of": [0], "depth": int(values[1]), "on": float(values[2]), "off": float(values[3])}


@_register("GatherV2")
def _gather(operation, values, shapes, index) -> Step:
    if int(values[2]) % len(shapes[0]) or operation.get_attr("batch_dims"):
        raise UntranslatableError("along another axis than the first")
    return {"op": "gather", "of": [0, 1], "row": int(np.prod(shapes[0][1:]))}


@_register("MatMul", "BatchMatMulV2")
def _matmul(operation, values, shapes, index) -> Step:
    names = ("transpose_a", "transpose_b") if operation.type == "MatMul" else ("adj_x", "adj_y")
    return {"op": "matmul", "of": [0, 1], "shapes": [list(shape) for shape in shapes],
            "transposed": [bool(operation.get_attr(name)) for name in names]}


@_register("Conv2D")
def _conv(operation, values, shapes, index) -> Step:
    _check_layout(operation)
    strides, dilations = operation.get_attr("strides")[1:3], operation.get_attr("dilations")[1:3]
    if any(dilation != 1 for dilation in dilations):
        raise UntranslatableError("with dilation")
    return {"op": "conv", "of": [0, 1], "shape": list(shapes[0]), "kernel": list(shapes[1]), "strides": list(strides),
            "pads": _pads(operation, shapes[0][1:3], shapes[1][:2], strides),
            "groups": shapes[0][3] // shapes[1][2]}


@_register("DepthwiseConv2dNative")
def _depthwise(operation, values, shapes, index) -> Step:
    height, width, channels, times = shapes[1]
    if times != 1 or any(dilation != 1 for dilation in operation.get_attr("dilations")):
        raise UntranslatableError("with several filters a channel or dilation")
    step = {"op": "conv", "of": [0, 1], "shape": list(shapes[0]), "kernel": [height, width, 1, channels],
            "strides": list(operation.get_attr("strides")[1:3]), "groups": channels}
    step["pads"] = _pads(operation, shapes[0][1:3], shapes[1][:2], step["strides"])
    return step


@_register("Conv2DBackpropInput")
def _upconv(operation, values, shapes, index) -> Step:
    """Inputs: the shape of what is made, kernel [H, W, C_out, C_in], what it is made of."""
    _check_layout(operation)
    strides, made = operation.get_attr("strides")[1:3], [int(size) for size in values[0]]
    return {"op": "upconv", "of": [2, 1], "shape": list(shapes[2]), "kernel": list(shapes[1]), "made": made,
            "strides": list(strides), "pads": _pads(operation, made[1:3], shapes[1][:2], strides)}


@_register("AvgPool")
def _average_pool(operation, values, shapes, index) -> Step:
    _check_layout(operation)
    size, strides = operation.get_attr("ksize")[1:3], operation.get_attr("strides")[1:3]
    if operation.get_attr("padding") != b"VALID" and any(s % k for s, k in zip(shapes[0][1:3], size, strict=True)):
        raise UntranslatableError("with padding")
    return {"op": "average_pool", "of": [0], "shape": list(shapes[0]), "size": list(size), "strides": list(strides)}


def _check_layout(operation) -> None:
    if operation.get_attr("data_format") != b"NHWC":
        raise UntranslatableError("with channels first")


def _pads(operation, sides, kernel, strides) -> list[int]:
    """Rows above and columns to the left that a convolution adds to an image with these sides."""
    padding = operation.get_attr("padding")
    if padding == b"VALID":
        return [0, 0]
    if padding == b"EXPLICIT":
        explicit = operation.get_attr("explicit_paddings")
        return [explicit[2], explicit[4]]
    return [max(0, (-(-side // stride) - 1) * stride + size - side) // 2
            for side, size, stride in zip(sides, kernel, strides, strict=True)]
