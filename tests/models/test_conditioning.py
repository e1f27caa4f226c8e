"""Networks that are told the class of an image, or have to name it."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import models
from gan_zoo.errors import UserError
from gan_zoo.layers import BatchNormalization, ConditionalBatchNormalization
from gan_zoo.models import Labels

SHAPE, NOISE, CLASSES = (8, 8, 1), 4, 3
SMALL = {"mlp": "generator=[None, 6, None], discriminator=[None, 6, 1]", "dcgan": "width=2, base_channels=3",
         "maxout": "generator_widths=[6], units=[5], pieces=2, discriminator_init=0.5",
         "fgan": "generator_widths=[6], discriminator_widths=[5], init=0.5"}
RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.uniform(-1, 1, [5, *SHAPE]).astype(np.float32)
LABELS = np.array([0, 1, 2, 0, 2])
TOLD, NAMED = Labels(CLASSES), Labels(CLASSES, classified=True)
each_model = pytest.mark.parametrize("name", SMALL)


def _build(name: str, more="", labels=TOLD, codes=0):
    keras.utils.set_random_seed(3)
    return models.build(f"{name}({SMALL[name]}{more})", SHAPE, NOISE + CLASSES, codes, labels)


def _points(labels) -> np.ndarray:
    noise = np.random.default_rng(1).normal(size=[len(labels), NOISE]).astype(np.float32)
    return np.concatenate([noise, np.eye(CLASSES, dtype=np.float32)[labels]], axis=1)


def _judged(gan, labels, images=IMAGES):
    return gan.judged(tf.constant(images), tf.constant(labels))


def _scores(gan, labels) -> np.ndarray:
    return gan.discriminator(_judged(gan, labels), training=False).numpy()


def _shuffled(network) -> None:
    """Gives it random weights, of which none is zero and no variance is negative."""
    random = np.random.default_rng(2)
    network.set_weights([random.uniform(0.1, 0.5, w.shape) * (1 if "variance" in w.path else random.choice(
        [-1, 1], w.shape)) for w in network.weights])


@each_model
def test_the_score_depends_on_the_label(name):
    gan = _build(name)
    assert gan.num_classes == CLASSES
    assert [tuple(tensor.shape) for tensor in gan.discriminator.inputs] == [(None, *SHAPE), (None, CLASSES)]
    assert gan.classifier is gan.judge is None
    scores = np.concatenate([_scores(gan, [label] * 5) for label in range(CLASSES)], axis=1)
    assert scores.shape == (5, CLASSES)
    assert (np.abs(scores[:, :, None] - scores[:, None, :])[:, ~np.eye(CLASSES, dtype=bool)] > 1e-4).all()
    np.testing.assert_allclose(_scores(gan, LABELS)[:, 0], scores[np.arange(5), LABELS], rtol=1e-5)


@each_model
def test_the_image_depends_on_the_label(name):
    gan = _build(name)
    images = [gan.generator(_points([label] * 2), training=False).numpy() for label in range(CLASSES)]
    assert images[0].shape == (2, *SHAPE)
    assert all(np.abs(images[i] - images[i - 1]).max() > 1e-4 for i in range(CLASSES))


@each_model
def test_without_labels_the_networks_are_as_they_were(name):
    gan = _build(name, labels=Labels())
    assert gan.num_classes == 0
    assert gan.classifier is gan.judge is None
    assert gan.judged(IMAGES, None) is IMAGES
    assert gan.discriminator(IMAGES).shape == (5, 1)


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


@pytest.mark.parametrize("labels", [TOLD, NAMED])
def test_a_label_beside_pixels_and_noise_against_numpy(labels):
    gan = models.build("mlp(generator=[None, None], discriminator=[None, None])", (2, 2, 1), NOISE + CLASSES,
                       labels=labels)
    _shuffled(gan.generator)
    kernel, bias = gan.generator.get_weights()
    points = _points(LABELS)
    np.testing.assert_allclose(gan.generator(points), (1 / (1 + np.exp(-(points @ kernel + bias)))).reshape(5, 2, 2, 1),
                               rtol=1e-5)
    images = IMAGES[:, :2, :2]
    kernel, bias = gan.discriminator.get_weights()
    seen = images.reshape(5, 4)
    seen = seen if labels.classified else np.concatenate([seen, np.eye(3)[LABELS]], axis=1)
    np.testing.assert_allclose(gan.discriminator(_judged(gan, LABELS, images)), seen @ kernel + bias, rtol=1e-4)


def test_an_embedded_label_against_numpy():
    """A learned vector for each class takes the one-hot label's place beside the noise."""
    gan = models.build("mlp(generator=[None, None], label_embedding=2)", (2, 2, 1), NOISE + CLASSES,
                       labels=TOLD)
    vectors = gan.generator.get_layer("label_embedding").kernel.numpy()
    assert vectors.shape == (CLASSES, 2)
    (kernel, bias), points = gan.generator.get_layer("dense_1").get_weights(), _points(LABELS)
    assert kernel.shape == (NOISE + 2, 4)
    x = np.concatenate([points[:, :NOISE], vectors[LABELS]], axis=1)
    np.testing.assert_allclose(gan.generator(points), (1 / (1 + np.exp(-(x @ kernel + bias)))).reshape(5, 2, 2, 1),
                               rtol=1e-5)


