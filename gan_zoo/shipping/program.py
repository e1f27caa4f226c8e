"""A signature's TensorFlow graph → a program of few plain operations on one image, which any language can run.

The graph is traced for one image, so that every shape is known. Whatever then depends on no input is a constant. What
is left is a list of steps such as

    {"op": "conv", "in": [3, 0], "out": 4, "shape": [10, 10, 128], "strides": [1, 1], "pads": [1, 1, 1, 1]}

on numbered arrays: inputs first, then constants, then what steps make. Arrays are float32, row-major, images H × W × C,
and the leading 1 of the batch stays in their shapes.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from gan_zoo.errors import UserError
from gan_zoo.shipping.operations import UntranslatableError, operations

_SAME = ("Identity", "Cast", "EnsureShape", "StopGradient", "CheckNumerics", "PreventGradient")
_OF_SHAPES = ("Shape", "Rank", "Size", "ShapeN")


@dataclass
class Program:
    """inputs, outputs: name → number of the array. constants: number → values. steps: as the module says.

    shapes: of every array by its number. runner: numbers of constants → a function of {input: batch of one} and of
    other values of these constants, which gives the outputs by TensorFlow, so that one sees what other values do.
    """

    runner: Callable[[list[int]], Callable]
    inputs: dict[str, int] = field(default_factory=dict)
    constants: dict[int, np.ndarray] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)
    outputs: dict[str, int] = field(default_factory=dict)
    shapes: list[tuple[int, ...]] = field(default_factory=list)

    def new(self, shape) -> int:
        """The number of a further array."""
        self.shapes.append(tuple(int(size) for size in shape))
        return len(self.shapes) - 1


def program_of(signature: Callable, examples: Mapping[str, np.ndarray], outputs: tuple[str, ...]) -> Program:
    """The program of a signature. examples: a batch of one for each of its inputs, by name. outputs: those wanted.

    Raises UserError for a graph with an operation that has no translation.
    """
    graph = _Graph(signature, examples, outputs)
    numbers: dict[str, int] = {}
    names: dict[int, str] = {}
    program = Program(lambda wanted: graph.runner([names[constant] for constant in wanted]))
    for name, tensor in graph.inputs.items():
        program.inputs[name] = numbers[tensor.name] = program.new(tensor.shape)

    def number(tensor: tf.Tensor) -> int:
        if tensor.name in numbers:
            return numbers[tensor.name]
        value = graph.values[tensor.name]
        if tensor.op.name in graph.fixed:
            found = program.new(value.shape)
            program.constants[found], names[found] = np.asarray(value, np.float32), tensor.name
        elif tensor.op.type in _SAME:
            found = number(tensor.op.inputs[0])
        else:
            found = _translated(program, graph, tensor, number)
        numbers[tensor.name] = found
        return found

    for operation in graph.order:  # in order, so that a deep graph needs no deep recursion
        for tensor in operation.outputs:
            number(tensor)
    program.outputs = {name: number(tensor) for name, tensor in graph.outputs.items()}
    return program


class _Graph:
    """The frozen graph of a signature for a batch of one, with the value of every tensor for the examples.

    fixed: names of the operations whose value depends on no input. order: the others that the outputs need, each after
    those that it needs.
    """

    def __init__(self, signature: Callable, examples: Mapping[str, np.ndarray], outputs: tuple[str, ...]):
        given = {name: tf.constant(value) for name, value in examples.items()}
        specs = {name: tf.TensorSpec(value.shape, value.dtype, name=name) for name, value in given.items()}
        traced = tf.function(lambda **values: _only(outputs, signature(**values)))
        frozen = convert_variables_to_constants_v2(traced.get_concrete_function(**specs))
        by_name = {tensor.op.name: tensor for tensor in frozen.inputs}
        self.inputs = {name: by_name[name] for name in given}
        # A function's results are flattened in the order of their names.
        self.outputs = dict(zip(sorted(outputs), frozen.outputs, strict=True))
        self._frozen = frozen
        self.fixed: set[str] = set()
        needed = self._needed(frozen)
        everything = [tensor for operation in needed for tensor in operation.outputs]
        run = frozen.prune(list(self.inputs.values()), everything)
        found = run(*[given[name] for name in self.inputs])
        self.values = {tensor.name: value.numpy() for tensor, value in zip(everything, found, strict=True)}
        self.order = [operation for operation in needed if operation.name not in self.fixed
                      and operation.type not in ("Placeholder", *_SAME)]

    def runner(self, names: list[str]) -> Callable:
        """(inputs by name, values of these tensors) → outputs by name, batches of one."""
        tensors = [self._frozen.graph.get_tensor_by_name(name) for name in names]
        run = self._frozen.prune([*self.inputs.values(), *tensors], list(self.outputs.values()))

        def outputs(given: Mapping[str, np.ndarray], values: Iterable[np.ndarray]) -> dict[str, np.ndarray]:
            fed = [tf.constant(given[name], tensor.dtype) for name, tensor in self.inputs.items()]
            fed += [tf.constant(value, tensor.dtype) for value, tensor in zip(values, tensors, strict=True)]
            return {name: value.numpy() for name, value in zip(self.outputs, run(*fed), strict=True)}

        return outputs

    def _needed(self, frozen) -> list[tf.Operation]:
        """What the outputs need, inputs before what is made of them; fills `fixed`."""
        wanted, stack = set[str](), [tensor.op for tensor in frozen.outputs]
        while stack:
            operation = stack.pop()
            if operation.name not in wanted:
                wanted.add(operation.name)
                stack += [tensor.op for tensor in operation.inputs]
        needed = [operation for operation in frozen.graph.get_operations() if operation.name in wanted]
        for operation in needed:  # a graph keeps its operations in an order in which they can be run
            if operation.type in _OF_SHAPES or (operation.type != "Placeholder" and
                                                all(t.op.name in self.fixed for t in operation.inputs)):
                self.fixed.add(operation.name)
        return needed


def _only(names: tuple[str, ...], values: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    return {name: values[name] for name in names}


def _translated(program: Program, graph: _Graph, tensor: tf.Tensor, number: Callable[[tf.Tensor], int]) -> int:
    """Adds the step that makes a tensor; returns the number of what it makes."""
    operation = tensor.op
    translate = operations.get(operation.type)
    if translate is None:
        raise UserError(f"the network has the operation {operation.type}, for which the page has no translation: "
                        "ship it as onnx or tflite")
    try:
        values = [graph.values[each.name] if each.op.name in graph.fixed else None for each in operation.inputs]
        shapes = [graph.values[each.name].shape for each in operation.inputs]
        step = translate(operation, values, shapes, tensor.value_index)
    except UntranslatableError as error:
        raise UserError(f"the network has {operation.type} {error}, for which the page has no translation: ship it as "
                        "onnx or tflite") from None
    taken = [number(operation.inputs[index]) for index in step.pop("of")]
    made = program.new(graph.values[tensor.name].shape)
    program.steps.append({"op": step.pop("op"), "in": taken, "out": made, **step})
    return made
