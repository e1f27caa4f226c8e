"""Traversals: which noise they show, and in which classes."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gan_zoo import latents
from gan_zoo.drawing import animations, images
from gan_zoo.drawing.traversals import Traversals, picture
from gan_zoo.latents import Classes, label_of

SEED = tf.constant([1, 2])


def _shown(grid) -> np.ndarray:
    """Its noise, [rows, columns, Z]."""
    noise = np.asarray(grid.latent.noise)
    return noise.reshape(-1, grid.columns, noise.shape[-1])


def _grids(spec: str):
    """The noise, and the grids, each as noise [rows, columns, Z], by the code's name."""
    latent = latents.build(spec)
    noise = latent.sample(12, SEED).noise
    grids = Traversals(latent, noise).grids()
    assert all(grid.latent.labels is None for grid in grids)
    return noise.numpy(), {grid.name: _shown(grid) for grid in grids}


def test_a_discrete_code_goes_down_and_noise_across():
    noise, grids = _grids("noise(3) + categorical(4) + uniform(1)")
    assert list(grids) == ["c1", "c2"]
    assert grids["c1"].shape == (4, 10, 8)
    for row, points in enumerate(grids["c1"]):
        np.testing.assert_array_equal(points[:, 3:7], np.tile(np.eye(4)[row], [10, 1]))
        np.testing.assert_array_equal(np.delete(points, [3, 4, 5, 6], 1), np.delete(noise[:10], [3, 4, 5, 6], 1))


def test_a_continuous_code_goes_across_from_minus_two_to_two():
    noise, grids = _grids("noise(3) + categorical(4) + uniform(1)")
    assert grids["c2"].shape == (4, 10, 8)
    for row, points in enumerate(grids["c2"]):
        np.testing.assert_allclose(points[:, 7], np.linspace(-2, 2, 10), atol=1e-6)
        np.testing.assert_array_equal(points[:, 3:7], np.tile(np.eye(4)[row], [10, 1]))
        np.testing.assert_array_equal(points[:, :3], np.tile(noise[0, :3], [10, 1]))


def test_without_a_discrete_code_noise_goes_down():
    noise, grids = _grids("noise(3) + normal(2)")
    assert grids["c2"].shape == (10, 10, 5)
    np.testing.assert_allclose(grids["c2"][:, :, 4], np.tile(np.linspace(-2, 2, 10), [10, 1]), atol=1e-6)
    for row, points in enumerate(grids["c2"]):
        np.testing.assert_array_equal(points[:, :4], np.tile(noise[row, :4], [10, 1]))


def test_a_sweep_goes_to_and_fro():
    latent = latents.build("noise(3) + categorical(4) + uniform(1)")
    noise = latent.sample(10, SEED).noise
    ((name, frames),) = Traversals(latent, noise).sweeps()
    assert name == "c2"
    values = [frame.latent.noise[0, 7].numpy() for frame in frames]
    np.testing.assert_allclose(values, [*np.linspace(-2, 2, 13), *np.linspace(2, -2, 13)[1:-1]], atol=1e-6)
    for frame in frames:
        points = frame.latent.noise.numpy()
        assert len(np.unique(points[:, 7])) == 1
        np.testing.assert_array_equal(points[:, 3:7], np.repeat(np.eye(4), 10, axis=0))
        np.testing.assert_array_equal(points[:, :3], np.tile(noise[:, :3], [4, 1]))


def test_classes_are_the_rows_of_what_goes_across():
    """And not the values of the discrete code, which still go down in a grid of their own, of the first class."""
    latent, label = latents.build("noise(3) + categorical(4) + uniform(1)"), label_of(Classes((0, 2, 4)), 5)
    noise = latent.sample(10, SEED).noise.numpy()
    traversals = Traversals(latent, tf.constant(noise), label)
    down, across = traversals.grids()
    assert (_shown(down).shape, _shown(across).shape) == ((4, 10, 8), (3, 10, 8))
    np.testing.assert_array_equal(down.latent.labels, np.zeros(40))
    for row, points in enumerate(_shown(down)):
        np.testing.assert_array_equal(points[:, 3:7], np.tile(np.eye(4)[row], [10, 1]))
        np.testing.assert_array_equal(np.delete(points, [3, 4, 5, 6], 1), np.delete(noise, [3, 4, 5, 6], 1))
    ((name, frames),) = traversals.sweeps()
    assert name == "c2"
    for of in (across, frames[0]):
        np.testing.assert_array_equal(of.latent.labels, np.repeat([0, 2, 4], 10))
    for row in range(3):
        np.testing.assert_array_equal(_shown(across)[row, :, :7], np.tile(noise[0, :7], [10, 1]))
        np.testing.assert_allclose(_shown(across)[row, :, 7], np.linspace(-2, 2, 10), atol=1e-6)
        np.testing.assert_array_equal(_shown(frames[0])[row, :, :7], noise[:, :7])


@pytest.mark.parametrize("classes", [None, Classes((0, 1, 2))])
def test_no_codes_no_traversals(classes):
    latent, label = latents.build("normal(5)"), classes and label_of(classes, 3)
    traversals = Traversals(latent, latent.sample(10, SEED).noise, label)
    assert traversals.grids() == []
    assert list(traversals.sweeps()) == []


def test_the_picture_is_the_grid_in_the_codes_order():
    latent = latents.build("noise(3) + categorical(4)")
    (grid,) = Traversals(latent, latent.sample(10, SEED).noise).grids()
    shown = picture(grid, lambda latent: latent.noise.numpy().reshape(-1, 1, 7, 1), (-1.0, 1.0))
    np.testing.assert_array_equal(
        shown, images.grid(np.rint((_shown(grid) + 1) * 127.5).astype(np.uint8).reshape(-1, 1, 7, 1), 10))


def test_an_animation(tmp_path):
    frames = [np.full([6, 8, channels], 255 * index // 3, np.uint8) for channels in (1, 3) for index in range(4)]
    for part in (frames[:4], frames[4:]):
        animations.animation(part, tmp_path / "sweep.gif", seconds=2)
        with Image.open(tmp_path / "sweep.gif") as gif:
            assert gif.n_frames == 4
            assert gif.size == (8, 6)
            assert gif.info["duration"] == 500
            levels = []
            for index in range(4):
                gif.seek(index)
                levels.append(np.asarray(gif.convert("L"))[0, 0])
        np.testing.assert_allclose(levels, [0, 85, 170, 255], atol=2)
