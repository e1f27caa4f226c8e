"""Networks → a SavedModel that runs wherever TensorFlow does, without gan_zoo.

    serving_default   noise float32 [B, Z]              → images float32 [B, H, W, C] in the value range
    generate          num_images, seed: int32 scalars   → images uint8 [N, H, W, C]
    noise             num_images, seed: int32 scalars   → noise float32 [N, Z]: the points that generate decodes
    discriminate      images uint8 [B, H, W, C]         → score, probability float32 [B, 1], for an f-GAN
                                                          variational_value, density_ratio, and with an auxiliary
                                                          classifier class_probabilities [B, K]

and of a latent with codes, say c1 with ten values and a continuous c2, or with a label, so that images have a class (at
the end of a point, one-hot):

    generate_given    num_images, seed, c1, c2, label: scalars or [N] → images; -1 for a discrete one, NaN for a
                                                          continuous one draws it
    recognize         images uint8 [B, H, W, C]         → c1_probabilities [B, 10], c2_mean, c2_stddev [B, 1]
    discriminate      images, label int32 [B] or scalar → as above, if the discriminator is told the class

Of a GAN on points, which have no value range, images are float32 [B, 1, 1, D] everywhere.
They are signatures, and functions of the loaded object, which must outlive the call, as any SavedModel's:

    loaded = tf.saved_model.load("runs/NAME/export")
    images = loaded.generate(num_images=4, seed=0)["images"]
    threes = loaded.generate(num_images=4, seed=0, label=3)["images"]  # the same function takes codes and a label
"""

import json
import os
import shutil
from typing import TYPE_CHECKING

import keras
import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.export import codes as exported_codes
from gan_zoo.game import GAN, Objective
from gan_zoo.pixels import from_network, to_network

if TYPE_CHECKING:
    from gan_zoo.latents import Latent

METADATA = os.path.join("assets.extra", "gan_zoo.json")
FORMAT = 1
_KEYS = {"format", "latent", "value_range", "image_shape", "metadata"}
_BATCH = 256  # images decoded at once, which bounds the memory
_BLOCK = 64  # points drawn from one seed


def export(gan: GAN, latent: "Latent", objective: Objective, path, generator: keras.Model | None = None,
           metadata: dict | None = None) -> None:
    """Writes the SavedModel at `path`, whole or not at all, in place of an older export.

    generator: used instead of gan.generator (a moving average, say). metadata: JSON values that are kept in
    assets.extra/gan_zoo.json under "metadata", beside what read_metadata promises.
    """
    generator = gan.generator if generator is None else generator
    shape = _image_shape(generator, latent)
    about = {
        "format": FORMAT,
        "latent": {"size": latent.size, "spherical": bool(latent.spherical), **exported_codes.about(latent)},
        "value_range": gan.value_range and [float(bound) for bound in gan.value_range],
        "image_shape": list(shape),
        "metadata": metadata or {},
    }
    text = json.dumps(about, indent=2, allow_nan=False) + "\n"
    module = tf.Module()
    functions = _functions(gan, generator, latent, objective, shape)
    for name, function in functions.items():
        setattr(module, name, function)
    module.generate = functions.get("generate_given", functions["generate"])
    # saved_model_cli finds only the variables that the module itself holds.
    networks = (generator, *gan.heads.values())
    module.tracked = [v.value for network in networks for v in network.variables]
    _write(module, functions, text, os.path.realpath(path))


def read_metadata(path) -> dict:
    """What an export says about itself: {format, latent: {size, spherical}, value_range, image_shape, metadata}.

    latent has "codes" and "label" too if there are such (exported_codes.about). value_range is None where images are
    points. Raises UserError, its text beginning with the path, if there is no export that this version can read.
    """
    try:
        with open(os.path.join(path, METADATA), encoding="utf-8") as file:
            about = json.load(file)
    except (OSError, ValueError) as error:
        raise UserError(f"{path} is not an export of gan_zoo: its {METADATA} can't be read ({error})") from None
    if not isinstance(about, dict) or about.get("format") != FORMAT or not about.keys() >= _KEYS:
        raise UserError(f"{path} was exported by another version of gan_zoo: {METADATA} has not format {FORMAT}")
    return about


def load(path):
    """The loaded SavedModel at `path`, which has at least the signatures serving_default and noise.

    Raises UserError, its text beginning with the path, if that can't be loaded.
    """
    try:
        model = tf.saved_model.load(path)
    except (OSError, ValueError, RuntimeError, tf.errors.OpError) as error:
        raise UserError(f"{path} can't be loaded, export it again: {error}") from None
    missing = {"serving_default", "noise"} - set(model.signatures)
    if missing:
        raise UserError(f"{path} is not an export of gan_zoo: it has no signature {', '.join(sorted(missing))}")
    return model


