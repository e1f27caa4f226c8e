"""The ways of training in TensorFlow that train_speed.py compares; run by it, a process each."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf

from benchmarks import plain_loops
from benchmarks.contestants import serve
from gan_zoo.commands.flags import parse
from gan_zoo.data import from_arrays, load, request
from gan_zoo.experiment import Experiment
from gan_zoo.quiet import quiet
from gan_zoo.training import loop, machine
from gan_zoo.training.check_interval import multiply_adds
from gan_zoo.training.plan import Plan, draft, plan
from gan_zoo.training.trainer import Trainer

_OURS = {"ours float32": "float32", "ours bfloat16": "mixed_bfloat16"}
_LOOPS = {"TensorFlow loop float32": "float32", "TensorFlow loop bfloat16": "mixed_bfloat16"}
_SIDE, _TRIES = 1536, 6


def digits() -> np.ndarray:
    """MNIST's first images, without a download: uint8 [5,000, 28, 28, 1]."""
    return np.asarray(load(request(Experiment(dataset="mnist_5k"))).images)


def _planned(model: str, images: np.ndarray, *flags: str) -> Plan:
    return plan(draft(parse([*plain_loops.flags(model), "--steps=1000000", *flags]).experiment),
                from_arrays(images, None, "mnist"))


def facts(model: str, images: np.ndarray) -> tuple[int, float, float]:
    """(batch, the networks' black, MFLOP an image)."""
    planned = _planned(model, images)
    trainer = Trainer(planned, machine.make_strategy("one_device"))
    generator, judging = multiply_adds(trainer.gan.generator), sum(map(multiply_adds, trainer.gan.judges))
    # Forward once and backward twice that; the generator's gradient goes back through D once more, to images alone.
    passes = 3 * generator + 7 * judging
    if planned.experiment.update == "alternating":  # with another forward pass of both
        passes += generator + judging + judging * planned.objective.pairs
    assert trainer.gan.value_range
    return planned.experiment.batch_size, trainer.gan.value_range[0], 2e-6 * passes


def _ours(model: str, images: np.ndarray, precision: str) -> Callable[[int], None]:
    machine.set_precision(precision)
    trainer = Trainer(_planned(model, images, f"--precision={precision}"), machine.make_strategy("one_device"))
    step = 0

    def play(rounds: int) -> None:
        nonlocal step
        trainer.play(step, rounds)
        step += rounds

    return play


def _single() -> Callable[[int], dict]:
    """Measures GFLOP/s of the fastest of some operations, each of about the size of a large layer, in both types."""
    found: list[tuple[str, float, Callable]] = []
    for dtype in (tf.float32, tf.bfloat16):
        square = tf.cast(tf.random.normal([_SIDE, _SIDE]), dtype)
        maps, kernel = (tf.cast(tf.random.normal(shape), dtype) for shape in ([64, 32, 32, 64], [3, 3, 64, 128]))
        found += [(dtype.name, 2.0 * _SIDE**3, tf.function(lambda a=square: tf.matmul(a, a))),
                  (dtype.name, 2.0 * 64 * 30 * 30 * 9 * 64 * 128,
                   tf.function(lambda m=maps, k=kernel: tf.nn.conv2d(m, k, 1, "VALID")))]
    for _, _, operation in found:
        operation()

    def measure(_: int) -> dict:
        best = dict.fromkeys(("float32", "bfloat16"), 0.0)
        for name, flop, operation in found:
            for _ in range(_TRIES):
                start = time.perf_counter()
                operation().numpy()
                best[name] = max(best[name], flop / (time.perf_counter() - start) / 1e9)
        return best

    return measure


def whole(model: str, images: np.ndarray, steps: int, folder: str) -> list[str]:
    """Trains with the default intervals; what share of the time the rounds are."""
    planned = parse([f"--model={model}", f"--steps={steps}", f"--run_dir={Path(folder) / 'run'}"]).experiment
    ended = loop.train(planned, machine.make_strategy("one_device"), from_arrays(images, None, "mnist"))
    seconds = ended.history.arrays()["seconds"]
    first = np.flatnonzero(np.diff(seconds, prepend=0))[0]
    speed = _record(folder)["images_per_s"]
    clock = (steps - 1 - first) * ended.trainer.plan.images_per_round / speed
    return [f"{model}: {steps} rounds, {speed:,.0f} images/s; of the time since the first round "
            f"{(seconds[-1] - seconds[first]) / clock:.1%} are rounds"]


def _record(folder: str) -> dict:
    from gan_zoo.training.run_directory import recorded

    return recorded(Path(folder) / "run")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("model", "images", "way"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--low", type=float, required=True)
    arguments = parser.parse_args()
    images = np.load(arguments.images)
    with quiet():
        if arguments.way in _OURS:
            play: Callable = _ours(arguments.model, images, _OURS[arguments.way])
        elif arguments.way == "attainable":
            play = _single()
        else:
            machine.set_precision(_LOOPS[arguments.way])
            play = plain_loops.player(arguments.model, images, arguments.batch, arguments.low)
        serve(play)


if __name__ == "__main__":
    main()
