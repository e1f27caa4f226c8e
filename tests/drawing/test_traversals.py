"""Traversals: which latent points they show, read off a generator that shows its points."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gan_zoo import latents
from gan_zoo.drawing import images, plots
from gan_zoo.drawing.traversals import Traversals, picture
from gan_zoo.latents import Classes

SEED = tf.constant([1, 2])


def _grids(spec: str):
    """The noise, and the grids, each as points [rows, columns, Z], by the code's name."""
    latent = latents.build(spec)
    noise = latent.sample(12, SEED).flat
    found = {grid.name: grid.points.numpy().reshape(-1, grid.columns, latent.size)
             for grid in Traversals(latent, noise).grids()}
    return noise.numpy(), found


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
    noise = latent.sample(10, SEED).flat
    ((name, frames),) = Traversals(latent, noise).sweeps()
    assert name == "c2"
    values = [frame.points[0, 7].numpy() for frame in frames]
    np.testing.assert_allclose(values, [*np.linspace(-2, 2, 13), *np.linspace(2, -2, 13)[1:-1]], atol=1e-6)
    for frame in frames:
        assert len(np.unique(frame.points[:, 7])) == 1
        np.testing.assert_array_equal(frame.points[:, 3:7], np.repeat(np.eye(4), 10, axis=0))
        np.testing.assert_array_equal(frame.points[:, :3], np.tile(noise[:, :3], [4, 1]))


def test_classes_are_the_rows_of_what_goes_across():
    """And not the values of the discrete code, which still go down in a grid of their own."""
    latent = latents.build("noise(3) + categorical(4) + uniform(1) + label(5)", Classes((0, 2, 4)))
    noise = latent.sample(10, SEED).flat.numpy()
    traversals = Traversals(latent, tf.constant(noise))
    down, across = (grid.points.numpy().reshape(-1, 10, 13) for grid in traversals.grids())
    assert (len(down), len(across)) == (4, 3)
    for points in down:
        np.testing.assert_array_equal(points[:, 7:], noise[:, 7:])
    ((name, frames),) = traversals.sweeps()
    assert name == "c2"
    for row, number in enumerate((0, 2, 4)):
        np.testing.assert_array_equal(across[row, :, 8:], np.tile(np.eye(5)[number], [10, 1]))
        np.testing.assert_array_equal(across[row, :, :7], np.tile(noise[0, :7], [10, 1]))
        np.testing.assert_allclose(across[row, :, 7], np.linspace(-2, 2, 10), atol=1e-6)
        frame = frames[0].points.numpy().reshape(3, 10, 13)[row]
        np.testing.assert_array_equal(frame[:, 8:], np.tile(np.eye(5)[number], [10, 1]))
        np.testing.assert_array_equal(frame[:, :7], noise[:, :7])


@pytest.mark.parametrize("spec", ["normal(5)", "normal(5) + label(3)"])
def test_no_codes_no_traversals(spec):
    latent = latents.build(spec)
    traversals = Traversals(latent, latent.sample(10, SEED).flat)
    assert traversals.grids() == []
    assert list(traversals.sweeps()) == []


def test_the_picture_is_the_grid_in_the_codes_order():
    latent = latents.build("noise(3) + categorical(4)")
    (grid,) = Traversals(latent, latent.sample(10, SEED).flat).grids()
    shown = picture(grid, lambda points: points.numpy().reshape(-1, 1, 7, 1), (-1.0, 1.0))
    np.testing.assert_array_equal(
        shown, images.grid(np.rint((grid.points.numpy() + 1) * 127.5).astype(np.uint8).reshape(-1, 1, 7, 1), 10))


def test_an_animation(tmp_path):
    frames = [np.full([6, 8, channels], 255 * index // 3, np.uint8) for channels in (1, 3) for index in range(4)]
    for part in (frames[:4], frames[4:]):
        plots.animation(part, tmp_path / "sweep.gif", seconds=2)
        with Image.open(tmp_path / "sweep.gif") as gif:
            assert gif.n_frames == 4
            assert gif.size == (8, 6)
            assert gif.info["duration"] == 500
            levels = []
            for index in range(4):
                gif.seek(index)
                levels.append(np.asarray(gif.convert("L"))[0, 0])
        np.testing.assert_allclose(levels, [0, 85, 170, 255], atol=2)
