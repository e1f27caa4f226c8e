"""Networks → a SavedModel that runs wherever TensorFlow does, without gan_zoo.

    serving_default   noise float32 [B, Z]              → images float32 [B, H, W, C] in the value range
    about             nothing                           → value_range float32 [2], of points [0]; class_names
                                                          string [K], [0] if images have no class
    generate          num_images, seed: int32 scalars   → images uint8 [N, H, W, C]
    noise             num_images, seed: int32 scalars   → noise float32 [N, Z]: what generate decodes
    discriminate      images uint8 [B, H, W, C]         → score, probability float32 [B, 1], for an f-GAN
                                                          variational_value, density_ratio, and with an auxiliary
                                                          classifier class_probabilities [B, K]; with packing
                                                          [B / packing, 1]

and of a latent with codes, say c1 with ten values and a continuous c2, or of images that have a class:

    generate_given    num_images, seed, c1, c2, label: scalars or [N] → images; -1 for a discrete one, NaN for a
                                                          continuous one draws it
    recognize         images uint8 [B, H, W, C]         → c1_probabilities [B, 10], c2_mean, c2_stddev [B, 1]
    serving_default   noise, label int32 [B]            → images of these classes
    noise                                               → label int32 [N] too, the classes that generate draws
    discriminate      images, label int32 [B] or scalar → as above, if the discriminator is told the class

Of a GAN on points, which have no value range, images are float32 [B, 1, 1, D] everywhere.
Load only exports that you trust: the graph of a SavedModel may write files, as any of TensorFlow's may.
They are signatures, and functions of the loaded object, which must outlive the call, as any SavedModel's:

    loaded = tf.saved_model.load("runs/NAME/export")
    images = loaded.generate(num_images=4)["images"]  # of seed 0; another: seed=1
    threes = loaded.generate(num_images=4, seed=0, label=3)["images"]  # the same function takes codes and a label
    low, high = loaded.about()["value_range"].numpy()
    names = [name.decode() for name in loaded.about()["class_names"].numpy()]  # by number

Exports of older versions have no `about`, and want a seed.
"""

import os
import shutil
from collections.abc import Callable

import keras
import tensorflow as tf

from gan_zoo import files
from gan_zoo.augmentation import packed
from gan_zoo.errors import UserError, one_line
from gan_zoo.export import controls
from gan_zoo.export.checksums import verify_checksums, write_checksums
from gan_zoo.export.description import Description, describe, from_json
from gan_zoo.export.signatures import with_arguments
from gan_zoo.game import GAN, call
from gan_zoo.latents import Label, Latent
from gan_zoo.pixels import from_network, to_network
from gan_zoo.play import Objective

METADATA = os.path.join("assets.extra", "gan_zoo.json")
DECODED_TOGETHER = 256  # images, which bounds the memory
_BLOCK = 64  # rows of noise drawn from one seed


def export(gan: GAN, latent: Latent, objective: Objective, path, label: Label | None = None,
           generator: keras.Model | None = None, metadata: dict | None = None) -> None:
    """Writes the SavedModel at `path`, whole or not at all, in place of an older export.

    label: the classes of the images, if they have any. generator: in place of gan.generator (a moving average, say).
    metadata: JSON values that are kept in assets.extra/gan_zoo.json, beside the rest of the Description.
    """
    generator = gan.generator if generator is None else generator
    shape = _image_shape(generator, latent)
    text = describe(latent, label, shape, gan.value_range, gan.packing, metadata or {}).to_json()
    module = tf.Module()
    exported = functions(gan, latent, objective, label, generator)
    for name, function in exported.items():
        setattr(module, name, function)
    module.generate = exported.get("generate_given", exported["generate"])
    # saved_model_cli finds only the variables that the module itself holds.
    module.tracked = [v.value for network in (generator, *gan.judges) for v in network.variables]
    _write(module, exported, text, os.path.realpath(path))


def read_metadata(path) -> Description:
    """What an export says about itself.

    Raises UserError, its text beginning with the path, if there is no export that this version can read.
    """
    try:
        with open(os.path.join(path, METADATA), encoding="utf-8") as file:
            return from_json(file.read(), path)
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not an export of gan_zoo: its {METADATA} can't be read ({error})") from None


def load(path):
    """The loaded SavedModel at `path`, which has at least the signatures serving_default and noise.

    Load only what you trust: the graph of a SavedModel may write files. Raises UserError, its text beginning with the
    path, if that can't be loaded.
    """
    files.check_no_pattern(path, path)
    verify_checksums(path)
    try:
        model = tf.saved_model.load(path)
    except Exception as error:  # of any kind, as a damaged graph is read by code that takes it for a sound one
        raise UserError(f"{path} can't be loaded, export it again: {one_line(error, 300)}") from None
    missing = {"serving_default", "noise"} - set(model.signatures)
    if missing:
        raise UserError(f"{path} is not an export of gan_zoo: it has no signature {', '.join(sorted(missing))}")
    return model


def _image_shape(generator: keras.Model, latent: Latent) -> tuple[int, int, int]:
    size, shape = generator.inputs[0].shape[-1], generator.output_shape[1:]
    if size != latent.size:
        raise ValueError(f"the generator takes {size} numbers, the latent has {latent.size}")
    if len(shape) != 3 or None in shape:
        raise ValueError(f"the generator's output must be [B, H, W, C], got {generator.output_shape}")
    return shape


