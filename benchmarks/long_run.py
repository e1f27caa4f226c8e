"""What a round costs beside its training, early and late in a long run: python -m benchmarks.long_run.

Eight pictures in batches of eight, so that every round is an epoch, on the smallest networks. A table: for each tenth
of the run its microseconds a round inside the graph, and outside of it (series, means of epochs, TensorBoard, the
progress line, checkpoints, curves), with the images/s that were shown beside those by the clock.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from gan_zoo import processor
from gan_zoo.quiet import quiet


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=100_000)
    arguments = parser.parse_args()
    with quiet():
        import tensorflow as tf

        from gan_zoo.data import from_arrays
        from gan_zoo.experiment import Experiment
        from gan_zoo.training import loop
        from gan_zoo.training.pace import Speed
        from gan_zoo.training.progress import Progress
        from gan_zoo.training.trainer import Trainer

    tenth = arguments.steps // 10
    rows, shown, inside = [], [0.0], [0.0]
    played, took = Trainer.play, Speed.took

    def play(trainer, first_step, count):
        start = time.perf_counter()
        result = played(trainer, first_step, count)
        inside[0] += time.perf_counter() - start
        return result

    def noted(speed, images, step):
        took(speed, images, step)
        shown[0] = speed.now or 0.0
        if step % tenth == 0:
            rows.append((step, time.perf_counter(), inside[0], shown[0]))

    Trainer.play, Speed.took = play, noted  # type: ignore[method-assign]
    images = np.random.default_rng(0).integers(0, 256, [8, 4, 4], np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        experiment = Experiment(model="mlp(generator=[None, 4, None], discriminator=[None, 4, 1])", latent="normal(2)",
                                steps=arguments.steps, batch_size=8, sample_count=4, sample_every_steps=tenth,
                                histogram_every_steps=tenth, checkpoint_every_steps=tenth, evaluate_every_steps=0,
                                run_dir=str(Path(folder) / "run"))
        start = time.perf_counter()
        with open("/dev/null", "w") as nowhere:
            loop.train(experiment, tf.distribute.get_strategy(), from_arrays(images, None, "some"), Progress(nowhere))
    _show(rows, start, arguments.steps)
    return 0


def _show(rows, start: float, steps: int) -> None:
    """rows: (step, clock, seconds in the graph so far, images/s shown)."""
    print(f"{processor.described()}; {steps:,} rounds of 8 images, an epoch each")
    print("| to step | µs a round in the graph | outside of it | images/s shown | by the clock |")
    print("|---|---|---|---|---|")
    before = (0, start, 0.0, 0.0)
    for row in rows:
        rounds, seconds, graph = row[0] - before[0], row[1] - before[1], row[2] - before[2]
        print(f"| {row[0]:,} | {1e6 * graph / rounds:.0f} | {1e6 * (seconds - graph) / rounds:.0f} | {row[3]:,.0f} | "
              f"{8 * rounds / seconds:,.0f} |")
        before = row


if __name__ == "__main__":
    sys.exit(main())
