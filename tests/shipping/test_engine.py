"""The playground's arithmetic in JavaScript against TensorFlow's."""

import base64

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from gan_zoo.errors import UserError
from gan_zoo.layers import BilinearUpsampling, GroupedConvolution, Maxout, MinibatchStddev, OneHot
from gan_zoo.shipping.html import _for_page
from gan_zoo.shipping.program import program_of
from gan_zoo.shipping.weights import Packed, quantized
from tests.browsers import needs_browser, run

SCRIPT = """
if (data.plainly) WebAssembly.Module = null;
const bytes = Uint8Array.from(atob(data.weights), letter => letter.charCodeAt(0)).buffer;
return data.programs.map((program, i) => {
  const f = compiled(program, bytes);
  return data.inputs[i].map(given => Array.from(f(given).out));
});
"""


def _network(body, inputs: dict[str, np.ndarray]) -> tuple:
    """(function, inputs by name) of a Keras network with random weights; inputs: batches of any size."""
    made = {name: keras.Input(value.shape[1:], dtype=value.dtype.name, name=name) for name, value in inputs.items()}
    model = keras.Model(made, body(**made))
    rng = np.random.default_rng(0)
    for variable in model.variables:
        if "seed" not in variable.path:
            variable.assign(rng.uniform(0.1, 1, variable.shape) if "variance" in variable.path
                            else rng.normal(0, 0.4, variable.shape))
    return (lambda **given: {"out": model(given, training=False)}), inputs


def _plain(function, **inputs) -> tuple:
    return (lambda **given: {"out": function(**given)}), inputs


def _cases() -> dict[str, tuple]:
    rng = np.random.default_rng(1)
    noise, images = rng.normal(size=[3, 6]).astype("f"), rng.normal(size=[3, 7, 6, 4]).astype("f")
    label, turned = np.array([0, 2, 1], np.int32), rng.normal(size=[5, 6]).astype("f")
    convolutions = {f"conv {padding} {strides}": _network(
        lambda x, padding=padding, strides=strides: layers.Conv2D(7, (3, 5), strides=strides, padding=padding)(x),
        {"x": images}) for padding, strides in (("same", 2), ("valid", 1), ("same", 1), ("valid", (2, 1)))}
    upconvolutions = {f"upconv {padding} {strides}": _network(
        lambda x, padding=padding, strides=strides: layers.Conv2DTranspose(5, 4, strides=strides, padding=padding)(x),
        {"x": images}) for padding, strides in (("same", 2), ("valid", 3), ("same", 1))}
    functions = {name: _network(lambda x, name=name: layers.Activation(name)(x), {"x": noise}) for name in
                 ("relu", "elu", "selu", "tanh", "sigmoid", "softplus", "exponential", "leaky_relu")}
    return convolutions | upconvolutions | functions | {
        "dense, batch norm, images": _network(lambda z: layers.Reshape([2, 2, 3])(layers.BatchNormalization()(
            layers.Dense(12)(z))), {"z": noise}),
        "a class beside noise": _network(lambda z, label: layers.Dense(4)(layers.Concatenate()([z, OneHot(3)(label)])),
                                         {"z": noise, "label": label}),
        "projection": _network(lambda z, label: keras.ops.sum(z * layers.Embedding(3, 6)(label), -1, keepdims=True),
                               {"z": noise, "label": label}),
        "bilinear": _network(lambda x: BilinearUpsampling((13, 9))(x), {"x": images}),
        "nearest": _network(lambda x: layers.UpSampling2D(2)(x), {"x": images}),
        "pooling": _network(lambda x: layers.GlobalAveragePooling2D()(layers.AveragePooling2D((2, 3))(x)),
                            {"x": images}),
        "grouped": _network(lambda x: GroupedConvolution(6, 3, groups=2)(x), {"x": images}),
        "depthwise": _network(lambda x: layers.DepthwiseConv2D(3, padding="same")(x), {"x": images}),
        "maxout": _network(lambda z: Maxout(3)(layers.Dense(15)(z)), {"z": noise}),
        "minibatch stddev": _network(lambda x: MinibatchStddev(2)(x), {"x": images}),
        "slices": _plain(lambda x: tf.concat([x[:, ::2, 1:-1, :2], x[:, -4:, :-2, -2:]], -1), x=images),
        "dropped and new axes": _plain(lambda x: tf.tile(x[..., tf.newaxis, 2, :], [1, 1, 2, 3, 2][:4]), x=images),
        "transposed": _plain(lambda x: tf.transpose(tf.pad(x, [[0, 0], [1, 2], [0, 0], [3, 0]]), [0, 3, 1, 2]),
                             x=images),
        "products": _plain(lambda x: tf.matmul(x[0], x[0], transpose_b=True)
                           + tf.matmul(x[0, 0], x[0, 1], transpose_a=True)[:1, :1], x=images),
        "dense, turned": _plain(lambda x: tf.matmul(x, turned, transpose_b=True), x=noise),
        "reductions": _plain(lambda x: tf.reduce_max(x, [1, 3]) - tf.reduce_mean(x, [1, 3])
                             + tf.reduce_sum(x, [3])[:, 0], x=images),
        "choice": _plain(lambda x: tf.where(x[:, :1] < 0.2, x, tf.where(x >= 1, 2.0, x[..., :1])), x=images),
        "broadcast": _plain(lambda x: tf.minimum(x[:, :1], 0.1) / (1.5 + x[:, :, :1] ** 2) - x, x=images),
        "split": _plain(lambda x: tf.split(x, 2, -1)[1] * tf.split(x, 2, -1)[0], x=images),
    }