def functions(gan: GAN, latent: Latent, objective: Objective, label: Label | None = None,
              generator: keras.Model | None = None) -> dict[str, Callable]:
    """The tf.functions of an export by name; they can be called without exporting, too."""
    generator = gan.generator if generator is None else generator
    labels = () if label is None else (label,)
    if gan.conditional != bool(labels):
        raise ValueError("a generator that is told the class needs a label, and no other does")
    shape = _image_shape(generator, latent)
    scalar = tf.TensorSpec([], tf.int32)
    taken = {"noise": tf.TensorSpec([None, latent.size], tf.float32)}
    taken |= {each.name: tf.TensorSpec([None], tf.int32) for each in labels}
    decode = _decoder(gan, generator, shape)

    def serving_default(**inputs):
        return {"images": tf.cast(call(generator, *inputs.values(), training=False), tf.float32)}

    @tf.function(input_signature=[scalar, scalar])
    def noise(num_images, seed):
        return _drawn(latent, labels, num_images, seed)

    def generate(num_images, seed):
        return decode(_drawn(latent, labels, num_images, seed))

    @tf.function(input_signature=[])
    def about():
        names = [name.encode(errors="backslashreplace")  # of a folder, it may be no text
                 for each in labels for name in each.names or map(str, range(each.size))]
        return {"value_range": tf.constant(gan.value_range or (), tf.float32),
                "class_names": tf.constant(names, tf.string, [len(names)])}

    images = tf.TensorSpec([None, *shape], tf.float32 if gan.value_range is None else tf.uint8)
    plain = {"serving_default": with_arguments(serving_default, taken), "about": about, "noise": noise,
             "generate": with_arguments(generate, {"num_images": scalar, "seed": scalar}, {"seed": 0}),
             "discriminate": _discriminate(gan, labels if gan.told else (), objective, images)}
    return plain | controls.functions(gan, latent, labels, noise, decode, images)


def _decoder(gan: GAN, generator: keras.Model, shape) -> Callable:
    """{"noise": [N, Z], and "label": [N] if there are classes} → {"images": as the data hold them}."""
    dtype = tf.float32 if gan.value_range is None else tf.uint8

    @tf.function
    def decode(inputs):
        batches = tf.TensorArray(dtype, 0, dynamic_size=True, infer_shape=False, element_shape=[None, *shape])
        for start in tf.range(0, tf.shape(inputs["noise"])[0], DECODED_TOGETHER):
            some = [rows[start:start + DECODED_TOGETHER] for rows in inputs.values()]
            images = from_network(call(generator, *some, training=False), gan.value_range)
            batches = batches.write(batches.size(), images)
        return {"images": batches.concat()}

    return decode


def _discriminate(gan: GAN, told: tuple[Label, ...], objective: Objective, images: tf.TensorSpec) -> Callable:
    """The tf.function of images, and of the classes that the discriminator is told, if it is."""

    def discriminate(images, **given):
        if gan.packing > 1:
            together = tf.debugging.assert_equal(
                tf.shape(images)[0] % gan.packing, 0,
                f"images must come in packs of {gan.packing}, as many as get one score")
            with tf.control_dependencies([together]):  # or what follows may fail first, in TensorFlow's own words
                images = tf.identity(images)
        classes = [controls.of_images(each, given[each.name], tf.shape(images)[0]) for each in told]
        features = call(gan.body, packed(to_network(images, gan.value_range), gan.packing), *classes, training=False)
        scores = gan.says("score", features, *classes, training=False)
        values = {"score": scores, **objective.estimates(scores)}
        if "logits" in gan.heads:
            values["class_probabilities"] = tf.nn.softmax(gan.says("logits", features, training=False))
        return {name: tf.cast(value, tf.float32) for name, value in values.items()}

    return with_arguments(discriminate, {"images": images, **{each.name: tf.TensorSpec(None, tf.int32)
                                                              for each in told}})


def _drawn(latent: Latent, labels: tuple[Label, ...], num_images: tf.Tensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
    """{"noise": float32 [N, Z], "label": int32 [N], if images have a class}, row i a function of `seed` and i only.

    Every block of rows has its own seed.
    """
    possible = tf.debugging.assert_non_negative(num_images, message="num_images must be 0 or more")
    with tf.control_dependencies([possible]):
        num_images = tf.identity(num_images)

    def block(index):
        pair = tf.stack([seed, index])
        return {"noise": tf.cast(latent.sample(_BLOCK, pair).noise, tf.float32),
                **{each.name: each.sample(_BLOCK, latent.class_seed(pair)) for each in labels}}

    specs = {"noise": tf.TensorSpec([_BLOCK, latent.size], tf.float32),
             **{each.name: tf.TensorSpec([_BLOCK], tf.int32) for each in labels}}
    blocks = tf.map_fn(block, tf.range(-(-num_images // _BLOCK)), fn_output_signature=specs)
    return {name: tf.reshape(rows, [-1, *rows.shape[2:]])[:num_images] for name, rows in blocks.items()}


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
        write_checksums(partial)
        files.tree_to_disk(partial)
        _swap(partial, path, old)
        files.to_disk(folder)
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
