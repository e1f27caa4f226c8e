"""One play, all that an objective may ask of it, and what an objective is."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from copy import copy
from typing import Any, NamedTuple, Protocol

import keras
import tensorflow as tf

from gan_zoo import randomness, replicas, schedules
from gan_zoo.errors import UserError
from gan_zoo.game import GAN, Examples, LatentSample, View, call, layers
from gan_zoo.randomness import Key, Rows
from gan_zoo.schedules import Schedule

REAL, GENERATED = "real", "generated"
_OWN_STREAMS = ("generator", "fake", "play")


class _Pass(NamedTuple):
    """What one pass through the discriminator's body was asked, and gave.

    images, labels: as given. features: of the body. score: [B, 1]. tape: has watched the images.
    """

    images: tf.Tensor
    labels: tf.Tensor | None
    features: tf.Tensor
    score: tf.Tensor
    tape: tf.GradientTape


class Play:
    """One play: real images against generated ones, each network run at most once a pass, and only when asked.

    real: Examples in the GAN's value range. latent: LatentSample of B' rows. key and step key the randomness of
    stochastic layers; rank is the replica's place, so that its row i is row rank · B + i of the global batch. Scores
    are float32 (or wider) and of shape [B, 1]; with packing [B / packing, 1]. view: what is done to images, real and
    generated alike, before the discriminator sees them. total: rounds of the whole run, for schedules. memory: the
    numbers that the objective keeps from round to round.

    For penalties there are `gradient`, `parameters`, `scores` of other images, `mixed`, `uniform`, `normal`, `step`,
    `at` for what may be a schedule, `mean` over replicas, `once` and `seldom`, `memory` and `remember`.
    """

    def __init__(self, gan: GAN, real: Examples, latent: LatentSample, key: Key, step=0, rank=0, *,
                 view: View | None = None, total: int = 1, memory: Mapping[str, keras.Variable] | None = None):
        self.gan, self.real, self.latent, self.step = gan, real, latent, step
        self._key, self._rank, self._view, self._total = key, rank, view, total
        self._memory = memory or {}
        # Not functools.cached_property: up to Python 3.11 its lock is held while it computes, and replicas,
        # which are threads that wait for each other, would wait for ever.
        self._kept: dict[Hashable, Any] = {}
        self._passes: dict[str, _Pass] = {}

    @property
    def generated(self) -> tf.Tensor:
        """The generated images [B', H, W, C]."""
        return self.once(GENERATED, self._generate)

    @property
    def real_scores(self) -> tf.Tensor:
        """[B, 1]."""
        return self._side(REAL).score

    @property
    def generated_scores(self) -> tf.Tensor:
        """[B', 1]."""
        return self._side(GENERATED).score

    @property
    def real_features(self) -> tf.Tensor:
        """What the discriminator's body makes of the real images, [B, F]; float32 or wider."""
        return tf.cast(self._side(REAL).features, keras.config.floatx())

    @property
    def generated_features(self) -> tf.Tensor:
        """The same of the generated images, [B', F]."""
        return tf.cast(self._side(GENERATED).features, keras.config.floatx())

    @property
    def real_logits(self) -> tf.Tensor:
        """What the classifier says of the real images, [B, K]; float32 or wider."""
        return self._said("logits", REAL)

    @property
    def generated_logits(self) -> tf.Tensor:
        """What the classifier says of the generated images, [B', K]; float32 or wider."""
        return self._said("logits", GENERATED)

    def scores(self, name: str, images: tf.Tensor, labels: tf.Tensor | None = None,
               stream: str | None = None) -> tf.Tensor:
        """The scores [B, 1] of any images [B, H, W, C] in the value range, in a pass called `name`.

        stream: the pass whose dropout and augmentations this one shares; by default it has some of its own. ValueError
        if other images or labels had the name before, or if it is that of a stream that the play itself uses.
        """
        if name in _OWN_STREAMS:
            raise ValueError(f"{name!r} is a random stream of the play itself: give the pass another name")
        return self._pass(name, images, labels, stream).score

    def parameters(self, name: str) -> tf.Tensor:
        """What the recognizer says of a pass, "real", "generated", or one that `scores` was asked for; [B, P].

        float32 or wider. ValueError for a pass that there was not.
        """
        return self._said("parameters", name)

    def gradient(self, name: str) -> tf.Tensor:
        """∂ score / ∂ images of a pass: "real", "generated", or one that `scores` was asked for; [B, H, W, C].

        It belongs to the pass whose scores the loss has, with its dropout, and can be differentiated again. With
        packing it is that of the pack's score, of which each image has its part. UserError if there is none.
        """
        scored = self._asked(name)
        self.gan.check_slopes()
        found = scored.tape.gradient(scored.score, scored.images)
        if found is None:
            raise UserError("the score has no gradient by the images: something in the discriminator can't be "
                            "differentiated, take another --model")
        return found

    def mixed(self, name: str = "mixed") -> tf.Tensor:
        """ε x + (1 − ε) G(z) with ε ~ U[0, 1) for each pair, [B, H, W, C] (Gulrajani et al. 2017, arXiv:1704.00028).

        With packing the pairs are of packs, so that ε is one for all images of a pack.
        """
        return self.once(("mixed", name), lambda: self._mix(self.uniform(name, [1, 1, 1])))

    def uniform(self, name: str, shape: Sequence[int] = ()) -> tf.Tensor:
        """U[0, 1) of the stream `name`, a draw for each real image: float32 [B, *shape]."""
        return self._rows(self.real.images, self._key("play")).uniform(name, shape)

    def normal(self, name: str, shape: Sequence[int] = ()) -> tf.Tensor:
        """N(0, 1), otherwise as `uniform`."""
        return self._rows(self.real.images, self._key("play")).normal(name, shape)

    def at(self, value: float | Schedule) -> tf.Tensor | float:
        """What a number or a schedule is in this round; a schedule's value has the precision of scores."""
        now = schedules.at(value, self.step, self._total)
        return tf.cast(now, keras.config.floatx()) if isinstance(value, Schedule) else now

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` gives, which is called at the first time in this play that `key` is asked for."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def seldom(self, every: int, ask: Callable[["Play"], Sequence[tf.Tensor]],
               otherwise: Sequence[tf.Tensor]) -> Sequence[tf.Tensor]:
        """What `ask` gives of this play in the rounds 0, every, 2 every, …; in all others `otherwise`, at no cost.

        `ask` gets a play that knows what this one does, and has to ask that one alone, not for the mean over replicas,
        which can't meet in there. Both give as many tensors of the same shapes and types.
        """
        _ = self.real_scores, self.generated_scores  # passes of every round are made here, where they can be shared
        due = tf.equal(tf.cast(self.step, tf.int64) % every, 0)
        return tf.cond(due, lambda: list(ask(self._branch())), lambda: list(otherwise))

    def mean(self, values):
        """The mean over replicas of a tensor or a list of tensors."""
        return replicas.all_mean(values)

    def memory(self, name: str) -> tf.Tensor:
        """A number that the objective keeps (Objective.memory), as it is now."""
        return tf.convert_to_tensor(self._memory[name].value)

    def remember(self, name: str, value: tf.Tensor) -> None:
        """Keeps a number for the next rounds, and in checkpoints: its mean over replicas."""
        self._memory[name].assign(tf.cast(self.mean(tf.stop_gradient(value)), self._memory[name].dtype))

    def _side(self, side: str) -> _Pass:
        if side == REAL:
            return self._pass(side, *self.real)
        return self._pass(side, self.generated, self.latent.labels)

    def _branch(self) -> "Play":
        """This play, apart from what is asked of it from now on."""
        branch = copy(self)
        branch._kept, branch._passes = dict(self._kept), dict(self._passes)
        return branch

    def _generate(self) -> tf.Tensor:
        noise, labels, _ = self.latent
        with randomness.forward_pass(self._key("generator"), self.step, self._first_row(noise)):
            return call(self.gan.generator, noise, labels, training=True)

    def _mix(self, share: tf.Tensor) -> tf.Tensor:
        share = tf.cast(tf.repeat(share[::self.gan.packing], self.gan.packing, axis=0), self.real.images.dtype)
        return share * self.real.images + (1 - share) * tf.cast(self.generated, self.real.images.dtype)

    def _said(self, head: str, name: str) -> tf.Tensor:
        return self.once((head, name), lambda: self.gan.says(head, self._asked(name).features, training=True))

    def _asked(self, name: str) -> _Pass:
        """The pass of a side, or one that `scores` was asked for; ValueError if it was not."""
        if name in (REAL, GENERATED):
            return self._side(name)
        if name not in self._passes:
            raise ValueError(f"no images were scored under the name {name!r}: call play.scores({name!r}, images) first")
        return self._passes[name]

    def _pass(self, name: str, images: tf.Tensor, labels: tf.Tensor | None, stream: str | None = None) -> _Pass:
        if name in self._passes:
            known = self._passes[name]
            if known.images is not images or known.labels is not labels:
                raise ValueError(f"{name!r} names a pass on other images or labels: give this one another name")
            return known
        if not self._passes:
            self._iterate()
        # A tape only notes while a graph is built what was done, so that it costs nothing where nobody asks for it.
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch(images)
            features, score = self._judged(stream or name, images, labels)
        self._passes[name] = _Pass(images, labels, features, score, tape)
        return self._passes[name]

    def _judged(self, stream: str, images: tf.Tensor, labels: tf.Tensor | None) -> tuple[tf.Tensor, tf.Tensor]:
        """The features and the score of images, in training."""
        key = self._key({GENERATED: "fake"}.get(stream, stream))  # its name of old, so that runs repeat
        with randomness.forward_pass(key, self.step, self._first_row(images)) as now:
            seen = images if self._view is None else self._view(images, self._rows(images, key), self.step)
            now.first_row = self._first_row(seen)  # packed images are fewer rows
            features = call(self.gan.body, seen, labels, training=True)
            return features, self.gan.says("score", features, labels, training=True)

    def _iterate(self) -> None:
        """Lets every layer that follows its own weights do so, once a move (spectral normalization)."""
        for layer in (layer for network in self.gan.judges for layer in layers(network)):
            if hasattr(layer, "iterate"):
                layer.iterate()

    def _rows(self, images: tf.Tensor, key: Key) -> Rows:
        return Rows(key, self.step, self._first_row(images), tf.shape(images)[0])

    def _first_row(self, batch: tf.Tensor) -> tf.Tensor:
        return self._rank * tf.shape(batch)[0]


class Objective(Protocol):
    """What each player minimises.

    One method a player, because players that move in turn pay for their own loss only. All return
    scalars that are means over the replica's examples, so that their mean over replicas is the batch's.

    threshold: a score of at least this much calls an image real; None: the middle of the two mean scores.
    headline: the diagnostics that belong on the progress line and in curves.png, and what they are called there.
    limits: what diagnostics can't exceed, of those that have such a number.
    reads_codes: whether it looks at the latent's codes, and so needs some and a recognizer.
    reads_labels: whether it looks at what a classifier says, and so needs classes and a classifier.
    pairs: whether it compares each generated image with a real one, and so needs as many of both.
    needs_bound: whether its game has no end unless something bounds the slope of the discriminator.
    bounds_slope: whether it does that.
    memory: numbers that it keeps from round to round, by name, with their first values (Play.remember).
    """

    @property
    def threshold(self) -> float | None: ...

    @property
    def headline(self) -> Mapping[str, str]: ...

    @property
    def limits(self) -> Mapping[str, float]: ...

    @property
    def reads_codes(self) -> bool: ...

    @property
    def reads_labels(self) -> bool: ...

    @property
    def pairs(self) -> bool: ...

    @property
    def needs_bound(self) -> bool: ...

    @property
    def bounds_slope(self) -> bool: ...

    @property
    def memory(self) -> Mapping[str, float]: ...

    def check(self, gan: GAN) -> None:
        """Raises UserError if it can't be played on these networks."""
        ...

    def discriminator_loss(self, play: Play) -> tf.Tensor: ...

    def generator_loss(self, play: Play) -> tf.Tensor: ...

    def diagnostics(self, play: Play) -> dict[str, tf.Tensor]:
        """Named scalars to watch, beside the losses."""
        ...

    def estimates(self, scores: tf.Tensor) -> dict[str, tf.Tensor]:
        """What scores [B, 1] say, by name, [B, 1] each: "probability" that the image is real, in [0, 1], and others."""
        ...