def _image_shape(generator: keras.Model, latent: "Latent") -> tuple[int, int, int]:
    if generator.input_shape[-1] != latent.size:
        raise ValueError(f"the generator takes {generator.input_shape[-1]} numbers, the latent has {latent.size}")
    shape = generator.output_shape[1:]
    if len(shape) != 3 or None in shape:
        raise ValueError(f"the generator's output must be [B, H, W, C], got {generator.output_shape}")
    return shape


def _functions(gan: GAN, generator: keras.Model, latent: "Latent", objective: Objective, shape) -> dict:
    scalar = tf.TensorSpec([], tf.int32)
    dtype = tf.float32 if gan.value_range is None else tf.uint8

    @tf.function(input_signature=[tf.TensorSpec([None, latent.size], tf.float32)])
    def serving_default(noise):
        return {"images": tf.cast(generator(noise, training=False), tf.float32)}

    @tf.function(input_signature=[scalar, scalar])
    def noise(num_images, seed):
        return {"noise": _points(latent, num_images, seed)}

    @tf.function(input_signature=[tf.TensorSpec([None, latent.size], tf.float32)])
    def decode(points):
        batches = tf.TensorArray(dtype, 0, dynamic_size=True, infer_shape=False, element_shape=[None, *shape])
        for start in tf.range(0, tf.shape(points)[0], _BATCH):
            decoded = generator(points[start:start + _BATCH], training=False)
            batches = batches.write(batches.size(), from_network(decoded, gan.value_range))
        return {"images": batches.concat()}

    @tf.function(input_signature=[scalar, scalar])
    def generate(num_images, seed):
        return decode(_points(latent, num_images, seed))

    images = tf.TensorSpec([None, *shape], dtype)
    plain = {"serving_default": serving_default, "generate": generate, "noise": noise,
             "discriminate": _discriminate(gan, latent, objective, images)}
    return plain | exported_codes.functions(gan, latent, noise, decode, images)


def _discriminate(gan: GAN, latent: "Latent", objective: Objective, images: tf.TensorSpec):
    """The tf.function of images, and of labels if the discriminator is told them."""

    def judged(images, labels=None):
        images = to_network(images, gan.value_range)
        scores = tf.cast(gan.discriminator(gan.judged(images, labels), training=False), keras.config.floatx())
        values = {"score": scores, **objective.estimates(scores)}
        if gan.classifier is not None:
            values["class_probabilities"] = tf.nn.softmax(gan.classifier(images, training=False))
        return {name: tf.cast(value, tf.float32) for name, value in values.items()}

    if not gan.num_classes:
        return tf.function(lambda images: judged(images), input_signature=[images], autograph=False)

    @tf.function(input_signature=[images, tf.TensorSpec(None, tf.int32)])
    def discriminate(images, label):
        return judged(images, exported_codes.of_images(latent.label, label, tf.shape(images)[0]))

    return discriminate


def _points(latent: "Latent", num_images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Points [N, Z] of the prior; point i depends on `seed` and i only, since every block has its own seed."""
    tf.debugging.assert_non_negative(num_images, message="num_images must be 0 or more")

    def block(index):
        return tf.cast(latent.sample(_BLOCK, tf.stack([seed, index])).flat, tf.float32)

    points = tf.map_fn(block, tf.range(-(-num_images // _BLOCK)),
                       fn_output_signature=tf.TensorSpec([_BLOCK, latent.size], tf.float32))
    return tf.reshape(points, [-1, latent.size])[:num_images]


def _write(module: tf.Module, signatures: dict, metadata: str, path: str) -> None:
    """Saves beside `path` first, and moves an older export aside only when the new one is complete."""
    if os.path.lexists(path) and not _replaceable(path):
        raise UserError(f"{path} is in the way of the export: it is no SavedModel; remove it or choose another place")
    folder, name = os.path.split(path)
    partial, old = (os.path.join(folder, f".{name}.{state}") for state in ("partial", "old"))
    shutil.rmtree(partial, ignore_errors=True)
    try:
        tf.saved_model.save(module, partial, signatures=signatures)
        os.makedirs(os.path.join(partial, os.path.dirname(METADATA)), exist_ok=True)
        with open(os.path.join(partial, METADATA), "w", encoding="utf-8") as file:
            file.write(metadata)
        _swap(partial, path, old)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _replaceable(path: str) -> bool:
    return os.path.isdir(path) and (not os.listdir(path) or os.path.isfile(os.path.join(path, "saved_model.pb")))


def _swap(new: str, path: str, old: str) -> None:
    """Renames `new` to `path`; what is there becomes `old` meanwhile, and comes back if that fails."""
    if not os.path.isdir(path):
        os.rename(new, path)
    else:
        shutil.rmtree(old, ignore_errors=True)
        os.rename(path, old)
        try:
            os.rename(new, path)
        except OSError:
            os.rename(old, path)
            raise
    shutil.rmtree(old, ignore_errors=True)
