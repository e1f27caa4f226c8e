"""The state of a game and the graph that plays many rounds of it in one call."""

from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from gan_zoo import latents, models, objectives
from gan_zoo.data import Dataset, Source
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.game import GAN, Examples, LatentSample, Objective
from gan_zoo.latents import codes
from gan_zoo.pixels import to_network
from gan_zoo.randomness import Key
from gan_zoo.registry import one_call
from gan_zoo.training import machine
from gan_zoo.training.averaging import GeneratorAverage
from gan_zoo.training.players import build_optimizer, build_players
from gan_zoo.training.round import Inputs, Rules, make_round


class Played(NamedTuple):
    """What a call of some rounds gives.

    metrics: by name, one float32 a round, [rounds]. Scores: float32 [B, 1] of the last round.
    """

    metrics: dict[str, np.ndarray]
    real_scores: np.ndarray
    fake_scores: np.ndarray


def flagged(flag: str, build: Callable, spec: str, *args):
    """Builds from a spec; an error names the flag that it came from."""
    try:
        return build(spec, *args)
    except UserError as error:
        raise UserError(f"--{flag}={spec}: {error}") from None
    except (MemoryError, tf.errors.ResourceExhaustedError):
        raise UserError(f"--{flag}={spec} does not fit into memory: make it smaller") from None


def check_specs(experiment: Experiment) -> None:
    """Raises UserError for a wrong spec; a matter of a moment, before data are loaded or decoded."""
    flagged("model", lambda spec: models.models.bind(one_call(spec)), experiment.model)
    latent = flagged("latent", latents.build, experiment.latent)
    if experiment.conditional and not latent.label:
        latent = latents.build(f"{experiment.latent} + label(2)")  # how many classes the data have is not known yet
    _objective(experiment, latent)
    flagged("model", lambda spec: models.check(one_call(spec), bool(latent.codes), latent.label is not None),
            experiment.model)
    for flag in ("discriminator_optimizer", "generator_optimizer"):
        flagged(flag, build_optimizer, getattr(experiment, flag))


def wants_labels(experiment: Experiment) -> bool:
    """Whether the game is a conditional one."""
    return experiment.conditional or flagged("latent", latents.build, experiment.latent).label is not None


def check_labels(experiment: Experiment, source: Source | Dataset) -> None:
    """Raises UserError if a conditional game is played on data without classes, or with others than --latent says."""
    names = source.class_names
    if len(names) < 2:
        flag = "--conditional" if experiment.conditional else f"--latent={experiment.latent}"
        found = f"one class only, {names[0]}" if names else "no labels"
        raise UserError(f"{flag} needs the classes of the images, but {source.name} has {found}: leave it out, or "
                        "take other data with --dataset (a folder has labels if its pictures are in folders by class)")
    flagged("latent", latents.build, experiment.latent, latents.Classes(tuple(range(len(names))), names))


def build_latent(experiment: Experiment, dataset: Dataset) -> latents.Latent:
    """The latent of --latent and --conditional, its label over the classes that are in the data."""
    if not wants_labels(experiment):
        return flagged("latent", latents.build, experiment.latent)
    check_labels(experiment, dataset)
    spec = experiment.latent
    if not latents.build(spec).label:
        spec += f" + label({len(dataset.class_names)})"
    present, counts = np.unique(dataset.labels, return_counts=True)
    if present[0] < 0:
        raise UserError(f"--split={experiment.split} of {dataset.name} has images without a class (label "
                        f"{present[0]}), but the game is conditional: choose another split")
    classes = latents.Classes(tuple(present.tolist()), tuple(dataset.class_names), tuple(counts.tolist()))
    return flagged("latent", latents.build, spec, classes)


