"""Optimizers from specs, and players from an experiment's flags."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.game import GAN, Clip, Player
from gan_zoo.training.adam import Adam
from gan_zoo.training.players import build_players, optimizers, read_optimizer

TOTAL = 40  # rounds


def _gan() -> GAN:
    generator = keras.Sequential([keras.Input([3]), keras.layers.BatchNormalization(), keras.layers.Dense(4)])
    images, features = keras.Input([4]), keras.Input([5])
    body = keras.Model(images, keras.layers.Dense(5)(images))
    heads = {name: keras.Model(features, keras.layers.Dense(size)(features))
             for name, size in (("score", 1), ("parameters", 3))}
    return GAN(generator=generator, body=body, heads=heads,
               discriminator=keras.Model(images, heads["score"](body(images))))


def _players(gan: GAN | None = None, **settings) -> tuple[Player, Player]:
    experiment = Experiment(**settings)
    calls = {name: read_optimizer(f"--{name}_optimizer", getattr(experiment, f"{name}_optimizer"))
             for name in ("discriminator", "generator")}
    return build_players(gan or _gan(), experiment, calls, TOTAL)


def _optimizer(spec: str, total: int = TOTAL, moves: int = 1) -> keras.optimizers.Optimizer:
    return read_optimizer("--generator_optimizer", spec).build(total, moves)


@pytest.mark.parametrize(("spec", "kind", "settings"), [
    ("adam", keras.optimizers.Adam, {"learning_rate": 1e-3, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}),
    ("adam(learning_rate=2e-4, beta_1=0.5)", keras.optimizers.Adam, {"learning_rate": 2e-4, "beta_1": 0.5}),
    ("adam(0.01)", keras.optimizers.Adam, {"learning_rate": 0.01}),
    ("sgd(learning_rate=0.05, momentum=0.5, nesterov=True)", keras.optimizers.SGD,
     {"learning_rate": 0.05, "momentum": 0.5, "nesterov": True}),
    ("rmsprop(learning_rate=5e-5)", keras.optimizers.RMSprop, {"learning_rate": 5e-5, "rho": 0.9}),
    ("adamw(weight_decay=0.01)", keras.optimizers.AdamW, {"weight_decay": 0.01}),
    ("adam(clipnorm=None)", keras.optimizers.Adam, {"clipnorm": None}),
])
def test_optimizers(spec, kind, settings):
    optimizer = _optimizer(spec)
    assert isinstance(optimizer, kind)
    config = optimizer.get_config()
    for name, value in settings.items():
        assert config[name] == pytest.approx(value)


@pytest.mark.parametrize("name", optimizers)
def test_every_optimizer_of_the_list_moves(name):
    optimizer = _optimizer(f"{name}(learning_rate=0.1)")
    variable = keras.Variable(np.ones([3, 3], np.float32))
    optimizer.build([variable])
    optimizer.apply([np.ones([3, 3], np.float32)], [variable])
    assert np.isfinite(variable.numpy()).all()
    assert (variable.numpy() != 1).any()


@pytest.mark.parametrize(("spec", "message"), [
    ("adm", "unknown optimizer 'adm': did you mean 'adam'?"),
    ("Adam", "unknown optimizer 'Adam': did you mean 'adam'?"),
    ("lossscaleoptimizer", "unknown optimizer"),
    ("multioptimizer([])", "unknown optimizer"),
    ("adam(lr=1e-3)", "adam has no argument 'lr'"),
    ("adam(beta1=0.5)", "adam has no argument 'beta1': did you mean 'beta_1'?"),
    ("adam(name='x')", "adam has no argument 'name'"),
    ("adam(learning_rate=0)", "learning_rate must be a number above 0, got 0"),
    ("adam(learning_rate=-1e-3)", "learning_rate must be a number above 0, got -0.001"),
    ("adam(learning_rate=1e999)", "learning_rate must be at most 3.4e38 in magnitude, .*, got inf"),
    ("adam(learning_rate=None)", "learning_rate must be a number above 0, got None"),
    ("adam(learning_rate='fast')", "learning_rate must be a number above 0, got 'fast'"),
    ("adam(learning_rate={'class_name': 'ExponentialDecay'})", "learning_rate must be a number above 0"),
    ("adam(beta_1='high')", "beta_1 must be a number above -1 and below 1, got 'high'"),
    ("adam(epsilon=[1])", r"epsilon must be a number at least 0, got \[1\]"),
    ("sgd(momentum=2)", "momentum"),
    ("adam(learning_rate=linear(1e-3, -1e-3))", r"learning_rate must be a number at least 0, got -0.001 in linear"),
    ("adam(learning_rate=cosine(1e-3))", "learning_rate: cosine needs its argument 'end'"),
    ("adam(learning_rate=cosin(1e-3, 0))", "learning_rate: unknown schedule 'cosin': did you mean 'cosine'?"),
    ("adam(learning_rate=linear(1e-3, 0, steps=0))", "learning_rate: steps must be a whole number of at least 1"),
    ("adam(beta_1=linear(0.5, 0.9))", r"beta_1 must be a number above -1 and below 1, got linear\(0.5, 0.9\)"),
    ("adam(epsilon=constant(1e-7))", r"epsilon must be a number at least 0, got constant\(1e-07\)"),
    ("adamw(weight_decay=constant(0.1))", r"weight_decay must be a number at least 0, got constant\(0.1\)"),
    ("adam(clipnorm=1)", "clipnorm is not for a spec"),
    ("sgd(clipvalue=0.5)", "clipvalue is not for a spec"),
    ("rmsprop(global_clipnorm=1.0)", "global_clipnorm is not for a spec"),
    ("adam(use_ema=True)", "use --generator_average"),
    ("adam(weight_decay='x')", "weight_decay must be a number"),
    ("adam + sgd", "one call is wanted here"),
    ("adam(learning_rate=1e-3", "is not of the form"),
    ("adam(learning_rate=__import__('os'))", "learning_rate: unknown schedule '__import__'"),
    ("adam(learning_rate=constant(__import__('os')))", "is not a literal"),
])
def test_bad_optimizers(spec, message):
    """Each in one line that begins with its flag."""
    with pytest.raises(UserError, match=f"^{re.escape(f'--generator_optimizer={spec}')}: .*{message}"):
        _optimizer(spec)


def test_half_precision_scales_the_loss():
    keras.config.set_dtype_policy("mixed_float16")
    optimizer = _optimizer("sgd(0.1)")
    assert isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    assert type(optimizer.inner_optimizer) is keras.optimizers.SGD
    keras.config.set_dtype_policy("mixed_bfloat16")
    assert type(_optimizer("sgd(0.1)")) is keras.optimizers.SGD


def test_players():
    gan = _gan()
    discriminator, generator = _players(
        gan, discriminator_optimizer="sgd(0.05)", generator_optimizer="adam(1e-3)", discriminator_clip_value=1.0,
        generator_clip_global_norm=2.0, discriminator_weight_clip=0.01, discriminator_updates=5)
    assert (discriminator.name, generator.name) == ("discriminator", "generator")
    assert (discriminator.clip, generator.clip) == (Clip(value=1.0), Clip(global_norm=2.0))
    assert (discriminator.weight_clip, generator.weight_clip) == (0.01, None)
    assert (discriminator.updates_per_round, generator.updates_per_round) == (5, 1)
    assert type(discriminator.optimizer) is keras.optimizers.SGD
    assert type(generator.optimizer) is Adam
    judging = [v for network in (gan.body, *gan.heads.values()) for v in network.trainable_variables]
    assert [id(v) for v in discriminator.variables] == [id(v) for v in judging]
    assert [id(v) for v in discriminator.unbounded] == [id(v) for v in gan.heads["parameters"].trainable_variables]
    assert [id(v) for v in generator.variables] == [id(v) for v in gan.generator.trainable_variables]
    assert len(generator.variables) == 4  # without the moving statistics of batch normalization


@pytest.mark.parametrize("kind", Clip._fields)
def test_every_kind_of_clip_has_its_flag(kind):
    for name, player in zip(("discriminator", "generator"), _players(
            **{f"discriminator_clip_{kind}": 0.5, f"generator_clip_{kind}": 0.25}), strict=True):
        assert getattr(player.clip, kind) == (0.5 if name == "discriminator" else 0.25)
        assert sum(bound is not None for bound in player.clip) == 1


def test_an_optimizer_is_built_before_a_checkpoint_is_read():
    _, generator = _players()
    assert generator.optimizer.built
    assert len(generator.optimizer.variables) > 2 * len(generator.variables)  # both moments, iterations, learning rate


# schedule → its value at round t of TOTAL, in NumPy
SCHEDULES = {
    "cosine(2e-2, 5e-3)": lambda t: 5e-3 + 1.5e-2 * (1 + np.cos(np.pi * t / TOTAL)) / 2,
    "linear(0.1, 0, steps=20)": lambda t: 0.1 * (1 - np.minimum(t / 20, 1)),
    "warm_up(0.1, 10)": lambda t: 0.1 * np.minimum(t / 10, 1), "constant(0.05)": lambda t: np.full(len(t), 0.05),
}


@pytest.mark.parametrize("moves", [1, 3])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_scheduled_learning_rate_follows_the_rounds_however_many_moves_they_have(schedule, moves):
    """SGD on the slope 1: every move of round t goes down by the schedule's value at t."""
    variable = keras.Variable(np.zeros([1], np.float32))
    optimizer = _optimizer(f"sgd(learning_rate={schedule})", moves=moves)
    optimizer.build([variable])
    went = []
    for _ in range(TOTAL * moves):
        before = variable.numpy()
        optimizer.apply([np.ones([1], np.float32)], [variable])
        went.append((before - variable.numpy())[0])
    expected = np.repeat(SCHEDULES[schedule](np.arange(TOTAL)), moves)
    np.testing.assert_allclose(went, expected, atol=5e-7)


