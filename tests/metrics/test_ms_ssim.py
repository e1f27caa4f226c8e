"""MS-SSIM against the published vector, TensorFlow, SciPy and closed forms, and the metric on images of classes."""

import numpy as np
import pytest
import scipy.ndimage
import tensorflow as tf

from gan_zoo import metrics
from gan_zoo.data import load
from gan_zoo.errors import UserError
from gan_zoo.metrics.ms_ssim import ms_ssim, pairs, scales
from tests.data_request import request
from tests.metrics.sorted_images import data, measured, subject


def _noisy(count: int, shape, seed=0) -> tuple[np.ndarray, np.ndarray]:
    """Smooth images, and the same with noise, uint8 [N, H, W, C]."""
    rng = np.random.default_rng(seed)
    smooth = scipy.ndimage.gaussian_filter(rng.normal(size=[count, *shape]), (0, 3, 3, 0)) * 500 + 128
    noisy = smooth + rng.normal(0, 25, smooth.shape)
    return tuple(np.clip(values, 0, 255).astype(np.uint8) for values in (smooth, noisy))


def test_the_published_vector():
    """The mean over the pairs of black, 0.7 and 1 on a scale to 255, at 64x64x3: Odena et al.'s and TF-GAN's test."""
    ones, grey, zeros = (np.full([1, 64, 64, 3], level) for level in (1.0, 0.7, 0.0))
    found = np.concatenate([ms_ssim(ones, grey), ms_ssim(ones, zeros), ms_ssim(grey, zeros)])
    assert found.mean() == pytest.approx(0.98999, abs=5e-6)


@pytest.mark.parametrize("shape", [(176, 176, 1), (201, 190, 1)], ids=["even", "odd"])
def test_as_in_tensorflow(shape):
    one, other = _noisy(2, shape)
    expected = tf.image.ssim_multiscale(one, other, 255).numpy()
    assert expected.max() < 0.95
    np.testing.assert_allclose(ms_ssim(one, other), expected, atol=1e-5)


def test_of_one_scale_it_is_ssim():
    """A side of 6 pixels is not halved: a window of 6, whose width shrinks with it."""
    one, other = _noisy(3, (6, 6, 1))
    expected = tf.image.ssim(tf.constant(one, tf.float32), tf.constant(other, tf.float32), 255, filter_size=6,
                             filter_sigma=1.5 * 6 / 11).numpy()
    np.testing.assert_allclose(ms_ssim(one, other), np.maximum(expected, 0), atol=1e-4)


@pytest.mark.parametrize(("side", "expected"), [
    (3, [3]), (6, [6]), (8, [8, 4]), (28, [28, 14, 7, 4]), (32, [32, 16, 8, 4]), (64, [64, 32, 16, 8, 4]),
    (176, [176, 88, 44, 22, 11])])
def test_scales(side, expected):
    assert scales(side, side) == [(each, each) for each in expected]


def test_the_shorter_side_decides():
    assert scales(64, 14) == [(64, 14), (32, 7), (16, 4)]


def test_of_constant_images_only_the_luminance_of_the_last_scale_is_left():
    """At 28x28 four scales, whose powers are divided by their sum."""
    found = ms_ssim(np.full([1, 28, 28, 1], 100), np.full([1, 28, 28, 1], 50))
    luminance = (2 * 100 * 50 + 2.55**2) / (100**2 + 50**2 + 2.55**2)
    assert found == pytest.approx(luminance ** (0.2363 / (0.0448 + 0.2856 + 0.3001 + 0.2363)))


def test_equal_images_are_1_and_opposite_ones_0():
    one, _ = _noisy(3, (28, 28, 3))
    np.testing.assert_allclose(ms_ssim(one, one), 1)
    np.testing.assert_allclose(ms_ssim(one, 255 - one), 0)


@pytest.mark.parametrize("turned", [lambda x: x[:, ::-1], lambda x: x.transpose(0, 2, 1, 3), lambda x: x[..., ::-1],
                                    lambda x: x.repeat(2, axis=-1)],
                         ids=["upside down", "transposed", "colours", "more colours"])
def test_both_turned_alike(turned):
    one, other = _noisy(3, (32, 32, 3))
    np.testing.assert_allclose(ms_ssim(turned(one), turned(other)), ms_ssim(one, other))
    np.testing.assert_allclose(ms_ssim(other, one), ms_ssim(one, other))


def test_blocks_change_nothing(monkeypatch):
    one, other = _noisy(5, (16, 16, 1))
    expected = ms_ssim(one, other)
    monkeypatch.setattr("gan_zoo.metrics.ms_ssim._BLOCK", 600)  # pixels: two pairs
    np.testing.assert_array_equal(ms_ssim(one, other), expected)
    assert ms_ssim(one[:0], other[:0]).shape == (0,)