@each_model
def test_any_generator_embeds_the_label(name):
    gan = _build(name, ", label_embedding=5")
    assert gan.generator.get_layer("label_embedding").kernel.shape == (CLASSES, 5)
    assert gan.generator(_points(LABELS)).shape == (5, *SHAPE)


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
    points = _points(LABELS)
    np.testing.assert_allclose(gan.generator(points, training=False), plain.generator(points, training=False),
                               rtol=1e-4, atol=1e-5)  # of classes that are still alike
    before = gan.generator(points, training=False).numpy()
    norms[-1].beta.assign(norms[-1].beta + np.eye(CLASSES)[1][:, None])
    changed = (gan.generator(points, training=False).numpy() != before).any(axis=(1, 2, 3))
    np.testing.assert_array_equal(changed, LABELS == 1)


@each_model
def test_a_classifier_names_the_class_and_the_discriminator_is_not_told(name):
    gan = _build(name, labels=NAMED)
    assert gan.num_classes == 0
    assert gan.judged(IMAGES, LABELS) is IMAGES
    assert gan.discriminator.input_shape == gan.classifier.input_shape == (None, *SHAPE)
    said = gan.judge(IMAGES, training=False)
    assert set(said) == {"score", "logits"}
    assert said["logits"].shape == (5, CLASSES)
    np.testing.assert_allclose(said["score"], gan.discriminator(IMAGES, training=False), rtol=1e-5)
    np.testing.assert_allclose(said["logits"], gan.classifier(IMAGES, training=False), rtol=1e-5)
    own = {v.path for v in gan.classifier.trainable_variables} - {v.path for v in gan.discriminator.trainable_variables}
    assert own == {"classifier/kernel", "classifier/bias"}


def test_the_classifier_reads_the_features_that_the_score_reads():
    gan = _build("mlp", labels=NAMED)
    first, last = gan.discriminator.get_weights()[:2], gan.classifier.get_layer("classifier").get_weights()
    hidden = np.maximum(IMAGES.reshape(5, -1) @ first[0] + first[1], 0)
    np.testing.assert_allclose(gan.classifier(IMAGES), hidden @ last[0] + last[1], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("name", "named", "heads"), [
    ("dcgan", False, {"score", "parameters"}), ("dcgan", True, {"score", "parameters", "logits"}),
    *((name, True, {"score", "parameters", "logits"}) for name in ("mlp", "maxout", "fgan"))])
def test_codes_and_labels_together(name, named, heads):
    gan = _build(name, labels=Labels(CLASSES, named), codes=2)
    assert set(gan.heads) == heads
    said = gan.judge(_judged(gan, LABELS), training=False)
    assert set(said) == heads
    np.testing.assert_allclose(said["parameters"], gan.recognizer(IMAGES, training=False), rtol=1e-5)


@pytest.mark.parametrize(("spec", "labels", "codes", "message"), [
    ("infogan(width=0.1)", TOLD, 0, "infogan takes no labels: models that do are dcgan, fgan, maxout, mlp; or"),
    ("mlp", TOLD, 2, r"it can't recognize codes from the image alone: let it name the label, .*auxiliary_class"),
    ("maxout", TOLD, 2, "it can't recognize codes from the image alone"),
    ("fgan", TOLD, 2, "it can't recognize codes from the image alone"),
    ("mlp(label_embedding=0)", TOLD, 0, "label_embedding must be a whole number of at least 1, got 0"),
    ("dcgan(label_embedding=2.5)", TOLD, 0, "label_embedding must be a whole number of at least 1, got 2.5"),
    ("fgan(conditional_norm='yes')", TOLD, 0, "unknown conditional_norm 'yes': choices: False, True"),
    *((f"{name}(conditional_norm=True)", Labels(), 0, "conditional_norm is of class-conditional games: set")
      for name in ("dcgan", "maxout", "fgan")),
    ("mlp(label_embedding=3)", Labels(), 0, "label_embedding is of class-conditional games: set --cond"),
    ("mlp(conditional_norm=True)", TOLD, 0, "mlp has no argument 'conditional_norm'"),
    ("dcgan(labels=3)", Labels(), 0, "dcgan has no argument 'labels'"),
    ("dcgan(label_embedding=0)", Labels(), 0, "label_embedding must be a whole number of at least 1, got 0"),
])
def test_mistakes(spec, labels, codes, message):
    with pytest.raises(UserError, match=message):
        models.build(spec, SHAPE, 8, codes, labels)


def test_points_of_one_number_take_no_labels():
    with pytest.raises(UserError, match="gaussian_1d takes no labels"):
        models.build("gaussian_1d", (1, 1, 1), 1, labels=Labels(2))
