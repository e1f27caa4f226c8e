"""Spectral normalization against NumPy's singular values, its gradient against finite differences in float64."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo.layers import SpectralNormalization

LAYERS = {
    "dense": (lambda: keras.layers.Dense(5, "tanh"), (7,)),
    "dense without bias": (lambda: keras.layers.Dense(9, use_bias=False), (4,)),
    "dense on a map": (lambda: keras.layers.Dense(3, "relu"), (4, 6)),
    "one output": (lambda: keras.layers.Dense(1), (8,)),
    "conv": (lambda: keras.layers.Conv2D(6, 3), (7, 8, 2)),
    "conv, strides, same": (lambda: keras.layers.Conv2D(4, (5, 4), 2, padding="same", activation="elu"), (9, 8, 3)),
    "conv without bias": (lambda: keras.layers.Conv2D(4, 3, dilation_rate=2, use_bias=False), (9, 9, 1)),
    "conv 1-d": (lambda: keras.layers.Conv1D(4, 3, strides=2), (9, 2)),
}
each_layer = pytest.mark.parametrize("name", LAYERS)


def _normalized(name, iterations=0) -> tuple[SpectralNormalization, np.ndarray]:
    """The layer, and inputs for it."""
    make, shape = LAYERS[name]
    random = np.random.default_rng(1)
    inner = make()
    inner.build((None, *shape))
    inner.set_weights([random.normal(size=weight.shape) for weight in inner.get_weights()])
    layer = SpectralNormalization(inner)
    layer.build((None, *shape))
    for _ in range(iterations):
        layer.iterate()
    return layer, random.normal(size=(3, *shape)).astype(keras.config.floatx())


def _matrix(layer) -> np.ndarray:
    """W, [outputs, everything else]."""
    kernel = layer.layer.kernel.numpy().astype(np.float64)
    return kernel.reshape(-1, kernel.shape[-1]).T


def _u_v(layer) -> list[np.ndarray]:
    return [vector.numpy().astype(np.float64) for vector in (layer.u, layer.v)]


@each_layer
def test_sigma_becomes_the_largest_singular_value(name):
    layer, _ = _normalized(name, iterations=300)
    np.testing.assert_allclose(layer.sigma(), np.linalg.svd(_matrix(layer), compute_uv=False)[0], rtol=1e-5)


@each_layer
def test_one_power_iteration(name):
    """v ← Wᵀu / ‖Wᵀu‖, u ← Wv / ‖Wv‖, from unit vectors on; σ = uᵀ W v."""
    layer, _ = _normalized(name)
    W, (u, v) = _matrix(layer), _u_v(layer)
    np.testing.assert_allclose([np.linalg.norm(u), np.linalg.norm(v)], 1, rtol=1e-6)
    np.testing.assert_allclose(layer.sigma(), u @ W @ v, rtol=1e-5)
    layer.iterate()
    v = W.T @ u / np.linalg.norm(W.T @ u)
    u = W @ v / np.linalg.norm(W @ v)
    for got, wanted in zip(_u_v(layer), (u, v), strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-6)


@each_layer
@pytest.mark.parametrize("jit", [False, True])
def test_the_output_is_that_of_the_layer_with_its_kernel_divided(name, jit):
    layer, inputs = _normalized(name)
    u, v = _u_v(layer)
    divided = LAYERS[name][0]()
    divided.build(inputs.shape)
    kernel, *bias = layer.layer.get_weights()
    divided.set_weights([kernel / (u @ _matrix(layer) @ v), *bias])
    got = tf.function(layer, jit_compile=jit)(inputs)
    np.testing.assert_allclose(got, divided(inputs), rtol=1e-4, atol=1e-5)
    assert layer(keras.Input(inputs.shape[1:])).shape[1:] == got.shape[1:]


@each_layer
def test_a_call_moves_nothing(name):
    layer, inputs = _normalized(name)
    before = layer.get_weights()
    for training in (True, False):
        first, second = layer(inputs, training=training), layer(inputs)
        np.testing.assert_array_equal(first, second)
    for now, then in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    assert [weight.path for weight in layer.trainable_weights] == [w.path for w in layer.layer.trainable_weights]


@each_layer
def test_the_gradient_goes_through_sigma(name):
    """Finite differences of Σ f(op(x, W / uᵀWv) + b)² in W, u and v held, in float64."""
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    layer, inputs = _normalized(name, iterations=2)
    assert layer.u.dtype == "float64"
    plain = LAYERS[name][0]()
    plain.build(inputs.shape)
    kernel, *bias = layer.layer.get_weights()
    u, v = _u_v(layer)
    along = np.random.default_rng(2).normal(size=kernel.shape)

    def loss(kernel):
        sigma = u @ kernel.reshape(-1, len(u)).T @ v
        plain.set_weights([kernel / sigma, *bias])
        return np.sum(plain(inputs).numpy() ** 2)

    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer(inputs) ** 2)
    got = np.sum(tape.gradient(total, layer.layer.kernel.value).numpy() * along)
    step = 1e-6
    np.testing.assert_allclose(got, (loss(kernel + step * along) - loss(kernel - step * along)) / (2 * step), rtol=1e-6)


@pytest.mark.parametrize("name", ["dense", "dense without bias", "one output"])
def test_a_dense_layer_is_1_lipschitz_after_convergence(name):
    layer, _ = _normalized(name, iterations=300)
    random = np.random.default_rng(3)
    a, b = random.normal(size=(2, 1000, *LAYERS[name][1])).astype(np.float32)
    moved = np.linalg.norm(layer(a).numpy() - layer(b), axis=-1)
    assert np.all(moved <= np.linalg.norm(a - b, axis=-1) * (1 + 1e-5))
    assert moved.max() > 0.3 * np.linalg.norm(a - b, axis=-1)[moved.argmax()]


def test_the_start_depends_on_name_and_shape_only():
    """Whatever Keras's seed is, and without drawing from it."""
    def draw(seed):
        keras.utils.set_random_seed(seed)
        inner = keras.layers.Dense(5, kernel_initializer="ones", name="somebody")
        inner.build((None, 3))
        layer = SpectralNormalization(inner)
        layer.build((None, 3))
        return layer.get_weights(), keras.random.uniform([4])

    (one, after_one), (two, _) = draw(0), draw(1)
    keras.utils.set_random_seed(0)
    np.testing.assert_array_equal(after_one, keras.random.uniform([4]))
    for first, second in zip(one, two, strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("name", ["dense", "conv"])
def test_sigma_is_exact_in_the_half_precisions(name, policy):
    keras.config.set_dtype_policy(policy)
    layer, inputs = _normalized(name)
    sigma, seen = layer.sigma, []
    layer.sigma = lambda: seen.append(sigma()) or seen[-1]
    x = keras.Input(inputs.shape[1:])
    network = keras.Model(x, layer(x))  # which casts its variables too
    assert network.output.dtype == policy.removeprefix("mixed_")
    seen.clear()
    outputs = layer(inputs), network(inputs)
    (u, v), W = _u_v(layer), _matrix(layer)
    assert layer.u.dtype == layer.v.dtype == "float32"
    assert len(seen) == 2
    for value in seen:
        np.testing.assert_allclose(value, u @ W @ v, rtol=1e-6)
    keras.config.set_dtype_policy("float32")
    plain = LAYERS[name][0]()
    plain.build(inputs.shape)
    kernel, *bias = layer.layer.get_weights()
    plain.set_weights([kernel / (u @ W @ v), *bias])
    for got in outputs:
        assert got.dtype == policy.removeprefix("mixed_")
        np.testing.assert_allclose(tf.cast(got, tf.float32), plain(inputs), atol=0.05)


@pytest.mark.parametrize("layer", [
    keras.layers.Conv2DTranspose(3, 2), keras.layers.ReLU(), keras.layers.DepthwiseConv2D(2),
    keras.layers.Conv2D(3, 2, data_format="channels_first")], ids=lambda layer: layer.name)
def test_other_layers_are_refused(layer):
    with pytest.raises(ValueError, match="SpectralNormalization takes a Dense or Conv layer, channels last"):
        SpectralNormalization(layer)


@each_layer
def test_config_round_trip(name):
    layer, inputs = _normalized(name)
    again = SpectralNormalization.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    again.build(inputs.shape)
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(inputs), layer(inputs))
