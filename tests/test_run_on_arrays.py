"""A run on images and labels that Python hands over: trained, loaded, and what only Python can do with it."""

import numpy as np
import pytest
from PIL import Image

import gan_zoo
from gan_zoo.__main__ import run as shell
from tests.helpers import assert_like

SMALL = {"model": "mlp", "batch_size": 16, "sample_count": 4, "latent": "normal(4)"}


@pytest.fixture(scope="module")
def arrays() -> dict:
    rng = np.random.default_rng(0)
    return {"dataset": rng.integers(0, 256, [48, 8, 8], np.uint8), "labels": rng.integers(0, 3, 48)}


@pytest.fixture(scope="module")
def run_on_arrays(tmp_path_factory, arrays) -> gan_zoo.Run:
    folder = tmp_path_factory.mktemp("runs")
    return gan_zoo.train(**SMALL, **arrays, conditional=True, steps=2, run_dir=folder / "arrays")


def test_arrays_are_a_dataset(run_on_arrays, arrays):
    assert run_on_arrays.sample(2, label="each").shape == (6, 8, 8, 1)
    with Image.open(run_on_arrays.path / "real.png") as real:  # what the run took as its images
        shown = np.asarray(real)
    assert set(np.unique(shown)) <= {*np.unique(arrays["dataset"]).tolist(), 0, 255}
    results = run_on_arrays.evaluate("parzen(samples=16)")["parzen(samples=16)"]
    assert (results["samples"], results["test_images"]) == (16, 48)


def test_a_run_on_arrays_is_loaded_with_them_or_at_its_export(run_on_arrays, arrays):
    assert_like(gan_zoo.load(run_on_arrays.path, **arrays), run_on_arrays)
    without = gan_zoo.load(run_on_arrays.path)
    assert_like(without, run_on_arrays)
    for impossible in (lambda: without.generator, lambda: without.evaluate("parzen(samples=16)")):
        with pytest.raises(gan_zoo.UserError, match=r"export|gan_zoo\.load\(run_dir, dataset=images"):
            impossible()
    with pytest.raises(gan_zoo.UserError, match="was trained on other images or labels"):
        gan_zoo.load(run_on_arrays.path, arrays["dataset"][::-1], arrays["labels"])


@pytest.mark.parametrize(("name", "value"), [
    ("classes", [0, 3]), ("image_size", 8), ("channels", 1), ("split", "train[:9]"), ("data_dir", "/tmp")])
def test_a_flag_that_says_nothing_about_arrays_is_told(name, value, arrays):
    with pytest.raises(gan_zoo.UserError, match=f"--{name}=.* says nothing about images that are given as arrays"):
        gan_zoo.train(**SMALL, **arrays, **{name: value})


def test_labels_go_with_arrays():
    with pytest.raises(gan_zoo.UserError, match="labels go with images"):
        gan_zoo.train("mlp", dataset="digits", labels=[1, 2])


@pytest.mark.parametrize("argv", [["export", "RUN"], ["sample", "--run_dir=RUN", "--checkpoint=best"]])
def test_the_shell_has_no_such_images(run_on_arrays, argv):
    with pytest.raises(gan_zoo.UserError, match="--dataset=arrays: only Python has these images"):
        shell([text.replace("RUN", str(run_on_arrays.path)) for text in argv])
