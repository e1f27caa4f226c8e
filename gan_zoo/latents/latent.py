"""The prior of what images are generated from, from specs such as "normal(100)" or "noise(62) + categorical(10)".

What is a code, which a recognizer has to tell from the image (latents.codes), and what is noise:

- `noise(…)` is noise; in a spec that has it, every other term is a code: "noise(62) + categorical(10) + uniform(2)";
- `categorical` and `bernoulli` are always codes;
- `normal` and `uniform` are noise, unless they are given a name: "normal(62) + uniform(2, name='style')". Beside
  codes, an unnamed one in a spec without `noise` could be either and is refused;
- `label(10)` is neither: it says that images have a class, which networks are told beside the noise.

Every component of a continuous or Bernoulli term is a code of its own. Codes are called c1, c2, … in their order, or
by the term's name: "digit", and of several components "style_1", "style_2".
"""

from collections.abc import Mapping

import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.game import LatentSample
from gan_zoo.latents.blocks import Block
from gan_zoo.latents.codes import Code
from gan_zoo.latents.parts import ClassTerm, Part, latents
from gan_zoo.registry import parse


class Latent:
    """The prior of the generator's noise: its parts side by side, Z = `size` numbers in all.

    spherical: whether all that is continuous in it is so. codes: in their order. num_classes: how many classes the spec
    says that images have, or None if it says nothing of them.
    """

    def __init__(self, parts: list[Part], num_classes: int | None = None):
        self.parts, self.num_classes = parts, num_classes
        self.size = sum(part.size for part in parts)
        self.spherical = all(part.spherical for part in parts if not part.always_code)
        self._codes_of = _named(parts)
        self.codes: tuple[Code, ...] = tuple(code for codes in self._codes_of for code in codes)

    def sample(self, batch_size, seed: tf.Tensor) -> LatentSample:
        """`batch_size` rows of noise, [B, Z], a function of `seed` (int32 [2]) alone, and the codes in it."""
        seeds = self._seeds(seed)
        blocks: list[tf.Tensor] = []
        values: dict[str, tf.Tensor] = {}
        for i, (part, codes) in enumerate(zip(self.parts, self._codes_of, strict=True)):
            drawn = part.distribution.sample([batch_size, part.components], seed=seeds[i])
            values |= {code.name: drawn[:, j] for j, code in enumerate(codes)}
            blocks += [code.encode(values[code.name]) for code in codes] or [drawn]
        return LatentSample(tf.concat(blocks, axis=-1), codes=values)

    def class_seed(self, seed: tf.Tensor) -> tf.Tensor:
        """The seed, int32 [2], of the classes of the images whose noise `seed` draws."""
        return self._seeds(seed)[-1]

    def _seeds(self, seed: tf.Tensor) -> tf.Tensor:
        """One for each part, and one for classes."""
        return tf.random.experimental.stateless_split(seed, len(self.parts) + 1)

    def decode(self, noise: tf.Tensor) -> dict[str, tf.Tensor]:
        """The values [B] of the codes in noise [B, Z], by name."""
        return {code.name: code.decode(block) for code, block in self._cut(noise) if code}

    def with_codes(self, noise: tf.Tensor, values: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """Noise [B, Z] with codes set to `values` [B] each, all else as it is."""
        blocks = [code.encode(tf.convert_to_tensor(values[code.name])) if code and code.name in values else block
                  for code, block in self._cut(noise)]
        return tf.concat([tf.cast(block, noise.dtype) for block in blocks], axis=-1)

    def blocks(self) -> tuple[Block, ...]:
        """Where the codes stand in the noise, for whoever has it without TensorFlow."""
        placed: list[Block] = []
        at = 0
        for part, codes in zip(self.parts, self._codes_of, strict=True):
            placed += [Block.of(code, at + j * code.size) for j, code in enumerate(codes)]
            at += part.size
        return tuple(placed)

    def priors(self) -> tuple[dict, ...]:
        """What the numbers of noise are drawn from, block by block, for JSON.

        As {"distribution": "normal", "mean": 0.0, "stddev": 1.0, "offset": 0, "size": 100}. Each number is drawn for
        itself, but those of a "categorical", which are one-hot.
        """
        found: list[dict] = []
        at = 0
        for part in self.parts:
            for offset in range(at, at + part.size, part.width) if part.always_code else (at,):
                found.append(part.prior() | {"offset": offset, "size": part.width if part.always_code else part.size})
            at += part.size
        return tuple(found)

    def _cut(self, noise: tf.Tensor) -> list[tuple[Code | None, tf.Tensor]]:
        """Noise [B, Z] cut into codes and, with None, what is noise only."""
        pieces: list[tuple[Code | None, int]] = []
        for part, codes in zip(self.parts, self._codes_of, strict=True):
            pieces += [(code, code.size) for code in codes] or [(None, part.size)]
        blocks = tf.split(noise, [size for _, size in pieces], axis=-1)
        return [(code, block) for (code, _), block in zip(pieces, blocks, strict=True)]

    def log_prob(self, noise: tf.Tensor) -> tf.Tensor:
        """The log density of noise [B, Z] in nats, [B]; of a discrete code the log probability."""
        noises = [part.distribution for part, codes in zip(self.parts, self._codes_of, strict=True) if not codes]
        terms = [code.prior.log_prob(code.decode(block)) if code
                 else tf.reduce_sum(noises.pop(0).log_prob(block), axis=-1) for code, block in self._cut(noise)]
        return tf.add_n(terms)

    def entropy(self) -> tf.Tensor:
        """The entropy in nats, differential for continuous components, a scalar."""
        return tf.add_n([part.components * part.distribution.entropy() for part in self.parts])


def _named(parts: list[Part]) -> list[list[Code]]:
    """The codes of every part; [] for noise; see the module's rule."""
    has_noise = any(part.code is None for part in parts)
    is_code = [part.code is not None and (has_noise or part.always_code or part.name is not None) for part in parts]
    if any(is_code) and not has_noise and not all(is_code):
        raise UserError("beside codes, say what an unnamed normal or uniform is: write noise(SIZE) for noise "
                        "(distribution='normal' for N(0, 1)), or give the code a name, as in uniform(2, name='style')")
    codes_of: list[list[Code]] = []
    names: list[str] = []
    for part, wanted in zip(parts, is_code, strict=True):
        codes_of.append([])
        if part.code is None or not wanted:
            continue
        for index in range(part.components):
            name = part.name if part.name is not None else f"c{len(names) + 1}"
            if part.name is not None and part.components > 1:
                name = f"{part.name}_{index + 1}"
            if name in names:
                raise UserError(f"two codes are called {name!r}: give one of them another name=")
            names.append(name)
            codes_of[-1].append(part.code(name))
    return codes_of


def build(spec: str) -> Latent:
    """A latent from its spec: one registered call, or a sum of them, side by side in that order."""
    terms = [latents.build(call) for call in parse(spec)]
    parts = [term for term in terms if not isinstance(term, ClassTerm)]
    sizes = [term.size for term in terms if isinstance(term, ClassTerm)]
    if len(sizes) > 1:
        raise UserError("a latent has one label only")
    if not parts:
        raise UserError("a label alone would give one image a class: add noise, as in normal(100) + label(10)")
    return Latent(parts, *sizes)
