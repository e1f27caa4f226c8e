"""Adam in one kernel against Keras's own, and against the paper's formula."""

import keras
import numpy as np
import pytest

from gan_zoo.training.adam import Adam


def _moved(optimizer, start, gradients, precision="float32") -> np.ndarray:
    variable = keras.Variable(start.astype(precision), dtype=precision)
    optimizer.build([variable])
    for gradient in gradients:
        optimizer.apply([gradient.astype(precision)], [variable])
    return variable.numpy()


@pytest.mark.parametrize("arguments", [
    {"learning_rate": 2e-4, "beta_1": 0.5}, {"learning_rate": 0.1, "beta_1": 0.0, "beta_2": 0.9},
    {"learning_rate": 1e-2, "epsilon": 1e-3}, {"learning_rate": 1e-2, "weight_decay": 0.1},
    {"learning_rate": 1e-2, "amsgrad": True},
])
def test_it_moves_as_keras_does(arguments):
    rng = np.random.default_rng(0)
    start, gradients = rng.normal(size=[7, 5]), rng.normal(size=[9, 7, 5])
    ours, keras_own = (_moved(kind(**arguments), start, gradients) for kind in (Adam, keras.optimizers.Adam))
    np.testing.assert_allclose(ours, keras_own, rtol=2e-6, atol=2e-7)
    assert np.abs(ours - start).max() > 1e-4


def test_it_is_the_papers_algorithm_in_float64():
    rate, beta_1, beta_2, epsilon = 1e-2, 0.5, 0.99, 1e-7
    rng = np.random.default_rng(1)
    start, gradients = rng.normal(size=[6]), rng.normal(size=[5, 6])
    theta, m, v = start.copy(), np.zeros(6), np.zeros(6)
    for t, gradient in enumerate(gradients, 1):
        m = beta_1 * m + (1 - beta_1) * gradient
        v = beta_2 * v + (1 - beta_2) * gradient**2
        theta -= rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t) * m / (np.sqrt(v) + epsilon)
    found = _moved(Adam(rate, beta_1, beta_2, epsilon), start, gradients, "float64")
    np.testing.assert_allclose(found, theta, rtol=1e-6)