def _objective(experiment: Experiment, latent: latents.Latent) -> Objective:
    names = ", ".join(code.name for code in latent.codes)
    if experiment.recognizer and not names:
        raise UserError(f"--recognizer has no codes to tell in --latent={experiment.latent}: add some, as in "
                        "'noise(62) + categorical(10) + uniform(2)'")
    if experiment.recognizer is False and names:
        raise UserError(f"--latent={experiment.latent} has the codes {names}, which nothing can tell under "
                        "--norecognizer: leave that out")
    objective = flagged("objective", objectives.build, experiment.objective, latent.codes, latent.label)
    if latent.codes and not objective.reads_codes:
        raise UserError(f"--latent={experiment.latent} has the codes {names}, "
                        f"which --objective={experiment.objective} does not look at: add a term, as in "
                        f"'{experiment.objective} + mutual_information'")
    return objective


class Trainer:
    """Networks, players, data and the compiled round.

    Everything that a resumed run needs is in `checkpoint`; everything else follows from the experiment.
    """

    def __init__(self, experiment: Experiment, data: Dataset, strategy: tf.distribute.Strategy):
        self.experiment, self.data, self.strategy = experiment, data, strategy
        self.key = Key(experiment.seed)
        keras.utils.set_random_seed(self.key("weights").bits % 2**32)
        with strategy.scope():
            self._build()
        self.checkpoint = tf.train.Checkpoint(**self._state())
        self._names: list[str] = []
        self._play: Callable | None = None

    def _build(self) -> None:
        experiment = self.experiment
        self.latent = build_latent(experiment, self.data)
        self.objective = _objective(experiment, self.latent)
        labels = models.Labels(self.latent.label.size if self.latent.label else 0, self.objective.reads_labels)
        self.gan: GAN = flagged("model", models.build, experiment.model, self.data.image_shape, self.latent.size,
                                codes.parameter_count(self.latent.codes), labels)
        if not self.data.has_pixels:
            self.gan = self._of_points(self.gan)
        self.players = build_players(self.gan, experiment)
        decay = float(experiment.generator_average)
        self.average = GeneratorAverage(self.gan.generator, decay) if decay else None
        self.rules = Rules(self.gan, self.objective, *self.players, self.key("round"))

    def _of_points(self, gan: GAN) -> GAN:
        """The GAN without a value range, which points don't have; UserError if its generator keeps to one."""
        last = getattr(gan.generator.layers[-1], "activation", keras.activations.linear)
        if last is not keras.activations.linear:
            raise UserError(f"--model={self.experiment.model}: {last.__name__} keeps what is generated within "
                            f"{gan.value_range}, but points have no range: write output=\"linear\" in its call")
        return gan._replace(value_range=None)

    def _state(self) -> dict:
        discriminator, generator = self.players
        state = {"generator": self.gan.generator, "discriminator": self.gan.discriminator,
                 "generator_optimizer": generator.optimizer, "discriminator_optimizer": discriminator.optimizer}
        state |= {name: network for name in ("recognizer", "classifier") if (network := getattr(self.gan, name))}
        return state | ({"average": self.average.network} if self.average else {})

    @property
    def sampler(self) -> keras.Model:
        """The generator that samples and the export are made with."""
        return self.average.network if self.average else self.gan.generator

    @property
    def images_per_round(self) -> int:
        """Real images that a round shows to the discriminator."""
        return self.experiment.batch_size * self.experiment.discriminator_updates

    def play(self, first_step: int, count: int) -> Played:
        """Plays rounds first_step … first_step + count; steps must follow each other from the first call on."""
        if self._play is None:
            self._play = self._make_play(first_step)
        metrics, real_scores, fake_scores = self._play(tf.constant(first_step, tf.int64), tf.constant(count))
        table = metrics.numpy().T
        return Played(dict(zip(self._names, table, strict=True)), real_scores.numpy(), fake_scores.numpy())

    def sample(self, latent: tf.Tensor) -> np.ndarray:
        """Points [B, Z] → images [B, H, W, C] in the value range (if any), float32, in inference mode."""
        batches = [self.sampler(latent[i:i + 64], training=False) for i in range(0, latent.shape[0], 64)]
        return tf.cast(tf.concat(batches, 0), tf.float32).numpy()

    def _inputs(self, fetch, step) -> Inputs:
        """The global inputs of round `step`: real examples as the data hold them, noise for every move.

        In the discriminator's moves the generated images have the classes of the real ones; in the generator's own
        they have those of images drawn for it.
        """
        experiment = self.experiment
        moves = experiment.discriminator_updates
        real = [fetch(step * moves + index) for index in range(moves)]
        first = [self._noise(f"discriminator_{index}", experiment.batch_size, step, examples.labels)
                 for index, examples in enumerate(real)]
        if experiment.update == "simultaneous":
            return Inputs(real, first, [])
        second = [self._noise(f"generator_{index}", self._generator_batch, step, self._drawn_labels(index, step))
                  for index in range(experiment.generator_updates)]
        if experiment.same_noise:
            second[0] = first[-1]
        return Inputs(real, first, second)

    def _noise(self, name: str, size: int, step, labels) -> LatentSample:
        sample = self.latent.sample(size, self.key("noise")(name).pair(step))
        return sample if labels is None else self.latent.labelled(sample, labels)

    def _drawn_labels(self, index: int, step) -> tf.Tensor | None:
        """Classes for the generator's move `index`, int32 [B], as often as the data have them."""
        if not self.latent.label:
            return None
        return self.data.label_reader(self.key("labels")(index), self._generator_batch)(step)

    @property
    def _generator_batch(self) -> int:
        return self.experiment.generator_batch_size or self.experiment.batch_size

    def _fetcher(self, first_step: int) -> Callable[[tf.Tensor], Examples]:
        """The examples of a batch by its index."""
        key, size = self.key("data"), self.experiment.batch_size
        images = self.data.reader(key, size, first_step * self.experiment.discriminator_updates)
        if not self.latent.label:
            return lambda index: Examples(images(index))
        labels = self.data.label_reader(key, size)
        return lambda index: Examples(images(index), labels(index))

    def _make_replica_round(self) -> Callable:
        """(global inputs, step) → Outcome on one replica's rows."""
        replicas = self.strategy.num_replicas_in_sync
        play_round = make_round(self.rules, self.experiment.update)
        dtype = keras.config.floatx()

        def rows(tensor, rank):
            if replicas == 1 or tensor is None:
                return tensor
            size = tensor.shape[0] // replicas
            return tf.ensure_shape(tensor[rank * size:(rank + 1) * size], [size, *tensor.shape[1:]])

        def replica_round(inputs: Inputs, step):
            context = tf.distribute.get_replica_context()
            rank = context.replica_id_in_sync_group if replicas > 1 else 0
            inputs = tf.nest.map_structure(lambda tensor: rows(tensor, rank), inputs)
            real = [examples._replace(images=to_network(examples.images, self.gan.value_range, dtype))
                    for examples in inputs.real]
            outcome = play_round(inputs._replace(real=real), step, rank)
            if self.average:
                self.average.update(step)
            return outcome

        return tf.function(replica_round, jit_compile=True) if self.experiment.jit_compile else replica_round

    def _make_play(self, first_step: int) -> Callable:
        machine.set_graph_options()
        experiment, strategy = self.experiment, self.strategy
        fetch = self._fetcher(first_step)
        replica_round = self._make_replica_round()

        def one_round(step):
            outcome = strategy.run(replica_round, args=(self._inputs(fetch, step), step))
            self._names[:] = list(outcome.metrics)
            means = tf.stack([strategy.reduce("MEAN", value, axis=None) for value in outcome.metrics.values()])
            scores = [tf.concat(strategy.experimental_local_results(scores), axis=0)
                      for scores in (outcome.real_scores, outcome.fake_scores)]
            return means, *scores

        @tf.function
        def play(first_step, count):
            table = tf.TensorArray(tf.float32, size=count)
            real_scores = tf.zeros([experiment.batch_size, 1])
            fake_scores = tf.zeros([experiment.batch_size, 1])
            for index in tf.range(count):
                means, real_scores, fake_scores = one_round(first_step + tf.cast(index, tf.int64))
                table = table.write(index, means)
            return table.stack(), real_scores, fake_scores

        return play
