"""What every registered model must hold."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import latents, models, objectives
from gan_zoo.export import export
from gan_zoo.game import Examples, Play
from gan_zoo.randomness import Key
from gan_zoo.training import gradients, machine
from gan_zoo.training.loop import load_data
from gan_zoo.training.trainer import Trainer
from tests.conformance import cases
from tests.objectives.test_oracles import ORACLES

BATCH = 6
OBJECTIVES = {spec.partition("(")[0]: spec for spec in reversed(ORACLES)}  # the first spec of every registered one


@pytest.fixture(scope="module", params=cases.NAMES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def gan(name):
    keras.utils.set_random_seed(3)
    return _build(name)


@pytest.fixture(scope="module")
def trainer(name):
    experiment = cases.experiment(name)
    return Trainer(experiment, load_data(experiment), tf.distribute.get_strategy())


def _build(name):
    case = cases.case(name)
    return models.build(cases.spec(name), case.image_shape, case.size, case.code_parameters, case.labels)


def _networks(gan):
    """All that are there."""
    return [gan.generator, *gan.heads.values()]


def _variables(*networks):
    """Their trainable variables, shared ones once."""
    return list({id(v): v for network in networks for v in network.trainable_variables}.values())


def _noise(gan, rows=BATCH):
    return tf.random.stateless_normal([rows, *gan.generator.input_shape[1:]], [1, 2])


def _images(gan, rows=BATCH):
    """In the value range; points, which have none, are about as large."""
    low, high = gan.value_range or (-1, 1)
    return low + (high - low) * tf.random.stateless_uniform([rows, *gan.discriminator.inputs[0].shape[1:]], [3, 4])


def _examples(gan) -> Examples:
    return Examples(_images(gan), tf.range(BATCH))


def _judged(gan, images):
    """What the discriminator takes."""
    return gan.judged(images, tf.range(BATCH))


def test_shapes_and_dtypes(gan, name):
    images = gan.generator(_noise(gan), training=False)
    scores = gan.discriminator(_judged(gan, images), training=False)
    assert images.shape == (BATCH, *cases.case(name).image_shape)
    assert scores.shape == (BATCH, 1)
    assert images.dtype == scores.dtype == tf.float32
    if gan.recognizer:
        assert gan.recognizer(images, training=False).shape == (BATCH, cases.case(name).code_parameters)
    if gan.classifier:
        assert gan.classifier(images, training=False).shape == (BATCH, cases.CLASSES)
    assert gan.generator.input_shape == (None, cases.case(name).size)
    assert bool(gan.num_classes or gan.classifier) == cases.case(name).conditional


def test_value_range(gan):
    if gan.value_range is None:
        assert gan.generator.output_shape[1:3] == (1, 1), "only points have no value range"
        return
    low, high = gan.value_range
    images = gan.generator(100 * _noise(gan), training=False)
    assert low < high
    assert tf.reduce_min(images) >= low
    assert tf.reduce_max(images) <= high


def test_other_image_shapes(name):
    for shape in cases.case(name).other_shapes:
        gan = models.build(cases.spec(name), shape, 5 + cases.CLASSES, labels=cases.case(name).labels)
        assert gan.generator.output_shape == (None, *shape)
        assert tuple(gan.discriminator.inputs[0].shape) == (None, *shape)


def test_config_round_trip(gan):
    taken = {"generator": _noise(gan), "discriminator": _judged(gan, _images(gan))}
    for network in _networks(gan):
        inputs = taken.get(network.name, _images(gan))
        twin = keras.Model.from_config(network.get_config())
        twin.set_weights(network.get_weights())
        np.testing.assert_array_equal(twin(inputs, training=False), network(inputs, training=False))


def test_every_variable_has_one_owner(trainer):
    owned = [id(variable) for player in trainer.players for variable in player.variables]
    assert len(owned) == len(set(owned))
    assert set(owned) == {id(variable) for variable in _variables(*_networks(trainer.gan))}


def test_a_move_changes_only_its_players_variables(trainer):
    judges = [network for network in _networks(trainer.gan) if network is not trainer.gan.generator]
    owned = {"discriminator": _variables(*judges), "generator": _variables(trainer.gan.generator)}
    losses = {"discriminator": trainer.objective.discriminator_loss, "generator": trainer.objective.generator_loss}
    for player in trainer.players:
        before = {name: [v.numpy() for v in variables] for name, variables in owned.items()}
        play = Play(trainer.gan, _examples(trainer.gan), trainer.latent.sample(BATCH, [5, 6]), Key(0))
        with tf.GradientTape() as tape:
            loss = losses[player.name](play)
        gradients.move(player, gradients.gradients(tape, loss, player))
        for name, variables in owned.items():
            changed = [not np.array_equal(old, v.numpy())
                       for old, v in zip(before[name], variables, strict=True)]
            assert any(changed) == (name == player.name), (player.name, name, changed)


@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES)
def test_gradients_are_finite_and_not_zero(gan, name, objective):
    latent = latents.build(cases.case(name).latent)
    game = objectives.build(cases.case(name).objective(objective), latent.codes, latent.label)
    play = Play(gan, _examples(gan), latent.sample(BATCH, [7, 8]), Key(0))
    generator, *judges = _networks(gan)
    with tf.GradientTape(persistent=True) as tape:
        losses = [(game.discriminator_loss(play), _variables(*judges)),
                  (game.generator_loss(play), _variables(generator))]
    for loss, variables in losses:
        found = tape.gradient(loss, [v.value for v in variables], unconnected_gradients="zero")
        assert all(np.isfinite(g).all() for g in found)
        assert all(np.abs(g).max() > 0 for v, g in zip(variables, found, strict=True) if v.path.endswith("kernel"))


def test_half_precision_keeps_images_and_scores_in_full(name):
    machine.set_precision("mixed_bfloat16")
    try:
        gan = _build(name)
    finally:
        machine.set_precision("float32")
    for network in (gan.generator, gan.discriminator):
        halved = any(layer.compute_dtype == "bfloat16" for layer in network.layers if layer.weights)
        assert halved == (network.name not in cases.case(name).exact), network.name
    images = gan.generator(_noise(gan), training=True)
    assert images.dtype == tf.float32
    assert gan.discriminator(_judged(gan, images), training=True).dtype == tf.float32


def test_two_rounds_compiled(name):
    experiment = cases.experiment(name, jit_compile=True)
    trainer = Trainer(experiment, load_data(experiment), tf.distribute.get_strategy())
    before = trainer.gan.generator.get_weights()
    played = trainer.play(0, 2)
    assert all(np.isfinite(values).all() for values in played.metrics.values())
    assert any(not np.array_equal(*pair) for pair in zip(before, trainer.gan.generator.get_weights(), strict=True))


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_rounds_in_half_precision(name, precision):
    machine.set_precision(precision)
    try:
        experiment = cases.experiment(name, precision=precision)
        trainer = Trainer(experiment, load_data(experiment), tf.distribute.get_strategy())
        played = trainer.play(0, 2)
    finally:
        machine.set_precision("float32")
    assert np.isfinite(played.metrics["discriminator_loss"]).all()


def test_rounds_per_call_change_nothing(name):
    results = []
    for calls in ([1, 1, 1, 1], [4], [3, 1]):
        experiment = cases.experiment(name, generator_average=0.9)
        trainer = Trainer(experiment, load_data(experiment), tf.distribute.get_strategy())
        step = 0
        for count in calls:
            trainer.play(step, count)
            step += count
        results.append(trainer.sampler.get_weights() + trainer.gan.discriminator.get_weights())
    for other in results[1:]:
        for one, two in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(one, two)


_OUT_OF_RANGE = """
assert model.generate(num_images=3, seed=0, label=9)["images"].shape == drawn.shape
try:
    model.generate(num_images=3, seed=0, label=10)