def test_pairs_are_of_one_class_and_use_each_image_once():
    classes = np.random.default_rng(1).integers(0, 4, 101)
    rows = pairs(classes)
    assert len(np.unique(rows)) == rows.size
    assert (classes[rows[:, 0]] == classes[rows[:, 1]]).all()
    assert len(rows) == sum(np.bincount(classes) // 2)


def _beasts(classes, seed=0, noise=60) -> np.ndarray:
    """Noise whose first pixel tells the class."""
    made = np.random.default_rng(seed).integers(0, noise, [len(classes), 8, 8, 1]).astype(np.uint8)
    made[:, 0, 0, 0] = classes
    return made


@pytest.fixture
def real():
    classes = np.arange(400) % 4
    found = data(classes)
    found.images = _beasts(classes, 1)
    return found


def test_a_collapsed_class_is_named(real):
    """All generated dogs are one dog."""
    classes = np.arange(400) % 4
    made = _beasts(classes)
    made[classes == 1] = made[1]
    found = measured("ms_ssim(samples=400)", subject(classes, real, generate=lambda count: made[:count]))
    assert (found["ms_ssim_highest"], found["ms_ssim_highest_name"]) == (pytest.approx(1), "dog")
    assert found["ms_ssim_highest_floor"] < 0.6
    assert found["ms_ssim"] > found["ms_ssim_floor"] + 5 * found["ms_ssim_standard_error"]
    assert (found["samples"], found["pairs"], found["ms_ssim_scales"]) == (400, 200, "8x8, 4x4 pixels")
    assert (found["features"], found["features_accuracy"]) == ("classifier 1a2b", 0.99)


def test_the_mean_and_its_error_are_those_of_the_pairs(real):
    classes = np.random.default_rng(3).integers(0, 4, 300)
    made = _beasts(classes)
    found = measured("ms_ssim(samples=300)", subject(classes, real, generate=lambda count: made[:count]))
    rows = pairs(classes)
    expected = ms_ssim(made[rows[:, 0]], made[rows[:, 1]])
    assert found["ms_ssim"] == pytest.approx(expected.mean())
    assert found["ms_ssim_standard_error"] == pytest.approx(expected.std(ddof=1) / np.sqrt(len(rows)))


def test_images_that_are_all_the_same(real):
    made = np.zeros([400, 8, 8, 1], np.uint8)
    found = measured("ms_ssim", subject([], real, generate=lambda count: made[:count]))
    assert (found["ms_ssim"], found["ms_ssim_standard_error"]) == (pytest.approx(1), pytest.approx(0))
    assert (found["ms_ssim_highest"], found["ms_ssim_highest_name"]) == (pytest.approx(1), "cat")


def test_without_labels_any_two_are_a_pair(real):
    real.labels, real.class_names = None, ()
    found = measured("ms_ssim", subject([], real, generate=lambda count: _beasts(np.zeros(count))))
    assert found["pairs"] == 200
    assert not {"ms_ssim_highest", "ms_ssim_highest_name", "features"} & found.keys()


def test_a_class_of_few_pairs_is_not_named(real):
    """Nine pairs of eels, all one eel; ten are needed."""
    classes = np.repeat([0, 2], [382, 18])
    made = _beasts(classes)
    made[classes == 2] = made[-1]
    found = measured("ms_ssim", subject(classes, real, generate=lambda count: made[:count]))
    assert found["ms_ssim_highest_name"] == "cat"


@pytest.mark.parametrize(("of", "message"), [
    (subject([0] * 3), "ms_ssim needs at least 4 images on either side, here are 3"),
    (subject([0, 1, 2, 3]), "ms_ssim: of 4 images there are no two pairs of one class: take more samples")],
    ids=["few", "no pair"])
def test_images_that_can_not_serve(of, message):
    with pytest.raises(UserError, match=message) as caught:
        measured("ms_ssim", of)
    assert "\n" not in str(caught.value)


def test_a_space_without_classes():
    with pytest.raises(UserError, match="ms_ssim: the feature space pca knows no classes: take features='classifier'"):
        measured("ms_ssim(features='pca')", subject([0] * 400))


@pytest.mark.parametrize(("arguments", "message"), [
    ("samples=3", "ms_ssim: samples must be"), ("samples=2000000", "ms_ssim: samples must be"),
    ("features='pcb'", "unknown feature space 'pcb'")])
def test_mistakes_in_the_spec(arguments, message):
    with pytest.raises(UserError, match=message):
        metrics.build(f"ms_ssim({arguments})")


def test_all_images_suit():
    assert metrics.metrics["ms_ssim"].suits(subject([0] * 4, data([0] * 9, labels=False)))
    points = load(request("mixture_1d"))
    assert not metrics.metrics["ms_ssim"].suits(metrics.Subject(lambda count: points.images, lambda part: points))
