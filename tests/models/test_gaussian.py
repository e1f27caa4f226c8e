"""The Gaussian of f-GAN's 1-D experiment: x = μ + σ z, and a discriminator against its formula."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.errors import UserError
from tests.helpers import networks

NUMBER = (1, 1, 1)


def _noise(rows=50) -> np.ndarray:
    return np.random.default_rng(0).normal(size=[rows, 1]).astype(np.float32)


def test_the_generator_is_mu_plus_sigma_z():
    generator = networks("gaussian_1d(mu=-0.75, sigma=2.5)", NUMBER, 1).generator
    made = generator(_noise())
    assert made.shape == (50, 1, 1, 1)
    np.testing.assert_allclose(made.numpy().reshape(-1, 1), -0.75 + 2.5 * _noise(), rtol=1e-6)
    kernel, bias = generator.get_layer("gaussian").get_weights()
    assert (kernel.tolist(), bias.tolist()) == ([[2.5]], [-0.75])
    assert len(generator.trainable_variables) == 2


def test_by_default_it_starts_at_the_standard_normal():
    np.testing.assert_array_equal(networks("gaussian_1d", NUMBER, 1).generator(_noise()).numpy().ravel(),
                                  _noise().ravel())


def test_the_discriminator_is_two_tanh_layers_of_64():
    discriminator = networks("gaussian_1d", NUMBER, 1).discriminator
    shapes = [variable.shape for variable in discriminator.trainable_variables]
    assert shapes == [(1, 64), (64,), (64, 64), (64,), (64, 1), (1,)]
    for variable in discriminator.trainable_variables[1::2]:
        variable.assign(np.random.default_rng(1).normal(size=variable.shape))
    w1, b1, w2, b2, w3, b3 = (v.numpy().astype(np.float64) for v in discriminator.trainable_variables)
    x = _noise().astype(np.float64)
    expected = np.tanh(np.tanh(x @ w1 + b1) @ w2 + b2) @ w3 + b3
    np.testing.assert_allclose(discriminator(_noise().reshape(-1, *NUMBER)), expected, atol=1e-5)


@pytest.mark.parametrize(("widths", "count"), [("[5]", 2 * 5 + 5 + 1), ("()", 2), ("(3, 4, 2)", 6 + 16 + 10 + 3)])
def test_widths(widths, count):
    assert networks(f"gaussian_1d(widths={widths})", NUMBER, 1).discriminator.count_params() == count


def test_numbers_have_no_value_range():
    assert networks("gaussian_1d", NUMBER, 1).value_range is None


def test_half_precision_does_not_round_the_numbers():
    keras.config.set_dtype_policy("mixed_bfloat16")
    gan = networks("gaussian_1d(mu=1.0, sigma=1e-3)", NUMBER, 1)
    made = gan.generator(_noise())
    np.testing.assert_allclose(made.numpy().ravel(), 1 + 1e-3 * _noise().ravel(), atol=1e-6)
    assert gan.body.get_layer("dense_1").compute_dtype == "bfloat16"
    assert gan.discriminator(made).dtype == tf.float32


@pytest.mark.parametrize(("spec", "shape", "latent", "message"), [
    ("gaussian_1d", (28, 28, 1), 1, "makes single numbers, not images of 28×28×1: use --dataset=mixture_1d"),
    ("gaussian_1d", (1, 1, 2), 1, "makes single numbers, not images of 1×1×2"),
    ("gaussian_1d", NUMBER, 100, r"shifts and scales one number, not a latent of 100: use --latent='normal\(1\)'"),
    ("gaussian_1d(sigma=0)", NUMBER, 1, "sigma must be a number above 0, got 0"),
    ("gaussian_1d(mu='x')", NUMBER, 1, "mu must be a number, got 'x'"),
    ("gaussian_1d(widths=64)", NUMBER, 1, "widths must be a list of widths, got 64"),
    ("gaussian_1d(widths=[64, 0])", NUMBER, 1, "a width of widths must be a whole number of at least 1, got 0"),
])
def test_bad_arguments(spec, shape, latent, message):
    with pytest.raises(UserError, match=message):
        networks(spec, shape, latent)
