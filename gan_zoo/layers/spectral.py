"""Spectral normalization (Miyato et al. 2018, arXiv:1802.05957) of the layers of a network."""

import hashlib
import math

import keras
import numpy as np
import tensorflow as tf

from gan_zoo.errors import UserError

_KINDS = (keras.layers.Dense, keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D)
_FIRST_ITERATIONS = 10
_TINY = 1e-12  # keeps a vector of zeros from being divided by 0


@keras.saving.register_keras_serializable("gan_zoo")
class SpectralNormalization(keras.layers.Wrapper):
    """A Dense or convolutional layer with its kernel divided by σ: f(op(x, W/σ) + b).

    σ = uᵀ W v approximates the largest singular value of W, the kernel as a matrix [outputs, everything else]. u and v
    are weights that no optimizer moves and constants of the gradient, which goes through W alone. `call` leaves them as
    they are, in training too, so that every pass of a move sees the same layer; `iterate` makes one power iteration.

    layer: channels last; used as it is, with its own weights. ValueError if it is of another kind.
    """

    def __init__(self, layer: keras.layers.Layer, **kwargs):
        if not isinstance(layer, _KINDS) or getattr(layer, "data_format", None) == "channels_first":
            raise ValueError(f"SpectralNormalization takes a Dense or Conv layer, channels last, not {layer}")
        # Under a mixed policy Keras would hand the kernel over rounded; σ needs it as it is stored.
        super().__init__(layer, **{"name": layer.name, "dtype": layer.variable_dtype, **kwargs, "autocast": False})

    def build(self, input_shape=None):
        super().build(input_shape)
        kernel = self.layer.kernel
        dtype = keras.backend.result_type(kernel.dtype, "float32")
        u, v = _first_vectors(self.name, keras.ops.convert_to_numpy(kernel))
        self.u, self.v = (self.add_weight(name=name, shape=vector.shape, dtype=dtype, trainable=False, autocast=False,
                                          initializer=lambda shape, dtype, start=vector: tf.constant(start, dtype))
                          for name, vector in (("u", u), ("v", v)))

    def _transposed(self) -> tf.Tensor:
        """Wᵀ, [everything else, outputs]."""
        kernel = self.layer.kernel
        return tf.cast(tf.reshape(kernel, [-1, kernel.shape[-1]]), self.u.dtype)

    def sigma(self) -> tf.Tensor:
        """σ = uᵀ W v, a scalar."""
        return tf.reduce_sum(self.v * tf.linalg.matvec(self._transposed(), self.u))

    def iterate(self) -> None:
        """One power iteration: v ← Wᵀu / ‖Wᵀu‖, u ← Wv / ‖Wv‖; on each replica alike."""
        transposed = self._transposed()
        v = _unit(tf.linalg.matvec(transposed, self.u))
        self.u.assign(_unit(tf.linalg.matvec(transposed, v, transpose_a=True)))
        self.v.assign(v)

    def call(self, inputs):
        layer, dtype = self.layer, self.layer.compute_dtype
        kernel = tf.cast(tf.cast(layer.kernel, self.u.dtype) / self.sigma(), dtype)
        inputs = tf.cast(inputs, dtype)
        if isinstance(layer, keras.layers.Dense):
            outputs = keras.ops.matmul(inputs, kernel)
        else:
            outputs = layer.convolution_op(inputs, kernel)
        if layer.use_bias:
            outputs += tf.cast(layer.bias, dtype)
        return outputs if layer.activation is None else layer.activation(outputs)


def _unit(vector: tf.Tensor) -> tf.Tensor:
    return vector / tf.maximum(tf.norm(vector), _TINY)


def _first_vectors(name: str, kernel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(u, v) for the kernel, from a start that depends on the layer's name and shape alone, and some iterations.

    Nothing is drawn from Keras's seed: the other layers' initial weights stay what they are without normalization.
    """
    shape = (math.prod(kernel.shape[:-1]), kernel.shape[-1])
    digest = hashlib.blake2b(f"{name} {shape}".encode(), digest_size=8).digest()
    transposed = kernel.astype(np.float64).reshape(shape)
    u = _unit_array(np.random.default_rng(int.from_bytes(digest, "little")).normal(size=shape[1]))
    v = _unit_array(transposed @ u)
    for _ in range(_FIRST_ITERATIONS):
        u = _unit_array(v @ transposed)
        v = _unit_array(transposed @ u)
    return u, v


def _unit_array(vector) -> np.ndarray:
    return vector / max(float(np.linalg.norm(vector)), _TINY)


def spectrally_normalized(network: keras.Model) -> keras.Model:
    """The same functional network with every Dense and Conv layer normalized.

    Inputs, outputs and the names of layers stay. The layers themselves are shared with `network`, and so are all
    weights but the new u and v. UserError for a layer with another kind of kernel, or one of zeros.
    """
    return keras.models.clone_model(network, clone_function=_normalized, recursive=True)


def _normalized(layer):
    if isinstance(layer, _KINDS):
        if not np.any(keras.ops.convert_to_numpy(layer.kernel)):
            raise UserError(f"--spectral_norm can't divide {layer.name} by its norm, 0 at the start: leave it out, or "
                            "let its first weights be others, as with r3gan(branch_gain=1)")
        return SpectralNormalization(layer)
    if any("kernel" in weight.name for weight in getattr(layer, "weights", ())):
        raise UserError(f"--spectral_norm is for Dense and Conv layers: {layer.name} is a {type(layer).__name__}")
    return layer
