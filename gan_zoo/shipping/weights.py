"""The constants of programs → one row of bytes, and where each of them lies in it.

Kernels are held as int8 with one scale for each output channel (Jacob et al. 2017, arXiv:1712.05877). Those by which
the images would change the most get two or four more bits, until no pixel is further than `LEVELS` from what it was.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gan_zoo.shipping.program import Program

LEVELS = 1.5  # grey levels of 255
_LEAST = 512  # numbers; smaller kernels are held as float32
_ALIGNED = 4  # bytes: where a Float32Array may begin
_FINER = (2, 4)  # more bits than 8
_RANKED_BY = 4  # images by which the kernels are ranked


@dataclass(frozen=True)
class Kernel:
    """Values ≈ (int8 + (rest + ½) / 2^bits − ½) · scale, without more bits int8 · scale; scales [C] along an axis."""

    axis: int
    integers: np.ndarray
    scales: np.ndarray
    bits: int = 0
    rest: np.ndarray | None = None

    @property
    def values(self) -> np.ndarray:
        finer = 0 if self.rest is None else (self.rest + 0.5) / 2**self.bits - 0.5
        return ((self.integers + finer) * _across(self.scales, self.axis, self.integers.ndim)).astype(np.float32)


def quantized(values: np.ndarray, axis: int, bits: int = 0) -> Kernel:
    """Values in 8 bits, none further off than half a scale, or in so many bits more."""
    largest = np.abs(values).max(axis=tuple(other for other in range(values.ndim) if other != axis))
    scales = (largest / 127).astype(np.float32)
    steps = values / _across(np.where(scales > 0, scales, 1), axis, values.ndim)
    integers = np.clip(np.rint(steps), -127, 127)
    rest = np.clip(np.floor((steps - integers + 0.5) * 2**bits), 0, 2**bits - 1).astype(np.uint8) if bits else None
    return Kernel(axis, integers.astype(np.int8), scales, bits, rest)


def _across(scales: np.ndarray, axis: int, rank: int) -> np.ndarray:
    return scales.reshape([-1 if other == axis else 1 for other in range(rank)])


def kernels(program: Program) -> dict[int, Kernel]:
    """The large kernels of a program by their numbers, each in 8 bits."""
    axes: dict[int, int] = {}
    for step in program.steps:
        if step["op"] in _OUTPUT_AXIS and step["in"][1] in program.constants:
            axes[step["in"][1]] = _OUTPUT_AXIS[step["op"]](step)
    return {number: quantized(program.constants[number], axis) for number, axis in axes.items()
            if program.constants[number].size >= _LEAST}


_OUTPUT_AXIS = {"conv": lambda step: 3, "upconv": lambda step: 2,
                "matmul": lambda step: len(step["shapes"][1]) - (2 if step["transposed"][1] else 1)}


def fine_kernels(program: Program, examples: Sequence[Mapping[str, np.ndarray]], levels_per_unit: float,
                 levels: float = LEVELS) -> dict[int, Kernel]:
    """The kernels of a generator, as many of them in 8 bits as leave its images within `levels` of what they were.

    examples: batches of one of its inputs. levels_per_unit: grey levels in one of its outputs.
    """
    coarse = kernels(program)
    exact = {number: program.constants[number] for number in coarse}
    error = _measured(program, exact, examples, levels_per_unit)
    alone = {number: error({number: kernel}, _RANKED_BY) for number, kernel in coarse.items()}
    ranked = sorted(coarse, key=lambda number: -alone[number] / exact[number].size**0.5)
    finer = [(bits, number) for bits in _FINER for number in ranked]

    def held(steps: int) -> dict[int, Kernel]:
        return coarse | {number: quantized(exact[number], coarse[number].axis, bits) for bits, number in finer[:steps]}

    # The fewest steps that are enough, by bisection: each makes the error smaller, as good as always.
    low, high = 0, len(finer)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if error(held(middle)) <= levels else (middle + 1, high)
    return held(low)


def largest_change(program: Program, held: Mapping[int, Kernel], examples: Sequence[Mapping[str, np.ndarray]],
                   levels_per_unit: float) -> float:
    """How far the images of examples are from what they were, with these kernels, in grey levels."""
    exact = {number: program.constants[number] for number in held}
    return _measured(program, exact, examples, levels_per_unit)(held)


def _measured(program: Program, exact: Mapping[int, np.ndarray], examples: Sequence[Mapping[str, np.ndarray]],
              levels_per_unit: float) -> Callable[..., float]:
    """(some kernels as they are held, how many of the examples) → the largest change of a pixel."""
    run = program.runner(list(exact))
    wanted = [run(given, exact.values())["images"] for given in examples]

    def error(held: Mapping[int, Kernel], count: int | None = None) -> float:
        values = ({**exact} | {number: kernel.values for number, kernel in held.items()}).values()
        return levels_per_unit * float(np.max([np.abs(run(given, values)["images"] - image).max()
                                               for given, image in zip(examples[:count], wanted[:count], strict=True)]))

    return error


@dataclass
class Packed:
    """bytes: of all constants. tables: of each program, number → {"at", "shape"}, of a kernel with more."""

    bytes: bytearray = field(default_factory=bytearray)
    tables: list[dict[int, dict[str, Any]]] = field(default_factory=list)

    def add(self, program: Program, held: Mapping[int, Kernel]) -> None:
        """A program's constants, these kernels as they are held."""
        self.tables.append({number: self._kernel(held[number]) if number in held else self._plain(values)
                            for number, values in program.constants.items()})

    def _plain(self, values: np.ndarray) -> dict[str, Any]:
        return {"at": self._begin(values.astype("<f4")), "shape": list(values.shape)}

    def _kernel(self, kernel: Kernel) -> dict[str, Any]:
        entry = {"scales": self._begin(kernel.scales.astype("<f4")), "at": self._begin(kernel.integers),
                 "shape": list(kernel.integers.shape), "axis": kernel.axis}
        if kernel.rest is not None:
            together = 8 // kernel.bits
            rest = np.append(kernel.rest.ravel(), np.zeros(-kernel.rest.size % together, np.uint8))
            shifted = rest.reshape(-1, together) << (kernel.bits * np.arange(together, dtype=np.uint8))
            entry |= {"bits": kernel.bits, "rest": self._begin(np.bitwise_or.reduce(shifted, axis=1))}
        return entry

    def _begin(self, values: np.ndarray) -> int:
        self.bytes += bytes(-len(self.bytes) % _ALIGNED)
        begin = len(self.bytes)
        self.bytes += values.tobytes()
        return begin