@needs_browser
def test_every_operation_gives_what_tensorflow_gives(tmp_path):
    cases, packed, programs, inputs, wanted = _cases(), Packed(), [], [], {}
    for name, (function, given) in cases.items():
        batches = [{key: value[i:i + 1] for key, value in given.items()} for i in range(3)]
        program = program_of(function, batches[0], ("out",))
        packed.add(program, {})
        programs.append(_for_page(program, packed))
        inputs.append([{key: value.ravel().tolist() for key, value in batch.items()} for batch in batches])
        wanted[name] = [function(**{key: tf.constant(value) for key, value in batch.items()})["out"]
                        for batch in batches]
    weights = base64.b64encode(bytes(packed.bytes)).decode()
    for plainly in (False, True):  # by WebAssembly, and as where there is none
        found = run(SCRIPT, tmp_path, programs=programs, inputs=inputs, weights=weights, plainly=plainly)
        for (name, batches), values in zip(wanted.items(), found, strict=True):
            np.testing.assert_allclose(values, [np.ravel(batch) for batch in batches], rtol=2e-5, atol=2e-5,
                                       err_msg=f"{name}, plainly: {plainly}")


@needs_browser
@pytest.mark.parametrize("bits", [0, 2, 4])
def test_the_page_reads_kernels_as_python_wrote_them(tmp_path, bits):
    values = np.random.default_rng(0).normal(size=[3, 3, 7, 5]).astype("f")
    kernel, packed = quantized(values, 3, bits), Packed()
    entry = packed._kernel(kernel)
    found = run("return Array.from(constant(Uint8Array.from(data.bytes).buffer, data.entry));", tmp_path,
                bytes=list(packed.bytes), entry=entry)
    np.testing.assert_allclose(np.reshape(found, values.shape), kernel.values, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("bits", [0, 2, 4])
def test_no_weight_is_further_off_than_half_a_step(bits):
    values = np.random.default_rng(0).normal(size=[40, 30]) * np.linspace(0, 5, 30)
    step = np.abs(values).max(axis=0) / 127 / 2**bits
    kernel = quantized(values, 1, bits)
    rounding = 4 * np.finfo(np.float32).eps * np.abs(values).max(axis=0)
    assert np.all(np.abs(kernel.values - values) <= step / 2 + rounding)
    assert np.all(kernel.values[:, 0] == 0)  # an output that does nothing goes on doing nothing


def test_an_operation_that_the_page_does_not_know_is_named():
    with pytest.raises(UserError, match="operation Cumsum, for which the page has no translation: ship it as onnx"):
        program_of(lambda x: {"out": tf.cumsum(x)}, {"x": np.ones([1, 3], "f")}, ("out",))
