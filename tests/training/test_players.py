"""Optimizers from specs, and players from an experiment's flags."""

import keras
import numpy as np
import pytest

from gan_zoo.errors import UserError
from gan_zoo.experiment import Experiment
from gan_zoo.game import GAN, Clip
from gan_zoo.training.adam import Adam
from gan_zoo.training.players import build_optimizer, build_player, build_players, optimizers


def _gan() -> GAN:
    generator = keras.Sequential([keras.Input([3]), keras.layers.BatchNormalization(), keras.layers.Dense(4)])
    return GAN(generator, keras.Sequential([keras.Input([4]), keras.layers.Dense(5), keras.layers.Dense(1)]))


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
    optimizer = build_optimizer(spec)
    assert isinstance(optimizer, kind)
    config = optimizer.get_config()
    for name, value in settings.items():
        assert config[name] == pytest.approx(value)


@pytest.mark.parametrize("name", optimizers)
def test_every_optimizer_of_the_list_moves(name):
    optimizer = build_optimizer(f"{name}(learning_rate=0.1)")
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
    ("adam(learning_rate=1e999)", "learning_rate must be a number above 0, got inf"),
    ("adam(learning_rate=None)", "learning_rate must be a number above 0, got None"),
    ("adam(learning_rate='fast')", "learning_rate must be a number above 0, got 'fast'"),
    ("adam(learning_rate={'class_name': 'ExponentialDecay'})", "learning_rate must be a number above 0"),
    ("adam(beta_1='high')", "beta_1 must be a number, got 'high'"),
    ("adam(epsilon=[1])", r"epsilon must be a number, got \[1\]"),
    ("sgd(momentum=2)", r"sgd\(momentum=2\): "),
    ("adam(clipnorm=1)", "clipnorm is not for a spec"),
    ("sgd(clipvalue=0.5)", "clipvalue is not for a spec"),
    ("rmsprop(global_clipnorm=1.0)", "global_clipnorm is not for a spec"),
    ("adam(use_ema=True)", "use --generator_average"),
    ("adam(weight_decay='x')", "weight_decay must be a number"),
    ("adam + sgd", "one call is wanted here"),
    ("adam(learning_rate=1e-3", "is not of the form"),
    ("adam(learning_rate=__import__('os'))", "is not a literal"),
])
def test_bad_optimizers(spec, message):
    with pytest.raises(UserError, match=message):
        build_optimizer(spec)


def test_half_precision_scales_the_loss():
    keras.config.set_dtype_policy("mixed_float16")
    optimizer = build_optimizer("sgd(0.1)")
    assert isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    assert type(optimizer.inner_optimizer) is keras.optimizers.SGD
    keras.config.set_dtype_policy("mixed_bfloat16")
    assert type(build_optimizer("sgd(0.1)")) is keras.optimizers.SGD


def test_players():
    gan = _gan()
    discriminator, generator = build_players(gan, Experiment(
        discriminator_optimizer="sgd(0.05)", generator_optimizer="adam(1e-3)", discriminator_clip_value=1.0,
        generator_clip_global_norm=2.0, discriminator_weight_clip=0.01, discriminator_updates=5))
    assert (discriminator.name, generator.name) == ("discriminator", "generator")
    assert (discriminator.clip, generator.clip) == (Clip(value=1.0), Clip(global_norm=2.0))
    assert (discriminator.weight_clip, generator.weight_clip) == (0.01, None)
    assert (discriminator.updates_per_round, generator.updates_per_round) == (5, 1)
    assert type(discriminator.optimizer) is keras.optimizers.SGD
    assert type(generator.optimizer) is Adam
    assert [id(v) for v in discriminator.variables] == [id(v) for v in gan.discriminator.trainable_variables]
    assert [id(v) for v in generator.variables] == [id(v) for v in gan.generator.trainable_variables]
    assert len(generator.variables) == 4  # without the moving statistics of batch normalization


@pytest.mark.parametrize("kind", Clip._fields)
def test_every_kind_of_clip_has_its_flag(kind):
    for name, player in zip(("discriminator", "generator"), build_players(_gan(), Experiment(
            **{f"discriminator_clip_{kind}": 0.5, f"generator_clip_{kind}": 0.25})), strict=True):
        assert getattr(player.clip, kind) == (0.5 if name == "discriminator" else 0.25)
        assert sum(bound is not None for bound in player.clip) == 1


def test_an_optimizer_is_built_before_a_checkpoint_is_read():
    _, generator = build_players(_gan(), Experiment())
    assert generator.optimizer.built
    assert len(generator.optimizer.variables) > 2 * len(generator.variables)  # both moments, iterations, learning rate


@pytest.mark.parametrize(("spec", "message"), [
    ("adm", "--discriminator_optimizer: unknown optimizer 'adm'"),
    ("adam(beta_1='x')", "--discriminator_optimizer: beta_1 must be a number"),
    ("sgd(momentum=2)", r"--discriminator_optimizer: sgd\(momentum=2\)")])
def test_a_mistake_names_its_flag(spec, message):
    with pytest.raises(UserError, match=message):
        build_player("discriminator", _gan().discriminator.trainable_variables,
                     Experiment(discriminator_optimizer=spec))
