"""Augmentations against NumPy and SciPy, pixel by pixel, with equal random numbers; DiffAugment's as in its code."""

import inspect

import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage, stats

from gan_zoo.augmentation import augmentations, build
from gan_zoo.errors import UserError
from gan_zoo.randomness import Key

SPECS = ["flip", "affine", "affine(40, 0.5, 0.3, 0.4)", "color", "translate", "translate(ratio=0.3)", "cutout",
         "cutout(0.25)", "color + translate + cutout"]
SHAPES = [(8, 8, 1), (9, 6, 3)]
LINE = (1, 5, 1)
each_spec = pytest.mark.parametrize("spec", SPECS)
each_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


class Rows:
    """Rows `first` to `first + count` of the random numbers of one step."""

    def __init__(self, count, first=0):
        self.count, self.first = count, first

    def uniform(self, name, shape=()):
        width = int(np.prod(shape, dtype=int))
        return tf.reshape(Key(3)(name).uniform_rows(0, self.first, self.count, width), [-1, *shape])


class Known(Rows):
    """The same, drawn outside of the graph: XLA makes other floats of the same words."""

    def uniform(self, name, shape=()):
        with tf.init_scope():
            return super().uniform(name, shape)


class Given:
    """The same number everywhere, by the last part of the name."""

    def __init__(self, count, **numbers):
        self.count, self.numbers = count, numbers

    def uniform(self, name, shape=()):
        return tf.broadcast_to(tf.constant(self.numbers[name.split("/")[-1]], tf.float32), [self.count, *shape])


def _images(shape, count=12, low=-1, high=1, dtype=np.float32):
    return np.random.default_rng(0).uniform(low, high, size=(count, *shape)).astype(dtype)


def _flip(image, draw):
    return image[:, ::-1] if draw("flip") < 0.5 else image


def _color(image, draw):
    image = image + (draw("brightness") - 0.5)
    mean = image.mean(axis=2, keepdims=True)
    image = (image - mean) * (draw("saturation") * 2) + mean
    return (image - image.mean()) * (draw("contrast") + 0.5) + image.mean()


def _translate(image, draw, ratio=0.125):
    height, width, _ = image.shape
    most = int(height * ratio), int(width * ratio)
    down, across = (int(np.floor(u * (2 * m + 1))) - m for u, m in zip(draw("translate", 2), most, strict=True))
    moved = np.zeros_like(image)
    for row in range(height):
        for column in range(width):
            if 0 <= row + down < height and 0 <= column + across < width:
                moved[row, column] = image[row + down, column + across]
    return moved


