"""A loaded export and live networks behind one face: the same images, in parts of a bounded size."""

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import latents, objectives
from gan_zoo.errors import UserError
from gan_zoo.export import describe, functions
from gan_zoo.export.model import Model
from gan_zoo.export.saved_model import DECODED_TOGETHER
from gan_zoo.game import LatentSample
from tests.export.networks import SHAPE, an_export, decoded, flat, gan, linear, shown, small

LABEL = latents.label_of(latents.Classes((1, 3), ("cat", "dog", "owl", "pig")))


def _live(networks, objective: str, latent: str, label=None) -> Model:
    built = latents.build(latent)
    about = describe(built, label, networks.generator.output_shape[1:], networks.value_range, 1, {})
    signatures = functions(networks, built, objectives.build(objective, built.codes, label is not None), label)
    return Model(about, signatures, "live")


def _with_codes():
    weights = np.random.default_rng(0).normal(size=[12, 3])
    return gan(shown(SHAPE, 8, 4, 0.25), flat(SHAPE), {"score": linear(weights[:, :1]), "parameters": linear(weights),
                                                       "logits": linear(np.tile(weights[:, :1], [1, 4]))})


def _plain():
    return small(), "minimax", "normal(4)", None


def _labelled_with_codes():
    spec = "minimax + mutual_information + auxiliary_classifier"
    return _with_codes(), spec, "noise(5) + categorical(3)", LABEL


@pytest.mark.parametrize("case", [_plain, _labelled_with_codes])
def test_live_networks_are_what_their_export_is(tmp_path, case):
    networks, objective, latent, label = case()
    live = _live(networks, objective, latent, label)
    path = str(tmp_path / "e")
    an_export(path, networks, objective, latent=latent, label=label)
    read = Model.read(path, "--here")
    assert live.description == read.description
    drawn, again = live.draw(70, 5), read.draw(70, 5)
    np.testing.assert_array_equal(drawn.noise, again.noise)
    assert (drawn.labels is None) == (again.labels is None) == (label is None)
    if label:
        assert drawn.labels.dtype == np.int32
        np.testing.assert_array_equal(drawn.labels, again.labels)
    images = live.decode(drawn)
    assert (images.dtype, images.shape) == (np.uint8, (70, *SHAPE))
    np.testing.assert_array_equal(images, read.decode(again))
    assert len(np.unique(images)) > 10
    if live.description.codes:
        found, expected = live.recognize(images), read.recognize(images)
        assert list(found) == list(expected) == ["c1_probabilities"]
        np.testing.assert_array_equal(found["c1_probabilities"], expected["c1_probabilities"])


def test_live_networks_answer_as_they_are_now():
    """And not as they were when the functions were made: who goes on training sees what has changed."""
    networks = small()
    live, noise = _live(networks, "minimax", "normal(4)"), np.ones([2, 4], np.float32)
    before = live.decode(LatentSample(noise))
    networks.generator.variables[1].assign(-3 * np.ones(12))
    after = live.decode(LatentSample(noise))
    assert (before != after).any()
    assert np.abs(after - np.rint((decoded(networks.generator, noise) + 1) * 127.5)).max() <= 1


class _Recording:
    """Signatures that show the noise and the class, and note how many they were given at a time."""

    def __init__(self):
        self.sizes = []

    def __call__(self, noise, label=None):
        assert (noise.dtype, label.dtype) == (tf.float32, tf.int32)
        self.sizes.append(len(noise))
        return {"images": tf.reshape(tf.stack([noise[:, 0], tf.cast(label, tf.float32)], axis=1), [-1, 1, 1, 2])}


@pytest.mark.parametrize("count", [0, 1, DECODED_TOGETHER, 2 * DECODED_TOGETHER + 3])
def test_many_images_are_decoded_in_parts_and_in_their_order(count):
    serve = _Recording()
    about = describe(latents.build("normal(1)"), LABEL, (1, 1, 2), (0.0, 255.0), 1, {})
    noise, labels = np.arange(count, dtype=np.float64)[:, None] % 256, np.arange(count) % 4
    images = Model(about, {"serving_default": serve}, "it").decode(LatentSample(noise, labels))
    np.testing.assert_array_equal(images.reshape(-1, 2), np.stack([noise[:, 0], labels], axis=1))
    assert max(serve.sizes, default=0) <= DECODED_TOGETHER
    assert (images.dtype, images.shape) == (np.uint8, (count, 1, 1, 2))


def test_no_points_are_of_the_same_kind_as_some():
    about = describe(latents.build("normal(1)"), LABEL, (1, 1, 2), None, 1, {})
    model = Model(about, {"serving_default": _Recording()}, "it")
    for count in (0, 3):
        points = model.decode(LatentSample(np.ones([count, 1]), np.arange(count)))
        assert (points.dtype, points.shape) == (np.float32, (count, 1, 1, 2))


def test_images_that_are_not_finite_are_told_by_name():
    networks = small()
    networks.generator.variables[1].assign(np.full(12, np.nan))
    with pytest.raises(UserError, match=r"^live: what the export generates is not finite; train again"):
        _live(networks, "minimax", "normal(4)").decode(LatentSample(np.ones([2, 4], np.float32)))


def test_what_can_not_be_read_names_the_flag(tmp_path):
    with pytest.raises(UserError, match=f"^--saved_model={tmp_path} is not an export of gan_zoo"):
        Model.read(str(tmp_path), "--saved_model")