def test_each_player_counts_its_own_moves():
    spec, updates = "sgd(learning_rate=linear(1, 0))", {"discriminator": 3, "generator": 2}
    players = _players(update="alternating", **{f"{name}_optimizer": spec for name in updates},
                       **{f"{name}_updates": count for name, count in updates.items()})
    for player in players:
        for round_, move in ((0, 0), (10, 0), (10, 1), (TOTAL, 0)):
            player.optimizer.iterations.assign(round_ * updates[player.name] + move)
            np.testing.assert_allclose(float(player.optimizer.learning_rate), 1 - round_ / TOTAL, atol=1e-7)


def test_an_optimizer_goes_on_from_a_checkpoint(tmp_path):
    """In the middle of its schedule, with its momenta, to the same bits."""
    spec, gradient = "adam(learning_rate=cosine(1e-2, 1e-4), beta_1=0.5)", np.arange(1, 4, dtype=np.float32)
    variables, optimizers_ = [], []
    for _ in range(2):
        variables.append(keras.Variable(np.zeros([3], np.float32)))
        optimizers_.append(_optimizer(spec, moves=2))
        optimizers_[-1].build(variables[-1:])
    first, second = (tf.train.Checkpoint(variable=one, optimizer=other)
                     for one, other in zip(variables, optimizers_, strict=True))
    for index in range(30):
        optimizers_[0].apply([gradient * (index - 10)], variables[:1])
    second.read(first.write(str(tmp_path / "state"))).assert_existing_objects_matched().assert_consumed()
    assert int(optimizers_[1].iterations) == 30
    for variable, optimizer in zip(variables, optimizers_, strict=True):
        for index in range(30):
            optimizer.apply([gradient * (5 - index)], [variable])
    np.testing.assert_array_equal(variables[0].numpy(), variables[1].numpy())