def _cutout(image, draw, ratio=0.5):
    sides = image.shape[:2]
    sizes = [int(side * ratio) for side in sides]
    centres = [int(np.floor(u * (side + (1 - size % 2)))) for u, side, size
               in zip(draw("cutout", 2), sides, sizes, strict=True)]
    image = image.copy()
    for row in range(sizes[0]):
        for column in range(sizes[1]):
            place = (row + centres[0] - sizes[0] // 2, column + centres[1] - sizes[1] // 2)
            image[tuple(np.clip(place, 0, np.array(sides) - 1))] = 0
    return image


def _affine(image, draw, rotation=15, shear=0.3, scale=0.1, shift=0.1):
    """SciPy's interpolation, at the places that one map after the other gives."""
    turn, lean, high, wide, down, across = 2 * draw("affine", 6) - 1
    turn, high, wide = np.floor(np.array([turn, high, wide]) * 2048) / 2048  # which come from a table
    sides = np.array(image.shape[:2])
    angle = np.radians(rotation * turn)
    rotated = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    matrix = np.diag(np.exp([scale * high, scale * wide])) @ [[1, 0], [shear * lean, 1]] @ rotated
    middle = (sides - 1) / 2
    offset = middle - matrix @ middle + sides * shift * [down, across]
    return np.stack([ndimage.affine_transform(channel, matrix, offset, order=1, mode="nearest")
                     for channel in image.transpose(2, 0, 1)], axis=-1)


STEPS = {"flip": [_flip], "affine": [_affine],
         "affine(40, 0.5, 0.3, 0.4)": [lambda image, draw: _affine(image, draw, 40, 0.5, 0.3, 0.4)],
         "color": [_color], "translate": [_translate], "cutout": [_cutout],
         "translate(ratio=0.3)": [lambda image, draw: _translate(image, draw, 0.3)],
         "cutout(0.25)": [lambda image, draw: _cutout(image, draw, 0.25)],
         "color + translate + cutout": [_color, _translate, _cutout]}


def _transcribed(spec, images, rows):
    """Image by image; pixels in [−1, 1]."""
    for place, step in enumerate(STEPS[spec], 1):
        def draws(index, place=place):
            def draw(name, width=0):
                return rows.uniform(f"{place}/{name}", (width,) if width else ()).numpy()[index].astype(np.float64)
            return draw
        images = np.stack([step(image, draws(index)) for index, image in enumerate(images.astype(np.float64))])
    return images


def test_every_augmentation_is_tried():
    assert set(augmentations) <= set(STEPS)


@each_spec
@each_shape
@pytest.mark.parametrize("jit", [False, True])
def test_the_transcription(spec, shape, jit):
    """In a graph that does not know the batch's size."""
    images = _images(shape)

    @tf.function(jit_compile=jit, input_signature=[tf.TensorSpec([None, *shape])])
    def augment(x):
        return build(spec)(x, (-1, 1), Known(len(images)) if jit else Rows(tf.shape(x)[0]))

    got = augment(images)
    assert got.shape == images.shape
    np.testing.assert_allclose(got, _transcribed(spec, images, Rows(len(images))), atol=2e-6)


@each_spec
@pytest.mark.parametrize("value_range", [(0.0, 1.0), (-3.0, 5.0)])
def test_another_value_range_is_another_unit(spec, value_range):
    """Images in (low, high) fare as the same images in [−1, 1], so that their middle stands for the paper's 0."""
    low, high = value_range
    images = _images((8, 6, 3))
    wanted = build(spec)(images, (-1, 1), Rows(12)).numpy()
    got = build(spec)(tf.constant((images + 1) / 2 * (high - low) + low), value_range, Rows(12))
    np.testing.assert_allclose((got - low) / (high - low) * 2 - 1, wanted, atol=3e-6)


@each_spec
@each_shape
def test_the_gradient_is_that_of_finite_differences(spec, shape):
    """What an augmentation does is linear in the images but for a constant, so that long differences are exact."""
    images, weights, direction = (_images(shape, dtype=np.float64) * scale for scale in (1, 2, 3))
    weights, direction = weights[::-1].copy(), np.roll(direction, 5, axis=1)
    augment = build(spec)
    x = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(weights * augment(x, (0, 1), Rows(12)))
    along = np.sum(tape.gradient(total, x).numpy() * direction)
    after, before = (np.sum(weights * augment(tf.constant(images + sign * direction), (0, 1), Rows(12)).numpy())
                     for sign in (1, -1))
    np.testing.assert_allclose(along, (after - before) / 2, rtol=1e-10)
    assert abs(along) > 1e-3


@each_spec
def test_there_is_a_second_gradient(spec):
    """As a penalty on the gradient needs: d/dx |d/dx Σ y³|² by automatic and by finite differences."""
    augment, images = build(spec), _images((8, 6, 3), dtype=np.float64)

    def penalty(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(augment(x, (-1, 1), Rows(12)) ** 3)
        return tf.reduce_sum(tape.gradient(total, x) ** 2)

    x, step = tf.constant(images), 1e-5
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = penalty(x)
    along = np.sum(tape.gradient(value, x).numpy() * images[::-1])
    difference = (penalty(x + step * images[::-1]) - penalty(x - step * images[::-1])) / (2 * step)
    np.testing.assert_allclose(along, difference, rtol=1e-5)


@each_spec
def test_images_of_a_batch_draw_for_themselves(spec):
    images = np.repeat(_images((16, 16, 3), count=1), 12, axis=0)
    got = build(spec)(images, (-1, 1), Rows(12)).numpy()
    assert len(np.unique(got, axis=0)) > (1 if spec == "flip" else 4)


@each_spec
def test_rows_do_not_depend_on_how_the_batch_is_split(spec):
    images = _images((9, 6, 3))
    whole = build(spec)(images, (-1, 1), Rows(12)).numpy()
    parts = [build(spec)(images[first:first + 4], (-1, 1), Rows(4, first)) for first in (0, 4, 8)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
@each_spec
def test_the_type_stays(spec, dtype):
    images = tf.cast(_images((8, 6, 3)), dtype)
    got = build(spec)(images, (-1, 1), Rows(12))
    assert got.dtype == images.dtype
    wanted = build(spec)(tf.cast(images, tf.float32), (-1, 1), Rows(12))
    tolerance = {"float16": 4e-3, "bfloat16": 3e-2, "float64": 1e-6}[dtype]
    np.testing.assert_allclose(tf.cast(got, tf.float32), wanted, atol=tolerance)


def test_equal_terms_draw_different_numbers():
    images = np.repeat(_images((16, 16, 1), count=1), 200, axis=0)
    moved = build("flip + flip")(images, (-1, 1), Rows(200)).numpy()
    assert 60 < np.sum(np.any(moved != images, axis=(1, 2, 3))) < 140


def test_how_often_and_how_far():
    """Half the images are mirrored; every translation of −3 … 3 pixels, and every centre of a hole, is as likely."""
    count = 4000
    ramp = np.tile(np.arange(24, dtype=np.float32)[None, :, None], [24, 1, 1])
    images = np.broadcast_to(ramp, (count, 24, 24, 1))
    mirrored = build("flip")(images, (-1, 1), Rows(count)).numpy()[:, 0, 0, 0] == 23
    assert stats.binomtest(int(mirrored.sum()), count).pvalue > 1e-3
    shifts = build("translate")(images, (-1, 1), Rows(count)).numpy()[:, 12, 12, 0] - 12
    assert stats.chisquare([np.sum(shifts == shift) for shift in range(-3, 4)]).pvalue > 1e-3
    ones = np.ones([count, 24, 24, 1], np.float32)
    widths = (build("cutout")(ones, (-1, 1), Rows(count)).numpy()[..., 0].min(axis=1) == 0).sum(axis=1)
    wanted = dict.fromkeys(range(6, 12), 2) | {12: 13}
    observed = [np.sum(widths == width) for width in wanted]
    assert stats.chisquare(observed, np.array(list(wanted.values())) * count / 25).pvalue > 1e-3


@pytest.mark.parametrize(("spec", "numbers", "same"), [
    ("flip", {"flip": 0.5}, True), ("flip", {"flip": 0.49}, False),
    ("color", {"brightness": 0.5, "saturation": 0.5, "contrast": 0.5}, True),
    ("affine", {"affine": 0.5}, True), ("affine", {"affine": 0.4}, False),
    ("translate", {"translate": 0.5}, True), ("translate", {"translate": 0.0}, False),
])
def test_the_draws_that_change_nothing(spec, numbers, same):
    images = _images((8, 8, 3))
    got = build(spec)(images, (-1, 1), Given(12, **numbers)).numpy()
    assert np.allclose(got, images, atol=1e-6) == same


def test_a_line_of_pixels_is_moved_along_itself():
    images = _images(LINE)
    moved = build("affine")(images, (-1, 1), Rows(len(images)))
    np.testing.assert_allclose(moved, _transcribed("affine", images, Rows(len(images))), atol=2e-6)
    assert np.any(moved != images)


def test_grey_images_have_no_saturation():
    images = _images((8, 8, 1))
    got, other = (build("color")(images, (-1, 1), Given(12, brightness=0.2, saturation=saturation, contrast=0.9))
                  for saturation in (0.0, 0.9))
    np.testing.assert_array_equal(got, other)


@pytest.mark.parametrize(("spec", "message"), [
    ("flop", "unknown augmentation 'flop': did you mean 'flip'?"), ("flip(1)", "flip takes at most 0 arguments, got 1"),
    ("translate(0)", "ratio must be a number above 0 and below 1, got 0"),
    ("translate(ratio=1)", "ratio must be a number above 0 and below 1, got 1"),
    ("affine(-1)", "rotation must be a number at least 0 and at most 180, got -1"),
    ("affine(shear=-1)", "shear must be a number at least 0, got -1"),
    ("affine(scale=2)", "scale must be a number at least 0 and at most 1, got 2"),
    ("affine(shift=1)", "shift must be a number at least 0 and below 1, got 1"),
    ("color + cutout(2)", "ratio must be a number above 0 and at most 1, got 2"),
    ("cutout(ratio=linear(0, 1))", "ratio can't be a call here: write a number"),
    ("", "'' is not of the form name or name(argument=literal, …)"),
])
def test_bad_specs(spec, message):
    with pytest.raises(UserError) as error:
        build(spec)
    assert str(error.value).startswith(message)


def test_every_augmentation_says_what_it_does():
    assert all(inspect.getdoc(augmentations[name]) for name in augmentations)
