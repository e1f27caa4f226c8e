"""Noise priors and codes on TensorFlow Probability: specs such as "normal(100)" or "noise(62) + categorical(10)".

What is a code, which a recognizer has to tell from the image (gan_zoo.codes), and what is noise:

- `noise(…)` is noise; in a spec that has it, every other term is a code: "noise(62) + categorical(10) + uniform(2)";
- `categorical` and `bernoulli` are always codes;
- `normal` and `uniform` are noise, unless they are given a name: "normal(62) + uniform(2, name='style')". Beside
  codes, an unnamed one in a spec without `noise` could be either and is refused.

- `label(10)` is neither: the class of the image, which is given; in a point it stands last, wherever the spec has it.

Every component of a continuous or Bernoulli term is a code of its own. Codes are called c1, c2, … in their order, or
by the term's name: "digit", and of several components "style_1", "style_2".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from gan_zoo.errors import UserError, check_choice, check_count, check_number
from gan_zoo.game import LatentSample
from gan_zoo.latents import codes
from gan_zoo.latents.codes import LABEL, Code, Label
from gan_zoo.registry import Registry, parse

tfd = tfp.distributions
# A builder gets what is known of the data's classes (Classes) from the program, the rest from the spec.
latents = Registry("latent", context=("classes",))


class Classes(NamedTuple):
    """numbers: of the classes that the data have, ascending. names: of all classes by number. counts: how many
    examples each of `numbers` has; () for as many each."""

    numbers: tuple[int, ...]
    names: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Part:
    """A block of `components` independent latent components, each of `width` numbers.

    distribution: one component's, as a tfp distribution. spherical: whether its mass lies near a sphere,
    so that points between two of its samples are on the arc and not on the chord. code: name → the code that a
    component is if this part is no noise; None: it is noise, whatever stands beside it. name: of the codes, or
    None. always_code: whether it can't be noise. given: whether it is the label.
    """

    components: int
    distribution: tfd.Distribution
    spherical: bool
    code: Callable[[str], Code] | None = None
    name: str | None = None
    always_code: bool = False
    width: int = 1
    given: bool = False

    @property
    def size(self) -> int:
        """Numbers in a latent point."""
        return self.components * self.width


@latents.register("normal")
def normal(size, mean=0.0, stddev=1.0, name=None, posterior_stddev=1.0) -> Part:
    """`size` components of N(mean, stddev²), noise or codes; posterior_stddev: σ of Q(c|x), None learns it."""
    check_number("mean", mean)
    check_number("stddev", stddev, above=0)
    component = tfd.Normal(_constant(mean), _constant(stddev))
    code = _continuous(component, posterior_stddev, codes.normal_sweep(mean, stddev))
    return Part(check_count("size", size), component, spherical=mean == 0, code=code, name=name)


@latents.register("uniform")
def uniform(size, low=-1.0, high=1.0, name=None, posterior_stddev=1.0) -> Part:
    """`size` components of U[low, high), noise or codes; posterior_stddev: σ of Q(c|x), None learns it."""
    check_number("low", low)
    check_number("high", high)
    if low >= high:
        raise UserError(f"low must be below high, got low={low}, high={high}")
    component = tfd.Uniform(_constant(low), _constant(high))
    code = _continuous(component, posterior_stddev, codes.uniform_sweep(low, high))
    return Part(check_count("size", size), component, spherical=False, code=code, name=name)


@latents.register("noise")
def noise(size, distribution="uniform") -> Part:
    """`size` components of U[-1, 1) or, with "normal", N(0, 1); beside it all other terms are codes."""
    check_choice("distribution", distribution, _NOISES)
    part = _NOISES[distribution](size)
    return Part(part.components, part.distribution, part.spherical)


_NOISES = {"uniform": uniform, "normal": normal}


@latents.register("categorical")
def categorical(size, name=None) -> Part:
    """A code with `size` equally likely values, one-hot in the latent."""
    check_count("size", size, 2)
    prior = tfd.Categorical(logits=tf.zeros([size], keras.config.floatx()))
    return Part(1, prior, False, lambda name: codes.Categorical(name, prior), name, True, width=size)


@latents.register("bernoulli")
def bernoulli(size, probability=0.5, name=None) -> Part:
    """`size` codes that are 1 with this probability, else 0."""
    check_number("probability", probability, above=0, below=1)
    prior = tfd.Bernoulli(probs=_constant(probability))
    return Part(check_count("size", size), prior, False, lambda name: codes.Bernoulli(name, prior), name, True)


@latents.register("label")
def label(size, classes=None) -> Part:
    """The class of the image, one of `size`, one-hot in the latent, as frequent as in the data (--conditional)."""
    check_count("size", size, 2)
    classes = classes or Classes(tuple(range(size)))
    if classes.names and len(classes.names) != size:
        raise UserError(f"the data have {len(classes.names)} classes: write label({len(classes.names)}), or leave it "
                        "out and set --conditional")
    logits = np.full(size, -np.inf)
    logits[list(classes.numbers)] = np.log(classes.counts or 1)
    prior = tfd.Categorical(logits=_constant(logits))
    return Part(1, prior, False, lambda name: Label(name, prior, classes.numbers, classes.names), LABEL, width=size,
                given=True)


def _constant(value) -> tf.Tensor:
    return tf.constant(value, keras.config.floatx())


def _continuous(prior: tfd.Distribution, posterior_stddev, sweep_range) -> Callable[[str], Code]:
    if posterior_stddev is not None:
        check_number("posterior_stddev", posterior_stddev, least=codes.LEAST_STDDEV)
    return lambda name: codes.Continuous(name, prior, posterior_stddev, sweep_range)


class Latent:
    """The prior of the generator's input: its parts side by side, Z = `size` components in all.

    spherical: whether all that is continuous in it is so. codes: in their order. label: what the images' classes are
    given by, or None. named: both, whatever has a name.
    """

    def __init__(self, parts: list[Part]):
        self.parts = sorted(parts, key=lambda part: part.given)
        self.size = sum(part.size for part in parts)
        self.spherical = all(part.spherical for part in parts if not (part.always_code or part.given))
        self._codes_of = _named(self.parts)
        self.named: tuple[Code, ...] = tuple(code for found in self._codes_of for code in found)
        self.codes = tuple(code for code in self.named if not isinstance(code, Label))
        self.label: Label | None = next((code for code in self.named if isinstance(code, Label)), None)

    def sample(self, batch_size, seed: tf.Tensor) -> LatentSample:
        """`batch_size` points, [B, Z], a function of `seed` (int32 [2]) alone, and what of them has a name."""
        seeds = tf.random.experimental.stateless_split(seed, len(self.parts))
        flat, values = [], {}
        for i, (part, found) in enumerate(zip(self.parts, self._codes_of, strict=True)):
            drawn = part.distribution.sample([batch_size, part.components], seed=seeds[i])
            values |= {code.name: drawn[:, j] for j, code in enumerate(found)}
            flat += [code.encode(values[code.name]) for code in found] or [drawn]
        return LatentSample(tf.concat(flat, axis=-1), values, values.pop(LABEL, None))

    def labelled(self, sample: LatentSample, labels: tf.Tensor) -> LatentSample:
        """The sample with other classes, int32 [B]."""
        return sample._replace(flat=self.with_codes(sample.flat, {LABEL: labels}), labels=labels)

    def of_every_class(self, flat: tf.Tensor) -> tf.Tensor:
        """Points [B, Z] for one class after the other, [classes · B, Z]."""
        classes = self.label.classes
        return self.with_codes(tf.tile(flat, [len(classes), 1]), {LABEL: tf.repeat(classes, len(flat))})

    def decode(self, flat: tf.Tensor) -> dict[str, tf.Tensor]:
        """The values [B] by name at points [B, Z]."""
        return {code.name: code.decode(block) for code, block in self._blocks(flat) if code}

    def with_codes(self, flat: tf.Tensor, values: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """Points [B, Z] with what is named set to `values` [B] each, all else as it is."""
        blocks = [code.encode(tf.convert_to_tensor(values[code.name])) if code and code.name in values else block
                  for code, block in self._blocks(flat)]
        return tf.concat([tf.cast(block, flat.dtype) for block in blocks], axis=-1)

    def offsets(self) -> dict[str, int]:
        """Where the block of whatever has a name begins in a point."""
        starts, at = {}, 0
        for part, found in zip(self.parts, self._codes_of, strict=True):
            starts |= {code.name: at + j * code.size for j, code in enumerate(found)}
            at += part.size
        return starts

    def _blocks(self, flat: tf.Tensor) -> list[tuple[Code | None, tf.Tensor]]:
        """Points [B, Z] cut into what has a name and, with None, noise."""
        pieces = [(code, code.size if code else part.size)
                  for part, found in zip(self.parts, self._codes_of, strict=True) for code in found or [None]]
        blocks = tf.split(flat, [size for _, size in pieces], axis=-1)
        return [(code, block) for (code, _), block in zip(pieces, blocks, strict=True)]

    def log_prob(self, flat: tf.Tensor) -> tf.Tensor:
        """The log density of points [B, Z] in nats, [B]; of a discrete code the log probability."""
        noises = [part.distribution for part, found in zip(self.parts, self._codes_of, strict=True) if not found]
        terms = [code.prior.log_prob(code.decode(block)) if code
                 else tf.reduce_sum(noises.pop(0).log_prob(block), axis=-1) for code, block in self._blocks(flat)]
        return tf.add_n(terms)

    def entropy(self) -> tf.Tensor:
        """The entropy in nats, differential for continuous components, a scalar."""
        return tf.add_n([part.components * part.distribution.entropy() for part in self.parts])


def _named(parts: list[Part]) -> list[list[Code]]:
    """What of every part has a name: its codes, the label; [] for noise; see the module's rule."""
    free = [part for part in parts if not part.given]
    if not free:
        raise UserError("a label alone would give one image a class: add noise, as in normal(100) + label(10)")
    has_noise = any(part.code is None for part in free)
    is_code = [part.code is not None and (has_noise or part.always_code or part.name is not None) for part in free]
    if any(is_code) and not has_noise and not all(is_code):
        raise UserError("beside codes, say what an unnamed normal or uniform is: write noise(SIZE) for noise "
                        "(distribution='normal' for N(0, 1)), or give the code a name, as in uniform(2, name='style')")
    found, names = [], []
    for part, wanted in zip(parts, is_code + [True] * (len(parts) - len(free)), strict=True):
        found.append([])
        for index in range(part.components if wanted else 0):
            name = part.name if part.name is not None else f"c{len(names) + 1}"
            if part.name is not None and part.components > 1:
                name = f"{part.name}_{index + 1}"
            if name in names:
                raise UserError("a latent has one label only" if part.given else
                                f"two codes are called {name!r}: give one of them another name=")
            names.append(name)
            found[-1].append(part.code(name))
    return found


def build(spec: str, classes: Classes | None = None) -> Latent:
    """A latent from its spec: one registered call, or a sum of them, side by side in that order.

    classes: those of the data, for a label; None: of a label(K) all K.
    """
    return Latent([latents.build(call, classes=classes) for call in parse(spec)])
