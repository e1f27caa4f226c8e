"""The state of a game and the graph that plays many rounds of it in one call."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from gan_zoo import models
from gan_zoo.errors import UserError
from gan_zoo.game import GAN, Examples, LatentSample, call
from gan_zoo.pixels import to_network
from gan_zoo.randomness import Key
from gan_zoo.training import machine
from gan_zoo.training.averaging import GeneratorAverage
from gan_zoo.training.plan import Plan, flagged
from gan_zoo.training.players import build_players, rate_of, set_rate
from gan_zoo.training.round import Inputs, Rules, make_round

_DECODED_TOGETHER = 128  # images


class Played(NamedTuple):
    """What a call of some rounds gives.

    metrics: by name, one float32 a round, [rounds]. Scores: float32 [B, 1] of the last round.
    """

    metrics: dict[str, np.ndarray]
    real_scores: np.ndarray
    generated_scores: np.ndarray


class Trainer:
    """Networks, players and the compiled round of a plan.

    Everything that a resumed run needs is in `checkpoint`; everything else follows from the plan.
    """

    def __init__(self, plan: Plan, strategy: tf.distribute.Strategy):
        self.plan, self.strategy = plan, strategy
        self.key = Key(plan.experiment.seed)
        # Initial weights are the only numbers that are drawn with a state: Keras's initializers take theirs from here.
        keras.utils.set_random_seed(self.key("weights").bits % 2**32)
        with strategy.scope():
            self._build()
        self.checkpoint = tf.train.Checkpoint(**self._state())
        self._names: list[str] = []
        self._play: Callable | None = None
        self._generate: Callable | None = None

    def _build(self) -> None:
        plan = self.plan
        gan = flagged("model", lambda _: models.build(plan.model, plan.shape), plan.experiment.model)
        self.gan = gan if plan.data.has_pixels else _of_points(gan, plan.experiment.model)
        flagged("model", lambda _: self._check_rows(), plan.experiment.model)
        flagged("objective", lambda _: plan.objective.check(self.gan), plan.experiment.objective)
        self.players = build_players(self.gan, plan.experiment, plan.optimizers, plan.steps)
        self._rates = [rate_of(player.optimizer) for player in self.players]
        self.average = (GeneratorAverage(self.gan.generator, plan.average, plan.images_per_round)
                        if plan.average else None)
        self.memory = {name: keras.Variable(value, trainable=False, name=name)
                       for name, value in plan.objective.memory.items()}
        self.rules = Rules(self.gan, plan.objective, *self.players, self.key("round"),
                           plan.sight.of(self.gan.value_range, plan.steps), plan.steps, self.memory)

    def _check_rows(self) -> None:
        """Lets layers that look at several rows at once refuse a batch, before anything is written."""
        parts = self.gan.packing * self.strategy.num_replicas_in_sync
        for layer in (layer for network in self.gan.judges for layer in network.layers if hasattr(layer, "check_rows")):
            for size in (self.plan.experiment.batch_size, self.plan.generator_batch_size):
                layer.check_rows(size // parts)

    def _state(self) -> dict:
        discriminator, generator = self.players
        state = {"generator": self.gan.generator, "body": self.gan.body, **self.gan.heads,
                 "generator_optimizer": generator.optimizer, "discriminator_optimizer": discriminator.optimizer}
        state |= {"average": self.average.network} if self.average else {}
        return state | {f"memory_{name}": variable for name, variable in self.memory.items()}

    @property
    def state_bytes(self) -> int:
        """How much a checkpoint holds of networks and optimizers, and of the best generator's weights."""
        best = [*self.sampler.variables, *(v for network in self.gan.judges for v in network.variables)]
        return sum(int(np.prod(v.shape, dtype=np.int64)) * tf.as_dtype(v.dtype).size
                   for v in (*self.variables(), *best))

    def first_not_finite(self) -> tuple[str, str] | None:
        """(name, the number) of the first variable that holds one that is not finite; None if all are."""
        for variable in self.variables():
            value = tf.convert_to_tensor(variable.value)
            if value.dtype.is_floating and not tf.reduce_all(tf.math.is_finite(value)):
                return variable.path, str(next(number for number in value.numpy().ravel() if not np.isfinite(number)))
        return None

    def variables(self) -> list[keras.Variable]:
        """All that rounds change: of networks, then the average, the objective and the optimizers; shared ones once."""
        networks = [self.gan.generator, *self.gan.judges, *([self.average.network] if self.average else [])]
        found = [variable for network in networks for variable in network.variables] + list(self.memory.values())
        found += [variable for player in self.players for variable in player.optimizer.variables]
        return list({id(variable): variable for variable in found}.values())

    def slow_down(self, factor: float) -> None:
        """Makes the players' learning rates `factor` times what the flags say, from the next round on."""
        for player, rate in zip(self.players, self._rates, strict=True):
            set_rate(player.optimizer, rate, factor)

    @property
    def sampler(self) -> keras.Model:
        """The generator that samples and the export are made with."""
        return self.average.network if self.average else self.gan.generator

    def play(self, first_step: int, count: int) -> Played:
        """Plays rounds first_step … first_step + count; steps must follow each other from the first call on."""
        if self._play is None:
            self._play = self._make_play(first_step)
        metrics, real_scores, generated_scores = self._play(tf.constant(first_step, tf.int64), tf.constant(count))
        table = metrics.numpy().T
        return Played(dict(zip(self._names, table, strict=True)), real_scores.numpy(), generated_scores.numpy())

    def sample(self, latent: LatentSample) -> np.ndarray:
        """Images [B, H, W, C] in the value range, float32, in inference mode."""
        if self._generate is None:
            self._generate = self._make_generate()
        return np.concatenate([self._generate(*self._taken(part)).numpy() for part in latent.parts(_DECODED_TOGETHER)])

    def _taken(self, latent: LatentSample) -> list[tf.Tensor]:
        """What the generator takes of it."""
        return [latent.noise, latent.labels] if self.plan.label else [latent.noise]

    def _make_generate(self) -> Callable:
        """A graph, which makes a grid in half the time that its layers take one by one; checks come often, too."""
        taken = [tf.TensorSpec([None, self.plan.latent.size], keras.config.floatx())]
        taken += [tf.TensorSpec([None], tf.int32)] if self.plan.label else []

        @tf.function(input_signature=taken, autograph=False)
        def generate(noise, labels=None):
            return tf.cast(call(self.sampler, noise, labels, training=False), tf.float32)

        return generate

    def _inputs(self, fetch, step) -> Inputs:
        """The global inputs of round `step`: real examples as the data hold them, noise for every move.

        In the discriminator's moves the generated images have the classes of the real ones; in the generator's own
        they have those of images drawn for it.
        """
        plan, experiment = self.plan, self.plan.experiment
        moves = experiment.discriminator_updates
        real = [fetch(step * moves + index) for index in range(moves)]
        first = [self._latent(f"discriminator_{index}", experiment.batch_size, step, examples.labels)
                 for index, examples in enumerate(real)]
        if experiment.update == "simultaneous":
            return Inputs(real, first, [])
        second = [self._latent(f"generator_{index}", plan.generator_batch_size, step, self._drawn_labels(index, step))
                  for index in range(experiment.generator_updates)]
        if experiment.same_noise:
            second[0] = first[-1]
        return Inputs(real, first, second)

    def _latent(self, name: str, size: int, step, labels) -> LatentSample:
        return self.plan.latent.sample(size, self.key("noise")(name).pair(step))._replace(labels=labels)

    def _drawn_labels(self, index: int, step) -> tf.Tensor | None:
        """Classes for the generator's move `index`, int32 [B], as often as the data have them."""
        if not self.plan.label:
            return None
        return self.plan.data.label_reader(self.key("labels")(index), self.plan.generator_batch_size)(step)

    def _fetcher(self, first_step: int) -> Callable[[tf.Tensor], Examples]:
        """The examples of a batch by its index."""
        experiment, labels = self.plan.experiment, self.plan.label is not None
        fetch = self.plan.data.reader(self.key("data"), experiment.batch_size,
                                      first_step * experiment.discriminator_updates, labels=labels)
        return lambda index: Examples(*fetch(index)) if labels else Examples(fetch(index))

    def _make_replica_round(self) -> Callable:
        """(global inputs, step) → (all metrics [n], two of scores [B, 1]) on one replica's rows."""
        experiment = self.plan.experiment
        replicas = self.strategy.num_replicas_in_sync
        play_round = make_round(self.rules, experiment.update)
        dtype = keras.config.floatx()

        def rows(tensor, rank):
            if replicas == 1 or tensor is None:
                return tensor
            size = tensor.shape[0] // replicas
            return tf.ensure_shape(tensor[rank * size:(rank + 1) * size], [size, *tensor.shape[1:]])

        def replica_round(inputs: Inputs, step):
            # Every replica gets the whole batch and takes its rows: what is drawn doesn't depend on how many there are.
            context = tf.distribute.get_replica_context()
            rank = context.replica_id_in_sync_group if replicas > 1 else 0
            inputs = tf.nest.map_structure(lambda tensor: rows(tensor, rank), inputs)
            real = [examples._replace(images=to_network(examples.images, self.gan.value_range, dtype))
                    for examples in inputs.real]
            outcome = play_round(inputs._replace(real=real), step, rank)
            if self.average:
                self.average.update(step)
            self._names[:] = list(outcome.metrics)  # known once the graph is built; a graph returns tensors only
            return tf.stack(list(outcome.metrics.values())), outcome.real_scores, outcome.generated_scores

        if experiment.jit_compile:
            return tf.function(replica_round, jit_compile=True, autograph=False)
        return replica_round

    def _make_play(self, first_step: int) -> Callable:
        """The graph of many rounds, so that Python is entered once for all of them."""
        machine.set_graph_options()
        strategy = self.strategy
        fetch = self._fetcher(first_step)
        replica_round = self._make_replica_round()
        workers = machine.workers_of(strategy)
        scored = self.plan.experiment.batch_size // self.gan.packing // workers

        @tf.autograph.experimental.do_not_convert  # only the loop around it needs that, and it takes seconds
        def one_round(step):
            metrics, *scores = strategy.run(replica_round, args=(self._inputs(fetch, step), step))
            of_worker = [tf.concat(strategy.experimental_local_results(each), axis=0) for each in scores]
            return strategy.reduce("MEAN", metrics, axis=None), *of_worker

        @tf.function
        def play(first_step, count):
            table = tf.TensorArray(tf.float32, size=count)
            real_scores = tf.zeros([scored, 1])
            generated_scores = tf.zeros([scored, 1])
            for index in tf.range(count):
                means, real_scores, generated_scores = one_round(first_step + tf.cast(index, tf.int64))
                table = table.write(index, means)
            if workers > 1:
                real_scores, generated_scores = (strategy.gather(each, axis=0)
                                                 for each in (real_scores, generated_scores))
            return table.stack(), real_scores, generated_scores

        return play


def _of_points(gan: GAN, model: str) -> GAN:
    """The GAN without a value range, which points don't have; UserError if its generator keeps to one."""
    last = getattr(gan.generator.layers[-1], "activation", keras.activations.linear)
    if last is not keras.activations.linear:
        raise UserError(f"--model={model}: {last.__name__} keeps what is generated within {gan.value_range}, but "
                        "points have no range: write output=\"linear\" in its call")
    return replace(gan, value_range=None)
