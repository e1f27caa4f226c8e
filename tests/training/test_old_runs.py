"""Runs of the time before run.json had a format: their checkpoints are refused, their exports are read."""

import json

import numpy as np
import pytest

import gan_zoo
from gan_zoo import export, latents, objectives
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.export.saved_model import METADATA
from gan_zoo.latents import Classes, label_of
from gan_zoo.training.run_directory import RunDirectory
from gan_zoo.training.sameness import changed
from tests import helpers

EXPERIMENT = Experiment(model="mlp(generator=[None, 8, None], discriminator=[None, 8, 1])", dataset="digits",
                        image_size=8, latent="normal(4)", steps=2)
# What the flags of such a run have not, or as a number.
LATER = ("instance_noise", "augment", "packing", "spectral_norm")


def _old_run(folder, checkpoints: bool = True) -> RunDirectory:
    """As it lay there: the record without a format, flags without the later ones, a checkpoint."""
    flags = {name: value for name, value in EXPERIMENT.values().items() if name not in LATER}
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps({
        "flags": flags | {"generator_average": 0.0}, "git_revision": "0123abc", "status": "complete", "step": 2,
        "data_fingerprint": "abc"}))
    if checkpoints:
        (folder / "checkpoints" / "step_00000002").mkdir(parents=True)
    return RunDirectory(str(folder))


def _old_export(folder, label: bool) -> None:
    """An export of the run, described as the first format did, which knew no packing."""
    gan = helpers.networks(EXPERIMENT.model, (8, 8, 1), 4, num_classes=3 if label else 0)
    export.export(gan, latents.build("normal(4)"), objectives.build("minimax"), str(folder),
                  label=label_of(Classes((0, 2)), 3) if label else None, metadata={"flags": {}, "step": 2})
    about = json.loads((folder / METADATA).read_text()) | {"format": 1}
    del about["packing"]
    (folder / METADATA).write_text(json.dumps(about))


def test_its_checkpoints_are_refused_in_one_line_that_says_why(tmp_path):
    run = _old_run(tmp_path / "run")
    before = sorted(path.name for path in run.path.rglob("*"))
    with pytest.raises(UserError) as error:
        run.check(EXPERIMENT, "abc")
    text = str(error.value)
    assert text.startswith(f"--run_dir={run.path} was trained by another version of gan_zoo (0123abc), whose ")
    assert "checkpoints this one can't read: name another --run_dir" in text
    assert "\n" not in text
    assert sorted(path.name for path in run.path.rglob("*")) == before


def test_without_checkpoints_it_begins_anew(tmp_path):
    """Its flags are compared all the same: those it did not know had their default, and 0.0 is the same as 0."""
    run = _old_run(tmp_path / "run", checkpoints=False)
    assert run.check(EXPERIMENT, "abc") is None
    with pytest.raises(UserError, match="was trained with --packing=1, not --packing=2"):
        run.check(Experiment(**EXPERIMENT.values() | {"packing": 2}), "abc")


def test_its_export_samples(tmp_path):
    run = _old_run(tmp_path / "run")
    _old_export(run.export, label=False)
    found = gan_zoo.load(run.path)
    assert (found.step, changed(EXPERIMENT.values(), found.experiment)) == (2, [])
    images = found.sample(5, seed=3)
    assert (images.shape, images.dtype) == ((5, 8, 8, 1), np.uint8)
    np.testing.assert_array_equal(images, found.model._loaded.generate(num_images=5, seed=3)["images"])
    with pytest.raises(UserError, match=r"was loaded at its export, no Keras model"):
        _ = found.generator


def test_an_export_with_the_class_in_its_noise_is_refused_in_one_line(tmp_path):
    run = _old_run(tmp_path / "run")
    _old_export(run.export, label=True)
    with pytest.raises(UserError) as error:
        gan_zoo.load(run.path)
    assert str(error.value).startswith(f"run_dir={run.export} was exported by an older version of gan_zoo, which had "
                                       "the class in the noise: call tf.saved_model.load")
    assert "\n" not in str(error.value)
