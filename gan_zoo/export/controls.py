"""What an export has because its latent has codes, or images a class: images by their values, and codes of images."""

from collections.abc import Callable

import tensorflow as tf

from gan_zoo.export.signatures import with_arguments
from gan_zoo.game import GAN, call
from gan_zoo.latents import Label, Latent, codes
from gan_zoo.latents.codes import Code
from gan_zoo.pixels import to_network


def functions(gan: GAN, latent: Latent, labels: tuple[Label, ...], noise: Callable, decode: Callable,
              images: tf.TensorSpec) -> dict[str, Callable]:
    """The tf.functions generate_given, of codes or a label, and recognize, of codes, by name; {} without them.

    labels: the label, or none. noise: (num_images, seed) → {"noise": [N, Z], and "label": [N] if there is one}.
    decode: the same → {"images": …}. images: what recognize takes.
    """
    named = (*latent.codes, *labels)

    def generate_given(num_images, seed, **given):
        of = noise(num_images, seed)
        drawn = latent.decode(of["noise"]) | of
        chosen = {code.name: _chosen(code, given[code.name], drawn[code.name]) for code in named}
        return decode({"noise": latent.with_codes(of["noise"], chosen),
                       **{each.name: chosen[each.name] for each in labels}})

    @tf.function(input_signature=[images])
    def recognize(images):
        features = call(gan.body, to_network(images, gan.value_range), training=False)
        blocks = codes.split(latent.codes, gan.says("parameters", features, training=False))
        described: dict[str, tf.Tensor] = {}
        for code in latent.codes:
            described |= code.describe(blocks[code.name])
        return {name: tf.cast(value, tf.float32) for name, value in described.items()}

    scalar = tf.TensorSpec([], tf.int32)
    specs = {"num_images": scalar, "seed": scalar}
    specs |= {code.name: tf.TensorSpec(None, tf.int32 if code.discrete else tf.float32) for code in named}
    defaults = {"seed": 0, **{code.name: _unset(code) for code in named}}
    given = {"generate_given": with_arguments(generate_given, specs, defaults)}
    return (given if named else {}) | ({"recognize": recognize} if latent.codes else {})


def of_images(code: Code, given: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    """The values [count] of a code or label: those given, a scalar or [count].

    InvalidArgumentError, when it runs, for others.
    """
    return _checked(code, given, count, code.valid(given), "")


def _unset(code: Code):
    """The value that stands for one to be drawn: a signature has no optional inputs."""
    return -1 if code.discrete else float("nan")


def _chosen(code: Code, given: tf.Tensor, drawn: tf.Tensor) -> tf.Tensor:
    """The values [N] of a code or label: those given, a scalar or [N], and the drawn ones where none is given."""
    unset = tf.equal(given, -1) if code.discrete else tf.math.is_nan(given)
    way_out = f", or {_unset(code)} to be drawn".replace("nan", "NaN")
    values = _checked(code, given, tf.size(drawn), unset | code.valid(given), way_out)
    return tf.where(tf.broadcast_to(unset, tf.shape(drawn)), tf.cast(drawn, given.dtype), values)


def _checked(code: Code, given: tf.Tensor, count: tf.Tensor, valid: tf.Tensor, way_out: str) -> tf.Tensor:
    fits = tf.logical_and(tf.rank(given) < 2, tf.reduce_all(tf.equal(tf.shape(given), [count])))
    checks = [tf.debugging.Assert(fits, [f"{code.name} must be one value, or one for each image"]),
              tf.debugging.Assert(tf.reduce_all(valid), [f"{code.problem()}{way_out}, got", given])]
    with tf.control_dependencies(checks):
        return tf.broadcast_to(given, [count])
