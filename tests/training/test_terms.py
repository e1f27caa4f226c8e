"""Terms in training: lazily, in half precision, across a checkpoint; and what the user is told of them."""

import io

import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.training import loop, machine, one_run
from gan_zoo.training.enough import Enough
from gan_zoo.training.plan import draft
from gan_zoo.training.progress import Progress
from tests import helpers

SMALL = {"model": "mlp(generator=[None, 8, None], discriminator=[None, 8, 1])", "dataset": "digits", "image_size": 8,
         "latent": "normal(4)", "batch_size": 16, "steps": 4}
TERMS = ("relativistic + r1(linear(1, 0.1), every=3) + r2(approximate=0.5) + gradient_penalty(every=2) + "
         "gradient_penalty(kind='dragan') + consistency + feature_matching")


def _experiment(**settings) -> Experiment:
    return Experiment(**SMALL | settings)


def _weights(trainer) -> list[np.ndarray]:
    return [v.numpy() for network in (trainer.gan.generator, *trainer.gan.judges) for v in network.variables]


def test_a_resumed_run_goes_on_to_the_same_bits_in_half_precision(tmp_path):
    """Rounds 0 and 3 have R1; the checkpoint is between, and has what is shown of it."""
    machine.set_precision("mixed_bfloat16")
    try:
        first, second = (helpers.trainer(_experiment(objective=TERMS, precision="mixed_bfloat16")) for _ in range(2))
        begun = first.play(0, 2).metrics
        second.checkpoint.read(first.checkpoint.write(str(tmp_path / "state"))).assert_consumed()
        played, later = first.play(2, 2).metrics, second.play(2, 2).metrics
    finally:
        machine.set_precision("float32")
    assert all(np.isfinite(values).all() for values in (*begun.values(), *played.values()))
    for one, other in zip(_weights(first), _weights(second), strict=True):
        np.testing.assert_array_equal(one, other)
    assert all(np.array_equal(values, later[name]) for name, values in played.items())
    shown = [*begun["objective/r1_gradient_norm"], *later["objective/r1_gradient_norm"]]
    assert shown[0] == shown[1] == shown[2] != shown[3]


@pytest.mark.parametrize(("settings", "told"), [
    ({"objective": "wasserstein"}, True), ({"objective": "wasserstein", "discriminator_clip_value": 1}, True),
    ({"objective": "wasserstein + gradient_penalty"}, False), ({"objective": "hinge"}, False),
    ({"objective": "wasserstein", "spectral_norm": True}, False),
    ({"objective": "wasserstein", "discriminator_weight_clip": 0.01}, False)], ids=str)
def test_a_critic_without_a_bound_is_told_of(settings, told):
    assert helpers.planned(_experiment(**settings)).notices == [
        "note: nothing bounds the critic of --objective=wasserstein, whose loss falls for ever: write "
        "--objective='wasserstein + gradient_penalty', or add --spectral_norm"] * told


def test_it_is_told_as_the_run_begins(monkeypatch, tmp_path):
    stream = io.StringIO()
    monkeypatch.setattr(one_run.OneRun, "_enough", lambda self: Enough("tried", ""))
    monkeypatch.setattr(one_run.OneRun, "_finish", lambda self, enough: 0)
    loop.train(_experiment(run_dir=str(tmp_path / "run"), objective="wasserstein"), tf.distribute.get_strategy(),
               progress=Progress(stream))
    assert "note: nothing bounds the critic" in stream.getvalue()


def test_a_slope_under_batch_norm_is_refused_before_anything_is_written(tmp_path):
    path = tmp_path / "run"
    with pytest.raises(UserError, match=r"--objective=hinge \+ r1: a penalty on the slope at single images needs a "
                                        "discriminator without batch norm"):
        loop.train(Experiment(model="infogan(width=0.05)", dataset="digits", objective="hinge + r1", steps=1,
                              latent="normal(4)", run_dir=str(path)), tf.distribute.get_strategy())
    assert not path.exists()


def test_pairs_need_as_many_generated_images():
    for objective in ("relativistic('average')", "hinge"):
        assert draft(_experiment(objective=objective, update="alternating", generator_batch_size=8))
    with pytest.raises(UserError, match="--generator_batch_size=8 leaves some images of --batch_size=16 without a "
                                        "partner"):
        draft(_experiment(objective="hinge + relativistic", update="alternating", generator_batch_size=8))
