"""Points in place of images: what is measured of them, and what can't be."""

import numpy as np
import pytest

from gan_zoo.commands import evaluate
from gan_zoo.errors import UserError
from gan_zoo.evaluation import candidates
from gan_zoo.evaluation.measuring import Measurement
from gan_zoo.experiment import Experiment
from tests.evaluation.tiny import read_records

RING = ["--dataset=ring", "--real=train"]


def test_real_points_are_drawn_anew(tmp_path, capsys):
    """Those of the reference would be copies, nearer to it than real ones are."""
    evaluate.run([*RING, "--metrics=mixture + two_sample(samples=400)", f"--out={tmp_path}/runs/tiny"])
    assert "real points, ring, seed 0\n  scored: ring train" in capsys.readouterr().out
    found = {call: record["results"] for call, record in read_records().items()}
    assert found["mixture"]["modes_captured"] == 8
    assert found["mixture"]["high_quality"] == pytest.approx(0.989, abs=0.01)
    assert found["two_sample(samples=400)"]["two_sample_accuracy"] == pytest.approx(0.5, abs=0.09)
    about = read_records()["mixture"]["provenance"]
    assert (about["generator"], about["pixel_range"], about["remark"]) == ("real points, ring", None, None)


def test_points_of_a_seed():
    real = candidates.of_real_images(Experiment(dataset="ring"), "train")
    points, others = (real.drawn(seed).generate for seed in (0, 1))
    np.testing.assert_array_equal(points(1000)[:7], points(7))
    assert points(7).shape == (7, 1, 1, 2)
    assert (points(7) != others(7)).any()
    known = set(map(tuple, real.real().load("test").images.reshape(-1, 2).tolist()))
    assert len(known) > 9000
    assert not known & set(map(tuple, points(1000).reshape(-1, 2).tolist()))


def test_what_fits_points_is_measured_by_default():
    real = candidates.of_real_images(Experiment(dataset="ring"), "train")
    assert set(Measurement(real, real.real()).fitting()) == {
        "frechet", "mixture", "mmd", "sliced_wasserstein", "two_sample"}


@pytest.mark.parametrize(("argv", "message"), [
    (["--metrics=parzen"], "--metrics=parzen is of images, but the data are points: leave --metrics out for all"),
    (["--metrics=classes"], "--metrics=classes is of images, but"),
    (["--metrics=frechet('classifier')"], "classifier: ring has points, not images: take features='raw'"),
    (["--metrics=codes"], "--metrics=codes is of images, but"),
    (["--real=test"], "--real=test says nothing about --dataset=ring, which draws points: write --real=train"),
    (["--test_split=test"], "--test_split=test says nothing about --dataset=ring")])
def test_mistakes(argv, message):
    with pytest.raises(UserError) as caught:
        evaluate.run([*RING, *argv])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
