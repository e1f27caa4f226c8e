"""Every mistake in a measurement is one line, and leaves the results as they were."""

import json
import os
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from gan_zoo.commands import evaluate
from gan_zoo.errors import UserError
from gan_zoo.export import METADATA
from tests.evaluation.tiny import SHAPE, evaluate_tiny, export_tiny, write_flags


@pytest.mark.parametrize(("argv", "message"), [
    ([], r"name a run, as in --run_dir=runs/NAME"),
    (["--dataset=digits"], r"name a run, .* or real images"),
    (["--run_dir=runs/tiny", "--real=train"], r"--run_dir excludes --real"),
    (["--run_dir=runs/tiny", "--saved_model=runs/tiny/export"], r"--run_dir excludes --saved_model"),
    (["--saved_model=runs/tiny/exprt"], r"--saved_model=.*: there is no such folder; .*did you mean 'export'"),
    (["--generated=runs", "--dataset=digits"], r"--generated=runs holds no pictures"),
    (["--generated=runs"], r"name a run, .* a folder of images with --generated and --dataset"),
    (["--run_dir=runs/tiny", "--checkpoint=step_7"], r"--checkpoint=step_7: there is no checkpoint 'step_7' in"),
    (["--generated=runs", "--checkpoint=7"], r"name a run"),
    (["--run_dir=runs/tiny", "--seeds=0"], r"--seeds"),
    (["--run_dir=runs/tiny", "--dataset=mixture_1d"], r"generates images, but --dataset=mixture_1d has points"),
    (["--run_dir=runs/tny"], r"--run_dir=runs/tny: there is no such folder; .*did you mean 'tiny'"),
    (["--run_dir=runs"], r"--run_dir=runs holds no run.json"),
    (["--run_dir=runs/tiny", "--metrics="], r"--metrics is empty"),
    (["--run_dir=runs/tiny", "--metrics=parzn"], r"--metrics: unknown metric 'parzn': did you mean 'parzen'"),
    (["--run_dir=runs/tiny", "--metrics=parzen(1"], r"--metrics: 'parzen\(1' is not of the form"),
    (["--run_dir=runs/tiny", "--metrics=kde(sigma=1)"], r"--metrics: kde has no argument 'sigma'"),
    (["--run_dir=runs/tiny", "--metrics=parzen(samples=2)"], r"--metrics: parzen: samples must be .* at least 3"),
    (["--run_dir=runs/tiny", "--test_split=tets"], r"--test_split='tets': unknown split 'tets': .*choices: train"),
    (["--run_dir=runs/tiny", "--validation_split=train[:2000]"], r"--validation_split=.* out of range"),
    (["--dataset=digits", "--real=tran"], r"--real='tran': unknown split"),
    (["--dataset=digits", "--real=train[:2]", "--metrics=parzen"], r"needs at least 3 samples, here are 2"),
    (["--run_dir=runs/tiny", "--seed=x"], r"--seed=x: not a whole number"),
    (["--run_dri=runs/tiny"], r"unknown flag --run_dri: did you mean 'run_dir'"),
    (["runs/tiny"], r"'runs/tiny' is not a flag"),
])
def test_mistakes(argv, message):
    with pytest.raises(UserError, match=message):
        evaluate.run(argv)
    assert not Path("runs/tiny/metrics.json").exists()


def _picture(path: str, side: int) -> None:
    Path(path).parent.mkdir(exist_ok=True)
    Image.fromarray(np.zeros([side, side], np.uint8)).save(path)


