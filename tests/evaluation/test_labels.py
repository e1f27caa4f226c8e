"""The labels of what is measured: of an export that takes them, of one that doesn't, and of real images."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gan_zoo import data
from gan_zoo.commands import evaluate
from gan_zoo.errors import UserError
from gan_zoo.evaluation import subjects as candidates
from gan_zoo.export import METADATA
from tests.data_request import request
from tests.evaluation.conftest import SHAPE, read_records

CLASSES, OFFSET = 10, 2
METRIC = "nearest_neighbour(samples=600, test_images=200)"


class _Labelled(tf.Module):
    """Points of two reals, a one-hot label and a real; images as bright all over as 25 times the label."""

    @tf.function(input_signature=[tf.TensorSpec([], tf.int32), tf.TensorSpec([], tf.int32)])
    def noise(self, num_images, seed):
        reals = 5 + tf.random.stateless_uniform([num_images, OFFSET + 1], [seed, 0])
        labels = tf.random.stateless_uniform([num_images], [seed, 1], 0, CLASSES, tf.int32)
        return {"noise": tf.concat([reals[:, :OFFSET], tf.one_hot(labels, CLASSES), reals[:, OFFSET:]], axis=1)}

    @tf.function(input_signature=[tf.TensorSpec([None, OFFSET + CLASSES + 1], tf.float32)])
    def serving_default(self, noise):
        label = tf.argmax(noise[:, OFFSET:OFFSET + CLASSES], axis=1)
        level = tf.cast(25 * label, tf.float32) / 127.5 - 1
        return {"images": tf.ones([tf.shape(noise)[0], *SHAPE]) * level[:, None, None, None]}


@pytest.fixture(name="labelled")
def _labelled(run_dir) -> Path:
    """The run, its export replaced by one that takes labels."""
    export, module = run_dir / "export", _Labelled()
    about = json.loads((export / METADATA).read_text())
    about["latent"] = {"size": OFFSET + CLASSES + 1, "spherical": False, "label": {
        "name": "label", "values": CLASSES, "offset": OFFSET, "size": CLASSES, "classes": list(range(10)),
        "class_names": [*"0123456789"]}}
    shutil.rmtree(export)
    tf.saved_model.save(module, str(export), signatures={"noise": module.noise,
                                                         "serving_default": module.serving_default})
    (export / METADATA).parent.mkdir()
    (export / METADATA).write_text(json.dumps(about))
    return run_dir


def test_labels_are_those_of_the_images(labelled):
    candidate = candidates.of_run(str(labelled), 3, None)
    images, labels = candidate.generate(600), candidate.labels(600)
    assert (labels.shape, labels.dtype) == ((600,), np.int32)
    np.testing.assert_array_equal(images[:, 0, 0, 0], 25 * labels)
    assert len(np.unique(labels)) == CLASSES


def test_another_seed_has_other_labels(labelled):
    one, other = (candidates.of_run(str(labelled), seed, None).labels(50) for seed in (3, 4))
    assert (one != other).any()


def test_an_export_without_labels(run_dir):
    assert candidates.of_run(str(run_dir), 0, None).labels is None


def test_labels_of_real_images(tmp_path):
    candidate = candidates.of_real_images("digits", "train[300:700]", None)
    expected = data.load(request("digits", split="train[300:700]")).labels
    np.testing.assert_array_equal(candidate.labels(50), expected[:50])
    np.testing.assert_array_equal(candidate.labels(1000), expected)
    Path("bare").mkdir()
    for index in range(3):
        Image.fromarray(np.full(SHAPE[:2], index, np.uint8)).save(f"bare/{index}.png")
    assert candidates.of_real_images("folder", "train", "bare").labels is None


def test_the_error_of_a_run(labelled, capsys):
    """An image of one level is nearest to the level that is its own mean."""
    evaluate.run(["--run_dir=runs/tiny", f"--metrics={METRIC}", "--test_split=train[1500:]"])
    results = read_records()[METRIC]["results"]
    real = data.load(request("digits", split="train[1500:1700]", image_size=8))
    guessed = np.rint(real.images.mean(axis=(1, 2, 3)) / 25).astype(int)
    assert results["error"] == pytest.approx((guessed != real.labels).mean(), abs=1e-6)
    assert (results["samples"], results["train_images"], results["test_images"]) == (600, 600, 200)
    assert results["real_error"] < 0.1 < results["error"]
    assert results["nearest_neighbour_confusion"] == "metrics_nearest_neighbour_confusion.png"
    with Image.open(labelled / "metrics_nearest_neighbour_confusion.png") as picture:
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
