"""The labels of what is measured: of an export that takes them, of one that doesn't, and of real images."""

import re
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from gan_zoo import data, latents
from gan_zoo.commands import evaluate
from gan_zoo.errors import UserError
from gan_zoo.evaluation import candidates
from gan_zoo.experiment import Experiment
from gan_zoo.layers import OneHot
from tests.data_request import request
from tests.evaluation.tiny import SHAPE, drawn, export_tiny, read_records
from tests.export.networks import linear

LABEL = latents.label_of(latents.Classes(tuple(range(10)), tuple("0123456789")))
METRIC = "nearest_neighbour(samples=600, test_images=200)"


def _as_bright_as_the_label() -> keras.Model:
    """Images all over as bright as 25 times the label, whatever the noise."""
    noise, label = keras.Input([3]), keras.Input([], dtype="int32")
    levels = np.concatenate([np.zeros(3), 25 * np.arange(10) / 127.5])
    x = linear(np.tile(levels[:, None], [1, 64]))(keras.layers.Concatenate()([noise, OneHot(10)(label)]))
    return keras.Model([noise, label], keras.layers.Reshape(SHAPE)(keras.layers.Rescaling(1, -1)(x)))


@pytest.fixture(scope="module")
def labelled_export(tmp_path_factory):
    path = tmp_path_factory.mktemp("labelled") / "export"
    export_tiny(path, generator=_as_bright_as_the_label(), latent="normal(3)", label=LABEL)
    return path


@pytest.fixture(name="labelled")
def _labelled(run_dir, labelled_export) -> Path:
    """The run, its export replaced by one that takes labels."""
    shutil.rmtree(run_dir / "export")
    shutil.copytree(labelled_export, run_dir / "export")
    return run_dir


def test_labels_are_those_of_the_images(labelled):
    candidate = drawn(labelled, 3)
    images, labels = candidate.generate(600), candidate.labels(600)
    assert (labels.shape, labels.dtype) == ((600,), np.int32)
    np.testing.assert_array_equal(images[:, 0, 0, 0], 25 * labels)
    assert len(np.unique(labels)) == 10


def test_another_seed_has_other_labels(labelled):
    one, other = (drawn(labelled, seed).labels(50) for seed in (3, 4))
    assert (one != other).any()


def test_an_export_without_labels(run_dir):
    assert drawn(run_dir, 0).labels is None


def test_labels_of_real_images(tmp_path):
    real = candidates.of_real_images(Experiment(dataset="digits"), "train[300:700]").drawn(2)
    images, labels = real.generate(1000), real.labels(1000)
    np.testing.assert_array_equal(real.labels(50), labels[:50])
    known = data.load(request("digits", split="train[300:700]"))
    of = {image.tobytes(): label for image, label in zip(known.images, known.labels, strict=True)}
    assert [of[image.tobytes()] for image in images] == labels.tolist()
    assert (labels != known.labels).any()
    Path("bare").mkdir()
    for index in range(3):
        Image.fromarray(np.full(SHAPE[:2], index, np.uint8)).save(f"bare/{index}.png")
    assert candidates.of_real_images(Experiment(dataset="folder", data_dir="bare"), "train").drawn(0).labels is None


def test_the_error_of_a_run(labelled, capsys):
    """An image of one level is nearest to the level that is its own mean."""
    evaluate.run(["--run_dir=runs/tiny", f"--metrics={METRIC}", "--test_split=train[1500:1700]"])
    results = read_records()[METRIC]["results"]
    real = data.load(request("digits", split="train[1500:1700]", image_size=8))
    guessed = np.rint(real.images.mean(axis=(1, 2, 3)) / 25).astype(int)
    assert results["error"] == pytest.approx((guessed != real.labels).mean(), abs=1e-6)
    assert (results["samples"], results["train_images"], results["test_images"]) == (600, 600, 200)
    assert results["real_error"] < 0.1 < results["error"]
    name = results["nearest_neighbour_confusion"]  # of this call: another has another picture
    assert re.fullmatch("metrics_nearest_neighbour_confusion_[0-9a-f]{6}.png", name)
    with Image.open(labelled / name) as picture:
        assert picture.width > 500
    assert "  real_error " in capsys.readouterr().out


def test_real_images_that_are_those_trained_on_have_the_same_error(capsys):
    evaluate.run(["--dataset=digits", "--real=train[:500]", "--test_split=train[1500:]", f"--metrics={METRIC}"])
    shown = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line.startswith("  "))
    assert shown["error"] == shown["real_error"]
    assert float(shown["error"].split()[0]) > 0
    assert "of 600 images asked for there are 500" in shown["warning"]


def test_a_run_that_takes_no_labels():
    with pytest.raises(UserError, match=r"nearest_neighbour: this export takes no labels; .* --conditional"):
        evaluate.run(["--run_dir=runs/tiny", f"--metrics={METRIC}"])


def test_folders_of_other_classes_are_no_classes_of_these_data(capsys):
    """Though they have numbers, too."""
    for name in ("cat", "dog"):
        Path("animals", name).mkdir(parents=True)
        for index in range(3):
            Image.fromarray(np.full(SHAPE[:2], 9 * index, np.uint8)).save(f"animals/{name}/{index}.png")
    with pytest.raises(UserError, match="the classes of the generated images are not those of the test images"):
        evaluate.run(["--generated=animals", "--dataset=digits", "--image_size=8", "--channels=1",
                      "--metrics=nearest_neighbour"])
