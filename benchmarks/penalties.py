"""What penalties cost, and how near R1's first-order form comes to it: `python -m benchmarks.penalties`.

First the rounds of a small DCGAN and a small R3GAN on scikit-learn's digits, which need no download, without and with
each penalty: the median of the time of all cores, relative to no penalty, of blocks in turns, so that the machine's
moods meet all. Then, on the
discriminator of such a game after some rounds: the first-order form in percent of the exact penalty of the same batch,
mean and standard deviation over batches, in both precisions. Arguments: parts of it, float32, mixed_bfloat16,
costs_dcgan, costs_r3gan.
"""

import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from gan_zoo import objectives, processor
from gan_zoo.experiment import Experiment
from gan_zoo.play import Play
from gan_zoo.training import machine
from gan_zoo.training.plan import draft, plan
from gan_zoo.training.trainer import Trainer

TERMS = ("", "gradient_penalty", "gradient_penalty(every=16)", "gradient_penalty(kind='dragan')", "r1", "r1(every=16)",
         "r2", "r1 + r2", "r1(approximate=0.01)", "consistency", "feature_matching")
SIGMAS = (0.01, 0.03, 0.1, 0.3, 1.0)
_BLOCKS, _ROUNDS, _TRAINED, _BATCHES = 5, 16, 200, 30


class Network(NamedTuple):
    """A small game: its flags, and the terms whose costs are measured in it."""

    model: str
    game: str
    update: str
    terms: Sequence[str]


GAMES = {"dcgan": Network("dcgan(width=8, base_channels=16, dropout=0.0)", "non_saturating", "simultaneous", TERMS),
         "r3gan": Network("r3gan(width=16, widest=32)", "relativistic", "alternating",
                          ("", "r1", "r1 + r2", "r1(every=16) + r2(every=16)"))}


def _trainer(term: str, precision: str = "float32", game: str = "dcgan") -> Trainer:
    model, plain, update, _ = GAMES[game]
    objective = " + ".join([plain, *([term] if term else [])])
    experiment = Experiment(model=model, dataset="digits", batch_size=64, objective=objective, update=update,
                            steps=100_000, precision=precision)
    machine.set_precision(precision)
    return Trainer(plan(draft(experiment)), machine.make_strategy("one_device"))


def costs(game: str, terms: Sequence[str]) -> None:
    machine.set_precision("float32")
    trainers = {term: _trainer(term, game=game) for term in terms}
    taken: dict[str, list[float]] = {term: [] for term in terms}
    for block in range(_BLOCKS + 1):
        for term, trainer in trainers.items():
            start = time.process_time()
            trainer.play(block * _ROUNDS, _ROUNDS)
            taken[term].append((time.process_time() - start) / _ROUNDS)
    print(f"{processor.described()}; {GAMES[game].model}: time of a round, relative to none")
    for term, seconds in taken.items():
        share = np.median(np.array(seconds[1:]) / np.array(taken[""][1:]))  # the first block traces
        print(f"{term or 'none':<34} {share:5.2f}   ({1e3 * np.median(seconds[1:]):.1f} ms)", flush=True)


def errors(precision: str) -> None:
    trainer = _trainer("r1(0.1)", precision)
    trainer.play(0, _TRAINED)
    fetch = trainer._fetcher(0)
    terms = {sigma: objectives.build(f"hinge + r1(2, approximate={sigma})").terms[1] for sigma in SIGMAS}
    exact = objectives.build("hinge + r1(2)").terms[1]

    @tf.function(autograph=False)
    def measured(step):
        inputs = trainer._inputs(fetch, step)
        real = inputs.real[0]._replace(images=tf.cast(inputs.real[0].images, tf.float32) / 127.5 - 1)
        play = Play(trainer.gan, real, inputs.discriminator_latents[0], trainer.key("benchmark"), step)
        return [term.discriminator_loss(play) for term in (exact, *terms.values())]

    found = np.array([[float(value) for value in measured(tf.constant(step, tf.int64))]
                      for step in range(_TRAINED, _TRAINED + _BATCHES)])
    print(f"{precision}: exact penalty {found[:, 0].mean():.3g}; first-order form in % of it, batches of 64")
    for sigma, values in zip(SIGMAS, found[:, 1:].T, strict=True):
        ratio = 100 * values / found[:, 0]
        print(f"σ = {sigma:<6} {ratio.mean():8.1f} ± {ratio.std():.1f}", flush=True)


if __name__ == "__main__":
    for part in sys.argv[1:] or ("float32", "mixed_bfloat16", "costs_dcgan", "costs_r3gan"):
        game = part.partition("costs_")[2]
        costs(game, GAMES[game].terms) if game else errors(part)
