"""What TensorBoard is told of a run: by which name, and its pictures."""

import io

import keras
import numpy as np
import tensorflow as tf
from PIL import Image
from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from gan_zoo.drawing.lettering import titled
from gan_zoo.experiment import Experiment
from gan_zoo.training.summaries import Summaries


def _written(folder) -> dict:
    """(step, value) of every tag in the only file of events."""
    (path,) = folder.glob("events*")
    return {value.tag: (event.step, value) for event in LegacyEventFileLoader(str(path)).Load()
            for value in event.summary.value}


def test_scalars_and_histograms_are_those_of_tensorflow(tmp_path):
    dense = keras.layers.Dense(300)
    shared = keras.Sequential([keras.layers.Input([200]), dense], name="shared")
    twice = keras.Sequential([keras.layers.Input([200]), dense, keras.layers.Dense(1)], name="twice")
    kernel = np.random.default_rng(0).normal(size=[200, 300]).astype(np.float32)
    dense.kernel.assign(kernel)
    scores = np.array([1.5, np.nan, -3, np.inf, 2], np.float32)
    summaries = Summaries(tmp_path / "ours", 1)
    summaries.weights(7, [shared, twice])
    summaries.scores(7, scores, np.full(9, 0.25, np.float32))
    summaries.check(7, {"frechet": 1.25, "unknown": np.nan})
    summaries.close()
    with tf.summary.create_file_writer(str(tmp_path / "theirs")).as_default(7):
        tf.summary.histogram(f"weights/shared/{dense.kernel.path}", kernel.ravel()[::3])
        tf.summary.histogram(f"weights/shared/{dense.bias.path}", np.zeros(300, np.float32))
        tf.summary.histogram(f"weights/twice/{twice.layers[1].kernel.path}", twice.layers[1].kernel.numpy().ravel())
        tf.summary.histogram(f"weights/twice/{twice.layers[1].bias.path}", np.zeros(1, np.float32))
        tf.summary.histogram("scores/real", np.array([1.5, -3, 2], np.float32))
        tf.summary.histogram("scores/generated", np.full(9, 0.25, np.float32))
        tf.summary.scalar("check/frechet", 1.25)
    ours, theirs = _written(tmp_path / "ours"), _written(tmp_path / "theirs")
    assert ours.keys() == theirs.keys()
    for tag, (step, value) in ours.items():
        assert (step, value.metadata) == (theirs[tag][0], theirs[tag][1].metadata)
        np.testing.assert_allclose(tf.make_ndarray(value.tensor), tf.make_ndarray(theirs[tag][1].tensor), rtol=1e-12,
                                   atol=1e-12, err_msg=tag)


def test_pictures_and_hyperparameters_have_the_name_of_the_run(tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, [40, 300, 3], np.uint8)
    summaries = Summaries(tmp_path, 1, name="mine/seed_3")
    summaries.describe(Experiment(run_dir=str(tmp_path)), 0)
    summaries.grid("samples", 1200, picture)
    summaries.close()
    values = _written(tmp_path)
    step, image = values["samples"]
    assert image.metadata.plugin_data.plugin_name == "images"
    width, height, png = tf.make_ndarray(image.tensor)
    with Image.open(io.BytesIO(png)) as read:
        np.testing.assert_array_equal(np.asarray(read), titled(picture, "mine/seed_3   samples, step 1,200"))
        assert (step, int(width), int(height)) == (1200, *read.size)
    told = HParamsPluginData.FromString(
        values["_hparams_/session_start_info"][1].metadata.plugin_data.content).session_start_info.hparams
    assert told["run"].string_value == "mine/seed_3"
    assert "run_dir" not in told