@pytest.mark.parametrize(("argv", "message"), [
    ([], r"--generated=mine holds images of 16x16x1, but those of --dataset=digits are 28x28x1: give both one "
         r"size, with --image_size and --channels"),
    (["--image_size=16", "--metrics=frechet('pca(components=5)')"],
     r"frechet needs at least 2 images on either side, here are 1: take more samples, or more data"),
    (["--image_size=16", "--metrics=mixture"], r"mixture: the modes of digits are not known: leave it out"),
    (["--image_size=16", "--metrics=codes"], r"codes: this export has none"),
    (["--image_size=16", "--metrics=triples"], r"triples: it takes stacked digits, .* which digits has not: leave it"),
    (["--image_size=16", "--metrics=nearest_neighbour"], r"nearest_neighbour: this export takes no labels"),
    (["--dataset=folder", "--data_dir=mine", "--metrics=classes"],
     r"classes: it sorts images by their classes, but .* has none to learn: leave it out, or take labelled data"),
    (["--dataset=folder", "--data_dir=mine", "--metrics=kid('classifier')"],
     r"classifier: the images of .* have no labels: take features='pca'"),
    (["--image_size=16", "--metrics=frechet('inceptoin')"], r"--metrics: .*did you mean 'inception'")])
def test_what_data_or_images_can_not_serve(argv, message):
    _picture("mine/1.png", 16)
    with pytest.raises(UserError, match=message) as caught:
        evaluate.run(["--generated=mine", "--dataset=digits", *argv])
    assert "\n" not in str(caught.value)


def _no_export():
    shutil.rmtree("runs/tiny/export")


def _no_record():
    os.remove("runs/tiny/run.json")


def _list_for_record():
    Path("runs/tiny/run.json").write_text('{"flags": 3}')


def _foreign():
    os.remove(Path("runs/tiny/export", METADATA))


def _other_shape():
    write_flags(image_size=16)


def _oblong():
    shutil.rmtree("runs/tiny/export")
    export_tiny("runs/tiny/export", (3, 5, 3))


def _points():
    path = Path("runs/tiny/export", METADATA)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"value_range": None}))


def _not_finite():
    shutil.rmtree("runs/tiny/export")
    generator = keras.Sequential([keras.Input([6]), keras.layers.Dense(64), keras.layers.Reshape(SHAPE)])
    generator.variables[1].assign([np.nan, *[0.0] * 63])
    export_tiny("runs/tiny/export", generator=generator)


@pytest.mark.parametrize(("damage", "message"), [
    (_no_export, r"--run_dir=runs/tiny has neither a checkpoint nor an export yet: .* --flagfile=runs/tiny/run.flags"),
    (_no_record, r"--run_dir=runs/tiny holds no run.json"), (_list_for_record, r"holds no run.json with flags"),
    (_foreign, r"--run_dir: runs/tiny/export is not an export of gan_zoo"),
    (_other_shape, r"runs/tiny.* images are 8x8x1, those of --validation_split=train are 16x16x1"),
    (_oblong, r"runs/tiny.* images are 3x5x3, those of --validation_split=train are 8x8x1"),
    (_points, r"runs/tiny at step 1,234 generates points, but --dataset=digits has images"),
    (_not_finite, r"--run_dir=runs/tiny: .*not finite"),
    (lambda: write_flags(batch_size=0), r"runs/tiny/run.json is damaged: --batch_size must be"),
    (lambda: write_flags(dataset="folder", data_dir="none"), r"--data_dir=none does not exist"),
])
def test_damaged_runs(damage, message):
    damage()
    with pytest.raises(UserError, match=message):
        evaluate_tiny()
    assert not Path("runs/tiny/metrics.json").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", "\udcff"])
def test_results_that_cannot_be_read_are_left_alone(text):
    path = Path("runs/tiny/metrics.json")
    path.write_text(text, errors="surrogateescape")
    with pytest.raises(UserError, match=r"runs/tiny/metrics.json .*: move it away"):
        evaluate_tiny()
    assert path.read_text(errors="surrogateescape") == text


def test_a_full_disk_leaves_the_old_results(monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    Path("runs/tiny/metrics.json").write_text("{}")
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(UserError, match=r"runs/tiny/metrics.json can't be written: No space left"):
        evaluate_tiny()
    assert Path("runs/tiny/metrics.json").read_text() == "{}"
    assert sorted(os.listdir("runs/tiny")) == ["export", "metrics.json", "run.json"]
