"""What every registered model must hold."""

import inspect
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import latents, objectives
from gan_zoo.errors import UserError
from gan_zoo.export import export
from gan_zoo.game import Examples, LatentSample, call
from gan_zoo.play import Play
from gan_zoo.randomness import Key
from gan_zoo.training import gradients, machine
from tests import helpers
from tests.conformance import cases
from tests.conformance.conftest import selected
from tests.objectives.test_oracles import ORACLES

BATCH = 6
LABELS = tf.range(BATCH)
TERMS = [name for name in objectives.objectives if issubclass(objectives.objectives[name], objectives.Term)
         and not {"codes", "conditional"} & set(inspect.signature(objectives.objectives[name]).parameters)]
OBJECTIVES = {spec.partition("(")[0]: spec for spec in reversed(ORACLES)}  # the first spec of every registered one


@pytest.fixture(scope="module", params=cases.NAMES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def gan(name):
    return cases.gan(name)


@pytest.fixture(scope="module")
def trainer(name):
    return helpers.trainer(cases.experiment(name))


def _variables(*networks):
    """Their trainable variables, shared ones once."""
    return list({id(v): v for network in networks for v in network.trainable_variables}.values())


def _noise(gan, rows=BATCH):
    return tf.random.stateless_normal([rows, *gan.generator.inputs[0].shape[1:]], [1, 2])


def _images(gan, rows=BATCH):
    """In the value range; points, which have none, are about as large."""
    low, high = gan.value_range or (-1, 1)
    return low + (high - low) * tf.random.stateless_uniform([rows, *gan.discriminator.inputs[0].shape[1:]], [3, 4])


def _examples(gan) -> Examples:
    return Examples(_images(gan), LABELS)


def _sample(latent, seed) -> LatentSample:
    return latent.sample(BATCH, tf.constant(seed))._replace(labels=LABELS)


def test_shapes_and_dtypes(gan, name):
    case = cases.case(name)
    images = call(gan.generator, _noise(gan), LABELS, training=False)
    scores = call(gan.discriminator, images, LABELS, training=False)
    assert images.shape == (BATCH, *case.image_shape)
    assert scores.shape == (BATCH, 1)
    assert images.dtype == scores.dtype == tf.float32
    assert gan.generator.inputs[0].shape == (None, latents.build(case.latent).size)
    assert (gan.conditional, gan.told) == (case.conditional, case.conditional and not case.classified)
    features = call(gan.body, images, LABELS, training=False)
    assert len(features.shape) == 2
    said = {head: gan.says(head, features, LABELS, training=False) for head in gan.heads}
    assert {head: value.shape for head, value in said.items()} == {
        head: (BATCH, size) for head, size in case.heads.items()}
    np.testing.assert_allclose(said["score"], scores, rtol=1e-5, atol=1e-6)


def test_value_range(gan):
    if gan.value_range is None:
        assert gan.generator.output_shape[1:3] == (1, 1), "only points have no value range"
        return
    low, high = gan.value_range
    images = call(gan.generator, 100 * _noise(gan), LABELS, training=False)
    assert low < high
    assert tf.reduce_min(images) >= low
    assert tf.reduce_max(images) <= high


def test_other_image_shapes(name):
    for shape in cases.case(name).other_shapes:
        gan = cases.gan(name, shape, 5)
        assert gan.generator.output_shape == (None, *shape)
        assert tuple(gan.discriminator.inputs[0].shape) == (None, *shape)


def test_config_round_trip(gan):
    images = _images(gan)
    features = call(gan.body, images, LABELS, training=False)
    taken = [_noise(gan), images, *[features] * len(gan.heads), images]
    for network, inputs in zip([gan.generator, *gan.judges, gan.discriminator], taken, strict=True):
        twin = keras.Model.from_config(network.get_config())
        twin.set_weights(network.get_weights())
        np.testing.assert_array_equal(call(twin, inputs, LABELS, training=False),
                                      call(network, inputs, LABELS, training=False))


def test_every_variable_has_one_owner(trainer):
    owned = [id(variable) for player in trainer.players for variable in player.variables]
    assert len(owned) == len(set(owned))
    assert set(owned) == {id(v) for v in _variables(trainer.gan.generator, trainer.gan.discriminator,
                                                    *trainer.gan.judges)}


def test_a_move_changes_only_its_players_variables(trainer):
    plan = trainer.plan
    owned = {"discriminator": _variables(*trainer.gan.judges), "generator": _variables(trainer.gan.generator)}
    losses = {"discriminator": plan.objective.discriminator_loss, "generator": plan.objective.generator_loss}
    for player in trainer.players:
        before = {name: [v.numpy() for v in variables] for name, variables in owned.items()}
        play = Play(trainer.gan, _examples(trainer.gan), _sample(plan.latent, [5, 6]), Key(0))
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
    game = objectives.build(cases.case(name).objective(objective), latent.codes, cases.case(name).conditional)
    play = Play(gan, _examples(gan), _sample(latent, [7, 8]), Key(0))
    with tf.GradientTape(persistent=True) as tape:
        losses = [(game.discriminator_loss(play), _variables(*gan.judges)),
                  (game.generator_loss(play), _variables(gan.generator))]
    for loss, variables in losses:
        found = tape.gradient(loss, [v.value for v in variables], unconnected_gradients="zero")
        assert all(np.isfinite(g).all() for g in found)
        assert all(np.abs(g).max() > 0 for v, g in zip(variables, found, strict=True) if v.path.endswith("kernel"))


def test_terms_have_finite_gradients_or_are_refused(gan, name):
    """Refused are those on the slope at single images under batch norm, and changes of images for points."""
    play = Play(gan, _examples(gan), _sample(latents.build(cases.case(name).latent), [7, 8]), Key(0))
    normalized = any(isinstance(layer, keras.layers.BatchNormalization) for layer in helpers.layers(gan.body))
    bounding = {term for term in TERMS if objectives.build(f"hinge + {term}").bounds_slope}
    refused = (bounding if normalized else set()) | ({"consistency"} if gan.value_range is None else set())
    losses, variables = [], [v.value for v in _variables(*gan.judges, gan.generator)]
    with tf.GradientTape(persistent=True) as tape:
        for term in TERMS:
            built = objectives.build(f"hinge + {term}").terms[1]
            if term in refused:
                with pytest.raises(UserError, match=r"take another --model|leave it out"):
                    built.check(gan)
            else:
                built.check(gan)
                losses.append(built.discriminator_loss(play) + built.generator_loss(play))
    for loss in losses:
        found = tape.gradient(loss, variables, unconnected_gradients="zero")
        assert all(np.isfinite(g).all() for g in found)
        assert any(np.any(g) for g in found)


def test_half_precision_keeps_images_and_scores_in_full(name):
    machine.set_precision("mixed_bfloat16")
    try:
        gan = cases.gan(name)
    finally:
        machine.set_precision("float32")
    for network in (gan.generator, gan.body):
        halved = any(layer.compute_dtype == "bfloat16" for layer in network.layers if layer.weights)
        assert halved == (network.name not in cases.case(name).exact), network.name
    images = call(gan.generator, _noise(gan), LABELS, training=True)
    assert images.dtype == tf.float32
    assert call(gan.discriminator, images, LABELS, training=True).dtype == tf.float32


def test_two_rounds_compiled(name):
    trainer = helpers.trainer(cases.experiment(name, jit_compile=True))
    before = trainer.gan.generator.get_weights()
    played = trainer.play(0, 2)
    assert all(np.isfinite(values).all() for values in played.metrics.values())
    assert any(not np.array_equal(*pair) for pair in zip(before, trainer.gan.generator.get_weights(), strict=True))


# What float16 has beside bfloat16, the scaling of losses, is no model's own.
@pytest.mark.parametrize(("name", "precision"), [
    *((name, "mixed_bfloat16") for name in cases.NAMES), *((name, "mixed_float16") for name in ("dcgan", "mlp"))])
def test_rounds_in_half_precision(name, precision):
    machine.set_precision(precision)
    try:
        played = helpers.trainer(cases.experiment(name, precision=precision)).play(0, 2)
    finally:
        machine.set_precision("float32")
    assert np.isfinite(played.metrics["discriminator_loss"]).all()


def test_rounds_per_call_change_nothing_nor_does_a_checkpoint_between(name, tmp_path):
    def made():
        return helpers.trainer(cases.experiment(name, generator_average=0.9, discriminator_optimizer="adam",
                                                generator_optimizer="adam"))

    whole, parts = made(), made()
    whole.play(0, 4)
    held = _held(whole)
    parts.play(0, 1)
    parts.play(1, 1)
    path = parts.checkpoint.write(str(tmp_path / "state"))
    whole.checkpoint.read(path).assert_consumed()  # tracing takes long: what it forgot would be of round 4
    whole.play(2, 2)
    for one, two in zip(held, _held(whole), strict=True):
        np.testing.assert_array_equal(one, two)


def _held(trainer) -> list[np.ndarray]:
    """All numbers that a checkpoint holds."""
    return [*trainer.sampler.get_weights(), *trainer.gan.discriminator.get_weights(),
            *(v.numpy().copy() for player in trainer.players for v in player.optimizer.variables)]


_ALONE = """
import json, sys
import numpy as np, tensorflow as tf

for case in json.loads(sys.stdin.read()):
    model = tf.saved_model.load(case["export"])
    wanted = {"label": tf.range(case["batch"])} if case["conditional"] else {}
    told = {"label": tf.constant([0, 9, 3])} if case["told"] else {}
    noise = tf.constant(np.load(case["export"] + "_noise.npy"))
    np.save(case["export"] + "_images.npy", model.signatures["serving_default"](noise=noise, **wanted)["images"])
    drawn = model.signatures["generate"](num_images=tf.constant(3), seed=tf.constant(0))["images"]
    found = model.signatures["discriminate"](images=drawn, **told)
    assert list(drawn.shape) == case["shape"] and drawn.dtype == case["dtype"], case
    assert found["score"].shape == found["probability"].shape == [3, 1], case
    if case["conditional"]:
        assert model.generate(num_images=3, seed=0, label=9)["images"].shape == drawn.shape, case
        try:
            model.generate(num_images=3, seed=0, label=10)
        except tf.errors.InvalidArgumentError as error:
            assert "label must be 0 to 9, or -1 to be drawn, got] [10]" in error.message, (case, error)
        else:
            raise AssertionError(case)
"""


@pytest.fixture(scope="module")
def alone(request, tmp_path_factory, run_isolated):
    """model → (its images of some noise, those that its export gives in a process without gan_zoo)."""
    folder, expected, told = tmp_path_factory.mktemp("exports"), {}, []
    for name in (parameters["name"] for parameters in selected(request)):
        gan, case, path = cases.gan(name), cases.case(name), folder / name
        export(gan, latents.build(case.latent), objectives.build("non_saturating"), path, case.label)
        np.save(f"{path}_noise.npy", _noise(gan))
        expected[name] = call(gan.generator, _noise(gan), LABELS, training=False)
        told.append({"export": str(path), "batch": BATCH, "conditional": gan.conditional, "told": gan.told,
                     "shape": [3, *case.image_shape], "dtype": "float32" if gan.value_range is None else "uint8"})
    run_isolated(_ALONE, json.dumps(told))
    return {name: (images, np.load(folder / f"{name}_images.npy")) for name, images in expected.items()}


def test_exported_model_runs_alone(name, alone):
    images, exported = alone[name]
    np.testing.assert_allclose(exported, images, atol=1e-5)
