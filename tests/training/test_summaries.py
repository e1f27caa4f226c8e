"""What TensorBoard is told of a run: by which name, and its pictures."""

import io

import numpy as np
import tensorflow as tf
from PIL import Image
from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from gan_zoo.drawing.lettering import titled
from gan_zoo.experiment import Experiment
from gan_zoo.training.summaries import Summaries


def test_pictures_and_hyperparameters_have_the_name_of_the_run(tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, [40, 300, 3], np.uint8)
    summaries = Summaries(tmp_path, 1, name="mine/seed_3")
    summaries.describe(Experiment(run_dir=str(tmp_path)), 0)
    summaries.grid("samples", 1200, picture)
    summaries.close()
    (path,) = tmp_path.glob("events*")
    values = {value.tag: (event.step, value) for event in LegacyEventFileLoader(str(path)).Load()
              for value in event.summary.value}
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
