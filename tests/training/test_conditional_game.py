"""Conditional games: which labels every move gets, who owns what, what a checkpoint holds, and that classes are
learned."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from scipy import stats

from gan_zoo.data import ImageDataset
from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.game import LatentSample
from gan_zoo.training.plan import Plan, draft, fingerprint, plan
from gan_zoo.training.trainer import Trainer

QUICK = {"model": "mlp(generator=[None, 16, None], discriminator=[None, 16, 1])", "dataset": "digits", "image_size": 8,
         "latent": "normal(4)", "conditional": True, "batch_size": 16, "steps": 4, "epochs": None}
ACGAN = "non_saturating + auxiliary_classifier"


def _trainer(data=None, **settings) -> Trainer:
    return Trainer(_planned(data, **settings), tf.distribute.get_strategy())


def _planned(data=None, **settings) -> Plan:
    return plan(draft(Experiment(**(QUICK | settings))), data)


def _shades(dark: int, bright: int) -> ImageDataset:
    """So many evenly grey images of level 40 … 80, class 0, and of 180 … 220, class 1."""
    labels = np.repeat([0, 1], [dark, bright]).astype(np.int32)
    levels = 60 + 140 * labels + np.random.default_rng(0).integers(-20, 21, len(labels))
    images = np.broadcast_to(levels.astype(np.uint8).reshape(-1, 1, 1, 1), [len(labels), 8, 8, 1]).copy()
    return ImageDataset("shades", images, labels, ("dark", "bright"))


def _inputs(trainer, steps):
    """The inputs of some rounds, played in turn."""
    fetch = trainer._fetcher(0)
    return [trainer._inputs(fetch, tf.constant(step, tf.int64)) for step in range(steps)]


def _weights(trainer: Trainer) -> list[np.ndarray]:
    networks = (trainer.gan.generator, *trainer.gan.judges, trainer.sampler)
    return [value for network in networks for value in network.get_weights()]


@pytest.mark.parametrize("update", ["simultaneous", "alternating"])
def test_in_the_discriminators_moves_generated_images_have_the_labels_of_real_ones(update):
    moves = 1 if update == "simultaneous" else 2
    trainer = _trainer(_shades(40, 20), update=update, discriminator_updates=moves)
    for inputs in _inputs(trainer, 5):
        assert len(inputs.real) == len(inputs.discriminator_latents) == moves
        for real, latent in zip(inputs.real, inputs.discriminator_latents, strict=True):
            np.testing.assert_array_equal(real.labels, real.images[:, 0, 0, 0].numpy() > 130)
            np.testing.assert_array_equal(latent.labels, real.labels)
            assert latent.noise.shape == (16, 4)


def test_the_generators_own_moves_get_classes_as_often_as_the_data_have_them():
    trainer = _trainer(_shades(40, 20), update="alternating", generator_updates=2, generator_batch_size=20)
    drawn = []
    for inputs in _inputs(trainer, 30):
        for latent in inputs.generator_latents:
            assert latent.labels.shape == (20,)
            assert latent.noise.shape == (20, 4)
        drawn.append([latent.labels.numpy() for latent in inputs.generator_latents])
    drawn = np.array(drawn)
    for move in (0, 1):
        assert stats.binomtest(int(drawn[:, move].sum()), 600, 1 / 3).pvalue > 1e-2
    assert len({tuple(labels) for labels in drawn.reshape(60, 20)}) > 50


def test_the_prior_is_what_the_data_have():
    label = _planned(_shades(45, 15)).label
    np.testing.assert_allclose(label.prior.probs_parameter(), [0.75, 0.25], rtol=1e-6)
    assert label.names == ("dark", "bright")


def test_the_same_noise_has_the_same_labels():
    trainer = _trainer(update="alternating", same_noise=True)
    (inputs,) = _inputs(trainer, 1)
    np.testing.assert_array_equal(inputs.generator_latents[0].noise, inputs.discriminator_latents[-1].noise)
    np.testing.assert_array_equal(inputs.generator_latents[0].labels, inputs.real[-1].labels)


@pytest.mark.parametrize(("settings", "told", "own"), [
    ({}, 10, set()), ({"model": "infogan(width=0.1)"}, 10, set()),
    ({"objective": "wasserstein + auxiliary_classifier", "update": "alternating", "discriminator_weight_clip": 0.01}, 0,
     {"classifier/kernel", "classifier/bias"}),
    ({"model": "dcgan(width=2, base_channels=3, conditional_norm=True)", "latent": "noise(4) + categorical(3)",
      "objective": "non_saturating + mutual_information", "generator_average": 0.9}, 10,
     {"recognizer_dense/kernel", "recognizer_norm/gamma", "recognizer_norm/beta", "recognizer_out/kernel",
      "recognizer_out/bias"})], ids=["told", "told by the zoo", "named, clipped", "told, and codes"])
def test_a_game_is_played_and_every_variable_has_one_owner(settings, told, own):
    trainer = _trainer(**settings)
    discriminator, generator = trainer.players
    owned = [*discriminator.variables, *generator.variables]
    networks = (trainer.gan.generator, *trainer.gan.judges)
    assert len(owned) == len({id(v) for v in owned})
    assert {id(v) for v in owned} == {id(v) for network in networks for v in network.trainable_variables}
    assert {v.path for v in discriminator.unbounded} == own
    assert trainer.plan.shape.told == told
    assert (trainer.gan.conditional, trainer.gan.told) == (True, told > 0)
    before = [v.numpy() for v in owned]
    played = trainer.play(0, 2)
    assert all(np.isfinite(values).all() for values in played.metrics.values())
    still = {v.path for v, old in zip(owned, before, strict=True) if (v.numpy() == old).all()}
    assert all(path.endswith("bias") for path in still)  # a critic's last one has no gradient
    if trainer.plan.experiment.discriminator_weight_clip:
        assert max(np.abs(v.numpy()).max() for v in trainer.gan.discriminator.trainable_variables) <= 0.01 + 1e-8
        assert np.abs(trainer.gan.heads["logits"].get_layer("classifier").kernel.numpy()).max() > 0.1
        assert {"objective/class_accuracy_real", "objective/class_accuracy_generated"} <= set(played.metrics)


def test_a_resumed_game_has_the_same_bits(tmp_path):
    settings = {"generator_average": 0.9, "objective": ACGAN, "update": "alternating", "generator_batch_size": 8}
    first, second = (_trainer(**settings) for _ in range(2))
    first.play(0, 2)
    path = first.checkpoint.write(str(tmp_path / "state"))
    first.play(2, 2)
    second.checkpoint.read(path).assert_existing_objects_matched().assert_consumed()
    second.play(2, 2)
    for one, other in zip(_weights(first), _weights(second), strict=True):
        np.testing.assert_array_equal(one, other)


def test_other_labels_are_other_data_where_labels_are_used():
    data, relabelled = _shades(5, 5), _shades(5, 5)
    relabelled.labels[0] = 1
    settings = {"batch_size": 2}
    told = [fingerprint(_planned(each, **settings)) for each in (data, _shades(5, 5), relabelled)]
    assert told[0] == told[1] != told[2]
    untold = [fingerprint(_planned(each, conditional=False, **settings)) for each in (data, relabelled)]
    assert untold == [data.fingerprint] * 2


def test_chosen_classes_only():
    """Their numbers stay; the discriminator could be told of all ten."""
    trainer = _trainer(classes="3,5", update="alternating")
    assert trainer.plan.label.classes == (3, 5)
    assert trainer.plan.shape.told == 10
    (inputs,) = _inputs(trainer, 1)
    for labels in (inputs.real[0].labels, inputs.discriminator_latents[0].labels, inputs.generator_latents[0].labels,
                   trainer.plan.label.sample(40, tf.constant([1, 2]))):
        assert set(labels.numpy()) == {3, 5}


def test_a_written_label_is_the_same_game_as_the_flag():
    """The same weights to begin with, and the same inputs."""
    flag, written = _trainer(), _trainer(conditional=False, latent="label(10) + normal(4)")
    for one, other in zip(_weights(flag), _weights(written), strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(tf.nest.flatten(_inputs(flag, 1)), tf.nest.flatten(_inputs(written, 1)), strict=True):
        np.testing.assert_array_equal(one, other)


def _shades_by_class(trainer) -> np.ndarray:
    """The mean pixels of generated images in [0, 1]: [classes, 100]."""
    noise = trainer.plan.latent.sample(100, tf.constant([8, 9])).noise
    images = trainer.sample(LatentSample(tf.tile(noise, [2, 1]), tf.repeat([0, 1], 100)))
    return images.mean(axis=(1, 2, 3)).reshape(-1, 100)


@pytest.mark.parametrize(("objective", "rounds"), [
    ("hinge", 50), ("hinge + auxiliary_classifier(generated=False)", 250)])
def test_images_come_to_be_of_their_class(objective, rounds):
    """Of either class each of 100 images is on its own side of the middle; at first all are alike."""
    optimizer = "adam(learning_rate=1e-2, beta_1=0.0)"
    trainer = _trainer(_shades(100, 100), objective=objective, update="alternating", generator_average=0.95,
                       model="fgan(generator_widths=[16], discriminator_widths=[16], init=0.2)", batch_size=32,
                       discriminator_optimizer=optimizer, generator_optimizer=optimizer)
    dark, bright = _shades_by_class(trainer)
    assert abs(bright.mean() - dark.mean()) < 0.01
    trainer.play(0, rounds)
    dark, bright = _shades_by_class(trainer)
    assert dark.max() < 0.5 < bright.min()


def _picture(path) -> None:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(np.zeros([8, 8], np.uint8)).save(path)


def test_data_without_classes(tmp_path):
    """Also a folder with as many pictures outside of its class folders as in them, and one with a single class."""
    message = "^--conditional needs the classes of the images, but {} has {}: leave it out, or take other data with .*$"
    points = QUICK | {"dataset": "mixture_1d", "image_size": None}
    with pytest.raises(UserError, match=message.format("mixture_1d", "no labels")):
        plan(draft(Experiment(**points)))
    with pytest.raises(UserError, match=r"^--latent=normal\(2\) \+ label\(2\) needs the classes of the images, but "):
        plan(draft(Experiment(**points | {"conditional": False, "latent": "normal(2) + label(2)"})))
    folder = QUICK | {"dataset": "folder", "data_dir": str(tmp_path), "batch_size": 1}
    _picture(tmp_path / "one" / "a.png")
    with pytest.raises(UserError, match=message.format(f"folder/{tmp_path.name}", "one class only, one")):
        plan(draft(Experiment(**folder)))
    _picture(tmp_path / "two" / "b.png")
    assert plan(draft(Experiment(**folder))).data.class_names == ("one", "two")
    for name in "cd":
        _picture(tmp_path / f"{name}.png")
    lacks = r"no labels \(c.png and 1 more lie beside the folders one, two, which are no classes .*\)"
    with pytest.raises(UserError, match=message.format(f"folder/{tmp_path.name}", lacks)):
        plan(draft(Experiment(**folder)))


def test_images_that_nobody_has_labelled():
    """TensorFlow Datasets give −1, as in the unlabelled split of stl10."""
    data = _shades(20, 20)
    data.labels = np.where(data.labels == 1, -1, 0).astype(np.int32)
    with pytest.raises(UserError, match=r"^--split=train of shades has images without a class \(label -1\)"):
        _trainer(data)


def test_codes_beside_a_label_in_the_features():
    with pytest.raises(UserError, match=r"^--model=mlp.*: mlp sees the label beside the pixels"):
        _trainer(latent="noise(4) + categorical(3)", objective="non_saturating + mutual_information")
