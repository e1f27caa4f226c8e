"""Networks that are told the class of an image, or have to name it."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.game import call
from gan_zoo.layers import BatchNormalization, ConditionalBatchNormalization
from gan_zoo.models import Networks, models
from tests.helpers import layers, networks, registered

SHAPE, NOISE, CLASSES = (8, 8, 1), 4, 3
SMALL = {"mlp": "generator=[None, 6, None], discriminator=[None, 6, 1]", "dcgan": "width=2, base_channels=3",
         "maxout": "generator_widths=[6], units=[5], pieces=2, discriminator_init=0.5",
         "fgan": "generator_widths=[6], discriminator_widths=[5], init=0.5", "infogan": "width=0.1, init=0.2"}
RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.uniform(-1, 1, [5, *SHAPE]).astype(np.float32)
LABELS = np.array([0, 1, 2, 0, 2], np.int32)
each_model = pytest.mark.parametrize("name", SMALL)
each_that_takes_the_label = pytest.mark.parametrize("name", [name for name in SMALL if name != "infogan"])


def _build(name: str, more="", **shape):
    keras.utils.set_random_seed(3)
    return networks(f"{name}({SMALL[name]}{more})", SHAPE, NOISE, **{"num_classes": CLASSES, **shape})


def _noise(rows: int) -> np.ndarray:
    return np.random.default_rng(1).normal(size=[rows, NOISE]).astype(np.float32)


def _one_hot(labels) -> np.ndarray:
    return np.eye(CLASSES, dtype=np.float32)[labels]


def _generated(gan, labels) -> np.ndarray:
    labels = tf.constant(labels, tf.int32)
    return call(gan.generator, tf.constant(_noise(len(labels))), labels, training=False).numpy()


def _scores(gan, labels, images=IMAGES) -> np.ndarray:
    return call(gan.discriminator, tf.constant(images), tf.constant(labels, tf.int32), training=False).numpy()


def _shuffled(network) -> None:
    """Gives it random weights, of which none is zero and no variance is negative."""
    random = np.random.default_rng(2)
    network.set_weights([random.uniform(0.1, 0.5, w.shape) * (1 if "variance" in w.path else random.choice(
        [-1, 1], w.shape)) for w in network.weights])


@each_model
def test_the_score_depends_on_the_label(name):
    gan = _build(name)
    assert gan.conditional
    assert gan.told
    assert [tuple(tensor.shape) for tensor in gan.discriminator.inputs] == [(None, *SHAPE), (None,)]
    assert list(gan.heads) == ["score"]
    scores = np.concatenate([_scores(gan, [label] * 5) for label in range(CLASSES)], axis=1)
    assert scores.shape == (5, CLASSES)
    assert (np.abs(scores[:, :, None] - scores[:, None, :])[:, ~np.eye(CLASSES, dtype=bool)] > 1e-4).all()
    np.testing.assert_allclose(_scores(gan, LABELS)[:, 0], scores[np.arange(5), LABELS], rtol=1e-5)


@each_model
def test_the_image_depends_on_the_label(name):
    gan = _build(name)
    assert [tuple(tensor.shape) for tensor in gan.generator.inputs] == [(None, NOISE), (None,)]
    images = [_generated(gan, [label] * 2) for label in range(CLASSES)]
    assert images[0].shape == (2, *SHAPE)
    assert all(np.abs(images[i] - images[i - 1]).max() > 1e-4 for i in range(CLASSES))


@each_model
def test_without_classes_the_networks_take_none(name):
    gan = _build(name, num_classes=0)
    assert not gan.conditional
    assert not gan.told
    assert list(gan.heads) == ["score"]
    assert gan.generator.input_shape == (None, NOISE)
    assert call(gan.discriminator, IMAGES, None, training=False).shape == (5, 1)


def _convolved(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Stride 2 with zeros around, the odd one after; leaky ReLU of slope 0.3."""
    size, side = len(kernel), -(-x.shape[1] // 2)
    missing = 2 * (side - 1) + size - x.shape[1]
    x = np.pad(x, [(0, 0), *[(missing // 2, missing - missing // 2)] * 2, (0, 0)])
    found = np.stack([np.einsum("bijc,ijcf->bf", x[:, 2 * row:2 * row + size, 2 * column:2 * column + size], kernel)
                      for row in range(side) for column in range(side)], axis=1)
    found = found.reshape(len(x), side, side, -1) + bias
    return np.where(found > 0, found, 0.3 * found)


def test_the_projection_against_numpy():
    """score(x, y) = w · φ(x) + b + ⟨v_y, φ(x)⟩, as in Miyato and Koyama 2018, equation 3."""
    gan = _build("dcgan")
    _shuffled(gan.discriminator)
    weights = {v.path: v.numpy().astype(np.float64) for v in gan.discriminator.weights}
    features = IMAGES
    for name in ("conv_1", "conv_2"):
        features = _convolved(features, weights[f"{name}/kernel"], weights[f"{name}/bias"])
    features = features.reshape(5, -1)
    of_class = weights["projection/kernel"]
    assert of_class.shape == (CLASSES, features.shape[1])
    expected = features @ weights["dense/kernel"] + weights["dense/bias"] + np.sum(
        of_class[LABELS] * features, axis=1, keepdims=True)
    assert np.abs(np.sum(of_class[LABELS] * features, axis=1)).max() > 0.1
    np.testing.assert_allclose(_scores(gan, LABELS), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("classified", [False, True])
def test_a_label_beside_pixels_and_noise_against_numpy(classified):
    gan = networks("mlp(generator=[None, None], discriminator=[None, None])", (2, 2, 1), NOISE, num_classes=CLASSES,
                   classified=classified)
    _shuffled(gan.generator)
    kernel, bias = gan.generator.get_weights()
    points = np.concatenate([_noise(5), _one_hot(LABELS)], axis=1)
    np.testing.assert_allclose(_generated(gan, LABELS), (1 / (1 + np.exp(-(points @ kernel + bias)))).reshape(
        5, 2, 2, 1), rtol=1e-5)
    images = IMAGES[:, :2, :2]
    kernel, bias = gan.discriminator.get_weights()
    seen = images.reshape(5, 4)
    seen = seen if classified else np.concatenate([seen, _one_hot(LABELS)], axis=1)
    np.testing.assert_allclose(_scores(gan, LABELS, images), seen @ kernel + bias, rtol=1e-4)


def test_a_builder_that_knows_nothing_of_labels_is_conditional_all_the_same():
    """The class one-hot beside its noise, and projected on its features, against NumPy; codes and names too."""
    def bare(image_shape, noise, images):
        made = keras.layers.Dense(4, name="made")(noise)
        return Networks(keras.layers.Reshape(image_shape)(made), keras.layers.Flatten()(images), None)

    with registered(models, "bare", bare):
        gan = networks("bare", (2, 2, 1), NOISE, num_classes=CLASSES)
        more = networks("bare", (2, 2, 1), NOISE, num_classes=CLASSES, code_parameters=2)
        named = networks("bare", (2, 2, 1), NOISE, num_classes=CLASSES, classified=True)
    for network in (gan.generator, gan.discriminator):
        _shuffled(network)
    kernel, bias = gan.generator.get_weights()
    points = np.concatenate([_noise(5), _one_hot(LABELS)], axis=1)
    np.testing.assert_allclose(_generated(gan, LABELS), (points @ kernel + bias).reshape(5, 2, 2, 1), rtol=1e-5)
    images = IMAGES[:, :2, :2]
    weights, pixels = {v.path: v.numpy() for v in gan.discriminator.weights}, images.reshape(5, 4)
    expected = pixels @ weights["score_dense/kernel"] + weights["score_dense/bias"] + np.sum(
        weights["projection/kernel"][LABELS] * pixels, axis=1, keepdims=True)
    np.testing.assert_allclose(_scores(gan, LABELS, images), expected, rtol=1e-5)
    assert (list(more.heads), more.told) == (["score", "parameters"], True)
    assert (list(named.heads), named.told, named.conditional) == (["score", "logits"], False, True)


def test_an_embedded_label_against_numpy():
    """A learned vector for each class takes the one-hot label's place beside the noise."""
    gan = networks("mlp(generator=[None, None], label_embedding=2)", (2, 2, 1), NOISE, num_classes=CLASSES)
    vectors = gan.generator.get_layer("label_embedding").kernel.numpy()
    assert vectors.shape == (CLASSES, 2)
    kernel, bias = gan.generator.get_layer("dense_1").get_weights()
    assert kernel.shape == (NOISE + 2, 4)
    x = np.concatenate([_noise(5), vectors[LABELS]], axis=1)
    np.testing.assert_allclose(_generated(gan, LABELS), (1 / (1 + np.exp(-(x @ kernel + bias)))).reshape(5, 2, 2, 1),
                               rtol=1e-5)


@each_that_takes_the_label
def test_any_generator_embeds_the_label(name):
    gan = _build(name, ", label_embedding=5")
    assert gan.generator.get_layer("label_embedding").kernel.shape == (CLASSES, 5)
    assert _generated(gan, LABELS).shape == (5, *SHAPE)


@pytest.mark.parametrize("name", ["dcgan", "maxout", "fgan"])
def test_conditional_norm(name):
    """All batch normalization of the generator is the class's; one class's scale changes that class's images only."""
    gan, plain = _build(name, ", conditional_norm=True"), _build(name)
    norms = [layer for layer in gan.generator.layers if isinstance(layer, ConditionalBatchNormalization)]
    usual = [layer for layer in plain.generator.layers if isinstance(layer, BatchNormalization)]
    assert not any(isinstance(layer, BatchNormalization) for layer in gan.generator.layers)
    assert [layer.name for layer in norms] == [layer.name for layer in usual]
    assert [layer.gamma.shape for layer in norms] == [(CLASSES, *layer.gamma.shape) for layer in usual]
    assert [(layer.norm.momentum, layer.norm.epsilon) for layer in norms] == [
        (layer.momentum, layer.epsilon) for layer in usual]
    before = _generated(gan, LABELS)
    np.testing.assert_allclose(before, _generated(plain, LABELS), rtol=1e-4, atol=1e-5)  # classes are still alike
    norms[-1].beta.assign(norms[-1].beta + np.eye(CLASSES)[1][:, None])
    changed = (_generated(gan, LABELS) != before).any(axis=(1, 2, 3))
    np.testing.assert_array_equal(changed, LABELS == 1)


@each_model
def test_a_classifier_names_the_class_and_the_discriminator_is_not_told(name):
    gan = _build(name, classified=True)
    assert gan.conditional
    assert not gan.told
    assert list(gan.heads) == ["score", "logits"]
    assert gan.discriminator.input_shape == (None, *SHAPE)
    logits = gan.says("logits", gan.body(IMAGES, training=False), None, training=False)
    assert logits.shape == (5, CLASSES)
    assert [v.path for v in gan.heads["logits"].trainable_variables] == ["classifier/kernel", "classifier/bias"]


def test_the_classifier_reads_the_features_that_the_score_reads():
    gan = _build("mlp", classified=True)
    first, last = gan.discriminator.get_weights()[:2], gan.heads["logits"].get_layer("classifier").get_weights()
    hidden = np.maximum(IMAGES.reshape(5, -1) @ first[0] + first[1], 0)
    np.testing.assert_allclose(gan.heads["logits"](gan.body(IMAGES)), hidden @ last[0] + last[1], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("name", "named", "heads"), [
    *((name, False, ["score", "parameters"]) for name in ("dcgan", "infogan")),
    *((name, True, ["score", "parameters", "logits"]) for name in SMALL)])
def test_codes_and_labels_together(name, named, heads):
    """The recognizer reads features that know nothing of the class."""
    gan = _build(name, classified=named, code_parameters=2)
    assert list(gan.heads) == heads
    assert len(gan.body.inputs) == len(gan.heads["parameters"].inputs) == 1
    assert not any("label" in layer.name or "one_hot" in layer.name for layer in layers(gan.body))


@pytest.mark.parametrize(("spec", "classes", "codes", "message"), [
    ("mlp", CLASSES, 2, r"it can't recognize codes from the image alone: let it name the label, .*auxiliary_class"),
    ("maxout", CLASSES, 2, "it can't recognize codes from the image alone"),
    ("fgan", CLASSES, 2, "it can't recognize codes from the image alone"),
    ("mlp(label_embedding=0)", CLASSES, 0, "label_embedding must be a whole number of at least 1, got 0"),
    ("dcgan(label_embedding=2.5)", CLASSES, 0, "label_embedding must be a whole number of at least 1, got 2.5"),
    ("fgan(conditional_norm='yes')", CLASSES, 0, "unknown conditional_norm 'yes': choices: False, True"),
    *((f"{name}(conditional_norm=True)", 0, 0, "conditional_norm is of class-conditional games: set")
      for name in ("dcgan", "maxout", "fgan")),
    ("mlp(label_embedding=3)", 0, 0, "label_embedding is of class-conditional games: set --cond"),
    ("mlp(conditional_norm=True)", CLASSES, 0, "mlp has no argument 'conditional_norm'"),
    ("dcgan(label=3)", 0, 0, "dcgan has no argument 'label'"),
    ("infogan(label_embedding=3)", CLASSES, 0, "infogan has no argument 'label_embedding'"),
    ("dcgan(label_embedding=0)", 0, 0, "label_embedding must be a whole number of at least 1, got 0"),
])
def test_mistakes(spec, classes, codes, message):
    with pytest.raises(UserError, match=message):
        networks(spec, SHAPE, 8, code_parameters=codes, num_classes=classes)
