"""Spectral normalization against NumPy's singular values, its gradient against finite differences in float64."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_zoo import layers
from gan_zoo.errors import UserError
from gan_zoo.layers import SpectralNormalization
from gan_zoo.layers.spectral import power_iteration, spectrally_normalized

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


def _network(shared=False) -> keras.Model:
    """A discriminator with a label, a nested body, batch norm, maxout, dropout, and two outputs."""
    image, label = keras.Input([8, 8, 2], name="images"), keras.Input([3], name="labels")
    x = keras.layers.Conv2D(4, 3, strides=2, padding="same", activation="relu", name="conv_1")(image)
    x = layers.BatchNormalization(name="norm")(x)
    inside = keras.Input([4, 4, 4])
    body = keras.Model(inside, keras.layers.Flatten()(keras.layers.Conv2D(6, 3, name="conv_2")(inside)), name="body")
    x = layers.Dropout(0.2, name="dropout")(body(x))
    features = layers.Maxout(2, name="maxout")(keras.layers.Dense(10, name="dense_1")(x))
    head = keras.layers.Dense(1, name="head")
    score = head(features)
    if shared:
        score = keras.layers.Add(name="sum")([score, head(-features)])
    told = keras.layers.Dot(-1, name="dot")([keras.layers.Dense(5, use_bias=False, name="projection")(label), features])
    logits = keras.layers.Dense(3, name="classifier")(features)
    return keras.Model([label, image], {"score": score + told, "logits": logits}, name="discriminator")


KERNELS = ("conv_1", "body/conv_2", "dense_1", "head", "projection", "classifier")


def _inputs():
    random = np.random.default_rng(0)
    return [random.normal(size=size).astype(np.float32) for size in ((3, 3), (3, 8, 8, 2))]


def _layer(network, path):
    for name in path.split("/"):
        network = network.get_layer(name)
    return network


@pytest.mark.parametrize("shared", [False, True])
def test_a_network_is_normalized(shared):
    """Its layers with kernels are wrapped; the others, and all weights, are those of the network itself."""
    network = _network(shared)
    before = [weight.numpy() for weight in network.weights]
    normalized = spectrally_normalized(network)
    assert normalized.name == network.name
    assert [tensor.name for tensor in normalized.inputs] == ["labels", "images"]
    assert normalized.output_shape == network.output_shape
    assert [layer.name for layer in normalized.layers] == [layer.name for layer in network.layers]
    assert {id(w) for w in normalized.trainable_weights} == {id(w) for w in network.trainable_weights}
    assert len(normalized.weights) == len(network.weights) + 2 * len(KERNELS)
    for weight, then in zip(network.weights, before, strict=True):
        np.testing.assert_array_equal(weight, then)
    for name in ("norm", "dropout", "maxout"):
        assert normalized.get_layer(name) is network.get_layer(name)
    for path in KERNELS:
        assert _layer(normalized, path).layer is _layer(network, path)


@pytest.mark.parametrize("shared", [False, True])
def test_a_normalized_network_computes_with_divided_kernels(shared):
    network, inputs = _network(shared), _inputs()
    normalized = spectrally_normalized(network)
    got = normalized(inputs)
    for path in KERNELS:
        layer = _layer(normalized, path)
        layer.layer.kernel.assign(layer.layer.kernel / layer.sigma())
    for name, values in network(inputs).items():
        np.testing.assert_allclose(got[name], values, atol=1e-5)


def test_the_power_iteration_of_a_network_reaches_every_layer():
    normalized = spectrally_normalized(_network())
    iterate = tf.function(lambda: power_iteration(normalized))
    for _ in range(300):
        iterate()
    for path in KERNELS:
        layer = _layer(normalized, path)
        np.testing.assert_allclose(layer.sigma(), np.linalg.svd(_matrix(layer), compute_uv=False)[0], rtol=1e-4)


def test_a_network_with_another_kernel_is_refused():
    inputs = keras.Input([4, 4, 2])
    network = keras.Model(inputs, keras.layers.Conv2DTranspose(3, 2, name="up")(inputs))
    with pytest.raises(UserError, match="--spectral_norm is for Dense and Conv layers: up is a Conv2DTranspose"):
        spectrally_normalized(network)


def _moved() -> keras.Model:
    """A normalized network whose u and v are not those of its start."""
    normalized = spectrally_normalized(_network())
    for _ in range(3):
        power_iteration(normalized)
    return normalized


def test_keras_saves_it(tmp_path):
    normalized, inputs = _moved(), _inputs()
    normalized.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for name, values in normalized(inputs).items():
        np.testing.assert_allclose(loaded(inputs)[name], values, atol=1e-6)
    layer, before = _layer(loaded, "body/conv_2"), _layer(normalized, "body/conv_2")
    assert layer.layer.get_config() == before.layer.get_config()
    np.testing.assert_array_equal(layer.u, before.u)


@each_layer
def test_config_round_trip(name):
    layer, inputs = _normalized(name)
    again = SpectralNormalization.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    again.build(inputs.shape)
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(inputs), layer(inputs))


def test_a_checkpoint_holds_the_vectors(tmp_path):
    one, two = _moved(), spectrally_normalized(_network())
    path = tf.train.Checkpoint(network=one).save(tmp_path / "ckpt")
    tf.train.Checkpoint(network=two).restore(path).assert_existing_objects_matched()
    for got, wanted in zip(two.get_weights(), one.get_weights(), strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_it_is_exported(tmp_path):
    normalized, inputs = _moved(), _inputs()
    module = tf.Module()
    module.network = normalized
    module.call = tf.function(lambda labels, images: normalized([labels, images]),
                              input_signature=[tf.TensorSpec([None, *x.shape[1:]]) for x in inputs])
    tf.saved_model.save(module, str(tmp_path / "export"))
    loaded = tf.saved_model.load(str(tmp_path / "export"))
    outputs = loaded.call(*map(tf.constant, inputs))
    for name, values in normalized(inputs).items():
        np.testing.assert_allclose(outputs[name], values, atol=1e-6)


ON_TWO_REPLICAS = """
import numpy as np, tensorflow as tf, keras
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from gan_zoo.layers.spectral import power_iteration, spectrally_normalized

def network():
    keras.utils.set_random_seed(0)
    inputs = keras.Input([6, 6, 2])
    x = keras.layers.Flatten()(keras.layers.Conv2D(4, 3, name="conv")(inputs))
    return spectrally_normalized(keras.Model(inputs, keras.layers.Dense(1, name="dense")(x)))

strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
with strategy.scope():
    mirrored = network()
alone = network()

@tf.function
def move():
    strategy.run(power_iteration, [mirrored])
    return strategy.experimental_local_results(strategy.run(mirrored, [tf.ones([1, 6, 6, 2])]))

for _ in range(3):
    outputs = move()
    power_iteration(alone)
assert np.array_equal(*outputs)
for layer in ("conv", "dense"):
    for name in "uv":
        replicas = strategy.experimental_local_results(getattr(mirrored.get_layer(layer), name).value)
        wanted = getattr(alone.get_layer(layer), name).numpy()
        assert len(replicas) == 2
        assert all(np.allclose(values, wanted, atol=1e-7) for values in replicas), (layer, name)
"""


def test_replicas_iterate_alike():
    """In a process of its own, because the logical devices must be made first."""
    done = subprocess.run([sys.executable, "-c", ON_TWO_REPLICAS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
