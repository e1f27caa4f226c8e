"""The network of the published FID: what is done to images before it, and its file, which tests don't have.

A small graph stands in that has the names and the old operations of the real one. No pair of image sets is known here
whose published distance could be checked with the real weights, so those are held to what must be true of them.
"""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gan_zoo import features
from gan_zoo.data import ImageDataset
from gan_zoo.errors import UserError
from gan_zoo.features.inception import FILE, RESIZINGS, SIDE, resized_as_tf_gan, resized_cleanly

GREY = np.random.default_rng(0).integers(0, 256, [3, 8, 8, 1], np.uint8)
COLOUR = np.random.default_rng(1).integers(0, 256, [2, 12, 10, 3], np.uint8)
PREPARED = Path.home() / ".cache" / "gan_zoo" / "inception" / FILE


def _fit(spec: str, images: np.ndarray = GREY):
    return features.build(spec).fit(lambda part: ImageDataset("some", images))


def _constant(graph, name: str, value: np.ndarray) -> None:
    node = graph.node.add(name=name, op="Const")
    node.attr["dtype"].type = tf.as_dtype(value.dtype).as_datatype_enum
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))


@pytest.fixture
def small(tmp_path) -> Path:
    """Input, an old batch norm and one pooling of all, as of the GraphDef of 2015."""
    graph = tf.compat.v1.GraphDef()
    graph.versions.producer = 8
    for name, value in {"Mul": np.zeros([1, SIDE, SIDE, 3]), "m": [1, 2, 3], "v": [4, 4, 4], "b": [0, 0, 7],
                        "g": [1, 1, 1]}.items():
        _constant(graph, name, np.asarray(value, np.float32))
    norm = graph.node.add(name="norm", op="BatchNormWithGlobalNormalization", input=["Mul", "m", "v", "b", "g"])
    norm.attr["variance_epsilon"].f, norm.attr["scale_after_normalization"].b = 1e-3, False
    pool = graph.node.add(name="pool_3", op="AvgPool", input=["norm"])
    pool.attr["ksize"].list.i.extend([1, SIDE, SIDE, 1])
    pool.attr["strides"].list.i.extend([1, 1, 1, 1])
    pool.attr["padding"].s = b"VALID"
    for node in (norm, pool):
        node.attr["T"].type = tf.float32.as_datatype_enum
    (tmp_path / "small.pb").write_bytes(graph.SerializeToString())
    return tmp_path / "small.pb"


def test_images_go_through_the_graph_from_its_input_to_its_pooling(small):
    space = _fit(f"inception(weights={str(small)!r})")
    colour = resized_as_tf_gan(GREY).mean(axis=(1, 2))
    expected = ((colour - 128) / 128 - [1, 2, 3]) / np.sqrt(4 + 1e-3) + [0, 0, 7]
    np.testing.assert_allclose(space(GREY), expected, atol=1e-3)  # sums of 89,401 values
    many = np.repeat(GREY, 40, axis=0)
    np.testing.assert_allclose(space(many)[::40], space(GREY), atol=1e-5)


def test_the_two_resizings_have_unlike_identities(small):
    spaces = [_fit(f"inception(weights={str(small)!r}, resize={name!r})") for name in RESIZINGS]
    assert [space.name for space in spaces] == ["inception(resize='tf_gan')", "inception(resize='clean')"]
    assert len({space.identity for space in spaces}) == 2


@pytest.mark.parametrize("resize", RESIZINGS.values())
def test_images_of_the_networks_own_size_stay(resize):
    images = np.random.default_rng(2).integers(0, 256, [1, SIDE, SIDE, 3], np.uint8)
    np.testing.assert_allclose(resize(images), images, atol=1e-4)
    grey = resize(images[..., :1])
    assert (grey.dtype, grey.shape) == (np.float32, (1, SIDE, SIDE, 3))
    np.testing.assert_array_equal(grey, np.repeat(grey[..., :1], 3, axis=-1))


def test_cleanly_is_as_pillow_up_to_its_rounding_of_rows_and_then_of_columns():
    images = COLOUR // 4 + 96  # so that nothing is cut off at 0 and 255
    for image, found in zip(images, resized_cleanly(images), strict=True):
        expected = np.asarray(Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BICUBIC), np.float32)
        np.testing.assert_allclose(found, expected, atol=1.5)


def test_as_tf_gan_is_tensorflow_1s_interpolation():
    """Pixel i of the result lies at i · in / out of the image, whose last row and column go on."""
    places = [np.arange(SIDE) * side / SIDE for side in COLOUR.shape[1:3]]
    lower = [place.astype(int) for place in places]
    upper = [np.minimum(low + 1, side - 1) for low, side in zip(lower, COLOUR.shape[1:3], strict=True)]
    down, across = (place - low for place, low in zip(places, lower, strict=True))
    down, across = down[:, None, None], across[None, :, None]
    images = COLOUR.astype(np.float64)
    top = images[:, lower[0]][:, :, lower[1]] * (1 - across) + images[:, lower[0]][:, :, upper[1]] * across
    bottom = images[:, upper[0]][:, :, lower[1]] * (1 - across) + images[:, upper[0]][:, :, upper[1]] * across
    np.testing.assert_allclose(resized_as_tf_gan(COLOUR), top * (1 - down) + bottom * down, atol=1e-2)


def test_weights_that_are_missing_or_others(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(UserError, match=rf"{tmp_path}/gan_zoo/inception/{FILE} can't be read \(No such file.*put the "
                                        rf"{FILE} of http://download.tensorflow.org/.*inception-2015-12-05.tgz there"):
        _fit("inception")
    (tmp_path / "other.pb").write_bytes(b"no graph")
    with pytest.raises(UserError, match=r"other.pb is not the graph .* delete it") as error:
        _fit(f"inception(weights={str(tmp_path / 'other.pb')!r})")
    assert "\n" not in str(error.value)
    with pytest.raises(UserError, match="unknown inception: resize 'cleen': did you mean 'clean'"):
        features.build("inception(resize='cleen')")
    with pytest.raises(UserError, match="inception: weights is the path of a file"):
        features.build("inception(weights=3)")


@pytest.mark.skipif(not PREPARED.is_file(), reason=f"needs {PREPARED}")
def test_the_real_weights():
    space = _fit(f"inception(weights={str(PREPARED)!r})")
    rows = space(np.concatenate([GREY, 255 - GREY]))
    assert rows.shape == (6, 2048)
    assert (rows >= 0).all()  # means of what a ReLU gives
    assert np.ptp(rows, axis=0).max() > 0.1