except tf.errors.InvalidArgumentError as error:
    print(error.message)
"""


def test_exported_model_runs_alone(gan, name, tmp_path, run_isolated):
    export(gan, latents.build(cases.case(name).latent), objectives.build("non_saturating"), tmp_path / "export")
    noise = np.asarray(_noise(gan))
    np.save(tmp_path / "noise.npy", noise)
    dtype = "float32" if gan.value_range is None else "uint8"
    label = "label=tf.constant([0, 9, 3])" if gan.num_classes else ""
    said = run_isolated(
        "import numpy as np, tensorflow as tf\n"
        f"model = tf.saved_model.load({str(tmp_path / 'export')!r})\n"
        f"noise = tf.constant(np.load({str(tmp_path / 'noise.npy')!r}))\n"
        "images = model.signatures['serving_default'](noise=noise)['images']\n"
        "drawn = model.signatures['generate'](num_images=tf.constant(3), seed=tf.constant(0))['images']\n"
        f"found = model.signatures['discriminate'](images=drawn, {label})\n"
        f"assert drawn.shape == {[3, *cases.case(name).image_shape]} and drawn.dtype == {dtype!r}\n"
        "assert found['score'].shape == found['probability'].shape == [3, 1]\n"
        f"np.save({str(tmp_path / 'images.npy')!r}, images.numpy())\n"
        + (_OUT_OF_RANGE if cases.case(name).conditional else ""))
    assert ("label must be 0 to 9, or -1 to be drawn, got] [10]" in said) == cases.case(name).conditional
    np.testing.assert_allclose(np.load(tmp_path / "images.npy"), gan.generator(noise, training=False), atol=1e-5)
